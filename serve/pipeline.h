/* Frames of the log to findings: duplicates by id, reordering, the detector, findings and
 * decisions. One thread owns it. What it comes to depends on the sequence of frames alone, so that
 * replaying a log from a snapshot comes to the same, byte for byte. */
#pragma once

#include "detector/detector.h"
#include "event/event_source.h"
#include "serve/batch_ids.h"
#include "serve/decisions.h"
#include "serve/feed.h"
#include "serve/frame.h"
#include "serve/member_hours.h"

struct pipeline_config {
    const char *folder; /* --state */
    struct detector_config detector;
    msec_t lateness_ms;
    enum level decision_level;
    struct pool *pool;
};

struct pipeline {
    struct pipeline_config config;
    struct dedup *dedup;
    struct reorder *reorder;
    struct detector *detector;
    struct decisions *decisions;
    struct member_hours *hours;
    struct batch_ids *ids;
    struct feed *findings, *decided;
    struct json_write finding_lines, decision_lines; /* not yet in their files */
    uint64_t seq;                                    /* the last frame taken */
    uint64_t ticks; /* of the detector, when findings were taken last */
    struct event_source_counters counters;
    /* Told of findings and decisions as they are raised; NULL while a log is replayed. */
    void (*raised)(const struct finding *finding);
    decision_told *decided_told;
    int failure; /* of writing findings: 0, or why it is tried again */
};

/* 0; a negative errno with the reason in err. */
int pipeline_new(const struct pipeline_config *config, struct pipeline **out, struct err *err);
void pipeline_free(struct pipeline *pipeline);
CLEANUP_DEFINE(struct pipeline, pipeline_free)

/* Takes the next frame; its batches belong to the pipeline. 0; -ENOMEM. */
int pipeline_take(struct pipeline *pipeline, const struct frame_header *header,
                  struct held_batch *list);

/* The same for a frame of any kind as it is in the log. 0; -ENOMEM; -EBADMSG: it is none. */
int pipeline_replay(void *pipeline, const struct frame_header *header, const char *payload);

/* Changes the detector's configuration, as a frame says. */
int pipeline_configure(struct pipeline *pipeline, const struct frame_header *header,
                       const struct detector_config *config, struct err *err);

/* Writes out findings and decisions that could not be written before. 0, or why not. */
int pipeline_flush(struct pipeline *pipeline);

/* Ends the stream: what is held for reordering goes out, the last tick runs. */
int pipeline_finish(struct pipeline *pipeline);

/* ---- snapshots ---- */

/* Starts a child that writes a snapshot; *pid is new. 0; -EAGAIN: findings wait to be written
 * first; other negative errno. */
int pipeline_snapshot(struct pipeline *pipeline, int *pid);

/* Brings a new pipeline to the newest snapshot that is sound. Damaged and foreign ones are passed
 * over, and told of through `told`. The configuration becomes the snapshot's. 0: pipeline->seq says
 * where it stands (0: there is none); a negative errno with the reason in err. */
int pipeline_restore(const struct pipeline_config *config, struct pipeline **out,
                     void (*told)(const char *text), struct err *err);
