#include "base/rng.h"
#include "detector/group.h"
#include "tests/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A link by two families. */
#define TIE ((struct tie){12.0f, true})

enum { ACCOUNTS = 60 };

struct fixture {
    struct account account[ACCOUNTS];
    struct groups *groups;
};

static void open(struct fixture *f)
{
    for (uint32_t i = 0; i < ACCOUNTS; i++)
        account_init(&f->account[i], i + 1, 0);
    assert_int_equal(groups_new(32, ACCOUNTS, f->account, &f->groups), 0);
}

/* Smallest account reachable over `edge`, for every account: the slow way. */
static void components(bool edge[ACCOUNTS][ACCOUNTS], uint32_t label[ACCOUNTS])
{
    bool changed = true;

    for (uint32_t i = 0; i < ACCOUNTS; i++)
        label[i] = i;
    while (changed) {
        changed = false;
        for (uint32_t i = 0; i < ACCOUNTS; i++)
            for (uint32_t j = 0; j < ACCOUNTS; j++)
                if (edge[i][j] && label[j] < label[i]) {
                    label[i] = label[j];
                    changed = true;
                }
    }
}

static void groups_are_the_connected_components(void **state)
{
    static struct fixture f;
    struct rng rng;

    (void)state;
    rng_split(&rng, 3, 0);
    for (unsigned trial = 0; trial < 30; trial++) {
        bool edge[ACCOUNTS][ACCOUNTS];
        uint32_t label[ACCOUNTS];

        memset(edge, 0, sizeof edge);
        open(&f);
        for (unsigned k = 0; k < 10 + trial; k++) {
            uint32_t a = (uint32_t)rng_below(&rng, ACCOUNTS),
                     b = (uint32_t)rng_below(&rng, ACCOUNTS);

            if (a == b)
                continue;
            edge[a][b] = edge[b][a] = true;
            assert_true(groups_link(f.groups, a, b, TIE));
        }
        components(edge, label);
        for (uint32_t i = 0; i < ACCOUNTS; i++)
            for (uint32_t j = 0; j < ACCOUNTS; j++)
                if (i != j && f.account[i].cluster != ACCOUNT_NONE)
                    assert_int_equal(f.account[i].cluster == f.account[j].cluster,
                                     label[i] == label[j]);
        groups_free(f.groups);
    }
}

static void a_merged_group_keeps_the_larger_ones_id(void **state)
{
    static struct fixture f;
    uint64_t large;

    (void)state;
    open(&f);
    assert_true(groups_link(f.groups, 0, 1, TIE));
    assert_true(groups_link(f.groups, 2, 3, TIE));
    assert_true(groups_link(f.groups, 3, 4, TIE));
    large = groups_get(f.groups, f.account[2].cluster)->id;
    assert_true(groups_link(f.groups, 1, 2, TIE));
    assert_int_equal(groups_get(f.groups, f.account[0].cluster)->id, large);
    assert_int_equal(groups_get(f.groups, f.account[0].cluster)->member_count, 5);
    groups_free(f.groups);
}

static void a_full_table_refuses_and_counts(void **state)
{
    static struct fixture f;
    struct group_counts counts;

    (void)state;
    open(&f);
    groups_free(f.groups);
    assert_int_equal(groups_new(2, ACCOUNTS, f.account, &f.groups), 0);
    assert_true(groups_link(f.groups, 0, 1, TIE));
    assert_true(groups_link(f.groups, 2, 3, TIE));
    assert_false(groups_link(f.groups, 4, 5, TIE));
    groups_counts(f.groups, &counts);
    assert_int_equal(counts.refused, 1);
    groups_free(f.groups);
}

static void a_forgotten_account_leaves_its_group(void **state)
{
    static struct fixture f;

    (void)state;
    open(&f);
    assert_true(groups_link(f.groups, 0, 1, TIE));
    assert_true(groups_link(f.groups, 1, 2, TIE));
    groups_forget(f.groups, 1);
    assert_int_equal(f.account[1].cluster, ACCOUNT_NONE);
    assert_int_equal(groups_get(f.groups, f.account[0].cluster)->member_count, 2);
    groups_forget(f.groups, 0);
    groups_forget(f.groups, 2);
    assert_int_equal(groups_get(f.groups, 0)->id, 0);
    groups_free(f.groups);
}

