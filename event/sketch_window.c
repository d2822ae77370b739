/* A window's hash is made of its six 4-byte words, each mixed once for all the windows it lies in.
 * Windows are taken in four phases (positions 0, 4, 8, ...; then 1, 5, 9, ...): within a phase
 * neighbouring windows share five words, and every step is the same plain loop over an array of
 * 32-bit numbers, which the compiler turns into vector code without a single shuffle. That is also
 * why all paths agree: they are the same source, compiled for different machines. */
#include "sketch_window.h"

#include "event/sketch.h"

#include <string.h>

enum {
    PHASES = 4,
    PHASE_MAX = SKETCH_BLOCK / PHASES,
    WORDS = SKETCH_WINDOW / 4,
    LANES =
        16, /* arrays are worked through in whole AVX-512 vectors; what is too much is ignored */
};

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words are loaded as they lie");
_Static_assert(WORDS == 6 && SKETCH_WINDOW % 4 == 0, "the pairs below add up to one window");

static inline uint32_t rotl32(uint32_t x, int k)
{
    return x << k | x >> (32 - k);
}

/* Word mixing and finaliser of MurmurHash3_x86_32 (A. Appleby, public domain). */
static inline uint32_t word_mix(uint32_t w)
{
    return rotl32(w * 0xcc9e2d51u, 15) * 0x1b873593u;
}

static inline uint32_t pair_mix(uint32_t first, uint32_t second)
{
    return first + rotl32(second, 13);
}

/* 0x9e3779b1: the prime next to 2^32 divided by the golden ratio, as in XXH32. */
static inline uint32_t window_mix(uint32_t first, uint32_t second, uint32_t third)
{
    uint32_t h = (first * 0x9e3779b1u + second) ^ rotl32(third, 7);

    h = (h ^ h >> 16) * 0x85ebca6bu;
    h = (h ^ h >> 13) * 0xc2b2ae35u;
    return h ^ h >> 16;
}

uint32_t sketch_window_hash(const unsigned char *folded)
{
    uint32_t w[WORDS], h;

    memcpy(w, folded, sizeof w);
    for (unsigned i = 0; i < WORDS; i++)
        w[i] = word_mix(w[i]);
    h = window_mix(pair_mix(w[0], w[1]), pair_mix(w[2], w[3]), pair_mix(w[4], w[5]));
    return h ? h : 1;
}

/* The 8 bytes of flags (0 or 1) as 8 bits, the first in the lowest: no two partial products meet.
 */
static inline uint64_t flags_pack(const uint8_t *flag)
{
    uint64_t f;

    memcpy(&f, flag, sizeof f);
    return f * 0x0102040810204080u >> 56;
}

static inline __attribute__((always_inline)) void
hits_collect(const uint8_t *hit, const uint32_t *hash, uint32_t count, struct sketch_hits *hits)
{
    for (uint32_t at = 0; at < count; at += 64) {
        uint64_t mask = 0;

        for (uint32_t i = 0; i < 8; i++)
            mask |= flags_pack(hit + at + 8 * i) << (8 * i);
        if (count - at < 64)
            mask &= ((uint64_t)1 << (count - at)) - 1;
        for (; mask; mask &= mask - 1) {
            uint32_t h = hash[at + (uint32_t)__builtin_ctzll(mask)];

            hits->hash[hits->count % SKETCH_HITS] = h ? h : 1;
            hits->count++;
        }
    }
}

/* One phase: windows at folded, folded + 4, ..., `count` of them. */
static inline __attribute__((always_inline)) void phase(const unsigned char *folded, uint32_t count,
                                                        struct sketch_hits *hits)
{
    uint32_t word[PHASE_MAX + 2 * LANES], pair[PHASE_MAX + 2 * LANES], hash[PHASE_MAX + LANES];
    uint8_t hit[PHASE_MAX + 64];
    uint32_t last = hits->limit - 1; /* limit 0, every hash: wraps to the largest */
    uint32_t whole = (count + LANES - 1) / LANES * LANES;

    /* The slack of the buffers covers what is computed beyond the last window. */
    memcpy(word, folded, (whole + LANES) * sizeof *word);
    for (uint32_t i = 0; i < whole + LANES; i++)
        word[i] = word_mix(word[i]);
    for (uint32_t i = 0; i < whole + 4; i++)
        pair[i] = pair_mix(word[i], word[i + 1]);
    for (uint32_t i = 0; i < whole; i++)
        hash[i] = window_mix(pair[i], pair[i + 2], pair[i + 4]);
    for (uint32_t i = 0; i < whole; i++)
        hit[i] = hash[i] <= last;
    memset(hit + whole, 0, 64);
    hits_collect(hit, hash, count, hits);
}

static inline __attribute__((always_inline)) void windows(const unsigned char *folded,
                                                          uint32_t count, struct sketch_hits *hits)
{
    for (uint32_t r = 0; r < PHASES && r < count; r++)
        phase(folded + r, (count - r + PHASES - 1) / PHASES, hits);
}

static void windows_plain(const unsigned char *folded, uint32_t count, struct sketch_hits *hits)
{
    windows(folded, count, hits);
}

#ifdef __x86_64__
__attribute__((target("avx2"))) static void windows_avx2(const unsigned char *folded,
                                                         uint32_t count, struct sketch_hits *hits)
{
    windows(folded, count, hits);
}

__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,prefer-vector-width=512"))) static void
windows_avx512(const unsigned char *folded, uint32_t count, struct sketch_hits *hits)
{
    windows(folded, count, hits);
}
#endif

uint32_t sketch_paths(struct sketch_path path[3])
{
    uint32_t count = 0;

#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq"))
        path[count++] = (struct sketch_path){"avx512", windows_avx512};
    if (__builtin_cpu_supports("avx2"))
        path[count++] = (struct sketch_path){"avx2", windows_avx2};
#endif
    path[count++] = (struct sketch_path){"plain", windows_plain};
    return count;
}
