/* Decode threads take turns to cut a chunk of whole lines off the input, and then make batches of
 * digests of it, while it is still in their processor's cache; the caller takes the chunks in the
 * order of the turns. The chunks' memory goes round; so do the batches, through a pool. One lock
 * guards the ring's states and the pool, and is taken a few times per chunk. */
#include "event_source.h"

#include "event/dedup.h"
#include "event/event_json.h"
#include "event/input.h"
#include "event/rejected.h"
#include "event/reorder.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    BATCH_RECORDS = 1024,
    THREADS_MAX = 64,
    NO_FILE = UINT32_MAX,
};

struct refusal {
    uint64_t line; /* in the chunk, from 0 */
    const char *reason;
    struct str text; /* in the chunk */
};

enum chunk_state { CHUNK_EMPTY, CHUNK_TAKEN, CHUNK_DECODED };

struct chunk {
    enum chunk_state state;
    /* the cutter's */
    char *data;
    size_t size;
    uint32_t file;
    bool opens_file; /* data[0] is the first byte of its file (after a byte order mark) */
    bool last;       /* nothing follows */
    int error;       /* why nothing follows: 0 or a negative errno */
    struct err err;
    /* the decoder's */
    struct held_batch *first, *tail;
    struct refusal *refusal;
    uint32_t refusal_count, refusal_capacity;
    uint64_t line_count;   /* all, for line numbers */
    uint64_t filled_count; /* lines that are not empty */
    uint64_t long_count, cut_count, skipped_count;
};

/* What a decode thread owns. */
struct decoder {
    struct event_source *source;
    pthread_t thread;
    struct event_json *json;
    struct field_map_reader *map;
    uint32_t header_file; /* whose header the map reader has seen */
    const char *header_refusal;
};

/* Where in the input the next chunk begins: belongs to the thread whose turn it is. */
struct cutter {
    struct input *input; /* NULL between files */
    uint32_t file;
    bool opens_file;
    bool skipping; /* inside a line that is too long */
    bool ended;
    char *carry; /* the beginning of a line */
    size_t carry_size;
    uint64_t bytes_before; /* of earlier files */
};

struct event_source {
    struct event_source_config config;
    char **path;
    uint32_t path_count;
    struct str *header; /* per file: its first line, when the map wants one; owned */
    uint64_t size;      /* of all files; 0 when one is no regular file */
    size_t chunk_capacity;

    pthread_mutex_t turn; /* guards the cutter, and fill_at */
    struct cutter cutter;
    pthread_mutex_t lock; /* taken inside of a turn, never the other way round */
    pthread_cond_t emptied, decoded;
    bool locks_ready, abort;
    struct chunk *chunk; /* ring */
    uint32_t chunk_count;
    uint64_t fill_at, take_at; /* positions, ever growing */
    struct held_batch *pool;

    struct decoder *decoder;
    uint32_t decoder_count, decoders_run;
    int stop_fd;
    atomic_bool stop;
    atomic_uint_fast64_t bytes;

    /* the caller's side */
    struct dedup *dedup;
    struct reorder *reorder;
    struct rejected *rejected;
    struct held_batch *pending; /* of the chunks taken, in order */
    uint64_t line_base;         /* lines of the current file in earlier chunks */
    bool ended;
    int error;
    struct err err;
    struct event_source_counters counters;
};

void event_source_config_default(struct event_source_config *config)
{
    *config = (struct event_source_config){
        .lateness_ms = 5 * MSEC_MINUTE,
        .reorder_max = 256 * 1024,
        .dedup_max = 1024 * 1024,
        .line_max = 1024 * 1024,
        .chunk_size = 256 * 1024,
    };
}

/* ---- batches ------------------------------------------------------------------------------------
 */

/* Empty; NULL without memory. */
static struct held_batch *batch_take(struct event_source *s)
{
    struct held_batch *batch;

    (void)pthread_mutex_lock(&s->lock);
    batch = s->pool;
    if (batch)
        s->pool = batch->next;
    (void)pthread_mutex_unlock(&s->lock);
    if (!batch && held_batch_new(BATCH_RECORDS, &batch) < 0)
        return NULL;
    held_batch_clear(batch);
    return batch;
}

