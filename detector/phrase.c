/* Buckets of five entries, two cache lines each. A full bucket forgets the entry with the fewest
 * accounts, the oldest of these. */
#include "phrase.h"

#include "base/pages.h"
#include "base/rng.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { WAYS = 5, REGISTERS = 16, RANK_MAX = 15, CACHE_LINE = 64 };

enum { COMMON = 8 }; /* registers in use by about a dozen accounts */

/* Above the first account's index, which is far smaller: 0, or the epoch in which the phrase was
 * ruled out, 1..7. */
enum { EPOCH_SHIFT = 29, EPOCHS = 7 };
static const uint32_t FIRST_MASK = ((uint32_t)1 << EPOCH_SHIFT) - 1;

struct entry {
    uint32_t item; /* 0: empty */
    uint32_t first;
    uint64_t trusted, others; /* sketches of the accounts: register i in bits 4 i and up */
};

struct bucket {
    struct entry entry[WAYS]; /* newest first */
} __attribute__((aligned(2 * CACHE_LINE)));
_Static_assert(sizeof(struct bucket) == 2 * CACHE_LINE, "a bucket is two cache lines");

struct phrases {
    struct bucket *bucket;
    uint32_t bucket_count; /* a power of two */
    uint32_t epoch;        /* 1..EPOCHS */
    uint64_t forgotten;
    double linear[REGISTERS + 1]; /* count by empty registers, while few are in use */
};

int phrases_new(uint32_t phrases_max, struct phrases **out)
{
    struct phrases *phrases = calloc(1, sizeof *phrases);
    uint32_t count = 1;

    if (!phrases)
        return -ENOMEM;
    while ((uint64_t)count * WAYS < phrases_max)
        count *= 2;
    phrases->bucket_count = count;
    phrases->epoch = 1;
    for (unsigned empty = 1; empty <= REGISTERS; empty++)
        phrases->linear[empty] = REGISTERS * log((double)REGISTERS / empty);
    phrases->bucket = pages_new((size_t)count * sizeof *phrases->bucket);
    if (!phrases->bucket) {
        free(phrases);
        return -ENOMEM;
    }
    *out = phrases;
    return 0;
}

void phrases_free(struct phrases *phrases)
{
    if (!phrases)
        return;
    pages_free(phrases->bucket, (size_t)phrases->bucket_count * sizeof *phrases->bucket);
    free(phrases);
}

static struct bucket *bucket_of(const struct phrases *phrases, uint32_t item)
{
    return &phrases->bucket[mix64(item) & (phrases->bucket_count - 1)];
}

void phrases_prefetch(const struct phrases *phrases, uint32_t item)
{
    const char *bucket = (const char *)bucket_of(phrases, item);

    __builtin_prefetch(bucket, 1);
    __builtin_prefetch(bucket + CACHE_LINE, 1);
}

/* How many registers are in use: a count of a few accounts, less what fell together, for nothing.
 */
static int registers_used(uint64_t sketch)
{
    const uint64_t low = 0x0101010101010101u; /* of each pair of registers */

    sketch |= sketch >> 2;
    sketch |= sketch >> 1;
    return (int)(((sketch & low) + (sketch >> 4 & low)) * low >> 56);
}

static int popularity(const struct entry *e)
{
    return registers_used(e->trusted | e->others);
}

/* The entry that gives way. */
static unsigned victim_of(const struct bucket *bucket)
{
    unsigned victim = WAYS - 1;

    for (unsigned i = WAYS - 1; i-- > 0;)
        if (popularity(&bucket->entry[i]) < popularity(&bucket->entry[victim]))
            victim = i;
    return victim;
}

/* Brings the entry to the front; a new one where there is none. */
static struct entry *entry_of(struct phrases *phrases, uint32_t item, uint32_t account)
{
    struct bucket *bucket = bucket_of(phrases, item);
    struct entry entry;
    unsigned i = 0;

