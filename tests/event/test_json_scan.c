#include "event/json_scan.h"

#include "base/rng.h"
#include "tests/support.h"

/* The definition, byte by byte. */
static void assert_scans(const struct json_scan *scan, struct str text)
{
    uint32_t quotes = 0, specials = 0;
    bool escaped = false, ascii = true;

    for (uint32_t i = 0; i < text.n; i++) {
        char c = text.p[i];

        ascii &= (unsigned char)c < 0x80;
        if (c == '"' && !escaped)
            assert_int_equal(scan->quote[quotes++], i);
        if ((unsigned char)c < 0x20 || (c == '\\' && !escaped))
            assert_int_equal(scan->special[specials++], i);
        escaped = c == '\\' && !escaped;
    }
    assert_int_equal(scan->quote_count, quotes);
    assert_int_equal(scan->special_count, specials);
    assert_int_equal(scan->ascii, ascii);
    for (uint32_t i = 0; i < JSON_SCAN_ENDS; i++) {
        assert_int_equal(scan->quote[quotes + i], text.n);
        assert_int_equal(scan->special[specials + i], text.n);
    }
}

static void all_ways_find_what_the_definition_says(void **state)
{
    static const char bytes[] = {'a',        '"',  '\\', '\\', ' ', '\n',
                                 (char)0x80, 0x1f, '}',  0x7f, '"', 0};
    struct json_scan scan = {0};
    struct rng rng;

    (void)state;
    rng_split(&rng, 8, 9);
    for (uint32_t round = 0; round < 4000; round++) {
        char text[300];
        uint64_t kinds = 1 + rng_below(&rng, sizeof bytes);
        struct str s = {text, 1 + (uint32_t)rng_below(&rng, sizeof text)};

        for (uint32_t i = 0; i < s.n; i++)
            text[i] = bytes[rng_below(&rng, kinds)];
        assert_int_equal(json_scan(&scan, s), 0);
        assert_scans(&scan, s);
        json_scan_portable(&scan, s);
        assert_scans(&scan, s);
        for (unsigned way = 0; way < 2; way++) {
            json_scan_func *fast = way ? json_scan_avx512() : json_scan_avx2();

            if (fast)
                fast(&scan, s);
            assert_scans(&scan, s);
        }
    }
    json_scan_deinit(&scan);
}

static void a_text_all_of_quotes_or_backslashes_fits(void **state)
{
    struct json_scan scan = {0};
    static char text[70000];

    (void)state;
    for (uint32_t n = 1; n <= sizeof text; n = n * 3 + 1) {
        memset(text, '"', n);
        assert_int_equal(json_scan(&scan, (struct str){text, n}), 0);
        assert_int_equal(scan.quote_count, n);
        memset(text, '\\', n);
        assert_int_equal(json_scan(&scan, (struct str){text, n}), 0);
        assert_int_equal(scan.special_count, (n + 1) / 2);
        memset(text, 1, n);
        assert_int_equal(json_scan(&scan, (struct str){text, n}), 0);
        assert_int_equal(scan.special_count, n);
    }
    json_scan_deinit(&scan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_ways_find_what_the_definition_says),
        cmocka_unit_test(a_text_all_of_quotes_or_backslashes_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
