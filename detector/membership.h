/* How well an account fits a group: its features under the group's distribution against the
 * platform's. Links say that accounts belong together; an account that was linked by chance, a
 * heavy product among hundreds of even collectors, does not look like the others. */
#pragma once

#include "detector/population.h"

/* What the members of a group are like. */
struct group_profile {
    struct feature_stat feature[FEATURE_COUNT];
    uint32_t members, trusted;
};

struct platform_profile {
    const struct population *population;
    double trusted_share;
};

/* Log-likelihood ratio in nats that the account is one of the group rather than anybody; each
 * feature counts at most 3 against and 1 for. 0 with fewer than 8 members. */
double membership_fit(const struct group_profile *group, const struct platform_profile *platform,
                      const struct account *a, bool trusted);
