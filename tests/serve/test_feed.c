#include "serve/feed.h"

#include "tests/support.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void put_numbers(struct feed *feed, int from, int to)
{
    char line[32];

    for (int i = from; i < to; i++) {
        (void)snprintf(line, sizeof line, "{\"n\":%d}\n", i);
        assert_int_equal(feed_put(feed, str_of(line)), 0);
    }
}

static struct feed *open_in(const char *folder)
{
    struct feed *feed = NULL;
    struct err err;

    assert_int_equal(feed_open(folder, "f.jsonl", &feed, &err), 0);
    return feed;
}

/* The first and last of the lines read, and how many. */
static int read_lines(struct feed *feed, uint64_t *cursor, uint32_t limit, int *first, int *last)
{
    AUTO_FREE char *text = NULL;
    size_t size;
    int count = 0;

    assert_int_equal(feed_read(feed, cursor, limit, &text, &size), 0);
    for (size_t at = 0; at < size; count++) {
        int n;

        assert_int_equal(sscanf(text + at, "{\"n\":%d}", &n), 1);
        if (count == 0)
            *first = n;
        *last = n;
        at += (size_t)((const char *)memchr(text + at, '\n', size - at) - (text + at)) + 1;
    }
    return count;
}

static void any_cursor_reads_on_from_its_line(void **state)
{
    char *folder = temp_folder_new();
    struct feed *feed = open_in(folder);
    int first = -1, last = -1;

    (void)state;
    put_numbers(feed, 0, 1000);
    for (uint64_t from = 0; from < 1000; from += 37) {
        uint64_t cursor = from;
        int wanted = from + 100 > 1000 ? (int)(1000 - from) : 100;

        assert_int_equal(read_lines(feed, &cursor, 100, &first, &last), wanted);
        assert_int_equal(first, (int)from);
        assert_int_equal(cursor, from + (uint64_t)wanted);
        assert_int_equal(last, (int)cursor - 1);
    }
    assert_int_equal(read_lines(feed, &(uint64_t){1000}, 10, &first, &last), 0);
    assert_int_equal(read_lines(feed, &(uint64_t){5000}, 10, &first, &last), 0);
    feed_free(feed);
    temp_folder_remove(folder);
}

static void a_feed_is_cut_back_and_goes_on(void **state)
{
    char *folder = temp_folder_new();
    struct feed *feed = open_in(folder);
    struct feed_end end;
    int first, last;
    uint64_t cursor = 60;

    (void)state;
    put_numbers(feed, 0, 130);
    feed_end(feed, &end);
    put_numbers(feed, 900, 950);
    assert_int_equal(feed_cut(feed, &end), 0);
    put_numbers(feed, 130, 140);
    assert_int_equal(read_lines(feed, &cursor, 1000, &first, &last), 80);
    assert_int_equal(last, 139);
    feed_free(feed);
    feed = open_in(folder);
    cursor = 128;
    assert_int_equal(read_lines(feed, &cursor, 1000, &first, &last), 12);
    assert_int_equal(first, 128);
    end.lines += 100;
    assert_int_equal(feed_cut(feed, &end), -ENODATA);
    feed_free(feed);
    temp_folder_remove(folder);
}

static void half_a_line_at_the_end_is_dropped(void **state)
{
    char *folder = temp_folder_new();
    struct feed *feed;
    struct feed_end end;

    (void)state;
    (void)temp_file(folder, "f.jsonl", "{\"n\":0}\n{\"n\":1}\n{\"n\"", SIZE_MAX);
    feed = open_in(folder);
    feed_end(feed, &end);
    assert_int_equal(end.lines, 2);
    assert_int_equal(end.size, 16);
    feed_free(feed);
    temp_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_cursor_reads_on_from_its_line),
        cmocka_unit_test(a_feed_is_cut_back_and_goes_on),
        cmocka_unit_test(half_a_line_at_the_end_is_dropped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
