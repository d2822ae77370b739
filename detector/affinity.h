/* Which groups draw on the same pools: two halves of one campaign work with different templates,
 * but their exits, cards and sign-up waves are the same ones. For each pool, the weight that pairs
 * of accounts share between two groups is compared with what pairs share within them: 1 for halves
 * of one whole, 0 for strangers. */
#pragma once

#include "detector/hub.h"

#include <stdbool.h>
#include <stddef.h>

enum { AFFINITY_GROUPS = 256, AFFINITY_NONE = 0xffff };

struct affinity;

/* 0, or -ENOMEM. */
int affinity_new(struct affinity **out);
void affinity_free(struct affinity *affinity);

/* Begins anew with groups 0..count-1 of `members[i]` accounts; count <= AFFINITY_GROUPS. */
void affinity_start(struct affinity *affinity, uint32_t count, const uint32_t *members);

/* Takes up a shared value of `weight` nats: group[i] is that of the i-th account of its roster, of
 * `count`, or AFFINITY_NONE. The roster stands for all accounts of the hub. Values of kinds that
 * are no pool are left out. */
void affinity_add(struct affinity *affinity, const struct hub *hub, double weight,
                  const uint16_t *group, uint32_t count);

/* Whether a value of the kind belongs to a pool. */
bool affinity_pool(unsigned kind);

/* Whether two groups draw on the same pools, as far as it can be told. */
bool affinity_same(const struct affinity *affinity, uint32_t x, uint32_t y);

size_t affinity_memory(void);
