#include "sim/reaction.h"
#include "tests/sim/tiny.h"

static struct law_table half_normal;

struct story {
    struct tiny t;
    struct reaction_plan plan;
};

static void story_init(struct story *s)
{
    tiny_init(&s->t);
    s->t.cohort[0].identity.new_share = 0;
    s->t.cohort[0].reaction.replace_delay_s = tiny_constant(7200);
    s->t.cohort[0].reaction.failover_delay_s = tiny_constant(3600);
    law_normal_init(&half_normal);
}

static void story_begin(struct story *s)
{
    memset(&s->plan, 0, sizeof s->plan);
    assert_int_equal(reaction_plan_init(&s->plan, &s->t.scenario, &s->t.cohort[0], 5, &half_normal),
                     0);
}

static struct person person_of(const struct story *s, uint32_t index)
{
    return (struct person){&s->t.cohort[0], 5, mix64(index), index, 0};
}

static void hit_all(struct story *s, enum action action, msec_t at)
{
    s->t.enforcement[s->t.scenario.enforcement_count++] =
        (struct enforcement){0, at, 0, 1, action, UINT32_MAX};
}

static void left_alone_an_account_lives_to_the_end(void **state)
{
    struct story s;
    struct person p;
    struct life life;

    (void)state;
    story_init(&s);
    story_begin(&s);
    p = person_of(&s, 1);
    life_first(&s.plan, &p, &life);
    assert_true(life.created < TINY_START);
    assert_int_equal(life.from, TINY_START);
    assert_int_equal(life.until, s.t.scenario.end);
    assert_int_equal(life.end, LIFE_RUNS_OUT);
    assert_false(life_next(&s.plan, &p, &life));
    reaction_plan_deinit(&s.plan);
}

static void a_ban_brings_another_account_after_the_delay(void **state)
{
    struct story s;
    struct person p;
    struct life life;
    msec_t ban = TINY_START + MSEC_DAY;

    (void)state;
    story_init(&s);
    hit_all(&s, ACTION_BAN, ban);
    s.t.cohort[0].reaction.replace_share = 1;
    story_begin(&s);
    p = person_of(&s, 1);
    life_first(&s.plan, &p, &life);
    assert_int_equal(life.until, ban);
    assert_int_equal(life.end, LIFE_IS_HIT);
    assert_true(life_next(&s.plan, &p, &life));
    assert_int_equal(life.generation, 1);
    assert_near((double)(life.created - ban), 7200e3, 10);
    assert_true(life.from > life.created && life.from < life.created + MSEC_HOUR);
    assert_int_equal(life.end, LIFE_RUNS_OUT);
    reaction_plan_deinit(&s.plan);
}

static void without_replacement_a_ban_is_the_end(void **state)
{
    struct story s;
    struct person p;
    struct life life;

    (void)state;
    story_init(&s);
    hit_all(&s, ACTION_BAN, TINY_START + MSEC_DAY);
    hit_all(&s, ACTION_RESTORE, TINY_START + 2 * MSEC_DAY);
    story_begin(&s);
    p = person_of(&s, 1);
    life_first(&s.plan, &p, &life);
    assert_false(life_next(&s.plan, &p, &life));
    reaction_plan_deinit(&s.plan);
}

static void a_suspended_account_comes_back_when_restored(void **state)
{
    struct story s;
    struct person p;
    struct life life;

    (void)state;
    story_init(&s);
    hit_all(&s, ACTION_SUSPEND, TINY_START + MSEC_DAY);
    hit_all(&s, ACTION_RESTORE, TINY_START + 2 * MSEC_DAY);
    story_begin(&s);
    p = person_of(&s, 1);
    life_first(&s.plan, &p, &life);
    assert_true(life_next(&s.plan, &p, &life));
    assert_int_equal(life.generation, 0);
    assert_true(life.restored);
    assert_int_equal(life.from, TINY_START + 2 * MSEC_DAY);
    reaction_plan_deinit(&s.plan);
}

static void a_limit_lasts_a_day_and_a_challenge_pauses(void **state)
{
    struct story s;
    struct person p;
    struct life life;
    msec_t at = TINY_START + MSEC_DAY;

    (void)state;
    story_init(&s);
    hit_all(&s, ACTION_LIMIT, at);
    hit_all(&s, ACTION_CHALLENGE, at + MSEC_HOUR);
    story_begin(&s);
    p = person_of(&s, 1);
    life_first(&s.plan, &p, &life);
    assert_true(life_next(&s.plan, &p, &life));
    assert_int_equal(life.from, at);
    assert_int_equal(life.limited_until, at + MSEC_DAY);
    assert_int_equal(life.until, at + MSEC_HOUR);
    assert_true(life_next(&s.plan, &p, &life));
    assert_int_equal(life.generation, 0);
    assert_true(life.from >= at + MSEC_HOUR + 10 * MSEC_MINUTE);
    assert_true(life.from <= at + 5 * MSEC_HOUR);
    reaction_plan_deinit(&s.plan);
}

