#include "sim_source.h"

#include "tools/sim_pages.h"
#include "tools/sim_windows.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

/* Digests of a window lie in one array and their text in one arena, so that a single order runs
 * through all shards. Both are reserved, not used, memory: each shard has a part of its own that is
 * far larger than a window should need, and only what is touched is taken from the system. */
enum { SLOT_DIGESTS = 2 << 20, TEXT_PER_DIGEST = 1024, KEEP_DIGESTS = 128 << 10 };

/* What digest_batch_add() may want at once: reserved beyond every part. */
enum { TEXT_SLACK = 8192 };

struct part {
    struct digest_batch batch; /* into the slot's arrays */
    char pad[64];              /* two threads do not write to one cache line */
};

struct store {
    struct digest_batch all;
    struct part *part; /* per shard */
    size_t digest_size, text_size;
};

struct sim_source {
    struct sim_windows *windows;
    struct sim_pages *pages; /* NULL: events are not kept */
    struct out_file *events;
    struct store store[SIM_WINDOWS_SLOTS];
    uint32_t shard_count, part_digests, part_text;
    uint64_t hash_key;
    msec_t now;
};

static void *reserve(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                   -1, 0);

    if (p == MAP_FAILED)
        return NULL;
    (void)madvise(p, size, MADV_HUGEPAGE);
    return p;
}

static int store_init(struct sim_source *s, struct store *store)
{
    store->digest_size = (size_t)s->part_digests * s->shard_count * sizeof(struct digest);
    store->text_size = (size_t)s->part_text * s->shard_count;
    store->all.digest = reserve(store->digest_size);
    store->all.text = reserve(store->text_size);
    store->part = calloc(s->shard_count, sizeof *store->part);
    return store->all.digest && store->all.text && store->part ? 0 : -ENOMEM;
}

static void store_deinit(struct store *store)
{
    if (store->all.digest)
        (void)munmap(store->all.digest, store->digest_size);
    if (store->all.text)
        (void)munmap(store->all.text, store->text_size);
    free(store->part);
}

/* Memory that an unusually full window took is given back. */
static void part_trim(const struct sim_source *s, struct store *store, uint32_t shard)
{
    const struct digest_batch *batch = &store->part[shard].batch;
    uint32_t keep = KEEP_DIGESTS / s->shard_count;
    static const size_t PAGE = (size_t)2 << 20;
    uintptr_t from, to;

    if (batch->count <= keep)
        return;
    from = (uintptr_t)(batch->digest + keep);
    to = (uintptr_t)(batch->digest + batch->count);
    from = (from + PAGE - 1) / PAGE * PAGE;
    to = to / PAGE * PAGE;
    if (from < to)
        (void)madvise((void *)from, to - from, MADV_DONTNEED);
}

static void store_clear(void *ctx, uint32_t slot)
{
    struct sim_source *s = ctx;
    struct store *store = &s->store[slot];

    if (s->pages)
        sim_pages_clear(s->pages, slot);
    for (uint32_t i = 0; i < s->shard_count; i++) {
        struct digest_batch *batch = &store->part[i].batch;

        part_trim(s, store, i);
        batch->digest = store->all.digest + (size_t)i * s->part_digests;
        batch->count = 0;
        batch->capacity = s->part_digests;
        batch->text = store->all.text;
        batch->text_size = i * s->part_text;
        batch->text_capacity = (i + 1) * s->part_text;
    }
}

static int store_add(void *ctx, uint32_t slot, uint32_t shard, const struct api_event *ev,
                     uint32_t *index)
{
    struct sim_source *s = ctx;
    struct digest_batch *batch = &s->store[slot].part[shard].batch;

    if (batch->count == batch->capacity || batch->text_capacity - batch->text_size < TEXT_SLACK)
        return -ENOBUFS;
    *index = shard * s->part_digests + batch->count;
    if (s->pages) { /* line and digest have the same number in the shard: order_write() */
        uint32_t line;
        int r = sim_pages_add(s->pages, slot, shard, ev, &line);

        if (r < 0)
            return r;
        assert(line == sim_pages_index(shard, batch->count));
    }
    return digest_batch_add(batch, ev, s->hash_key);
}

int sim_source_new(struct world *world, uint32_t thread_count, uint64_t hash_key,
                   struct out_file *events, struct sim_source **out, struct err *err)
{
    AUTO(sim_source_free) struct sim_source *s = calloc(1, sizeof *s);
    struct sim_windows_owner owner = {s, store_clear, store_add};
    int r = s ? 0 : -ENOMEM;

    if (r < 0)
        return err_set(err, r, "out of memory");
    s->hash_key = hash_key;
    s->shard_count = world_shard_count(world);
    s->part_digests = SLOT_DIGESTS / s->shard_count;
    s->part_text = s->part_digests * TEXT_PER_DIGEST / 2;
    s->events = events;
    if (events)
        r = sim_pages_new(s->shard_count, false, &s->pages);
    if (r < 0)
        return err_set(err, r, "out of memory");
    for (int i = 0; i < SIM_WINDOWS_SLOTS && r == 0; i++)
        r = store_init(s, &s->store[i]);
    if (r < 0)
        return err_set(err, r, "out of address space for windows of digests");
    r = sim_windows_new(world, thread_count, &owner, &s->windows, err);
    if (r < 0)
        return r;
    *out = TAKE(s);
    return 0;
}

void sim_source_free(struct sim_source *s)
{
    if (!s)
        return;
    sim_windows_free(s->windows);
    for (int i = 0; i < SIM_WINDOWS_SLOTS; i++)
        store_deinit(&s->store[i]);
    sim_pages_free(s->pages);
    free(s);
}

/* The window's lines, in stream order. */
static int order_write(struct sim_source *s, const struct sim_window *window, struct err *err)
{
    int r = 0;

    for (uint32_t i = 0; s->pages && i < window->count && r == 0; i++) {
        uint32_t shard = window->order[i] / s->part_digests;
        uint32_t number = window->order[i] % s->part_digests;

        r = sim_pages_write(s->pages, s->events, window->slot, sim_pages_index(shard, number), err);
    }
    return r;
}

int sim_source_flush(struct sim_source *s, struct err *err)
{
    return s->pages ? sim_pages_flush(s->pages, s->events, err) : 0;
}

int sim_source_next(struct sim_source *s, const struct digest_batch **batch, const uint32_t **order,
                    uint32_t *count, struct err *err)
{
    struct sim_window window;
    struct digest_batch *all;
    int r = sim_windows_next(s->windows, &window);

    if (r == -ENOBUFS)
        return err_set(err, r, "more than a million records in a moment: lower the scale");
    if (r < 0)
        return err_set(err, r, "the simulation stopped: %s", strerror(-r));
    if (r == 0)
        return 0;
    r = order_write(s, &window, err);
    if (r < 0)
        return r;
    all = &s->store[window.slot].all;
    all->cut_count = 0;
    all->count = s->part_digests * s->shard_count;
    *batch = all;
    *order = window.order;
    *count = window.count;
    s->now = window.to;
    return 1;
}

void sim_source_stop(struct sim_source *s)
{
    sim_windows_stop(s->windows);
}

msec_t sim_source_now(const struct sim_source *s)
{
    return s->now;
}
