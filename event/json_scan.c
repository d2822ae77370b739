#include "json_scan.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>

/* What 64 bytes hold, one bit per byte, the first byte lowest. */
struct masks {
    uint64_t quote, backslash, control;
};

/* What is carried from block to block. */
struct carry {
    uint32_t *quote, *special; /* where the next positions go */
    bool escaped;              /* the next byte is escaped by a backslash before it */
};

/* Bytes that a backslash escapes, of which there is one or that the block before left open. Runs of
 * backslashes pair up from their start: those of odd length escape what follows (section 3.1.1 of
 * the paper named in the header). */
static inline uint64_t escaped_bytes(uint64_t backslash, bool *carry)
{
    const uint64_t even = 0x5555555555555555u;
    uint64_t from_before = *carry;
    uint64_t follows, odd_starts, sum;

    backslash &= ~from_before;
    follows = backslash << 1 | from_before;
    odd_starts = backslash & ~even & ~follows;
    *carry = __builtin_add_overflow(odd_starts, backslash, &sum);
    return (even ^ sum << 1) & follows;
}

static inline uint32_t *positions(uint32_t *to, uint64_t bits, uint32_t base)
{
    for (; bits; bits &= bits - 1)
        *to++ = base + (uint32_t)__builtin_ctzll(bits);
    return to;
}

/* The rarer part of a block: takes escaped quotes out of `quote` and notes escapes and control
 * characters. */
static inline uint64_t special_bytes(struct carry *c, struct masks m, uint32_t base)
{
    uint64_t escaped = escaped_bytes(m.backslash, &c->escaped);

    c->special = positions(c->special, (m.backslash & ~escaped) | m.control, base);
    return m.quote & ~escaped;
}

static void scan_end(struct json_scan *scan, const struct carry *c, uint32_t size)
{
    scan->quote_count = (uint32_t)(c->quote - scan->quote);
    scan->special_count = (uint32_t)(c->special - scan->special);
    for (uint32_t i = 0; i < JSON_SCAN_ENDS; i++) {
        c->quote[i] = size;
        c->special[i] = size;
    }
}

/* The high bit of each byte of x that is zero; exact, without carries between bytes. */
static inline uint64_t zero_bytes(uint64_t x)
{
    const uint64_t low7 = 0x7F7F7F7F7F7F7F7Fu;

    return ~(((x & low7) + low7) | x | low7);
}

/* Gathers the high bits of 8 bytes into 8 bits. */
static inline uint64_t high_bits(uint64_t x)
{
    return ((x >> 7) * 0x0102040810204080u) >> 56;
}

static struct masks masks_portable(const char *p, uint64_t *high)
{
    const uint64_t each = 0x0101010101010101u;
    struct masks m = {0, 0, 0};

    for (unsigned i = 0; i < 8; i++) {
        uint64_t x;

        memcpy(&x, p + 8 * i, sizeof x);
        x = le64toh(x);
        *high |= x;
        m.quote |= high_bits(zero_bytes(x ^ each * '"')) << 8 * i;
        m.backslash |= high_bits(zero_bytes(x ^ each * '\\')) << 8 * i;
        m.control |= high_bits(zero_bytes(x & each * 0xE0)) << 8 * i;
    }
    return m;
}

void json_scan_portable(struct json_scan *scan, struct str text)
{
    struct carry c = {scan->quote, scan->special, false};
    uint64_t high = 0;

    for (uint32_t i = 0; i < text.n;) {
        uint32_t size = text.n - i < 64 ? text.n - i : 64;
        char rest[64];
        const char *p = text.p + i;
        struct masks m;

        if (size < 64) {
            memset(rest, ' ', sizeof rest);
            memcpy(rest, p, size);
            p = rest;
        }
        m = masks_portable(p, &high);
        if (m.backslash | m.control | c.escaped)
            m.quote = special_bytes(&c, m, i);
        c.quote = positions(c.quote, m.quote, i);
        i += size;
    }
    scan->ascii = !(high & 0x8080808080808080u);
    scan_end(scan, &c, text.n);
}

#ifdef __x86_64__
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,bmi,popcnt")))

AVX2 static inline uint64_t movemask(__m256i a, __m256i b)
{
    return (uint32_t)_mm256_movemask_epi8(a) | (uint64_t)(uint32_t)_mm256_movemask_epi8(b) << 32;
}

enum { GROUP = 12 };

/* As positions(), but in groups without a branch per bit. Logs of ours have about ten quotes in 64
 * bytes, so most blocks take one group. */
AVX2 static inline uint32_t *positions_grouped(uint32_t *to, uint64_t bits, uint32_t base)
{
    uint32_t count = (uint32_t)__builtin_popcountll(bits);

    for (uint32_t group = 0; group < count; group += GROUP)
        for (uint32_t i = 0; i < GROUP; i++) {
            to[group + i] = base + (uint32_t)_tzcnt_u64(bits);
            bits = _blsr_u64(bits);
        }
    return to + count;
}

