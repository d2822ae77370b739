#include "content.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

_Static_assert(ACCOUNT_ITEMS == 24, "find() compares sixteen and eight");

enum {
    KEPT = 5,     /* of one that many use, though it links nobody yet: it stays for a while */
    SHARED = 255, /* count of a phrase that other accounts use too: it stays */
    TEMPLATED_ITEMS = 2, /* recurring phrases that make a prompt count as templated */
};

/* Hashes below this are sampled: one window in 48, five to ten of a usual prompt. */
static const uint32_t SAMPLE_BELOW = UINT32_MAX / 48;

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

static uint32_t add_distinct(uint32_t *phrase, uint32_t count, uint32_t window)
{
    for (uint32_t i = 0; i < count; i++)
        if (phrase[i] == window)
            return count;
    phrase[count] = window;
    return count + (window != 0);
}

uint32_t content_phrases(const struct sketch *sketch, uint32_t phrase[CONTENT_PHRASES],
                         uint32_t *prompt_count)
{
    uint32_t count = 0;

    for (unsigned i = 0; i < CONTENT_SAMPLE && sketch->item[i]; i++)
        if (sketch->item[i] < SAMPLE_BELOW)
            phrase[count++] = sketch->item[i];
    count = add_distinct(phrase, count, sketch->head);
    count = add_distinct(phrase, count, sketch->tail);
    *prompt_count = count;
    for (unsigned i = 0; i < SKETCH_SYSTEM_ITEMS && sketch->system_item[i]; i++)
        count = add_distinct(phrase, count, sketch->system_item[i]);
    return count;
}

bool content_known(const struct account *a, uint32_t phrase)
{
    int at = find(a, phrase);

    return at >= 0 && a->item_count[at] == SHARED;
}

enum content_state content_see(struct account *a, uint32_t phrase)
{
    int at = find(a, phrase);

    if (at >= 0 && a->item_count[at] == SHARED)
        return CONTENT_KNOWN;
    if (at >= 0) {
        a->item_count[at] = (uint8_t)(a->item_count[at] + (a->item_count[at] < SHARED - 1));
        return CONTENT_AGAIN;
    }
    at = (int)a->item_next;
    /* What came back stays longer, what is shared the longest. */
    for (unsigned k = 0; k < ACCOUNT_ITEMS && a->item_count[at] > 1; k++) {
        a->item_count[at] = (uint8_t)(a->item_count[at] - (a->item_count[at] < SHARED));
        at = at + 1 == ACCOUNT_ITEMS ? 0 : at + 1;
    }
    a->item[at] = phrase;
    a->item_count[at] = 1;
    a->item_next = (uint8_t)((at + 1) % ACCOUNT_ITEMS);
    return CONTENT_FIRST;
}

bool content_hold(struct account *a, uint32_t phrase)
{
    int at = find(a, phrase);

    if (at < 0)
        return false;
    a->item_count[at] = SHARED;
    return true;
}

void content_keep(struct account *a, uint32_t phrase)
{
    int at = find(a, phrase);

    if (at >= 0 && a->item_count[at] < KEPT)
        a->item_count[at] = KEPT;
}

bool content_holds(const struct account *a, unsigned i)
{
    return a->item_count[i] == SHARED;
}

void content_end(struct account *a, uint32_t recurring)
{
    a->templated += recurring >= TEMPLATED_ITEMS;
}

/* Most pairs share little: one bit of each phrase tells nearly always that the other has it not. */
uint32_t content_shared(const struct account *a, const struct account *b,
                        uint32_t shared[ACCOUNT_ITEMS])
{
    uint64_t held = 0;
    uint32_t count = 0;

    for (unsigned i = 0; i < ACCOUNT_ITEMS; i++)
        held |= (uint64_t)1 << b->item[i] % 64;
    for (unsigned i = 0; i < ACCOUNT_ITEMS; i++)
        if (a->item[i] && (held >> a->item[i] % 64 & 1) && find(b, a->item[i]) >= 0)
            shared[count++] = a->item[i];
    return count;
}
