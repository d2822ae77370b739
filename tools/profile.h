/* Do the honest populations look like real customers? Lives a scenario once and sets the marginals
 * of each population that has a real counterpart beside those of the published data. */
#pragma once

#include "tools/real_data.h"

struct profile;

/* One line of the comparison. */
struct profile_row {
    const char *population; /* of the counterpart: one or more kinds of the scenario */
    const char *measure, *unit, *source;
    double simulated[3], real[3]; /* quantiles 5 %, 50 %, 95 %; a single number stands in [1] */
    double distance;              /* Kolmogorov-Smirnov; NaN for single numbers */
    uint32_t count;               /* of simulated values */
    bool measured;                /* the real side comes from the data, not from the tables */
};

/* Lives through `scenario`. 0; negative errno with the reason in err. `tick` is called now and then
 * with the share done; may be NULL. */
int profile_new(const struct scenario *scenario, const struct real_data *real,
                void (*tick)(void *ctx, uint64_t requests, double share), void *ctx,
                struct profile **out, struct err *err);
void profile_free(struct profile *profile);
CLEANUP_DEFINE(struct profile, profile_free)

/* Rows in a fixed order; measures without simulated values are left out. */
uint32_t profile_row_count(const struct profile *profile);
const struct profile_row *profile_row(const struct profile *profile, uint32_t index);

/* A table for people, or one JSON object. 0, or a negative errno. */
int profile_print(const struct profile *profile, bool json, FILE *out);
