/* Events for the benchmarks: many accounts of very different activity, a few rings that share
 * addresses and templates; about 400 bytes a line, or about 920 with prompts. */
#pragma once

#include "event/api_event.h"

#include <stddef.h>

struct bench_lines {
    char *text; /* lines with their newlines */
    size_t size;
    struct str *line; /* without newline */
    uint32_t count;
};

struct bench_data {
    struct bench_lines plain;   /* no text, 19 fields on average */
    struct bench_lines prompts; /* the same with prompts, which need escapes in half of the lines */
    struct bench_lines spaced;  /* `plain` with ", " and ": ", as Python writes by default */
};

/* The same events on every machine. 0, or -ENOMEM. */
int bench_data_new(uint32_t count, struct bench_data **out);
void bench_data_free(struct bench_data *data);
