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

static void a_family_left_out_carries_no_link(void **state)
{
    static struct fixture f;
    struct link_evidence evidence;

    (void)state;
    open(&f);
    for (uint32_t i = 1000; i < 1002; i++) {
        show(&f, i, ATTRIBUTE_payment, mix64(2));
        show(&f, i, ATTRIBUTE_device, mix64(4));
    }
    assert_true(linkage_judge(&f.ctx, 1000, 1001, &evidence));
    f.ctx.families &= ~(1u << FAMILY_client);
    assert_false(linkage_judge(&f.ctx, 1000, 1001, &evidence));
    assert_near(evidence.family[FAMILY_client], 0.0, 0.0);
    close(&f);
}

static void accounts_that_share_nothing_or_are_forgotten_are_not_linked(void **state)
{
    static struct fixture f;
    struct link_evidence evidence;

    (void)state;
    open(&f);
    assert_false(linkage_judge(&f.ctx, 1000, 1001, &evidence));
    assert_int_equal(evidence.value_count, 0);
    for (uint32_t i = 1000; i < 1002; i++) {
        show(&f, i, ATTRIBUTE_payment, mix64(2));
        show(&f, i, ATTRIBUTE_device, mix64(4));
    }
    assert_false(linkage_judge(&f.ctx, 1000, 1000, &evidence)); /* itself */
    f.account[1001].id = 0;
    assert_false(linkage_judge(&f.ctx, 1000, 1001, &evidence));
    close(&f);
}

static bool enriched(uint32_t accounts, uint32_t trusted, double others, double old)
{
    const struct link_context ctx = {.account_count = accounts, .trusted_count = trusted};

    return linkage_enriched(&ctx, others + old, old);
}

static void newcomers_brought_what_hardly_any_trusted_account_uses(void **state)
{
    (void)state;
    assert_false(enriched(1000, 980, 0, 0));
    assert_false(enriched(1000, 980, 2, 0)); /* three at least */
    assert_true(enriched(1000, 980, 3, 0));
    assert_true(enriched(1000, 980, 3, 1)); /* a quarter, where 98 % are trusted */
    assert_false(enriched(1000, 980, 4, 2));
    assert_false(enriched(1000, 500, 50, 10)); /* a sixth of half */
    assert_true(enriched(1000, 500, 51, 10));
    /* 5 nats: ln(0.9 / 0.7) each where 30 % are trusted */
    assert_false(enriched(1000, 300, 19, 0));
    assert_true(enriched(1000, 300, 20, 0));
}

static void among_newcomers_alone_no_trusted_account_may_use_it(void **state)
{
    (void)state;
    assert_false(enriched(1000, 199, 100, 0));  /* too few trusted ones to tell who is new */
    assert_true(enriched(10000, 1000, 100, 0)); /* nine of ten are not trusted */
    assert_false(enriched(10000, 1000, 100, 1));
    assert_true(enriched(10000, 1100, 900, 1));
}

/* Accounts 0..19 are trusted and use the items 1..6; `even` nats are known of each. */
static void use_evenly(struct fixture *f, float even)
{
    f->ctx.trusted_before = 1000;
    for (uint32_t i = 0; i < 20; i++)
        f->account[i].created = 1;
    for (uint32_t i = 0; i < 20; i++)
        for (uint32_t item = 1; item <= 6; item++)
            show_item(f, i, item);
    for (uint32_t item = 1; item <= 6; item++)
        hubs_set_even(f->hubs, hubs_index(f->hubs, value_pack(LINK_ITEM, item_hash(item))), even,
                      0.0f);
}

static void an_even_template_links_trusted_accounts_and_no_others(void **state)
{
    static struct fixture f;
    struct link_evidence evidence;

    (void)state;
    open(&f);
    use_evenly(&f, 24.0f);
    assert_true(linkage_judge(&f.ctx, 0, 1, &evidence));
    assert_near(evidence.family[FAMILY_content], 12.0, 1e-9); /* capped */
    f.account[1].created = 0;
    assert_false(linkage_judge(&f.ctx, 0, 1, &evidence));
    close(&f);
}

