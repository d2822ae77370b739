#include "body.h"

#include "event/pieces.h"
#include "serve/otlp.h"

#include <errno.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

enum { UNPACK_FIRST = 256 * 1024, RATIO_FROM = 1 << 20 };

const struct body_kind body_kind[] = {
    {"/v1/events", NULL, body_decode_pieces, body_answer_counts, body_problem_plain, 202},
    {"/v1/traces", "otel-genai", body_decode_otlp, body_answer_traces, body_problem_otlp, 200},
    {"/v1/logs", "otel-genai", body_decode_otlp, body_answer_logs, body_problem_otlp, 200},
};
const unsigned body_kind_count = sizeof body_kind / sizeof body_kind[0];

enum body_coding body_coding_find(const char *name)
{
    if (!name || strcmp(name, "identity") == 0)
        return CODING_PLAIN;
    if (strcmp(name, "gzip") == 0 || strcmp(name, "x-gzip") == 0)
        return CODING_GZIP;
    return strcmp(name, "zstd") == 0 ? CODING_ZSTD : CODING_UNKNOWN;
}

/* ---- unpacking ----------------------------------------------------------------------------------
 */

struct room {
    char *text;
    size_t size, capacity, max;
};

/* Makes room for more. 0; -EFBIG; -ENOMEM. */
static int room_grow(struct room *room, size_t packed_size)
{
    size_t capacity = room->capacity ? 2 * room->capacity : UNPACK_FIRST;
    size_t bomb = packed_size > RATIO_FROM ? packed_size * BODY_RATIO_MAX
                                           : (size_t)RATIO_FROM + packed_size * BODY_RATIO_MAX;
    char *text;

    if (capacity > room->max + 1)
        capacity = room->max + 1;
    if (room->size > room->max || room->size > bomb)
        return -EFBIG;
    text = capacity > room->capacity ? realloc(room->text, capacity) : room->text;
    if (!text)
        return -ENOMEM;
    room->text = text;
    room->capacity = capacity;
    return 0;
}

/* Any number of gzip members. */
static int unpack_gzip(struct room *room, const char *packed, size_t size)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)packed, .avail_in = (uInt)size};
    int r = 0, state = Z_OK;

    if (inflateInit2(&z, 15 + 16) != Z_OK)
        return -ENOMEM;
    while (r == 0 && (z.avail_in > 0 || state != Z_STREAM_END)) {
        if (state == Z_STREAM_END && inflateReset(&z) != Z_OK)
            r = -EBADMSG;
        if (r == 0 && room->size == room->capacity)
            r = room_grow(room, size);
        if (r < 0)
            break;
        z.next_out = (Bytef *)room->text + room->size;
        z.avail_out = (uInt)(room->capacity - room->size);
        state = inflate(&z, Z_NO_FLUSH);
        room->size = room->capacity - z.avail_out;
        if (state != Z_OK && state != Z_STREAM_END && !(state == Z_BUF_ERROR && z.avail_out == 0))
            r = -EBADMSG;
    }
    (void)inflateEnd(&z);
    return r;
}

static int unpack_zstd(struct room *room, const char *packed, size_t size)
{
    ZSTD_DCtx *context = ZSTD_createDCtx();
    ZSTD_inBuffer in = {packed, size, 0};
    size_t left = 1;
    int r = context ? 0 : -ENOMEM;

    while (r == 0 && (in.pos < size || left > 0)) {
        ZSTD_outBuffer out;
        size_t before = in.pos;

        if (room->size == room->capacity)
            r = room_grow(room, size);
        if (r < 0)
            break;
        out = (ZSTD_outBuffer){room->text + room->size, room->capacity - room->size, 0};
        left = ZSTD_decompressStream(context, &out, &in);
        room->size += out.pos;
        if (ZSTD_isError(left) || (left > 0 && in.pos == before && out.pos == 0))
            r = -EBADMSG;
    }
    (void)ZSTD_freeDCtx(context);
    return r;
}

int body_unpack(enum body_coding coding, const char *packed, size_t size, size_t max, char **text,
                size_t *text_size)
{
    struct room room = {.max = max};
    int r =
        coding == CODING_GZIP ? unpack_gzip(&room, packed, size) : unpack_zstd(&room, packed, size);

    if (r == 0 && room.size > max)
        r = -EFBIG;
    if (r < 0) {
        free(room.text);
        return r;
    }
    *text = room.text;
    *text_size = room.size;
    return 0;
}

/* ---- records ------------------------------------------------------------------------------------
 */

