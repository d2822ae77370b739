/* The grammar machine under sim/text.c: whole words and phrases are copied into a prompt, chosen by
 * a small random stream.
 *
 * A **word** is plain text of at most 30 bytes. A **phrase** is text with slots: '@' and a letter
 * stands for one choice from the list of that letter (sim/text/words.c), or for something made up,
 * such as a number. Lists nest without cycles, at most PHRASE_DEPTH deep. */
#pragma once

#include "base/rng.h"
#include "base/str.h"
#include "sim/text.h"

enum {
    WORD_TEXT_SIZE = 31,
    PHRASE_PAD = 16,
    PHRASE_DEPTH = 8,
    WRITER_SLACK = 128, /* a sentence begun at the limit, and its copies, end before this */
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

/* The text ends in a slot without a letter, and is padded, so that it can be copied in steps of
 * PHRASE_PAD bytes without a look at its size. */
struct phrase {
    const char *text;
};
#define P(literal)                                                                                 \
    {                                                                                              \
        literal "@\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"                                                \
    }

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

enum slot_kind {
    SLOT_END, /* of the phrase; also what no list has */
    SLOT_WORDS,
    SLOT_PHRASES,
    SLOT_SUBJECT, /* of the session */
    SLOT_TWIST,
    SLOT_NUMBER, /* 100 to 9999 */
    SLOT_HEX,
};

/* What a slot stands for. */
struct slot {
    union {
        const struct word *word;
        const struct phrase *phrase;
    };
    uint32_t count;
    enum slot_kind kind;
};
extern const struct slot text_slot[128];

/* The product's halves folded (the step of wyhash): as good as two rounds of mix64() for seeds, at
 * a fifth of the cost. The constants are wyhash's. */
static inline uint64_t seed_of(uint64_t a, uint64_t b)
{
    __uint128_t product = (__uint128_t)(a ^ 0xa0761d6478bd642fu) * (b ^ 0xe7037ed1a0b428dbu);

    return (uint64_t)(product >> 64) ^ (uint64_t)product;
}

/* The random stream of texts: Knuth's linear congruential generator (MMIX), of which only the upper
 * half is used. A choice of words wants no better one, and none is cheaper. */
static inline uint64_t stream_next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state;
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

/* Copies the word to `at`, whole; returns where it ends. */
static inline char *put_word(char *at, const struct word *word)
{
    memcpy(at, word, sizeof *word);
    return at + word->size;
}

/* Decimal digits of a number below 10000; returns the end. */
char *put_number(char *at, uint32_t value);

static inline void write_word(struct writer *w, const struct word *word)
{
    if (w->size <= w->limit)
        w->size = (uint32_t)(put_word(w->out + w->size, word) - w->out);
}

static inline void write_char(struct writer *w, char c)
{
    if (w->size <= w->limit)
        w->out[w->size++] = c;
}

/* A literal of at most 30 bytes. */
#define WRITE(w, literal)                                                                          \
    do {                                                                                           \
        static const struct word literal_word = W(literal);                                        \
                                                                                                   \
        write_word((w), &literal_word);                                                            \
    } while (0)

/* A phrase with its slots filled. */
void write_phrase(struct writer *w, const struct phrase *phrase);

static inline void write_choice(struct writer *w, const struct phrase_list *list)
{
    write_phrase(w, &list->phrase[writer_below(w, list->count)]);
}

/* Makes the ASCII letter at `at` a capital. */
void writer_capital(struct writer *w, uint32_t at);

/* Cuts to at most `size` bytes at a blank, or else at a UTF-8 boundary; never below `keep`. */
void writer_cut(struct writer *w, uint32_t keep, uint32_t size);

/* Room that is left to reach `target` bytes. */
static inline bool writer_wants(const struct writer *w, uint32_t target)
{
    return w->size < target && w->size <= w->limit;
}
