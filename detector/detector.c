/* The whole detector: accounts, hubs, groups, and the clock of event time that drives them. All
 * state belongs to whoever calls; it is allocated once, here. */
#include "detector.h"

#include "base/cleanup.h"
#include "base/pages.h"
#include "base/table.h"
#include "detector/adoption.h"
#include "detector/content.h"
#include "detector/discovery.h"
#include "detector/evenness.h"
#include "detector/phrase.h"
#include "detector/probability.h"
#include "detector/recall.h"
#include "detector/release.h"
#include "detector/repeat.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    AHEAD = 16, /* records that are looked up together, so that memory is waited for once */
    DIRTY_MAX = 1 << 17, /* new shared values waiting to be compared */
    COMPARED = 8,        /* of them at a time */
    FINDINGS_MAX = 256,
    PHRASE_ACCOUNTS_MIN = 3, /* two may have met one text by chance */
    NAMELESS_SIZE = 24,
    CACHE_LINE = 64,
    EVICT_LOOK = 64,
    POPULATION_TICKS = 72, /* ticks in which everybody is read once */
    TICKS_CAUGHT_UP = 24,  /* a longer silence is skipped */
    JUDGE_TICKS = 12,      /* a group is judged at least this often */
    ADOPT_TICKS = 3,       /* ticks after which those who were active are looked at */
    ADOPT_FROM = 8,        /* members of a smaller group may belong to a larger one */
};

static const double JUDGE_GROWTH = 1.1; /* and when it has grown by this factor */

/* Weight from which a shared value makes two accounts worth comparing, in nats. */
static const double COMPARE_MIN = 2.0;

#define DETECTOR_COUNTERS(X)                                                                       \
    X(records, "records", "fed")                                                                   \
    X(exchanges, "exchanges", "fed")                                                               \
    X(late, "records", "dropped: older than the stream")                                           \
    X(no_account, "records", "dropped: without an account")                                        \
    X(accounts_seen, "accounts", "seen")                                                           \
    X(accounts_evicted, "accounts", "forgotten to stay within accounts_max")                       \
    X(ticks, "ticks", "of event time")                                                             \
    X(pairs, "pairs", "of accounts compared")                                                      \
    X(findings, "findings", "raised")                                                              \
    X(hubs_evicted, "values", "shared values forgotten to stay within hubs_max")                   \
    X(phrases_forgotten, "phrases", "forgotten to stay within phrases_max")                        \
    X(values_forgotten, "values", "of one account forgotten to stay within door_max")              \
    X(names_dropped, "texts", "ids and values without room within names_bytes")                    \
    X(links, "links", "made between accounts")                                                     \
    X(groups_merged, "groups", "joined with another")                                              \
    X(groups_split, "groups", "taken apart")                                                       \
    X(links_refused, "links", "without room for another group within groups_max")                  \
    X(recalled, "values", "remembered of accounts that were acted upon")                           \
    X(recalled_forgotten, "values", "of these forgotten to stay within recall_max")                \
    X(findings_delayed, "findings", "raised a tick later: the queue was full")                     \
    X(findings_held, "times", "a case was too unsure to be raised within fdr")

struct dirty {
    uint32_t account, hub;
};

/* A record on its way: what is known of it before its turn comes. */
struct arrival {
    const struct digest *e;
    uint32_t account;                    /* TABLE_NONE: not known then */
    uint32_t fresh;                      /* attributes that were new to the account then, as bits */
    uint32_t phrase_count, prompt_count; /* of an opener: content_phrases() */
    uint32_t phrase[CONTENT_PHRASES];
    uint32_t spread; /* of them, as bits: those that may make or meet a hub */
};

/* How many records could feed a family. */
struct fed {
    uint64_t exchanges, accounts, payment, identity, ip, client, text, tokens, reuse;
};

struct counts {
#define COUNTER_MEMBER(name, unit, help) uint64_t name;
    DETECTOR_COUNTERS(COUNTER_MEMBER)
#undef COUNTER_MEMBER
};

struct detector {
    struct detector_config config;
    struct table *index;
    struct account *account;
    struct names *names;
    struct hubs *hubs;
    struct repeat *repeat;
    struct phrases *phrases;
    struct groups *groups;
    struct adoption *adoption;
    struct recall *recall;
    struct timelines *timelines;
    struct dirty *dirty;
    struct finding *finding; /* ring */
    uint32_t *member;        /* scratch for views */
    struct link_memo *memo;  /* scratch for whoever judges many links in a row */
    char *nameless;          /* scratch for ids that are not kept */
    uint32_t *rank;          /* group slots by id, for views */
    uint32_t account_used, trusted_count, dirty_count, hand;
    uint32_t accused_count; /* accounts ever closed or convicted: nothing to learn without */
    uint32_t finding_first, finding_count;
    uint64_t finding_id;
    struct discovery discovery;
    struct population population;
    struct releases releases;
    msec_t first, now, next_tick, next_regroup, hour, trusted_before;
    uint32_t tick;
    msec_t regroup_ts, adopt_ts;
    bool started;
    struct fed fed;
    struct counts count;
    size_t memory;
};

static msec_t half_life_ms(const struct detector_config *config)
{
    return (msec_t)(config->recall_days * (double)MSEC_DAY);
}

static int allocate(struct detector *d)
{
    const struct detector_config *c = &d->config;
    const struct hubs_config hubs = {c->hubs_max, c->door_max};
    const struct recall_config recall = {c->recall_max, half_life_ms(c), c->hash_key,
                                         c->accounts_max};
    int r;

    d->account = pages_new((size_t)c->accounts_max * sizeof *d->account);
    d->member = pages_new((size_t)c->accounts_max * sizeof *d->member);
    d->rank = pages_new((size_t)c->groups_max * sizeof *d->rank);
    d->dirty = pages_new(DIRTY_MAX * sizeof *d->dirty);
    d->finding = pages_new(FINDINGS_MAX * sizeof *d->finding);
    d->memo = pages_new(sizeof *d->memo);
    d->nameless = pages_new(NAMELESS_SIZE);
    if (!d->memo || !d->nameless || !d->account || !d->member || !d->rank || !d->dirty ||
        !d->finding)
        return -ENOMEM;
    if ((r = table_new(c->accounts_max, &d->index)) < 0 ||
        (r = names_new(c->names_bytes, &d->names)) < 0 ||
        (r = hubs_new(&hubs, d->names, &d->hubs)) < 0 ||
        (r = repeat_new(c->prompts_max, &d->repeat)) < 0 ||
        (r = phrases_new(c->phrases_max, &d->phrases)) < 0 ||
        (r = groups_new(c->groups_max, c->accounts_max, d->account, &d->groups)) < 0 ||
        (r = adoption_new(c->hubs_max, c->accounts_max, &d->adoption)) < 0 ||
        (r = recall_new(&recall, &d->recall)) < 0 ||
        (r = timelines_new(c->accounts_max, &d->timelines)) < 0)
        return r;
    d->memory = sizeof *d + table_memory(d->index) + names_memory(d->names) + hubs_memory(d->hubs) +
                repeat_memory(d->repeat) + phrases_memory(d->phrases) + groups_memory(d->groups) +
                adoption_memory(d->adoption) + recall_memory(d->recall) +
                timelines_memory(d->timelines) +
                (size_t)c->accounts_max * (sizeof *d->account + sizeof *d->member) +
                (size_t)c->groups_max * sizeof *d->rank + DIRTY_MAX * sizeof *d->dirty +
                FINDINGS_MAX * sizeof *d->finding + sizeof *d->memo;
    return 0;
}

