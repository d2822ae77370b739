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

/* Of the roster's known accounts; `known` are there. */
static struct feature_stat roster_stat(const struct account *account, struct groups *groups,
                                       const struct hub *hub, uint32_t known,
                                       enum account_feature f)
{
    struct feature_stat own = {0};

    for (uint32_t i = 0; i < known; i++) {
        const struct account *a = &account[hub->roster[i]];
        double value;

        if (!a->id || a->exchanges < FEATURE_EXCHANGES_MIN || (groups && groups_explain(groups, a)))
            continue;
        value = account_feature(a, f);
        if (!isnan(value))
            feature_stat_add(&own, value);
    }
    return own;
}

/* The accounts of a roster lie anywhere, and of each two cache lines are read. */
static void roster_prefetch(const struct account *account, const struct hub *hub, uint32_t known)
{
    for (uint32_t i = 0; i < known; i++) {
        __builtin_prefetch(&account[hub->roster[i]].first_ts);
        __builtin_prefetch(&account[hub->roster[i]].exchanges);
    }
}

float evenness(const struct population *population, const struct account *account,
               struct groups *groups, const struct hub *hub)
{
    static const struct {
        enum account_feature feature;
        double least; /* nats, without which the others do not matter */
    } parts[] = {{FEATURE_rate, 1.0}, {FEATURE_follow_up, 1.0}, {FEATURE_output, -INFINITY}};
    static const double MOST = 8.0;
    uint32_t known = hub->roster_seen < HUB_ROSTER ? hub->roster_seen : HUB_ROSTER;
    double sum = 0.0;

    roster_prefetch(account, hub, known);
    for (unsigned k = 0; k < sizeof parts / sizeof *parts; k++) {
        struct feature_stat own = roster_stat(account, groups, hub, known, parts[k].feature);
        double nats = spread_nats(&own, population_stat(population, parts[k].feature));

        if (nats < parts[k].least)
            return (float)fmin(nats, 0.0);
        sum += clamp(nats, -MOST, MOST);
    }
    return (float)sum;
}
