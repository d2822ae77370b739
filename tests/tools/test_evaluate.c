#include "tools/evaluate.h"

#include "tests/support.h"
#include "tools/baselines.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A ring of four, one of them unseen; two plain, one hard and one abusive account; one stranger. */
static const char labels[] =
    "{\"account\":\"a1\",\"population\":\"ring\",\"campaign\":\"ring\",\"truth\":\"distilling\"}\n"
    "{\"account\":\"a2\",\"population\":\"ring\",\"campaign\":\"ring\",\"truth\":\"distilling\"}\n"
    "{\"account\":\"a3\",\"population\":\"ring\",\"campaign\":\"ring\",\"truth\":\"distilling\"}\n"
    "{\"account\":\"a4\",\"population\":\"ring\",\"campaign\":\"ring\",\"truth\":\"distilling\"}\n"
    "{\"account\":\"p1\",\"population\":\"chat\",\"truth\":\"benign\",\"stratum\":\"plain\"}\n"
    "{\"account\":\"p2\",\"population\":\"chat\",\"truth\":\"benign\",\"stratum\":\"plain\"}\n"
    "{\"account\":\"h1\",\"population\":\"class\",\"truth\":\"benign\",\"stratum\":\"hard\"}\n"
    "{\"account\":\"x1\",\"population\":\"resale\",\"truth\":\"abusive\"}\n";

#define ACCOUNT(id, score, level, cluster, exchanges, last, alert, at_alert)                       \
    "{\"account\":\"" id "\",\"score\":" score ",\"level\":\"" level "\",\"cluster\":" cluster     \
    ",\"exchanges\":" exchanges ",\"first_ts\":0,\"last_ts\":" last ",\"alert_ts\":" alert         \
    ",\"exchanges_at_alert\":" at_alert "}\n"

static const char accounts[] =
    ACCOUNT("a1", "0.9", "act", "\"c1\"", "100", "90000000", "7200000", "40")
        ACCOUNT("a2", "0.8", "review", "\"c1\"", "100", "90000000", "14400000", "20")
            ACCOUNT("a3", "0.3", "watch", "null", "50", "90000000", "null", "null")
                ACCOUNT("p1", "0.1", "none", "null", "7", "172800000", "null", "null")
                    ACCOUNT("p2", "0.6", "review", "\"c1\"", "9", "1000", "1000", "9")
                        ACCOUNT("h1", "0.2", "watch", "null", "8", "0", "null", "null")
                            ACCOUNT("x1", "0.7", "review", "null", "30", "0", "0", "1")
                                ACCOUNT("u1", "0.5", "review", "null", "30", "0", "0", "1");

static const char clusters[] =
    "{\"cluster\":\"c1\",\"score\":0.9,\"level\":\"review\",\"members\":[\"a1\",\"a2\",\"p2\"],"
    "\"exchanges\":209,\"alert_ts\":3600000,\"exchanges_at_alert\":50}\n";

struct fixture {
    char *folder;
    struct truth *truth;
    struct run *run;
    struct baseline_scores *baselines;
    struct evaluation *evaluation;
};

static void fixture_open(struct fixture *f, const char *baselines)
{
    struct err err = {""};
    char *path;

    *f = (struct fixture){.folder = temp_folder_new()};
    (void)temp_file(f->folder, "accounts.jsonl", accounts, SIZE_MAX);
    (void)temp_file(f->folder, "clusters.jsonl", clusters, SIZE_MAX);
    (void)temp_file(f->folder, "findings.jsonl", "", SIZE_MAX);
    if (baselines)
        (void)temp_file(f->folder, "baselines.jsonl", baselines, SIZE_MAX);
    path = strdup(temp_file(f->folder, "labels.jsonl", labels, SIZE_MAX));
    assert_int_equal(truth_read(path, &f->truth, &err), 0);
    free(path);
    assert_int_equal(run_read(f->folder, LEVEL_ACT, &f->run, &err), 0);
    assert_int_equal(baseline_scores_load(f->folder, f->truth, &f->baselines, &err), 0);
    if (evaluate_folder(f->folder, f->truth, f->run, f->baselines, NULL, &f->evaluation, &err) < 0)
        fail_msg("%s", err.text);
}

static void fixture_close(struct fixture *f)
{
    evaluation_free(f->evaluation);
    baseline_scores_free(f->baselines);
    run_free(f->run);
    truth_free(f->truth);
    temp_folder_remove(f->folder);
}

static void assert_share(const struct proportion *p, uint64_t hit, uint64_t of)
{
    assert_int_equal(p->hit, hit);
    assert_int_equal(p->of, of);
}

