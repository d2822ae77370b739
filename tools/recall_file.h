/* The memory of accounts that were acted upon (detector/recall.h) as a file, so that the next run
 * begins with it: docs/events.md, "memory". JSON lines with keyed hashes, no text and no raw
 * values. */
#pragma once

#include "base/errmsg.h"
#include "detector/detector.h"
#include "detector/recall.h"

/* Of the option of `detect` and `run`. */
#define RECALL_FILE_HELP "memory of accounts that were acted upon: read when it is there, and kept"

/* Reads the file into an empty memory; one that does not exist is empty. 0; -EINVAL with file, line
 * and reason when it is damaged, of another version, or made with another hash_key. */
int recall_file_load(const char *path, uint64_t hash_key, struct recall *recall, struct err *err);

/* Replaces the file, or leaves it as it was. Same memory, same bytes. 0; a negative errno with the
 * file in err. */
int recall_file_save(const char *path, uint64_t hash_key, const struct recall *recall,
                     struct err *err);
