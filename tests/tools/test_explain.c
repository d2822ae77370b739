#include "tests/support.h"
#include "tools/explain.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct run *fixture(void)
{
    struct run *run = NULL;
    struct err err = {""};

    if (run_read(source_path("tests/tools/fixtures/run"), LEVEL_NONE, &run, &err) < 0)
        fail_msg("%s", err.text);
    return run;
}

static char *explained(const struct run *run, const struct report_subject *s, bool json, int *r)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    struct err err = {""};

    assert_non_null(out);
    *r = explain_write(run, s, json, out, &err);
    assert_int_equal(fclose(out), 0);
    return text;
}

static char *explained_group(const struct run *run, const char *id, bool json)
{
    struct report_subject s;
    char *text;
    int r;

    report_subject_group(run, run_find_cluster(run, str_of(id)), &s);
    text = explained(run, &s, json, &r);
    assert_int_equal(r, 0);
    return text;
}

/* The first number after `label` and its filling, in hundredths, read with either minus sign. */
static long hundredths_after(const char *text, const char *label)
{
    const char *p = strstr(text, label);
    bool negative;

    assert_non_null(p);
    p += strlen(label);
    p += strspn(p, " ");
    negative = strncmp(p, "−", strlen("−")) == 0;
    return lround((negative ? -100 : 100) * strtod(p + (negative ? strlen("−") : 0), NULL));
}

static void printed_nats_add_up_to_the_printed_log_odds(void **state)
{
    static const char *const line[] = {"  prior",     "  shared payment", "  template family",
                                       "  work list", "  synchrony",      "  mail domain",
                                       "  pivot",     "  aged accounts",  "  long sessions"};
    struct run *run = fixture();
    char *text = explained_group(run, "c1", false);
    long sum = 0;

    (void)state;
    for (size_t i = 0; i < sizeof line / sizeof *line; i++)
        sum += hundredths_after(text, line[i]);
    assert_int_equal(sum, hundredths_after(text, "  sum = log-odds"));
    assert_int_equal(sum, 869);
    free(text);
    run_free(run);
}

static void what_speaks_for_innocence_is_named(void **state)
{
    struct run *run = fixture();
    char *text = explained_group(run, "c1", false);

    (void)state;
    assert_non_null(
        strstr(text, "Speaks for innocence: aged accounts (−0.35), long sessions (−0.90)."));
    assert_non_null(strstr(text, "no data on: reuse ("));
    free(text);
    run_free(run);
}

static void an_account_names_its_group(void **state)
{
    struct run *run = fixture();
    struct report_subject s;
    char *text;
    int r;

    (void)state;
    report_subject_account(run, run_find_account(run, STR("u0")), &s);
    text = explained(run, &s, false, &r);
    assert_int_equal(r, 0);
    assert_non_null(strstr(text, "Member of group c7: 38 accounts, level review, distilling"));
    free(text);
    report_subject_account(run, run_find_account(run, STR("person-1")), &s);
    text = explained(run, &s, false, &r);
    assert_non_null(strstr(text, "Not a member of any group."));
    free(text);
    run_free(run);
}

static void json_holds_the_sum_and_the_blind_spots(void **state)
{
    struct run *run = fixture();
    char *text = explained_group(run, "c7", true);
    json_t *json = json_loads(text, 0, NULL), *evidence;
    double sum = 0;
    size_t i;
    json_t *item;

    (void)state;
    assert_non_null(json);
    evidence = json_object_get(json, "evidence");
    json_array_foreach(evidence, i, item) sum += json_number_value(json_object_get(item, "weight"));
    assert_near(sum, json_number_value(json_object_get(json, "log_odds")), 1e-12);
    assert_string_equal(json_string_value(json_array_get(json_object_get(json, "no_data"), 0)),
                        "reuse");
    json_decref(json);
    free(text);
    run_free(run);
}

static void a_score_that_does_not_follow_from_its_evidence_is_reported(void **state)
{
    struct run *run = fixture();
    struct report_subject s;
    char *text;
    int r;

    (void)state;
    report_subject_group(run, run_find_cluster(run, STR("c7")), &s);
    s.score = 0.5;
    text = explained(run, &s, false, &r);
    assert_int_equal(r, -EINVAL);
    free(text);
    run_free(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(printed_nats_add_up_to_the_printed_log_odds),
        cmocka_unit_test(what_speaks_for_innocence_is_named),
        cmocka_unit_test(an_account_names_its_group),
        cmocka_unit_test(json_holds_the_sum_and_the_blind_spots),
        cmocka_unit_test(a_score_that_does_not_follow_from_its_evidence_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