static void links_that_no_longer_hold_split_a_group(void **state)
{
    static struct fixture f;
    struct names *names;
    struct hubs *hubs;
    const struct hubs_config config = {64, 64};
    struct link_context ctx;
    struct group_counts counts;
    uint64_t id;

    (void)state;
    open(&f);
    assert_int_equal(names_new(4096, &names), 0);
    assert_int_equal(hubs_new(&config, names, &hubs), 0);
    ctx = (struct link_context){f.account, hubs, ACCOUNTS, 0};
    assert_true(groups_link(f.groups, 0, 1, TIE));
    id = groups_get(f.groups, f.account[0].cluster)->id;
    groups_rebuild(f.groups, &ctx); /* the accounts share nothing at all */
    assert_int_equal(f.account[0].cluster, ACCOUNT_NONE);
    assert_int_equal(f.account[1].cluster, ACCOUNT_NONE);
    assert_true(groups_link(f.groups, 0, 1, TIE));
    assert_true(groups_get(f.groups, f.account[0].cluster)->id > id); /* ids are never reused */
    groups_counts(f.groups, &counts);
    assert_int_equal(counts.linked, 2);
    hubs_free(hubs);
    names_free(names);
    groups_free(f.groups);
}

static void activity_keeps_the_newest_hours(void **state)
{
    static struct fixture f;
    const struct group *group;

    (void)state;
    open(&f);
    assert_true(groups_link(f.groups, 0, 1, TIE));
    group = groups_get(f.groups, f.account[0].cluster);
    groups_exchange(f.groups, f.account[0].cluster, 5 * MSEC_HOUR + 1, 0, 0);
    groups_exchange(f.groups, f.account[0].cluster, 7 * MSEC_HOUR, 0, 0);
    assert_int_equal(group->activity_hours, 3);
    assert_int_equal(group->activity[0], 1);
    assert_int_equal(group->activity[1], 0);
    assert_int_equal(group->activity[2], 1);
    groups_exchange(f.groups, f.account[0].cluster, (ACTIVITY_HOURS + 6) * MSEC_HOUR, 0, 0);
    assert_int_equal(group->activity_hours, ACTIVITY_HOURS);
    assert_int_equal(group->activity_from, 7 * MSEC_HOUR);
    assert_int_equal(group->activity[0], 1);
    assert_int_equal(group->activity[ACTIVITY_HOURS - 1], 1);
    groups_free(f.groups);
}

/* Groups and what accounts share. */
struct sharing {
    struct fixture f;
    struct names *names;
    struct hubs *hubs;
    struct link_context ctx;
};

static void share_open(struct sharing *s)
{
    const struct hubs_config config = {64, 64};

    open(&s->f);
    assert_int_equal(names_new(4096, &s->names), 0);
    assert_int_equal(hubs_new(&config, s->names, &s->hubs), 0);
    /* A million accounts, so that what a few share is rare. */
    s->ctx = (struct link_context){s->f.account, s->hubs, 1000000, 0, 0xffff, 0};
}

static void share_close(struct sharing *s)
{
    hubs_free(s->hubs);
    names_free(s->names);
    groups_free(s->f.groups);
}

static bool nobody(const void *ctx, uint32_t index)
{
    (void)ctx;
    (void)index;
    return false;
}

/* The account shows a card and a device: two who show the same ones are linked. */
static void show_pair(struct sharing *s, uint32_t account, uint64_t hash)
{
    static const unsigned kind[] = {ATTRIBUTE_payment, ATTRIBUTE_device};

    for (unsigned i = 0; i < 2; i++)
        if (account_value(&s->f.account[account], kind[i], mix64(hash)))
            (void)hubs_observe(s->hubs, value_pack(kind[i], mix64(hash)), STR(""), account, false,
                               nobody, NULL, 0);
}

/* Accounts from..from + 6 share a card and a device and have all the links they can keep. */
enum { CLIQUE = ACCOUNT_LINKS + 1 };

static void clique(struct sharing *s, uint32_t from)
{
    for (uint32_t i = 0; i < CLIQUE; i++)
        show_pair(s, from + i, from + 1);
    for (uint32_t i = 0; i < CLIQUE; i++)
        for (uint32_t j = 0; j < i; j++)
            assert_true(groups_link(s->f.groups, from + i, from + j, TIE));
    for (uint32_t i = 0; i < CLIQUE; i++)
        assert_int_equal(s->f.account[from + i].link_count, ACCOUNT_LINKS);
}

