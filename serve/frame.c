#include "frame.h"

#include "base/hash.h"
#include "base/rng.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum { VERSION = 2, WORD = 8, WORDS = sizeof(struct digest) / WORD };
_Static_assert(sizeof(struct digest) % WORD == 0 && WORDS <= 64, "a digest is at most 64 words");

/* One batch of a payload: this, its texts (filled up to a word), its digests. */
struct part {
    uint32_t count, text_size;
};

uint64_t frame_layout(void)
{
    const uint64_t parts[] = {VERSION,
                              sizeof(struct frame_header),
                              sizeof(struct digest),
                              ATTRIBUTE_COUNT,
                              FIELD_COUNT,
                              SKETCH_VERSION};

    return XXH3_64bits(parts, sizeof parts);
}

static size_t text_room(uint32_t size)
{
    return ((size_t)size + WORD - 1) / WORD * WORD;
}

static int reserve(struct frame *frame, size_t more)
{
    size_t size = frame->header.size + more;
    char *payload;

    if (size > FRAME_SIZE_MAX)
        return -EFBIG;
    if (size <= frame->capacity)
        return 0;
    payload = realloc(frame->payload, size);
    if (!payload)
        return -ENOMEM;
    frame->payload = payload;
    frame->capacity = size;
    return 0;
}

/* Writes a digest without its words of zero; returns behind it. */
static char *digest_pack(char *to, const struct digest *digest)
{
    uint64_t word[WORDS], present = 0;
    char *at = to + WORD;

    memcpy(word, digest, sizeof word);
    for (unsigned i = 0; i < WORDS; i++) {
        memcpy(at, &word[i], WORD);
        at += word[i] ? WORD : 0;
        present |= (uint64_t)(word[i] != 0) << i;
    }
    memcpy(to, &present, WORD);
    return at;
}

/* Returns behind it; NULL when it does not end before `end`. */
static const char *digest_unpack(const char *from, const char *end, struct digest *digest)
{
    uint64_t word[WORDS], present;

    if (end - from < WORD)
        return NULL;
    memcpy(&present, from, WORD);
    from += WORD;
    if ((WORDS < 64 && present >> (WORDS % 64)) ||
        end - from < (ptrdiff_t)WORD * __builtin_popcountll(present))
        return NULL;
    for (unsigned i = 0; i < WORDS; i++) {
        word[i] = 0;
        if (present >> i & 1) {
            memcpy(&word[i], from, WORD);
            from += WORD;
        }
    }
    memcpy(digest, word, sizeof word);
    return from;
}

static int put_batch(struct frame *frame, const struct digest_batch *batch)
{
    const struct part part = {batch->count, batch->text_size};
    size_t texts = text_room(batch->text_size);
    /* the last word that packing writes and does not keep needs room too */
    int r =
        reserve(frame, sizeof part + texts + batch->count * (sizeof(struct digest) + WORD) + WORD);
    char *at;

    if (r < 0)
        return r;
    at = frame->payload + frame->header.size;
    memcpy(at, &part, sizeof part);
    at += sizeof part;
    if (texts > 0)
        memset(at + texts - WORD, 0, WORD);
    if (batch->text_size > 0)
        memcpy(at, batch->text, batch->text_size);
    at += texts;
    for (uint32_t i = 0; i < batch->count; i++)
        at = digest_pack(at, &batch->digest[i]);
    frame->header.size = (uint32_t)(at - frame->payload);
    return 0;
}

int frame_put_batches(struct frame *frame, const struct held_batch *list)
{
    int r = 0;

    for (; r == 0 && list; list = list->next)
        r = put_batch(frame, list->digests);
    return r;
}

int frame_put_bytes(struct frame *frame, const void *bytes, size_t size)
{
    int r = reserve(frame, text_room((uint32_t)size) + WORD);

    if (r < 0)
        return r;
    memset(frame->payload, 0, text_room((uint32_t)size));
    memcpy(frame->payload, bytes, size);
    frame->header.size = (uint32_t)text_room((uint32_t)size);
    return 0;
}

void frame_end(struct frame *frame)
{
    frame->header.payload_hash = XXH3_64bits(frame->payload, frame->header.size);
}

static uint64_t header_hash(const struct frame_header *header)
{
    return XXH3_64bits(header, offsetof(struct frame_header, header_hash));
}

void frame_seal(struct frame *frame, uint64_t seq)
{
    frame->header.magic = FRAME_MAGIC;
    frame->header.seq = seq;
    frame->header.header_hash = header_hash(&frame->header);
}

bool frame_header_valid(const struct frame_header *header)
{
    return header->magic == FRAME_MAGIC && header->size <= FRAME_SIZE_MAX &&
           header->header_hash == header_hash(header);
}

bool frame_payload_valid(const struct frame_header *header, const char *payload)
{
    return header->payload_hash == XXH3_64bits(payload, header->size);
}

/* ---- reading ------------------------------------------------------------------------------------
 */

static bool texts_inside(const struct digest_batch *batch, const struct digest *digest)
{
    uint32_t offset = digest->texts.offset, size = digest_texts_size(digest);

    return size == 0 || (offset <= batch->text_size && size <= batch->text_size - offset);
}

static const char *get_batch(const char *at, const char *end, struct held_batch *batch)
{
    struct part part;

    if (end - at < (ptrdiff_t)sizeof part)
        return NULL;
    memcpy(&part, at, sizeof part);
    at += sizeof part;
    if (part.count == 0 || part.count > BATCH_RECORDS ||
        (size_t)(end - at) < text_room(part.text_size) ||
        held_batch_text(batch, (struct str){at, part.text_size}) < 0)
        return NULL;
    at += text_room(part.text_size);
    for (uint32_t i = 0; i < part.count; i++) {
        struct digest digest;

        at = digest_unpack(at, end, &digest);
        if (!at || !texts_inside(batch->digests, &digest))
            return NULL;
        held_batch_put(batch, &digest);
    }
    return at;
}

int frame_get_batches(const char *payload, size_t size, struct pool *pool, struct held_batch **list)
{
    const char *at = payload, *end = payload + size;
    struct held_batch **last = list;

    *list = NULL;
    while (at && at < end) {
        struct held_batch *batch = pool_take(pool);

        if (!batch) {
            pool_give(pool, *list);
            return -ENOMEM;
        }
        *last = batch;
        last = &batch->next;
        at = get_batch(at, end, batch);
    }
    if (!at) {
        pool_give(pool, *list);
        *list = NULL;
    }
    return at ? 0 : -EBADMSG;
}
