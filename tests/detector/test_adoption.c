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

static void open(struct fixture *f)
{
    const struct hubs_config hubs = {HUBS, 4096};

    memset(f, 0, sizeof *f);
    for (uint32_t i = 0; i < ALL; i++)
        account_init(&f->account[i], i + 1, 0);
    detector_config_default(&f->config);
    assert_int_equal(names_new(65536, &f->names), 0);
    assert_int_equal(hubs_new(&hubs, f->names, &f->hubs), 0);
    assert_int_equal(groups_new(8, ALL, f->account, &f->groups), 0);
    assert_int_equal(adoption_new(HUBS, ALL, &f->adoption), 0);
    for (uint32_t i = 1; i < MEMBERS; i++)
        assert_true(groups_link(f->groups, 0, i, TIE));
    groups_get(f->groups, 0)->level = LEVEL_REVIEW;
    f->ctx = (struct judge_context){
        .adoption = f->adoption,
        .config = &f->config,
        .account = f->account,
        .groups = f->groups,
        .names = f->names,
        .population = &f->population,
        .link = {f->account, f->hubs, ALL, 0, 0xffff, 0},
    };
}

static void close(struct fixture *f)
{
    adoption_free(f->adoption);
    groups_free(f->groups);
    hubs_free(f->hubs);
    names_free(f->names);
}

static void show(struct fixture *f, uint32_t account, unsigned kind, uint64_t hash)
{
    if (account_value(&f->account[account], kind, mix64(hash)))
        (void)hubs_observe(f->hubs, value_pack(kind, mix64(hash)), STR("v"), account, false, nobody,
                           NULL, 1);
}

/* The account holds the phrase as shared with others. */
static void show_phrase(struct fixture *f, uint32_t account, uint32_t phrase)
{
    (void)content_see(&f->account[account], phrase);
    assert_true(content_hold(&f->account[account], phrase));
    (void)hubs_observe_counted(f->hubs, value_pack(LINK_ITEM, item_hash(phrase)), account, account,
                               1, 0, 1);
}

/* `members` of the group and account ALL - 1, which is in none, show the value. */
static void show_with_members(struct fixture *f, uint32_t members, unsigned kind, uint64_t hash)
{
    for (uint32_t i = 0; i < members; i++)
        show(f, i, kind, hash);
    show(f, ALL - 1, kind, hash);
}

static uint32_t found(const struct fixture *f)
{
    return adoption_find(f->adoption, &f->ctx, &f->account[ALL - 1]);
}

static void two_families_that_point_to_a_raised_group_adopt(void **state)
{
    static struct fixture f;

    (void)state;
    open(&f);
    show_with_members(&f, 20, ATTRIBUTE_payment, 1);
    show_with_members(&f, 20, ATTRIBUTE_device, 2);
    show_with_members(&f, 20, ATTRIBUTE_ip, 3);
    assert_true(adoption_mark(f.adoption, &f.ctx, f.account));
    assert_int_equal(found(&f), 0);
    close(&f);
}

static void one_family_never_suffices(void **state)
{
    static struct fixture f;

    (void)state;
    open(&f);
    show_with_members(&f, 20, ATTRIBUTE_ip, 1);
    show_with_members(&f, 20, ATTRIBUTE_net, 2);
    show_with_members(&f, 20, ATTRIBUTE_signup_ip, 3);
    assert_true(adoption_mark(f.adoption, &f.ctx, f.account));
    assert_int_equal(found(&f), ACCOUNT_NONE);
    close(&f);
}

static void a_group_that_is_not_raised_adopts_nobody(void **state)
{
    static struct fixture f;

    (void)state;
    open(&f);
    show_with_members(&f, 20, ATTRIBUTE_payment, 1);
    show_with_members(&f, 20, ATTRIBUTE_device, 2);
    show_with_members(&f, 20, ATTRIBUTE_ip, 3);
    groups_get(f.groups, 0)->level = LEVEL_WATCH;
    assert_false(adoption_mark(f.adoption, &f.ctx, f.account));
    assert_false(groups_get(f.groups, 0)->marked);
    groups_get(f.groups, 0)->level = LEVEL_REVIEW;
    assert_true(adoption_mark(f.adoption, &f.ctx, f.account));
    assert_true(groups_get(f.groups, 0)->marked);
    groups_get(f.groups, 0)->level = LEVEL_WATCH; /* it has fallen since the marks were set */
    assert_int_equal(found(&f), ACCOUNT_NONE);
    close(&f);
}

static void an_account_without_values_is_adopted_by_nobody(void **state)
{
    static struct fixture f;

    (void)state;
    open(&f);
    assert_true(adoption_mark(f.adoption, &f.ctx, f.account));
    assert_int_equal(found(&f), ACCOUNT_NONE);
    close(&f);
}

