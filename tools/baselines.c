/* Every method keeps what it needs in the one record per account, so that an event touches that
 * record and, when its address is new for the account, one record of the address. */
#include "baselines.h"

#include "base/pages.h"
#include "base/rng.h"
#include "base/table.h"
#include "tools/text_store.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define BASELINE_NAME(name, clusters, help) #name,
#define BASELINE_HELP(name, clusters, help) help,
#define BASELINE_HAS(name, clusters, help)  clusters,
const char *const baseline_name[BASELINE_COUNT] = {BASELINES(BASELINE_NAME)};
const char *const baseline_help[BASELINE_COUNT] = {BASELINES(BASELINE_HELP)};
const bool baseline_clusters[BASELINE_COUNT] = {BASELINES(BASELINE_HAS)};

/* Co-activity. SynchroTrap compares sets of actions (what, when) by Jaccard similarity; here a set
 * is kept as a MinHash sketch of SIGNS values (Broder, SEQUENCES 1997). */
enum {
    ACTION_MODEL, /* the model that was asked, within a bucket of time */
    ACTION_EXIT,  /* the address it was asked from */
    ACTION_KINDS,
    SIGNS = 8,
    BAND = 2,        /* signs that must agree for two accounts to be compared at all */
    SIGNS_ALIKE = 5, /* of SIGNS: an estimated similarity of 0.6 */
    ACTIONS_MIN = 8, /* with fewer, equal sets are chance */
    AHEAD = 16,      /* records looked up together */
    CACHE_LINE = 64,
    RING_ALWAYS = 1000, /* accounts; so many may be a ring on a platform of any size */
    HEADS = 2,          /* prompt openings remembered for the template rule */
};
static const msec_t BUCKET = 15 * MSEC_MINUTE; /* "loosely synchronised" */

/* The rules: thresholds of the open rule set Glasswally, or rounder ones where it has none. */
enum { RULE_EXCHANGES_MIN = 32 };
static const double GAP_CV = 0.08, SIZE_CV = 0.10, OUTPUT_TO_INPUT = 4.0, AT_LIMIT_SHARE = 0.7,
                    HOSTED_SHARE = 0.6, REFUSED_SHARE = 0.25, TEMPLATE_SHARE = 0.8,
                    ALWAYS_ON_SHARE = 0.9, NEARLY_AT_LIMIT = 0.9;
static const msec_t GAP_MAX = MSEC_HOUR; /* a longer pause is the end of a session */
static const msec_t ALWAYS_ON_MIN = 2 * MSEC_DAY;

/* Mean and squared deviations: Welford, Technometrics 4(3), 1962. */
struct spread {
    float mean, m2;
    uint32_t count;
};

struct account {
    const char *name;
    msec_t first_ts, last_ts;
    uint32_t exchanges;
    struct spread gap_s, input;
    uint32_t hour, hours_active;
    float input_sum, output_sum;
    uint32_t at_limit, hosted, refused, templated, head[HEADS];
    uint32_t exit; /* the last address, folded */
    uint32_t last_action[ACTION_KINDS], actions[ACTION_KINDS];
    uint32_t sign[ACTION_KINDS][SIGNS];
};
_Static_assert(sizeof(struct account) <= 200, "as the header promises");

/* An attribute value: the account that was first seen with it, and how many it has linked. */
struct value {
    uint32_t account, links;
};

enum { FOREST_COMPONENT, FOREST_COACTIVITY, FORESTS };

struct baselines {
    struct baselines_config config;
    struct table *index, *value_index;
    struct account *account;
    struct value *value;
    uint32_t account_count, value_count;
    uint64_t unjudged;
    struct text_store names;
    uint32_t *parent[FORESTS]; /* of accounts; roots are their own, and the oldest of their tree */
    uint32_t *size[FORESTS];   /* of the trees, by root; made by baselines_finish() */
};

void baselines_config_default(struct baselines_config *config)
{
    *config = (struct baselines_config){.accounts_max = 1000000,
                                        .values_max = 2000000,
                                        .fan_out_max = 50,
                                        .ring_min = 5,
                                        .ring_share_max = 0.1};
}

void baselines_free(struct baselines *b)
{
    if (!b)
        return;
    table_free(b->index);
    table_free(b->value_index);
    pages_free(b->account, b->config.accounts_max * sizeof *b->account);
    pages_free(b->value, b->config.values_max * sizeof *b->value);
    text_store_deinit(&b->names);
    for (unsigned f = 0; f < FORESTS; f++) {
        pages_free(b->parent[f], b->config.accounts_max * sizeof *b->parent[f]);
        free(b->size[f]);
    }
    free(b);
}

