/* Clusters are read first, then accounts, which name their cluster; last the clusters' member lists
 * are turned into indices. An interrupted run may lack accounts that a cluster lists: they are left
 * out, but a named cluster that is not there is an error. */
#include "run_read.h"

#include "base/hash.h"
#include "base/table.h"
#include "tools/cluster_graph.h"
#include "tools/json_flat.h"
#include "tools/json_lines.h"
#include "tools/text_store.h"
#include "tools/timeline_text.h"

#include <errno.h>
#include <math.h>

/* A growing array; capacities are powers of two, so that they follow from the count. */
struct growing {
    void *item;
    uint32_t count;
};

enum { WORDS_MAX = 256, PATH_SIZE = 4096 };

struct run_store {
    struct text_store text;
    const char *word[WORDS_MAX]; /* signals, families, verdicts: few, and kept once */
    uint32_t word_count;
    struct table *account, *cluster;
    struct growing member_id; /* const char *, until the accounts are known */
};

static int grow(struct growing *array, size_t size)
{
    void *more;

    if (array->count & (array->count - 1))
        return 0;
    more = realloc(array->item, (array->count ? (size_t)array->count * 2 : 1) * size);
    if (!more)
        return -ENOMEM;
    array->item = more;
    return 0;
}

void run_free(struct run *run)
{
    if (!run)
        return;
    if (run->store) {
        text_store_deinit(&run->store->text);
        free(run->store->member_id.item);
        table_free(run->store->account);
        table_free(run->store->cluster);
    }
    free(run->store);
    free(run->account);
    free(run->cluster);
    free(run->finding);
    json_decref(run->summary);
    free(run);
}

/* Kept text; absent and empty text is "". */
static int text_keep(struct run_store *store, struct str text, const char **out)
{
    *out = text.n ? text_store_add(&store->text, text) : "";
    return *out ? 0 : -ENOMEM;
}

static int word_keep(struct run_store *store, struct str text, const char **out)
{
    int r;

    for (uint32_t i = 0; i < store->word_count; i++)
        if (str_eq(text, str_of(store->word[i]))) {
            *out = store->word[i];
            return 0;
        }
    r = text_keep(store, text, out);
    if (r == 0 && store->word_count < WORDS_MAX)
        store->word[store->word_count++] = *out;
    return r;
}

/* ---- What the three kinds of line have in common. ---- */

struct reader {
    struct run *run;
    struct json_lines lines;
    enum level evidence_level;
    struct err *err;
};

static int level_read(const struct reader *in, enum level *out)
{
    unsigned level = LEVEL_NONE;
    int r = json_lines_word(&in->lines, in->lines.object, "level", JSON_REQUIRED, level_name,
                            LEVEL_ACT + 1, &level, in->err);

    *out = (enum level)level;
    return r;
}

static int str_keep(const struct reader *in, const json_t *object, const char *field,
                    const char **out)
{
    struct str text = {NULL, 0};
    int r = json_lines_str(&in->lines, object, field, JSON_OPTIONAL, &text, in->err);

    return r < 0 ? r : text_keep(in->run->store, text, out);
}

static int word_read(const struct reader *in, const json_t *object, const char *field,
                     enum json_presence presence, const char **out)
{
    struct str text = {NULL, 0};
    int r = json_lines_str(&in->lines, object, field, presence, &text, in->err);

    return r < 0 ? r : word_keep(in->run->store, text, out);
}

static int evidence_read(const struct reader *in, const json_t *o, struct run_evidence *e)
{
    const struct json_lines *l = &in->lines;
    int r;

    *e = (struct run_evidence){.weight = NAN, .observed = NAN, .baseline = NAN};
    if (!json_is_object(o))
        return json_lines_refuse(l, "evidence", "is not a list of objects", in->err);
    (void)((r = word_read(in, o, "signal", JSON_REQUIRED, &e->signal)) < 0 ||
           (r = word_read(in, o, "family", JSON_OPTIONAL, &e->family)) < 0 ||
           (r = json_lines_f64(l, o, "weight", JSON_REQUIRED, &e->weight, in->err)) < 0 ||
           (r = json_lines_f64(l, o, "observed", JSON_OPTIONAL, &e->observed, in->err)) < 0 ||
           (r = json_lines_f64(l, o, "baseline", JSON_OPTIONAL, &e->baseline, in->err)) < 0 ||
           (r = json_lines_u64(l, o, "baseline_accounts", JSON_OPTIONAL, &e->baseline_accounts,
                               in->err)) < 0 ||
           (r = str_keep(in, o, "value", &e->value)) < 0 ||
           (r = str_keep(in, o, "note", &e->note)) < 0);
    return r;
}

