/* All state of the detector's thread in one file: a header, then the pieces that state_visit()
 * functions list, without their blocks of zeros, then the records that are being reordered. It is
 * written by a child process, which sees the state as it was when it was made, so that nothing has
 * to wait; to a temporary file, which gets its name when it is on disk. */
#pragma once

#include "base/errmsg.h"
#include "base/state.h"
#include "detector/config.h"

#include <stdbool.h>
#include <stdint.h>

struct snapshot_header {
    char magic[8];
    uint64_t layout; /* of frames and of state */
    uint64_t seq;    /* the last frame that is in the state */
    struct detector_config config;
    uint64_t size, hash; /* of all that follows */
    uint64_t header_hash;
};

/* What is saved and loaded. */
struct snapshot_subject {
    uint64_t layout;
    /* Lists the pieces. */
    void (*state)(void *ctx, state_visit *visit, void *visit_ctx);
    void *ctx;
    const char *tail; /* and what comes last, as one piece */
    size_t tail_size;
};

/* Writes folder/snap-<seq>; for the child, so it allocates nothing. 0, or a negative errno. */
int snapshot_save(const char *folder, uint64_t seq, const struct detector_config *config,
                  const struct snapshot_subject *subject);

/* Deletes what a crash has left of snapshots that were being written. */
void snapshot_clean(const char *folder);

/* Numbers of the snapshots there are, newest first; at most `max`. Returns how many. */
uint32_t snapshot_list(const char *folder, uint64_t *seq, uint32_t max);

/* Reads a snapshot's header and makes sure that all of the file is as it was written. 0; -EBADMSG,
 * -ENOTSUP: damaged or foreign, named in err; other negative errno. */
int snapshot_check(const char *folder, uint64_t seq, uint64_t layout, struct snapshot_header *out,
                   struct err *err);

/* Fills the state from a snapshot that was checked; *tail is new, free() it. 0; a negative errno
 * with the path in err. */
int snapshot_load(const char *folder, uint64_t seq, const struct snapshot_subject *subject,
                  char **tail, size_t *tail_size, struct err *err);

/* Deletes all but the newest `keep`. Returns the number of the oldest one that stays; 0: none. */
uint64_t snapshot_retain(const char *folder, uint32_t keep);