static void evenness_counts_from_twelve_nats_on(void **state)
{
    static struct fixture f;
    const struct hub *hub;

    (void)state;
    open(&f);
    use_evenly(&f, 11.9f);
    hub = hubs_find(f.hubs, value_pack(LINK_ITEM, item_hash(1)));
    assert_false(linkage_even(hub));
    assert_near(linkage_weight(&f.ctx, hub), 0.0, 0.0);
    hubs_set_even(f.hubs, hubs_index(f.hubs, hub->value), 12.0f, 0.0f);
    assert_true(linkage_even(hub));
    assert_near(linkage_weight(&f.ctx, hub), 3.6, 1e-6);
    hubs_set_even(f.hubs, hubs_index(f.hubs, hub->value), 24.0f, 0.0f);
    assert_near(linkage_weight(&f.ctx, hub), 6.0, 1e-6);
    close(&f);
}

/* Accounts from..to-1 send the reasoning block. */
static const struct hub *send_block(struct fixture *f, uint64_t hash, uint32_t from, uint32_t to)
{
    uint64_t value = value_pack(ATTRIBUTE_signature, hash);

    for (uint32_t i = from; i < to; i++) {
        account_hold_block(&f->account[i], value);
        (void)hubs_observe(f->hubs, value, STR("block"), i, trusted(NULL, i), trusted, NULL, 0);
    }
    return hubs_find(f->hubs, value);
}

static void one_reused_block_links_and_is_not_firm(void **state)
{
    static struct fixture f;
    struct link_evidence evidence;

    (void)state;
    open(&f);
    (void)send_block(&f, mix64(1), 1000, 1002);
    assert_true(linkage_judge(&f.ctx, 1000, 1001, &evidence));
    assert_near(evidence.family[FAMILY_reuse], log(0.2 * 1001 / 0.5), 1e-9);
    assert_false(evidence.tie.firm);
    show(&f, 1000, ATTRIBUTE_device, mix64(4));
    show(&f, 1001, ATTRIBUTE_device, mix64(4));
    assert_true(linkage_judge(&f.ctx, 1000, 1001, &evidence));
    assert_true(evidence.tie.firm); /* by another family besides */
    f.account[1000].org = f.account[1001].org = 77;
    assert_false(linkage_judge(&f.ctx, 1000, 1001, &evidence)); /* declared */
    close(&f);
}

static void without_the_family_a_reused_block_links_nobody(void **state)
{
    static struct fixture f;
    struct link_evidence evidence;

    (void)state;
    open(&f);
    (void)send_block(&f, mix64(1), 1000, 1002);
    f.ctx.families &= ~(1u << FAMILY_reuse);
    assert_false(linkage_judge(&f.ctx, 1000, 1001, &evidence));
    close(&f);
}

static void a_block_that_a_trusted_account_sent_as_well_does_not_link_alone(void **state)
{
    static struct fixture f;
    struct link_evidence evidence;

    (void)state;
    open(&f);
    (void)send_block(&f, mix64(1), 999, 1002);
    assert_false(linkage_judge(&f.ctx, 1000, 1001, &evidence)); /* ln(0.2 * 1001 / 1.5) = 4.9 */
    for (uint32_t i = 1000; i < 1002; i++) {
        show(&f, i, ATTRIBUTE_payment, mix64(4));
        show(&f, i, ATTRIBUTE_device, mix64(5));
    }
    assert_true(linkage_judge(&f.ctx, 1000, 1001, &evidence));
    close(&f);
}

static void a_published_block_weighs_nothing_and_one_of_newcomers_does(void **state)
{
    static struct fixture f;
    struct link_evidence evidence;
    const struct hub *hub;

    (void)state;
    open(&f);
    hub = send_block(&f, mix64(1), TRUSTED - HUB_ROSTER + OTHERS, ALL); /* 12 of 32 are trusted */
    assert_true(linkage_few(hub));
    assert_true(linkage_weight(&f.ctx, hub) > 0.0);
    hub = send_block(&f, mix64(2), TRUSTED - HUB_ROSTER + OTHERS - 1, ALL);
    assert_false(linkage_few(hub));
    assert_near(linkage_weight(&f.ctx, hub), 0.0, 0.0);
    assert_false(linkage_judge(&f.ctx, 1000, 1001, &evidence));
    for (uint32_t i = 0; i < 2; i++)
        hub = send_block(&f, mix64(3), TRUSTED, ALL); /* sent anew, and counted anew */
    assert_false(linkage_few(hub));
    assert_true(linkage_weight(&f.ctx, hub) > 0.0);
    close(&f);
}

