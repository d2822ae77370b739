/* The thread that owns the pipeline: takes deliveries in the order of the log, answers queries
 * between them, and makes snapshots. */
#pragma once

#include "serve/intake.h"
#include "serve/labels.h"
#include "serve/pipeline.h"

enum query_kind { QUERY_ACCOUNT, QUERY_CLUSTER, QUERY_CLUSTERS, QUERY_LABEL };

enum { LABEL_BY_MAX = 256 };

/* A question about the detector's state, and its answer. */
struct query {
    struct work work;
    void *caller; /* the loop's */
    enum query_kind kind;
    char text[EVENT_STR_MAX + 1]; /* an account's id */
    uint64_t number;              /* a cluster's */
    uint64_t cursor;
    uint32_t limit;
    msec_t now;          /* time of day */
    const char *verdict; /* of a label: one of label_verdict[] */
    char note[LABEL_NOTE_MAX + 1], by[LABEL_BY_MAX + 1];
    struct json_write out;
    int status;          /* HTTP */
    const char *problem; /* static: why there is no answer; NULL: `out` is it */
};

/* What the engine tells of itself, for metrics and the status page. */
struct engine_status {
    uint64_t seq; /* the last frame that was judged */
    msec_t now;   /* event time of the last record that was judged */
    struct event_source_counters counters;
    uint64_t accounts, clusters[LEVEL_ACT + 1];
    uint32_t decisions;
    uint64_t decisions_refused;
    size_t memory;
    uint64_t snapshots, snapshot_failures, snapshot_seq;
    double snapshot_s; /* how long the last one took */
    double tick_s;     /* the longest that one delivery took */
    int failure;       /* of writing findings */
    double coverage[FAMILY_COUNT];
};

struct engine_config {
    struct pipeline *pipeline;
    struct intake *intake;
    struct queue *delivered; /* struct delivery */
    struct queue *answers;   /* struct query, for the loop */
    double snapshot_every_s;
    uint64_t snapshot_size; /* of the log since the last one */
    const struct journal *journal;
    struct labels *labels;
};

struct engine;

int engine_start(const struct engine_config *config, struct engine **out);

/* Asks a question; it comes back through `answers`. */
void engine_ask(struct engine *engine, struct query *query);

void engine_status(struct engine *engine, struct engine_status *out);

/* Ends the thread when all deliveries are taken; then the pipeline is the caller's again. */
void engine_stop(struct engine *engine);

/* Makes a snapshot and waits for it, when the thread has ended. 0; a negative errno. */
int engine_snapshot(struct engine *engine);
void engine_free(struct engine *engine);
