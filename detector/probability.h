/* What a score means: the probability that a case with such a score is real. A score is a sum of
 * hand-set weights, good for ranking; `tune` fits on labelled traffic how often it is right, as a
 * straight line through log-odds (Platt, Advances in Large Margin Classifiers, 1999; with slope 1
 * and shift 0 the score means what it says). The line is about the evidence alone, without the base
 * rate, which is added again: so the same line serves platforms with fewer or more campaigns. */
#pragma once

#include "detector/config.h"

#include <math.h>

/* Log-odds of the probability from the log-odds of the score; NaN when not calibrated. */
double probability_log_odds(const struct probability_line *line, double base_rate, double score);

/* The probability itself, or NaN. */
double probability_of(const struct probability_line *line, double base_rate, double score);
