/* Two runs over the same traffic, account by account: who is flagged by one and not by the other,
 * and by how much the shares differ, with paired intervals (tools/metrics.h). */
#pragma once

#include "tools/evaluate.h"

/* Accounts that are judged together. */
struct compare_row {
    const char *name;     /* "all accounts", a class, a population or a campaign */
    bool wanted;          /* its accounts should be flagged */
    bool whole;           /* a class, or all: not a single population */
    struct paired paired; /* flagged: first is before, second is after */
};

/* An account whose verdict changed. */
struct compare_change {
    const char *account;
    const struct run_account *before, *after; /* NULL: not in that run */
    const char *population;                   /* or campaign; NULL: not in the truth */
    enum evaluate_class class;                /* meaningful with a population */
};

struct compare {
    enum level level;                           /* flagged is this level or above */
    uint64_t accounts, only_before, only_after; /* of either run; of one alone */
    uint64_t differing;                         /* in both, but with other exchanges */
    struct compare_row *row;                    /* whole ones first */
    uint32_t row_count;
    struct compare_change *newly, *no_longer; /* descending by exchanges */
    uint32_t newly_count, no_longer_count;
};

/* `truth` may be NULL: then there is one row. Names are borrowed from the arguments. 0: *out is
 * new; -EINVAL when the runs are not of the same traffic (more than one account in a hundred is
 * missing from one of them, or counts other exchanges); -ENOMEM. */
int compare_runs(const struct run *before, const struct run *after, const struct truth *truth,
                 enum level level, struct compare **out, struct err *err);
void compare_free(struct compare *compare);
CLEANUP_DEFINE(struct compare, compare_free)

/* The row of that name, or NULL. */
const struct compare_row *compare_row(const struct compare *compare, const char *name);

/* For programs: the members of an open object. */
void compare_write(const struct compare *compare, struct json_write *w);
/* For people. */
void compare_print(const struct compare *compare, FILE *out);
