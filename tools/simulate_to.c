/* A world is written into a pipe by a thread of its own, and read from there like any file of
 * events: pacing, batching and sending know one kind of source. */
#include "simulate_to.h"

#include "event/input.h"
#include "tools/cli.h"
#include "tools/interrupt.h"
#include "tools/progress.h"
#include "tools/wording.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static const uint64_t REDRAW_NS = 200000000;
enum { PIPE_SIZE = 1024 * 1024, PATH_SIZE = 64, TOKEN_SIZE = 512 };

/* The world, being written into the pipe. */
struct writer {
    const struct simulate_to_world *world;
    struct out_file *file;
    pthread_t thread;
    bool started;
    atomic_bool stop;
    uint64_t records;
    int failed;
    struct err failure;
};

struct session {
    const struct simulate_to *to;
    struct writer writer;
    struct replay_source *source;
    uint64_t file_size;
    uint64_t shown_ns;
    bool show; /* progress, on a terminal */
};

/* ---- the world --------------------------------------------------------------------------------
 */

static bool on_window(void *ctx, uint64_t records, msec_t now)
{
    struct writer *w = ctx;

    (void)records;
    (void)now;
    return !atomic_load(&w->stop);
}

static void *writer_main(void *arg)
{
    struct writer *w = arg;

    w->failed = sim_lines_write(w->world->world, &w->world->lines, w->file, on_window, w,
                                &w->records, &w->failure);
    out_file_free(w->file); /* the reader sees the end */
    w->file = NULL;
    return NULL;
}

/* Both ends are opened by name, as out_file and input do with every file. `name` is of the end to
 * read, which must be opened before *keep_fd is closed. */
static int writer_start(struct writer *w, char name[PATH_SIZE], int *keep_fd, struct err *err)
{
    char write_name[PATH_SIZE];
    int fd[2], r;

    if (pipe2(fd, O_CLOEXEC) < 0)
        return err_set(err, -errno, "a pipe: %s", strerror(errno));
    (void)fcntl(fd[0], F_SETPIPE_SZ, PIPE_SIZE); /* what if not? Then it is smaller. */
    (void)snprintf(name, PATH_SIZE, "/proc/self/fd/%d", fd[0]);
    (void)snprintf(write_name, sizeof write_name, "/proc/self/fd/%d", fd[1]);
    r = out_file_new(write_name, &w->file, err);
    (void)close(fd[1]);
    *keep_fd = fd[0];
    if (r == 0)
        r = -pthread_create(&w->thread, NULL, writer_main, w);
    w->started = r == 0;
    return r < 0 && !err->text[0] ? err_set(err, r, "a thread: %s", strerror(-r)) : r;
}

/* The source must be gone, so that the writer does not wait for its reader. */
static int writer_end(struct writer *w, bool early, struct err *err)
{
    if (!w->started) {
        out_file_free(w->file);
        return 0;
    }
    atomic_store(&w->stop, true);
    (void)pthread_join(w->thread, NULL);
    if (w->failed < 0 && !early) {
        *err = w->failure;
        return w->failed;
    }
    return 0;
}

/* ---- progress ---------------------------------------------------------------------------------
 */

/* How far it is: by events for a world, which has an end; by bytes read for a file; else "". */
static void share_text(struct session *s, const struct replay_result *now, char text[WORDING_SIZE])
{
    const struct scenario *scenario = s->writer.world ? s->writer.world->scenario : NULL;
    double share = -1.0;

    if (scenario && now->event_ts > scenario->start)
        share =
            (double)(now->event_ts - scenario->start) / (double)(scenario->end - scenario->start);
    else if (s->file_size)
        share = (double)replay_source_bytes(s->source) / (double)s->file_size;
    text[0] = '\0';
    if (share >= 0.0)
        (void)snprintf(text, WORDING_SIZE, "%3.0f %%%s  ", 100.0 * share, scenario ? "" : " read");
}

