#include "detector/evenness.h"
#include "detector/evidence.h"
#include "tests/support.h"

#include <math.h>
#include <string.h>

enum { MEMBERS = HUB_ROSTER };

/* Nats of n values with a spread of `ratio` times the platform's, as evenness.c documents. */
static double nats(unsigned n, double ratio)
{
    double q = fmax(ratio * ratio, 0.04);
    double sum = 0.5 * (n - 1) * (q - 1.0 - log(q));

    return clamp(q < 1.0 ? sum : -sum, -8.0, 8.0);
}

/* A platform with the given spreads around 5 exchanges a day, half of them follow-ups. */
struct fixture {
    struct population population;
    struct account account[MEMBERS];
    struct hub hub;
};

static void spread(struct feature_stat *stat, uint64_t count, double mean, double sd)
{
    *stat = (struct feature_stat){count, mean, sd * sd * (double)(count - 1)};
}

static void platform(struct fixture *f, uint64_t accounts)
{
    memset(f, 0, sizeof *f);
    spread(&f->population.last[FEATURE_rate], accounts, log(5.0), 1.5);
    spread(&f->population.last[FEATURE_follow_up], accounts, 0.5, 0.3);
    spread(&f->population.last[FEATURE_output], accounts, 5.0, 1.0);
    spread(&f->population.last[FEATURE_words], accounts, 2.5, 0.5);
    spread(&f->population.last[FEATURE_words_spread], accounts, 0.6, 0.2);
}

/* `count` accounts of 100 days; member i sends 1,000 * step^i exchanges, of which `follow_step` * i
 * thousandths are follow-ups, with answers of e^5 tokens. */
static void members(struct fixture *f, uint32_t count, double step, uint32_t follow_step)
{
    f->hub = (struct hub){.value = 1, .accounts = count, .roster_seen = count};
    for (uint32_t i = 0; i < count; i++) {
        struct account *a = &f->account[i];

        account_init(a, i + 1, 0);
        a->last_ts = 100 * MSEC_DAY;
        a->exchanges = (uint32_t)(1000.0 * pow(step, i));
        a->turns_known = 1000;
        a->follow_ups = follow_step * i;
        a->output.count = a->exchanges;
        a->output.sum = 5.0f * (float)a->exchanges;
        f->hub.roster[i] = i;
    }
}

static float even(const struct fixture *f)
{
    return evenness_of(&f->population, f->account, &f->hub).all;
}

static void accounts_that_do_the_same_are_even(void **state)
{
    static struct fixture f;

    (void)state;
    platform(&f, 1000);
    members(&f, 20, 1.0, 0);
    assert_near(even(&f), 24.0, 1e-5); /* three features, 8 nats each at most */
}

static void the_nats_are_the_likelihood_ratio_of_the_spreads(void **state)
{
    static struct fixture f;
    struct feature_stat rate = {0};
    double ratio;

    (void)state;
    platform(&f, 1000);
    spread(&f.population.last[FEATURE_follow_up], 1000, 0.5, 1e-3); /* only the rate counts */
    spread(&f.population.last[FEATURE_output], 10, 5.0, 1.0);
    members(&f, 12, 1.2, 0);
    for (unsigned i = 0; i < 12; i++)
        feature_stat_add(&rate, log(f.account[i].exchanges / 100.0));
    ratio = feature_stat_sd(&rate) / 1.5;
    assert_in_range((unsigned)(100 * ratio), 30, 60);
    assert_near(even(&f), nats(12, ratio) + nats(12, 0.0), 1e-4);
}

static void eleven_accounts_tell_nothing_and_twelve_do(void **state)
{
    static struct fixture f;

    (void)state;
    platform(&f, 1000);
    members(&f, EVEN_MEMBERS_MIN - 1, 1.0, 0);
    assert_near(even(&f), 0.0, 0.0);
    members(&f, EVEN_MEMBERS_MIN, 1.0, 0);
    assert_true(even(&f) > 12.0);
    f.account[3].exchanges = FEATURE_EXCHANGES_MIN - 1; /* thin: not known well enough */
    assert_near(even(&f), 0.0, 0.0);
}

static void a_forgotten_account_does_not_count(void **state)
{
    static struct fixture f;

    (void)state;
    platform(&f, 1000);
    members(&f, EVEN_MEMBERS_MIN, 1.0, 0);
    account_init(&f.account[0], 0, 0);
    assert_near(even(&f), 0.0, 0.0);
}

static void a_hub_without_accounts_is_not_even(void **state)
{
    static struct fixture f;

    (void)state;
    platform(&f, 1000);
    f.hub = (struct hub){.value = 1};
    assert_near(even(&f), 0.0, 0.0);
}

static void a_platform_of_49_accounts_is_no_baseline(void **state)
{
    static struct fixture f;

    (void)state;
    platform(&f, 49);
    members(&f, 20, 1.0, 0);
    assert_near(even(&f), 0.0, 0.0);
    platform(&f, 50);
    members(&f, 20, 1.0, 0);
    assert_true(even(&f) > 12.0);
}

