#include "sim/law.h"
#include "tests/support.h"

#include <math.h>

enum { DRAWS = 200000 };

static void exp_is_the_exponential(void **state)
{
    (void)state;
    for (double x = -40.0; x < 40.0; x += 0.37)
        assert_near(law_exp(x) / exp(x), 1.0, 3e-7);
}

static void normal_draws_have_its_moments_and_tails(void **state)
{
    struct law_table t;
    struct rng rng;
    double sum = 0.0, square = 0.0;
    int beyond_two = 0, beyond_four = 0;

    (void)state;
    law_normal_init(&t);
    rng_split(&rng, 1, 2);
    for (int i = 0; i < DRAWS; i++) {
        double z = law_normal(&t, rng_next(&rng));

        sum += z;
        square += z * z;
        beyond_two += fabs(z) > 2.0;
        beyond_four += fabs(z) > 4.0;
    }
    assert_near(sum / DRAWS, 0.0, 0.01);
    assert_near(square / DRAWS, 1.0, 0.01);
    assert_near((double)beyond_two / DRAWS, 0.0455, 0.002);
    assert_in_range(beyond_four, 2, 30); /* 6.3e-5 of them: 13 */
}

static void gamma_draws_have_mean_one_and_the_shapes_spread(void **state)
{
    static const double shape[] = {0.3, 1.0, 3.0, 20.0};
    struct law_table t;

    (void)state;
    for (int k = 0; k < 4; k++) {
        struct rng rng;
        double sum = 0.0, square = 0.0;

        law_gamma_init(&t, shape[k]);
        rng_split(&rng, 3, (uint64_t)k);
        for (int i = 0; i < DRAWS; i++) {
            double x = law_lookup(&t, rng_next(&rng));

            sum += x;
            square += x * x;
        }
        assert_near(sum / DRAWS, 1.0, 0.02);
        assert_near((square / DRAWS - 1.0) * shape[k], 1.0, 0.08); /* variance is 1 / shape */
    }
}

static void sizes_stay_between_their_limits(void **state)
{
    const struct size_law law = {3.0, 2.0, 5.0, 100.0};
    struct law_table t;
    struct rng rng;

    (void)state;
    law_normal_init(&t);
    rng_split(&rng, 1, 1);
    for (int i = 0; i < 1000; i++) {
        double x = law_draw(&t, &law, &rng);

        assert_true(x >= 5.0 && x <= 100.0);
    }
}

static void means_are_those_of_the_draws(void **state)
{
    const struct size_law law = {1.0, 0.8, 1.0, 20.0};
    struct law_table t;
    struct rng rng;
    double sum = 0.0, counts = 0.0;

    (void)state;
    law_normal_init(&t);
    rng_split(&rng, 5, 1);
    for (int i = 0; i < DRAWS; i++) {
        double x = law_draw(&t, &law, &rng);

        sum += x;
        counts += law_count(x);
    }
    assert_near(law_mean(&t, &law), sum / DRAWS, 0.02);
    assert_near(law_count_mean(&t, &law), counts / DRAWS, 0.02);
}

static void a_constant_law_is_constant(void **state)
{
    const struct size_law law = {1.0986122886681098, 0.0, 0.0, 100.0};
    struct law_table t;

    (void)state;
    law_normal_init(&t);
    assert_near(law_size(&t, &law, 0.0, 1.0, 12345), 3.0, 1e-5);
    assert_near(law_count_mean(&t, &law), 3.0, 0.0);
}

static void picks_follow_the_weights_and_skip_zeros(void **state)
{
    const double weight[] = {0.0, 3.0, 0.0, 1.0, 0.0};
    double cumulated[5];

    (void)state;
    law_cumulate(cumulated, weight, 5);
    assert_int_equal(law_pick(cumulated, 0.0), 1);
    assert_int_equal(law_pick(cumulated, 0.7499), 1);
    assert_int_equal(law_pick(cumulated, 0.7501), 3);
    assert_int_equal(law_pick(cumulated, 0.9999), 3);
}

static void no_weights_are_equal_weights(void **state)
{
    const double weight[] = {0.0, 0.0};
    double cumulated[2];

    (void)state;
    law_cumulate(cumulated, weight, 2);
    assert_int_equal(law_pick(cumulated, 0.49), 0);
    assert_int_equal(law_pick(cumulated, 0.51), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exp_is_the_exponential),
        cmocka_unit_test(normal_draws_have_its_moments_and_tails),
        cmocka_unit_test(gamma_draws_have_mean_one_and_the_shapes_spread),
        cmocka_unit_test(sizes_stay_between_their_limits),
        cmocka_unit_test(means_are_those_of_the_draws),
        cmocka_unit_test(a_constant_law_is_constant),
        cmocka_unit_test(picks_follow_the_weights_and_skip_zeros),
        cmocka_unit_test(no_weights_are_equal_weights),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
