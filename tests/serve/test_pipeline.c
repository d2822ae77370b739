/* Snapshots too: a pipeline that was saved and loaded in the middle of a stream comes to the same
 * as one that was not. */
#include "serve/pipeline.h"

#include "serve/snapshot.h"
#include "tests/serve/stream.h"
#include "tests/support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned told_count;

static void told(const char *text)
{
    assert_non_null(strstr(text, "snap-"));
    told_count++;
}

static struct pipeline_config config_of(const char *folder, struct pool *pool)
{
    struct pipeline_config config = {.folder = folder,
                                     .lateness_ms = 20 * MSEC_MINUTE,
                                     .decision_level = LEVEL_REVIEW,
                                     .pool = pool};

    detector_config_default(&config.detector);
    config.detector.accounts_max = 64;
    config.detector.hubs_max = config.detector.door_max = 64;
    config.detector.prompts_max = config.detector.phrases_max = 256;
    config.detector.groups_max = 16;
    config.detector.names_bytes = 8192;
    return config;
}

static struct pipeline *restored(const char *folder, struct pool *pool)
{
    struct pipeline_config config = config_of(folder, pool);
    struct pipeline *pipeline = NULL;
    struct err err = {""};

    if (pipeline_restore(&config, &pipeline, told, &err) < 0)
        fail_msg("%s", err.text);
    return pipeline;
}

/* Frame `seq` of the stream: in it half of the records are older than those of the one before. */
static void take(struct pipeline *pipeline, struct pool *pool, uint64_t seq)
{
    const msec_t start = 500000 * MSEC_HOUR;
    const struct frame_header header = {
        .kind = FRAME_RECORDS, .seq = seq, .key = seq, .body = seq, .accepted = 40};
    struct held_batch *batch = stream_batch(pool, start + (msec_t)(seq / 2 * 2) * 20 * MSEC_MINUTE,
                                            (uint32_t)seq * 40, 40);

    assert_int_equal(pipeline_take(pipeline, &header, batch), 0);
}

static void save(struct pipeline *pipeline)
{
    int pid, state;

    assert_int_equal(pipeline_snapshot(pipeline, &pid), 0);
    assert_int_equal(waitpid(pid, &state, 0), pid);
    assert_true(WIFEXITED(state));
    assert_int_equal(WEXITSTATUS(state), 0);
}

static void assert_same(struct pipeline *a, struct pipeline *b)
{
    struct reorder_counters x, y;

    reorder_counters(a->reorder, &x);
    reorder_counters(b->reorder, &y);
    assert_memory_equal(&x, &y, sizeof x);
    assert_memory_equal(&a->counters, &b->counters, sizeof a->counters);
    assert_int_equal(a->seq, b->seq);
    for (uint32_t i = 0; i < detector_account_count(a->detector); i++) {
        struct account_view v, w;

        assert_true(detector_account_view(a->detector, i, &v));
        assert_true(detector_account_view(b->detector, i, &w));
        assert_true(str_eq(v.account, w.account));
        assert_int_equal(v.exchanges, w.exchanges);
        assert_int_equal(v.last_ts, w.last_ts);
        assert_memory_equal(&v.score, &w.score, sizeof v.score);
    }
}

static void a_restart_in_the_middle_changes_nothing(void **state)
{
    enum { FRAMES = 30 };
    char *straight_folder = temp_folder_new(), *folder = temp_folder_new();
    struct pool pool;
    struct pipeline *straight, *broken;

    (void)state;
    pool_init(&pool);
    straight = restored(straight_folder, &pool);
    broken = restored(folder, &pool);
    for (uint64_t seq = 1; seq <= FRAMES; seq++) {
        take(straight, &pool, seq);
        take(broken, &pool, seq);
        if (seq % 3 == 0) { /* saved, and gone without a word */
            save(broken);
            pipeline_free(broken);
            broken = restored(folder, &pool);
            assert_int_equal(broken->seq, seq);
            assert_non_null(batch_ids_find(broken->ids, seq));
            assert_same(straight, broken);
        }
    }
    assert_int_equal(pipeline_finish(straight), 0);
    assert_int_equal(pipeline_finish(broken), 0);
    assert_same(straight, broken);
    assert_true(straight->counters.accepted > 600);
    pipeline_free(straight);
    pipeline_free(broken);
    pool_deinit(&pool);
    temp_folder_remove(folder);
    temp_folder_remove(straight_folder);
}

static void damaged_and_foreign_snapshots_are_passed_over(void **state)
{
    char *folder = temp_folder_new();
    struct pipeline *pipeline;
    struct pool pool;
    char path[4096];
    int fd;

    (void)state;
    pool_init(&pool);
    pipeline = restored(folder, &pool);
    for (uint64_t seq = 1; seq <= 3; seq++) {
        take(pipeline, &pool, seq);
        save(pipeline);
    }
    pipeline_free(pipeline);
    (void)snprintf(path, sizeof path, "%s/snap-%016x", folder, 3);
    fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(pwrite(fd, "x", 1, 2000), 1);
    (void)close(fd);
    (void)snprintf(path, sizeof path, "%s/snap-%016x", folder, 2);
    assert_int_equal(truncate(path, 5000), 0);
    (void)temp_file(folder, "snap-0000000000000009", "no snapshot at all", SIZE_MAX);
    told_count = 0;
    pipeline = restored(folder, &pool);
    assert_int_equal(told_count, 3);
    assert_int_equal(pipeline->seq, 1);
    pipeline_free(pipeline);
    pool_deinit(&pool);
    temp_folder_remove(folder);
}

static void another_lateness_is_refused(void **state)
{
    char *folder = temp_folder_new();
    struct pool pool;
    struct pipeline *pipeline;
    struct pipeline_config config;
    struct err err;

    (void)state;
    pool_init(&pool);
    pipeline = restored(folder, &pool);
    take(pipeline, &pool, 1);
    save(pipeline);
    pipeline_free(pipeline);
    config = config_of(folder, &pool);
    config.lateness_ms = 0;
    assert_int_equal(pipeline_restore(&config, &pipeline, told, &err), -EINVAL);
    assert_non_null(strstr(err.text, "--lateness"));
    pool_deinit(&pool);
    temp_folder_remove(folder);
}

static void a_configuration_changes_in_its_place(void **state)
{
    char *folder = temp_folder_new();
    struct pool pool;
    struct pipeline *pipeline;
    struct frame_header header = {.kind = FRAME_CONFIG, .seq = 2};
    struct detector_config changed;
    struct err err;

    (void)state;
    pool_init(&pool);
    pipeline = restored(folder, &pool);
    take(pipeline, &pool, 1);
    changed = pipeline->config.detector;
    changed.review_score = 0.6;
    assert_int_equal(pipeline_configure(pipeline, &header, &changed, &err), 0);
    changed.accounts_max *= 2;
    header.seq = 3;
    assert_int_equal(pipeline_configure(pipeline, &header, &changed, &err), -EINVAL);
    assert_non_null(strstr(err.text, "accounts_max"));
    save(pipeline);
    pipeline_free(pipeline);
    pipeline = restored(folder, &pool); /* the snapshot's configuration is in force */
    assert_near(pipeline->config.detector.review_score, 0.6, 0.0);
    assert_int_equal(pipeline->seq, 2);
    pipeline_free(pipeline);
    pool_deinit(&pool);
    temp_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restart_in_the_middle_changes_nothing),
        cmocka_unit_test(damaged_and_foreign_snapshots_are_passed_over),
        cmocka_unit_test(another_lateness_is_refused),
        cmocka_unit_test(a_configuration_changes_in_its_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
