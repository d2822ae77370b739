#include "views.h"

#include "tools/run_record.h"

#include <errno.h>
#include <stdlib.h>

enum { SCORE_DIGITS = 6, CLUSTERS_MAX = 1000 };

static void problem(struct query *query, int status, const char *message)
{
    query->status = status;
    query->problem = message;
}

static void alert_write(struct json_write *w, msec_t ts)
{
    if (ts == INT64_MIN)
        json_write_null(w, "alert_ts");
    else
        json_write_i64(w, "alert_ts", ts);
}

static void account_answer(struct pipeline *p, const struct labels *labels, struct query *query)
{
    struct json_write *w = &query->out;
    uint64_t id = digest_account_hash(str_of(query->text), p->config.detector.hash_key);
    uint32_t index = detector_account_find(p->detector, id);
    char cluster[RUN_RECORD_ID_SIZE];
    struct account_view a;

    if (index == UINT32_MAX || !detector_account_view(p->detector, index, &a)) {
        problem(query, 404, "no such account has been seen, or it is forgotten");
        return;
    }
    query->status = 200;
    json_write_open(w, NULL, '{');
    json_write_str(w, "account", a.account);
    json_write_f64(w, "score", a.score, SCORE_DIGITS);
    json_write_text(w, "level", level_name[a.level]);
    json_write_text(w, "cluster", a.cluster ? run_record_cluster_id(a.cluster, cluster) : NULL);
    json_write_u64(w, "exchanges", a.exchanges);
    json_write_i64(w, "first_ts", a.first_ts);
    json_write_i64(w, "last_ts", a.last_ts);
    alert_write(w, a.alert_ts);
    labels_write(labels, a.account, false, w);
    run_record_evidence(w, &a.evidence, true);
    json_write_close(w, '}');
}

/* What lists and single answers have in common. */
static void cluster_members(struct json_write *w, const struct labels *labels,
                            const struct cluster_view *c)
{
    char id[RUN_RECORD_ID_SIZE];

    (void)run_record_cluster_id(c->cluster, id);
    json_write_text(w, "id", id);
    json_write_f64(w, "score", c->score, SCORE_DIGITS);
    json_write_text(w, "level", level_name[c->level]);
    json_write_text(w, "verdict", c->verdict);
    json_write_open(w, "answers", '{');
    json_write_f64(w, "one_operator", c->answers.one_operator, SCORE_DIGITS);
    json_write_f64(w, "harvesting", c->answers.harvesting, SCORE_DIGITS);
    json_write_close(w, '}');
    json_write_u64(w, "member_count", c->member_count);
    json_write_u64(w, "exchanges", c->exchanges);
    json_write_i64(w, "first_ts", c->first_ts);
    json_write_i64(w, "last_ts", c->last_ts);
    alert_write(w, c->alert_ts);
    labels_write(labels, str_of(id), true, w);
}

static void activity_write(struct json_write *w, const struct cluster_view *c)
{
    json_write_open(w, "activity", '{');
    json_write_i64(w, "from", c->activity_hours ? c->activity_from : 0);
    json_write_open(w, "hours", '[');
    for (uint32_t i = 0; i < c->activity_hours; i++)
        json_write_u64(w, NULL, c->activity[i]);
    json_write_close(w, ']');
    json_write_close(w, '}');
}

static void raster_write(struct json_write *w, const struct pipeline *p,
                         const struct cluster_view *c)
{
    json_write_open(w, "raster", '[');
    for (uint32_t i = 0; i < c->member_count && i < MEMBERS_MAX; i++) {
        uint64_t id = detector_account_id(p->detector, c->member[i]);

        member_hours_row_write(p->hours, id, detector_account_name(p->detector, c->member[i]), w);
    }
    json_write_close(w, ']');
}

/* Members from query->cursor on, and where the next ones are. */
static void page_of_members(struct json_write *w, const struct pipeline *p,
                            const struct labels *labels, const struct cluster_view *c,
                            const struct query *query)
{
    uint64_t end = query->cursor + (query->limit < MEMBERS_MAX ? query->limit : MEMBERS_MAX);
    uint64_t i = query->cursor;

    json_write_open(w, "members", '[');
    for (; i < end && i < c->member_count; i++) {
        struct account_view a;

        if (!detector_account_view(p->detector, c->member[i], &a))
            continue;
        json_write_open(w, NULL, '{');
        json_write_str(w, "account", a.account);
        json_write_f64(w, "score", a.score, SCORE_DIGITS);
        json_write_text(w, "level", level_name[a.level]);
        json_write_u64(w, "exchanges", a.exchanges);
        json_write_i64(w, "first_ts", a.first_ts);
        json_write_i64(w, "last_ts", a.last_ts);
        labels_write(labels, a.account, false, w);
        json_write_close(w, '}');
    }
    json_write_close(w, ']');
    if (i < c->member_count)
        json_write_u64(w, "members_cursor", i);
    else
        json_write_null(w, "members_cursor");
}