static struct held_batch *batch_spare(void *ctx)
{
    return batch_take(ctx);
}

static void batches_give(struct event_source *s)
{
    struct held_batch *batch = reorder_reclaim(s->reorder);

    if (!batch)
        return;
    (void)pthread_mutex_lock(&s->lock);
    do {
        batch->next = s->pool;
        s->pool = batch;
        batch = reorder_reclaim(s->reorder);
    } while (batch);
    (void)pthread_mutex_unlock(&s->lock);
}

static void batches_free(struct held_batch *batch)
{
    while (batch) {
        struct held_batch *next = batch->next;

        held_batch_free(batch);
        batch = next;
    }
}

/* ---- the ring -----------------------------------------------------------------------------------
 */

static struct chunk *ring_at(struct event_source *s, uint64_t position)
{
    return &s->chunk[position % s->chunk_count];
}

/* Waits until the chunk is in `state`; NULL when the source is being freed. */
static struct chunk *ring_wait(struct event_source *s, uint64_t *position, enum chunk_state state,
                               enum chunk_state next, pthread_cond_t *changed)
{
    struct chunk *chunk;

    (void)pthread_mutex_lock(&s->lock);
    while (!s->abort && ring_at(s, *position)->state != state)
        (void)pthread_cond_wait(changed, &s->lock);
    chunk = s->abort ? NULL : ring_at(s, (*position)++);
    if (chunk)
        chunk->state = next;
    (void)pthread_mutex_unlock(&s->lock);
    return chunk;
}

static void ring_pass(struct event_source *s, struct chunk *chunk, enum chunk_state state,
                      pthread_cond_t *changed)
{
    (void)pthread_mutex_lock(&s->lock);
    chunk->state = state;
    (void)pthread_cond_signal(changed);
    (void)pthread_mutex_unlock(&s->lock);
}

/* ---- reading: input to chunks of whole lines ----------------------------------------------------
 */

static const char byte_order_mark[] = "\xEF\xBB\xBF";

enum { BYTE_ORDER_MARK_SIZE = 3 };

/* Bytes of data[0..size) that are whole lines. */
static size_t whole_lines(const char *data, size_t size)
{
    const char *newline = memrchr(data, '\n', size);

    return newline ? (size_t)(newline - data) + 1 : 0;
}

/* Forgets what belongs to a line that is too long. */
static void skip_rest_of_line(struct cutter *c, struct chunk *chunk)
{
    const char *newline = memchr(chunk->data, '\n', chunk->size);
    size_t skip = newline ? (size_t)(newline - chunk->data) + 1 : chunk->size;

    chunk->size -= skip;
    memmove(chunk->data, chunk->data + skip, chunk->size);
    c->skipping = !newline;
}

static void skip_byte_order_mark(struct chunk *chunk)
{
    if (chunk->size < BYTE_ORDER_MARK_SIZE ||
        memcmp(chunk->data, byte_order_mark, BYTE_ORDER_MARK_SIZE) != 0)
        return;
    chunk->size -= BYTE_ORDER_MARK_SIZE;
    memmove(chunk->data, chunk->data + BYTE_ORDER_MARK_SIZE, chunk->size);
}

/* Reads more into the chunk; as input_read(), and -ECANCELED once the source is asked to stop. */
static ssize_t read_more(struct event_source *s, struct chunk *chunk)
{
    struct cutter *c = &s->cutter;
    size_t want = s->config.chunk_size;
    ssize_t n;

    if (want > s->chunk_capacity - chunk->size)
        want = s->chunk_capacity - chunk->size;
    n = atomic_load(&s->stop) ? -ECANCELED
                              : input_read(c->input, chunk->data + chunk->size, want, &chunk->err);
    atomic_store_explicit(&s->bytes, c->bytes_before + input_bytes(c->input), memory_order_relaxed);
    if (n > 0) {
        chunk->size += (size_t)n;
        if (c->skipping)
            skip_rest_of_line(c, chunk);
    }
    return n;
}

