/* A request's body cut into pieces that event_json_read() or field_map_read() take as lines. Logs
 * come line by line (NDJSON, CSV); a gateway's webhook may send one object, or an array of them,
 * printed in whatever way, and call all of that JSON. Cutting looks at quotes and brackets only:
 * whether a piece is JSON is for its reader to say. */
#pragma once

#include "base/str.h"

struct pieces {
    struct str rest; /* not cut yet */
    bool is_lines, is_array;
};

/* Starts with a body, which is borrowed. One JSON object or array is a document: an array's
 * elements are its pieces, an object is one. Anything else, and all with `only_lines`, is lines, of
 * which blank ones are passed over. */
void pieces_start(struct pieces *pieces, struct str body, bool only_lines);

/* The next piece; false at the end. What follows an array's element without a comma comes with it,
 * so that its reader refuses it. */
bool pieces_next(struct pieces *pieces, struct str *piece);
