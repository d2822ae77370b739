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

/* The platform's accounts, and a group's, which is empty yet. */
static struct lives all, own;
static struct rng rng;

static int platform_open(void **state)
{
    (void)state;
    rng_split(&rng, 7, 0);
    lives_open(&all, START, NOW);
    strangers(&all, 5000, &rng);
    lives_open_like(&own, &all);
    return 0;
}

static struct handover found(void)
{
    struct handover h;

    handover_find(&own, &all, &h);
    return h;
}

static void a_pool_that_takes_over_within_hours_is_seen_with_its_hour(void **state)
{
    struct handover h;

    (void)state;
    for (unsigned i = 0; i < 30; i++) {
        lives_add(&own, at(30.0 + i), at(96.0 + 4.0 * rng_unit(&rng)));
        lives_add(&own, at(100.5 + 4.0 * rng_unit(&rng)), at(239.0));
    }
    h = found();
    assert_true(h.nats > 20.0);
    assert_int_equal(h.left, 30);
    assert_int_equal(h.came, 30);
    assert_in_range(h.ts - START, 99 * MSEC_HOUR, 101 * MSEC_HOUR);
}

static void one_group_that_begins_and_ends_together_hands_nothing_over(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 60; i++)
        lives_add(&own, at(100.0 + 2.0 * rng_unit(&rng)), at(102.0 + 2.0 * rng_unit(&rng)));
    assert_true(found().nats < 0.0);
}

static void random_groups_hand_nothing_over(void **state)
{
    (void)state;
    for (unsigned k = 0; k < 200; k++) {
        lives_open_like(&own, &all);
        strangers(&own, 60, &rng);
        assert_true(found().nats < 1.0);
    }
}

static void what_everybody_does_at_that_hour_proves_nothing(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 5000; i++) { /* an outage: half of the platform */
        lives_add(&all, at(1.0), at(100.0));
        lives_add(&all, at(104.0), at(239.0));
    }
    lives_open_like(&own, &all);
    for (unsigned i = 0; i < 30; i++) {
        lives_add(&own, at(30.0 + i), at(98.0 + 1.5 * rng_unit(&rng)));
        lives_add(&own, at(104.0), at(239.0));
    }
    assert_true(found().nats < 10.0);
}

static void too_little_cannot_be_told(void **state)
{
    static struct lives none;
    struct handover h;

    (void)state;
    for (unsigned i = 0; i < 7; i++) {
        lives_add(&own, at(30.0), at(99.0));
        lives_add(&own, at(101.0), at(239.0));
    }
    assert_true(isnan(found().nats));
    handover_find(&none, &none, &h); /* before the platform was read */
    assert_true(isnan(h.nats));
}

static void first_day_and_last_day_tell_no_beginning_and_no_end(void **state)
{
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
    (void)state;
    lives_open(&own, START, START + 2 * LIVES_HOURS * MSEC_HOUR);
    assert_int_equal(own.hours, LIVES_HOURS);
    lives_add(&own, at(100.0), at(200.0)); /* forgotten */
    assert_int_equal(own.begun_count + own.left_count, 0);
    lives_add(&own, at(LIVES_HOURS + 1.5), at(LIVES_HOURS + 2.5));
    assert_int_equal(own.begun[0], 1);
    assert_int_equal(own.left[1], 1);
}

#define TEST(name) cmocka_unit_test_setup(name, platform_open)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_pool_that_takes_over_within_hours_is_seen_with_its_hour),
        TEST(one_group_that_begins_and_ends_together_hands_nothing_over),
        TEST(random_groups_hand_nothing_over),
        TEST(what_everybody_does_at_that_hour_proves_nothing),
        TEST(too_little_cannot_be_told),
        TEST(first_day_and_last_day_tell_no_beginning_and_no_end),
        TEST(a_long_stream_keeps_the_newest_hours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
