/* A window's hash is a sum of products of its twelve 16-bit units with fixed factors, mixed once.
 * x86 makes two such products and their sum in one instruction, and one unaligned load has the
 * units of windows 4 bytes apart: eight windows cost six loads and no shuffle. Windows are taken 64
 * at a time, so that all that is decided about them is a 64-bit mask, and a path only is two
 * functions of 64 bytes; everything else is the same source, compiled for different machines. */
#include "sketch_block.h"

#include <string.h>

enum {
    CHUNK = 64,
    UNITS = SKETCH_WINDOW / 2,
    PHASES = 4, /* a vector has the windows at 0, 4, 8, ... */
};

#define PER_PATH static inline __attribute__((always_inline))

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "units are loaded as they lie");
_Static_assert(UNITS == 12, "one factor for each");
_Static_assert((int)SKETCH_LEAD >= (int)SKETCH_WINDOW, "a window may begin in the block before");

/* Primes, in no order, between 0x5f5f and 0x7fff: two units of ASCII text differ by less, so that
 * windows which differ in two units only never have the same sum. */
static const int16_t factor[UNITS] = {27581, 29581, 30319, 24809, 28277, 31723,
                                      25523, 26839, 26177, 31051, 28871, 32411};

/* Of the finaliser of MurmurHash3_x86_32 (A. Appleby, public domain). */
enum { MIX = (int)0x85ebca6bu, MIX_SHIFT = 15 };

/* No hash is HOLE: as unsigned number that is 0, which stands for none. */
enum { HOLE = INT32_MIN };

static inline int32_t sum_mix(uint32_t sum)
{
    int32_t hash = (int32_t)((sum ^ sum >> MIX_SHIFT) * (uint32_t)MIX);

    return hash > HOLE ? hash : HOLE + 1;
}

uint32_t sketch_window_hash(const unsigned char *folded)
{
    int16_t unit[UNITS];
    uint32_t sum = 0;

    memcpy(unit, folded, sizeof unit);
    for (unsigned i = 0; i < UNITS; i++)
        sum += (uint32_t)(unit[i] * factor[i]);
    return sketch_unsigned(sum_mix(sum));
}

/* What folding 64 bytes tells of them, the first in the lowest bit. */
struct fold_masks {
    uint64_t visible, high;
};

typedef void chunk_fold_func(const unsigned char *text, unsigned char *folded,
                             struct fold_masks *masks);

/* The hashes of the 64 windows from `folded`, in the path's order, and which of the first `count`
 * are at most `last`. */
typedef uint64_t chunk_hash_func(const unsigned char *folded, uint32_t count, int32_t last,
                                 int32_t *hash);

/* Eight bytes of flags (0 or 1) as 8 bits: no two partial products meet. */
PER_PATH uint64_t flags_pack(const uint8_t *flag)
{
    uint64_t mask = 0;

    for (uint32_t i = 0; i < CHUNK; i += 8) {
        uint64_t f;

        memcpy(&f, flag + i, sizeof f);
        mask |= (f * 0x0102040810204080u >> 56) << i;
    }
    return mask;
}

static inline void chunk_fold_plain(const unsigned char *text, unsigned char *folded,
                                    struct fold_masks *masks)
{
    uint8_t visible[CHUNK], high[CHUNK];

    for (int i = 0; i < CHUNK; i++) {
        folded[i] = sketch_fold(text[i]);
        visible[i] = folded[i] != ' ';
        high[i] = folded[i] >> 7;
    }
    *masks = (struct fold_masks){flags_pack(visible), flags_pack(high)};
}

static inline uint64_t chunk_hash_plain(const unsigned char *folded, uint32_t count, int32_t last,
                                        int32_t *hash)
{
    int16_t unit[CHUNK + SKETCH_WINDOW - 2];
    uint8_t flag[CHUNK];

    for (uint32_t i = 0; i < CHUNK + SKETCH_WINDOW - 2; i++)
        memcpy(&unit[i], folded + i, sizeof *unit);
    memset(hash, 0, CHUNK * sizeof *hash);
    for (uint32_t k = 0; k < UNITS; k++)
        for (uint32_t i = 0; i < CHUNK; i++)
            hash[i] = (int32_t)((uint32_t)hash[i] + (uint32_t)(unit[i + 2 * k] * factor[k]));
    for (uint32_t i = 0; i < CHUNK; i++) {
        hash[i] = sum_mix((uint32_t)hash[i]);
        flag[i] = hash[i] <= last;
    }
    return flags_pack(flag) & (count < CHUNK ? ((uint64_t)1 << count) - 1 : UINT64_MAX);
}

