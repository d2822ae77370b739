#include "base/rng.h"
#include "event/reorder.h"
#include "tests/support.h"

#include <errno.h>
#include <string.h>

enum { BATCH = 64, OUT_MAX = 40000 };

/* What went out: ts, and the place in the input, which travels as `model`. */
struct out {
    uint32_t count;
    msec_t ts[OUT_MAX];
    uint32_t place[OUT_MAX];
    struct reorder_counters counters;
    uint32_t batches_max; /* most that were alive at once */
};

struct pool {
    struct held_batch *free;
    uint32_t alive, alive_max;
};

static struct held_batch *pool_take(void *ctx)
{
    struct pool *pool = ctx;
    struct held_batch *batch = pool->free;

    if (batch)
        pool->free = batch->next;
    else
        assert_int_equal(held_batch_new(BATCH, &batch), 0);
    held_batch_clear(batch);
    if (++pool->alive > pool->alive_max)
        pool->alive_max = pool->alive;
    return batch;
}

static void pool_reclaim(struct pool *pool, struct reorder *reorder)
{
    struct held_batch *batch;

    while ((batch = reorder_reclaim(reorder))) {
        batch->next = pool->free;
        pool->free = batch;
        pool->alive--;
    }
}

static void drain(struct reorder *reorder, struct pool *pool, struct out *out)
{
    const struct held_batch *batch;
    const uint32_t *order;
    uint32_t count;

    while (reorder_next(reorder, &batch, &order, &count) == 1) {
        assert_true(count > 0);
        for (uint32_t i = 0; i < count; i++) {
            const struct digest *d = &batch->digests->digest[order[i]];
            struct str text = digest_account_text(batch->digests, d);

            assert_true(out->count < OUT_MAX);
            assert_int_equal(text.n, 4);
            assert_memory_equal(text.p, "abcd", 4);
            out->ts[out->count] = d->ts;
            out->place[out->count++] = (uint32_t)d->model;
        }
        pool_reclaim(pool, reorder);
    }
    pool_reclaim(pool, reorder);
}

static void put(struct held_batch *batch, msec_t ts, uint32_t place)
{
    struct api_event ev = {.type = RECORD_EXCHANGE};

    EVENT_PUT(&ev, ts, ts);
    EVENT_PUT(&ev, account, STR("abcd"));
    assert_int_equal(held_batch_add(batch, &ev, 0), 0);
    batch->digests->digest[batch->digests->count - 1].model = place;
}

/* Sends ts[0..count) through, in batches of `cut`. */
static struct out *run(const msec_t *ts, uint32_t count, uint32_t cut, msec_t lateness_ms,
                       uint32_t reorder_max)
{
    struct pool pool = {0};
    struct reorder_config config = {lateness_ms, reorder_max, BATCH, pool_take, &pool};
    AUTO(reorder_free) struct reorder *reorder = NULL;
    struct out *out = calloc(1, sizeof *out);

    assert_non_null(out);
    assert_int_equal(reorder_new(&config, &reorder), 0);
    for (uint32_t at = 0; at < count; at += cut) {
        struct held_batch *batch = pool_take(&pool);
        uint32_t n = 0;

        for (; n < cut && at + n < count; n++) {
            put(batch, ts[at + n], at + n);
            batch->order[n] = n;
        }
        reorder_add(reorder, batch, n);
        drain(reorder, &pool, out);
    }
    reorder_end(reorder);
    drain(reorder, &pool, out);
    assert_int_equal(pool.alive, 0);
    reorder_counters(reorder, &out->counters);
    out->batches_max = pool.alive_max;
    while (pool.free) {
        struct held_batch *next = pool.free->next;

        held_batch_free(pool.free);
        pool.free = next;
    }
    return out;
}

static void assert_sorted(const struct out *out)
{
    for (uint32_t i = 1; i < out->count; i++)
        assert_true(out->ts[i - 1] < out->ts[i] ||
                    (out->ts[i - 1] == out->ts[i] && out->place[i - 1] < out->place[i]));
}

