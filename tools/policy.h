/* What a platform does to accounts that the detector raises: a JSON file (tools/policies, with its
 * schema). Three are shipped and known by name: observe-only, careful, strict. */
#pragma once

#include "base/cleanup.h"
#include "base/errmsg.h"
#include "detector/detector.h"
#include "sim/scenario.h"

enum { POLICY_RULES_MAX = 16 };

enum policy_group { POLICY_ANYBODY, POLICY_MEMBERS, POLICY_OTHERS };

struct policy_rule {
    enum level level; /* LEVEL_NONE: score_min says it */
    double score_min; /* probability */
    enum action action;
    enum policy_group group;
    double delay_h, spread_h, lasts_h;
    double cleared_share, missed_share; /* of honest accounts, and of all others */
};

struct policy_appeal {
    double honest_share, campaign_share, delay_h, honest_granted, campaign_granted, holds_days;
};

struct policy {
    char name[NAME_SIZE];
    double step_min;                           /* event time between decisions, 5..60 minutes */
    struct policy_rule rule[POLICY_RULES_MAX]; /* mild ones first */
    uint32_t rule_count;
    struct policy_appeal appeal;
};

/* Loads a file, or a shipped policy by name. 0; -EINVAL with "file:line: path: message" in err;
 * -ENOENT, or open's errno. */
int policy_load(const char *name, struct policy *out, struct err *err);
