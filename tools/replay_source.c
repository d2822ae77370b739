/* One thread reads ahead, up to a limit in bytes, so that the sender never waits for a disk or for
 * the simulator while something is due. */
#include "replay_source.h"

#include "base/hash.h"
#include "event/event_json.h"
#include "event/input.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    READ_SIZE = 256 * 1024,
    BATCH_BYTES = 1024 * 1024, /* a batch ends before it, unless one line alone is longer */
    AHEAD_BYTES = 64 * 1024 * 1024,
    LINE_BYTES_MAX = 16 * 1024 * 1024,
};

static const double NS_PER_MS = 1e6;
static const double DUE_MAX_NS = 1e18; /* 31 years */

struct replay_source {
    struct replay_schedule schedule;
    void (*ready)(void *ctx);
    void *ctx;
    struct input *input;
    int stop_fd[2];
    pthread_t thread;
    bool started;

    /* Of the reading thread alone. */
    struct event_json *reader;
    char *text; /* read and not yet cut: size bytes */
    size_t size, capacity;
    struct replay_batch open; /* being gathered; record_count 0: none */
    char *open_text;
    size_t open_capacity;
    uint64_t batches, records, open_due_ns;
    bool timed; /* first_ts is known */
    bool leapt; /* the record before was more than a day ahead */
    msec_t first_ts, last_ts;

    atomic_uint_fast64_t bytes;

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t room;
    struct replay_batch *head, **tail;
    size_t ahead;
    bool stop, ended;
    int failed;
    struct err failure;
};

void replay_batch_free(struct replay_batch *batch)
{
    free(batch);
}

/* ---- the reading thread ------------------------------------------------------------------------
 */

static void key_make(struct replay_batch *batch)
{
    XXH128_hash_t hash = XXH3_128bits_withSeed(batch->text, batch->size, batch->number);

    (void)snprintf(batch->key, sizeof batch->key, "%016llx%016llx", (unsigned long long)hash.high64,
                   (unsigned long long)hash.low64);
}

/* Puts a batch into the queue and waits for room. False: stop. */
static bool batch_queue(struct replay_source *s, struct replay_batch *batch)
{
    bool go_on;

    (void)pthread_mutex_lock(&s->lock);
    *s->tail = batch;
    s->tail = &batch->next;
    s->ahead += sizeof *batch + batch->size;
    (void)pthread_mutex_unlock(&s->lock);
    s->ready(s->ctx);
    (void)pthread_mutex_lock(&s->lock);
    while (s->ahead >= AHEAD_BYTES && !s->stop)
        (void)pthread_cond_wait(&s->room, &s->lock);
    go_on = !s->stop;
    (void)pthread_mutex_unlock(&s->lock);
    return go_on;
}

/* Hands the open batch on, if there is one. 1; 0: stop; -ENOMEM. */
static int batch_close(struct replay_source *s)
{
    struct replay_batch *batch;

    if (s->open.record_count == 0)
        return 1;
    batch = malloc(sizeof *batch + s->open.size);
    if (!batch)
        return -ENOMEM;
    *batch = s->open;
    memcpy(batch->text, s->open_text, batch->size);
    batch->number = s->batches++;
    key_make(batch);
    s->open = (struct replay_batch){.record_count = 0};
    return batch_queue(s, batch);
}

/* The schedule follows the newest time; a step of more than a day is believed when the next record
 * takes it too, so that one wrong time does not stop the replay for years. */
static void schedule_move(struct replay_source *s, msec_t ts)
{
    bool leaps = s->timed && ts - s->last_ts > MSEC_DAY;

    if (!s->timed) {
        s->first_ts = s->last_ts = ts;
        s->timed = true;
    } else if (ts > s->last_ts && (!leaps || s->leapt)) {
        s->last_ts = ts;
    }
    s->leapt = leaps;
}

