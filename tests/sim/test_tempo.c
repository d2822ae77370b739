#include "sim/tempo.h"
#include "tests/sim/tiny.h"

static struct law_table half_normal;

static void plan_of(const struct tiny *t, struct tempo_plan *plan)
{
    law_normal_init(&half_normal);
    tempo_plan_init(plan, &t->cohort[0], 11, TINY_START, &half_normal);
}

static const struct tempo_seat seat = {123, 456, 3, 40};

/* Times of one seat over the scenario; returns how many. */
static uint32_t times_of(const struct tempo_plan *plan, const struct tempo_habit *habit,
                         uint64_t stream, double rate, msec_t *at, uint32_t max)
{
    const msec_t until = TINY_START + TINY_DAYS * MSEC_DAY;
    struct tempo_clock clock;
    struct rng rng;
    uint32_t n = 0;
    msec_t t;

    rng_split(&rng, 9, stream);
    tempo_clock_set(plan, habit, TINY_START, &clock);
    t = tempo_advance(plan, habit, &clock, tempo_first_gap(plan, habit, &rng), rate, until);
    while (t != INT64_MAX && n < max) {
        at[n++] = t;
        t = tempo_advance(plan, habit, &clock, tempo_gap(plan, habit, rng_next(&rng)), rate, until);
    }
    return n;
}

static void mass_of_full_days_is_their_number(void **state)
{
    struct tiny t;
    struct tempo_plan plan;
    struct tempo_habit habit;

    (void)state;
    tiny_init(&t);
    plan_of(&t, &plan);
    tempo_habit_init(&plan, &seat, TINY_START, &habit);
    assert_near(tempo_mass(&plan, &habit, TINY_START, TINY_START + 3 * MSEC_DAY), 3.0, 1e-9);
    assert_near(tempo_mass(&plan, &habit, TINY_START + MSEC_HOUR, TINY_START + 7 * MSEC_HOUR), 0.25,
                1e-9);
}

static void the_expected_count_is_rate_times_mass_for_any_shape(void **state)
{
    static const double shape[] = {0.4, 1.0, 8.0};

    (void)state;
    for (int k = 0; k < 3; k++) {
        struct tiny t;
        struct tempo_plan plan;
        struct tempo_habit habit;
        msec_t at[64];
        uint32_t sum = 0;

        tiny_init(&t);
        t.cohort[0].tempo.gap_shape = shape[k];
        plan_of(&t, &plan);
        tempo_habit_init(&plan, &seat, TINY_START, &habit);
        for (uint64_t s = 0; s < 4000; s++)
            sum += times_of(&plan, &habit, s, 0.5, at, 64);
        assert_near(sum / 4000.0, 0.5 * TINY_DAYS, 0.12);
    }
}

static void hours_carry_their_weight(void **state)
{
    struct tiny t;
    struct tempo_plan plan;
    struct tempo_habit habit;
    msec_t at[8000];
    uint32_t n, night = 0;

    (void)state;
    tiny_init(&t);
    for (int h = 0; h < 6; h++)
        t.cohort[0].tempo.hour[h] = 0.1;
    plan_of(&t, &plan);
    tempo_habit_init(&plan, &seat, TINY_START, &habit);
    n = times_of(&plan, &habit, 1, 1500, at, 8000);
    for (uint32_t i = 0; i < n; i++)
        night += (at[i] - TINY_START) % MSEC_DAY < 6 * MSEC_HOUR;
    assert_near((double)night / n, 0.6 / 18.6, 0.01);
}

static void times_never_go_back(void **state)
{
    struct tiny t;
    struct tempo_plan plan;
    struct tempo_habit habit;
    msec_t at[4000];
    uint32_t n;

    (void)state;
    tiny_init(&t);
    t.cohort[0].tempo.sync_share = 1;
    t.cohort[0].tempo.sync_period_ms = MSEC_HOUR;
    t.cohort[0].tempo.sync_jitter_ms = MSEC_MINUTE;
    plan_of(&t, &plan);
    tempo_habit_init(&plan, &seat, TINY_START, &habit);
    n = times_of(&plan, &habit, 1, 900, at, 4000);
    assert_true(n > 3000);
    for (uint32_t i = 1; i < n; i++)
        assert_true(at[i] >= at[i - 1]);
}

