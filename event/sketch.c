/* Folds a text block by block on the stack, hashes its windows (sketch_block.c) and keeps the
 * smallest. Nearly always one pass is enough: a limit lets about twice as many hashes through
 * as are wanted, and those are ranked. Text that repeats itself has fewer
 * distinct windows; then, rarely, a second pass takes every hash. Both give the same sample. */
#include "sketch.h"

#include "base/hash.h"
#include "event/sketch_block.h"

#include <errno.h>

/* Puts `h` into the ascending, distinct list of at most `max`. */
static uint32_t item_insert(uint32_t *item, uint32_t count, uint32_t max, uint32_t h)
{
    uint32_t at = count;

    while (at > 0 && item[at - 1] > h)
        at--;
    if (at > 0 && item[at - 1] == h)
        return count;
    if (at == max)
        return count;
    if (count < max)
        count++;
    memmove(item + at + 1, item + at, (count - at - 1) * sizeof *item);
    item[at] = h;
    return count;
}

static uint32_t at_most(uint32_t value, uint32_t max)
{
    return value < max ? value : max;
}

static uint32_t window_at(struct str text, uint32_t at)
{
    unsigned char window[32] = {0}; /* whole vectors */

    memcpy(window, text.p + at, SKETCH_WINDOW);
    for (uint32_t i = 0; i < sizeof window; i++)
        window[i] = sketch_fold(window[i]);
    return sketch_window_hash(window);
}

/* The second pass: every window, one after the other. */
static void items_all(struct str text, uint32_t max, uint32_t *item)
{
    uint32_t count = 0;

    for (uint32_t at = 0; at + SKETCH_WINDOW <= text.n; at++) {
        uint32_t h = window_at(text, at);

        if (count < max || h < item[max - 1])
            count = item_insert(item, count, max, h);
    }
    memset(item + count, 0, (max - count) * sizeof *item);
}

/* Lets 2 max + 4 hashes of distinct windows through: for a sample of 12 fewer than that or more
 * than SKETCH_HITS come with probability 0.05 %, for one of 4 with 0.2 % (Poisson). */
static uint32_t limit_of(uint32_t windows, uint32_t max)
{
    uint32_t expected = 2 * max + 4;

    return windows <= expected ? 0 : (uint32_t)(((uint64_t)expected << 32) / windows);
}

/* The walk over one text: its hash, its sample of windows, and what it counts. */
static uint64_t text_walk(struct str text, uint32_t max, uint32_t *item, struct sketch_walk *walk)
{
    uint32_t windows = text.n >= SKETCH_WINDOW ? text.n - SKETCH_WINDOW + 1 : 0, at = 0;
    struct sketch_path path[SKETCH_PATHS_MAX];
    struct sketch_folded folded;
    XXH3_state_t state;
    uint64_t hash;

    walk->limit = limit_of(windows, max);
    (void)sketch_paths(path);
    if (text.n > SKETCH_BLOCK)
        (void)XXH3_64bits_reset(&state);
    do {
        uint32_t n = at_most(text.n - at, SKETCH_BLOCK);

        path[0].block(text.p + at, n, at_most(text.n - at - n, SKETCH_WINDOW - 1),
                      at < windows ? at_most(windows - at, n) : 0, &folded, walk);
        if (text.n > SKETCH_BLOCK)
            (void)XXH3_64bits_update(&state, folded.byte, n);
        at += n;
    } while (at < text.n);
    hash = text.n > SKETCH_BLOCK ? XXH3_64bits_digest(&state) : XXH3_64bits(folded.byte, text.n);

    if (walk->hits > SKETCH_HITS || (path[0].rank(walk, max, item) < max && walk->limit))
        items_all(text, max, item);
    return hash ? hash : 1;
}

void sketch_make(struct str prompt, struct str system, struct sketch *out)
{
    struct sketch_walk walk = {.last = ' '}, system_walk = {.last = ' '};

    memset(out, 0, sizeof *out);
    if (system.p)
        out->system = text_walk(system, SKETCH_SYSTEM_ITEMS, out->system_item, &system_walk);
    if (!prompt.p)
        return;
    out->prompt = text_walk(prompt, SKETCH_ITEMS, out->item, &walk);
    if (prompt.n >= SKETCH_WINDOW) {
        out->head = window_at(prompt, 0);
        out->tail = window_at(prompt, prompt.n - SKETCH_WINDOW);
    }
    out->prompt_size = prompt.n;
    out->words = (uint16_t)(walk.words < UINT16_MAX ? walk.words : UINT16_MAX);
    if (prompt.n)
        out->non_ascii = (uint8_t)((uint64_t)walk.high * 255 / prompt.n);
    out->question = walk.last_visible == '?';
}