static void the_second_pool_takes_over_when_the_first_is_banned(void **state)
{
    struct story s;
    struct person first, second;
    struct life life;
    msec_t ban = TINY_START + MSEC_DAY;

    (void)state;
    story_init(&s);
    s.t.cohort[0].reaction.pool_count = 2;
    s.t.enforcement[0] = (struct enforcement){0, ban, MSEC_HOUR, 1, ACTION_BAN, 0};
    s.t.scenario.enforcement_count = 1;
    story_begin(&s);
    first = person_of(&s, 1);
    second = person_of(&s, 39);
    life_first(&s.plan, &first, &life);
    assert_int_equal(life.from, TINY_START);
    assert_true(life.until >= ban && life.until < ban + MSEC_HOUR);
    life_first(&s.plan, &second, &life);
    assert_true(life.from >= ban + 2 * MSEC_HOUR); /* spread and delay */
    assert_true(life.from <= ban + 2 * MSEC_HOUR + 15 * MSEC_MINUTE);
    assert_int_equal(life.until, s.t.scenario.end);
    reaction_plan_deinit(&s.plan);
}

static void a_pool_nobody_needs_never_acts(void **state)
{
    struct story s;
    struct person p;
    struct life life;

    (void)state;
    story_init(&s);
    s.t.cohort[0].reaction.pool_count = 2;
    story_begin(&s);
    p = person_of(&s, 39);
    life_first(&s.plan, &p, &life);
    assert_true(life.from >= life.until);
    assert_false(life_next(&s.plan, &p, &life));
    reaction_plan_deinit(&s.plan);
}

static void accounts_rest_after_their_days_and_are_replaced(void **state)
{
    struct story s;
    struct person p;
    struct life life;

    (void)state;
    story_init(&s);
    s.t.cohort[0].tempo.life_days = tiny_constant(1.5);
    s.t.cohort[0].reaction.replace_share = 1;
    story_begin(&s);
    p = person_of(&s, 1);
    life_first(&s.plan, &p, &life);
    assert_int_equal(life.end, LIFE_RESTS);
    assert_near((double)(life.until - life.from), 1.5 * MSEC_DAY, 1000);
    assert_true(life_next(&s.plan, &p, &life));
    assert_int_equal(life.generation, 1);
    reaction_plan_deinit(&s.plan);
}

static void a_share_of_the_accounts_is_hit(void **state)
{
    struct story s;
    uint32_t hit = 0;

    (void)state;
    story_init(&s);
    s.t.cohort[0].account_count = 2000;
    hit_all(&s, ACTION_BAN, TINY_START + MSEC_DAY);
    s.t.enforcement[0].share = 0.25;
    story_begin(&s);
    for (uint32_t i = 0; i < 2000; i++) {
        struct person p = person_of(&s, i);
        struct life life;

        life_first(&s.plan, &p, &life);
        hit += life.end == LIFE_IS_HIT;
    }
    assert_near(hit / 2000.0, 0.25, 0.03);
    reaction_plan_deinit(&s.plan);
}

/* ---- closed loop ---- */

static void what_is_done_in_a_closed_loop_ends_the_life_and_decides_the_next(void **state)
{
    const msec_t at = TINY_START + MSEC_DAY / 2, until = at + 6 * MSEC_HOUR;
    struct story s;
    struct person p;
    struct life first, life;
    msec_t lasts = until;

    (void)state;
    story_init(&s);
    s.t.cohort[0].reaction.challenge_share = 1;
    story_begin(&s);
    p = person_of(&s, 1);
    life_first(&s.plan, &p, &first);
    life = first;
    assert_true(life_act(&p, &life, ACTION_LIMIT, at, &lasts));
    assert_int_equal(life.until, at);
    assert_true(life_next(&s.plan, &p, &life));
    assert_int_equal(life.from, at);
    assert_int_equal(life.limited_until, until);
    life = first;
    assert_true(life_act(&p, &life, ACTION_SUSPEND, at, &lasts));
    assert_true(life_next(&s.plan, &p, &life)); /* nobody replaces it: it comes back */
    assert_int_equal(life.from, until);
    assert_true(life.restored);
    life = first;
    assert_true(life_act(&p, &life, ACTION_CHALLENGE, at, &lasts));
    assert_true(lasts > at && lasts < at + MSEC_DAY);
    assert_true(life_next(&s.plan, &p, &life));
    assert_int_equal(life.from, lasts);
    assert_false(life_act(&p, &life, ACTION_BAN, s.t.scenario.end, &lasts));
    reaction_plan_deinit(&s.plan);
}

