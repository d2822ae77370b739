#include "base/json_write.h"
#include "tests/support.h"

#include <math.h>

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
    {
        static const char expected[] = "{\"a\":\"q\\\"\\\\\\n\\u0001\",\"list\":["
                                       "-9223372036854775808,18446744073709551615,0.1,null,true],"
                                       "\"none\":null}\n";

        assert_int_equal(w.size, sizeof expected - 1);
        assert_memory_equal(w.text, expected, w.size);
    }
    json_write_deinit(&w);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_nested_values_with_commas_and_escapes),
        cmocka_unit_test(a_full_disk_is_told_once_and_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
