#include "tools/gate.h"

#include "tests/support.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* 990 of 1,000 campaign accounts found; 0 of 500 hard and 2 of 10,000 plain accounts flagged. */
struct bench {
    struct population_result population[2];
    struct campaign_result campaign[1];
    struct evaluation e;
    struct gate_checks checks;
    struct gate gate;
    struct err err;
};

static void bench_init(struct bench *b)
{
    *b = (struct bench){.err = {""}};
    b->population[0] = (struct population_result){.name = "alpha", .class = CLASS_DISTILLING};
    b->population[1] = (struct population_result){.name = "plugin", .class = CLASS_HARD};
    b->population[0].flagged[EVALUATE_REVIEW] = proportion_of(990, 1000);
    b->population[1].flagged[EVALUATE_REVIEW] = proportion_of(0, 500);
    b->campaign[0] = (struct campaign_result){.name = "alpha", .exchanges = 50000, .leaked = 0.25};
    b->e.population = b->population;
    b->e.population_count = 2;
    b->e.campaign = b->campaign;
    b->e.campaign_count = 1;
    for (unsigned at = 0; at < EVALUATE_LEVELS; at++) {
        b->e.by_class[CLASS_DISTILLING][at] = proportion_of(990, 1000);
        b->e.by_class[CLASS_PLAIN][at] = proportion_of(2, 10000);
        b->e.by_class[CLASS_HARD][at] = proportion_of(0, 500);
        b->e.by_class[CLASS_ABUSIVE][at] = proportion_of(0, 0);
        b->e.benign[at] = proportion_of(2, 10500);
    }
}

/* The answer to one bound, or -EINVAL. */
static int ask(struct bench *b, enum gate_measure measure, const char *text)
{
    int r;

    b->checks.count = 0;
    r = gate_checks_add(&b->checks, measure, text, &b->err);
    if (r == 0)
        r = gate_judge(&b->checks, &b->e, NULL, LEVEL_REVIEW, &b->gate, &b->err);
    return r < 0 ? r : (int)b->gate.result[0].outcome;
}

static void a_bound_is_met_only_when_the_whole_interval_keeps_to_it(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b);
    assert_int_equal(ask(&b, GATE_FPR, "hard=0.01"), GATE_MET);          /* up to 0.76 % */
    assert_int_equal(ask(&b, GATE_FPR, "hard=0.005"), GATE_CANNOT_TELL); /* although 0 were hit */
    assert_non_null(strstr(b.gate.result[0].reason, "at least 765 are needed"));
    assert_int_equal(ask(&b, GATE_FPR, "plugin=0.01"), GATE_MET);
    assert_int_equal(ask(&b, GATE_FPR, "0.001"), GATE_MET);
    assert_int_equal(ask(&b, GATE_FPR, "plain=0.00001"), GATE_UNMET);
    assert_int_equal(ask(&b, GATE_RECALL, "campaign=0.9"), GATE_MET);
    assert_int_equal(ask(&b, GATE_RECALL, "alpha=0.99"), GATE_CANNOT_TELL);
    assert_int_equal(ask(&b, GATE_RECALL, "alpha=0.999"), GATE_UNMET);
    assert_int_equal(ask(&b, GATE_PRECISION, "0.95"), GATE_MET);
    assert_int_equal(ask(&b, GATE_LEAKED, "alpha=0.25"), GATE_MET);
    assert_int_equal(ask(&b, GATE_LEAKED, "0.2"), GATE_UNMET);
}

static void nothing_counted_is_never_a_pass(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b);
    assert_int_equal(ask(&b, GATE_FPR, "abusive=1"), GATE_CANNOT_TELL);
    assert_false(gate_passes(&b.gate, false));
    assert_true(gate_passes(&b.gate, true));
    assert_int_equal(ask(&b, GATE_FPR, "hard=0"), GATE_CANNOT_TELL);
    assert_non_null(strstr(b.gate.result[0].reason, "no number of accounts"));
    b.e.campaign_count = 0;
    assert_int_equal(ask(&b, GATE_LEAKED, "1"), GATE_CANNOT_TELL);
}

static void a_name_that_the_truth_does_not_have_is_refused(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b);
    assert_int_equal(ask(&b, GATE_FPR, "pluginn=0.1"), -EINVAL);
    assert_non_null(strstr(b.err.text, "did you mean 'plugin'?"));
    assert_int_equal(ask(&b, GATE_FPR, "alpha=0.1"),
                     -EINVAL); /* a campaign's are no false alarms */
    assert_int_equal(ask(&b, GATE_RECALL, "plugin=0.1"), -EINVAL);
    assert_int_equal(ask(&b, GATE_RISE, "hard=0.1"), -EINVAL);
    assert_non_null(strstr(b.err.text, "--against"));
}

static void a_bound_that_is_no_share_is_refused(void **state)
{
    static const char *const bad[] = {"",          "hard", "hard=",    "hard=2", "hard=-0.1",
                                      "hard=0.1x", "=0.1", "hard=nan", "hard=1e"};
    struct bench b;

    (void)state;
    bench_init(&b);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(gate_checks_add(&b.checks, GATE_FPR, bad[i], &b.err), -EINVAL);
    assert_int_equal(b.checks.count, 0);
}

static void what_a_scenario_expects_comes_back_from_the_summary(void **state)
{
    struct expectation x = {.recall_min = 0.9,
                            .precision_min = (double)NAN,
                            .false_positive_rate_max = 0.001,
                            .leaked_share_max = (double)NAN,
                            .recall_of = {{"alpha", 0.8}},
                            .recall_of_count = 1,
                            .false_positive_rate_of = {{"hard", 0.01}},
                            .false_positive_rate_of_count = 1};
    struct gate_checks out = {.count = 0}, back = {.count = 0};
    struct err err = {""};
    struct json_write w;
    json_t *root;

    (void)state;
    assert_int_equal(gate_checks_expect(&out, &x, &err), 0);
    json_write_init(&w, NULL);
    json_write_open(&w, NULL, '{');
    gate_checks_write(&out, &w, "expect");
    json_write_close(&w, '}');
    root = json_loadb(w.text, w.size, 0, NULL);
    assert_int_equal(gate_checks_read(&back, json_object_get(root, "expect"), &err), 0);
    json_decref(root);
    json_write_deinit(&w);
    assert_int_equal(back.count, 4);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(back.item[i].measure, out.item[i].measure);
        assert_string_equal(back.item[i].of, out.item[i].of);
        assert_near(back.item[i].bound, out.item[i].bound, 0.0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bound_is_met_only_when_the_whole_interval_keeps_to_it),
        cmocka_unit_test(nothing_counted_is_never_a_pass),
        cmocka_unit_test(a_name_that_the_truth_does_not_have_is_refused),
        cmocka_unit_test(a_bound_that_is_no_share_is_refused),
        cmocka_unit_test(what_a_scenario_expects_comes_back_from_the_summary),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
