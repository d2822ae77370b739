#include "base/rng.h"
#include "detector/hub.h"
#include "tests/support.h"

struct fixture {
    struct names *names;
    struct hubs *hubs;
};

static void open(struct fixture *f, uint32_t hubs_max)
{
    const struct hubs_config config = {hubs_max, 4096};

    assert_int_equal(names_new(65536, &f->names), 0);
    assert_int_equal(hubs_new(&config, f->names, &f->hubs), 0);
}

static void close(struct fixture *f)
{
    hubs_free(f->hubs);
    names_free(f->names);
}

/* Even accounts are trusted. */
static bool even(const void *ctx, uint32_t index)
{
    (void)ctx;
    return index % 2 == 0;
}

static uint32_t see(struct fixture *f, uint64_t value, uint32_t account)
{
    return hubs_observe(f->hubs, value, STR("v"), account, even(NULL, account), even, NULL, 1);
}

static void the_second_account_makes_a_value_a_hub(void **state)
{
    struct fixture f;
    uint64_t value = mix64(5);
    const struct hub *hub;

    (void)state;
    open(&f, 64);
    assert_int_equal(see(&f, value, 1), HUB_NONE);
    assert_int_equal(see(&f, value, 1), HUB_NONE); /* the same account is no second one */
    assert_int_not_equal(see(&f, value, 2), HUB_NONE);
    hub = hubs_find(f.hubs, value);
    assert_int_equal(hub->accounts, 2);
    assert_int_equal(hub->trusted, 1);
    assert_int_equal(hub->roster[0], 1);
    assert_int_equal(hub->roster[1], 2);
    assert_true(str_eq(names_get(f.names, hub->name), STR("v")));
    close(&f);
}

static void a_roster_samples_a_large_hub_evenly(void **state)
{
    struct fixture f;
    unsigned late = 0;

    (void)state;
    open(&f, 512);
    for (uint64_t v = 0; v < 200; v++) {
        const struct hub *hub;

        for (uint32_t account = 0; account < 160; account++)
            (void)see(&f, mix64(v), account);
        hub = hubs_find(f.hubs, mix64(v));
        for (unsigned i = 0; i < HUB_ROSTER; i++)
            late += hub->roster[i] >= 80;
    }
    /* 6,400 places, half of them expected: within five standard deviations. */
    assert_in_range(late, 3200 - 200, 3200 + 200);
    close(&f);
}

static void a_full_table_keeps_the_larger_hubs(void **state)
{
    struct fixture f;
    struct hub_counts counts;

    (void)state;
    open(&f, 32);
    for (uint32_t account = 0; account < 50; account++)
        (void)see(&f, mix64(999), account);
    for (uint64_t v = 0; v < 500; v++) {
        (void)see(&f, mix64(v), 1);
        (void)see(&f, mix64(v), 2);
    }
    hubs_counts(f.hubs, &counts);
    assert_int_equal(counts.fill, 32);
    assert_int_equal(counts.evicted, 501 - 32);
    assert_non_null(hubs_find(f.hubs, mix64(999)));
    close(&f);
}

static void a_value_counted_elsewhere_is_a_hub_at_once(void **state)
{
    struct fixture f;
    const struct hub *hub;
    uint32_t i;

    (void)state;
    open(&f, 64);
    i = hubs_observe_counted(f.hubs, mix64(5), 7, 9, 3, 1, 4);
    hub = hubs_get(f.hubs, i);
    assert_ptr_equal(hub, hubs_find(f.hubs, mix64(5)));
    assert_int_equal(hubs_index(f.hubs, mix64(5)), i);
    assert_int_equal(hubs_index(f.hubs, mix64(6)), HUB_NONE);
    assert_int_equal(hub->accounts, 3); /* as told, not as many as the roster */
    assert_int_equal(hub->trusted, 1);
    assert_int_equal(hub->roster_seen, 2);
    assert_int_equal(hub->roster[0], 7);
    assert_int_equal(hub->roster[1], 9);
    assert_int_equal(hub->touched, 4);
    i = hubs_observe_counted(f.hubs, mix64(6), 9, 9, 1, 0, 4); /* the first one itself */
    assert_int_equal(hubs_get(f.hubs, i)->roster_seen, 1);
    close(&f);
}

static void a_repeated_account_is_in_the_roster_once(void **state)
{
    struct fixture f;
    const struct hub *hub;
    uint32_t i = 0;

    (void)state;
    open(&f, 64);
    for (unsigned again = 0; again < 100; again++)
        i = hubs_observe_counted(f.hubs, mix64(5), 7, 9, 3 + again, 0, again);
    hub = hubs_get(f.hubs, i);
    assert_int_equal(hub->roster_seen, 2);
    assert_int_equal(hub->accounts, 102); /* the newest count holds */
    for (uint32_t account = 100; account < 100 + HUB_ROSTER - 2; account++)
        for (unsigned again = 0; again < 3; again++)
            (void)hubs_observe_counted(f.hubs, mix64(5), 7, account, 50, 0, 1);
    assert_int_equal(hub->roster_seen, HUB_ROSTER);
    for (uint32_t a = 0; a < HUB_ROSTER; a++)
        for (uint32_t b = 0; b < a; b++)
            assert_int_not_equal(hub->roster[a], hub->roster[b]);
    close(&f);
}

static void evenness_is_kept_with_the_roster_it_was_reckoned_for(void **state)
{
    struct fixture f;
    uint32_t i;

    (void)state;
    open(&f, 64);
    i = hubs_observe_counted(f.hubs, mix64(5), 7, 9, 3, 0, 1);
    assert_int_equal(hubs_get(f.hubs, i)->even_at, 0);
    hubs_set_even(f.hubs, i, 13.0f, 0.0f);
    (void)hubs_observe_counted(f.hubs, mix64(5), 7, 10, 4, 0, 1);
    assert_near(hubs_get(f.hubs, i)->even, 13.0, 0.0);
    assert_int_equal(hubs_get(f.hubs, i)->even_at, 2);
    close(&f);
}

static void trust_can_be_counted_anew(void **state)
{
    struct fixture f;

    (void)state;
    open(&f, 64);
    hubs_forget_trust(f.hubs); /* an empty table has nothing to forget */
    for (uint32_t account = 0; account < 6; account++) {
        (void)see(&f, mix64(5), account);
        (void)see(&f, mix64(6), account);
    }
    assert_int_equal(hubs_find(f.hubs, mix64(5))->trusted, 3);
    hubs_forget_trust(f.hubs);
    assert_int_equal(hubs_find(f.hubs, mix64(5))->trusted, 0);
    assert_int_equal(hubs_find(f.hubs, mix64(6))->trusted, 0);
    hubs_trust(f.hubs, mix64(5));
    hubs_trust(f.hubs, mix64(5));
    hubs_trust(f.hubs, mix64(77)); /* no hub: nothing to count */
    assert_int_equal(hubs_find(f.hubs, mix64(5))->trusted, 2);
    assert_int_equal(hubs_find(f.hubs, mix64(5))->accounts, 6);
    assert_int_equal(hubs_find(f.hubs, mix64(6))->trusted, 0);
    close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_second_account_makes_a_value_a_hub),
        cmocka_unit_test(a_roster_samples_a_large_hub_evenly),
        cmocka_unit_test(a_full_table_keeps_the_larger_hubs),
        cmocka_unit_test(a_value_counted_elsewhere_is_a_hub_at_once),
        cmocka_unit_test(a_repeated_account_is_in_the_roster_once),
        cmocka_unit_test(evenness_is_kept_with_the_roster_it_was_reckoned_for),
        cmocka_unit_test(trust_can_be_counted_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