int detector_new(const struct detector_config *config, struct detector **out, struct err *err)
{
    struct detector *d = calloc(1, sizeof *d);
    int r;

    if (!d)
        return -ENOMEM;
    d->config = *config;
    r = detector_config_change(config, config, err);
    if (r < 0) {
        free(d);
        return r;
    }
    if (config->fdr > 0.0 && !(config->cluster.slope > 0.0)) {
        free(d);
        return err_set(err, -EINVAL,
                       "fdr needs probabilities, and calibration.cluster_slope is not set: take a "
                       "configuration that `stillwatch tune` wrote");
    }
    r = allocate(d);
    if (r < 0) {
        detector_free(d);
        return err_set(err, r, "not enough memory for accounts_max = %u", config->accounts_max);
    }
    *out = d;
    return 0;
}

void detector_free(struct detector *d)
{
    if (!d)
        return;
    timelines_free(d->timelines);
    recall_free(d->recall);
    adoption_free(d->adoption);
    groups_free(d->groups);
    phrases_free(d->phrases);
    repeat_free(d->repeat);
    hubs_free(d->hubs);
    names_free(d->names);
    table_free(d->index);
    pages_free(d->account, (size_t)d->config.accounts_max * sizeof *d->account);
    pages_free(d->member, (size_t)d->config.accounts_max * sizeof *d->member);
    pages_free(d->rank, (size_t)d->config.groups_max * sizeof *d->rank);
    pages_free(d->dirty, DIRTY_MAX * sizeof *d->dirty);
    pages_free(d->finding, FINDINGS_MAX * sizeof *d->finding);
    pages_free(d->memo, sizeof *d->memo);
    pages_free(d->nameless, NAMELESS_SIZE);
    free(d);
}

static struct link_context link_context(const struct detector *d)
{
    return (struct link_context){
        d->account,         d->hubs,           table_count(d->index), d->trusted_count,
        d->config.families, d->trusted_before, &d->population,        NULL};
}

/* While no hub, account or count of accounts changes. */
static struct link_context memo_context(const struct detector *d)
{
    struct link_context ctx = link_context(d);

    link_memo_clear(d->memo);
    ctx.memo = d->memo;
    return ctx;
}

static struct judge_context context(const struct detector *d)
{
    return (struct judge_context){
        .config = &d->config,
        .account = d->account,
        .groups = d->groups,
        .adoption = d->adoption,
        .names = d->names,
        .population = &d->population,
        .releases = &d->releases,
        .recall = d->recall,
        .link = link_context(d),
        .trusted_before = d->trusted_before,
        .now = d->now,
    };
}

/* ---- accounts ---- */

/* Forgets the least suspicious of the next accounts: in no group, and silent the longest. */
static uint32_t evict(struct detector *d)
{
    uint32_t victim = ACCOUNT_NONE;

    for (uint32_t k = 0; k < EVICT_LOOK || victim == ACCOUNT_NONE; k++) {
        const struct account *a = &d->account[d->hand];
        bool last_resort = k > d->config.accounts_max;

        if ((a->cluster == ACCOUNT_NONE || last_resort) &&
            (victim == ACCOUNT_NONE || a->last_ts < d->account[victim].last_ts))
            victim = d->hand;
        d->hand = d->hand + 1 == d->config.accounts_max ? 0 : d->hand + 1;
        if (k > d->config.accounts_max + 1)
            break;
    }
    d->trusted_count -= account_trusted(&d->account[victim], d->trusted_before);
    groups_forget(d->groups, victim);
    timelines_forget(d->timelines, victim);
    names_remove(d->names, d->account[victim].name);
    (void)table_remove(d->index, d->account[victim].id);
    d->count.accounts_evicted++;
    return victim;
}

static uint32_t account_add(struct detector *d, const struct digest_batch *batch,
                            const struct digest *e)
{
    bool full = d->account_used == d->config.accounts_max;
    uint32_t i = full ? evict(d) : d->account_used++;

    account_init(&d->account[i], e->account, e->ts);
    d->account[i].successor = full;
    d->account[i].name = names_add(d->names, digest_account_text(batch, e));
    (void)table_put(d->index, e->account, i); /* has room: as many keys as accounts */
    d->count.accounts_seen++;
    return i;
}

/* ---- shared values ---- */

static bool is_trusted(const void *ctx, uint32_t index)
{
    const struct detector *d = ctx;

    return account_trusted(&d->account[index], d->trusted_before);
}

/* Members of one group that have all the links they can keep need no further one. */
static bool linked_enough(const struct account *a, const struct account *b)
{
    return a->cluster != ACCOUNT_NONE && a->cluster == b->cluster && a->link_count == ACCOUNT_LINKS;
}

static void prefetch_account(const struct detector *d, uint32_t account)
{
    const char *p = (const char *)&d->account[account];

    for (size_t at = 0; at < sizeof *d->account; at += CACHE_LINE)
        __builtin_prefetch(p + at, 1);
}

/* Where in the roster of `known` accounts this one begins to compare itself. */
static uint32_t roster_start(const struct detector *d, uint32_t account, const struct hub *hub,
                             uint32_t known)
{
    return (uint32_t)(mix64(d->account[account].id ^ hub->value) % known);
}

static void compare(struct detector *d, const struct link_context *ctx, uint32_t account,
                    const struct hub *hub)
{
    uint32_t known = hub_known(hub);
    uint32_t start = roster_start(d, account, hub, known);
    struct link_evidence evidence;
    uint32_t compared = 0;

    for (uint32_t k = 0; k < known && compared < d->config.partners; k++) {
        uint32_t other = hub->roster[(start + k) % known];

        if (other == account)
            continue;
        compared++;
        if (linked_enough(&d->account[account], &d->account[other]))
            continue;
        d->count.pairs++;
        if (linkage_judge(ctx, account, other, &evidence))
            (void)groups_link(d->groups, account, other, evidence.tie);
    }
}

