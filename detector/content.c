#include "content.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

_Static_assert(ACCOUNT_ITEMS == 24, "find() compares sixteen and eight");

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

/* Position of the item among the account's, or -1. The hottest loop of the state thread: with SSE2
 * all 24 are compared in a dozen instructions. */
static int find(const struct account *a, uint32_t item)
{
#ifdef __SSE2__
    const __m128i *list = (const __m128i *)(const void *)a->item;
    const __m128i wanted = _mm_set1_epi32((int)item);
    __m128i same[ACCOUNT_ITEMS / 4];
    unsigned found;

    for (unsigned i = 0; i < ACCOUNT_ITEMS / 4; i++)
        same[i] = _mm_cmpeq_epi32(_mm_loadu_si128(list + i), wanted);
    found = (unsigned)_mm_movemask_epi8(
        _mm_packs_epi16(_mm_packs_epi32(same[0], same[1]), _mm_packs_epi32(same[2], same[3])));
    found |= (unsigned)_mm_movemask_epi8(
                 _mm_packs_epi16(_mm_packs_epi32(same[4], same[5]), _mm_setzero_si128()))
             << 16;
    return found ? __builtin_ctz(found) : -1;
#else
    for (int i = 0; i < ACCOUNT_ITEMS; i++)
        if (a->item[i] == item)
            return i;
    return -1;
#endif
}

/* Slots whose item does not recur, as bits: they may be given to another. */
static unsigned free_slots(const struct account *a)
{
    unsigned slots = 0;

    for (unsigned i = 0; i < ACCOUNT_ITEMS; i++)
        slots |= (unsigned)(a->item_count[i] < RECURS) << i;
    return slots;
}

/* Takes the next free slot in turn; none when all items recur. */
static void insert(struct account *a, uint32_t item, unsigned free_mask)
{
    unsigned after = free_mask & ~0u << a->item_next;
    unsigned i;

    if (!free_mask)
        return;
    i = (unsigned)__builtin_ctz(after ? after : free_mask);
    a->item[i] = item;
    a->item_count[i] = 1;
    a->item_next = (uint8_t)(i + 1 == ACCOUNT_ITEMS ? 0 : i + 1);
}

static void halve(struct account *a)
{
    for (unsigned i = 0; i < ACCOUNT_ITEMS; i++)
        a->item_count[i] >>= 1;
}

static uint32_t add_distinct(uint32_t item[CONTENT_NEW_MAX], uint32_t count, uint32_t window)
{
    for (uint32_t i = 0; i < count; i++)
        if (item[i] == window)
            return count;
    item[count] = window;
    return count + (window != 0);
}

uint32_t content_update(struct account *a, const struct sketch *sketch,
                        uint32_t fresh[CONTENT_NEW_MAX])
{
    uint32_t item[CONTENT_NEW_MAX];
    uint32_t count = 0, fresh_count = 0, recurring = 0;
    unsigned free_mask = free_slots(a);

    while (count < SKETCH_ITEMS && sketch->item[count]) {
        item[count] = sketch->item[count];
        count++;
    }
    count = add_distinct(item, count, sketch->head);
    count = add_distinct(item, count, sketch->tail);
    for (uint32_t i = 0; i < count; i++) {
        int at = find(a, item[i]);

        if (at < 0) {
            insert(a, item[i], free_mask);
            continue;
        }
        free_mask &= ~(1u << at);
        if (a->item_count[at] < UINT8_MAX)
            a->item_count[at]++;
        recurring += a->item_count[at] >= RECURS;
        if (a->item_count[at] == RECURS && !told(a, item[i]))
            fresh[fresh_count++] = item[i];
    }
    a->templated += recurring >= TEMPLATED_ITEMS;
    if (a->openers % HALVE_EVERY == 0)
        halve(a);
    if (a->openers % FORGET_TOLD == 0)
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
