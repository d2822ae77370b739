#include "sim/reaction.h"
#include "tests/sim/tiny.h"

static struct law_table half_normal;

/* What every test begins with: a cohort whose plan is not made yet, and one of its people. */
static struct {
    struct tiny t;
    struct reaction_plan plan;
} s;
static struct person p;
static struct life life;

static int story_open(void **state)
{
    (void)state;
    memset(&s, 0, sizeof s);
    tiny_init(&s.t);
    s.t.cohort[0].identity.new_share = 0;
    s.t.cohort[0].reaction.replace_delay_s = tiny_constant(7200);
    s.t.cohort[0].reaction.failover_delay_s = tiny_constant(3600);
    law_normal_init(&half_normal);
    return 0;
}

static int story_close(void **state)
{
    (void)state;
    reaction_plan_deinit(&s.plan);
    return 0;
}

static void plan_make(void)
{
    assert_int_equal(reaction_plan_init(&s.plan, &s.t.scenario, &s.t.cohort[0], 5, &half_normal),
                     0);
}

/* The first life of one of them, in `p` and `life`. */
static void meet(uint32_t index)
{
    p = (struct person){&s.t.cohort[0], 5, mix64(index), index, 0};
    life_first(&s.plan, &p, &life);
}

static void hit_all(enum action action, msec_t at)
{
    s.t.enforcement[s.t.scenario.enforcement_count++] =
        (struct enforcement){0, at, 0, 1, action, UINT32_MAX};
}

static void left_alone_an_account_lives_to_the_end(void **state)
{
    (void)state;
    plan_make();
    meet(1);
    assert_true(life.created < TINY_START);
    assert_int_equal(life.from, TINY_START);
    assert_int_equal(life.until, s.t.scenario.end);
    assert_int_equal(life.end, LIFE_RUNS_OUT);
    assert_false(life_next(&s.plan, &p, &life));
}

static void a_ban_brings_another_account_after_the_delay(void **state)
{
    msec_t ban = TINY_START + MSEC_DAY;

    (void)state;
    hit_all(ACTION_BAN, ban);
    s.t.cohort[0].reaction.replace_share = 1;
    plan_make();
    meet(1);
    assert_int_equal(life.until, ban);
    assert_int_equal(life.end, LIFE_IS_HIT);
    assert_true(life_next(&s.plan, &p, &life));
    assert_int_equal(life.generation, 1);
    assert_near((double)(life.created - ban), 7200e3, 10);
    assert_true(life.from > life.created && life.from < life.created + MSEC_HOUR);
    assert_int_equal(life.end, LIFE_RUNS_OUT);
}

static void without_replacement_a_ban_is_the_end(void **state)
{
    (void)state;
    hit_all(ACTION_BAN, TINY_START + MSEC_DAY);
    hit_all(ACTION_RESTORE, TINY_START + 2 * MSEC_DAY);
    plan_make();
    meet(1);
    assert_false(life_next(&s.plan, &p, &life));
}

static void a_suspended_account_comes_back_when_restored(void **state)
{
    (void)state;
    hit_all(ACTION_SUSPEND, TINY_START + MSEC_DAY);
    hit_all(ACTION_RESTORE, TINY_START + 2 * MSEC_DAY);
    plan_make();
    meet(1);
    assert_true(life_next(&s.plan, &p, &life));
    assert_int_equal(life.generation, 0);
    assert_true(life.restored);
    assert_int_equal(life.from, TINY_START + 2 * MSEC_DAY);
}

static void a_limit_lasts_a_day_and_a_challenge_pauses(void **state)
{
    msec_t at = TINY_START + MSEC_DAY;

    (void)state;
    hit_all(ACTION_LIMIT, at);
    hit_all(ACTION_CHALLENGE, at + MSEC_HOUR);
    plan_make();
    meet(1);
    assert_true(life_next(&s.plan, &p, &life));
    assert_int_equal(life.from, at);
    assert_int_equal(life.limited_until, at + MSEC_DAY);
    assert_int_equal(life.until, at + MSEC_HOUR);
    assert_true(life_next(&s.plan, &p, &life));
    assert_int_equal(life.generation, 0);
    assert_true(life.from >= at + MSEC_HOUR + 10 * MSEC_MINUTE);
    assert_true(life.from <= at + 5 * MSEC_HOUR);
}

static void the_second_pool_takes_over_when_the_first_is_banned(void **state)
{
    msec_t ban = TINY_START + MSEC_DAY;

    (void)state;
    s.t.cohort[0].reaction.pool_count = 2;
    s.t.enforcement[0] = (struct enforcement){0, ban, MSEC_HOUR, 1, ACTION_BAN, 0};
    s.t.scenario.enforcement_count = 1;
    plan_make();
    meet(1);
    assert_int_equal(life.from, TINY_START);
    assert_true(life.until >= ban && life.until < ban + MSEC_HOUR);
    meet(39);
    assert_true(life.from >= ban + 2 * MSEC_HOUR); /* spread and delay */
    assert_true(life.from <= ban + 2 * MSEC_HOUR + 15 * MSEC_MINUTE);
    assert_int_equal(life.until, s.t.scenario.end);
}

