#include "tools/metrics.h"

#include "base/rng.h"
#include "tests/support.h"

#include <math.h>
#include <stdlib.h>

/* R: prop.test(8, 10, correct = FALSE); the classic table of Wilson's interval. */
static void wilson_interval_of_8_in_10(void **state)
{
    struct proportion p = proportion_of(8, 10);

    (void)state;
    assert_near(p.value, 0.8, 1e-12);
    assert_near(p.low, 0.4901625, 1e-6);
    assert_near(p.high, 0.9433178, 1e-6);
}

static void wilson_interval_at_the_ends_stays_within_zero_and_one(void **state)
{
    (void)state;
    assert_near(proportion_of(0, 10).low, 0.0, 0.0);
    assert_near(proportion_of(0, 10).high, 0.2775328, 1e-6);
    assert_near(proportion_of(10, 10).low, 0.7224672, 1e-6);
    assert_near(proportion_of(10, 10).high, 1.0, 0.0);
    assert_true(isnan(proportion_of(0, 0).value));
}

/* Exact Poisson limits of 10 events are 4.795 and 18.39. */
static void byar_interval_of_10_events_is_near_the_exact_one(void **state)
{
    struct rate r = rate_of(10, 2.0);

    (void)state;
    assert_near(r.value, 5.0, 1e-12);
    assert_near(r.low, 4.795 / 2.0, 0.01);
    assert_near(r.high, 18.39 / 2.0, 0.02);
    assert_near(rate_of(0, 1.0).low, 0.0, 0.0);
    assert_true(isnan(rate_of(1, 0.0).value));
}

static void precision_is_that_of_bayes_and_falls_with_the_base_rate(void **state)
{
    struct proportion tpr = proportion_of(80, 100), fpr = proportion_of(10, 1000);
    struct precision half = precision_of(&tpr, &fpr, 0.5), rare = precision_of(&tpr, &fpr, 0.01);

    (void)state;
    assert_near(half.value, 0.8 / 0.81, 1e-12);
    assert_near(rare.value, 0.008 / (0.008 + 0.0099), 1e-12);
    assert_true(rare.low < rare.value && rare.value < rare.high && rare.high < half.low);
}

static void precision_without_a_false_alarm_is_bounded_by_what_was_counted(void **state)
{
    struct proportion all = proportion_of(100, 100), none = proportion_of(0, 1000);
    struct proportion nobody = proportion_of(0, 0);
    double worst = none.high / sqrt(all.low * (2.0 - all.low)); /* MOVER-R with FPR 0 */
    struct precision p = precision_of(&all, &none, 0.01);

    (void)state;
    assert_near(p.value, 1.0, 0.0);
    assert_near(p.high, 1.0, 0.0);
    assert_near(p.low, 1.0 / (1.0 + 99.0 * worst), 1e-12);
    assert_true(isnan(precision_of(&none, &none, 0.01).value));
    assert_near(precision_of(&none, &none, 0.01).low, 0.0, 0.0);
    assert_near(precision_of(&none, &all, 0.01).value, 0.0, 0.0);
    assert_true(isnan(precision_of(&nobody, &none, 0.01).low));
    assert_true(isnan(precision_of(&all, &nobody, 0.01).high));
}

static uint64_t drawn(struct rng *rng, uint64_t of, double share)
{
    uint64_t hit = 0;

    for (uint64_t i = 0; i < of; i++)
        hit += rng_unit(rng) < share;
    return hit;
}

static void the_interval_of_precision_holds_the_truth_in_95_of_100_draws(void **state)
{
    enum { DRAWS = 1000 };
    const double tpr = 0.8, fpr = 0.02, rate = 0.05;
    double truth = tpr * rate / (tpr * rate + fpr * (1.0 - rate));
    uint64_t held = 0;
    struct rng rng;

    (void)state;
    rng_split(&rng, 6, 6);
    for (unsigned i = 0; i < DRAWS; i++) {
        struct proportion found = proportion_of(drawn(&rng, 60, tpr), 60);
        struct proportion wrong = proportion_of(drawn(&rng, 400, fpr), 400);
        struct precision p = precision_of(&found, &wrong, rate);

        held += p.low <= truth && truth <= p.high;
    }
    assert_in_range(held, 930, 970); /* 4 standard deviations below 0.95: 922 */
}

