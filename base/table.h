/* Hash table of fixed capacity from 64-bit keys to 32-bit indexes. Keys are already keyed hashes
 * (base/hash.h), so their low bits place them and 0 is never one. Nothing is allocated after
 * table_new(): slots are reserved for all keys, and come into use as keys come. At most half of
 * those in use are taken, so that probes stay short. */
#pragma once

#include "base/state.h"
#include "cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TABLE_NONE UINT32_MAX

struct table;

/* capacity: keys held at most, 1 to 2^31. 0, or -ENOMEM. */
int table_new(uint32_t capacity, struct table **out);
void table_free(struct table *table);
CLEANUP_DEFINE(struct table, table_free)

/* The key's value, or TABLE_NONE. */
uint32_t table_find(const struct table *table, uint64_t key);

/* Sets the key's value. False when the key is new and the table is full: then nothing changed. */
bool table_put(struct table *table, uint64_t key, uint32_t value);

/* Forgets the key. False when it was not there. */
bool table_remove(struct table *table, uint64_t key);

/* Forgets all keys. */
void table_clear(struct table *table);

/* Starts loading the key's slot: worth it 16 to 32 keys ahead of their use. */
void table_prefetch(const struct table *table, uint64_t key);

uint32_t table_count(const struct table *table);
uint32_t table_capacity(const struct table *table);
size_t table_memory(const struct table *table); /* bytes */

/* Fits a new table of the same capacity. */
void table_state(struct table *table, state_visit *visit, void *ctx);
