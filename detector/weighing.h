/* A configuration's say in how much each signal carries. What a judgement has gathered for one
 * question is multiplied item by item, then each family's sum is held within its cap by scaling its
 * items: so the list that is shown still adds up to the score. With the default configuration
 * (multipliers 1, caps too high to matter) nothing changes. */
#pragma once

#include "detector/config.h"
#include "detector/evidence.h"

/* Of a signal by name, or SIGNAL_COUNT: it is not weighed. */
enum weighed_signal weighing_find(const char *signal);

extern const char *const weighing_signal[SIGNAL_COUNT];
extern const enum question weighing_question[SIGNAL_COUNT];
extern const enum signal_family weighing_family[SIGNAL_COUNT];

/* Weighs the items from `from` on, which belong to one question. */
void weighing_apply(const struct detector_config *config, struct evidence_list *list,
                    uint32_t from);

/* The same sums without the list: nats[s] is what signal s carries before weighing, sum[q] what
 * remains of each question. */
void weighing_sum(const struct detector_config *config, const double nats[SIGNAL_COUNT],
                  double sum[QUESTION_COUNT]);
