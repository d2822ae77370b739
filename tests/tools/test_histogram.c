#include "tools/histogram.h"

#include "tests/support.h"

static void an_empty_histogram_has_no_values(void **state)
{
    static struct histogram h;

    (void)state;
    assert_int_equal(histogram_quantile(&h, 0.5), 0);
    assert_int_equal(histogram_at_most(&h, UINT64_MAX), 0);
}

static void small_values_are_exact(void **state)
{
    static struct histogram h;

    (void)state;
    for (uint64_t v = 1; v <= 20; v++)
        histogram_add(&h, v, 1);
    assert_int_equal(histogram_quantile(&h, 0.5), 10);
    assert_int_equal(histogram_quantile(&h, 0.05), 1);
    assert_int_equal(histogram_quantile(&h, 1.0), 20);
    assert_int_equal(histogram_at_most(&h, 7), 7);
}

static void a_quantile_is_at_most_a_thirty_second_too_high(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < 64; bit++) {
        static struct histogram h;
        uint64_t value = ((uint64_t)1 << bit) + ((uint64_t)1 << bit) / 3;
        uint64_t found;

        h = (struct histogram){.count = 0};
        histogram_add(&h, value, 1);
        histogram_add(&h, UINT64_MAX, 1);
        found = histogram_quantile(&h, 0.5);
        assert_true(found >= value);
        assert_true(found - value <= value / 32);
    }
}

static void no_quantile_lies_above_the_largest_value(void **state)
{
    static struct histogram h;

    (void)state;
    histogram_add(&h, 1000000, 3);
    assert_int_equal(histogram_quantile(&h, 0.99), 1000000);
}

static void weights_count_as_many_values(void **state)
{
    static struct histogram h;

    (void)state;
    histogram_add(&h, 10, 99);
    histogram_add(&h, 5000, 1);
    assert_int_equal(h.count, 100);
    assert_int_equal(histogram_quantile(&h, 0.99), 10);
    assert_int_equal(histogram_quantile(&h, 0.991), 5000);
    assert_int_equal(histogram_at_most(&h, 100), 99);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_histogram_has_no_values),
        cmocka_unit_test(small_values_are_exact),
        cmocka_unit_test(a_quantile_is_at_most_a_thirty_second_too_high),
        cmocka_unit_test(no_quantile_lies_above_the_largest_value),
        cmocka_unit_test(weights_count_as_many_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
