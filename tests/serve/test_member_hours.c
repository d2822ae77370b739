#include "serve/member_hours.h"

#include "tests/support.h"

#include <string.h>

static const char *row(const struct member_hours *hours, uint64_t account)
{
    static char text[4096];
    struct json_write w;

    json_write_init(&w, NULL);
    member_hours_row_write(hours, account, STR("a"), &w);
    assert_true(w.size < sizeof text);
    if (w.size > 0)
        memcpy(text, w.text, w.size);
    text[w.size] = '\0';
    json_write_deinit(&w);
    return text;
}

static void hours_of_a_watched_account_are_counted(void **state)
{
    AUTO(member_hours_free) struct member_hours *hours = NULL;
    const msec_t hour = 1000 * MSEC_HOUR;

    (void)state;
    assert_int_equal(member_hours_new(&hours), 0);
    member_hours_count(hours, 5, hour);
    assert_string_equal(row(hours, 5), ""); /* nobody watches it */
    member_hours_watch(hours, 5);
    assert_string_equal(row(hours, 5), "");
    member_hours_count(hours, 5, hour);
    member_hours_count(hours, 5, hour + 1);
    member_hours_count(hours, 5, hour + 2 * MSEC_HOUR);
    member_hours_count(hours, 5, hour + MSEC_HOUR); /* late, within the row */
    member_hours_count(hours, 6, hour);
    assert_string_equal(row(hours, 5), "{\"account\":\"a\",\"from\":3600000000,\"hours\":[2,1,1]}");
}

static void old_hours_give_way(void **state)
{
    AUTO(member_hours_free) struct member_hours *hours = NULL;
    const msec_t hour = 1000 * MSEC_HOUR;

    (void)state;
    assert_int_equal(member_hours_new(&hours), 0);
    member_hours_watch(hours, 5);
    member_hours_count(hours, 5, hour);
    member_hours_count(hours, 5, hour + MEMBER_HOURS_KEPT * MSEC_HOUR);
    member_hours_count(hours, 5, hour); /* too old by now */
    assert_string_equal(row(hours, 5), "{\"account\":\"a\",\"from\":4204800000,\"hours\":[1]}");
}

static void the_oldest_row_gives_way(void **state)
{
    AUTO(member_hours_free) struct member_hours *hours = NULL;

    (void)state;
    assert_int_equal(member_hours_new(&hours), 0);
    for (uint64_t account = 1; account <= MEMBER_HOURS_ROWS + 1; account++)
        member_hours_watch(hours, account);
    for (uint64_t account = 1; account <= MEMBER_HOURS_ROWS + 1; account++)
        member_hours_count(hours, account, MSEC_HOUR);
    assert_string_equal(row(hours, 1), "");
    assert_string_not_equal(row(hours, 2), "");
    assert_string_not_equal(row(hours, MEMBER_HOURS_ROWS + 1), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hours_of_a_watched_account_are_counted),
        cmocka_unit_test(old_hours_give_way),
        cmocka_unit_test(the_oldest_row_gives_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
