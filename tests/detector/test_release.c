#include "detector/release.h"
#include "tests/support.h"

static void exchanges_of_the_first_day_are_counted_for_all(void **state)
{
    struct releases r = {.newest = 0};
    struct account a, b;

    (void)state;
    account_init(&a, 1, 0);
    account_init(&b, 2, 0);
    release_exchange(&r, &a, 10, 0, 0);
    release_told(&r, 11, MSEC_DAY);
    release_exchange(&r, &a, 11, MSEC_DAY + 1, 0);
    release_exchange(&r, &b, 10, MSEC_DAY + 2, 0);
    release_exchange(&r, &b, 11, 2 * MSEC_DAY, 0); /* a day later: no pivot */
    assert_int_equal(a.pivot_of, 1);
    assert_int_equal(a.pivot_moved, 1);
    assert_int_equal(b.pivot_of, 1);
    assert_int_equal(b.pivot_moved, 0);
    assert_int_equal(r.of, 2);
    assert_int_equal(r.moved, 1);
}

static void a_model_first_met_on_a_later_day_counts_as_released(void **state)
{
    struct releases r = {.newest = 0};
    struct account a;

    (void)state;
    account_init(&a, 1, 0);
    release_exchange(&r, &a, 10, 0, 0);
    release_exchange(&r, &a, 11, MSEC_HOUR, 0); /* the first day only tells what there is */
    assert_int_equal(r.newest, 0);
    release_exchange(&r, &a, 12, MSEC_DAY, 0);
    assert_int_equal(r.newest, 12);
    assert_int_equal(a.pivot_moved, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exchanges_of_the_first_day_are_counted_for_all),
        cmocka_unit_test(a_model_first_met_on_a_later_day_counts_as_released),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
