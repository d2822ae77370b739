#include "evenness.h"

#include "detector/evidence.h"
#include "detector/hint.h"

#include <math.h>
#include <string.h>

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

/* Whether the account tells nothing of a roster: it is gone, or it is explained and others are
 * asked for. */
static bool left_out(bool others, const struct account *a)
{
    return !a->id || (others && account_explained(a));
}

/* Exchanges a day, as FEATURE_rate has them before the logarithm, of the roster's accounts that are
 * known well enough. Returns how many. */
static uint32_t roster_rates(const struct account *account, bool others, const struct hub *hub,
                             double rate[HUB_ROSTER])
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < hub_known(hub); i++) {
        const struct account *a = &account[hub->roster[i]];

        if (a->exchanges >= FEATURE_EXCHANGES_MIN && !left_out(others, a))
            rate[count++] = account_rate(a);
    }
    return count;
}

/* ln(x) of a number of usual size to 1e-9: 2 artanh((m - 1) / (m + 1)) of its mantissa m, which is
 * brought between the roots of 1/2 and 2. */
static double log_nearly(double x)
{
    static const uint64_t ROOT_HALF = 0x3fe6a09e667f3bcdu, EXPONENT = (uint64_t)0xfff << 52;
    static const double LN_2 = 0.693147180559945309;
    uint64_t bits, exponent;
    double m, z, square;

    memcpy(&bits, &x, sizeof bits);
    exponent = (bits - ROOT_HALF) & EXPONENT;
    bits -= exponent;
    memcpy(&m, &bits, sizeof m);
    z = (m - 1.0) / (m + 1.0);
    square = z * z;
    return LN_2 * (double)((int64_t)exponent >> 52) +
           2.0 * z *
               (1.0 + square * (1.0 / 3 + square * (1.0 / 5 + square * (1.0 / 7 + square / 9))));
}

/* Of the roster's accounts that are known well enough. Returns how many have one. */
static uint32_t roster_values(const struct account *account, bool others, const struct hub *hub,
                              enum account_feature f, double value[HUB_ROSTER])
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < hub_known(hub); i++) {
        const struct account *a = &account[hub->roster[i]];

        if (a->exchanges < FEATURE_EXCHANGES_MIN || left_out(others, a))
            continue;
        value[count] = account_feature(a, f);
        count += !isnan(value[count]);
    }
    return count;
}

static struct feature_stat stat_of(const double *value, uint32_t count)
{
    struct feature_stat own = {0};

    for (uint32_t i = 0; i < count; i++)
        feature_stat_add(&own, value[i]);
    return own;
}

/* The spread, nearly, without a division for each: most rosters are not even by far. */
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

/* The same of logarithms, without calling the library for each. */
static double log_sd_nearly(const double *rate, uint32_t count)
{
    double value[HUB_ROSTER];

    for (uint32_t i = 0; i < count; i++)
        value[i] = log_nearly(rate[i]);
    return sd_nearly(value, count);
}

/* The accounts of a roster lie anywhere, and of each two cache lines are read. */
void evenness_prefetch(const struct account *account, const struct hub *hub)
{
    for (uint32_t i = 0; i < hub_known(hub); i++) {
        __builtin_prefetch(&account[hub->roster[i]].first_ts);
        __builtin_prefetch(&account[hub->roster[i]].exchanges);
    }
}

/* Nats of the spread of rates, without which the others do not matter; and far more than
 * sd_nearly() is off by. */
static const double RATE_LEAST = 1.0, NEARLY = 1e-3;

/* A feature whose spread is read besides. */
struct part {
    enum account_feature feature;
    double least; /* nats, without which the others do not matter */
};

/* All spreads together, that of the rates being known. */
static double parts_nats(const struct population *population, const struct account *account,
                         bool others, const struct hub *hub, double rate, const struct part *part,
                         unsigned count)
{
    static const double MOST = 8.0;
    double value[HUB_ROSTER];
    double sum = clamp(rate, -MOST, MOST);

    for (unsigned k = 0; k < count; k++) {
        const struct feature_stat *all = population_stat(population, part[k].feature);
        uint32_t values = roster_values(account, others, hub, part[k].feature, value);
        double nats = spread_nats(values, sd_nearly(value, values), all);

        if (nats >= part[k].least - NEARLY) {
            struct feature_stat own = stat_of(value, values);

            nats = spread_nats(values, feature_stat_sd(&own), all);
        }
        if (nats < part[k].least)
            return fmin(nats, 0.0);
        sum += clamp(nats, -MOST, MOST);
    }
    return sum;
}

