/* Fits a configuration to the goals, and says what it will do on traffic that did not choose it:
 * every run is judged by thresholds and weights from other runs only, and every archetype of
 * campaigns once by those from inputs without it.
 *
 * Intervals come from resampling whole runs, and within them whole campaigns (a bootstrap of
 * clusters: Davison and Hinkley, Bootstrap Methods, 1997, 3.8): accounts of one group are flagged
 * together, so that single accounts are no independent observations. An interval is never narrower
 * than Wilson's, which takes them for independent: with few runs, or with nothing flagged, the
 * bootstrap alone would promise too much. */
#pragma once

#include "tools/tune_sweep.h"

enum { TUNE_FOLDS = 5, TUNE_DRAWS = 2000, TUNE_ARCHETYPES_MAX = 16 };

struct tune_model {
    struct detector_config config; /* levels, weights, caps, calibration */
    struct tune_thresholds at;     /* its levels as log-odds */
};

struct tune_plan {
    const struct tune_data *data;
    const struct tune_strata *strata;
    const struct tune_goals *goals;
    const struct detector_config *base; /* what is not fitted */
    double strength;                    /* of the regression */
    bool fit;                           /* weights too; else as shipped */
};

/* Weights if wanted, thresholds and calibration, from the runs that `use` names without the
 * archetype `without` (NULL: none). 0; -EINVAL when there is one class only; -ENOMEM. */
int tune_model_fit(const struct tune_plan *plan, const bool *use, const char *without,
                   struct tune_model *out);

/* A share with its intervals: of the mean over runs, and of one run of the size of these. */
struct tune_share {
    uint64_t hit, of;
    double value, low, high, run_low, run_high;
};

struct tune_archetype {
    char name[NAME_SIZE];
    struct tune_share found;  /* accounts, by a model that never saw the archetype */
    uint32_t campaigns, half; /* campaigns over all runs; of these found by half or more */
};

struct tune_estimate {
    struct tune_count *held; /* by run: judged by the others */
    struct tune_share share[TUNE_STRATA_MAX], act[TUNE_STRATA_MAX];
    double cases_per_day, cases_low, cases_high; /* groups at review; of one run */
    double leaked; /* exchanges of distilling accounts below review / all of theirs */
    double cost;   /* per run; NaN: no costs */
    struct tune_archetype archetype[TUNE_ARCHETYPES_MAX];
    uint32_t archetype_count;
    /* Held out, at the share of distilling accounts or groups there: score, probability. */
    struct calibration account[2], group[2];
};

/* 0; -EINVAL: one class only somewhere; -ENOMEM. */
int tune_estimate_make(const struct tune_plan *plan, struct tune_estimate *out);
void tune_estimate_deinit(struct tune_estimate *estimate);

/* The share of a stratum over runs, `count` of which are given; campaign shares are resampled by
 * campaign within the run, too: `unit` of them, each of a run. `whole`: the accounts of a unit are
 * one operator's and stand or fall together, so that the interval is no narrower than Wilson's over
 * units; ten campaigns found of ten do not show that nine of ten will be. */
struct tune_unit {
    uint32_t run, population;
    uint64_t hit, of;
};
struct tune_share tune_share_of(const struct tune_unit *unit, uint32_t count, uint32_t runs,
                                bool whole);

/* Distilling accounts / distilling and benign ones. */
double tune_share_distilling(const struct tune_data *data, const bool *use);