    while (i < WAYS && bucket->entry[i].item != item)
        i++;
    if (i < WAYS) {
        entry = bucket->entry[i];
    } else {
        i = victim_of(bucket);
        phrases->forgotten += bucket->entry[i].item != 0;
        entry = (struct entry){.item = item, .first = account};
    }
    for (; i > 0; i--)
        bucket->entry[i] = bucket->entry[i - 1];
    bucket->entry[0] = entry;
    return &bucket->entry[0];
}

/* True when the sketch changed. */
static bool sketch_add(uint64_t *sketch, uint64_t hash)
{
    unsigned shift = (unsigned)(hash & (REGISTERS - 1)) * 4;
    uint64_t rank = (uint64_t)__builtin_ctzll(hash >> 4 | (uint64_t)1 << (RANK_MAX - 1)) + 1;

    if (rank <= (*sketch >> shift & RANK_MAX))
        return false;
    *sketch = (*sketch & ~((uint64_t)RANK_MAX << shift)) | rank << shift;
    return true;
}

static double sketch_count(const struct phrases *phrases, uint64_t sketch)
{
    static const double ALPHA = 0.673, SMALL = 2.5; /* Flajolet et al., figure 3, m = 16 */
    static const int FEW = 2;                       /* the usual case; the estimate would say 2.1 */
    double count;
    unsigned empty = 0;
    uint32_t sum = 0; /* of 2^-rank, in units of 2^-RANK_MAX */

    if (registers_used(sketch) <= FEW)
        return registers_used(sketch);
    for (unsigned i = 0; i < REGISTERS; i++) {
        unsigned rank = (unsigned)(sketch >> 4 * i & RANK_MAX);

        sum += 1u << (RANK_MAX - rank);
        empty += rank == 0;
    }
    count = ALPHA * REGISTERS * REGISTERS / ((double)sum / (1u << RANK_MAX));
    if (empty && count <= SMALL * REGISTERS)
        return phrases->linear[empty];
    return count;
}

bool phrases_spread(const struct phrases *phrases, uint32_t item, uint32_t account, bool trusted)
{
    const struct bucket *bucket = bucket_of(phrases, item);
    const struct entry *e = bucket->entry;
    uint64_t sketch;

    while (e < bucket->entry + WAYS && e->item != item)
        e++;
    if (e == bucket->entry + WAYS || popularity(e) < 2)
        return false;
    sketch = trusted ? e->trusted : e->others;
    return e->first >> EPOCH_SHIFT != phrases->epoch || sketch_add(&sketch, mix64(account));
}

struct phrase_use phrases_see(struct phrases *phrases, uint32_t item, uint32_t account,
                              bool trusted)
{
    struct entry *e = entry_of(phrases, item, account);

    if (sketch_add(trusted ? &e->trusted : &e->others, mix64(account)))
        e->first &= FIRST_MASK;
    if (e->first >> EPOCH_SHIFT == phrases->epoch)
        return (struct phrase_use){.ruled_out = true, .common = popularity(e) >= COMMON};
    return (struct phrase_use){
        .first = e->first & FIRST_MASK,
        .trusted = sketch_count(phrases, e->trusted),
        .others = sketch_count(phrases, e->others),
    };
}

void phrases_rule_out(struct phrases *phrases, uint32_t item)
{
    struct entry *e = &bucket_of(phrases, item)->entry[0];

    if (e->item == item)
        e->first = (e->first & FIRST_MASK) | phrases->epoch << EPOCH_SHIFT;
}

void phrases_next_epoch(struct phrases *phrases)
{
    phrases->epoch = phrases->epoch % EPOCHS + 1;
}

uint64_t phrases_forgotten(const struct phrases *phrases)
{
    return phrases->forgotten;
}

size_t phrases_memory(const struct phrases *phrases)
{
    return sizeof *phrases + (size_t)phrases->bucket_count * sizeof *phrases->bucket;
}

void phrases_state(struct phrases *phrases, state_visit *visit, void *ctx)
{
    STATE_VISIT(phrases->epoch);
    STATE_VISIT(phrases->forgotten);
    visit(ctx, phrases->bucket, (size_t)phrases->bucket_count * sizeof *phrases->bucket);
}