/* Starts loading what comparing the account with some of the hub's takes. */
static void prefetch_compared(const struct detector *d, uint32_t account, const struct hub *hub)
{
    uint32_t known = hub_known(hub);
    uint32_t start = roster_start(d, account, hub, known);

    prefetch_account(d, account);
    for (uint32_t k = 0; k < known && k < d->config.partners; k++)
        prefetch_account(d, hub->roster[(start + k) % known]);
}

/* Some at a time: hubs and accounts lie anywhere. */
static void drain_some(struct detector *d, const struct link_context *ctx,
                       const struct dirty *dirty, uint32_t count, uint32_t next_count)
{
    bool weighs[COMPARED];

    for (uint32_t k = count; k < count + next_count; k++) {
        hubs_prefetch_at(d->hubs, dirty[k].hub);
        __builtin_prefetch(&d->account[dirty[k].account]);
    }
    for (uint32_t k = 0; k < count; k++) {
        const struct hub *hub = hubs_get(d->hubs, dirty[k].hub);

        weighs[k] = hub->value && linkage_weight(ctx, hub) >= COMPARE_MIN;
        if (weighs[k])
            prefetch_compared(d, dirty[k].account, hub);
    }
    for (uint32_t k = 0; k < count; k++)
        if (weighs[k])
            compare(d, ctx, dirty[k].account, hubs_get(d->hubs, dirty[k].hub));
}

static uint32_t at_most(uint32_t value, uint32_t max)
{
    return value < max ? value : max;
}

static void drain_dirty(struct detector *d)
{
    const struct link_context ctx = memo_context(d);

    for (uint32_t from = 0; from < d->dirty_count; from += COMPARED) {
        uint32_t n = at_most(d->dirty_count - from, COMPARED);

        drain_some(d, &ctx, d->dirty + from, n, at_most(d->dirty_count - from - n, COMPARED));
    }
    d->dirty_count = 0;
}

static void observe_value(struct detector *d, uint32_t account, uint32_t hub)
{
    if (d->dirty_count == DIRTY_MAX)
        drain_dirty(d);
    d->dirty[d->dirty_count++] = (struct dirty){account, hub};
}

static void observe(struct detector *d, uint32_t account, uint64_t value, struct str name)
{
    uint32_t hub =
        hubs_observe(d->hubs, value, name, account, is_trusted(d, account), is_trusted, d, d->tick);

    if (hub != HUB_NONE && linkage_carries(value_kind(value)))
        observe_value(d, account, hub);
}

/* A reasoning block that more than one account has sent: who sent it before holds it again, so that
 * they can be compared. Of a slot that was another account's it is not known who sent it. */
static void share_block(struct detector *d, uint32_t account, uint32_t hub)
{
    const struct hub *h = hubs_get(d->hubs, hub);

    for (uint32_t i = 0; linkage_few(h) && i < h->roster_seen; i++)
        if (!d->account[h->roster[i]].successor)
            account_hold_block(&d->account[h->roster[i]], h->value);
    account_hold_block(&d->account[account], h->value);
    observe_value(d, account, hub);
}

/* An account sends a reasoning block back. While one account alone does, it takes no room there:
 * the provider gave it to that account, and it is sent again with every turn of a conversation. */
static void observe_block(struct detector *d, uint32_t account, const struct digest *e,
                          struct str name)
{
    const uint64_t hash = e->attribute[ATTRIBUTE_signature];
    const struct link_context ctx = link_context(d);
    struct account *a = &d->account[account];
    uint64_t value = value_pack(ATTRIBUTE_signature, hash);
    const struct hub *h;
    uint32_t hub;

    if (!account_block_turns(a, hash))
        return;
    hub = hubs_index(d->hubs, value);
    if (hub == HUB_NONE || !hub_roster_has(hubs_get(d->hubs, hub), account))
        hub = hubs_observe(d->hubs, value, name, account, is_trusted(d, account), is_trusted, d,
                           d->tick);
    if (hub == HUB_NONE)
        return;
    h = hubs_get(d->hubs, hub);
    if (linkage_weight(&ctx, h) < COMPARE_MIN)
        return;
    a->replayed += e->n.turn <= 0 && h->roster[0] != account;
    if (!account_holds(a, value))
        share_block(d, account, hub);
}

static void observe_attributes(struct detector *d, uint32_t account,
                               const struct digest_batch *batch, const struct digest *e)
{
    for (unsigned k = 0; k < ATTRIBUTE_COUNT; k++) {
        struct str name;

        if (!e->attribute[k])
            continue;
        name = digest_attribute_text(batch, e, k);
        if (k == ATTRIBUTE_signature)
            observe_block(d, account, e, name);
        else if (account_value(&d->account[account], k, e->attribute[k]))
            observe(d, account, value_pack(k, e->attribute[k]), name);
    }
}

static uint64_t phrase_value(uint32_t phrase)
{
    return value_pack(LINK_ITEM, item_hash(phrase));
}

/* What a roster remembers of a phrase that has just been found to be collectors': its accounts may
 * not come back to it. */
static void observe_roster(struct detector *d, uint32_t hub, uint32_t phrase)
{
    const struct hub *h = hubs_get(d->hubs, hub);

    for (uint32_t i = 0; i < hub_known(h); i++)
        if (content_hold(&d->account[h->roster[i]], phrase))
            observe_value(d, h->roster[i], hub);
}

/* Whether its accounts are looked at anew: while they are not even, and when twice as many have
 * come. */
static bool wants_even(const struct hub *h)
{
    return h->roster_seen >= EVEN_MEMBERS_MIN &&
           (!(linkage_even(h) || linkage_collected(h)) || h->roster_seen >= 2 * h->even_at);
}

static void reckon_even(struct detector *d, uint32_t hub, uint32_t phrase)
{
    const struct hub *h = hubs_get(d->hubs, hub);
    bool collected = linkage_collected(h);
    struct evenness even;

    if (!wants_even(h))
        return;
    even = evenness_of(&d->population, d->account, h);
    hubs_set_even(d->hubs, hub, even.all, even.collectors);
    if (!collected && linkage_collected(h))
        observe_roster(d, hub, phrase);
}

/* An account uses a phrase that it does not hold yet: counts it, and makes it a hub once newcomers
 * have brought it or many use it; strangers share a framework's system prompt, so that counts only
 * as brought. True when it links. */
