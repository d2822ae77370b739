/* What `tune` learns from: of every input the evidence as the detector found it, kept so that other
 * weights and thresholds can be tried without running it again, and beside it the truth.
 *
 * An input is a scenario with one seed, lived and judged here, or the folder of a run with labels.
 * Accounts are judged as they are at the end of the run; groups also as they were once a day, which
 * is what probabilities of running cases are fitted on. */
#pragma once

#include "base/cleanup.h"
#include "base/errmsg.h"
#include "detector/detector.h"
#include "tools/evaluate.h"

#define TUNE_NONE UINT32_MAX

enum { TUNE_NAME_SIZE = 96, TUNE_DIGEST_SIZE = 17 };

struct tune_group {
    float nats[SIGNAL_COUNT];             /* before weighing */
    uint32_t count[CLASS_COUNT], members; /* labelled members; all of them */
    uint32_t campaign;                    /* population that most distilling members are of */
    bool last;                            /* at the end of the run */
};

struct tune_account {
    float own;      /* evidence of its own, without the prior; of members 0 */
    float fit;      /* what it lacks to its group's score, before weighing; <= 0 */
    float within;   /* log-odds of its group then, which `fit` depends on */
    uint32_t group; /* at the end; TUNE_NONE: alone */
    uint32_t population, exchanges;
    uint8_t class, level; /* enum evaluate_class; enum level that the run gave it */
    double probability;   /* NaN: not calibrated */
};

/* The first finding of a case. */
struct tune_case {
    uint64_t cluster;
    enum evaluate_class class; /* of most labelled members when it was told; CLASS_PLAIN: honest */
    double probability;
};

struct tune_run {
    char name[TUNE_NAME_SIZE];     /* "quickstart, seed 3", or the folder */
    char digest[TUNE_DIGEST_SIZE]; /* of the scenario, or of the run's configuration */
    uint64_t seed;
    bool simulated;
    double base_rate;   /* of the configuration that judged it */
    msec_t first, last; /* of its exchanges */
    struct tune_account *account;
    struct tune_group *group;
    struct tune_case *cases;
    uint32_t account_count, group_count, case_count;
};

struct tune_population {
    char name[NAME_SIZE], archetype[NAME_SIZE]; /* archetype "": honest or abusive */
    enum evaluate_class class;
};

struct tune_data {
    struct tune_run *run;
    uint32_t run_count;
    struct tune_population *population; /* over all runs: the same name, class and archetype */
    uint32_t population_count;
};

/* Where a run comes from. */
struct tune_input {
    const char *path; /* of a scenario, or a folder */
    bool folder;
    uint64_t seed; /* of a scenario */
};

struct tune_collect {
    const struct tune_input *input;
    uint32_t input_count;
    const struct detector_config *config;
    double scale, days;                                   /* of scenarios; NaN: their own */
    uint32_t thread_count;                                /* 0: one per processor */
    void (*told)(void *ctx, uint32_t done, uint32_t all); /* one at a time; may be NULL */
    void *ctx;
};

/* Days of event time, at least one hour's worth. */
double tune_data_days(const struct tune_run *run);

/* Judges all inputs, several at a time. 0; 1: interrupted; negative errno with the input in err. */
int tune_data_collect(const struct tune_collect *collect, struct tune_data *out, struct err *err);
void tune_data_deinit(struct tune_data *data);

/* ---- for the readers of inputs ---- */

/* Grows by one zeroed element, which is returned; NULL: out of memory. */
void *tune_data_add(void *array, uint32_t *count, size_t size);

/* Takes a summand of a group, or of an account. Signals without a weight are left out. */
void tune_data_group_take(struct tune_group *group, const char *signal, double nats);
void tune_data_account_take(struct tune_account *account, const char *signal, double nats);

/* What a member lacks to its group's score when that is `group`. */
double tune_data_fit(const struct tune_account *account, double group);

/* Of what a run gathers populations by itself; they are merged afterwards. */
struct tune_part {
    struct tune_run run;
    struct tune_population *population;
    uint32_t population_count;
};
void tune_part_deinit(struct tune_part *part);

/* Index of a population, made if it is not there; TUNE_NONE: out of memory. */
uint32_t tune_data_population(struct tune_population **population, uint32_t *count,
                              const struct tune_population *wanted);

int tune_collect_simulated(const struct tune_collect *collect, const struct tune_input *input,
                           struct tune_part *out, struct err *err);
int tune_collect_folder(const struct tune_input *input, struct tune_part *out, struct err *err);
