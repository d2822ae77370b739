/* rejected.jsonl: the input lines that were refused, each with its reason. */
#pragma once

#include "base/cleanup.h"
#include "base/errmsg.h"
#include "base/str.h"

enum { REJECTED_TEXT_MAX = 200 }; /* bytes of the line that are shown */

struct rejected;

/* Creates the file. 0, or a negative errno with the path in err. */
int rejected_new(const char *path, struct rejected **out, struct err *err);
/* Does not flush: rejected_end() does. */
void rejected_free(struct rejected *rejected);
CLEANUP_DEFINE(struct rejected, rejected_free)

/* {"source","line","reason","text"}: text is the beginning of the line; what is not UTF-8 in it
 * becomes U+FFFD; null when it must not be shown (text.p is NULL). Failures are kept until
 * rejected_end(). */
void rejected_put(struct rejected *rejected, const char *source, uint64_t line, const char *reason,
                  struct str text);

/* Writes out what is left, for good. 0, or the first failure since rejected_new(). */
int rejected_end(struct rejected *rejected, struct err *err);

/* 0, or the failure so far: there is no use in going on. */
int rejected_error(const struct rejected *rejected, struct err *err);
