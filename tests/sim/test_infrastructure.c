#include "sim/infrastructure.h"
#include "tests/sim/tiny.h"

#include <arpa/inet.h>

static struct infrastructure *built(const struct tiny *t)
{
    struct infrastructure *inf = NULL;

    assert_int_equal(infrastructure_new(&t->scenario, &inf), 0);
    return inf;
}

/* As the kernel reads it; 0 for IPv6, which must be in 2001:db8::/32. */
static uint32_t address_of(const struct exit_address *exit)
{
    char text[EXIT_TEXT_SIZE + 1];
    unsigned char v6[16];
    struct in_addr v4;

    memcpy(text, exit->text, exit->text_size);
    text[exit->text_size] = '\0';
    if (inet_pton(AF_INET, text, &v4) == 1)
        return ntohl(v4.s_addr);
    assert_int_equal(inet_pton(AF_INET6, text, v6), 1);
    assert_memory_equal(v6, "\x20\x01\x0d\xb8", 4);
    return 0;
}

static void all_addresses_are_reserved_and_as_numbers_private(void **state)
{
    struct tiny t;
    struct infrastructure *inf;

    (void)state;
    tiny_init(&t);
    inf = built(&t);
    for (uint32_t i = 0; i < 4000; i++) {
        struct exit_address exit;
        uint32_t address;

        infrastructure_exit(inf, i % 2, 0, mix64(i), &exit);
        address = address_of(&exit);
        assert_true(address == 0 || (address >= 0xF0000000u && address < 0xFFFFFF00u));
        assert_true((exit.asn >= 64512 && exit.asn <= 65534) ||
                    (exit.asn >= 4200000000 && exit.asn <= 4294967294));
    }
    infrastructure_free(inf);
}

static void a_slash_24_has_one_country_and_as_number(void **state)
{
    enum { EXITS = 3000 };
    struct tiny t;
    struct infrastructure *inf;
    struct exit_address exit[EXITS];

    (void)state;
    tiny_init(&t);
    inf = built(&t);
    for (uint32_t i = 0; i < EXITS; i++)
        infrastructure_exit(inf, i % 3 == 0, i % 3 == 2, mix64(i), &exit[i]);
    for (uint32_t i = 0; i < EXITS; i++)
        for (uint32_t j = 0; j < i; j++) {
            uint32_t a = address_of(&exit[i]), b = address_of(&exit[j]);

            if (a == 0 || a >> 8 != b >> 8)
                continue;
            assert_string_equal(exit[i].country, exit[j].country);
            assert_int_equal(exit[i].asn, exit[j].asn);
        }
    infrastructure_free(inf);
}

static void the_same_exit_is_the_same_address(void **state)
{
    struct tiny t;
    struct infrastructure *inf;
    struct exit_address a, b;

    (void)state;
    tiny_init(&t);
    inf = built(&t);
    infrastructure_exit(inf, 0, 1, 42, &a);
    infrastructure_exit(inf, 0, 1, 42, &b);
    assert_int_equal(a.text_size, b.text_size);
    assert_memory_equal(a.text, b.text, a.text_size);
    assert_string_equal(a.country, "DE");
    infrastructure_free(inf);
}

static void a_network_has_no_more_addresses_than_exits(void **state)
{
    struct tiny t;
    struct infrastructure *inf;
    uint32_t seen[12] = {0}, count = 0;

    (void)state;
    tiny_init(&t);
    t.network[1].exit_count = 10;
    inf = built(&t);
    for (uint32_t i = 0; i < 500; i++) {
        struct exit_address exit;
        uint32_t k = 0, address;

        infrastructure_exit(inf, 1, 0, i, &exit);
        address = address_of(&exit);
        while (k < count && seen[k] != address)
            k++;
        if (k == count)
            seen[count++] = address;
        assert_true(count <= 10);
    }
    assert_int_equal(count, 10);
    infrastructure_free(inf);
}

static void two_block_networks_do_not_overlap(void **state)
{
    struct tiny t;
    struct infrastructure *inf;
    uint32_t top = 0, bottom = UINT32_MAX;

    (void)state;
    tiny_init(&t);
    t.network[0].kind = NETWORK_BUSINESS;
    t.network[0].ipv6 = false;
    inf = built(&t);
    for (uint32_t i = 0; i < 2000; i++) {
        struct exit_address exit;
        uint32_t address;

        infrastructure_exit(inf, i & 1, 0, mix64(i), &exit);
        address = address_of(&exit);
        if (i & 1)
            bottom = address < bottom ? address : bottom;
        else
            top = address > top ? address : top;
    }
    assert_true(top < bottom);
    infrastructure_free(inf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_addresses_are_reserved_and_as_numbers_private),
        cmocka_unit_test(a_slash_24_has_one_country_and_as_number),
        cmocka_unit_test(the_same_exit_is_the_same_address),
        cmocka_unit_test(a_network_has_no_more_addresses_than_exits),
        cmocka_unit_test(two_block_networks_do_not_overlap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