static void links_that_hold_survive_a_rebuild(void **state)
{
    static struct sharing s;
    uint64_t id;

    (void)state;
    share_open(&s);
    clique(&s, 0);
    id = groups_get(s.f.groups, s.f.account[0].cluster)->id;
    groups_rebuild(s.f.groups, &s.ctx);
    for (uint32_t i = 0; i < CLIQUE; i++)
        assert_int_equal(groups_get(s.f.groups, s.f.account[i].cluster)->id, id);
    share_close(&s);
}

static void a_bridge_survives_a_rebuild_although_both_ends_had_all_their_links(void **state)
{
    static struct sharing s;
    const struct group *group;

    (void)state;
    share_open(&s);
    clique(&s, 0);
    clique(&s, 10);
    assert_int_not_equal(s.f.account[0].cluster, s.f.account[10].cluster);
    show_pair(&s, 3, 999);
    show_pair(&s, 13, 999);
    assert_true(groups_link(s.f.groups, 3, 13, TIE));
    for (unsigned round = 0; round < 3; round++) {
        groups_rebuild(s.f.groups, &s.ctx);
        group = groups_get(s.f.groups, s.f.account[0].cluster);
        assert_int_equal(group->member_count, 2 * CLIQUE);
        assert_int_equal(s.f.account[15].cluster, s.f.account[0].cluster);
    }
    share_close(&s);
}

static void an_adopted_account_is_a_member_until_the_next_rebuild(void **state)
{
    static struct sharing s;
    const struct group *group;

    (void)state;
    share_open(&s);
    clique(&s, 0);
    groups_adopt(s.f.groups, 20, 3);
    group = groups_get(s.f.groups, s.f.account[3].cluster);
    assert_int_equal(s.f.account[20].cluster, s.f.account[3].cluster);
    assert_int_equal(s.f.account[20].adopted, 1);
    assert_int_equal(s.f.account[3].adopted, 0);
    assert_int_equal(s.f.account[3].link_count, ACCOUNT_LINKS); /* the member's links are its own */
    assert_int_equal(group->member_count, CLIQUE + 1);
    groups_rebuild(s.f.groups, &s.ctx);
    assert_int_equal(s.f.account[20].cluster, ACCOUNT_NONE);
    assert_int_equal(s.f.account[20].adopted, 0);
    assert_int_equal(s.f.account[20].link_count, 0);
    assert_int_equal(group->member_count, CLIQUE);
    share_close(&s);
}

static void an_adopted_account_whose_link_holds_by_now_stays(void **state)
{
    static struct sharing s;

    (void)state;
    share_open(&s);
    clique(&s, 0);
    groups_adopt(s.f.groups, 20, 3);
    show_pair(&s, 20, 1); /* what the members show */
    groups_rebuild(s.f.groups, &s.ctx);
    assert_int_equal(s.f.account[20].cluster, s.f.account[3].cluster);
    assert_int_equal(s.f.account[20].adopted, 0); /* a member like the others */
    share_close(&s);
}

static void a_full_table_still_adopts_into_the_groups_it_has(void **state)
{
    static struct fixture f;

    (void)state;
    open(&f);
    groups_free(f.groups);
    assert_int_equal(groups_new(1, ACCOUNTS, f.account, &f.groups), 0);
    assert_true(groups_link(f.groups, 0, 1, TIE));
    groups_adopt(f.groups, 2, 1);
    assert_int_equal(f.account[2].cluster, f.account[1].cluster);
    groups_adopt(f.groups, 3, 4); /* the member is in no group, and there is no room for one */
    assert_int_equal(f.account[3].cluster, ACCOUNT_NONE);
    assert_int_equal(f.account[3].adopted, 0);
    groups_free(f.groups);
}