/* Evenness of `nats` nats of collectors is known of the items 1..`items`, which accounts 0..19 use;
 * half of these are trusted. */
static void use_as_collectors(struct fixture *f, uint32_t items, float nats)
{
    f->ctx.trusted_before = 1000;
    for (uint32_t i = 0; i < 10; i++)
        f->account[2 * i].created = 1;
    for (uint32_t i = 0; i < 20; i++)
        for (uint32_t item = 1; item <= items; item++)
            show_item(f, i, item);
    for (uint32_t item = 1; item <= items; item++)
        hubs_set_even(f->hubs, hubs_index(f->hubs, value_pack(LINK_ITEM, item_hash(item))), 0.0f,
                      nats);
}

static void three_phrases_of_collectors_link_accounts_of_any_age(void **state)
{
    static struct fixture f;
    struct link_evidence evidence;

    (void)state;
    open(&f);
    use_as_collectors(&f, 2, 24.0f);
    assert_false(linkage_judge(&f.ctx, 0, 1, &evidence));
    assert_near(evidence.family[FAMILY_content], 6.0 + 4.0, 1e-6);
    close(&f);
    open(&f);
    use_as_collectors(&f, 3, 15.9f);
    assert_false(linkage_judge(&f.ctx, 0, 1, &evidence));
    close(&f);
    open(&f);
    use_as_collectors(&f, 3, 24.0f);
    assert_true(linkage_judge(&f.ctx, 0, 1, &evidence));
    close(&f);
}

static void an_account_unlike_a_collector_is_not_linked_by_what_collectors_use(void **state)
{
    static struct fixture f;
    static struct population population;
    struct link_evidence evidence;

    (void)state;
    open(&f);
    use_as_collectors(&f, 3, 24.0f);
    population.last[FEATURE_words] = (struct feature_stat){1000, 2.5, 0.25 * 999.0};
    population.last[FEATURE_limit] = (struct feature_stat){1000, 0.0, 999.0};
    f.ctx.population = &population;
    for (uint32_t i = 0; i < 2; i++) {
        f.account[i].exchanges = 100;
        f.account[i].words = (struct log_spread){100, 350.0f, 1225.0f}; /* 0.96 nats */
        f.account[i].limits = 200.0f;                                   /* 0.58 */
    }
    assert_true(linkage_judge(&f.ctx, 0, 1, &evidence));
    f.account[1].words.sum = 290.0f; /* 0.38 */
    assert_false(linkage_judge(&f.ctx, 0, 1, &evidence));
    close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_weighs_by_its_rarity_among_trusted_accounts),
        cmocka_unit_test(one_family_alone_links_nobody_two_do),
        cmocka_unit_test(a_template_of_new_accounts_links_and_a_popular_one_does_not),
        cmocka_unit_test(a_family_left_out_carries_no_link),
        cmocka_unit_test(accounts_that_share_nothing_or_are_forgotten_are_not_linked),
        cmocka_unit_test(newcomers_brought_what_hardly_any_trusted_account_uses),
        cmocka_unit_test(among_newcomers_alone_no_trusted_account_may_use_it),
        cmocka_unit_test(an_even_template_links_trusted_accounts_and_no_others),
        cmocka_unit_test(three_phrases_of_collectors_link_accounts_of_any_age),
        cmocka_unit_test(an_account_unlike_a_collector_is_not_linked_by_what_collectors_use),
        cmocka_unit_test(evenness_counts_from_twelve_nats_on),
        cmocka_unit_test(one_reused_block_links_and_is_not_firm),
        cmocka_unit_test(without_the_family_a_reused_block_links_nobody),
        cmocka_unit_test(a_block_that_a_trusted_account_sent_as_well_does_not_link_alone),
        cmocka_unit_test(a_published_block_weighs_nothing_and_one_of_newcomers_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
