#include "event/dedup.h"

#include "base/rng.h"
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

static void a_bucket_forgets_its_oldest_first(void **state)
{
    AUTO(dedup_free) struct dedup *dedup = NULL;

    (void)state;
    assert_int_equal(dedup_new(1, &dedup), 0); /* a single bucket */
    for (uint64_t id = 1; id <= DEDUP_BUCKET; id++)
        assert_false(dedup_seen(dedup, id));
    assert_true(dedup_seen(dedup, 1)); /* seeing it again does not make it younger */
    assert_false(dedup_seen(dedup, DEDUP_BUCKET + 1));
    for (uint64_t id = 2; id <= DEDUP_BUCKET + 1; id++)
        assert_true(dedup_seen(dedup, id));
    assert_false(dedup_seen(dedup, 1));
}

static void nearly_all_of_the_last_ids_are_remembered(void **state)
{
    enum { CAPACITY = 10000, IDS = 200000 };
    AUTO(dedup_free) struct dedup *dedup = NULL;
    uint32_t forgotten = 0;

    (void)state;
    assert_int_equal(dedup_new(CAPACITY, &dedup), 0);
    for (uint64_t i = 1; i <= IDS; i++) {
        dedup_prefetch(dedup, mix64(i));
        assert_false(dedup_seen(dedup, mix64(i)));
        if (i > CAPACITY / 4)
            assert_true(dedup_seen(dedup, mix64(i - CAPACITY / 4)));
    }
    for (uint64_t i = IDS - CAPACITY + 1; i <= IDS; i++)
        forgotten += !dedup_seen(dedup, mix64(i)); /* which is then new, and pushes others out */
    assert_true(forgotten < CAPACITY / 500);
}

static void old_ids_are_forgotten(void **state)
{
    enum { CAPACITY = 1000 };
    AUTO(dedup_free) struct dedup *dedup = NULL;

    (void)state;
    assert_int_equal(dedup_new(CAPACITY, &dedup), 0);
    for (uint64_t i = 1; i <= 100 * CAPACITY; i++)
        assert_false(dedup_seen(dedup, mix64(i)));
    assert_false(dedup_seen(dedup, mix64(1)));
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
        cmocka_unit_test(a_bucket_forgets_its_oldest_first),
        cmocka_unit_test(nearly_all_of_the_last_ids_are_remembered),
        cmocka_unit_test(old_ids_are_forgotten),
        cmocka_unit_test(memory_is_told_and_grows_with_the_places),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
