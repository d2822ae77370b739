#include "hint.h"

#include <math.h>

#define HINT_ROW(feature, family, per_sd) {#feature, FEATURE_##feature, FAMILY_##family, per_sd},
const struct hint hint[HINT_COUNT] = {HINTS(HINT_ROW)};
#undef HINT_ROW

const double HINTS_CAP = 2.5;

/* Accounts behind a baseline; and exchanges of an account at which its hints count half. */
static const uint64_t POPULATION_MIN = 50;
static const double HALF = 4.0;

double hint_weight(const struct population *population, const struct hint *h, double value,
                   uint32_t exchanges)
{
    const struct feature_stat *all = population_stat(population, h->feature);
    double sd = feature_stat_sd(all);

    if (isnan(value) || all->count < POPULATION_MIN || sd <= 0.0)
        return 0.0;
    return exchanges / (exchanges + HALF) * clamp(h->per_sd * (value - all->mean) / sd, -1.0, 1.0);
}

double hints_sum(const struct population *population, const struct account *a)
{
    double sum = 0.0;

    for (unsigned i = 0; i < HINT_COUNT; i++)
        sum += hint_weight(population, &hint[i], account_feature(a, hint[i].feature), a->exchanges);
    return clamp(sum, -HINTS_CAP, HINTS_CAP);
}
