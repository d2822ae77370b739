/* The robustness frontier: what a campaign gives up to stay undetected. Every combination of a grid
 * over the knobs of a scenario's campaigns is lived and judged; the table says how much of it was
 * found, and how much it got. Simulated: a claim about the simulator as much as about the detector.
 */
#pragma once

#include "base/errmsg.h"
#include "detector/config.h"
#include "sim/scenario.h"

#include <stdio.h>

enum { FRONTIER_KNOBS_MAX = 6, FRONTIER_VALUES_MAX = 8, FRONTIER_POINTS_MAX = 512 };

/* A knob and its values: "evasion=0,1,2", "accounts=50,200", "rate=5,20" (exchanges of an account
 * and day), "cover=0,0.3" (share of unrelated exchanges), or any other number of a campaign by its
 * path: "identity.accounts_per_payment=1,6". */
struct frontier_knob {
    char name[64];
    double value[FRONTIER_VALUES_MAX];
    uint32_t count;
};

struct frontier_point {
    double value[FRONTIER_KNOBS_MAX];
    uint64_t accounts, flagged; /* of campaigns, over all seeds */
    double asked, cover;        /* exchanges per day: all, and unrelated ones among them */
    double unseen;              /* per day: before the alarm of the account that sent them */
    uint64_t honest, harmed;    /* benign accounts; of these flagged */
};

struct frontier {
    const char *path; /* of the scenario */
    struct frontier_knob knob[FRONTIER_KNOBS_MAX];
    uint32_t knob_count;
    uint32_t seeds, threads;
    double scale, days; /* NaN: the scenario's */
    double undetected;  /* share of accounts found up to which a campaign counts as unseen */
    const struct detector_config *config;
    struct frontier_point *point;
    uint32_t point_count;
};

/* Adds a knob from "name=v1,v2,...". 0; -EINVAL with the reason in err. */
int frontier_knob_add(struct frontier *frontier, const char *text, struct err *err);

/* Adds evasion 0 to 4 and three rates, when no knob was given. */
void frontier_default(struct frontier *frontier);

/* Runs the grid; told after each point. The scenarios are kept as folder/point-N.json. 0; 1:
 * interrupted; negative errno with the reason in err. */
int frontier_run(struct frontier *frontier, const char *folder,
                 void (*told)(void *ctx, uint32_t done, uint32_t all), void *ctx, struct err *err);
void frontier_deinit(struct frontier *frontier);

void frontier_print(const struct frontier *frontier, FILE *out);
/* frontier.json, .md and .svg. */
int frontier_save(const struct frontier *frontier, const char *folder, struct err *err);
