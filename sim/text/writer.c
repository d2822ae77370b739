#include "writer.h"

#include <assert.h>

#if defined(__x86_64__)

#include <emmintrin.h>

/* Copies PHRASE_PAD bytes; says how many of them come before the first '@'. */
static inline uint32_t copy_plain(char *at, const char *p)
{
    __m128i text = _mm_loadu_si128((const __m128i *)(const void *)p);
    uint32_t found = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(text, _mm_set1_epi8('@')));

    _mm_storeu_si128((__m128i *)(void *)at, text);
    return (uint32_t)__builtin_ctz(found | 1u << PHRASE_PAD);
}

#else

static inline uint32_t copy_plain(char *at, const char *p)
{
    const char *found = memchr(p, '@', PHRASE_PAD);

    memcpy(at, p, PHRASE_PAD);
    return found ? (uint32_t)(found - p) : PHRASE_PAD;
}

#endif

/* Two digits of each number below 100. */
#define TEN(d) d "0", d "1", d "2", d "3", d "4", d "5", d "6", d "7", d "8", d "9"
static const char two_digits[100][4] = {TEN("0"), TEN("1"), TEN("2"), TEN("3"), TEN("4"),
                                        TEN("5"), TEN("6"), TEN("7"), TEN("8"), TEN("9")};
#undef TEN

char *put_number(char *at, uint32_t value)
{
    uint32_t high = value / 100, low = value % 100;

    if (high > 0) {
        uint32_t skip = high < 10;

        memcpy(at, two_digits[high] + skip, 2);
        at += 2 - skip;
    }
    if (high == 0 && low < 10) {
        *at = (char)('0' + low);
        return at + 1;
    }
    memcpy(at, two_digits[low], 2);
    return at + 2;
}

static char *put_hex(char *at, uint64_t bits)
{
    for (int i = 0; i < 8; i++)
        at[i] = "0123456789abcdef"[bits >> (32 + 4 * i) & 15];
    return at + 8;
}

/* The slots that are made up, not looked up. */
static char *put_made(const struct writer *w, const struct slot *slot, char *at, uint64_t *state)
{
    const struct slot *adjectives = &text_slot['a'];

    switch (slot->kind) {
    case SLOT_SUBJECT: return put_word(at, w->subject);
    case SLOT_TWIST:
        return put_word(at, &adjectives->word[stream_below(mix64(w->twist), adjectives->count)]);
    case SLOT_NUMBER: return put_number(at, 100 + stream_below(stream_next(state), 9900));
    case SLOT_HEX: return put_hex(at, stream_next(state));
    case SLOT_END:
    case SLOT_WORDS:
    case SLOT_PHRASES: break;
    }
    return at;
}

/* The position and the random stream live in registers here, not in *w: whatever is written through
 * a char pointer might be *w itself, so the compiler would have to store and load them every time.
 */
void write_phrase(struct writer *w, const struct phrase *phrase)
{
    const char *p = phrase->text, *outer[PHRASE_DEPTH];
    char *at = w->out + w->size, *stop = w->out + w->limit;
    uint64_t state = w->state;
    uint32_t depth = 0;

    while (at <= stop) {
        uint32_t n = copy_plain(at, p);
        const struct slot *slot;

        at += n;
        p += n;
        if (n == PHRASE_PAD)
            continue;
        slot = &text_slot[p[1] & 127];
        p += 2;
        if (slot->kind == SLOT_WORDS) {
            at = put_word(at, &slot->word[stream_below(stream_next(&state), slot->count)]);
        } else if (slot->kind == SLOT_PHRASES) {
            assert(depth < PHRASE_DEPTH);
            outer[depth++] = p;
            p = slot->phrase[stream_below(stream_next(&state), slot->count)].text;
        } else if (slot->kind != SLOT_END) {
            at = put_made(w, slot, at, &state);
        } else if (depth > 0) {
            p = outer[--depth];
        } else {
            break;
        }
    }
    w->size = (uint32_t)(at - w->out);
    w->state = state;
}

void writer_capital(struct writer *w, uint32_t at)
{
    if (at < w->size && w->out[at] >= 'a' && w->out[at] <= 'z')
        w->out[at] = (char)(w->out[at] - 'a' + 'A');
}

void writer_cut(struct writer *w, uint32_t keep, uint32_t size)
{
    uint32_t at = size;

    if (w->size <= size || keep >= size)
        return;
    while (at > keep && at > size - size / 8 && w->out[at] != ' ' && w->out[at] != '\n')
        at--;
    if (w->out[at] != ' ' && w->out[at] != '\n') /* no blanks in this script */
        for (at = size; at > keep && ((unsigned char)w->out[at] & 0xc0) == 0x80;)
            at--;
    w->size = at;
}
