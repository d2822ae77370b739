#include "tools/baselines.h"

#include "base/rng.h"
#include "tests/support.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 4096 };

struct world {
    struct baselines *baselines;
    struct digest_batch *batch;
    char *text; /* baselines.jsonl */
};

static void world_open(struct world *w, const struct baselines_config *config)
{
    struct baselines_config defaults;

    baselines_config_default(&defaults);
    defaults.accounts_max = defaults.values_max = 1000;
    *w = (struct world){0};
    assert_int_equal(baselines_new(config ? config : &defaults, &w->baselines), 0);
    assert_int_equal(digest_batch_new(BATCH, &w->batch), 0);
}

static void world_close(struct world *w)
{
    baselines_free(w->baselines);
    digest_batch_free(w->batch);
    free(w->text);
}

static void feed(struct world *w, const struct api_event *ev)
{
    assert_int_equal(digest_batch_add(w->batch, ev, 1), 0);
    if (w->batch->count == BATCH) {
        baselines_feed(w->baselines, w->batch, NULL, BATCH);
        digest_batch_clear(w->batch);
    }
}

/* Ends the stream and writes the file's text. */
static void finish(struct world *w)
{
    struct json_write out;

    baselines_feed(w->baselines, w->batch, NULL, w->batch->count);
    assert_int_equal(baselines_finish(w->baselines), 0);
    json_write_init(&out, NULL);
    baselines_write(w->baselines, &out);
    w->text = strndup(out.text ? out.text : "", out.size);
    json_write_deinit(&out);
}

/* The line of one account; the caller's. */
static json_t *line_of(const struct world *w, const char *account)
{
    for (const char *line = w->text; *line; line = strchr(line, '\n') + 1) {
        json_t *object = json_loads(line, JSON_DISABLE_EOF_CHECK, NULL);

        assert_non_null(object);
        if (strcmp(json_string_value(json_object_get(object, "account")), account) == 0)
            return object;
        json_decref(object);
    }
    fail_msg("no line for %s", account);
    return NULL;
}

static double score_of(const struct world *w, const char *account, enum baseline baseline)
{
    json_t *line = line_of(w, account);
    double score = json_number_value(json_object_get(line, baseline_name[baseline]));

    json_decref(line);
    return score;
}

/* -1: null */
static long long cluster_of(const struct world *w, const char *account, const char *field)
{
    json_t *line = line_of(w, account);
    const json_t *value = json_object_get(line, field);
    long long cluster = json_is_integer(value) ? json_integer_value(value) : -1;

    json_decref(line);
    return cluster;
}

static void pay(struct world *w, const char *account, const char *payment)
{
    struct api_event ev = {.type = RECORD_ACCOUNT};

    EVENT_PUT(&ev, ts, 0);
    EVENT_PUT(&ev, account, str_of(account));
    EVENT_PUT(&ev, payment, str_of(payment));
    feed(w, &ev);
}

static void call(struct world *w, const char *account, msec_t ts, const char *ip)
{
    struct api_event ev = {.type = RECORD_EXCHANGE};

    EVENT_PUT(&ev, ts, ts);
    EVENT_PUT(&ev, account, str_of(account));
    EVENT_PUT(&ev, model, STR("large"));
    EVENT_PUT(&ev, ip, str_of(ip));
    feed(w, &ev);
}

static void volume_is_exchanges_per_day_of_at_least_one(void **state)
{
    struct world w;

    (void)state;
    world_open(&w, NULL);
    for (int i = 0; i <= 10; i++)
        call(&w, "short", i * MSEC_HOUR, "192.0.2.1");
    for (int i = 0; i <= 10; i++)
        call(&w, "long", i * MSEC_DAY, "192.0.2.2");
    finish(&w);
    assert_near(score_of(&w, "short", BASELINE_volume), 11.0, 1e-9);
    assert_near(score_of(&w, "long", BASELINE_volume), 1.1, 1e-9);
    world_close(&w);
}

