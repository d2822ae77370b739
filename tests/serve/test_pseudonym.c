#include "serve/pseudonym.h"

#include "tests/support.h"

#include <errno.h>
#include <string.h>

static struct pseudonym load(const char *key)
{
    char *folder = temp_folder_new();
    struct pseudonym pseudonym;
    struct err err;

    assert_int_equal(pseudonym_load(temp_file(folder, "key", key, SIZE_MAX), &pseudonym, &err), 0);
    temp_folder_remove(folder);
    return pseudonym;
}

static void ids_become_keyed_hashes(void **state)
{
    const struct pseudonym a = load("a key of some length"), b = load("a key of some lengti");
    struct pseudonym_text text, other;
    struct api_event ev = {.type = RECORD_EXCHANGE}, same;

    (void)state;
    EVENT_PUT(&ev, account, STR("alice@example.org"));
    EVENT_PUT(&ev, key, STR("sk-1"));
    EVENT_PUT(&ev, model, STR("m"));
    same = ev;
    pseudonym_event(&a, &ev, &text);
    assert_int_equal(ev.account.n, 32);
    assert_null(memmem(ev.account.p, ev.account.n, "alice", 5));
    assert_false(str_eq(ev.account, ev.key));
    assert_true(str_eq(ev.model, STR("m")));
    assert_false(event_has(&ev, FIELD_ip));
    pseudonym_event(&b, &same, &other);
    assert_false(str_eq(ev.account, same.account));
}

static struct str ip_of(const struct pseudonym *pseudonym, const char *ip,
                        struct pseudonym_text *text)
{
    struct api_event ev = {.type = RECORD_EXCHANGE};

    EVENT_PUT(&ev, ip, str_of(ip));
    pseudonym_event(pseudonym, &ev, text);
    return ev.ip;
}

static void who_shares_a_network_still_does(void **state)
{
    const struct pseudonym key = load("0123456789abcdef");
    struct pseudonym_text text[6];
    struct str a = ip_of(&key, "203.0.113.7", &text[0]);
    struct str b = ip_of(&key, "203.0.113.8", &text[1]);
    struct str c = ip_of(&key, "203.0.114.7", &text[2]);
    struct str d = ip_of(&key, "2001:db8:1::1", &text[3]);
    struct str e = ip_of(&key, "2001:db8:1:2::1", &text[4]);
    struct str f = ip_of(&key, "no address", &text[5]);

    (void)state;
    enum { NETWORK = 14 }; /* "fdNN:NNNN:NNNN" */
    assert_memory_equal(a.p, "fd", 2);
    assert_false(str_eq(a, b));
    assert_memory_equal(a.p, b.p, 9); /* groups may be written shorter: the first ones will do */
    assert_memory_not_equal(a.p, c.p, NETWORK);
    assert_memory_equal(d.p, e.p, 9);
    assert_false(str_eq(d, e));
    assert_int_equal(f.n, 32);
}

static void a_short_key_is_refused(void **state)
{
    char *folder = temp_folder_new();
    struct pseudonym pseudonym;
    struct err err;

    (void)state;
    assert_int_equal(
        pseudonym_load(temp_file(folder, "key", "0123456789abcde", SIZE_MAX), &pseudonym, &err),
        -EINVAL);
    assert_non_null(strstr(err.text, "key: a key has at least 16 bytes"));
    temp_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_become_keyed_hashes),
        cmocka_unit_test(who_shares_a_network_still_does),
        cmocka_unit_test(a_short_key_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
