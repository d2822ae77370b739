/* Records to and from one JSON line. The reader is schema-directed and keeps no tree: it is the hot
 * path of `detect`. It is nevertheless a full RFC 8259 reader; what it refuses it names. */
#pragma once

#include "base/cleanup.h"
#include "base/json_write.h"
#include "event/api_event.h"

enum { EVENT_JSON_DEPTH_MAX = 128 }; /* nesting of ignored values */

struct event_json; /* a reader with its scratch memory for unescaped text; one per thread */

/* 0, or -ENOMEM. */
int event_json_new(struct event_json **out);
void event_json_free(struct event_json *reader);
CLEANUP_DEFINE(struct event_json, event_json_free)

/* Reads one line (without its newline; surrounding JSON white space is allowed) of at most
 * UINT32_MAX bytes. Returns NULL and fills *ev, whose text points into `line` or into the reader
 * and lives until the next call; or returns a static sentence saying why the line is refused, such
 * as "invalid UTF-8", "`ts` is missing" or "`turn` is not an integer". A string over its limit is
 * refused for KIND_STR, and cut at a UTF-8 boundary and counted for KIND_TEXT. Duplicate keys: the
 * last one wins. A field whose value is null is absent. Unknown fields are checked and ignored;
 * a contract field that does not belong to the record's type is ignored too. */
const char *event_json_read(struct event_json *reader, struct str line, struct api_event *ev);

/* Texts cut so far by this reader. */
uint64_t event_json_cut_count(const struct event_json *reader);

/* Appends the record's present fields as one NDJSON line, in table order, `type` first unless it is
 * an exchange. */
void event_json_write(struct json_write *w, const struct api_event *ev);
