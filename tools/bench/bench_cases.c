#include "bench_case.h"
#include "recall_case.h"

#include "base/cleanup.h"
#include "base/rng.h"
#include "base/table.h"
#include "detector/detector.h"
#include "event/digest.h"
#include "event/event_json.h"
#include "event/event_source.h"

#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>

/* Keeps results from being optimised away. */
static volatile uint64_t sink;

/* ---- Reading lines ---- */

static int reader_open(const struct bench_data *data, void **pass)
{
    struct event_json *reader = NULL;
    int r = event_json_new(&reader);

    (void)data;
    *pass = reader;
    return r;
}

static void reader_close(void *pass)
{
    event_json_free(pass);
}

static uint64_t lines_read(const struct bench_lines *lines, void *pass, uint64_t *bytes)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < lines->count; i++) {
        struct api_event ev;
        const char *refused = event_json_read(pass, lines->line[i], &ev);

        assert(!refused);
        sum += ev.present + (uint64_t)ev.latency_ms;
    }
    sink = sum;
    *bytes = lines->size;
    return lines->count;
}

static uint64_t read_plain(const struct bench_data *data, void *pass, uint64_t *bytes)
{
    return lines_read(&data->plain, pass, bytes);
}

static uint64_t read_spaced(const struct bench_data *data, void *pass, uint64_t *bytes)
{
    return lines_read(&data->spaced, pass, bytes);
}

static uint64_t read_prompts(const struct bench_data *data, void *pass, uint64_t *bytes)
{
    return lines_read(&data->prompts, pass, bytes);
}

/* ---- jansson on the same lines: to a tree only, no record ---- */

static int nothing_open(const struct bench_data *data, void **pass)
{
    (void)data;
    *pass = NULL;
    return 0;
}

static void nothing_close(void *pass)
{
    (void)pass;
}

static uint64_t lines_jansson(const struct bench_lines *lines, uint64_t *bytes)
{
    uint32_t count = lines->count / 10; /* it is slow, and its time per line does not change */

    *bytes = 0;
    for (uint32_t i = 0; i < count; i++) {
        json_error_t at;
        json_t *root = json_loadb(lines->line[i].p, lines->line[i].n, 0, &at);

        assert(root);
        json_decref(root);
        *bytes += lines->line[i].n + 1;
    }
    return count;
}

static uint64_t jansson_plain(const struct bench_data *data, void *pass, uint64_t *bytes)
{
    (void)pass;
    return lines_jansson(&data->plain, bytes);
}

static uint64_t jansson_prompts(const struct bench_data *data, void *pass, uint64_t *bytes)
{
    (void)pass;
    return lines_jansson(&data->prompts, bytes);
}

/* ---- Records that were read: writing and digesting ---- */

struct records {
    struct event_json *reader;
    struct api_event *ev;
    uint32_t count;
    struct json_write w;
    struct digest_batch *batch;
};

static void records_close(void *pass)
{
    struct records *records = pass;

    if (!records)
        return;
    event_json_free(records->reader);
    free(records->ev);
    json_write_deinit(&records->w);
    digest_batch_free(records->batch);
    free(records);
}
CLEANUP_DEFINE(void, records_close)

/* As many records as fit the caches, so that what is timed is the work on them. */
static int records_open(const struct bench_lines *lines, void **pass)
{
    enum { RECORDS = 500, BATCH = 500 };
    struct records *records = calloc(1, sizeof *records);
    AUTO(records_close) void *owned = records;

    if (!records || event_json_new(&records->reader) < 0 ||
        digest_batch_new(BATCH, &records->batch) < 0)
        return -ENOMEM;
    json_write_init(&records->w, NULL);
    records->ev = malloc(RECORDS * sizeof *records->ev);
    if (!records->ev)
        return -ENOMEM;
    for (uint32_t i = 0; i < lines->count && records->count < RECORDS; i++) {
        /* A text with escapes lies in the reader and would be overwritten: such lines are left out.
         */
        if (memchr(lines->line[i].p, '\\', lines->line[i].n))
            continue;
        if (!event_json_read(records->reader, lines->line[i], &records->ev[records->count]))
            records->count++;
    }
    *pass = TAKE(owned);
    return 0;
}

static int records_plain_open(const struct bench_data *data, void **pass)
{
    return records_open(&data->plain, pass);
}

