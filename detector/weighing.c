/* Apart from the judgement, so that `tune` can try other weights on evidence that was kept without
 * running the detector again, by the arithmetic that the detector itself uses. */
#include "weighing.h"

#include <math.h>
#include <string.h>

#define SIGNAL_NAME(signal, question, family)     #signal,
#define SIGNAL_QUESTION(signal, question, family) QUESTION_##question,
#define SIGNAL_FAMILY(signal, question, family)   FAMILY_##family,
const char *const weighing_signal[SIGNAL_COUNT] = {WEIGHED_SIGNALS(SIGNAL_NAME)};
const enum question weighing_question[SIGNAL_COUNT] = {WEIGHED_SIGNALS(SIGNAL_QUESTION)};
const enum signal_family weighing_family[SIGNAL_COUNT] = {WEIGHED_SIGNALS(SIGNAL_FAMILY)};

enum weighed_signal weighing_find(const char *signal)
{
    unsigned s = 0;

    while (s < SIGNAL_COUNT && strcmp(weighing_signal[s], signal) != 0)
        s++;
    return (enum weighed_signal)s;
}

/* Whether the configuration leaves all evidence as it is. */
static bool as_found(const struct detector_config *config)
{
    for (unsigned s = 0; s < SIGNAL_COUNT; s++)
        if (config->weight[s] != 1.0)
            return false;
    for (unsigned f = 0; f < FAMILY_COUNT; f++)
        if (config->cap[f] < FAMILY_CAP_NONE)
            return false;
    return true;
}

/* What a family's sum is multiplied by to be within its cap. */
static double within(double sum, double cap)
{
    return fabs(sum) > cap ? cap / fabs(sum) : 1.0;
}

void weighing_apply(const struct detector_config *config, struct evidence_list *list, uint32_t from)
{
    double sum[FAMILY_COUNT] = {0.0};

    if (as_found(config))
        return;
    for (uint32_t i = from; i < list->count; i++) {
        struct evidence *item = &list->item[i];
        enum weighed_signal s = weighing_find(item->signal);

        if (s < SIGNAL_COUNT)
            item->weight *= config->weight[s];
        sum[item->family] += item->weight;
    }
    for (uint32_t i = from; i < list->count; i++) {
        enum signal_family f = list->item[i].family;

        list->item[i].weight *= within(sum[f], config->cap[f]);
    }
}

void weighing_sum(const struct detector_config *config, const double nats[SIGNAL_COUNT],
                  double sum[QUESTION_COUNT])
{
    double part[QUESTION_COUNT][FAMILY_COUNT] = {{0.0}};

    for (unsigned s = 0; s < SIGNAL_COUNT; s++)
        part[weighing_question[s]][weighing_family[s]] += config->weight[s] * nats[s];
    for (unsigned q = 0; q < QUESTION_COUNT; q++) {
        sum[q] = 0.0;
        for (unsigned f = 0; f < FAMILY_COUNT; f++)
            sum[q] += part[q][f] * within(part[q][f], config->cap[f]);
    }
}
