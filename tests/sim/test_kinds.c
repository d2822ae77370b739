#include "sim/calibration.h"
#include "sim/kinds.h"
#include "tests/support.h"

#include <math.h>
#include <string.h>

static struct cohort population(uint32_t kind)
{
    struct cohort c = {.account_count = 1000};

    cohort_population_defaults(&c, kind, 7);
    return c;
}

static struct cohort campaign(uint32_t archetype, int evasion)
{
    struct cohort c = {.account_count = 1000};

    cohort_campaign_defaults(&c, archetype, evasion, 7);
    return c;
}

static double sum(const double *weight, size_t count)
{
    double s = 0;

    for (size_t i = 0; i < count; i++) {
        assert_true(weight[i] >= 0 && isfinite(weight[i]));
        s += weight[i];
    }
    return s;
}

static void assert_law(const struct size_law *law)
{
    double median = exp(law->mu) * (law->table ? calibration_at(law->table, 0.0) : 1.0);

    assert_true(isfinite(law->mu) && law->sigma >= 0);
    assert_true(law->min <= median * 1.0001 || law->max == 0);
    assert_true(median <= law->max * 1.0001 || law->max == 0);
}

static void assert_share(double share)
{
    assert_true(share >= 0 && share <= 1);
}

/* What every cohort must have, whatever it is. */
static void assert_complete(const struct cohort *c)
{
    assert_true(sum(c->identity.plan, PLAN_COUNT) > 0);
    assert_true(sum(c->access.kind, NETWORK_COUNT) > 0);
    assert_true(sum(c->access.pathway, PATHWAY_COUNT) > 0);
    assert_true(sum(c->tempo.hour, HOURS_PER_DAY) > 0);
    assert_true(sum(c->program.text, TEXT_PROGRAM_COUNT) > 0);
    assert_true(sum(c->program.tier, TIER_COUNT) > 0);
    assert_true(sum(c->program.temperature, TEMPERATURE_COUNT) > 0);
    assert_law(&c->tempo.per_day);
    assert_law(&c->tempo.turns);
    assert_law(&c->tempo.think_s);
    assert_law(&c->program.input_tokens);
    assert_law(&c->program.output_tokens);
    assert_law(&c->tempo.life_days);
    assert_share(c->identity.verified_share);
    assert_share(c->identity.new_share);
    assert_share(c->identity.own_mail_share);
    assert_share(c->program.cover_share);
    assert_share(c->program.paraphrase);
    assert_share(c->tempo.sync_share);
    assert_share(c->tempo.flat_share);
    assert_true(c->identity.age_days_min <= c->identity.age_days_max);
    assert_true(c->tempo.gap_shape > 0);
    assert_true(c->tempo.sync_share <= 0 || c->tempo.sync_period_ms > 0);
    assert_true(c->program.variants >= 1 && c->program.authors >= 1);
    assert_true(c->work.policy == WORK_NONE || c->work.item_count > 0);
    assert_true(c->reaction.phase_rate > 0);
}

static void every_population_kind_is_complete_and_no_campaign(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < POPULATION_KIND_COUNT; i++) {
        struct cohort c = population(i);

        assert_complete(&c);
        assert_string_equal(c.kind, population_kind_name[i]);
        assert_false(c.campaign);
        assert_int_not_equal(c.truth, TRUTH_DISTILLING);
    }
}

static void at_least_sixteen_kinds_are_hard_look_alikes(void **state)
{
    int hard = 0, plain = 0, abusive = 0;

    (void)state;
    for (uint32_t i = 0; i < POPULATION_KIND_COUNT; i++) {
        struct cohort c = population(i);

        hard += c.truth == TRUTH_BENIGN && c.stratum == STRATUM_HARD;
        plain += c.truth == TRUTH_BENIGN && c.stratum == STRATUM_PLAIN;
        abusive += c.truth == TRUTH_ABUSIVE;
    }
    assert_in_range(hard, 16, POPULATION_KIND_COUNT);
    assert_int_equal(plain, 5);
    assert_int_equal(abusive, 2);
}

static void every_archetype_is_complete_at_every_level(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < ARCHETYPE_COUNT; i++) {
        for (int level = 0; level < EVASION_LEVEL_COUNT; level++) {
            struct cohort c = campaign(i, level);

            assert_complete(&c);
            assert_true(c.campaign);
            assert_int_equal(c.evasion, level);
            assert_int_equal(c.truth, TRUTH_DISTILLING);
        }
    }
}

