/* Any JSON value by the letter of RFC 8259, on a text that json_scan() has seen. Nothing is built:
 * a value is checked, and described by where it lies. */
#pragma once

#include "base/str.h"

/* Where reading stands. The text ends with '}' and is valid UTF-8. */
struct json_cursor {
    const char *text;
    const char
        *at; /* apart from `quote`: side by side, compilers keep the two in a vector register */
    const char *end;
    const uint32_t *quote;   /* of the scan: always the next string's opening quote */
    uint32_t size;           /* of the text: stands behind the scan's last position */
    const uint32_t *special; /* of the scan: not after the first special byte of the next string */
};

enum { JSON_DEPTH_MAX = 128 }; /* nesting of one value */

enum json_kind { JSON_STRING, JSON_NUMBER, JSON_TRUE, JSON_FALSE, JSON_NULL, JSON_NESTED };

struct json_value {
    enum json_kind kind;
    bool escapes;            /* string: it has some */
    struct str raw;          /* string: what is between the quotes; number: its characters */
    const uint32_t *special; /* string: its first special byte */
};

/* Why a text is refused. */
extern const char JSON_CUT_OFF[], JSON_NO_COMMA[], JSON_NO_COLON[], JSON_NO_KEY[],
    JSON_UNTERMINATED[];

static inline bool json_is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The byte at the cursor; 0 at the end. */
static inline char json_peek(const struct json_cursor *c)
{
    return c->at < c->end ? *c->at : '\0';
}

void json_space(struct json_cursor *c);

/* Reads the value at the cursor, which may have white space before it, and moves behind it. NULL,
 * or a static sentence. */
const char *json_value_read(struct json_cursor *c, struct json_value *out);

/* The same where a string must be: at its opening quote. */
const char *json_string_read(struct json_cursor *c, struct json_value *out);

/* Writes a string that was read, without its escapes, to memory as large as its raw text; returns
 * behind what it wrote. `text` is the cursor's. */
char *json_string_unescape(const char *text, const struct json_value *string, char *to);
