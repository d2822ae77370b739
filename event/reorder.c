/* Records are taken in slices, at most a batch; each slice is one run sorted by ts, and the runs
 * are merged through a heap. In-order input makes runs that follow one another, so that a whole run
 * goes out at once; shuffled input costs a sort of the slice and a step in the heap per record.
 *
 * Runs are numbered as they are made. Slices end where a decision is made (a step, a leap), so that
 * (ts, number of the run, place in it) is (ts, arrival) however the stream was cut. */
#include "reorder.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    RUNS_INITIAL = 64,
    SPARSE_FACTOR = 4,
    DEDUP_AHEAD = 16, /* ids whose place is loaded ahead */
};

struct run {
    msec_t ts; /* of its first record */
    uint64_t number;
    struct held_batch *batch;
    const uint32_t *order;
    uint32_t count;
};

/* A record that is set aside. */
struct aside {
    struct held_batch *batch;
    uint32_t index;
};

struct keyed {
    msec_t ts;
    uint32_t index;
};

struct reorder {
    struct reorder_config config;
    uint32_t step;
    struct run *run; /* heap, the earliest first */
    uint32_t run_count, run_capacity;
    uint64_t run_number;
    uint32_t *identity; /* 0, 1, 2, ... */
    struct keyed *sorting[2];

    bool started, ended, step_due;
    msec_t clock, floor; /* what is below floor is late; what is not above it may go */
    msec_t forced_to;    /* the latest that was let go early: the floor, once a step is over */
    uint64_t arrivals;
    uint64_t held;     /* records in runs */
    uint64_t retained; /* room for records in batches that are kept for some of them */

    struct aside aside[REORDER_WITNESSES];
    uint32_t aside_count, against; /* records that spoke for and against a leap */

    struct held_batch *current; /* being taken; offered[at..offered_count) remain */
    uint32_t at, offered_count;
    struct held_batch *lent; /* what the last reorder_next() gave out */
    uint32_t lent_count;
    struct held_batch *done;
    struct reorder_counters counters;
};

enum verdict { VERDICT_ACCEPT, VERDICT_LATE, VERDICT_AHEAD };

int held_batch_new(uint32_t capacity, struct held_batch **out)
{
    struct held_batch *batch = calloc(1, sizeof *batch);

    if (!batch)
        return -ENOMEM;
    batch->order = malloc(capacity * sizeof *batch->order);
    batch->key = malloc(capacity * sizeof *batch->key);
    if (!batch->order || !batch->key || digest_batch_new(capacity, &batch->digests) < 0) {
        held_batch_free(batch);
        return -ENOMEM;
    }
    *out = batch;
    return 0;
}

void held_batch_free(struct held_batch *batch)
{
    if (!batch)
        return;
    digest_batch_free(batch->digests);
    free(batch->order);
    free(batch->key);
    free(batch);
}

void held_batch_clear(struct held_batch *batch)
{
    digest_batch_clear(batch->digests);
    batch->other_count = 0;
    batch->next = NULL;
}

/* For the batch's last digest. */
static void key_put(struct held_batch *batch)
{
    uint32_t last = batch->digests->count - 1;
    const struct digest *d = &batch->digests->digest[last];

    batch->key[last] = (struct held_key){d->ts, d->id};
    batch->other_count += d->type != RECORD_EXCHANGE;
}

int held_batch_add(struct held_batch *batch, const struct api_event *ev, uint64_t hash_key)
{
    int r = digest_batch_add(batch->digests, ev, hash_key);

    if (r == 0)
        key_put(batch);
    return r;
}

void held_batch_put(struct held_batch *batch, const struct digest *digest)
{
    batch->digests->digest[batch->digests->count++] = *digest;
    key_put(batch);
}

int held_batch_text(struct held_batch *batch, struct str text)
{
    return digest_batch_text(batch->digests, text);
}

uint32_t held_batch_unseen(struct held_batch *batch, struct dedup *dedup)
{
    const struct held_key *key = batch->key;
    uint32_t count = 0;

    for (uint32_t i = 0; i < batch->digests->count; i++) {
        uint32_t ahead = i + DEDUP_AHEAD;

        if (ahead < batch->digests->count && key[ahead].id != 0)
            dedup_prefetch(dedup, key[ahead].id);
        if (key[i].id == 0 || !dedup_seen(dedup, key[i].id))
            batch->order[count++] = i;
    }
    return count;
}

