#include "tests/support.h"
#include "tools/wording.h"

#include <math.h>
#include <string.h>

static char text[WORDING_SIZE];

static void counts_have_thousands_apart(void **state)
{
    (void)state;
    assert_string_equal(word_count(0, text), "0");
    assert_string_equal(word_count(999, text), "999");
    assert_string_equal(word_count(1000, text), "1,000");
    assert_string_equal(word_count(UINT64_MAX, text), "18,446,744,073,709,551,615");
}

static void probabilities_are_never_falsely_certain(void **state)
{
    (void)state;
    assert_string_equal(word_probability(1, text), "> 99.99\u00a0%");
    assert_string_equal(word_probability(0, text), "< 0.01\u00a0%");
    assert_string_equal(word_probability(0.9998, text), "99.98\u00a0%");
    assert_string_equal(word_probability(0.5, text), "50.0\u00a0%");
    assert_string_equal(word_probability(NAN, text), "–");
}

static void shares_may_be_whole(void **state)
{
    (void)state;
    assert_string_equal(word_share(1, text), "100.0\u00a0%");
    assert_string_equal(word_share(0.9999, text), "> 99.9\u00a0%");
    assert_string_equal(word_share(0, text), "0.0\u00a0%");
    assert_string_equal(word_share(0.0001, text), "0.01\u00a0%");
    assert_string_equal(word_share(NAN, text), "–");
}

static void nats_carry_their_sign(void **state)
{
    (void)state;
    assert_string_equal(word_nats(3.2, text), "+3.20");
    assert_string_equal(word_nats(-1.046, text), "−1.05");
    assert_string_equal(word_nats(-0.001, text), "+0.00");
}

static void times_and_spans_are_short(void **state)
{
    (void)state;
    assert_string_equal(word_time(1769904000000, text), "2026-02-01 00:00");
    assert_string_equal(word_time(INT64_MIN, text), "–");
    assert_string_equal(word_span(3 * MSEC_DAY + 4 * MSEC_HOUR, text), "3 d 4 h");
    assert_string_equal(word_span(61 * MSEC_MINUTE, text), "1 h 1 min");
    assert_string_equal(word_span(0, text), "0 min");
    assert_string_equal(word_span(-1, text), "–");
}

static void values_keep_four_digits(void **state)
{
    (void)state;
    assert_string_equal(word_value(0.00041239, text), "0.0004124");
    assert_string_equal(word_value(12031, text), "12,031");
    assert_string_equal(word_value(-12031, text), "−12,031");
    assert_string_equal(word_value(-1.7451, text), "−1.745");
    assert_string_equal(word_value(NAN, text), "–");
}

static void printed_summands_add_up_to_the_printed_sum(void **state)
{
    const double summand[] = {-6.904, 1.335, 1.335, 1.335, 1.335, 0.004, 0.004};
    double shown[7], total, sum = 0;

    (void)state;
    word_sum(summand, 7, 2, shown, &total);
    for (int i = 0; i < 7; i++) {
        assert_near(shown[i], summand[i], 0.0101);
        assert_near(shown[i] * 100, round(shown[i] * 100), 1e-6);
        sum += shown[i];
    }
    assert_near(sum, total, 1e-9);
    assert_near(total, -1.56, 1e-9);
}

static void every_case_has_advice(void **state)
{
    static const char *const verdict[] = {"distilling", "abusive", "declared", "unclear", ""};

    (void)state;
    for (size_t i = 0; i < sizeof verdict / sizeof *verdict; i++)
        for (int level = LEVEL_NONE; level <= LEVEL_ACT; level++) {
            assert_non_null(word_advice(verdict[i], (enum level)level, true)[0]);
            assert_non_null(word_advice(verdict[i], (enum level)level, false)[0]);
        }
    assert_ptr_not_equal(word_advice("distilling", LEVEL_ACT, true),
                         word_advice("abusive", LEVEL_ACT, true));
}

static void declared_groups_are_never_enforced_on(void **state)
{
    (void)state;
    for (int level = LEVEL_NONE; level <= LEVEL_ACT; level++)
        assert_non_null(
            strstr(word_advice("declared", (enum level)level, true)[0], "No enforcement"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_have_thousands_apart),
        cmocka_unit_test(probabilities_are_never_falsely_certain),
        cmocka_unit_test(shares_may_be_whole),
        cmocka_unit_test(nats_carry_their_sign),
        cmocka_unit_test(times_and_spans_are_short),
        cmocka_unit_test(values_keep_four_digits),
        cmocka_unit_test(printed_summands_add_up_to_the_printed_sum),
        cmocka_unit_test(every_case_has_advice),
        cmocka_unit_test(declared_groups_are_never_enforced_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
