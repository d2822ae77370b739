#include "detector/timeline.h"
#include "tests/support.h"

static const msec_t START = 1769904000000; /* 2026-02-01 */

static struct timelines *of_two(void)
{
    struct timelines *t = NULL;

    assert_int_equal(timelines_new(2, &t), 0);
    return t;
}

static void add(struct timelines *t, uint32_t account, msec_t ts, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        timelines_add(t, account, ts, false, false);
}

static void what_stands_for_a_class_is_of_that_class(void **state)
{
    (void)state;
    for (uint32_t i = 1; i < TIMELINE_CLASSES; i++) {
        assert_true(timeline_typical[i] >= timeline_from[i]);
        if (i + 1 < TIMELINE_CLASSES)
            assert_true(timeline_typical[i] < timeline_from[i + 1]);
    }
}

static void exchanges_are_counted_by_the_hour_from_the_day_of_the_first(void **state)
{
    struct timelines *t = of_two();
    struct timeline out;

    (void)state;
    add(t, 0, START + 5 * MSEC_HOUR, 1);
    add(t, 0, START + 5 * MSEC_HOUR + MSEC_MINUTE, 1);
    add(t, 0, START + 7 * MSEC_HOUR, 20);
    timelines_get(t, 0, &out);
    assert_int_equal(out.from, START);
    assert_int_equal(out.width_ms, MSEC_HOUR);
    assert_int_equal(out.count, 8);
    assert_int_equal(out.cell[5], 2); /* 2 or 3 */
    assert_int_equal(out.cell[6], 0);
    assert_int_equal(out.cell[7], 5); /* 20 to 49 */
    timelines_get(t, 1, &out);
    assert_int_equal(out.count, 0);
    timelines_free(t);
}

static void time_before_1970_has_days_too(void **state)
{
    struct timelines *t = of_two();
    struct timeline out;

    (void)state;
    add(t, 0, -2 * MSEC_HOUR, 1);
    timelines_get(t, 0, &out);
    assert_int_equal(out.from, -MSEC_DAY);
    assert_int_equal(out.count, 23);
    timelines_free(t);
}

static void a_week_that_begins_at_any_hour_keeps_its_hours(void **state)
{
    struct timelines *t = of_two();
    struct timeline out;

    (void)state;
    add(t, 0, START + 23 * MSEC_HOUR, 1);
    add(t, 1, START + 23 * MSEC_HOUR + 7 * MSEC_DAY - 1, 1);
    timelines_get(t, 1, &out);
    assert_int_equal(out.width_ms, MSEC_HOUR);
    assert_int_equal(out.count, 23 + 7 * 24);
    timelines_free(t);
}

static void cells_grow_wider_for_all_accounts_as_time_runs_on(void **state)
{
    struct timelines *t = of_two();
    struct timeline out;

    (void)state;
    add(t, 0, START, 4);
    add(t, 0, START + MSEC_HOUR, 4);
    add(t, 0, START + 4 * MSEC_HOUR, 1);
    add(t, 1, START + 20 * MSEC_DAY, 1); /* 480 hours: four to a cell */
    timelines_get(t, 0, &out);
    assert_int_equal(out.width_ms, 4 * MSEC_HOUR);
    assert_int_equal(out.count, 2);
    assert_int_equal(out.cell[0], 4); /* 5 stands for 4 to 7, twice: 8 to 19 */
    assert_int_equal(out.cell[1], 1);
    timelines_get(t, 1, &out);
    assert_int_equal(out.count, 121);
    timelines_free(t);
}

static void a_cell_tells_whether_its_last_exchange_asked_for_the_newest_model(void **state)
{
    struct timelines *t = of_two();
    struct timeline out;

    (void)state;
    timelines_add(t, 0, START, true, false);
    timelines_add(t, 0, START + 1, false, false);
    timelines_add(t, 0, START + MSEC_HOUR, true, false);
    timelines_get(t, 0, &out);
    assert_int_equal(out.cell[0], 2);
    assert_int_equal(out.cell[1], 1 | TIMELINE_NEWEST);
    add(t, 1, START + 9 * MSEC_DAY, 1); /* two hours to a cell: the later one tells */
    timelines_get(t, 0, &out);
    assert_int_equal(out.cell[0], 2 | TIMELINE_NEWEST);
    timelines_free(t);
}

static void the_first_exchange_as_a_member_is_kept_to_the_minute(void **state)
{
    struct timelines *t = of_two();
    struct timeline out;

    (void)state;
    timelines_add(t, 0, START, false, false);
    timelines_get(t, 0, &out);
    assert_int_equal(out.member_ts, INT64_MIN);
    timelines_add(t, 0, START + MSEC_HOUR + 1, false, true);
    timelines_add(t, 0, START + 2 * MSEC_HOUR, false, true);
    timelines_get(t, 0, &out);
    assert_int_equal(out.member_ts, START + MSEC_HOUR);
    timelines_add(t, 0, START + 3 * MSEC_HOUR, false, false); /* the group has dropped it */
    timelines_add(t, 0, START + 4 * MSEC_HOUR, false, true);
    timelines_get(t, 0, &out);
    assert_int_equal(out.member_ts, START + 4 * MSEC_HOUR);
    timelines_free(t);
}

static void a_slot_that_is_used_again_begins_empty(void **state)
{
    struct timelines *t = of_two();
    struct timeline out;

    (void)state;
    add(t, 0, START, 3);
    timelines_forget(t, 0);
    timelines_get(t, 0, &out);
    assert_int_equal(out.count, 0);
    timelines_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_stands_for_a_class_is_of_that_class),
        cmocka_unit_test(exchanges_are_counted_by_the_hour_from_the_day_of_the_first),
        cmocka_unit_test(time_before_1970_has_days_too),
        cmocka_unit_test(a_week_that_begins_at_any_hour_keeps_its_hours),
        cmocka_unit_test(cells_grow_wider_for_all_accounts_as_time_runs_on),
        cmocka_unit_test(a_cell_tells_whether_its_last_exchange_asked_for_the_newest_model),
        cmocka_unit_test(the_first_exchange_as_a_member_is_kept_to_the_minute),
        cmocka_unit_test(a_slot_that_is_used_again_begins_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
