#include "tests/support.h"
#include "tools/timeline_text.h"

#include <errno.h>
#include <string.h>

static void a_timeline_is_read_as_it_was_written(void **state)
{
    struct timeline timeline = {.count = 6, .cell = {0, 0, 1, 7, 0, 2 | TIMELINE_NEWEST}};
    struct timeline back;
    char text[TIMELINE_TEXT_SIZE];

    (void)state;
    assert_string_equal(timeline_write_text(&timeline, text), "2ag1B");
    assert_int_equal(timeline_read_text(str_of(text), &back), 0);
    assert_int_equal(back.count, 6);
    assert_memory_equal(back.cell, timeline.cell, 6);
}

static void the_longest_timeline_fits(void **state)
{
    struct timeline timeline = {.count = TIMELINE_CELLS}, back;
    char text[TIMELINE_TEXT_SIZE];

    (void)state;
    memset(timeline.cell, 3, sizeof timeline.cell);
    assert_int_equal(strlen(timeline_write_text(&timeline, text)), TIMELINE_CELLS);
    assert_int_equal(timeline_read_text(str_of(text), &back), 0);
    assert_int_equal(back.count, TIMELINE_CELLS);
}

static void an_account_that_was_never_active_has_no_cells(void **state)
{
    struct timeline timeline = {.count = 0}, back = {.count = 9};
    char text[TIMELINE_TEXT_SIZE];

    (void)state;
    assert_string_equal(timeline_write_text(&timeline, text), "");
    assert_int_equal(timeline_read_text(STR(""), &back), 0);
    assert_int_equal(back.count, 0);
}

static void what_is_no_timeline_is_refused(void **state)
{
    struct timeline out;

    (void)state;
    assert_int_equal(timeline_read_text(STR("3h"), &out), -EINVAL); /* no such class */
    assert_int_equal(timeline_read_text(STR("a3"), &out), -EINVAL); /* empty cells at the end */
    assert_int_equal(timeline_read_text(STR("191a"), &out), 0);
    assert_int_equal(timeline_read_text(STR("191aa"), &out), -EINVAL); /* too many */
    assert_int_equal(timeline_read_text(STR("99999999999a"), &out), -EINVAL);
    assert_int_equal(timeline_read_text(STR("-1a"), &out), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_timeline_is_read_as_it_was_written),
        cmocka_unit_test(the_longest_timeline_fits),
        cmocka_unit_test(an_account_that_was_never_active_has_no_cells),
        cmocka_unit_test(what_is_no_timeline_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
