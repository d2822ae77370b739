/* What happens to accounts and how their operator answers: enforcement, rest, replacement, standby
 * pools. A seat's story is a chain of lives; each is found from the one before, from the seat's
 * seed and the schedule alone, so that nothing is shared between seats while the world runs. */
#pragma once

#include "base/errmsg.h"
#include "sim/identity.h"
#include "sim/law.h"

enum { POOLS_MAX = 8 };

/* How a life ends. */
enum life_end { LIFE_RUNS_OUT, LIFE_RESTS, LIFE_IS_HIT, LIFE_IS_ACTED_ON };

/* One stretch of an account's activity; a restored or limited account has several. */
struct life {
    msec_t created, from, until; /* active in [from, until) */
    msec_t first;                /* first activity of the account: `from` of its first life */
    msec_t limited_until;        /* under a limit before this time */
    uint32_t generation;
    uint32_t hit;        /* LIFE_IS_HIT: row of the schedule that ends it */
    msec_t action_until; /* LIFE_IS_ACTED_ON: until when `action` lasts; INT64_MAX: for good */
    uint8_t action;      /* enum action */
    uint8_t end;         /* enum life_end */
    uint8_t restored;    /* it begins with a `restore` action */
};

/* An enforcement of the cohort, in time order. */
struct hit {
    msec_t at, spread;
    double share;
    enum action action;
    uint32_t pool;
    uint64_t salt;
};

struct reaction_plan {
    const struct cohort *cohort;
    const struct law_table *half_normal;
    struct span active; /* of the cohort */
    struct span scenario;
    struct hit *hit;
    uint32_t hit_count;
    msec_t standby[POOLS_MAX]; /* when each pool takes over; [0]: from the start */
    msec_t life_max;           /* an account is used for this long; INT64_MAX: no limit */
};

/* 0, or -ENOMEM. */
int reaction_plan_init(struct reaction_plan *plan, const struct scenario *scenario,
                       const struct cohort *cohort, uint64_t cohort_seed,
                       const struct law_table *half_normal);
void reaction_plan_deinit(struct reaction_plan *plan);

/* The seat's first life. It may be empty (from >= until), but is the seat's first account anyway.
 */
void life_first(const struct reaction_plan *plan, const struct person *person, struct life *life);

/* ---- Closed loop: what is done to accounts while the world runs, between windows ----
 *
 * `at` is never before what has been lived already. */

/* The action ends this life at `at` and lasts until *until, which a challenge sets itself (its
 * answer takes hours). False: the life is over before. */
bool life_act(const struct person *person, struct life *life, enum action action, msec_t at,
              msec_t *until);
/* A closed or suspended account is given back at `at`. False: the cohort has ended. */
bool life_revive(const struct reaction_plan *plan, const struct person *person, struct life *life,
                 msec_t at);
/* The limit on how long accounts are used has changed: this life may end sooner, within hours. */
void life_shorten(const struct reaction_plan *plan, const struct person *person, struct life *life,
                  msec_t now);
/* Which pool a seat is in, and how many seats a pool has. */
uint32_t reaction_pool(const struct cohort *cohort, uint32_t index);
uint32_t reaction_pool_size(const struct cohort *cohort, uint32_t pool);
/* A standby pool takes over some time after `now`, unless it has already. True: it does, and the
 * first lives of its seats are to be found again. */
bool reaction_failover(struct reaction_plan *plan, uint64_t cohort_seed, uint32_t pool, msec_t now);

/* The life after this one; `person` is the seat of generation 0. False: the seat is done. */
bool life_next(const struct reaction_plan *plan, const struct person *person, struct life *life);
