#include "base/rng.h"
#include "detector/adoption.h"
#include "detector/content.h"
#include "tests/support.h"

#include <math.h>
#include <string.h>

/* A link by two families. */
#define TIE ((struct tie){12.0f, true})

/* Accounts 0..29 are a raised group, the others are in none. Nobody has sent enough for features,
 * so that the fit is what membership says of trust and of declared organisations: nothing here. */
enum { MEMBERS = 30, ALL = 1030, HUBS = 64 };

struct fixture {
    struct account account[ALL];
    struct population population;
    struct names *names;
    struct hubs *hubs;
    struct groups *groups;
    struct adoption *adoption;
    struct detector_config config;
    struct judge_context ctx;
};

static bool nobody(const void *ctx, uint32_t index)
{
    (void)ctx;
    (void)index;
    return false;
}

static struct fixture f;

static int fixture_open(void **state)
{
    const struct hubs_config hubs = {HUBS, 4096};

    (void)state;
    memset(&f, 0, sizeof f);
    for (uint32_t i = 0; i < ALL; i++)
        account_init(&f.account[i], i + 1, 0);
    detector_config_default(&f.config);
    assert_int_equal(names_new(65536, &f.names), 0);
    assert_int_equal(hubs_new(&hubs, f.names, &f.hubs), 0);
    assert_int_equal(groups_new(8, ALL, f.account, &f.groups), 0);
    assert_int_equal(adoption_new(HUBS, ALL, &f.adoption), 0);
    for (uint32_t i = 1; i < MEMBERS; i++)
        assert_true(groups_link(f.groups, 0, i, TIE));
    groups_get(f.groups, 0)->level = LEVEL_REVIEW;
    f.ctx = (struct judge_context){
        .adoption = f.adoption,
        .config = &f.config,
        .account = f.account,
        .groups = f.groups,
        .names = f.names,
        .population = &f.population,
        .link = {f.account, f.hubs, ALL, 0, 0xffff, 0},
    };
    return 0;
}

static int fixture_close(void **state)
{
    (void)state;
    adoption_free(f.adoption);
    groups_free(f.groups);
    hubs_free(f.hubs);
    names_free(f.names);
    return 0;
}

static void show(uint32_t account, unsigned kind, uint64_t hash)
{
    if (account_value(&f.account[account], kind, mix64(hash)))
        (void)hubs_observe(f.hubs, value_pack(kind, mix64(hash)), STR("v"), account, false, nobody,
                           NULL, 1);
}

/* The account holds the phrase as shared with others. */
static void show_phrase(uint32_t account, uint32_t phrase)
{
    (void)content_see(&f.account[account], phrase);
    assert_true(content_hold(&f.account[account], phrase));
    (void)hubs_observe_counted(f.hubs, value_pack(LINK_ITEM, item_hash(phrase)), account, account,
                               1, 0, 1);
}

/* `members` of the group and account ALL - 1, which is in none, show the value. */
static void show_with_members(uint32_t members, unsigned kind, uint64_t hash)
{
    for (uint32_t i = 0; i < members; i++)
        show(i, kind, hash);
    show(ALL - 1, kind, hash);
}

/* Values of three families. */
static void show_three_with_members(uint32_t members)
{
    show_with_members(members, ATTRIBUTE_payment, 1);
    show_with_members(members, ATTRIBUTE_device, 2);
    show_with_members(members, ATTRIBUTE_ip, 3);
}

static uint32_t found(void)
{
    return adoption_find(f.adoption, &f.ctx, &f.account[ALL - 1]);
}

static void two_families_that_point_to_a_raised_group_adopt(void **state)
{
    (void)state;
    show_three_with_members(20);
    assert_true(adoption_mark(f.adoption, &f.ctx, f.account, f.hubs));
    assert_int_equal(found(), 0);
}

static void one_family_never_suffices(void **state)
{
    (void)state;
    show_with_members(20, ATTRIBUTE_ip, 1);
    show_with_members(20, ATTRIBUTE_net, 2);
    show_with_members(20, ATTRIBUTE_signup_ip, 3);
    assert_true(adoption_mark(f.adoption, &f.ctx, f.account, f.hubs));
    assert_int_equal(found(), ACCOUNT_NONE);
}