/* Ranks: + - + + - -. Pairs won: 3 + 2 + 2 = 7 of 9. Average precision: (1 + 2/3 + 3/4) / 3. */
static void areas_of_a_small_ranking(void **state)
{
    struct scored s[] = {{0.1, false}, {0.9, true}, {0.5, true},
                         {0.8, false}, {0.6, true}, {0.2, false}};
    struct ranking r;

    (void)state;
    ranking_make(s, 6, &r);
    assert_near(r.roc_auc, 7.0 / 9.0, 1e-12);
    assert_near(r.pr_auc, (1.0 + 2.0 / 3.0 + 3.0 / 4.0) / 3.0, 1e-12);
}

static void all_ties_are_a_coin_and_the_share_of_positives(void **state)
{
    struct scored s[] = {{0.5, false}, {0.5, true}, {0.5, false}, {0.5, false}};
    struct ranking r;

    (void)state;
    ranking_make(s, 4, &r);
    assert_near(r.roc_auc, 0.5, 1e-12);
    assert_near(r.pr_auc, 0.25, 1e-12);
}

static void one_class_alone_has_no_area(void **state)
{
    struct scored s[] = {{0.5, false}, {0.7, false}};
    struct ranking r;

    (void)state;
    ranking_make(s, 2, &r);
    assert_true(isnan(r.roc_auc));
    assert_true(isnan(r.pr_auc));
    assert_int_equal(ranking_at_fpr(&r, 0.5).tpr.of, 0);
    ranking_make(s, 0, &r);
    assert_true(isnan(r.roc_auc));
    assert_false(ranking_at_fpr(&r, 0.1).known);
}

/* Straight from the definitions: every pair, every threshold. */
static double auc_by_pairs(const struct scored *s, uint64_t n)
{
    double won = 0.0, all = 0.0;

    for (uint64_t i = 0; i < n; i++)
        for (uint64_t j = 0; j < n; j++)
            if (s[i].positive && !s[j].positive) {
                all += 1.0;
                won += s[i].score > s[j].score ? 1.0 : s[i].score == s[j].score ? 0.5 : 0.0;
            }
    return won / all;
}

static double precision_by_thresholds(const struct scored *s, uint64_t n)
{
    double sum = 0.0, positives = 0.0;

    for (uint64_t i = 0; i < n; i++) {
        double at = 0.0, hit = 0.0;

        if (!s[i].positive)
            continue;
        positives += 1.0;
        for (uint64_t j = 0; j < n; j++)
            if (s[j].score >= s[i].score) {
                at += 1.0;
                hit += s[j].positive;
            }
        sum += hit / at;
    }
    return sum / positives;
}

static double tpr_by_thresholds(const struct scored *s, uint64_t n, double fpr)
{
    double best = 0.0;

    for (uint64_t i = 0; i < n; i++) {
        double hit = 0.0, miss = 0.0, positives = 0.0, negatives = 0.0;

        for (uint64_t j = 0; j < n; j++) {
            positives += s[j].positive;
            negatives += !s[j].positive;
            if (s[j].score >= s[i].score) {
                hit += s[j].positive;
                miss += !s[j].positive;
            }
        }
        if (miss / negatives <= fpr && hit / positives > best)
            best = hit / positives;
    }
    return best;
}

static void rankings_agree_with_their_definitions_on_random_input(void **state)
{
    struct scored s[60];
    struct ranking r;
    struct rng rng;

    (void)state;
    rng_split(&rng, 4, 4);
    for (unsigned round = 0; round < 200; round++) {
        uint64_t n = 10 + rng_below(&rng, 50), levels = 1 + rng_below(&rng, 30);

        for (uint64_t i = 0; i < n; i++)
            s[i] = (struct scored){(double)rng_below(&rng, levels) / 7.0,
                                   i == 0 || (i > 1 && rng_below(&rng, 3) == 0)};
        ranking_make(s, n, &r);
        assert_near(r.roc_auc, auc_by_pairs(s, n), 1e-12);
        assert_near(r.pr_auc, precision_by_thresholds(s, n), 1e-12);
        assert_near(ranking_at_fpr(&r, 0.13).tpr.value, tpr_by_thresholds(s, n, 0.13), 1e-12);
    }
}