static bool observe_phrase(struct detector *d, uint32_t account, uint32_t phrase, bool of_prompt)
{
    const struct link_context ctx = link_context(d);
    struct phrase_use use = phrases_see(d->phrases, phrase, account, is_trusted(d, account));
    uint32_t accounts = (uint32_t)(use.others + use.trusted + 0.5);
    uint32_t trusted = (uint32_t)(use.trusted + 0.5);
    bool enriched;
    uint32_t hub;

    if (use.ruled_out) {
        if (use.common)
            content_keep(&d->account[account], phrase);
        return false;
    }
    enriched = linkage_enriched(&ctx, accounts, trusted);
    if (accounts < PHRASE_ACCOUNTS_MIN ||
        (!enriched && (!of_prompt || accounts < EVEN_MEMBERS_MIN))) {
        phrases_rule_out(d->phrases, phrase);
        return false;
    }
    hub = hubs_observe_counted(d->hubs, phrase_value(phrase), use.first, account, accounts, trusted,
                               d->tick);
    reckon_even(d, hub, phrase);
    if (!enriched && !linkage_even(hubs_get(d->hubs, hub)) &&
        !linkage_collected(hubs_get(d->hubs, hub))) {
        content_keep(&d->account[account], phrase);
        phrases_rule_out(d->phrases, phrase);
        return false;
    }
    if (content_hold(&d->account[account], phrase))
        observe_value(d, account, hub);
    return true;
}

/* The phrases of a session's first prompt. One that was sent before word for word is no filling of
 * a template: what people and evaluation teams copy from each other links nobody. */
static void observe_opener(struct detector *d, uint32_t account, const struct arrival *opener)
{
    struct account *a = &d->account[account];
    bool repeated = repeat_see(d->repeat, opener->e->sketch.prompt, account) != REPEAT_NEW;
    uint32_t recurring = 0;
    bool family = false;

    a->repeats += repeated;
    for (uint32_t i = 0; i < opener->phrase_count; i++) {
        uint32_t phrase = opener->phrase[i];
        enum content_state state = content_see(a, phrase);

        recurring += state != CONTENT_FIRST;
        if (state == CONTENT_KNOWN)
            family = true;
        else if (!repeated)
            family |= observe_phrase(d, account, phrase, i < opener->prompt_count);
    }
    content_end(a, recurring);
    a->family += family;
}

/* Habitual parameters, and with the client they make a program. */
static void observe_habit(struct detector *d, uint32_t account, uint64_t parameters)
{
    struct account *a = &d->account[account];
    uint32_t client =
        a->last[ATTRIBUTE_client] ? a->last[ATTRIBUTE_client] : a->last[ATTRIBUTE_user_agent];
    uint64_t program = mix64(parameters ^ mix64(client));

    observe(d, account, value_pack(LINK_PARAMETERS, parameters), (struct str){NULL, 0});
    if (client && account_value(a, LINK_PROGRAM, program))
        observe(d, account, value_pack(LINK_PROGRAM, program), (struct str){NULL, 0});
}

static void observe_content(struct detector *d, uint32_t account, const struct arrival *arrival)
{
    const struct digest *e = arrival->e;
    uint64_t parameters;

    if (account_parameters(&d->account[account], e, &parameters) &&
        account_value(&d->account[account], LINK_PARAMETERS, parameters))
        observe_habit(d, account, parameters);
    if (account_opener(e))
        observe_opener(d, account, arrival);
}

/* ---- records ---- */

static void feed_exchange(struct detector *d, uint32_t account, const struct digest_batch *batch,
                          const struct arrival *arrival)
{
    const struct digest *e = arrival->e;
    struct account *a = &d->account[account];
    unsigned slot = (unsigned)(e->ts % MSEC_HOUR / (MSEC_HOUR / SYNCHRONY_TICKS)), before;

    d->count.exchanges++;
    d->fed.exchanges++;
    d->fed.ip += e->attribute[ATTRIBUTE_ip] != 0;
    d->fed.client += (e->attribute[ATTRIBUTE_client] | e->attribute[ATTRIBUTE_user_agent]) != 0;
    d->fed.text += e->sketch.prompt != 0;
    d->fed.tokens += e->n.input_tokens >= 0 && e->n.output_tokens >= 0;
    d->fed.reuse += e->echo != 2 || e->attribute[ATTRIBUTE_signature] != 0;
    account_exchange(a, e);
    release_exchange(&d->releases, a, e->model, e->ts, d->first);
    timelines_add(d->timelines, account, e->ts, e->model && e->model == d->releases.newest,
                  a->cluster != ACCOUNT_NONE);
    observe_attributes(d, account, batch, e);
    observe_content(d, account, arrival);
    before = presence_add(&a->presence, (uint32_t)(e->ts / MSEC_HOUR), slot);
    if (a->cluster != ACCOUNT_NONE)
        groups_exchange(d->groups, a->cluster, e->ts, slot, before);
}

static void feed_account(struct detector *d, uint32_t account, const struct digest_batch *batch,
                         const struct digest *e)
{
    struct account *a = &d->account[account];
    bool trusted = account_trusted(a, d->trusted_before);

    d->fed.accounts++;
    d->fed.payment += e->attribute[ATTRIBUTE_payment] != 0;
    d->fed.identity += e->created != 0 || e->attribute[ATTRIBUTE_email_domain] != 0;
    if (e->created)
        a->created = e->created;
    if (e->org)
        a->org = e->org;
    d->trusted_count += account_trusted(a, d->trusted_before);
    d->trusted_count -= trusted;
    observe_attributes(d, account, batch, e);
    if (e->created && !account_trusted(a, d->trusted_before)) {
        uint64_t hour = mix64((uint64_t)(e->created / MSEC_HOUR));

        if (account_value(a, LINK_BIRTH, hour))
            observe(d, account, value_pack(LINK_BIRTH, hour), (struct str){NULL, 0});
    }
}

/* Whom an analyst found benign is as good as long-standing, and what it holds is nobody's mark. */
static void feed_label(struct detector *d, uint32_t account, const struct digest *e)
{
    struct account *a = &d->account[account];

    a->convicted = e->label == LABEL_DISTILLING;
    d->accused_count += a->convicted;
    if (e->label != LABEL_BENIGN)
        return;
    a->closed = 0;
    for (unsigned i = 0; i < CONTENT_SHOWN; i++)
        if (content_shown(a, i))
            recall_forget(d->recall, content_shown(a, i));
    if (account_trusted(a, d->trusted_before))
        return;
    a->cleared = 1;
    d->trusted_count++;
}

/* What was done to an account: with a group that was raised, it is a verdict on the account. */
static void feed_action(struct detector *d, uint32_t account, const struct digest *e)
{
    struct account *a = &d->account[account];

    if (e->action == ACTION_RESTORE)
        a->closed = 0;
    if (e->action != ACTION_BAN && e->action != ACTION_SUSPEND)
        return;
    a->closed = 1;
    d->accused_count++;
}

/* ---- the clock ---- */

