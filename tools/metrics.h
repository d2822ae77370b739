/* Measures of a classifier, of a clustering and of probabilities, over plain arrays. Definitions
 * and sources: docs/evaluation.md. What cannot be said is NaN, never a guess. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* A share with its Wilson 95 % interval (E. B. Wilson, JASA 22, 1927); of == 0: all NaN. */
struct proportion {
    uint64_t hit, of;
    double value, low, high;
};
struct proportion proportion_of(uint64_t hit, uint64_t of);

/* Of what is flagged the share that is positive, where `base_rate` of all subjects are: TPR p /
 * (TPR p + FPR (1 - p)). Its interval is that of the ratio FPR / TPR by MOVER-R (Newcombe,
 * Statistical Methods in Medical Research 25, 1774, 2016), built from both Wilson intervals.
 * `base_rate` lies between 0 and 1. NaN: nobody was counted on one side; `value` also when nobody
 * was flagged. */
struct precision {
    double value, low, high;
};
struct precision precision_of(const struct proportion *tpr, const struct proportion *fpr,
                              double base_rate);

/* The same subjects judged twice: how two shares over the same `of` differ. The interval of the
 * difference second - first is Newcombe's method 10 (Statistics in Medicine 17, 2635, 1998), built
 * from Wilson's intervals; `p` is McNemar's exact test of the pairs that changed (Psychometrika 12,
 * 1947; two-sided binomial). of == 0: all NaN. */
struct paired {
    uint64_t both, first_only, second_only, neither, of;
    double difference, low, high, p;
};
struct paired paired_of(uint64_t both, uint64_t first_only, uint64_t second_only, uint64_t neither);

/* How many must be counted before a Wilson interval can lie at or below `share` when none of them
 * hits; for `share` 0 UINT64_MAX. At or above 1 - share, when all do, needs as many. */
uint64_t proportion_needed(double share);

/* A rate per unit of exposure with its 95 % interval (Byar's approximation to the Poisson limits).
 */
struct rate {
    uint64_t count;
    double exposure, value, low, high; /* exposure 0: NaN */
};
struct rate rate_of(uint64_t count, double exposure);

/* Scores of accounts of two classes. The order of the arrays is of no importance: ties are shared.
 */
struct scored {
    double score; /* not NaN */
    bool positive;
};

struct ranking {
    struct scored *sorted; /* descending by score; the caller's array, sorted */
    uint64_t count, positives, negatives;
    double roc_auc; /* chance that a positive scores above a negative, ties half; NaN: one class */
    double pr_auc;  /* average precision; NaN without positives */
};

/* Sorts `item` in place and keeps it. */
void ranking_make(struct scored *item, uint64_t count, struct ranking *out);

/* Share of positives at or above the lowest threshold whose false-positive share is <= fpr. */
struct operating_point {
    double fpr;       /* asked for */
    bool known;       /* false: fewer than 3 / fpr negatives, so that it cannot be told */
    double threshold; /* +infinity when not even the highest score stays within */
    struct proportion tpr, fpr_reached;
};
struct operating_point ranking_at_fpr(const struct ranking *ranking, double fpr);

/* How two partitions of the same accounts agree, over pairs of accounts. */
struct agreement {
    uint64_t accounts;
    double pairs_true, pairs_found, pairs_both; /* together in truth, in the clustering, in both */
    double precision, recall, f1;               /* NaN without pairs */
    double ari; /* adjusted Rand index (Hubert and Arabie, J. Classification 2, 1985) */
};

/* Of account i the true group and the found cluster; METRICS_ALONE: in a group of its own. 0, or
 * -ENOMEM. */
#define METRICS_ALONE UINT32_MAX
int agreement_make(const uint32_t *truth, const uint32_t *found, uint64_t count,
                   struct agreement *out);

/* Do scores mean what they say? Equal-width bins of [0, 1]. */
enum { CALIBRATION_BINS = 10 };
struct calibration {
    uint64_t count;
    double brier; /* mean squared difference of score and truth */
    double ece;   /* expected calibration error: mean |score - share| over bins, by accounts */
    struct calibration_bin {
        uint64_t count, positives;
        double score; /* mean; NaN when empty */
    } bin[CALIBRATION_BINS];
};
void calibration_make(const struct scored *item, uint64_t count, struct calibration *out);
