/* The closed loop: what the detector finds acts back on the simulated platform, and campaigns
 * react.
 *
 * Coupling in event time: the world is lived in steps (`step_min` of the policy). At the end of a
 * step the detector has judged all of it; every account's score is held against the rules, and what
 * is decided then takes effect after its delay, at the earliest from the next step on. Chance is
 * drawn from the scenario's seed, the account and the rule, never from the order of things: same
 * scenario, seed and policy, same bytes, whatever the threads. */
#pragma once

#include "base/json_write.h"
#include "detector/detector.h"
#include "sim/world.h"
#include "tools/policy.h"

struct enforce;

/* Sets the world's steps. `shift` is how many nats less evidence every rule asks for. All but the
 * policy are borrowed. 0; -ENOMEM. */
int enforce_new(const struct policy *policy, double shift, const struct scenario *scenario,
                const struct detector_config *config, struct world *world, struct enforce **out);
void enforce_free(struct enforce *enforce);
CLEANUP_DEFINE(struct enforce, enforce_free)

/* After the detector has taken a window that ends at `now`: decides and acts when a step ends
 * there. 0; -ENOMEM. */
int enforce_step(struct enforce *enforce, const struct detector *detector, msec_t now);

/* Of one campaign. */
struct enforce_campaign {
    const char *name;
    struct world_tally tally;
    uint64_t obtained;     /* answers: neither cover, nor turned away, nor declined */
    double burnt_per_1000; /* accounts closed per 1,000 of them; NaN: none obtained */
};

/* Honest accounts that something was done to. */
struct enforce_harm {
    uint64_t accounts, harmed, closed; /* closed: suspended or banned, for a time or for good */
    double hours, hours_median;        /* in all; of those harmed (NaN: none) */
};

struct enforce_result {
    const char *policy;
    double shift, step_min;
    uint64_t actions[ACTION_OTHER]; /* by enum action, on anybody */
    uint64_t too_late, cleared, missed, appeals, granted;
    struct enforce_campaign *campaign;
    uint32_t campaign_count;
    struct enforce_harm plain, hard, abusive;
};

/* After the last window. Names are the scenario's. 0; -ENOMEM. */
int enforce_finish(struct enforce *enforce, struct enforce_result *out);
void enforce_result_deinit(struct enforce_result *result);

/* For programs: members of the open object; for people. */
void enforce_write(const struct enforce_result *result, struct json_write *w);
void enforce_print(const struct enforce_result *result, FILE *out);
