#include "event/digest.h"
#include "tests/support.h"

#include <math.h>
#include <string.h>

static struct digest_batch *batch_of(const struct api_event *ev, uint64_t key)
{
    struct digest_batch *batch;

    assert_int_equal(digest_batch_new(4, &batch), 0);
    assert_int_equal(digest_batch_add(batch, ev, key), 0);
    return batch;
}

static void what_the_record_lacks_is_not_known(void **state)
{
    struct api_event ev;
    struct digest_batch *batch;
    const struct digest *d;

    (void)state;
    memset(&ev, 0xa5, sizeof ev); /* members without their bit may hold anything */
    ev.type = RECORD_EXCHANGE;
    ev.present = 0;
    EVENT_PUT(&ev, ts, 5);
    EVENT_PUT(&ev, account, STR("a"));
    batch = batch_of(&ev, 1);
    d = &batch->digest[0];
    assert_int_equal(d->ts, 5);
    assert_int_equal(d->n.turn, -1);
    assert_true(isnan(d->n.temperature));
    assert_int_equal(d->refused, 2);
    assert_int_equal(d->attribute[ATTRIBUTE_ip], 0);
    assert_int_equal(d->sketch.prompt, 0);
    assert_true(str_eq(digest_account_text(batch, d), STR("a")));
    assert_null(digest_attribute_text(batch, d, ATTRIBUTE_ip).p);
    digest_batch_free(batch);
}

static uint64_t net_of(const char *ip)
{
    struct api_event ev = {.type = RECORD_EXCHANGE};
    struct digest_batch *batch;
    uint64_t net;

    EVENT_PUT(&ev, ts, 5);
    EVENT_PUT(&ev, account, STR("a"));
    EVENT_PUT(&ev, ip, str_of(ip));
    batch = batch_of(&ev, 1);
    net = batch->digest[0].attribute[ATTRIBUTE_net];
    digest_batch_free(batch);
    return net;
}

static void a_network_is_24_bits_of_ipv4_and_48_of_ipv6(void **state)
{
    (void)state;
    assert_int_equal(net_of("198.51.100.1"), net_of("198.51.100.254"));
    assert_int_not_equal(net_of("198.51.100.1"), net_of("198.51.101.1"));
    assert_int_equal(net_of("2001:db8:1::1"), net_of("2001:db8:1:ffff::2"));
    assert_int_not_equal(net_of("2001:db8:1::1"), net_of("2001:db8:2::1"));
    assert_int_equal(net_of("not an address"), 0);
    assert_int_equal(net_of("198.51.100"), 0);
    assert_int_equal(net_of("198.51.100.256"), 0);
    assert_int_equal(net_of("198.51.100.1."), 0);
    assert_int_equal(net_of("1198.51.100.1"), 0);
}

static void hashes_depend_on_the_key_and_on_the_kind(void **state)
{
    struct api_event ev = {.type = RECORD_EXCHANGE};
    struct digest_batch *one, *other;

    (void)state;
    EVENT_PUT(&ev, ts, 5);
    EVENT_PUT(&ev, account, STR("x"));
    EVENT_PUT(&ev, org, STR("x"));
    EVENT_PUT(&ev, client, STR("x"));
    one = batch_of(&ev, 1);
    other = batch_of(&ev, 2);
    assert_int_not_equal(one->digest[0].account, other->digest[0].account);
    assert_int_not_equal(one->digest[0].account, one->digest[0].org);
    assert_int_not_equal(one->digest[0].account, one->digest[0].attribute[ATTRIBUTE_client]);
    digest_batch_free(one);
    digest_batch_free(other);
}