#ifdef __x86_64__
#include <immintrin.h>

#define AVX2   __attribute__((target("avx2,bmi,popcnt")))
#define AVX512 __attribute__((target("avx512bw,avx512vl,avx512dq,bmi,popcnt")))

/* The vector paths have 16 windows of each phase one after the other. */
static inline uint64_t phases_mask(uint32_t count)
{
    uint64_t mask = 0;

    if (count >= CHUNK)
        return UINT64_MAX;
    for (uint32_t r = 0; r < PHASES; r++)
        mask |= (((uint64_t)1 << (count + PHASES - 1 - r) / PHASES) - 1) << 16 * r;
    return mask;
}

/* Two factors side by side. */
static inline int factor_pair(unsigned i)
{
    return factor[2 * i] | factor[2 * i + 1] << 16;
}

/* 0xff where first <= byte < first + size: the range is moved to the smallest signed numbers. */
AVX2 static inline __m256i range_avx2(__m256i v, unsigned char first, unsigned char size)
{
    __m256i moved = _mm256_add_epi8(v, _mm256_set1_epi8((char)(0x80 - first)));

    return _mm256_cmpgt_epi8(_mm256_set1_epi8((char)(0x80 + size)), moved);
}

AVX2 static inline void chunk_fold_avx2(const unsigned char *text, unsigned char *folded,
                                        struct fold_masks *masks)
{
    *masks = (struct fold_masks){0};
    for (unsigned at = 0; at < CHUNK; at += 32) {
        __m256i v = _mm256_loadu_si256((const void *)(text + at)), space = _mm256_set1_epi8(' ');
        __m256i f = _mm256_or_si256(v, _mm256_and_si256(range_avx2(v, 'A', 26), space));

        f = _mm256_blendv_epi8(f, _mm256_set1_epi8('0'), range_avx2(v, '0', 10));
        f = _mm256_blendv_epi8(f, space, range_avx2(v, '\t', 5));
        _mm256_storeu_si256((void *)(folded + at), f);
        masks->high |= (uint64_t)(uint32_t)_mm256_movemask_epi8(v) << at;
        masks->visible |= (uint64_t) ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(f, space))
                          << at;
    }
}

AVX2 static inline __m256i hash_avx2(const unsigned char *folded)
{
    __m256i sum = _mm256_setzero_si256();

    for (unsigned i = 0; i < UNITS / 2; i++) {
        __m256i units = _mm256_loadu_si256((const void *)(folded + 4 * i));

        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(units, _mm256_set1_epi32(factor_pair(i))));
    }
    sum = _mm256_xor_si256(sum, _mm256_srli_epi32(sum, MIX_SHIFT));
    sum = _mm256_mullo_epi32(sum, _mm256_set1_epi32(MIX));
    return _mm256_max_epi32(sum, _mm256_set1_epi32(HOLE + 1));
}

AVX2 static inline uint64_t chunk_hash_avx2(const unsigned char *folded, uint32_t count,
                                            int32_t last, int32_t *hash)
{
    __m256i limit = _mm256_set1_epi32(last);
    uint64_t above = 0;

    for (unsigned r = 0; r < PHASES; r++)
        for (unsigned half = 0; half < 2; half++) {
            __m256i h = hash_avx2(folded + r + 32 * half), more = _mm256_cmpgt_epi32(h, limit);
            unsigned at = 16 * r + 8 * half;

            _mm256_storeu_si256((void *)(hash + at), h);
            above |= (uint64_t)(uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(more)) << at;
        }
    return ~above & phases_mask(count);
}

AVX512 static inline void chunk_fold_avx512(const unsigned char *text, unsigned char *folded,
                                            struct fold_masks *masks)
{
    __m512i v = _mm512_loadu_si512(text), f = v, space = _mm512_set1_epi8(' ');
    __mmask64 upper, digit, white;