static void a_banned_account_is_replaced_or_given_back_on_appeal(void **state)
{
    const msec_t at = TINY_START + MSEC_DAY / 2;
    struct story s;
    struct person p;
    struct life life;
    msec_t lasts = INT64_MAX;

    (void)state;
    story_init(&s);
    story_begin(&s);
    p = person_of(&s, 1);
    life_first(&s.plan, &p, &life);
    assert_true(life_act(&p, &life, ACTION_BAN, at, &lasts));
    assert_false(life_next(&s.plan, &p, &life));
    assert_true(life_revive(&s.plan, &p, &life, at + MSEC_HOUR));
    assert_int_equal(life.from, at + MSEC_HOUR);
    assert_int_equal(life.end, LIFE_RUNS_OUT);
    s.t.cohort[0].reaction.replace_share = 1;
    assert_true(life_act(&p, &life, ACTION_BAN, at + 2 * MSEC_HOUR, &lasts));
    assert_true(life_next(&s.plan, &p, &life));
    assert_int_equal(life.generation, 1);
    reaction_plan_deinit(&s.plan);
}

static void who_fails_a_challenge_is_lost(void **state)
{
    struct story s;
    struct person p;
    struct life life;
    msec_t lasts = 0;

    (void)state;
    story_init(&s);
    s.t.cohort[0].reaction.challenge_share = 0;
    story_begin(&s);
    p = person_of(&s, 1);
    life_first(&s.plan, &p, &life);
    assert_true(life_act(&p, &life, ACTION_CHALLENGE, TINY_START + MSEC_HOUR, &lasts));
    assert_false(life_next(&s.plan, &p, &life));
    reaction_plan_deinit(&s.plan);
}

static void under_pressure_an_account_is_used_for_less_long(void **state)
{
    const msec_t now = TINY_START + MSEC_DAY;
    struct story s;
    struct person p;
    struct life life;

    (void)state;
    story_init(&s);
    story_begin(&s);
    p = person_of(&s, 1);
    life_first(&s.plan, &p, &life);
    life_shorten(&s.plan, &p, &life, now);
    assert_int_equal(life.end, LIFE_RUNS_OUT); /* no limit is set yet */
    s.plan.life_max = 8 * MSEC_HOUR;
    life_shorten(&s.plan, &p, &life, now);
    assert_int_equal(life.end, LIFE_RESTS);
    assert_true(life.until >= now && life.until <= now + 2 * MSEC_HOUR);
    reaction_plan_deinit(&s.plan);
}

static void a_standby_pool_is_called_when_accounts_are_closed_and_only_once(void **state)
{
    struct story s;
    struct person p;
    struct life life;

    (void)state;
    story_init(&s);
    s.t.cohort[0].reaction.pool_count = 2;
    story_begin(&s);
    p = person_of(&s, s.t.cohort[0].account_count - 1);
    life_first(&s.plan, &p, &life);
    assert_true(life.from >= life.until); /* it waits */
    assert_false(reaction_failover(&s.plan, 5, 2, TINY_START));
    assert_true(reaction_failover(&s.plan, 5, 1, TINY_START + MSEC_HOUR));
    assert_false(reaction_failover(&s.plan, 5, 1, TINY_START + 2 * MSEC_HOUR));
    life_first(&s.plan, &p, &life);
    assert_true(life.from >= TINY_START + 2 * MSEC_HOUR && life.from < life.until);
    reaction_plan_deinit(&s.plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(left_alone_an_account_lives_to_the_end),
        cmocka_unit_test(a_ban_brings_another_account_after_the_delay),
        cmocka_unit_test(without_replacement_a_ban_is_the_end),
        cmocka_unit_test(a_suspended_account_comes_back_when_restored),
        cmocka_unit_test(a_limit_lasts_a_day_and_a_challenge_pauses),
        cmocka_unit_test(the_second_pool_takes_over_when_the_first_is_banned),
        cmocka_unit_test(a_pool_nobody_needs_never_acts),
        cmocka_unit_test(accounts_rest_after_their_days_and_are_replaced),
        cmocka_unit_test(a_share_of_the_accounts_is_hit),
        cmocka_unit_test(what_is_done_in_a_closed_loop_ends_the_life_and_decides_the_next),
        cmocka_unit_test(a_banned_account_is_replaced_or_given_back_on_appeal),
        cmocka_unit_test(who_fails_a_challenge_is_lost),
        cmocka_unit_test(under_pressure_an_account_is_used_for_less_long),
        cmocka_unit_test(a_standby_pool_is_called_when_accounts_are_closed_and_only_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
