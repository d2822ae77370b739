/* Event lines from a living world, formatted on the simulating threads and written in stream order.
 * The bytes are the same for any number of threads. */
#pragma once

#include "sim/world.h"
#include "tools/out_file.h"

struct sim_lines_options {
    uint32_t thread_count; /* 0: one per processor */
    bool sketch;           /* write a content sketch instead of prompt and system */
    uint64_t limit;        /* records at most; 0: all */
};

/* Called after every window; false ends the writing there, after whole lines. */
typedef bool (*sim_lines_progress)(void *ctx, uint64_t records, msec_t now);

/* Writes the world's records to the file and counts them. The world is made with
 * sim_windows_shards(thread_count) shards. 1: all there was, or the limit; 0: `progress` ended it;
 * a negative errno with the reason in err. */
int sim_lines_write(struct world *world, const struct sim_lines_options *options,
                    struct out_file *file, sim_lines_progress progress, void *ctx,
                    uint64_t *records, struct err *err);
