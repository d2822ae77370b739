/* The report of a small run made by hand (fixtures/run), in which strangers chose hostile names,
 * and of runs that lack something. */
#include "tests/support.h"
#include "tests/tools/reported.h"
#include "tools/charts.h"
#include "tools/report.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static char *fixture_report(enum doc_form form)
{
    return reported_text(source_path("tests/tools/fixtures/run"), form);
}

/* A run folder with nothing but these files' lines. */
static char *small_run(const char *accounts, const char *summary)
{
    char *folder = temp_folder_new();

    (void)temp_file(folder, "clusters.jsonl", "", 0);
    (void)temp_file(folder, "findings.jsonl", "", 0);
    (void)temp_file(folder, "accounts.jsonl", accounts, SIZE_MAX);
    (void)temp_file(folder, "summary.json", summary, SIZE_MAX);
    return folder;
}

static void groups_are_ranked_by_level_then_harm(void **state)
{
    struct report_data *data = reported_load(source_path("tests/tools/fixtures/run"));
    const struct run_cluster *group = data->run->cluster;

    (void)state;
    assert_int_equal(data->run->cluster_count, 4);
    assert_string_equal(group[data->group[0]].cluster, "c1");
    assert_string_equal(group[data->group[1]].cluster, "c9"); /* review, more exchanges than c7 */
    assert_string_equal(group[data->group[2]].cluster, "c7");
    assert_string_equal(group[data->group[3]].cluster, "c12");
    report_data_free(data);
}

static void totals_count_groups_at_review_and_above(void **state)
{
    struct report_data *data = reported_load(source_path("tests/tools/fixtures/run"));
    struct report_totals t = report_totals_of(data);

    (void)state;
    assert_int_equal(t.raised_groups, 3);
    assert_int_equal(t.raised_accounts, 1204 + 212 + 38);
    assert_int_equal(t.group_level[LEVEL_WATCH], 1);
    assert_int_equal(data->account_count, 1);
    report_data_free(data);
}

static void evidence_sums_to_the_written_score(void **state)
{
    struct report_data *data = reported_load(source_path("tests/tools/fixtures/run"));

    (void)state;
    for (uint32_t i = 0; i < data->run->cluster_count; i++) {
        struct report_subject s;

        report_subject_group(data->run, i, &s);
        assert_near(1 / (1 + exp(-s.log_odds)), s.score, 1e-9);
        assert_true(report_is_prior(&s.evidence[0]));
        for (uint32_t j = 2; j < s.evidence_count; j++)
            assert_true(s.evidence[j - 1].weight >= s.evidence[j].weight);
    }
    report_data_free(data);
}

static void hostile_names_stay_text_on_the_page(void **state)
{
    char *html = fixture_report(DOC_HTML);

    (void)state;
    assert_null(strstr(html, "<script"));
    assert_null(strstr(html, "<img"));
    assert_null(strstr(html, "<b>1</b>"));
    assert_null(strstr(html, "x\" onmouseover"));
    assert_null(strstr(html, "\xe2\x80\xae"));
    assert_non_null(strstr(html, "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;"));
    assert_non_null(strstr(html, "\\u202eabc"));
    free(html);
}

static void hostile_names_stay_text_in_markdown(void **state)
{
    char *markdown = fixture_report(DOC_MARKDOWN);

    (void)state;
    assert_null(strstr(markdown, "<script"));
    assert_null(strstr(markdown, "<img"));
    assert_null(strstr(markdown, "a|b"));
    assert_null(strstr(markdown, "http://evil"));
    assert_non_null(strstr(markdown, "a\\|b\\`c\\`\\*d\\*"));
    free(markdown);
}

static void the_page_needs_no_network_and_no_script(void **state)
{
    char *html = fixture_report(DOC_HTML);

    (void)state;
    assert_null(strstr(html, "src=\""));
    assert_null(strstr(html, "url("));
    assert_null(strstr(html, "@import"));
    assert_null(strstr(html, " style=\""));
    free(html);
}

static void both_forms_tell_the_same_numbers(void **state)
{
    static const char *const told[] = {"13,331", "1,454", "1,204", "6,541", "1 d 6 h"};
    char *html = fixture_report(DOC_HTML), *markdown = fixture_report(DOC_MARKDOWN);

    (void)state;
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        assert_non_null(strstr(html, told[i]));
        assert_non_null(strstr(markdown, told[i]));
    }
    free(html);
    free(markdown);
}

