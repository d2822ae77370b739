/* A request's body cut into pieces that event_json_read() or field_map_read() take as lines. Logs
 * come line by line (NDJSON); a gateway's webhook may send one object, or an array of them, printed
 * in whatever way. Cutting looks at quotes and brackets only: whether a piece is JSON is for its
 * reader to say. */
#pragma once

#include "base/str.h"

enum pieces_form {
    PIECES_LINES,    /* each line is a piece; blank ones are passed over */
    PIECES_DOCUMENT, /* one value: an array's elements are pieces, anything else is one */
    PIECES_EITHER,   /* a document if it is one, else lines: LiteLLM calls all of its forms JSON */
    PIECES_UNKNOWN,
};

/* What a content type asks for; parameters such as the charset are passed over. PIECES_EITHER for
 * JSON and for an absent or empty type; PIECES_LINES for NDJSON under any of its names, CSV and
 * plain text; PIECES_UNKNOWN for all others. */
enum pieces_form pieces_form_of(struct str content_type);

struct pieces {
    struct str rest; /* not cut yet */
    bool is_lines, is_array;
};

/* Starts with a body, which is borrowed. */
void pieces_start(struct pieces *pieces, struct str body, enum pieces_form form);

/* The next piece; false at the end. What follows an array's element without a comma comes with it,
 * so that its reader refuses it. */
bool pieces_next(struct pieces *pieces, struct str *piece);
