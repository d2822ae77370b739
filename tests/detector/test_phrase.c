#include "base/rng.h"
#include "detector/phrase.h"
#include "tests/support.h"

static void few_accounts_are_counted_by_trust(void **state)
{
    struct phrases *phrases;
    struct phrase_use use;

    (void)state;
    assert_int_equal(phrases_new(1024, &phrases), 0);
    for (uint32_t account = 0; account < 6; account++)
        for (unsigned again = 0; again < 50; again++)
            use = phrases_see(phrases, 7, account, account < 2);
    assert_int_equal(use.first, 0);
    assert_near(use.trusted, 2.0, 0.5);
    assert_near(use.others, 4.0, 1.5);
    phrases_free(phrases);
}

static void of_a_phrase_that_is_ruled_out_it_is_told_whether_a_dozen_use_it(void **state)
{
    struct phrases *phrases;
    uint32_t common_from = 0;

    (void)state;
    assert_int_equal(phrases_new(1024, &phrases), 0);
    for (uint32_t account = 0; account < 40 && !common_from; account++) {
        (void)phrases_see(phrases, 7, account, account % 2);
        phrases_rule_out(phrases, 7);
        if (phrases_see(phrases, 7, account, account % 2).common)
            common_from = account + 1;
    }
    assert_in_range(common_from, 8, 20);
    phrases_free(phrases);
}

static void many_accounts_are_counted_within_a_half(void **state)
{
    struct phrases *phrases;
    struct phrase_use use = {0};

    (void)state;
    assert_int_equal(phrases_new(1024, &phrases), 0);
    for (uint32_t account = 0; account < 3000; account++)
        use = phrases_see(phrases, 7, account, false);
    assert_near(use.others, 3000.0, 1500.0);
    assert_near(use.trusted, 0.0, 0.0);
    phrases_free(phrases);
}

/* A flood of phrases that one account uses pushes others of that kind out, not shared ones. */
static void a_full_bucket_forgets_the_least_shared(void **state)
{
    struct phrases *phrases;
    struct phrase_use use;

    (void)state;
    assert_int_equal(phrases_new(8, &phrases), 0);
    for (uint32_t account = 0; account < 10; account++)
        (void)phrases_see(phrases, 7, account, false);
    for (uint32_t item = 100; item < 1000; item++)
        (void)phrases_see(phrases, item, 11, false);
    assert_true(phrases_forgotten(phrases) > 800);
    use = phrases_see(phrases, 7, 0, false);
    assert_near(use.others, 10.0, 4.0);
    phrases_free(phrases);
}

static void a_phrase_that_nobody_used_before_starts_at_its_first_account(void **state)
{
    struct phrases *phrases;
    struct phrase_use use;

    (void)state;
    assert_int_equal(phrases_new(1, &phrases), 0);
    use = phrases_see(phrases, 7, 42, false);
    assert_int_equal(use.first, 42);
    assert_near(use.others, 1.0, 0.1);
    assert_near(use.trusted, 0.0, 0.0);
    use = phrases_see(phrases, 7, 43, true);
    assert_int_equal(use.first, 42);
    assert_near(use.others, 1.0, 0.1);
    assert_near(use.trusted, 1.0, 0.1);
    assert_int_equal(phrases_forgotten(phrases), 0);
    phrases_free(phrases);
}

/* PHRASE_ACCOUNTS_MIN and the ratio of four newcomers to one old account lie in this range. */
static void two_and_three_and_five_accounts_are_told_apart(void **state)
{
    unsigned exact[6] = {0};

    (void)state;
    for (uint32_t trial = 0; trial < 1000; trial++) {
        struct phrases *phrases;

        assert_int_equal(phrases_new(8, &phrases), 0);
        for (uint32_t n = 1; n <= 5; n++) {
            struct phrase_use use = phrases_see(phrases, 7, trial * 8 + n, false);

            exact[n] += (uint32_t)(use.others + 0.5) == n;
        }
        phrases_free(phrases);
    }
    /* Wrong where two fall into one of 16 registers: 6 % of pairs, 18 % of threes, half of fives.
     */
    assert_int_equal(exact[1], 1000);
    assert_in_range(exact[2], 910, 970);
    assert_in_range(exact[3], 780, 870);
    assert_in_range(exact[5], 430, 620);
}

static void a_full_bucket_of_equals_forgets_the_oldest(void **state)
{
    struct phrases *phrases;

    (void)state;
    assert_int_equal(phrases_new(5, &phrases), 0); /* one bucket of five */
    for (uint32_t item = 1; item <= 5; item++)
        (void)phrases_see(phrases, item, 10 + item, false);
    assert_int_equal(phrases_forgotten(phrases), 0);
    assert_int_equal(phrases_see(phrases, 6, 16, false).first, 16); /* in the place of 1 */
    assert_int_equal(phrases_forgotten(phrases), 1);
    assert_int_equal(phrases_see(phrases, 2, 99, false).first, 12);
    assert_int_equal(phrases_see(phrases, 1, 99, false).first, 99);
    phrases_free(phrases);
}

static void what_will_be_looked_at_is_foreseen(void **state)
{
    struct phrases *phrases;

    (void)state;
    assert_int_equal(phrases_new(1024, &phrases), 0);
    assert_false(phrases_spread(phrases, 7, 1, false)); /* nobody is known to use it */
    for (uint32_t account = 0; account < 4; account++)
        (void)phrases_see(phrases, 7, account, false);
    assert_true(phrases_spread(phrases, 7, 1, false));
    phrases_rule_out(phrases, 7);
    for (uint32_t account = 0; account < 200; account++) {
        bool foreseen = phrases_spread(phrases, 7, account, account % 3 == 0);

        assert_int_equal(phrases_see(phrases, 7, account, account % 3 == 0).ruled_out, !foreseen);
        phrases_rule_out(phrases, 7);
    }
    phrases_next_epoch(phrases);
    assert_true(phrases_spread(phrases, 7, 1, false));
    phrases_free(phrases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_accounts_are_counted_by_trust),
        cmocka_unit_test(of_a_phrase_that_is_ruled_out_it_is_told_whether_a_dozen_use_it),
        cmocka_unit_test(many_accounts_are_counted_within_a_half),
        cmocka_unit_test(a_full_bucket_forgets_the_least_shared),
        cmocka_unit_test(a_phrase_that_nobody_used_before_starts_at_its_first_account),
        cmocka_unit_test(two_and_three_and_five_accounts_are_told_apart),
        cmocka_unit_test(a_full_bucket_of_equals_forgets_the_oldest),
        cmocka_unit_test(what_will_be_looked_at_is_foreseen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
