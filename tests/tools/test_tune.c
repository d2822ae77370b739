/* The parts of `tune`: fits, thresholds, intervals, and that what is replayed is what the detector
 * says. */
#include "base/rng.h"
#include "detector/evidence.h"
#include "tests/support.h"
#include "tools/tune_estimate.h"
#include "tools/tune_fit.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- weights ---- */

enum { ROWS = 3000 };

/* payment tells twice what it carries as shipped, scale nothing, and client the wrong way. */
static void rows_fill(struct tune_row *row)
{
    struct rng rng;

    rng_split(&rng, 5, 1);
    for (unsigned i = 0; i < ROWS; i++) {
        double *nats = row[i].nats;
        double truth;

        memset(&row[i], 0, sizeof row[i]);
        nats[SIGNAL_payment] = 4.0 * rng_unit(&rng) - 2.0;
        nats[SIGNAL_template] = 4.0 * rng_unit(&rng) - 2.0;
        nats[SIGNAL_scale] = 4.0 * rng_unit(&rng) - 2.0;
        nats[SIGNAL_client] = 4.0 * rng_unit(&rng) - 2.0;
        truth = 2.0 * nats[SIGNAL_payment] + nats[SIGNAL_template] - 0.8 * nats[SIGNAL_client];
        row[i].positive = rng_unit(&rng) < logistic(truth);
    }
}

static void weights_follow_the_data_within_their_bounds(void **state)
{
    struct tune_row *row = calloc(ROWS, sizeof *row);
    double weight[SIGNAL_COUNT];

    (void)state;
    rows_fill(row);
    assert_int_equal(tune_fit_weights(row, ROWS, 1.0, weight), 0);
    assert_true(weight[SIGNAL_payment] > 1.5 * weight[SIGNAL_template]);
    assert_true(weight[SIGNAL_client] == 0.0); /* it would speak the wrong way: clamped */
    assert_true(weight[SIGNAL_scale] < 0.5 * weight[SIGNAL_template]);
    assert_true(weight[SIGNAL_echo] == 1.0); /* nobody showed it: nothing is known */
    for (unsigned s = 0; s < SIGNAL_COUNT; s++)
        assert_true(weight[s] >= 0.0 && weight[s] <= WEIGHT_MAX);
    free(row);
}

static void little_trust_in_the_data_keeps_the_shipped_weights(void **state)
{
    struct tune_row *row = calloc(ROWS, sizeof *row);
    double weight[SIGNAL_COUNT];

    (void)state;
    rows_fill(row);
    assert_int_equal(tune_fit_weights(row, ROWS, 1e-7, weight), 0);
    for (unsigned s = 0; s < SIGNAL_COUNT; s++)
        assert_near(weight[s], 1.0, 0.05);
    for (unsigned i = 0; i < ROWS; i++)
        row[i].positive = true;
    assert_int_equal(tune_fit_weights(row, ROWS, 1.0, weight), -EINVAL);
    free(row);
}

/* ---- the line ---- */

static void the_line_finds_how_often_scores_are_right(void **state)
{
    enum { MARKS = 20000 };
    struct tune_mark *mark = calloc(MARKS, sizeof *mark);
    struct probability_line line;
    double positives = 0.0;
    struct rng rng;

    (void)state;
    rng_split(&rng, 6, 1);
    for (unsigned i = 0; i < MARKS; i++) {
        mark[i].nats = 16.0 * rng_unit(&rng) - 8.0;
        mark[i].positive = rng_unit(&rng) < logistic(0.5 * mark[i].nats - 1.0);
        positives += mark[i].positive;
    }
    assert_int_equal(tune_fit_line(mark, MARKS, 0.25, &line), 0);
    assert_near(line.slope, 0.5, 0.03);
    assert_near(line.shift + log_odds(0.25), -1.0, 0.1);
    for (unsigned i = 0; i < MARKS; i++)
        mark[i].positive = mark[i].nats > 0.0; /* apart: the slope must stay finite */
    assert_int_equal(tune_fit_line(mark, MARKS, 0.5, &line), 0);
    assert_true(line.slope > 1.0 && line.slope <= 20.0);
    for (unsigned i = 0; i < MARKS; i++)
        mark[i].positive = mark[i].nats < 0.0; /* the wrong way: still rising */
    assert_int_equal(tune_fit_line(mark, MARKS, 0.5, &line), 0);
    assert_true(line.slope > 0.0);
    free(mark);
}

/* ---- thresholds ---- */

/* One run: 10 distilling accounts at 5, 4, ..., -4 and 1,000 honest ones, the k-th at -k / 50. */
struct toy {
    struct tune_run run;
    struct tune_population population[2];
    struct tune_data data;
    struct tune_goals goals;
    struct tune_strata strata;
    struct detector_config config;
};