/* One block of 64 bytes, the first `skip` of which were there before. */
AVX2 static inline void block_avx2(struct carry *c, __m256i a, __m256i b, uint32_t skip,
                                   uint32_t base)
{
    const __m256i quote = _mm256_set1_epi8('"');
    const __m256i backslash = _mm256_set1_epi8('\\');
    const __m256i last_control = _mm256_set1_epi8(0x1F);
    __m256i control_a = _mm256_cmpeq_epi8(_mm256_min_epu8(a, last_control), a);
    __m256i control_b = _mm256_cmpeq_epi8(_mm256_min_epu8(b, last_control), b);
    __m256i backslash_a = _mm256_cmpeq_epi8(a, backslash);
    __m256i backslash_b = _mm256_cmpeq_epi8(b, backslash);
    __m256i special = _mm256_or_si256(_mm256_or_si256(control_a, backslash_a),
                                      _mm256_or_si256(control_b, backslash_b));
    struct masks m = {0, 0, 0};

    m.quote = movemask(_mm256_cmpeq_epi8(a, quote), _mm256_cmpeq_epi8(b, quote)) >> skip;
    if (!_mm256_testz_si256(special, special) || c->escaped) {
        m.backslash = movemask(backslash_a, backslash_b) >> skip;
        m.control = movemask(control_a, control_b) >> skip;
        m.quote = special_bytes(c, m, base);
    }
    c->quote = positions_grouped(c->quote, m.quote, base);
}

#define LOAD(p) _mm256_loadu_si256((const __m256i *)(p))

AVX2 static void scan_avx2(struct json_scan *scan, struct str text)
{
    struct carry c = {scan->quote, scan->special, false};
    __m256i high = _mm256_setzero_si256();
    char rest[64];
    uint32_t i = 0;

    for (; text.n - i >= 64; i += 64) {
        __m256i a = LOAD(text.p + i), b = LOAD(text.p + i + 32);

        high = _mm256_or_si256(high, _mm256_or_si256(a, b));
        block_avx2(&c, a, b, 0, i);
    }
    if (i < text.n) {
        uint32_t skip = 64 - (text.n - i);
        const char *p = text.p + i - skip; /* the last 64 bytes, where there are as many */
        __m256i a, b;

        if (i == 0) {
            memset(rest, ' ', sizeof rest);
            memcpy(rest + skip, text.p, text.n);
            p = rest;
        }
        a = LOAD(p), b = LOAD(p + 32);
        high = _mm256_or_si256(high, _mm256_or_si256(a, b));
        block_avx2(&c, a, b, skip, i);
    }
    scan->ascii = _mm256_movemask_epi8(high) == 0;
    scan_end(scan, &c, text.n);
}

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vbmi2,popcnt")))

/* The positions of the bits: their bytes' indexes moved together, then widened, 16 at a time. */
AVX512 static inline uint32_t *positions_compressed(uint32_t *to, uint64_t bits, uint32_t base)
{
    const __m512i index = _mm512_set_epi8(
        63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41,
        40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18,
        17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    uint32_t count = (uint32_t)__builtin_popcountll(bits);
    __m512i found = _mm512_maskz_compress_epi8(bits, index);

    for (uint32_t group = 0; group < count; group += 16) {
        __m512i wide = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(found));

        _mm512_storeu_si512(to + group, _mm512_add_epi32(wide, _mm512_set1_epi32((int)base)));
        found = _mm512_alignr_epi64(found, found, 2);
    }
    return to + count;
}

AVX512 static void scan_avx512(struct json_scan *scan, struct str text)
{
    const __m512i space = _mm512_set1_epi8(' ');
    struct carry c = {scan->quote, scan->special, false};
    __m512i high = _mm512_setzero_si512();

    for (uint32_t i = 0;; i += 64) {
        uint32_t left = text.n - i;
        uint64_t there = left < 64 ? UINT64_MAX >> (64 - left) : UINT64_MAX;
        /* What is masked out is not read, and counts as space. */
        __m512i v = _mm512_mask_loadu_epi8(space, there, text.p + i);
        struct masks m = {
            .quote = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('"')),
            .backslash = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\\')),
            .control = _mm512_cmplt_epu8_mask(v, space),
        };

        high = _mm512_or_si512(high, v);
        if (m.backslash | m.control | c.escaped)
            m.quote = special_bytes(&c, m, i);
        c.quote = positions_compressed(c.quote, m.quote, i);
        if (left <= 64)
            break; /* i would pass the largest number in the largest text */
    }
    scan->ascii = _mm512_movepi8_mask(high) == 0;
    scan_end(scan, &c, text.n);
}

json_scan_func *json_scan_avx512(void)
{
    bool there = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi2") &&
                 __builtin_cpu_supports("popcnt");

    return there ? scan_avx512 : NULL;
}

json_scan_func *json_scan_avx2(void)
{
    bool there = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                 __builtin_cpu_supports("popcnt");

    return there ? scan_avx2 : NULL;
}
#else
json_scan_func *json_scan_avx512(void)
{
    return NULL;
}

json_scan_func *json_scan_avx2(void)
{
    return NULL;
}
#endif

void json_scan_deinit(struct json_scan *scan)
{
    free(scan->quote);
    free(scan->special);
    memset(scan, 0, sizeof *scan);
}

/* Room for a text all of quotes; what is not touched costs no memory. */
static int scan_reserve(struct json_scan *scan, uint32_t size)
{
    size_t capacity = ((size_t)size | 4095) + 1 + JSON_SCAN_SLACK;

    if (scan->capacity >= (size_t)size + JSON_SCAN_SLACK)
        return 0;
    json_scan_deinit(scan);
    if (capacity > UINT32_MAX)
        return -ENOMEM;
    scan->quote = malloc(capacity * sizeof *scan->quote);
    scan->special = malloc(capacity * sizeof *scan->special);
    if (!scan->quote || !scan->special) {
        json_scan_deinit(scan);
        return -ENOMEM;
    }
    scan->capacity = (uint32_t)capacity;
    return 0;
}

int json_scan(struct json_scan *scan, struct str text)
{
    json_scan_func *fast = json_scan_avx512();
    int r = scan_reserve(scan, text.n);

    if (r < 0)
        return r;
    if (!fast)
        fast = json_scan_avx2();
    if (!fast)
        fast = json_scan_portable;
    fast(scan, text);
    return 0;
}