/* Keeps what is not a whole line for the next chunk. */
static void carry_over(struct cutter *c, struct chunk *chunk, size_t whole)
{
    c->carry_size = chunk->size - whole;
    memcpy(c->carry, chunk->data + whole, c->carry_size);
    chunk->size = whole;
}

/* Fills the chunk with whole lines. 1; 0 at the end of the file, whose last line counts without a
 * newline too; negative errno when the input ends here. */
static int cut(struct event_source *s, struct chunk *chunk)
{
    struct cutter *c = &s->cutter;

    memcpy(chunk->data, c->carry, c->carry_size);
    chunk->size = c->carry_size;
    c->carry_size = 0;
    for (;;) {
        ssize_t n = read_more(s, chunk);
        size_t whole = n > 0 ? whole_lines(chunk->data, chunk->size) : 0;

        if (n == -EAGAIN) {
            whole = whole_lines(chunk->data, chunk->size);
            if (whole == 0)
                continue;
        } else if (n < 0) { /* half a line before damage is damaged itself */
            chunk->size = whole_lines(chunk->data, chunk->size);
            return (int)n;
        } else if (n == 0) {
            return 0;
        } else if (chunk->size == s->chunk_capacity && whole == 0) {
            c->skipping = true; /* longer than line_max: its beginning is refused by its length */
            return 1;
        }
        if (whole > 0 && (n == -EAGAIN || chunk->size >= s->config.chunk_size)) {
            carry_over(c, chunk, whole);
            return 1;
        }
    }
}

/* The file's first line, for the field map; kept until the source is freed. */
static int header_keep(struct event_source *s, struct chunk *chunk)
{
    const char *newline = memchr(chunk->data, '\n', chunk->size);
    size_t n = newline ? (size_t)(newline - chunk->data) : chunk->size;
    char *copy;

    if (n > 0 && chunk->data[n - 1] == '\r')
        n--;
    copy = malloc(n + 1);
    if (!copy)
        return -ENOMEM;
    memcpy(copy, chunk->data, n);
    copy[n] = '\0';
    s->header[chunk->file] = (struct str){copy, (uint32_t)n};
    return 0;
}

/* Opens the next file. 1; 0 when there is none. */
static int cutter_open(struct event_source *s, struct err *err)
{
    struct cutter *c = &s->cutter;
    int r;

    if (c->file == s->path_count)
        return 0;
    r = input_open(s->path[c->file], s->stop_fd, &c->input, err);
    c->opens_file = true;
    c->skipping = false;
    return r < 0 ? r : 1;
}

static void cutter_close(struct cutter *c)
{
    c->bytes_before += input_bytes(c->input);
    input_close(TAKE(c->input));
    c->file++;
}

/* Cuts one chunk; the last one has no lines, or tells why nothing follows. */
static void fill(struct event_source *s, struct chunk *chunk)
{
    struct cutter *c = &s->cutter;
    int r = c->input ? 1 : cutter_open(s, &chunk->err);

    chunk->size = 0;
    chunk->file = c->file < s->path_count ? c->file : s->path_count - 1;
    chunk->opens_file = r > 0 && c->opens_file;
    chunk->last = r <= 0;
    if (r > 0) {
        r = cut(s, chunk);
        if (c->opens_file)
            skip_byte_order_mark(chunk);
        if (c->opens_file && s->config.map && field_map_has_header(s->config.map) &&
            header_keep(s, chunk) < 0)
            r = -ENOMEM;
        c->opens_file = false;
        chunk->last = r < 0;
        if (r <= 0)
            cutter_close(c);
    }
    chunk->error = r == -ECANCELED || r > 0 ? 0 : r;
    c->ended = chunk->last;
}

/* Takes a turn: the next chunk, filled. NULL when nothing follows. */
static struct chunk *fill_next(struct event_source *s)
{
    struct chunk *chunk = NULL;

    (void)pthread_mutex_lock(&s->turn);
    if (!s->cutter.ended)
        chunk = ring_wait(s, &s->fill_at, CHUNK_EMPTY, CHUNK_TAKEN, &s->emptied);
    if (chunk)
        fill(s, chunk);
    (void)pthread_mutex_unlock(&s->turn);
    return chunk;
}

/* ---- decoding: chunks to batches ----------------------------------------------------------------
 */

