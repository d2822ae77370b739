#include "base/rng.h"
#include "detector/content.h"
#include "detector/recall.h"
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>

/* A link by two families. */
#define TIE ((struct tie){12.0f, true})

/* 1,000 trusted accounts; ten that are closed, in one group; ten that come after. */
enum { TRUSTED = 1000, OLD = TRUSTED, NEW = OLD + 10, ALL = NEW + 10 };

static const msec_t CLOSED = 10 * MSEC_DAY, BACK = 20 * MSEC_DAY;

struct fixture {
    struct account account[ALL];
    struct names *names;
    struct hubs *hubs;
    struct groups *groups;
    struct recall *recall;
    struct link_context ctx;
};

static bool trusted(const void *ctx, uint32_t index)
{
    (void)ctx;
    return index < TRUSTED;
}

static void show(struct fixture *f, uint32_t account, unsigned kind, uint64_t hash)
{
    if (account_value(&f->account[account], kind, mix64(hash)))
        (void)hubs_observe(f->hubs, value_pack(kind, mix64(hash)), STR("v"), account,
                           trusted(NULL, account), trusted, NULL, 0);
}

/* Joins ten accounts into a group, and returns it. */
static struct group *gather(struct fixture *f, uint32_t from)
{
    for (uint32_t i = 1; i < 10; i++)
        assert_true(groups_link(f->groups, from, from + i, TIE));
    return groups_get(f->groups, f->account[from].cluster);
}

static void open_keyed(struct fixture *f, uint32_t recall_max, uint64_t hash_key)
{
    const struct hubs_config hubs = {4096, 4096};
    const struct recall_config recall = {recall_max, 10 * MSEC_DAY, hash_key, ALL};

    memset(f, 0, sizeof *f);
    for (uint32_t i = 0; i < ALL; i++) {
        account_init(&f->account[i], i + 1, i < NEW ? MSEC_DAY : BACK);
        f->account[i].closed = i >= OLD && i < NEW;
    }
    assert_int_equal(names_new(65536, &f->names), 0);
    assert_int_equal(hubs_new(&hubs, f->names, &f->hubs), 0);
    assert_int_equal(groups_new(16, ALL, f->account, &f->groups), 0);
    assert_int_equal(recall_new(&recall, &f->recall), 0);
    f->ctx = (struct link_context){f->account, f->hubs, ALL, TRUSTED, 0xffff, 0};
    gather(f, OLD)->level_raised = LEVEL_ACT;
}

static void open(struct fixture *f)
{
    open_keyed(f, 64, 1);
}

static void close(struct fixture *f)
{
    recall_free(f->recall);
    groups_free(f->groups);
    hubs_free(f->hubs);
    names_free(f->names);
}

static void learn(struct fixture *f)
{
    recall_learn(f->recall, &f->ctx, f->groups, ALL, CLOSED);
}

static struct recognition recognised(struct fixture *f, msec_t now)
{
    struct recognition seen;

    recall_group(f->recall, &f->ctx, gather(f, NEW), now, &seen);
    return seen;
}

/* Accounts from..from + count - 1 show one device. */
static void show_device(struct fixture *f, uint32_t from, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        show(f, from + i, ATTRIBUTE_device, 7);
}

static void a_group_that_shows_what_banned_accounts_showed_is_recognised(void **state)
{
    static struct fixture f;
    struct recognition seen;

    (void)state;
    open(&f);
    show_device(&f, OLD, 10);
    learn(&f);
    assert_int_equal(recall_count(f.recall), 1);
    show_device(&f, NEW, 5);
    seen = recognised(&f, CLOSED);
    assert_int_equal(seen.members, 5);
    assert_int_equal(seen.looked, 10);
    assert_int_equal(seen.values, 1);
    assert_int_equal(seen.ts, CLOSED);
    assert_near(seen.nats, 2.0, 1e-6); /* half of the members, four nats a family */
    close(&f);
}

