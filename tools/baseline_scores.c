/* baselines.jsonl: written, and read back by the accounts of the truth. */
#include "baselines.h"

#include "tools/json_lines.h"
#include "tools/json_save.h"

#include <errno.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

static void write_scores(const void *what, struct json_write *w)
{
    baselines_write(what, w);
}

int baselines_save(const struct baselines *baselines, const char *path, struct err *err)
{
    return json_save(path, write_scores, baselines, err);
}

void baseline_scores_free(struct baseline_scores *scores)
{
    if (!scores)
        return;
    for (unsigned b = 0; b < BASELINE_COUNT; b++) {
        free(scores->score[b]);
        free(scores->cluster[b]);
    }
    free(scores);
}

static int scores_new(uint32_t count, struct baseline_scores **out)
{
    AUTO(baseline_scores_free) struct baseline_scores *s = calloc(1, sizeof *s);

    if (!s)
        return -ENOMEM;
    for (unsigned b = 0; b < BASELINE_COUNT; b++) {
        s->score[b] = calloc(count + (size_t)1, sizeof *s->score[b]);
        if (!s->score[b])
            return -ENOMEM;
        if (!baseline_clusters[b])
            continue;
        s->cluster[b] = malloc((count + (size_t)1) * sizeof *s->cluster[b]);
        if (!s->cluster[b])
            return -ENOMEM;
        for (uint32_t i = 0; i < count; i++)
            s->cluster[b][i] = BASELINE_ALONE;
    }
    *out = TAKE(s);
    return 0;
}

/* One account's line; accounts without a label are passed over. */
static int line_read(struct baseline_scores *s, const struct json_lines *lines,
                     const struct truth *truth, struct err *err)
{
    struct str account;
    int r = json_lines_str(lines, lines->object, "account", JSON_REQUIRED, &account, err);
    uint32_t at = r < 0 ? TRUTH_NONE : truth_find(truth, account);

    for (unsigned b = 0; at != TRUTH_NONE && b < BASELINE_COUNT; b++) {
        uint64_t cluster = BASELINE_ALONE;
        char field[64];

        r = json_lines_f64(lines, lines->object, baseline_name[b], JSON_REQUIRED, &s->score[b][at],
                           err);
        if (r < 0)
            return r;
        if (!baseline_clusters[b])
            continue;
        (void)snprintf(field, sizeof field, "%s_cluster", baseline_name[b]);
        r = json_lines_u64(lines, lines->object, field, JSON_OPTIONAL, &cluster, err);
        if (r < 0)
            return r;
        if (cluster > BASELINE_ALONE)
            return json_lines_refuse(lines, field, "is out of range", err);
        s->cluster[b][at] = (uint32_t)cluster;
        if (cluster != BASELINE_ALONE && cluster >= s->cluster_limit)
            s->cluster_limit = (uint32_t)cluster + 1;
    }
    return r;
}

int baseline_scores_read(const char *path, const struct truth *truth, struct baseline_scores **out,
                         struct err *err)
{
    AUTO(baseline_scores_free) struct baseline_scores *s = NULL;
    struct json_lines lines;
    int r = scores_new(truth->count, &s);

    if (r < 0)
        return err_set(err, r, "%s: out of memory", path);
    r = json_lines_open(&lines, path, err);
    if (r < 0)
        return r;
    while ((r = json_lines_next(&lines, err)) > 0) {
        r = line_read(s, &lines, truth, err);
        if (r < 0)
            break;
    }
    json_lines_close(&lines);
    if (r < 0)
        return r;
    *out = TAKE(s);
    return 0;
}

int baseline_scores_load(const char *folder, const struct truth *truth,
                         struct baseline_scores **out, struct err *err)
{
    char path[PATH_SIZE];

    *out = NULL;
    (void)snprintf(path, sizeof path, "%s/baselines.jsonl", folder);
    return access(path, F_OK) == 0 ? baseline_scores_read(path, truth, out, err) : 0;
}