static void a_group_that_is_not_raised_adopts_nobody(void **state)
{
    (void)state;
    show_three_with_members(20);
    groups_get(f.groups, 0)->level = LEVEL_WATCH;
    assert_false(adoption_mark(f.adoption, &f.ctx, f.account, f.hubs));
    assert_false(groups_get(f.groups, 0)->marked);
    groups_get(f.groups, 0)->level = LEVEL_REVIEW;
    assert_true(adoption_mark(f.adoption, &f.ctx, f.account, f.hubs));
    assert_true(groups_get(f.groups, 0)->marked);
    groups_get(f.groups, 0)->level = LEVEL_WATCH; /* it has fallen since the marks were set */
    assert_int_equal(found(), ACCOUNT_NONE);
}

static void an_account_without_values_is_adopted_by_nobody(void **state)
{
    (void)state;
    assert_true(adoption_mark(f.adoption, &f.ctx, f.account, f.hubs));
    assert_int_equal(found(), ACCOUNT_NONE);
}

static void a_value_of_three_accounts_tells_nothing(void **state)
{
    (void)state;
    show_three_with_members(2);
    (void)adoption_mark(f.adoption, &f.ctx, f.account, f.hubs);
    assert_int_equal(found(), ACCOUNT_NONE);
}

static void a_value_of_four_accounts_tells(void **state)
{
    (void)state;
    show_three_with_members(3);
    (void)adoption_mark(f.adoption, &f.ctx, f.account, f.hubs);
    assert_int_equal(found(), 0);
}

static void a_value_that_as_many_strangers_show_tells_less(void **state)
{
    (void)state;
    for (uint64_t hash = 1; hash <= 3; hash++) {
        static const unsigned kind[] = {0, ATTRIBUTE_payment, ATTRIBUTE_device, ATTRIBUTE_ip};

        show_with_members(4, kind[hash], hash);
        for (uint32_t i = 0; i < 24; i++)
            show(MEMBERS + i, kind[hash], hash);
    }
    (void)adoption_mark(f.adoption, &f.ctx, f.account, f.hubs);
    assert_int_equal(found(), ACCOUNT_NONE);
}

static void phrases_count_where_the_account_holds_them(void **state)
{
    struct account *a = &f.account[ALL - 1];

    (void)state;
    for (uint32_t i = 0; i < 20; i++)
        for (uint32_t phrase = 101; phrase <= 104; phrase++)
            show_phrase(i, phrase);
    show_with_members(20, ATTRIBUTE_payment, 1);
    show_with_members(20, ATTRIBUTE_device, 2);
    for (uint32_t phrase = 101; phrase <= 104; phrase++)
        (void)content_see(a, phrase);
    (void)adoption_mark(f.adoption, &f.ctx, f.account, f.hubs);
    assert_int_equal(found(), ACCOUNT_NONE); /* met, but not known to be shared */
    for (uint32_t phrase = 101; phrase <= 104; phrase++)
        assert_true(content_hold(a, phrase));
    assert_int_equal(found(), 0);
    f.config.families &= ~(1u << FAMILY_content);
    assert_int_equal(found(), ACCOUNT_NONE);
}

static void adopted_members_do_not_vouch_for_others(void **state)
{
    (void)state;
    show_three_with_members(20);
    for (uint32_t i = 0; i < MEMBERS; i++)
        f.account[i].adopted = 1;
    (void)adoption_mark(f.adoption, &f.ctx, f.account, f.hubs);
    assert_int_equal(found(), ACCOUNT_NONE);
}

static void marks_are_read_anew_each_time(void **state)
{
    (void)state;
    show_three_with_members(20);
    assert_int_equal(found(), ACCOUNT_NONE);
    (void)adoption_mark(f.adoption, &f.ctx, f.account, f.hubs);
    assert_int_equal(found(), 0);
    for (uint32_t i = 0; i < MEMBERS; i++)
        f.account[i].adopted = 1;
    (void)adoption_mark(f.adoption, &f.ctx, f.account, f.hubs);
    assert_int_equal(found(), ACCOUNT_NONE);
}

static void a_member_that_shows_nothing_of_the_group_is_in_doubt(void **state)
{
    (void)state;
    show_with_members(20, ATTRIBUTE_payment, 1);
    show_with_members(20, ATTRIBUTE_device, 2);
    (void)adoption_mark(f.adoption, &f.ctx, f.account, f.hubs);
    /* Two families of 4 nats each; the prior alone: both by one link. */
    assert_near(adoption_standing(f.adoption, &f.ctx, &f.account[5]) -
                    adoption_standing(f.adoption, &f.ctx, &f.account[25]),
                8.0, 1e-5);
}

