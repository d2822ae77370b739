/* Fits of `tune`: factors on signals by regularised logistic regression, and the line from scores
 * to probabilities. Plain arrays in, numbers out. */
#pragma once

#include "detector/config.h"

#include <stdbool.h>
#include <stdint.h>

/* One judged group: what its signals carry, and whether it distils. */
struct tune_row {
    double nats[SIGNAL_COUNT];
    bool positive;
};

/* Factors for a group's signals, from 0 to WEIGHT_MAX: never negative, so that no evidence of guilt
 * can come to speak for innocence. L2-regularised logistic regression (liblinear: Fan and others,
 * JMLR 9, 2008) on the sum of all evidence as shipped, nearly free, and on each signal, held back:
 * so it shrinks towards the shipped weights, not towards none. A factor beyond its bounds is set to
 * the bound and the others are fitted again, until all are within. `strength` is liblinear's C:
 * more of it trusts the data more. Signals that no row has keep 1. 0; -EINVAL: one class only;
 * -ENOMEM. */
int tune_fit_weights(const struct tune_row *row, uint32_t count, double strength,
                     double weight[SIGNAL_COUNT]);

/* A case's evidence without the prior, and whether it was real. */
struct tune_mark {
    double nats;
    bool positive;
};

/* Platt's line: the log-odds that a case is real as slope * nats + shift, with his smoothed targets
 * and a weak pull towards slope 1, by Newton's method; the slope is positive. `share` is that of
 * distilling accounts where the cases come from: what it says alone is taken out of the shift,
 * since detector/probability.h adds the base rate of the day. 0; -EINVAL: one class only. */
int tune_fit_line(const struct tune_mark *mark, uint32_t count, double share,
                  struct probability_line *out);
