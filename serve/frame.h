/* What the log is made of: one frame for each posted body, with the digests of its records and the
 * few texts that reports show, never a prompt. Words of zero are left out of a digest: that is half
 * of it. Frames are as the machine has them in memory, so a log is read by the build that wrote it:
 * frame_layout() tells. */
#pragma once

#include "base/errmsg.h"
#include "event/reorder.h"
#include "serve/pool.h"

#include <stddef.h>

enum frame_kind { FRAME_RECORDS = 1, FRAME_CONFIG = 2 };

enum { FRAME_MAGIC = 0x4d524653 /* "SFRM" */, FRAME_SIZE_MAX = 256 * 1024 * 1024 };

struct frame_header {
    uint32_t magic;
    uint32_t kind;                       /* enum frame_kind */
    uint64_t seq;                        /* 1, 2, 3, ... */
    uint64_t key;                        /* hash of the batch's idempotency key; 0: none */
    uint64_t body;                       /* hash of the body that came with it */
    uint32_t size;                       /* of the payload, bytes; a multiple of 8 */
    uint32_t accepted, refused, skipped; /* records */
    uint64_t payload_hash, header_hash;
};

/* A frame that is being made; all zeros is empty. */
struct frame {
    struct frame_header header;
    char *payload; /* free() it */
    size_t capacity;
};

/* Changes whenever frames or snapshots of another build cannot be read. */
uint64_t frame_layout(void);

/* Appends the digests and texts of a list of batches. 0; -ENOMEM; -EFBIG. */
int frame_put_batches(struct frame *frame, const struct held_batch *list);

/* Appends plain bytes, as the only content. 0, or -ENOMEM. */
int frame_put_bytes(struct frame *frame, const void *bytes, size_t size);

/* Reckons payload_hash: before frame_seal(), on any thread. */
void frame_end(struct frame *frame);

/* Gives the frame its number. */
void frame_seal(struct frame *frame, uint64_t seq);

/* Whether the header is one, whatever follows it. */
bool frame_header_valid(const struct frame_header *header);
bool frame_payload_valid(const struct frame_header *header, const char *payload);

/* Makes a list of batches from a payload of FRAME_RECORDS, or from what frame_put_batches() has
 * made. 0; -ENOMEM; -EBADMSG: no such thing. */
int frame_get_batches(const char *payload, size_t size, struct pool *pool,
                      struct held_batch **list);
