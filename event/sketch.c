/* Folds a text block by block on the stack, hashes its windows (sketch_window.c) and keeps the
 * smallest. Nearly always one pass is enough: a limit is set so that about HITS_EXPECTED hashes of
 * random text fall below it, and the few that do are ranked. Text that repeats itself has fewer
 * distinct windows; then, rarely, a second pass takes every hash. Both give the same sample. */
#include "sketch.h"

#include "base/hash.h"
#include "event/sketch_window.h"

#include <errno.h>

/* Poisson: with 20 expected, P(< 12) = 2.1 % and P(> 32) = 0.5 % of texts need the second pass. */
enum { HITS_EXPECTED = 20 };

struct folded {
    unsigned char byte[SKETCH_BLOCK + SKETCH_WINDOW + SKETCH_SLACK];
};

/* What one walk over a text gives beside its windows. */
struct totals {
    uint32_t words, high, size;
    unsigned char last_visible;
};

static sketch_windows_func *windows_func(void)
{
    struct sketch_path path[3];

    (void)sketch_paths(path);
    return path[0].windows;
}

/* Folds `n` bytes, and zeroes the slack that the vector loops read and ignore. */
static void fold(const char *text, uint32_t n, struct folded *out)
{
    const unsigned char *byte = (const unsigned char *)text;

    for (uint32_t i = 0; i < n; i++)
        out->byte[i] = sketch_fold(byte[i]);
    memset(out->byte + n, 0, SKETCH_SLACK);
}

/* Adds a block's words and bytes; `inside`: the byte before the block belonged to a word. */
static bool totals_add(struct totals *t, const struct folded *f, uint32_t n, bool inside)
{
    const unsigned char *p = f->byte;
    uint32_t last = n;

    t->size += n;
    t->words += n > 0 && p[0] != ' ' && !inside;
    for (uint32_t at = 0; at < n; at += 128) { /* 128: the sums below fit a byte */
        uint32_t end = n - at < 128 ? n : at + 128;
        uint8_t high = 0, words = 0;

        for (uint32_t i = at; i < end; i++)
            high = (uint8_t)(high + (p[i] >> 7));
        for (uint32_t i = at ? at : 1; i < end; i++)
            words = (uint8_t)(words + ((p[i] != ' ') & (p[i - 1] == ' ')));
        t->high += high;
        t->words += words;
    }
    while (last > 0 && p[last - 1] == ' ')
        last--;
    if (last > 0)
        t->last_visible = p[last - 1];
    return n ? p[n - 1] != ' ' : inside;
}

/* Ascending, distinct, at most `max`; returns how many. */
static uint32_t hits_rank(const struct sketch_hits *hits, uint32_t max, uint32_t *item)
{
    uint32_t value[SKETCH_HITS], rank[SKETCH_HITS] = {0}, sorted[SKETCH_HITS] = {0};
    uint32_t count = 0;

    for (uint32_t i = 0; i < SKETCH_HITS; i++)
        value[i] = i < hits->count ? hits->hash[i] : UINT32_MAX;
    for (uint32_t j = 0; j < hits->count; j++)
        for (uint32_t i = 0; i < SKETCH_HITS; i++)
            rank[i] += hits->hash[j] < value[i];
    for (uint32_t i = 0; i < hits->count; i++)
        sorted[rank[i]] = value[i]; /* equal values meet in one place and leave holes after it */
    for (uint32_t i = 0; i < hits->count && count < max; i++)
        if (sorted[i])
            item[count++] = sorted[i];
    return count;
}

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

/* The second pass: every window, one after the other. */
static void items_all(struct str text, uint32_t max, uint32_t *item)
{
    struct folded f;
    uint32_t windows = text.n - SKETCH_WINDOW + 1, count = 0;

    for (uint32_t at = 0; at < windows; at += SKETCH_BLOCK) {
        uint32_t n = windows - at < SKETCH_BLOCK ? windows - at : SKETCH_BLOCK;

        fold(text.p + at, n + SKETCH_WINDOW - 1, &f);
        for (uint32_t i = 0; i < n; i++) {
            uint32_t h = sketch_window_hash(f.byte + i);

            if (count < max || h < item[max - 1])
                count = item_insert(item, count, max, h);
        }
    }
    memset(item + count, 0, (max - count) * sizeof *item);
}

static uint32_t limit_of(uint32_t windows)
{
    return windows <= HITS_EXPECTED ? 0 : (uint32_t)(((uint64_t)HITS_EXPECTED << 32) / windows);
}

/* The walk over one text: its hash, and with `item` its sample of windows. */
static uint64_t text_walk(struct str text, uint32_t max, uint32_t *item, struct totals *totals)
{
    sketch_windows_func *windows_add = windows_func();
    struct folded f;
    XXH3_state_t state;
    uint32_t windows = text.n >= SKETCH_WINDOW ? text.n - SKETCH_WINDOW + 1 : 0, count, at = 0;
    struct sketch_hits hits = {.limit = limit_of(windows)};
    uint64_t hash = 0;
    bool inside = false, whole = text.n <= SKETCH_BLOCK;

    if (!whole)
        (void)XXH3_64bits_reset(&state);
    do {
        uint32_t n = text.n - at < SKETCH_BLOCK ? text.n - at : SKETCH_BLOCK;
        uint32_t ahead = text.n - at - n < SKETCH_WINDOW - 1 ? text.n - at - n : SKETCH_WINDOW - 1;

        fold(text.p + at, n + ahead, &f);
        inside = totals_add(totals, &f, n, inside);
        if (whole)
            hash = XXH3_64bits(f.byte, n);
        else
            (void)XXH3_64bits_update(&state, f.byte, n);
        if (at < windows)
            windows_add(f.byte, windows - at < n ? windows - at : n, &hits);
        at += n;
    } while (at < text.n);
    if (!whole)
        hash = XXH3_64bits_digest(&state);

    count = hits.count <= SKETCH_HITS ? hits_rank(&hits, max, item) : 0;
    if (count < max && hits.limit)
        items_all(text, max, item);
    return hash ? hash : 1;
}

static uint32_t window_at(struct str text, uint32_t at)
{
    struct folded f;

    fold(text.p + at, SKETCH_WINDOW, &f);
    return sketch_window_hash(f.byte);
}

void sketch_make(struct str prompt, struct str system, struct sketch *out)
{
    struct totals totals = {0}, ignored = {0};

    memset(out, 0, sizeof *out);
    if (system.p)
        out->system = text_walk(system, SKETCH_SYSTEM_ITEMS, out->system_item, &ignored);
    if (!prompt.p)
        return;
    out->prompt = text_walk(prompt, SKETCH_ITEMS, out->item, &totals);
    if (prompt.n >= SKETCH_WINDOW) {
        out->head = window_at(prompt, 0);
        out->tail = window_at(prompt, prompt.n - SKETCH_WINDOW);
    }
    out->prompt_size = prompt.n;
    out->words = (uint16_t)(totals.words < UINT16_MAX ? totals.words : UINT16_MAX);
    if (prompt.n)
        out->non_ascii = (uint8_t)((uint64_t)totals.high * 255 / prompt.n);
    out->question = totals.last_visible == '?';
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