static void toy_make(struct toy *t, const char *budget)
{
    struct err err = {""};

    memset(t, 0, sizeof *t);
    detector_config_default(&t->config);
    t->run.account = calloc(1010, sizeof *t->run.account);
    t->run.account_count = 1010;
    t->run.last = 10 * MSEC_DAY;
    for (uint32_t i = 0; i < 1010; i++) {
        struct tune_account *a = &t->run.account[i];

        a->group = TUNE_NONE;
        a->population = i < 10 ? 0 : 1;
        a->class = i < 10 ? CLASS_DISTILLING : CLASS_PLAIN;
        a->exchanges = 100;
        a->own =
            (float)((i < 10 ? 5.0 - i : -(double)(i - 10) / 50.0) - log_odds(t->config.base_rate));
    }
    t->population[0] = (struct tune_population){"alpha", "A", CLASS_DISTILLING};
    t->population[1] = (struct tune_population){"chat", "", CLASS_PLAIN};
    t->data = (struct tune_data){&t->run, 1, t->population, 2};
    t->goals.reviews_per_day = t->goals.leak = t->goals.false_ban = t->goals.false_review = NAN;
    if (budget)
        assert_int_equal(gate_checks_add(&t->goals.checks, GATE_FPR, budget, &err), 0);
}

static struct tune_count toy_choose(struct toy *t, struct tune_thresholds *at)
{
    struct tune_points points;
    struct tune_count count;
    struct err err = {""};
    bool use = true;

    assert_int_equal(tune_strata_make(&t->goals, &t->data, &t->strata, &err), 0);
    assert_int_equal(tune_points_make(&t->config, &t->data, &use, NULL, &points), 0);
    *at = tune_choose(&points, &t->strata, &t->goals, &t->data);
    tune_count(&points, &t->strata, at, &t->data, &count);
    tune_points_deinit(&points);
    tune_strata_deinit(&t->strata);
    free(t->run.account);
    return count;
}

static void the_sweep_finds_the_lowest_threshold_within_the_budget(void **state)
{
    struct tune_thresholds at;
    struct tune_count count;
    struct toy toy;

    (void)state;
    toy_make(&toy, "plain=0.06"); /* 60 of 1,000: down to about -1.2 */
    count = toy_choose(&toy, &at);
    assert_int_equal(count.hit[TUNE_CAMPAIGN], 7); /* 5, 4, 3, 2, 1, 0, -1 */
    assert_true(count.hit[TUNE_PLAIN] <= 60 && count.hit[TUNE_PLAIN] >= 50);
    assert_true(at.review < -1.0 && at.review > -1.21);
    assert_true(at.watch <= at.review && at.review <= at.act);
    assert_int_equal(count.leaked, 300);
}

static void costs_are_weighed_against_each_other(void **state)
{
    struct tune_thresholds at;
    struct tune_count count;
    struct toy toy;

    (void)state;
    toy_make(&toy, NULL); /* 100 exchanges lost for one account missed; 50 honest ones a step */
    toy.goals.leak = 1.0;
    toy.goals.false_ban = toy.goals.false_review = 1.0;
    count = toy_choose(&toy, &at);
    assert_int_equal(count.hit[TUNE_CAMPAIGN], 10); /* 50 < 100: every step pays */
    toy_make(&toy, NULL);
    toy.goals.leak = 1.0;
    toy.goals.false_ban = toy.goals.false_review = 10.0;
    count = toy_choose(&toy, &at);
    assert_int_equal(count.hit[TUNE_CAMPAIGN], 6); /* 500 > 100: only those above all honest ones */
}

static void a_rate_that_the_data_cannot_support_is_refused(void **state)
{
    struct err err = {""};
    struct toy toy;

    (void)state;
    toy_make(&toy, "plain=0.002");
    assert_int_equal(tune_strata_make(&toy.goals, &toy.data, &toy.strata, &err), -EINVAL);
    assert_non_null(strstr(err.text, "1500 plain accounts"));
    assert_non_null(strstr(err.text, "the inputs have 1000"));
    tune_strata_deinit(&toy.strata);
    free(toy.run.account);
    toy_make(&toy, "plian=0.1");
    assert_int_equal(tune_strata_make(&toy.goals, &toy.data, &toy.strata, &err), -EINVAL);
    assert_non_null(strstr(err.text, "did you mean plain?"));
    tune_strata_deinit(&toy.strata);
    free(toy.run.account);
    toy_make(&toy, "plain=0.1");
    assert_int_equal(gate_checks_add(&toy.goals.checks, GATE_FPR, "plain=0.2", &err), 0);
    assert_int_equal(tune_strata_make(&toy.goals, &toy.data, &toy.strata, &err), -EINVAL);
    assert_non_null(strstr(err.text, "two budgets for plain"));
    tune_strata_deinit(&toy.strata);
    free(toy.run.account);
}