int decoded_put(struct decoded *out, struct api_event *ev)
{
    struct held_batch *batch = out->tail;
    int r;

    if (out->index >= BODY_RECORDS_MAX)
        return -E2BIG;
    if (!batch || batch->digests->count == batch->digests->capacity) {
        batch = pool_take(out->pool);
        if (!batch)
            return -ENOMEM;
        if (out->tail)
            out->tail->next = batch;
        else
            out->first = batch;
        out->tail = batch;
    }
    if (out->pseudonym) {
        struct pseudonym_text text;

        pseudonym_event(out->pseudonym, ev, &text);
        r = held_batch_add(batch, ev, out->hash_key);
    } else {
        r = held_batch_add(batch, ev, out->hash_key);
    }
    if (r < 0)
        return r;
    out->index++;
    out->accepted++;
    return 0;
}

void decoded_refuse(struct decoded *out, const char *reason)
{
    if (out->refusal_count < BODY_REFUSALS_MAX)
        out->refusal[out->refusal_count++] = (struct body_refusal){out->index, reason};
    out->refused++;
    out->index++;
}

void decoded_drop(struct decoded *out)
{
    pool_give(out->pool, out->first);
    out->first = out->tail = NULL;
}

int body_reader_init(struct body_reader *reader, uint64_t hash_key)
{
    *reader = (struct body_reader){.hash_key = hash_key};
    return event_json_new(&reader->json);
}

void body_reader_deinit(struct body_reader *reader)
{
    event_json_free(reader->json);
    for (unsigned i = 0; i < BODY_MAPS_MAX; i++)
        field_map_reader_free(reader->mapped[i].reader);
}

struct field_map_reader *body_reader_mapped(struct body_reader *reader, const struct field_map *map)
{
    for (unsigned i = 0; i < BODY_MAPS_MAX; i++) {
        if (!reader->mapped[i].map) {
            if (field_map_reader_new(map, reader->hash_key, &reader->mapped[i].reader) < 0)
                return NULL;
            reader->mapped[i].map = map;
        }
        if (reader->mapped[i].map == map)
            return reader->mapped[i].reader;
    }
    return NULL;
}

static int decode_line(struct body_reader *reader, struct field_map_reader *map, struct str line,
                       struct decoded *out)
{
    bool more;
    int r = 0;

    do {
        struct api_event ev;
        const char *refusal;

        more = false;
        refusal =
            map ? field_map_read(map, line, &ev, &more) : event_json_read(reader->json, line, &ev);
        if (refusal == FIELD_MAP_SKIP)
            out->skipped++;
        else if (refusal)
            decoded_refuse(out, refusal);
        else
            r = decoded_put(out, &ev);
        if (out->index > BODY_RECORDS_MAX)
            r = -E2BIG;
    } while (r == 0 && more);
    return r;
}

int body_decode_pieces(struct body_reader *reader, const struct field_map *map, struct str text,
                       struct decoded *out, const char **reason)
{
    struct field_map_reader *map_reader = map ? body_reader_mapped(reader, map) : NULL;
    uint64_t cut_before = event_json_cut_count(reader->json);
    bool has_header = map && field_map_has_header(map);
    struct pieces pieces;
    struct str piece;
    int r = map && !map_reader ? -ENOMEM : 0;

    pieces_start(&pieces, text, has_header);
    if (r == 0 && has_header && pieces_next(&pieces, &piece)) {
        *reason = field_map_header(map_reader, piece);
        if (*reason)
            return -EINVAL;
    }
    while (r == 0 && pieces_next(&pieces, &piece))
        r = decode_line(reader, map_reader, piece, out);
    out->cut += event_json_cut_count(reader->json) - cut_before;
    if (r == -E2BIG)
        *reason = "more than 65536 records in one body";
    return r;
}

void body_answer_counts(struct json_write *w, const struct decoded *decoded, bool duplicate)
{
    json_write_open(w, NULL, '{');
    json_write_u64(w, "accepted", decoded->accepted);
    json_write_u64(w, "refused", decoded->refused);
    json_write_u64(w, "skipped", decoded->skipped);
    json_write_bool(w, "duplicate", duplicate);
    json_write_open(w, "refusals", '[');
    for (uint32_t i = 0; i < decoded->refusal_count; i++) {
        json_write_open(w, NULL, '{');
        json_write_u64(w, "index", decoded->refusal[i].index);
        json_write_text(w, "reason", decoded->refusal[i].reason);
        json_write_close(w, '}');
    }
    json_write_close(w, ']');
    json_write_close(w, '}');
}

void body_problem_plain(struct json_write *w, int http_status, const char *message,
                        const char *request_id)
{
    (void)http_status;
    json_write_open(w, NULL, '{');
    json_write_text(w, "error", message);
    json_write_text(w, "request_id", request_id);
    json_write_close(w, '}');
}
