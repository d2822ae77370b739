#include "adoption.h"

#include "base/pages.h"
#include "detector/content.h"
#include "detector/evenness.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { ROSTER_MIN = 4, FAMILIES_MIN = 2 };

/* Caps in nats: one family never suffices, and one value of the content family does not either. */
static const double FAMILY_CAP = 4.0, CONTENT_CAP = 6.0, FURTHER = 1.0 / 3.0, ADOPT_MIN = 6.5,
                    FAMILY_MIN = 1.5;

struct mark {
    uint32_t group; /* slot + 1; 0: the value points nowhere */
    float weight;   /* ln P(value | member) / P(value | not), nats */
};

struct adoption {
    struct mark *mark; /* by hub */
    uint32_t *member;  /* by account: of which raised group, member_pack(); only while values are
                          marked. Rosters are read by the million, and accounts lie apart */
    uint32_t hub_max, account_max;
};

int adoption_new(uint32_t hubs_max, uint32_t accounts_max, struct adoption **out)
{
    struct adoption *adoption = calloc(1, sizeof *adoption);

    if (!adoption)
        return -ENOMEM;
    adoption->hub_max = hubs_max;
    adoption->account_max = accounts_max;
    adoption->mark = pages_new((size_t)hubs_max * sizeof *adoption->mark);
    adoption->member = pages_new((size_t)accounts_max * sizeof *adoption->member);
    if (!adoption->mark || !adoption->member) {
        adoption_free(adoption);
        return -ENOMEM;
    }
    *out = adoption;
    return 0;
}

void adoption_free(struct adoption *adoption)
{
    if (!adoption)
        return;
    pages_free(adoption->mark, (size_t)adoption->hub_max * sizeof *adoption->mark);
    pages_free(adoption->member, (size_t)adoption->account_max * sizeof *adoption->member);
    free(adoption);
}

static bool raised(const struct judge_context *ctx, uint32_t slot)
{
    return slot != ACCOUNT_NONE && groups_get(ctx->groups, slot)->level >= LEVEL_REVIEW;
}

/* Log of the odds that an account drawn at random is a member. */
static double prior(const struct judge_context *ctx, uint32_t slot)
{
    double members = groups_get(ctx->groups, slot)->member_count;
    double others = (double)ctx->link.account_count - members;

    return log(members / (others > 1.0 ? others : 1.0));
}

/* A group's slot, and whether the account was adopted. 0: a member of none. */
static uint32_t member_pack(uint32_t slot, bool adopted)
{
    return (slot + 1) << 1 | adopted;
}

/* The slot, or ACCOUNT_NONE. */
static uint32_t member_of(const struct adoption *adoption, uint32_t account)
{
    uint32_t member = adoption->member[account];

    return member ? (member >> 1) - 1 : ACCOUNT_NONE;
}

/* The slot, or ACCOUNT_NONE. Only members with a link of their own bear witness: adopted ones would
 * vouch for each other. */
static uint32_t witness_of(const struct adoption *adoption, uint32_t account)
{
    return adoption->member[account] & 1 ? ACCOUNT_NONE : member_of(adoption, account);
}

static void members_set(struct adoption *adoption, const struct judge_context *ctx, uint32_t slot,
                        bool known)
{
    const struct group *group = groups_get(ctx->groups, slot);
    uint32_t at = group->first;

    for (uint32_t i = 0; i < group->member_count; i++, at = ctx->account[at].next)
        adoption->member[at] = known ? member_pack(slot, ctx->account[at].adopted) : 0;
}

/* The raised group that most of the roster is in, by majority vote, and what that says. */
static struct mark mark_of(const struct adoption *adoption, const struct judge_context *ctx,
                           const struct hub *hub)
{
    uint32_t known = hub_known(hub);
    uint32_t candidate = ACCOUNT_NONE, votes = 0, members = 0;
    double weight;

    if (!hub->value || known < ROSTER_MIN)
        return (struct mark){0};
    if (value_kind(hub->value) == LINK_ITEM && linkage_ordinary(&ctx->link, hub) &&
        !linkage_even(hub) && !linkage_collected(hub))
        return (struct mark){0};
    for (uint32_t i = 0; i < known; i++) {
        uint32_t slot = witness_of(adoption, hub->roster[i]);

        if (slot == ACCOUNT_NONE)
            continue;
        if (votes == 0)
            candidate = slot;
        votes = slot == candidate ? votes + 1 : votes - 1;
    }
    if (candidate == ACCOUNT_NONE)
        return (struct mark){0};
    for (uint32_t i = 0; i < known; i++)
        members += witness_of(adoption, hub->roster[i]) == candidate;
    weight = log((members + 0.5) / (known - members + 0.5)) - prior(ctx, candidate);
    return (struct mark){weight > 0.0 ? candidate + 1 : 0, (float)weight};
}

/* What an account's values say for a group. */
struct vote {
    const struct adoption *adoption;
    const struct judge_context *ctx;
    uint32_t group; /* slot + 1 */
    double family[FAMILY_COUNT];
    double content_best, content_rest;
};