/* ---- intervals ---- */

/* Whole groups are flagged or not: the interval must see that, and cover the truth about as often
 * as it says. Taking the accounts for independent it would not. */
static void the_bootstrap_covers_where_accounts_are_not_independent(void **state)
{
    enum { WORLDS = 200, RUNS = 20, ACCOUNTS = 200, LUMP = 20 };
    static const double RATE = 0.1;
    unsigned covered = 0, wilson = 0, next = 0;
    struct rng rng;

    (void)state;
    rng_split(&rng, 7, 1);
    for (unsigned w = 0; w < WORLDS; w++) {
        struct tune_unit unit[RUNS + 1];
        struct tune_share share;
        struct proportion p;
        double fresh;

        for (uint32_t r = 0; r <= RUNS; r++) {
            unit[r] = (struct tune_unit){r, 0, 0, ACCOUNTS};
            for (unsigned lump = 0; lump < ACCOUNTS / LUMP; lump++)
                unit[r].hit += rng_unit(&rng) < RATE ? LUMP : 0;
        }
        share = tune_share_of(unit, RUNS, RUNS, false);
        p = proportion_of(share.hit, share.of);
        covered += share.low <= RATE && RATE <= share.high;
        wilson += p.low <= RATE && RATE <= p.high;
        fresh = (double)unit[RUNS].hit / ACCOUNTS;
        next += share.run_low <= fresh && fresh <= share.run_high;
    }
    assert_true(covered >= WORLDS * 88 / 100);
    assert_true(wilson <= WORLDS * 60 / 100);
    assert_true(next >= WORLDS * 90 / 100);
}

static void nothing_flagged_is_no_proof_of_nothing(void **state)
{
    struct tune_unit unit[2] = {{0, 0, 0, 500}, {1, 0, 0, 500}};
    struct tune_share share;

    (void)state;
    share = tune_share_of(unit, 2, 2, false);
    assert_true(share.value == 0.0 && share.high > 0.003);
    share = tune_share_of(unit, 2, 2, true); /* two operators: next to nothing is known */
    assert_true(share.high > 0.5);
    share = tune_share_of(unit, 0, 2, false);
    assert_true(isnan(share.value));
}

/* ---- the replay ---- */

static void what_is_replayed_is_what_the_detector_says(void **state)
{
    struct detector_config config;
    const struct tune_input input = {source_path("scenarios/quickstart.json"), false, 3};
    struct tune_collect collect = {.input = &input,
                                   .input_count = 1,
                                   .config = &config,
                                   .scale = 0.3,
                                   .days = NAN,
                                   .thread_count = 1};
    struct tune_data data;
    struct tune_score *account, *group;
    struct err err = {""};
    uint32_t flagged = 0, other = 0;

    (void)state;
    detector_config_default(&config);
    assert_int_equal(tune_data_collect(&collect, &data, &err), 0);
    account = calloc(data.run[0].account_count, sizeof *account);
    group = calloc(data.run[0].group_count, sizeof *group);
    tune_sweep_judge(&config, &data.run[0], account, group);
    for (uint32_t i = 0; i < data.run[0].account_count; i++) {
        bool was = data.run[0].account[i].level >= LEVEL_REVIEW;

        flagged += was;
        if (account[i].review >= log_odds(config.review_score))
            other += !was;
        else if (was) /* raised once, and not yet below `watch`: the run's past is not replayed */
            other += account[i].review < log_odds(config.watch_score);
    }
    assert_true(flagged > 40);
    assert_int_equal(other, 0);
    free(account);
    free(group);
    tune_data_deinit(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_follow_the_data_within_their_bounds),
        cmocka_unit_test(little_trust_in_the_data_keeps_the_shipped_weights),
        cmocka_unit_test(the_line_finds_how_often_scores_are_right),
        cmocka_unit_test(the_sweep_finds_the_lowest_threshold_within_the_budget),
        cmocka_unit_test(costs_are_weighed_against_each_other),
        cmocka_unit_test(a_rate_that_the_data_cannot_support_is_refused),
        cmocka_unit_test(the_bootstrap_covers_where_accounts_are_not_independent),
        cmocka_unit_test(nothing_flagged_is_no_proof_of_nothing),
        cmocka_unit_test(what_is_replayed_is_what_the_detector_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
