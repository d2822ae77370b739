#include "reaction.h"

#include <errno.h>
#include <stdlib.h>

enum {
    SALT_BEGIN = 0x201,
    SALT_SETTLE,
    SALT_REST,
    SALT_REPLACE,
    SALT_DELAY,
    SALT_FAILOVER,
    SALT_HIT,
    SALT_WHEN,
    SALT_PAUSE,
    SALT_CHALLENGE,
    SALT_SHORTEN,
};

/* Assumptions, where nothing is published (campaigns.md, section 5): an account is first used some
 * minutes after its creation, a challenge is answered within hours, a limit lasts a day. */
static const msec_t SETTLE_MIN = 1 * MSEC_MINUTE, SETTLE_MAX = 30 * MSEC_MINUTE;
static const msec_t CHALLENGE_MIN = 10 * MSEC_MINUTE, CHALLENGE_MAX = 4 * MSEC_HOUR;
static const msec_t LIMIT_LASTS = MSEC_DAY;             /* of scheduled ones */
static const msec_t FAILOVER_SPREAD = 15 * MSEC_MINUTE; /* a standby pool starts within it */

static uint64_t salted(const struct person *p, uint32_t generation, uint64_t salt)
{
    return mix64(p->seat_seed ^ mix64(salt ^ (uint64_t)generation << 32));
}

static msec_t between(msec_t low, msec_t high, uint64_t bits)
{
    return low + (msec_t)(law_unit(bits) * (double)(high - low));
}

static int hit_order(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;

    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return (x->salt > y->salt) - (x->salt < y->salt);
}

static bool ends_account(enum action action)
{
    return action == ACTION_SUSPEND || action == ACTION_BAN;
}

/* A standby pool takes over once accounts of the pool before it have been closed. */
static void standby_find(struct reaction_plan *plan, uint64_t cohort_seed)
{
    const struct reaction_part *part = &plan->cohort->reaction;

    plan->standby[0] = plan->active.from;
    for (uint32_t pool = 1; pool < POOLS_MAX; pool++) {
        plan->standby[pool] = INT64_MAX;
        for (uint32_t i = 0; i < plan->hit_count; i++) {
            const struct hit *h = &plan->hit[i];
            double delay_s;

            if (!ends_account(h->action) || (h->pool != UINT32_MAX && h->pool != pool - 1) ||
                plan->standby[pool - 1] == INT64_MAX || h->at < plan->standby[pool - 1])
                continue;
            delay_s = law_size(plan->half_normal, &part->failover_delay_s, 0.0, 1.0,
                               mix64(cohort_seed ^ mix64(SALT_FAILOVER + pool)));
            plan->standby[pool] = h->at + h->spread + (msec_t)(delay_s * MSEC_SECOND);
            break;
        }
    }
}

int reaction_plan_init(struct reaction_plan *plan, const struct scenario *scenario,
                       const struct cohort *cohort, uint64_t cohort_seed,
                       const struct law_table *half_normal)
{
    const struct tempo_part *tempo = &cohort->tempo;
    msec_t from = scenario->start + (msec_t)(tempo->from_day * MSEC_DAY);
    msec_t to = scenario->start + (msec_t)(tempo->to_day * MSEC_DAY);

    plan->cohort = cohort;
    plan->life_max = INT64_MAX;
    plan->half_normal = half_normal;
    plan->scenario = (struct span){scenario->start, scenario->end};
    if (to <= from || to > scenario->end)
        to = scenario->end;
    plan->active = (struct span){from < to ? from : to, to};
    plan->hit = calloc(scenario->enforcement_count + 1, sizeof *plan->hit);
    if (!plan->hit)
        return -ENOMEM;
    for (uint32_t i = 0; i < scenario->enforcement_count; i++) {
        const struct enforcement *e = &scenario->enforcement[i];

        if (&scenario->cohort[e->cohort] != cohort)
            continue;
        plan->hit[plan->hit_count] =
            (struct hit){e->at, e->spread_ms, e->share, e->action, e->pool, plan->hit_count};
        plan->hit_count++;
    }
    qsort(plan->hit, plan->hit_count, sizeof *plan->hit, hit_order);
    standby_find(plan, cohort_seed);
    return 0;
}

void reaction_plan_deinit(struct reaction_plan *plan)
{
    free(plan->hit);
}

