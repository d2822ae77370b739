/* Digests straight from a living world: the front of `run`, as event_source is of `detect`. */
#pragma once

#include "base/cleanup.h"
#include "event/digest.h"
#include "sim/world.h"
#include "tools/out_file.h"

struct sim_source;

/* The world is borrowed (made with sim_windows_shards(thread_count) shards). thread_count 0: one
 * per processor. `events`, borrowed, gets the records as lines too; NULL: nothing does. 0; negative
 * errno with the reason in err. */
int sim_source_new(struct world *world, uint32_t thread_count, uint64_t hash_key,
                   struct out_file *events, struct sim_source **out, struct err *err);
void sim_source_free(struct sim_source *source);
CLEANUP_DEFINE(struct sim_source, sim_source_free)

/* A run of digests in stream order, as event_source_next() hands it out: digest[order[i]] of *batch
 * for i in 0..*count-1, borrowed until the next call. 1; 0 at the end; a negative errno. */
int sim_source_next(struct sim_source *source, const struct digest_batch **batch,
                    const uint32_t **order, uint32_t *count, struct err *err);

/* Writes what is left of the lines handed out, before `events` is finished. As above. */
int sim_source_flush(struct sim_source *source, struct err *err);

/* Ends the stream after the current run; async-signal-safe. */
void sim_source_stop(struct sim_source *source);

/* Event time up to which everything has been handed out: a share of it is done (world_progress()
 * runs ahead of it on other threads). */
msec_t sim_source_now(const struct sim_source *source);