static void finding_raise(struct detector *d, struct group *group, const struct judgement *j,
                          msec_t now)
{
    double p = probability_of(&d->config.cluster, d->config.base_rate, j->log_odds);
    struct finding *f;

    if (d->finding_count == FINDINGS_MAX) { /* raised at the next tick */
        d->count.findings_delayed++;
        return;
    }
    if (group->level_raised == LEVEL_NONE && !discovery_admit(&d->discovery, d->config.fdr, p)) {
        d->count.findings_held++;
        return;
    }
    f = &d->finding[(d->finding_first + d->finding_count++) % FINDINGS_MAX];
    *f = (struct finding){.ts = now,
                          .id = ++d->finding_id,
                          .is_cluster = true,
                          .subject = group->id,
                          .level = j->level,
                          .score = logistic(j->log_odds),
                          .probability = p,
                          .member_count = group->member_count,
                          .exchanges = j->exchanges};
    f->evidence = j->evidence;
    group->level_raised = (uint8_t)j->level;
    d->count.findings++;
}

/* The members' first alarm, each by its own score. */
static void alert_members(struct detector *d, const struct group *group, msec_t now)
{
    const struct judge_context ctx = context(d);
    double threshold = log_odds(d->config.review_score);
    uint32_t at = group->first;

    for (uint32_t i = 0; i < group->member_count; i++, at = d->account[at].next) {
        struct account *a = &d->account[at];

        if (a->alert_ts == INT64_MIN) {
            if (judge_member_log_odds(&ctx, group, a) < threshold)
                continue;
            a->alert_ts = now;
            a->exchanges_at_alert = a->exchanges;
        }
        a->explained |= group->newcomers;
    }
}

/* Whether fewer than half as many members as accounts of the platform are trusted. */
static bool newcomers_made(const struct detector *d, const struct group_profile *profile)
{
    return 2.0 * profile->trusted * table_count(d->index) <
           (double)profile->members * d->trusted_count;
}

static void judge_one(struct detector *d, struct group *group, msec_t now)
{
    struct judge_context ctx = context(d);
    struct judgement j;

    ctx.link.memo = d->memo;
    ctx.silent = true;
    judge_group(&ctx, group, &j);
    if (j.level > group->level_raised) {
        ctx.silent = false;
        judge_group(&ctx, group, &j);
    }
    group->judged_tick = d->tick;
    group->judged_members = group->member_count;
    group->exchanges = j.exchanges;
    group->log_odds = j.log_odds;
    group->profile = j.profile;
    group->level = (uint8_t)j.level;
    group->newcomers = j.level >= LEVEL_REVIEW && newcomers_made(d, &j.profile);
    if (j.level >= LEVEL_REVIEW && group->alert_ts == INT64_MIN)
        group->alert_ts = now;
    if (j.level > group->level_raised)
        finding_raise(d, group, &j, now);
}

/* Whoever is in a group that was just raised is looked at first: a few have something in common
 * with some members only. */
static void alert_groups(struct detector *d, msec_t now)
{
    bool unmarked = false;

    for (uint32_t slot = 0; slot < groups_used(d->groups); slot++) {
        const struct group *group = groups_get(d->groups, slot);

        unmarked |= group->id && group->level >= LEVEL_REVIEW && !group->marked;
    }
    if (unmarked) {
        const struct judge_context ctx = context(d);

        (void)adoption_mark(d->adoption, &ctx, d->account, d->hubs);
    }
    for (uint32_t slot = 0; slot < groups_used(d->groups); slot++) {
        const struct group *group = groups_get(d->groups, slot);

        if (group->id && group->level >= LEVEL_REVIEW && group->judged_tick == d->tick)
            alert_members(d, group, now);
    }
}

static void judge_groups(struct detector *d, msec_t now, bool all)
{
    link_memo_clear(d->memo);
    for (uint32_t slot = 0; slot < groups_used(d->groups); slot++) {
        struct group *group = groups_get(d->groups, slot);

        if (!group->id)
            continue;
        if (all || d->tick - group->judged_tick >= JUDGE_TICKS ||
            group->member_count > JUDGE_GROWTH * group->judged_members)
            judge_one(d, group, now);
    }
    alert_groups(d, now);
}

/* In no group, or in a small one of no account. */
static bool is_free(const struct detector *d, const struct account *a)
{
    const struct group *group =
        a->cluster == ACCOUNT_NONE ? NULL : groups_get(d->groups, a->cluster);

    return !group || (group->member_count < ADOPT_FROM && group->level == LEVEL_NONE);
}

static bool any_marked(const struct detector *d)
{
    for (uint32_t slot = 0; slot < groups_used(d->groups); slot++) {
        const struct group *group = groups_get(d->groups, slot);

        if (group->id && group->marked)
            return true;
    }
    return false;
}

/* Accounts that are free, were active since then and belong to a raised group. */
static void adopt(struct detector *d, msec_t now, msec_t since)
{
    const struct judge_context ctx = context(d);
    uint32_t looked = any_marked(d) ? d->account_used : 0;

    for (uint32_t i = 0; i < looked; i++) {
        const struct account *a = &d->account[i];
        uint32_t slot;

        if (!a->id || a->last_ts < since || !is_free(d, a))
            continue;
        slot = adoption_find(d->adoption, &ctx, a);
        if (slot != ACCOUNT_NONE)
            groups_adopt(d->groups, i, groups_get(d->groups, slot)->first);
    }
    d->adopt_ts = now;
}

/* All links are judged again, and with them the groups and what points to these. */
static void regroup(struct detector *d, msec_t now, bool last)
{
    const struct link_context link = memo_context(d);
    struct judge_context ctx;

    groups_rebuild(d->groups, &link);
    phrases_next_epoch(d->phrases);
    judge_groups(d, now, true);
    ctx = context(d);
    (void)adoption_mark(d->adoption, &ctx, d->account, d->hubs);
    adopt(d, now, last ? INT64_MIN : d->regroup_ts);
    if (d->accused_count > 0)
        recall_learn(d->recall, &ctx.link, d->groups, d->account_used, now);
    recall_fade(d->recall, now);
    d->regroup_ts = now;
    d->next_regroup = now + d->config.regroup_ms;
}

static void tick(struct detector *d, msec_t now, bool last)
{
    d->tick++;
    d->count.ticks++;
    groups_set_time(d->groups, now);
    drain_dirty(d);
    population_tick(&d->population, d->account, d->account_used,
                    last ? d->account_used : d->account_used / POPULATION_TICKS + 1);
    if (now >= d->next_regroup || last)
        regroup(d, now, last);
    else if (d->tick % ADOPT_TICKS == 0)
        adopt(d, now, d->adopt_ts);
    judge_groups(d, now, last);
}

/* Which accounts are trusted is known with the first exchange: releases and accounts may be told
 * with dates long before it. What was counted until then is counted anew. */