static void assert_same(const struct out *a, const struct out *b)
{
    assert_int_equal(a->count, b->count);
    assert_memory_equal(a->ts, b->ts, a->count * sizeof *a->ts);
    assert_memory_equal(a->place, b->place, a->count * sizeof *a->place);
    assert_memory_equal(&a->counters, &b->counters, sizeof a->counters);
}

/* The same however the stream is cut. */
static struct out *run_all_cuts(const msec_t *ts, uint32_t count, msec_t lateness_ms,
                                uint32_t reorder_max)
{
    static const uint32_t cuts[] = {1, 7, 63};
    struct out *whole = run(ts, count, BATCH, lateness_ms, reorder_max);

    for (unsigned i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        struct out *out = run(ts, count, cuts[i], lateness_ms, reorder_max);

        assert_same(out, whole);
        free(out);
    }
    assert_sorted(whole);
    return whole;
}

/* A day's records, one a second, each moved by up to `shift_ms` in arrival. */
static msec_t *shuffled(uint32_t count, msec_t shift_ms)
{
    msec_t *ts = malloc(count * sizeof *ts);
    struct rng rng;

    rng_split(&rng, 1, 2);
    for (uint32_t i = 0; i < count; i++)
        ts[i] = 1000 * MSEC_DAY + (msec_t)i * MSEC_SECOND -
                (shift_ms ? (msec_t)rng_below(&rng, (uint64_t)shift_ms) : 0);
    return ts;
}

static void in_order_input_stays_as_it_is(void **state)
{
    msec_t *ts = shuffled(3000, 0);
    struct out *out = run_all_cuts(ts, 3000, 5 * MSEC_MINUTE, 10000);

    (void)state;
    assert_int_equal(out->count, 3000);
    assert_int_equal(out->counters.late + out->counters.forced + out->counters.leap, 0);
    free(out);
    free(ts);
}

static void equal_times_keep_their_arrival(void **state)
{
    const msec_t ts[] = {20, 10, 20, 10, 20, 10};
    struct out *out = run_all_cuts(ts, 6, 100, 100);
    const uint32_t places[] = {1, 3, 5, 0, 2, 4};

    (void)state;
    assert_int_equal(out->count, 6);
    assert_memory_equal(out->place, places, sizeof places);
    free(out);
}

static void input_shuffled_within_the_window_loses_nothing(void **state)
{
    msec_t *ts = shuffled(5000, 5 * MSEC_MINUTE);
    struct out *out = run_all_cuts(ts, 5000, 5 * MSEC_MINUTE, 10000);

    (void)state;
    assert_int_equal(out->count, 5000);
    free(out);
    free(ts);
}

static void a_record_is_late_just_outside_the_window_only(void **state)
{
    const msec_t inside[] = {1000, 5000, 4000}, outside[] = {1000, 5000, 3999};
    struct out *kept = run_all_cuts(inside, 3, 1000, 100);
    struct out *dropped = run_all_cuts(outside, 3, 1000, 100);

    (void)state;
    assert_int_equal(kept->count, 3);
    assert_int_equal(kept->counters.late, 0);
    assert_int_equal(dropped->count, 2);
    assert_int_equal(dropped->counters.late, 1);
    free(kept);
    free(dropped);
}

static void without_a_window_whatever_goes_back_is_late(void **state)
{
    const msec_t ts[] = {10, 20, 19, 20, 30};
    struct out *out = run_all_cuts(ts, 5, 0, 100);

    (void)state;
    assert_int_equal(out->count, 4);
    assert_int_equal(out->counters.late, 1);
    free(out);
}