static int refuse(struct chunk *chunk, uint64_t line, const char *reason, struct str text)
{
    if (chunk->refusal_count == chunk->refusal_capacity) {
        uint32_t capacity = chunk->refusal_capacity ? 2 * chunk->refusal_capacity : 64;
        struct refusal *grown = realloc(chunk->refusal, capacity * sizeof *grown);

        if (!grown)
            return -ENOMEM;
        chunk->refusal = grown;
        chunk->refusal_capacity = capacity;
    }
    chunk->refusal[chunk->refusal_count++] = (struct refusal){line, reason, text};
    return 0;
}

/* A batch of the chunk that has room; NULL without memory. */
static struct held_batch *room(struct event_source *s, struct chunk *chunk)
{
    struct held_batch *batch = chunk->tail;

    if (batch && batch->digests->count < batch->digests->capacity)
        return batch;
    batch = batch_take(s);
    if (!batch)
        return NULL;
    if (chunk->tail)
        chunk->tail->next = batch;
    else
        chunk->first = batch;
    chunk->tail = batch;
    return batch;
}

static bool is_blank(struct str line)
{
    for (uint32_t i = 0; i < line.n; i++)
        if (line.p[i] != ' ' && line.p[i] != '\t' && line.p[i] != '\r')
            return false;
    return true;
}

/* Reads all records of a line. 0, or -ENOMEM. */
static int decode_line(struct decoder *d, struct chunk *chunk, uint64_t number, struct str line)
{
    struct event_source *s = d->source;
    bool more;

    if (line.n > s->config.line_max) {
        chunk->long_count++;
        return refuse(chunk, number, "longer than the line limit", line);
    }
    do {
        struct api_event ev;
        const char *reason;
        struct held_batch *batch;
        int r = 0;

        more = false;
        reason =
            d->map ? field_map_read(d->map, line, &ev, &more) : event_json_read(d->json, line, &ev);
        if (reason == FIELD_MAP_SKIP)
            chunk->skipped_count++;
        else if (reason)
            r = refuse(chunk, number, reason, line);
        else if ((batch = room(s, chunk)))
            r = held_batch_add(batch, &ev, s->config.hash_key);
        else
            r = -ENOMEM;
        if (r < 0)
            return r;
    } while (more);
    return 0;
}

/* Gives the map reader the header of the chunk's file. 0, or -EINVAL: the header will not do. */
static int decode_header(struct decoder *d, struct chunk *chunk)
{
    struct event_source *s = d->source;

    if (d->header_file != chunk->file) {
        d->header_file = chunk->file;
        d->header_refusal = field_map_header(d->map, s->header[chunk->file]);
    }
    return d->header_refusal
               ? err_set(&chunk->err, -EINVAL, "%s:1: %s", s->path[chunk->file], d->header_refusal)
               : 0;
}

static uint64_t cut_count(const struct decoder *d)
{
    return d->map ? field_map_cut_count(d->map) : event_json_cut_count(d->json);
}

static int decode(struct decoder *d, struct chunk *chunk)
{
    const char *at = chunk->data, *end = chunk->data + chunk->size;
    bool has_header = d->map && chunk->size > 0 && field_map_has_header(d->source->config.map);
    uint64_t cut_before = cut_count(d);
    int r = has_header ? decode_header(d, chunk) : 0;

    chunk->line_count = chunk->filled_count = 0;
    chunk->long_count = chunk->cut_count = chunk->skipped_count = 0;
    while (r == 0 && at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline ? newline : end;
        struct str line = {at, (uint32_t)(stop - at)};

        if (line.n > 0 && line.p[line.n - 1] == '\r')
            line.n--;
        if (has_header && chunk->opens_file && chunk->line_count == 0) {
            chunk->filled_count++; /* the header itself */
        } else if (!is_blank(line)) {
            chunk->filled_count++;
            r = decode_line(d, chunk, chunk->line_count, line);
        }
        chunk->line_count++;
        at = newline ? newline + 1 : end;
    }
    chunk->cut_count = cut_count(d) - cut_before;
    return r;
}