/* When the record is due; one without a time comes with the record before it. */
static uint64_t due_of(struct replay_source *s, struct str line, msec_t *ts)
{
    struct api_event ev;
    double ns;

    *ts = s->last_ts;
    if (!event_json_read(s->reader, line, &ev)) {
        schedule_move(s, ev.ts);
        *ts = ev.ts;
    }
    if (s->schedule.rate > 0.0)
        ns = (double)s->records / s->schedule.rate * 1e9;
    else
        ns = (double)(s->last_ts - s->first_ts) * NS_PER_MS / s->schedule.time_scale;
    return ns < DUE_MAX_NS ? (uint64_t)ns : (uint64_t)DUE_MAX_NS;
}

/* Whether a record that is due then belongs to the next batch. */
static bool batch_is_full(const struct replay_source *s, uint32_t size, uint64_t due_ns)
{
    return s->open.record_count > 0 &&
           (s->open.record_count >= s->schedule.batch_max || s->open.size + size > BATCH_BYTES ||
            due_ns - s->open_due_ns > s->schedule.linger_ns);
}

static int open_reserve(struct replay_source *s, size_t size)
{
    size_t capacity = size > BATCH_BYTES ? size : BATCH_BYTES;
    char *text;

    if (s->open_capacity >= size)
        return 0;
    text = realloc(s->open_text, capacity);
    if (!text)
        return -ENOMEM;
    s->open_text = text;
    s->open_capacity = capacity;
    return 0;
}

/* Adds one line with its newline. 1: added; 0: stop; negative errno. */
static int line_add(struct replay_source *s, struct str line)
{
    struct replay_batch *open = &s->open;
    msec_t ts;
    uint64_t due_ns = due_of(s, line, &ts);
    int r = batch_is_full(s, line.n + 1, due_ns) ? batch_close(s) : 1;

    if (r <= 0)
        return r;
    r = open_reserve(s, open->size + line.n + 1);
    if (r < 0)
        return r;
    if (open->record_count++ == 0) {
        s->open_due_ns = due_ns;
        open->oldest_ts = open->newest_ts = ts;
    }
    memcpy(s->open_text + open->size, line.p, line.n);
    s->open_text[open->size + line.n] = '\n';
    open->size += line.n + 1;
    open->oldest_ts = ts < open->oldest_ts ? ts : open->oldest_ts;
    open->newest_ts = ts > open->newest_ts ? ts : open->newest_ts;
    open->due_ns = due_ns;
    s->records++;
    return 1;
}

/* Cuts what is there into lines; at the end of the input the last one needs no newline. */
static int lines_take(struct replay_source *s, bool end)
{
    size_t at = 0;
    int r = 1;

    while (r > 0 && at < s->size) {
        const char *newline = memchr(s->text + at, '\n', s->size - at);
        size_t n = newline ? (size_t)(newline - (s->text + at)) : s->size - at;

        if (!newline && !end)
            break;
        if (n > 0)
            r = line_add(s, (struct str){s->text + at, (uint32_t)n});
        at += n + (newline ? 1 : 0);
    }
    memmove(s->text, s->text + at, s->size - at);
    s->size -= at;
    return r;
}

static int text_reserve(struct replay_source *s)
{
    char *text;

    if (s->capacity - s->size >= READ_SIZE)
        return 0;
    if (s->size > LINE_BYTES_MAX)
        return err_set(&s->failure, -EFBIG, "a line is longer than 16 MiB");
    text = realloc(s->text, s->size + 2 * READ_SIZE);
    if (!text)
        return err_set(&s->failure, -ENOMEM, "out of memory");
    s->text = text;
    s->capacity = s->size + 2 * READ_SIZE;
    return 0;
}

/* 1: the end of the input; 0: stopped; negative errno. */
static int read_all(struct replay_source *s)
{
    for (;;) {
        ssize_t n = text_reserve(s);
        int r;

        if (n < 0)
            return (int)n;
        n = input_read(s->input, s->text + s->size, READ_SIZE, &s->failure);
        if (n == -ECANCELED)
            return 0;
        if (n == -EAGAIN)
            continue;
        if (n < 0)
            return (int)n;
        atomic_store(&s->bytes, input_bytes(s->input));
        s->size += (size_t)n;
        r = lines_take(s, n == 0);
        if (r <= 0 || n == 0)
            return r;
    }
}

