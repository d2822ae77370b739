#include "evenness.h"

#include "detector/evidence.h"
#include "detector/hint.h"

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

/* Nats of the spread of rates, without which the others do not matter. */
#define RATE_LEAST 1.0

/* A feature whose spread is read. */
struct part {
    enum account_feature feature;
    double least; /* nats, as above */
};

static uint32_t known_of(const struct hub *hub)
{
    return hub->roster_seen < HUB_ROSTER ? hub->roster_seen : HUB_ROSTER;
}

static double parts_nats(const struct population *population, const struct account *account,
                         struct groups *groups, const struct hub *hub, const struct part *part,
                         unsigned count)
{
    static const double MOST = 8.0;
    double sum = 0.0;

    for (unsigned k = 0; k < count; k++) {
        struct feature_stat own = roster_stat(account, groups, hub, known_of(hub), part[k].feature);
        double nats = spread_nats(&own, population_stat(population, part[k].feature));

        if (nats < part[k].least)
            return fmin(nats, 0.0);
        sum += clamp(nats, -MOST, MOST);
    }
    return sum;
}

static double evenness(const struct population *population, const struct account *account,
                       struct groups *groups, const struct hub *hub)
{
    static const struct part parts[] = {
        {FEATURE_rate, RATE_LEAST}, {FEATURE_follow_up, 1.0}, {FEATURE_output, -INFINITY}};

    return parts_nats(population, account, groups, hub, parts, sizeof parts / sizeof *parts);
}

/* Mean of the roster's hints from which its accounts look like collectors. On validation traffic
 * phrases of honest accounts whose users are as even have 0.4 to 1.0, freelancers and annotators
 * the most; those of campaigns at evasion 3 and 4 mostly 1.2 to 2. */
static const double HINTS_MIN = 1.4;

/* Most phrases are nothing of the kind: after so many accounts with half of that it is plain. */
enum { HINTS_LOOK = 8 };

static bool look_like_collectors(const struct population *population, const struct account *account,
                                 struct groups *groups, const struct hub *hub)
{
    uint32_t known = known_of(hub), count = 0;
    double sum = 0.0;

    for (uint32_t i = 0; i < known; i++) {
        const struct account *a = &account[hub->roster[i]];

        if (!a->id || a->exchanges == 0 || (groups && groups_explain(groups, a)))
            continue;
        sum += hints_sum(population, a);
        if (++count == HINTS_LOOK && sum < 0.5 * HINTS_MIN * HINTS_LOOK)
            return false;
    }
    return count >= EVEN_MEMBERS_MIN && sum >= HINTS_MIN * count;
}

static double evenness_of_collectors(const struct population *population,
                                     const struct account *account, struct groups *groups,
                                     const struct hub *hub)
{
    static const struct part parts[] = {{FEATURE_rate, RATE_LEAST},
                                        {FEATURE_output, -INFINITY},
                                        {FEATURE_words, -INFINITY},
                                        {FEATURE_words_spread, -INFINITY}};

    if (!look_like_collectors(population, account, groups, hub))
        return 0.0;
    return parts_nats(population, account, groups, hub, parts, sizeof parts / sizeof *parts);
}

/* Standard deviations of ln rate above the platform's mean from which accounts do not hide: what
 * heavy customers have in common are popular prompts and libraries. The mean account of the record
 * makes 6 to 26 requests a day. */
static const double BUSY = 1.0;

struct evenness evenness_of(const struct population *population, const struct account *account,
                            struct groups *groups, const struct hub *hub)
{
    const struct feature_stat *all = population_stat(population, FEATURE_rate);
    struct evenness even = {0.0f, 0.0f};
    struct feature_stat rate;
    double nats;

    roster_prefetch(account, hub, known_of(hub));
    rate = roster_stat(account, groups, hub, known_of(hub), FEATURE_rate);
    nats = spread_nats(&rate, all);
    if (nats < RATE_LEAST) {
        even.all = (float)fmin(nats, 0.0);
        return even;
    }
    even.all = (float)evenness(population, account, groups, hub);
    if (rate.mean <= all->mean + BUSY * feature_stat_sd(all))
        even.collectors = (float)evenness_of_collectors(population, account, groups, hub);
    return even;
}