static int evidence_list_read(const struct reader *in, struct run_evidence_list *out)
{
    const json_t *list;
    struct run_evidence *item;
    int r =
        json_lines_array(&in->lines, in->lines.object, "evidence", JSON_OPTIONAL, &list, in->err);
    size_t count = json_array_size(list);

    if (r < 0 || count == 0)
        return r;
    item = text_store_room(&in->run->store->text, count * sizeof *item);
    if (!item)
        return -ENOMEM;
    for (size_t i = 0; r == 0 && i < count; i++)
        r = evidence_read(in, json_array_get(list, i), &item[i]);
    *out = (struct run_evidence_list){item, (uint32_t)count};
    return r;
}

/* ---- Clusters ---- */

static int members_read(const struct reader *in, struct run_cluster *c)
{
    struct growing *ids = &in->run->store->member_id;
    const json_t *list;
    int r =
        json_lines_array(&in->lines, in->lines.object, "members", JSON_OPTIONAL, &list, in->err);

    for (size_t i = 0; r == 0 && i < json_array_size(list); i++) {
        const json_t *id = json_array_get(list, i);

        if (!json_is_string(id))
            return json_lines_refuse(&in->lines, "members", "is not a list of accounts", in->err);
        r = grow(ids, sizeof(const char *));
        if (r == 0)
            r = text_keep(in->run->store,
                          (struct str){json_string_value(id), (uint32_t)json_string_length(id)},
                          &((const char **)ids->item)[ids->count]);
        if (r == 0)
            ids->count++;
    }
    c->member_count = (uint32_t)json_array_size(list); /* of a NULL list: 0 */
    c->members_stated = c->member_count;
    return r;
}

static int activity_read(const struct reader *in, struct run_cluster *c)
{
    const json_t *activity = json_object_get(in->lines.object, "activity"), *hours;
    uint32_t *exchanges;
    size_t count;
    int r;

    if (!activity || json_is_null(activity))
        return 0;
    if (!json_is_object(activity))
        return json_lines_refuse(&in->lines, "activity", "is not an object", in->err);
    if ((r = json_lines_i64(&in->lines, activity, "from", JSON_REQUIRED, &c->activity_from,
                            in->err)) < 0 ||
        (r = json_lines_array(&in->lines, activity, "hours", JSON_REQUIRED, &hours, in->err)) < 0)
        return r;
    count = json_array_size(hours);
    exchanges = text_store_room(&in->run->store->text, count * sizeof *exchanges);
    if (!exchanges)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const json_t *hour = json_array_get(hours, i);

        if (!json_is_integer(hour))
            return json_lines_refuse(&in->lines, "activity.hours", "is not a list of counts",
                                     in->err);
        exchanges[i] = (uint32_t)json_integer_value(hour);
    }
    c->activity = exchanges;
    c->activity_hours = (uint32_t)count;
    return 0;
}

static int shared_read(const struct reader *in, const json_t *o, struct run_shared *s)
{
    const struct json_lines *l = &in->lines;
    int r;

    *s = (struct run_shared){.weight = NAN};
    if (!json_is_object(o))
        return json_lines_refuse(l, "graph.shared", "is not a list of objects", in->err);
    (void)((r = word_read(in, o, "kind", JSON_REQUIRED, &s->kind)) < 0 ||
           (r = word_read(in, o, "help", JSON_OPTIONAL, &s->help)) < 0 ||
           (r = str_keep(in, o, "value", &s->value)) < 0 ||
           (r = json_lines_u64(l, o, "members", JSON_REQUIRED, &s->members, in->err)) < 0 ||
           (r = json_lines_u64(l, o, "accounts", JSON_REQUIRED, &s->accounts, in->err)) < 0 ||
           (r = json_lines_f64(l, o, "weight", JSON_REQUIRED, &s->weight, in->err)) < 0);
    return r;
}

static int node_read(const struct reader *in, const json_t *o, uint32_t shared_count,
                     struct run_node *n)
{
    const struct json_lines *l = &in->lines;
    const json_t *shows, *hub;
    size_t i;
    int r;