static void a_remembered_system_prompt_has_the_sketch_of_a_new_one(void **state)
{
    const struct str system = STR("You are the help desk of a small shop. Answer in two lines.");
    const struct str other = STR("You translate labels of machine parts, and nothing else ever.");
    struct api_event ev = {.type = RECORD_EXCHANGE};
    struct digest_batch *batch;
    struct sketch direct;

    (void)state;
    sketch_make((struct str){NULL, 0}, system, &direct);
    EVENT_PUT(&ev, ts, 5);
    EVENT_PUT(&ev, account, STR("a"));
    EVENT_PUT(&ev, system, system);
    batch = batch_of(&ev, 1);
    ev.system = other;
    assert_int_equal(digest_batch_add(batch, &ev, 1), 0);
    ev.system = system;
    assert_int_equal(digest_batch_add(batch, &ev, 1), 0);
    for (unsigned i = 0; i < 3; i += 2) {
        assert_int_equal(batch->digest[i].sketch.system, direct.system);
        assert_memory_equal(batch->digest[i].sketch.system_item, direct.system_item,
                            sizeof direct.system_item);
    }
    assert_int_not_equal(batch->digest[1].sketch.system, direct.system);
    digest_batch_free(batch);
}

static void a_sketch_in_the_record_stands_for_the_text(void **state)
{
    struct api_event ev = {.type = RECORD_EXCHANGE};
    struct digest_batch *batch;
    struct sketch direct;
    char text[SKETCH_TEXT_SIZE];

    (void)state;
    sketch_make(STR("a prompt that was sketched where it was logged"), (struct str){NULL, 0},
                &direct);
    sketch_encode(&direct, text);
    EVENT_PUT(&ev, ts, 5);
    EVENT_PUT(&ev, account, STR("a"));
    EVENT_PUT(&ev, sketch, str_of(text));
    batch = batch_of(&ev, 1);
    assert_memory_equal(&batch->digest[0].sketch, &direct, sizeof direct);
    EVENT_PUT(&ev, sketch, STR("no sketch"));
    assert_int_equal(digest_batch_add(batch, &ev, 1), 0);
    assert_int_equal(batch->digest[1].sketch.prompt, 0);
    digest_batch_free(batch);
}

static struct sketch sketch_of_embedding(const char *code, bool with_prompt)
{
    struct api_event ev = {.type = RECORD_EXCHANGE};
    struct digest_batch *batch;
    struct sketch sketch;

    EVENT_PUT(&ev, ts, 5);
    EVENT_PUT(&ev, account, STR("a"));
    EVENT_PUT(&ev, embedding_lsh, str_of(code));
    if (with_prompt)
        EVENT_PUT(&ev, prompt, STR("name three rivers of the north, longest first"));
    batch = batch_of(&ev, 1);
    sketch = batch->digest[0].sketch;
    digest_batch_free(batch);
    return sketch;
}

static void an_embedding_s_code_stands_for_the_text_where_there_is_none(void **state)
{
    struct sketch one = sketch_of_embedding("0123456789abcdef", false);
    struct sketch near =
        sketch_of_embedding("0123476789ABCDEF", false);                 /* one bit, in the middle */
    struct sketch far = sketch_of_embedding("8123456789abcdee", false); /* one bit at each end */

    (void)state;
    assert_int_not_equal(one.prompt, 0);
    assert_int_not_equal(one.prompt, near.prompt);
    assert_int_equal(one.head, near.head);
    assert_int_equal(one.tail, near.tail);
    assert_int_not_equal(one.head, far.head);
    assert_int_not_equal(one.tail, far.tail);
    assert_int_not_equal(one.head, one.tail);
    assert_int_equal(sketch_of_embedding("0123456789abcde", false).prompt, 0);
    assert_int_equal(sketch_of_embedding("0123456789abcdeg", false).prompt, 0);
    assert_int_not_equal(sketch_of_embedding("0123456789abcdef", true).head, one.head);
}

static void long_values_are_cut_between_characters(void **state)
{
    char value[80];
    struct api_event ev = {.type = RECORD_EXCHANGE};
    struct digest_batch *batch;
    struct str shown;

    (void)state;
    for (unsigned i = 0; i < sizeof value; i += 2)
        memcpy(value + i, "\xc3\xa9", 2); /* e acute */
    EVENT_PUT(&ev, ts, 5);
    EVENT_PUT(&ev, account, STR("a"));
    EVENT_PUT(&ev, user_agent, ((struct str){value, sizeof value}));
    batch = batch_of(&ev, 1);
    shown = digest_attribute_text(batch, &batch->digest[0], ATTRIBUTE_user_agent);
    assert_int_equal(shown.n, 62); /* 63 would end in half a character */
    digest_batch_free(batch);
}

