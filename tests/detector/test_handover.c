#include "base/rng.h"
#include "detector/handover.h"
#include "tests/support.h"

#include <math.h>

static const msec_t START = 1000 * MSEC_DAY, NOW = 1010 * MSEC_DAY;

static msec_t at(double hours)
{
    return START + (msec_t)(hours * (double)MSEC_HOUR);
}

/* Accounts that begin and leave at any hour of ten days. */
static void strangers(struct lives *lives, unsigned count, struct rng *rng)
{
    for (unsigned i = 0; i < count; i++) {
        double first = 240.0 * rng_unit(rng), last = 240.0 * rng_unit(rng);

        lives_add(lives, at(fmin(first, last)), at(fmax(first, last)));
    }
}

static void platform(struct lives *all, struct rng *rng)
{
    rng_split(rng, 7, 0);
    lives_open(all, START, NOW);
    strangers(all, 5000, rng);
}

static void a_pool_that_takes_over_within_hours_is_seen_with_its_hour(void **state)
{
    static struct lives all, own;
    struct handover h;
    struct rng rng;

    (void)state;
    platform(&all, &rng);
    lives_open_like(&own, &all);
    for (unsigned i = 0; i < 30; i++) {
        lives_add(&own, at(30.0 + i), at(96.0 + 4.0 * rng_unit(&rng)));
        lives_add(&own, at(100.5 + 4.0 * rng_unit(&rng)), at(239.0));
    }
    handover_find(&own, &all, &h);
    assert_true(h.nats > 20.0);
    assert_int_equal(h.left, 30);
    assert_int_equal(h.came, 30);
    assert_in_range(h.ts - START, 99 * MSEC_HOUR, 101 * MSEC_HOUR);
}

static void one_group_that_begins_and_ends_together_hands_nothing_over(void **state)
{
    static struct lives all, own;
    struct handover h;
    struct rng rng;

    (void)state;
    platform(&all, &rng);
    lives_open_like(&own, &all);
    for (unsigned i = 0; i < 60; i++)
        lives_add(&own, at(100.0 + 2.0 * rng_unit(&rng)), at(102.0 + 2.0 * rng_unit(&rng)));
    handover_find(&own, &all, &h);
    assert_true(h.nats < 0.0);
}

static void random_groups_hand_nothing_over(void **state)
{
    static struct lives all, own;
    struct handover h;
    struct rng rng;

    (void)state;
    platform(&all, &rng);
    for (unsigned k = 0; k < 200; k++) {
        lives_open_like(&own, &all);
        strangers(&own, 60, &rng);
        handover_find(&own, &all, &h);
        assert_true(h.nats < 1.0);
    }
}

static void what_everybody_does_at_that_hour_proves_nothing(void **state)
{
    static struct lives all, own;
    struct handover h;
    struct rng rng;

    (void)state;
    platform(&all, &rng);
    for (unsigned i = 0; i < 5000; i++) { /* an outage: half of the platform */
        lives_add(&all, at(1.0), at(100.0));
        lives_add(&all, at(104.0), at(239.0));
    }
    lives_open_like(&own, &all);
    for (unsigned i = 0; i < 30; i++) {
        lives_add(&own, at(30.0 + i), at(98.0 + 1.5 * rng_unit(&rng)));
        lives_add(&own, at(104.0), at(239.0));
    }
    handover_find(&own, &all, &h);
    assert_true(h.nats < 10.0);
}

static void too_little_cannot_be_told(void **state)
{
    static struct lives all, own, none;
    struct handover h;
    struct rng rng;

    (void)state;
    platform(&all, &rng);
    lives_open_like(&own, &all);
    for (unsigned i = 0; i < 7; i++) {
        lives_add(&own, at(30.0), at(99.0));
        lives_add(&own, at(101.0), at(239.0));
    }
    handover_find(&own, &all, &h);
    assert_true(isnan(h.nats));
    handover_find(&none, &none, &h); /* before the platform was read */
    assert_true(isnan(h.nats));
}

static void first_day_and_last_day_tell_no_beginning_and_no_end(void **state)
{
    static struct lives own;

    (void)state;
    lives_open(&own, START, NOW);
    lives_add(&own, at(23.9), at(216.1));
    assert_int_equal(own.begun_count, 0);
    assert_int_equal(own.left_count, 0);
    lives_add(&own, at(24.1), at(215.9));
    assert_int_equal(own.begun_count, 1);
    assert_int_equal(own.left_count, 1);
    assert_int_equal(own.begun[24], 1);
    assert_int_equal(own.left[215], 1);
}

static void a_long_stream_keeps_the_newest_hours(void **state)
{
    static struct lives own;

    (void)state;
    lives_open(&own, START, START + 2 * LIVES_HOURS * MSEC_HOUR);
    assert_int_equal(own.hours, LIVES_HOURS);
    lives_add(&own, at(100.0), at(200.0)); /* forgotten */
    assert_int_equal(own.begun_count + own.left_count, 0);
    lives_add(&own, at(LIVES_HOURS + 1.5), at(LIVES_HOURS + 2.5));
    assert_int_equal(own.begun[0], 1);
    assert_int_equal(own.left[1], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pool_that_takes_over_within_hours_is_seen_with_its_hour),
        cmocka_unit_test(one_group_that_begins_and_ends_together_hands_nothing_over),
        cmocka_unit_test(random_groups_hand_nothing_over),
        cmocka_unit_test(what_everybody_does_at_that_hour_proves_nothing),
        cmocka_unit_test(too_little_cannot_be_told),
        cmocka_unit_test(first_day_and_last_day_tell_no_beginning_and_no_end),
        cmocka_unit_test(a_long_stream_keeps_the_newest_hours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
