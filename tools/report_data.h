/* A run folder in the order in which people are told about it. Nothing is judged here again. */
#pragma once

#include "tools/run_read.h"

/* An account or a group with the sum that makes its score. Borrows from the struct run. */
struct report_subject {
    const char *id;
    const char *verdict; /* of a group; "" of an account */
    enum level level;
    double score;    /* probability */
    double log_odds; /* nats: the evidence's sum */
    uint64_t exchanges, exchanges_at_alert;
    msec_t first_ts, last_ts, alert_ts;         /* alert_ts: INT64_MIN: none */
    struct run_evidence evidence[EVIDENCE_MAX]; /* the prior, then falling weight */
    uint32_t evidence_count;
    double shown[EVIDENCE_MAX], shown_sum; /* nats to two decimals, which add up (word_sum) */
    const struct run_cluster *group;       /* the group itself, or the account's; NULL: none */
    const struct run_account *account;     /* NULL: the subject is a group */
};

void report_subject_group(const struct run *run, uint32_t cluster, struct report_subject *out);
void report_subject_account(const struct run *run, uint32_t account, struct report_subject *out);

/* The base rate, where a sum starts; it is no evidence. */
bool report_is_prior(const struct run_evidence *evidence);

struct report_curves;   /* tools/report_curves.h */
struct truth;           /* tools/truth.h */
struct baseline_scores; /* tools/baselines.h */

struct report_data {
    const char *name; /* of the scenario, or else of the folder */
    char *folder;
    struct run *run;              /* own, or the caller's */
    json_t *evaluation;           /* NULL: truth is not known */
    json_t *enforcement;          /* NULL: nobody was acted on */
    struct report_curves *curves; /* NULL: no labels beside it */
    uint32_t *group;   /* clusters ranked: level, then exchanges, then order of the file */
    uint32_t *account; /* accounts at review or above in no group, ranked the same way */
    uint32_t account_count;
    struct report_source *own; /* NULL: all was the caller's */
};

/* From what was read of the folder already, with the evaluation that lies there. `truth` and
 * `baselines` may be NULL; all that is given must outlive the result, and the run's summary gets
 * the report's numbers. 0; negative errno with the reason in err. */
int report_data_new(const char *folder, struct run *run, const struct truth *truth,
                    const struct baseline_scores *baselines, struct report_data **out,
                    struct err *err);
/* Reads all of it. 0; negative errno with file, line and field in err. */
int report_data_load(const char *folder, struct report_data **out, struct err *err);
void report_data_free(struct report_data *data);
CLEANUP_DEFINE(struct report_data, report_data_free)

/* Groups at watch or above: the first ones of the ranking. */
uint32_t report_groups_watched(const struct report_data *data);

/* Sums over the run, and over the groups at review or above. */
struct report_totals {
    uint64_t exchanges;       /* of the run; at least those of the groups */
    msec_t first_ts, last_ts; /* INT64_MIN: no account */
    uint64_t account_level[LEVEL_ACT + 1], group_level[LEVEL_ACT + 1];
    uint64_t raised_groups, raised_accounts, raised_exchanges, raised_exchanges_at_alert;
};
struct report_totals report_totals_of(const struct report_data *data);

/* Families that log fields feed; the others need no data of their own. */
bool report_needs_data(enum signal_family family);

/* Share of exchanges whose fields feed a family; NaN: the summary does not say. */
double report_coverage(const json_t *summary, enum signal_family family);
