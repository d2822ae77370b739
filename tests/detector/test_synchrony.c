#include "base/dist.h"
#include "detector/synchrony.h"
#include "tests/support.h"

#include <math.h>
#include <string.h>

enum { MEMBERS = 60 };

struct crowd {
    struct presence member[MEMBERS];
    struct coactivity coactivity;
};

/* An hour in which each member is active in each tick with its probability (0..1). */
static void hour(struct crowd *c, struct rng *rng, uint32_t number,
                 const double probability[SYNCHRONY_TICKS])
{
    for (unsigned slot = 0; slot < SYNCHRONY_TICKS; slot++)
        for (unsigned i = 0; i < MEMBERS; i++)
            if (rng_unit(rng) < probability[slot])
                coactivity_add(&c->coactivity, slot, presence_add(&c->member[i], number, slot));
    coactivity_hour(&c->coactivity, true);
}

static void independent_members_meet_by_chance_whatever_the_day(void **state)
{
    static struct crowd c;
    struct rng rng;

    (void)state;
    rng_split(&rng, 1, 0);
    for (uint32_t number = 0; number < 1000; number++) {
        double p[SYNCHRONY_TICKS];

        for (unsigned slot = 0; slot < SYNCHRONY_TICKS; slot++)
            p[slot] = number % 24 > 8 ? 0.3 : 0.02; /* a strong day rhythm */
        hour(&c, &rng, number, p);
    }
    assert_near(c.coactivity.pairs / c.coactivity.expected, 1.0, 0.01);
    assert_true(coactivity_ratio(&c.coactivity, 4, 20.0) < 1.0);
}

static void common_bursts_are_told(void **state)
{
    static struct crowd c;
    struct rng rng;

    (void)state;
    rng_split(&rng, 1, 0);
    for (uint32_t number = 0; number < 100; number++) {
        double p[SYNCHRONY_TICKS] = {0.0};

        p[rng_below(&rng, SYNCHRONY_TICKS)] = p[rng_below(&rng, SYNCHRONY_TICKS)] = 0.5;
        hour(&c, &rng, number, p);
    }
    assert_near(coactivity_ratio(&c.coactivity, 4, 20.0), 6.0, 0.5);
}

static void one_busy_member_meets_nobody(void **state)
{
    struct presence member = {0};
    struct coactivity c = {0};

    (void)state;
    for (uint32_t number = 0; number < 100; number++) {
        for (unsigned exchange = 0; exchange < 500; exchange++)
            coactivity_add(&c, number % 3, presence_add(&member, number, number % 3));
        coactivity_hour(&c, true);
    }
    assert_int_equal(c.hours, 100);
    assert_near(c.pairs, 0.0, 1e-9);
    assert_near(c.expected, 0.0, 1e-9);
    assert_true(isnan(coactivity_ratio(&c, 4, 0.0)));
}

static void presence_counts_the_other_ticks_of_the_hour(void **state)
{
    struct presence p = {0};

    (void)state;
    assert_int_equal(presence_add(&p, 7, 3), 0);
    assert_int_equal(presence_add(&p, 7, 3), SYNCHRONY_TICKS); /* once in a tick */
    assert_int_equal(presence_add(&p, 7, 11), 1);
    assert_int_equal(presence_add(&p, 8, 11), 0);
}

static void an_hour_in_which_the_group_grew_tells_nothing(void **state)
{
    struct coactivity c = {0};

    (void)state;
    coactivity_add(&c, 2, 0);
    coactivity_add(&c, 2, 0);
    coactivity_hour(&c, false);
    assert_int_equal(c.hours, 0);
    coactivity_add(&c, 2, 0);
    coactivity_add(&c, 2, 0);
    coactivity_hour(&c, true);
    assert_int_equal(c.hours, 1);
    assert_near(c.pairs, 2.0, 1e-9); /* each of the two met the other */
    assert_near(c.expected, 2.0 / SYNCHRONY_TICKS, 1e-9);
}

static void too_little_cannot_be_told(void **state)
{
    struct coactivity c = {.pairs = 100.0, .expected = 30.0, .hours = 4};

    (void)state;
    assert_near(coactivity_ratio(&c, 4, 20.0), (100.0 - 3.0 * sqrt(60.0)) / 30.0, 1e-9);
    assert_true(isnan(coactivity_ratio(&c, 5, 20.0)));
    assert_true(isnan(coactivity_ratio(&c, 4, 31.0)));
}

static void what_another_group_counted_is_added(void **state)
{
    struct coactivity to = {.pairs = 10.0, .expected = 5.0, .hours = 4};
    struct coactivity from = {.pairs = 1.0, .expected = 2.0, .hours = 9};

    (void)state;
    coactivity_add(&to, 1, 0);
    coactivity_add(&from, 1, 1);
    coactivity_merge(&to, &from);
    assert_near(to.pairs, 11.0, 1e-9);
    assert_near(to.expected, 7.0, 1e-9);
    assert_int_equal(to.hours, 9);
    assert_int_equal(to.count[1], 2);
    assert_int_equal(to.sum, 2);
    assert_int_equal(to.square, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(independent_members_meet_by_chance_whatever_the_day),
        cmocka_unit_test(common_bursts_are_told),
        cmocka_unit_test(one_busy_member_meets_nobody),
        cmocka_unit_test(presence_counts_the_other_ticks_of_the_hour),
        cmocka_unit_test(an_hour_in_which_the_group_grew_tells_nothing),
        cmocka_unit_test(too_little_cannot_be_told),
        cmocka_unit_test(what_another_group_counted_is_added),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
