#include "base/rng.h"
#include "base/utf8.h"
#include "tests/support.h"

/* Both ways agree, or the test fails; with the text at each offset of a block. */
static bool valid(struct str s)
{
    bool portable = utf8_valid_portable(s);
    char padded[128];

    if (!utf8_valid_avx2())
        return portable;
    assert_int_equal(utf8_valid_avx2()(s), portable);
    for (uint32_t before = 1; before < 64 && s.n < 32; before++) {
        memset(padded, 'a', sizeof padded);
        if (s.n)
            memcpy(padded + before, s.p, s.n);
        assert_int_equal(utf8_valid_avx2()((struct str){padded, before + s.n}), portable);
        assert_int_equal(utf8_valid_avx2()((struct str){padded, sizeof padded}),
                         utf8_valid_portable((struct str){padded, sizeof padded}));
    }
    assert_int_equal(utf8_valid(s), portable);
    return portable;
}

static void every_scalar_value_is_valid_and_every_cut_of_it_is_not(void **state)
{
    (void)state;
    for (uint32_t c = 0; c <= 0x10FFFF; c += c < 0x3000 || c % 0x800 < 2 ? 1 : 0x7D) {
        char text[4];
        uint32_t n;

        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        n = (uint32_t)(utf8_put(text, c) - text);
        assert_true(utf8_valid_portable((struct str){text, n}));
        if (utf8_valid_avx2())
            assert_true(utf8_valid_avx2()((struct str){text, n}));
        for (uint32_t cut = 1; cut < n; cut++)
            assert_false(utf8_valid_portable((struct str){text, cut}));
    }
}

static void text_is_valid_at_the_edges_of_the_ranges(void **state)
{
    (void)state;
    assert_true(valid(STR("")));
    assert_true(valid(STR("\x7f")));
    assert_true(valid(STR("\xc2\x80\xdf\xbf")));
    assert_true(valid(STR("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf")));
    assert_true(valid(STR("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf")));
}

static void overlong_forms_are_invalid(void **state)
{
    (void)state;
    assert_false(valid(STR("\xc0\x80")));
    assert_false(valid(STR("\xc1\xbf")));
    assert_false(valid(STR("\xe0\x80\x80")));
    assert_false(valid(STR("\xe0\x9f\xbf")));
    assert_false(valid(STR("\xf0\x80\x80\x80")));
    assert_false(valid(STR("\xf0\x8f\xbf\xbf")));
    assert_false(valid(STR("\xf8\x88\x80\x80\x80")));
}

static void surrogates_and_values_beyond_unicode_are_invalid(void **state)
{
    (void)state;
    assert_false(valid(STR("\xed\xa0\x80")));
    assert_false(valid(STR("\xed\xbf\xbf")));
    assert_false(valid(STR("\xf4\x90\x80\x80")));
    assert_false(valid(STR("\xf5\x80\x80\x80")));
    assert_false(valid(STR("\xff")));
}

static void stray_and_missing_continuations_are_invalid(void **state)
{
    (void)state;
    assert_false(valid(STR("\x80")));
    assert_false(valid(STR("a\xbf")));
    assert_false(valid(STR("\xc3")));
    assert_false(valid(STR("\xc3\x28")));
    assert_false(valid(STR("\xe2\x82")));
    assert_false(valid(STR("\xe2\x28\xa1")));
    assert_false(valid(STR("\xf0\x9f\x98")));
    assert_false(valid(STR("\xf0\x9f\x98x")));
    assert_false(valid(STR("\xc3\xa9\xa9")));
    assert_false(valid(STR("\xe2\x82\xac\x80")));
}

/* Bytes drawn near the edges of the ranges, so that many sequences are nearly right. */
static void both_ways_agree_on_random_bytes(void **state)
{
    static const unsigned char edge[] = {'a',  0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC1,
                                         0xC2, 0xDF, 0xE0, 0xE1, 0xED, 0xEF, 0xF0, 0xF4, 0xF5};
    struct rng rng;

    (void)state;
    rng_split(&rng, 3, 4);
    for (uint32_t round = 0; utf8_valid_avx2() && round < 100000; round++) {
        char text[96];
        uint32_t n = (uint32_t)rng_below(&rng, sizeof text);

        memset(text, 'a', sizeof text);
        for (uint32_t i = 0; i < n; i++)
            if (rng_below(&rng, 4) == 0 || (i > 0 && text[i - 1] < 0))
                text[i] = (char)edge[rng_below(&rng, sizeof edge)];
        assert_int_equal(utf8_valid_avx2()((struct str){text, n}),
                         utf8_valid_portable((struct str){text, n}));
    }
}

static void a_cut_splits_no_character(void **state)
{
    struct str s = STR("a\xc3\xa9\xf0\x9f\x98\x80z"); /* 1 + 2 + 4 + 1 bytes */

    (void)state;
    assert_int_equal(utf8_cut(s, 8).n, 8);
    assert_int_equal(utf8_cut(s, 7).n, 7);
    assert_int_equal(utf8_cut(s, 6).n, 3);
    assert_int_equal(utf8_cut(s, 3).n, 3);
    assert_int_equal(utf8_cut(s, 2).n, 1);
    assert_int_equal(utf8_cut(s, 0).n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scalar_value_is_valid_and_every_cut_of_it_is_not),
        cmocka_unit_test(text_is_valid_at_the_edges_of_the_ranges),
        cmocka_unit_test(overlong_forms_are_invalid),
        cmocka_unit_test(surrogates_and_values_beyond_unicode_are_invalid),
        cmocka_unit_test(stray_and_missing_continuations_are_invalid),
        cmocka_unit_test(both_ways_agree_on_random_bytes),
        cmocka_unit_test(a_cut_splits_no_character),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