static void rates_over_orders_of_magnitude_are_not_even(void **state)
{
    static struct fixture f;

    (void)state;
    platform(&f, 1000);
    members(&f, 20, 1.6, 0); /* ln 1.6 apart: as wide as the platform's and wider */
    assert_true(even(&f) < 0.0);
}

static void even_rates_with_uneven_follow_ups_are_not_even(void **state)
{
    static struct fixture f;

    (void)state;
    platform(&f, 1000);
    members(&f, 20, 1.0, 50); /* from none to all of them */
    assert_true(even(&f) <= 0.0);
    members(&f, 20, 1.0, 5);
    assert_true(even(&f) > 12.0);
}

/* All members' prompts have e^`mean` words, scattered by `sd`. */
static void prompts(struct fixture *f, double mean, double sd)
{
    for (uint32_t i = 0; i < f->hub.roster_seen; i++)
        f->account[i].words = (struct log_spread){100, (float)(100.0 * mean),
                                                  (float)(100.0 * mean * mean + 99.0 * sd * sd)};
}

static float collected(const struct fixture *f)
{
    return evenness_of(&f->population, f->account, &f->hub).collectors;
}

static void even_accounts_are_collectors_when_their_habits_say_so(void **state)
{
    static struct fixture f;

    (void)state;
    platform(&f, 1000);
    members(&f, 20, 1.0, 0);
    prompts(&f, 2.5, 0.6);
    assert_near(collected(&f), 0.0, 0.0); /* like anybody, but for the follow-ups: 0.83 nats */
    prompts(&f, 3.5, 0.8);                /* long ones, of two kinds: 1 and 0.6 more */
    assert_near(collected(&f), 32.0, 1e-4);
    members(&f, 20, 1.0, 50); /* they need not follow up alike */
    prompts(&f, 4.0, 1.2);
    assert_near(collected(&f), 32.0, 1e-4);
    members(&f, 20, 1.6, 0); /* but be as busy */
    prompts(&f, 3.5, 0.8);
    assert_true(collected(&f) <= 0.0);
}

/* Of 20 even accounts the first so many are explained. */
static void explain(struct fixture *f, uint32_t count)
{
    platform(f, 1000);
    members(f, 20, 1.0, 0);
    for (uint32_t i = 0; i < count; i++)
        f->account[i].explained = 1;
}

static void others_speak_against_a_raised_group_when_they_are_enough(void **state)
{
    static struct fixture f;

    (void)state;
    explain(&f, 15);
    assert_true(even(&f) > 12.0); /* five others tell nothing */
    explain(&f, 8);
    assert_true(even(&f) > 12.0); /* twelve that are even, too */
    for (uint32_t i = 8; i < 20; i++)
        f.account[i].exchanges = 10u << (i - 8);
    assert_true(even(&f) <= 0.0);
}

static void busy_accounts_do_not_hide(void **state)
{
    static struct fixture f;

    (void)state;
    platform(&f, 1000);
    members(&f, 20, 1.0, 0);
    prompts(&f, 3.5, 0.8);
    for (unsigned i = 0; i < 20; i++)
        f.account[i].exchanges = 2200; /* 22 a day, e^1.5 times the usual: still within */
    assert_near(collected(&f), 32.0, 1e-4);
    for (unsigned i = 0; i < 20; i++)
        f.account[i].exchanges = 2300;
    assert_near(collected(&f), 0.0, 0.0);
}

static void thin_accounts_are_no_collectors_yet(void **state)
{
    static struct fixture f;

    (void)state;
    platform(&f, 1000);
    members(&f, 20, 1.0, 0);
    prompts(&f, 3.5, 0.8);
    for (unsigned i = 0; i < 20; i++)
        f.account[i].exchanges = 4; /* a hint counts half */
    assert_near(collected(&f), 0.0, 0.0);
}

static void a_full_roster_is_read_to_its_end_and_no_further(void **state)
{
    static struct fixture f;

    (void)state;
    platform(&f, 1000);
    members(&f, HUB_ROSTER, 1.0, 0);
    f.hub.roster_seen = 100000;
    assert_near(even(&f), 24.0, 1e-5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accounts_that_do_the_same_are_even),
        cmocka_unit_test(the_nats_are_the_likelihood_ratio_of_the_spreads),
        cmocka_unit_test(eleven_accounts_tell_nothing_and_twelve_do),
        cmocka_unit_test(a_forgotten_account_does_not_count),
        cmocka_unit_test(a_hub_without_accounts_is_not_even),
        cmocka_unit_test(a_platform_of_49_accounts_is_no_baseline),
        cmocka_unit_test(rates_over_orders_of_magnitude_are_not_even),
        cmocka_unit_test(even_rates_with_uneven_follow_ups_are_not_even),
        cmocka_unit_test(even_accounts_are_collectors_when_their_habits_say_so),
        cmocka_unit_test(others_speak_against_a_raised_group_when_they_are_enough),
        cmocka_unit_test(busy_accounts_do_not_hide),
        cmocka_unit_test(thin_accounts_are_no_collectors_yet),
        cmocka_unit_test(a_full_roster_is_read_to_its_end_and_no_further),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
