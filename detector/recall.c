#include "recall.h"

#include "base/pages.h"
#include "base/rng.h"
#include "base/siphash.h"
#include "base/table.h"
#include "detector/content.h"
#include "detector/evidence.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    EVICT_LOOK = 16,
    CONVICTED_MIN = 2,  /* accounts that hold a shared value */
    MEMBERS_MAX = 512,  /* of a group, looked at */
    RECOGNISED_MIN = 3, /* one or two have something in common with anybody */
};

/* Nats of rarity among trusted accounts below which a value is nobody's mark; the share of its
 * accounts that have to be under suspicion; what one family adds at most, and all together. */
static const double RARE_MIN = 2.5, EXCLUSIVE_MIN = 0.5, FAMILY_CAP = 4.0, MEMBER_CAP = 6.0,
                    STRENGTH_MIN = 0.5, STRENGTH_MAX = 16.0, PHRASES_FULL = 4.0;

struct recall {
    struct recall_config config;
    struct table *index;
    struct recall_entry *entry;
    uint64_t *guilty; /* accounts that are convicted, a bit each; only while it learns: rosters are
                         read by the million, and accounts lie apart */
    uint32_t used, hand;
    uint64_t forgotten;
    msec_t since_least; /* none was learned before; of entries that there are or were */
};

static size_t guilty_size(const struct recall_config *config)
{
    return (config->accounts_max / 64 + (size_t)1) * sizeof(uint64_t);
}

int recall_new(const struct recall_config *config, struct recall **out)
{
    struct recall *r = calloc(1, sizeof *r);

    if (!r)
        return -ENOMEM;
    r->config = *config;
    r->since_least = INT64_MAX;
    r->entry = pages_new((size_t)config->recall_max * sizeof *r->entry);
    r->guilty = pages_new(guilty_size(config));
    if (!r->entry || !r->guilty || table_new(config->recall_max, &r->index) < 0) {
        recall_free(r);
        return -ENOMEM;
    }
    *out = r;
    return 0;
}

void recall_free(struct recall *r)
{
    if (!r)
        return;
    table_free(r->index);
    pages_free(r->entry, (size_t)r->config.recall_max * sizeof *r->entry);
    pages_free(r->guilty, guilty_size(&r->config));
    free(r);
}

/* Sign-up hours do not come again; names, user agents and parameters are too few to tell apart. */
static bool is_mark(unsigned kind)
{
    return kind < LINK_KIND_COUNT && kind != LINK_BIRTH && kind != LINK_PARAMETERS &&
           kind != LINK_PROGRAM && kind != ATTRIBUTE_user_agent && kind != ATTRIBUTE_name_shape;
}

/* What one account has and nobody else may have. */
static bool is_own(unsigned kind)
{
    return kind == ATTRIBUTE_payment || kind == ATTRIBUTE_device || kind == ATTRIBUTE_key;
}

static uint64_t key_of(const struct recall *r, uint64_t value)
{
    const uint64_t key[2] = {mix64(r->config.hash_key),
                             mix64(r->config.hash_key ^ 0x726563616c6cu)};
    uint8_t hash[16];
    uint64_t out;

    siphash128((struct str){(const char *)&value, sizeof value}, key, hash);
    memcpy(&out, hash, sizeof out);
    return out ? out : 1;
}

double recall_strength(const struct recall *r, const struct recall_entry *e, msec_t now)
{
    double age = now > e->ts ? (double)(now - e->ts) / (double)r->config.half_life_ms : 0.0;

    return (double)e->strength * exp2(-age);
}

/* A full table drops the weakest of the next few. */
static uint32_t entry_evict(struct recall *r, msec_t now)
{
    uint32_t victim = r->hand;

    for (uint32_t k = 0; k < EVICT_LOOK; k++) {
        if (recall_strength(r, &r->entry[r->hand], now) <
            recall_strength(r, &r->entry[victim], now))
            victim = r->hand;
        r->hand = r->hand + 1 == r->config.recall_max ? 0 : r->hand + 1;
    }
    (void)table_remove(r->index, r->entry[victim].key);
    r->forgotten += r->entry[victim].key != 0;
    return victim;
}

static void note_since(struct recall *r, const struct recall_entry *e)
{
    if (e->key && e->since < r->since_least)
        r->since_least = e->since;
}

/* The entry of a key; a new one, all zero but for the key, when there is none. */
static struct recall_entry *entry_of(struct recall *r, uint64_t key, msec_t now)
{
    uint32_t i = table_find(r->index, key);

    if (i != TABLE_NONE)
        return &r->entry[i];
    i = r->used < r->config.recall_max ? r->used++ : entry_evict(r, now);
    r->entry[i] = (struct recall_entry){.key = key};
    (void)table_put(r->index, key, i); /* has room: as many keys as entries */
    return &r->entry[i];
}

bool recall_put(struct recall *r, const struct recall_entry *entry)
{
    if (entry->key == 0 || !is_mark(entry->kind) || !(entry->strength > 0.0f) ||
        (double)entry->strength > STRENGTH_MAX || entry->since > entry->ts)
        return false;
    *entry_of(r, entry->key, entry->ts) = *entry;
    note_since(r, entry);
    return true;
}

