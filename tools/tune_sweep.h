/* Judges kept evidence again under other weights, and finds thresholds: every threshold that makes
 * a difference is tried in one walk down the sorted scores. Scores here are log-odds. */
#pragma once

#include "tools/gate_checks.h"
#include "tools/tune_data.h"

/* What a group or an account reaches, whatever the thresholds are: a case that the two questions
 * hold back (detector/judge.c, the gate) reaches `review` by none. */
struct tune_score {
    double watch, review;
    double sum; /* the evidence, whatever holds it back */
};
extern const double TUNE_HELD; /* below every threshold */

/* Scores of the run's accounts and groups under the configuration. */
void tune_sweep_judge(const struct detector_config *config, const struct tune_run *run,
                      struct tune_score *account, struct tune_score *group);

/* The score that the detector gives a group at these levels. */
double tune_sweep_actual(const struct tune_score *group, double watch, double review);

/* ---- who is counted ---- */

enum { TUNE_STRATA_MAX = 24 };
/* The first ones are always there. */
enum tune_stratum_id {
    TUNE_CAMPAIGN,
    TUNE_PLAIN,
    TUNE_HARD,
    TUNE_BENIGN,
    TUNE_ABUSIVE,
    TUNE_FIXED
};

struct tune_stratum {
    char name[NAME_SIZE];
    double most;       /* share that may be flagged; NaN: no budget */
    double least;      /* share that must be; NaN */
    bool *holds;       /* by population */
    uint64_t accounts; /* in all inputs */
};

struct tune_goals {
    struct gate_checks checks; /* GATE_FPR and GATE_RECALL, as `gate` takes them */
    double reviews_per_day;    /* groups at review or above; NaN: no limit */
    double false_ban, leak;    /* cost; NaN: none is given */
    double false_review;       /* cost of an honest account at review */
};

struct tune_strata {
    struct tune_stratum item[TUNE_STRATA_MAX];
    uint32_t count;
};

/* 0; -EINVAL: an unknown name, two budgets for one, too little data for a rate, with the reason and
 * what to do in err; -ENOMEM. */
int tune_strata_make(const struct tune_goals *goals, const struct tune_data *data,
                     struct tune_strata *out, struct err *err);
void tune_strata_deinit(struct tune_strata *strata);

/* ---- thresholds ---- */

struct tune_point {
    double score;
    uint32_t population, exchanges;
};

/* Sorted by score, descending. */
struct tune_points {
    struct tune_point *review, *watch;
    double *group; /* review scores of the groups at the end */
    uint32_t count, group_count;
    double days; /* of all runs */
};

struct tune_thresholds {
    double watch, review, act;
};

/* Of the runs that `use` names; accounts of the campaign archetype `without` left out (NULL: none).
 * 0, or -ENOMEM. */
int tune_points_make(const struct detector_config *config, const struct tune_data *data,
                     const bool *use, const char *without, struct tune_points *out);
void tune_points_deinit(struct tune_points *points);

/* The best thresholds that keep to the goals on these points. */
struct tune_thresholds tune_choose(const struct tune_points *points,
                                   const struct tune_strata *strata, const struct tune_goals *goals,
                                   const struct tune_data *data);

/* What the thresholds do on the points: accounts flagged per stratum, of how many. */
struct tune_count {
    uint64_t hit[TUNE_STRATA_MAX], of[TUNE_STRATA_MAX];
    uint64_t act[TUNE_STRATA_MAX]; /* at act */
    uint64_t groups;               /* at review */
    uint64_t exchanges, leaked;    /* of distilling accounts; of those below review */
    double days;
};
void tune_count(const struct tune_points *points, const struct tune_strata *strata,
                const struct tune_thresholds *thresholds, const struct tune_data *data,
                struct tune_count *out);
