#include "content.h"

#include <string.h>

enum {
    RECURS = 2,          /* seen in this many prompts: recurring */
    TEMPLATED_ITEMS = 2, /* recurring items that make a prompt count as templated */
    HALVE_EVERY = 64,    /* prompts between halvings, so that old templates give way */
    FORGET_TOLD = 4096,  /* prompts after which items may be told again */
};

/* True when the item was told before; marks it. Two bits of 256. */
static bool told(struct account *a, uint32_t item)
{
    uint64_t h = mix64(item);
    unsigned i = h & 255, j = h >> 8 & 255;
    bool before = (a->told[i / 64] >> (i % 64) & 1) && (a->told[j / 64] >> (j % 64) & 1);

    a->told[i / 64] |= (uint64_t)1 << (i % 64);
    a->told[j / 64] |= (uint64_t)1 << (j % 64);
    return before;
}

static int find(const struct account *a, uint32_t item)
{
    int at = -1;

    for (int i = 0; i < ACCOUNT_ITEMS;
         i++) /* branch-free, so that it becomes a few vector compares */
        at = a->item[i] == item ? i : at;
    return at;
}

/* Takes the next slot whose item does not recur; none when all do. */
static void insert(struct account *a, uint32_t item)
{
    for (unsigned k = 0; k < ACCOUNT_ITEMS; k++) {
        unsigned i = a->item_next;

        a->item_next = (uint8_t)(i + 1 == ACCOUNT_ITEMS ? 0 : i + 1);
        if (a->item_count[i] < RECURS) {
            a->item[i] = item;
            a->item_count[i] = 1;
            return;
        }
    }
}

static void halve(struct account *a)
{
    for (unsigned i = 0; i < ACCOUNT_ITEMS; i++)
        a->item_count[i] >>= 1;
}

uint32_t content_update(struct account *a, const struct sketch *sketch,
                        uint32_t fresh[CONTENT_NEW_MAX])
{
    uint32_t item[CONTENT_NEW_MAX];
    uint32_t count = 0, fresh_count = 0, recurring = 0;

    if (!sketch->prompt)
        return 0;
    for (unsigned i = 0; i < SKETCH_ITEMS && sketch->item[i]; i++)
        item[count++] = sketch->item[i];
    if (sketch->head)
        item[count++] = sketch->head;
    if (sketch->tail && sketch->tail != sketch->head)
        item[count++] = sketch->tail;
    for (uint32_t i = 0; i < count; i++) {
        int at = find(a, item[i]);

        if (at < 0) {
            insert(a, item[i]);
            continue;
        }
        if (a->item_count[at] < UINT16_MAX)
            a->item_count[at]++;
        recurring += a->item_count[at] >= RECURS;
        if (a->item_count[at] == RECURS && !told(a, item[i]))
            fresh[fresh_count++] = item[i];
    }
    a->templated += recurring >= TEMPLATED_ITEMS;
    if (a->texts % HALVE_EVERY == 0)
        halve(a);
    if (a->texts % FORGET_TOLD == 0)
        memset(a->told, 0, sizeof a->told);
    return fresh_count;
}

uint32_t content_shared(const struct account *a, const struct account *b,
                        uint32_t shared[ACCOUNT_ITEMS])
{
    uint32_t count = 0;

    for (unsigned i = 0; i < ACCOUNT_ITEMS; i++) {
        int at;

        if (a->item_count[i] < RECURS || !a->item[i])
            continue;
        at = find(b, a->item[i]);
        if (at >= 0 && b->item_count[at] >= RECURS)
            shared[count++] = a->item[i];
    }
    return count;
}