    *n = (struct run_node){0};
    if (!json_is_object(o))
        return json_lines_refuse(l, "graph.nodes", "is not a list of objects", in->err);
    if ((r = json_lines_u64(l, o, "members", JSON_REQUIRED, &n->members, in->err)) < 0 ||
        (r = str_keep(in, o, "account", &n->account)) < 0 ||
        (r = json_lines_array(l, o, "shows", JSON_REQUIRED, &shows, in->err)) < 0)
        return r;
    json_array_foreach(shows, i, hub)
    {
        json_int_t at = json_is_integer(hub) ? json_integer_value(hub) : -1;

        if (at < 0 || at >= (json_int_t)shared_count)
            return json_lines_refuse(l, "graph.nodes", "shows what is not in graph.shared",
                                     in->err);
        n->shows |= 1u << at;
    }
    return 0;
}

static int graph_parts_read(const struct reader *in, const json_t *hubs, const json_t *nodes,
                            struct run_graph *g)
{
    struct run_shared *shared =
        text_store_room(&in->run->store->text, (json_array_size(hubs) + 1) * sizeof *shared);
    struct run_node *node =
        text_store_room(&in->run->store->text, (json_array_size(nodes) + 1) * sizeof *node);
    int r = shared && node ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < json_array_size(hubs); i++)
        r = shared_read(in, json_array_get(hubs, i), &shared[i]);
    g->shared = shared;
    g->shared_count = (uint32_t)json_array_size(hubs);
    for (size_t i = 0; r == 0 && i < json_array_size(nodes); i++)
        r = node_read(in, json_array_get(nodes, i), g->shared_count, &node[i]);
    g->node = node;
    g->node_count = (uint32_t)json_array_size(nodes);
    return r;
}

/* Absent below watch, and in folders of before there was one. */
static int graph_read(const struct reader *in, struct run_graph *g)
{
    const json_t *graph = json_object_get(in->lines.object, "graph"), *hubs, *nodes, *others;
    const struct json_lines *l = &in->lines;
    int r;

    if (!graph || json_is_null(graph))
        return 0;
    if (!json_is_object(graph))
        return json_lines_refuse(l, "graph", "is not an object", in->err);
    if ((r = json_lines_array(l, graph, "shared", JSON_REQUIRED, &hubs, in->err)) < 0 ||
        (r = json_lines_array(l, graph, "nodes", JSON_REQUIRED, &nodes, in->err)) < 0)
        return r;
    if (json_array_size(hubs) > GRAPH_HUBS_MAX || json_array_size(nodes) > GRAPH_NODES_MAX)
        return json_lines_refuse(l, "graph", "is larger than a graph may be", in->err);
    others = json_object_get(graph, "others");
    if (others &&
        ((r = json_lines_u64(l, others, "nodes", JSON_OPTIONAL, &g->other_nodes, in->err)) < 0 ||
         (r = json_lines_u64(l, others, "members", JSON_OPTIONAL, &g->other_members, in->err)) < 0))
        return r;
    return graph_parts_read(in, hubs, nodes, g);
}

static int lack_read(const struct reader *in, const json_t *o, struct run_lack *lack)
{
    int r;

    if (!json_is_object(o))
        return json_lines_refuse(&in->lines, "insufficient", "is not a list of objects", in->err);
    (void)((r = word_read(in, o, "signal", JSON_REQUIRED, &lack->signal)) < 0 ||
           (r = word_read(in, o, "family", JSON_REQUIRED, &lack->family)) < 0 ||
           (r = word_read(in, o, "why", JSON_REQUIRED, &lack->why)) < 0);
    return r;
}

static int past_read(const struct reader *in, const json_t *o, struct run_past *past)
{
    static const char *const words[] = {"split_from", "merged"};
    unsigned what = 0;
    int r;

    if (!json_is_object(o))
        return json_lines_refuse(&in->lines, "history", "is not a list of objects", in->err);
    (void)((r = json_lines_i64(&in->lines, o, "ts", JSON_REQUIRED, &past->ts, in->err)) < 0 ||
           (r = json_lines_word(&in->lines, o, "what", JSON_REQUIRED, words, 2, &what, in->err)) <
               0 ||
           (r = str_keep(in, o, "cluster", &past->cluster)) < 0);
    past->what = words[what];
    return r;
}

