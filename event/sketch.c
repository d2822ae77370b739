/* Folds a text block by block on the stack, hashes its windows (sketch_block.c) and keeps the
 * smallest. Nearly always one pass is enough: a limit lets about twice as many hashes through as
 * are wanted. Text that repeats itself has fewer distinct windows; then, rarely, a second pass
 * starts from no limit. The sample is the same, whatever the limit. */
#include "sketch.h"

#include "base/hash.h"
#include "base/rng.h"
#include "event/sketch_block.h"

#include <errno.h>
#include <string.h>

/* One text on its way through the blocks. `before` bytes of it lie in front of the next block. */
struct walk {
    const struct sketch_path *path;
    struct sketch_folded folded;
    struct sketch_counts counts;
    struct sketch_hits hits;
    uint32_t before;
    uint32_t head, tail;
    bool sampled; /* false: only counts and the text's hash are wanted */
};

static uint32_t at_most(uint32_t value, uint32_t max)
{
    return value < max ? value : max;
}

/* Lets max + 10 hashes of distinct windows through: of these, less than the 12 or 4 wanted come
 * with probability 0.7 % and 0.05 % (Poisson). */
static int32_t limit_of(uint32_t size, uint32_t max)
{
    uint32_t windows = at_most(size, 2 * SKETCH_ENDS), expected = max + 10;

    if (windows < expected + SKETCH_WINDOW)
        return INT32_MAX;
    return sketch_signed((uint32_t)(((uint64_t)expected << 32) / (windows - SKETCH_WINDOW + 1)));
}

/* Adds the windows that end in the folded block of `size` bytes. */
static void walk_windows(struct walk *w, uint32_t size)
{
    const unsigned char *block = w->folded.byte + SKETCH_LEAD;
    uint32_t bytes = w->before + size;

    if (bytes < SKETCH_WINDOW)
        return;
    w->path->windows(block - w->before, bytes - SKETCH_WINDOW + 1, &w->hits);
    w->tail = sketch_window_hash(block + size - SKETCH_WINDOW);
    if (!w->head)
        w->head = sketch_window_hash(block - w->before);
}

/* A part of the text; windows do not reach from one part into the next. */
static void walk_part(struct walk *w, struct str part, bool windows, XXH3_state_t *state)
{
    w->before = 0;
    for (uint32_t at = 0; at < part.n; at += SKETCH_BLOCK) {
        uint32_t size = at_most(part.n - at, SKETCH_BLOCK);

        w->path->fold(part.p + at, size, &w->folded, &w->counts);
        if (state)
            (void)XXH3_64bits_update(state, w->folded.byte + SKETCH_LEAD, size);
        if (windows && w->sampled)
            walk_windows(w, size);
        memcpy(w->folded.byte, w->folded.byte + SKETCH_BLOCK, SKETCH_LEAD);
        w->before = SKETCH_WINDOW - 1;
    }
}

/* One pass over the text with the given limit; returns the text's hash. */
static uint64_t walk_pass(struct walk *w, struct str text, uint32_t max, int32_t limit)
{
    XXH3_state_t state;

    w->counts = (struct sketch_counts){0};
    w->hits.last = limit;
    w->hits.max = max;
    w->hits.count = 0;
    w->head = w->tail = 0;
    if (text.n <= SKETCH_BLOCK) {
        walk_part(w, text, true, NULL);
        return XXH3_64bits(w->folded.byte + SKETCH_LEAD, text.n);
    }
    (void)XXH3_64bits_reset(&state);
    if (text.n <= 2 * SKETCH_ENDS) {
        walk_part(w, text, true, &state);
    } else {
        uint32_t end = text.n - SKETCH_ENDS;

        walk_part(w, (struct str){text.p, SKETCH_ENDS}, true, &state);
        walk_part(w, (struct str){text.p + SKETCH_ENDS, end - SKETCH_ENDS}, false, &state);
        walk_part(w, (struct str){text.p + end, SKETCH_ENDS}, true, &state);
    }
    return XXH3_64bits_digest(&state);
}

static uint64_t text_walk(struct walk *w, struct str text, uint32_t max, uint32_t *item)
{
    int32_t limit = limit_of(text.n, max);
    uint64_t hash = walk_pass(w, text, max, limit);

    w->path->select(&w->hits);
    if (w->hits.count < max && limit < INT32_MAX) {
        (void)walk_pass(w, text, max, INT32_MAX);
        w->path->select(&w->hits);
    }
    for (uint32_t i = 0; i < w->hits.count; i++)
        item[i] = sketch_unsigned(w->hits.hit[i]);
    return hash ? hash : 1;
}

static void counts_put(const struct walk *w, uint32_t size, struct sketch *out)
{
    out->prompt_size = size;
    out->words = (uint16_t)at_most(w->counts.words, UINT16_MAX);
    if (size)
        out->non_ascii = (uint8_t)((uint64_t)w->counts.high * 255 / size);
    out->question = w->counts.last_visible == '?';
}

void sketch_make(struct str prompt, struct str system, struct sketch *out)
{
    struct sketch_path path[SKETCH_PATHS_MAX];
    struct walk walk;

    memset(out, 0, sizeof *out);
    (void)sketch_paths(path);
    walk.path = path;
    walk.sampled = true;
    if (system.p)
        out->system = text_walk(&walk, system, SKETCH_SYSTEM_ITEMS, out->system_item);
    if (!prompt.p)
        return;
    out->prompt = text_walk(&walk, prompt, SKETCH_ITEMS, out->item);
    out->head = walk.head;
    out->tail = walk.tail;
    counts_put(&walk, prompt.n, out);
}

void sketch_outline(struct str prompt, struct sketch *out)
{
    struct sketch_path path[SKETCH_PATHS_MAX];
    struct walk walk;

    memset(out, 0, sizeof *out);
    if (!prompt.p)
        return;
    (void)sketch_paths(path);
    walk.path = path;
    walk.sampled = false;
    out->prompt = walk_pass(&walk, prompt, 0, INT32_MAX);
    if (!out->prompt)
        out->prompt = 1;
    counts_put(&walk, prompt.n, out);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int sketch_of_code(struct str code, struct sketch *out)
{
    enum { DIGITS = 16, WORDS_UNKNOWN = 16 };
    uint64_t bits = 0;

    memset(out, 0, sizeof *out);
    if (code.n != DIGITS)
        return -EINVAL;
    for (uint32_t i = 0; i < DIGITS; i++) {
        int digit = hex_digit(code.p[i]);

        if (digit < 0)
            return -EINVAL;
        bits = bits << 4 | (uint64_t)digit;
    }
    out->prompt = mix64(bits) | 1;
    out->head = (uint32_t)mix64(bits >> (64 - SKETCH_CODE_BITS)) | 1;
    out->tail = (uint32_t)mix64(~(bits & (((uint64_t)1 << SKETCH_CODE_BITS) - 1))) | 1;
    out->words = WORDS_UNKNOWN;
    return 0;
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
