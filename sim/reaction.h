/* What happens to accounts and how their operator answers: enforcement, rest, replacement, standby
 * pools. A seat's story is a chain of lives; each is found from the one before, from the seat's
 * seed and the schedule alone, so that nothing is shared between seats while the world runs. */
#pragma once

#include "base/errmsg.h"
#include "sim/identity.h"
#include "sim/law.h"

enum { POOLS_MAX = 8 };

/* How a life ends. */
enum life_end { LIFE_RUNS_OUT, LIFE_RESTS, LIFE_IS_HIT };

/* One stretch of an account's activity; a restored or limited account has several. */
struct life {
    msec_t created, from, until; /* active in [from, until) */
    msec_t first;                /* first activity of the account: `from` of its first life */
    msec_t limited_until;        /* under a limit before this time */
    uint32_t generation;
    uint32_t hit;     /* LIFE_IS_HIT: row of the schedule that ends it */
    uint8_t end;      /* enum life_end */
    uint8_t restored; /* it begins with a `restore` action */
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
};

/* 0, or -ENOMEM. */
int reaction_plan_init(struct reaction_plan *plan, const struct scenario *scenario,
                       const struct cohort *cohort, uint64_t cohort_seed,
                       const struct law_table *half_normal);
void reaction_plan_deinit(struct reaction_plan *plan);

/* The seat's first life. It may be empty (from >= until), but is the seat's first account anyway.
 */
void life_first(const struct reaction_plan *plan, const struct person *person, struct life *life);

/* The life after this one; `person` is the seat of generation 0. False: the seat is done. */
bool life_next(const struct reaction_plan *plan, const struct person *person, struct life *life);