static void entry_drop(struct recall *r, struct recall_entry *e)
{
    (void)table_remove(r->index, e->key);
    *e = (struct recall_entry){0};
}

void recall_fade(struct recall *r, msec_t now)
{
    for (uint32_t i = 0; i < r->used; i++)
        if (r->entry[i].key && recall_strength(r, &r->entry[i], now) < STRENGTH_MIN)
            entry_drop(r, &r->entry[i]);
}

void recall_forget(struct recall *r, uint64_t value)
{
    uint32_t i = table_count(r->index) ? table_find(r->index, key_of(r, value)) : TABLE_NONE;

    if (i != TABLE_NONE)
        entry_drop(r, &r->entry[i]);
}

/* ---- learning ---- */

static uint64_t raised_cluster(struct groups *groups, const struct account *a)
{
    const struct group *group = a->cluster == ACCOUNT_NONE ? NULL : groups_get(groups, a->cluster);

    return group && group->level_raised >= LEVEL_REVIEW ? group->id : 0;
}

static bool is_convicted(struct groups *groups, const struct account *a)
{
    return a->convicted || (a->closed && raised_cluster(groups, a));
}

static void learn(struct recall *r, uint64_t value, double strength, uint64_t source, msec_t now)
{
    struct recall_entry *e;

    if (strength < STRENGTH_MIN)
        return;
    e = entry_of(r, key_of(r, value), now);
    if (e->strength == 0.0f) {
        e->kind = (uint8_t)value_kind(value);
        e->since = now;
        e->source = source;
        note_since(r, e);
    }
    e->strength = (float)fmax(recall_strength(r, e, now), strength);
    e->ts = now;
}

static uint32_t guilty_count(const struct recall *r, const uint32_t *account, uint32_t count)
{
    uint32_t guilty = 0;

    for (uint32_t i = 0; i < count; i++)
        guilty += r->guilty[account[i] / 64] >> account[i] % 64 & 1;
    return guilty;
}

/* A value that several show, by the sample of its accounts. */
static void learn_shared(struct recall *r, const struct link_context *ctx, struct groups *groups,
                         const struct hub *hub, msec_t now)
{
    uint32_t known = hub_known(hub);
    uint32_t suspected = 0;
    uint64_t source = 0;
    double share, weight;

    if (guilty_count(r, hub->roster, known) < CONVICTED_MIN)
        return;
    for (uint32_t i = 0; i < known; i++) {
        const struct account *a = &ctx->account[hub->roster[i]];
        uint64_t cluster = raised_cluster(groups, a);

        suspected += is_convicted(groups, a) || (cluster && !a->cleared);
        source = source ? source : cluster;
    }
    share = (double)suspected / known;
    if (share < EXCLUSIVE_MIN)
        return;
    weight = linkage_weight(ctx, hub);
    if (weight >= RARE_MIN)
        learn(r, hub->value, weight * share, source, now);
}

/* A card, a device, a credential that nobody else has shown. */
static void learn_own(struct recall *r, const struct link_context *ctx, struct groups *groups,
                      const struct account *a, msec_t now)
{
    for (unsigned i = 0; i < ACCOUNT_VALUES; i++) {
        const struct hub alone = {.value = a->value[i], .accounts = 1};

        if (a->value[i] && is_own(value_kind(a->value[i])) && !hubs_find(ctx->hubs, a->value[i]))
            learn(r, a->value[i], linkage_weight(ctx, &alone), raised_cluster(groups, a), now);
    }
}

void recall_learn(struct recall *r, const struct link_context *ctx, struct groups *groups,
                  uint32_t account_count, msec_t now)
{
    assert(account_count <= r->config.accounts_max);
    memset(r->guilty, 0, guilty_size(&r->config));
    for (uint32_t i = 0; i < account_count; i++)
        if (ctx->account[i].id && is_convicted(groups, &ctx->account[i]))
            r->guilty[i / 64] |= (uint64_t)1 << i % 64;
    for (uint32_t i = 0; i < hubs_used(ctx->hubs); i++) {
        const struct hub *hub = hubs_get(ctx->hubs, i);

        if (hub->value && is_mark(value_kind(hub->value)))
            learn_shared(r, ctx, groups, hub, now);
    }
    for (uint32_t i = 0; i < account_count; i++)
        if (r->guilty[i / 64] >> i % 64 & 1)
            learn_own(r, ctx, groups, &ctx->account[i], now);
}

/* ---- recognising ---- */

struct seen {
    const struct recall *recall;
    const struct link_context *ctx;
    const struct group *group;
    msec_t now;
    uint32_t count;
    uint64_t key[RECALL_TOLD_MAX]; /* different ones, all members together */
    msec_t ts;
};

