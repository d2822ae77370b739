#include "serve/journal.h"

#include "tests/serve/stream.h"
#include "tests/support.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FRAMES = 10 };

struct replayed {
    uint64_t first, last, count;
};

/* A folder with a log of FRAMES frames in several segments, and what came of opening it last. */
static struct {
    char *folder;
    struct journal *journal;
    struct replayed got;
    struct journal_losses losses;
    struct err err;
} f;

static int note(void *ctx, const struct frame_header *header, const char *payload)
{
    struct replayed *r = ctx;

    (void)payload;
    if (r->count++ == 0)
        r->first = header->seq;
    else if (header->seq != r->last + 1)
        return -EINVAL;
    r->last = header->seq;
    return 0;
}

/* Opens the log and reads it from `from` on. */
static int open_log(uint64_t from)
{
    const struct journal_config config = {
        .folder = f.folder, .segment_size = 2048, .retain_ms = MSEC_DAY};
    int r;

    f.got = (struct replayed){0};
    f.err.text[0] = '\0';
    assert_int_equal(journal_open(&config, &f.journal, &f.err), 0);
    r = journal_replay(f.journal, from, note, &f.got, &f.losses, &f.err);
    if (r < 0) {
        journal_free(f.journal);
        f.journal = NULL;
    }
    return r;
}

static void close_log(void)
{
    journal_free(f.journal);
    f.journal = NULL;
}

static void append(int count)
{
    struct pool pool;
    struct err err;

    pool_init(&pool);
    for (int i = 0; i < count; i++) {
        struct held_batch *batch = stream_batch(&pool, 1000, 0, 3);
        struct frame frame, *list = &frame;

        stream_frame(&frame, batch, 0, 0);
        assert_int_equal(journal_append(f.journal, &list, 1, &err), 0);
        free(frame.payload);
        pool_give(&pool, batch);
    }
    pool_deinit(&pool);
}

static int log_new(void **state)
{
    (void)state;
    f.folder = temp_folder_new();
    assert_int_equal(open_log(1), 0);
    append(FRAMES);
    assert_int_equal(journal_next(f.journal), FRAMES + 1);
    close_log();
    return 0;
}

static int log_remove(void **state)
{
    (void)state;
    close_log();
    temp_folder_remove(f.folder);
    return 0;
}

/* Path of the segment that is `back` before the last one. */
static const char *segment(unsigned back)
{
    static char path[4096];
    struct dirent **entry;
    int count = scandir(f.folder, &entry, NULL, alphasort), logs = 0;

    path[0] = '\0';
    for (int i = count - 1; i >= 0; i--)
        if (strncmp(entry[i]->d_name, "log-", 4) == 0 && (unsigned)logs++ == back)
            (void)snprintf(path, sizeof path, "%s/%s", f.folder, entry[i]->d_name);
    for (int i = 0; i < count; i++)
        free(entry[i]);
    free(entry);
    return path;
}

static void flip(const char *path, off_t from_end)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    off_t at = lseek(fd, 0, SEEK_END) - from_end;
    char byte;

    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 4;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    (void)close(fd);
}

static void frames_are_read_in_their_order_from_any_on(void **state)
{
    (void)state;
    assert_true(segment(2)[0]); /* several segments */
    for (uint64_t from = 1; from <= FRAMES + 1; from++) {
        assert_int_equal(open_log(from), 0);
        assert_int_equal(f.got.count, FRAMES + 1 - from);
        assert_int_equal(f.got.count ? f.got.first : from, from);
        assert_int_equal(journal_next(f.journal), FRAMES + 1);
        close_log();
    }
    assert_int_equal(open_log(1), 0);
    append(2);
    close_log();
    assert_int_equal(open_log(1), 0);
    assert_int_equal(f.got.last, FRAMES + 2);
}

