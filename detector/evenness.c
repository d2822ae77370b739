#include "evenness.h"

#include "detector/evidence.h"

#include <math.h>

enum { POPULATION_MIN = 50 };

/* Of n normal values with variance ratio q to the platform's: (n - 1) / 2 (q - 1 - ln q) for q < 1,
 * the log-likelihood ratio at the estimated variance (Kullback, Information Theory and Statistics,
 * 1959, chapter 9); the same with a minus sign above. */
static double spread_nats(const struct feature_stat *own, const struct feature_stat *all)
{
    double sd = feature_stat_sd(all);
    double ratio, nats;

    if (own->count < EVEN_MEMBERS_MIN || all->count < POPULATION_MIN || sd <= 0.0)
        return 0.0;
    ratio = fmax(feature_stat_sd(own) / sd, 0.2);
    ratio *= ratio;
    nats = 0.5 * (double)(own->count - 1) * (ratio - 1.0 - log(ratio));
    return ratio < 1.0 ? nats : -nats;
}

float evenness(const struct population *population, const struct account *account,
               const struct hub *hub)
{
    static const enum account_feature features[] = {FEATURE_rate, FEATURE_follow_up,
                                                    FEATURE_output};
    static const double MOST = 8.0, LEAST = 1.0;
    uint32_t known = hub->roster_seen < HUB_ROSTER ? hub->roster_seen : HUB_ROSTER;
    struct feature_stat own[FEATURE_COUNT] = {0};
    double sum = 0.0, least = INFINITY;

    for (uint32_t i = 0; i < known; i++) {
        const struct account *a = &account[hub->roster[i]];
        double value[FEATURE_COUNT];

        if (!a->id || a->exchanges < FEATURE_EXCHANGES_MIN)
            continue;
        account_features(a, value);
        for (unsigned k = 0; k < sizeof features / sizeof *features; k++)
            if (!isnan(value[features[k]]))
                feature_stat_add(&own[features[k]], value[features[k]]);
    }
    for (unsigned k = 0; k < sizeof features / sizeof *features; k++) {
        double nats = spread_nats(&own[features[k]], population_stat(population, features[k]));

        sum += clamp(nats, -MOST, MOST);
        if (features[k] != FEATURE_output && nats < least)
            least = nats;
    }
    return (float)(least < LEAST ? fmin(least, 0.0) : sum);
}
