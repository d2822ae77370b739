#include "tests/support.h"
#include "tools/explain.h"
#include "tools/explain_change.h"
#include "tools/explain_facts.h"
#include "tools/explain_timeline.h"

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

/* A subject with a prior of -2 and these lines of evidence, strongest first. */
static struct report_subject subject_of(const double *weight, uint32_t count)
{
    struct report_subject s = {.id = "s", .verdict = "", .evidence_count = count + 1};

    s.evidence[0] = (struct run_evidence){.signal = "prior", .family = "prior", .weight = -2};
    s.log_odds = -2;
    for (uint32_t i = 0; i < count; i++) {
        s.evidence[i + 1] =
            (struct run_evidence){.signal = "x", .family = "usage", .weight = weight[i]};
        s.log_odds += weight[i];
    }
    return s;
}

static void one_line_that_carries_the_score_is_found(void **state)
{
    static const double weight[] = {3, 1.5, 0.5, -0.5}; /* 2.5 above the threshold of 0 */
    struct report_subject s = subject_of(weight, 4);
    struct explain_change c;

    (void)state;
    explain_change_of(&s, NULL, &c);
    assert_near(c.threshold, 0, 1e-12);
    assert_near(c.above, 2.5, 1e-12);
    assert_int_equal(c.single_count, 1);
    assert_int_equal(c.single[0], 1);
    assert_int_equal(c.together, 1);
    assert_near(c.without_together, -0.5, 1e-12);
}

static void where_none_does_the_fewest_together_are_told(void **state)
{
    static const double weight[] = {2, 1.5, 1.5, 1}; /* 4 above: no line has more than 2 */
    struct report_subject s = subject_of(weight, 4);
    struct explain_change c;

    (void)state;
    explain_change_of(&s, NULL, &c);
    assert_int_equal(c.single_count, 0);
    assert_int_equal(c.strongest, 1);
    assert_int_equal(c.together, 3);
    assert_near(c.without_together, -1, 1e-12);
}

static void what_is_below_review_needs_no_change(void **state)
{
    static const double weight[] = {1};
    struct report_subject s = subject_of(weight, 1);
    json_t *strict = json_pack("{s:{s:f}}", "configuration", "review_score", 0.1);
    struct explain_change c;

    (void)state;
    explain_change_of(&s, NULL, &c);
    assert_near(c.above, -1, 1e-12);
    assert_int_equal(c.single_count, 0);
    assert_int_equal(c.together, 0);
    explain_change_of(&s, strict, &c); /* the run's own threshold: 0.1 is -2.2 */
    assert_near(c.above, -1 + 2.197225, 1e-6);
    json_decref(strict);
}

static void rarity_leaves_the_subjects_own_accounts_out(void **state)
{
    struct run run = {.account_count = 5000};
    struct run_evidence e = {.signal = "payment", .observed = 25};
    struct explain_rarity r;

    (void)state;
    assert_false(explain_rarity_of(&run, &e, &r)); /* an older run does not tell */
    run.summary = json_pack("{s:{s:[i,i,i,i]}}", "sharing", "payment", 900, 400, 200, 75);
    assert_true(explain_rarity_of(&run, &e, &r));
    assert_int_equal(r.sharing, 16); /* 2, 4, 8, 16: the last step up to 25 */
    assert_int_equal(r.others, 50);
    assert_int_equal(r.of, 5000);
    e.observed = 40; /* nobody has 32 and more, it seems: the group came after the count */
    assert_true(explain_rarity_of(&run, &e, &r));
    assert_int_equal(r.others, 0);
    e.signal = "synchrony"; /* nothing that is shared */
    assert_false(explain_rarity_of(&run, &e, &r));
    json_decref(run.summary);
}

static void a_family_with_data_and_no_line_is_silent(void **state)
{
    static const double weight[] = {1};
    static const struct run_lack lack = {"synchrony", "timing", "too few"};
    static const struct run_cluster group = {.lack = &lack, .lack_count = 1};
    struct report_subject s = subject_of(weight, 1);
    json_t *summary =
        json_pack("{s:{s:f,s:f,s:f}}", "coverage", "usage", 1.0, "timing", 1.0, "reuse", 0.0);

    (void)state;
    assert_true(explain_silent(summary, &s, FAMILY_timing));
    assert_false(explain_silent(summary, &s, FAMILY_usage)); /* has a line */
    assert_false(explain_silent(summary, &s, FAMILY_reuse)); /* has no data */
    assert_true(explain_without_data(summary, FAMILY_reuse));
    assert_false(explain_without_data(summary, FAMILY_innocence));
    s.group = &group; /* one that had too little data for a signal of the family */
    assert_false(explain_silent(summary, &s, FAMILY_timing));
    s.group = NULL;
    s.evidence[1].family = "membership"; /* judged by its group */
    assert_false(explain_silent(summary, &s, FAMILY_timing));
    json_decref(summary);
}

