#include "tests/support.h"
#include "tools/raster.h"

#include <stdio.h>
#include <string.h>

static const msec_t START = 1769904000000; /* 2026-02-01 */

enum { MEMBERS = 9 };

/* A group whose i-th account of the file begins in hour MEMBERS + 2 - i; the last one says nothing
 * of when it was active. */
static struct run *falling_run(void)
{
    char accounts[8192] = "", members[512] = "", cluster[1024], *folder = temp_folder_new();
    struct run *run = NULL;
    struct err err = {""};

    for (int i = 0; i < MEMBERS; i++) {
        size_t n = strlen(accounts), m = strlen(members);
        char timeline[128] = "";

        if (i + 1 < MEMBERS)
            (void)snprintf(timeline, sizeof timeline,
                           ",\"timeline\":{\"from\":1769904000000,\"width_ms\":3600000,"
                           "\"cells\":\"%dc1%c\"}",
                           MEMBERS + 2 - i, i == 0 ? 'A' : 'a');
        (void)snprintf(accounts + n, sizeof accounts - n,
                       "{\"account\":\"a%d\",\"score\":0.9,\"level\":\"review\",\"cluster\":\"c1\","
                       "\"exchanges\":5,\"first_ts\":%lld%s}\n",
                       i, (long long)(START + (MEMBERS + 2 - i) * MSEC_HOUR), timeline);
        (void)snprintf(members + m, sizeof members - m, "%s\"a%d\"", i ? "," : "", i);
    }
    (void)snprintf(cluster, sizeof cluster,
                   "{\"cluster\":\"c1\",\"score\":0.9,\"level\":\"review\",\"members\":[%s]}\n",
                   members);
    (void)temp_file(folder, "accounts.jsonl", accounts, SIZE_MAX);
    (void)temp_file(folder, "clusters.jsonl", cluster, SIZE_MAX);
    (void)temp_file(folder, "findings.jsonl", "", 0);
    if (run_read(folder, LEVEL_NONE, &run, &err) < 0)
        fail_msg("%s", err.text);
    temp_folder_remove(folder);
    return run;
}

static void rows_follow_the_first_exchange_on_common_cells(void **state)
{
    AUTO(run_free) struct run *run = falling_run();
    AUTO(raster_free) struct raster *raster = NULL;

    (void)state;
    assert_int_equal(raster_new(run, &run->cluster[0], 100, &raster), 0);
    assert_non_null(raster);
    assert_int_equal(raster->members, MEMBERS);
    assert_int_equal(raster->row_count, MEMBERS - 1); /* one tells nothing */
    assert_string_equal(raster->row[0].account->account, "a7");
    assert_string_equal(raster->row[MEMBERS - 2].account->account, "a0");
    assert_int_equal(raster->from, START + 4 * MSEC_HOUR); /* a7's first, nothing before it */
    assert_int_equal(raster->cell_count, MEMBERS - 2 + 3);
    assert_int_equal(raster->row[0].cell[0], 3);
    assert_int_equal(raster->row[0].cell[1], 0);
    assert_int_equal(raster->row[0].cell[2], 1);
    assert_int_equal(raster_active(raster, &raster->row[0]), 2);
    assert_int_equal(raster->row[MEMBERS - 2].cell[raster->cell_count - 1], 1 | TIMELINE_NEWEST);
    assert_true(raster->newest);
}

static void too_many_members_are_thinned_in_even_steps(void **state)
{
    AUTO(run_free) struct run *run = falling_run();
    AUTO(raster_free) struct raster *raster = NULL;

    (void)state;
    assert_int_equal(raster_new(run, &run->cluster[0], 3, &raster), 0);
    assert_int_equal(raster->row_count, 3);
    assert_string_equal(raster->row[0].account->account, "a7"); /* the first and the last stay */
    assert_string_equal(raster->row[1].account->account, "a4");
    assert_string_equal(raster->row[2].account->account, "a0");
}

static void a_group_without_timelines_has_no_raster(void **state)
{
    AUTO(run_free) struct run *run = falling_run();
    AUTO(raster_free) struct raster *raster = NULL;
    struct run_cluster without = run->cluster[0];
    uint32_t last = MEMBERS - 1;

    (void)state;
    without.member = &last;
    without.member_count = 1;
    assert_int_equal(raster_new(run, &without, 3, &raster), 0);
    assert_null(raster);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_follow_the_first_exchange_on_common_cells),
        cmocka_unit_test(too_many_members_are_thinned_in_even_steps),
        cmocka_unit_test(a_group_without_timelines_has_no_raster),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
