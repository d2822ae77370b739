/* Posted bodies to records: how a body is unpacked, and what reads it. A kind of body is one row of
 * body_kind[]: its path, the function that reads records from it, and the one that writes the
 * answer. All of this runs on the decode threads and keeps no text. */
#pragma once

#include "base/errmsg.h"
#include "base/json_write.h"
#include "event/event_json.h"
#include "event/field_map.h"
#include "serve/pool.h"
#include "serve/pseudonym.h"

#include <stddef.h>

enum {
    BODY_RECORDS_MAX = 1 << 16,
    BODY_REFUSALS_MAX = 100, /* that are named; all are counted */
    BODY_MAPS_MAX = 16,      /* different field maps in use */
    BODY_RATIO_MAX = 200,    /* times its size that a body may unpack to, from 1 MiB on */
};

enum body_coding { CODING_PLAIN, CODING_GZIP, CODING_ZSTD, CODING_UNKNOWN };

/* From the Content-Encoding header; NULL is plain. */
enum body_coding body_coding_find(const char *name);

/* Unpacks `packed` to a new buffer, free(*text), of at most `max` bytes. 0; -EFBIG: it is larger,
 * or a bomb; -EBADMSG: damaged; -ENOMEM. */
int body_unpack(enum body_coding coding, const char *packed, size_t size, size_t max, char **text,
                size_t *text_size);

struct body_refusal {
    uint32_t index; /* of the record in the body, from 0 */
    const char *reason;
};

/* The records of one body. */
struct decoded {
    struct pool *pool;
    uint64_t hash_key;
    const struct pseudonym *pseudonym; /* NULL: ids are kept as they are */
    struct held_batch *first, *tail;
    uint32_t accepted, refused, skipped;
    uint32_t index; /* of the next record */
    uint32_t refusal_count;
    struct body_refusal refusal[BODY_REFUSALS_MAX];
    uint64_t cut; /* texts cut at 64 KiB */
};

/* Takes the next record. 0; -ENOMEM; -E2BIG: more than BODY_RECORDS_MAX. */
int decoded_put(struct decoded *out, struct api_event *ev);

/* Refuses the next record; `reason` is static. */
void decoded_refuse(struct decoded *out, const char *reason);

/* Gives the batches back. */
void decoded_drop(struct decoded *out);

/* A decode thread's readers. */
struct body_reader {
    struct event_json *json;
    struct {
        const struct field_map *map;
        struct field_map_reader *reader;
    } mapped[BODY_MAPS_MAX];
    uint64_t hash_key;
};

int body_reader_init(struct body_reader *reader, uint64_t hash_key);
void body_reader_deinit(struct body_reader *reader);

/* The thread's reader for a map; NULL without memory, or when more than BODY_MAPS_MAX are in use.
 */
struct field_map_reader *body_reader_mapped(struct body_reader *reader,
                                            const struct field_map *map);

/* Reads all records of a body: checks each, puts or refuses it. `map` is NULL for the native form.
 * 0; a negative errno: the body as a whole is refused, *reason (static) says why. */
typedef int body_decode(struct body_reader *reader, const struct field_map *map, struct str text,
                        struct decoded *out, const char **reason);

/* Writes the answer to a body that is durable, as a JSON object. */
typedef void body_answer(struct json_write *w, const struct decoded *decoded, bool duplicate);

/* Writes what is said of a body that is refused as a whole, as a JSON object. */
typedef void body_problem(struct json_write *w, int http_status, const char *message,
                          const char *request_id);

struct body_kind {
    const char *path;
    const char *map; /* the field map that reads it when none is asked for; NULL: serve --map */
    body_decode *decode;
    body_answer *answer;
    body_problem *problem;
    int status; /* of the answer */
};

extern const struct body_kind body_kind[];
extern const unsigned body_kind_count;

/* Lines, one object, or an array of them, natively or through a field map: POST /v1/events. */
body_decode body_decode_pieces;
/* {"accepted", "refused", "skipped", "duplicate", "refusals": [{"index", "reason"}]} */
body_answer body_answer_counts;
/* {"error", "request_id"} */
body_problem body_problem_plain;
