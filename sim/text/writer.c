#include "writer.h"

#include <endian.h>

void write_text(struct writer *w, struct str text)
{
    if (w->size + text.n > w->limit + WRITER_SLACK / 2)
        return;
    memcpy(w->out + w->size, text.p, text.n);
    w->size += text.n;
}

static void write_slot(struct writer *w, unsigned char letter)
{
    const struct slot *slot = &text_slot[letter & 127];

    if (slot->words.count)
        write_word(w, writer_word(w, &slot->words));
    else if (slot->phrases.count)
        write_choice(w, &slot->phrases);
    else
        slot->make(w);
}

/* The high bit of the first byte that is '@' is set; bits above it may be anything. */
static uint64_t slot_bytes(uint64_t chunk)
{
    uint64_t x = chunk ^ 0x4040404040404040u;

    return (x - 0x0101010101010101u) & ~x & 0x8080808080808080u;
}

void write_phrase(struct writer *w, const struct phrase *phrase)
{
    const char *p = phrase->text;
    const char *end = p + phrase->size;

    while (p < end && w->size <= w->limit) {
        uint64_t chunk, hit;
        uint32_t n = end - p < 8 ? (uint32_t)(end - p) : 8;

        memcpy(&chunk, p, sizeof chunk);
        memcpy(w->out + w->size, &chunk, sizeof chunk);
        hit = slot_bytes(le64toh(chunk));
        if (!hit) {
            w->size += n;
            p += n;
            continue;
        }
        n = (uint32_t)__builtin_ctzll(hit) / 8;
        w->size += n;
        p += n + 2;
        write_slot(w, (unsigned char)p[-1]);
    }
}

void write_number(struct writer *w, uint64_t value)
{
    char digit[20];
    uint32_t n = 0;

    do {
        digit[sizeof digit - ++n] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    write_text(w, (struct str){digit + sizeof digit - n, n});
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
