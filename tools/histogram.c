/* A logarithmic histogram: the leading bit of a value chooses the octave, the next five the bucket
 * in it. Small values have buckets of their own. */
#include "histogram.h"

#include <math.h>

enum { SPLIT = 1 << HISTOGRAM_SPLIT_BITS };

static uint32_t bucket_of(uint64_t value)
{
    unsigned octave;

    if (value < SPLIT)
        return (uint32_t)value;
    octave = 63u - (unsigned)__builtin_clzll(value) - HISTOGRAM_SPLIT_BITS;
    return (octave + 1) * SPLIT + (uint32_t)(value >> octave) - SPLIT;
}

/* The largest value that falls into a bucket. */
static uint64_t bucket_end(uint32_t bucket)
{
    unsigned octave;

    if (bucket < SPLIT)
        return bucket;
    octave = bucket / SPLIT - 1;
    return (((uint64_t)(bucket % SPLIT + SPLIT) + 1) << octave) - 1;
}

void histogram_add(struct histogram *h, uint64_t value, uint64_t weight)
{
    h->bucket[bucket_of(value)] += weight;
    h->count += weight;
    if (value > h->max)
        h->max = value;
}

uint64_t histogram_quantile(const struct histogram *h, double share)
{
    uint64_t wanted = (uint64_t)ceil(share * (double)h->count), seen = 0;

    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS && h->count > 0; i++) {
        seen += h->bucket[i];
        if (seen >= wanted && seen > 0)
            return bucket_end(i) < h->max ? bucket_end(i) : h->max;
    }
    return h->max;
}

uint64_t histogram_at_most(const struct histogram *h, uint64_t value)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i <= bucket_of(value); i++)
        sum += h->bucket[i];
    return sum;
}
