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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_accounts_are_counted_by_trust),
        cmocka_unit_test(many_accounts_are_counted_within_a_half),
        cmocka_unit_test(a_full_bucket_forgets_the_least_shared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