static void members_are_held_to_what_the_others_show(void **state)
{
    double alone;

    (void)state;
    show_with_members(4, ATTRIBUTE_payment, 1);
    (void)adoption_mark(f.adoption, &f.ctx, f.account, f.hubs);
    alone = adoption_standing(f.adoption, &f.ctx, &f.account[29]);
    show_with_members(29, ATTRIBUTE_device, 2);
    show_with_members(29, ATTRIBUTE_ip, 3);
    show_with_members(29, ATTRIBUTE_email_domain, 4);
    show_with_members(29, ATTRIBUTE_payment, 5);
    (void)adoption_mark(f.adoption, &f.ctx, f.account, f.hubs);
    assert_true(adoption_standing(f.adoption, &f.ctx, &f.account[29]) < alone - 2.0);
}

static void links_to_the_members_count_for_membership(void **state)
{
    double one;

    (void)state;
    (void)adoption_mark(f.adoption, &f.ctx, f.account, f.hubs);
    assert_int_equal(f.account[25].link_count, 1);
    one = adoption_standing(f.adoption, &f.ctx, &f.account[25]);
    for (uint32_t i = 1; i < ACCOUNT_LINKS; i++)
        assert_true(groups_link(f.groups, 25, i, TIE));
    assert_near(adoption_standing(f.adoption, &f.ctx, &f.account[25]) - one, 3.5, 1e-5);
    f.account[25].adopted = 1; /* it has none of its own */
    assert_near(adoption_standing(f.adoption, &f.ctx, &f.account[25]), one, 1e-5);
}

static void the_group_that_most_points_to_adopts(void **state)
{
    uint32_t other = 500;

    (void)state;
    for (uint32_t i = 1; i < 20; i++)
        assert_true(groups_link(f.groups, other, other + i, TIE));
    groups_get(f.groups, f.account[other].cluster)->level = LEVEL_REVIEW;
    for (uint32_t i = 0; i < 20; i++)
        show(other + i, ATTRIBUTE_payment, 9);
    show(ALL - 1, ATTRIBUTE_payment, 9); /* the first value points to the other group */
    show_with_members(20, ATTRIBUTE_device, 2);
    show_with_members(20, ATTRIBUTE_ip, 3);
    show_with_members(20, ATTRIBUTE_email_domain, 4);
    (void)adoption_mark(f.adoption, &f.ctx, f.account, f.hubs);
    assert_int_equal(found(), 0);
}

static void every_hub_of_a_full_table_has_a_mark(void **state)
{
    (void)state;
    for (uint64_t hash = 1; hash <= 4 * HUBS; hash++)
        for (uint32_t i = 0; i < 6; i++)
            (void)hubs_observe(f.hubs, value_pack(ATTRIBUTE_ip, mix64(hash)), STR(""), i, false,
                               nobody, NULL, 1);
    show_with_members(20, ATTRIBUTE_payment, 1000);
    show_with_members(20, ATTRIBUTE_device, 1001);
    show_with_members(20, ATTRIBUTE_email_domain, 1002);
    assert_int_equal(hubs_used(f.hubs), HUBS);
    assert_true(adoption_mark(f.adoption, &f.ctx, f.account, f.hubs));
    assert_int_equal(found(), 0);
    assert_true(adoption_memory(f.adoption) >= HUBS * 8);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(two_families_that_point_to_a_raised_group_adopt),
        TEST(one_family_never_suffices),
        TEST(a_group_that_is_not_raised_adopts_nobody),
        TEST(an_account_without_values_is_adopted_by_nobody),
        TEST(a_value_of_three_accounts_tells_nothing),
        TEST(a_value_of_four_accounts_tells),
        TEST(a_value_that_as_many_strangers_show_tells_less),
        TEST(phrases_count_where_the_account_holds_them),
        TEST(adopted_members_do_not_vouch_for_others),
        TEST(marks_are_read_anew_each_time),
        TEST(a_member_that_shows_nothing_of_the_group_is_in_doubt),
        TEST(members_are_held_to_what_the_others_show),
        TEST(links_to_the_members_count_for_membership),
        TEST(the_group_that_most_points_to_adopts),
        TEST(every_hub_of_a_full_table_has_a_mark),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
