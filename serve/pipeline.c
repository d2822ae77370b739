#include "pipeline.h"

#include "base/hash.h"
#include "serve/snapshot.h"
#include "tools/run_record.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { SNAPSHOTS_TRIED = 8, STATE_VERSION = 3 };

/* As `detect` has them. */
static void limits(struct event_source_config *out)
{
    event_source_config_default(out);
}

static struct held_batch *spare(void *ctx)
{
    return pool_take(ctx);
}

static int parts_new(struct pipeline *p, struct err *err)
{
    struct event_source_config standard;
    struct reorder_config reorder;
    int r;

    limits(&standard);
    reorder = (struct reorder_config){
        .lateness_ms = p->config.lateness_ms,
        .reorder_max = standard.reorder_max,
        .batch_capacity = BATCH_RECORDS,
        .spare = spare,
        .ctx = p->config.pool,
    };
    if ((r = detector_new(&p->config.detector, &p->detector, err)) < 0 ||
        (r = feed_open(p->config.folder, "findings.jsonl", &p->findings, err)) < 0 ||
        (r = feed_open(p->config.folder, "decisions.jsonl", &p->decided, err)) < 0)
        return r;
    if ((r = dedup_new(standard.dedup_max, &p->dedup)) < 0 ||
        (r = reorder_new(&reorder, &p->reorder)) < 0 || (r = decisions_new(&p->decisions)) < 0 ||
        (r = member_hours_new(&p->hours)) < 0 || (r = batch_ids_new(&p->ids)) < 0)
        return err_set(err, r, "%s", strerror(-r));
    return 0;
}

int pipeline_new(const struct pipeline_config *config, struct pipeline **out, struct err *err)
{
    AUTO(pipeline_free) struct pipeline *p = calloc(1, sizeof *p);
    int r;

    if (!p)
        return err_set(err, -ENOMEM, "%s", strerror(ENOMEM));
    p->config = *config;
    json_write_init(&p->finding_lines, NULL);
    json_write_init(&p->decision_lines, NULL);
    r = parts_new(p, err);
    if (r < 0)
        return r;
    *out = TAKE(p);
    return 0;
}

void pipeline_free(struct pipeline *p)
{
    if (!p)
        return;
    json_write_deinit(&p->finding_lines);
    json_write_deinit(&p->decision_lines);
    feed_free(p->findings);
    feed_free(p->decided);
    batch_ids_free(p->ids);
    decisions_free(p->decisions);
    member_hours_free(p->hours);
    detector_free(p->detector);
    reorder_free(p->reorder);
    dedup_free(p->dedup);
    free(p);
}

/* ---- frames -------------------------------------------------------------------------------------
 */

/* Lines that could not be written stay, and are tried again: a full disk loses nothing. */
static int lines_flush(struct feed *feed, struct json_write *w)
{
    int r = w->error;

    if (r == 0 && w->size > 0)
        r = feed_put(feed, (struct str){w->text, (uint32_t)w->size});
    if (r == 0)
        w->size = 0;
    return r;
}

int pipeline_flush(struct pipeline *p)
{
    int r = lines_flush(p->findings, &p->finding_lines);
    int s = lines_flush(p->decided, &p->decision_lines);

    p->failure = r < 0 ? r : s;
    return p->failure;
}

/* Members of groups at `watch` or above get a row of their own. */
static void watch_member(void *ctx, uint32_t account, uint64_t cluster, enum level level,
                         double score)
{
    struct pipeline *p = ctx;

    (void)cluster, (void)level, (void)score;
    member_hours_watch(p->hours, detector_account_id(p->detector, account));
}

/* What the last ticks have come to. */
static void take_findings(struct pipeline *p)
{
    struct finding finding;

    while (detector_next_finding(p->detector, &finding)) {
        run_record_finding(&p->finding_lines, p->detector, &finding);
        if (p->raised)
            p->raised(&finding);
    }
    decisions_update(p->decisions, p->detector, p->config.decision_level, &p->decision_lines,
                     p->decided_told);
    detector_flagged(p->detector, LEVEL_WATCH, watch_member, p);
}

/* How many records of the run come before the detector's next tick: the first one that does not
 * goes alone, so that what a tick tells is taken there, however the stream was cut. */
