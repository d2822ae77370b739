#include "evenness.h"

#include "detector/evidence.h"

#include <math.h>

enum { POPULATION_MIN = 50 };

/* Of n normal values with variance ratio q to the platform's: (n - 1) / 2 (q - 1 - ln q) for q < 1,
 * the log-likelihood ratio at the estimated variance (Kullback, Information Theory and Statistics,
 * 1959, chapter 9); the same with a minus sign above. */
static double spread_nats(uint64_t count, double own_sd, const struct feature_stat *all)
{
    double sd = feature_stat_sd(all);
    double ratio, nats;

    if (count < EVEN_MEMBERS_MIN || all->count < POPULATION_MIN || sd <= 0.0)
        return 0.0;
    ratio = fmax(own_sd / sd, 0.2);
    ratio *= ratio;
    nats = 0.5 * (double)(count - 1) * (ratio - 1.0 - log(ratio));
    return ratio < 1.0 ? nats : -nats;
}

/* Of the roster's known accounts; `known` are there. Returns how many have one. */
static uint32_t roster_values(const struct account *account, const struct hub *hub, uint32_t known,
                              enum account_feature f, double value[HUB_ROSTER])
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < known; i++) {
        const struct account *a = &account[hub->roster[i]];

        if (a->exchanges < FEATURE_EXCHANGES_MIN)
            continue;
        value[count] = account_feature(a, f);
        count += !isnan(value[count]);
    }
    return count;
}

static double sd_of(const double *value, uint32_t count)
{
    struct feature_stat own = {0};

    for (uint32_t i = 0; i < count; i++)
        feature_stat_add(&own, value[i]);
    return feature_stat_sd(&own);
}

/* Nearly the same without a division for each: most rosters are not even by far. */
static double sd_nearly(const double *value, uint32_t count)
{
    double sum = 0.0, square = 0.0, mean;

    for (uint32_t i = 0; i < count; i++)
        sum += value[i];
    mean = sum / count;
    for (uint32_t i = 0; i < count; i++)
        square += (value[i] - mean) * (value[i] - mean);
    return count < 2 ? 0.0 : sqrt(square / (count - 1));
}

void evenness_prefetch(const struct account *account, const struct hub *hub)
{
    uint32_t known = hub->roster_seen < HUB_ROSTER ? hub->roster_seen : HUB_ROSTER;

    for (uint32_t i = 0; i < known; i++)
        __builtin_prefetch(&account[hub->roster[i]].exchanges);
}

/* What the rate takes beside that: most rosters are not even in their follow-ups already. */
static void lives_prefetch(const struct account *account, const struct hub *hub, uint32_t known)
{
    for (uint32_t i = 0; i < known; i++)
        __builtin_prefetch(&account[hub->roster[i]].first_ts);
}

float evenness(const struct population *population, const struct account *account,
               const struct hub *hub)
{
    static const struct {
        enum account_feature feature;
        double least; /* nats, without which the others do not matter */
    } parts[] = {{FEATURE_follow_up, 1.0}, {FEATURE_rate, 1.0}, {FEATURE_output, -INFINITY}};
    static const double MOST = 8.0, NEARLY = 1e-3;
    double value[HUB_ROSTER];
    uint32_t known = hub->roster_seen < HUB_ROSTER ? hub->roster_seen : HUB_ROSTER;
    double sum = 0.0;

    evenness_prefetch(account, hub);
    for (unsigned k = 0; k < sizeof parts / sizeof *parts; k++) {
        const struct feature_stat *all = population_stat(population, parts[k].feature);
        uint32_t count = roster_values(account, hub, known, parts[k].feature, value);
        double nats = spread_nats(count, sd_nearly(value, count), all);

        if (nats >= parts[k].least - NEARLY)
            nats = spread_nats(count, sd_of(value, count), all);
        if (nats < parts[k].least)
            return (float)fmin(nats, 0.0);
        if (k == 0)
            lives_prefetch(account, hub, known);
        sum += clamp(nats, -MOST, MOST);
    }
    return (float)sum;
}
