/* Files with one JSON object per line, read one after the other, with errors that name file, line
 * and field. For results and labels; the events' hot path has a reader of its own
 * (event/event_json.h). */
#pragma once

#include "base/errmsg.h"
#include "base/msec.h"
#include "base/str.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

struct json_lines {
    const char *path;
    FILE *file;
    char *line;
    size_t size, capacity;
    uint64_t number; /* of the current line, from 1 */
    json_t *object;  /* of the current line; borrowed until the next */
    /* A line that contains `brief_if`, and after it `brief_from` as its last member, an array of
     * objects, is read without that member. NULL: all are read whole. Unescaped quotes make sure
     * that neither is met inside a string. */
    const char *brief_if, *brief_from;
};

/* `path` is borrowed. 0, or negative errno with the file in err. */
int json_lines_open(struct json_lines *lines, const char *path, struct err *err);
void json_lines_close(struct json_lines *lines);

/* 1: the next object is there; 0: the end; negative errno. Empty lines are passed over. */
int json_lines_next(struct json_lines *lines, struct err *err);

/* The same in two steps: 1: the next line is there, in line[0..size); then its object, 0 or
 * -EINVAL. */
int json_lines_next_text(struct json_lines *lines, struct err *err);
int json_lines_parse(struct json_lines *lines, struct err *err);

/* Sets err to "file:line: field: reason" and returns -EINVAL. */
int json_lines_refuse(const struct json_lines *lines, const char *field, const char *reason,
                      struct err *err);

enum json_presence { JSON_REQUIRED, JSON_OPTIONAL };

/* A member of `object`, part of the current line. An optional one that is absent or null leaves
 * *out alone. Strings are borrowed. 0, or -EINVAL through json_lines_refuse(). */
int json_lines_str(const struct json_lines *lines, const json_t *object, const char *field,
                   enum json_presence presence, struct str *out, struct err *err);
int json_lines_u64(const struct json_lines *lines, const json_t *object, const char *field,
                   enum json_presence presence, uint64_t *out, struct err *err);
int json_lines_i64(const struct json_lines *lines, const json_t *object, const char *field,
                   enum json_presence presence, int64_t *out, struct err *err);
int json_lines_f64(const struct json_lines *lines, const json_t *object, const char *field,
                   enum json_presence presence, double *out, struct err *err);
/* Which of `count` words the string is. */
int json_lines_word(const struct json_lines *lines, const json_t *object, const char *field,
                    enum json_presence presence, const char *const *word, unsigned count,
                    unsigned *out, struct err *err);
/* *out is NULL when an optional one is absent. */
int json_lines_array(const struct json_lines *lines, const json_t *object, const char *field,
                     enum json_presence presence, const json_t **out, struct err *err);
