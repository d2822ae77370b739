#include "sim_windows.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    SHARDS_PER_THREAD = 2, /* so that an uneven share of work does not leave a thread idle */
    THREADS_MAX = 64,
    DIGIT_BITS = 11, /* of the sort by time: windows are at most 2^22 ms long */
    DIGIT_COUNT = 1 << DIGIT_BITS,
    TIME_SHIFT = 42, /* a place is time in the window, seat, number: 22, 26 and 16 bits */
    SEAT_SHIFT = 16,
    SEAT_BITS = 26,
};

/* A record's place in the stream and where its owner keeps it. Only records of one seat, which are
 * in order anyway, can have the same place. */
struct key {
    uint64_t place;
    uint32_t index;
};

struct run {
    struct key *key, *spare; /* of the same capacity */
    uint32_t count, capacity;
};

enum slot_state { SLOT_FREE, SLOT_FILLING, SLOT_READY, SLOT_READ };

struct slot {
    enum slot_state state;
    msec_t from, to;
    struct run *run;   /* per shard */
    struct run merged; /* scratch */
    uint32_t *order;
    uint32_t order_capacity, count;
    int error;
};

struct sim_windows {
    struct world *world;
    struct sim_windows_owner owner;
    uint32_t shard_count, thread_count;
    pthread_t thread[THREADS_MAX];
    uint32_t started;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct slot slot[SIM_WINDOWS_SLOTS];
    struct slot *filling; /* NULL between windows */
    uint32_t next_shard, shards_left;
    uint64_t opened, taken, freed; /* windows; the slot of window n is n % SIM_WINDOWS_SLOTS */
    bool ended, quit;
    atomic_bool stopped;
};

uint32_t sim_windows_shards(uint32_t thread_count)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    if (thread_count == 0)
        thread_count = processors > 0 ? (uint32_t)processors : 1;
    return SHARDS_PER_THREAD * (thread_count < THREADS_MAX ? thread_count : THREADS_MAX);
}

/* ---- one shard's run ---- */

static int run_grow(struct run *run, uint32_t capacity)
{
    struct key *key = realloc(run->key, capacity * sizeof *key);

    if (!key)
        return -ENOMEM;
    run->key = key;
    key = realloc(run->spare, capacity * sizeof *key);
    if (!key)
        return -ENOMEM;
    run->spare = key;
    run->capacity = capacity;
    return 0;
}

struct filling {
    struct sim_windows *w;
    struct slot *slot;
    struct run *run;
    uint32_t slot_index, shard;
};

static int take_record(void *ctx, const struct world_stamp *stamp, const struct api_event *ev)
{
    const struct filling *f = ctx;
    struct run *run = f->run;
    uint32_t number = stamp->number < UINT16_MAX ? stamp->number : UINT16_MAX;
    struct key *key;
    int r = 0;

    if (run->count == run->capacity)
        r = run_grow(run, run->capacity ? 2 * run->capacity : 4096);
    if (r < 0)
        return r;
    key = &run->key[run->count];
    r = f->w->owner.add(f->w->owner.ctx, f->slot_index, f->shard, ev, &key->index);
    if (r < 0)
        return r;
    key->place = (uint64_t)(stamp->ts - f->slot->from) << TIME_SHIFT |
                 (uint64_t)stamp->seat << SEAT_SHIFT | number;
    run->count++;
    return 0;
}

/* A shard's records come seat by seat, each seat's in order: a stable sort by time is enough. */
static void run_sort(struct run *run, msec_t span)
{
    for (int shift = 0; span >> shift > 0; shift += DIGIT_BITS) {
        uint32_t start[DIGIT_COUNT] = {0}, sum = 0;
        struct key *from = run->key;

        for (uint32_t i = 0; i < run->count; i++)
            start[from[i].place >> (TIME_SHIFT + shift) & (DIGIT_COUNT - 1)]++;
        for (uint32_t d = 0; d < DIGIT_COUNT; d++) {
            uint32_t n = start[d];

            start[d] = sum;
            sum += n;
        }
        for (uint32_t i = 0; i < run->count; i++)
            run->spare[start[from[i].place >> (TIME_SHIFT + shift) & (DIGIT_COUNT - 1)]++] =
                from[i];
        run->key = run->spare;
        run->spare = from;
    }
}