static void a_tie_that_would_exceed_the_share_is_left_out_as_a_whole(void **state)
{
    struct scored s[104] = {{0.9, true}, {0.5, true}, {0.5, false}, {0.5, false}};
    struct ranking r;
    struct operating_point p;

    (void)state;
    ranking_make(s, 104, &r); /* 102 negatives: 1 % allows one of them */
    p = ranking_at_fpr(&r, 0.01);
    assert_int_equal(p.tpr.hit, 1);
    assert_int_equal(p.fpr_reached.hit, 0);
    assert_near(p.threshold, 0.9, 0.0);
    assert_int_equal(ranking_at_fpr(&r, 0.02).tpr.hit, 2);
}

static void a_share_cannot_be_told_from_fewer_than_three_expected(void **state)
{
    struct scored s[301] = {{0.9, true}};
    struct ranking r;

    (void)state;
    ranking_make(s, 301, &r);
    assert_true(ranking_at_fpr(&r, 0.01).known);
    ranking_make(s, 300, &r);
    assert_false(ranking_at_fpr(&r, 0.01).known);
}

/* Truth {a b c}{d e}, found {a b}{c d}{e}: pairs 4, 2, both 1. */
static void agreement_of_a_small_example(void **state)
{
    const uint32_t truth[] = {1, 1, 1, 2, 2}, found[] = {7, 7, 8, 8, METRICS_ALONE};
    struct agreement a;

    (void)state;
    assert_int_equal(agreement_make(truth, found, 5, &a), 0);
    assert_near(a.precision, 0.5, 1e-12);
    assert_near(a.recall, 0.25, 1e-12);
    assert_near(a.f1, 2.0 / 6.0, 1e-12);
    assert_near(a.ari, (1.0 - 0.8) / (3.0 - 0.8), 1e-12);
}

static void equal_partitions_agree_fully_also_trivial_ones(void **state)
{
    const uint32_t groups[] = {1, 1, 2, 2}, alone[] = {METRICS_ALONE, METRICS_ALONE};
    const uint32_t one[] = {3, 3};
    struct agreement a;

    (void)state;
    assert_int_equal(agreement_make(groups, groups, 4, &a), 0);
    assert_near(a.ari, 1.0, 1e-12);
    assert_near(a.f1, 1.0, 1e-12);
    assert_int_equal(agreement_make(alone, alone, 2, &a), 0);
    assert_near(a.ari, 1.0, 1e-12);
    assert_true(isnan(a.f1));
    assert_int_equal(agreement_make(one, one, 2, &a), 0);
    assert_near(a.ari, 1.0, 1e-12);
    assert_int_equal(agreement_make(one, one, 0, &a), 0);
    assert_true(isnan(a.ari));
}

static bool together(const uint32_t *group, unsigned i, unsigned j)
{
    return group[i] != METRICS_ALONE && group[i] == group[j];
}

static void agreement_is_that_of_all_pairs_on_random_input(void **state)
{
    uint32_t truth[40], found[40];
    struct agreement a;
    struct rng rng;

    (void)state;
    rng_split(&rng, 5, 5);
    for (unsigned round = 0; round < 100; round++) {
        double both = 0, in_truth = 0, in_found = 0, all = 40.0 * 39.0 / 2.0, expected;

        for (unsigned i = 0; i < 40; i++) {
            truth[i] = rng_below(&rng, 4) ? (uint32_t)rng_below(&rng, 5) : METRICS_ALONE;
            found[i] = rng_below(&rng, 4) ? truth[i] : (uint32_t)rng_below(&rng, 6);
        }
        for (unsigned i = 0; i < 40; i++)
            for (unsigned j = i + 1; j < 40; j++) {
                in_truth += together(truth, i, j);
                in_found += together(found, i, j);
                both += together(truth, i, j) && together(found, i, j);
            }
        assert_int_equal(agreement_make(truth, found, 40, &a), 0);
        assert_near(a.pairs_true, in_truth, 0.0);
        assert_near(a.pairs_found, in_found, 0.0);
        assert_near(a.pairs_both, both, 0.0);
        expected = in_truth * in_found / all;
        assert_near(a.ari, (both - expected) / (0.5 * (in_truth + in_found) - expected), 1e-12);
        assert_near(a.f1, 2.0 / (in_found / both + in_truth / both), 1e-12);
    }
}

