/* Writes JSON text into a growing buffer, or through a fixed one to a FILE. Commas and quoting are
 * its work; the caller's calls give the structure. Output is valid UTF-8 JSON on one line. */
#pragma once

#include "str.h"

#include <stddef.h>
#include <stdio.h>

enum { JSON_WRITE_DEPTH_MAX = 32 };

struct json_write {
    char *text; /* `size` bytes, not terminated */
    size_t size, capacity;
    FILE *sink; /* flushed to when set, by json_write_line() */
    int error;  /* first failure as negative errno; later calls do nothing */
    unsigned depth;
    bool comma[JSON_WRITE_DEPTH_MAX];
};

/* `sink` may be NULL: the text then stays in the buffer. */
void json_write_init(struct json_write *w, FILE *sink);
void json_write_deinit(struct json_write *w);

/* A value, or in an object the member's value; `name` is NULL inside arrays and at the top. */
void json_write_open(struct json_write *w, const char *name, char bracket); /* '{' or '[' */
void json_write_close(struct json_write *w, char bracket);                  /* '}' or ']' */
void json_write_str(struct json_write *w, const char *name, struct str value);
void json_write_text(struct json_write *w, const char *name, const char *value); /* NULL: null */
void json_write_i64(struct json_write *w, const char *name, int64_t value);
void json_write_u64(struct json_write *w, const char *name, uint64_t value);
/* Not finite: null. `digits` significant digits, at most 17. */
void json_write_f64(struct json_write *w, const char *name, double value, int digits);
/* Millionths, below 10^15 in size: 1500000 is written as 1.5, 2 as 2e-06. */
void json_write_micro(struct json_write *w, const char *name, int64_t millionths);
/* As few digits as read back the same double. */
void json_write_exact(struct json_write *w, const char *name, double value);
void json_write_bool(struct json_write *w, const char *name, bool value);
void json_write_null(struct json_write *w, const char *name);

/* Begins an object's member with text that is ready, quotes and colon included: "\"ts\":". The
 * value follows with `name` NULL. For writers of many equal records. */
void json_write_key(struct json_write *w, struct str key);

/* Ends one NDJSON line and passes the buffer on to the sink when it is large enough. */
void json_write_line(struct json_write *w);

/* Passes on what is left. 0, or the first failure as a negative errno. */
int json_write_flush(struct json_write *w);