/* Absent in folders of before there were these. */
static int cluster_history_read(const struct reader *in, struct run_cluster *c)
{
    const json_t *lacks, *pasts, *o = in->lines.object;
    struct run_lack *lack;
    struct run_past *past;
    int r;

    if ((r = json_lines_array(&in->lines, o, "insufficient", JSON_OPTIONAL, &lacks, in->err)) < 0 ||
        (r = json_lines_array(&in->lines, o, "history", JSON_OPTIONAL, &pasts, in->err)) < 0)
        return r;
    lack = text_store_room(&in->run->store->text, (json_array_size(lacks) + 1) * sizeof *lack);
    past = text_store_room(&in->run->store->text, (json_array_size(pasts) + 1) * sizeof *past);
    if (!lack || !past)
        return -ENOMEM;
    c->lack = lack;
    c->past = past;
    for (; r == 0 && c->lack_count < json_array_size(lacks); c->lack_count++)
        r = lack_read(in, json_array_get(lacks, c->lack_count), &lack[c->lack_count]);
    for (; r == 0 && c->past_count < json_array_size(pasts); c->past_count++)
        r = past_read(in, json_array_get(pasts, c->past_count), &past[c->past_count]);
    return r;
}

static int cluster_numbers_read(const struct reader *in, struct run_cluster *c)
{
    const struct json_lines *l = &in->lines;
    const json_t *o = l->object;
    struct err *err = in->err;
    int r;

    (void)((r = json_lines_f64(l, o, "score", JSON_REQUIRED, &c->score, err)) < 0 ||
           (r = json_lines_f64(l, o, "probability", JSON_OPTIONAL, &c->probability, err)) < 0 ||
           (r = json_lines_f64(l, o, "one_operator", JSON_OPTIONAL, &c->one_operator, err)) < 0 ||
           (r = json_lines_f64(l, o, "harvesting", JSON_OPTIONAL, &c->harvesting, err)) < 0 ||
           (r = json_lines_u64(l, o, "exchanges", JSON_OPTIONAL, &c->exchanges, err)) < 0 ||
           (r = json_lines_u64(l, o, "exchanges_at_alert", JSON_OPTIONAL, &c->exchanges_at_alert,
                               err)) < 0 ||
           (r = json_lines_i64(l, o, "first_ts", JSON_OPTIONAL, &c->first_ts, err)) < 0 ||
           (r = json_lines_i64(l, o, "last_ts", JSON_OPTIONAL, &c->last_ts, err)) < 0 ||
           (r = json_lines_i64(l, o, "alert_ts", JSON_OPTIONAL, &c->alert_ts, err)) < 0 ||
           (r = json_lines_u64(l, o, "member_count", JSON_OPTIONAL, &c->members_stated, err)) < 0);
    return r;
}

static int cluster_read(const struct reader *in, struct growing *clusters)
{
    struct run_cluster c = {
        .probability = NAN, .one_operator = NAN, .harvesting = NAN, .alert_ts = INT64_MIN};
    struct str id = {NULL, 0};
    int r = json_lines_str(&in->lines, in->lines.object, "cluster", JSON_REQUIRED, &id, in->err);

    if (r < 0 || (r = text_keep(in->run->store, id, &c.cluster)) < 0 ||
        (r = level_read(in, &c.level)) < 0 ||
        (r = word_read(in, in->lines.object, "verdict", JSON_OPTIONAL, &c.verdict)) < 0 ||
        (r = members_read(in, &c)) < 0 || (r = cluster_numbers_read(in, &c)) < 0 ||
        (r = activity_read(in, &c)) < 0 || (r = graph_read(in, &c.graph)) < 0 ||
        (r = cluster_history_read(in, &c)) < 0 || (r = evidence_list_read(in, &c.evidence)) < 0 ||
        (r = grow(clusters, sizeof c)) < 0)
        return r;
    ((struct run_cluster *)clusters->item)[clusters->count++] = c;
    in->run->cluster = clusters->item;
    in->run->cluster_count = clusters->count;
    return 0;
}

/* ---- Accounts and findings ---- */

static int account_cluster_read(const struct reader *in, uint32_t *out)
{
    struct str cluster = {NULL, 0};
    int r =
        json_lines_str(&in->lines, in->lines.object, "cluster", JSON_OPTIONAL, &cluster, in->err);

    if (r < 0 || !cluster.p)
        return r;
    *out = run_find_cluster(in->run, cluster);
    if (*out == RUN_NONE)
        return json_lines_refuse(&in->lines, "cluster", "is not in clusters.jsonl", in->err);
    return 0;
}

