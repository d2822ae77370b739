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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_second_account_makes_a_value_a_hub),
        cmocka_unit_test(a_roster_samples_a_large_hub_evenly),
        cmocka_unit_test(a_full_table_keeps_the_larger_hubs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
