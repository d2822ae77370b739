#include "base/rng.h"
#include "event/event_source.h"
#include "tests/support.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* All that a reading gave, as text, so that two readings can be compared. */
struct reading {
    char *text;
    size_t size;
    struct event_source_counters counters;
    char *rejected;
    int result;
    struct err err;
};

struct bench {
    char *folder;
    struct event_source_config config;
    char *path[4];
};

static void bench_open(struct bench *b)
{
    memset(b, 0, sizeof *b);
    b->folder = temp_folder_new();
    event_source_config_default(&b->config);
    b->config.path = b->path;
    b->config.thread_count = 1;
}

static void bench_close(struct bench *b)
{
    for (uint32_t i = 0; i < b->config.path_count; i++)
        free(b->path[i]);
    temp_folder_remove(b->folder);
}

static void add_file(struct bench *b, const char *name, const char *content, size_t size)
{
    b->path[b->config.path_count++] = strdup(temp_file(b->folder, name, content, size));
}

static char *file_text(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = calloc(1, 1 << 20);

    assert_non_null(file);
    assert_true(fread(text, 1, (1 << 20) - 1, file) < (1 << 20) - 1);
    (void)fclose(file);
    return text;
}

static void read_all(struct bench *b, struct reading *out)
{
    const char *rejected = temp_file(b->folder, "rejected.jsonl", "", 0);
    const struct digest_batch *batch;
    const uint32_t *order;
    struct event_source *source;
    uint32_t count;
    FILE *text;

    memset(out, 0, sizeof *out);
    text = open_memstream(&out->text, &out->size);
    b->config.rejected_path = rejected;
    assert_int_equal(event_source_new(&b->config, &source, &out->err), 0);
    while ((out->result = event_source_next(source, &batch, &order, &count, &out->err)) > 0)
        for (uint32_t i = 0; i < count; i++) {
            const struct digest *d = &batch->digest[order ? order[i] : i];
            struct str account = digest_account_text(batch, d);

            assert_non_null(account.p);
            (void)fprintf(text, "%" PRId64 " ", d->ts);
            (void)fwrite(account.p, 1, account.n, text);
            (void)fprintf(text, " %" PRIx64 "\n", d->model);
        }
    event_source_counters(source, &out->counters);
    event_source_free(source);
    (void)fclose(text);
    out->rejected = file_text(rejected);
}

static void reading_free(struct reading *r)
{
    free(r->text);
    free(r->rejected);
}

static void assert_same(const struct reading *a, const struct reading *b)
{
    assert_int_equal(a->result, b->result);
    assert_string_equal(a->text, b->text);
    assert_string_equal(a->rejected, b->rejected);
    assert_memory_equal(&a->counters, &b->counters, sizeof a->counters);
}

/* A log as it comes: shuffled a little, with duplicates, refused lines of all kinds and lengths. */
static char *rough_log(size_t *size)
{
    struct rng rng;
    char *text;
    FILE *f = open_memstream(&text, size);

    rng_split(&rng, 5, 6);
    for (unsigned i = 0; i < 4000; i++) {
        msec_t ts = 1767225600000 + i * 1000 - (msec_t)rng_below(&rng, 200000);

        switch (rng_below(&rng, 40)) {
        case 0: (void)fprintf(f, "\r\n"); break;
        case 1: (void)fprintf(f, "{\"ts\":%" PRId64 "}\n", ts); break;
        case 2: (void)fprintf(f, "not json at all, number %u\n", i); break;
        case 3: (void)fprintf(f, "%01500u\n", i); break;
        case 4: ts -= 400000; /* late */ /* fall through */
        default:
            (void)fprintf(f,
                          "{\"ts\":%" PRId64 ",\"account\":\"a%u\",\"id\":\"%u\","
                          "\"model\":\"s%u\"}%s",
                          ts, i % 50, i % 20 ? i : i / 40, i, i % 3 ? "\n" : "\r\n");
        }
    }
    (void)fclose(f);
    return text;
}

static void the_result_depends_on_the_input_alone(void **state)
{
    static const uint32_t threads[] = {1, 2, 4}, chunks[] = {64, 1000, 0};
    struct bench b;
    struct reading whole;
    size_t size;
    char *log = rough_log(&size);

    (void)state;
    bench_open(&b);
    add_file(&b, "log", log, size);
    b.config.line_max = 1000;
    b.config.reorder_max = 100;
    b.config.dedup_max = 1000;
    read_all(&b, &whole);
    assert_int_equal(whole.result, 0);
    assert_true(whole.counters.accepted > 3000 && whole.counters.duplicate > 50);
    assert_true(whole.counters.late > 50 && whole.counters.reorder_forced > 50);
    assert_true(whole.counters.long_lines > 50);
    assert_true(whole.counters.refused > whole.counters.long_lines + 100);
    assert_int_equal(whole.counters.accepted + whole.counters.duplicate + whole.counters.late +
                         whole.counters.refused,
                     whole.counters.lines);
    for (unsigned t = 0; t < 3; t++)
        for (unsigned c = 0; c < 3; c++) {
            struct reading r;

            b.config.thread_count = threads[t];
            b.config.chunk_size = chunks[c];
            read_all(&b, &r);
            assert_same(&r, &whole);
            reading_free(&r);
        }
    reading_free(&whole);
    bench_close(&b);
    free(log);
}