int baselines_new(const struct baselines_config *config, struct baselines **out)
{
    AUTO(baselines_free) struct baselines *b = calloc(1, sizeof *b);

    if (!b)
        return -ENOMEM;
    b->config = *config;
    b->account = pages_new(config->accounts_max * sizeof *b->account);
    b->value = pages_new(config->values_max * sizeof *b->value);
    for (unsigned f = 0; f < FORESTS; f++) {
        b->parent[f] = pages_new(config->accounts_max * sizeof *b->parent[f]);
        if (!b->parent[f])
            return -ENOMEM;
    }
    if (!b->account || !b->value || table_new(config->accounts_max, &b->index) < 0 ||
        table_new(config->values_max, &b->value_index) < 0)
        return -ENOMEM;
    *out = TAKE(b);
    return 0;
}

size_t baselines_memory(const struct baselines *b)
{
    return sizeof *b +
           b->config.accounts_max * (sizeof *b->account + FORESTS * sizeof *b->parent[0]) +
           b->config.values_max * sizeof *b->value + table_memory(b->index) +
           table_memory(b->value_index);
}

uint64_t baselines_unjudged(const struct baselines *b)
{
    return b->unjudged;
}

static uint32_t root_of(uint32_t *parent, uint32_t i)
{
    for (; parent[i] != i; i = parent[i])
        parent[i] = parent[parent[i]]; /* path halving */
    return i;
}

/* The older account leads, whatever the order of links. True when two trees became one. */
static bool join(uint32_t *parent, uint32_t i, uint32_t j)
{
    uint32_t x = root_of(parent, i), y = root_of(parent, j);

    parent[x > y ? x : y] = x > y ? y : x;
    return x != y;
}

/* NULL when there is no room for another account. */
static struct account *account_add(struct baselines *b, const struct digest_batch *batch,
                                   const struct digest *d)
{
    struct account *a = &b->account[b->account_count];

    if (b->account_count == b->config.accounts_max)
        return NULL;
    a->name = text_store_add(&b->names, digest_account_text(batch, d));
    if (!a->name || !table_put(b->index, d->account, b->account_count))
        return NULL;
    a->first_ts = a->last_ts = d->ts;
    for (unsigned f = 0; f < FORESTS; f++)
        b->parent[f][b->account_count] = b->account_count;
    b->account_count++;
    a->hour = UINT32_MAX;
    memset(a->sign, 0xff, sizeof a->sign);
    return a;
}

/* ---- component ---- */

static void value_link(struct baselines *b, uint64_t value, struct account *a)
{
    uint32_t self = (uint32_t)(a - b->account), at = table_find(b->value_index, value);

    if (at == TABLE_NONE) {
        if (b->value_count < b->config.values_max &&
            table_put(b->value_index, value, b->value_count))
            b->value[b->value_count++] = (struct value){self, 0};
    } else if (b->value[at].links < b->config.fan_out_max) {
        b->value[at].links += join(b->parent[FOREST_COMPONENT], self, b->value[at].account);
    }
}

/* ---- coactivity ---- */

static void action_add(struct account *a, unsigned kind, uint64_t object, msec_t ts)
{
    uint64_t h = mix64(object ^ (uint64_t)(ts / BUCKET) * 0x9e3779b97f4a7c15u);
    uint32_t x = (uint32_t)h, step = (uint32_t)(h >> 32) | 1;

    if (object == 0 || a->last_action[kind] == x)
        return;
    a->last_action[kind] = x;
    a->actions[kind]++;
    for (uint32_t i = 0; i < SIGNS; i++) {
        uint32_t v = x + i * step;

        a->sign[kind][i] = v < a->sign[kind][i] ? v : a->sign[kind][i];
    }
}

/* ---- rules ---- */

static void spread_add(struct spread *s, float x)
{
    float delta = x - s->mean;

    s->count++;
    s->mean += delta / (float)s->count;
    s->m2 += delta * (x - s->mean);
}

/* Coefficient of variation; infinite while there is too little. */
static double spread_cv(const struct spread *s)
{
    if (s->count < RULE_EXCHANGES_MIN || !(s->mean > 0.0F))
        return INFINITY;
    return sqrt((double)s->m2 / (double)s->count) / (double)s->mean;
}

static void template_add(struct account *a, uint32_t head)
{
    if (!head)
        return;
    for (unsigned i = 0; i < HEADS; i++)
        if (a->head[i] == head) {
            a->templated++;
            return;
        }
    a->head[a->exchanges % HEADS] = head;
}

static uint32_t exit_of(const struct digest *d)
{
    return (uint32_t)d->attribute[ATTRIBUTE_ip];
}

