#include "adoption.h"

#include "base/pages.h"
#include "detector/content.h"

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
    uint32_t hub_max;
};

int adoption_new(uint32_t hubs_max, struct adoption **out)
{
    struct adoption *adoption = calloc(1, sizeof *adoption);

    if (!adoption)
        return -ENOMEM;
    adoption->hub_max = hubs_max;
    adoption->mark = pages_new((size_t)hubs_max * sizeof *adoption->mark);
    if (!adoption->mark) {
        free(adoption);
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

/* Only members with a link of their own bear witness: adopted ones would vouch for each other. */
static bool own_member(const struct account *a, uint32_t slot)
{
    return a->cluster == slot && !a->adopted;
}

/* The raised group that most of the roster is in, by majority vote, and what that says. */
static struct mark mark_of(const struct judge_context *ctx, const struct hub *hub)
{
    uint32_t known = hub->roster_seen < HUB_ROSTER ? hub->roster_seen : HUB_ROSTER;
    uint32_t candidate = ACCOUNT_NONE, votes = 0, members = 0;
    double weight;

    if (!hub->value || known < ROSTER_MIN)
        return (struct mark){0};
    for (uint32_t i = 0; i < known; i++) {
        uint32_t slot = ctx->account[hub->roster[i]].cluster;

        if (!raised(ctx, slot) || !own_member(&ctx->account[hub->roster[i]], slot))
            continue;
        if (votes == 0)
            candidate = slot;
        votes = slot == candidate ? votes + 1 : votes - 1;
    }
    if (candidate == ACCOUNT_NONE)
        return (struct mark){0};
    for (uint32_t i = 0; i < known; i++)
        members += own_member(&ctx->account[hub->roster[i]], candidate);
    weight = log((members + 0.5) / (known - members + 0.5)) - prior(ctx, candidate);
    return (struct mark){weight > 0.0 ? candidate + 1 : 0, (float)weight};
}

bool adoption_mark(struct adoption *adoption, const struct judge_context *ctx)
{
    bool any = false;

    for (uint32_t slot = 0; slot < groups_used(ctx->groups); slot++) {
        struct group *group = groups_get(ctx->groups, slot);

        group->marked = group->id && raised(ctx, slot);
        any |= group->marked;
    }
    if (!any)
        return false;
    for (uint32_t i = 0; i < hubs_used(ctx->link.hubs); i++)
        adoption->mark[i] = mark_of(ctx, hubs_get(ctx->link.hubs, i));
    return true;
}

/* What an account's values say for the group they point to first. */
struct vote {
    uint32_t group; /* slot + 1 */
    double family[FAMILY_COUNT];
    double content_best, content_rest;
};

static void vote(const struct adoption *adoption, const struct judge_context *ctx, uint64_t value,
                 struct vote *v)
{
    uint32_t hub = hubs_index(ctx->link.hubs, value);
    const struct mark *mark = hub == HUB_NONE ? NULL : &adoption->mark[hub];
    enum signal_family f = linkage_family(value_kind(value));

    if (f == FAMILY_usage) /* habitual parameters are the client program's */
        f = FAMILY_client;
    if (!(ctx->config->families >> f & 1) || !mark || !mark->group || !raised(ctx, mark->group - 1))
        return;
    if (!v->group)
        v->group = mark->group;
    if (v->group != mark->group)
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

/* Reads the account's values. */
static void votes_read(const struct adoption *adoption, const struct judge_context *ctx,
                       const struct account *a, struct vote *v)
{
    for (unsigned i = 0; i < ACCOUNT_ITEMS; i++)
        if (a->item[i] && content_holds(a, i))
            vote(adoption, ctx, value_pack(LINK_ITEM, item_hash(a->item[i])), v);
    for (unsigned i = 0; i < ACCOUNT_VALUES; i++)
        if (a->value[i])
            vote(adoption, ctx, a->value[i], v);
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

uint32_t adoption_find(const struct adoption *adoption, const struct judge_context *ctx,
                       const struct account *a)
{
    struct vote v = {0};
    unsigned families;
    double sum;

    votes_read(adoption, ctx, a, &v);
    if (!v.group)
        return ACCOUNT_NONE;
    sum = votes_sum(ctx, &v, &families);
    if (families < FAMILIES_MIN || sum < 0.0)
        return ACCOUNT_NONE;
    sum += judge_fit(ctx, groups_get(ctx->groups, v.group - 1), a);
    return sum >= ADOPT_MIN ? v.group - 1 : ACCOUNT_NONE;
}

double adoption_log_odds(const struct adoption *adoption, const struct judge_context *ctx,
                         const struct account *a)
{
    struct vote v = {.group = a->cluster + 1};
    unsigned families;

    votes_read(adoption, ctx, a, &v);
    return votes_sum(ctx, &v, &families) + judge_fit(ctx, groups_get(ctx->groups, a->cluster), a);
}

size_t adoption_memory(const struct adoption *adoption)
{
    return sizeof *adoption + (size_t)adoption->hub_max * sizeof *adoption->mark;
}

void adoption_state(struct adoption *adoption, state_visit *visit, void *ctx)
{
    visit(ctx, adoption->mark, (size_t)adoption->hub_max * sizeof *adoption->mark);
}
