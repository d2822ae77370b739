/* Small files, read and written whole. */
#pragma once

#include "base/errmsg.h"

#include <stddef.h>
#include <stdio.h>

/* Larger files than this are no configuration. */
enum { TEXT_FILE_MAX = 64 * 1024 * 1024 };

/* 0: *text is new, *size bytes and a terminating zero; free() it. Negative errno with the path in
 * err; -EFBIG above TEXT_FILE_MAX. */
int text_file_read(const char *path, char **text, size_t *size, struct err *err);

/* Replaces folder/name by what `fill` writes (0, or a negative errno), or leaves it as it was. 0; a
 * negative errno with the path in err. */
int text_file_replace(const char *folder, const char *name, int (*fill)(FILE *, const void *),
                      const void *ctx, struct err *err);
