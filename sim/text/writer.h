/* The grammar machine under sim/text.c: whole words and phrases are copied into a prompt, chosen by
 * a small random stream.
 *
 * A **word** is plain text of at most 30 bytes. A **phrase** is text with slots: '@' and a letter
 * stands for one choice from the list of that letter (sim/text/words.c), or for something made up,
 * such as a number. Lists nest without cycles. */
#pragma once

#include "base/rng.h"
#include "base/str.h"
#include "sim/text.h"

enum {
    WORD_TEXT_SIZE = 31,
    PHRASE_PAD = 16,
    WRITER_SLACK = 64, /* copies run over by less than this */
};

/* 32 bytes, so that a copy is one or two vector moves whatever the length. */
struct word {
    char text[WORD_TEXT_SIZE];
    uint8_t size;
};
#define W(literal)                                                                                 \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

/* The text is padded, so that it can be copied in steps of PHRASE_PAD bytes. */
struct phrase {
    const char *text;
    uint32_t size;
};
#define P(literal)                                                                                 \
    {                                                                                              \
        literal "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", sizeof(literal) - 1                            \
    }

struct word_list {
    const struct word *word;
    uint32_t count;
};
struct phrase_list {
    const struct phrase *phrase;
    uint32_t count;
};
#define LIST(array)                                                                                \
    {                                                                                              \
        array, sizeof(array) / sizeof *(array)                                                     \
    }

struct writer {
    char *out;
    uint32_t size;
    uint32_t limit;             /* nothing is begun beyond it */
    uint64_t state;             /* of the random stream in use */
    const struct word *subject; /* what '@*' stands for: the subject of the session */
    uint64_t twist;             /* what the word for "@&" depends on */
};

/* What a slot stands for: words, phrases, or made by a function. */
struct slot {
    struct word_list words;
    struct phrase_list phrases;
    void (*make)(struct writer *w);
};
extern const struct slot text_slot[128];

static inline uint64_t seed_of(uint64_t a, uint64_t b)
{
    return mix64(a ^ mix64(b));
}

/* The random stream of texts: SplitMix64, whose draws do not wait for one another. */
static inline uint64_t stream_next(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15u;
    return mix64(*state);
}

/* Uniform in [0, n) from 64 random bits, n < 2^32. */
static inline uint32_t stream_below(uint64_t bits, uint32_t n)
{
    return (uint32_t)((bits >> 32) * n >> 32);
}

static inline uint64_t writer_draw(struct writer *w)
{
    return stream_next(&w->state);
}

static inline uint32_t writer_below(struct writer *w, uint32_t n)
{
    return stream_below(writer_draw(w), n);
}

/* True in `percent` of 100 cases. */
static inline bool writer_chance(struct writer *w, uint32_t percent)
{
    return writer_below(w, 100) < percent;
}

static inline void write_word(struct writer *w, const struct word *word)
{
    if (w->size > w->limit)
        return;
    memcpy(w->out + w->size, word, sizeof *word);
    w->size += word->size;
}

static inline void write_char(struct writer *w, char c)
{
    if (w->size <= w->limit)
        w->out[w->size++] = c;
}

/* A short literal. */
void write_text(struct writer *w, struct str text);
#define WRITE(w, literal) write_text((w), STR(literal))

/* A phrase with its slots filled. */
void write_phrase(struct writer *w, const struct phrase *phrase);

static inline void write_choice(struct writer *w, const struct phrase_list *list)
{
    write_phrase(w, &list->phrase[writer_below(w, list->count)]);
}

static inline const struct word *writer_word(struct writer *w, const struct word_list *list)
{
    return &list->word[writer_below(w, list->count)];
}

/* Decimal digits. */
void write_number(struct writer *w, uint32_t value);

/* Makes the ASCII letter at `at` a capital. */
void writer_capital(struct writer *w, uint32_t at);

/* Cuts to at most `size` bytes at a blank, or else at a UTF-8 boundary; never below `keep`. */
void writer_cut(struct writer *w, uint32_t keep, uint32_t size);

/* Room that is left to reach `target` bytes. */
static inline bool writer_wants(const struct writer *w, uint32_t target)
{
    return w->size < target && w->size <= w->limit;
}
