/* Numbers of RFC 8259, section 6: their grammar, and their values without rounding twice. */
#pragma once

#include "base/str.h"

#include <endian.h>

/* Behind the number at the start of the text, or NULL when none is there. */
const char *json_number_end(struct str text);

/* The value of a whole number in json_number_end()'s grammar. -EINVAL: it is no integer; -ERANGE:
 * it is one, but negative or above INT64_MAX. 5.0, 1e3 and -0 are integers. */
int json_number_int(struct str number, int64_t *out);

/* The nearest double. -ERANGE: beyond the largest one. */
int json_number_double(struct str number, double *out);

/* 8 bytes from p as the little-endian word, those from `end` on as zero. */
static inline uint64_t json_number_word(const char *p, const char *end)
{
    uint64_t word = 0;

    if (end - p >= 8)
        memcpy(&word, p, sizeof word);
    else
        for (const char *from = p; from < end; from++)
            ((char *)&word)[from - p] = *from;
    return le64toh(word);
}

/* How many of the word's first bytes are digits. */
static inline unsigned json_number_digits(uint64_t word)
{
    uint64_t high = 0xF0F0F0F0F0F0F0F0u, threes = 0x3030303030303030u;
    uint64_t other = ((word & high) ^ threes) | (((word + 0x0606060606060606u) & high) ^ threes);

    return other ? (unsigned)__builtin_ctzll(other) >> 3 : 8;
}

/* The value of the word's first `count` digits, 1 to 8: pairs, then fours, then all eight at once.
 */
static inline uint64_t json_number_value(uint64_t word, unsigned count)
{
    word = word << (8 * (8 - count)) & 0x0F0F0F0F0F0F0F0Fu;
    word = (word * 10 + (word >> 8)) & 0x00FF00FF00FF00FFu;
    word = (word * 100 + (word >> 16)) & 0x0000FFFF0000FFFFu;
    return (word * 10000 + (word >> 32)) & 0xFFFFFFFFu;
}

/* Behind the integer of at most 15 digits at p, without fraction or exponent; NULL for any other
 * form, right or wrong. Reads nothing at or behind `end`, before which some other byte than a digit
 * is. */
static inline const char *json_number_short(const char *p, const char *end, uint64_t *out)
{
    static const uint32_t power[8] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
    uint64_t word = json_number_word(p, end);
    unsigned count = json_number_digits(word);

    if (count == 0 || (*p == '0' && count > 1))
        return NULL;
    *out = json_number_value(word, count);
    p += count;
    if (count == 8) {
        word = json_number_word(p, end);
        count = json_number_digits(word);
        if (count == 8)
            return NULL;
        if (count > 0)
            *out = *out * power[count] + json_number_value(word, count);
        p += count;
    }
    return *p == ',' || *p == '}' ? p : NULL;
}
