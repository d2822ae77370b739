/* Counts of durations in buckets whose width is a thirty-second of their value: any percentile to
 * 3 %, from nanoseconds to centuries, in fixed memory. */
#pragma once

#include <stdint.h>

enum { HISTOGRAM_SPLIT_BITS = 5, HISTOGRAM_BUCKETS = (64 - HISTOGRAM_SPLIT_BITS + 1) << 5 };

/* All zeros is empty. */
struct histogram {
    uint64_t count, max;
    uint64_t bucket[HISTOGRAM_BUCKETS];
};

/* `weight` values of `value`. */
void histogram_add(struct histogram *h, uint64_t value, uint64_t weight);

/* The value below which `share` (0..1) of all lie, as the upper end of its bucket and never above
 * the largest value seen; 0 when empty. */
uint64_t histogram_quantile(const struct histogram *h, double share);

/* How many lie at or below `value`, in whole buckets: those of value's own bucket count. */
uint64_t histogram_at_most(const struct histogram *h, uint64_t value);
