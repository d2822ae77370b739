/* Does a run keep to its bounds? Three answers: a bound is **met** when the whole 95 % interval of
 * the share keeps to it, **unmet** when none of the interval does, and else one **cannot tell**:
 * too little was counted. Intervals are Wilson's, or Newcombe's for differences between two runs
 * (tools/metrics.h). Leaked exchanges have none (those of one account are not independent) and are
 * compared as they are. */
#pragma once

#include "tools/compare.h"
#include "tools/gate_checks.h"

enum gate_outcome { GATE_MET, GATE_UNMET, GATE_CANNOT_TELL, GATE_OUTCOME_COUNT };
extern const char *const gate_outcome_name[GATE_OUTCOME_COUNT];

struct gate_result {
    struct gate_check check;
    enum gate_outcome outcome;
    uint64_t hit, of;        /* accounts, or exchanges of leaked ones */
    double value, low, high; /* low and high NaN: no interval */
    const char *unit;        /* what is counted */
    char reason[128];        /* why not met; "" when it is */
};

struct gate {
    struct gate_result result[GATE_CHECKS_MAX];
    uint32_t count, of_outcome[GATE_OUTCOME_COUNT];
    enum level level; /* flagged is this level or above */
};

/* Judges every check. `compare` is NULL without a second run: then differences are -EINVAL, as is a
 * name that the truth does not have; err says which. */
int gate_judge(const struct gate_checks *checks, const struct evaluation *evaluation,
               const struct compare *compare, enum level level, struct gate *out, struct err *err);

/* Whether the gate is open: nothing unmet, and what cannot be told only where that is allowed. */
bool gate_passes(const struct gate *gate, bool cannot_tell_allowed);

/* A table for people; one line on stderr per check that is not met, as the command. */
void gate_print(const struct gate *gate, FILE *out);
void gate_complain(const struct gate *gate, const char *command);
/* For programs: members of the open object. */
void gate_write(const struct gate *gate, struct json_write *w);
/* A JUnit XML document: unmet is a failure; cannot tell is one too, or skipped when allowed. */
void gate_junit(const struct gate *gate, const char *run, bool cannot_tell_allowed, FILE *out);