static void exchange_add(struct baselines *b, struct account *a, const struct digest *d)
{
    const struct digest_numbers *n = &d->n;
    uint32_t hour = (uint32_t)(d->ts / MSEC_HOUR), exit = exit_of(d);

    if (a->exchanges && d->ts - a->last_ts <= GAP_MAX)
        spread_add(&a->gap_s, (float)(d->ts - a->last_ts) / (float)MSEC_SECOND);
    a->last_ts = d->ts;
    template_add(a, d->sketch.head);
    a->exchanges++;
    a->hours_active += a->hour != hour;
    a->hour = hour;
    if (n->input_tokens > 0) {
        spread_add(&a->input, (float)n->input_tokens);
        a->input_sum += (float)n->input_tokens;
        a->output_sum += n->output_tokens > 0 ? (float)n->output_tokens : 0.0F;
    }
    a->at_limit +=
        n->max_tokens > 0 && (double)n->output_tokens >= NEARLY_AT_LIMIT * (double)n->max_tokens;
    a->hosted +=
        d->network == NETWORK_HOSTING || d->network == NETWORK_VPN || d->network == NETWORK_PROXY;
    a->refused += d->refused == 1;
    action_add(a, ACTION_MODEL, d->model, d->ts);
    action_add(a, ACTION_EXIT, d->attribute[ATTRIBUTE_ip], d->ts);
    if (exit && exit != a->exit) {
        a->exit = exit;
        value_link(b, d->attribute[ATTRIBUTE_ip], a);
    }
}

static bool share_above(uint32_t part, uint32_t whole, double limit)
{
    return (double)part >= limit * (double)whole;
}

/* How many rules the account trips. */
static double rules_score(const struct account *a)
{
    msec_t span = a->last_ts - a->first_ts;
    double hours = (double)span / (double)MSEC_HOUR + 1.0;

    if (a->exchanges < RULE_EXCHANGES_MIN)
        return 0.0;
    return (spread_cv(&a->gap_s) < GAP_CV) + (spread_cv(&a->input) < SIZE_CV) +
           (span >= ALWAYS_ON_MIN && (double)a->hours_active >= ALWAYS_ON_SHARE * hours) +
           (a->input_sum > 0.0F &&
            (double)a->output_sum >= OUTPUT_TO_INPUT * (double)a->input_sum) +
           share_above(a->at_limit, a->exchanges, AT_LIMIT_SHARE) +
           share_above(a->hosted, a->exchanges, HOSTED_SHARE) +
           share_above(a->refused, a->exchanges, REFUSED_SHARE) +
           share_above(a->templated, a->exchanges, TEMPLATE_SHARE);
}

/* ---- The stream ---- */

static void declared_add(struct baselines *b, struct account *a, const struct digest *d)
{
    if (d->attribute[ATTRIBUTE_payment])
        value_link(b, d->attribute[ATTRIBUTE_payment], a);
    if (d->attribute[ATTRIBUTE_signup_ip])
        value_link(b, d->attribute[ATTRIBUTE_signup_ip], a);
}

static bool counts(const struct digest *d)
{
    return d->type == RECORD_EXCHANGE || d->type == RECORD_ACCOUNT;
}

static void feed_one(struct baselines *b, uint32_t at, const struct digest_batch *batch,
                     const struct digest *d)
{
    struct account *a;

    if (at == TABLE_NONE)
        at = table_find(b->index, d->account); /* unless it came a moment ago */
    a = at == TABLE_NONE ? account_add(b, batch, d) : &b->account[at];
    if (!a)
        b->unjudged++;
    else if (d->type == RECORD_EXCHANGE)
        exchange_add(b, a, d);
    else
        declared_add(b, a, d);
}

static void digest_prefetch(const struct digest *d)
{
    for (size_t at = 0; at < sizeof *d; at += CACHE_LINE)
        __builtin_prefetch((const char *)d + at);
}

static void account_prefetch(const struct account *a)
{
    for (size_t at = 0; at < sizeof *a; at += CACHE_LINE)
        __builtin_prefetch((const char *)a + at, 1);
}

static const struct digest *digest_at(const struct digest_batch *batch, const uint32_t *order,
                                      uint32_t i)
{
    return &batch->digest[order ? order[i] : i];
}

/* Records are looked up some at a time, so that memory is waited for once and not for each. */
void baselines_feed(struct baselines *b, const struct digest_batch *batch, const uint32_t *order,
                    uint32_t count)
{
    const struct digest *d[AHEAD];
    uint32_t at[AHEAD];

    for (uint32_t from = 0; from < count; from += AHEAD) {
        uint32_t n = 0;

        for (uint32_t i = from; i < count && i < from + AHEAD; i++) {
            d[n] = digest_at(batch, order, i);
            table_prefetch(b->index, d[n]->account);
            n += counts(d[n]);
        }
        for (uint32_t i = 0; i < n; i++) {
            at[i] = table_find(b->index, d[i]->account);
            if (at[i] != TABLE_NONE)
                account_prefetch(&b->account[at[i]]);
        }
        for (uint32_t i = 0; i < n; i++)
            if (at[i] != TABLE_NONE && exit_of(d[i]) != b->account[at[i]].exit)
                table_prefetch(b->value_index, d[i]->attribute[ATTRIBUTE_ip]);
        for (uint32_t i = from + AHEAD; i < count && i < from + 2 * AHEAD; i++)
            digest_prefetch(digest_at(batch, order, i));
        for (uint32_t i = 0; i < n; i++)
            feed_one(b, at[i], batch, d[i]);
    }
}