/* ---- a window ---- */

static int merged_reserve(struct slot *slot, uint32_t count)
{
    if (slot->merged.capacity < count) {
        int r = run_grow(&slot->merged, count + count / 4);

        if (r < 0)
            return r;
    }
    if (slot->order_capacity < count) {
        uint32_t *order = realloc(slot->order, (count + count / 4) * sizeof *order);

        if (!order)
            return -ENOMEM;
        slot->order = order;
        slot->order_capacity = count + count / 4;
    }
    return 0;
}

static void merge_two(const struct key *a, uint32_t a_count, const struct key *b, uint32_t b_count,
                      struct key *out)
{
    const struct key *a_end = a + a_count, *b_end = b + b_count;

    while (a < a_end && b < b_end)
        *out++ = b->place < a->place ? *b++ : *a++;
    while (a < a_end)
        *out++ = *a++;
    while (b < b_end)
        *out++ = *b++;
}

/* Neighbouring runs are merged until one is left; run starts are in `at`. */
static void runs_merge(struct run *all, uint32_t *at, uint32_t runs)
{
    while (runs > 1) {
        uint32_t left = 0;
        struct key *merged = all->spare;

        for (uint32_t i = 0; i < runs; i += 2) {
            uint32_t end = i + 2 <= runs ? at[i + 2] : at[i + 1];

            merge_two(all->key + at[i], at[i + 1] - at[i], all->key + at[i + 1], end - at[i + 1],
                      merged + at[i]);
            at[left++] = at[i];
            at[left] = end;
        }
        runs = left;
        all->spare = all->key;
        all->key = merged;
    }
}

static int slot_merge(const struct sim_windows *w, struct slot *slot)
{
    uint32_t at[SHARDS_PER_THREAD * THREADS_MAX + 2] = {0};
    uint32_t count = 0;
    int r;

    for (uint32_t s = 0; s < w->shard_count; s++)
        at[s + 1] = count += slot->run[s].count;
    r = merged_reserve(slot, count);
    if (r < 0)
        return r;
    for (uint32_t s = 0; s < w->shard_count; s++)
        if (slot->run[s].count > 0)
            memcpy(slot->merged.key + at[s], slot->run[s].key,
                   slot->run[s].count * sizeof *slot->merged.key);
    runs_merge(&slot->merged, at, w->shard_count);
    for (uint32_t i = 0; i < count; i++)
        slot->order[i] = slot->merged.key[i].index;
    slot->count = count;
    return 0;
}

/* With the lock held. True: a window was opened, or there is none any more. */
static bool window_open(struct sim_windows *w)
{
    uint32_t index = (uint32_t)(w->opened % SIM_WINDOWS_SLOTS);
    struct slot *slot = &w->slot[index];

    if (w->filling || w->ended || slot->state != SLOT_FREE)
        return false;
    if (world_step_ends(w->world) && w->freed != w->opened)
        return false; /* a closed loop: the caller may still act on what was lived */
    if (!world_next_window(w->world, &slot->from, &slot->to)) {
        w->ended = true;
        return true;
    }
    w->owner.clear(w->owner.ctx, index);
    slot->error = 0;
    slot->state = SLOT_FILLING;
    w->filling = slot;
    w->next_shard = 0;
    w->shards_left = w->shard_count;
    w->opened++;
    return true;
}

static int shard_fill(struct sim_windows *w, struct slot *slot, uint32_t shard)
{
    struct filling f = {w, slot, &slot->run[shard], (uint32_t)(slot - w->slot), shard};
    int r;

    f.run->count = 0;
    r = world_generate(w->world, shard, take_record, &f);
    if (r == 0)
        run_sort(f.run, slot->to - slot->from);
    return r;
}

/* With the lock held; gives it up meanwhile. */
static void shard_take(struct sim_windows *w)
{
    struct slot *slot = w->filling;
    uint32_t shard = w->next_shard++;
    int r;

    pthread_mutex_unlock(&w->lock);
    r = shard_fill(w, slot, shard);
    pthread_mutex_lock(&w->lock);
    if (r < 0 && slot->error == 0)
        slot->error = r;
    if (--w->shards_left > 0)
        return;
    w->filling = NULL; /* the others begin the next window while this thread merges */
    if (slot->error)
        w->ended = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    r = slot->error ? slot->error : slot_merge(w, slot);
    pthread_mutex_lock(&w->lock);
    slot->error = r;
    slot->state = SLOT_READY;
    pthread_cond_broadcast(&w->changed);
}

