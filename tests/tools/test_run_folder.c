#include "base/rng.h"
#include "tests/support.h"
#include "tools/run_folder.h"
#include "tools/run_read.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HONEST = 300, RING = 20, ROUNDS = 40, BATCH = 256 };

static const msec_t START = 1769904000000; /* 2026-02-01 */

struct bench {
    struct detector_config config;
    struct detector *detector;
    struct digest_batch *batch;
    char *parent;
    char path[512];
};

static void feed(struct bench *b, const struct api_event *ev)
{
    assert_int_equal(digest_batch_add(b->batch, ev, 1), 0);
    if (b->batch->count == b->batch->capacity) {
        detector_feed(b->detector, b->batch, NULL, b->batch->count);
        digest_batch_clear(b->batch);
    }
}

static void feed_account(struct bench *b, const char *account, const char *card, msec_t created)
{
    struct api_event ev = {.type = RECORD_ACCOUNT};

    EVENT_PUT(&ev, ts, START);
    EVENT_PUT(&ev, account, str_of(account));
    EVENT_PUT(&ev, payment, str_of(card));
    EVENT_PUT(&ev, created, created);
    feed(b, &ev);
}

static void feed_prompt(struct bench *b, msec_t ts, const char *account, const char *frame,
                        uint64_t word)
{
    struct api_event ev = {.type = RECORD_EXCHANGE};
    char prompt[256];

    (void)snprintf(prompt, sizeof prompt, "%s%016" PRIx64 " %016" PRIx64, frame, mix64(word),
                   mix64(word + 1));
    EVENT_PUT(&ev, ts, ts);
    EVENT_PUT(&ev, account, str_of(account));
    EVENT_PUT(&ev, turn, *frame ? 0 : (int64_t)(word % 3));
    EVENT_PUT(&ev, prompt, str_of(prompt));
    feed(b, &ev);
}

/* A ring of new accounts with one card and one template, among old accounts of strangers. */
static void live(struct bench *b)
{
    char name[32], card[32];

    for (int i = 0; i < HONEST + RING; i++) {
        bool ring = i >= HONEST;

        (void)snprintf(name, sizeof name, "%s-%d", ring ? "ring" : "honest", i);
        (void)snprintf(card, sizeof card, "card-%d", ring ? HONEST : i);
        feed_account(b, name, card, ring ? START : START - 100 * MSEC_DAY - i * MSEC_HOUR);
    }
    for (int n = 0; n < ROUNDS * (HONEST + RING); n++) {
        int i = n % (HONEST + RING);
        msec_t ts = START + n / (HONEST + RING) * 20 * MSEC_MINUTE + i;

        (void)snprintf(name, sizeof name, "%s-%d", i < HONEST ? "honest" : "ring", i);
        feed_prompt(b, ts, name,
                    i < HONEST ? ""
                               : "Work through this problem in numbered steps and give the result "
                                 "on its own line: ",
                    2 * (uint64_t)n);
    }
    detector_feed(b->detector, b->batch, NULL, b->batch->count);
    digest_batch_clear(b->batch);
    detector_finish(b->detector, INT64_MIN);
}

static void bench_open(struct bench *b)
{
    struct err err;

    detector_config_default(&b->config);
    b->config.accounts_max = 1024;
    b->config.hubs_max = 65536;
    b->config.door_max = 65536;
    b->config.prompts_max = 65536;
    b->config.groups_max = 256;
    b->config.names_bytes = 1 << 20;
    assert_int_equal(detector_new(&b->config, &b->detector, &err), 0);
    assert_int_equal(digest_batch_new(BATCH, &b->batch), 0);
    b->parent = temp_folder_new();
    (void)snprintf(b->path, sizeof b->path, "%s/runs/first", b->parent);
}

static void bench_close(struct bench *b)
{
    detector_free(b->detector);
    digest_batch_free(b->batch);
    temp_folder_remove(b->parent);
}

static int finish(struct bench *b, struct run_folder *folder, struct err *err)
{
    struct run_facts facts = {.command = "run", .config = &b->config, .wall_s = 1.0};
    struct run_levels levels;
    uint64_t count = 0;
    int r = run_folder_findings(folder, b->detector, &count, err);

    return r < 0 ? r : run_folder_finish(folder, b->detector, &facts, &levels, err);
}