static void files_are_one_stream_with_lines_of_their_own(void **state)
{
    struct bench b;
    struct reading r;
    char expected[2048];

    (void)state;
    bench_open(&b);
    add_file(&b, "one", "{\"ts\":1,\"account\":\"a\"}\n\nbad", SIZE_MAX);
    add_file(&b, "two", "", 0);
    add_file(&b, "three", "\xEF\xBB\xBF{\"ts\":0,\"account\":\"b\"}\r\n \t\r\n[]\n", SIZE_MAX);
    read_all(&b, &r);
    assert_int_equal(r.result, 0);
    assert_string_equal(r.text, "0 b 0\n1 a 0\n");
    (void)snprintf(expected, sizeof expected, "{\"source\":\"%s/one\",\"line\":3,\"reason\":\"",
                   b.folder);
    assert_memory_equal(r.rejected, expected, strlen(expected));
    (void)snprintf(expected, sizeof expected, "\n{\"source\":\"%s/three\",\"line\":3,\"reason\":\"",
                   b.folder);
    assert_non_null(strstr(r.rejected, expected));
    assert_int_equal(r.counters.lines, 4);
    assert_int_equal(r.counters.refused, 2);
    reading_free(&r);
    bench_close(&b);
}

static void a_long_line_is_refused_and_the_next_one_read(void **state)
{
    enum { LINE_MAX_BYTES = 100 };
    static const char record[] = "{\"ts\":1,\"account\":\"a\"}";
    char text[600];

    (void)state;
    for (uint32_t chunk = 16; chunk <= 4096; chunk *= 16) { /* shorter and longer than the line */
        for (int size = LINE_MAX_BYTES; size <= LINE_MAX_BYTES + 1; size++) {
            struct bench b;
            struct reading r;

            (void)snprintf(text, sizeof text, "%-*s\n%s\n%0300d\n%s", size, record, record, 0,
                           record);
            bench_open(&b);
            b.config.line_max = LINE_MAX_BYTES;
            b.config.chunk_size = chunk;
            add_file(&b, "log", text, SIZE_MAX);
            read_all(&b, &r);
            assert_int_equal(r.counters.accepted, size == LINE_MAX_BYTES ? 3 : 2);
            assert_int_equal(r.counters.long_lines, size == LINE_MAX_BYTES ? 1 : 2);
            assert_int_equal(r.counters.lines, 4);
            assert_non_null(
                strstr(r.rejected, "\"line\":3,\"reason\":\"longer than the line limit"));
            reading_free(&r);
            bench_close(&b);
        }
    }
}

static void noise_is_refused_line_by_line(void **state)
{
    enum { SIZE = 20000 };
    static const char zeros[] = "\0\0\n{\"ts\":1,\"account\":\"a\0\"}\n"
                                "{\"ts\":1,\"account\":\"a\"}\n";
    struct bench b;
    struct reading r;
    struct rng rng;
    char noise[SIZE];

    (void)state;
    rng_split(&rng, 9, 9);
    for (unsigned i = 0; i < SIZE; i++)
        noise[i] = (char)rng_next(&rng);
    bench_open(&b);
    add_file(&b, "noise", noise, SIZE);
    add_file(&b, "zeros", zeros, sizeof zeros - 1);
    read_all(&b, &r);
    assert_int_equal(r.result, 0);
    assert_int_equal(r.counters.accepted, 1);
    assert_int_equal(r.counters.refused, r.counters.lines - 1);
    assert_true(r.counters.refused > SIZE / 256 / 2);
    reading_free(&r);
    bench_close(&b);
}

static void impossible_times_are_refused(void **state)
{
    struct bench b;
    struct reading r;

    (void)state;
    bench_open(&b);
    add_file(
        &b, "log",
        "{\"ts\":-1,\"account\":\"a\"}\n{\"ts\":1767225600000000000,\"account\":\"a\"}\n"
        "{\"ts\":\"2026-02-30T00:00:00Z\",\"account\":\"a\"}\n{\"ts\":1e300,\"account\":\"a\"}\n"
        "{\"ts\":253402300799999,\"account\":\"a\"}\n",
        SIZE_MAX);
    read_all(&b, &r);
    assert_int_equal(r.counters.refused, 4);
    assert_int_equal(r.counters.accepted, 1);
    reading_free(&r);
    bench_close(&b);
}

