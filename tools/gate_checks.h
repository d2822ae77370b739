/* What a run is asked to keep to: bounds on shares, from the command line, from a scenario's
 * `expect` block, or from the summary that `run` kept it in. */
#pragma once

#include "base/errmsg.h"
#include "base/json_write.h"
#include "sim/scenario.h"

#include <jansson.h>

/* X(id, option, default name, at least?, title) */
#define GATE_MEASURES(X)                                                                           \
    X(FPR, "max-fpr", "benign", false, "false positives")                                          \
    X(RECALL, "min-recall", "campaign", true, "recall")                                            \
    X(PRECISION, "min-precision", "all", true, "precision")                                        \
    X(LEAKED, "max-leaked", "campaign", false, "leaked exchanges")                                 \
    X(RISE, "max-rise", "benign", false, "rise of false positives")                                \
    X(DROP, "max-drop", "campaign", false, "drop of recall")

#define GATE_ENUM(id, option, whole, at_least, title) GATE_##id,
enum gate_measure { GATE_MEASURES(GATE_ENUM) GATE_MEASURE_COUNT };
#undef GATE_ENUM

struct gate_measure_info {
    const char *option; /* of the command line, and in JSON */
    const char *whole;  /* whom it is about when no name is given */
    bool at_least;      /* the bound is a least, not a most */
    const char *title;
};
extern const struct gate_measure_info gate_measure[GATE_MEASURE_COUNT];

struct gate_check {
    enum gate_measure measure;
    char of[NAME_SIZE]; /* a class, population or campaign */
    double bound;       /* a share, 0..1 */
};

enum { GATE_CHECKS_MAX = 256 };

struct gate_checks {
    struct gate_check item[GATE_CHECKS_MAX];
    uint32_t count;
};

/* Adds a bound from "NAME=SHARE", or "SHARE" for the whole. 0; -EINVAL with the reason in err. */
int gate_checks_add(struct gate_checks *checks, enum gate_measure measure, const char *text,
                    struct err *err);

/* Adds what a scenario expects. 0; -EINVAL: too many. */
int gate_checks_expect(struct gate_checks *checks, const struct expectation *expect,
                       struct err *err);

/* As the value of `name` in the open object: an array; and back, NULL being none. -EINVAL. */
void gate_checks_write(const struct gate_checks *checks, struct json_write *w, const char *name);
int gate_checks_read(struct gate_checks *checks, const json_t *list, struct err *err);