static void its_weight_halves_within_the_half_life_and_ends(void **state)
{
    static struct fixture f;
    double fresh, later;

    (void)state;
    open(&f);
    show_device(&f, OLD, 10);
    learn(&f);
    fresh = recall_strength(f.recall, recall_get(f.recall, 0), CLOSED);
    later = recall_strength(f.recall, recall_get(f.recall, 0), CLOSED + 10 * MSEC_DAY);
    assert_near(later, fresh / 2.0, 1e-6);
    show_device(&f, NEW, 10);
    assert_near(recognised(&f, CLOSED + 10 * MSEC_DAY).nats, later, 1e-6);
    recall_fade(f.recall, CLOSED + 20 * MSEC_DAY);
    assert_int_equal(recall_count(f.recall), 1);
    recall_fade(f.recall, CLOSED + 50 * MSEC_DAY);
    assert_int_equal(recall_count(f.recall), 0);
    assert_near(recognised(&f, CLOSED).nats, 0.0, 0.0);
    close(&f);
}

static void what_others_show_as_well_is_not_remembered(void **state)
{
    static struct fixture f;

    (void)state;
    for (unsigned others = 0; others < 2; others++) {
        open(&f);
        show_device(&f, OLD, 10);
        show_device(&f, NEW, others ? 10 : 9); /* of newcomers whom nobody suspects */
        show(&f, 0, ATTRIBUTE_device, 7);
        for (uint32_t i = 0; i < 200; i++) /* an exit that honest people use */
            show(&f, i, ATTRIBUTE_ip, 8);
        for (uint32_t i = 0; i < 10; i++)
            show(&f, OLD + i, ATTRIBUTE_ip, 8);
        learn(&f);
        assert_int_equal(recall_count(f.recall), others ? 0 : 1);
        close(&f);
    }
}

static void a_value_that_became_common_since_recognises_nobody(void **state)
{
    static struct fixture f;

    (void)state;
    open(&f);
    show_device(&f, OLD, 10);
    learn(&f);
    show_device(&f, NEW, 10);
    show_device(&f, 0, 100); /* a tenth of the trusted accounts */
    assert_near(recognised(&f, CLOSED).nats, 0.0, 0.0);
    close(&f);
}

static void a_shared_exit_alone_recognises_nobody(void **state)
{
    static struct fixture f;

    (void)state;
    open(&f);
    for (uint32_t i = 0; i < 10; i++)
        show(&f, OLD + i, ATTRIBUTE_ip, 8);
    learn(&f);
    assert_int_equal(recall_count(f.recall), 1);
    for (uint32_t i = 0; i < 10; i++)
        show(&f, NEW + i, ATTRIBUTE_ip, 8);
    assert_int_equal(recognised(&f, CLOSED).members, 0);
    close(&f);
}

static void accounts_that_were_there_before_and_the_group_itself_are_not_recognised(void **state)
{
    static struct fixture f;
    struct recognition seen;

    (void)state;
    open(&f);
    show_device(&f, OLD, 10);
    learn(&f);
    recall_group(f.recall, &f.ctx, groups_get(f.groups, f.account[OLD].cluster), CLOSED, &seen);
    assert_int_equal(seen.members, 0);
    show_device(&f, NEW, 10);
    for (uint32_t i = NEW; i < ALL; i++)
        assert_true(groups_link(f.groups, OLD, i, TIE)); /* newcomers to the group that taught it */
    recall_group(f.recall, &f.ctx, groups_get(f.groups, f.account[OLD].cluster), CLOSED, &seen);
    assert_int_equal(seen.members, 0);
    close(&f);
}

