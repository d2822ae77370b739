/* Lives a world on several threads: the shards of a window are generated side by side, their
 * records merged into stream order, and while the caller takes one window the next ones are made.
 * The stream is the same for any number of threads and shards.
 *
 * What a record becomes is the owner's: it stores records under a slot and a shard, and gets the
 * order of their indices back. */
#pragma once

#include "base/cleanup.h"
#include "sim/world.h"

enum { SIM_WINDOWS_SLOTS = 3 }; /* one being read, one ready or being merged, one being filled */

struct sim_windows_owner {
    void *ctx;
    /* Empties the slot. Called by one thread at a time, before the slot is filled again. */
    void (*clear)(void *ctx, uint32_t slot);
    /* Stores a record; *index says where. Called for different shards at the same time. 0, or a
     * negative errno. */
    int (*add)(void *ctx, uint32_t slot, uint32_t shard, const struct api_event *ev,
               uint32_t *index);
};

struct sim_windows;

/* The world is borrowed and used by nobody else until the end. thread_count 0: one per processor.
 * 0; -ENOMEM, -EAGAIN (no thread), -EINVAL (too many accounts). */
int sim_windows_new(struct world *world, uint32_t thread_count,
                    const struct sim_windows_owner *owner, struct sim_windows **out,
                    struct err *err);
void sim_windows_free(struct sim_windows *windows);
CLEANUP_DEFINE(struct sim_windows, sim_windows_free)

struct sim_window {
    msec_t from, to;
    uint32_t slot, count;
    const uint32_t *order; /* indices in stream order */
};

/* The next window, borrowed until the next call. 1; 0 at the end; a negative errno when a record
 * could not be stored (the windows before it have been handed on). */
int sim_windows_next(struct sim_windows *windows, struct sim_window *out);

/* Makes sim_windows_next() answer 0 from now on; async-signal-safe. */
void sim_windows_stop(struct sim_windows *windows);

/* How many shards a world should have for so many threads. */
uint32_t sim_windows_shards(uint32_t thread_count);