/* What a crash leaves: the beginning of a frame that was never acknowledged. */
static void an_unfinished_frame_is_cut_off(void **state)
{
    int fd;

    (void)state;
    fd = open(segment(0), O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_int_equal(write(fd, "SFRM half a header", 18), 18);
    (void)close(fd);
    assert_int_equal(open_log(1), 0);
    assert_int_equal(f.got.last, FRAMES);
    assert_int_equal(f.losses.torn_bytes, 18);
    append(1);
    close_log();
    assert_int_equal(open_log(1), 0);
    assert_int_equal(f.got.last, FRAMES + 1);
    assert_int_equal(f.losses.torn_bytes, 0);
}

/* A frame that a crash left whole, and that nobody was told of yet, counts as acknowledged once it
 * was read: its sender is told so when it sends it again. */
static void what_was_read_once_stays(void **state)
{
    struct stat st;
    char path[4096];

    (void)state;
    (void)snprintf(path, sizeof path, "%s/acked", f.folder);
    assert_int_equal(unlink(path), 0); /* nobody knows what was acknowledged */
    assert_int_equal(open_log(1), 0);
    close_log();
    assert_int_equal(stat(segment(0), &st), 0);
    assert_int_equal(truncate(segment(0), st.st_size - 10), 0);
    assert_int_equal(open_log(1), -EBADMSG);
}

/* An acknowledged frame that is cut off or changed is damage, wherever it is. */
static void damage_is_refused_by_name_unless_a_repair_is_asked_for(void **state)
{
    static const struct {
        unsigned back;
        bool cut;
    } cases[] = {{0, true}, {0, false}, {2, true}, {2, false}};

    (void)state;
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *path = segment(cases[i].back);
        struct stat st;

        assert_int_equal(stat(path, &st), 0);
        if (cases[i].cut)
            assert_int_equal(truncate(path, st.st_size - 10), 0);
        else
            flip(path, 20);
        assert_int_equal(open_log(1), -EBADMSG);
        assert_non_null(strstr(f.err.text, "acknowledged"));
        assert_non_null(strstr(f.err.text, f.folder));
        /* A snapshot that has all of it makes the damage harmless. */
        assert_int_equal(open_log(FRAMES + 1), 0);
        (void)log_remove(NULL);
        (void)log_new(NULL);
    }
}

static int note_any(void *ctx, const struct frame_header *header, const char *payload)
{
    struct replayed *r = ctx;

    (void)payload;
    r->count++;
    r->last = header->seq;
    return 0;
}

static void a_repair_goes_on_without_what_is_lost(void **state)
{
    const struct journal_config config = {.folder = f.folder, .segment_size = 2048, .repair = true};

    (void)state;
    flip(segment(2), 20);
    f.got = (struct replayed){0};
    assert_int_equal(journal_open(&config, &f.journal, &f.err), 0);
    assert_int_equal(journal_replay(f.journal, 1, note_any, &f.got, &f.losses, &f.err), 0);
    assert_int_equal(f.losses.lost_frames, 1);
    assert_int_equal(f.got.count, FRAMES - 1);
    assert_int_equal(f.got.last, FRAMES);
    append(1);
    assert_int_equal(journal_next(f.journal), FRAMES + 2);
}

static void a_missing_segment_is_noticed(void **state)
{
    (void)state;
    assert_int_equal(unlink(segment(1)), 0);
    assert_int_equal(open_log(1), -EBADMSG);
    assert_non_null(strstr(f.err.text, "missing"));
}

static void only_what_no_snapshot_needs_is_deleted(void **state)
{
    uint64_t before;

    (void)state;
    assert_int_equal(open_log(1), 0);
    append(1);
    before = journal_size(f.journal);
    journal_retain(f.journal, 1); /* retain_size is 0: all that may go goes */
    assert_int_equal(journal_size(f.journal), before);
    journal_retain(f.journal, FRAMES);
    assert_true(journal_size(f.journal) < before);
    close_log();
    assert_int_equal(open_log(FRAMES), 0);
    assert_int_equal(f.got.first, FRAMES);
    close_log();
    assert_int_equal(open_log(1), -EBADMSG);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, log_new, log_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(frames_are_read_in_their_order_from_any_on),
        TEST(an_unfinished_frame_is_cut_off),
        TEST(what_was_read_once_stays),
        TEST(damage_is_refused_by_name_unless_a_repair_is_asked_for),
        TEST(a_repair_goes_on_without_what_is_lost),
        TEST(a_missing_segment_is_noticed),
        TEST(only_what_no_snapshot_needs_is_deleted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