uint32_t reaction_pool(const struct cohort *c, uint32_t index)
{
    uint32_t pools = c->reaction.pool_count < POOLS_MAX ? c->reaction.pool_count : POOLS_MAX;

    return pools > 1 ? (uint32_t)((uint64_t)index * pools / c->account_count) : 0;
}

/* When the row reaches this seat, or INT64_MAX. */
static msec_t hit_time(const struct reaction_plan *plan, const struct person *p, uint32_t row)
{
    const struct hit *h = &plan->hit[row];

    if ((h->pool != UINT32_MAX && h->pool != reaction_pool(plan->cohort, p->index)) ||
        law_unit(salted(p, row, SALT_HIT)) >= h->share)
        return INT64_MAX;
    return between(h->at, h->at + h->spread, salted(p, row, SALT_WHEN));
}

/* Sets until, end and hit from what comes first: the cohort's end, rest, or enforcement. */
static void life_bound(const struct reaction_plan *plan, const struct person *p, struct life *life)
{
    const struct size_law *law = &plan->cohort->tempo.life_days;

    life->until = plan->active.to;
    life->end = LIFE_RUNS_OUT;
    if (life->from >= life->until) {
        life->from = life->until;
        return;
    }
    if (law->max > 0.0) {
        double days =
            law_size(plan->half_normal, law, 0.0, 1.0, salted(p, life->generation, SALT_REST));
        msec_t rest = life->from + (msec_t)(days * MSEC_DAY);

        if (rest < life->until) {
            life->until = rest;
            life->end = LIFE_RESTS;
        }
    }
    if (plan->life_max < life->until - life->from) {
        life->until = life->from + plan->life_max;
        life->end = LIFE_RESTS;
    }
    for (uint32_t row = 0; row < plan->hit_count; row++) {
        msec_t t = hit_time(plan, p, row);

        if (plan->hit[row].action == ACTION_RESTORE || t <= life->from || t >= life->until)
            continue;
        life->until = t;
        life->end = LIFE_IS_HIT;
        life->hit = row;
    }
}

void life_first(const struct reaction_plan *plan, const struct person *p, struct life *life)
{
    const struct cohort *c = plan->cohort;
    uint32_t pool = reaction_pool(c, p->index);
    msec_t begin = plan->active.from + (msec_t)(law_unit(salted(p, 0, SALT_BEGIN)) *
                                                c->tempo.start_spread_days * MSEC_DAY);

    *life = (struct life){.limited_until = INT64_MIN};
    life->created = identity_created(p, plan->active, plan->scenario.from);
    life->from = life->created + between(SETTLE_MIN, SETTLE_MAX, salted(p, 0, SALT_SETTLE));
    if (life->from < begin)
        life->from = begin;
    if (pool > 0 && plan->standby[pool] == INT64_MAX)
        life->from = INT64_MAX;
    else if (pool > 0 && life->from < plan->standby[pool])
        life->from = plan->standby[pool] + between(0, FAILOVER_SPREAD, salted(p, 0, SALT_FAILOVER));
    life->first = life->from;
    life_bound(plan, p, life);
}

/* Another account takes the seat, or nobody. */
static bool life_replace(const struct reaction_plan *plan, const struct person *p,
                         struct life *life)
{
    const struct reaction_part *part = &plan->cohort->reaction;
    double delay_s = law_size(plan->half_normal, &part->replace_delay_s, 0.0, 1.0,
                              salted(p, life->generation, SALT_DELAY));
    msec_t created = life->until + (msec_t)(delay_s * MSEC_SECOND) + 1;

    if (law_unit(salted(p, life->generation, SALT_REPLACE)) >= part->replace_share ||
        created >= plan->active.to)
        return false;
    life->generation++;
    life->created = created;
    life->from =
        life->created + between(SETTLE_MIN, SETTLE_MAX, salted(p, life->generation, SALT_SETTLE));
    life->first = life->from;
    life_bound(plan, p, life);
    return true;
}

/* A suspended account that was not replaced may be given back. */
static bool life_restore(const struct reaction_plan *plan, const struct person *p,
                         struct life *life)
{
    msec_t first = INT64_MAX;

