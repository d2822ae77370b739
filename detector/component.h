/* Finds the groups in the graph of links. One link by chance must not make one group of two
 * campaigns: links join from the strongest to the weakest, and once two parts are large it takes
 * links of many of the smaller one's members to make them one, or that they draw on the same pools
 * (detector/affinity.h). */
#pragma once

#include "base/state.h"
#include "detector/linkage.h"

struct components;

/* Accounts with links; they and what they are linked to are the graph. */
struct linked {
    const struct account *account;
    const uint32_t *index;
    uint32_t count;
};

/* 0, or -ENOMEM. */
int components_new(uint32_t accounts_max, struct components **out);
void components_free(struct components *components);

/* Finds them. Returns how many accounts are in one; components_member(i) gives them by component,
 * ascending, as root << 32 | account, the root being the smallest account of the component. */
uint32_t components_find(struct components *components, const struct linked *linked,
                         const struct link_context *ctx);
uint64_t components_member(const struct components *components, uint32_t i);

/* Where the component that begins at member `from` ends: the next one's first member. */
uint32_t components_end(const struct components *components, uint32_t from);

/* Whether the account is in a component, by the last components_find(). */
bool components_has(const struct components *components, uint32_t account);

size_t components_memory(const struct components *components);

void components_state(struct components *components, state_visit *visit, void *ctx);
