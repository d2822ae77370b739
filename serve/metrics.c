#include "server.h"

#include <event2/buffer.h>
#include <inttypes.h>
#include <time.h>

static void counter(struct evbuffer *out, const char *name, const char *unit, const char *help,
                    uint64_t value)
{
    (void)evbuffer_add_printf(out,
                              "# HELP stillwatch_%s_total %s %s.\n"
                              "# TYPE stillwatch_%s_total counter\n"
                              "stillwatch_%s_total %" PRIu64 "\n",
                              name, unit, help, name, name, value);
}

static void gauge(struct evbuffer *out, const char *name, const char *help, double value)
{
    (void)evbuffer_add_printf(out,
                              "# HELP stillwatch_%s %s.\n"
                              "# TYPE stillwatch_%s gauge\n"
                              "stillwatch_%s %.17g\n",
                              name, help, name, name, value);
}

static double event_lag_s(const struct engine_status *e)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return e->now == INT64_MIN ? 0.0 : (double)now.tv_sec - (double)e->now / 1000.0;
}

static void levels_write(struct evbuffer *out, const struct engine_status *e)
{
    (void)evbuffer_add_printf(out, "# HELP stillwatch_clusters Groups by level.\n"
                                   "# TYPE stillwatch_clusters gauge\n");
    for (unsigned level = 0; level <= LEVEL_ACT; level++)
        (void)evbuffer_add_printf(out, "stillwatch_clusters{level=\"%s\"} %" PRIu64 "\n",
                                  level_name[level], e->clusters[level]);
    (void)evbuffer_add_printf(out, "# HELP stillwatch_coverage_ratio Share of records that carry "
                                   "what a family of signals needs.\n"
                                   "# TYPE stillwatch_coverage_ratio gauge\n");
    for (unsigned family = 0; family < FAMILY_COUNT; family++)
        (void)evbuffer_add_printf(out, "stillwatch_coverage_ratio{family=\"%s\"} %.6g\n",
                                  family_name[family], e->coverage[family]);
}

static void gauges_write(struct server *s, const struct engine_status *e,
                         const struct connection_counts *connections, struct evbuffer *out)
{
    struct feed_end findings;

    feed_end(s->pipeline->findings, &findings);
    gauge(out, "queue_bytes", "Bodies taken in and not yet answered, bytes",
          (double)atomic_load(&s->intake.bytes));
    gauge(out, "queue_records", "Records decoded and not yet judged",
          (double)atomic_load(&s->intake.records));
    gauge(out, "log_bytes", "Size of the log, bytes", (double)journal_size(s->journal));
    gauge(out, "log_healthy", "0 once the log has failed for good",
          atomic_load(&s->intake.broken) ? 0.0 : 1.0);
    gauge(out, "connections_open", "Connections that are open", (double)connections->open);
    gauge(out, "receiving_bytes", "Bytes of requests that are not complete",
          (double)connections->receiving);
    gauge(out, "accounts", "Accounts known", (double)e->accounts);
    gauge(out, "decisions_standing", "Decisions that hold now", (double)e->decisions);
    gauge(out, "findings", "Findings raised since the stream began", (double)findings.lines);
    gauge(out, "labels", "Verdicts of analysts", (double)labels_count(s->labels));
    gauge(out, "event_lag_seconds", "Time of day less event time of the last record judged",
          event_lag_s(e));
    gauge(out, "snapshot_duration_seconds", "What the last snapshot took", e->snapshot_s);
    gauge(out, "delivery_duration_max_seconds", "The longest that judging one body took",
          e->tick_s);
    gauge(out, "detector_memory_bytes", "Detector's tables, bytes", (double)e->memory);
    gauge(out, "uptime_seconds", "Since the start",
          (double)(server_now_ns() - s->started_ns) / 1e9);
    gauge(out, "records_per_second", "Records made durable, over the last second", s->rate);
}

/* Only of those that are in use. */
static void outboxes_write(struct server *s, struct evbuffer *out)
{
    static const char *const names[OUTBOX_KINDS] = {"webhook", "alertmanager"};

    for (unsigned kind = 0; kind < OUTBOX_KINDS; kind++) {
        char name[64];
        struct outbox_counts counts;

        if (!s->outbox[kind])
            continue;
        outbox_counts(s->outbox[kind], &counts);
        (void)snprintf(name, sizeof name, "%s_delivered", names[kind]);
        counter(out, name, "findings", "delivered", counts.delivered);
        (void)snprintf(name, sizeof name, "%s_failed", names[kind]);
        counter(out, name, "attempts", "that failed", counts.failed);
        (void)snprintf(name, sizeof name, "%s_dead", names[kind]);
        counter(out, name, "findings", "given up, in the dead-letter file", counts.dead);
        (void)snprintf(name, sizeof name, "%s_waiting", names[kind]);
        gauge(out, name, "Findings not delivered yet", (double)counts.waiting);
    }
}

