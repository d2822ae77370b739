/* Where in a JSON text a value stands, so that messages can name line and path. A place is a chain
 * that lives on the stack of the code that walks the tree: the root has no parent. */
#pragma once

#include <stddef.h>

struct json_place {
    const struct json_place *parent;
    const char *key; /* member of an object; NULL: element of an array (or the root) */
    size_t index;    /* of the element */
};

enum { JSON_PLACE_TEXT_SIZE = 256 };

/* "populations[2].tempo.per_day", "top level" for the root; cut when too long. Returns `text`. */
const char *json_place_text(const struct json_place *place, char text[JSON_PLACE_TEXT_SIZE]);

/* The line (from 1) on which the place's key, or else its value, starts in `text`, which some JSON
 * reader has accepted. A place that is not there has the line of its closest parent that is. */
int json_place_line(const struct json_place *place, const char *text, size_t size);