static int write_folder(struct bench *b, struct err *err)
{
    AUTO(run_folder_free) struct run_folder *folder = NULL;
    int r = run_folder_new(b->path, &folder, err);

    return r < 0 ? r : finish(b, folder, err);
}

static const char *inside(const struct bench *b, const char *name)
{
    static char path[1024];

    (void)snprintf(path, sizeof path, "%s/%s", b->path, name);
    return path;
}

/* All members show the ring's one card, which nobody else has. */
static void a_graph_tells_of_the_card(const struct run_graph *graph)
{
    uint32_t card = graph->shared_count;
    uint64_t members = graph->other_members, with_card = 0;

    for (uint32_t i = 0; i < graph->shared_count; i++)
        if (strcmp(graph->shared[i].kind, "payment") == 0)
            card = i;
    assert_true(card < graph->shared_count);
    assert_string_equal(graph->shared[card].value, "card-300");
    assert_int_equal(graph->shared[card].members, RING);
    assert_int_equal(graph->shared[card].accounts, RING);
    for (uint32_t i = 0; i < graph->node_count; i++) {
        members += graph->node[i].members;
        with_card += graph->node[i].shows >> card & 1 ? graph->node[i].members : 0;
    }
    assert_int_equal(members, RING);
    assert_int_equal(with_card, RING - graph->other_members);
}

static void a_run_is_read_back_as_it_was(void **state)
{
    AUTO(run_free) struct run *run = NULL;
    const struct run_account *ring;
    struct bench b;
    struct cluster_view cluster;
    struct err err = {""};

    (void)state;
    bench_open(&b);
    live(&b);
    assert_int_equal(write_folder(&b, &err), 0);
    assert_int_equal(run_read(b.path, LEVEL_NONE, &run, &err), 0);
    assert_int_equal(run->account_count, HONEST + RING);
    assert_int_equal(run->cluster_count, detector_cluster_count(b.detector));
    assert_true(run->cluster_count > 0);
    assert_true(run->finding_count > 0);
    detector_cluster_view(b.detector, 0, &cluster);
    assert_int_equal(run->cluster[0].member_count, RING);
    assert_int_equal(run->cluster[0].alert_ts, cluster.alert_ts);
    assert_string_equal(run->cluster[0].verdict, cluster.verdict);
    assert_int_equal(run->cluster[0].activity_hours, cluster.activity_hours);
    assert_int_equal(run->cluster[0].evidence.count, cluster.evidence.count);
    assert_string_equal(run->cluster[0].evidence.item[0].note, cluster.evidence.item[0].note);
    ring = &run->account[run->cluster[0].member[0]];
    assert_int_equal(ring->timeline.from, START);
    assert_int_equal(ring->timeline.width_ms, MSEC_HOUR);
    assert_int_equal(strlen(ring->timeline.cells), ROUNDS / 3 + 1); /* three an hour */
    assert_int_equal(ring->timeline.cells[0], 'b');
    assert_true(run->cluster[0].level >= LEVEL_WATCH);
    a_graph_tells_of_the_card(&run->cluster[0].graph);
    assert_string_equal(json_string_value(json_object_get(run->summary, "command")), "run");
    assert_int_equal(access(inside(&b, "rejected.jsonl"), F_OK), 0);
    assert_int_equal(access(inside(&b, "summary.json.tmp"), F_OK), -1);
    bench_close(&b);
}

/* The sum of the evidence's weights in decimal, as somebody with a pencil would add them. */
static int64_t micro_sum(const json_t *object)
{
    const json_t *item;
    int64_t sum = 0;
    size_t i;

    json_array_foreach(json_object_get(object, "evidence"), i, item) sum +=
        llround(json_number_value(json_object_get(item, "weight")) * 1e6);
    return sum;
}