/* Bins: {0.05 -}, {0.15 -}, {0.95 +, 0.85 -}: differences 0.05, 0.15, 0.05 and 0.85. */
static void calibration_of_a_small_example(void **state)
{
    const struct scored s[] = {{0.05, false}, {0.15, false}, {0.95, true}, {0.85, false}};
    struct calibration c;

    (void)state;
    calibration_make(s, 4, &c);
    assert_near(c.ece, (0.05 + 0.15 + 0.05 + 0.85) / 4.0, 1e-12);
    assert_near(c.brier, (0.0025 + 0.0225 + 0.0025 + 0.7225) / 4.0, 1e-12);
    assert_int_equal(c.bin[9].positives, 1);
    assert_true(isnan(c.bin[5].score));
}

static void a_score_of_one_is_in_the_last_bin_and_no_scores_are_no_error(void **state)
{
    const struct scored s[] = {{1.0, true}, {0.0, false}};
    struct calibration c;

    (void)state;
    calibration_make(s, 2, &c);
    assert_int_equal(c.bin[CALIBRATION_BINS - 1].count, 1);
    assert_near(c.ece, 0.0, 0.0);
    calibration_make(s, 0, &c);
    assert_true(isnan(c.ece));
}

/* Airway hyper-responsiveness before and after a transplantation (Bentur et al., 2009), with the
 * interval that Fagerland, Lydersen and Laake give (Statistical Analysis of Contingency Tables,
 * 2017, chapter 8). */
static void newcombe_interval_of_a_published_example(void **state)
{
    struct paired p = paired_of(1, 1, 7, 12);

    (void)state;
    assert_int_equal(p.of, 21);
    assert_near(p.difference, 6.0 / 21.0, 1e-12);
    assert_near(p.low, 0.026, 5e-4);
    assert_near(p.high, 0.507, 5e-4);
    assert_near(p.p, 0.0703, 5e-5); /* 18 / 256 */
}

static void nothing_that_changed_is_no_difference_and_nothing_counted_is_none(void **state)
{
    struct paired p = paired_of(10, 0, 0, 90);

    (void)state;
    assert_near(p.difference, 0.0, 0.0);
    assert_true(p.low <= 0.0 && p.high >= 0.0 && p.high < 0.05);
    assert_near(p.p, 1.0, 1e-12);
    assert_true(isnan(paired_of(0, 0, 0, 0).low));
    assert_near(paired_of(0, 0, 5000, 95000).difference, 0.05, 1e-12);
    assert_true(paired_of(0, 0, 5000, 95000).p < 1e-300);
}

static void what_is_needed_for_an_interval_is_just_enough(void **state)
{
    const double share[] = {0.001, 0.01, 0.3};

    (void)state;
    for (int i = 0; i < 3; i++) {
        uint64_t n = proportion_needed(share[i]);

        assert_true(proportion_of(0, n).high <= share[i]);
        assert_true(proportion_of(0, n - 1).high > share[i]);
        assert_true(proportion_of(n, n).low >= 1.0 - share[i] - 1e-12);
    }
    assert_true(proportion_needed(0.0) == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wilson_interval_of_8_in_10),
        cmocka_unit_test(wilson_interval_at_the_ends_stays_within_zero_and_one),
        cmocka_unit_test(byar_interval_of_10_events_is_near_the_exact_one),
        cmocka_unit_test(precision_is_that_of_bayes_and_falls_with_the_base_rate),
        cmocka_unit_test(precision_without_a_false_alarm_is_bounded_by_what_was_counted),
        cmocka_unit_test(the_interval_of_precision_holds_the_truth_in_95_of_100_draws),
        cmocka_unit_test(newcombe_interval_of_a_published_example),
        cmocka_unit_test(nothing_that_changed_is_no_difference_and_nothing_counted_is_none),
        cmocka_unit_test(what_is_needed_for_an_interval_is_just_enough),
        cmocka_unit_test(areas_of_a_small_ranking),
        cmocka_unit_test(all_ties_are_a_coin_and_the_share_of_positives),
        cmocka_unit_test(one_class_alone_has_no_area),
        cmocka_unit_test(rankings_agree_with_their_definitions_on_random_input),
        cmocka_unit_test(a_tie_that_would_exceed_the_share_is_left_out_as_a_whole),
        cmocka_unit_test(a_share_cannot_be_told_from_fewer_than_three_expected),
        cmocka_unit_test(agreement_of_a_small_example),
        cmocka_unit_test(equal_partitions_agree_fully_also_trivial_ones),
        cmocka_unit_test(agreement_is_that_of_all_pairs_on_random_input),
        cmocka_unit_test(calibration_of_a_small_example),
        cmocka_unit_test(a_score_of_one_is_in_the_last_bin_and_no_scores_are_no_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
