/* Open addressing with linear probing; removal shifts later entries back, so there are no
 * tombstones and a table that has been in use for months probes like a new one (Knuth, TAOCP 3,
 * 6.4, Algorithm R). */
#include "table.h"

#include "pages.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* Slots in use at first: a table with few keys stays in the cache, however many it may hold. */
enum { SLOTS_FIRST = 16 };

struct slot {
    uint64_t key; /* 0: free */
    uint32_t value;
};

struct table {
    struct slot *slot;
    uint64_t mask;      /* slots in use - 1, a power of two less one */
    uint64_t slots_max; /* reserved; the pages of those that are not in use are not touched */
    uint32_t count, capacity;
};

int table_new(uint32_t capacity, struct table **out)
{
    AUTO_FREE struct table *table = calloc(1, sizeof *table);
    uint64_t slots = 2;

    assert(capacity >= 1 && capacity <= (uint32_t)1 << 31);
    if (!table)
        return -ENOMEM;
    while (slots < (uint64_t)capacity * 2)
        slots *= 2;
    table->slot = pages_new(slots * sizeof *table->slot);
    if (!table->slot)
        return -ENOMEM;
    table->mask = (slots < SLOTS_FIRST ? slots : SLOTS_FIRST) - 1;
    table->slots_max = slots;
    table->capacity = capacity;
    *out = TAKE(table);
    return 0;
}

void table_free(struct table *table)
{
    if (!table)
        return;
    pages_free(table->slot, table->slots_max * sizeof *table->slot);
    free(table);
}

/* Where the key is, or the free slot where it would go. There is always a free one. */
static uint64_t slot_of(const struct table *table, uint64_t key)
{
    uint64_t i = key & table->mask;

    assert(key != 0);
    while (table->slot[i].key != key && table->slot[i].key != 0)
        i = (i + 1) & table->mask;
    return i;
}

uint32_t table_find(const struct table *table, uint64_t key)
{
    const struct slot *s = &table->slot[slot_of(table, key)];

    return s->key ? s->value : TABLE_NONE;
}

/* Twice the slots, in place. From behind a free slot on, each entry is taken out and put in again,
 * at or before its old place or in the new half. So none is met twice, and no run that leads to one
 * is broken later. */
static void grow(struct table *table)
{
    uint64_t before = table->mask, start = 0;

    while (table->slot[start].key != 0)
        start++;
    table->mask = 2 * before + 1;
    for (uint64_t k = 1; k <= before; k++) {
        struct slot *from = &table->slot[(start + k) & before];
        struct slot moved = *from;

        if (moved.key == 0)
            continue;
        from->key = 0;
        table->slot[slot_of(table, moved.key)] = moved;
    }
}

bool table_put(struct table *table, uint64_t key, uint32_t value)
{
    struct slot *s = &table->slot[slot_of(table, key)];

    if (s->key == 0) {
        if (table->count == table->capacity)
            return false;
        if (2 * (uint64_t)table->count > table->mask && table->mask + 1 < table->slots_max) {
            grow(table);
            s = &table->slot[slot_of(table, key)];
        }
        table->count++;
        s->key = key;
    }
    s->value = value;
    return true;
}

bool table_remove(struct table *table, uint64_t key)
{
    uint64_t mask = table->mask;
    uint64_t hole = slot_of(table, key);

    if (table->slot[hole].key == 0)
        return false;
    for (uint64_t i = (hole + 1) & mask; table->slot[i].key != 0; i = (i + 1) & mask) {
        uint64_t home = table->slot[i].key & mask;

        /* An entry may move back to the hole only if the hole is not before its home. */
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            table->slot[hole] = table->slot[i];
            hole = i;
        }
    }
    table->slot[hole].key = 0;
    table->count--;
    return true;
}

void table_clear(struct table *table)
{
    memset(table->slot, 0, (table->mask + 1) * sizeof *table->slot);
    table->count = 0;
}

void table_prefetch(const struct table *table, uint64_t key)
{
    __builtin_prefetch(&table->slot[key & table->mask]);
}

uint32_t table_count(const struct table *table)
{
    return table->count;
}

uint32_t table_capacity(const struct table *table)
{
    return table->capacity;
}

size_t table_memory(const struct table *table)
{
    return sizeof *table + table->slots_max * sizeof *table->slot;
}

void table_state(struct table *table, state_visit *visit, void *ctx)
{
    STATE_VISIT(table->count);
    STATE_VISIT(table->mask); /* how far it has grown */
    assert(table->mask < table->slots_max);
    visit(ctx, table->slot, (table->mask + 1) * sizeof *table->slot);
}
