#include "rng.h"

void rng_split(struct rng *rng, uint64_t seed, uint64_t stream)
{
    uint64_t state = mix64(seed) ^ mix64(~stream);

    for (int i = 0; i < 4; i++) {
        rng->s[i] = mix64(state);
        state += 0x9e3779b97f4a7c15u;
    }
}
