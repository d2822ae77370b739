#include "run_folder.h"

#include "tools/config_file.h"
#include "tools/run_record.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, DIGEST_SIZE = 24 };

enum part { PART_FINDINGS, PART_ACCOUNTS, PART_CLUSTERS, PART_REJECTED, PART_SUMMARY, PART_COUNT };

static const char *const part_name[PART_COUNT] = {
    "findings.jsonl", "accounts.jsonl", "clusters.jsonl", "rejected.jsonl", "summary.json",
};

struct run_folder {
    char path[PATH_SIZE];
    char rejected_path[PATH_SIZE + 32];
    FILE *findings_file;
    struct json_write findings;
    uint64_t finding_count;
};

struct part_path {
    char text[PATH_SIZE + 32];
};

static struct part_path part_path(const struct run_folder *folder, enum part part,
                                  const char *ending)
{
    struct part_path path;

    (void)snprintf(path.text, sizeof path.text, "%s/%s%s", folder->path, part_name[part], ending);
    return path;
}

int run_folder_make(const char *path, struct err *err)
{
    char part[PATH_SIZE];

    if (strlen(path) == 0 || strlen(path) >= sizeof part)
        return err_set(err, -ENAMETOOLONG, "%s: not the name of a folder", path);
    for (size_t i = 1; i <= strlen(path); i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0777) < 0 && errno != EEXIST)
            return err_set(err, -errno, "%s: %s", part, strerror(errno));
    }
    return 0;
}

/* Unbuffered, because struct json_write has a buffer: what failed is not tried again on closing. */
static int part_open(const struct run_folder *folder, enum part part, FILE **out, struct err *err)
{
    struct part_path path = part_path(folder, part, ".tmp");
    FILE *file = fopen(path.text, "w+e");

    if (!file)
        return err_set(err, -errno, "%s: %s", path.text, strerror(errno));
    (void)setvbuf(file, NULL, _IONBF, 0);
    *out = file;
    return 0;
}

int run_folder_new(const char *path, struct run_folder **out, struct err *err)
{
    AUTO(run_folder_free) struct run_folder *folder = calloc(1, sizeof *folder);
    struct part_path rejected;
    int r;

    if (!folder)
        return err_set(err, -ENOMEM, "%s", strerror(ENOMEM));
    r = run_folder_make(path, err);
    if (r < 0)
        return r;
    (void)snprintf(folder->path, sizeof folder->path, "%s", path);
    rejected = part_path(folder, PART_REJECTED, ".tmp");
    memcpy(folder->rejected_path, rejected.text, sizeof folder->rejected_path);
    r = part_open(folder, PART_FINDINGS, &folder->findings_file, err);
    if (r < 0)
        return r;
    json_write_init(&folder->findings, folder->findings_file);
    *out = TAKE(folder);
    return 0;
}

/* Cuts the file after its last newline; one that cannot be read stays as it is. */
static void whole_lines_only(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    off_t end = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
    const char *newline = NULL;
    bool cut = end > 0;

    while (end > 0 && !newline) {
        char block[4096];
        off_t from = end > (off_t)sizeof block ? end - (off_t)sizeof block : 0;
        ssize_t n = pread(fd, block, (size_t)(end - from), from);

        cut = n == end - from;
        if (!cut)
            break;
        newline = memrchr(block, '\n', (size_t)n);
        end = newline ? from + (newline - block) + 1 : from;
    }
    if (cut)
        cut = ftruncate(fd, end) == 0; /* what if not? The failure before this one has been told. */
    if (fd >= 0)
        (void)close(fd);
}

void run_folder_free(struct run_folder *folder)
{
    if (!folder)
        return;
    json_write_deinit(&folder->findings);
    if (folder->findings_file)
        (void)fclose(folder->findings_file);
    for (unsigned part = 0; part < PART_COUNT; part++) {
        struct part_path path = part_path(folder, part, ".tmp");

        whole_lines_only(path.text); /* there only when the run has failed */
    }
    free(folder);
}

const char *run_folder_rejected_path(const struct run_folder *folder)
{
    return folder->rejected_path;
}

/* ---- failing in good order ----------------------------------------------------------------------
 */

static int part_failed(const struct run_folder *folder, enum part part, int r, struct err *err)
{
    struct part_path path = part_path(folder, part, ".tmp");

    return err_set(err, r, "%s: %s", path.text, strerror(-r));
}

/* ---- the summary --------------------------------------------------------------------------------
 */

