#include "event/dedup.h"
#include "tests/support.h"

static void an_id_is_new_once(void **state)
{
    AUTO(dedup_free) struct dedup *dedup = NULL;

    (void)state;
    assert_int_equal(dedup_new(4, &dedup), 0);
    assert_false(dedup_seen(dedup, 7));
    assert_true(dedup_seen(dedup, 7));
    assert_false(dedup_seen(dedup, 8));
    assert_true(dedup_seen(dedup, 7));
}

static void the_oldest_is_forgotten_first(void **state)
{
    AUTO(dedup_free) struct dedup *dedup = NULL;

    (void)state;
    assert_int_equal(dedup_new(3, &dedup), 0);
    for (uint64_t id = 1; id <= 3; id++)
        assert_false(dedup_seen(dedup, id));
    assert_true(dedup_seen(dedup, 1)); /* seeing it again does not make it younger */
    assert_false(dedup_seen(dedup, 4));
    assert_true(dedup_seen(dedup, 2));
    assert_true(dedup_seen(dedup, 3));
    assert_false(dedup_seen(dedup, 1));
    assert_false(dedup_seen(dedup, 2));
}

static void exactly_the_last_ids_are_remembered(void **state)
{
    AUTO(dedup_free) struct dedup *dedup = NULL;

    (void)state;
    assert_int_equal(dedup_new(1000, &dedup), 0);
    for (uint64_t id = 1; id <= 10000; id++) {
        dedup_prefetch(dedup, id);
        assert_false(dedup_seen(dedup, id));
        if (id >= 1000)
            assert_true(dedup_seen(dedup, id - 999));
    }
    assert_false(dedup_seen(dedup, 9000));
}

static void a_single_place_is_enough_to_work(void **state)
{
    AUTO(dedup_free) struct dedup *dedup = NULL;

    (void)state;
    assert_int_equal(dedup_new(1, &dedup), 0);
    assert_false(dedup_seen(dedup, 1));
    assert_true(dedup_seen(dedup, 1));
    assert_false(dedup_seen(dedup, 2));
    assert_false(dedup_seen(dedup, 1));
}

static void memory_is_told_and_grows_with_the_places(void **state)
{
    AUTO(dedup_free) struct dedup *small = NULL;
    AUTO(dedup_free) struct dedup *large = NULL;

    (void)state;
    assert_int_equal(dedup_new(1000, &small), 0);
    assert_int_equal(dedup_new(100000, &large), 0);
    assert_true(dedup_memory(small) > 1000 * sizeof(uint64_t));
    assert_true(dedup_memory(large) > 10 * dedup_memory(small));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_is_new_once),
        cmocka_unit_test(the_oldest_is_forgotten_first),
        cmocka_unit_test(exactly_the_last_ids_are_remembered),
        cmocka_unit_test(a_single_place_is_enough_to_work),
        cmocka_unit_test(memory_is_told_and_grows_with_the_places),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