static int records_prompts_open(const struct bench_data *data, void **pass)
{
    return records_open(&data->prompts, pass);
}

static uint64_t records_write(const struct bench_data *data, void *pass, uint64_t *bytes)
{
    struct records *records = pass;
    enum { ROUNDS = 20 };

    (void)data;
    *bytes = 0;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        records->w.size = 0;
        for (uint32_t i = 0; i < records->count; i++)
            event_json_write(&records->w, &records->ev[i]);
        *bytes += records->w.size;
    }
    return (uint64_t)ROUNDS * records->count;
}

static uint64_t records_digest(const struct bench_data *data, void *pass, uint64_t *bytes)
{
    struct records *records = pass;
    enum { ROUNDS = 20 };

    (void)data;
    *bytes = 0;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        digest_batch_clear(records->batch);
        for (uint32_t i = 0; i < records->count; i++)
            if (digest_batch_add(records->batch, &records->ev[i], 1) < 0)
                return 0;
        for (uint32_t i = 0; i < records->count; i++)
            *bytes += records->ev[i].prompt.n;
    }
    return (uint64_t)ROUNDS * records->count;
}

/* ---- The detector, on digests ---- */

struct feed {
    struct digest_batch *batch;
    struct detector *detector;
};

static void feed_close(void *pass)
{
    struct feed *feed = pass;

    if (!feed)
        return;
    digest_batch_free(feed->batch);
    detector_free(feed->detector);
    free(feed);
}
CLEANUP_DEFINE(void, feed_close)

static int feed_open(const struct bench_lines *lines, void **pass)
{
    struct feed *feed = calloc(1, sizeof *feed);
    AUTO(feed_close) void *owned = feed;
    AUTO(event_json_free) struct event_json *reader = NULL;
    struct detector_config config;
    struct err err;
    int r;

    detector_config_default(&config);
    if (!feed || event_json_new(&reader) < 0 || digest_batch_new(lines->count, &feed->batch) < 0)
        return -ENOMEM;
    r = detector_new(&config, &feed->detector, &err);
    for (uint32_t i = 0; r == 0 && i < lines->count; i++) {
        struct api_event ev;

        if (!event_json_read(reader, lines->line[i], &ev))
            r = digest_batch_add(feed->batch, &ev, config.hash_key);
    }
    if (r == 0)
        *pass = TAKE(owned);
    return r;
}

static int feed_plain_open(const struct bench_data *data, void **pass)
{
    return feed_open(&data->plain, pass);
}

static int feed_prompts_open(const struct bench_data *data, void **pass)
{
    return feed_open(&data->prompts, pass);
}

static uint64_t feed_run(const struct bench_data *data, void *pass, uint64_t *bytes)
{
    struct feed *feed = pass;

    (void)data;
    *bytes = 0;
    detector_feed(feed->detector, feed->batch, NULL, feed->batch->count);
    return feed->batch->count;
}

/* ---- Files in the page cache ---- */

/* Reads the file to its end; hands its digests to the detector when there is one. */
static uint64_t file_run(const char *path, uint32_t threads, struct detector *detector,
                         uint64_t *bytes)
{
    AUTO(event_source_free) struct event_source *source = NULL;
    struct event_source_config config;
    struct event_source_counters counters;
    const struct digest_batch *batch;
    const uint32_t *order;
    char name[BENCH_PATH_SIZE];
    char *paths[] = {name};
    uint32_t count;
    struct err err;

    (void)snprintf(name, sizeof name, "%s", path);
    event_source_config_default(&config);
    config.path = paths;
    config.path_count = 1;
    config.thread_count = threads;
    if (event_source_new(&config, &source, &err) < 0)
        return 0;
    while (event_source_next(source, &batch, &order, &count, &err) > 0)
        if (detector)
            detector_feed(detector, batch, order, count);
    event_source_counters(source, &counters);
    *bytes = counters.bytes;
    return counters.accepted;
}

static uint64_t source_plain_1(const struct bench_data *data, void *pass, uint64_t *bytes)
{
    (void)pass;
    return file_run(data->plain_path, 1, NULL, bytes);
}

static uint64_t source_plain(const struct bench_data *data, void *pass, uint64_t *bytes)
{
    (void)pass;
    return file_run(data->plain_path, 0, NULL, bytes);
}