/* The binary form, 97 bytes: in this order, little endian. */
enum {
    BINARY_SIZE = 1 + 8 + 8 + 4 * SKETCH_ITEMS + 4 + 4 + 4 * SKETCH_SYSTEM_ITEMS + 4 + 2 + 1 + 1,
    BASE64_SIZE = (BINARY_SIZE + 2) / 3 * 4,
};
_Static_assert((int)BASE64_SIZE < (int)SKETCH_TEXT_SIZE, "room for the terminator");

static unsigned char *put(unsigned char *p, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        *p++ = (unsigned char)(value >> 8 * i);
    return p;
}

static uint64_t get(const unsigned char **p, unsigned size)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < size; i++)
        value |= (uint64_t) * (*p)++ << 8 * i;
    return value;
}

static const char base64_digit[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void sketch_encode(const struct sketch *sketch, char text[SKETCH_TEXT_SIZE])
{
    unsigned char binary[BINARY_SIZE + 2] = {SKETCH_VERSION}, *p = binary + 1;

    p = put(put(p, sketch->prompt, 8), sketch->system, 8);
    for (unsigned i = 0; i < SKETCH_ITEMS; i++)
        p = put(p, sketch->item[i], 4);
    p = put(put(p, sketch->head, 4), sketch->tail, 4);
    for (unsigned i = 0; i < SKETCH_SYSTEM_ITEMS; i++)
        p = put(p, sketch->system_item[i], 4);
    p = put(put(p, sketch->prompt_size, 4), sketch->words, 2);
    (void)put(put(p, sketch->non_ascii, 1), sketch->question, 1);

    for (unsigned i = 0, o = 0; i < BINARY_SIZE; i += 3, o += 4) {
        uint32_t group = (uint32_t)binary[i] << 16 | (uint32_t)binary[i + 1] << 8 | binary[i + 2];

        for (unsigned k = 0; k < 4; k++)
            text[o + k] = base64_digit[group >> (18 - 6 * k) & 63];
    }
    memset(text + BASE64_SIZE - (3 - BINARY_SIZE % 3) % 3, '=', (3 - BINARY_SIZE % 3) % 3);
    text[BASE64_SIZE] = '\0';
}

static int digit_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool base64_read(struct str text, unsigned char binary[BINARY_SIZE + 2])
{
    uint32_t padding = (3 - BINARY_SIZE % 3) % 3;

    if (text.n != BASE64_SIZE)
        return false;
    for (uint32_t i = 0, o = 0; i < BASE64_SIZE; i += 4, o += 3) {
        uint32_t group = 0;

        for (uint32_t k = i; k < i + 4; k++) {
            bool pad = k >= BASE64_SIZE - padding;
            int value = pad ? (text.p[k] == '=' ? 0 : -1) : digit_value(text.p[k]);

            if (value < 0)
                return false;
            group = group << 6 | (uint32_t)value;
        }
        binary[o] = (unsigned char)(group >> 16);
        binary[o + 1] = (unsigned char)(group >> 8);
        binary[o + 2] = (unsigned char)group;
    }
    return true;
}

/* Ascending and distinct, zeros at the end: what the detector may rely on. */
static bool items_valid(const uint32_t *item, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++)
        if (item[i] && (!item[i - 1] || item[i - 1] >= item[i]))
            return false;
    return true;
}

int sketch_decode(struct str text, struct sketch *out)
{
    unsigned char binary[BINARY_SIZE + 2];
    const unsigned char *p = binary + 1;
    struct sketch s;

    if (!base64_read(text, binary))
        return -EINVAL;
    if (binary[0] != SKETCH_VERSION)
        return -ENOTSUP;
    memset(&s, 0, sizeof s);
    s.prompt = get(&p, 8);
    s.system = get(&p, 8);
    for (unsigned i = 0; i < SKETCH_ITEMS; i++)
        s.item[i] = (uint32_t)get(&p, 4);
    s.head = (uint32_t)get(&p, 4);
    s.tail = (uint32_t)get(&p, 4);
    for (unsigned i = 0; i < SKETCH_SYSTEM_ITEMS; i++)
        s.system_item[i] = (uint32_t)get(&p, 4);
    s.prompt_size = (uint32_t)get(&p, 4);
    s.words = (uint16_t)get(&p, 2);
    s.non_ascii = (uint8_t)get(&p, 1);
    s.question = (uint8_t)get(&p, 1);
    if (!items_valid(s.item, SKETCH_ITEMS) || !items_valid(s.system_item, SKETCH_SYSTEM_ITEMS) ||
        s.question > 1)
        return -EINVAL;
    *out = s;
    return 0;
}
