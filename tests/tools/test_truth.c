#include "tools/truth.h"

#include "tests/support.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int read_labels(const char *labels, struct truth **out, struct err *err)
{
    char *folder = temp_folder_new();
    int r = truth_read(temp_file(folder, "labels.jsonl", labels, SIZE_MAX), out, err);

    temp_folder_remove(folder);
    return r;
}

static void labels_are_read_and_found_by_account(void **state)
{
    AUTO(truth_free) struct truth *t = NULL;
    struct err err;

    (void)state;
    assert_int_equal(read_labels("{\"account\":\"a1\",\"population\":\"chat\",\"truth\":\"benign\","
                                 "\"stratum\":\"hard\"}\n\n"
                                 "{\"account\":\"a2\",\"population\":\"ring\",\"truth\":"
                                 "\"distilling\",\"campaign\":\"ring\"}\n",
                                 &t, &err),
                     0);
    assert_int_equal(t->count, 2);
    assert_int_equal(truth_find(t, STR("a2")), 1);
    assert_int_equal(truth_find(t, STR("a3")), TRUTH_NONE);
    assert_int_equal(t->account[0].stratum, STRATUM_HARD);
    assert_int_equal(t->account[0].campaign, TRUTH_NONE);
    assert_int_equal(t->account[1].truth, TRUTH_DISTILLING);
    assert_string_equal(t->name[t->account[1].campaign], "ring");
    assert_int_equal(t->account[1].population, t->account[1].campaign);
}

static void assert_refused(const char *labels, const char *reason)
{
    struct truth *t = NULL;
    struct err err = {""};

    assert_int_equal(read_labels(labels, &t, &err), -EINVAL);
    if (!strstr(err.text, reason))
        fail_msg("\"%s\" does not say \"%s\"", err.text, reason);
}

static void a_bad_label_is_named_by_line_and_field(void **state)
{
    (void)state;
    assert_refused(
        "{\"account\":\"a\",\"population\":\"p\",\"truth\":\"benign\"}\n{\"account\":3}\n",
        "labels.jsonl:2: account: is not a string");
    assert_refused("{\"account\":\"a\",\"truth\":\"benign\"}", "1: population: is missing");
    assert_refused("{\"account\":\"a\",\"population\":\"p\",\"truth\":\"benin\"}",
                   "truth: unknown value \"benin\"; did you mean \"benign\"?");
    assert_refused("{\"account\":", "labels.jsonl:1:");
    assert_refused("[]", "labels.jsonl:1: not a JSON object");
    assert_refused("\n", "no labels in it");
}

static void two_labels_for_one_account_are_refused(void **state)
{
    (void)state;
    assert_refused("{\"account\":\"a\",\"population\":\"p\",\"truth\":\"benign\"}\n"
                   "{\"account\":\"a\",\"population\":\"q\",\"truth\":\"abusive\"}\n",
                   "\"a\" has more than one label");
}

static void a_missing_file_is_named(void **state)
{
    struct truth *t = NULL;
    struct err err;

    (void)state;
    assert_int_equal(truth_read("no/such/labels.jsonl", &t, &err), -ENOENT);
    assert_non_null(strstr(err.text, "no/such/labels.jsonl"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_are_read_and_found_by_account),
        cmocka_unit_test(a_bad_label_is_named_by_line_and_field),
        cmocka_unit_test(two_labels_for_one_account_are_refused),
        cmocka_unit_test(a_missing_file_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