/* Beyond these a run is damaged, and sums of its times would not fit. */
static const msec_t TIMELINE_WIDTH_MAX = 36525 * MSEC_DAY, TIMELINE_FROM_MAX = INT64_MAX / 4;

struct wrong {
    const char *field, *reason;
};

/* What is wrong with a timeline of these cells; NULL: nothing. */
static const struct wrong *timeline_wrong(const struct run_timeline *t, struct str cells)
{
    static const struct wrong in_cells = {"timeline.cells", "is not a timeline"},
                              in_width = {"timeline.width_ms",
                                          "is not between an hour and a century"},
                              in_from = {"timeline.from", "is no time"};
    struct timeline unpacked;

    if (timeline_read_text(cells, &unpacked) < 0)
        return &in_cells;
    if (t->width_ms < MSEC_HOUR || t->width_ms > TIMELINE_WIDTH_MAX)
        return &in_width;
    return t->from < -TIMELINE_FROM_MAX || t->from > TIMELINE_FROM_MAX ? &in_from : NULL;
}

static int timeline_read(const struct reader *in, struct run_timeline *out)
{
    const json_t *timeline = json_object_get(in->lines.object, "timeline");
    const struct json_lines *l = &in->lines;
    struct str cells = {NULL, 0};
    const struct wrong *wrong;
    int r;

    if (!timeline || json_is_null(timeline))
        return 0;
    if ((r = json_lines_i64(l, timeline, "from", JSON_REQUIRED, &out->from, in->err)) < 0 ||
        (r = json_lines_i64(l, timeline, "width_ms", JSON_REQUIRED, &out->width_ms, in->err)) < 0 ||
        (r = json_lines_str(l, timeline, "cells", JSON_REQUIRED, &cells, in->err)) < 0)
        return r;
    wrong = timeline_wrong(out, cells);
    if (wrong)
        return json_lines_refuse(l, wrong->field, wrong->reason, in->err);
    return text_keep(in->run->store, cells, &out->cells);
}

static const struct run_account account_unknown = {
    .probability = NAN,
    .cluster = RUN_NONE,
    .alert_ts = INT64_MIN,
    .member_ts = INT64_MIN,
    .timeline.cells = "",
};

static int account_put(const struct reader *in, struct growing *accounts,
                       const struct run_account *a)
{
    int r = grow(accounts, sizeof *a);

    if (r < 0)
        return r;
    ((struct run_account *)accounts->item)[accounts->count++] = *a;
    in->run->account = accounts->item;
    in->run->account_count = accounts->count;
    return 0;
}

static int account_read(const struct reader *in, struct growing *accounts)
{
    struct run_account a = account_unknown;
    const struct json_lines *l = &in->lines;
    const json_t *o = l->object;
    struct str id = {NULL, 0};
    struct err *err = in->err;
    int r;

    if ((r = json_lines_str(l, o, "account", JSON_REQUIRED, &id, err)) < 0 ||
        (r = text_keep(in->run->store, id, &a.account)) < 0 || (r = level_read(in, &a.level)) < 0 ||
        (r = account_cluster_read(in, &a.cluster)) < 0 ||
        (r = json_lines_f64(l, o, "score", JSON_REQUIRED, &a.score, err)) < 0 ||
        (r = json_lines_f64(l, o, "probability", JSON_OPTIONAL, &a.probability, err)) < 0 ||
        (r = json_lines_u64(l, o, "exchanges", JSON_REQUIRED, &a.exchanges, err)) < 0 ||
        (r = json_lines_u64(l, o, "exchanges_at_alert", JSON_OPTIONAL, &a.exchanges_at_alert,
                            err)) < 0 ||
        (r = json_lines_i64(l, o, "first_ts", JSON_OPTIONAL, &a.first_ts, err)) < 0 ||
        (r = json_lines_i64(l, o, "last_ts", JSON_OPTIONAL, &a.last_ts, err)) < 0 ||
        (r = json_lines_i64(l, o, "alert_ts", JSON_OPTIONAL, &a.alert_ts, err)) < 0 ||
        (r = json_lines_i64(l, o, "member_ts", JSON_OPTIONAL, &a.member_ts, err)) < 0 ||
        (r = timeline_read(in, &a.timeline)) < 0 ||
        (a.level >= in->evidence_level && (r = evidence_list_read(in, &a.evidence)) < 0))
        return r;
    return account_put(in, accounts, &a);
}

