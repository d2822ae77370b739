#include "sim/work.h"
#include "tests/support.h"

#include <string.h>

static void a_permutation_reaches_every_place_once(void **state)
{
    static const uint64_t sizes[] = {1, 2, 3, 17, 64, 1000, 4097};

    (void)state;
    for (int k = 0; k < 7; k++) {
        bool seen[4097] = {false};

        for (uint64_t x = 0; x < sizes[k]; x++) {
            uint64_t y = work_permute(99, x, sizes[k]);

            assert_true(y < sizes[k]);
            assert_false(seen[y]);
            seen[y] = true;
        }
    }
}

static void another_seed_is_another_permutation(void **state)
{
    int same = 0;

    (void)state;
    for (uint64_t x = 0; x < 1000; x++)
        same += work_permute(1, x, 1000) == work_permute(2, x, 1000);
    assert_in_range(same, 0, 10);
}

static void a_partition_sends_each_item_exactly_once(void **state)
{
    enum { ITEMS = 1000, SEATS = 8, EACH = 250 }; /* twice through the list */
    const struct work_part work = {WORK_PARTITION, ITEMS, 10};
    bool seen[2 * ITEMS] = {false};

    (void)state;
    for (uint32_t seat = 0; seat < SEATS; seat++)
        for (uint64_t done = 0; done < EACH; done++) {
            struct work_item i = work_item(&work, 5, seat, seat, SEATS, done);

            assert_true(i.item < 2 * ITEMS);
            assert_true(i.topic < 10);
            assert_false(seen[i.item]);
            seen[i.item] = true;
        }
}

static void topics_follow_one_another(void **state)
{
    const struct work_part work = {WORK_PARTITION, 1000, 10};
    uint32_t topic = 0;

    (void)state;
    for (uint64_t done = 0; done < 250; done++) {
        struct work_item i = work_item(&work, 5, 1, 1, 4, done);

        assert_true(i.topic >= topic);
        topic = i.topic;
    }
    assert_int_equal(topic, 9);
}

static void a_repeated_list_is_the_same_for_all_in_order(void **state)
{
    const struct work_part work = {WORK_REPEAT, 40, 4};

    (void)state;
    for (uint64_t done = 0; done < 80; done++)
        assert_int_equal(work_item(&work, 5, done, (uint32_t)done, 9, done).item, done % 40);
}

static void a_shuffled_list_is_complete_and_everybodys_own(void **state)
{
    const struct work_part work = {WORK_SHUFFLED, 40, 1};
    bool seen[40] = {false};
    int same = 0;

    (void)state;
    for (uint64_t done = 0; done < 40; done++) {
        uint64_t mine = work_item(&work, 5, 1, 0, 2, done).item;

        assert_false(seen[mine]);
        seen[mine] = true;
        same += mine == work_item(&work, 5, 2, 1, 2, done).item;
    }
    assert_in_range(same, 0, 8);
}

static void without_a_list_items_do_not_repeat(void **state)
{
    const struct work_part work = {WORK_NONE, 0, 0};

    (void)state;
    for (uint64_t done = 1; done < 100; done++)
        assert_int_not_equal(work_item(&work, 5, 1, 0, 1, done).item,
                             work_item(&work, 5, 1, 0, 1, done - 1).item);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_permutation_reaches_every_place_once),
        cmocka_unit_test(another_seed_is_another_permutation),
        cmocka_unit_test(a_partition_sends_each_item_exactly_once),
        cmocka_unit_test(topics_follow_one_another),
        cmocka_unit_test(a_repeated_list_is_the_same_for_all_in_order),
        cmocka_unit_test(a_shuffled_list_is_complete_and_everybodys_own),
        cmocka_unit_test(without_a_list_items_do_not_repeat),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
