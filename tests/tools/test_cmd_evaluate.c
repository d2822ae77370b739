#include "tests/support.h"
#include "tools/command.h"

#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

static char *folder;

static int run_folder_make(void **state)
{
    (void)state;
    folder = temp_folder_new();
    (void)temp_file(folder, "accounts.jsonl",
                    "{\"account\":\"a\",\"score\":0.5,\"level\":\"none\",\"exchanges\":1}\n",
                    SIZE_MAX);
    (void)temp_file(folder, "clusters.jsonl", "", SIZE_MAX);
    (void)temp_file(folder, "findings.jsonl", "", SIZE_MAX);
    (void)temp_file(folder, "labels.jsonl",
                    "{\"account\":\"a\",\"population\":\"p\",\"truth\":\"benign\"}\n", SIZE_MAX);
    (void)temp_file(folder, "broken.jsonl", "{\"account\":\"a\"}\n", SIZE_MAX);
    return 0;
}

static int run_folder_remove(void **state)
{
    (void)state;
    temp_folder_remove(folder);
    return 0;
}

/* The exit code; stdout goes to folder/out. */
static int call(const char *labels, const char *option)
{
    char command[] = "evaluate", truth[] = "--truth", path[4096], out[4096], flag[32], run[4096];
    char *argv[] = {command, run, truth, path, flag, NULL};
    int stdout_copy = dup(STDOUT_FILENO), code;

    (void)snprintf(run, sizeof run, "%s", folder);
    (void)snprintf(path, sizeof path, "%s/%s", folder, labels);
    (void)snprintf(out, sizeof out, "%s/out", folder);
    (void)snprintf(flag, sizeof flag, "%s", option ? option : "");
    (void)fflush(stdout);
    assert_non_null(freopen(out, "w", stdout));
    code = cmd_evaluate(option ? 5 : 4, argv);
    (void)fflush(stdout);
    assert_true(dup2(stdout_copy, STDOUT_FILENO) >= 0);
    (void)close(stdout_copy);
    return code;
}

static void a_good_run_is_evaluated_and_the_result_kept(void **state)
{
    char path[4096];

    (void)state;
    assert_int_equal(call("labels.jsonl", NULL), EXIT_DONE);
    (void)snprintf(path, sizeof path, "%s/evaluation.json", folder);
    assert_int_equal(access(path, R_OK), 0);
}

static void json_is_one_document_on_stdout(void **state)
{
    char path[4096];
    json_t *root;

    (void)state;
    assert_int_equal(call("labels.jsonl", "--json"), EXIT_DONE);
    (void)snprintf(path, sizeof path, "%s/out", folder);
    root = json_load_file(path, 0, NULL);
    assert_int_equal(json_integer_value(json_object_get(root, "accounts_run")), 1);
    json_decref(root);
}

static void precision_is_told_at_each_base_rate_that_is_asked_for(void **state)
{
    json_t *root, *rates;
    char path[4096];

    (void)state;
    assert_int_equal(call("labels.jsonl", "--base-rate=0.01"), EXIT_DONE);
    (void)snprintf(path, sizeof path, "%s/evaluation.json", folder);
    root = json_load_file(path, 0, NULL);
    rates = json_object_get(root, "base_rates");
    assert_int_equal(json_array_size(rates), 1);
    assert_near(json_number_value(json_object_get(json_array_get(rates, 0), "base_rate")), 0.01,
                0.0);
    json_decref(root);
    assert_int_equal(call("labels.jsonl", "--base-rate=0"), EXIT_INVALID);
    assert_int_equal(call("labels.jsonl", "--base-rate=1"), EXIT_INVALID);
    assert_int_equal(call("labels.jsonl", "--base-rate=nan"), EXIT_INVALID);
    assert_int_equal(call("labels.jsonl", "--base-rate=1%"), EXIT_INVALID);
}

static void bad_or_missing_truth_is_invalid_input(void **state)
{
    (void)state;
    assert_int_equal(call("broken.jsonl", NULL), EXIT_INVALID);
    assert_int_equal(call("none.jsonl", NULL), EXIT_INVALID);
    assert_int_equal(call("labels.jsonl", "--jsn"), EXIT_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_run_is_evaluated_and_the_result_kept),
        cmocka_unit_test(json_is_one_document_on_stdout),
        cmocka_unit_test(precision_is_told_at_each_base_rate_that_is_asked_for),
        cmocka_unit_test(bad_or_missing_truth_is_invalid_input),
    };

    return cmocka_run_group_tests(tests, run_folder_make, run_folder_remove);
}
