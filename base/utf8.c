#include "utf8.h"

#include <assert.h>

/* A byte's role and what it demands of the next one: the rows of RFC 3629, section 4. */
static uint32_t sequence_size(const unsigned char *p, uint32_t left)
{
    unsigned char low = 0x80, high = 0xBF;
    uint32_t size = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;

    if (p[0] < 0xC2 || p[0] > 0xF4 || left < size)
        return 0;
    switch (p[0]) {
    case 0xE0: low = 0xA0; break;  /* shorter forms exist */
    case 0xED: high = 0x9F; break; /* surrogates */
    case 0xF0: low = 0x90; break;
    case 0xF4: high = 0x8F; break; /* beyond U+10FFFF */
    default: break;
    }
    if (p[1] < low || p[1] > high)
        return 0;
    for (uint32_t i = 2; i < size; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return size;
}

bool utf8_valid_portable(struct str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    uint32_t i = 0;

    while (i < s.n) {
        uint64_t word;
        uint32_t size = 1;

        if (s.n - i >= sizeof word) {
            memcpy(&word, p + i, sizeof word);
            if (!(word & 0x8080808080808080u)) {
                i += sizeof word;
                continue;
            }
        }
        if (p[i] >= 0x80)
            size = sequence_size(p + i, s.n - i);
        if (size == 0)
            return false;
        i += size;
    }
    return true;
}

#ifdef __x86_64__
#include <immintrin.h>

/* Keiser and Lemire, "Validating UTF-8 in less than one instruction per byte", Software: Practice
 * and Experience 51(5), 2021. Each pair of neighbouring bytes is looked up by its three first
 * nibbles; a bit that survives in all three tables is an error of that name. */
enum {
    TOO_SHORT = 1 << 0,  /* lead byte without its continuation */
    TOO_LONG = 1 << 1,   /* continuation after ASCII */
    OVERLONG_3 = 1 << 2, /* E0 followed by less than A0 */
    TOO_LARGE = 1 << 3,  /* F4 followed by 90 or more, or beyond */
    SURROGATE = 1 << 4,  /* ED followed by A0 or more */
    OVERLONG_2 = 1 << 5, /* C0, C1 */
    OVERLONG_4 = 1 << 6, /* F0 followed by less than 90 */
    TOO_LARGE_1000 = 1 << 6,
    TWO_CONTINUATIONS = 1 << 7, /* right only as 3rd or 4th byte */
    CARRY = TOO_SHORT | TOO_LONG | TWO_CONTINUATIONS
};

#define AVX2       __attribute__((target("avx2")))
#define TABLE(...) _mm256_broadcastsi128_si256(_mm_setr_epi8(__VA_ARGS__))
#define BYTE(x)    ((char)(x))
#define X4(x)      BYTE(x), BYTE(x), BYTE(x), BYTE(x)

/* The last `count` bytes of `before` followed by the first of `v`. */
#define SHIFTED_IN(v, before, count)                                                               \
    _mm256_alignr_epi8((v), _mm256_permute2x128_si256((before), (v), 0x21), 16 - (count))

AVX2 static __m256i nibbles_high(__m256i v)
{
    return _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(0x0F));
}

