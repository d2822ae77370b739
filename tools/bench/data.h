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

enum { BENCH_PATH_SIZE = 4096 };

struct bench_data {
    /* The first two as files, once bench_data_save() has written them. */
    char plain_path[BENCH_PATH_SIZE], prompts_path[BENCH_PATH_SIZE];
    struct bench_lines plain;   /* no text, 19 fields on average */
    struct bench_lines prompts; /* the same with prompts, which need escapes in half of the lines */
    struct bench_lines spaced;  /* `plain` with ", " and ": ", as Python writes by default */
};

/* The same events on every machine. 0, or -ENOMEM. */
int bench_data_new(uint32_t count, struct bench_data **out);

/* Writes plain.jsonl and prompts.jsonl into the folder. 0, or a negative errno. */
int bench_data_save(struct bench_data *data, const char *folder);
void bench_data_free(struct bench_data *data);
