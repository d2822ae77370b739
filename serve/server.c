#include "server.h"

#include "event/rejected.h"
#include "serve/notify.h"
#include "serve/say.h"
#include "tools/command.h"
#include "tools/map_path.h"
#include "tools/report.h"
#include "tools/run_folder.h"

#include <errno.h>
#include <event2/buffer.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum {
    TICK_MS = 200,
    STDIN_CHUNK = 256 * 1024,
    RECORDS_MAX = 256 * 1024,
    UNPACK_FACTOR = 8, /* times body_max that a packed body may hold */
    PATH_SIZE = 4096,
};

uint64_t server_now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

msec_t server_time_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (msec_t)now.tv_sec * MSEC_SECOND + now.tv_nsec / 1000000;
}

const struct field_map *server_map(struct server *s, const char *name)
{
    struct err err;

    if (!*name || strlen(name) >= sizeof s->map[0].name ||
        (strpbrk(name, "/.") && name != s->options->map))
        return NULL;
    for (unsigned i = 0; i < SERVED_MAPS; i++) {
        if (s->map[i].map && strcmp(s->map[i].name, name) == 0)
            return s->map[i].map;
        if (!s->map[i].map) {
            if (map_path_load(name, &s->map[i].map, &err) < 0)
                return NULL;
            (void)snprintf(s->map[i].name, sizeof s->map[i].name, "%s", name);
            return s->map[i].map;
        }
    }
    return NULL;
}

/* ---- the log of the state folder ----------------------------------------------------------------
 */

/* One daemon to a folder. The lock goes with the process, and a child does not have it. */
static int folder_lock(const char *folder, struct err *err)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char path[PATH_SIZE];
    int fd;

    (void)snprintf(path, sizeof path, "%s/lock", folder);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set(err, -errno, "%s: %s", path, strerror(errno));
    if (fcntl(fd, F_SETLK, &whole) != 0) {
        (void)close(fd);
        return err_set(err, -EBUSY, "%s: another stillwatch serve uses this folder", path);
    }
    return 0; /* kept open until the end */
}

/* The folder's own key of the detector's tables, made by chance at the first start. */
static int folder_secret(const char *folder, uint64_t *key, struct err *err)
{
    char path[PATH_SIZE];
    int fd, r = 0;

    (void)snprintf(path, sizeof path, "%s/secret", folder);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set(err, -errno, "%s: %s", path, strerror(errno));
    if (read(fd, key, sizeof *key) != sizeof *key &&
        (getrandom(key, sizeof *key, 0) != sizeof *key ||
         pwrite(fd, key, sizeof *key, 0) != sizeof *key || fsync(fd) != 0))
        r = err_set(err, -EIO, "%s: %s", path, strerror(errno));
    (void)close(fd);
    return r;
}

static void told(const char *text)
{
    say("snapshot_refused", "%s; the one before is used", text);
}

/* Brings everything to where it was, from the newest sound snapshot and the log behind it. */
static int state_open(struct server *s, struct err *err)
{
    const struct serve_options *o = s->options;
    const struct journal_config journal = {
        .folder = o->state,
        .segment_size = o->segment_size,
        .retain_size = o->retain_size,
        .retain_ms = (msec_t)(o->retain_h * (double)MSEC_HOUR),
        .repair = o->repair,
    };
    const struct pipeline_config pipeline = {
        .folder = o->state,
        .detector = s->config,
        .lateness_ms = (msec_t)(o->lateness_s * (double)MSEC_SECOND),
        .decision_level = o->decision_level,
        .pool = &s->pool,
    };
    struct journal_losses losses;
    uint64_t began = server_now_ns(), from;
    int r = pipeline_restore(&pipeline, &s->pipeline, told, err);

    if (r == 0)
        r = journal_open(&journal, &s->journal, err);
    if (r < 0)
        return r;
    from = s->pipeline->seq;
    r = journal_replay(s->journal, from + 1, pipeline_replay, s->pipeline, &losses, err);
    if (r < 0)
        return err->text[0] ? r : err_set(err, r, "log: %s", strerror(-r));
    if (losses.torn_bytes)
        say("log_cut", "%" PRIu64 " bytes of a batch that was never acknowledged were cut off",
            losses.torn_bytes);
    if (losses.lost_frames)
        say("log_damaged",
            "at least %" PRIu64 " acknowledged batches in %" PRIu64 " damaged bytes are lost",
            losses.lost_frames, losses.damaged_bytes);
    say("state", "snapshot of frame %" PRIu64 ", log up to %" PRIu64 ", in %.2f s", from,
        s->pipeline->seq, (double)(server_now_ns() - began) / 1e9);
    batch_ids_copy(s->ids, s->pipeline->ids);
    return labels_open(o->state, &s->labels, err);
}