static void *decoder_main(void *arg)
{
    struct decoder *d = arg;
    struct event_source *s = d->source;
    struct chunk *chunk;

    while ((chunk = fill_next(s))) {
        int r = decode(d, chunk);

        if (r < 0) {
            chunk->last = true;
            chunk->error = r;
        }
        ring_pass(s, chunk, CHUNK_DECODED, &s->decoded);
    }
    return NULL;
}

/* ---- taking: chunks to the caller ---------------------------------------------------------------
 */

static void take_refusals(struct event_source *s, const struct chunk *chunk)
{
    bool hide = s->config.map && field_map_hides(s->config.map);

    s->counters.refused += chunk->refusal_count;
    for (uint32_t i = 0; i < chunk->refusal_count; i++) {
        const struct refusal *refusal = &chunk->refusal[i];
        struct str text = hide ? (struct str){NULL, 0} : refusal->text;
        const char *path = s->path[chunk->file];
        uint64_t line = s->line_base + refusal->line + 1;

        if (s->rejected)
            rejected_put(s->rejected, path, line, refusal->reason, text);
        if (s->config.refused)
            s->config.refused(s->config.refused_ctx, path, line, refusal->reason, text);
    }
}

static void fail(struct event_source *s, int error, const struct err *err)
{
    s->ended = true;
    if (s->error == 0) {
        s->error = error;
        s->err = *err;
    }
    event_source_stop(s);
}

/* Takes the next decoded chunk: its batches become pending, in order. */
static void take_chunk(struct event_source *s)
{
    struct chunk *chunk = ring_wait(s, &s->take_at, CHUNK_DECODED, CHUNK_DECODED, &s->decoded);
    struct err err;
    int r;

    assert(chunk && !s->pending);
    if (chunk->opens_file)
        s->line_base = 0;
    s->counters.lines += chunk->filled_count;
    s->counters.long_lines += chunk->long_count;
    s->counters.cut += chunk->cut_count;
    s->counters.skipped += chunk->skipped_count;
    take_refusals(s, chunk);
    s->line_base += chunk->line_count;
    s->pending = chunk->first;
    chunk->first = chunk->tail = NULL;
    chunk->refusal_count = 0;
    if (chunk->last)
        fail(s, chunk->error, &chunk->err);
    ring_pass(s, chunk, CHUNK_EMPTY, &s->emptied);
    r = s->rejected ? rejected_error(s->rejected, &err) : 0;
    if (r < 0)
        fail(s, r, &err);
}

/* Offers the next batch without its duplicates. */
static void offer_batch(struct event_source *s)
{
    struct held_batch *batch = s->pending;
    uint32_t count;

    s->pending = batch->next;
    count = held_batch_unseen(batch, s->dedup);
    s->counters.duplicate += batch->digests->count - count;
    reorder_add(s->reorder, batch, count);
}

static int finish(struct event_source *s, struct err *err)
{
    struct err last;
    int r = s->rejected ? rejected_end(s->rejected, &last) : 0;

    if (r < 0)
        fail(s, r, &last);
    if (s->error < 0 && s->err.text[0] == '\0')
        return err_set(err, s->error, "%s", strerror(-s->error));
    if (s->error < 0 && err)
        *err = s->err;
    return s->error;
}

static void count_run(struct event_source *s, const struct held_batch *batch, const uint32_t *order,
                      uint32_t count)
{
    s->counters.accepted += count;
    s->counters.exchanges += count;
    for (uint32_t i = 0; batch->other_count > 0 && i < count; i++)
        s->counters.exchanges -= batch->digests->digest[order[i]].type != RECORD_EXCHANGE;
}

int event_source_next(struct event_source *s, const struct digest_batch **batch,
                      const uint32_t **order, uint32_t *count, struct err *err)
{
    for (;;) {
        const struct held_batch *held;
        int r = reorder_next(s->reorder, &held, order, count);

        batches_give(s);
        if (r < 0)
            return err_set(err, r, "%s", strerror(-r));
        if (r > 0) {
            *batch = held->digests;
            count_run(s, held, *order, *count);
            return 1;
        }
        if (s->pending) {
            offer_batch(s);
        } else if (!s->ended) {
            take_chunk(s);
        } else {
            return finish(s, err);
        }
        if (s->ended && !s->pending)
            reorder_end(s->reorder);
    }
}