/* Texts lie one after another, found by the sizes before them: of a record with every value, of one
 * behind it, and of its copy. */
static void every_value_shows_its_own_text(void **state)
{
    static const struct {
        enum attribute attribute;
        const char *text;
    } shown[] = {
        {ATTRIBUTE_ip, "198.51.100.7"},  {ATTRIBUTE_net, "198.51.100.7"},
        {ATTRIBUTE_client, "client"},    {ATTRIBUTE_user_agent, "agent/1.0"},
        {ATTRIBUTE_key, "key_5"},        {ATTRIBUTE_signature, "s"},
        {ATTRIBUTE_payment, "card_xy"},  {ATTRIBUTE_signup_ip, "203.0.113.9"},
        {ATTRIBUTE_device, "device-00"}, {ATTRIBUTE_email_domain, "example.org"},
        {ATTRIBUTE_name_shape, "aaa00"},
    };
    struct api_event exchange = {.type = RECORD_EXCHANGE}, account = {.type = RECORD_ACCOUNT};
    struct digest_batch *batch, *copy;

    (void)state;
    EVENT_PUT(&exchange, ts, 5);
    EVENT_PUT(&exchange, account, STR("acc-1"));
    EVENT_PUT(&exchange, ip, STR("198.51.100.7"));
    EVENT_PUT(&exchange, client, STR("client"));
    EVENT_PUT(&exchange, user_agent, STR("agent/1.0"));
    EVENT_PUT(&exchange, key, STR("key_5"));
    EVENT_PUT(&exchange, signature, STR("s"));
    EVENT_PUT(&account, ts, 6);
    EVENT_PUT(&account, account, STR("acc-23"));
    EVENT_PUT(&account, payment, STR("card_xy"));
    EVENT_PUT(&account, signup_ip, STR("203.0.113.9"));
    EVENT_PUT(&account, device, STR("device-00"));
    EVENT_PUT(&account, email_domain, STR("example.org"));
    EVENT_PUT(&account, name_shape, STR("aaa00"));
    batch = batch_of(&exchange, 1);
    assert_int_equal(digest_batch_add(batch, &account, 1), 0);
    assert_int_equal(digest_batch_new(4, &copy), 0);
    assert_int_equal(digest_batch_copy(copy, batch, 1), 0);
    assert_int_equal(digest_batch_copy(copy, batch, 0), 0);
    for (unsigned i = 0; i < sizeof shown / sizeof *shown; i++) {
        enum attribute a = shown[i].attribute;
        struct str own, other;

        own = digest_attribute_text(batch, &batch->digest[i >= 6], a);
        other = digest_attribute_text(copy, &copy->digest[i < 6], a);
        if (!str_eq(own, str_of(shown[i].text)) || !str_eq(other, own))
            fail_msg("%s: %.*s, %.*s", shown[i].text, (int)own.n, own.p, (int)other.n, other.p);
    }
    assert_true(str_eq(digest_account_text(copy, &copy->digest[0]), STR("acc-23")));
    assert_null(digest_attribute_text(copy, &copy->digest[0], ATTRIBUTE_ip).p);
    digest_batch_free(copy);
    digest_batch_free(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_record_lacks_is_not_known),
        cmocka_unit_test(a_network_is_24_bits_of_ipv4_and_48_of_ipv6),
        cmocka_unit_test(hashes_depend_on_the_key_and_on_the_kind),
        cmocka_unit_test(a_remembered_system_prompt_has_the_sketch_of_a_new_one),
        cmocka_unit_test(a_sketch_in_the_record_stands_for_the_text),
        cmocka_unit_test(an_embedding_s_code_stands_for_the_text_where_there_is_none),
        cmocka_unit_test(long_values_are_cut_between_characters),
        cmocka_unit_test(every_value_shows_its_own_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
