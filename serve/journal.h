/* The log: frames, one after the other, in segments of some size, each a file of --state. What
 * journal_append() has returned 0 for is on disk and stays there.
 *
 * After a crash the last segment may end in a frame that was never acknowledged: it is cut off. A
 * frame that is whole and yet wrong is damage: it is named, and the log is not read on past it
 * unless a repair is asked for. */
#pragma once

#include "base/cleanup.h"
#include "base/msec.h"
#include "serve/frame.h"

struct journal;

struct journal_config {
    const char *folder;
    uint64_t segment_size; /* bytes, about */
    uint64_t retain_size;  /* bytes kept of what no snapshot needs */
    msec_t retain_ms;      /* and for how long */
    bool repair;           /* passes over damage */
};

/* What reading the log has met. */
struct journal_losses {
    uint64_t torn_bytes;    /* cut off at the end: of frames that were never acknowledged */
    uint64_t damaged_bytes; /* passed over because of `repair` */
    uint64_t lost_frames;   /* in them */
};

/* Finds the segments. 0; a negative errno with the file in err. */
int journal_open(const struct journal_config *config, struct journal **out, struct err *err);
void journal_free(struct journal *journal);
CLEANUP_DEFINE(struct journal, journal_free)

/* Gives all frames from number `from` on to `apply`, whose failures end it, and makes the journal
 * ready for journal_append(). 0; -EBADMSG: damage, named in err; other negative errno. */
int journal_replay(struct journal *journal, uint64_t from,
                   int (*apply)(void *ctx, const struct frame_header *header, const char *payload),
                   void *ctx, struct journal_losses *losses, struct err *err);

/* Numbers the frames, writes them all and waits until they are on disk. 0; a negative errno: none
 * of them is in the log and the next call may succeed (a full disk), or journal_broken(): what is
 * on disk is not known, the program has to start again. */
int journal_append(struct journal *journal, struct frame *const *frame, uint32_t count,
                   struct err *err);
bool journal_broken(const struct journal *journal);

uint64_t journal_next(const struct journal *journal); /* number of the next frame */
uint64_t journal_size(const struct journal *journal); /* bytes of all segments */

/* Deletes segments beyond what is to be kept, of which no frame from `needed` on is part. */
void journal_retain(struct journal *journal, uint64_t needed);