/* Mean of the roster's hints from which its accounts look like collectors. On validation traffic
 * phrases of honest accounts whose users are as even have 0.4 to 1.0, freelancers and annotators
 * the most; those of campaigns at evasion 3 and 4 mostly 1.2 to 2. */
static const double HINTS_MIN = 1.4;

/* Most phrases are nothing of the kind: after so many accounts with half of that it is plain. */
enum { HINTS_LOOK = 8 };

static bool look_like_collectors(const struct population *population, const struct account *account,
                                 bool others, const struct hub *hub)
{
    uint32_t known = hub_known(hub), count = 0;
    double sum = 0.0;

    for (uint32_t i = 0; i < known; i++) {
        const struct account *a = &account[hub->roster[i]];

        if (a->exchanges == 0 || left_out(others, a))
            continue;
        sum += hints_sum(population, a);
        if (++count == HINTS_LOOK && sum < 0.5 * HINTS_MIN * HINTS_LOOK)
            return false;
    }
    return count >= EVEN_MEMBERS_MIN && sum >= HINTS_MIN * count;
}

/* Standard deviations of ln rate above the platform's mean from which accounts do not hide: what
 * heavy customers have in common are popular prompts and libraries. The mean account of the record
 * makes 6 to 26 requests a day. */
static const double BUSY = 1.0;

static const struct part parts_of_all[] = {{FEATURE_follow_up, 1.0}, {FEATURE_output, -INFINITY}};
static const struct part parts_of_collectors[] = {
    {FEATURE_output, -INFINITY}, {FEATURE_words, -INFINITY}, {FEATURE_words_spread, -INFINITY}};

#define PARTS(list) list, sizeof list / sizeof *list

static struct evenness evenness_among(const struct population *population,
                                      const struct account *account, bool others,
                                      const struct hub *hub)
{
    const struct feature_stat *all = population_stat(population, FEATURE_rate);
    struct evenness even = {0.0f, 0.0f};
    double value[HUB_ROSTER];
    struct feature_stat rate;
    uint32_t count;
    double nats;

    count = roster_rates(account, others, hub, value);
    nats = spread_nats(count, log_sd_nearly(value, count), all);
    if (nats >= RATE_LEAST - NEARLY) {
        for (uint32_t i = 0; i < count; i++)
            value[i] = log(value[i]);
        rate = stat_of(value, count);
        nats = spread_nats(count, feature_stat_sd(&rate), all);
    }
    if (nats < RATE_LEAST) {
        even.all = (float)fmin(nats, 0.0);
        return even;
    }
    even.all = (float)parts_nats(population, account, others, hub, nats, PARTS(parts_of_all));
    if (rate.mean <= all->mean + BUSY * feature_stat_sd(all) &&
        look_like_collectors(population, account, others, hub))
        even.collectors =
            (float)parts_nats(population, account, others, hub, nats, PARTS(parts_of_collectors));
    return even;
}

/* Of the whole roster, unless the rest of it speaks against that. */
static float unless_against(float whole, float rest)
{
    return rest > 0.0f && whole > rest ? whole : rest;
}

struct evenness evenness_of(const struct population *population, const struct account *account,
                            const struct hub *hub)
{
    struct evenness whole, rest;
    double rate[HUB_ROSTER];
    uint32_t left;

    evenness_prefetch(account, hub);
    whole = evenness_among(population, account, false, hub);
    left = roster_rates(account, true, hub, rate);
    if (left < EVEN_MEMBERS_MIN || left == roster_rates(account, false, hub, rate))
        return whole;
    rest = evenness_among(population, account, true, hub);
    return (struct evenness){unless_against(whole.all, rest.all),
                             unless_against(whole.collectors, rest.collectors)};
}
