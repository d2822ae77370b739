/* The whole of `tune`: from inputs and goals to a configuration with an honest estimate. */
#pragma once

#include "tools/tune_estimate.h"

/* Weights as shipped, and fitted; which of them the result takes. */
enum { TUNE_SHIPPED, TUNE_FITTED, TUNE_WEIGHTS };
extern const char *const tune_weights_name[TUNE_WEIGHTS];

/* What a fresh run really did, under the tuned configuration. */
struct tune_fresh {
    char name[TUNE_NAME_SIZE];
    uint64_t hit[TUNE_STRATA_MAX], of[TUNE_STRATA_MAX];
    uint64_t cases, wrong, abusive; /* told by findings; of these mostly honest; apart */
    double expected;                /* sum over cases of 1 - probability */
    double share;                   /* of distilling accounts */
};

struct tune {
    struct tune_goals goals;
    struct detector_config base;
    double strength;
    struct tune_data data;
    struct tune_strata strata;
    struct tune_estimate estimate[TUNE_WEIGHTS];
    bool usable[TUNE_WEIGHTS]; /* false: could not be fitted */
    unsigned chosen;
    struct tune_model model; /* fitted on all inputs */
    double sweep_s;          /* wall time of judging 1,000 thresholds */
    struct tune_fresh *fresh;
    uint32_t fresh_count;
};

/* Refuses what cannot be learned from: 0; -EINVAL with what to do in err; -ENOMEM. */
int tune_check(struct tune *tune, struct err *err);

/* From data to model and estimate. 0; -EINVAL: goals that contradict each other; -ENOMEM. */
int tune_make(struct tune *tune, struct err *err);

/* Counts what the runs of `data`, judged under the tuned configuration, came to. 0, or -ENOMEM. */
int tune_fresh_take(struct tune *tune, const struct tune_data *data);

void tune_deinit(struct tune *tune);

/* The curve over thresholds, of the model on all inputs; 1,000 of them by score. */
enum { TUNE_CURVE = 1000 };
struct tune_curve {
    double score[TUNE_CURVE], share[TUNE_CURVE][TUNE_FIXED], cases_per_day[TUNE_CURVE];
    uint32_t count;
};
int tune_curve_make(const struct tune *tune, struct tune_curve *out);

/* For people; as JSON, one object; and into a folder: config.json, tune.json, tune.md, curves.csv,
 * curves.svg. */
void tune_print(const struct tune *tune, FILE *out, bool markdown);
void tune_write(const struct tune *tune, struct json_write *w);
int tune_save(const struct tune *tune, const char *folder, struct err *err);