/* ---- Most accounts: at no level, and written by us ---- */

enum account_field {
    ACCOUNT_account,
    ACCOUNT_score,
    ACCOUNT_probability,
    ACCOUNT_level,
    ACCOUNT_cluster,
    ACCOUNT_exchanges,
    ACCOUNT_first_ts,
    ACCOUNT_last_ts,
    ACCOUNT_alert_ts,
    ACCOUNT_exchanges_at_alert,
    ACCOUNT_member_ts,
    ACCOUNT_timeline,
    ACCOUNT_from,
    ACCOUNT_width_ms,
    ACCOUNT_cells,
    ACCOUNT_log_odds,
    ACCOUNT_FIELDS
};

/* In the order in which tools/run_record.c writes them: each is looked for behind the one before.
 */
static const char *const account_field_name[ACCOUNT_FIELDS] = {
    "account", "score",    "probability",        "level",     "cluster",  "exchanges", "first_ts",
    "last_ts", "alert_ts", "exchanges_at_alert", "member_ts", "timeline", "from",      "width_ms",
    "cells",   "log_odds",
};

static const uint32_t account_required =
    1u << ACCOUNT_account | 1u << ACCOUNT_score | 1u << ACCOUNT_level | 1u << ACCOUNT_exchanges;
static const uint32_t timeline_required =
    1u << ACCOUNT_from | 1u << ACCOUNT_width_ms | 1u << ACCOUNT_cells;

struct account_line {
    struct run_account account;
    struct str id, cells;
    uint32_t seen; /* fields, as bits */
};

/* A count, and a null that leaves it as it is. */
static bool count_of(const struct json_flat_member *m, uint64_t *out)
{
    int64_t value;

    if (m->kind == JSON_FLAT_NULL)
        return true;
    if (!json_flat_i64(m, &value) || value < 0)
        return false;
    *out = (uint64_t)value;
    return true;
}

static bool time_of(const struct json_flat_member *m, msec_t *out)
{
    return m->kind == JSON_FLAT_NULL || json_flat_i64(m, out);
}

static bool text_of(const struct json_flat_member *m, struct str *out)
{
    *out = m->text;
    return m->kind == JSON_FLAT_STRING;
}

static bool cluster_of(const struct reader *in, const struct json_flat_member *m, uint32_t *out)
{
    if (m->kind == JSON_FLAT_STRING)
        *out = run_find_cluster(in->run, m->text);
    return m->kind == JSON_FLAT_NULL || *out != RUN_NONE;
}

static bool field_take(const struct reader *in, struct account_line *l, enum account_field field,
                       const struct json_flat_member *m)
{
    struct run_account *a = &l->account;

    switch (field) {
    case ACCOUNT_account: return text_of(m, &l->id);
    case ACCOUNT_score: return json_flat_f64(m, &a->score);
    case ACCOUNT_probability: return json_flat_f64(m, &a->probability);
    case ACCOUNT_level:
        return m->kind == JSON_FLAT_STRING && str_eq(m->text, str_of(level_name[LEVEL_NONE]));
    case ACCOUNT_cluster: return cluster_of(in, m, &a->cluster);
    case ACCOUNT_exchanges: return m->kind != JSON_FLAT_NULL && count_of(m, &a->exchanges);
    case ACCOUNT_first_ts: return time_of(m, &a->first_ts);
    case ACCOUNT_last_ts: return time_of(m, &a->last_ts);
    case ACCOUNT_alert_ts: return time_of(m, &a->alert_ts);
    case ACCOUNT_exchanges_at_alert: return count_of(m, &a->exchanges_at_alert);
    case ACCOUNT_member_ts: return time_of(m, &a->member_ts);
    case ACCOUNT_timeline: return m->kind == JSON_FLAT_OBJECT;
    case ACCOUNT_from: return json_flat_i64(m, &a->timeline.from);
    case ACCOUNT_width_ms: return json_flat_i64(m, &a->timeline.width_ms);
    case ACCOUNT_cells: return text_of(m, &l->cells);
    case ACCOUNT_log_odds: return m->kind == JSON_FLAT_NUMBER;
    case ACCOUNT_FIELDS: break;
    }
    return false;
}

