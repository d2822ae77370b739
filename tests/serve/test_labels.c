#include "serve/labels.h"

#include "tests/support.h"
#include "tools/truth.h"

#include <stdio.h>
#include <string.h>

static const char *shown(const struct labels *labels, struct str subject, bool is_cluster)
{
    static char text[512];
    struct json_write w;

    json_write_init(&w, NULL);
    json_write_open(&w, NULL, '{');
    labels_write(labels, subject, is_cluster, &w);
    json_write_close(&w, '}');
    memcpy(text, w.text, w.size);
    text[w.size] = '\0';
    json_write_deinit(&w);
    return text;
}

static struct labels *open_in(const char *folder)
{
    struct labels *labels = NULL;
    struct err err;

    assert_int_equal(labels_open(folder, &labels, &err), 0);
    return labels;
}

static void the_newest_verdict_counts_and_survives(void **state)
{
    char *folder = temp_folder_new();
    struct labels *labels = open_in(folder);
    struct label_text text = {
        .subject = STR("<b>"), .verdict = "abusive", .note = STR("x"), .ts = 5};

    (void)state;
    assert_string_equal(shown(labels, STR("<b>"), false), "{\"label\":null}");
    assert_int_equal(labels_put(labels, &text, NULL, 0), 0);
    text.verdict = "benign";
    text.by = STR("ann");
    assert_int_equal(labels_put(labels, &text, NULL, 0), 0);
    labels_free(labels);
    labels = open_in(folder);
    assert_string_equal(
        shown(labels, STR("<b>"), false),
        "{\"label\":{\"verdict\":\"benign\",\"note\":\"x\",\"by\":\"ann\",\"ts\":5}}");
    assert_string_equal(shown(labels, STR("<b>"), true), "{\"label\":null}");
    labels_free(labels);
    temp_folder_remove(folder);
}

static void a_verdict_on_a_group_is_one_on_each_member(void **state)
{
    char *folder = temp_folder_new();
    struct labels *labels = open_in(folder);
    const struct str member[] = {STR("a"), STR("b")};
    const struct label_text text = {
        .subject = STR("c4"), .is_cluster = true, .verdict = "distilling"};

    (void)state;
    assert_int_equal(labels_put(labels, &text, member, 2), 0);
    assert_int_equal(labels_count(labels), 2);
    assert_non_null(strstr(shown(labels, STR("c4"), true), "distilling"));
    assert_non_null(strstr(shown(labels, STR("b"), false), "distilling"));
    labels_free(labels);
    labels = open_in(folder);
    assert_non_null(strstr(shown(labels, STR("c4"), true), "distilling"));
    assert_non_null(strstr(shown(labels, STR("a"), false), "distilling"));
    labels_free(labels);
    temp_folder_remove(folder);
}

static void the_file_is_read_as_truth(void **state)
{
    char *folder = temp_folder_new();
    struct labels *labels = open_in(folder);
    AUTO(truth_free) struct truth *truth = NULL;
    struct label_text text = {.subject = STR("a"), .verdict = "benign"};
    char path[4096];
    struct err err;

    (void)state;
    assert_int_equal(labels_put(labels, &text, NULL, 0), 0);
    text.verdict = "distilling"; /* somebody looked again */
    assert_int_equal(labels_put(labels, &text, NULL, 0), 0);
    (void)snprintf(path, sizeof path, "%s/labels.jsonl", folder);
    assert_int_equal(truth_read(path, &truth, &err), 0);
    assert_int_equal(truth->account[truth_find(truth, STR("a"))].truth, TRUTH_DISTILLING);
    labels_free(labels);
    temp_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_verdict_counts_and_survives),
        cmocka_unit_test(a_verdict_on_a_group_is_one_on_each_member),
        cmocka_unit_test(the_file_is_read_as_truth),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
