/* What pictures of an evaluation are drawn from: scores of all accounts beside the truth. Only for
 * runs whose folder holds labels.jsonl. */
#pragma once

#include "tools/charts.h"
#include "tools/report_data.h"

enum { REPORT_BINS = 48, REPORT_STRIPS = 40 };

/* One distilling account to a thousand honest ones: what a platform may have. */
extern const double report_base_rate;

struct truth;           /* tools/truth.h */
struct baseline_scores; /* tools/baselines.h */

struct report_curves {
    struct chart_curve roc;     /* first series: the detector; then the baselines of the run */
    struct chart_curve pr;      /* the same; last the detector at report_base_rate */
    struct chart_curve det;     /* misses against false alarms, in the order of roc */
    struct chart_leak leak;     /* no panel: no campaign, or a run without timelines */
    struct chart_strips scores; /* log-odds per population, campaigns first */
    struct report_curves_store *store;
};

/* 0: *out is new, or NULL when the truth has one class only; -ENOMEM. `baselines` may be NULL; all
 * that is given must outlive the result. */
int report_curves_new(const struct run *run, const struct truth *truth,
                      const struct baseline_scores *baselines, struct report_curves **out);
void report_curves_free(struct report_curves *curves);
CLEANUP_DEFINE(struct report_curves, report_curves_free)
