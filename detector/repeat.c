/* Buckets of eight entries, one cache line each: an entry is a tag and the account that sent the
 * prompt last. A full bucket forgets its oldest entry. */
#include "repeat.h"

#include "base/pages.h"
#include "base/rng.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { WAYS = 8 };

struct entry {
    uint32_t tag; /* 0: empty */
    uint32_t account;
};

struct bucket {
    struct entry entry[WAYS]; /* newest first */
};

struct repeat {
    struct bucket *bucket;
    uint32_t bucket_count; /* a power of two */
};

int repeat_new(uint32_t prompts_max, struct repeat **out)
{
    struct repeat *repeat = calloc(1, sizeof *repeat);
    uint32_t count = 1;

    if (!repeat)
        return -ENOMEM;
    while ((uint64_t)count * WAYS < prompts_max)
        count *= 2;
    repeat->bucket_count = count;
    repeat->bucket = pages_new((size_t)count * sizeof *repeat->bucket);
    if (!repeat->bucket) {
        free(repeat);
        return -ENOMEM;
    }
    *out = repeat;
    return 0;
}

void repeat_free(struct repeat *repeat)
{
    if (!repeat)
        return;
    pages_free(repeat->bucket, (size_t)repeat->bucket_count * sizeof *repeat->bucket);
    free(repeat);
}

static struct bucket *bucket_of(const struct repeat *repeat, uint64_t prompt)
{
    return &repeat->bucket[mix64(prompt) & (repeat->bucket_count - 1)];
}

void repeat_prefetch(const struct repeat *repeat, uint64_t prompt)
{
    __builtin_prefetch(bucket_of(repeat, prompt), 1);
}

enum repeat_kind repeat_see(struct repeat *repeat, uint64_t prompt, uint32_t account)
{
    struct bucket *bucket = bucket_of(repeat, prompt);
    uint32_t tag = (uint32_t)(prompt >> 32) | 1;
    enum repeat_kind kind = REPEAT_NEW;
    unsigned i = 0;

    while (i < WAYS - 1 && bucket->entry[i].tag != tag)
        i++;
    if (bucket->entry[i].tag == tag)
        kind = bucket->entry[i].account == account ? REPEAT_OWN : REPEAT_OTHER;
    memmove(&bucket->entry[1], &bucket->entry[0], i * sizeof bucket->entry[0]);
    bucket->entry[0] = (struct entry){tag, account};
    return kind;
}

size_t repeat_memory(const struct repeat *repeat)
{
    return sizeof *repeat + (size_t)repeat->bucket_count * sizeof *repeat->bucket;
}

void repeat_state(struct repeat *repeat, state_visit *visit, void *ctx)
{
    visit(ctx, repeat->bucket, (size_t)repeat->bucket_count * sizeof *repeat->bucket);
}
