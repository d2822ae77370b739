/* Seeded, splittable random numbers. Every entity has a stream of its own, so that adding one
 * disturbs no other. The generator is xoshiro256** (Blackman and Vigna, ACM TOMS 47(4), 2021),
 * seeded through SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). */
#pragma once

#include <stdint.h>

struct rng {
    uint64_t s[4];
};

/* One step of the SplitMix64 output function: a fast, good mix of 64 bits. */
static inline uint64_t mix64(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* A stream that depends on the seed and on `stream` alone. */
void rng_split(struct rng *rng, uint64_t seed, uint64_t stream);

static inline uint64_t rng_rotl(uint64_t x, int k)
{
    return x << k | x >> (64 - k);
}

static inline uint64_t rng_next(struct rng *rng)
{
    uint64_t *s = rng->s;
    uint64_t result = rng_rotl(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rng_rotl(s[3], 45);
    return result;
}

/* Uniform in [0, n), n > 0; bias below 2^-32 for n < 2^32 (Lemire, ACM TOMACS 29(1), 2019). */
static inline uint64_t rng_below(struct rng *rng, uint64_t n)
{
    return (uint64_t)(((__uint128_t)rng_next(rng) * n) >> 64);
}

/* Uniform in [0, 1). */
static inline double rng_unit(struct rng *rng)
{
    return (double)(rng_next(rng) >> 11) * 0x1.0p-53;
}
