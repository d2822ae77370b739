#include "event/json_plain.h"

#include "base/rng.h"
#include "tests/support.h"

/* The definition, byte by byte. */
static const char *expected(const char *p, const char *end, bool *high)
{
    *high = false;
    for (; p < end - 1 && (unsigned char)*p >= 0x20 && *p != '"' && *p != '\\'; p++)
        *high |= (unsigned char)*p >= 0x80;
    return p;
}

static void assert_ends(json_plain_func *plain, const char *p, const char *end)
{
    bool high;
    const char *stop = expected(p, end, &high);
    uint64_t found = 0;

    assert_ptr_equal(plain(p, end, &found), stop);
    assert_true(found || !high);
}

static void all_ways_end_where_the_definition_says(void **state)
{
    static const char bytes[] = {'a', ' ', '!', (char)0x80, (char)0xA2, '#', '\\', '"', 0x1f, 0};
    struct rng rng;

    (void)state;
    rng_split(&rng, 8, 9);
    for (uint32_t round = 0; round < 20000; round++) {
        uint32_t size = JSON_PLAIN_LEAD + (uint32_t)rng_below(&rng, 100);
        char *text = malloc(size); /* of this size, so that reading too far is seen */
        uint64_t kinds = 1 + rng_below(&rng, sizeof bytes);
        const char *from = text + rng_below(&rng, size);

        for (uint32_t i = 0; i < size; i++)
            text[i] = bytes[rng_below(&rng, rng_below(&rng, 40) ? 1 : kinds)];
        text[size - 1] = '}';
        assert_ends(json_plain_portable, from, text + size);
#ifdef __x86_64__
        if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi"))
            assert_ends(json_plain_avx2, from, text + size);
#endif
        free(text);
    }
}

static void every_byte_stops_or_does_not(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        char text[2 * JSON_PLAIN_LEAD];

        memset(text, 'a', sizeof text);
        text[40] = (char)c;
        text[sizeof text - 1] = '}';
        assert_ends(json_plain_portable, text, text + sizeof text);
#ifdef __x86_64__
        if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi"))
            assert_ends(json_plain_avx2, text, text + sizeof text);
#endif
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_ways_end_where_the_definition_says),
        cmocka_unit_test(every_byte_stops_or_does_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