AVX2 static __m256i pair_errors(__m256i v, __m256i previous)
{
    const __m256i first_high =
        TABLE(X4(TOO_LONG), X4(TOO_LONG), X4(TWO_CONTINUATIONS), BYTE(TOO_SHORT | OVERLONG_2),
              BYTE(TOO_SHORT), BYTE(TOO_SHORT | OVERLONG_3 | SURROGATE),
              BYTE(TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4));
    const __m256i first_low =
        TABLE(BYTE(CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4), BYTE(CARRY | OVERLONG_2),
              BYTE(CARRY), BYTE(CARRY), BYTE(CARRY | TOO_LARGE),
              X4(CARRY | TOO_LARGE | TOO_LARGE_1000), X4(CARRY | TOO_LARGE | TOO_LARGE_1000),
              BYTE(CARRY | TOO_LARGE | TOO_LARGE_1000 | SURROGATE),
              BYTE(CARRY | TOO_LARGE | TOO_LARGE_1000), BYTE(CARRY | TOO_LARGE | TOO_LARGE_1000));
    enum { SECOND = TOO_LONG | OVERLONG_2 | TWO_CONTINUATIONS };
    const __m256i second_high =
        TABLE(X4(TOO_SHORT), X4(TOO_SHORT), BYTE(SECOND | OVERLONG_3 | TOO_LARGE_1000 | OVERLONG_4),
              BYTE(SECOND | OVERLONG_3 | TOO_LARGE), BYTE(SECOND | SURROGATE | TOO_LARGE),
              BYTE(SECOND | SURROGATE | TOO_LARGE), X4(TOO_SHORT));
    __m256i low = _mm256_and_si256(previous, _mm256_set1_epi8(0x0F));

    return _mm256_and_si256(
        _mm256_and_si256(_mm256_shuffle_epi8(first_high, nibbles_high(previous)),
                         _mm256_shuffle_epi8(first_low, low)),
        _mm256_shuffle_epi8(second_high, nibbles_high(v)));
}

/* Errors of one block, given the one before. */
AVX2 static __m256i block_errors(__m256i v, __m256i before)
{
    __m256i pair = pair_errors(v, SHIFTED_IN(v, before, 1));
    __m256i third = _mm256_subs_epu8(SHIFTED_IN(v, before, 2), _mm256_set1_epi8(BYTE(0xE0 - 0x80)));
    __m256i fourth =
        _mm256_subs_epu8(SHIFTED_IN(v, before, 3), _mm256_set1_epi8(BYTE(0xF0 - 0x80)));
    __m256i must_continue =
        _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8(BYTE(0x80)));

    return _mm256_xor_si256(must_continue, pair);
}

AVX2 static bool valid_avx2(struct str s)
{
    __m256i before = _mm256_setzero_si256();
    __m256i errors = before;
    char rest[32] = {0}; /* at least one zero follows the text: a cut character shows there */
    uint32_t i = 0;

    for (; s.n - i >= sizeof rest; i += sizeof rest) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(s.p + i));

        if (_mm256_movemask_epi8(_mm256_or_si256(v, before)) != 0)
            errors = _mm256_or_si256(errors, block_errors(v, before));
        before = v;
    }
    if (i < s.n)
        memcpy(rest, s.p + i, s.n - i);
    errors =
        _mm256_or_si256(errors, block_errors(_mm256_loadu_si256((const __m256i *)rest), before));
    return _mm256_testz_si256(errors, errors);
}

utf8_valid_func *utf8_valid_avx2(void)
{
    return __builtin_cpu_supports("avx2") ? valid_avx2 : NULL;
}
#else
utf8_valid_func *utf8_valid_avx2(void)
{
    return NULL;
}
#endif

bool utf8_valid(struct str s)
{
    utf8_valid_func *fast = utf8_valid_avx2();

    return fast ? fast(s) : utf8_valid_portable(s);
}

struct str utf8_cut(struct str s, uint32_t size_max)
{
    if (s.n <= size_max)
        return s;
    s.n = size_max;
    while (s.n > 0 && ((unsigned char)s.p[s.n] & 0xC0) == 0x80)
        s.n--;
    return s;
}

char *utf8_put(char *to, uint32_t c)
{
    assert(c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF));
    if (c < 0x80) {
        *to++ = (char)c;
        return to;
    }
    if (c < 0x800) {
        *to++ = (char)(0xC0 | c >> 6);
    } else {
        if (c < 0x10000) {
            *to++ = (char)(0xE0 | c >> 12);
        } else {
            *to++ = (char)(0xF0 | c >> 18);
            *to++ = (char)(0x80 | (c >> 12 & 0x3F));
        }
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
    }
    *to++ = (char)(0x80 | (c & 0x3F));
    return to;
}
