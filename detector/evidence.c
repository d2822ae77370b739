#include "evidence.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#define FAMILY_NAME(name, help) #name,
#define FAMILY_HELP(name, help) help,
const char *const family_name[FAMILY_COUNT] = {SIGNAL_FAMILIES(FAMILY_NAME)};
const char *const family_help[FAMILY_COUNT] = {SIGNAL_FAMILIES(FAMILY_HELP)};
const char *const level_name[LEVEL_ACT + 1] = {"none", "watch", "review", "act"};

bool family_is_fed(enum signal_family family)
{
    return family != FAMILY_prior && family != FAMILY_membership && family != FAMILY_memory;
}

void evidence_add(struct evidence_list *list, const struct evidence_fact *fact, const char *note,
                  ...)
{
    struct evidence *item;
    va_list args;
    uint32_t n;

    if (fact->weight == 0.0 || isnan(fact->weight) || list->without >> fact->family & 1)
        return;
    assert(list->count < EVIDENCE_MAX);
    item = &list->item[list->count++];
    item->signal = fact->signal;
    item->family = fact->family;
    item->weight = fact->weight;
    item->observed = fact->observed;
    item->baseline = fact->baseline;
    item->baseline_accounts = fact->baseline_accounts;
    n = fact->value.n < EVIDENCE_VALUE_SIZE - 1 ? fact->value.n : EVIDENCE_VALUE_SIZE - 1;
    memset(item->value, 0, sizeof item->value);
    if (n)
        memcpy(item->value, fact->value.p, n);
    item->note[0] = '\0';
    if (list->silent)
        return;
    va_start(args, note);
    (void)vsnprintf(item->note, sizeof item->note, note, args);
    va_end(args);
}

bool evidence_lacks(struct evidence_list *list, const char *signal, enum signal_family family,
                    bool lacking, const char *why)
{
    if (!lacking || list->without >> family & 1)
        return lacking;
    assert(list->lack_count < EVIDENCE_MAX);
    list->lack[list->lack_count++] = (struct evidence_lack){signal, why, family};
    return true;
}

double evidence_sum(const struct evidence_list *list, uint32_t from)
{
    double sum = 0.0;

    for (uint32_t i = from; i < list->count; i++)
        sum += list->item[i].weight;
    return sum;
}

void evidence_cap(struct evidence_list *list, uint32_t from, double cap)
{
    double sum = evidence_sum(list, from);

    if (fabs(sum) <= cap)
        return;
    for (uint32_t i = from; i < list->count; i++)
        list->item[i].weight *= cap / fabs(sum);
}

double logistic(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

double log_odds(double p)
{
    return log(p / (1.0 - p));
}

double clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}
