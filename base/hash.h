/* Keyed 64-bit hashes (XXH3): with a secret key nobody outside can aim at a table's slots. */
#pragma once

#include "str.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

/* 0 stands for "absent" everywhere, so no hash of a present value is 0. */
static inline uint64_t hash_str(struct str s, uint64_t key)
{
    uint64_t h;

    if (!s.p)
        return 0;
    h = XXH3_64bits_withSeed(s.p, s.n, key);
    return h ? h : 1;
}

static inline uint64_t hash_u64(uint64_t value, uint64_t key)
{
    uint64_t h = XXH3_64bits_withSeed(&value, sizeof value, key);

    return h ? h : 1;
}