/* What the group, or one that it is a part or a union of, has taught itself. */
static bool own_lesson(const struct group *group, uint64_t source)
{
    if (source == 0)
        return false;
    for (unsigned i = 0; i < group->past_count; i++)
        if (group->past[i].other == source)
            return true;
    return source == group->id;
}

static void note(struct seen *s, const struct recall_entry *e)
{
    uint32_t i = 0;

    while (i < s->count && s->key[i] != e->key)
        i++;
    if (i == s->count && i < RECALL_TOLD_MAX)
        s->key[s->count++] = e->key;
    if (e->ts > s->ts)
        s->ts = e->ts;
}

/* What the account's holding of the value says; 0 when it is not remembered, or has become common
 * among trusted accounts. A phrase that no hub counts is not known to be rare. */
static double value_nats(struct seen *s, const struct account *a, uint64_t value)
{
    const struct recall *r = s->recall;
    const struct hub *hub;
    const struct recall_entry *e;
    double nats, rarity;
    uint32_t i = table_find(r->index, key_of(r, value));

    if (i == TABLE_NONE)
        return 0.0;
    e = &r->entry[i];
    if (a->first_ts <= e->since || own_lesson(s->group, e->source))
        return 0.0;
    hub = hubs_find(s->ctx->hubs, value);
    if (!hub && value_kind(value) == LINK_ITEM)
        return 0.0;
    nats = recall_strength(r, e, s->now);
    rarity = hub ? linkage_weight(s->ctx, hub) : nats;
    if (nats < STRENGTH_MIN || (hub && rarity < RARE_MIN))
        return 0.0;
    note(s, e);
    return fmin(nats, rarity);
}

/* The best of each family, of those that can carry a link; others only beside one. One phrase is
 * met by chance: by content alone it takes four to link two accounts, so one tells a quarter. */
static double member_nats(struct seen *s, const struct account *a)
{
    double family[FAMILY_COUNT] = {0}, sum = 0.0, phrase = 0.0;
    unsigned phrases = 0;
    bool carries = false;

    if (a->first_ts <= s->recall->since_least) /* most: all that is remembered is younger */
        return 0.0;
    for (unsigned i = 0; i < CONTENT_SHOWN; i++) {
        uint64_t value = content_shown(a, i);
        double nats = value && is_mark(value_kind(value)) ? value_nats(s, a, value) : 0.0;
        enum signal_family f = linkage_family(value_kind(value));

        if (nats <= 0.0 || !(s->ctx->families >> f & 1))
            continue;
        carries |= linkage_carries(value_kind(value));
        if (value_kind(value) == LINK_ITEM) {
            phrases++;
            phrase = fmax(phrase, fmin(nats, FAMILY_CAP));
            continue;
        }
        family[f] = fmax(family[f], fmin(nats, FAMILY_CAP));
    }
    phrase *= fmin((double)phrases / PHRASES_FULL, 1.0);
    family[FAMILY_content] = fmax(family[FAMILY_content], phrase);
    for (unsigned f = 0; f < FAMILY_COUNT; f++)
        sum += family[f];
    return carries ? fmin(sum, MEMBER_CAP) : 0.0;
}

void recall_group(const struct recall *r, const struct link_context *ctx, const struct group *group,
                  msec_t now, struct recognition *out)
{
    struct seen s = {.recall = r, .ctx = ctx, .group = group, .now = now, .ts = INT64_MIN};
    uint32_t at = group->first;
    double sum = 0.0;

    memset(out, 0, sizeof *out);
    if (!r || table_count(r->index) == 0)
        return;
    for (; out->looked < group->member_count && out->looked < MEMBERS_MAX; out->looked++) {
        double nats = member_nats(&s, &ctx->account[at]);

        sum += nats;
        out->members += nats > 0.0;
        at = ctx->account[at].next;
    }
    out->values = s.count;
    out->ts = s.ts;
    if (out->members >= RECOGNISED_MIN)
        out->nats = sum / out->looked;
}

uint32_t recall_used(const struct recall *r)
{
    return r->used;
}

const struct recall_entry *recall_get(const struct recall *r, uint32_t i)
{
    return &r->entry[i];
}

uint64_t recall_forgotten(const struct recall *r)
{
    return r->forgotten;
}

uint32_t recall_count(const struct recall *r)
{
    return table_count(r->index);
}

size_t recall_memory(const struct recall *r)
{
    return sizeof *r + (size_t)r->config.recall_max * sizeof *r->entry + guilty_size(&r->config) +
           table_memory(r->index);
}

void recall_set_half_life(struct recall *r, msec_t half_life_ms)
{
    r->config.half_life_ms = half_life_ms;
}

void recall_state(struct recall *r, state_visit *visit, void *ctx)
{
    STATE_VISIT(r->used);
    STATE_VISIT(r->hand);
    STATE_VISIT(r->forgotten);
    table_state(r->index, visit, ctx);
    visit(ctx, r->entry, (size_t)r->config.recall_max * sizeof *r->entry);
    r->since_least = INT64_MAX;
    for (uint32_t i = 0; i < r->used; i++)
        note_since(r, &r->entry[i]);
}
