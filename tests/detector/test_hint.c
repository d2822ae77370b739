#include "detector/hint.h"
#include "tests/support.h"

#include <math.h>

static void spread(struct population *p, enum account_feature f, double mean, double sd)
{
    p->last[f] = (struct feature_stat){1000, mean, sd * sd * 999.0};
}

static const struct hint *hint_of(enum account_feature feature)
{
    for (unsigned i = 0; i < HINT_COUNT; i++)
        if (hint[i].feature == feature)
            return &hint[i];
    fail();
    return NULL;
}

static void a_hint_counts_by_standard_deviations_and_at_most_one_nat(void **state)
{
    static struct population p;
    const struct hint *words = hint_of(FEATURE_words);

    (void)state;
    spread(&p, FEATURE_words, 2.0, 0.5);
    assert_near(hint_weight(&p, words, 2.0, 1000000), 0.0, 1e-9);
    assert_near(hint_weight(&p, words, 2.5, 1000000), 0.5, 1e-5);
    assert_near(hint_weight(&p, words, 1.5, 1000000), -0.5, 1e-5);
    assert_near(hint_weight(&p, words, 9.0, 1000000), 1.0, 1e-5);
    assert_near(hint_weight(&p, words, 2.5, 4), 0.25, 1e-9);
    assert_near(hint_weight(&p, words, (double)NAN, 100), 0.0, 0.0);
    p.last[FEATURE_words].count = 49; /* too few accounts to compare with */
    assert_near(hint_weight(&p, words, 2.5, 100), 0.0, 0.0);
}

static void who_follows_up_is_no_collector_and_who_pays_may_be_one(void **state)
{
    static struct population p;

    (void)state;
    spread(&p, FEATURE_follow_up, 0.5, 0.25);
    spread(&p, FEATURE_unpaid, 0.5, 0.5);
    assert_true(hint_weight(&p, hint_of(FEATURE_follow_up), 1.0, 100) < 0.0);
    assert_true(hint_weight(&p, hint_of(FEATURE_follow_up), 0.0, 100) > 0.0);
    assert_true(hint_weight(&p, hint_of(FEATURE_unpaid), 1.0, 100) < 0.0);
    assert_true(hint_weight(&p, hint_of(FEATURE_unpaid), 0.0, 100) > 0.0);
}

static void the_sum_of_all_hints_is_capped(void **state)
{
    static struct population p;
    static struct account a;

    (void)state;
    account_init(&a, 1, 0);
    assert_near(hints_sum(&p, &a), 0.0, 0.0);
    for (unsigned i = 0; i < HINT_COUNT; i++)
        spread(&p, hint[i].feature, 0.0, 1e-3);
    a.exchanges = 1000000;
    a.turns_known = a.follow_ups = 0;
    a.output.count = 1;
    a.output.sum = 9.0f;
    a.limits = 9e6f;
    a.words = (struct log_spread){100, 500.0f, 2600.0f};
    assert_near(hints_sum(&p, &a), HINTS_CAP, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hint_counts_by_standard_deviations_and_at_most_one_nat),
        cmocka_unit_test(who_follows_up_is_no_collector_and_who_pays_may_be_one),
        cmocka_unit_test(the_sum_of_all_hints_is_capped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