static void a_full_buffer_lets_the_oldest_go_early(void **state)
{
    enum { COUNT = 2000, MAX = 500 };
    msec_t *ts = shuffled(COUNT, 0);
    struct out *out = run_all_cuts(ts, COUNT, MSEC_DAY, MAX);
    struct out *roomy = run_all_cuts(ts, COUNT, MSEC_DAY, COUNT);

    (void)state;
    assert_int_equal(out->count, COUNT); /* early, yet in order */
    assert_int_equal(out->counters.forced, COUNT - MAX);
    assert_int_equal(roomy->counters.forced, 0);
    free(out);
    free(roomy);
    free(ts);
}

static void of_equal_times_only_the_excess_is_forced(void **state)
{
    enum { COUNT = 1020, MAX = 510 }; /* one step and what is let go after it */
    msec_t ts[COUNT];
    struct out *out;

    (void)state;
    for (uint32_t i = 0; i < COUNT; i++)
        ts[i] = i / 4; /* the last that is forced has two equals after it */
    out = run_all_cuts(ts, COUNT, MSEC_DAY, MAX);
    assert_int_equal(out->count, COUNT);
    assert_int_equal(out->counters.forced, COUNT - MAX);
    free(out);
}

static void what_comes_after_it_was_let_go_early_is_late(void **state)
{
    enum { COUNT = 1024 }; /* one step */
    msec_t *ts = shuffled(COUNT + 2, 0);
    struct out *out;

    (void)state;
    ts[COUNT] = ts[23];     /* just not below the last that went early */
    ts[COUNT + 1] = ts[22]; /* below */
    out = run(ts, COUNT + 2, BATCH, MSEC_DAY, 1000);
    assert_int_equal(out->counters.late, 0); /* a step of 1,000 lets none go before 2,000 */
    free(out);
    out = run(ts, COUNT + 2, 1, MSEC_DAY, 512);
    assert_int_equal(out->counters.forced, COUNT - 512);
    assert_int_equal(out->counters.late, 2);
    free(out);
    free(ts);
}

static void a_wrong_clock_ahead_makes_nothing_late(void **state)
{
    enum { COUNT = 2000 };
    msec_t *ts = shuffled(COUNT, MSEC_MINUTE);
    struct out *out;

    (void)state;
    ts[700] += 30000 * MSEC_DAY;
    ts[900] += 2 * MSEC_DAY;
    out = run_all_cuts(ts, COUNT, MSEC_MINUTE, 1000);
    assert_int_equal(out->count, COUNT - 2);
    assert_int_equal(out->counters.leap, 2);
    assert_int_equal(out->counters.late, 0);
    free(out);
    free(ts);
}

static void the_first_record_may_have_the_wrong_clock(void **state)
{
    enum { COUNT = 1000 };
    msec_t *ts = shuffled(COUNT, 0);
    struct out *out;

    (void)state;
    ts[0] += 30000 * MSEC_DAY;
    out = run_all_cuts(ts, COUNT, MSEC_MINUTE, 1000);
    assert_int_equal(out->count, COUNT - 1);
    assert_int_equal(out->counters.leap, 1);
    free(out);
    ts[0] = 0; /* long ago is no harm: the stream moves on from there */
    out = run_all_cuts(ts, COUNT, MSEC_MINUTE, 1000);
    assert_int_equal(out->count, COUNT);
    assert_int_equal(out->ts[0], 0);
    free(out);
    free(ts);
}

static void a_stream_that_really_moves_on_is_followed(void **state)
{
    enum { COUNT = 2000 };
    msec_t *ts = shuffled(COUNT, MSEC_MINUTE);
    struct out *out;

    (void)state;
    for (uint32_t i = 1000; i < COUNT; i++)
        ts[i] += 10 * MSEC_DAY;
    out = run_all_cuts(ts, COUNT, MSEC_MINUTE, 1000);
    assert_int_equal(out->count, COUNT);
    ts[1999] = ts[0]; /* and the clock with it */
    free(out);
    out = run_all_cuts(ts, COUNT, MSEC_MINUTE, 1000);
    assert_int_equal(out->counters.late, 1);
    free(out);
    free(ts);
}