/* A change of configuration is a frame of the log, so that a replay makes it at the same place. */
static int configure(struct server *s, const struct detector_config *config, struct err *err)
{
    struct ingest *ingest;
    int r = detector_config_change(&s->config, config, err);

    if (r < 0)
        return r;
    ingest = calloc(1, sizeof *ingest);
    if (!ingest)
        return err_set(err, -ENOMEM, "%s", strerror(ENOMEM));
    ingest->decoded.pool = &s->pool;
    s->config = *config;
    intake_put_config(&s->intake, ingest, config);
    return 0;
}

int server_reload(struct server *s, struct err *err)
{
    struct detector_config config;
    int r = s->options->reload(s->options->reload_ctx, &config, err);

    config.hash_key = s->config.hash_key;
    if (r == 0)
        r = configure(s, &config, err);
    if (r < 0)
        say("reload_refused", "%s", err->text);
    else
        say("reload", "configuration %016" PRIx64 " is in force",
            detector_config_digest(&s->config));
    return r;
}

/* ---- the loop -----------------------------------------------------------------------------------
 */

static void finish_when_drained(struct server *s)
{
    if (s->draining && s->open_calls == 0 && atomic_load(&s->intake.bytes) == 0)
        (void)event_base_loopbreak(s->base);
}

static void on_wake(evutil_socket_t fd, short what, void *ctx)
{
    struct server *s = ctx;
    struct item *item;
    uint64_t n;

    (void)what;
    if (read(fd, &n, sizeof n) < 0)
        return;
    while ((item = queue_take(&s->answered, 0)))
        http_answer_ingest(s, (struct ingest *)item);
    while ((item = queue_take(&s->told, 0)))
        http_answer_query(s, (struct query *)(void *)item);
    http_streams_push(s);
    finish_when_drained(s);
}

/* The service manager's watchdog, and its line of status. */
static void status_notify(struct server *s)
{
    struct feed_end findings;
    char text[256];

    feed_end(s->pipeline->findings, &findings);
    (void)snprintf(text, sizeof text,
                   "%sSTATUS=%.0f records/s, %" PRIu64 " frames in the log, %" PRIu64 " findings",
                   notify_watchdog_us() > 0 ? "WATCHDOG=1\n" : "", s->rate,
                   journal_next(s->journal) - 1, findings.lines);
    notify_send(text);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
    struct server *s = ctx;
    uint64_t now = server_now_ns(), records = atomic_load(&s->intake.durable);

    (void)fd, (void)what;
    http_streams_push(s);
    if (now - s->rate_ns >= 1000000000u) {
        s->rate = (double)(records - s->rate_records) / ((double)(now - s->rate_ns) / 1e9);
        s->rate_ns = now;
        s->rate_records = records;
        status_notify(s);
    }
    if (atomic_load(&s->intake.broken) && !s->draining)
        server_drain(s, "the log has failed; what was not acknowledged has to be sent again");
    finish_when_drained(s);
}

void server_drain(struct server *s, const char *why)
{
    if (s->draining)
        return;
    s->draining = true;
    say("stopping", "%s", why);
    notify_send("STOPPING=1");
}

static void on_term(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd, (void)what;
    server_drain(ctx, "asked to end");
}

static void on_hangup(evutil_socket_t fd, short what, void *ctx)
{
    struct err err = {""};

    (void)fd, (void)what;
    (void)server_reload(ctx, &err);
}

