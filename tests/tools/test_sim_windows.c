#include "tests/sim/tiny.h"
#include "tools/sim_windows.h"

#include <errno.h>

enum { STORED_MAX = 40000 };

/* Keeps the time and account of each record; indices run through all shards. */
struct store {
    struct {
        msec_t ts;
        char account[20];
    } record[SIM_WINDOWS_SLOTS][STORED_MAX];
    uint32_t count[SIM_WINDOWS_SLOTS][8];
    uint32_t fail_at;
};

static void store_clear(void *ctx, uint32_t slot)
{
    struct store *store = ctx;

    memset(store->count[slot], 0, sizeof store->count[slot]);
}

static int store_add(void *ctx, uint32_t slot, uint32_t shard, const struct api_event *ev,
                     uint32_t *index)
{
    struct store *store = ctx;
    uint32_t n = store->count[slot][shard]++;

    *index = shard * (STORED_MAX / 8) + n;
    if (n >= STORED_MAX / 8 || (store->fail_at && n + 1 == store->fail_at))
        return -ENOBUFS;
    store->record[slot][*index].ts = ev->ts;
    tiny_keep(store->record[slot][*index].account, 20, ev->account);
    return 0;
}

static struct sim_windows *windows_of(struct world *world, struct store *store, uint32_t threads)
{
    struct sim_windows_owner owner = {store, store_clear, store_add};
    struct sim_windows *windows = NULL;
    struct err err = {""};

    assert_int_equal(sim_windows_new(world, threads, &owner, &windows, &err), 0);
    return windows;
}

static void windows_hold_the_worlds_records_in_order(void **state)
{
    struct tiny t;
    struct tiny_log log;

    (void)state;
    tiny_init(&t);
    t.cohort[0].account_count = 100;
    t.cohort[0].tempo.turns = (struct size_law){1.0, 0.7, 1, 20};
    tiny_run(&t, 1, &log);
    for (uint32_t threads = 1; threads <= 3; threads++) {
        struct world *world = tiny_world(&t, threads + 1);
        struct store *store = calloc(1, sizeof *store);
        struct sim_windows *windows = windows_of(world, store, threads);
        struct sim_window window;
        uint32_t k = 0;

        while (sim_windows_next(windows, &window) > 0)
            for (uint32_t i = 0; i < window.count; i++, k++) {
                uint32_t at = window.order[i];

                assert_true(k < log.count);
                assert_int_equal(store->record[window.slot][at].ts, log.record[k].stamp.ts);
                assert_string_equal(store->record[window.slot][at].account, log.record[k].account);
            }
        assert_int_equal(k, log.count);
        assert_int_equal(sim_windows_next(windows, &window), 0); /* and stays so */
        sim_windows_free(windows);
        world_free(world);
        free(store);
    }
    free(log.record);
}

static void a_failing_store_ends_the_stream_with_its_error(void **state)
{
    struct tiny t;
    struct world *world;
    struct store *store = calloc(1, sizeof *store);
    struct sim_windows *windows;
    struct sim_window window;
    int r;

    (void)state;
    tiny_init(&t);
    world = tiny_world(&t, 2);
    store->fail_at = 30;
    windows = windows_of(world, store, 2);
    while ((r = sim_windows_next(windows, &window)) > 0)
        assert_true(window.count < 60);
    assert_int_equal(r, -ENOBUFS);
    sim_windows_free(windows);
    world_free(world);
    free(store);
}

static void a_stopped_stream_has_no_next_window(void **state)
{
    struct tiny t;
    struct world *world;
    struct store *store = calloc(1, sizeof *store);
    struct sim_windows *windows;
    struct sim_window window;

    (void)state;
    tiny_init(&t);
    world = tiny_world(&t, 2);
    windows = windows_of(world, store, 2);
    assert_int_equal(sim_windows_next(windows, &window), 1);
    sim_windows_stop(windows);
    assert_int_equal(sim_windows_next(windows, &window), 0);
    sim_windows_free(windows); /* in the middle */
    world_free(world);
    free(store);
}

static void every_thread_has_shards_to_choose_from(void **state)
{
    (void)state;
    assert_int_equal(sim_windows_shards(3), 6);
    assert_true(sim_windows_shards(0) >= 2);
    assert_true(sim_windows_shards(100000) <= 128);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_hold_the_worlds_records_in_order),
        cmocka_unit_test(a_failing_store_ends_the_stream_with_its_error),
        cmocka_unit_test(a_stopped_stream_has_no_next_window),
        cmocka_unit_test(every_thread_has_shards_to_choose_from),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
