/* A run held against the truth; every number is defined in docs/evaluation.md. */
#pragma once

#include "base/json_write.h"
#include "tools/metrics.h"
#include "tools/run_read.h"
#include "tools/truth.h"

#include <stdio.h>

enum { EVALUATE_LEVELS = 3 }; /* [0] watch, [1] review, [2] act, and above */
enum { EVALUATE_WATCH, EVALUATE_REVIEW, EVALUATE_ACT };
extern const enum level evaluate_level[EVALUATE_LEVELS];
enum { EVALUATE_POINTS = 3 }; /* false-positive shares 1e-2, 1e-3, 1e-4 */
extern const double evaluate_fpr[EVALUATE_POINTS];

/* Classes whose accounts are judged apart. */
enum evaluate_class { CLASS_DISTILLING, CLASS_PLAIN, CLASS_HARD, CLASS_ABUSIVE, CLASS_COUNT };
extern const char *const evaluate_class_name[CLASS_COUNT];
enum evaluate_class evaluate_class_of(const struct truth_account *account);

struct population_result {
    const char *name; /* as in the truth; of a campaign's accounts the campaign's */
    enum evaluate_class class;
    uint64_t accounts; /* in the truth */
    uint64_t unseen;   /* of these not in the run: missed when distilling, else left out */
    uint64_t exchanges, exchanges_flagged;      /* of accounts at review or above */
    struct proportion flagged[EVALUATE_LEVELS]; /* TPR of campaigns, FPR of all others */
};

struct campaign_result {
    const char *name;
    uint64_t accounts, unseen, exchanges;
    struct proportion flagged;     /* accounts at review or above */
    double exchange_recall;        /* share of its exchanges that flagged accounts sent */
    double leaked;                 /* share of its exchanges sent before their account's alarm */
    msec_t first_ts, alert_ts;     /* of the campaign; alert_ts INT64_MIN: never found */
    double hours_to_alert;         /* first exchange to first alarm; NaN */
    double hours_to_alert_account; /* median over its accounts that were found; NaN */
    uint32_t clusters;             /* flagged clusters that hold more of it than of anything else */
    double largest_share;          /* of its accounts in the one that holds most of them */
    double cluster_leaked;         /* exchanges at that cluster's alarm / the campaign's; NaN */
};

struct grouping_result {
    struct agreement agreement;
    uint64_t clusters_flagged;
    struct proportion mostly_honest; /* flagged clusters with more than half benign members */
};

struct baseline_result {
    const char *name, *help;
    struct ranking ranking; /* .sorted is NULL */
    struct operating_point point[EVALUATE_POINTS];
    struct operating_point as_ours; /* at the false-positive share of our review level */
    bool clusters;
    struct grouping_result grouping;
};

/* What a calibrated detector promises. Probabilities are for the configuration's base rate; to be
 * held against these accounts they, and the scores beside them, are re-weighted to the share of
 * distilling ones among them. */
struct promise_result {
    bool known; /* the run has probabilities, and both kinds of account */
    double base_rate, share;
    struct calibration score, probability; /* before and after calibration, at `share` */
    double fdr;                            /* promised for the stream of findings; 0: nothing */
    double expected;                       /* mean over cases of 1 - probability when raised; NaN */
    struct proportion wrong; /* cases (clusters with a finding) with half or fewer distilling */
    uint64_t abusive, gone;  /* cases of abusive accounts; findings whose cluster ended: apart */
};

/* Base rates that precision is asked for at: shares of distilling accounts among all. */
enum { EVALUATE_BASE_RATES = 8 };
struct base_rates {
    double share[EVALUATE_BASE_RATES]; /* above 0 and below 1 */
    uint32_t count;
};

struct evaluation {
    uint64_t accounts_truth, accounts_run, accounts_unlabelled; /* in the run without a label */
    struct population_result *population; /* campaigns first, then honest, then abusive */
    uint32_t population_count;
    struct campaign_result *campaign;
    uint32_t campaign_count;
    struct proportion by_class[CLASS_COUNT][EVALUATE_LEVELS];
    struct proportion benign[EVALUATE_LEVELS]; /* plain and hard together: the FPR */
    struct ranking ranking;                    /* distilling against benign; .sorted is NULL */
    struct ranking abusive;                    /* abusive against benign, apart; .sorted is NULL */
    struct operating_point point[EVALUATE_POINTS];
    double exchange_recall;
    struct grouping_result grouping;
    struct calibration calibration;
    struct promise_result promise;
    struct rate false_alarms; /* benign accounts at review or above per 1,000 account-days */
    struct base_rates base_rates;
    struct baseline_result *baseline;
    uint32_t baseline_count; /* 0: the run has no baselines.jsonl */
};

struct baseline_scores; /* tools/baselines.h */

/* `baselines` may be NULL. The result borrows names from truth. 0: *out is new; -ENOMEM; -EINVAL
 * when no account of the run is in the truth. */
int evaluate(const struct truth *truth, const struct run *run,
             const struct baseline_scores *baselines, struct evaluation **out, struct err *err);
void evaluation_free(struct evaluation *evaluation);
CLEANUP_DEFINE(struct evaluation, evaluation_free)

/* What a group is by its labelled members: distilling or abusive when more than half are, else
 * CLASS_PLAIN. */
enum evaluate_class evaluate_mostly(const uint32_t count[CLASS_COUNT]);

/* A probability at one base rate, at another. */
double probability_rebase(double p, double from, double to);

/* The part of an evaluation that is about probabilities. 0, or -ENOMEM. */
int promise_make(const struct truth *truth, const struct run *run, struct promise_result *out);

/* For people, and for programs: one JSON object in a line. */
void evaluation_print(const struct evaluation *evaluation, FILE *out);
void evaluation_write(const struct evaluation *evaluation, struct json_write *w);
/* Either, as asked for. 0, or a negative errno. */
int evaluation_tell(const struct evaluation *evaluation, bool json, FILE *out);

/* Evaluates what was read of the run folder and writes its evaluation.json. `rates` may be NULL:
 * none. 0, or negative errno with the reason in err. `truth` is needed as long as the result is. */
int evaluate_folder(const char *folder, const struct truth *truth, const struct run *run,
                    const struct baseline_scores *baselines, const struct base_rates *rates,
                    struct evaluation **out, struct err *err);
