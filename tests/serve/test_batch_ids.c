#include "serve/batch_ids.h"

#include "tests/support.h"

static void a_batch_is_known_until_enough_newer_ones_came(void **state)
{
    AUTO(batch_ids_free) struct batch_ids *ids = NULL;
    struct batch_id id = {.key = 7, .body = 70, .accepted = 3};

    (void)state;
    assert_int_equal(batch_ids_new(&ids), 0);
    assert_null(batch_ids_find(ids, 7));
    assert_null(batch_ids_find(ids, 0));
    batch_ids_put(ids, &id);
    assert_int_equal(batch_ids_find(ids, 7)->accepted, 3);
    for (uint64_t key = 100; key < 100 + BATCH_IDS - 1; key++)
        batch_ids_put(ids, &(struct batch_id){.key = key});
    assert_non_null(batch_ids_find(ids, 7));
    batch_ids_put(ids, &(struct batch_id){.key = 8});
    assert_null(batch_ids_find(ids, 7));
    assert_non_null(batch_ids_find(ids, 8));
}

static void a_copy_knows_the_same(void **state)
{
    AUTO(batch_ids_free) struct batch_ids *ids = NULL, *copy = NULL;

    (void)state;
    assert_int_equal(batch_ids_new(&ids), 0);
    assert_int_equal(batch_ids_new(&copy), 0);
    for (uint64_t key = 1; key <= BATCH_IDS + 10; key++)
        batch_ids_put(ids, &(struct batch_id){.key = key, .body = 2 * key});
    batch_ids_copy(copy, ids);
    assert_null(batch_ids_find(copy, 10));
    assert_int_equal(batch_ids_find(copy, 11)->body, 22);
    batch_ids_put(copy, &(struct batch_id){.key = 5});
    assert_null(batch_ids_find(copy, 11)); /* the oldest gives way there too */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_is_known_until_enough_newer_ones_came),
        cmocka_unit_test(a_copy_knows_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
