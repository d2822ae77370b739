/* What event_json_read() must make of a line, worked out the slow way: jansson parses it to a tree,
 * and the tree is turned into a record field by field. */
#pragma once

#include "event/event_json.h"

/* Reads the line with the reader and with jansson and compares acceptance and every field. Returns
 * NULL, or a static sentence that says in what they differ. Lines on which jansson is known to
 * stand apart (numbers that overflow, NUL in a key) are only read. */
const char *json_oracle_differs(struct event_json *reader, struct str line);
