/* What real customers look like: marginal laws measured on published data, as quantile tables. They
 * stand where a log-normal would be a poor description (KS distance above 0.1), and beside the
 * simulated marginals in `simulate --profile` when the data itself is not at hand. */
#pragma once

#include "sim/scenario.h"

/* Points at the normal scores -4, -3.875 ... 4: dense in the middle, 3 in 100,000 beyond either
 * end. */
enum { CALIBRATION_POINTS = 65, CALIBRATION_POOL_COUNT = 3 };

struct calibration_table {
    const char *name;
    const char *unit;   /* and of what */
    const char *source; /* publisher and data set */
    uint32_t sample_count;
    double quantile[CALIBRATION_POINTS];
};

#define CALIBRATION_TABLES(X)                                                                      \
    X(azure_conv_input)                                                                            \
    X(azure_conv_output)                                                                           \
    X(azure_code_input)                                                                            \
    X(azure_code_output)                                                                           \
    X(arxiv_input)                                                                                 \
    X(arxiv_output)                                                                                \
    X(agent_input)                                                                                 \
    X(agent_output)                                                                                \
    X(agent_first_input)                                                                           \
    X(agent_turns)                                                                                 \
    X(agent_think_s)                                                                               \
    X(m_large_input)                                                                               \
    X(m_large_output)                                                                              \
    X(m_large_input_sigma)                                                                         \
    X(m_large_output_sigma)                                                                        \
    X(m_large_per_day)                                                                             \
    X(m_large_active)                                                                              \
    X(m_large_gap_cv)                                                                              \
    X(m_large_night_day)                                                                           \
    X(r1_input)                                                                                    \
    X(r1_output)                                                                                   \
    X(r1_input_sigma)                                                                              \
    X(r1_output_sigma)                                                                             \
    X(r1_per_day)                                                                                  \
    X(r1_active)                                                                                   \
    X(r1_gap_cv)                                                                                   \
    X(r1_night_day)                                                                                \
    X(sharegpt_turns)                                                                              \
    X(sharegpt_later_words)                                                                        \
    X(human_words)

#define CALIBRATION_ENUM(name) CALIBRATION_##name,
enum calibration { CALIBRATION_TABLES(CALIBRATION_ENUM) CALIBRATION_COUNT };
#undef CALIBRATION_ENUM

extern const struct calibration_table calibration_table[CALIBRATION_COUNT];

/* The value at a normal score, between the points by a straight line; beyond the ends the end. */
double calibration_at(const struct calibration_table *table, double score);

/* The value below which the share `u` of the sample lies; 0 <= u <= 1. */
double calibration_quantile(const struct calibration_table *table, double u);

/* The share of the sample at or below a value: the inverse of calibration_quantile(). */
double calibration_share(const struct calibration_table *table, double value);

/* A size_law that follows a table, its values multiplied by `factor` and limited to [min, max]. */
struct size_law calibration_law(enum calibration table, double factor, double min, double max);

/* Mean rate by hour of a client that is active in at least 30 % of the 10-minute windows, every
 * client weighted the same; mean 1. ServeGen pools: m-large (61 clients), mm-image (16),
 * deepseek-r1 (14). */
enum calibration_pool { POOL_M_LARGE, POOL_MM_IMAGE, POOL_DEEPSEEK_R1 };
extern const double calibration_hours[CALIBRATION_POOL_COUNT][HOURS_PER_DAY];
