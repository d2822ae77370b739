/* Weights and caps of the configuration: detector/weighing.h; probabilities and discoveries. */
#include "base/rng.h"
#include "detector/discovery.h"
#include "detector/probability.h"
#include "detector/weighing.h"
#include "tests/support.h"

#include <math.h>
#include <string.h>

static void add(struct evidence_list *list, enum weighed_signal s, double weight)
{
    const struct evidence_fact fact = {
        .signal = weighing_signal[s], .family = weighing_family[s], .weight = weight};

    evidence_add(list, &fact, "-");
}

static void the_default_configuration_changes_nothing(void **state)
{
    struct detector_config config;
    struct evidence_list list = {0};

    (void)state;
    detector_config_default(&config);
    add(&list, SIGNAL_payment, 8.7);
    add(&list, SIGNAL_template, 0.1);
    weighing_apply(&config, &list, 0);
    assert_true(list.item[0].weight == 8.7 && list.item[1].weight == 0.1);
}

static void a_familys_cap_holds_its_sum_and_no_other(void **state)
{
    struct detector_config config;
    struct evidence_list list = {0};

    (void)state;
    detector_config_default(&config);
    config.weight[SIGNAL_payment] = 0.5;
    config.cap[FAMILY_content] = 6.0;
    add(&list, SIGNAL_payment, 8.0);
    add(&list, SIGNAL_template, 9.0);
    add(&list, SIGNAL_system, 3.0);
    weighing_apply(&config, &list, 0);
    assert_near(list.item[0].weight, 4.0, 1e-12);
    assert_near(list.item[1].weight, 4.5, 1e-12);
    assert_near(list.item[2].weight, 1.5, 1e-12);
}

/* `tune` tries weights by the sums alone: it must reckon what the detector will. */
static void sums_without_a_list_are_those_of_the_list(void **state)
{
    struct detector_config config;
    struct rng rng;

    (void)state;
    rng_split(&rng, 1, 1);
    for (unsigned round = 0; round < 200; round++) {
        double nats[SIGNAL_COUNT] = {0.0}, sum[QUESTION_COUNT];
        struct evidence_list list[QUESTION_COUNT];

        memset(list, 0, sizeof list);
        detector_config_default(&config);
        for (unsigned s = 0; s < SIGNAL_COUNT; s++) {
            config.weight[s] = WEIGHT_MAX * rng_unit(&rng);
            if (rng_unit(&rng) < 0.4)
                nats[s] = 10.0 * rng_unit(&rng) - 4.0;
            add(&list[weighing_question[s]], (enum weighed_signal)s, nats[s]);
        }
        for (unsigned f = 0; f < FAMILY_COUNT; f++)
            config.cap[f] = 8.0 * rng_unit(&rng);
        weighing_sum(&config, nats, sum);
        for (unsigned q = 0; q < QUESTION_COUNT; q++) {
            weighing_apply(&config, &list[q], 0);
            assert_near(evidence_sum(&list[q], 0), sum[q], 1e-9);
        }
    }
}

static void probabilities_rise_with_scores_and_move_with_the_base_rate(void **state)
{
    const struct probability_line line = {0.6, -1.0}, none = {0.0, 0.0}, as_is = {1.0, 0.0};
    double before = 0.0;

    (void)state;
    assert_true(isnan(probability_of(&none, 0.001, 2.0)));
    assert_near(probability_of(&as_is, 0.001, 2.0), logistic(2.0), 1e-12);
    for (double score = -12.0; score < 12.0; score += 0.25) {
        double p = probability_of(&line, 0.001, score);

        assert_true(p > before);
        before = p;
    }
    /* Ten times as many campaigns: the odds are ten times as good for the same evidence. */
    assert_near(probability_log_odds(&line, 0.01, 3.0 + log_odds(0.01)) -
                    probability_log_odds(&line, 0.001, 3.0 + log_odds(0.001)),
                log_odds(0.01) - log_odds(0.001), 1e-9);
}

/* Cases whose probability is right: the share of false ones among those admitted, at the end of
 * every stream, is on average within the promise; and so it is where nothing is real. */
static void admitted_cases_keep_the_promise(void **state)
{
    static const double fdr[] = {0.01, 0.05, 0.2};
    struct rng rng;

    (void)state;
    rng_split(&rng, 3, 1);
    for (unsigned k = 0; k < 3; k++) {
        double realised = 0.0, admitted = 0.0;
        enum { STREAMS = 400, CASES = 200 };

        for (unsigned s = 0; s < STREAMS; s++) {
            struct discovery d = {0};
            uint64_t wrong = 0;

            for (unsigned i = 0; i < CASES; i++) {
                double p = 1.0 - pow(rng_unit(&rng), 3.0);
                bool real = rng_unit(&rng) < p;

                if (discovery_admit(&d, fdr[k], p))
                    wrong += !real;
            }
            realised += d.count ? (double)wrong / (double)d.count : 0.0;
            admitted += (double)d.count;
        }
        assert_true(realised / STREAMS <= fdr[k] * 1.1);
        assert_true(realised / STREAMS >= fdr[k] * 0.7); /* and it is used, not only kept */
        assert_true(admitted > 0.0);
    }
}

static void where_nothing_is_likely_nothing_is_admitted(void **state)
{
    struct discovery d = {0};

    (void)state;
    for (unsigned i = 0; i < 1000; i++)
        assert_false(discovery_admit(&d, 0.05, 0.9));
    assert_false(discovery_admit(&d, 0.05, (double)NAN));
    assert_true(discovery_admit(&d, 0.05, 0.999));
    assert_true(discovery_admit(&d, 0.0, 0.1)); /* no promise, no condition */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_configuration_changes_nothing),
        cmocka_unit_test(a_familys_cap_holds_its_sum_and_no_other),
        cmocka_unit_test(sums_without_a_list_are_those_of_the_list),
        cmocka_unit_test(probabilities_rise_with_scores_and_move_with_the_base_rate),
        cmocka_unit_test(admitted_cases_keep_the_promise),
        cmocka_unit_test(where_nothing_is_likely_nothing_is_admitted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