static bool on_progress(void *ctx, const struct replay_result *now)
{
    struct session *s = ctx;
    char share[WORDING_SIZE], acknowledged[WORDING_SIZE], waiting[WORDING_SIZE];
    uint64_t t = s->show ? wall_ns() : 0;

    if (t - s->shown_ns > REDRAW_NS) {
        s->shown_ns = t;
        share_text(s, now, share);
        (void)fprintf(stderr,
                      "\rsimulate: %s%s acknowledged  %s waiting  %.0f/s  %.1f ms late at most "
                      "\033[K",
                      share, word_count(now->acknowledged, acknowledged),
                      word_count(now->sent - now->acknowledged, waiting),
                      now->wall_s > 0.0 ? (double)now->acknowledged / now->wall_s : 0.0,
                      (double)now->lateness.max / 1e6);
    }
    return !interrupt_came();
}

/* ---- all --------------------------------------------------------------------------------------
 */

/* The first line of the file, which must be something. */
static int token_read(const char *path, char token[TOKEN_SIZE], struct err *err)
{
    AUTO_FCLOSE FILE *file = fopen(path, "re");

    if (!file || !fgets(token, TOKEN_SIZE, file))
        return err_set(err, file ? -EINVAL : -errno, "%s: %s", path,
                       file ? "no token in its first line" : strerror(errno));
    token[strcspn(token, " \t\r\n")] = '\0';
    return token[0] ? 0 : err_set(err, -EINVAL, "%s: no token in its first line", path);
}

static int print(const struct simulate_to *to, const struct replay_result *result, struct err *err)
{
    struct json_write w;
    int r = 0;

    if (to->json) {
        json_write_init(&w, stdout);
        json_write_open(&w, NULL, '{');
        replay_write(&w, result);
        json_write_close(&w, '}');
        json_write_line(&w);
        r = json_write_flush(&w);
        json_write_deinit(&w);
    } else if (!to->replay.quiet) {
        replay_print(stdout, result);
    }
    if (fflush(stdout) != 0 || ferror(stdout))
        r = -EIO;
    return r < 0 ? err_set(err, r, "stdout: %s", strerror(-r)) : 0;
}

static int source_open(struct session *s, const char *from, struct replay *replay, struct err *err)
{
    char name[PATH_SIZE];
    int keep_fd = -1, r;

    if (from) {
        r = input_check(from, &s->file_size, err);
    } else {
        r = writer_start(&s->writer, name, &keep_fd, err);
        from = name;
    }
    if (r == 0)
        r = replay_source_new(from, &s->to->schedule, replay_wake, replay, &s->source, err);
    if (keep_fd >= 0)
        (void)close(keep_fd);
    return r;
}

static int session_run(struct session *s, const char *from, const struct replay_config *config,
                       struct err *err)
{
    AUTO(replay_free) struct replay *replay = NULL;
    static struct replay_result result; /* 46 KB of histograms */
    struct err late = {""};
    int r = replay_new(config, &replay, err), ended, printed;

    if (r < 0)
        return r;
    r = source_open(s, from, replay, err);
    if (r == 0) {
        r = replay_run(replay, s->source, on_progress, s, &result, err);
        if (s->show)
            (void)fprintf(stderr, "\r\033[K");
        printed = print(s->to, &result, r < 0 ? &late : err);
        r = r == 0 ? printed : r;
    }
    replay_source_free(s->source);
    ended = writer_end(&s->writer, r != 0, err);
    if (r > 0)
        return err_set(err, -EINTR, "interrupted: what was not acknowledged was not sent for good");
    return r < 0 ? r : ended;
}

int simulate_to_run(const struct simulate_to *to, const struct simulate_to_world *world,
                    const char *from, struct err *err)
{
    struct session s = {.to = to, .writer.world = from ? NULL : world};
    struct replay_config config = to->replay;
    char token[TOKEN_SIZE];
    int r = to->token_file ? token_read(to->token_file, token, err) : 0;

    if (r < 0)
        return r;
    if (to->token_file)
        config.token = token;
    s.show = !config.quiet && isatty(STDERR_FILENO);
    return session_run(&s, from, &config, err);
}
