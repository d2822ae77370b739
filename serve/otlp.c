#include "otlp.h"

#include <errno.h>
#include <inttypes.h>

enum { MESSAGE_SIZE = 256, NUMBER_SIZE = 24 };

int body_decode_otlp(struct body_reader *reader, const struct field_map *map, struct str text,
                     struct decoded *out, const char **reason)
{
    struct field_map_reader *map_reader = body_reader_mapped(reader, map);
    bool more = true;
    int r = map_reader ? 0 : -ENOMEM;

    while (r == 0 && more) {
        struct api_event ev;
        const char *refusal = field_map_read(map_reader, text, &ev, &more);

        if (refusal == FIELD_MAP_SKIP) {
            out->skipped++;
        } else if (refusal && !field_map_is_json(map_reader)) {
            *reason = refusal;
            return -EINVAL;
        } else if (refusal) {
            decoded_refuse(out, refusal);
        } else {
            r = decoded_put(out, &ev);
        }
    }
    if (r == -E2BIG)
        *reason = "too many records in one body";
    return r;
}

/* Counts are int64, which JSON Protobuf writes as text. */
static void answer(struct json_write *w, const struct decoded *decoded, const char *rejected)
{
    char message[MESSAGE_SIZE], number[NUMBER_SIZE];

    json_write_open(w, NULL, '{');
    if (decoded->refused > 0) {
        (void)snprintf(message, sizeof message, "%s%s", decoded->refusal[0].reason,
                       decoded->refused > 1 ? "; others are rejected too" : "");
        (void)snprintf(number, sizeof number, "%" PRIu32, decoded->refused);
        json_write_open(w, "partialSuccess", '{');
        json_write_text(w, rejected, number);
        json_write_text(w, "errorMessage", message);
        json_write_close(w, '}');
    }
    json_write_close(w, '}');
}

void body_answer_traces(struct json_write *w, const struct decoded *decoded, bool duplicate)
{
    (void)duplicate;
    answer(w, decoded, "rejectedSpans");
}

void body_answer_logs(struct json_write *w, const struct decoded *decoded, bool duplicate)
{
    (void)duplicate;
    answer(w, decoded, "rejectedLogRecords");
}

/* google.rpc.Code of an HTTP status, as google/rpc/code.proto maps them. */
static int code_of(int http_status)
{
    switch (http_status) {
    case 401: return 16; /* UNAUTHENTICATED */
    case 403: return 7;  /* PERMISSION_DENIED */
    case 404: return 5;  /* NOT_FOUND */
    case 413:
    case 429: return 8;                          /* RESOURCE_EXHAUSTED */
    case 503: return 14;                         /* UNAVAILABLE */
    default: return http_status >= 500 ? 13 : 3; /* INTERNAL, INVALID_ARGUMENT */
    }
}

void body_problem_otlp(struct json_write *w, int http_status, const char *message,
                       const char *request_id)
{
    (void)request_id; /* in a header */
    json_write_open(w, NULL, '{');
    json_write_i64(w, "code", code_of(http_status));
    json_write_text(w, "message", message);
    json_write_close(w, '}');
}
