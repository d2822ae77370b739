#include "detector/membership.h"
#include "tests/support.h"

#include <math.h>
#include <string.h>

/* A platform of widely spread accounts, and a group of 20 even ones: 20 a day, new. */
static struct population population;
static struct group_profile group;
static const struct platform_profile platform = {&population, 0.5};

static void spread(struct feature_stat *stat, uint64_t count, double mean, double sd)
{
    *stat = (struct feature_stat){count, mean, sd * sd * (double)(count - 1)};
}

static void account_of(struct account *a, double per_day)
{
    account_init(a, 1, 0);
    a->exchanges = (uint32_t)(per_day * 5);
    a->last_ts = 5 * MSEC_DAY;
}

static void set_up(void)
{
    memset(&population, 0, sizeof population);
    memset(&group, 0, sizeof group);
    spread(&population.last[FEATURE_rate], 1000, log(5.0), 1.5);
    spread(&group.feature[FEATURE_rate], 20, log(20.0), 0.2);
    group.members = 20;
}

static void one_like_the_others_fits(void **state)
{
    struct account a;

    (void)state;
    set_up();
    account_of(&a, 20.0);
    assert_true(membership_fit(&group, &platform, &a, false) > 1.0);
}

static void a_heavy_account_does_not_fit(void **state)
{
    struct account a;

    (void)state;
    set_up();
    account_of(&a, 2000.0);
    assert_true(membership_fit(&group, &platform, &a, false) < -1.5);
}

static void an_old_account_among_new_ones_fits_less(void **state)
{
    struct account a;

    (void)state;
    set_up();
    account_of(&a, 20.0);
    assert_near(membership_fit(&group, &platform, &a, false) -
                    membership_fit(&group, &platform, &a, true),
                log(0.98 / 0.5) - -2.0, 1e-9);
}

static void a_handful_of_members_tells_nothing(void **state)
{
    struct account a;

    (void)state;
    set_up();
    group.members = 7;
    account_of(&a, 2000.0);
    assert_near(membership_fit(&group, &platform, &a, false), 0.0, 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_like_the_others_fits),
        cmocka_unit_test(a_heavy_account_does_not_fit),
        cmocka_unit_test(an_old_account_among_new_ones_fits_less),
        cmocka_unit_test(a_handful_of_members_tells_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