static void a_pool_nobody_needs_never_acts(void **state)
{
    (void)state;
    s.t.cohort[0].reaction.pool_count = 2;
    plan_make();
    meet(39);
    assert_true(life.from >= life.until);
    assert_false(life_next(&s.plan, &p, &life));
}

static void accounts_rest_after_their_days_and_are_replaced(void **state)
{
    (void)state;
    s.t.cohort[0].tempo.life_days = tiny_constant(1.5);
    s.t.cohort[0].reaction.replace_share = 1;
    plan_make();
    meet(1);
    assert_int_equal(life.end, LIFE_RESTS);
    assert_near((double)(life.until - life.from), 1.5 * MSEC_DAY, 1000);
    assert_true(life_next(&s.plan, &p, &life));
    assert_int_equal(life.generation, 1);
}

static void a_share_of_the_accounts_is_hit(void **state)
{
    uint32_t hit = 0;

    (void)state;
    s.t.cohort[0].account_count = 2000;
    hit_all(ACTION_BAN, TINY_START + MSEC_DAY);
    s.t.enforcement[0].share = 0.25;
    plan_make();
    for (uint32_t i = 0; i < 2000; i++) {
        meet(i);
        hit += life.end == LIFE_IS_HIT;
    }
    assert_near(hit / 2000.0, 0.25, 0.03);
}

/* ---- closed loop ---- */

static void what_is_done_in_a_closed_loop_ends_the_life_and_decides_the_next(void **state)
{
    const msec_t at = TINY_START + MSEC_DAY / 2, until = at + 6 * MSEC_HOUR;
    struct life first;
    msec_t lasts = until;

    (void)state;
    s.t.cohort[0].reaction.challenge_share = 1;
    plan_make();
    meet(1);
    first = life;
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
}

static void a_banned_account_is_replaced_or_given_back_on_appeal(void **state)
{
    const msec_t at = TINY_START + MSEC_DAY / 2;
    msec_t lasts = INT64_MAX;

    (void)state;
    plan_make();
    meet(1);
    assert_true(life_act(&p, &life, ACTION_BAN, at, &lasts));
    assert_false(life_next(&s.plan, &p, &life));
    assert_true(life_revive(&s.plan, &p, &life, at + MSEC_HOUR));
    assert_int_equal(life.from, at + MSEC_HOUR);
    assert_int_equal(life.end, LIFE_RUNS_OUT);
    s.t.cohort[0].reaction.replace_share = 1;
    assert_true(life_act(&p, &life, ACTION_BAN, at + 2 * MSEC_HOUR, &lasts));
    assert_true(life_next(&s.plan, &p, &life));
    assert_int_equal(life.generation, 1);
}

static void who_fails_a_challenge_is_lost(void **state)
{
    msec_t lasts = 0;

    (void)state;
    s.t.cohort[0].reaction.challenge_share = 0;
    plan_make();
    meet(1);
    assert_true(life_act(&p, &life, ACTION_CHALLENGE, TINY_START + MSEC_HOUR, &lasts));
    assert_false(life_next(&s.plan, &p, &life));
}

static void under_pressure_an_account_is_used_for_less_long(void **state)
{
    const msec_t now = TINY_START + MSEC_DAY;

    (void)state;
    plan_make();
    meet(1);
    life_shorten(&s.plan, &p, &life, now);
    assert_int_equal(life.end, LIFE_RUNS_OUT); /* no limit is set yet */
    s.plan.life_max = 8 * MSEC_HOUR;
    life_shorten(&s.plan, &p, &life, now);
    assert_int_equal(life.end, LIFE_RESTS);
    assert_true(life.until >= now && life.until <= now + 2 * MSEC_HOUR);
}

static void a_standby_pool_is_called_when_accounts_are_closed_and_only_once(void **state)
{
    (void)state;
    s.t.cohort[0].reaction.pool_count = 2;
    plan_make();
    meet(s.t.cohort[0].account_count - 1);
    assert_true(life.from >= life.until); /* it waits */
    assert_false(reaction_failover(&s.plan, 5, 2, TINY_START));
    assert_true(reaction_failover(&s.plan, 5, 1, TINY_START + MSEC_HOUR));
    assert_false(reaction_failover(&s.plan, 5, 1, TINY_START + 2 * MSEC_HOUR));
    life_first(&s.plan, &p, &life);
    assert_true(life.from >= TINY_START + 2 * MSEC_HOUR && life.from < life.until);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, story_open, story_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(left_alone_an_account_lives_to_the_end),
        TEST(a_ban_brings_another_account_after_the_delay),
        TEST(without_replacement_a_ban_is_the_end),
        TEST(a_suspended_account_comes_back_when_restored),
        TEST(a_limit_lasts_a_day_and_a_challenge_pauses),
        TEST(the_second_pool_takes_over_when_the_first_is_banned),
        TEST(a_pool_nobody_needs_never_acts),
        TEST(accounts_rest_after_their_days_and_are_replaced),
        TEST(a_share_of_the_accounts_is_hit),
        TEST(what_is_done_in_a_closed_loop_ends_the_life_and_decides_the_next),
        TEST(a_banned_account_is_replaced_or_given_back_on_appeal),
        TEST(who_fails_a_challenge_is_lost),
        TEST(under_pressure_an_account_is_used_for_less_long),
        TEST(a_standby_pool_is_called_when_accounts_are_closed_and_only_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
