/* Record ids seen lately. Ids are keyed hashes, never 0. An id is remembered while fewer than
 * DEDUP_BUCKET newer ones fall into its bucket: for the next `capacity` distinct ids with a
 * probability of 99.9 %, for a quarter as many in all but one of ten million cases. */
#pragma once

#include "base/cleanup.h"
#include "base/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DEDUP_BUCKET = 8 };

struct dedup;

/* capacity: ids remembered, 1 to 2^31. 0, or -ENOMEM. */
int dedup_new(uint32_t capacity, struct dedup **out);
void dedup_free(struct dedup *dedup);
CLEANUP_DEFINE(struct dedup, dedup_free)

/* True when the id is remembered. Otherwise it is from now on, and the oldest one of its bucket is
 * forgotten. Seeing an id again does not make it younger. */
bool dedup_seen(struct dedup *dedup, uint64_t id);

/* Starts loading what dedup_seen() will touch: worth it some ids ahead. */
void dedup_prefetch(const struct dedup *dedup, uint64_t id);

size_t dedup_memory(const struct dedup *dedup); /* bytes */

void dedup_state(struct dedup *dedup, state_visit *visit, void *ctx);
