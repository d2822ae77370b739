#include "base/rng.h"
#include "detector/component.h"
#include "tests/support.h"

#include <string.h>

enum { ACCOUNTS = 200 };

/* Two blocks of accounts, 0..59 and 100..159, each a ring of strong links. */
enum { BLOCK = 60, SECOND = 100 };

struct fixture {
    struct account account[ACCOUNTS];
    uint32_t index[ACCOUNTS];
    struct linked linked;
    struct names *names;
    struct hubs *hubs;
    struct link_context ctx;
    struct components *components;
};

static void link(struct fixture *f, uint32_t a, uint32_t b, float strength)
{
    struct account *account = &f->account[a];

    if (account->link_count == 0)
        f->index[f->linked.count++] = a;
    assert_true(account->link_count < ACCOUNT_LINKS);
    account->link_strength[account->link_count] = strength;
    account->link[account->link_count++] = b;
}

static void open(struct fixture *f)
{
    const struct hubs_config hubs = {256, 1024};

    memset(f, 0, sizeof *f);
    for (uint32_t i = 0; i < ACCOUNTS; i++)
        account_init(&f->account[i], i + 1, 0);
    assert_int_equal(names_new(4096, &f->names), 0);
    assert_int_equal(hubs_new(&hubs, f->names, &f->hubs), 0);
    assert_int_equal(components_new(ACCOUNTS, &f->components), 0);
    f->ctx = (struct link_context){f->account, f->hubs, 1000000, 0, 0xffff, 0};
    f->linked = (struct linked){f->account, f->index, 0};
    for (uint32_t i = 0; i < BLOCK; i++) {
        link(f, i, (i + 1) % BLOCK, 40.0f);
        link(f, SECOND + i, SECOND + (i + 1) % BLOCK, 40.0f);
    }
}

static void close(struct fixture *f)
{
    components_free(f->components);
    hubs_free(f->hubs);
    names_free(f->names);
}

/* Root of an account's component. */
static uint32_t root_of(const struct fixture *f, uint32_t count, uint32_t account)
{
    for (uint32_t i = 0; i < count; i++)
        if ((uint32_t)components_member(f->components, i) == account)
            return (uint32_t)(components_member(f->components, i) >> 32);
    fail();
    return 0;
}

static bool joined(struct fixture *f)
{
    uint32_t count = components_find(f->components, &f->linked, &f->ctx);

    for (uint32_t i = 1; i < BLOCK; i++)
        assert_int_equal(root_of(f, count, i), root_of(f, count, 0));
    return root_of(f, count, 0) == root_of(f, count, SECOND);
}

static void members_come_by_component_once_each(void **state)
{
    static struct fixture f;
    uint32_t count;

    (void)state;
    open(&f);
    link(&f, 190, 191, 12.0f); /* 191 has no link of its own */
    count = components_find(f.components, &f.linked, &f.ctx);
    assert_int_equal(count, 2 * BLOCK + 2);
    for (uint32_t i = 1; i < count; i++)
        assert_true(components_member(f.components, i - 1) < components_member(f.components, i));
    assert_int_equal(root_of(&f, count, SECOND + 5), SECOND);
    assert_int_equal(root_of(&f, count, 191), 190);
    assert_true(components_has(f.components, 191));
    assert_false(components_has(f.components, 192));
    close(&f);
}

static void one_link_does_not_join_two_large_parts(void **state)
{
    static struct fixture f;

    (void)state;
    open(&f);
    link(&f, 7, SECOND + 7, 39.0f);
    assert_false(joined(&f));
    close(&f);
}

static void links_of_half_of_the_smaller_part_do(void **state)
{
    static struct fixture f;

    (void)state;
    for (uint32_t links = 29; links <= 30; links++) {
        open(&f);
        for (uint32_t i = 0; i < links; i++)
            link(&f, 2 * i, SECOND + 2 * i, 20.0f);
        assert_int_equal(joined(&f), links == 30);
        close(&f);
    }
}

static void a_small_part_joins_by_one_link(void **state)
{
    static struct fixture f;
    uint32_t count;

    (void)state;
    open(&f);
    for (uint32_t i = 170; i < 180; i++)
        link(&f, i, i + 1, 30.0f);
    link(&f, 175, 3, 15.0f);
    count = components_find(f.components, &f.linked, &f.ctx);
    assert_int_equal(root_of(&f, count, 180), 0);
    close(&f);
}

static bool nobody(const void *ctx, uint32_t index)
{
    (void)ctx;
    (void)index;
    return false;
}

static void show(struct fixture *f, uint32_t account, unsigned kind, uint64_t hash)
{
    (void)hubs_observe(f->hubs, value_pack(kind, mix64(hash)), STR(""), account, false, nobody,
                       NULL, 0);
}

static void parts_that_draw_on_the_same_exits_and_cards_are_one(void **state)
{
    static struct fixture f;

    (void)state;
    for (unsigned common = 0; common < 2; common++) {
        open(&f);
        for (uint32_t i = 0; i < BLOCK; i++) {
            show(&f, i, ATTRIBUTE_ip, i % 6);
            show(&f, i, ATTRIBUTE_payment, 100 + i % 10);
            show(&f, SECOND + i, ATTRIBUTE_ip, (common ? 0 : 200) + i % 6);
            show(&f, SECOND + i, ATTRIBUTE_payment, (common ? 100 : 300) + i % 10);
        }
        assert_int_equal(joined(&f), common);
        close(&f);
    }
}

static void sign_up_addresses_are_no_pool(void **state)
{
    static struct fixture f;

    (void)state;
    open(&f);
    for (uint32_t i = 0; i < BLOCK; i++) {
        show(&f, i, ATTRIBUTE_signup_ip, i % 6);
        show(&f, SECOND + i, ATTRIBUTE_signup_ip, i % 6);
    }
    assert_false(joined(&f));
    close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_come_by_component_once_each),
        cmocka_unit_test(one_link_does_not_join_two_large_parts),
        cmocka_unit_test(links_of_half_of_the_smaller_part_do),
        cmocka_unit_test(a_small_part_joins_by_one_link),
        cmocka_unit_test(parts_that_draw_on_the_same_exits_and_cards_are_one),
        cmocka_unit_test(sign_up_addresses_are_no_pool),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
