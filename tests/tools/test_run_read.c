#include "tools/run_read.h"

#include "tests/support.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static const char accounts[] =
    "{\"account\":\"a1\",\"score\":0.01,\"evidence\":[{\"signal\":\"base_rate\",\"weight\":-6.9,"
    "\"family\":\"prior\"}],\"cluster\":null,\"level\":\"none\",\"exchanges\":5,\"first_ts\":1000,"
    "\"last_ts\":2000,\"alert_ts\":null,\"exchanges_at_alert\":null}\n"
    "{\"account\":\"a2\",\"score\":0.97,\"evidence\":[{\"signal\":\"shared_payment\",\"weight\":4."
    "5,"
    "\"family\":\"payment\",\"observed\":3,\"baseline\":0.001,\"baseline_accounts\":1000,"
    "\"value\":\"pm_7\",\"note\":\"paid by the instrument of 3 others\"},{\"signal\":\"base_rate\","
    "\"weight\":-6.9,\"family\":\"prior\",\"observed\":null}],\"cluster\":\"c17\",\"level\":"
    "\"act\","
    "\"exchanges\":50,\"first_ts\":1000,\"last_ts\":9000,\"alert_ts\":4000,"
    "\"exchanges_at_alert\":20}\n";
static const char clusters[] =
    "{\"cluster\":\"c17\",\"score\":0.99,\"level\":\"act\",\"verdict\":\"distilling\","
    "\"one_operator\":0.9,\"harvesting\":0.8,\"members\":[\"gone\",\"a2\"],\"member_count\":2,"
    "\"exchanges\":50,\"first_ts\":1000,\"last_ts\":9000,\"alert_ts\":4000,"
    "\"exchanges_at_alert\":20,\"evidence\":[{\"signal\":\"template\",\"weight\":2}],"
    "\"activity\":{\"from\":0,\"hours\":[1,0,49]}}\n";
static const char findings[] =
    "{\"ts\":4000,\"id\":\"f1\",\"kind\":\"cluster\",\"subject\":\"c17\","
    "\"level\":\"act\",\"score\":0.99,"
    "\"member_count\":2,\"exchanges\":20,\"evidence\":[]}\n";

static int read_run(const char *accounts_text, const char *clusters_text, enum level from,
                    struct run **out, struct err *err)
{
    char *folder = temp_folder_new();
    int r;

    (void)temp_file(folder, "accounts.jsonl", accounts_text, SIZE_MAX);
    (void)temp_file(folder, "clusters.jsonl", clusters_text, SIZE_MAX);
    (void)temp_file(folder, "findings.jsonl", findings, SIZE_MAX);
    (void)temp_file(folder, "summary.json", "{\"events\": 55}", SIZE_MAX);
    r = run_read(folder, from, out, err);
    temp_folder_remove(folder);
    return r;
}

static void a_run_folder_is_read_whole(void **state)
{
    AUTO(run_free) struct run *run = NULL;
    const struct run_account *a;
    struct err err = {""};

    (void)state;
    assert_int_equal(read_run(accounts, clusters, LEVEL_NONE, &run, &err), 0);
    assert_int_equal(run->account_count, 2);
    a = &run->account[run_find_account(run, STR("a2"))];
    assert_near(a->score, 0.97, 0.0);
    assert_int_equal(a->level, LEVEL_ACT);
    assert_int_equal(a->cluster, 0);
    assert_int_equal(a->alert_ts, 4000);
    assert_int_equal(a->exchanges_at_alert, 20);
    assert_int_equal(a->evidence.count, 2);
    assert_string_equal(a->evidence.item[0].signal, "shared_payment");
    assert_string_equal(a->evidence.item[0].value, "pm_7");
    assert_int_equal(a->evidence.item[0].baseline_accounts, 1000);
    assert_true(isnan(a->evidence.item[1].observed));
    assert_string_equal(a->evidence.item[1].note, "");
    assert_int_equal(run->account[0].alert_ts, INT64_MIN);
    assert_int_equal(run->account[0].cluster, RUN_NONE);
    assert_int_equal(run->finding_count, 1);
    assert_true(run->finding[0].is_cluster);
    assert_int_equal(run->finding[0].id, 1);
    assert_int_equal(json_integer_value(json_object_get(run->summary, "events")), 55);
}

