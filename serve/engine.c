#include "engine.h"

#include "serve/say.h"
#include "serve/snapshot.h"
#include "serve/views.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { IDLE_MS = 200, SNAPSHOTS_KEPT = 2, PUBLISH_NS = 100000000 };

struct engine {
    struct engine_config config;
    pthread_t thread;
    pthread_mutex_t lock; /* of `status` */
    struct engine_status status;
    uint64_t published_ns;
    int child; /* that writes a snapshot; 0: none */
    uint64_t child_ns, child_seq, last_ns, last_size, last_seq;
};

static uint64_t now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- what is told -------------------------------------------------------------------------------
 */

static void publish(struct engine *e)
{
    struct pipeline *p = e->config.pipeline;
    struct reorder_counters reorder;
    struct coverage coverage;

    reorder_counters(p->reorder, &reorder);
    detector_coverage(p->detector, &coverage);
    (void)pthread_mutex_lock(&e->lock);
    e->status.seq = p->seq;
    e->status.now = detector_now(p->detector);
    e->status.counters = p->counters;
    e->status.counters.late = reorder.late;
    e->status.counters.leap = reorder.leap;
    e->status.counters.reorder_forced = reorder.forced;
    e->status.accounts = detector_account_count(p->detector);
    detector_levels(p->detector, e->status.clusters);
    e->status.decisions = decisions_standing(p->decisions);
    e->status.decisions_refused = decisions_refused(p->decisions);
    e->status.memory = detector_memory(p->detector);
    e->status.failure = p->failure;
    memcpy(e->status.coverage, coverage.share, sizeof coverage.share);
    (void)pthread_mutex_unlock(&e->lock);
    e->published_ns = now_ns();
}

void engine_status(struct engine *e, struct engine_status *out)
{
    (void)pthread_mutex_lock(&e->lock);
    *out = e->status;
    (void)pthread_mutex_unlock(&e->lock);
}

/* ---- snapshots ----------------------------------------------------------------------------------
 */

static void snapshot_done(struct engine *e, int error)
{
    double seconds = (double)(now_ns() - e->child_ns) / 1e9;
    uint64_t oldest;

    e->child = 0;
    (void)pthread_mutex_lock(&e->lock);
    e->status.snapshots += error == 0;
    e->status.snapshot_failures += error != 0;
    e->status.snapshot_s = seconds;
    if (error == 0)
        e->status.snapshot_seq = e->child_seq;
    (void)pthread_mutex_unlock(&e->lock);
    if (error) {
        say("snapshot_failed", "of frame %llu: %s; the log stays", (unsigned long long)e->child_seq,
            strerror(error));
        return;
    }
    e->last_seq = e->child_seq;
    oldest = snapshot_retain(e->config.pipeline->config.folder, SNAPSHOTS_KEPT);
    atomic_store(&e->config.intake->needed, oldest + 1);
    say("snapshot", "of frame %llu in %.2f s", (unsigned long long)e->child_seq, seconds);
}

/* Whether the child has ended; waits for it when told to. */
static void child_look(struct engine *e, bool wait)
{
    int state;
    int pid = e->child ? waitpid(e->child, &state, wait ? 0 : WNOHANG) : 0;

    if (pid == e->child && pid != 0)
        snapshot_done(e, WIFEXITED(state) ? WEXITSTATUS(state) : EIO);
}

static int child_start(struct engine *e)
{
    int r;

    e->child_ns = e->last_ns = now_ns();
    e->last_size = journal_size(e->config.journal);
    e->child_seq = e->config.pipeline->seq;
    r = pipeline_snapshot(e->config.pipeline, &e->child);
    if (r < 0) {
        e->child = 0;
        snapshot_done(e, -r);
    }
    return r;
}

static void snapshot_when_due(struct engine *e)
{
    uint64_t size = journal_size(e->config.journal);
    uint64_t grown = size > e->last_size ? size - e->last_size : 0;
    bool due = (double)(now_ns() - e->last_ns) / 1e9 >= e->config.snapshot_every_s ||
               grown >= e->config.snapshot_size;

    child_look(e, false);
    if (due && !e->child && e->config.pipeline->seq != e->last_seq)
        (void)child_start(e);
}