void metrics_write(struct server *s, struct evbuffer *out)
{
    struct connection_counts connections;
    struct engine_status e;

    engine_status(s->engine, &e);
    connections_counts(s->connections, &connections);
#define WRITE_INTAKE(name, unit, help)                                                             \
    counter(out, "intake_" #name, unit, help, atomic_load(&s->intake.name));
    INTAKE_COUNTERS(WRITE_INTAKE)
#define WRITE_EVENTS(name, unit, help) counter(out, "events_" #name, unit, help, e.counters.name);
    EVENT_SOURCE_COUNTERS(WRITE_EVENTS)
#define WRITE_HTTP(name, unit, help) counter(out, "http_" #name, unit, help, s->http_counts.name);
    HTTP_COUNTERS(WRITE_HTTP)
#define WRITE_CONNECTIONS(name, unit, help)                                                        \
    counter(out, "connections_" #name, unit, help, connections.name);
    CONNECTION_COUNTERS(WRITE_CONNECTIONS)
    counter(out, "snapshots", "snapshots", "made", e.snapshots);
    counter(out, "snapshot_failures", "snapshots", "that failed", e.snapshot_failures);
    counter(out, "decisions_refused", "decisions", "without room", e.decisions_refused);
    outboxes_write(s, out);
    gauges_write(s, &e, &connections, out);
    levels_write(out, &e);
}

/* ---- GET /v1/status ---- */

static void queues_write(struct server *s, const struct connection_counts *connections,
                         struct json_write *w)
{
    json_write_open(w, "queue", '{');
    json_write_u64(w, "bytes", atomic_load(&s->intake.bytes));
    json_write_u64(w, "bytes_max", s->options->queue_max);
    json_write_u64(w, "records", atomic_load(&s->intake.records));
    json_write_u64(w, "records_max", s->intake.config.records_max);
    json_write_u64(w, "receiving_bytes", connections->receiving);
    json_write_u64(w, "connections", connections->open);
    json_write_close(w, '}');
}

void metrics_status(struct server *s, struct json_write *w)
{
    struct connection_counts connections;
    struct feed_end findings, decided;
    struct engine_status e;

    engine_status(s->engine, &e);
    connections_counts(s->connections, &connections);
    feed_end(s->pipeline->findings, &findings);
    feed_end(s->pipeline->decided, &decided);
    json_write_open(w, NULL, '{');
    json_write_text(w, "state",
                    s->draining                      ? "stopping"
                    : atomic_load(&s->intake.broken) ? "failed"
                                                     : "ready");
    json_write_f64(w, "uptime_s", (double)(server_now_ns() - s->started_ns) / 1e9, 9);
    json_write_f64(w, "records_per_s", s->rate, 9);
    if (e.now == INT64_MIN)
        json_write_null(w, "event_time");
    else
        json_write_i64(w, "event_time", e.now);
    json_write_f64(w, "event_lag_s", event_lag_s(&e), 9);
    queues_write(s, &connections, w);
    json_write_u64(w, "log_frames", journal_next(s->journal) - 1);
    json_write_u64(w, "judged_frames", e.seq);
    json_write_u64(w, "log_bytes", journal_size(s->journal));
    json_write_u64(w, "snapshot_frame", e.snapshot_seq);
    json_write_u64(w, "accounts", e.accounts);
    json_write_u64(w, "findings", findings.lines);
    json_write_u64(w, "decisions", decided.lines);
    json_write_u64(w, "decisions_standing", e.decisions);
    json_write_open(w, "clusters", '{');
    for (unsigned level = 0; level <= LEVEL_ACT; level++)
        json_write_u64(w, level_name[level], e.clusters[level]);
    json_write_close(w, '}');
    json_write_open(w, "counters", '{');
#define STATUS_INTAKE(name, unit, help) json_write_u64(w, #name, atomic_load(&s->intake.name));
    INTAKE_COUNTERS(STATUS_INTAKE)
    json_write_u64(w, "duplicate", e.counters.duplicate);
    json_write_u64(w, "late", e.counters.late);
    json_write_u64(w, "leap", e.counters.leap);
    json_write_u64(w, "judged", e.counters.accepted);
    json_write_u64(w, "exchanges", e.counters.exchanges);
    json_write_close(w, '}');
    json_write_open(w, "coverage", '{');
    for (unsigned family = 0; family < FAMILY_COUNT; family++)
        json_write_f64(w, family_name[family], e.coverage[family], 4);
    json_write_close(w, '}');
    json_write_close(w, '}');
}