static uint64_t source_prompts_1(const struct bench_data *data, void *pass, uint64_t *bytes)
{
    (void)pass;
    return file_run(data->prompts_path, 1, NULL, bytes);
}

static uint64_t source_prompts(const struct bench_data *data, void *pass, uint64_t *bytes)
{
    (void)pass;
    return file_run(data->prompts_path, 0, NULL, bytes);
}

static int detector_open(const struct bench_data *data, void **pass)
{
    struct detector_config config;
    struct detector *detector = NULL;
    struct err err;
    int r;

    (void)data;
    detector_config_default(&config);
    r = detector_new(&config, &detector, &err);
    *pass = detector;
    return r;
}

static void detector_close(void *pass)
{
    detector_free(pass);
}

static uint64_t detect_plain(const struct bench_data *data, void *pass, uint64_t *bytes)
{
    return file_run(data->plain_path, 0, pass, bytes);
}

static uint64_t detect_prompts(const struct bench_data *data, void *pass, uint64_t *bytes)
{
    return file_run(data->prompts_path, 0, pass, bytes);
}

/* ---- Tables ---- */

enum { TABLE_KEYS = 1 << 20, TABLE_AHEAD = 32 };

static int table_open(const struct bench_data *data, void **pass)
{
    struct table *table = NULL;
    int r = table_new(TABLE_KEYS, &table);

    (void)data;
    for (uint32_t i = 0; r == 0 && i < TABLE_KEYS; i++)
        (void)table_put(table, mix64(i) | 1, i);
    *pass = table;
    return r;
}

static void table_close(void *pass)
{
    table_free(pass);
}

static uint64_t table_probe(const struct table *table, uint64_t ahead)
{
    uint64_t sum = 0;

    for (uint64_t i = 0; i < TABLE_KEYS; i++) {
        if (ahead)
            table_prefetch(table, mix64((i + ahead) * 0x10001 % TABLE_KEYS) | 1);
        sum += table_find(table, mix64(i * 0x10001 % TABLE_KEYS) | 1);
    }
    sink = sum;
    return TABLE_KEYS;
}

static uint64_t table_direct(const struct bench_data *data, void *pass, uint64_t *bytes)
{
    (void)data;
    *bytes = 0;
    return table_probe(pass, 0);
}

static uint64_t table_prefetched(const struct bench_data *data, void *pass, uint64_t *bytes)
{
    (void)data;
    *bytes = 0;
    return table_probe(pass, TABLE_AHEAD);
}

const struct bench_case bench_cases[] = {
    {"jansson/plain", NULL, false, nothing_open, jansson_plain, nothing_close},
    {"read/plain", "jansson/plain", false, reader_open, read_plain, reader_close},
    {"read/spaced", "jansson/plain", false, reader_open, read_spaced, reader_close},
    {"jansson/prompts", NULL, false, nothing_open, jansson_prompts, nothing_close},
    {"read/prompts", "jansson/prompts", false, reader_open, read_prompts, reader_close},
    {"write/plain", "read/plain", false, records_plain_open, records_write, records_close},
    {"write/prompts", "read/prompts", false, records_prompts_open, records_write, records_close},
    {"digest/plain", "read/plain", false, records_plain_open, records_digest, records_close},
    {"digest/prompts", "read/prompts", false, records_prompts_open, records_digest, records_close},
    {"feed/plain", "read/plain", false, feed_plain_open, feed_run, feed_close},
    {"feed/prompts", "read/prompts", false, feed_prompts_open, feed_run, feed_close},
    {"source/plain/1", NULL, true, nothing_open, source_plain_1, nothing_close},
    {"source/plain", "source/plain/1", true, nothing_open, source_plain, nothing_close},
    {"source/prompts/1", NULL, true, nothing_open, source_prompts_1, nothing_close},
    {"source/prompts", "source/prompts/1", true, nothing_open, source_prompts, nothing_close},
    {"detect/plain", "source/plain", true, detector_open, detect_plain, detector_close},
    {"detect/prompts", "source/prompts", true, detector_open, detect_prompts, detector_close},
    {"table/direct", NULL, false, table_open, table_direct, table_close},
    {"table/prefetched", "table/direct", false, table_open, table_prefetched, table_close},
    {"recall/learn", NULL, false, recall_case_open, recall_case_run, recall_case_close},
    {NULL, NULL, false, NULL, NULL, NULL},
};