static void unseen_campaign_accounts_are_missed_and_strangers_left_out(void **state)
{
    struct fixture f;

    (void)state;
    fixture_open(&f, NULL);
    assert_int_equal(f.evaluation->accounts_unlabelled, 1);
    assert_share(&f.evaluation->by_class[CLASS_DISTILLING][EVALUATE_REVIEW], 2, 4);
    assert_share(&f.evaluation->by_class[CLASS_DISTILLING][EVALUATE_WATCH], 3, 4);
    assert_share(&f.evaluation->by_class[CLASS_DISTILLING][EVALUATE_ACT], 1, 4);
    fixture_close(&f);
}

static void honest_strata_and_abuse_are_judged_apart(void **state)
{
    struct fixture f;

    (void)state;
    fixture_open(&f, NULL);
    assert_share(&f.evaluation->by_class[CLASS_PLAIN][EVALUATE_REVIEW], 1, 2);
    assert_share(&f.evaluation->by_class[CLASS_HARD][EVALUATE_REVIEW], 0, 1);
    assert_share(&f.evaluation->by_class[CLASS_HARD][EVALUATE_WATCH], 1, 1);
    assert_share(&f.evaluation->by_class[CLASS_ABUSIVE][EVALUATE_REVIEW], 1, 1);
    assert_share(&f.evaluation->benign[EVALUATE_REVIEW], 1, 3);
    fixture_close(&f);
}

static void populations_are_listed_by_class_then_name(void **state)
{
    struct fixture f;
    const struct population_result *p;

    (void)state;
    fixture_open(&f, NULL);
    p = f.evaluation->population;
    assert_int_equal(f.evaluation->population_count, 4);
    assert_string_equal(p[0].name, "ring");
    assert_int_equal(p[0].unseen, 1);
    assert_int_equal(p[0].exchanges, 250);
    assert_int_equal(p[0].exchanges_flagged, 200);
    assert_string_equal(p[1].name, "chat");
    assert_share(&p[1].flagged[EVALUATE_REVIEW], 1, 2);
    assert_string_equal(p[2].name, "class");
    assert_string_equal(p[3].name, "resale");
    fixture_close(&f);
}

static void a_campaign_shows_what_leaked_and_how_long_it_took(void **state)
{
    struct fixture f;
    const struct campaign_result *c;

    (void)state;
    fixture_open(&f, NULL);
    c = f.evaluation->campaign;
    assert_int_equal(f.evaluation->campaign_count, 1);
    assert_share(&c->flagged, 2, 4);
    assert_near(c->exchange_recall, 200.0 / 250.0, 1e-12);
    assert_near(c->leaked, (40.0 + 20.0 + 50.0) / 250.0, 1e-12);
    assert_near(c->hours_to_alert, 1.0, 1e-12); /* by its cluster, before any account */
    assert_near(c->hours_to_alert_account, 2.0, 1e-12);
    assert_int_equal(c->clusters, 1);
    assert_near(c->largest_share, 0.5, 1e-12);
    assert_near(c->cluster_leaked, 50.0 / 250.0, 1e-12);
    assert_near(f.evaluation->exchange_recall, 0.8, 1e-12);
    fixture_close(&f);
}

/* Scores: + 0.9 0.8 0.3 and one unseen below all; - 0.6 0.2 0.1. Pairs won: 3 + 3 + 2 + 0. */
static void the_ranking_puts_unseen_accounts_last_and_abuse_aside(void **state)
{
    struct fixture f;

    (void)state;
    fixture_open(&f, NULL);
    assert_near(f.evaluation->ranking.roc_auc, 8.0 / 12.0, 1e-12);
    assert_near(f.evaluation->abusive.roc_auc, 1.0, 1e-12);
    assert_false(f.evaluation->point[0].known);
    assert_near(f.evaluation->calibration.brier, (0.01 + 0.04 + 0.49 + 0.01 + 0.36 + 0.04) / 6.0,
                1e-12);
    fixture_close(&f);
}

/* Judged: the ring's four and p2. Pairs: 6 in truth, 3 found, 1 both. */
static void clusters_are_held_against_campaigns(void **state)
{
    struct fixture f;
    const struct grouping_result *g;

    (void)state;
    fixture_open(&f, NULL);
    g = &f.evaluation->grouping;
    assert_int_equal(g->agreement.accounts, 5);
    assert_near(g->agreement.precision, 1.0 / 3.0, 1e-12);
    assert_near(g->agreement.recall, 1.0 / 6.0, 1e-12);
    assert_int_equal(g->clusters_flagged, 1);
    assert_share(&g->mostly_honest, 0, 1);
    fixture_close(&f);
}

