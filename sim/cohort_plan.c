#include "cohort_plan.h"

#include "base/hash.h"

int cohort_plan_init(struct cohort_plan *plan, const struct scenario *scenario,
                     const struct cohort *cohort, const struct infrastructure *infrastructure,
                     const struct law_table *half_normal)
{
    int r;

    plan->cohort = cohort;
    plan->scenario = scenario;
    /* By name, not by place: another cohort more changes nobody's seed. */
    plan->seed = hash_str(str_of(cohort->name), mix64(scenario->seed));
    plan->rate_scale = 1.0;
    plan->think_mean_s = law_mean(half_normal, &cohort->tempo.think_s);
    tempo_plan_init(&plan->tempo, cohort, plan->seed, scenario->start, half_normal);
    r = access_plan_init(&plan->access, scenario, cohort, plan->seed, infrastructure);
    if (r < 0)
        return r;
    r = program_plan_init(&plan->program, scenario, cohort, plan->seed, half_normal);
    if (r < 0)
        return r;
    return reaction_plan_init(&plan->reaction, scenario, cohort, plan->seed, half_normal);
}

void cohort_plan_deinit(struct cohort_plan *plan)
{
    access_plan_deinit(&plan->access);
    program_plan_deinit(&plan->program);
    reaction_plan_deinit(&plan->reaction);
}