static int loop_new(struct server *s)
{
    static const struct timeval every = {TICK_MS / 1000, TICK_MS % 1000 * 1000};

    s->base = event_base_new();
    s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (!s->base || s->wake_fd < 0)
        return -ENOMEM;
    queue_init(&s->answered, s->wake_fd);
    queue_init(&s->told, s->wake_fd);
    queue_init(&s->delivered, -1);
    s->wake = event_new(s->base, s->wake_fd, EV_READ | EV_PERSIST, on_wake, s);
    s->tick = event_new(s->base, -1, EV_PERSIST, on_tick, s);
    s->term = evsignal_new(s->base, SIGTERM, on_term, s);
    s->interrupt = evsignal_new(s->base, SIGINT, on_term, s);
    s->hangup = evsignal_new(s->base, SIGHUP, on_hangup, s);
    if (!s->wake || !s->tick || !s->term || !s->interrupt || !s->hangup ||
        event_add(s->wake, NULL) != 0 || event_add(s->tick, &every) != 0 ||
        event_add(s->term, NULL) != 0 || event_add(s->interrupt, NULL) != 0 ||
        event_add(s->hangup, NULL) != 0)
        return -ENOMEM;
    (void)signal(SIGPIPE, SIG_IGN);
    return 0;
}

/* ---- events from stdin --------------------------------------------------------------------------
 */

/* Hands on whole lines; false once the daemon ends. One chunk at a time, so that they keep their
 * order; it is answered when the count of bytes is back. */
static bool stdin_put(struct server *s, const char *text, size_t size)
{
    static const struct timespec pause = {0, 200000};
    struct ingest *ingest = calloc(1, sizeof *ingest);

    if (!ingest || !(ingest->packed = evbuffer_new()) ||
        evbuffer_add(ingest->packed, text, size) != 0)
        abort(); /* no memory for 256 KiB */
    while (atomic_load(&s->intake.bytes) > 0 || !intake_admit(&s->intake, size)) {
        if (s->draining) {
            evbuffer_free(ingest->packed);
            free(ingest);
            return false;
        }
        (void)nanosleep(&pause, NULL);
    }
    ingest->kind = &body_kind[0];
    ingest->map = s->options->map ? s->map[0].map : NULL;
    ingest->charged = size;
    intake_put(&s->intake, ingest);
    return true;
}

static void *stdin_main(void *arg)
{
    struct server *s = arg;
    AUTO_FREE char *chunk = malloc(STDIN_CHUNK);
    size_t size = 0;
    bool on = chunk != NULL;

    while (on && !s->draining) {
        struct pollfd wait = {.fd = STDIN_FILENO, .events = POLLIN};
        const char *newline;
        ssize_t n;
        size_t whole;

        if (poll(&wait, 1, TICK_MS) == 0)
            continue;
        n = read(STDIN_FILENO, chunk + size, STDIN_CHUNK - size);
        if (n < 0 && errno == EINTR)
            continue;
        size += n > 0 ? (size_t)n : 0;
        newline = memrchr(chunk, '\n', size);
        whole = n <= 0 || size == STDIN_CHUNK
                    ? (newline && n > 0 ? (size_t)(newline - chunk) + 1 : size)
                : newline ? (size_t)(newline - chunk) + 1
                          : 0;
        if (whole > 0)
            on = stdin_put(s, chunk, whole);
        memmove(chunk, chunk + whole, size - whole);
        size -= whole;
        on = on && n > 0;
    }
    (void)kill(getpid(), SIGTERM); /* the end of the input ends the daemon, in good order */
    return NULL;
}

static int stdin_start(struct server *s)
{
    sigset_t all, before;
    int r;

    if (!s->options->from_stdin)
        return 0;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    r = pthread_create(&s->stdin_thread, NULL, stdin_main, s);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    s->stdin_runs = r == 0;
    return -r;
}

/* ---- start and end ------------------------------------------------------------------------------
 */

