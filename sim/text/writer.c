#include "writer.h"

#include <endian.h>

void write_text(struct writer *w, struct str text)
{
    if (w->size + text.n > w->limit + WRITER_SLACK / 2)
        return;
    memcpy(w->out + w->size, text.p, text.n);
    w->size += text.n;
}

/* Bytes before the first '@' among eight; 8 when there is none. */
static uint32_t plain_of_8(const char *p)
{
    uint64_t x;

    memcpy(&x, p, sizeof x);
    x = le64toh(x) ^ 0x4040404040404040u;
    x = (x - 0x0101010101010101u) & ~x & 0x8080808080808080u; /* exact for the first zero byte */
    return (x ? (uint32_t)__builtin_ctzll(x) : 64u) / 8;
}

/* Bytes before the first '@' among the next PHRASE_PAD ones; PHRASE_PAD when there is none. Without
 * branches, which nobody could predict here. */
static uint32_t plain_size(const char *p)
{
    uint32_t n = plain_of_8(p);

    return n + (plain_of_8(p + 8) & -(n >> 3));
}

/* The position and the random stream live in registers here, not in *w: whatever is written through
 * a char pointer might be *w itself, so the compiler would have to store and load them every time.
 */
void write_phrase(struct writer *w, const struct phrase *phrase)
{
    const char *p = phrase->text, *end = p + phrase->size;
    char *at = w->out + w->size, *stop = w->out + w->limit;
    uint64_t state = w->state;

    while (p < end && at <= stop) {
        uint32_t n = plain_size(p);
        const struct slot *slot;

        memcpy(at, p, PHRASE_PAD);
        if (n == PHRASE_PAD) {
            n = end - p < PHRASE_PAD ? (uint32_t)(end - p) : PHRASE_PAD;
            at += n;
            p += n;
            continue;
        }
        at += n;
        p += n + 2;
        slot = &text_slot[p[-1] & 127];
        if (slot->words.count) {
            const struct word *word =
                &slot->words.word[stream_below(stream_next(&state), slot->words.count)];

            memcpy(at, word, sizeof *word);
            at += word->size;
            continue;
        }
        w->size = (uint32_t)(at - w->out);
        w->state = state;
        if (slot->make)
            slot->make(w);
        else
            write_choice(w, &slot->phrases);
        at = w->out + w->size;
        state = w->state;
    }
    w->size = (uint32_t)(at - w->out);
    w->state = state;
}

void write_number(struct writer *w, uint32_t value)
{
    char digit[PHRASE_PAD];
    uint32_t n = 0;

    do {
        digit[PHRASE_PAD - ++n] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    if (w->size > w->limit)
        return;
    for (uint32_t i = 0; i < n; i++)
        w->out[w->size + i] = digit[PHRASE_PAD - n + i];
    w->size += n;
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