    upper = _mm512_cmplt_epu8_mask(_mm512_sub_epi8(v, _mm512_set1_epi8('A')), _mm512_set1_epi8(26));
    digit = _mm512_cmplt_epu8_mask(_mm512_sub_epi8(v, _mm512_set1_epi8('0')), _mm512_set1_epi8(10));
    white = _mm512_cmplt_epu8_mask(_mm512_sub_epi8(v, _mm512_set1_epi8('\t')), _mm512_set1_epi8(5));
    f = _mm512_mask_add_epi8(f, upper, f, space);
    f = _mm512_mask_blend_epi8(digit, f, _mm512_set1_epi8('0'));
    f = _mm512_mask_blend_epi8(white, f, space);
    _mm512_storeu_si512(folded, f);
    *masks = (struct fold_masks){_mm512_cmpneq_epi8_mask(f, space), _mm512_movepi8_mask(v)};
}

AVX512 static inline __m512i hash_avx512(const unsigned char *folded)
{
    __m512i sum = _mm512_setzero_si512();

    for (unsigned i = 0; i < UNITS / 2; i++) {
        __m512i units = _mm512_loadu_si512(folded + 4 * i);

        sum = _mm512_add_epi32(sum, _mm512_madd_epi16(units, _mm512_set1_epi32(factor_pair(i))));
    }
    sum = _mm512_xor_si512(sum, _mm512_srli_epi32(sum, MIX_SHIFT));
    sum = _mm512_mullo_epi32(sum, _mm512_set1_epi32(MIX));
    return _mm512_max_epi32(sum, _mm512_set1_epi32(HOLE + 1));
}

AVX512 static inline uint64_t chunk_hash_avx512(const unsigned char *folded, uint32_t count,
                                                int32_t last, int32_t *hash)
{
    uint64_t mask = 0;

    for (unsigned r = 0; r < PHASES; r++) {
        __m512i h = hash_avx512(folded + r);

        _mm512_storeu_si512(hash + 16 * r, h);
        mask |= (uint64_t)_mm512_cmple_epi32_mask(h, _mm512_set1_epi32(last)) << 16 * r;
    }
    return mask & phases_mask(count);
}
#endif

PER_PATH void counts_add(struct fold_masks masks, uint32_t size, const unsigned char *folded,
                         struct sketch_counts *counts)
{
    uint64_t starts = masks.visible & ~(masks.visible << 1 | counts->inside);

    counts->words += (uint32_t)__builtin_popcountll(starts);
    counts->high += (uint32_t)__builtin_popcountll(masks.high);
    counts->inside = masks.visible >> (size - 1) & 1;
    if (masks.visible)
        counts->last_visible = folded[63 - __builtin_clzll(masks.visible)];
}

PER_PATH void fold(const char *text, uint32_t size, struct sketch_folded *folded,
                   struct sketch_counts *counts, chunk_fold_func *chunk_fold)
{
    unsigned char *f = folded->byte + SKETCH_LEAD, part[CHUNK];
    uint32_t at = 0, rest = size % CHUNK;
    struct fold_masks masks;

    for (; at + CHUNK <= size; at += CHUNK) {
        chunk_fold((const unsigned char *)text + at, f + at, &masks);
        counts_add(masks, CHUNK, f + at, counts);
    }
    if (rest) { /* nothing behind the text is read: it may be the end of a page */
        memset(part, ' ', sizeof part);
        memcpy(part, text + at, rest);
        chunk_fold(part, f + at, &masks);
        counts_add(masks, rest, f + at, counts);
        at += CHUNK;
    }
    memset(f + at, ' ', SKETCH_SLACK);
}

typedef int32_t lanes __attribute__((vector_size(32)));
enum { GROUP = SKETCH_PAD, VECTORS = GROUP * (int)sizeof(int32_t) / (int)sizeof(lanes) };

PER_PATH void group_fill(int32_t *group, int32_t value)
{
    lanes v = (lanes){0} + value;

#pragma GCC unroll 8
    for (int k = 0; k < VECTORS; k++)
        memcpy(group + 8 * k, &v, sizeof v);
}

