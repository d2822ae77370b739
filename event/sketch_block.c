/* A window's hash is made of its six 4-byte words, each mixed once for all the windows it lies in.
 * Windows are taken in four phases (positions 0, 4, 8, ...; then 1, 5, 9, ...): within a phase
 * neighbouring windows share five words, and every step is a plain loop over an array of 32-bit
 * numbers, which the compiler turns into vector code without a single shuffle. That is also why all
 * paths agree: they are the same source, compiled for different machines. */
#include "sketch_block.h"

#include <string.h>

enum {
    PHASES = 4,
    WORDS = SKETCH_WINDOW / 4,
    LANES = 16, /* whole AVX-512 vectors are computed; what is too much is ignored */
    PHASE_MAX = SKETCH_BLOCK / PHASES + LANES,
    COLLECT = 64, /* flags looked at together */
    PAD = 64,     /* bytes worked on together */
};

#define PER_PATH static inline __attribute__((always_inline))

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
PER_PATH uint64_t flags_pack(const uint8_t *flag)
{
    uint64_t f;

    memcpy(&f, flag, sizeof f);
    return f * 0x0102040810204080u >> 56;
}

PER_PATH void hits_collect(const uint8_t *flag, const uint32_t *hash, uint32_t count,
                           struct sketch_walk *walk)
{
    uint32_t hits = walk->hits;

    for (uint32_t at = 0; at < count; at += COLLECT) {
        uint64_t mask = 0;

        for (uint32_t i = 0; i < COLLECT / 8; i++)
            mask |= flags_pack(flag + at + 8 * i) << (8 * i);
        if (count - at < COLLECT) /* what lies behind the last window is none */
            mask &= ((uint64_t)1 << (count - at)) - 1;
        for (; mask; mask &= mask - 1) {
            uint32_t h = hash[at + (uint32_t)__builtin_ctzll(mask)];

            walk->hit[hits++ % SKETCH_HITS] = h ? h : 1;
        }
    }
    walk->hits = hits;
}

/* The phases lie one after the other in `v`, so that each step is one long loop; it is worked in
 * place, as each number only needs those after it. */
PER_PATH void windows_add(const unsigned char *folded, uint32_t count, struct sketch_walk *walk)
{
    uint32_t v[PHASES * PHASE_MAX + LANES];
    uint8_t flag[PHASES * PHASE_MAX + COLLECT];
    uint32_t stride = ((count + PHASES - 1) / PHASES + WORDS - 1 + LANES - 1) / LANES * LANES;
    uint32_t all = PHASES * stride;
    uint32_t last = walk->limit - 1; /* limit 0, every hash: wraps to the largest */

    for (uint32_t r = 0; r < PHASES; r++)
        for (uint32_t i = 0; i < stride; i++) {
            uint32_t w;

            memcpy(&w, folded + r + 4 * i, sizeof w);
            v[r * stride + i] = word_mix(w);
        }
    memset(v + all, 0, LANES * sizeof *v);
    for (uint32_t i = 0; i < all; i++)
        v[i] = pair_mix(v[i], v[i + 1]);
    for (uint32_t i = 0; i < all; i++)
        v[i] = window_mix(v[i], v[i + 2], v[i + 4]);
    for (uint32_t i = 0; i < all; i++)
        flag[i] = v[i] <= last;
    memset(flag + all, 0, COLLECT);
    for (uint32_t r = 0; r < PHASES; r++)
        hits_collect(flag + r * stride, v + r * stride, (count + PHASES - 1 - r) / PHASES, walk);
}

/* `padded` bytes: what lies behind the text is spaces. */
PER_PATH void counts_add(const unsigned char *p, uint32_t size, uint32_t padded,
                         struct sketch_walk *walk)
{
    uint32_t last = size;

    walk->words += p[0] != ' ' && walk->last == ' ';
    for (uint32_t at = 0; at < padded; at += PAD) {
        const unsigned char *q = p + at;
        uint8_t high = 0, words = 0; /* of 64 bytes: no overflow */

        for (int i = 0; i < PAD; i++)
            high = (uint8_t)(high + (q[i] >> 7));
        for (int i = 0; i < PAD; i++)
            words = (uint8_t)(words + ((q[i + 1] != ' ') & (q[i] == ' ')));
        walk->high += high;
        walk->words += words;
    }
    if (padded == size)
        walk->words -= p[size] != ' ' && p[size - 1] == ' '; /* that word is the next block's */
    while (last > 0 && p[last - 1] == ' ')
        last--;
    if (last > 0)
        walk->last_visible = p[last - 1];
    walk->last = p[size - 1];
}

PER_PATH void block(const char *text, uint32_t size, uint32_t ahead, uint32_t windows,
                    struct sketch_folded *folded, struct sketch_walk *walk)
{
    unsigned char *p = folded->byte;
    uint32_t padded = (size + ahead + PAD - 1) / PAD * PAD;

    memcpy(p, text, size + ahead);
    memset(p + size + ahead, ' ', SKETCH_SLACK);
    for (uint32_t i = 0; i < padded; i++)
        p[i] = sketch_fold(p[i]);
    if (size)
        counts_add(p, size, (size + PAD - 1) / PAD * PAD, walk);
    if (windows)
        windows_add(p, windows, walk);
}

/* Every hit gets its rank; equals meet in one place and leave holes after it. */
PER_PATH uint32_t rank(const struct sketch_walk *walk, uint32_t max, uint32_t *item)
{
    uint32_t above[SKETCH_HITS] = {0}, sorted[SKETCH_HITS] = {0}, count = 0;

    for (uint32_t j = 0; j < walk->hits; j++)
        for (int i = 0; i < SKETCH_HITS; i++)
            above[i] += walk->hit[j] < walk->hit[i];
    for (uint32_t i = 0; i < walk->hits; i++)
        sorted[above[i]] = walk->hit[i];
    for (uint32_t i = 0; i < walk->hits && count < max; i++)
        if (sorted[i])
            item[count++] = sorted[i];
    return count;
}

#define PATH(name, attributes)                                                                     \
    attributes static void block_##name(const char *text, uint32_t size, uint32_t ahead,           \
                                        uint32_t windows, struct sketch_folded *folded,            \
                                        struct sketch_walk *walk)                                  \
    {                                                                                              \
        block(text, size, ahead, windows, folded, walk);                                           \
    }                                                                                              \
    attributes static uint32_t rank_##name(const struct sketch_walk *walk, uint32_t max,           \
                                           uint32_t *item)                                         \
    {                                                                                              \
        return rank(walk, max, item);                                                              \
    }

PATH(plain, )
#ifdef __x86_64__
PATH(avx2, __attribute__((target("avx2"))))
PATH(avx512, __attribute__((target("avx512bw,avx512vl,avx512dq,prefer-vector-width=512"))))
#endif

uint32_t sketch_paths(struct sketch_path path[SKETCH_PATHS_MAX])
{
    uint32_t count = 0;

#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq"))
        path[count++] = (struct sketch_path){"avx512", block_avx512, rank_avx512};
    if (__builtin_cpu_supports("avx2"))
        path[count++] = (struct sketch_path){"avx2", block_avx2, rank_avx2};
#endif
    path[count++] = (struct sketch_path){"plain", block_plain, rank_plain};
    return count;
}