int reorder_new(const struct reorder_config *config, struct reorder **out)
{
    AUTO(reorder_free) struct reorder *r = calloc(1, sizeof *r);
    uint32_t n = config->batch_capacity;

    if (!r)
        return -ENOMEM;
    r->config = *config;
    r->step = config->reorder_max < REORDER_STEP ? config->reorder_max : REORDER_STEP;
    r->floor = r->forced_to = INT64_MIN;
    r->run_capacity = RUNS_INITIAL;
    r->run = malloc(RUNS_INITIAL * sizeof *r->run);
    r->identity = malloc(n * sizeof *r->identity);
    r->sorting[0] = malloc(n * sizeof *r->sorting[0]);
    r->sorting[1] = malloc(n * sizeof *r->sorting[1]);
    if (!r->run || !r->identity || !r->sorting[0] || !r->sorting[1])
        return -ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        r->identity[i] = i;
    *out = TAKE(r);
    return 0;
}

/* ---- whose batch is still needed ----------------------------------------------------------------
 */

static void retire(struct reorder *r, struct held_batch *batch)
{
    r->retained -= batch->digests->capacity;
    batch->next = r->done;
    r->done = batch;
}

/* `count` records of the batch have gone out, were dropped or moved. */
static void let_go(struct reorder *r, struct held_batch *batch, uint32_t count)
{
    assert(batch->live >= count);
    batch->live -= count;
    if (batch->live == 0 && batch != r->current)
        retire(r, batch);
}

struct held_batch *reorder_reclaim(struct reorder *r)
{
    struct held_batch *batch = r->done;

    if (batch)
        r->done = batch->next;
    return batch;
}

void reorder_free(struct reorder *r)
{
    struct held_batch *batch;

    if (!r)
        return;
    batch = r->current;
    r->current = NULL;
    if (batch)
        let_go(r, batch, r->offered_count - r->at);
    if (r->lent)
        let_go(r, r->lent, r->lent_count);
    for (uint32_t i = 0; i < r->run_count; i++)
        let_go(r, r->run[i].batch, r->run[i].count);
    for (uint32_t i = 0; i < r->aside_count; i++)
        let_go(r, r->aside[i].batch, 1);
    while ((batch = reorder_reclaim(r)))
        held_batch_free(batch);
    free(r->run);
    free(r->identity);
    free(r->sorting[0]);
    free(r->sorting[1]);
    free(r);
}

/* ---- the heap of runs ---------------------------------------------------------------------------
 */

static bool before(const struct run *a, const struct run *b)
{
    return a->ts != b->ts ? a->ts < b->ts : a->number < b->number;
}

static void sift_down(struct reorder *r, uint32_t i)
{
    struct run moved = r->run[i];

    for (;;) {
        uint32_t child = 2 * i + 1;

        if (child >= r->run_count)
            break;
        if (child + 1 < r->run_count && before(&r->run[child + 1], &r->run[child]))
            child++;
        if (before(&moved, &r->run[child]))
            break;
        r->run[i] = r->run[child];
        i = child;
    }
    r->run[i] = moved;
}

