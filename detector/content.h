/* Recurring content: which of a prompt's sketch items come back in later prompts of the same
 * account. A constant block inside varying prompts recurs at once; free text does not. */
#pragma once

#include "base/rng.h"
#include "detector/account.h"

/* An item as the hash of a shared value. */
static inline uint64_t item_hash(uint32_t item)
{
    return mix64(item);
}

enum { CONTENT_NEW_MAX = SKETCH_ITEMS + 2 };

/* Counts the items of a session's first prompt against the account's; gives in `fresh` those that
 * now recur for the first time (they go to the group level). Returns how many. Later turns would
 * only wash out what openers have in common. */
uint32_t content_update(struct account *a, const struct sketch *sketch,
                        uint32_t fresh[CONTENT_NEW_MAX]);

/* Recurring items that both accounts hold; at most ACCOUNT_ITEMS. Returns how many. */
uint32_t content_shared(const struct account *a, const struct account *b,
                        uint32_t shared[ACCOUNT_ITEMS]);