static void records_days_apart_all_go_out(void **state)
{
    enum { COUNT = 600 };
    msec_t ts[COUNT];

    (void)state;
    for (uint32_t i = 0; i < COUNT; i++)
        ts[i] = (msec_t)i * 3 * MSEC_DAY;
    for (uint32_t count = 1; count <= COUNT; count = 4 * count + 1) {
        struct out *out = run_all_cuts(ts, count, MSEC_MINUTE, 1000);

        assert_int_equal(out->count, count);
        free(out);
    }
}

static void at_the_end_the_majority_decides_about_a_leap(void **state)
{
    const msec_t day = MSEC_DAY;
    const msec_t last[] = {1, 2, 3, 9 * day}, middle[] = {1, 2, 9 * day, 3};
    struct out *out = run_all_cuts(last, 4, 100, 100);

    (void)state;
    assert_int_equal(out->count, 4);
    free(out);
    out = run_all_cuts(middle, 4, 100, 100);
    assert_int_equal(out->count, 3);
    assert_int_equal(out->counters.leap, 1);
    free(out);
}

static void a_batch_kept_for_one_record_is_packed(void **state)
{
    enum { COUNT = 20000, MAX = 100 };
    msec_t *ts = malloc(COUNT * sizeof *ts);
    struct out *out;

    (void)state;
    /* One sender in 32 is ahead by nearly the window: it alone stays behind of each batch. */
    for (uint32_t i = 0; i < COUNT; i++)
        ts[i] = (msec_t)i + (i % 32 == 0 ? 3000 : 0);
    out = run_all_cuts(ts, COUNT, 3001, MAX);
    assert_true(out->count > COUNT / 2);
    assert_true(out->batches_max < 32);
    free(out);
    free(ts);
}

static void memory_is_freed_in_the_middle_of_the_stream(void **state)
{
    struct pool pool = {0};
    struct reorder_config config = {MSEC_HOUR, 100, BATCH, pool_take, &pool};
    struct reorder *reorder;
    struct held_batch *batch;
    const struct held_batch *given;
    const uint32_t *order;
    uint32_t count;

    (void)state;
    assert_int_equal(reorder_new(&config, &reorder), 0);
    for (uint32_t b = 0; b < 40; b++) { /* the last add leaves a lent run and a held batch */
        batch = pool_take(&pool);
        for (uint32_t i = 0; i < BATCH; i++) {
            put(batch, (msec_t)(b * BATCH + i), i);
            batch->order[i] = i;
        }
        while (reorder_next(reorder, &given, &order, &count) == 1)
            ;
        reorder_add(reorder, batch, BATCH);
    }
    assert_int_equal(reorder_next(reorder, &given, &order, &count), 1);
    reorder_free(reorder); /* the leak checker sees what is left */
    while (pool.free) {
        batch = pool.free->next;
        held_batch_free(pool.free);
        pool.free = batch;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_order_input_stays_as_it_is),
        cmocka_unit_test(equal_times_keep_their_arrival),
        cmocka_unit_test(input_shuffled_within_the_window_loses_nothing),
        cmocka_unit_test(a_record_is_late_just_outside_the_window_only),
        cmocka_unit_test(without_a_window_whatever_goes_back_is_late),
        cmocka_unit_test(a_full_buffer_lets_the_oldest_go_early),
        cmocka_unit_test(of_equal_times_only_the_excess_is_forced),
        cmocka_unit_test(what_comes_after_it_was_let_go_early_is_late),
        cmocka_unit_test(a_wrong_clock_ahead_makes_nothing_late),
        cmocka_unit_test(the_first_record_may_have_the_wrong_clock),
        cmocka_unit_test(a_stream_that_really_moves_on_is_followed),
        cmocka_unit_test(records_days_apart_all_go_out),
        cmocka_unit_test(at_the_end_the_majority_decides_about_a_leap),
        cmocka_unit_test(a_batch_kept_for_one_record_is_packed),
        cmocka_unit_test(memory_is_freed_in_the_middle_of_the_stream),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