/* How many of the hits are smaller, for each of a group of them. Unrolled, or
 * GCC 12 leaves the sums in memory. */
PER_PATH void group_rank(const struct sketch_hits *hits, uint32_t at, int32_t *rank)
{
    lanes own[VECTORS], smaller[VECTORS];

#pragma GCC unroll 8
    for (int k = 0; k < VECTORS; k++) {
        memcpy(&own[k], hits->hit + at + 8 * k, sizeof *own);
        smaller[k] = (lanes){0};
    }
    for (uint32_t i = 0; i < hits->count; i++) {
        lanes other = (lanes){0} + hits->hit[i];

#pragma GCC unroll 8
        for (int k = 0; k < VECTORS; k++)
            smaller[k] -= other < own[k];
    }
#pragma GCC unroll 8
    for (int k = 0; k < VECTORS; k++)
        memcpy(rank + at + 8 * k, &smaller[k], sizeof *smaller);
}

/* Every hit gets its rank; equals meet in one place and leave holes after it. */
PER_PATH void hits_select(struct sketch_hits *hits)
{
    int32_t rank[SKETCH_HITS + GROUP], sorted[SKETCH_HITS + GROUP];
    uint32_t count = 0;

    group_fill(hits->hit + hits->count, HOLE);
    for (uint32_t at = 0; at < hits->count; at += GROUP) {
        group_fill(sorted + at, HOLE);
        group_rank(hits, at, rank);
    }
    for (uint32_t i = 0; i < hits->count; i++)
        sorted[rank[i]] = hits->hit[i];
    for (uint32_t i = 0; i < hits->count && count < hits->max; i++)
        if (sorted[i] != HOLE)
            hits->hit[count++] = sorted[i];
    hits->count = count;
}

/* With the wanted number of distinct hashes, only smaller ones are of interest from here on. */
static inline void hits_make_room(struct sketch_hits *hits, sketch_select_func *select)
{
    select(hits);
    if (hits->count == hits->max)
        hits->last = hits->hit[hits->max - 1];
}

PER_PATH void windows(const unsigned char *folded, uint32_t count, struct sketch_hits *hits,
                      chunk_hash_func *chunk_hash, sketch_select_func *select)
{
    int32_t hash[CHUNK];

    for (uint32_t at = 0; at < count; at += CHUNK) {
        uint32_t n = hits->count;

        for (uint64_t mask = chunk_hash(folded + at, count - at, hits->last, hash); mask;
             mask &= mask - 1)
            hits->hit[n++] = hash[__builtin_ctzll(mask)];
        hits->count = n;
        if (n > SKETCH_HITS - CHUNK)
            hits_make_room(hits, select);
    }
}

#define PATH(name, attributes)                                                                     \
    attributes static void fold_##name(const char *text, uint32_t size,                            \
                                       struct sketch_folded *folded, struct sketch_counts *counts) \
    {                                                                                              \
        fold(text, size, folded, counts, chunk_fold_##name);                                       \
    }                                                                                              \
    attributes static void select_##name(struct sketch_hits *hits)                                 \
    {                                                                                              \
        hits_select(hits);                                                                         \
    }                                                                                              \
    attributes static void windows_##name(const unsigned char *folded, uint32_t count,             \
                                          struct sketch_hits *hits)                                \
    {                                                                                              \
        windows(folded, count, hits, chunk_hash_##name, select_##name);                            \
    }

PATH(plain, )
#ifdef __x86_64__
PATH(avx2, AVX2)
PATH(avx512, AVX512)
#endif

uint32_t sketch_paths(struct sketch_path path[SKETCH_PATHS_MAX])
{
    uint32_t count = 0;

#ifdef __x86_64__
    bool bits = __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");

    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && bits)
        path[count++] = (struct sketch_path){"avx512", fold_avx512, windows_avx512, select_avx512};
    if (__builtin_cpu_supports("avx2") && bits)
        path[count++] = (struct sketch_path){"avx2", fold_avx2, windows_avx2, select_avx2};
#endif
    path[count++] = (struct sketch_path){"plain", fold_plain, windows_plain, select_plain};
    return count;
}