static void a_value_of_three_accounts_tells_nothing_and_one_of_four_does(void **state)
{
    static struct fixture f;

    (void)state;
    for (uint32_t members = 2; members <= 3; members++) {
        open(&f);
        show_with_members(&f, members, ATTRIBUTE_payment, 1);
        show_with_members(&f, members, ATTRIBUTE_device, 2);
        show_with_members(&f, members, ATTRIBUTE_ip, 3);
        (void)adoption_mark(f.adoption, &f.ctx, f.account);
        assert_int_equal(found(&f), members == 3 ? 0 : ACCOUNT_NONE);
        close(&f);
    }
}

static void a_value_that_as_many_strangers_show_tells_less(void **state)
{
    static struct fixture f;

    (void)state;
    open(&f);
    for (uint64_t hash = 1; hash <= 3; hash++) {
        static const unsigned kind[] = {0, ATTRIBUTE_payment, ATTRIBUTE_device, ATTRIBUTE_ip};

        show_with_members(&f, 4, kind[hash], hash);
        for (uint32_t i = 0; i < 24; i++)
            show(&f, MEMBERS + i, kind[hash], hash);
    }
    (void)adoption_mark(f.adoption, &f.ctx, f.account);
    assert_int_equal(found(&f), ACCOUNT_NONE);
    close(&f);
}

static void phrases_count_where_the_account_holds_them(void **state)
{
    static struct fixture f;
    struct account *a = &f.account[ALL - 1];

    (void)state;
    open(&f);
    for (uint32_t i = 0; i < 20; i++)
        for (uint32_t phrase = 101; phrase <= 104; phrase++)
            show_phrase(&f, i, phrase);
    show_with_members(&f, 20, ATTRIBUTE_payment, 1);
    show_with_members(&f, 20, ATTRIBUTE_device, 2);
    for (uint32_t phrase = 101; phrase <= 104; phrase++)
        (void)content_see(a, phrase);
    (void)adoption_mark(f.adoption, &f.ctx, f.account);
    assert_int_equal(found(&f), ACCOUNT_NONE); /* met, but not known to be shared */
    for (uint32_t phrase = 101; phrase <= 104; phrase++)
        assert_true(content_hold(a, phrase));
    assert_int_equal(found(&f), 0);
    f.config.families &= ~(1u << FAMILY_content);
    assert_int_equal(found(&f), ACCOUNT_NONE);
    close(&f);
}

static void adopted_members_do_not_vouch_for_others(void **state)
{
    static struct fixture f;

    (void)state;
    open(&f);
    show_with_members(&f, 20, ATTRIBUTE_payment, 1);
    show_with_members(&f, 20, ATTRIBUTE_device, 2);
    show_with_members(&f, 20, ATTRIBUTE_ip, 3);
    for (uint32_t i = 0; i < MEMBERS; i++)
        f.account[i].adopted = 1;
    (void)adoption_mark(f.adoption, &f.ctx, f.account);
    assert_int_equal(found(&f), ACCOUNT_NONE);
    close(&f);
}

static void marks_are_read_anew_each_time(void **state)
{
    static struct fixture f;

    (void)state;
    open(&f);
    show_with_members(&f, 20, ATTRIBUTE_payment, 1);
    show_with_members(&f, 20, ATTRIBUTE_device, 2);
    show_with_members(&f, 20, ATTRIBUTE_ip, 3);
    assert_int_equal(found(&f), ACCOUNT_NONE);
    (void)adoption_mark(f.adoption, &f.ctx, f.account);
    assert_int_equal(found(&f), 0);
    for (uint32_t i = 0; i < MEMBERS; i++)
        f.account[i].adopted = 1;
    (void)adoption_mark(f.adoption, &f.ctx, f.account);
    assert_int_equal(found(&f), ACCOUNT_NONE);
    close(&f);
}

static void a_member_that_shows_nothing_of_the_group_is_in_doubt(void **state)
{
    static struct fixture f;

    (void)state;
    open(&f);
    show_with_members(&f, 20, ATTRIBUTE_payment, 1);
    show_with_members(&f, 20, ATTRIBUTE_device, 2);
    (void)adoption_mark(f.adoption, &f.ctx, f.account);
    /* Two families of 4 nats each; the prior alone: both by one link. */
    assert_near(adoption_standing(f.adoption, &f.ctx, &f.account[5]) -
                    adoption_standing(f.adoption, &f.ctx, &f.account[25]),
                8.0, 1e-5);
    close(&f);
}

