#include "membership.h"

#include "detector/evidence.h"

#include <math.h>

enum { MEMBERS_MIN = 8, POPULATION_MIN = 50 };

/* How far a share is kept from 0 and 1, since nothing is certain, and the most that it can say
 * against an account. Anybody may have an old account; who declares an organisation where none of
 * the others does has nothing to hide. */
struct doubt {
    double share, least;
};
static const struct doubt TRUSTED_DOUBT = {0.02, -2.0}, DECLARED_DOUBT = {0.003, -4.0};

/* Of a normal density, without the constant; heavier tails than the data ask for cost little. */
static double log_density(double x, double mean, double sd)
{
    double z = (x - mean) / sd;

    return -0.5 * z * z - log(sd);
}

static double feature_fit(const struct feature_stat *own, const struct feature_stat *all, double x)
{
    double sd_all = feature_stat_sd(all), sd_own = feature_stat_sd(own);

    if (isnan(x) || own->count < MEMBERS_MIN || all->count < POPULATION_MIN || sd_all <= 0.0)
        return 0.0;
    sd_own = sd_own > 0.25 * sd_all ? sd_own : 0.25 * sd_all; /* thin accounts scatter by chance */
    return clamp(log_density(x, own->mean, sd_own) - log_density(x, all->mean, sd_all), -3.0, 1.0);
}

static double share_fit(double own, double all, bool yes, const struct doubt *doubt)
{
    double p = own * (1.0 - 2.0 * doubt->share) + doubt->share;
    double q = all * (1.0 - 2.0 * doubt->share) + doubt->share;

    return clamp(yes ? log(p / q) : log((1.0 - p) / (1.0 - q)), doubt->least, 1.0);
}

double membership_fit(const struct group_profile *group, const struct platform_profile *platform,
                      const struct account *a, bool trusted)
{
    static const enum account_feature features[] = {
        FEATURE_rate,      FEATURE_input,        FEATURE_output,
        FEATURE_follow_up, FEATURE_short_prompt, FEATURE_family,
        FEATURE_words,     FEATURE_words_spread, FEATURE_limit,
    };
    double value[FEATURE_COUNT], fit;

    if (group->members < MEMBERS_MIN)
        return 0.0;
    fit = share_fit((double)group->trusted / group->members, platform->trusted_share, trusted,
                    &TRUSTED_DOUBT);
    fit += share_fit(group->feature[FEATURE_declared].mean,
                     population_stat(platform->population, FEATURE_declared)->mean, a->org != 0,
                     &DECLARED_DOUBT);
    if (a->exchanges < FEATURE_EXCHANGES_MIN)
        return fit;
    account_features(a, value);
    for (unsigned i = 0; i < sizeof features / sizeof *features; i++)
        fit += feature_fit(&group->feature[features[i]],
                           population_stat(platform->population, features[i]), value[features[i]]);
    return fit;
}