/* A content link that is weak beside the others of one end is kept in mind, but joins nothing. */
static void a_weak_link_by_content_joins_nothing(void **state)
{
    static struct fixture f;

    (void)state;
    open(&f);
    assert_true(groups_link(f.groups, 0, 1, ((struct tie){40.0f, false})));
    assert_true(groups_link(f.groups, 2, 3, ((struct tie){40.0f, false})));
    assert_true(groups_link(f.groups, 1, 2, ((struct tie){19.0f, false})));
    assert_int_not_equal(f.account[0].cluster, f.account[2].cluster);
    assert_true(groups_link(f.groups, 4, 1, ((struct tie){12.0f, false})));
    assert_int_equal(f.account[4].cluster, ACCOUNT_NONE);
    assert_true(groups_link(f.groups, 1, 2, ((struct tie){20.0f, false})));
    assert_int_equal(f.account[0].cluster, f.account[2].cluster);
    assert_true(groups_link(f.groups, 4, 1, ((struct tie){12.0f, true}))); /* by two families */
    assert_int_equal(f.account[4].cluster, f.account[1].cluster);
    groups_free(f.groups);
}

static void an_account_keeps_its_strongest_links(void **state)
{
    static struct fixture f;
    float weakest = 100.0f;

    (void)state;
    open(&f);
    for (uint32_t i = 1; i <= 2 * ACCOUNT_LINKS; i++) {
        struct tie tie = {20.0f + (float)(i * 7 % 12), false};

        assert_true(groups_link(f.groups, 30, 30 + i, TIE)); /* one group beforehand */
        assert_true(groups_link(f.groups, 0, 30 + i, tie));
    }
    for (unsigned i = 0; i < ACCOUNT_LINKS; i++)
        weakest = fminf(weakest, f.account[0].link_strength[i]);
    assert_int_equal(f.account[0].link_count, ACCOUNT_LINKS);
    assert_true(weakest >= 20.0f + 6.0f);
    groups_free(f.groups);
}

/* Two cliques that one pair of members holds together, alarmed and raised as one group. */
static uint32_t two_cliques(struct sharing *s)
{
    struct group *group;
    uint32_t slot;

    share_open(s);
    clique(s, 0);
    clique(s, 10);
    groups_set_time(s->f.groups, 5 * MSEC_HOUR);
    assert_true(groups_link(s->f.groups, 3, 13, TIE)); /* they share nothing: it will not hold */
    slot = s->f.account[0].cluster;
    group = groups_get(s->f.groups, slot);
    assert_int_equal(group->member_count, 2 * CLIQUE);
    for (unsigned i = 0; i < 8; i++)
        groups_exchange(s->f.groups, slot, 6 * MSEC_HOUR, 0, 0);
    for (uint32_t i = 0; i < CLIQUE; i++) {
        s->f.account[i].exchanges = 30;
        s->f.account[10 + i].exchanges = 10;
    }
    group->exchanges = 40 * CLIQUE;
    group->alert_ts = 6 * MSEC_HOUR;
    group->level_raised = LEVEL_ACT;
    groups_set_time(s->f.groups, 7 * MSEC_HOUR);
    return slot;
}

static void a_part_that_splits_off_keeps_the_alarm_when_most_of_it_was_alarmed(void **state)
{
    (void)state;
    for (uint32_t alarmed = 3; alarmed <= 4; alarmed++) { /* of seven */
        static struct sharing s;
        const struct group *whole, *part;
        uint32_t slot = two_cliques(&s), other;
        struct group_counts counts;

        for (uint32_t i = 0; i < alarmed; i++)
            s.f.account[i].alert_ts = s.f.account[10 + i].alert_ts = 6 * MSEC_HOUR;
        groups_rebuild(s.f.groups, &s.ctx);
        other = s.f.account[0].cluster == slot ? 10 : 0;
        whole = groups_get(s.f.groups, slot);
        part = groups_get(s.f.groups, s.f.account[other].cluster);
        assert_ptr_not_equal(whole, part);
        assert_int_equal(part->past_count, 1);
        assert_true(part->past[0].split);
        assert_int_equal(part->past[0].other, whole->id);
        assert_int_equal(part->past[0].ts, 7 * MSEC_HOUR);
        assert_int_equal(part->alert_ts, alarmed == 4 ? 6 * MSEC_HOUR : INT64_MIN);
        assert_int_equal(part->level_raised, alarmed == 4 ? LEVEL_ACT : LEVEL_NONE);
        assert_int_equal(whole->alert_ts, 6 * MSEC_HOUR);
        assert_int_equal(part->activity_from, 6 * MSEC_HOUR); /* its share, by its exchanges */
        assert_int_equal(part->activity[0], other == 10 ? 2 : 6);
        assert_int_equal(part->activity[0] + whole->activity[0], 8);
        groups_counts(s.f.groups, &counts);
        assert_int_equal(counts.split, 1);
        share_close(&s);
    }
}