static void sift_up(struct reorder *r, uint32_t i)
{
    struct run moved = r->run[i];

    while (i > 0 && before(&moved, &r->run[(i - 1) / 2])) {
        r->run[i] = r->run[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    r->run[i] = moved;
}

static int run_push(struct reorder *r, struct held_batch *batch, const uint32_t *order,
                    uint32_t count)
{
    if (r->run_count == r->run_capacity) {
        struct run *grown = realloc(r->run, 2 * (size_t)r->run_capacity * sizeof *grown);

        if (!grown)
            return -ENOMEM;
        r->run = grown;
        r->run_capacity *= 2;
    }
    r->run[r->run_count] = (struct run){
        .ts = batch->key[order[0]].ts,
        .number = r->run_number++,
        .batch = batch,
        .order = order,
        .count = count,
    };
    sift_up(r, r->run_count++);
    r->held += count;
    return 0;
}

/* ---- sorting a slice ----------------------------------------------------------------------------
 */

static bool is_sorted(const struct held_key *key, const uint32_t *order, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++)
        if (key[order[i]].ts < key[order[i - 1]].ts)
            return false;
    return true;
}

/* Merges the sorted from[begin, middle) and from[middle, end) into `to`; equal ones keep their
 * order. */
static void merge(const struct keyed *from, struct keyed *to, uint32_t begin, uint32_t middle,
                  uint32_t end)
{
    uint32_t a = begin, b = middle;

    for (uint32_t i = begin; i < end; i++)
        to[i] = b == end || (a < middle && from[a].ts <= from[b].ts) ? from[a++] : from[b++];
}

static void sort(struct reorder *r, const struct held_key *key, uint32_t *order, uint32_t count)
{
    struct keyed *from = r->sorting[0], *to = r->sorting[1];

    for (uint32_t i = 0; i < count; i++)
        from[i] = (struct keyed){key[order[i]].ts, order[i]};
    for (uint32_t width = 1; width < count; width *= 2) {
        struct keyed *swapped = from;

        for (uint32_t at = 0; at < count; at += 2 * width) {
            uint32_t middle = at + width < count ? at + width : count;
            uint32_t end = middle + width < count ? middle + width : count;

            merge(from, to, at, middle, end);
        }
        from = to;
        to = swapped;
    }
    for (uint32_t i = 0; i < count; i++)
        order[i] = from[i].index;
}

/* ---- judging records ----------------------------------------------------------------------------
 */

static msec_t later_by(msec_t t, msec_t by)
{
    return t > INT64_MAX - by ? INT64_MAX : t + by;
}

static void clock_set(struct reorder *r, msec_t ts)
{
    msec_t floor = ts < INT64_MIN + r->config.lateness_ms ? INT64_MIN : ts - r->config.lateness_ms;

    r->clock = ts;
    if (floor > r->floor)
        r->floor = floor;
}

static enum verdict judge(struct reorder *r, struct held_batch *batch, uint32_t index)
{
    msec_t ts = batch->key[index].ts;

    if (!r->started || ts > later_by(r->clock, MSEC_DAY + r->config.lateness_ms)) {
        r->aside[r->aside_count++] = (struct aside){batch, index};
        return VERDICT_AHEAD;
    }
    if (r->aside_count > 0)
        r->against++;
    if (ts < r->floor) {
        r->counters.late++;
        return VERDICT_LATE;
    }
    if (ts > r->clock)
        clock_set(r, ts);
    return VERDICT_ACCEPT;
}

static bool aside_due(const struct reorder *r)
{
    return r->aside_count == REORDER_WITNESSES || r->against >= REORDER_WITNESSES;
}

/* The stream has moved on: what was set aside is judged again from the earliest of it. At least
 * that one is accepted, so that repeating this ends. */
static int aside_believe(struct reorder *r)
{
    struct aside again[REORDER_WITNESSES];
    uint32_t count = r->aside_count;
    msec_t earliest = INT64_MAX;

    memcpy(again, r->aside, count * sizeof *again);
    for (uint32_t i = 0; i < count; i++) {
        msec_t ts = again[i].batch->key[again[i].index].ts;

        if (ts < earliest)
            earliest = ts;
    }
    r->aside_count = r->against = 0;
    r->started = true;
    clock_set(r, earliest);
    for (uint32_t i = 0; i < count; i++) {
        enum verdict verdict = judge(r, again[i].batch, again[i].index);
        int e = 0;

        if (verdict == VERDICT_ACCEPT)
            e = run_push(r, again[i].batch, &r->identity[again[i].index], 1);
        if (e < 0)
            return e;
        if (verdict == VERDICT_LATE)
            let_go(r, again[i].batch, 1);
    }
    return 0;
}

static void aside_drop(struct reorder *r)
{
    r->counters.leap += r->aside_count;
    for (uint32_t i = 0; i < r->aside_count; i++)
        let_go(r, r->aside[i].batch, 1);
    r->aside_count = r->against = 0;
}

static int aside_decide(struct reorder *r)
{
    if (r->aside_count > r->against)
        return aside_believe(r);
    aside_drop(r);
    return 0;
}

/* Takes records of the current batch up to the next decision and makes a run of those accepted. */
static int take_slice(struct reorder *r)
{
    struct held_batch *batch = r->current;
    uint32_t *order = batch->order;
    uint32_t begin = r->at, end = r->at;

    while (r->at < r->offered_count && !aside_due(r) && !r->step_due) {
        uint32_t index = order[r->at++];
        enum verdict verdict = judge(r, batch, index);

        if (verdict == VERDICT_ACCEPT)
            order[end++] = index;
        else if (verdict == VERDICT_LATE)
            let_go(r, batch, 1);
        r->step_due = ++r->arrivals % r->step == 0;
    }
    if (end > begin) {
        if (!is_sorted(batch->key, order + begin, end - begin))
            sort(r, batch->key, order + begin, end - begin);
        if (run_push(r, batch, order + begin, end - begin) < 0)
            return -ENOMEM;
    }
    return aside_due(r) ? aside_decide(r) : 0;
}

/* ---- batches held for a few records each --------------------------------------------------------
 */

/* Moves the run's records into `to`, which has room. False without memory: nothing has changed. */
static bool run_move(struct reorder *r, struct run *run, struct held_batch *to)
{
    uint32_t begin = to->digests->count;

    for (uint32_t i = 0; i < run->count; i++) {
        if (digest_batch_copy(to->digests, run->batch->digests, run->order[i]) < 0) {
            to->digests->count = begin;
            return false;
        }
        key_put(to);
    }
    to->live += run->count;
    let_go(r, run->batch, run->count);
    run->batch = to;
    run->order = r->identity + begin;
    return true;
}

/* A batch whose records are mostly gone costs as much memory as a full one. The order of records
 * does not change, so neither does the result. */
static void pack(struct reorder *r)
{
    struct held_batch *to = NULL;

    for (uint32_t i = 0; i < r->run_count; i++) {
        struct run *run = &r->run[i];
        struct held_batch *from = run->batch;

        if (from == r->current || from == to || 2 * (uint64_t)from->live >= from->digests->capacity)
            continue;
        if (!to || to->digests->capacity - to->digests->count < run->count) {
            to = r->config.spare(r->config.ctx);
            if (!to)
                return;
            r->retained += to->digests->capacity;
        }
        if (!run_move(r, run, to))
            break;
    }
    if (to && to->live == 0)
        retire(r, to);
}

/* ---- the outside --------------------------------------------------------------------------------
 */

void reorder_add(struct reorder *r, struct held_batch *batch, uint32_t count)
{
    assert(!r->current && !r->ended);
    batch->live = count;
    r->retained += batch->digests->capacity;
    r->current = batch;
    r->at = 0;
    r->offered_count = count;
}

void reorder_end(struct reorder *r)
{
    r->ended = true;
}

static void current_finish(struct reorder *r)
{
    struct held_batch *batch = r->current;

    r->current = NULL;
    let_go(r, batch, 0);
    if (r->retained > SPARSE_FACTOR * (uint64_t)r->config.reorder_max)
        pack(r);
}

/* How many records of the earliest run come before all others, are not above `limit`, and are at
 * most `max`: at least one. */
static uint32_t leading(const struct reorder *r, msec_t limit, uint32_t max)
{
    const struct run *run = &r->run[0], *other = NULL;
    const struct held_key *key = run->batch->key;
    uint32_t n = 1;

    for (uint32_t child = 1; child < 3 && child < r->run_count; child++)
        if (!other || before(&r->run[child], other))
            other = &r->run[child];
    if (other) {
        msec_t bound = other->number > run->number ? other->ts : other->ts - 1;

        limit = bound < limit ? bound : limit;
    }
    if (max > run->count)
        max = run->count;
    if (key[run->order[max - 1]].ts <= limit)
        return max;
    while (n < max && key[run->order[n]].ts <= limit)
        n++;
    return n;
}

static void hand_on(struct reorder *r, uint32_t count, const struct held_batch **batch,
                    const uint32_t **order)
{
    struct run *run = &r->run[0];

    *batch = r->lent = run->batch;
    *order = run->order;
    r->lent_count = count;
    r->held -= count;
    run->order += count;
    run->count -= count;
    if (run->count == 0)
        *run = r->run[--r->run_count];
    else
        run->ts = run->batch->key[run->order[0]].ts;
    if (r->run_count > 0)
        sift_down(r, 0);
}

/* Lets the oldest go early, as one run of those beyond what may be held. */
static uint32_t force(struct reorder *r, const struct held_batch **batch, const uint32_t **order)
{
    uint64_t excess = r->held - r->config.reorder_max;
    uint32_t count = leading(r, INT64_MAX, excess > UINT32_MAX ? UINT32_MAX : (uint32_t)excess);
    msec_t last = r->run[0].batch->key[r->run[0].order[count - 1]].ts;

    if (last > r->forced_to)
        r->forced_to = last;
    r->counters.forced += count;
    hand_on(r, count, batch, order);
    return count;
}

int reorder_next(struct reorder *r, const struct held_batch **batch, const uint32_t **order,
                 uint32_t *count)
{
    if (r->lent)
        let_go(r, TAKE(r->lent), r->lent_count);
    for (;;) {
        msec_t limit = r->ended && !r->current && r->aside_count == 0 ? INT64_MAX : r->floor;
        int e = 0;

        if (r->run_count > 0 && r->run[0].ts <= limit) {
            *count = leading(r, limit, UINT32_MAX);
            hand_on(r, *count, batch, order);
            return 1;
        }
        if (r->step_due && r->held > r->config.reorder_max) {
            *count = force(r, batch, order);
            return 1;
        }
        r->step_due = false;
        if (r->forced_to > r->floor) { /* those of equal time, beyond the excess, are not forced */
            r->floor = r->forced_to;
            continue;
        }
        if (r->current && r->at < r->offered_count)
            e = take_slice(r);
        else if (r->current)
            current_finish(r);
        else if (r->ended && r->aside_count > 0)
            e = aside_decide(r);
        else
            return 0;
        if (e < 0)
            return e;
    }
}

void reorder_counters(const struct reorder *r, struct reorder_counters *out)
{
    *out = r->counters;
}

/* ---- for snapshots ------------------------------------------------------------------------------
 */

static int by_number(const void *a, const void *b)
{
    const struct run *x = a, *y = b;

    return (x->number > y->number) - (x->number < y->number);
}

int reorder_save(const struct reorder *r, struct reorder_clock *clock,
                 int (*record)(void *ctx, uint64_t run, const struct held_batch *batch,
                               uint32_t index),
                 void *ctx)
{
    AUTO_FREE struct run *run = malloc((r->run_count + 1) * sizeof *run);
    int e = run ? 0 : -ENOMEM;

    assert(!r->current && !r->lent);
    *clock = (struct reorder_clock){
        .started = r->started,
        .clock = r->clock,
        .floor = r->floor,
        .forced_to = r->forced_to,
        .arrivals = r->arrivals,
        .aside_count = r->aside_count,
        .against = r->against,
        .counters = r->counters,
    };
    for (uint32_t i = 0; e == 0 && i < r->aside_count; i++)
        e = record(ctx, 0, r->aside[i].batch, r->aside[i].index);
    if (e == 0) {
        memcpy(run, r->run, r->run_count * sizeof *run);
        qsort(run, r->run_count, sizeof *run, by_number);
    }
    for (uint32_t i = 0; e == 0 && i < r->run_count; i++)
        for (uint32_t k = 0; e == 0 && k < run[i].count; k++)
            e = record(ctx, i + 1, run[i].batch, run[i].order[k]);
    return e;
}

void reorder_load_clock(struct reorder *r, const struct reorder_clock *clock)
{
    r->started = clock->started;
    r->clock = clock->clock;
    r->floor = clock->floor;
    r->forced_to = clock->forced_to;
    r->arrivals = clock->arrivals;
    r->against = clock->against;
    r->counters = clock->counters;
}

int reorder_load(struct reorder *r, uint64_t run, struct held_batch *batch)
{
    uint32_t count = batch->digests->count;
    int e = run ? run_push(r, batch, r->identity, count) : 0;

    if (e < 0)
        return e;
    batch->live = count;
    r->retained += batch->digests->capacity;
    for (uint32_t i = 0; run == 0 && i < count; i++)
        r->aside[r->aside_count++] = (struct aside){batch, i};
    return 0;
}