static void events_come_in_order_of_time(void **state)
{
    struct run_finding finding[] = {
        {.ts = 50, .is_cluster = true, .subject = "c1", .level = LEVEL_REVIEW},
        {.ts = 70, .is_cluster = true, .subject = "c2", .level = LEVEL_ACT},
        {.ts = 60, .is_cluster = false, .subject = "a", .level = LEVEL_ACT},
    };
    struct run_cluster group = {.cluster = "c1"};
    struct run_account account = {.member_ts = 55, .timeline = {0, MSEC_HOUR, "2bA3c"}};
    struct run run = {.finding = finding, .finding_count = 3};
    struct report_subject s = {.id = "a",
                               .first_ts = 10,
                               .last_ts = 90,
                               .alert_ts = 80,
                               .group = &group,
                               .account = &account};
    static const char *const kind[] = {"first_seen", "group_finding", "joined_group",
                                       "finding",    "alarm",         "last_exchange"};
    struct explain_timeline t;

    (void)state;
    explain_timeline_of(&run, &s, &t);
    assert_int_equal(t.count, 6);
    for (uint32_t i = 0; i < t.count; i++)
        assert_string_equal(t.event[i].kind, kind[i]);
    assert_int_equal(t.strip_from, 2 * MSEC_HOUR);
    assert_int_equal(t.strip_count, 6);
    assert_int_equal(t.strip[0], 2);
    assert_int_equal(t.strip[1], 1);
    assert_int_equal(t.strip[2], 0);
    assert_int_equal(t.strip[5], 3);
}

static void changes_and_times_are_printed(void **state)
{
    struct run *run = fixture();
    char *text = explained_group(run, "c1", false);

    (void)state;
    assert_non_null(strstr(text, "\nWhat it hangs on (review begins at +0.00, "));
    assert_non_null(strstr(text, "\n  - without shared payment (+6.20): +2.49, "));
    assert_non_null(strstr(text, "no single line carries it: shared payment (+6.20), template "
                                 "family (+4.10) would all have to go: −1.61, "));
    assert_non_null(strstr(text, "When (UTC):\n  2026-02-01 "));
    assert_non_null(strstr(text, "  alarm: at review, after 2,035 of 7,235 exchanges\n"));
    assert_non_null(strstr(text, "a column\n"));
    free(text);
    run_free(run);
}

static void json_says_what_the_score_hangs_on(void **state)
{
    struct run *run = fixture();
    char *text = explained_group(run, "c1", true);
    json_t *json = json_loads(text, 0, NULL), *hangs = json_object_get(json, "hangs_on");

    (void)state;
    assert_int_equal(json_array_size(json_object_get(hangs, "single")), 0);
    assert_int_equal(json_integer_value(json_object_get(hangs, "strongest_needed_together")), 2);
    assert_near(json_number_value(json_object_get(hangs, "log_odds_without_these")),
                json_number_value(json_object_get(json, "log_odds")) - 6.2 - 4.1, 1e-9);
    assert_true(json_array_size(json_object_get(json, "timeline")) >= 3);
    json_decref(json);
    free(text);
    run_free(run);
}

static void a_group_tells_its_history_and_what_it_had_too_little_data_for(void **state)
{
    struct run *run = fixture();
    char *text = explained_group(run, "c7", false);
    char *json_text = explained_group(run, "c7", true);
    json_t *json = json_loads(json_text, 0, NULL);

    (void)state;
    assert_non_null(strstr(text, "2026-02-02 02:40  split off from group c1\n"));
    assert_non_null(strstr(text, "2026-02-03 06:26  took up group c8\n"));
    assert_non_null(strstr(text, "Too little data to tell: pivot (fewer than 60 exchanges within a "
                                 "day of a model's release).\n"));
    assert_int_equal(json_array_size(json_object_get(json, "insufficient")), 1);
    assert_non_null(strstr(json_text, "\"kind\":\"merged\",\"cluster\":\"c8\""));
    json_decref(json);
    free(json_text);
    free(text);
    run_free(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(printed_nats_add_up_to_the_printed_log_odds),
        cmocka_unit_test(one_line_that_carries_the_score_is_found),
        cmocka_unit_test(where_none_does_the_fewest_together_are_told),
        cmocka_unit_test(what_is_below_review_needs_no_change),
        cmocka_unit_test(rarity_leaves_the_subjects_own_accounts_out),
        cmocka_unit_test(a_family_with_data_and_no_line_is_silent),
        cmocka_unit_test(a_group_tells_its_history_and_what_it_had_too_little_data_for),
        cmocka_unit_test(events_come_in_order_of_time),
        cmocka_unit_test(changes_and_times_are_printed),
        cmocka_unit_test(json_says_what_the_score_hangs_on),
        cmocka_unit_test(what_speaks_for_innocence_is_named),
        cmocka_unit_test(an_account_names_its_group),
        cmocka_unit_test(json_holds_the_sum_and_the_blind_spots),
        cmocka_unit_test(a_score_that_does_not_follow_from_its_evidence_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