static void synchronised_seats_share_their_groups_bursts(void **state)
{
    struct tiny t;
    struct tempo_plan plan;
    struct tempo_habit habit[2];
    struct tempo_seat other = {77, 456, 9, 40};
    msec_t a[4000], b[4000];
    uint32_t n, m;

    (void)state;
    tiny_init(&t);
    t.cohort[0].tempo.sync_share = 1;
    t.cohort[0].tempo.sync_period_ms = MSEC_HOUR;
    t.cohort[0].tempo.sync_jitter_ms = MSEC_MINUTE;
    plan_of(&t, &plan);
    tempo_habit_init(&plan, &seat, TINY_START, &habit[0]);
    tempo_habit_init(&plan, &other, TINY_START, &habit[1]);
    n = times_of(&plan, &habit[0], 1, 40, a, 4000);
    m = times_of(&plan, &habit[1], 2, 40, b, 4000);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < m; j++)
            if (a[i] / MSEC_HOUR == b[j] / MSEC_HOUR)
                assert_true(llabs(a[i] - b[j]) <= MSEC_MINUTE);
}

static void a_daily_burst_keeps_its_hour(void **state)
{
    struct tiny t;
    struct tempo_plan plan;
    struct tempo_habit habit;
    msec_t at[4000];
    uint32_t n;

    (void)state;
    tiny_init(&t);
    t.cohort[0].tempo.sync_share = 1;
    t.cohort[0].tempo.sync_period_ms = MSEC_DAY;
    t.cohort[0].tempo.sync_jitter_ms = 10 * MSEC_MINUTE;
    plan_of(&t, &plan);
    tempo_habit_init(&plan, &seat, TINY_START, &habit);
    n = times_of(&plan, &habit, 1, 30, at, 4000);
    for (uint32_t i = 1; i < n; i++)
        assert_true(llabs(at[i] % MSEC_DAY - at[0] % MSEC_DAY) <= 10 * MSEC_MINUTE);
}

static void weekends_rest_days_and_ramps_weigh_less(void **state)
{
    struct tiny t;
    struct tempo_plan plan;
    struct tempo_habit habit;

    (void)state;
    tiny_init(&t);
    t.cohort[0].tempo.weekend = 0.2;
    t.cohort[0].tempo.ramp_days = 4;
    plan_of(&t, &plan);
    tempo_habit_init(&plan, &seat, TINY_START, &habit);
    assert_near(tempo_mass(&plan, &habit, TINY_START, TINY_START + MSEC_DAY), 0.125, 1e-9);
    assert_near(tempo_mass(&plan, &habit, TINY_START + 4 * MSEC_DAY, TINY_START + 5 * MSEC_DAY),
                1.0, 1e-9);
    assert_near(tempo_mass(&plan, &habit, TINY_START + 5 * MSEC_DAY, TINY_START + 6 * MSEC_DAY),
                0.2, 1e-9); /* Saturday */
}

static void accounts_rest_on_the_days_they_are_not_active(void **state)
{
    struct tiny t;
    struct tempo_plan plan;
    uint32_t active = 0;

    (void)state;
    tiny_init(&t);
    t.cohort[0].tempo.active_days_share = 0.3;
    plan_of(&t, &plan);
    for (uint64_t i = 0; i < 2000; i++) {
        struct tempo_seat one = {mix64(i), 0, 0, 1};
        struct tempo_habit habit;

        tempo_habit_init(&plan, &one, TINY_START, &habit);
        active += tempo_mass(&plan, &habit, TINY_START, TINY_START + MSEC_DAY) > 0.5;
    }
    assert_near(active / 2000.0, 0.3, 0.03);
}

static void a_zipf_cohort_keeps_its_mean_and_has_a_head(void **state)
{
    struct tiny t;
    struct tempo_plan plan;
    double sum = 0.0, top = 0.0;

    (void)state;
    tiny_init(&t);
    t.cohort[0].tempo.zipf = 1.2;
    plan_of(&t, &plan);
    for (uint32_t i = 0; i < 40; i++) {
        struct tempo_seat one = {i, 0, i, 40};
        double rate = tempo_per_day(&plan, &one, &half_normal);

        sum += rate;
        top = rate > top ? rate : top;
    }
    assert_near(sum / 40, 20.0, 0.01);
    assert_true(top > 0.25 * sum);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mass_of_full_days_is_their_number),
        cmocka_unit_test(the_expected_count_is_rate_times_mass_for_any_shape),
        cmocka_unit_test(hours_carry_their_weight),
        cmocka_unit_test(times_never_go_back),
        cmocka_unit_test(synchronised_seats_share_their_groups_bursts),
        cmocka_unit_test(a_daily_burst_keeps_its_hour),
        cmocka_unit_test(weekends_rest_days_and_ramps_weigh_less),
        cmocka_unit_test(accounts_rest_on_the_days_they_are_not_active),
        cmocka_unit_test(a_zipf_cohort_keeps_its_mean_and_has_a_head),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