static void each_level_shares_less_and_hides_more(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < ARCHETYPE_COUNT; i++) {
        for (int level = 1; level < EVASION_LEVEL_COUNT; level++) {
            struct cohort a = campaign(i, level - 1), b = campaign(i, level);

            assert_true(b.identity.accounts_per_payment <= a.identity.accounts_per_payment);
            assert_true(b.identity.own_mail_share <= a.identity.own_mail_share);
            assert_true(b.identity.new_share <= a.identity.new_share);
            assert_true(b.tempo.sync_share <= a.tempo.sync_share);
            assert_true(b.tempo.flat_share <= a.tempo.flat_share);
            assert_true(b.tempo.per_day.mu <= a.tempo.per_day.mu);
            assert_true(b.program.paraphrase >= a.program.paraphrase);
            assert_true(b.program.cover_share >= a.program.cover_share);
            assert_true(b.program.variants >= a.program.variants);
            assert_true(b.reaction.replace_share >= a.reaction.replace_share);
            assert_true(b.access.kind[NETWORK_HOSTING] <= a.access.kind[NETWORK_HOSTING]);
        }
    }
}

static void a_careless_campaign_shares_cards_and_a_patient_one_nothing(void **state)
{
    struct cohort careless = campaign(ARCHETYPE_A, 0), patient = campaign(ARCHETYPE_A, 4);

    (void)state;
    assert_int_equal(careless.identity.accounts_per_payment, 25);
    assert_true(careless.identity.formulaic_names);
    assert_true(careless.identity.wave_interval_s > 0);
    assert_true(careless.tempo.sync_share > 0.9);
    assert_near(careless.program.cover_share, 0, 0);
    assert_int_equal(patient.identity.accounts_per_payment, 1);
    assert_false(patient.identity.formulaic_names);
    assert_near(patient.identity.wave_interval_s, 0, 0);
    assert_near(patient.tempo.sync_share, 0, 0);
    assert_near(exp(patient.tempo.per_day.mu), 5, 1e-9);
    assert_near(patient.access.kind[NETWORK_HOSTING], 0, 1e-9);
    assert_true(patient.tempo.life_days.max > 0);
}

static void archetypes_have_the_traits_of_their_rows(void **state)
{
    struct cohort b = campaign(ARCHETYPE_B, 0), e = campaign(ARCHETYPE_E, 0);
    struct cohort f = campaign(ARCHETYPE_F, 0), g = campaign(ARCHETYPE_G, 0);
    struct cohort h = campaign(ARCHETYPE_H, 0), i = campaign(ARCHETYPE_I, 0);

    (void)state;
    assert_true(b.reaction.phase_day > 0 && b.reaction.phase_text == TEXT_trace);
    assert_int_equal(e.program.variants, 1);
    assert_int_equal(e.reaction.pool_count, 2);
    assert_int_equal(f.access.country_count, 2);
    assert_true(f.program.language_count >= 12);
    assert_true(f.program.signature_foreign_share > 0);
    assert_true(g.tempo.think_s.mu < f.tempo.think_s.mu); /* replayed, not thought */
    assert_true(h.program.echo_share > 0.5);
    assert_true(i.program.refused_share > 0.5 && i.reaction.phase_refused_share < 0.1);
}

static void products_are_as_skewed_as_real_customers(void **state)
{
    struct cohort c = population(KIND_api_product);
    double gini = erf(c.tempo.per_day.sigma / 2); /* of a log-normal */

    (void)state;
    assert_near(gini, 0.85, 0.02); /* ServeGen: 0.83, 0.87, 0.84 */
    assert_near(c.tempo.flat_share, 0.33, 0.06);
    assert_near(sqrt(1 / c.tempo.gap_shape), 1.45, 0.02);
    assert_near(c.program.input_tokens.sigma * sqrt(1 - c.program.token_between), 0.42, 0.01);
}

static void day_profiles_have_a_mean_near_one(void **state)
{
    (void)state;
    for (int p = 0; p < DAY_PROFILE_COUNT; p++)
        assert_near(sum(day_profile[p], HOURS_PER_DAY) / HOURS_PER_DAY, 1, 0.08);
}

static void builtin_networks_cover_every_kind(void **state)
{
    bool seen[NETWORK_COUNT] = {false};

    (void)state;
    for (uint32_t i = 0; i < default_network_count; i++) {
        seen[default_network[i].kind] = true;
        assert_true(default_network[i].exit_count > 0 && default_network[i].asn_count > 0);
        assert_true(sum(default_network[i].country_weight, COUNTRY_MAX) > 0);
        assert_int_equal(strlen(default_network[i].country[default_network[i].country_count - 1]),
                         2);
    }
    for (int kind = NETWORK_RESIDENTIAL; kind < NETWORK_COUNT; kind++)
        assert_true(seen[kind]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_population_kind_is_complete_and_no_campaign),
        cmocka_unit_test(at_least_sixteen_kinds_are_hard_look_alikes),
        cmocka_unit_test(every_archetype_is_complete_at_every_level),
        cmocka_unit_test(each_level_shares_less_and_hides_more),
        cmocka_unit_test(a_careless_campaign_shares_cards_and_a_patient_one_nothing),
        cmocka_unit_test(archetypes_have_the_traits_of_their_rows),
        cmocka_unit_test(products_are_as_skewed_as_real_customers),
        cmocka_unit_test(day_profiles_have_a_mean_near_one),
        cmocka_unit_test(builtin_networks_cover_every_kind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
