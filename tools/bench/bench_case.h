/* One thing that is timed. */
#pragma once

#include "data.h"

struct bench_case {
    const char *name;
    const char *baseline; /* case of the same clock whose time counts as 1; NULL: none */
    bool wall;            /* timed by the wall clock, for what has threads; else processor time */
    /* Prepares a pass, untimed. 0, or a negative errno. */
    int (*open)(const struct bench_data *data, void **pass);
    /* What is timed. Returns how many events (or probes) it handled; *bytes: of input, or 0. */
    uint64_t (*run)(const struct bench_data *data, void *pass, uint64_t *bytes);
    void (*close)(void *pass);
};

extern const struct bench_case bench_cases[]; /* ends with a NULL name */