static void only_the_convicted_teach(void **state)
{
    static struct fixture f;

    (void)state;
    open(&f);
    show_device(&f, OLD, 10);
    groups_get(f.groups, f.account[OLD].cluster)->level_raised = LEVEL_WATCH;
    learn(&f); /* banned for something else */
    assert_int_equal(recall_count(f.recall), 0);
    for (uint32_t i = OLD; i < NEW; i++)
        f.account[i].convicted = 1;
    learn(&f); /* an analyst said so */
    assert_int_equal(recall_count(f.recall), 1);
    recall_forget(f.recall, value_pack(ATTRIBUTE_device, mix64(7)));
    assert_int_equal(recall_count(f.recall), 0);
    close(&f);
}

static void
a_card_of_one_banned_account_is_remembered_and_the_hour_of_its_birth_is_not(void **state)
{
    static struct fixture f;

    (void)state;
    open(&f);
    show(&f, OLD, ATTRIBUTE_payment, 3);
    show(&f, OLD, ATTRIBUTE_email_domain, 4);
    for (uint32_t i = OLD; i < NEW; i++)
        show(&f, i, LINK_BIRTH, 5);
    learn(&f);
    assert_int_equal(recall_count(f.recall), 1);
    assert_int_equal(recall_get(f.recall, 0)->kind, ATTRIBUTE_payment);
    close(&f);
}

static void a_full_memory_forgets_the_weakest_and_counts(void **state)
{
    static struct fixture f;
    struct recall_entry e = {.kind = ATTRIBUTE_device, .strength = 4.0f};

    (void)state;
    open_keyed(&f, 16, 1);
    for (uint64_t key = 1; key <= 17; key++) {
        e.key = mix64(key);
        e.strength = key == 5 ? 1.0f : 4.0f;
        assert_true(recall_put(f.recall, &e));
    }
    assert_int_equal(recall_count(f.recall), 16);
    assert_int_equal(recall_forgotten(f.recall), 1);
    for (uint32_t i = 0; i < recall_used(f.recall); i++)
        assert_true(recall_get(f.recall, i)->key != mix64(5));
    e.kind = LINK_BIRTH;
    assert_false(recall_put(f.recall, &e));
    close(&f);
}

/* All that is remembered, in the order of the entries. */
static void assert_same_memory(const struct recall *a, const struct recall *b)
{
    assert_int_equal(recall_used(a), recall_used(b));
    assert_int_equal(recall_count(a), recall_count(b));
    assert_int_equal(recall_forgotten(a), recall_forgotten(b));
    for (uint32_t i = 0; i < recall_used(a); i++) {
        const struct recall_entry *x = recall_get(a, i), *y = recall_get(b, i);

        assert_int_equal(x->key, y->key);
        assert_int_equal(x->kind, y->kind);
        assert_near((double)x->strength, (double)y->strength, 0.0);
        assert_int_equal(x->since, y->since);
        assert_int_equal(x->ts, y->ts);
        assert_int_equal(x->source, y->source);
    }
}

/* A full one: what comes next depends on the index and on whose turn it is to be forgotten. */
static void a_memory_that_was_saved_and_loaded_goes_on_as_if_it_had_not_been(void **state)
{
    enum { VALUES = 16 };
    const struct recall_config config = {VALUES, 10 * MSEC_DAY, 1};
    struct recall_entry e = {.kind = ATTRIBUTE_device};
    struct state_bytes bytes = {NULL};
    struct recognition straight, restored;
    static struct fixture f;
    struct recall *loaded = NULL;

    (void)state;
    open_keyed(&f, VALUES, 1);
    show_device(&f, OLD, 10);
    learn(&f);
    for (uint64_t key = 1; key < VALUES + 5; key++) {
        e.key = mix64(key);
        e.strength = 1.0f + (float)(key % 3);
        e.since = e.ts = CLOSED;
        assert_true(recall_put(f.recall, &e));
    }
    assert_int_equal(recall_count(f.recall), VALUES);
    assert_int_equal(recall_forgotten(f.recall), 5);
    recall_state(f.recall, state_bytes_save, &bytes);
    assert_int_equal(recall_new(&config, &loaded), 0);
    recall_state(loaded, state_bytes_load, &bytes);
    assert_int_equal(bytes.at, bytes.size);
    assert_same_memory(f.recall, loaded);
    show_device(&f, NEW, 5);
    straight = recognised(&f, BACK);
    recall_group(loaded, &f.ctx, groups_get(f.groups, f.account[NEW].cluster), BACK, &restored);
    assert_int_equal(straight.members, 5);
    assert_int_equal(restored.members, 5);
    assert_int_equal(restored.values, straight.values);
    assert_int_equal(restored.ts, straight.ts);
    assert_near(restored.nats, straight.nats, 0.0);
    for (uint64_t key = 100; key < 130; key++) {
        e.key = mix64(key);
        assert_true(recall_put(f.recall, &e));
        assert_true(recall_put(loaded, &e));
    }
    recall_fade(f.recall, CLOSED + 20 * MSEC_DAY);
    recall_fade(loaded, CLOSED + 20 * MSEC_DAY);
    assert_same_memory(f.recall, loaded);
    recall_free(loaded);
    free(bytes.data);
    close(&f);
}

