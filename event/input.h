/* One input as bytes: a file, a pipe or stdin, plain or compressed. zstd (any number of frames) and
 * gzip (any number of members) are recognised by their first bytes. */
#pragma once

#include "base/cleanup.h"
#include "base/errmsg.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { INPUT_IDLE_MS = 200 };

struct input;

/* Whether `path` ("-" is stdin) can be opened, without opening a pipe: 0, and its size in bytes, 0
 * when it is no regular file; or a negative errno with the name in err. */
int input_check(const char *path, uint64_t *size, struct err *err);

/* `stop_fd` becomes readable when waiting for a pipe shall end; -1: never. 0, or a negative errno.
 */
int input_open(const char *path, int stop_fd, struct input **out, struct err *err);
void input_close(struct input *input);
CLEANUP_DEFINE(struct input, input_close)

/* Up to `size` > 0 decompressed bytes; 0 at the end. -EAGAIN: a pipe has been silent for
 * INPUT_IDLE_MS, try again; -ECANCELED: stop_fd said so; other negative errno with the name in err:
 * the input is damaged, cut off or unreadable, and all that was readable has been handed on. */
ssize_t input_read(struct input *input, char *to, size_t size, struct err *err);

/* Whether the input is compressed; known once something has been read. */
bool input_is_packed(const struct input *input);

/* Bytes read so far, before decompression. */
uint64_t input_bytes(const struct input *input);
