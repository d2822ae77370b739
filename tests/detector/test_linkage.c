#include "base/rng.h"
#include "detector/content.h"
#include "detector/linkage.h"
#include "tests/support.h"

#include <math.h>

/* 1,000 trusted accounts (0..999) and 20 others (1000..1019). */
enum { TRUSTED = 1000, OTHERS = 20, ALL = TRUSTED + OTHERS };

struct fixture {
    struct account account[ALL];
    struct names *names;
    struct hubs *hubs;
    struct link_context ctx;
};

static bool trusted(const void *ctx, uint32_t index)
{
    (void)ctx;
    return index < TRUSTED;
}

static void open(struct fixture *f)
{
    const struct hubs_config config = {4096, 4096};

    for (uint32_t i = 0; i < ALL; i++)
        account_init(&f->account[i], i + 1, 0);
    assert_int_equal(names_new(65536, &f->names), 0);
    assert_int_equal(hubs_new(&config, f->names, &f->hubs), 0);
    f->ctx = (struct link_context){f->account, f->hubs, ALL, TRUSTED, 0xffff, 0};
}

static void close(struct fixture *f)
{
    hubs_free(f->hubs);
    names_free(f->names);
}

static void show(struct fixture *f, uint32_t account, unsigned kind, uint64_t hash)
{
    if (account_value(&f->account[account], kind, hash))
        (void)hubs_observe(f->hubs, value_pack(kind, hash), STR("v"), account,
                           trusted(NULL, account), trusted, NULL, 0);
}

static void show_item(struct fixture *f, uint32_t account, uint32_t item)
{
    struct account *a = &f->account[account];
    unsigned i = 0;

    while (a->item_count[i])
        i++;
    a->item[i] = item;
    a->item_count[i] = 2; /* anything but 0: known */
    (void)hubs_observe(f->hubs, value_pack(LINK_ITEM, item_hash(item)), STR(""), account,
                       trusted(NULL, account), trusted, NULL, 0);
}

static void a_value_weighs_by_its_rarity_among_trusted_accounts(void **state)
{
    static struct fixture f;
    const struct hub *hub;

    (void)state;
    open(&f);
    for (uint32_t i = TRUSTED; i < ALL; i++)
        show(&f, i, ATTRIBUTE_email_domain, mix64(1));
    hub = hubs_find(f.hubs, value_pack(ATTRIBUTE_email_domain, mix64(1)));
    assert_near(linkage_weight(&f.ctx, hub), 4.0, 1e-9); /* ln(0.2 * 1001 / 0.5) = 6, capped */
    for (uint32_t i = 0; i < 99; i++)
        show(&f, i, ATTRIBUTE_email_domain, mix64(1));
    assert_near(linkage_weight(&f.ctx, hub), log(0.2 * 1001 / 99.5), 1e-9);
    for (uint32_t i = 99; i < 500; i++)
        show(&f, i, ATTRIBUTE_email_domain, mix64(1));
    assert_near(linkage_weight(&f.ctx, hub), 0.0, 0.0); /* a common provider */
    close(&f);
}

static void one_family_alone_links_nobody_two_do(void **state)
{
    static struct fixture f;
    struct link_evidence evidence;

    (void)state;
    open(&f);
    show(&f, 1000, ATTRIBUTE_payment, mix64(2));
    show(&f, 1001, ATTRIBUTE_payment, mix64(2));
    assert_false(linkage_judge(&f.ctx, 1000, 1001, &evidence));
    show(&f, 1000, ATTRIBUTE_ip, mix64(3));
    show(&f, 1001, ATTRIBUTE_ip, mix64(3)); /* an address supports but does not count */
    assert_false(linkage_judge(&f.ctx, 1000, 1001, &evidence));
    show(&f, 1000, ATTRIBUTE_device, mix64(4));
    show(&f, 1001, ATTRIBUTE_device, mix64(4));
    assert_true(linkage_judge(&f.ctx, 1000, 1001, &evidence));
    assert_int_equal(evidence.independent, 2);
    f.account[1000].org = f.account[1001].org = 77;
    assert_false(linkage_judge(&f.ctx, 1000, 1001, &evidence)); /* declared */
    close(&f);
}

static void a_template_of_new_accounts_links_and_a_popular_one_does_not(void **state)
{
    static struct fixture f;
    struct link_evidence evidence;

    (void)state;
    open(&f);
    for (uint32_t i = TRUSTED; i < ALL; i++)
        for (uint32_t item = 1; item <= 4; item++)
            show_item(&f, i, item);
    assert_true(linkage_judge(&f.ctx, 1000, 1001, &evidence));
    /* ln(0.2 * 1001 / 0.5) for the rarest, a third of it for each further one */
    assert_near(evidence.family[FAMILY_content], 2.0 * log(0.2 * 1001 / 0.5), 1e-9);
    for (uint32_t i = 0; i < 40; i++)
        for (uint32_t item = 1; item <= 4; item++)
            show_item(&f, i, item);
    assert_false(linkage_judge(&f.ctx, 1000, 1001, &evidence));
    close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_weighs_by_its_rarity_among_trusted_accounts),
        cmocka_unit_test(one_family_alone_links_nobody_two_do),
        cmocka_unit_test(a_template_of_new_accounts_links_and_a_popular_one_does_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
