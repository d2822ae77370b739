/* Ground truth, labels.jsonl of the contract: who really is what. Only the evaluation reads it. */
#pragma once

#include "base/cleanup.h"
#include "base/errmsg.h"
#include "base/str.h"
#include "sim/scenario.h"

#define TRUTH_NONE UINT32_MAX

/* The contract's words. */
extern const char *const truth_word[TRUTH_COUNT];
extern const char *const stratum_word[];

struct truth_account {
    const char *account;
    uint32_t population; /* index into name[] */
    uint32_t campaign;   /* index into name[]; TRUTH_NONE */
    uint8_t truth;       /* enum truth_class */
    uint8_t stratum;     /* enum stratum; meaningful for benign accounts */
};

struct truth {
    struct truth_account *account; /* in file order */
    uint32_t count;
    const char **name; /* of populations and campaigns, in order of first appearance */
    uint32_t name_count;
    struct truth_index *index;
};

/* Reads a file of labels, or of verdicts, {"subject": "acc-1", "verdict": "benign"}: those of an
 * analyst. 0: *out is new. Negative errno with "file:line: field: reason" in err. */
int truth_read(const char *path, struct truth **out, struct err *err);
void truth_free(struct truth *truth);
CLEANUP_DEFINE(struct truth, truth_free)

/* Index of an account, or TRUTH_NONE. */
uint32_t truth_find(const struct truth *truth, struct str account);
