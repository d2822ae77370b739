/* Empty batches for decode threads and the detector, used again and again. */
#pragma once

#include "event/reorder.h"

#include <pthread.h>

enum { BATCH_RECORDS = 1024, POOL_BATCHES = 256 /* kept when they are not in use */ };

struct pool {
    pthread_mutex_t lock;
    struct held_batch *first;
    uint32_t count;
};

void pool_init(struct pool *pool);
void pool_deinit(struct pool *pool);

/* An empty batch of BATCH_RECORDS; NULL without memory. */
struct held_batch *pool_take(struct pool *pool);

/* Takes a list of batches back. */
void pool_give(struct pool *pool, struct held_batch *list);
