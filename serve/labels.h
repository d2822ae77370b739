/* What analysts found: kept in labels.jsonl of --state, in the shape of a truth file, so that
 * `tune` and `evaluate` read it: {"account", "truth", "population": "analyst", ...}, with the
 * subject, who said it and when beside. The newest verdict on a subject counts. */
#pragma once

#include "base/json_write.h"
#include "serve/feed.h"

enum { LABEL_VERDICTS = 3, LABELS_MAX = 1 << 16, LABEL_NOTE_MAX = 1024 };
extern const char *const label_verdict[LABEL_VERDICTS]; /* distilling, abusive, benign */

struct label_text {
    struct str subject; /* an account's id, or "c12" */
    bool is_cluster;
    const char *verdict; /* one of label_verdict[] */
    struct str note, by;
    int64_t ts; /* wall clock, ms */
};

struct labels;

/* 0; a negative errno with the file in err. */
int labels_open(const char *folder, struct labels **out, struct err *err);
void labels_free(struct labels *labels);
CLEANUP_DEFINE(struct labels, labels_free)

/* Keeps a verdict, on disk when it returns: one line for the account, or for each of a group's
 * members. 0; -ENOSPC: LABELS_MAX subjects have one; other negative errno. */
int labels_put(struct labels *labels, const struct label_text *label, const struct str *member,
               uint32_t member_count);

/* Writes the member "label" of the open object: null, or {"verdict", "note", "by", "ts"}. From any
 * thread. */
void labels_write(const struct labels *labels, struct str subject, bool is_cluster,
                  struct json_write *w);

uint64_t labels_count(const struct labels *labels);
struct feed *labels_feed(struct labels *labels);
