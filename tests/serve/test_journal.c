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

/* Opens the folder's log and reads it from `from` on. */
static int open_log(const char *folder, uint64_t from, bool repair, struct journal **journal,
                    struct replayed *replayed, struct journal_losses *losses, struct err *err)
{
    const struct journal_config config = {
        .folder = folder, .segment_size = 2048, .repair = repair, .retain_ms = MSEC_DAY};
    int r;

    *replayed = (struct replayed){0};
    err->text[0] = '\0';
    assert_int_equal(journal_open(&config, journal, err), 0);
    r = journal_replay(*journal, from, note, replayed, losses, err);
    if (r < 0) {
        journal_free(*journal);
        *journal = NULL;
    }
    return r;
}

static void append(struct journal *journal, int count)
{
    struct pool pool;
    struct err err;

    pool_init(&pool);
    for (int i = 0; i < count; i++) {
        struct held_batch *batch = stream_batch(&pool, 1000, 0, 3);
        struct frame frame, *list = &frame;

        stream_frame(&frame, batch, 0, 0);
        assert_int_equal(journal_append(journal, &list, 1, &err), 0);
        free(frame.payload);
        pool_give(&pool, batch);
    }
    pool_deinit(&pool);
}

/* A folder with a log of FRAMES frames in several segments. */
static char *log_new(void)
{
    char *folder = temp_folder_new();
    struct journal_losses losses;
    struct journal *journal;
    struct replayed got;
    struct err err;

    assert_int_equal(open_log(folder, 1, false, &journal, &got, &losses, &err), 0);
    append(journal, FRAMES);
    assert_int_equal(journal_next(journal), FRAMES + 1);
    journal_free(journal);
    return folder;
}

/* Path of the segment that is `back` before the last one. */
static const char *segment(const char *folder, unsigned back)
{
    static char path[4096];
    struct dirent **entry;
    int count = scandir(folder, &entry, NULL, alphasort), logs = 0;

    path[0] = '\0';
    for (int i = count - 1; i >= 0; i--)
        if (strncmp(entry[i]->d_name, "log-", 4) == 0 && (unsigned)logs++ == back)
            (void)snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
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
    char *folder = log_new();
    struct journal_losses losses;
    struct journal *journal;
    struct replayed got;
    struct err err;

    (void)state;
    assert_true(segment(folder, 2)[0]); /* several segments */
    for (uint64_t from = 1; from <= FRAMES + 1; from++) {
        assert_int_equal(open_log(folder, from, false, &journal, &got, &losses, &err), 0);
        assert_int_equal(got.count, FRAMES + 1 - from);
        assert_int_equal(got.count ? got.first : from, from);
        assert_int_equal(journal_next(journal), FRAMES + 1);
        journal_free(journal);
    }
    assert_int_equal(open_log(folder, 1, false, &journal, &got, &losses, &err), 0);
    append(journal, 2);
    journal_free(journal);
    assert_int_equal(open_log(folder, 1, false, &journal, &got, &losses, &err), 0);
    assert_int_equal(got.last, FRAMES + 2);
    journal_free(journal);
    temp_folder_remove(folder);
}