/* A folder whose second account and whose cluster say `more` of themselves. */
static int read_more(const char *account_more, const char *cluster_more, struct run **out,
                     struct err *err)
{
    char a[2048], c[2048];

    (void)snprintf(a, sizeof a, "%.*s,%s}\n", (int)sizeof accounts - 3, accounts, account_more);
    (void)snprintf(c, sizeof c, "%.*s,%s}\n", (int)sizeof clusters - 3, clusters, cluster_more);
    return read_run(a, c, LEVEL_NONE, out, err);
}

static void a_timeline_and_a_graph_are_read(void **state)
{
    AUTO(run_free) struct run *run = NULL;
    const struct run_graph *g;
    struct err err = {""};

    (void)state;
    assert_int_equal(
        read_more("\"timeline\":{\"from\":0,\"width_ms\":7200000,\"cells\":\"3aB\"}",
                  "\"graph\":{\"shared\":[{\"kind\":\"payment\",\"value\":\"pm\",\"members\":2,"
                  "\"accounts\":3,\"weight\":4.5}],\"nodes\":[{\"members\":2,\"shows\":[0],"
                  "\"account\":\"a2\"}],\"others\":{\"nodes\":1,\"members\":4}}",
                  &run, &err),
        0);
    assert_string_equal(run->account[0].timeline.cells, "");
    assert_string_equal(run->account[1].timeline.cells, "3aB");
    assert_int_equal(run->account[1].timeline.width_ms, 2 * MSEC_HOUR);
    g = &run->cluster[0].graph;
    assert_int_equal(g->shared_count, 1);
    assert_string_equal(g->shared[0].value, "pm");
    assert_int_equal(g->shared[0].accounts, 3);
    assert_int_equal(g->node_count, 1);
    assert_int_equal(g->node[0].shows, 1);
    assert_string_equal(g->node[0].account, "a2");
    assert_int_equal(g->other_members, 4);
}

static void a_history_and_what_lacked_data_are_read(void **state)
{
    AUTO(run_free) struct run *run = NULL;
    struct run *refused = NULL;
    const struct run_cluster *c;
    struct err err = {""};

    (void)state;
    assert_int_equal(
        read_more("\"x\":0",
                  "\"history\":[{\"ts\":70,\"what\":\"merged\",\"cluster\":\"c3\"}],"
                  "\"insufficient\":[{\"signal\":\"pivot\",\"family\":\"timing\",\"why\":\"few\"}]",
                  &run, &err),
        0);
    c = &run->cluster[0];
    assert_int_equal(c->past_count, 1);
    assert_int_equal(c->past[0].ts, 70);
    assert_string_equal(c->past[0].what, "merged");
    assert_string_equal(c->past[0].cluster, "c3");
    assert_int_equal(c->lack_count, 1);
    assert_string_equal(c->lack[0].why, "few");
    assert_int_equal(
        read_more("\"x\":0", "\"history\":[{\"ts\":1,\"what\":\"eaten\"}]", &refused, &err),
        -EINVAL);
    assert_non_null(strstr(err.text, "clusters.jsonl:1: what: "));
}

static void a_damaged_timeline_or_graph_is_refused_by_name(void **state)
{
    static const char good[] = "\"x\":0";
    struct run *run = NULL;
    struct err err = {""};

    (void)state;
    assert_int_equal(read_more("\"timeline\":{\"from\":0,\"width_ms\":3600000,\"cells\":\"z\"}",
                               good, &run, &err),
                     -EINVAL);
    assert_non_null(strstr(err.text, "accounts.jsonl:2: timeline.cells: "));
    assert_int_equal(
        read_more("\"timeline\":{\"from\":0,\"width_ms\":0,\"cells\":\"a\"}", good, &run, &err),
        -EINVAL);
    assert_non_null(strstr(err.text, "timeline.width_ms: "));
    assert_int_equal(read_more("\"timeline\":{\"from\":9223372036854775807,\"width_ms\":3600000,"
                               "\"cells\":\"a\"}",
                               good, &run, &err),
                     -EINVAL);
    assert_non_null(strstr(err.text, "timeline.from: "));
    assert_int_equal(
        read_more(good, "\"graph\":{\"shared\":[],\"nodes\":[{\"members\":1,\"shows\":[0]}]}", &run,
                  &err),
        -EINVAL);
    assert_non_null(strstr(err.text, "clusters.jsonl:1: graph.nodes: "));
    assert_int_equal(read_more(good, "\"graph\":[]", &run, &err), -EINVAL);
    assert_null(run);
}

