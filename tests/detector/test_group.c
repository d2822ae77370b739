#include "base/rng.h"
#include "detector/group.h"
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>

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
            assert_true(groups_link(f.groups, a, b));
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
    assert_true(groups_link(f.groups, 0, 1));
    assert_true(groups_link(f.groups, 2, 3));
    assert_true(groups_link(f.groups, 3, 4));
    large = groups_get(f.groups, f.account[2].cluster)->id;
    assert_true(groups_link(f.groups, 1, 2));
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
    assert_true(groups_link(f.groups, 0, 1));
    assert_true(groups_link(f.groups, 2, 3));
    assert_false(groups_link(f.groups, 4, 5));
    groups_counts(f.groups, &counts);
    assert_int_equal(counts.refused, 1);
    groups_free(f.groups);
}

static void a_forgotten_account_leaves_its_group(void **state)
{
    static struct fixture f;

    (void)state;
    open(&f);
    assert_true(groups_link(f.groups, 0, 1));
    assert_true(groups_link(f.groups, 1, 2));
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
    assert_true(groups_link(f.groups, 0, 1));
    id = groups_get(f.groups, f.account[0].cluster)->id;
    groups_rebuild(f.groups, &ctx); /* the accounts share nothing at all */
    assert_int_equal(f.account[0].cluster, ACCOUNT_NONE);
    assert_int_equal(f.account[1].cluster, ACCOUNT_NONE);
    assert_true(groups_link(f.groups, 0, 1));
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
    assert_true(groups_link(f.groups, 0, 1));
    group = groups_get(f.groups, f.account[0].cluster);
    groups_exchange(f.groups, f.account[0].cluster, 5 * MSEC_HOUR + 1, 0);
    groups_exchange(f.groups, f.account[0].cluster, 7 * MSEC_HOUR, 0);
    assert_int_equal(group->activity_hours, 3);
    assert_int_equal(group->activity[0], 1);
    assert_int_equal(group->activity[1], 0);
    assert_int_equal(group->activity[2], 1);
    groups_exchange(f.groups, f.account[0].cluster, (ACTIVITY_HOURS + 6) * MSEC_HOUR, 0);
    assert_int_equal(group->activity_hours, ACTIVITY_HOURS);
    assert_int_equal(group->activity_from, 7 * MSEC_HOUR);
    assert_int_equal(group->activity[0], 1);
    assert_int_equal(group->activity[ACTIVITY_HOURS - 1], 1);
    groups_free(f.groups);
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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