static void members_are_held_to_what_the_others_show(void **state)
{
    static struct fixture f;
    double alone;

    (void)state;
    open(&f);
    show_with_members(&f, 4, ATTRIBUTE_payment, 1);
    (void)adoption_mark(f.adoption, &f.ctx, f.account);
    alone = adoption_standing(f.adoption, &f.ctx, &f.account[29]);
    show_with_members(&f, 29, ATTRIBUTE_device, 2);
    show_with_members(&f, 29, ATTRIBUTE_ip, 3);
    show_with_members(&f, 29, ATTRIBUTE_email_domain, 4);
    show_with_members(&f, 29, ATTRIBUTE_payment, 5);
    (void)adoption_mark(f.adoption, &f.ctx, f.account);
    assert_true(adoption_standing(f.adoption, &f.ctx, &f.account[29]) < alone - 2.0);
    close(&f);
}

static void links_to_the_members_count_for_membership(void **state)
{
    static struct fixture f;
    double one;

    (void)state;
    open(&f);
    (void)adoption_mark(f.adoption, &f.ctx, f.account);
    assert_int_equal(f.account[25].link_count, 1);
    one = adoption_standing(f.adoption, &f.ctx, &f.account[25]);
    for (uint32_t i = 1; i < ACCOUNT_LINKS; i++)
        assert_true(groups_link(f.groups, 25, i, TIE));
    assert_near(adoption_standing(f.adoption, &f.ctx, &f.account[25]) - one, 6.0, 1e-5);
    f.account[25].adopted = 1; /* it has none of its own */
    assert_near(adoption_standing(f.adoption, &f.ctx, &f.account[25]), one, 1e-5);
    close(&f);
}

static void the_group_that_most_points_to_adopts(void **state)
{
    static struct fixture f;
    uint32_t other = 500;

    (void)state;
    open(&f);
    for (uint32_t i = 1; i < 20; i++)
        assert_true(groups_link(f.groups, other, other + i, TIE));
    groups_get(f.groups, f.account[other].cluster)->level = LEVEL_REVIEW;
    for (uint32_t i = 0; i < 20; i++)
        show(&f, other + i, ATTRIBUTE_payment, 9);
    show(&f, ALL - 1, ATTRIBUTE_payment, 9); /* the first value points to the other group */
    show_with_members(&f, 20, ATTRIBUTE_device, 2);
    show_with_members(&f, 20, ATTRIBUTE_ip, 3);
    show_with_members(&f, 20, ATTRIBUTE_email_domain, 4);
    (void)adoption_mark(f.adoption, &f.ctx, f.account);
    assert_int_equal(found(&f), 0);
    close(&f);
}

static void every_hub_of_a_full_table_has_a_mark(void **state)
{
    static struct fixture f;

    (void)state;
    open(&f);
    for (uint64_t hash = 1; hash <= 4 * HUBS; hash++)
        for (uint32_t i = 0; i < 6; i++)
            (void)hubs_observe(f.hubs, value_pack(ATTRIBUTE_ip, mix64(hash)), STR(""), i, false,
                               nobody, NULL, 1);
    show_with_members(&f, 20, ATTRIBUTE_payment, 1000);
    show_with_members(&f, 20, ATTRIBUTE_device, 1001);
    show_with_members(&f, 20, ATTRIBUTE_email_domain, 1002);
    assert_int_equal(hubs_used(f.hubs), HUBS);
    assert_true(adoption_mark(f.adoption, &f.ctx, f.account));
    assert_int_equal(found(&f), 0);
    assert_true(adoption_memory(f.adoption) >= HUBS * 8);
    close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_families_that_point_to_a_raised_group_adopt),
        cmocka_unit_test(one_family_never_suffices),
        cmocka_unit_test(a_group_that_is_not_raised_adopts_nobody),
        cmocka_unit_test(an_account_without_values_is_adopted_by_nobody),
        cmocka_unit_test(a_value_of_three_accounts_tells_nothing_and_one_of_four_does),
        cmocka_unit_test(a_value_that_as_many_strangers_show_tells_less),
        cmocka_unit_test(phrases_count_where_the_account_holds_them),
        cmocka_unit_test(adopted_members_do_not_vouch_for_others),
        cmocka_unit_test(marks_are_read_anew_each_time),
        cmocka_unit_test(a_member_that_shows_nothing_of_the_group_is_in_doubt),
        cmocka_unit_test(members_are_held_to_what_the_others_show),
        cmocka_unit_test(links_to_the_members_count_for_membership),
        cmocka_unit_test(the_group_that_most_points_to_adopts),
        cmocka_unit_test(every_hub_of_a_full_table_has_a_mark),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