static void cut_off_input_is_an_error_after_what_it_holds(void **state)
{
    struct bench b;
    struct reading r;
    size_t size, half;
    char *log = rough_log(&size), *packed = malloc(size + 1000);
    z_stream z = {0};

    (void)state;
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)log;
    z.avail_in = (uInt)size;
    z.next_out = (Bytef *)packed;
    z.avail_out = (uInt)size + 1000;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    half = z.total_out / 2;
    (void)deflateEnd(&z);
    bench_open(&b);
    add_file(&b, "log.gz", packed, half);
    add_file(&b, "never", "{\"ts\":1,\"account\":\"never\"}\n", SIZE_MAX);
    read_all(&b, &r);
    assert_int_equal(r.result, -EBADMSG);
    assert_non_null(strstr(r.err.text, "/log.gz: the gzip data is cut off"));
    assert_true(r.counters.accepted > 1000);
    assert_null(strstr(r.text, "never"));
    assert_int_equal(r.counters.bytes, half);
    reading_free(&r);
    bench_close(&b);
    free(packed);
    free(log);
}

static void what_cannot_be_opened_is_named_at_the_start(void **state)
{
    struct event_source *source;
    struct err err = {""};
    struct bench b;

    (void)state;
    bench_open(&b);
    add_file(&b, "there", "", 0);
    b.path[b.config.path_count++] = strdup("/nowhere/log");
    assert_int_equal(event_source_new(&b.config, &source, &err), -ENOENT);
    assert_string_equal(err.text, "/nowhere/log: No such file or directory");
    bench_close(&b);
}

static void a_full_disk_for_refused_lines_is_an_error(void **state)
{
    const struct digest_batch *batch;
    struct event_source *source;
    const uint32_t *order;
    struct err err = {""};
    struct bench b;
    uint32_t count;
    int r;

    (void)state;
    bench_open(&b);
    add_file(&b, "log", "bad\n{\"ts\":1,\"account\":\"a\"}\n", SIZE_MAX);
    b.config.rejected_path = "/dev/full";
    assert_int_equal(event_source_new(&b.config, &source, &err), 0);
    while ((r = event_source_next(source, &batch, &order, &count, &err)) > 0)
        assert_int_equal(count, 1);
    assert_int_equal(r, -ENOSPC);
    assert_string_equal(err.text, "/dev/full: No space left on device");
    event_source_free(source);
    bench_close(&b);
}

/* A pipe whose writer stays: reading it does not end by itself. */
static void stopping_ends_the_input_where_it_is(void **state)
{
    static const char text[] = "{\"ts\":1,\"account\":\"a\"}\n{\"ts\":2,\"acc";
    const struct digest_batch *batch;
    struct event_source *source;
    struct err err = {""};
    const uint32_t *order;
    struct bench b;
    uint32_t count;
    int fds[2];
    char path[32];

    (void)state;
    bench_open(&b);
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(write(fds[1], text, sizeof text - 1), sizeof text - 1);
    (void)snprintf(path, sizeof path, "/dev/fd/%d", fds[0]);
    b.path[b.config.path_count++] = strdup(path);
    b.config.lateness_ms = 0;
    assert_int_equal(event_source_new(&b.config, &source, &err), 0);
    assert_int_equal(event_source_size(source), 0);
    event_source_stop(source);
    while (event_source_next(source, &batch, &order, &count, &err) > 0)
        assert_int_equal(batch->digest[order ? order[0] : 0].ts, 1);
    assert_string_equal(err.text, "");
    event_source_free(source);
    (void)close(fds[0]);
    (void)close(fds[1]);
    bench_close(&b);
}

static void a_source_can_be_freed_in_the_middle(void **state)
{
    const struct digest_batch *batch;
    struct event_source *source;
    struct err err = {""};
    const uint32_t *order;
    struct bench b;
    uint32_t count;
    size_t size;
    char *log = rough_log(&size);

    (void)state;
    bench_open(&b);
    add_file(&b, "log", log, size);
    b.config.chunk_size = 1000;
    b.config.thread_count = 3;
    assert_int_equal(event_source_new(&b.config, &source, &err), 0);
    assert_int_equal(event_source_size(source), size);
    event_source_free(source);
    assert_int_equal(event_source_new(&b.config, &source, &err), 0);
    assert_int_equal(event_source_next(source, &batch, &order, &count, &err), 1);
    event_source_free(source);
    bench_close(&b);
    free(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_result_depends_on_the_input_alone),
        cmocka_unit_test(files_are_one_stream_with_lines_of_their_own),
        cmocka_unit_test(a_long_line_is_refused_and_the_next_one_read),
        cmocka_unit_test(noise_is_refused_line_by_line),
        cmocka_unit_test(impossible_times_are_refused),
        cmocka_unit_test(cut_off_input_is_an_error_after_what_it_holds),
        cmocka_unit_test(what_cannot_be_opened_is_named_at_the_start),
        cmocka_unit_test(a_full_disk_for_refused_lines_is_an_error),
        cmocka_unit_test(stopping_ends_the_input_where_it_is),
        cmocka_unit_test(a_source_can_be_freed_in_the_middle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