static uint32_t before_tick(const struct pipeline *p, const struct digest_batch *batch,
                            const uint32_t *order, uint32_t count)
{
    msec_t tick = detector_next_tick(p->detector);
    uint32_t low = 0, high = count;

    while (low < high) {
        uint32_t middle = (low + high) / 2;

        if (batch->digest[order[middle]].ts < tick)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void count_exchanges(struct pipeline *p, const struct digest_batch *batch,
                            const uint32_t *order, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct digest *digest = &batch->digest[order[i]];

        if (digest->type != RECORD_EXCHANGE)
            continue;
        p->counters.exchanges++;
        member_hours_count(p->hours, digest->account, digest->ts);
    }
}

static void feed(struct pipeline *p, const struct held_batch *held, const uint32_t *order,
                 uint32_t count)
{
    const struct digest_batch *batch = held->digests;

    p->counters.accepted += count;
    while (count > 0) {
        uint32_t n = before_tick(p, batch, order, count);
        uint64_t ticks;

        n = n > 0 ? n : 1;
        detector_feed(p->detector, batch, order, n);
        ticks = detector_ticks(p->detector);
        if (ticks != p->ticks)
            take_findings(p);
        p->ticks = ticks;
        count_exchanges(p, batch, order, n);
        order += n;
        count -= n;
    }
}

static void reclaim(struct pipeline *p)
{
    struct held_batch *done;

    while ((done = reorder_reclaim(p->reorder))) {
        done->next = NULL;
        pool_give(p->config.pool, done);
    }
}

/* Hands on what reordering lets go. */
static int drain(struct pipeline *p)
{
    const struct held_batch *batch;
    const uint32_t *order;
    uint32_t count;
    int r;

    while ((r = reorder_next(p->reorder, &batch, &order, &count)) != 0) {
        if (r < 0)
            return r;
        feed(p, batch, order, count);
        reclaim(p);
    }
    return 0;
}

static void frame_note(struct pipeline *p, const struct frame_header *header)
{
    assert(header->seq == p->seq + 1 || p->seq == 0);
    p->seq = header->seq;
    p->counters.lines += header->accepted + header->refused + header->skipped;
    p->counters.refused += header->refused;
    p->counters.skipped += header->skipped;
    if (header->key) {
        const struct batch_id id = {header->key, header->body, header->accepted, header->refused,
                                    header->skipped};

        batch_ids_put(p->ids, &id);
    }
}

int pipeline_take(struct pipeline *p, const struct frame_header *header, struct held_batch *list)
{
    int r = 0;

    frame_note(p, header);
    while (list && r == 0) {
        struct held_batch *batch = list;
        uint32_t count = held_batch_unseen(batch, p->dedup);

        list = list->next;
        p->counters.duplicate += batch->digests->count - count;
        reorder_add(p->reorder, batch, count);
        r = drain(p);
        reclaim(p);
    }
    if (list)
        pool_give(p->config.pool, list);
    (void)pipeline_flush(p);
    return r;
}

int pipeline_configure(struct pipeline *p, const struct frame_header *header,
                       const struct detector_config *config, struct err *err)
{
    int r = detector_configure(p->detector, config, err);

    if (r < 0)
        return r;
    frame_note(p, header);
    p->config.detector = *config;
    return 0;
}

int pipeline_replay(void *pipeline, const struct frame_header *header, const char *payload)
{
    struct pipeline *p = pipeline;
    struct detector_config config;
    struct held_batch *list;
    struct err err;
    int r;

    if (header->kind == FRAME_CONFIG) {
        if (header->size < sizeof config)
            return -EBADMSG;
        memcpy(&config, payload, sizeof config);
        return pipeline_configure(p, header, &config, &err);
    }
    r = frame_get_batches(payload, header->size, p->config.pool, &list);
    return r < 0 ? r : pipeline_take(p, header, list);
}

int pipeline_finish(struct pipeline *p)
{
    int r;

    reorder_end(p->reorder);
    r = drain(p);
    reclaim(p);
    if (r < 0)
        return r;
    detector_finish(p->detector, INT64_MIN);
    take_findings(p);
    return pipeline_flush(p);
}

/* ---- snapshots ----------------------------------------------------------------------------------
 */

static uint64_t state_layout(void)
{
    const uint64_t parts[] = {frame_layout(), STATE_VERSION, detector_layout(),
                              sizeof(struct event_source_counters), sizeof(struct detector_config)};

    return XXH3_64bits(parts, sizeof parts);
}

/* What is in the tail beside the records that are held. */
struct tail {
    struct reorder_clock clock;
    struct feed_end findings, decided;
    msec_t lateness_ms;
    uint32_t decision_level;
    uint32_t piece_count;
};

/* Records of one run, as a payload of frames. */
struct piece {
    uint64_t run;
    uint64_t size;
};

static void visit_all(void *ctx, state_visit *visit, void *visit_ctx)
{
    struct pipeline *p = ctx;

    visit(visit_ctx, &p->seq, sizeof p->seq);
    visit(visit_ctx, &p->ticks, sizeof p->ticks);
    visit(visit_ctx, &p->counters, sizeof p->counters);
    batch_ids_state(p->ids, visit, visit_ctx);
    dedup_state(p->dedup, visit, visit_ctx);
    decisions_state(p->decisions, visit, visit_ctx);
    member_hours_state(p->hours, visit, visit_ctx);
    detector_state(p->detector, visit, visit_ctx);
}

/* Collects what is held: a batch of the current run, and the pieces that are full. */
struct collector {
    struct pool *pool;
    struct held_batch *batch;
    uint64_t run;
    struct frame out; /* its payload is the tail */
    uint32_t piece_count;
};

static int collect_bytes(struct collector *c, const void *bytes, size_t size)
{
    char *grown = realloc(c->out.payload, c->out.capacity + size);

    if (!grown)
        return -ENOMEM;
    memcpy(grown + c->out.capacity, bytes, size);
    c->out.payload = grown;
    c->out.capacity += size;
    return 0;
}

static int collect_piece(struct collector *c)
{
    struct frame frame = {.payload = NULL};
    struct piece piece = {.run = c->run};
    int r;

    if (c->batch->digests->count == 0)
        return 0;
    c->batch->next = NULL;
    r = frame_put_batches(&frame, c->batch);
    piece.size = frame.header.size;
    if (r == 0)
        r = collect_bytes(c, &piece, sizeof piece);
    if (r == 0)
        r = collect_bytes(c, frame.payload, frame.header.size);
    free(frame.payload);
    c->piece_count++;
    held_batch_clear(c->batch);
    return r;
}

static int collect(void *ctx, uint64_t run, const struct held_batch *batch, uint32_t index)
{
    struct collector *c = ctx;
    int r = 0;

    if (run != c->run || c->batch->digests->count == c->batch->digests->capacity)
        r = collect_piece(c);
    c->run = run;
    return r < 0 ? r : digest_batch_copy(c->batch->digests, batch->digests, index);
}

static int tail_make(struct pipeline *p, struct collector *c)
{
    struct tail tail = {.lateness_ms = p->config.lateness_ms,
                        .decision_level = (uint32_t)p->config.decision_level};
    int r;

    c->batch = pool_take(p->config.pool);
    if (!c->batch)
        return -ENOMEM;
    feed_end(p->findings, &tail.findings);
    feed_end(p->decided, &tail.decided);
    r = collect_bytes(c, &tail, sizeof tail);
    if (r == 0)
        r = reorder_save(p->reorder, &tail.clock, collect, c);
    if (r == 0)
        r = collect_piece(c);
    tail.piece_count = c->piece_count;
    if (r == 0)
        memcpy(c->out.payload, &tail, sizeof tail);
    pool_give(p->config.pool, c->batch);
    return r;
}

int pipeline_snapshot(struct pipeline *p, int *pid)
{
    struct collector c = {.pool = p->config.pool};
    struct snapshot_subject subject = {state_layout(), visit_all, p, NULL, 0};
    int r = pipeline_flush(p);

    if (r < 0)
        return -EAGAIN;
    if ((r = feed_sync(p->findings)) == 0 && (r = feed_sync(p->decided)) == 0)
        r = tail_make(p, &c);
    if (r == 0) {
        subject.tail = c.out.payload;
        subject.tail_size = c.out.capacity;
        *pid = fork();
        if (*pid == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
            _exit(EIO); /* without it, it could outlive a daemon that is killed */
        if (*pid == 0)
            _exit(-snapshot_save(p->config.folder, p->seq, &p->config.detector, &subject) & 0xff);
        if (*pid < 0)
            r = -errno;
    }
    free(c.out.payload);
    return r;
}

/* ---- coming back --------------------------------------------------------------------------------
 */

static int held_load(struct pipeline *p, const char *at, const char *end, uint32_t piece_count)
{
    for (uint32_t i = 0; i < piece_count; i++) {
        struct held_batch *batch;
        struct piece piece;
        int r;

        if (end - at < (ptrdiff_t)sizeof piece)
            return -EBADMSG;
        memcpy(&piece, at, sizeof piece);
        at += sizeof piece;
        if (piece.size > (uint64_t)(end - at))
            return -EBADMSG;
        r = frame_get_batches(at, piece.size, p->config.pool, &batch);
        if (r == 0 && (!batch || batch->next))
            r = -EBADMSG;
        if (r == 0)
            r = reorder_load(p->reorder, piece.run, batch);
        if (r < 0)
            return r;
        at += piece.size;
    }
    return 0;
}

static int tail_load(struct pipeline *p, const char *text, size_t size, struct err *err)
{
    struct tail tail;
    int r;

    if (size < sizeof tail)
        return err_set(err, -EBADMSG, "snapshot: its end is missing");
    memcpy(&tail, text, sizeof tail);
    if (tail.lateness_ms != p->config.lateness_ms)
        return err_set(err, -EINVAL,
                       "--lateness was %g s when this folder's stream began and cannot change",
                       (double)tail.lateness_ms / 1000.0);
    reorder_load_clock(p->reorder, &tail.clock);
    r = held_load(p, text + sizeof tail, text + size, tail.piece_count);
    if (r == 0)
        r = feed_cut(p->findings, &tail.findings);
    if (r == 0)
        r = feed_cut(p->decided, &tail.decided);
    if (r == -ENODATA)
        return err_set(err, -EBADMSG,
                       "%s/findings.jsonl or decisions.jsonl has lost lines that the snapshot "
                       "counts on",
                       p->config.folder);
    return r < 0 ? err_set(err, r, "snapshot: %s", strerror(-r)) : 0;
}

static int restore(const struct pipeline_config *config, const struct snapshot_header *header,
                   struct pipeline **out, struct err *err)
{
    struct pipeline_config own = *config;
    AUTO(pipeline_free) struct pipeline *p = NULL;
    AUTO_FREE char *tail = NULL;
    size_t tail_size = 0;
    struct snapshot_subject subject = {state_layout(), visit_all, NULL, NULL, 0};
    int r;

    own.detector = header->config;
    r = pipeline_new(&own, &p, err);
    if (r < 0)
        return r;
    subject.ctx = p;
    r = snapshot_load(config->folder, header->seq, &subject, &tail, &tail_size, err);
    if (r == 0)
        r = tail_load(p, tail, tail_size, err);
    if (r == 0)
        *out = TAKE(p);
    return r;
}

int pipeline_restore(const struct pipeline_config *config, struct pipeline **out,
                     void (*told)(const char *text), struct err *err)
{
    static const struct feed_end nothing;
    uint64_t seq[SNAPSHOTS_TRIED];
    uint32_t count = snapshot_list(config->folder, seq, SNAPSHOTS_TRIED);
    int r;

    snapshot_clean(config->folder);
    for (uint32_t i = 0; i < count; i++) {
        struct snapshot_header header;

        r = snapshot_check(config->folder, seq[i], state_layout(), &header, err);
        if (r == 0)
            r = restore(config, &header, out, err);
        if (r == 0 || (r != -EBADMSG && r != -ENOTSUP))
            return r;
        told(err->text);
    }
    r = pipeline_new(config, out, err);
    if (r == 0)
        r = feed_cut((*out)->findings, &nothing);
    if (r == 0)
        r = feed_cut((*out)->decided, &nothing);
    return r;
}
