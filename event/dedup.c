/* A set beside a ring of the same ids in order of arrival: the ring says whom to forget. */
#include "dedup.h"

#include "base/pages.h"
#include "base/table.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* The slot of the id that is forgotten next is loaded this many ids ahead. */
enum { FORGET_AHEAD = 16 };

struct dedup {
    struct table *set;
    uint64_t *ring;
    uint32_t capacity;
    uint32_t next; /* where the next id goes; once the ring is full, the oldest lies there */
    bool full;
};

static size_t ring_size(const struct dedup *dedup)
{
    return dedup->capacity * sizeof *dedup->ring;
}

int dedup_new(uint32_t capacity, struct dedup **out)
{
    AUTO(dedup_free) struct dedup *dedup = calloc(1, sizeof *dedup);
    int r;

    if (!dedup)
        return -ENOMEM;
    dedup->capacity = capacity;
    r = table_new(capacity, &dedup->set);
    if (r < 0)
        return r;
    dedup->ring = pages_new(ring_size(dedup));
    if (!dedup->ring)
        return -ENOMEM;
    *out = TAKE(dedup);
    return 0;
}

void dedup_free(struct dedup *dedup)
{
    if (!dedup)
        return;
    table_free(dedup->set);
    pages_free(dedup->ring, ring_size(dedup));
    free(dedup);
}

bool dedup_seen(struct dedup *dedup, uint64_t id)
{
    bool put;

    if (table_find(dedup->set, id) != TABLE_NONE)
        return true;
    if (dedup->full) {
        uint32_t ahead = (uint32_t)(((uint64_t)dedup->next + FORGET_AHEAD) % dedup->capacity);

        table_prefetch(dedup->set, dedup->ring[ahead]);
        (void)table_remove(dedup->set, dedup->ring[dedup->next]);
    }
    put = table_put(dedup->set, id, 0);
    assert(put);
    dedup->ring[dedup->next] = id;
    if (++dedup->next == dedup->capacity) {
        dedup->next = 0;
        dedup->full = true;
    }
    return false;
}

void dedup_prefetch(const struct dedup *dedup, uint64_t id)
{
    table_prefetch(dedup->set, id);
}

size_t dedup_memory(const struct dedup *dedup)
{
    return sizeof *dedup + ring_size(dedup) + table_memory(dedup->set);
}
