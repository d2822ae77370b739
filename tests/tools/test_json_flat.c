#include "tests/support.h"
#include "tools/json_flat.h"

#include <stdio.h>
#include <string.h>

/* "name=value" of each member, "(" and ")" around those of an object inside; "!" where it is not
 * plain. */
static void told(const char *json, char out[256])
{
    static const char *const kind[] = {"s:", "n:", "null", "("};
    struct json_flat flat = {0};
    struct json_flat_member m;
    size_t n = 0;
    int r = json_flat_open(&flat, str_of(json)) ? 1 : -1;

    out[0] = '\0';
    while (r >= 0 && flat.depth > 0) {
        r = json_flat_next(&flat, &m);
        if (r == 1)
            n += (size_t)snprintf(out + n, 256 - n, "%.*s=%s%.*s ", (int)m.name.n, m.name.p,
                                  kind[m.kind], m.kind < JSON_FLAT_NULL ? (int)m.text.n : 0,
                                  m.text.p);
        if (r == 0 && flat.depth > 0)
            n += (size_t)snprintf(out + n, 256 - n, ") ");
    }
    if (r < 0)
        (void)snprintf(out + n, 256 - n, "!");
}

static void members_come_in_order_and_those_of_an_object_inside_before_the_rest(void **state)
{
    char out[256];

    (void)state;
    told("{\"a\":\"x\",\"b\":-1.5e3,\"t\":{\"from\":7,\"cells\":\"\"},\"c\":null}\n", out);
    assert_string_equal(out, "a=s:x b=n:-1.5e3 t=( from=n:7 cells=s: ) c=null ");
    told("{}", out);
    assert_string_equal(out, "");
    told("{\"t\":{}}", out);
    assert_string_equal(out, "t=( ) ");
}

static void what_is_not_plain_is_said_to_be_so(void **state)
{
    static const char *const text[] = {
        "",
        "x",
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":[]}",
        "{\"a\":true}",
        "{\"a\": 1}",
        "{\"a\":1,}",
        "{,\"a\":1}",
        "{\"a\":1}x",
        "{\"a\":1}\n\n",
        "{\"a\":\"\\n\"}",
        "{\"a\":\"\xc3\xa9\"}",
        "{\"a\":\"\t\"}",
        "{\"a\":nul}",
        "{\"a\":1\"b\":2}",
        "{\"t\":{\"a\":1,}}",
        "{\"t\":{\"a\":1}",
    };
    char out[256];

    (void)state;
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        told(text[i], out);
        if (out[0] == '\0' || out[strlen(out) - 1] != '!')
            fail_msg("%s: %s", text[i], out);
    }
}

static struct json_flat_member number(const char *text)
{
    return (struct json_flat_member){.text = str_of(text), .kind = JSON_FLAT_NUMBER};
}

static void whole_numbers_of_18_digits_are_read_and_others_are_not(void **state)
{
    static const char *const not [] = {"1.0", "1e3", "1234567890123456789", "-1234567890123456789"};
    struct json_flat_member text = {.text = str_of("1"), .kind = JSON_FLAT_STRING}, m;
    int64_t value = 0;
    double real = 0.0;

    (void)state;
    m = number("-999999999999999999");
    assert_true(json_flat_i64(&m, &value));
    assert_int_equal(value, -999999999999999999);
    m = number("0");
    assert_true(json_flat_i64(&m, &value));
    assert_int_equal(value, 0);
    for (size_t i = 0; i < sizeof not / sizeof *not ; i++) {
        m = number(not [i]);
        assert_false(json_flat_i64(&m, &value));
        assert_true(json_flat_f64(&m, &real));
    }
    assert_false(json_flat_i64(&text, &value));
    assert_false(json_flat_f64(&text, &real));
    m = number("0.000825133");
    assert_true(json_flat_f64(&m, &real));
    assert_near(real, 0.000825133, 0.0);
}

static void members_are_found_in_their_order_some_of_them_missing(void **state)
{
    static const char *const name[] = {"a", "b", "c"};
    struct json_flat_member m[3];

    (void)state;
    assert_int_equal(json_flat_find(str_of("{\"a\":1,\"c\":\"x\"}"), name, 3, m), 5);
    assert_true(str_eq(m[2].text, str_of("x")));
    assert_int_equal(json_flat_find(str_of("{\"c\":1,\"a\":1}"), name, 3, m), 0);
    assert_int_equal(json_flat_find(str_of("{\"a\":1,\"a\":1}"), name, 3, m), 0);
    assert_int_equal(json_flat_find(str_of("{\"a\":1,\"d\":1}"), name, 3, m), 0);
    assert_int_equal(json_flat_find(str_of("{\"a\":{}}"), name, 3, m), 0);
    assert_int_equal(json_flat_find(str_of("{\"a\":1,\"b\":[]}"), name, 3, m), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_come_in_order_and_those_of_an_object_inside_before_the_rest),
        cmocka_unit_test(what_is_not_plain_is_said_to_be_so),
        cmocka_unit_test(members_are_found_in_their_order_some_of_them_missing),
        cmocka_unit_test(whole_numbers_of_18_digits_are_read_and_others_are_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