/* False when anything is not as usual: then json_lines.h reads the line, or says what is wrong. */
static bool account_line_read(const struct reader *in, struct str text, struct account_line *l)
{
    struct json_flat flat = {0};
    struct json_flat_member m;
    uint32_t field = 0, inside;
    int r;

    *l = (struct account_line){.account = account_unknown};
    if (!json_flat_open(&flat, text))
        return false;
    while ((r = json_flat_next(&flat, &m)) > 0 || (r == 0 && flat.depth > 0)) {
        if (r == 0)
            continue;
        while (field < ACCOUNT_FIELDS && !str_eq(m.name, str_of(account_field_name[field])))
            field++;
        inside = 1u << field & timeline_required;
        if (field == ACCOUNT_FIELDS || !field_take(in, l, field, &m) ||
            (flat.depth == 2) != (inside || field == ACCOUNT_timeline))
            return false;
        l->seen |= 1u << field++;
    }
    return r == 0 && (l->seen & account_required) == account_required &&
           (!(l->seen & 1u << ACCOUNT_timeline) ||
            (l->seen & timeline_required) == timeline_required);
}

/* 1: the line is an account like most; 0: it is for account_read(); negative errno. */
static int account_quick(const struct reader *in, struct growing *accounts)
{
    struct account_line l;
    struct run_store *store = in->run->store;

    if (in->evidence_level == LEVEL_NONE ||
        !account_line_read(in, (struct str){in->lines.line, (uint32_t)in->lines.size}, &l) ||
        (l.cells.p && timeline_wrong(&l.account.timeline, l.cells)))
        return 0;
    if (text_keep(store, l.id, &l.account.account) < 0 ||
        text_keep(store, l.cells, &l.account.timeline.cells) < 0 ||
        account_put(in, accounts, &l.account) < 0)
        return -ENOMEM;
    return 1;
}

/* "f12" is finding 12. */
static int finding_id_read(const struct json_lines *l, uint64_t *out, struct err *err)
{
    struct str id = {NULL, 0};
    char *end = NULL;
    int r = json_lines_str(l, l->object, "id", JSON_REQUIRED, &id, err);

    if (r < 0)
        return r;
    errno = 0;
    *out = id.n > 1 && id.p[0] == 'f' ? strtoull(id.p + 1, &end, 10) : 0;
    return !end || *end || errno ? json_lines_refuse(l, "id", "not the id of a finding", err) : 0;
}

static int finding_read(const struct reader *in, struct growing *findings)
{
    static const char *const kinds[] = {"account", "cluster"};
    const struct json_lines *l = &in->lines;
    const json_t *o = l->object;
    struct run_finding f = {.probability = NAN};
    struct err *err = in->err;
    unsigned kind = 0;
    int r;

    if ((r = json_lines_i64(l, o, "ts", JSON_REQUIRED, &f.ts, err)) < 0 ||
        (r = finding_id_read(l, &f.id, err)) < 0 ||
        (r = json_lines_word(l, o, "kind", JSON_REQUIRED, kinds, 2, &kind, err)) < 0 ||
        (r = str_keep(in, o, "subject", &f.subject)) < 0 || (r = level_read(in, &f.level)) < 0 ||
        (r = json_lines_f64(l, o, "score", JSON_REQUIRED, &f.score, err)) < 0 ||
        (r = json_lines_f64(l, o, "probability", JSON_OPTIONAL, &f.probability, err)) < 0 ||
        (r = json_lines_u64(l, o, "member_count", JSON_OPTIONAL, &f.member_count, err)) < 0 ||
        (r = json_lines_u64(l, o, "exchanges", JSON_OPTIONAL, &f.exchanges, err)) < 0 ||
        (r = evidence_list_read(in, &f.evidence)) < 0 || (r = grow(findings, sizeof f)) < 0)
        return r;
    f.is_cluster = kind == 1;
    ((struct run_finding *)findings->item)[findings->count++] = f;
    in->run->finding = findings->item;
    in->run->finding_count = findings->count;
    return 0;
}

/* ---- The folder ---- */

typedef int line_func(const struct reader *in, struct growing *out);

