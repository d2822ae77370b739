#include "detector/evidence.h"
#include "tests/support.h"

#include <math.h>
#include <string.h>

static void add(struct evidence_list *list, double weight)
{
    const struct evidence_fact fact = {.signal = "s", .family = FAMILY_usage, .weight = weight};

    evidence_add(list, &fact, "observed %d", 3);
}

static void a_cap_scales_what_it_covers_and_the_sum_still_adds_up(void **state)
{
    struct evidence_list list = {0};

    (void)state;
    add(&list, -7.0);
    add(&list, 4.0);
    add(&list, 2.0);
    evidence_cap(&list, 1, 3.0);
    assert_near(list.item[1].weight, 2.0, 1e-12);
    assert_near(list.item[2].weight, 1.0, 1e-12);
    assert_near(evidence_sum(&list, 0), -4.0, 1e-12);
    evidence_cap(&list, 1, 5.0); /* within its cap: unchanged */
    assert_near(evidence_sum(&list, 1), 3.0, 1e-12);
}

static void nothing_is_added_for_no_evidence(void **state)
{
    struct evidence_list list = {0};

    (void)state;
    add(&list, 0.0);
    add(&list, (double)NAN);
    assert_int_equal(list.count, 0);
    add(&list, 1.0);
    assert_string_equal(list.item[0].note, "observed 3");
}

static void silent_evidence_weighs_the_same_without_its_note(void **state)
{
    struct evidence_list list = {.silent = true};

    (void)state;
    memset(list.item[0].note, 'x', sizeof list.item[0].note);
    add(&list, 1.5);
    assert_near(evidence_sum(&list, 0), 1.5, 0.0);
    assert_string_equal(list.item[0].note, "");
}

static void logistic_and_log_odds_are_inverse(void **state)
{
    (void)state;
    for (double p = 0.001; p < 1.0; p += 0.0499)
        assert_near(logistic(log_odds(p)), p, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cap_scales_what_it_covers_and_the_sum_still_adds_up),
        cmocka_unit_test(nothing_is_added_for_no_evidence),
        cmocka_unit_test(silent_evidence_weighs_the_same_without_its_note),
        cmocka_unit_test(logistic_and_log_odds_are_inverse),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