/* What a crash leaves: the beginning of a frame that was never acknowledged. */
static void an_unfinished_frame_is_cut_off(void **state)
{
    char *folder = log_new();
    struct journal_losses losses;
    struct journal *journal;
    struct replayed got;
    struct err err;
    int fd;

    (void)state;
    fd = open(segment(folder, 0), O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_int_equal(write(fd, "SFRM half a header", 18), 18);
    (void)close(fd);
    assert_int_equal(open_log(folder, 1, false, &journal, &got, &losses, &err), 0);
    assert_int_equal(got.last, FRAMES);
    assert_int_equal(losses.torn_bytes, 18);
    append(journal, 1);
    journal_free(journal);
    assert_int_equal(open_log(folder, 1, false, &journal, &got, &losses, &err), 0);
    assert_int_equal(got.last, FRAMES + 1);
    assert_int_equal(losses.torn_bytes, 0);
    journal_free(journal);
    temp_folder_remove(folder);
}

/* A frame that a crash left whole, and that nobody was told of yet, counts as acknowledged once it
 * was read: its sender is told so when it sends it again. */
static void what_was_read_once_stays(void **state)
{
    char *folder = log_new();
    struct journal_losses losses;
    struct journal *journal;
    struct replayed got;
    struct stat st;
    struct err err;
    char path[4096];

    (void)state;
    (void)snprintf(path, sizeof path, "%s/acked", folder);
    assert_int_equal(unlink(path), 0); /* nobody knows what was acknowledged */
    assert_int_equal(open_log(folder, 1, false, &journal, &got, &losses, &err), 0);
    journal_free(journal);
    assert_int_equal(stat(segment(folder, 0), &st), 0);
    assert_int_equal(truncate(segment(folder, 0), st.st_size - 10), 0);
    assert_int_equal(open_log(folder, 1, false, &journal, &got, &losses, &err), -EBADMSG);
    temp_folder_remove(folder);
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
        char *folder = log_new();
        const char *path = segment(folder, cases[i].back);
        struct journal_losses losses;
        struct journal *journal;
        struct replayed got;
        struct stat st;
        struct err err;

        assert_int_equal(stat(path, &st), 0);
        if (cases[i].cut)
            assert_int_equal(truncate(path, st.st_size - 10), 0);
        else
            flip(path, 20);
        assert_int_equal(open_log(folder, 1, false, &journal, &got, &losses, &err), -EBADMSG);
        assert_non_null(strstr(err.text, "acknowledged"));
        assert_non_null(strstr(err.text, folder));
        /* A snapshot that has all of it makes the damage harmless. */
        assert_int_equal(open_log(folder, FRAMES + 1, false, &journal, &got, &losses, &err), 0);
        journal_free(journal);
        temp_folder_remove(folder);
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
    char *folder = log_new();
    const struct journal_config config = {.folder = folder, .segment_size = 2048, .repair = true};
    struct journal_losses losses;
    struct replayed got = {0};
    struct journal *journal;
    struct err err;

    (void)state;
    flip(segment(folder, 2), 20);
    assert_int_equal(journal_open(&config, &journal, &err), 0);
    assert_int_equal(journal_replay(journal, 1, note_any, &got, &losses, &err), 0);
    assert_int_equal(losses.lost_frames, 1);
    assert_int_equal(got.count, FRAMES - 1);
    assert_int_equal(got.last, FRAMES);
    append(journal, 1);
    assert_int_equal(journal_next(journal), FRAMES + 2);
    journal_free(journal);
    temp_folder_remove(folder);
}

static void a_missing_segment_is_noticed(void **state)
{
    char *folder = log_new();
    struct journal_losses losses;
    struct journal *journal;
    struct replayed got;
    struct err err;

    (void)state;
    assert_int_equal(unlink(segment(folder, 1)), 0);
    assert_int_equal(open_log(folder, 1, false, &journal, &got, &losses, &err), -EBADMSG);
    assert_non_null(strstr(err.text, "missing"));
    temp_folder_remove(folder);
}

static void only_what_no_snapshot_needs_is_deleted(void **state)
{
    char *folder = log_new();
    struct journal_losses losses;
    struct journal *journal;
    struct replayed got;
    struct err err;
    uint64_t before;

    (void)state;
    assert_int_equal(open_log(folder, 1, false, &journal, &got, &losses, &err), 0);
    append(journal, 1);
    before = journal_size(journal);
    journal_retain(journal, 1); /* retain_size is 0: all that may go goes */
    assert_int_equal(journal_size(journal), before);
    journal_retain(journal, FRAMES);
    assert_true(journal_size(journal) < before);
    journal_free(journal);
    assert_int_equal(open_log(folder, FRAMES, false, &journal, &got, &losses, &err), 0);
    assert_int_equal(got.first, FRAMES);
    journal_free(journal);
    assert_int_equal(open_log(folder, 1, false, &journal, &got, &losses, &err), -EBADMSG);
    temp_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_read_in_their_order_from_any_on),
        cmocka_unit_test(an_unfinished_frame_is_cut_off),
        cmocka_unit_test(what_was_read_once_stays),
        cmocka_unit_test(damage_is_refused_by_name_unless_a_repair_is_asked_for),
        cmocka_unit_test(a_repair_goes_on_without_what_is_lost),
        cmocka_unit_test(a_missing_segment_is_noticed),
        cmocka_unit_test(only_what_no_snapshot_needs_is_deleted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