static void machine_like_callers_trip_rules_and_few_calls_none(void **state)
{
    struct world w;
    struct rng rng;
    msec_t t = 0;

    (void)state;
    world_open(&w, NULL);
    rng_split(&rng, 1, 1);
    for (int i = 0; i < 3 * 24 * 4; i++) { /* every quarter of an hour, same size, far more out */
        struct api_event ev = {.type = RECORD_EXCHANGE};

        EVENT_PUT(&ev, ts, i * 15 * MSEC_MINUTE);
        EVENT_PUT(&ev, account, STR("machine"));
        EVENT_PUT(&ev, input_tokens, 100);
        EVENT_PUT(&ev, output_tokens, 1000);
        EVENT_PUT(&ev, max_tokens, 1000);
        EVENT_PUT(&ev, network, STR("hosting"));
        EVENT_PUT(&ev, prompt, STR("please solve the following problem step by step: 17"));
        feed(&w, &ev);
    }
    for (int i = 0; i < 300; i++) {
        struct api_event ev = {.type = RECORD_EXCHANGE};
        char prompt[64];

        t += (msec_t)rng_below(&rng, 30 * MSEC_MINUTE);
        (void)snprintf(prompt, sizeof prompt, "a question of its own, %c%c%c, with its words",
                       'a' + i % 26, 'a' + i / 26, 'a' + (i * 7) % 26);
        EVENT_PUT(&ev, ts, t);
        EVENT_PUT(&ev, account, STR("person"));
        EVENT_PUT(&ev, input_tokens, (int64_t)(10 + rng_below(&rng, 500)));
        EVENT_PUT(&ev, output_tokens, (int64_t)rng_below(&rng, 500));
        EVENT_PUT(&ev, max_tokens, 4096);
        EVENT_PUT(&ev, prompt, str_of(prompt + (i % 2) * 2));
        feed(&w, &ev);
    }
    for (int i = 0; i < 31; i++)
        call(&w, "new", i * MSEC_SECOND, "192.0.2.3");
    finish(&w);
    assert_near(score_of(&w, "machine", BASELINE_rules), 7.0, 0.0); /* all but refusals */
    assert_near(score_of(&w, "new", BASELINE_rules), 0.0, 0.0);
    assert_in_range((int)score_of(&w, "person", BASELINE_rules), 0, 1);
    world_close(&w);
}

static void shared_payments_and_addresses_connect_accounts(void **state)
{
    static const char *const ring[] = {"r1", "r2", "r3", "r4", "r5"};
    struct world w;

    (void)state;
    world_open(&w, NULL);
    pay(&w, "r1", "card-a");
    pay(&w, "r2", "card-a");
    pay(&w, "r3", "card-b");
    pay(&w, "r4", "card-b");
    call(&w, "r2", 1, "198.51.100.1");
    call(&w, "r3", 2, "198.51.100.1"); /* connects the two cards */
    call(&w, "r5", 3, "198.51.100.1");
    call(&w, "pair", 4, "203.0.113.1");
    call(&w, "pair2", 5, "203.0.113.1");
    call(&w, "alone", 6, "203.0.113.9");
    finish(&w);
    for (unsigned i = 0; i < 5; i++) {
        assert_near(score_of(&w, ring[i], BASELINE_component), 5.0, 0.0);
        assert_int_equal(cluster_of(&w, ring[i], "component_cluster"),
                         cluster_of(&w, "r1", "component_cluster"));
    }
    assert_true(cluster_of(&w, "r1", "component_cluster") >= 0);
    assert_near(score_of(&w, "pair", BASELINE_component), 2.0, 0.0);
    assert_int_equal(cluster_of(&w, "pair", "component_cluster"), -1); /* too small to be called */
    assert_near(score_of(&w, "alone", BASELINE_component), 0.0, 0.0);
    world_close(&w);
}

static void an_address_of_very_many_accounts_links_no_more_of_them(void **state)
{
    struct world w;
    char account[16];

    (void)state;
    world_open(&w, NULL);
    for (int i = 0; i < 80; i++) {
        (void)snprintf(account, sizeof account, "n%d", i);
        call(&w, account, i, "192.0.2.77");
    }
    finish(&w);
    assert_near(score_of(&w, "n0", BASELINE_component), 51.0, 0.0); /* the first and 50 links */
    assert_near(score_of(&w, "n79", BASELINE_component), 0.0, 0.0);
    world_close(&w);
}

/* Twenty accounts take turns on a list in the same irregular quarters of an hour, from addresses of
 * their own; twenty honest ones keep their own hours. */
static void accounts_that_act_together_are_linked_and_others_not(void **state)
{
    enum { ACCOUNTS = 20, SLOTS = 480 };
    struct world w;
    struct rng rng;

    (void)state;
    world_open(&w, NULL);
    rng_split(&rng, 2, 2);
    for (int slot = 0; slot < SLOTS; slot++) {
        bool burst = rng_below(&rng, 4) == 0;

        for (int i = 0; i < 2 * ACCOUNTS; i++) {
            bool acts = i < ACCOUNTS ? burst && rng_below(&rng, 20) != 0 : rng_below(&rng, 8) == 0;
            char account[16], ip[32];

            (void)snprintf(account, sizeof account, "%c%d", i < ACCOUNTS ? 'r' : 'h', i);
            (void)snprintf(ip, sizeof ip, "10.0.%d.%d", i, slot % 200);
            if (acts)
                call(&w, account, slot * 15 * MSEC_MINUTE + i, ip);
        }
    }
    finish(&w);
    assert_in_range((int)score_of(&w, "r0", BASELINE_coactivity), ACCOUNTS - 2, ACCOUNTS);
    assert_true(cluster_of(&w, "r0", "coactivity_cluster") >= 0);
    for (int i = ACCOUNTS; i < 2 * ACCOUNTS; i++) {
        char account[16];

        (void)snprintf(account, sizeof account, "h%d", i);
        assert_near(score_of(&w, account, BASELINE_coactivity), 0.0, 0.0);
    }
    world_close(&w);
}