static const struct mark *mark_get(const struct adoption *adoption, const struct judge_context *ctx,
                                   uint64_t value)
{
    uint32_t hub = hubs_index(ctx->link.hubs, value);
    const struct mark *mark = hub == HUB_NONE ? NULL : &adoption->mark[hub];

    return mark && mark->group && raised(ctx, mark->group - 1) ? mark : NULL;
}

/* Calls `see` for each value that the account shows. */
static void each_value(const struct account *a, void (*see)(void *to, uint64_t value), void *to)
{
    for (unsigned i = 0; i < ACCOUNT_ITEMS; i++)
        if (a->item[i] && content_holds(a, i))
            see(to, value_pack(LINK_ITEM, item_hash(a->item[i])));
    for (unsigned i = 0; i < ACCOUNT_VALUES; i++)
        if (a->value[i])
            see(to, a->value[i]);
}

/* The groups that an account's values point to, and the sum of what each says. */
enum { CANDIDATES = 8 };
struct candidates {
    const struct adoption *adoption;
    const struct judge_context *ctx;
    uint32_t count;
    uint32_t group[CANDIDATES]; /* slot + 1 */
    double weight[CANDIDATES];
};

static void candidate_see(void *to, uint64_t value)
{
    struct candidates *c = to;
    const struct mark *mark = mark_get(c->adoption, c->ctx, value);
    uint32_t i = 0;

    if (!mark)
        return;
    while (i < c->count && c->group[i] != mark->group)
        i++;
    if (i == CANDIDATES)
        return;
    if (i == c->count) {
        c->group[c->count++] = mark->group;
        c->weight[i] = 0.0;
    }
    c->weight[i] += (double)mark->weight;
}

/* The group that most points to, as slot + 1; 0: none. */
static uint32_t candidate_of(const struct adoption *adoption, const struct judge_context *ctx,
                             const struct account *a)
{
    struct candidates c = {.adoption = adoption, .ctx = ctx};
    uint32_t best = 0;

    each_value(a, candidate_see, &c);
    for (uint32_t i = 1; i < c.count; i++)
        if (c.weight[i] > c.weight[best])
            best = i;
    return c.count ? c.group[best] : 0;
}

static void vote_see(void *to, uint64_t value)
{
    struct vote *v = to;
    const struct mark *mark = mark_get(v->adoption, v->ctx, value);
    enum signal_family f = linkage_family(value_kind(value));

    if (f == FAMILY_usage) /* habitual parameters are the client program's */
        f = FAMILY_client;
    if (!(v->ctx->config->families >> f & 1) || !mark || v->group != mark->group)
        return;
    if (f != FAMILY_content) {
        if (mark->weight > v->family[f])
            v->family[f] = mark->weight;
    } else if (mark->weight > v->content_best) {
        v->content_rest += v->content_best;
        v->content_best = mark->weight;
    } else {
        v->content_rest += mark->weight;
    }
}

/* The log-odds without the fit; *families that say something. */
static double votes_sum(const struct judge_context *ctx, const struct vote *v, unsigned *families)
{
    double content = clamp(v->content_best, 0.0, FAMILY_CAP) + FURTHER * v->content_rest;
    double sum = prior(ctx, v->group - 1) + clamp(content, 0.0, CONTENT_CAP);

    *families = v->content_best >= FAMILY_MIN;
    for (unsigned f = 0; f < FAMILY_COUNT; f++) {
        sum += clamp(v->family[f], 0.0, FAMILY_CAP);
        *families += v->family[f] >= FAMILY_MIN;
    }
    return sum;
}

static double log_odds_of(const struct adoption *adoption, const struct judge_context *ctx,
                          const struct account *a)
{
    struct vote v = {.adoption = adoption, .ctx = ctx, .group = a->cluster + 1};
    unsigned families;

    each_value(a, vote_see, &v);
    return votes_sum(ctx, &v, &families) + judge_fit(ctx, groups_get(ctx->groups, a->cluster), a);
}

/* What the number of links says: log-likelihood ratios of members against honest accounts that have
 * something in common with some of them, rounded, on validation traffic (2,813 members, 109
 * others). A member meets its like wherever it looks. */
static const double by_links[] = {-1.5, -1.5, -1.5, -1.0, -0.5, 2.0, 2.0};
_Static_assert(sizeof by_links / sizeof *by_links == ACCOUNT_LINKS + 1, "for each number of links");

/* By what they show, nine of ten such accounts reach 9 to 12 nats, nine of ten members 8 to 18, by
 * how much their group has in common: so much less than the members' mean is asked for. */
static const double SURE_BELOW = 10.5, SURE_LEAST = -1.0, SURE_MOST = 7.5;

enum { STANDING_MIN = 16 };

static void standing_read(const struct adoption *adoption, const struct judge_context *ctx,
                          struct account *account, struct group *group)
{
    uint32_t at = group->first;

    group->shown = (struct feature_stat){0};
    for (uint32_t i = 0; i < group->member_count; i++, at = account[at].next) {
        struct account *a = &account[at];

        a->shown = (float)log_odds_of(adoption, ctx, a);
        if (!a->adopted)
            feature_stat_add(&group->shown, (double)a->shown);
    }
}