static void settle_trust(struct detector *d)
{
    d->trusted_count = 0;
    hubs_forget_trust(d->hubs);
    for (uint32_t i = 0; i < d->account_used; i++) {
        const struct account *a = &d->account[i];

        if (!a->id || !account_trusted(a, d->trusted_before))
            continue;
        d->trusted_count++;
        for (unsigned k = 0; k < ACCOUNT_VALUES; k++)
            if (a->value[k])
                hubs_trust(d->hubs, a->value[k]);
    }
}

static void start(struct detector *d, msec_t ts)
{
    d->started = true;
    d->first = ts;
    d->now = ts;
    d->hour = ts - ts % MSEC_HOUR;
    d->next_tick = ts - ts % d->config.tick_ms + d->config.tick_ms;
    d->next_regroup = d->next_tick + d->config.regroup_ms;
    d->trusted_before = ts - (msec_t)(d->config.trusted_days * (double)MSEC_DAY);
    settle_trust(d);
}

static void advance(struct detector *d, msec_t ts)
{
    if (!d->started)
        start(d, ts);
    if (ts >= d->hour + MSEC_HOUR) {
        groups_hour(d->groups);
        d->hour = ts - ts % MSEC_HOUR;
    }
    for (unsigned k = 0; ts >= d->next_tick; k++) {
        if (k == TICKS_CAUGHT_UP) {
            d->next_tick = ts - ts % d->config.tick_ms + d->config.tick_ms;
            break;
        }
        tick(d, d->next_tick, false);
        d->next_tick += d->config.tick_ms;
    }
    d->now = ts;
}

static void feed_one(struct detector *d, const struct digest_batch *batch,
                     const struct arrival *arrival)
{
    const struct digest *e = arrival->e;
    uint32_t account = arrival->account;

    d->count.records++;
    if (d->started && e->ts < d->now) {
        d->count.late++;
        return;
    }
    if (d->started || e->type == RECORD_EXCHANGE)
        advance(d, e->ts);
    if (e->type == RECORD_RELEASE) {
        release_told(&d->releases, e->model, e->ts);
        return;
    }
    if (!e->account) {
        d->count.no_account++;
        return;
    }
    if (account == TABLE_NONE || d->account[account].id != e->account)
        account = table_find(d->index, e->account);
    if (account == TABLE_NONE)
        account = account_add(d, batch, e);
    if (e->type == RECORD_EXCHANGE)
        feed_exchange(d, account, batch, arrival);
    else if (e->type == RECORD_ACCOUNT)
        feed_account(d, account, batch, e);
    else if (e->type == RECORD_LABEL)
        feed_label(d, account, e);
    else if (e->type == RECORD_ACTION)
        feed_action(d, account, e);
}

static void prefetch_digest(const struct digest *e)
{
    for (size_t at = 0; at < sizeof *e; at += CACHE_LINE)
        __builtin_prefetch((const char *)e + at);
}

/* First of all what a record says itself is read. */
static void arrival_open(const struct detector *d, struct arrival *r, const struct digest *e)
{
    r->e = e;
    r->account = TABLE_NONE;
    r->fresh = r->spread = 0;
    r->phrase_count = 0;
    table_prefetch(d->index, e->account);
    if (!account_opener(e))
        return;
    r->phrase_count = content_phrases(&e->sketch, r->phrase, &r->prompt_count);
    repeat_prefetch(d->repeat, e->sketch.prompt);
    for (uint32_t i = 0; i < r->phrase_count; i++)
        phrases_prefetch(d->phrases, r->phrase[i]);
}

static void arrival_find(const struct detector *d, struct arrival *r)
{
    if (r->e->account)
        r->account = table_find(d->index, r->e->account);
    if (r->account == TABLE_NONE)
        return;
    prefetch_account(d, r->account);
    timelines_prefetch(d->timelines, r->account);
}

static void arrival_phrases(const struct detector *d, struct arrival *r)
{
    const struct account *a = &d->account[r->account];
    bool trusted = is_trusted(d, r->account);

    for (uint32_t i = 0; i < r->phrase_count; i++) {
        uint32_t phrase = r->phrase[i];

        if (content_known(a, phrase) || !phrases_spread(d->phrases, phrase, r->account, trusted))
            continue;
        r->spread |= 1u << i;
        hubs_prefetch_counted(d->hubs, phrase_value(phrase));
    }
}

/* A new value is looked for in tables that are far larger than caches. */
static void arrival_values(const struct detector *d, struct arrival *r)
{
    if (r->account == TABLE_NONE)
        return;
    arrival_phrases(d, r);
    for (unsigned k = 0; k < ATTRIBUTE_COUNT; k++) {
        uint64_t hash = r->e->attribute[k];

        if (!hash || !account_value_new(&d->account[r->account], k, hash))
            continue;
        r->fresh |= 1u << k;
        hubs_prefetch(d->hubs, value_pack(k, hash));
    }
}

static void arrival_hubs(const struct detector *d, const struct arrival *r)
{
    for (uint32_t left = r->fresh; left; left &= left - 1) {
        unsigned k = (unsigned)__builtin_ctz(left);

        hubs_prefetch_hub(d->hubs, value_pack(k, r->e->attribute[k]));
    }
    for (uint32_t left = r->spread; left; left &= left - 1)
        hubs_prefetch_hub(d->hubs, phrase_value(r->phrase[__builtin_ctz(left)]));
}

static void arrival_rosters(const struct detector *d, const struct arrival *r)
{
    for (uint32_t left = r->spread; left; left &= left - 1) {
        const struct hub *hub = hubs_find(d->hubs, phrase_value(r->phrase[__builtin_ctz(left)]));

        if (hub && wants_even(hub))
            evenness_prefetch(d->account, hub);
    }
}

static const struct digest *digest_at(const struct digest_batch *batch, const uint32_t *order,
                                      uint32_t i)
{
    return &batch->digest[order ? order[i] : i];
}

void detector_feed(struct detector *d, const struct digest_batch *batch, const uint32_t *order,
                   uint32_t count)
{
    struct arrival r[AHEAD];

    for (uint32_t from = 0; from < count; from += AHEAD) {
        uint32_t n = at_most(count - from, AHEAD);

        for (uint32_t i = 0; i < n; i++)
            arrival_open(d, &r[i], digest_at(batch, order, from + i));
        for (uint32_t i = 0; i < n; i++)
            arrival_find(d, &r[i]);
        for (uint32_t i = 0; i < n; i++)
            arrival_values(d, &r[i]);
        for (uint32_t i = 0; i < n; i++)
            arrival_hubs(d, &r[i]);
        for (uint32_t i = 0; i < n; i++)
            arrival_rosters(d, &r[i]);
        for (uint32_t i = 0; i < n; i++) {
            if (from + AHEAD + i < count)
                prefetch_digest(digest_at(batch, order, from + AHEAD + i));
            feed_one(d, batch, &r[i]);
        }
    }
}

