/* Where the plain part of a JSON string ends: the first byte that closes it, begins an escape or
 * may not be there. Two ways with the same results; event_json.c is compiled for each. */
#pragma once

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The vector path reads whole vectors that end no later than `end`: so many bytes must be in front
 * of it. */
enum { JSON_PLAIN_LEAD = 32 };

/* The first of '"', '\\' and the control characters at or behind p; end - 1 when there is none,
 * where p < end and end[-1] is none of them. *high becomes other than 0 when a byte of 0x80 or more
 * comes before it, and may when one lies near it. */
typedef const char *json_plain_func(const char *p, const char *end, uint64_t *high);

/* The high bit of each byte that ends the plain part. */
static inline uint64_t json_plain_stops(uint64_t x)
{
    const uint64_t each = 0x0101010101010101u, low7 = 0x7F7F7F7F7F7F7F7Fu;
    uint64_t quote = x ^ each * '"', backslash = x ^ each * '\\', control = x & each * 0xE0;

    /* Adding 0x7F carries into the high bit exactly of the bytes that are not zero. */
    return ~((((quote & low7) + low7) | quote) & (((backslash & low7) + low7) | backslash) &
             (((control & low7) + low7) | control)) &
           each * 0x80;
}

static inline const char *json_plain_portable(const char *p, const char *end, uint64_t *high)
{
    uint64_t word, stops;

    for (; end - p >= (ptrdiff_t)sizeof word; p += sizeof word) {
        memcpy(&word, p, sizeof word);
        word = le64toh(word);
        stops = json_plain_stops(word);
        *high |= word & 0x8080808080808080u;
        if (stops)
            return p + (__builtin_ctzll(stops) >> 3);
    }
    for (; p < end - 1 && (unsigned char)*p >= 0x20 && *p != '"' && *p != '\\'; p++)
        *high |= *p & 0x80;
    return p < end ? p : end - 1; /* words may end where the text does */
}

#ifdef __x86_64__
#include <immintrin.h>

#define JSON_PLAIN_AVX2 __attribute__((target("avx2,bmi")))

/* Which of the 32 bytes end the plain part. */
JSON_PLAIN_AVX2 static inline uint32_t json_plain_stops_avx2(__m256i v, uint64_t *high)
{
    /* '"' and the control characters are those that are at most 0x20 once bit 1 is turned. */
    __m256i bit = _mm256_set1_epi8(2), most = _mm256_set1_epi8(0x20);
    __m256i turned, low, backslash = _mm256_set1_epi8('\\');

    turned = _mm256_xor_si256(v, bit);
    low = _mm256_cmpeq_epi8(_mm256_min_epu8(turned, most), turned);
    backslash = _mm256_cmpeq_epi8(v, backslash);
    *high |= (uint32_t)_mm256_movemask_epi8(v);
    return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(low, backslash));
}

/* The last vector of a text. */
JSON_PLAIN_AVX2 static __attribute__((noinline)) const char *
json_plain_last_avx2(const char *p, const char *end, uint64_t *high)
{
    const char *from = end - JSON_PLAIN_LEAD;
    uint32_t stops = json_plain_stops_avx2(_mm256_loadu_si256((const void *)from), high);

    stops >>= p - from;
    return stops ? p + _tzcnt_u32(stops) : end - 1;
}

JSON_PLAIN_AVX2 static inline const char *json_plain_avx2(const char *p, const char *end,
                                                          uint64_t *high)
{
    for (; end - p > JSON_PLAIN_LEAD; p += JSON_PLAIN_LEAD) {
        uint32_t stops = json_plain_stops_avx2(_mm256_loadu_si256((const void *)p), high);

        if (stops)
            return p + _tzcnt_u32(stops);
    }
    return json_plain_last_avx2(p, end, high);
}
#endif
