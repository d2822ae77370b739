/* Which batches were taken lately, by the hash of their idempotency key, and what was answered:
 * the last BATCH_IDS of them. A batch that is sent again gets the same answer and is not counted
 * again. */
#pragma once

#include "base/cleanup.h"
#include "base/state.h"
#include "base/table.h"

enum { BATCH_IDS = 1 << 16 };

struct batch_id {
    uint64_t key, body; /* hashes; key 0: free */
    uint32_t accepted, refused, skipped;
};

struct batch_ids;

/* 0, or -ENOMEM. */
int batch_ids_new(struct batch_ids **out);
void batch_ids_free(struct batch_ids *ids);
CLEANUP_DEFINE(struct batch_ids, batch_ids_free)

/* NULL: not seen, or forgotten. */
const struct batch_id *batch_ids_find(const struct batch_ids *ids, uint64_t key);

/* Remembers a batch whose key is not 0 and not known, and forgets the oldest. */
void batch_ids_put(struct batch_ids *ids, const struct batch_id *id);

/* Makes one the copy of another. */
void batch_ids_copy(struct batch_ids *to, const struct batch_ids *from);

void batch_ids_state(struct batch_ids *ids, state_visit *visit, void *ctx);