static void *reader_main(void *arg)
{
    struct replay_source *s = arg;
    int r = read_all(s);

    if (r != 0 && batch_close(s) < 0)
        r = -ENOMEM;
    if (r == -ENOMEM)
        (void)err_set(&s->failure, r, "out of memory");
    (void)pthread_mutex_lock(&s->lock);
    s->ended = true;
    s->failed = r < 0 ? r : 0;
    (void)pthread_mutex_unlock(&s->lock);
    s->ready(s->ctx);
    return NULL;
}

/* ---- the sender's side -------------------------------------------------------------------------
 */

int replay_source_new(const char *path, const struct replay_schedule *schedule,
                      void (*ready)(void *ctx), void *ctx, struct replay_source **out,
                      struct err *err)
{
    AUTO(replay_source_free) struct replay_source *s = calloc(1, sizeof *s);
    int r;

    if (!s)
        return err_set(err, -ENOMEM, "out of memory");
    s->schedule = *schedule;
    s->ready = ready;
    s->ctx = ctx;
    s->tail = &s->head;
    s->stop_fd[0] = s->stop_fd[1] = -1;
    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_cond_init(&s->room, NULL);
    if (event_json_new(&s->reader) < 0)
        return err_set(err, -ENOMEM, "out of memory");
    if (pipe2(s->stop_fd, O_CLOEXEC) < 0)
        return err_set(err, -errno, "%s: %s", path, strerror(errno));
    r = input_open(path, s->stop_fd[0], &s->input, err);
    if (r == 0)
        r = -pthread_create(&s->thread, NULL, reader_main, s);
    if (r < 0)
        return err->text[0] ? r : err_set(err, r, "%s: %s", path, strerror(-r));
    s->started = true;
    *out = TAKE(s);
    return 0;
}

void replay_source_free(struct replay_source *s)
{
    if (!s)
        return;
    if (s->started) {
        (void)pthread_mutex_lock(&s->lock);
        s->stop = true;
        (void)pthread_cond_broadcast(&s->room);
        (void)pthread_mutex_unlock(&s->lock);
        (void)close(s->stop_fd[1]);
        s->stop_fd[1] = -1;
        (void)pthread_join(s->thread, NULL);
    }
    while (s->head) {
        struct replay_batch *batch = s->head;

        s->head = batch->next;
        replay_batch_free(batch);
    }
    for (unsigned i = 0; i < 2; i++)
        if (s->stop_fd[i] >= 0)
            (void)close(s->stop_fd[i]);
    free(s->open_text);
    input_close(s->input);
    event_json_free(s->reader);
    (void)pthread_cond_destroy(&s->room);
    (void)pthread_mutex_destroy(&s->lock);
    free(s->text);
    free(s);
}

const struct replay_batch *replay_source_peek(struct replay_source *s)
{
    const struct replay_batch *batch;

    (void)pthread_mutex_lock(&s->lock);
    batch = s->head;
    (void)pthread_mutex_unlock(&s->lock);
    return batch;
}

struct replay_batch *replay_source_take(struct replay_source *s)
{
    struct replay_batch *batch;

    (void)pthread_mutex_lock(&s->lock);
    batch = s->head;
    assert(batch);
    s->head = batch->next;
    if (!s->head)
        s->tail = &s->head;
    batch->next = NULL;
    s->ahead -= sizeof *batch + batch->size;
    (void)pthread_cond_signal(&s->room);
    (void)pthread_mutex_unlock(&s->lock);
    return batch;
}

int replay_source_ended(struct replay_source *s, struct err *err)
{
    int r;

    (void)pthread_mutex_lock(&s->lock);
    r = s->head || !s->ended ? 0 : s->failed < 0 ? s->failed : 1;
    if (r < 0)
        *err = s->failure;
    (void)pthread_mutex_unlock(&s->lock);
    return r;
}

uint64_t replay_source_bytes(struct replay_source *s)
{
    return atomic_load(&s->bytes);
}
