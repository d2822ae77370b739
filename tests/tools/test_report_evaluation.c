/* The part of a report that holds a run against the truth: from labels and run to page. */
#include "tests/support.h"
#include "tests/tools/reported.h"
#include "tools/evaluate.h"
#include "tools/report.h"

#include <stdlib.h>
#include <string.h>

static void add_account(char *accounts, char *labels, size_t size, const char *name, double score,
                        const char *population, const char *truth)
{
    size_t a = strlen(accounts), l = strlen(labels);
    bool distilling = strcmp(truth, "distilling") == 0;

    (void)snprintf(
        accounts + a, size - a,
        "{\"account\":\"%s\",\"score\":%g,\"level\":\"%s\",\"cluster\":null,"
        "\"timeline\":{\"from\":1769904000000,\"width_ms\":3600000,\"cells\":\"b6b5c6a3b\"},"
        "\"evidence\":[],\"exchanges\":10,\"first_ts\":1769904000000,"
        "\"last_ts\":1769990400000,\"alert_ts\":%s,\"exchanges_at_alert\":%s}\n",
        name, score, score >= 0.5 ? "review" : "none", score >= 0.5 ? "1769950000000" : "null",
        score >= 0.5 ? "4" : "null");
    (void)snprintf(labels + l, size - l,
                   "{\"account\":\"%s\",\"population\":\"%s\",\"truth\":\"%s\"%s%s%s%s}\n", name,
                   population, truth, distilling ? ",\"campaign\":\"" : "",
                   distilling ? population : "", distilling ? "\"" : "",
                   distilling ? "" : ",\"stratum\":\"plain\"");
}

/* Three distilling accounts, one of them missed, and three honest ones; evaluated. */
static char *evaluated_run(void)
{
    AUTO(truth_free) struct truth *truth = NULL;
    AUTO(run_free) struct run *run = NULL;
    AUTO(evaluation_free) struct evaluation *evaluation = NULL;
    char accounts[4096] = "", labels[4096] = "", *folder = temp_folder_new();
    struct err err = {""};

    add_account(accounts, labels, 4096, "d1", 0.9, "<b>ring</b>", "distilling");
    add_account(accounts, labels, 4096, "d2", 0.8, "<b>ring</b>", "distilling");
    add_account(accounts, labels, 4096, "d3", 0.05, "<b>ring</b>", "distilling");
    add_account(accounts, labels, 4096, "h1", 0.1, "people", "benign");
    add_account(accounts, labels, 4096, "h2", 0.001, "people", "benign");
    add_account(accounts, labels, 4096, "h3", 0.002, "people", "benign");
    (void)temp_file(folder, "clusters.jsonl", "", 0);
    (void)temp_file(folder, "findings.jsonl", "", 0);
    (void)temp_file(folder, "accounts.jsonl", accounts, SIZE_MAX);
    (void)temp_file(folder, "summary.json", "{}", SIZE_MAX);
    assert_int_equal(truth_read(temp_file(folder, "labels.jsonl", labels, SIZE_MAX), &truth, &err),
                     0);
    assert_int_equal(run_read(folder, LEVEL_ACT, &run, &err), 0);
    assert_int_equal(evaluate_folder(folder, truth, run, NULL, NULL, &evaluation, &err), 0);
    return folder;
}

static void found_and_accused_are_told_with_their_denominators(void **state)
{
    char *folder = evaluated_run(), *html = reported_text(folder, DOC_HTML);

    (void)state;
    assert_non_null(strstr(html, "<strong>2 of 3 reached review</strong>"));
    assert_non_null(strstr(html, "<strong>0 of 3 were raised wrongly</strong>"));
    assert_non_null(strstr(html, "66.7\u00a0% ["));
    assert_non_null(strstr(html, "too few accounts"));
    assert_null(strstr(html, "<b>ring"));
    free(html);
    temp_folder_remove(folder);
}

static void the_curve_climbs_from_no_alarm_to_all(void **state)
{
    char *folder = evaluated_run();
    struct report_data *data = reported_load(folder);
    const struct chart_series *s;

    (void)state;
    assert_non_null(data->curves);
    assert_int_equal(data->curves->roc.series_count, 1);
    s = &data->curves->roc.series[0];
    assert_near(s->point[0][1], 0, 0);
    assert_near(s->point[s->count - 1][0], 1, 1e-12);
    assert_near(s->point[s->count - 1][1], 1, 1e-12);
    for (uint32_t i = 1; i < s->count; i++) {
        assert_true(s->point[i][0] >= s->point[i - 1][0]);
        assert_true(s->point[i][1] >= s->point[i - 1][1]);
        if (s->point[i][0] < 0.3)
            assert_true(s->point[i][1] <= 2.0 / 3 + 1e-12); /* h1 scores above d3 */
    }
    report_data_free(data);
    temp_folder_remove(folder);
}