/* ---- The end ---- */

static bool alike(const struct account *a, const struct account *b, unsigned kind)
{
    unsigned same = 0;

    for (unsigned i = 0; i < SIGNS; i++)
        same += a->sign[kind][i] == b->sign[kind][i];
    return same >= SIGNS_ALIKE;
}

struct candidate {
    uint64_t band;
    uint32_t account;
};

static int by_band(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;

    if (x->band != y->band)
        return x->band < y->band ? -1 : 1;
    return (x->account > y->account) - (x->account < y->account);
}

/* Single linkage among the accounts whose band of signs is the same, each with the first and with
 * the one before: near-linear, and what is alike is mostly alike to either. */
static void band_link(struct baselines *b, struct candidate *candidate, unsigned kind, unsigned at)
{
    uint32_t *parent = b->parent[FOREST_COACTIVITY], n = 0, first = 0;

    for (uint32_t i = 0; i < b->account_count; i++) {
        const uint32_t *sign = &b->account[i].sign[kind][at];

        if (b->account[i].actions[kind] >= ACTIONS_MIN)
            candidate[n++] = (struct candidate){(uint64_t)sign[0] << 32 | sign[1], i};
    }
    qsort(candidate, n, sizeof *candidate, by_band);
    for (uint32_t i = 1; i < n; i++) {
        const struct account *self = &b->account[candidate[i].account];

        if (candidate[i].band != candidate[first].band) {
            first = i;
            continue;
        }
        if (alike(self, &b->account[candidate[first].account], kind))
            (void)join(parent, candidate[i].account, candidate[first].account);
        if (alike(self, &b->account[candidate[i - 1].account], kind))
            (void)join(parent, candidate[i].account, candidate[i - 1].account);
    }
}

_Static_assert(BAND == 2, "a band is two signs in one number");

int baselines_finish(struct baselines *b)
{
    uint32_t n = b->account_count;
    AUTO_FREE struct candidate *candidate = malloc((n + (size_t)1) * sizeof *candidate);

    if (!candidate)
        return -ENOMEM;
    for (unsigned kind = 0; kind < ACTION_KINDS; kind++)
        for (unsigned at = 0; at < SIGNS; at += BAND)
            band_link(b, candidate, kind, at);
    for (unsigned f = 0; f < FORESTS; f++) {
        b->size[f] = calloc(n + (size_t)1, sizeof *b->size[f]);
        if (!b->size[f])
            return -ENOMEM;
        for (uint32_t i = 0; i < n; i++)
            b->size[f][root_of(b->parent[f], i)]++;
    }
    return 0;
}

/* Score and, when it is a ring's, the cluster. */
static void ring_write(const struct baselines *b, struct json_write *w, enum baseline baseline,
                       unsigned forest, uint32_t account)
{
    double limit = b->config.ring_share_max * (double)b->account_count;
    uint32_t root = root_of(b->parent[forest], account), size = b->size[forest][root];
    bool platform = (double)size > (limit > RING_ALWAYS ? limit : RING_ALWAYS);
    char field[32];

    (void)snprintf(field, sizeof field, "%s_cluster", baseline_name[baseline]);
    json_write_u64(w, baseline_name[baseline], platform || size == 1 ? 0 : size);
    if (!platform && size >= b->config.ring_min)
        json_write_u64(w, field, root);
    else
        json_write_null(w, field);
}

void baselines_write(const struct baselines *b, struct json_write *w)
{
    for (uint32_t i = 0; i < b->account_count; i++) {
        const struct account *a = &b->account[i];
        double days = (double)(a->last_ts - a->first_ts) / (double)MSEC_DAY;

        json_write_open(w, NULL, '{');
        json_write_text(w, "account", a->name);
        json_write_f64(w, baseline_name[BASELINE_volume],
                       (double)a->exchanges / (days > 1.0 ? days : 1.0), 6);
        json_write_f64(w, baseline_name[BASELINE_rules], rules_score(a), 6);
        ring_write(b, w, BASELINE_component, FOREST_COMPONENT, i);
        ring_write(b, w, BASELINE_coactivity, FOREST_COACTIVITY, i);
        json_write_close(w, '}');
        json_write_line(w);
    }
}
