/* baselines.jsonl: written, and read back by the accounts of the truth. */
#include "baselines.h"

#include "tools/json_flat.h"
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

/* The members of a line as baselines_write() writes them. */
enum { FIELDS_MAX = 1 + 2 * BASELINE_COUNT, FIELD_SIZE = 64 };
struct fields {
    const char *name[FIELDS_MAX];
    uint32_t count, at[BASELINE_COUNT]; /* of a score; of its cluster behind it */
    char cluster[BASELINE_COUNT][FIELD_SIZE];
};

static void cluster_put(struct baseline_scores *s, unsigned baseline, uint32_t at, uint32_t cluster)
{
    s->cluster[baseline][at] = cluster;
    if (cluster != BASELINE_ALONE && cluster >= s->cluster_limit)
        s->cluster_limit = cluster + 1;
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
        char field[FIELD_SIZE];

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
        cluster_put(s, b, at, (uint32_t)cluster);
    }
    return r;
}

static void fields_fill(struct fields *f)
{
    f->count = 0;
    f->name[f->count++] = "account";
    for (unsigned b = 0; b < BASELINE_COUNT; b++) {
        f->at[b] = f->count;
        f->name[f->count++] = baseline_name[b];
        if (!baseline_clusters[b])
            continue;
        (void)snprintf(f->cluster[b], FIELD_SIZE, "%s_cluster", baseline_name[b]);
        f->name[f->count++] = f->cluster[b];
    }
}

static bool cluster_of(const struct json_flat_member *m, uint32_t *out)
{
    int64_t value;

    *out = BASELINE_ALONE;
    if (m->kind == JSON_FLAT_NULL)
        return true;
    if (!json_flat_i64(m, &value) || value < 0 || value > BASELINE_ALONE)
        return false;
    *out = (uint32_t)value;
    return true;
}

/* 1; 0: the line is for line_read(). */
static int line_quick(struct baseline_scores *s, const struct json_lines *lines,
                      const struct fields *f, const struct truth *truth)
{
    const struct str text = {lines->line, (uint32_t)lines->size};
    struct json_flat_member m[FIELDS_MAX];
    double score[BASELINE_COUNT];
    uint32_t cluster[BASELINE_COUNT], at;

    if (json_flat_find(text, f->name, f->count, m) != ((uint32_t)1 << f->count) - 1 ||
        m[0].kind != JSON_FLAT_STRING)
        return 0;
    for (unsigned b = 0; b < BASELINE_COUNT; b++)
        if (!json_flat_f64(&m[f->at[b]], &score[b]) ||
            (baseline_clusters[b] && !cluster_of(&m[f->at[b] + 1], &cluster[b])))
            return 0;
    at = truth_find(truth, m[0].text);
    for (unsigned b = 0; at != TRUTH_NONE && b < BASELINE_COUNT; b++) {
        s->score[b][at] = score[b];
        if (baseline_clusters[b])
            cluster_put(s, b, at, cluster[b]);
    }
    return 1;
}

int baseline_scores_read(const char *path, const struct truth *truth, struct baseline_scores **out,
                         struct err *err)
{
    AUTO(baseline_scores_free) struct baseline_scores *s = NULL;
    struct json_lines lines;
    struct fields fields;
    int r = scores_new(truth->count, &s);

    if (r < 0)
        return err_set(err, r, "%s: out of memory", path);
    r = json_lines_open(&lines, path, err);
    if (r < 0)
        return r;
    fields_fill(&fields);
    while ((r = json_lines_next_text(&lines, err)) > 0) {
        r = line_quick(s, &lines, &fields, truth);
        if (r == 0)
            r = json_lines_parse(&lines, err);
        if (r == 0)
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