void detector_finish(struct detector *d, msec_t now)
{
    if (!d->started)
        return;
    if (now > d->now)
        advance(d, now);
    groups_hour(d->groups);
    tick(d, d->now, true);
}

/* ---- what is told ---- */

bool detector_next_finding(struct detector *d, struct finding *out)
{
    if (d->finding_count == 0)
        return false;
    *out = d->finding[d->finding_first];
    d->finding_first = (d->finding_first + 1) % FINDINGS_MAX;
    d->finding_count--;
    return true;
}

uint32_t detector_account_count(const struct detector *d)
{
    return d->account_used;
}

/* The id; "#" and its hash when there was no room for it. */
static struct str account_name(const struct detector *d, const struct account *a)
{
    if (a->name)
        return names_get(d->names, a->name);
    (void)snprintf(d->nameless, NAMELESS_SIZE, "#%016" PRIx64, a->id);
    return str_of(d->nameless);
}

bool detector_account_view(const struct detector *d, uint32_t index, struct account_view *out)
{
    const struct account *a = &d->account[index];
    const struct judge_context ctx = context(d);
    struct judgement j;

    if (!a->id)
        return false;
    judge_account(&ctx, index, &j);
    out->account = account_name(d, a);
    out->score = logistic(j.log_odds);
    out->probability = probability_of(&d->config.account, d->config.base_rate, j.log_odds);
    out->level = j.level;
    out->cluster = a->cluster == ACCOUNT_NONE ? 0 : groups_get(d->groups, a->cluster)->id;
    out->exchanges = a->exchanges;
    out->exchanges_at_alert = a->exchanges_at_alert;
    out->first_ts = a->first_ts;
    out->last_ts = a->last_ts;
    out->alert_ts = a->alert_ts;
    out->evidence = j.evidence;
    return true;
}

void detector_account_timeline(const struct detector *d, uint32_t index, struct timeline *out)
{
    timelines_get(d->timelines, index, out);
}

_Static_assert((int)SHARED_VALUES_MAX == (int)CONTENT_SHOWN, "all that an account shows");

uint32_t detector_account_values(const struct detector *d, uint32_t index,
                                 struct shared_value out[SHARED_VALUES_MAX])
{
    const struct account *a = &d->account[index];
    const struct link_context ctx = link_context(d);
    uint32_t count = 0;

    for (uint32_t i = 0; i < SHARED_VALUES_MAX; i++) {
        uint64_t value = content_shown(a, i);
        const struct hub *hub = value ? hubs_find(d->hubs, value) : NULL;

        if (!hub)
            continue;
        out[count++] = (struct shared_value){
            .key = value,
            .kind = linkage_kind_name(value_kind(value)),
            .help = linkage_kind_help(value_kind(value)),
            .value = names_get(d->names, hub->name),
            .account_count = hub->accounts,
            .weight = linkage_weight(&ctx, hub),
        };
    }
    return count;
}

uint32_t detector_sharing(const struct detector *d, struct sharing_view out[SHARING_KINDS_MAX])
{
    uint32_t count = 0;

    for (unsigned kind = 0; kind < LINK_KIND_COUNT; kind++)
        out[count++] = (struct sharing_view){.kind = linkage_kind_name(kind)};
    for (uint32_t i = 0; i < hubs_used(d->hubs); i++) {
        const struct hub *hub = hubs_get(d->hubs, i);

        if (!hub->value)
            continue;
        for (uint32_t s = 0; s < SHARING_STEPS && hub->accounts >= (uint32_t)SHARING_FIRST << s;
             s++)
            out[value_kind(hub->value)].accounts[s] += hub->accounts;
    }
    return count;
}

/* Group slots by ascending id. Slots are few and ids mostly ascend with them, so insertion is fast.
 */
