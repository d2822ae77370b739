/* Writes one JSON document, or lines of them, as a file or into an open one. */
#pragma once

#include "base/errmsg.h"
#include "base/json_write.h"

/* What `write` writes. 0, or a negative errno. */
int json_save_into(FILE *out, void (*write)(const void *what, struct json_write *w),
                   const void *what);
/* `write` fills the file. 0; negative errno with the file in err. */
int json_save(const char *path, void (*write)(const void *what, struct json_write *w),
              const void *what, struct err *err);
