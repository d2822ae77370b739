/* What accounts of the platform are like: means and spreads of account features over everybody, the
 * baseline of group statistics. A slice of the accounts is read at every tick, so that each account
 * is read once per round; a round that is complete is the baseline of the next. */
#pragma once

#include "detector/account.h"

#define ACCOUNT_FEATURES(X)                                                                        \
    X(rate, "ln exchanges per day")                                                                \
    X(input, "mean ln input tokens")                                                               \
    X(output, "mean ln output tokens")                                                             \
    X(yield, "ln output tokens less ln input tokens")                                              \
    X(follow_up, "share of exchanges after a session's first")                                     \
    X(templated, "share of sessions opened with a recurring block")                                \
    X(short_prompt, "share of prompts under five words")                                           \
    X(repeated, "share of sessions opened with a prompt seen before")                              \
    X(family, "share of sessions opened with a phrase that newcomers brought")                     \
    X(unattended, "share of follow-ups sent before anybody could read the answer")                 \
    X(declared, "1 when the account declares its organisation")                                    \
    X(unpaid, "1 when no payment instrument is known of the account")                              \
    X(refused, "share of exchanges the model declined")                                            \
    X(words, "mean ln words of the prompts")                                                       \
    X(words_spread, "standard deviation of ln words of the prompts")                               \
    X(limit, "mean ln of the answer's limit as stated, 0 without one")

#define FEATURE_ENUM(name, help) FEATURE_##name,
enum account_feature { ACCOUNT_FEATURES(FEATURE_ENUM) FEATURE_COUNT };
#undef FEATURE_ENUM

/* Prompts from which their spread is read. */
enum { FEATURE_PROMPTS_MIN = 4 };

/* Exchanges from which an account's features are read: fewer say little. */
enum { FEATURE_EXCHANGES_MIN = 8 };

/* NaN where the account's log lacks the field. */
double account_feature(const struct account *a, enum account_feature f);

/* All of them. */
void account_features(const struct account *a, double value[FEATURE_COUNT]);

struct feature_stat {
    uint64_t count;
    double mean, square; /* Welford: square is the sum of squared deviations */
};

struct population {
    struct feature_stat now[FEATURE_COUNT], last[FEATURE_COUNT];
    uint32_t next; /* account index where the round goes on */
};

void feature_stat_add(struct feature_stat *s, double x);
double feature_stat_sd(const struct feature_stat *s); /* 0 below two values */

/* Reads the next `slice` accounts; `count` are there. */
void population_tick(struct population *p, const struct account *account, uint32_t count,
                     uint32_t slice);

/* The better of both rounds. */
const struct feature_stat *population_stat(const struct population *p, enum account_feature f);
