/* What the habits of an account say by themselves: weak hints that it collects answers. They rank
 * accounts, and a phrase whose users all look like collectors may link them: detector/evenness.h.
 *
 * Collectors ask long questions (problem banks against people's: AUC 0.95, docs/traffic.md, 5), do
 * not follow up, want long answers and say how long they may be, as programs do, and pay, since
 * free credit does not last. One that hides among a person's requests sends two kinds of prompts:
 * their lengths scatter more than either's. */
#pragma once

#include "detector/evidence.h"
#include "detector/population.h"

#define HINTS(X)                                                                                   \
    X(follow_up, usage, -0.5)                                                                      \
    X(words, usage, 0.5)                                                                           \
    X(words_spread, usage, 0.6)                                                                    \
    X(output, usage, 0.3)                                                                          \
    X(limit, usage, 0.3)                                                                           \
    X(unpaid, innocence, -0.4)

enum {
#define HINT_ENUM(feature, family, per_sd) HINT_##feature,
    HINTS(HINT_ENUM)
#undef HINT_ENUM
        HINT_COUNT
};

struct hint {
    const char *signal;
    enum account_feature feature;
    enum signal_family family;
    double per_sd; /* nats for one standard deviation from the platform's mean; 1 at most */
};

extern const struct hint hint[HINT_COUNT];

/* What a value of the feature says of an account with so many exchanges; 0 where it or the
 * platform is not known. Few exchanges may be of any kind: at four a hint counts half. */
double hint_weight(const struct population *population, const struct hint *h, double value,
                   uint32_t exchanges);

/* The sum of an account's hints, between -HINTS_CAP and HINTS_CAP. */
extern const double HINTS_CAP;
double hints_sum(const struct population *population, const struct account *a);
