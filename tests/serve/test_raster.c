#include "serve/raster.h"

#include "tests/support.h"

#include <string.h>

static const char *row(const struct raster *raster, uint64_t account)
{
    static char text[4096];
    struct json_write w;

    json_write_init(&w, NULL);
    raster_row_write(raster, account, STR("a"), &w);
    assert_true(w.size < sizeof text);
    if (w.size > 0)
        memcpy(text, w.text, w.size);
    text[w.size] = '\0';
    json_write_deinit(&w);
    return text;
}

static void hours_of_a_watched_account_are_counted(void **state)
{
    AUTO(raster_free) struct raster *raster = NULL;
    const msec_t hour = 1000 * MSEC_HOUR;

    (void)state;
    assert_int_equal(raster_new(&raster), 0);
    raster_count(raster, 5, hour);
    assert_string_equal(row(raster, 5), ""); /* nobody watches it */
    raster_watch(raster, 5);
    assert_string_equal(row(raster, 5), "");
    raster_count(raster, 5, hour);
    raster_count(raster, 5, hour + 1);
    raster_count(raster, 5, hour + 2 * MSEC_HOUR);
    raster_count(raster, 5, hour + MSEC_HOUR); /* late, within the row */
    raster_count(raster, 6, hour);
    assert_string_equal(row(raster, 5),
                        "{\"account\":\"a\",\"from\":3600000000,\"hours\":[2,1,1]}");
}

static void old_hours_give_way(void **state)
{
    AUTO(raster_free) struct raster *raster = NULL;
    const msec_t hour = 1000 * MSEC_HOUR;

    (void)state;
    assert_int_equal(raster_new(&raster), 0);
    raster_watch(raster, 5);
    raster_count(raster, 5, hour);
    raster_count(raster, 5, hour + RASTER_HOURS * MSEC_HOUR);
    raster_count(raster, 5, hour); /* too old by now */
    assert_string_equal(row(raster, 5), "{\"account\":\"a\",\"from\":4204800000,\"hours\":[1]}");
}

static void the_oldest_row_gives_way(void **state)
{
    AUTO(raster_free) struct raster *raster = NULL;

    (void)state;
    assert_int_equal(raster_new(&raster), 0);
    for (uint64_t account = 1; account <= RASTER_ROWS + 1; account++)
        raster_watch(raster, account);
    for (uint64_t account = 1; account <= RASTER_ROWS + 1; account++)
        raster_count(raster, account, MSEC_HOUR);
    assert_string_equal(row(raster, 1), "");
    assert_string_not_equal(row(raster, 2), "");
    assert_string_not_equal(row(raster, RASTER_ROWS + 1), "");
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
