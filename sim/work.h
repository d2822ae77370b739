/* Work lists: what a seat sends next. Pure functions of the seat's place and how far it has come.
 */
#pragma once

#include "sim/scenario.h"

struct work_item {
    uint64_t item;
    uint32_t topic;
};

/* Item number `done` of seat `seat` among `seats`; done counts from 0. A partitioned list goes on
 * beyond its end, so that no item is ever sent twice: it is a list in blocks of item_count. Topics
 * follow one another in the order of sending. `seed` is the cohort's, `own` the seat's. */
struct work_item work_item(const struct work_part *work, uint64_t seed, uint64_t own, uint32_t seat,
                           uint32_t seats, uint64_t done);

/* A seeded permutation of [0, n), n > 0: place of x. */
uint64_t work_permute(uint64_t seed, uint64_t x, uint64_t n);