/* ---- the source ---------------------------------------------------------------------------------
 */

static int paths_keep(struct event_source *s, const struct event_source_config *config,
                      struct err *err)
{
    bool all_regular = true;

    s->path_count = config->path_count ? config->path_count : 1;
    s->path = calloc(s->path_count, sizeof *s->path);
    s->header = calloc(s->path_count, sizeof *s->header);
    if (!s->path || !s->header)
        return -ENOMEM;
    for (uint32_t i = 0; i < s->path_count; i++) {
        const char *path = config->path_count ? config->path[i] : "-";
        uint64_t size;
        int r = input_check(path, &size, err);

        if (r < 0)
            return r;
        s->path[i] = strdup(path);
        if (!s->path[i])
            return -ENOMEM;
        s->size += size;
        all_regular = all_regular && size > 0;
    }
    if (!all_regular)
        s->size = 0;
    return 0;
}

static int ring_new(struct event_source *s)
{
    s->chunk_count = 2 * s->decoder_count + 2; /* one in work and one waiting for each thread */
    s->chunk = calloc(s->chunk_count, sizeof *s->chunk);
    s->cutter.carry = malloc(s->chunk_capacity);
    if (!s->chunk || !s->cutter.carry)
        return -ENOMEM;
    for (uint32_t i = 0; i < s->chunk_count; i++) {
        s->chunk[i].data = malloc(s->chunk_capacity);
        if (!s->chunk[i].data)
            return -ENOMEM;
    }
    return 0;
}

static int decoders_new(struct event_source *s)
{
    s->decoder = calloc(s->decoder_count, sizeof *s->decoder);
    if (!s->decoder)
        return -ENOMEM;
    for (uint32_t i = 0; i < s->decoder_count; i++) {
        struct decoder *d = &s->decoder[i];
        int r;

        d->source = s;
        d->header_file = NO_FILE;
        r = s->config.map ? field_map_reader_new(s->config.map, s->config.hash_key, &d->map)
                          : event_json_new(&d->json);
        if (r < 0)
            return r;
    }
    return 0;
}

static int parts_new(struct event_source *s, struct err *err)
{
    struct reorder_config reorder = {
        .lateness_ms = s->config.lateness_ms,
        .reorder_max = s->config.reorder_max,
        .batch_capacity = BATCH_RECORDS,
        .spare = batch_spare,
        .ctx = s,
    };
    int r = ring_new(s);

    if (r == 0)
        r = decoders_new(s);
    if (r == 0)
        r = dedup_new(s->config.dedup_max, &s->dedup);
    if (r == 0)
        r = reorder_new(&reorder, &s->reorder);
    if (r == 0 && s->config.rejected_path)
        r = rejected_new(s->config.rejected_path, &s->rejected, err);
    return r;
}

static int locks_new(struct event_source *s)
{
    if (pthread_mutex_init(&s->lock, NULL) != 0)
        return -ENOMEM;
    (void)pthread_mutex_init(&s->turn, NULL); /* cannot fail without attributes */
    (void)pthread_cond_init(&s->emptied, NULL);
    (void)pthread_cond_init(&s->decoded, NULL);
    s->locks_ready = true;
    s->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return s->stop_fd < 0 ? -errno : 0;
}