static void misses_are_what_the_curve_has_not_found(void **state)
{
    char *folder = evaluated_run();
    struct report_data *data = reported_load(folder);
    const struct chart_series *roc = &data->curves->roc.series[0];
    const struct chart_series *det = &data->curves->det.series[0];

    (void)state;
    assert_int_equal(det->count, roc->count);
    for (uint32_t i = 0; i < det->count; i++) {
        assert_near(det->point[i][0], roc->point[i][0], 0);
        assert_near(det->point[i][1], 1 - roc->point[i][1], 1e-12);
    }
    report_data_free(data);
    temp_folder_remove(folder);
}

/* Two found without an alarm, then h1, then d3: precision 1 until recall 2/3, and 3/4 in the end.
 */
static void precision_is_full_until_the_first_honest_account(void **state)
{
    char *folder = evaluated_run();
    struct report_data *data = reported_load(folder);
    const struct chart_curve *pr = &data->curves->pr;
    const struct chart_series *s = &pr->series[0], *rare = &pr->series[pr->series_count - 1];

    (void)state;
    assert_int_equal(pr->series_count, 2);
    for (uint32_t i = 0; i < s->count; i++) {
        if (s->point[i][0] < 2.0 / 3 + 1e-9)
            assert_near(s->point[i][1], 1, 1e-12);
        /* three honest accounts leave room for a rate at which one in a thousand drowns */
        assert_true(rare->point[i][1] < 0.01);
    }
    assert_near(s->point[s->count - 1][0], 1, 1e-12);
    assert_near(s->point[s->count - 1][1], 0.5, 1e-12);
    report_data_free(data);
    temp_folder_remove(folder);
}

static void the_leaking_picture_ends_at_the_evaluations_share(void **state)
{
    char *folder = evaluated_run();
    struct report_data *data = reported_load(folder);
    const struct chart_leak *leak = &data->curves->leak;
    const json_t *campaign = json_array_get(json_object_get(data->evaluation, "campaigns"), 0);
    const struct chart_leak_panel *p = &leak->panel[0];

    (void)state;
    assert_int_equal(leak->panel_count, 1); /* honest accounts leak nothing */
    assert_int_equal(p->exchanges, 30);
    assert_near(p->leaked[leak->cell_count - 1], 18.0 / 30, 1e-12);
    assert_near(p->leaked[leak->cell_count - 1],
                json_number_value(json_object_get(campaign, "leaked")), 1e-6);
    assert_near(p->sent[leak->cell_count - 1], 1, 1e-12);
    for (uint32_t i = 0; i < leak->cell_count; i++) {
        assert_true(p->leaked[i] <= p->sent[i] + 1e-12);
        assert_true(i == 0 || p->sent[i] >= p->sent[i - 1]);
    }
    report_data_free(data);
    temp_folder_remove(folder);
}

static void every_strip_holds_its_whole_population(void **state)
{
    char *folder = evaluated_run();
    struct report_data *data = reported_load(folder);
    const struct chart_strips *strips = &data->curves->scores;

    (void)state;
    assert_int_equal(strips->strip_count, 2);
    assert_true(strips->strip[0].guilty);
    assert_false(strips->strip[1].guilty);
    for (uint32_t i = 0; i < strips->strip_count; i++) {
        double sum = 0;

        for (uint32_t b = 0; b < strips->bin_count; b++)
            sum += strips->strip[i].share[b];
        assert_near(sum, 1, 1e-12);
        assert_int_equal(strips->strip[i].account_count, 3);
    }
    report_data_free(data);
    temp_folder_remove(folder);
}

static void without_labels_beside_it_there_are_numbers_but_no_pictures(void **state)
{
    char *folder = evaluated_run(), path[512], *html;

    (void)state;
    (void)snprintf(path, sizeof path, "%s/labels.jsonl", folder);
    assert_int_equal(remove(path), 0);
    html = reported_text(folder, DOC_HTML);
    assert_non_null(strstr(html, "2 of 3 reached review"));
    assert_null(strstr(html, "Scores of each population"));
    free(html);
    temp_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found_and_accused_are_told_with_their_denominators),
        cmocka_unit_test(the_curve_climbs_from_no_alarm_to_all),
        cmocka_unit_test(misses_are_what_the_curve_has_not_found),
        cmocka_unit_test(precision_is_full_until_the_first_honest_account),
        cmocka_unit_test(the_leaking_picture_ends_at_the_evaluations_share),
        cmocka_unit_test(every_strip_holds_its_whole_population),
        cmocka_unit_test(without_labels_beside_it_there_are_numbers_but_no_pictures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
