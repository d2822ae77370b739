#include "batch_ids.h"

#include <errno.h>
#include <string.h>

struct batch_ids {
    struct table *index;
    uint64_t next; /* ever growing */
    struct batch_id ring[BATCH_IDS];
};

int batch_ids_new(struct batch_ids **out)
{
    AUTO(batch_ids_free) struct batch_ids *ids = calloc(1, sizeof *ids);

    if (!ids || table_new(BATCH_IDS, &ids->index) < 0)
        return -ENOMEM;
    *out = TAKE(ids);
    return 0;
}

void batch_ids_free(struct batch_ids *ids)
{
    if (!ids)
        return;
    table_free(ids->index);
    free(ids);
}

const struct batch_id *batch_ids_find(const struct batch_ids *ids, uint64_t key)
{
    uint32_t at = key ? table_find(ids->index, key) : TABLE_NONE;

    return at == TABLE_NONE ? NULL : &ids->ring[at];
}

void batch_ids_put(struct batch_ids *ids, const struct batch_id *id)
{
    uint32_t at = (uint32_t)(ids->next++ % BATCH_IDS);

    if (ids->ring[at].key)
        (void)table_remove(ids->index, ids->ring[at].key);
    ids->ring[at] = *id;
    (void)table_put(ids->index, id->key, at);
}

/* The index follows from the ring. */
static void index_build(struct batch_ids *ids)
{
    table_clear(ids->index);
    for (uint32_t at = 0; at < BATCH_IDS; at++)
        if (ids->ring[at].key)
            (void)table_put(ids->index, ids->ring[at].key, at);
}

void batch_ids_copy(struct batch_ids *to, const struct batch_ids *from)
{
    to->next = from->next;
    memcpy(to->ring, from->ring, sizeof to->ring);
    index_build(to);
}

void batch_ids_state(struct batch_ids *ids, state_visit *visit, void *ctx)
{
    STATE_VISIT(ids->next);
    STATE_VISIT(ids->ring);
    index_build(ids);
}