static void *work(void *ctx)
{
    struct sim_windows *w = ctx;

    pthread_mutex_lock(&w->lock);
    while (!w->quit) {
        if (w->filling && w->next_shard < w->shard_count)
            shard_take(w);
        else if (window_open(w))
            pthread_cond_broadcast(&w->changed);
        else
            pthread_cond_wait(&w->changed, &w->lock);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* ---- the caller's side ---- */

int sim_windows_new(struct world *world, uint32_t thread_count,
                    const struct sim_windows_owner *owner, struct sim_windows **out,
                    struct err *err)
{
    AUTO(sim_windows_free) struct sim_windows *w = calloc(1, sizeof *w);

    if (!w)
        return err_set(err, -ENOMEM, "out of memory");
    w->world = world;
    w->owner = *owner;
    w->shard_count = world_shard_count(world);
    w->thread_count = sim_windows_shards(thread_count) / SHARDS_PER_THREAD;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->changed, NULL);
    if (w->shard_count > SHARDS_PER_THREAD * THREADS_MAX)
        return err_set(err, -EINVAL, "more than %d shards", SHARDS_PER_THREAD * THREADS_MAX);
    if (world_seat_count(world) >> SEAT_BITS)
        return err_set(err, -EINVAL, "more than %d million accounts", 1 << (SEAT_BITS - 20));
    for (int i = 0; i < SIM_WINDOWS_SLOTS; i++) {
        w->slot[i].run = calloc(w->shard_count, sizeof *w->slot[i].run);
        if (!w->slot[i].run)
            return err_set(err, -ENOMEM, "out of memory");
    }
    for (uint32_t i = 0; i < w->thread_count; i++) {
        int r = pthread_create(&w->thread[i], NULL, work, w);

        if (r != 0 && i == 0)
            return err_set(err, -r, "no thread to simulate on");
        if (r != 0)
            break; /* fewer threads do the same work */
        w->started++;
    }
    *out = TAKE(w);
    return 0;
}

void sim_windows_free(struct sim_windows *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->quit = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    for (uint32_t i = 0; i < w->started; i++)
        pthread_join(w->thread[i], NULL);
    for (int i = 0; i < SIM_WINDOWS_SLOTS; i++) {
        for (uint32_t s = 0; w->slot[i].run && s < w->shard_count; s++) {
            free(w->slot[i].run[s].key);
            free(w->slot[i].run[s].spare);
        }
        free(w->slot[i].run);
        free(w->slot[i].merged.key);
        free(w->slot[i].merged.spare);
        free(w->slot[i].order);
    }
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

/* The slot that the caller had is free again; the next window's, once it is ready, or NULL. */
static struct slot *slot_await(struct sim_windows *w)
{
    struct slot *slot = &w->slot[w->taken % SIM_WINDOWS_SLOTS];

    pthread_mutex_lock(&w->lock);
    if (w->taken > 0) {
        struct slot *last = &w->slot[(w->taken - 1) % SIM_WINDOWS_SLOTS];

        if (last->state == SLOT_READ) {
            last->state = SLOT_FREE;
            w->freed++;
        }
        pthread_cond_broadcast(&w->changed);
    }
    while (slot->state != SLOT_READY && !(w->ended && w->taken == w->opened))
        pthread_cond_wait(&w->changed, &w->lock);
    if (slot->state == SLOT_READY) {
        slot->state = SLOT_READ;
        w->taken++;
    } else {
        slot = NULL;
    }
    pthread_mutex_unlock(&w->lock);
    return slot;
}

int sim_windows_next(struct sim_windows *w, struct sim_window *out)
{
    const struct slot *slot;

    if (atomic_load(&w->stopped))
        return 0;
    slot = slot_await(w);
    if (!slot)
        return 0;
    if (slot->error)
        return slot->error;
    *out = (struct sim_window){slot->from, slot->to, (uint32_t)(slot - w->slot), slot->count,
                               slot->order};
    return 1;
}

void sim_windows_stop(struct sim_windows *w)
{
    atomic_store(&w->stopped, true);
}
