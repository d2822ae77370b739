/* Events for the tests of the daemon's parts. */
#pragma once

#include "serve/frame.h"

/* As many as make the detector's tables grow. */
enum { STREAM_ACCOUNTS = 40 };

/* A batch of `count` exchanges of the accounts "a0", "a1", ... in turn, a minute apart from `ts`
 * on, ids from `first` on; NULL without memory. */
struct held_batch *stream_batch(struct pool *pool, msec_t ts, uint32_t first, uint32_t count);

/* A frame around a list of batches, sealed as number `seq`; free(frame->payload). */
void stream_frame(struct frame *frame, const struct held_batch *list, uint64_t seq, uint64_t key);