static void clusters_know_their_members_by_index(void **state)
{
    AUTO(run_free) struct run *run = NULL;
    const struct run_cluster *c;
    struct err err = {""};

    (void)state;
    assert_int_equal(read_run(accounts, clusters, LEVEL_NONE, &run, &err), 0);
    c = &run->cluster[run_find_cluster(run, STR("c17"))];
    assert_int_equal(c->member_count, 1); /* "gone" has no line */
    assert_int_equal(c->member[0], 1);
    assert_int_equal(c->members_stated, 2);
    assert_string_equal(c->verdict, "distilling");
    assert_near(c->harvesting, 0.8, 0.0);
    assert_int_equal(c->activity_hours, 3);
    assert_int_equal(c->activity[2], 49);
    assert_string_equal(c->evidence.item[0].signal, "template");
}

static void evidence_below_the_asked_level_is_not_kept(void **state)
{
    AUTO(run_free) struct run *run = NULL;
    struct err err = {""};

    (void)state;
    assert_int_equal(read_run(accounts, clusters, LEVEL_WATCH, &run, &err), 0);
    assert_int_equal(run->account[0].evidence.count, 0);
    assert_int_equal(run->account[1].evidence.count, 2);
}

static void assert_refused(const char *accounts_text, const char *clusters_text, const char *reason)
{
    struct run *run = NULL;
    struct err err = {""};

    assert_int_equal(read_run(accounts_text, clusters_text, LEVEL_NONE, &run, &err), -EINVAL);
    if (!strstr(err.text, reason))
        fail_msg("\"%s\" does not say \"%s\"", err.text, reason);
}

static void what_is_wrong_is_named_by_file_line_and_field(void **state)
{
    (void)state;
    assert_refused(accounts, "{\"cluster\":\"c17\"}", "clusters.jsonl:1: level: is missing");
    assert_refused(accounts, "", "accounts.jsonl:2: cluster: is not in clusters.jsonl");
    assert_refused("{\"account\":\"a\",\"score\":\"x\",\"level\":\"none\",\"exchanges\":1}",
                   clusters, "accounts.jsonl:1: score: is not a number");
    assert_refused("{\"account\":\"a\",\"score\":1,\"level\":\"none\",\"exchanges\":-1}", clusters,
                   "accounts.jsonl:1: exchanges: is negative");
    assert_refused("{\"account\":\"a\",\"score\":1,\"level\":\"none\",\"exchanges\":1}\n"
                   "{\"account\":\"a\",\"score\":1,\"level\":\"none\",\"exchanges\":1}\n",
                   clusters, "account \"a\" is there twice");
    assert_refused(
        "{\"account\":\"a\",\"score\":1,\"level\":\"none\",\"exchanges\":1,\"evidence\":[1]}",
        clusters, "evidence: is not a list of objects");
}

static void an_empty_run_is_a_run(void **state)
{
    AUTO(run_free) struct run *run = NULL;
    struct err err = {""};

    (void)state;
    assert_int_equal(read_run("", "", LEVEL_NONE, &run, &err), 0);
    assert_int_equal(run->account_count + run->cluster_count, 0);
    assert_int_equal(run_find_account(run, STR("a1")), RUN_NONE);
}

static void a_folder_without_accounts_is_no_run(void **state)
{
    struct run *run = NULL;
    struct err err = {""};
    char *folder = temp_folder_new();

    (void)state;
    assert_int_equal(run_read(folder, LEVEL_NONE, &run, &err), -ENOENT);
    assert_non_null(strstr(err.text, "clusters.jsonl"));
    temp_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_folder_is_read_whole),
        cmocka_unit_test(a_timeline_and_a_graph_are_read),
        cmocka_unit_test(a_history_and_what_lacked_data_are_read),
        cmocka_unit_test(a_damaged_timeline_or_graph_is_refused_by_name),
        cmocka_unit_test(clusters_know_their_members_by_index),
        cmocka_unit_test(evidence_below_the_asked_level_is_not_kept),
        cmocka_unit_test(what_is_wrong_is_named_by_file_line_and_field),
        cmocka_unit_test(an_empty_run_is_a_run),
        cmocka_unit_test(a_folder_without_accounts_is_no_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