double adoption_standing(const struct adoption *adoption, const struct judge_context *ctx,
                         const struct account *a)
{
    const struct feature_stat *shown = &groups_get(ctx->groups, a->cluster)->shown;
    double standing = isnan(a->shown) ? log_odds_of(adoption, ctx, a) : (double)a->shown;

    if (shown->count < STANDING_MIN) /* in a small group nobody has many links */
        return standing - SURE_LEAST;
    return standing + by_links[a->adopted ? 0 : a->link_count] -
           clamp(shown->mean - SURE_BELOW, SURE_LEAST, SURE_MOST);
}

/* How likely the account is trusted: of its group, since of a roster's few it would be chance. */
static double trusted_part(const struct judge_context *ctx, const struct account *a)
{
    const struct group_profile *profile;

    if (a->cluster == ACCOUNT_NONE)
        return account_trusted(a, ctx->trusted_before);
    profile = &groups_get(ctx->groups, a->cluster)->profile;
    return profile->members ? (double)profile->trusted / profile->members
                            : account_trusted(a, ctx->trusted_before);
}

/* How much of the roster is explained. */
static void explained_read(const struct judge_context *ctx, struct hubs *hubs, uint32_t i)
{
    const struct hub *hub = hubs_get(hubs, i);
    uint32_t known = hub_known(hub);
    double explained = 0.0, trusted = 0.0;
    struct evenness even;

    if (!hub->value ||
        (value_kind(hub->value) != LINK_ITEM && value_kind(hub->value) != LINK_PROGRAM))
        return;
    for (uint32_t k = 0; k < known; k++) {
        const struct account *a = &ctx->account[hub->roster[k]];

        if (!a->id || !account_explained(a))
            continue;
        explained += 1.0;
        trusted += trusted_part(ctx, a);
    }
    hubs_set_explained(hubs, i, explained / known, trusted / known);
    if (explained > 0.0 && (linkage_even(hub) || linkage_collected(hub))) {
        even = evenness_of(ctx->population, ctx->account, hub);
        hubs_set_even(hubs, i, even.all, even.collectors);
    }
}

bool adoption_mark(struct adoption *adoption, const struct judge_context *ctx,
                   struct account *account, struct hubs *hubs)
{
    bool any = false;

    for (uint32_t slot = 0; slot < groups_used(ctx->groups); slot++) {
        struct group *group = groups_get(ctx->groups, slot);

        group->marked = group->id && raised(ctx, slot);
        any |= group->marked;
        if (group->marked)
            members_set(adoption, ctx, slot, true);
    }
    if (!any)
        return false;
    for (uint32_t i = 0; i < hubs_used(ctx->link.hubs); i++) {
        explained_read(ctx, hubs, i);
        adoption->mark[i] = mark_of(adoption, ctx, hubs_get(ctx->link.hubs, i));
    }
    for (uint32_t slot = 0; slot < groups_used(ctx->groups); slot++) {
        if (!groups_get(ctx->groups, slot)->marked)
            continue;
        members_set(adoption, ctx, slot, false);
        standing_read(adoption, ctx, account, groups_get(ctx->groups, slot));
    }
    return true;
}

/* Values lie anywhere in tables that are far larger than caches: all are fetched, then used. */
static void index_prefetch(void *to, uint64_t value)
{
    const struct vote *v = to;

    hubs_prefetch_counted(v->ctx->link.hubs, value);
}

static void mark_prefetch(void *to, uint64_t value)
{
    const struct vote *v = to;
    uint32_t hub = hubs_index(v->ctx->link.hubs, value);

    if (hub != HUB_NONE)
        __builtin_prefetch(&v->adoption->mark[hub]);
}

uint32_t adoption_find(const struct adoption *adoption, const struct judge_context *ctx,
                       const struct account *a)
{
    struct vote v = {.adoption = adoption, .ctx = ctx};
    unsigned families;
    double sum;

    each_value(a, index_prefetch, &v);
    each_value(a, mark_prefetch, &v);
    v.group = candidate_of(adoption, ctx, a);
    if (!v.group)
        return ACCOUNT_NONE;
    each_value(a, vote_see, &v);
    sum = votes_sum(ctx, &v, &families);
    if (families < FAMILIES_MIN || sum < 0.0)
        return ACCOUNT_NONE;
    sum += judge_fit(ctx, groups_get(ctx->groups, v.group - 1), a);
    return sum >= ADOPT_MIN ? v.group - 1 : ACCOUNT_NONE;
}

size_t adoption_memory(const struct adoption *adoption)
{
    return sizeof *adoption + (size_t)adoption->hub_max * sizeof *adoption->mark +
           (size_t)adoption->account_max * sizeof *adoption->member;
}

void adoption_state(struct adoption *adoption, state_visit *visit, void *ctx)
{
    visit(ctx, adoption->mark, (size_t)adoption->hub_max * sizeof *adoption->mark);
}
