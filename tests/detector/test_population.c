#include "detector/population.h"
#include "tests/support.h"

#include <math.h>
#include <string.h>

static void statistics_are_mean_and_sample_deviation(void **state)
{
    struct feature_stat s = {0};
    const double values[] = {2, 4, 4, 4, 5, 5, 7, 9};

    (void)state;
    for (unsigned i = 0; i < 8; i++)
        feature_stat_add(&s, values[i]);
    assert_near(s.mean, 5.0, 1e-12);
    assert_near(feature_stat_sd(&s), sqrt(32.0 / 7.0), 1e-12);
}

static void a_round_reads_every_account_once(void **state)
{
    static struct account account[100];
    static struct population p;

    (void)state;
    memset(&p, 0, sizeof p);
    for (uint32_t i = 0; i < 100; i++) {
        account_init(&account[i], i + 1, 0);
        account[i].exchanges = i < 50 ? FEATURE_EXCHANGES_MIN : FEATURE_EXCHANGES_MIN - 1;
        account[i].turns_known = 10;
        account[i].follow_ups = i < 25 ? 10 : 0;
    }
    for (unsigned tick = 0; tick < 11; tick++)
        population_tick(&p, account, 100, 10);
    assert_int_equal(p.last[FEATURE_follow_up].count, 50); /* those with enough exchanges */
    assert_near(population_stat(&p, FEATURE_follow_up)->mean, 0.5, 1e-12);
    assert_int_equal(population_stat(&p, FEATURE_templated)->count, 0); /* no text: nothing known */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statistics_are_mean_and_sample_deviation),
        cmocka_unit_test(a_round_reads_every_account_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
