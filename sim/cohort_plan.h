/* A cohort, compiled: each of its parts with the tables it needs while the world runs. Read-only
 * after world_new(). */
#pragma once

#include "sim/access.h"
#include "sim/program.h"
#include "sim/reaction.h"
#include "sim/tempo.h"
#include "sim/work.h"

struct cohort_plan {
    const struct cohort *cohort;
    const struct scenario *scenario;
    uint64_t seed;       /* of what the whole cohort shares */
    uint32_t first_seat; /* in the world */
    double rate_scale;   /* sets the cohort to its exchange target */
    double expected;     /* exchanges in the run */
    double think_mean_s;
    struct access_plan access;
    struct tempo_plan tempo;
    struct program_plan program;
    struct reaction_plan reaction;
};

/* 0, or -ENOMEM. */
int cohort_plan_init(struct cohort_plan *plan, const struct scenario *scenario,
                     const struct cohort *cohort, const struct infrastructure *infrastructure,
                     const struct law_table *half_normal);
void cohort_plan_deinit(struct cohort_plan *plan);