    for (uint32_t row = 0; row < plan->hit_count; row++) {
        msec_t t = hit_time(plan, p, row);

        if (plan->hit[row].action == ACTION_RESTORE && t > life->until && t < first)
            first = t;
    }
    if (first >= plan->active.to)
        return false;
    life->from = first;
    life->restored = 1;
    life_bound(plan, p, life);
    return true;
}

/* After an action of a closed loop. */
static bool life_after_action(const struct reaction_plan *plan, const struct person *p,
                              struct life *life)
{
    const struct reaction_part *part = &plan->cohort->reaction;
    msec_t until = life->action_until;

    switch ((enum action)life->action) {
    case ACTION_LIMIT:
        life->from = life->until;
        life->limited_until = until;
        break;
    case ACTION_CHALLENGE:
        if (law_unit(salted(p, life->generation, SALT_CHALLENGE)) >= part->challenge_share)
            return life_replace(plan, p, life);
        life->from = until;
        break;
    case ACTION_SUSPEND:
        if (life_replace(plan, p, life))
            return true;
        if (until >= plan->active.to)
            return false;
        life->from = until;
        life->restored = 1;
        break;
    default: return life_replace(plan, p, life);
    }
    life_bound(plan, p, life);
    return true;
}

bool life_act(const struct person *p, struct life *life, enum action action, msec_t at,
              msec_t *until)
{
    if (at >= life->until)
        return false;
    if (action == ACTION_CHALLENGE)
        *until = at + between(CHALLENGE_MIN, CHALLENGE_MAX,
                              salted(p, life->generation, SALT_PAUSE ^ (uint64_t)at << 8));
    life->until = at;
    life->end = LIFE_IS_ACTED_ON;
    life->action = (uint8_t)action;
    life->action_until = *until;
    return true;
}

bool life_revive(const struct reaction_plan *plan, const struct person *p, struct life *life,
                 msec_t at)
{
    if (at >= plan->active.to)
        return false;
    life->from = at;
    life->restored = 1;
    life->limited_until = INT64_MIN;
    life_bound(plan, p, life);
    return true;
}

void life_shorten(const struct reaction_plan *plan, const struct person *p, struct life *life,
                  msec_t now)
{
    msec_t end;

    if (plan->life_max == INT64_MAX || life->end == LIFE_IS_ACTED_ON)
        return;
    end = life->from + plan->life_max;
    if (end < now) /* overdue: not all on the same moment */
        end = now + between(0, plan->life_max / 4, salted(p, life->generation, SALT_SHORTEN));
    if (end >= life->until)
        return;
    life->until = end;
    life->end = LIFE_RESTS;
}

uint32_t reaction_pool_size(const struct cohort *c, uint32_t pool)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < c->account_count; i++)
        count += reaction_pool(c, i) == pool;
    return count;
}

bool reaction_failover(struct reaction_plan *plan, uint64_t cohort_seed, uint32_t pool, msec_t now)
{
    double delay_s;
    msec_t at;

    if (pool >= POOLS_MAX || pool >= plan->cohort->reaction.pool_count)
        return false;
    delay_s = law_size(plan->half_normal, &plan->cohort->reaction.failover_delay_s, 0.0, 1.0,
                       mix64(cohort_seed ^ mix64(SALT_FAILOVER + pool)));
    at = now + (msec_t)(delay_s * MSEC_SECOND);
    if (plan->standby[pool] <= at)
        return false; /* a scheduled ban has called it before */
    plan->standby[pool] = at;
    return true;
}

bool life_next(const struct reaction_plan *plan, const struct person *p, struct life *life)
{
    enum action action = life->end == LIFE_IS_HIT ? plan->hit[life->hit].action : ACTION_NONE;

    life->restored = 0;
    life->limited_until = INT64_MIN;
    if (life->end == LIFE_RUNS_OUT)
        return false;
    if (life->end == LIFE_IS_ACTED_ON)
        return life_after_action(plan, p, life);
    if (life->end == LIFE_RESTS || ends_account(action))
        return life_replace(plan, p, life) ||
               (action == ACTION_SUSPEND && life_restore(plan, p, life));
    life->from = life->until;
    if (action == ACTION_LIMIT)
        life->limited_until = life->until + LIMIT_LASTS;
    else
        life->from += between(CHALLENGE_MIN, CHALLENGE_MAX, salted(p, life->hit, SALT_PAUSE));
    life_bound(plan, p, life);
    return true;
}
