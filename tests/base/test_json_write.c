#include "base/json_write.h"
#include "tests/support.h"

#include <math.h>
#include <stdio.h>

static void writes_nested_values_with_commas_and_escapes(void **state)
{
    struct json_write w;

    (void)state;
    json_write_init(&w, NULL);
    json_write_open(&w, NULL, '{');
    json_write_text(&w, "a", "q\"\\\n\x01");
    json_write_open(&w, "list", '[');
    json_write_i64(&w, NULL, INT64_MIN);
    json_write_u64(&w, NULL, UINT64_MAX);
    json_write_f64(&w, NULL, 0.1, 3);
    json_write_f64(&w, NULL, NAN, 3);
    json_write_bool(&w, NULL, true);
    json_write_close(&w, ']');
    json_write_null(&w, "none");
    json_write_close(&w, '}');
    json_write_line(&w);
    json_write_open(&w, NULL, '{');
    json_write_key(&w, STR("\"x\":"));
    json_write_u64(&w, NULL, 1);
    json_write_key(&w, STR("\"y\":"));
    json_write_open(&w, NULL, '[');
    json_write_close(&w, ']');
    json_write_bool(&w, "z", false);
    json_write_close(&w, '}');
    {
        static const char expected[] = "{\"a\":\"q\\\"\\\\\\n\\u0001\",\"list\":["
                                       "-9223372036854775808,18446744073709551615,0.1,null,true],"
                                       "\"none\":null}\n{\"x\":1,\"y\":[],\"z\":false}";

        assert_int_equal(w.size, sizeof expected - 1);
        assert_memory_equal(w.text, expected, w.size);
    }
    json_write_deinit(&w);
}

static void assert_string(struct str value, const char *expected)
{
    struct json_write w;

    json_write_init(&w, NULL);
    json_write_str(&w, NULL, value);
    assert_int_equal(w.size, strlen(expected));
    assert_memory_equal(w.text, expected, w.size);
    json_write_deinit(&w);
}

static void what_needs_an_escape_is_found_at_every_offset(void **state)
{
    static const struct {
        char raw;
        const char *escape;
    } special[] = {{'"', "\\\""}, {'\\', "\\\\"}, {0x1f, "\\u001f"}, {0, "\\u0000"}, {'\n', "\\n"}};

    (void)state;
    for (unsigned s = 0; s < sizeof special / sizeof *special; s++)
        for (uint32_t at = 0; at < 24; at++) {
            /* Bytes next to those that need one, which do not: 0x20, '#', ']', 0x7f, 0x80, 0xff. */
            char raw[24], expected[64];
            static const char plain[] = " #]\x7f\x80\xff!";

            for (uint32_t i = 0; i < sizeof raw; i++)
                raw[i] = plain[i % (sizeof plain - 1)];
            raw[at] = special[s].raw;
            (void)snprintf(expected, sizeof expected, "\"%.*s%s%.*s\"", (int)at, raw,
                           special[s].escape, (int)(sizeof raw - at - 1), raw + at + 1);
            assert_string((struct str){raw, sizeof raw}, expected);
        }
}

static void a_double_is_written_with_the_digits_it_needs(void **state)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0.7, "0.7"},
                 {-0.0, "0"},
                 {1e6, "1000000"},
                 {1e-9, "1e-09"},
                 {0.05, "0.05"},
                 {1.0, "1"},
                 {0.0, "0"},
                 {12.5, "12.5"},
                 {-0.5, "-0.5"},
                 {0.1 + 0.2, "0.30000000000000004"},
                 {0.25, "0.25"},
                 {1e300, "1e+300"},
                 {1.0 / 3, "0.3333333333333333"},
                 {INFINITY, "null"},
                 {999999.9, "999999.9"}};

    (void)state;
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct json_write w;

        json_write_init(&w, NULL);
        json_write_exact(&w, NULL, cases[i].value);
        assert_int_equal(w.size, strlen(cases[i].text));
        assert_memory_equal(w.text, cases[i].text, w.size);
        json_write_deinit(&w);
    }
}

static void integers_of_every_length_are_written(void **state)
{
    uint64_t value = 0;

    (void)state;
    for (uint32_t digits = 1; digits <= 20; digits++) {
        struct json_write w;
        char expected[64];

        value = value * 10 + digits % 10;
        (void)snprintf(expected, sizeof expected, "[%llu,-%llu,9]", (unsigned long long)value,
                       (unsigned long long)(value >> 1));
        json_write_init(&w, NULL);
        json_write_open(&w, NULL, '[');
        json_write_u64(&w, NULL, value);
        json_write_i64(&w, NULL, -(int64_t)(value >> 1));
        json_write_i64(&w, NULL, 9);
        json_write_close(&w, ']');
        if (value >> 1) {
            assert_int_equal(w.size, strlen(expected));
            assert_memory_equal(w.text, expected, w.size);
        }
        json_write_deinit(&w);
    }
}

static void a_full_disk_is_told_once_and_kept(void **state)
{
    struct json_write w;
    FILE *full = fopen("/dev/full", "w");

    (void)state;
    if (!full)
        skip();
    json_write_init(&w, full);
    json_write_text(&w, NULL, "x");
    json_write_line(&w);
    assert_true(json_write_flush(&w) < 0);
    assert_true(json_write_flush(&w) < 0);
    json_write_deinit(&w);
    (void)fclose(full);
}

static void millionths_are_written_as_the_double_would_be(void **state)
{
    static const int64_t value[] = {0,
                                    1,
                                    -1,
                                    99,
                                    100,
                                    -100,
                                    999999,
                                    1000000,
                                    1500000,
                                    -2000001,
                                    10,
                                    123456789012,
                                    999999999999999,
                                    -5,
                                    500000,
                                    40000};

    (void)state;
    for (unsigned i = 0; i < 2000 + sizeof value / sizeof *value; i++) {
        int64_t millionths = i < 2000 ? (int64_t)i * i * i - 100000 : value[i - 2000];
        char expected[40];
        struct json_write w;

        json_write_init(&w, NULL);
        json_write_micro(&w, NULL, millionths);
        (void)snprintf(expected, sizeof expected, "%.15g", (double)millionths / 1e6);
        assert_int_equal(w.size, strlen(expected));
        assert_memory_equal(w.text, expected, w.size);
        json_write_deinit(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(millionths_are_written_as_the_double_would_be),
        cmocka_unit_test(writes_nested_values_with_commas_and_escapes),
        cmocka_unit_test(what_needs_an_escape_is_found_at_every_offset),
        cmocka_unit_test(a_double_is_written_with_the_digits_it_needs),
        cmocka_unit_test(integers_of_every_length_are_written),
        cmocka_unit_test(a_full_disk_is_told_once_and_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
