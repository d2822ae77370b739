#include "work.h"

/* A Feistel network over the next even power of two, walked until it falls inside (cycle walking:
 * Black and Rogaway, CT-RSA 2002). Four rounds mix well enough for a list of prompts. */
uint64_t work_permute(uint64_t seed, uint64_t x, uint64_t n)
{
    unsigned half = 1;

    while (half < 31 && (uint64_t)1 << (2 * half) < n)
        half++;
    do {
        uint64_t left = x >> half, right = x & (((uint64_t)1 << half) - 1);

        for (uint64_t round = 0; round < 4; round++) {
            uint64_t mixed = (right + (seed ^ round << 56)) * 0x9e3779b97f4a7c15u;
            uint64_t next = left ^ ((mixed ^ mixed >> 29) * 0xbf58476d1ce4e5b9u) >> (64 - half);

            left = right;
            right = next;
        }
        x = left << half | right;
    } while (x >= n);
    return x;
}

struct work_item work_item(const struct work_part *work, uint64_t seed, uint64_t own, uint32_t seat,
                           uint32_t seats, uint64_t done)
{
    uint64_t n = work->item_count ? work->item_count : 1;
    uint64_t place = done % n, round = 0;
    struct work_item out = {0, 0};

    switch (work->policy) {
    case WORK_NONE: out.item = mix64(own ^ mix64(done)); return out;
    case WORK_PARTITION:
        round = (seat + done * seats) / n;
        place = (seat + done * seats) % n;
        out.item = round * n + work_permute(seed, place, n);
        break;
    case WORK_REPEAT: out.item = place; break;
    case WORK_SHUFFLED: out.item = work_permute(own, place, n); break;
    }
    if (work->topic_count > 1)
        out.topic = (uint32_t)((double)place / (double)n * work->topic_count);
    return out;
}
