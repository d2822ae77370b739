/* What is sent when: reads event lines in a thread of its own and cuts them into batches, each with
 * the time at which it is due. The schedule comes from the events alone, never from how the server
 * answers: that is what makes the replay an open loop. */
#pragma once

#include "base/cleanup.h"
#include "base/errmsg.h"
#include "base/msec.h"

#include <stddef.h>
#include <stdint.h>

enum { REPLAY_KEY_SIZE = 33 };

struct replay_schedule {
    double time_scale;  /* event seconds per second; used when `rate` is 0 */
    double rate;        /* records per second, whatever their times say; 0: by their times */
    uint32_t batch_max; /* records */
    uint64_t linger_ns; /* a batch spans at most this much of the schedule */
};

/* Lines that travel together. */
struct replay_batch {
    struct replay_batch *next;
    uint64_t number; /* 0, 1, 2, ... in the order of the stream */
    uint64_t due_ns; /* of its last record, since the start */
    uint32_t record_count;
    msec_t oldest_ts, newest_ts;
    char key[REPLAY_KEY_SIZE]; /* of its bytes and number: the same when it is sent again */
    size_t size;
    char text[];
};

void replay_batch_free(struct replay_batch *batch);

struct replay_source;

/* Reads `path` ("-" is stdin; zstd and gzip are recognised). `ready` is called from the reading
 * thread whenever a batch is there or the end has come. Borrows nothing. 0; a negative errno with
 * the path in err. */
int replay_source_new(const char *path, const struct replay_schedule *schedule,
                      void (*ready)(void *ctx), void *ctx, struct replay_source **out,
                      struct err *err);
/* Safe at any time, also in the middle of the input. */
void replay_source_free(struct replay_source *source);
CLEANUP_DEFINE(struct replay_source, replay_source_free)

/* The next batch in order, without taking it; NULL when none is ready (yet). Borrowed. */
const struct replay_batch *replay_source_peek(struct replay_source *source);
/* Takes that batch; the caller frees it. */
struct replay_batch *replay_source_take(struct replay_source *source);

/* 1: nothing comes any more; 0: something may; a negative errno with the reason in err when reading
 * failed: what was read before has been handed on. */
int replay_source_ended(struct replay_source *source, struct err *err);

/* Bytes read so far, before decompression. */
uint64_t replay_source_bytes(struct replay_source *source);