uint32_t detector_cluster_count(const struct detector *d)
{
    uint32_t count = 0;

    for (uint32_t slot = 0; slot < groups_used(d->groups); slot++) {
        uint64_t id = groups_get(d->groups, slot)->id;
        uint32_t at = count;

        if (!id)
            continue;
        for (; at > 0 && groups_get(d->groups, d->rank[at - 1])->id > id; at--)
            d->rank[at] = d->rank[at - 1];
        d->rank[at] = slot;
        count++;
    }
    return count;
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

void detector_cluster_view(const struct detector *d, uint32_t rank, struct cluster_view *out)
{
    const struct judge_context ctx = context(d);
    const struct group *group = groups_get(d->groups, d->rank[rank]);
    struct judgement j;
    uint32_t at = group->first;

    judge_group(&ctx, group, &j);
    for (uint32_t i = 0; i < group->member_count; i++, at = d->account[at].next)
        d->member[i] = at;
    qsort(d->member, group->member_count, sizeof *d->member, by_value);
    *out = (struct cluster_view){
        .cluster = group->id,
        .score = logistic(j.log_odds),
        .probability = probability_of(&d->config.cluster, d->config.base_rate, j.log_odds),
        .level = j.level,
        .verdict = verdict_name[j.verdict],
        .answers = j.answers,
        .member_count = group->member_count,
        .exchanges = j.exchanges,
        .exchanges_at_alert = group->alert_ts == INT64_MIN ? 0 : j.before_alert,
        .first_ts = j.first_ts,
        .last_ts = j.last_ts,
        .alert_ts = group->alert_ts,
        .member = d->member,
        .activity_hours = group->activity_hours,
        .activity_from = group->activity_from,
        .activity = group->activity,
        .past = group->past,
        .past_count = group->past_count,
    };
    out->evidence = j.evidence;
}

static double share(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : 0.0;
}

void detector_coverage(const struct detector *d, struct coverage *out)
{
    const struct fed *f = &d->fed;

    *out = (struct coverage){.share = {
                                 [FAMILY_prior] = 1.0,
                                 [FAMILY_payment] = share(f->payment, f->accounts),
                                 [FAMILY_network] = share(f->ip, f->exchanges),
                                 [FAMILY_client] = share(f->client, f->exchanges),
                                 [FAMILY_identity] = share(f->identity, f->accounts),
                                 [FAMILY_content] = share(f->text, f->exchanges),
                                 [FAMILY_worklist] = share(f->text, f->exchanges),
                                 [FAMILY_timing] = f->exchanges ? 1.0 : 0.0,
                                 [FAMILY_usage] = share(f->tokens, f->exchanges),
                                 [FAMILY_reuse] = share(f->reuse, f->exchanges),
                                 [FAMILY_innocence] = share(f->accounts, f->accounts),
                                 [FAMILY_membership] = f->exchanges ? 1.0 : 0.0,
                                 [FAMILY_memory] = recall_count(d->recall) > 0 ? 1.0 : 0.0,
                             }};
}

uint32_t detector_counter_count(void)
{
#define COUNTER_ONE(name, unit, help) +1
    return 0 DETECTOR_COUNTERS(COUNTER_ONE);
#undef COUNTER_ONE
}

void detector_counter(const struct detector *d, uint32_t index, struct counter_view *out)
{
    struct counts count = d->count;
    struct hub_counts hubs;
    struct group_counts groups;

    hubs_counts(d->hubs, &hubs);
    groups_counts(d->groups, &groups);
    count.hubs_evicted = hubs.evicted;
    count.phrases_forgotten = phrases_forgotten(d->phrases);
    count.values_forgotten = hubs.forgotten;
    count.names_dropped = names_dropped(d->names);
    count.links = groups.linked;
    count.groups_merged = groups.merged;
    count.groups_split = groups.split;
    count.links_refused = groups.refused;
    count.recalled = recall_count(d->recall);
    count.recalled_forgotten = recall_forgotten(d->recall);
    {
#define COUNTER_ROW(name, unit, help) {#name, unit, help, count.name},
        const struct counter_view rows[] = {DETECTOR_COUNTERS(COUNTER_ROW)};
#undef COUNTER_ROW

        *out = rows[index];
    }
}

struct recall *detector_recall(struct detector *d)
{
    return d->recall;
}

size_t detector_memory(const struct detector *d)
{
    return d->memory;
}

/* ---- for whoever keeps it over a restart --------------------------------------------------------
 */

void detector_state(struct detector *d, state_visit *visit, void *ctx)
{
    assert(d->finding_count == 0);
    table_state(d->index, visit, ctx);
    names_state(d->names, visit, ctx);
    hubs_state(d->hubs, visit, ctx);
    repeat_state(d->repeat, visit, ctx);
    phrases_state(d->phrases, visit, ctx);
    visit(ctx, d->account, (size_t)d->config.accounts_max * sizeof *d->account);
    groups_state(d->groups, visit, ctx);
    adoption_state(d->adoption, visit, ctx);
    recall_state(d->recall, visit, ctx);
    timelines_state(d->timelines, visit, ctx);
    visit(ctx, d->dirty, (size_t)DIRTY_MAX * sizeof *d->dirty);
    STATE_VISIT(d->account_used);
    STATE_VISIT(d->trusted_count);
    STATE_VISIT(d->dirty_count);
    STATE_VISIT(d->hand);
    STATE_VISIT(d->accused_count);
    STATE_VISIT(d->finding_id);
    STATE_VISIT(d->population);
    STATE_VISIT(d->releases);
    STATE_VISIT(d->first);
    STATE_VISIT(d->now);
    STATE_VISIT(d->next_tick);
    STATE_VISIT(d->next_regroup);
    STATE_VISIT(d->hour);
    STATE_VISIT(d->trusted_before);
    STATE_VISIT(d->tick);
    STATE_VISIT(d->regroup_ts);
    STATE_VISIT(d->adopt_ts);
    STATE_VISIT(d->started);
    STATE_VISIT(d->fed);
    STATE_VISIT(d->discovery);
    STATE_VISIT(d->count);
}

int detector_configure(struct detector *d, const struct detector_config *config, struct err *err)
{
    int r = detector_config_change(&d->config, config, err);

    if (r == 0) {
        d->config = *config;
        recall_set_half_life(d->recall, half_life_ms(config));
    }
    return r;
}

msec_t detector_next_tick(const struct detector *d)
{
    return d->started ? d->next_tick : INT64_MIN;
}

msec_t detector_now(const struct detector *d)
{
    return d->started ? d->now : INT64_MIN;
}

uint32_t detector_account_find(const struct detector *d, uint64_t account)
{
    return account ? table_find(d->index, account) : TABLE_NONE;
}

static enum level level_of(const struct detector_config *config, double score)
{
    return score >= config->act_score      ? LEVEL_ACT
           : score >= config->review_score ? LEVEL_REVIEW
           : score >= config->watch_score  ? LEVEL_WATCH
                                           : LEVEL_NONE;
}

void detector_flagged(const struct detector *d, enum level level,
                      void (*member)(void *ctx, uint32_t account, uint64_t cluster,
                                     enum level level, double score),
                      void *ctx)
{
    const struct judge_context judge = context(d);

    for (uint32_t slot = 0; slot < groups_used(d->groups); slot++) {
        const struct group *group = groups_get(d->groups, slot);
        uint32_t at = group->first;

        if (!group->id || group->level < level)
            continue;
        for (uint32_t i = 0; i < group->member_count; i++, at = d->account[at].next) {
            double score = logistic(judge_member_log_odds(&judge, group, &d->account[at]));
            enum level own = level_of(&d->config, score);

            if (own > group->level)
                own = group->level;
            if (own >= level)
                member(ctx, at, group->id, own, score);
        }
    }
}

uint64_t detector_ticks(const struct detector *d)
{
    return d->count.ticks;
}

uint64_t detector_account_id(const struct detector *d, uint32_t index)
{
    return d->account[index].id;
}

struct str detector_account_name(const struct detector *d, uint32_t index)
{
    return account_name(d, &d->account[index]);
}

uint64_t detector_layout(void)
{
    const uint64_t size[] = {sizeof(struct detector),
                             sizeof(struct account),
                             sizeof(struct group),
                             sizeof(struct hub),
                             DIRTY_MAX,
                             ACTIVITY_HOURS};
    uint64_t layout = 0;

    for (unsigned i = 0; i < sizeof size / sizeof size[0]; i++)
        layout = mix64(layout ^ size[i]);
    return layout;
}

void detector_levels(const struct detector *d, uint64_t count[LEVEL_ACT + 1])
{
    memset(count, 0, (LEVEL_ACT + 1) * sizeof *count);
    for (uint32_t slot = 0; slot < groups_used(d->groups); slot++) {
        const struct group *group = groups_get(d->groups, slot);

        count[group->level] += group->id != 0;
    }
}

uint32_t detector_cluster_rank(const struct detector *d, uint64_t cluster)
{
    uint32_t count = detector_cluster_count(d);

    for (uint32_t rank = 0; rank < count; rank++)
        if (groups_get(d->groups, d->rank[rank])->id == cluster)
            return rank;
    return UINT32_MAX;
}

void detector_cluster_brief(const struct detector *d, uint32_t rank, struct cluster_brief *out)
{
    const struct group *group = groups_get(d->groups, d->rank[rank]);

    *out = (struct cluster_brief){group->id, group->level, logistic(group->log_odds)};
}