static void a_component_as_large_as_a_platform_is_no_ring(void **state)
{
    struct baselines_config config;
    struct world w;
    char account[16], ip[32];

    (void)state;
    baselines_config_default(&config);
    config.accounts_max = config.values_max = 2000;
    config.fan_out_max = 2000;
    world_open(&w, &config);
    for (int i = 0; i < 1500; i++) {
        (void)snprintf(account, sizeof account, "n%d", i);
        (void)snprintf(ip, sizeof ip, "192.0.2.%d", i < 1001 ? 1 : 2);
        call(&w, account, i, ip);
    }
    finish(&w);
    assert_near(score_of(&w, "n0", BASELINE_component), 0.0, 0.0);
    assert_near(score_of(&w, "n1499", BASELINE_component), 499.0, 0.0);
    world_close(&w);
}

static void accounts_beyond_the_limit_are_counted_not_judged(void **state)
{
    struct baselines_config config;
    struct world w;

    (void)state;
    baselines_config_default(&config);
    config.accounts_max = 2;
    config.values_max = 1;
    world_open(&w, &config);
    call(&w, "a", 1, "192.0.2.1");
    call(&w, "b", 2, "192.0.2.2");
    call(&w, "c", 3, "192.0.2.3");
    finish(&w);
    assert_int_equal(baselines_unjudged(w.baselines), 1);
    assert_null(strstr(w.text, "\"c\""));
    assert_true(baselines_memory(w.baselines) > 0);
    world_close(&w);
}

static void scores_are_read_back_by_the_truths_accounts(void **state)
{
    AUTO(truth_free) struct truth *truth = NULL;
    AUTO(baseline_scores_free) struct baseline_scores *scores = NULL;
    char *folder = temp_folder_new(), path[4096];
    struct err err = {""};
    struct world w;

    (void)state;
    world_open(&w, NULL);
    for (int i = 0; i < 5; i++) {
        char account[2] = {(char)('a' + i), '\0'};

        call(&w, account, i, "192.0.2.1");
    }
    finish(&w);
    (void)snprintf(path, sizeof path, "%s",
                   temp_file(folder, "labels.jsonl",
                             "{\"account\":\"z\",\"population\":\"p\",\"truth\":\"benign\"}\n"
                             "{\"account\":\"c\",\"population\":\"p\",\"truth\":\"benign\"}\n",
                             SIZE_MAX));
    assert_int_equal(truth_read(path, &truth, &err), 0);
    (void)snprintf(path, sizeof path, "%s/baselines.jsonl", folder);
    assert_int_equal(baselines_save(w.baselines, path, &err), 0);
    assert_int_equal(baseline_scores_read(path, truth, &scores, &err), 0);
    assert_near(scores->score[BASELINE_component][0], 0.0, 0.0);
    assert_near(scores->score[BASELINE_component][1], 5.0, 0.0);
    assert_int_equal(scores->cluster[BASELINE_component][0], BASELINE_ALONE);
    assert_in_range(scores->cluster[BASELINE_component][1], 0, scores->cluster_limit - 1);
    assert_null(scores->cluster[BASELINE_volume]);
    temp_folder_remove(folder);
    world_close(&w);
}

static void a_full_disk_is_named(void **state)
{
    struct err err = {""};
    struct world w;

    (void)state;
    world_open(&w, NULL);
    call(&w, "a", 1, "192.0.2.1");
    finish(&w);
    assert_int_equal(baselines_save(w.baselines, "/dev/full", &err), -ENOSPC);
    assert_non_null(strstr(err.text, "/dev/full: "));
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(volume_is_exchanges_per_day_of_at_least_one),
        cmocka_unit_test(machine_like_callers_trip_rules_and_few_calls_none),
        cmocka_unit_test(shared_payments_and_addresses_connect_accounts),
        cmocka_unit_test(an_address_of_very_many_accounts_links_no_more_of_them),
        cmocka_unit_test(accounts_that_act_together_are_linked_and_others_not),
        cmocka_unit_test(a_component_as_large_as_a_platform_is_no_ring),
        cmocka_unit_test(accounts_beyond_the_limit_are_counted_not_judged),
        cmocka_unit_test(a_full_disk_is_named),
        cmocka_unit_test(scores_are_read_back_by_the_truths_accounts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
