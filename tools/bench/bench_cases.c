#include "bench_case.h"

#include "base/cleanup.h"
#include "base/rng.h"
#include "base/table.h"
#include "event/digest.h"
#include "event/event_json.h"

#include <assert.h>
#include <errno.h>
#include <jansson.h>

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
    {"table/direct", NULL, false, table_open, table_direct, table_close},
    {"table/prefetched", "table/direct", false, table_open, table_prefetched, table_close},
    {NULL, NULL, false, NULL, NULL, NULL},
};
