#include "base/dist.h"
#include "detector/synchrony.h"
#include "tests/support.h"

#include <math.h>

static void independent_members_have_an_index_of_one_whatever_the_day(void **state)
{
    struct dispersion d = {0};
    struct rng rng;

    (void)state;
    rng_split(&rng, 1, 0);
    for (unsigned hour = 0; hour < 400; hour++) {
        double mean = 5.0 + 40.0 * (hour % 24 > 8); /* a strong day rhythm */

        for (unsigned slot = 0; slot < SYNCHRONY_TICKS; slot++)
            for (uint64_t n = dist_poisson(&rng, mean); n > 0; n--)
                dispersion_add(&d, slot);
        dispersion_hour(&d);
    }
    assert_near(dispersion_index(&d, 4, 60), 1.0, 0.1);
}

static void common_bursts_raise_the_index(void **state)
{
    struct dispersion d = {0};
    struct rng rng;

    (void)state;
    rng_split(&rng, 1, 0);
    for (unsigned hour = 0; hour < 100; hour++) {
        unsigned burst = (unsigned)rng_below(&rng, SYNCHRONY_TICKS);

        for (unsigned i = 0; i < 60; i++)
            dispersion_add(&d, burst);
        dispersion_hour(&d);
    }
    assert_true(dispersion_index(&d, 4, 60) > 20.0);
}

static void too_little_cannot_be_told(void **state)
{
    struct dispersion d = {0};
    struct dispersion control[4] = {{0}};

    (void)state;
    dispersion_add(&d, 0);
    dispersion_hour(&d);
    assert_true(isnan(dispersion_index(&d, 2, 1)));
    assert_true(isnan(dispersion_index(&d, 1, 2)));
    assert_near(dispersion_index(&d, 1, 1), 1.0, 1e-6);
    assert_true(isnan(dispersion_null(control, 4, 0.9)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(independent_members_have_an_index_of_one_whatever_the_day),
        cmocka_unit_test(common_bursts_raise_the_index),
        cmocka_unit_test(too_little_cannot_be_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