static int tls_open(struct server *s, struct err *err)
{
    const struct serve_options *o = s->options;

    if (!o->tls_cert && !o->tls_key)
        return 0;
    if (!o->tls_cert || !o->tls_key)
        return err_set(err, -EINVAL, "--tls-cert and --tls-key belong together");
    s->tls = SSL_CTX_new(TLS_server_method());
    if (!s->tls || SSL_CTX_set_min_proto_version(s->tls, TLS1_2_VERSION) != 1 ||
        SSL_CTX_use_certificate_chain_file(s->tls, o->tls_cert) != 1)
        return err_set(err, -EINVAL, "%s: %s", o->tls_cert,
                       ERR_reason_error_string(ERR_peek_last_error()));
    if (SSL_CTX_use_PrivateKey_file(s->tls, o->tls_key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(s->tls) != 1)
        return err_set(err, -EINVAL, "%s: %s", o->tls_key,
                       ERR_reason_error_string(ERR_peek_last_error()));
    return 0;
}

static int engines_start(struct server *s)
{
    const struct intake_config intake = {
        .decode_threads = s->options->decode_threads,
        .bytes_max = s->options->queue_max,
        .records_max = RECORDS_MAX,
        .unpacked_max = UNPACK_FACTOR * s->options->body_max,
        .hash_key = s->config.hash_key,
        .pseudonym = s->options->pseudonymise ? &s->pseudonym : NULL,
        .pool = &s->pool,
        .journal = s->journal,
        .ids = s->ids,
        .answers = &s->answered,
        .delivered = &s->delivered,
    };
    const struct engine_config engine = {
        .pipeline = s->pipeline,
        .intake = &s->intake,
        .delivered = &s->delivered,
        .answers = &s->told,
        .snapshot_every_s = s->options->snapshot_s,
        .snapshot_size = s->options->retain_size / 2,
        .journal = s->journal,
        .labels = s->labels,
    };
    int r = intake_start(&intake, &s->intake);

    return r < 0 ? r : engine_start(&engine, &s->engine);
}

/* The map of --map is the first one, whatever its file is called. */
static int own_map_load(struct server *s, struct err *err)
{
    const char *name = s->options->map;

    if (!name)
        return 0;
    (void)snprintf(s->map[0].name, sizeof s->map[0].name, "%s", name);
    return map_path_load(name, &s->map[0].map, err);
}

/* Everything up to the first request. */
static int server_open(struct server *s, struct err *err)
{
    const struct serve_options *o = s->options;
    int r;

    pool_init(&s->pool);
    s->config = o->detector;
    if ((r = own_map_load(s, err)) < 0 || (r = tokens_load(o->tokens, &s->tokens, err)) < 0 ||
        (r = tls_open(s, err)) < 0 ||
        (o->pseudonymise && (r = pseudonym_load(o->pseudonymise, &s->pseudonym, err)) < 0) ||
        (r = run_folder_make(o->state, err)) < 0 || (r = folder_lock(o->state, err)) < 0 ||
        (s->config.hash_key == 0 && (r = folder_secret(o->state, &s->config.hash_key, err)) < 0))
        return r;
    if (getrandom(&s->call_secret, sizeof s->call_secret, 0) < 0 || (r = loop_new(s)) < 0 ||
        (r = batch_ids_new(&s->ids)) < 0)
        return err_set(err, r < 0 ? r : -EIO, "%s", strerror(r < 0 ? -r : EIO));
    return state_open(s, err);
}

/* Findings go where the options say, and nowhere else. */
static int outboxes_start(struct server *s, struct err *err)
{
    const struct serve_options *o = s->options;
    const char *const url[OUTBOX_KINDS] = {o->webhook, o->alertmanager};
    int r = 0;

    for (unsigned kind = 0; r == 0 && kind < OUTBOX_KINDS; kind++) {
        const struct outbox_config config = {
            .kind = (enum outbox_kind)kind,
            .url = url[kind],
            .secret_path = kind == OUTBOX_WEBHOOK ? o->webhook_secret : NULL,
            .folder = o->state,
            .level = o->decision_level,
            .findings = s->pipeline->findings,
        };

        if (url[kind])
            r = outbox_start(&config, &s->outbox[kind], err);
    }
    return r;
}

/* The configuration that the state has may differ from the one that was asked for now. */
static int server_begin(struct server *s, struct err *err)
{
    const struct detector_config wanted = s->config, was = s->pipeline->config.detector;
    bool fresh = s->pipeline->seq == 0;
    int r = engines_start(s);

    s->config = was;
    if (r == 0 && (fresh || memcmp(&was, &wanted, sizeof was) != 0))
        r = configure(s, &wanted, err);
    if (r == 0)
        r = http_listen(s, err);
    if (r == 0)
        r = outboxes_start(s, err);
    if (r == 0)
        r = stdin_start(s);
    return r;
}

/* RUN/: what the state shows at the end. */
static int run_write(struct server *s, struct err *err)
{
    AUTO(run_folder_free) struct run_folder *folder = NULL;
    AUTO(rejected_free) struct rejected *rejected = NULL;
    AUTO_FREE char *text = NULL;
    char *input[] = {(char *)(uintptr_t)s->options->state};
    struct run_levels levels;
    struct run_facts facts = {
        .command = "serve",
        .config = &s->config,
        .source = &s->pipeline->counters,
        .input = input,
        .input_count = 1,
        .map = s->options->map,
        .wall_s = (double)(server_now_ns() - s->started_ns) / 1e9,
    };
    struct reorder_counters reorder;
    uint64_t cursor = 0;
    size_t size;
    int r = run_folder_new(s->options->out, &folder, err);

    if (r < 0)
        return r;
    r = rejected_new(run_folder_rejected_path(folder), &rejected, err); /* refusals were answered */
    if (r == 0)
        r = rejected_end(rejected, err);
    if (r == 0)
        r = feed_read(s->pipeline->findings, &cursor, UINT32_MAX, &text, &size);
    if (r == 0)
        r = run_folder_lines(folder, (struct str){text, (uint32_t)size}, err);
    if (r < 0)
        return r;
    reorder_counters(s->pipeline->reorder, &reorder);
    s->pipeline->counters.late = reorder.late;
    s->pipeline->counters.leap = reorder.leap;
    s->pipeline->counters.reorder_forced = reorder.forced;
    r = run_folder_finish(folder, s->pipeline->detector, &facts, &levels, err);
    return r < 0 ? r : report_rebuild(s->options->out, err);
}

/* Snapshot, then the end of the stream if it was asked for, then the run folder. */
static int server_end(struct server *s, struct err *err)
{
    int r = engine_snapshot(s->engine);

    if (r < 0)
        say("snapshot_failed", "at the end: %s; the log has everything", strerror(-r));
    r = s->options->finish ? pipeline_finish(s->pipeline) : pipeline_flush(s->pipeline);
    if (r < 0)
        return err_set(err, r, "%s/findings.jsonl: %s", s->options->state, strerror(-r));
    return s->options->out ? run_write(s, err) : 0;
}

static void server_free(struct server *s)
{
    struct event *const events[] = {s->wake, s->tick, s->term, s->interrupt, s->hangup};

    for (unsigned i = 0; i < sizeof events / sizeof events[0]; i++)
        if (events[i])
            event_free(events[i]);
    engine_free(s->engine);
    labels_free(s->labels);
    pipeline_free(s->pipeline);
    batch_ids_free(s->ids);
    journal_free(s->journal);
    pool_deinit(&s->pool);
    for (unsigned i = 0; i < SERVED_MAPS; i++)
        field_map_free(s->map[i].map);
    if (s->base)
        event_base_free(s->base);
    SSL_CTX_free(s->tls);
    free(s);
}

static void server_stop(struct server *s)
{
    struct item *item;

    if (s->stdin_runs)
        (void)pthread_join(s->stdin_thread, NULL);
    for (unsigned kind = 0; kind < OUTBOX_KINDS; kind++) {
        outbox_stop(s->outbox[kind]);
        s->outbox[kind] = NULL;
    }
    intake_stop(&s->intake);
    while ((item = queue_take(&s->answered, 0)))
        http_answer_ingest(s, (struct ingest *)item);
    if (s->engine)
        engine_stop(s->engine);
    while ((item = queue_take(&s->told, 0)))
        http_answer_query(s, (struct query *)(void *)item);
    http_close(s);
}

int server_run(const struct serve_options *options)
{
    struct server *s = calloc(1, sizeof *s);
    struct err err = {""};
    int r;

    if (!s)
        return EXIT_FAILED;
    s->options = options;
    s->started_ns = s->rate_ns = server_now_ns();
    r = server_open(s, &err);
    if (r == 0 && options->check) {
        (void)printf("%s: sound, %" PRIu64 " frames\n", options->state, s->pipeline->seq);
        server_free(s);
        return EXIT_DONE;
    }
    if (r == 0) {
        r = server_begin(s, &err);
        if (r == 0) {
            notify_send("READY=1");
            say("ready", "%s",
                s->tokens.required ? "bearer tokens are required"
                                   : "anybody who reaches it may use it");
            (void)event_base_dispatch(s->base);
        }
        server_stop(s);
    }
    if (r == 0)
        r = server_end(s, &err);
    if (r == 0 && atomic_load(&s->intake.broken))
        r = err_set(&err, -EIO, "the log has failed: start again when the disk is well");
    if (r < 0)
        say("failed", "%s", err.text[0] ? err.text : strerror(-r));
    else
        say("stopped", "%" PRIu64 " frames", s->pipeline->seq);
    server_free(s);
    return r == 0 ? EXIT_DONE : r == -EINVAL ? EXIT_INVALID : EXIT_FAILED;
}
