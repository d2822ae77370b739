#include "base/pages.h"
#include "base/rng.h"
#include "base/table.h"
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>

static struct table *made(uint32_t capacity)
{
    struct table *table = NULL;

    assert_int_equal(table_new(capacity, &table), 0);
    return table;
}

static void a_key_that_was_put_is_found_with_its_last_value(void **state)
{
    AUTO(table_free) struct table *table = made(8);

    (void)state;
    assert_int_equal(table_find(table, 77), TABLE_NONE);
    assert_true(table_put(table, 77, 1));
    assert_true(table_put(table, 77, 2));
    assert_int_equal(table_find(table, 77), 2);
    assert_int_equal(table_count(table), 1);
}

static void a_full_table_refuses_new_keys_and_still_changes_known_ones(void **state)
{
    AUTO(table_free) struct table *table = made(3);

    (void)state;
    assert_int_equal(table_capacity(table), 3);
    for (uint64_t key = 1; key <= 3; key++)
        assert_true(table_put(table, key, (uint32_t)key));
    assert_false(table_put(table, 4, 4));
    assert_int_equal(table_find(table, 4), TABLE_NONE);
    assert_true(table_put(table, 3, 33));
    assert_int_equal(table_find(table, 3), 33);
    assert_true(table_remove(table, 1));
    assert_true(table_put(table, 4, 4));
}

static void removing_keeps_keys_that_collided_reachable(void **state)
{
    AUTO(table_free) struct table *table = made(8); /* 16 slots */

    (void)state;
    /* All start at the last slot, so the run wraps around the end. */
    for (uint32_t i = 0; i < 6; i++)
        assert_true(table_put(table, 15 + 16 * (uint64_t)i, i));
    assert_true(table_put(table, 1, 100)); /* pushed away from its home by the run */
    assert_true(table_remove(table, 15));
    assert_true(table_remove(table, 15 + 16 * 3));
    assert_false(table_remove(table, 15));
    for (uint32_t i = 0; i < 6; i++)
        assert_int_equal(table_find(table, 15 + 16 * (uint64_t)i),
                         i == 0 || i == 3 ? TABLE_NONE : i);
    assert_int_equal(table_find(table, 1), 100);
    assert_int_equal(table_count(table), 5);
}

/* Few distinct keys and few home slots: long runs, many collisions, often full. */
static void agrees_with_an_array_over_random_operations(void **state)
{
    enum { KEYS = 64, CAPACITY = 40 };
    AUTO(table_free) struct table *table = made(CAPACITY);
    uint32_t expected[KEYS];
    uint32_t count = 0;
    struct rng rng;

    (void)state;
    memset(expected, 0xff, sizeof expected);
    rng_split(&rng, 1, 2);
    for (uint32_t step = 0; step < 20000; step++) {
        uint32_t k = (uint32_t)rng_below(&rng, KEYS);
        uint64_t key = (uint64_t)(k + 1) << 5 | (k & 3);
        bool there = expected[k] != TABLE_NONE;

        table_prefetch(table, key);
        assert_int_equal(table_find(table, key), expected[k]);
        if (rng_below(&rng, 2)) {
            bool fits = there || count < CAPACITY;

            assert_int_equal(table_put(table, key, step), fits);
            count += fits && !there;
            expected[k] = fits ? step : TABLE_NONE;
        } else {
            assert_int_equal(table_remove(table, key), there);
            count -= there;
            expected[k] = TABLE_NONE;
        }
        assert_int_equal(table_count(table), count);
    }
}

/* Half of the keys begin at the last slots, so that each doubling meets a run that wraps around. */
static uint64_t crowded_key(uint32_t i)
{
    uint64_t low = i % 2 ? 0xffff - i % 7 : mix64(i) & 0xffff;

    return (uint64_t)(i + 1) << 32 | low;
}

static void keys_are_found_however_often_the_table_has_grown(void **state)
{
    enum { KEYS = 3000 };
    AUTO(table_free) struct table *table = made(KEYS);

    (void)state;
    for (uint32_t i = 0; i < KEYS; i++) {
        assert_true(table_put(table, crowded_key(i), i));
        for (uint32_t k = 0; k <= i; k += 1 + i / 16)
            assert_int_equal(table_find(table, crowded_key(k)), k);
    }
    for (uint32_t i = 0; i < KEYS; i += 3)
        assert_true(table_remove(table, crowded_key(i)));
    for (uint32_t i = 0; i < KEYS; i++)
        assert_int_equal(table_find(table, crowded_key(i)), i % 3 ? i : TABLE_NONE);
}

static void a_table_that_has_grown_is_loaded_into_a_new_one(void **state)
{
    enum { KEYS = 100 };
    AUTO(table_free) struct table *saved = made(KEYS);
    AUTO(table_free) struct table *loaded = made(KEYS);
    struct state_bytes bytes = {NULL};

    (void)state;
    for (uint32_t i = 0; i < KEYS / 2; i++)
        assert_true(table_put(saved, crowded_key(i), i));
    table_state(saved, state_bytes_save, &bytes);
    table_state(loaded, state_bytes_load, &bytes);
    assert_int_equal(bytes.at, bytes.size);
    free(bytes.data);
    assert_int_equal(table_count(loaded), KEYS / 2);
    for (uint32_t i = KEYS / 2; i < KEYS; i++) /* it grows on */
        assert_true(table_put(loaded, crowded_key(i), i));
    for (uint32_t i = 0; i < KEYS; i++)
        assert_int_equal(table_find(loaded, crowded_key(i)), i);
    assert_false(table_put(loaded, crowded_key(KEYS), KEYS));
}

static void a_cleared_table_is_as_new(void **state)
{
    AUTO(table_free) struct table *table = made(2);

    (void)state;
    assert_true(table_put(table, 5, 1));
    table_clear(table);
    assert_int_equal(table_count(table), 0);
    assert_int_equal(table_find(table, 5), TABLE_NONE);
    assert_true(table_put(table, 6, 1));
    assert_true(table_put(table, 7, 1));
}

static void memory_is_at_most_64_bytes_per_key(void **state)
{
    AUTO(table_free) struct table *table = made(1025); /* just over a power of two */

    (void)state;
    assert_in_range(table_memory(table), 1025 * 32, 1025 * 64 + 64);
}

static void pages_are_zeroed_and_large_ones_aligned(void **state)
{
    static const size_t sizes[] = {1, 4096, (2u << 20) - 1, (2u << 20) + 1};

    (void)state;
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char *p = pages_new(sizes[i]);

        assert_non_null(p);
        assert_int_equal(p[0], 0);
        assert_int_equal(p[sizes[i] - 1], 0);
        p[sizes[i] - 1] = 1;
        if (sizes[i] >= 2u << 20)
            assert_int_equal((uintptr_t)p % (2u << 20), 0);
        pages_free(p, sizes[i]);
    }
    assert_null(pages_new(SIZE_MAX));
    pages_free(NULL, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_that_was_put_is_found_with_its_last_value),
        cmocka_unit_test(a_full_table_refuses_new_keys_and_still_changes_known_ones),
        cmocka_unit_test(removing_keeps_keys_that_collided_reachable),
        cmocka_unit_test(agrees_with_an_array_over_random_operations),
        cmocka_unit_test(keys_are_found_however_often_the_table_has_grown),
        cmocka_unit_test(a_table_that_has_grown_is_loaded_into_a_new_one),
        cmocka_unit_test(a_cleared_table_is_as_new),
        cmocka_unit_test(memory_is_at_most_64_bytes_per_key),
        cmocka_unit_test(pages_are_zeroed_and_large_ones_aligned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