static void written_weights_sum_to_the_written_log_odds_and_score(void **state)
{
    static const char *const names[] = {"accounts.jsonl", "clusters.jsonl", "findings.jsonl"};
    struct bench b;
    struct err err = {""};
    unsigned lines = 0;

    (void)state;
    bench_open(&b);
    live(&b);
    assert_int_equal(write_folder(&b, &err), 0);
    for (unsigned n = 0; n < 3; n++) {
        AUTO_FCLOSE FILE *file = fopen(inside(&b, names[n]), "r");
        json_t *object;

        assert_non_null(file);
        while ((object = json_loadf(file, JSON_DISABLE_EOF_CHECK, NULL))) {
            double log_odds = json_number_value(json_object_get(object, "log_odds"));
            double score = json_number_value(json_object_get(object, "score"));

            assert_int_equal(micro_sum(object), llround(log_odds * 1e6));
            if (json_array_size(json_object_get(object, "evidence")) < EVIDENCE_MAX)
                assert_near(score, 1.0 / (1.0 + exp(-log_odds)), 1e-5);
            json_decref(object);
            lines++;
        }
    }
    assert_true(lines > HONEST + RING);
    bench_close(&b);
}

static void accounts_below_watch_carry_signal_and_weight_only(void **state)
{
    AUTO_FCLOSE FILE *file = NULL;
    struct bench b;
    struct err err = {""};
    bool quiet = false, loud = false;
    json_t *object;

    (void)state;
    bench_open(&b);
    live(&b);
    assert_int_equal(write_folder(&b, &err), 0);
    file = fopen(inside(&b, "accounts.jsonl"), "r");
    assert_non_null(file);
    while ((object = json_loadf(file, JSON_DISABLE_EOF_CHECK, NULL))) {
        bool none = strcmp(json_string_value(json_object_get(object, "level")), "none") == 0;
        json_t *first = json_array_get(json_object_get(object, "evidence"), 0);

        assert_int_equal(json_object_size(first), none ? 2 : 8);
        quiet = quiet || none;
        loud = loud || !none;
        json_decref(object);
    }
    assert_true(quiet && loud);
    bench_close(&b);
}

static void a_full_disk_leaves_whole_lines_under_a_temporary_name(void **state)
{
    AUTO(run_folder_free) struct run_folder *folder = NULL;
    struct bench b;
    struct err err = {""};
    struct stat st;

    (void)state;
    bench_open(&b);
    live(&b);
    assert_int_equal(run_folder_new(b.path, &folder, &err), 0);
    assert_int_equal(symlink("/dev/full", inside(&b, "accounts.jsonl.tmp")), 0);
    assert_int_equal(finish(&b, folder, &err), -ENOSPC);
    assert_non_null(strstr(err.text, "accounts.jsonl.tmp: No space left on device"));
    assert_int_equal(access(inside(&b, "summary.json"), F_OK), -1);
    {
        FILE *file = fopen(inside(&b, "findings.jsonl.tmp"), "a");

        assert_true(fputs("{\"half\":", file) >= 0);
        (void)fclose(file);
    }
    run_folder_free(TAKE(folder));
    assert_int_equal(stat(inside(&b, "findings.jsonl.tmp"), &st), 0);
    {
        AUTO_FCLOSE FILE *file = fopen(inside(&b, "findings.jsonl.tmp"), "r");

        assert_true(st.st_size > 0);
        assert_int_equal(fseek(file, -2, SEEK_END), 0);
        assert_int_equal(fgetc(file), '}');
        assert_int_equal(fgetc(file), '\n');
    }
    bench_close(&b);
}

static void a_folder_that_cannot_be_made_is_named(void **state)
{
    struct bench b;
    struct err err = {""};

    (void)state;
    bench_open(&b);
    (void)snprintf(b.path, sizeof b.path, "%s/x/y", temp_file(b.parent, "file", "", 0));
    assert_true(write_folder(&b, &err) < 0);
    assert_non_null(strstr(err.text, "/file"));
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_is_read_back_as_it_was),
        cmocka_unit_test(written_weights_sum_to_the_written_log_odds_and_score),
        cmocka_unit_test(accounts_below_watch_carry_signal_and_weight_only),
        cmocka_unit_test(a_full_disk_leaves_whole_lines_under_a_temporary_name),
        cmocka_unit_test(a_folder_that_cannot_be_made_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
