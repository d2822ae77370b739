/* How much each campaign had got by when, from the truth and the run's timelines. */
#pragma once

#include "tools/charts.h"

struct truth; /* tools/truth.h */

/* Fills *out: a panel for each campaign of the truth that the run saw, in the truth's order, at
 * most CHART_LEAKS_MAX. Timelines tell when, in classes of counts; the totals of each account,
 * until its alarm and after it, are exact, so that a panel ends at the campaign's leaked share of
 * the evaluation. Without timelines no panel. */
void report_leak(const struct run *run, const struct truth *truth, struct chart_leak *out);