static void cluster_answer(struct pipeline *p, const struct labels *labels, struct query *query)
{
    struct json_write *w = &query->out;
    uint32_t low = 0, count = detector_cluster_count(p->detector);
    struct cluster_view *c = malloc(sizeof *c);

    if (!c) {
        problem(query, 503, "no memory");
        return;
    }
    low = detector_cluster_rank(p->detector, query->number);
    if (low >= count) {
        problem(query, 404, "no such cluster");
        free(c);
        return;
    }
    detector_cluster_view(p->detector, low, c);
    query->status = 200;
    json_write_open(w, NULL, '{');
    cluster_members(w, labels, c);
    run_record_evidence(w, &c->evidence, true);
    activity_write(w, c);
    page_of_members(w, p, labels, c, query);
    raster_write(w, p, c);
    json_write_close(w, '}');
    free(c);
}

struct ranked {
    uint32_t rank;
    struct cluster_brief brief;
};

static int by_weight(const void *a, const void *b)
{
    const struct cluster_brief *x = &((const struct ranked *)a)->brief;
    const struct cluster_brief *y = &((const struct ranked *)b)->brief;

    if (x->level != y->level)
        return x->level < y->level ? 1 : -1;
    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return (x->cluster > y->cluster) - (x->cluster < y->cluster);
}

/* Groups by level, then by score, as they were judged last: the gravest first. */
static uint32_t rank_clusters(const struct pipeline *p, struct ranked **out)
{
    uint32_t count = detector_cluster_count(p->detector);
    struct ranked *ranked = malloc((count + 1) * sizeof *ranked);

    *out = ranked;
    if (!ranked)
        return 0;
    for (uint32_t i = 0; i < count; i++) {
        ranked[i].rank = i;
        detector_cluster_brief(p->detector, i, &ranked[i].brief);
    }
    qsort(ranked, count, sizeof *ranked, by_weight);
    return count;
}

static void clusters_answer(struct pipeline *p, const struct labels *labels, struct query *query)
{
    struct json_write *w = &query->out;
    struct cluster_view *c = malloc(sizeof *c);
    struct ranked *ranked;
    uint32_t count = rank_clusters(p, &ranked);
    uint64_t end = query->cursor + (query->limit < CLUSTERS_MAX ? query->limit : CLUSTERS_MAX);

    if (!c || !ranked) {
        problem(query, 503, "no memory");
        free(c);
        free(ranked);
        return;
    }
    query->status = 200;
    json_write_open(w, NULL, '{');
    json_write_open(w, "clusters", '[');
    for (uint64_t i = query->cursor; i < end && i < count; i++) {
        detector_cluster_view(p->detector, ranked[i].rank, c);
        json_write_open(w, NULL, '{');
        cluster_members(w, labels, c);
        run_record_evidence(w, &c->evidence, false);
        activity_write(w, c);
        json_write_close(w, '}');
    }
    json_write_close(w, ']');
    json_write_u64(w, "count", count);
    if (end < count)
        json_write_u64(w, "cursor", end);
    else
        json_write_null(w, "cursor");
    json_write_close(w, '}');
    free(c);
    free(ranked);
}

/* Keeps a verdict on an account, or on a group and all of its members. */
static int label_keep(struct pipeline *p, struct labels *labels, const struct query *query,
                      const struct label_text *label)
{
    uint32_t rank = 0;
    struct cluster_view *c;
    struct str *member;
    int r;

    if (!label->is_cluster)
        return labels_put(labels, label, NULL, 0);
    (void)detector_cluster_count(p->detector);
    rank = detector_cluster_rank(p->detector, query->number);
    if (rank == UINT32_MAX)
        return -ENOENT;
    c = malloc(sizeof *c);
    if (!c)
        return -ENOMEM;
    detector_cluster_view(p->detector, rank, c);
    member = malloc((c->member_count + 1) * sizeof *member);
    for (uint32_t i = 0; member && i < c->member_count; i++)
        member[i] = detector_account_name(p->detector, c->member[i]);
    r = member ? labels_put(labels, label, member, c->member_count) : -ENOMEM;
    free(member);
    free(c);
    return r;
}

static void label_answer(struct pipeline *p, struct labels *labels, struct query *query)
{
    char cluster[RUN_RECORD_ID_SIZE];
    struct label_text label = {
        .subject = str_of(query->text),
        .is_cluster = query->number != 0,
        .verdict = query->verdict,
        .note = str_of(query->note),
        .by = str_of(query->by),
        .ts = query->now,
    };
    int r;

    if (label.is_cluster)
        label.subject = str_of(run_record_cluster_id(query->number, cluster));
    r = label_keep(p, labels, query, &label);
    if (r < 0) {
        problem(query, r == -ENOENT ? 404 : 503, r == -ENOENT ? "no such cluster" : strerror(-r));
        return;
    }
    query->status = 200;
    json_write_open(&query->out, NULL, '{');
    json_write_str(&query->out, "subject", label.subject);
    labels_write(labels, label.subject, label.is_cluster, &query->out);
    json_write_close(&query->out, '}');
}

void views_answer(struct pipeline *p, struct labels *labels, struct query *query)
{
    switch (query->kind) {
    case QUERY_ACCOUNT: account_answer(p, labels, query); return;
    case QUERY_CLUSTER: cluster_answer(p, labels, query); return;
    case QUERY_CLUSTERS: clusters_answer(p, labels, query); return;
    case QUERY_LABEL: label_answer(p, labels, query); return;
    }
}
