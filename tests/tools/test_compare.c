#include "tools/compare.h"

#include "tests/support.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ACCOUNT(id, level, exchanges)                                                              \
    "{\"account\":\"" id "\",\"score\":0.5,\"level\":\"" level "\",\"exchanges\":" exchanges "}\n"

static const char labels[] =
    "{\"account\":\"a1\",\"population\":\"ring\",\"campaign\":\"ring\",\"truth\":\"distilling\"}\n"
    "{\"account\":\"a2\",\"population\":\"ring\",\"campaign\":\"ring\",\"truth\":\"distilling\"}\n"
    "{\"account\":\"a3\",\"population\":\"ring\",\"campaign\":\"ring\",\"truth\":\"distilling\"}\n"
    "{\"account\":\"p1\",\"population\":\"chat\",\"truth\":\"benign\",\"stratum\":\"plain\"}\n"
    "{\"account\":\"p2\",\"population\":\"chat\",\"truth\":\"benign\",\"stratum\":\"plain\"}\n";
static const char before[] = ACCOUNT("a1", "act", "10") ACCOUNT("a2", "none", "20")
    ACCOUNT("p1", "review", "5") ACCOUNT("p2", "none", "6");
static const char after[] = ACCOUNT("a1", "review", "10") ACCOUNT("a2", "review", "20")
    ACCOUNT("p1", "watch", "5") ACCOUNT("p2", "none", "6");
static const char other[] = ACCOUNT("a1", "review", "11") ACCOUNT("a2", "review", "20")
    ACCOUNT("p1", "watch", "5") ACCOUNT("p2", "none", "6");

struct bench {
    char *folder;
    struct truth *truth;
    struct run *before, *after;
    struct compare *compare;
};

static struct run *run_of(const char *folder, const char *accounts)
{
    struct run *run = NULL;
    struct err err = {""};

    (void)temp_file(folder, "accounts.jsonl", accounts, SIZE_MAX);
    (void)temp_file(folder, "clusters.jsonl", "", SIZE_MAX);
    (void)temp_file(folder, "findings.jsonl", "", SIZE_MAX);
    if (run_read(folder, LEVEL_ACT, &run, &err) < 0)
        fail_msg("%s", err.text);
    return run;
}

static int bench_open(struct bench *b, const char *accounts_after)
{
    struct err err = {""};

    *b = (struct bench){.folder = temp_folder_new()};
    assert_int_equal(
        truth_read(temp_file(b->folder, "labels.jsonl", labels, SIZE_MAX), &b->truth, &err), 0);
    b->before = run_of(b->folder, before);
    b->after = run_of(b->folder, accounts_after);
    return compare_runs(b->before, b->after, b->truth, LEVEL_REVIEW, &b->compare, &err);
}

static void bench_close(struct bench *b)
{
    compare_free(b->compare);
    run_free(b->before);
    run_free(b->after);
    truth_free(b->truth);
    temp_folder_remove(b->folder);
}

static void accounts_that_changed_are_named_with_their_population(void **state)
{
    struct bench b;

    (void)state;
    assert_int_equal(bench_open(&b, after), 0);
    assert_int_equal(b.compare->newly_count, 1);
    assert_string_equal(b.compare->newly[0].account, "a2");
    assert_string_equal(b.compare->newly[0].population, "ring");
    assert_int_equal(b.compare->no_longer_count, 1);
    assert_string_equal(b.compare->no_longer[0].account, "p1");
    bench_close(&b);
}

static void every_row_is_a_fourfold_table_and_unseen_campaign_accounts_are_missed_twice(void **s)
{
    const struct compare_row *ring, *benign;
    struct bench b;

    (void)s;
    assert_int_equal(bench_open(&b, after), 0);
    ring = compare_row(b.compare, "ring");
    benign = compare_row(b.compare, "benign");
    assert_non_null(ring);
    assert_true(ring->wanted);
    assert_int_equal(ring->paired.both, 1);
    assert_int_equal(ring->paired.second_only, 1);
    assert_int_equal(ring->paired.neither, 1); /* a3 */
    assert_int_equal(benign->paired.first_only, 1);
    assert_int_equal(benign->paired.of, 2);
    assert_null(compare_row(b.compare, "hard"));
    bench_close(&b);
}

static void without_truth_there_is_one_row(void **state)
{
    struct compare *compare = NULL;
    struct err err = {""};
    struct bench b;

    (void)state;
    assert_int_equal(bench_open(&b, after), 0);
    assert_int_equal(compare_runs(b.before, b.after, NULL, LEVEL_ACT, &compare, &err), 0);
    assert_int_equal(compare->row_count, 1);
    assert_int_equal(compare->row[0].paired.of, 4);
    assert_int_equal(compare->no_longer_count, 1); /* a1 was at act */
    compare_free(compare);
    bench_close(&b);
}

static void runs_of_other_traffic_are_refused(void **state)
{
    struct bench b;

    (void)state;
    assert_int_equal(bench_open(&b, other), -EINVAL);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accounts_that_changed_are_named_with_their_population),
        cmocka_unit_test(
            every_row_is_a_fourfold_table_and_unseen_campaign_accounts_are_missed_twice),
        cmocka_unit_test(without_truth_there_is_one_row),
        cmocka_unit_test(runs_of_other_traffic_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
