/* The marginals of simulated populations: lives a scenario and measures each **group** of
 * populations as the published data was measured. Private to tools/profile*.c. */
#pragma once

#include "tools/real_data.h"

/* X(name, what it is) */
#define PROFILE_MEASURES(X)                                                                        \
    X(input, "input tokens")                                                                       \
    X(output, "output tokens")                                                                     \
    X(turns, "requests per session")                                                               \
    X(think, "think time, s")                                                                      \
    X(first_words, "words, first turns")                                                           \
    X(later_words, "words, later turns")                                                           \
    X(client_input, "input tokens, clients' medians")                                              \
    X(client_output, "output tokens, clients' medians")                                            \
    X(client_input_sigma, "input log-sd inside clients")                                           \
    X(client_output_sigma, "output log-sd inside clients")                                         \
    X(per_day, "requests per day of a client")                                                     \
    X(active, "share of active windows")                                                           \
    X(gap_cv, "gap CV inside windows")                                                             \
    X(night_day, "night rate by day rate")

#define MEASURE_ENUM(name, help) MEASURE_##name,
enum measure { PROFILE_MEASURES(MEASURE_ENUM) MEASURE_COUNT };
#undef MEASURE_ENUM

/* Kinds of populations that are measured together, NULL where there are fewer. */
struct profile_kinds {
    const char *kind[4];
};

struct profile_group {
    struct sample sample[MEASURE_COUNT]; /* sorted */
    double hour[HOURS_PER_DAY];          /* mean over busy clients of rate by hour, mean 1 */
    double cached_share;                 /* of input tokens in later turns; NaN: never known */
};

/* Measures `count` groups into out[]. 0, or a negative errno; on failure out[] is empty. */
int profile_collect(const struct scenario *scenario, const struct profile_kinds *kinds,
                    uint32_t count, void (*tick)(void *ctx, uint64_t requests, double share),
                    void *ctx, struct profile_group *out, struct err *err);
void profile_group_deinit(struct profile_group *group);