static void what_the_log_lacks_is_said(void **state)
{
    char *markdown = fixture_report(DOC_MARKDOWN);

    (void)state;
    assert_non_null(strstr(markdown, "The log holds nothing on reuse"));
    assert_null(strstr(markdown, "The log holds nothing on payment"));
    assert_non_null(strstr(markdown, "Bought transcripts"));
    free(markdown);
}

static void an_empty_run_says_so(void **state)
{
    char *folder = small_run("", "{}"), *html = reported_text(folder, DOC_HTML);

    (void)state;
    assert_non_null(strstr(html, "The run saw no account at all"));
    assert_non_null(strstr(html, "No group of accounts stood out."));
    assert_null(strstr(html, "interrupted"));
    free(html);
    temp_folder_remove(folder);
}

static const char quiet_account[] =
    "{\"account\":\"a\",\"score\":0.001,\"evidence\":[],\"cluster\":null,\"level\":\"none\","
    "\"exchanges\":3,\"first_ts\":1769904000000,\"last_ts\":1769990400000,\"alert_ts\":null,"
    "\"exchanges_at_alert\":0}\n";

static void a_run_without_groups_says_so(void **state)
{
    char *folder = small_run(quiet_account, "{}"), *html = reported_text(folder, DOC_HTML);

    (void)state;
    assert_non_null(strstr(html, "1 accounts made 3 exchanges. <strong>No group was raised"));
    free(html);
    temp_folder_remove(folder);
}

static void an_interrupted_run_says_so(void **state)
{
    char *folder = small_run(quiet_account, "{\"interrupted\":true}");
    char *markdown = reported_text(folder, DOC_MARKDOWN);

    (void)state;
    assert_non_null(strstr(markdown, "This run was interrupted"));
    free(markdown);
    temp_folder_remove(folder);
}

static void rebuilding_changes_nothing_but_the_report(void **state)
{
    char *folder = small_run(quiet_account, "{\"kept\":1}");
    struct err err = {""};
    char *first, *second;
    struct report_data *data;

    (void)state;
    assert_int_equal(report_rebuild(folder, &err), 0);
    first = reported_text(folder, DOC_HTML);
    assert_int_equal(report_rebuild(folder, &err), 0);
    second = reported_text(folder, DOC_HTML);
    assert_string_equal(first, second);
    data = reported_load(folder);
    assert_int_equal(json_integer_value(json_object_get(data->run->summary, "kept")), 1);
    assert_int_equal(json_integer_value(json_object_get(
                         json_object_get(data->run->summary, "report"), "exchanges")),
                     3);
    report_data_free(data);
    free(first);
    free(second);
    temp_folder_remove(folder);
}

static void a_folder_that_is_no_run_is_refused_by_name(void **state)
{
    char *folder = temp_folder_new();
    struct err err = {""};

    (void)state;
    assert_int_equal(report_rebuild(folder, &err), -ENOENT);
    assert_non_null(strstr(err.text, ".jsonl"));
    temp_folder_remove(folder);
}

static void long_activity_is_drawn_in_at_most_the_bars_that_fit(void **state)
{
    (void)state;
    assert_int_equal(chart_activity_bin(1), 1);
    assert_int_equal(chart_activity_bin(CHART_BARS_MAX), 1);
    assert_int_equal(chart_activity_bin(CHART_BARS_MAX + 1), 2);
    for (uint32_t hours = 1; hours < 100000; hours += 97) {
        uint32_t bin = chart_activity_bin(hours);

        assert_true((hours + bin - 1) / bin <= CHART_BARS_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_are_ranked_by_level_then_harm),
        cmocka_unit_test(totals_count_groups_at_review_and_above),
        cmocka_unit_test(evidence_sums_to_the_written_score),
        cmocka_unit_test(hostile_names_stay_text_on_the_page),
        cmocka_unit_test(hostile_names_stay_text_in_markdown),
        cmocka_unit_test(the_page_needs_no_network_and_no_script),
        cmocka_unit_test(both_forms_tell_the_same_numbers),
        cmocka_unit_test(what_the_log_lacks_is_said),
        cmocka_unit_test(an_empty_run_says_so),
        cmocka_unit_test(a_run_without_groups_says_so),
        cmocka_unit_test(an_interrupted_run_says_so),
        cmocka_unit_test(rebuilding_changes_nothing_but_the_report),
        cmocka_unit_test(a_folder_that_is_no_run_is_refused_by_name),
        cmocka_unit_test(long_activity_is_drawn_in_at_most_the_bars_that_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
