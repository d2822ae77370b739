#include "sim/calibration.h"
#include "tests/support.h"

#include <math.h>

static void tables_never_fall(void **state)
{
    (void)state;
    for (int t = 0; t < CALIBRATION_COUNT; t++) {
        const struct calibration_table *table = &calibration_table[t];

        assert_true(table->name && table->unit && table->source);
        assert_true(table->sample_count > 20);
        assert_true(table->quantile[0] >= 0.0);
        for (int i = 1; i < CALIBRATION_POINTS; i++)
            assert_true(table->quantile[i] >= table->quantile[i - 1]);
    }
}

static void quantiles_are_those_published(void **state)
{
    /* The measured quantiles of the traffic notes. */
    static const struct {
        enum calibration table;
        double u, value;
    } cases[] = {
        {CALIBRATION_azure_conv_input, 0.5, 1020}, {CALIBRATION_azure_conv_input, 0.95, 4083},
        {CALIBRATION_azure_conv_output, 0.5, 129}, {CALIBRATION_azure_conv_output, 0.75, 395},
        {CALIBRATION_azure_code_input, 0.25, 578}, {CALIBRATION_azure_code_output, 0.5, 13},
        {CALIBRATION_arxiv_input, 0.75, 3370},     {CALIBRATION_arxiv_output, 0.5, 167},
        {CALIBRATION_agent_output, 0.95, 1507},    {CALIBRATION_m_large_gap_cv, 0.5, 1.4525},
        {CALIBRATION_m_large_active, 0.5, 0.071},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = calibration_quantile(&calibration_table[cases[i].table], cases[i].u);

        assert_near(value, cases[i].value, 0.03 * cases[i].value);
    }
}

static void shares_and_quantiles_are_each_others_inverse(void **state)
{
    const struct calibration_table *t = &calibration_table[CALIBRATION_agent_input];

    (void)state;
    for (double u = 0.01; u < 0.995; u += 0.01)
        assert_near(calibration_share(t, calibration_quantile(t, u)), u, 1e-6);
    assert_near(calibration_share(t, 0.0), 0.0, 0.0);
    assert_near(calibration_share(t, 1e12), 1.0, 0.0);
}

static void scores_beyond_the_ends_give_the_ends(void **state)
{
    const struct calibration_table *t = &calibration_table[CALIBRATION_arxiv_input];

    (void)state;
    assert_near(calibration_at(t, -99.0), t->quantile[0], 0.0);
    assert_near(calibration_at(t, -4.0), t->quantile[0], 0.0);
    assert_near(calibration_at(t, 4.0), t->quantile[CALIBRATION_POINTS - 1], 0.0);
    assert_near(calibration_at(t, 99.0), t->quantile[CALIBRATION_POINTS - 1], 0.0);
    assert_near(calibration_at(t, NAN), t->quantile[0], 0.0);
}

static void a_law_names_its_table_and_factor(void **state)
{
    struct size_law law = calibration_law(CALIBRATION_agent_turns, 2.0, 1.0, 500.0);

    (void)state;
    assert_ptr_equal(law.table, &calibration_table[CALIBRATION_agent_turns]);
    assert_near(exp(law.mu), 2.0, 1e-12);
    assert_near(law.sigma, 1.0, 0.0);
    assert_near(law.max, 500.0, 0.0);
}

static void hour_profiles_have_mean_one(void **state)
{
    (void)state;
    for (int p = 0; p < CALIBRATION_POOL_COUNT; p++) {
        double sum = 0.0;

        for (int h = 0; h < HOURS_PER_DAY; h++)
            sum += calibration_hours[p][h];
        assert_near(sum / HOURS_PER_DAY, 1.0, 0.02);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_never_fall),
        cmocka_unit_test(quantiles_are_those_published),
        cmocka_unit_test(shares_and_quantiles_are_each_others_inverse),
        cmocka_unit_test(scores_beyond_the_ends_give_the_ends),
        cmocka_unit_test(a_law_names_its_table_and_factor),
        cmocka_unit_test(hour_profiles_have_mean_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
