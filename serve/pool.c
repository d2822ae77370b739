#include "pool.h"

void pool_init(struct pool *pool)
{
    (void)pthread_mutex_init(&pool->lock, NULL);
    pool->first = NULL;
    pool->count = 0;
}

void pool_deinit(struct pool *pool)
{
    while (pool->first) {
        struct held_batch *next = pool->first->next;

        held_batch_free(pool->first);
        pool->first = next;
    }
    (void)pthread_mutex_destroy(&pool->lock);
}

struct held_batch *pool_take(struct pool *pool)
{
    struct held_batch *batch;

    (void)pthread_mutex_lock(&pool->lock);
    batch = pool->first;
    if (batch) {
        pool->first = batch->next;
        pool->count--;
    }
    (void)pthread_mutex_unlock(&pool->lock);
    if (!batch && held_batch_new(BATCH_RECORDS, &batch) < 0)
        return NULL;
    held_batch_clear(batch);
    return batch;
}

static bool keep(struct pool *pool, struct held_batch *batch)
{
    bool kept;

    (void)pthread_mutex_lock(&pool->lock);
    kept = pool->count < POOL_BATCHES;
    if (kept) {
        batch->next = pool->first;
        pool->first = batch;
        pool->count++;
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return kept;
}

void pool_give(struct pool *pool, struct held_batch *list)
{
    while (list) {
        struct held_batch *next = list->next;

        if (!keep(pool, list))
            held_batch_free(list);
        list = next;
    }
}