static void keys_depend_on_the_hash_key_for_phrases_too(void **state)
{
    uint64_t key[2];

    (void)state;
    for (unsigned k = 0; k < 2; k++) {
        static struct fixture f;

        open_keyed(&f, 64, k);
        for (uint32_t i = OLD; i < NEW; i++) {
            f.account[i].item[0] = 77;
            (void)hubs_observe_counted(f.hubs, value_pack(LINK_ITEM, item_hash(77)), OLD, i,
                                       i - OLD + 1, 0, 0);
        }
        learn(&f);
        assert_int_equal(recall_count(f.recall), 1);
        key[k] = recall_get(f.recall, 0)->key;
        close(&f);
    }
    assert_true(key[0] != key[1]);
    assert_true(key[0] != value_pack(LINK_ITEM, item_hash(77)));
}

static void send_block(struct fixture *f, uint32_t account)
{
    uint64_t value = value_pack(ATTRIBUTE_signature, mix64(7));

    account_hold_block(&f->account[account], value);
    (void)hubs_observe(f->hubs, value, STR("block"), account, trusted(NULL, account), trusted, NULL,
                       0);
}

static void a_stored_block_of_banned_accounts_recognises_who_plays_it_back(void **state)
{
    static struct fixture f;
    struct recognition seen;

    (void)state;
    open(&f);
    for (uint32_t i = 0; i < 3; i++)
        send_block(&f, OLD + i);
    learn(&f);
    assert_int_equal(recall_count(f.recall), 1);
    for (uint32_t i = 0; i < 3; i++)
        send_block(&f, NEW + i);
    seen = recognised(&f, CLOSED);
    assert_int_equal(seen.members, 3);
    assert_near(seen.nats, 1.2, 1e-6); /* three of ten members, four nats a family */
    close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_that_shows_what_banned_accounts_showed_is_recognised),
        cmocka_unit_test(its_weight_halves_within_the_half_life_and_ends),
        cmocka_unit_test(what_others_show_as_well_is_not_remembered),
        cmocka_unit_test(a_value_that_became_common_since_recognises_nobody),
        cmocka_unit_test(a_shared_exit_alone_recognises_nobody),
        cmocka_unit_test(accounts_that_were_there_before_and_the_group_itself_are_not_recognised),
        cmocka_unit_test(only_the_convicted_teach),
        cmocka_unit_test(
            a_card_of_one_banned_account_is_remembered_and_the_hour_of_its_birth_is_not),
        cmocka_unit_test(a_full_memory_forgets_the_weakest_and_counts),
        cmocka_unit_test(a_memory_that_was_saved_and_loaded_goes_on_as_if_it_had_not_been),
        cmocka_unit_test(a_stored_block_of_banned_accounts_recognises_who_plays_it_back),
        cmocka_unit_test(keys_depend_on_the_hash_key_for_phrases_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
