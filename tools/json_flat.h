/* The members of a JSON object one after the other, where they are plain: no escapes, nothing
 * beyond ASCII, no arrays, no blanks; objects inside are gone through in place. Most lines that we
 * read back are, and then cost a tenth of a tree. What is not plain is no error: it is for a reader
 * of any JSON (tools/json_lines.h). */
#pragma once

#include "base/str.h"

#include <stdint.h>

enum json_flat_kind { JSON_FLAT_STRING, JSON_FLAT_NUMBER, JSON_FLAT_NULL, JSON_FLAT_OBJECT };

struct json_flat_member {
    struct str name, text; /* text: a string's, or a number as it is written */
    enum json_flat_kind kind;
};

struct json_flat {
    const char *at, *end;
    uint32_t depth; /* 0: the object is closed */
    bool first;
};

/* Begins with an object; `text` is borrowed. False: there is none. */
bool json_flat_open(struct json_flat *flat, struct str text);

/* 1: the next member of the object that is open; the members of an object come before those behind
 * it, with an end of their own. 0: the object's end; of the outermost one only when nothing but a
 * newline follows. -1: what comes is not plain. */
int json_flat_next(struct json_flat *flat, struct json_flat_member *member);

/* Sets found[i] to the member name[i], for each of `count` < 32 that is there: they come in their
 * order, and some may be left out. Returns which are there, as bits; 0 when the text is not plain,
 * has other members, or has objects inside. */
uint32_t json_flat_find(struct str text, const char *const *name, uint32_t count,
                        struct json_flat_member *found);

/* The member as a number. False: it is another kind, or for json_flat_i64() is written with a point
 * or an exponent, or has more than 18 digits. */
bool json_flat_i64(const struct json_flat_member *member, int64_t *out);
bool json_flat_f64(const struct json_flat_member *member, double *out);
