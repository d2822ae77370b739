/* Brings records into order of (ts, arrival) within the lateness window, without copying them.
 *
 * The clock is the largest ts seen; whatever is older than clock - lateness has come too late and
 * is dropped, whatever is not younger than that is handed on. At most about reorder_max records are
 * held back: looked at every REORDER_STEP arrivals, the oldest beyond it are let go early, and what
 * comes later but is older than those is late.
 *
 * One wrong clock must not make all that follows late. A record more than a day ahead of the stream
 * is set aside and does not move the clock. Once 256 are set aside, the stream has moved on: the
 * clock goes to the earliest of them and they are judged again. Once 256 others have come first,
 * they are leaps: dropped and counted. At the end of the input the majority decides. The stream
 * starts by the same rule, so its first record may be the wrong one.
 *
 * What is handed on, dropped and counted depends on the sequence of records alone, not on how they
 * are cut into batches. */
#pragma once

#include "base/cleanup.h"
#include "event/dedup.h"
#include "event/digest.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    REORDER_STEP = 1024,
    REORDER_WITNESSES = 256, /* more than a faulty sender's burst, less than a quiet minute */
};

/* What is asked of every record before it is handed on. */
struct held_key {
    msec_t ts;
    uint64_t id; /* 0: absent */
};

/* A batch with the place to say in which order its records go. The keys lie apart from the digests,
 * which are then not touched before somebody uses them. */
struct held_batch {
    struct digest_batch *digests;
    struct held_key *key;    /* of each digest */
    uint32_t other_count;    /* digests of no exchange */
    uint32_t *order;         /* digests->capacity entries; which records are offered, and then
                                the order they go in */
    uint32_t live;           /* records that are still to be handed on; reorder's own */
    struct held_batch *next; /* for lists */
};

/* capacity > 0 records. 0, or -ENOMEM. */
int held_batch_new(uint32_t capacity, struct held_batch **out);
void held_batch_free(struct held_batch *batch);
void held_batch_clear(struct held_batch *batch);

/* Appends a checked record; the batch must have room. 0, or -ENOMEM (nothing is appended). */
int held_batch_add(struct held_batch *batch, const struct api_event *ev, uint64_t hash_key);

/* Appends a digest whose texts are held_batch_text()'s; the batch must have room. */
void held_batch_put(struct held_batch *batch, const struct digest *digest);

/* Gives an empty batch its texts. 0, or -ENOMEM. */
int held_batch_text(struct held_batch *batch, struct str text);

/* Fills `order` with the records whose id `dedup` has not seen, and returns how many they are. */
uint32_t held_batch_unseen(struct held_batch *batch, struct dedup *dedup);

struct reorder_config {
    msec_t lateness_ms;
    uint32_t reorder_max;    /* > 0 */
    uint32_t batch_capacity; /* of every batch that is added */
    /* An empty batch for records that are moved together, when batches are held for a few records
     * each; NULL without memory, then they stay where they are. */
    struct held_batch *(*spare)(void *ctx);
    void *ctx;
};

struct reorder_counters {
    uint64_t late;   /* dropped: older than the window */
    uint64_t forced; /* let go before their time: too many were held */
    uint64_t leap;   /* dropped: more than a day ahead of a stream that did not follow */
};

struct reorder;

/* 0, or -ENOMEM. */
int reorder_new(const struct reorder_config *config, struct reorder **out);
/* Batches that are still inside are freed. */
void reorder_free(struct reorder *reorder);
CLEANUP_DEFINE(struct reorder, reorder_free)

/* Offers the records order[0..count) of a batch, in order of arrival. Only when reorder_next() has
 * returned 0. The batch belongs to reorder until reorder_reclaim() gives it back. */
void reorder_add(struct reorder *reorder, struct held_batch *batch, uint32_t count);

/* No more batches come: all that is held goes out. */
void reorder_end(struct reorder *reorder);

/* The next run of records, all of one batch: digest[order[i]] for i in 0..*count-1; borrowed until
 * the next call. 1; 0 when another batch is needed (after reorder_end(): when all is out); -ENOMEM.
 */
int reorder_next(struct reorder *reorder, const struct held_batch **batch, const uint32_t **order,
                 uint32_t *count);

/* A batch that is no longer needed, or NULL. */
struct held_batch *reorder_reclaim(struct reorder *reorder);

void reorder_counters(const struct reorder *reorder, struct reorder_counters *out);

/* What is held, for a snapshot: only when reorder_next() has returned 0. */
struct reorder_clock {
    bool started;
    msec_t clock, floor, forced_to;
    uint64_t arrivals;
    uint32_t aside_count, against;
    struct reorder_counters counters;
};

/* Gives *clock, and tells of every record that is held: first those set aside, in their order, then
 * the runs in the order in which they were made, `run` counting from 1. 0, or what `record`
 * returned that is not 0. */
int reorder_save(const struct reorder *reorder, struct reorder_clock *clock,
                 int (*record)(void *ctx, uint64_t run, const struct held_batch *batch,
                               uint32_t index),
                 void *ctx);

/* Brings a new reorder to where another was: first its clock, then the records in the order that
 * reorder_save() gave, each batch holding records of one run (0: set aside). Batches belong to
 * reorder from then on. 0, or -ENOMEM. */
void reorder_load_clock(struct reorder *reorder, const struct reorder_clock *clock);
int reorder_load(struct reorder *reorder, uint64_t run, struct held_batch *batch);
