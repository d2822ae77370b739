/* What an unknown log holds: its columns (CSV) or paths (JSON), how often each has a value, and
 * what those values look like. */
#pragma once

#include "tools/doctor_fit.h"

#define DOCTOR_SHAPES(X)                                                                           \
    X(RFC3339) /* times: the names are the map's */                                                \
    X(UTC)                                                                                         \
    X(CLF)                                                                                         \
    X(EPOCH) /* a number that is a time of 2015 to 2040 in s, ms, us or ns */                      \
    X(INT)                                                                                         \
    X(NUM)                                                                                         \
    X(BOOL)                                                                                        \
    X(IP)                                                                                          \
    X(IP_LIST) /* 192.0.2.1, 198.51.100.1 */                                                       \
    X(IP_PORT) /* 192.0.2.1:443 */                                                                 \
    X(MODEL)   /* looks like the name of a language model */                                       \
    X(SECRET)                                                                                      \
    X(WORD) /* short, no white space */                                                            \
    X(TEXT)                                                                                        \
    X(MESSAGES) /* a conversation: [{role, content}] */                                            \
    X(LIST)

#define SHAPE_ENUM(name) SHAPE_##name,
enum doctor_shape { DOCTOR_SHAPES(SHAPE_ENUM) SHAPE_COUNT };
#undef SHAPE_ENUM

struct doctor_column {
    char path[DOCTOR_PATH_SIZE]; /* as a map writes it */
    uint32_t seen;
    uint32_t shape[SHAPE_COUNT];
    double number_max; /* of INT and NUM */
};

struct doctor_columns {
    bool csv;
    char delimiter;
    bool array;       /* JSON: the lines are arrays of records */
    uint32_t records; /* looked at */
    uint32_t count, capacity;
    struct doctor_column *column; /* in order of first appearance */
};

/* 0; -ENOMEM; -EINVAL when the sample is neither JSON lines nor CSV with a header. */
int doctor_columns_read(const struct doctor_sample *sample, struct doctor_columns *out);
void doctor_columns_deinit(struct doctor_columns *columns);

/* The shape of most values. */
enum doctor_shape doctor_column_shape(const struct doctor_column *column);