static int file_read(struct reader *in, const char *folder, const char *name, line_func *line)
{
    struct growing items = {0};
    char path[PATH_SIZE];
    int r;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    r = json_lines_open(&in->lines, path, in->err);
    if (r < 0)
        return r;
    if (line == account_read &&
        in->evidence_level > LEVEL_NONE) { /* most lines, and half of each */
        in->lines.brief_if = "\"level\":\"none\"";
        in->lines.brief_from = ",\"evidence\":[";
    }
    while ((r = json_lines_next_text(&in->lines, in->err)) > 0) {
        r = line == account_read ? account_quick(in, &items) : 0;
        if (r == 0)
            r = json_lines_parse(&in->lines, in->err);
        if (r == 0)
            r = line(in, &items);
        if (r < 0)
            break;
    }
    json_lines_close(&in->lines);
    if (r == -ENOMEM)
        (void)err_set(in->err, r, "%s: out of memory", path);
    return r;
}

static int clusters_index(struct run *run, const char *folder, struct err *err)
{
    int r = table_new(run->cluster_count ? run->cluster_count : 1, &run->store->cluster);

    for (uint32_t i = 0; r == 0 && i < run->cluster_count; i++) {
        uint64_t key = hash_str(str_of(run->cluster[i].cluster), 0);

        if (table_find(run->store->cluster, key) != TABLE_NONE)
            return err_set(err, -EINVAL, "%s/clusters.jsonl: cluster \"%.60s\" is there twice",
                           folder, run->cluster[i].cluster);
        (void)table_put(run->store->cluster, key, i);
    }
    return r;
}

static int accounts_index(struct run *run, const char *folder, struct err *err)
{
    int r = table_new(run->account_count ? run->account_count : 1, &run->store->account);

    for (uint32_t i = 0; r == 0 && i < run->account_count; i++) {
        uint64_t key = hash_str(str_of(run->account[i].account), 0);

        if (table_find(run->store->account, key) != TABLE_NONE)
            return err_set(err, -EINVAL, "%s/accounts.jsonl: account \"%.60s\" is there twice",
                           folder, run->account[i].account);
        (void)table_put(run->store->account, key, i);
    }
    return r;
}

/* Member ids, which lie cluster after cluster, to indices. */
static int members_place(struct run *run)
{
    const char *const *id = run->store->member_id.item;

    for (uint32_t c = 0; c < run->cluster_count; c++) {
        struct run_cluster *cluster = &run->cluster[c];
        uint32_t listed = cluster->member_count;
        uint32_t *member = text_store_room(&run->store->text, listed * sizeof *member);

        if (!member)
            return -ENOMEM;
        cluster->member = member;
        cluster->member_count = 0;
        for (uint32_t i = 0; i < listed; i++) {
            uint32_t account = run_find_account(run, str_of(*id++));

            if (account != RUN_NONE)
                member[cluster->member_count++] = account;
        }
    }
    return 0;
}

static int summary_read(struct run *run, const char *folder, struct err *err)
{
    char path[PATH_SIZE];
    json_error_t at;

    (void)snprintf(path, sizeof path, "%s/summary.json", folder);
    run->summary = json_load_file(path, JSON_REJECT_DUPLICATES, &at);
    if (!run->summary && json_error_code(&at) != json_error_cannot_open_file)
        return err_set(err, -EINVAL, "%s:%d:%d: %s", path, at.line, at.column, at.text);
    return 0;
}

int run_read(const char *folder, enum level evidence_level, struct run **out, struct err *err)
{
    AUTO(run_free) struct run *run = calloc(1, sizeof *run);
    struct reader in = {.run = run, .evidence_level = evidence_level, .err = err};
    int r;

    if (run)
        run->store = calloc(1, sizeof *run->store);
    if (!run || !run->store)
        return err_set(err, -ENOMEM, "%s: out of memory", folder);
    if ((r = file_read(&in, folder, "clusters.jsonl", cluster_read)) < 0 ||
        (r = clusters_index(run, folder, err)) < 0 ||
        (r = file_read(&in, folder, "accounts.jsonl", account_read)) < 0 ||
        (r = accounts_index(run, folder, err)) < 0 ||
        (r = file_read(&in, folder, "findings.jsonl", finding_read)) < 0 ||
        (r = summary_read(run, folder, err)) < 0 || (r = members_place(run)) < 0)
        return r == -ENOMEM ? err_set(err, r, "%s: out of memory", folder) : r;
    *out = TAKE(run);
    return 0;
}

uint32_t run_find_account(const struct run *run, struct str account)
{
    return table_find(run->store->account, hash_str(account, 0));
}

uint32_t run_find_cluster(const struct run *run, struct str cluster)
{
    return table_find(run->store->cluster, hash_str(cluster, 0));
}
