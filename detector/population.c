#include "population.h"

#include <math.h>
#include <string.h>

static double share(uint32_t part, uint32_t whole)
{
    return whole ? (double)part / (double)whole : (double)NAN;
}

void account_features(const struct account *a, double value[FEATURE_COUNT])
{
    double input = log_sum_mean(&a->input);
    double output = log_sum_mean(&a->output);
    bool sizes = a->input.count > 0 && a->output.count > 0;

    value[FEATURE_rate] = log((double)a->exchanges / account_days(a));
    value[FEATURE_input] = a->input.count ? input : (double)NAN;
    value[FEATURE_output] = a->output.count ? output : (double)NAN;
    value[FEATURE_yield] = sizes ? output - input : (double)NAN;
    value[FEATURE_follow_up] = share(a->follow_ups, a->turns_known);
    value[FEATURE_templated] = share(a->templated, a->openers);
    value[FEATURE_short_prompt] = share(a->short_prompts, a->texts);
    value[FEATURE_repeated] = share(a->repeats, a->openers);
    value[FEATURE_family] = share(a->family, a->openers);
    value[FEATURE_unattended] = share(a->unattended, a->waits);
    value[FEATURE_declared] = a->org != 0;
    value[FEATURE_unpaid] = a->created ? a->last[ATTRIBUTE_payment] == 0 : (double)NAN;
    value[FEATURE_refused] = share(a->refusals, a->exchanges);
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