static void source_write(struct json_write *w, const struct run_facts *facts)
{
    json_write_open(w, "input", '{');
    json_write_open(w, "names", '[');
    for (uint32_t i = 0; i < facts->input_count; i++)
        json_write_text(w, NULL, facts->input[i]);
    json_write_close(w, ']');
    json_write_text(w, "map", facts->map);
    if (facts->source)
        json_write_u64(w, "bytes", facts->source->bytes);
    json_write_close(w, '}');
    if (!facts->source)
        return;
    json_write_open(w, "source", '{');
#define COUNTER_WRITE(name, unit, help)                                                            \
    if (strcmp(#name, "bytes") != 0)                                                               \
        json_write_u64(w, #name, facts->source->name);
    EVENT_SOURCE_COUNTERS(COUNTER_WRITE)
#undef COUNTER_WRITE
    json_write_close(w, '}');
}

static void levels_write(struct json_write *w, const struct run_levels *levels)
{
    json_write_open(w, "levels", '{');
    json_write_open(w, "accounts", '{');
    for (unsigned level = 0; level <= LEVEL_ACT; level++)
        json_write_u64(w, level_name[level], levels->accounts[level]);
    json_write_close(w, '}');
    json_write_open(w, "clusters", '{');
    for (unsigned level = 0; level <= LEVEL_ACT; level++)
        json_write_u64(w, level_name[level], levels->clusters[level]);
    json_write_close(w, '}');
    json_write_close(w, '}');
}

static void detector_write(struct json_write *w, const struct detector *detector)
{
    struct coverage coverage;

    json_write_open(w, "detector", '{');
    for (uint32_t i = 0; i < detector_counter_count(); i++) {
        struct counter_view counter;

        detector_counter(detector, i, &counter);
        json_write_u64(w, counter.name, counter.value);
    }
    json_write_close(w, '}');
    json_write_u64(w, "detector_bytes", detector_memory(detector));
    detector_coverage(detector, &coverage);
    json_write_open(w, "coverage", '{');
    for (unsigned f = 0; f < FAMILY_COUNT; f++)
        if (f != FAMILY_prior && f != FAMILY_membership)
            json_write_f64(w, family_name[f], coverage.share[f], 4);
    json_write_close(w, '}');
}

/* Kinds that nobody shares are left out, and counts after the last that is not zero. */
static void sharing_write(struct json_write *w, const struct detector *detector)
{
    struct sharing_view kind[SHARING_KINDS_MAX];
    uint32_t count = detector_sharing(detector, kind);

    json_write_open(w, "sharing", '{');
    for (uint32_t k = 0; k < count; k++) {
        if (!kind[k].accounts[0])
            continue;
        json_write_open(w, kind[k].kind, '[');
        for (uint32_t s = 0; s < SHARING_STEPS && kind[k].accounts[s]; s++)
            json_write_u64(w, NULL, kind[k].accounts[s]);
        json_write_close(w, ']');
    }
    json_write_close(w, '}');
}

static void timing_write(struct json_write *w, const struct run_facts *facts)
{
    struct rusage usage;

    json_write_open(w, "timing", '{');
    json_write_f64(w, "wall_s", facts->wall_s, 4);
    if (facts->source && facts->wall_s > 0.0)
        json_write_f64(w, "records_per_s", (double)facts->source->accepted / facts->wall_s, 4);
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
        json_write_f64(w, "cpu_s",
                       (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
                       4);
        json_write_u64(w, "peak_resident_bytes", (uint64_t)usage.ru_maxrss * 1024);
    }
    json_write_close(w, '}');
}

void run_summary_write(struct json_write *w, const struct detector *detector,
                       const struct run_facts *facts, const struct run_levels *levels)
{
    char digest[DIGEST_SIZE];

    (void)snprintf(digest, sizeof digest, "%016" PRIx64, detector_config_digest(facts->config));
    json_write_open(w, NULL, '{');
    json_write_text(w, "command", facts->command);
    if (facts->scenario)
        json_write_text(w, "scenario", facts->scenario);
    if (facts->expect && facts->expect->count > 0)
        gate_checks_write(facts->expect, w, "expect");
    json_write_bool(w, "interrupted", facts->interrupted);
    json_write_text(w, "failure", facts->failure);
    source_write(w, facts);
    levels_write(w, levels);
    detector_write(w, detector);
    sharing_write(w, detector);
    json_write_text(w, "configuration_digest", digest);
    json_write_open(w, "configuration", '{');
    config_file_write(w, facts->config);
    json_write_close(w, '}');
    timing_write(w, facts);
    json_write_close(w, '}');
    json_write_line(w);
}

/* ---- writing ------------------------------------------------------------------------------------
 */

int run_folder_lines(struct run_folder *folder, struct str lines, struct err *err)
{
    if (lines.n > 0 && fwrite(lines.p, 1, lines.n, folder->findings_file) != lines.n)
        return part_failed(folder, PART_FINDINGS, -errno, err);
    return 0;
}

int run_folder_findings(struct run_folder *folder, struct detector *detector, uint64_t *count,
                        struct err *err)
{
    struct finding finding;
    uint64_t before = folder->finding_count;
    int r;

    while (detector_next_finding(detector, &finding)) {
        run_record_finding(&folder->findings, detector, &finding);
        folder->finding_count++;
    }
    if (folder->finding_count == before)
        return 0;
    *count += folder->finding_count - before;
    r = json_write_flush(&folder->findings);
    return r < 0 ? part_failed(folder, PART_FINDINGS, r, err) : 0;
}

static void accounts_write(struct json_write *w, const struct detector *detector,
                           struct run_levels *levels)
{
    uint32_t count = detector_account_count(detector);

    for (uint32_t i = 0; i < count; i++) {
        struct account_view account;
        struct timeline timeline;

        if (!detector_account_view(detector, i, &account))
            continue;
        detector_account_timeline(detector, i, &timeline);
        run_record_account(w, &account, &timeline);
        levels->accounts[account.level]++;
        levels->alone += account.level >= LEVEL_REVIEW && account.cluster == 0;
    }
}

static int clusters_write(struct json_write *w, const struct detector *detector,
                          struct run_levels *levels)
{
    uint32_t count = detector_cluster_count(detector);
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < count; i++) {
        struct cluster_view cluster;

        detector_cluster_view(detector, i, &cluster);
        r = run_record_cluster(w, detector, &cluster);
        levels->clusters[cluster.level]++;
    }
    return r;
}

static int synced(FILE *file)
{
    /* A pipe or /dev/null cannot be synced, and need not be. */
    return fsync(fileno(file)) < 0 && errno != EINVAL && errno != EROFS ? -errno : 0;
}

static int part_write(const struct run_folder *folder, enum part part,
                      const struct detector *detector, const struct run_facts *facts,
                      struct run_levels *levels, struct err *err)
{
    AUTO_FCLOSE FILE *file = NULL;
    struct json_write w;
    int flushed, r = part_open(folder, part, &file, err);

    if (r < 0)
        return r;
    json_write_init(&w, file);
    if (part == PART_ACCOUNTS)
        accounts_write(&w, detector, levels);
    else if (part == PART_CLUSTERS)
        r = clusters_write(&w, detector, levels);
    else if (part == PART_SUMMARY)
        run_summary_write(&w, detector, facts, levels);
    flushed = json_write_flush(&w);
    json_write_deinit(&w);
    if (r == 0)
        r = flushed;
    if (r == 0)
        r = synced(file);
    return r < 0 ? part_failed(folder, part, r, err) : 0;
}

static int parts_rename(const struct run_folder *folder, struct err *err)
{
    for (unsigned part = 0; part < PART_COUNT; part++) {
        struct part_path from = part_path(folder, part, ".tmp"), to = part_path(folder, part, "");

        if (rename(from.text, to.text) < 0)
            return err_set(err, -errno, "%s: %s", to.text, strerror(errno));
    }
    return 0;
}

int run_folder_finish(struct run_folder *folder, struct detector *detector,
                      const struct run_facts *facts, struct run_levels *levels, struct err *err)
{
    uint64_t count = 0;
    int r = run_folder_findings(folder, detector, &count, err);

    *levels = (struct run_levels){0};
    if (r == 0)
        r = synced(folder->findings_file);
    if (r == 0)
        r = part_write(folder, PART_ACCOUNTS, detector, facts, levels, err);
    if (r == 0)
        r = part_write(folder, PART_CLUSTERS, detector, facts, levels, err);
    if (r == 0 && !facts->source) /* nothing was read: nothing was refused */
        r = part_write(folder, PART_REJECTED, detector, facts, levels, err);
    if (r == 0)
        r = part_write(folder, PART_SUMMARY, detector, facts, levels, err);
    return r == 0 ? parts_rename(folder, err) : r;
}