/* Signals are the caller's business: the threads block them all. */
static int threads_start(struct event_source *s)
{
    sigset_t all, before;
    int r = 0;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    while (r == 0 && s->decoders_run < s->decoder_count) {
        struct decoder *d = &s->decoder[s->decoders_run];

        r = pthread_create(&d->thread, NULL, decoder_main, d);
        s->decoders_run += r == 0;
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -r;
}

static uint32_t thread_count(uint32_t wanted)
{
    long processors = wanted ? (long)wanted : sysconf(_SC_NPROCESSORS_ONLN);

    return processors < 1 ? 1 : processors > THREADS_MAX ? THREADS_MAX : (uint32_t)processors;
}

/* Fills the places that the configuration leaves at 0. */
static void config_keep(struct event_source *s, const struct event_source_config *config)
{
    struct event_source_config standard;
    struct event_source_config *c = &s->config;
    size_t line;

    event_source_config_default(&standard);
    *c = *config;
    c->reorder_max = c->reorder_max ? c->reorder_max : standard.reorder_max;
    c->dedup_max = c->dedup_max ? c->dedup_max : standard.dedup_max;
    c->line_max = c->line_max ? c->line_max : standard.line_max;
    c->chunk_size = c->chunk_size ? c->chunk_size : standard.chunk_size;
    s->decoder_count = thread_count(c->thread_count);
    line = (size_t)c->line_max + 16; /* room to see that a line is longer, mark and CR aside */
    s->chunk_capacity = c->chunk_size > line ? c->chunk_size : line;
}

int event_source_new(const struct event_source_config *config, struct event_source **out,
                     struct err *err)
{
    AUTO(event_source_free) struct event_source *s = calloc(1, sizeof *s);
    int r;

    if (!s)
        return err_set(err, -ENOMEM, "%s", strerror(ENOMEM));
    if (err)
        err->text[0] = '\0';
    s->stop_fd = -1;
    config_keep(s, config);
    r = locks_new(s);
    if (r == 0)
        r = paths_keep(s, config, err);
    if (r == 0)
        r = parts_new(s, err);
    if (r == 0)
        r = threads_start(s);
    if (r < 0)
        return err && err->text[0] ? r : err_set(err, r, "%s", strerror(-r));
    *out = TAKE(s);
    return 0;
}

static void threads_end(struct event_source *s)
{
    (void)pthread_mutex_lock(&s->lock);
    s->abort = true;
    (void)pthread_cond_broadcast(&s->emptied);
    (void)pthread_mutex_unlock(&s->lock);
    event_source_stop(s);
    for (uint32_t i = 0; i < s->decoders_run; i++)
        (void)pthread_join(s->decoder[i].thread, NULL);
}

void event_source_free(struct event_source *s)
{
    if (!s)
        return;
    if (s->locks_ready) {
        threads_end(s);
        (void)pthread_cond_destroy(&s->emptied);
        (void)pthread_cond_destroy(&s->decoded);
        (void)pthread_mutex_destroy(&s->lock);
        (void)pthread_mutex_destroy(&s->turn);
    }
    for (uint32_t i = 0; s->decoder && i < s->decoder_count; i++) {
        event_json_free(s->decoder[i].json);
        field_map_reader_free(s->decoder[i].map);
    }
    for (uint32_t i = 0; s->chunk && i < s->chunk_count; i++) {
        batches_free(s->chunk[i].first);
        free(s->chunk[i].refusal);
        free(s->chunk[i].data);
    }
    for (uint32_t i = 0; i < s->path_count; i++) {
        if (s->path)
            free(s->path[i]);
        if (s->header)
            free((void *)(uintptr_t)s->header[i].p);
    }
    input_close(s->cutter.input);
    free(s->cutter.carry);
    batches_free(s->pending);
    reorder_free(s->reorder);
    batches_free(s->pool);
    dedup_free(s->dedup);
    rejected_free(s->rejected);
    if (s->stop_fd >= 0)
        (void)close(s->stop_fd);
    free(s->decoder);
    free(s->chunk);
    free(s->path);
    free(s->header);
    free(s);
}

void event_source_counters(const struct event_source *s, struct event_source_counters *out)
{
    struct reorder_counters reorder;

    reorder_counters(s->reorder, &reorder);
    *out = s->counters;
    out->bytes = atomic_load_explicit(&s->bytes, memory_order_relaxed);
    out->late = reorder.late;
    out->leap = reorder.leap;
    out->reorder_forced = reorder.forced;
}

uint64_t event_source_size(const struct event_source *s)
{
    return s->size;
}

void event_source_stop(struct event_source *s)
{
    static const uint64_t one = 1;
    int before = errno; /* a signal handler leaves it as it was */
    ssize_t n;

    atomic_store(&s->stop, true);
    n = write(s->stop_fd, &one, sizeof one); /* fails only when somebody has asked 2^64 times */
    (void)n;
    errno = before;
}
