#include "base/siphash.h"

#include "tests/support.h"

#include <string.h>

/* Vectors of the reference implementation (vectors.h, `vectors_sip128`): key 00..0f, data 00..n-1.
 */
static void agrees_with_the_reference_implementation(void **state)
{
    static const struct {
        uint32_t n;
        uint8_t hash[16];
    } cases[] = {
        {0,
         {0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6, 0x6d, 0xf6, 0x72, 0x14, 0xc7, 0x55, 0x02,
          0x93}},
        {1,
         {0xda, 0x87, 0xc1, 0xd8, 0x6b, 0x99, 0xaf, 0x44, 0x34, 0x76, 0x59, 0x11, 0x9b, 0x22, 0xfc,
          0x45}},
        {8,
         {0x3b, 0x62, 0xa9, 0xba, 0x62, 0x58, 0xf5, 0x61, 0x0f, 0x83, 0xe2, 0x64, 0xf3, 0x14, 0x97,
          0xb4}},
    };
    const uint64_t key[2] = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
    char data[16];

    (void)state;
    for (int i = 0; i < 16; i++)
        data[i] = (char)i;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t hash[16];

        siphash128((struct str){data, cases[i].n}, key, hash);
        assert_memory_equal(hash, cases[i].hash, 16);
    }
}

static void another_secret_gives_another_hash(void **state)
{
    char a[SIPHASH_HEX_SIZE], b[SIPHASH_HEX_SIZE], again[SIPHASH_HEX_SIZE];

    (void)state;
    siphash_hex(STR("value"), 1, a);
    siphash_hex(STR("value"), 2, b);
    siphash_hex(STR("value"), 1, again);
    assert_string_not_equal(a, b);
    assert_string_equal(a, again);
    assert_int_equal(strlen(a), 32);
    assert_int_equal(strspn(a, "0123456789abcdef"), 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_reference_implementation),
        cmocka_unit_test(another_secret_gives_another_hash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
