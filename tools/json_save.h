/* Writes one JSON document, or lines of them, as a file. */
#pragma once

#include "base/errmsg.h"
#include "base/json_write.h"

/* `write` fills the file. 0; negative errno with the file in err. */
int json_save(const char *path, void (*write)(const void *what, struct json_write *w),
              const void *what, struct err *err);
