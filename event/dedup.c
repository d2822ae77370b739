/* Buckets of one cache line, the newest id first: a record costs one access to memory, where an
 * exact set that forgets in order of arrival costs two. The places are four times as many as the
 * ids that count: then a bucket gets two of those on average, and eight or more in 0.11 % of all
 * cases (Poisson). */
#include "dedup.h"

#include "base/pages.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum { PLACES_PER_ID = 4 };

struct bucket {
    uint64_t id[DEDUP_BUCKET]; /* 0: free */
};

struct dedup {
    struct bucket *bucket;
    uint64_t mask; /* buckets - 1, a power of two less one */
};

static size_t buckets_size(const struct dedup *dedup)
{
    return (dedup->mask + 1) * sizeof *dedup->bucket;
}

int dedup_new(uint32_t capacity, struct dedup **out)
{
    AUTO(dedup_free) struct dedup *dedup = calloc(1, sizeof *dedup);
    uint64_t buckets = 1;

    assert(capacity >= 1 && capacity <= (uint32_t)1 << 31);
    if (!dedup)
        return -ENOMEM;
    while (buckets * DEDUP_BUCKET < (uint64_t)capacity * PLACES_PER_ID)
        buckets *= 2;
    dedup->mask = buckets - 1;
    dedup->bucket = pages_new(buckets_size(dedup));
    if (!dedup->bucket)
        return -ENOMEM;
    *out = TAKE(dedup);
    return 0;
}

void dedup_free(struct dedup *dedup)
{
    if (!dedup)
        return;
    pages_free(dedup->bucket, buckets_size(dedup));
    free(dedup);
}

bool dedup_seen(struct dedup *dedup, uint64_t id)
{
    struct bucket *bucket = &dedup->bucket[id & dedup->mask];
    bool seen = false;

    assert(id != 0);
    for (unsigned i = 0; i < DEDUP_BUCKET; i++)
        seen |= bucket->id[i] == id;
    if (seen)
        return true;
    memmove(&bucket->id[1], &bucket->id[0], sizeof *bucket - sizeof id);
    bucket->id[0] = id;
    return false;
}

void dedup_prefetch(const struct dedup *dedup, uint64_t id)
{
    __builtin_prefetch(&dedup->bucket[id & dedup->mask], 1);
}

size_t dedup_memory(const struct dedup *dedup)
{
    return sizeof *dedup + buckets_size(dedup);
}

void dedup_state(struct dedup *dedup, state_visit *visit, void *ctx)
{
    visit(ctx, dedup->bucket, buckets_size(dedup));
}
