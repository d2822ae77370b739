/* Record ids seen lately: the last `capacity` distinct ones, first in first out. Ids are keyed
 * hashes, never 0. */
#pragma once

#include "base/cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dedup;

/* capacity: ids remembered, 1 to 2^31. 0, or -ENOMEM. */
int dedup_new(uint32_t capacity, struct dedup **out);
void dedup_free(struct dedup *dedup);
CLEANUP_DEFINE(struct dedup, dedup_free)

/* True when the id is remembered. Otherwise it is from now on, and the oldest one is forgotten when
 * there is no room. Seeing an id again does not make it younger. */
bool dedup_seen(struct dedup *dedup, uint64_t id);

/* Starts loading what dedup_seen() will touch: worth it some ids ahead. */
void dedup_prefetch(const struct dedup *dedup, uint64_t id);

size_t dedup_memory(const struct dedup *dedup); /* bytes */