int engine_snapshot(struct engine *e)
{
    uint64_t before = e->status.snapshots;
    int r;

    child_look(e, true);
    if (e->config.pipeline->seq == e->last_seq)
        return 0;
    r = child_start(e);
    child_look(e, true);
    return r < 0 ? r : e->status.snapshots > before ? 0 : -EIO;
}

/* ---- work ---------------------------------------------------------------------------------------
 */

static void configure(struct engine *e, struct delivery *delivery)
{
    struct err err;

    if (pipeline_configure(e->config.pipeline, &delivery->header, delivery->config, &err) < 0)
        say("reload_failed", "%s", err.text); /* checked before: cannot be */
    free(delivery->config);
}

static void take_delivery(struct engine *e, struct delivery *delivery)
{
    uint64_t began = now_ns();
    double seconds;

    if (delivery->is_config) {
        configure(e, delivery);
    } else if (pipeline_take(e->config.pipeline, &delivery->header, delivery->list) < 0) {
        say("out_of_memory", "the log keeps all that was acknowledged; start again");
        abort();
    }
    intake_judged(e->config.intake, delivery->header.accepted);
    free(delivery);
    seconds = (double)(now_ns() - began) / 1e9;
    if (seconds > e->status.tick_s) {
        (void)pthread_mutex_lock(&e->lock);
        e->status.tick_s = seconds;
        (void)pthread_mutex_unlock(&e->lock);
    }
}

static void finding_say(const struct finding *finding)
{
    say("finding", "f%" PRIu64 ": %s c%" PRIu64 " at %s, score %.3f, %u accounts", finding->id,
        finding->is_cluster ? "group" : "account", finding->subject, level_name[finding->level],
        finding->score, finding->member_count);
}

static void decision_say(const char *change, struct str account, enum level level, uint64_t cluster)
{
    say("decision", "%s: account %.*s at %s, in c%" PRIu64, change, (int)account.n, account.p,
        level_name[level], cluster);
}

static void *engine_main(void *arg)
{
    struct engine *e = arg;

    e->config.pipeline->raised = finding_say;
    e->config.pipeline->decided_told = decision_say;
    for (;;) {
        struct work *work = (struct work *)queue_take(e->config.delivered, IDLE_MS);

        if (!work && queue_is_closed(e->config.delivered))
            break;
        if (work && work->kind == WORK_QUERY) {
            struct query *query = (struct query *)work;

            views_answer(e->config.pipeline, e->config.labels, query);
            queue_put(e->config.answers, &query->work.item);
        } else if (work) {
            take_delivery(e, (struct delivery *)work);
        } else if (e->config.pipeline->failure < 0) {
            (void)pipeline_flush(e->config.pipeline);
        }
        if (!work || now_ns() - e->published_ns > PUBLISH_NS)
            publish(e);
        snapshot_when_due(e);
    }
    child_look(e, true); /* it ends with the thread that made it */
    publish(e);
    return NULL;
}

void engine_ask(struct engine *engine, struct query *query)
{
    query->work.kind = WORK_QUERY;
    queue_put_first(engine->config.delivered, &query->work.item);
}

int engine_start(const struct engine_config *config, struct engine **out)
{
    struct engine *e = calloc(1, sizeof *e);
    sigset_t all, before;
    int r;

    if (!e)
        return -ENOMEM;
    e->config = *config;
    e->last_ns = now_ns();
    e->last_size = journal_size(config->journal);
    e->last_seq = UINT64_MAX;
    (void)pthread_mutex_init(&e->lock, NULL);
    publish(e);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    r = pthread_create(&e->thread, NULL, engine_main, e);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (r != 0) {
        free(e);
        return -r;
    }
    *out = e;
    return 0;
}

void engine_stop(struct engine *e)
{
    queue_close(e->config.delivered);
    (void)pthread_join(e->thread, NULL);
}

void engine_free(struct engine *e)
{
    if (!e)
        return;
    (void)pthread_mutex_destroy(&e->lock);
    free(e);
}
