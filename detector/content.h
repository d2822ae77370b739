/* Recurring content: which windows of its prompts an account uses again, and which of them it has
 * in common with others. A constant block inside varying prompts recurs at once; free text does
 * not.
 */
#pragma once

#include "base/rng.h"
#include "detector/account.h"

/* An item as the hash of a shared value. */
static inline uint64_t item_hash(uint32_t item)
{
    return mix64(item);
}

/* All that an account shows: its attribute values, then the phrases that it remembers, as packed
 * values; 0 where there is none. `i` < CONTENT_SHOWN. */
enum { CONTENT_SHOWN = ACCOUNT_VALUES + ACCOUNT_ITEMS };
static inline uint64_t content_shown(const struct account *a, unsigned i)
{
    if (i < ACCOUNT_VALUES)
        return a->value[i];
    i -= ACCOUNT_VALUES;
    return a->item[i] ? value_pack(LINK_ITEM, item_hash(a->item[i])) : 0;
}

/* Phrases looked at in one prompt: a sample of its windows, its first and last one, and windows of
 * the system prompt. */
enum { CONTENT_SAMPLE = 8, CONTENT_PHRASES = CONTENT_SAMPLE + 2 + SKETCH_SYSTEM_ITEMS };

/* The phrases of a session's first prompt, distinct, none 0. Returns how many. The sample is the
 * same for the same block in whatever text it stands: all windows whose hash is small enough. Those
 * from *prompt_count on are the system prompt's. */
uint32_t content_phrases(const struct sketch *sketch, uint32_t phrase[CONTENT_PHRASES],
                         uint32_t *prompt_count);

enum content_state {
    CONTENT_KNOWN, /* the account holds the phrase as shared: nothing to do */
    CONTENT_AGAIN, /* it was met in the account before */
    CONTENT_FIRST, /* it was not, or is forgotten */
};

/* Whether content_see() would say CONTENT_KNOWN. */
bool content_known(const struct account *a, uint32_t phrase);

/* Counts one phrase of an opener. Later turns would only wash out what openers have in common. */
enum content_state content_see(struct account *a, uint32_t phrase);

/* Marks a phrase as shared with other accounts: it stays. False when there is no room. */
bool content_hold(struct account *a, uint32_t phrase);

/* Keeps a phrase longer than what nobody else uses. */
void content_keep(struct account *a, uint32_t phrase);

/* Whether the phrase in slot `i` is held as shared. */
bool content_holds(const struct account *a, unsigned i);

/* Ends an opener: `recurring` of its phrases are held or were met before. */
void content_end(struct account *a, uint32_t recurring);

/* Phrases that both accounts hold; at most ACCOUNT_ITEMS. Returns how many. */
uint32_t content_shared(const struct account *a, const struct account *b,
                        uint32_t shared[ACCOUNT_ITEMS]);
