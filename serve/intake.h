/* From a posted body to a frame on disk: decode threads unpack and read bodies and make frames of
 * them; one log thread writes what is waiting, all of it with one sync, and only then are the
 * bodies answered and their records handed on.
 *
 *   loop -> decode queue -> decode threads -> log queue -> log thread -> answers -> loop
 *                                                                     -> deliveries -> engine
 *
 * Memory is bounded by two counts: bytes of bodies taken in and not yet answered, above which
 * intake_admit() turns a body away; and records decoded and not yet judged, above which decoding
 * waits. */
#pragma once

#include "serve/batch_ids.h"
#include "serve/body.h"
#include "serve/journal.h"
#include "serve/queue.h"

#include <stdatomic.h>

struct evbuffer;

/* One body. */
struct ingest {
    struct item item;
    void *caller; /* the loop's */
    const struct body_kind *kind;
    const struct field_map *map;
    enum body_coding coding;
    struct evbuffer *packed; /* as it came */
    size_t charged;          /* bytes of it that count */
    uint64_t key;            /* hash of its idempotency key; 0: none */
    uint64_t arrived_ns;
    struct decoded decoded;
    struct frame frame;
    bool duplicate;
    int status;         /* HTTP, once it is answered */
    const char *reason; /* static; NULL: all is well */
    struct err err;     /* the reason in more words */
};

/* What the engine's queue holds: each begins with a struct work. */
enum work_kind { WORK_DELIVERY, WORK_QUERY };

struct work {
    struct item item;
    enum work_kind kind;
};

/* Records on their way to the detector. */
struct delivery {
    struct work work;
    struct frame_header header;
    struct held_batch *list;
    bool is_config;
    struct detector_config *config; /* free() it */
};

struct intake_config {
    uint32_t decode_threads;
    size_t bytes_max;     /* of bodies being worked on */
    uint32_t records_max; /* decoded and not yet judged */
    size_t unpacked_max;  /* bytes of one body */
    uint64_t hash_key;
    const struct pseudonym *pseudonym;
    struct pool *pool;
    struct journal *journal;
    struct batch_ids *ids;   /* the log thread's */
    struct queue *answers;   /* struct ingest, for the loop */
    struct queue *delivered; /* struct delivery, for the engine */
};

#define INTAKE_COUNTERS(X)                                                                         \
    X(batches, "batches", "bodies made durable")                                                   \
    X(duplicate_batches, "batches", "sent again under an idempotency key: not counted again")      \
    X(durable, "records", "made durable")                                                          \
    X(refused, "records", "refused: not a record of the contract")                                 \
    X(body_bytes, "bytes", "of bodies, as they came")                                              \
    X(bad_bodies, "bodies", "refused as a whole")                                                  \
    X(bombs, "bodies", "refused: they unpack to more than is allowed")                             \
    X(overload, "bodies", "turned away with 429: the queues were full")                            \
    X(log_failures, "batches", "not written: the log failed")                                      \
    X(syncs, "syncs", "of the log")                                                                \
    X(cut_texts, "texts", "prompts cut at 64 KiB")

struct intake {
    struct intake_config config;
    struct queue undecoded, unlogged;
    pthread_t *decoder, logger;
    uint32_t decoders_run;
    bool logger_runs;
    atomic_size_t bytes;
    atomic_uint records;
    atomic_bool broken;          /* the log has failed for good */
    atomic_uint_fast64_t needed; /* the first frame that a snapshot does not have */
#define COUNTER_MEMBER(name, unit, help) atomic_uint_fast64_t name;
    INTAKE_COUNTERS(COUNTER_MEMBER)
#undef COUNTER_MEMBER
};

/* Starts the threads. 0; a negative errno. */
int intake_start(const struct intake_config *config, struct intake *intake);

/* Room for a body of so many bytes? Then they are counted until intake_release(). */
bool intake_admit(struct intake *intake, size_t size);

/* Takes the body; it comes back through `answers`. */
void intake_put(struct intake *intake, struct ingest *ingest);

/* Frees an ingest that was answered, or never put. */
void intake_release(struct intake *intake, struct ingest *ingest);

/* Logs a change of configuration behind all that is in the log by now. */
void intake_put_config(struct intake *intake, struct ingest *ingest,
                       const struct detector_config *config);

/* Records that were judged. */
void intake_judged(struct intake *intake, uint32_t records);

/* Ends the threads when all bodies put are answered. */
void intake_stop(struct intake *intake);
