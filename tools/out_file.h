/* A file that is written in pieces, each of them whole lines. It has its name only when it is
 * complete: until then it is NAME.tmp. Names ending in .zst or .gz are compressed, every piece as a
 * frame or member of its own, so that what has been written is valid after every piece. "-" is
 * stdout; that, devices and pipes take each piece as it comes. */
#pragma once

#include "base/cleanup.h"
#include "base/errmsg.h"
#include "base/str.h"

#include <stddef.h>

struct out_file;

/* `path` is borrowed. 0; a negative errno with the path in err. */
int out_file_new(const char *path, struct out_file **out, struct err *err);

/* Writes a piece: whole lines. When it fails (disk full, closed pipe) a file is cut back to the
 * pieces before, and every later call fails the same way. 0; a negative errno with the path. */
int out_file_write(struct out_file *file, const char *lines, size_t size, struct err *err);

/* Syncs the file and gives it its name. 0; a negative errno with the path. */
int out_file_finish(struct out_file *file, struct err *err);

/* Closes; an unfinished file stays as NAME.tmp if anything is in it. */
void out_file_free(struct out_file *file);
CLEANUP_DEFINE(struct out_file, out_file_free)