/* Honest account-days: p1 two, p2 and h1 the least, one each. */
static void false_alarms_are_told_per_account_day(void **state)
{
    struct fixture f;

    (void)state;
    fixture_open(&f, NULL);
    assert_int_equal(f.evaluation->false_alarms.count, 1);
    assert_near(f.evaluation->false_alarms.value, 1000.0 / 4.0, 1e-9);
    fixture_close(&f);
}

#define BASELINE(id, volume, ring)                                                                 \
    "{\"account\":\"" id "\",\"volume\":" volume ",\"rules\":0,\"component\":0,"                   \
    "\"component_cluster\":" ring ",\"coactivity\":1,\"coactivity_cluster\":null}\n"

static void baselines_are_judged_on_the_same_accounts(void **state)
{
    struct fixture f;
    const struct baseline_result *b;

    (void)state;
    fixture_open(&f, BASELINE("a1", "9", "3") BASELINE("a2", "1", "3") BASELINE("p1", "5", "null")
                         BASELINE("p2", "4", "null") BASELINE("nobody", "4", "null"));
    b = f.evaluation->baseline;
    assert_int_equal(f.evaluation->baseline_count, BASELINE_COUNT);
    assert_string_equal(b[BASELINE_volume].name, "volume");
    /* + 9 1 0 and one unseen; - 5 4 0: pairs won 3 + 1 + 0.5 + 0. */
    assert_near(b[BASELINE_volume].ranking.roc_auc, 4.5 / 12.0, 1e-12);
    assert_near(b[BASELINE_rules].ranking.roc_auc, 4.5 / 12.0, 1e-12); /* three ties, one unseen */
    assert_share(&b[BASELINE_volume].as_ours.tpr, 1,
                 4); /* at one false alarm of three: from 5 on */
    assert_near(b[BASELINE_component].grouping.agreement.precision, 1.0, 1e-12);
    assert_near(b[BASELINE_component].grouping.agreement.recall, 1.0 / 6.0, 1e-12);
    assert_int_equal(b[BASELINE_coactivity].grouping.clusters_flagged, 0);
    fixture_close(&f);
}

static void the_truth_of_another_run_is_refused(void **state)
{
    struct fixture f;
    struct truth *other = NULL;
    struct evaluation *evaluation = NULL;
    struct err err = {""};

    (void)state;
    fixture_open(&f, NULL);
    assert_int_equal(truth_read(temp_file(f.folder, "other.jsonl",
                                          "{\"account\":\"z\",\"population\":\"p\",\"truth\":"
                                          "\"benign\"}\n",
                                          SIZE_MAX),
                                &other, &err),
                     0);
    assert_int_equal(evaluate(other, f.run, NULL, &evaluation, &err), -EINVAL);
    assert_non_null(strstr(err.text, "another run's truth"));
    truth_free(other);
    fixture_close(&f);
}

static void what_is_printed_and_written_names_every_campaign(void **state)
{
    char text[16384] = "", path[4096];
    struct fixture f;
    FILE *out;
    json_t *root;

    (void)state;
    fixture_open(&f, BASELINE("a1", "9", "3"));
    out = fmemopen(text, sizeof text - 1, "w");
    assert_non_null(out);
    evaluation_print(f.evaluation, out);
    assert_int_equal(fclose(out), 0);
    assert_non_null(strstr(text, "50.00 % [15.00, 85.00] 2/4"));
    assert_non_null(strstr(text, "cannot tell"));
    assert_non_null(strstr(text, "coactivity"));
    (void)snprintf(path, sizeof path, "%s/evaluation.json", f.folder);
    root = json_load_file(path, 0, NULL);
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(
                            json_array_get(json_object_get(root, "campaigns"), 0), "name")),
                        "ring");
    json_decref(root);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unseen_campaign_accounts_are_missed_and_strangers_left_out),
        cmocka_unit_test(honest_strata_and_abuse_are_judged_apart),
        cmocka_unit_test(populations_are_listed_by_class_then_name),
        cmocka_unit_test(a_campaign_shows_what_leaked_and_how_long_it_took),
        cmocka_unit_test(the_ranking_puts_unseen_accounts_last_and_abuse_aside),
        cmocka_unit_test(clusters_are_held_against_campaigns),
        cmocka_unit_test(false_alarms_are_told_per_account_day),
        cmocka_unit_test(baselines_are_judged_on_the_same_accounts),
        cmocka_unit_test(the_truth_of_another_run_is_refused),
        cmocka_unit_test(what_is_printed_and_written_names_every_campaign),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
