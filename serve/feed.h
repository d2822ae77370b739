/* A file of JSON lines that only grows, and that many read from any line on: findings, decisions,
 * labels. A cursor is the number of lines that were read, so it stays good over restarts. One
 * thread writes; any may read. */
#pragma once

#include "base/cleanup.h"
#include "base/errmsg.h"
#include "base/str.h"

#include <stddef.h>

struct feed;

/* Opens or makes the file; half a line at its end is cut off. 0; a negative errno with the path in
 * err. */
int feed_open(const char *folder, const char *name, struct feed **out, struct err *err);
void feed_free(struct feed *feed);
CLEANUP_DEFINE(struct feed, feed_free)

/* How much there is. */
struct feed_end {
    uint64_t lines, size; /* bytes */
};
void feed_end(const struct feed *feed, struct feed_end *out);

/* Goes back to an earlier end. 0; -ENODATA: the file is shorter than that; other negative errno. */
int feed_cut(struct feed *feed, const struct feed_end *end);

/* Appends whole lines. 0, or a negative errno. */
int feed_put(struct feed *feed, struct str lines);
int feed_sync(struct feed *feed);

/* Reads at most `limit` lines from number `cursor` (from 0) on into a new text, free() it; *cursor
 * moves behind them. 0, or a negative errno. */
int feed_read(struct feed *feed, uint64_t *cursor, uint32_t limit, char **text, size_t *size);
