#include "population.h"

#include <math.h>
#include <string.h>

static double share(uint32_t part, uint32_t whole)
{
    return whole ? (double)part / (double)whole : (double)NAN;
}

static double mean(const struct log_sum *s)
{
    return s->count ? log_sum_mean(s) : (double)NAN;
}

/* Inline, so that one feature costs no more than itself. */
static inline double feature(const struct account *a, enum account_feature f)
{
    switch (f) {
    case FEATURE_rate: return log(account_rate(a));
    case FEATURE_input: return mean(&a->input);
    case FEATURE_output: return mean(&a->output);
    case FEATURE_yield: return mean(&a->output) - mean(&a->input);
    case FEATURE_follow_up: return share(a->follow_ups, a->turns_known);
    case FEATURE_templated: return share(a->templated, a->openers);
    case FEATURE_short_prompt: return share(a->short_prompts, a->texts);
    case FEATURE_repeated: return share(a->repeats, a->openers);
    case FEATURE_family: return share(a->family, a->openers);
    case FEATURE_unattended: return share(a->unattended, a->waits);
    case FEATURE_declared: return a->org != 0;
    case FEATURE_unpaid: return a->created ? a->last[ATTRIBUTE_payment] == 0 : (double)NAN;
    case FEATURE_refused: return share(a->refusals, a->exchanges);
    case FEATURE_words: return a->words.count ? log_spread_mean(&a->words) : (double)NAN;
    case FEATURE_words_spread:
        return a->words.count >= FEATURE_PROMPTS_MIN ? log_spread_sd(&a->words) : (double)NAN;
    case FEATURE_limit: return a->exchanges ? (double)a->limits / a->exchanges : (double)NAN;
    case FEATURE_COUNT: break;
    }
    return (double)NAN;
}

double account_feature(const struct account *a, enum account_feature f)
{
    return feature(a, f);
}

void account_features(const struct account *a, double value[FEATURE_COUNT])
{
#define FEATURE_VALUE(name, help) value[FEATURE_##name] = feature(a, FEATURE_##name);
    ACCOUNT_FEATURES(FEATURE_VALUE)
#undef FEATURE_VALUE
}

void feature_stat_add(struct feature_stat *s, double x)
{
    double delta = x - s->mean;

    s->count++;
    s->mean += delta / (double)s->count;
    s->square += delta * (x - s->mean);
}

double feature_stat_sd(const struct feature_stat *s)
{
    return s->count < 2 ? 0.0 : sqrt(s->square / (double)(s->count - 1));
}

void population_tick(struct population *p, const struct account *account, uint32_t count,
                     uint32_t slice)
{
    for (uint32_t k = 0; k < slice && k < count; k++) {
        const struct account *a;
        double value[FEATURE_COUNT];

        if (p->next >= count) { /* the round is complete */
            memcpy(p->last, p->now, sizeof p->last);
            memset(p->now, 0, sizeof p->now);
            p->next = 0;
        }
        a = &account[p->next++];
        if (!a->id || a->exchanges < FEATURE_EXCHANGES_MIN)
            continue;
        account_features(a, value);
        for (unsigned f = 0; f < FEATURE_COUNT; f++)
            if (!isnan(value[f]))
                feature_stat_add(&p->now[f], value[f]);
    }
}

const struct feature_stat *population_stat(const struct population *p, enum account_feature f)
{
    return p->last[f].count >= p->now[f].count ? &p->last[f] : &p->now[f];
}