static void a_group_that_is_taken_up_at_a_rebuild_brings_its_history(void **state)
{
    static struct sharing s;
    const struct group *group;
    uint64_t old;

    (void)state;
    share_open(&s);
    clique(&s, 0);
    for (uint32_t i = 10; i < 16; i++) /* six, who show the same as the seven but were not linked */
        show_pair(&s, i, 1);
    for (uint32_t i = 11; i < 16; i++)
        assert_true(groups_link(s.f.groups, i - 1, i, TIE));
    old = groups_get(s.f.groups, s.f.account[10].cluster)->id;
    groups_get(s.f.groups, s.f.account[10].cluster)->alert_ts = MSEC_HOUR;
    groups_get(s.f.groups, s.f.account[10].cluster)->level_raised = LEVEL_REVIEW;
    s.f.account[10].link[s.f.account[10].link_count] = 0; /* a link that joined nothing by then */
    s.f.account[10].link_strength[s.f.account[10].link_count++] = 12.0f;
    groups_set_time(s.f.groups, 9 * MSEC_HOUR);
    groups_rebuild(s.f.groups, &s.ctx);
    group = groups_get(s.f.groups, s.f.account[0].cluster);
    assert_int_equal(group->member_count, CLIQUE + 6);
    assert_int_equal(group->alert_ts, MSEC_HOUR);
    assert_int_equal(group->level_raised, LEVEL_REVIEW);
    assert_int_equal(group->past_count, 1);
    assert_false(group->past[0].split);
    assert_int_equal(group->past[0].other, old);
    share_close(&s);
}

static void the_past_keeps_the_last_few(void **state)
{
    static struct sharing s;
    const struct group *group;
    uint64_t id[CLUSTER_PAST_MAX + 2];

    (void)state;
    share_open(&s);
    clique(&s, 0);
    for (uint32_t i = 0; i < CLUSTER_PAST_MAX + 2; i++) {
        uint32_t pair = 10 + 2 * i;

        assert_true(groups_link(s.f.groups, pair, pair + 1, TIE));
        id[i] = groups_get(s.f.groups, s.f.account[pair].cluster)->id;
        groups_get(s.f.groups, s.f.account[pair].cluster)->alert_ts = 1; /* worth telling */
        assert_true(groups_link(s.f.groups, 0, pair, TIE));
    }
    assert_true(groups_link(s.f.groups, 40, 41, TIE));
    assert_true(groups_link(s.f.groups, 0, 40, TIE)); /* a pair that nobody heard of is not told */
    group = groups_get(s.f.groups, s.f.account[0].cluster);
    assert_int_equal(group->past_count, CLUSTER_PAST_MAX);
    for (uint32_t i = 0; i < CLUSTER_PAST_MAX; i++)
        assert_int_equal(group->past[i].other, id[i + 2]);
    share_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_are_the_connected_components),
        cmocka_unit_test(a_merged_group_keeps_the_larger_ones_id),
        cmocka_unit_test(a_full_table_refuses_and_counts),
        cmocka_unit_test(a_forgotten_account_leaves_its_group),
        cmocka_unit_test(links_that_no_longer_hold_split_a_group),
        cmocka_unit_test(activity_keeps_the_newest_hours),
        cmocka_unit_test(links_that_hold_survive_a_rebuild),
        cmocka_unit_test(a_bridge_survives_a_rebuild_although_both_ends_had_all_their_links),
        cmocka_unit_test(an_adopted_account_is_a_member_until_the_next_rebuild),
        cmocka_unit_test(an_adopted_account_whose_link_holds_by_now_stays),
        cmocka_unit_test(a_part_that_splits_off_keeps_the_alarm_when_most_of_it_was_alarmed),
        cmocka_unit_test(a_group_that_is_taken_up_at_a_rebuild_brings_its_history),
        cmocka_unit_test(the_past_keeps_the_last_few),
        cmocka_unit_test(a_weak_link_by_content_joins_nothing),
        cmocka_unit_test(an_account_keeps_its_strongest_links),
        cmocka_unit_test(a_full_table_still_adopts_into_the_groups_it_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
