/* Records from files, pipes and compressed logs to digests in stream order: the front of `detect`.
 *
 *   files -> chunks of whole lines -> N decode threads (parse, check, digest) -> ring, order kept
 *         -> duplicates by `id` -> reordering within the lateness window -> runs of digests
 *
 * The result depends on the input alone, never on the number of threads or the size of chunks. All
 * threads of event reading live in event_source.c. */
#pragma once

#include "base/cleanup.h"
#include "base/errmsg.h"
#include "event/digest.h"
#include "event/field_map.h"

#include <stddef.h>

struct event_source_config {
    char *const *path;           /* "-" is stdin; zstd and gzip by magic */
    uint32_t path_count;         /* read one after another as one stream; 0: stdin */
    const struct field_map *map; /* NULL: the native contract, NDJSON */
    uint64_t hash_key;
    msec_t lateness_ms;   /* default 5 min; 0: the stream is taken as it comes, late records drop */
    uint32_t reorder_max; /* records held back at most; the oldest is let go early, and counted */
    uint32_t dedup_max;   /* ids remembered (event/dedup.h says how surely); default 1 Mi */
    uint32_t thread_count; /* decode threads; 0: one per processor */
    uint32_t line_max;     /* bytes; longer lines are refused without being kept; default 1 MiB */
    uint32_t
        chunk_size; /* bytes decoded at a time; default 256 KiB; the result does not depend on it */
    const char *rejected_path; /* rejected.jsonl is written here; NULL: only counted */
    /* Told of every refused line, in input order, from event_source_next(); NULL: nobody. The text
     * is the line, or absent when it must not be shown. */
    void (*refused)(void *ctx, const char *source, uint64_t line, const char *reason,
                    struct str text);
    void *refused_ctx;
};

void event_source_config_default(struct event_source_config *config);

#define EVENT_SOURCE_COUNTERS(X)                                                                   \
    X(bytes, "bytes", "read, before decompression")                                                \
    X(lines, "lines", "read; empty lines are not counted")                                         \
    X(accepted, "records", "handed on")                                                            \
    X(exchanges, "records", "handed on that are exchanges")                                        \
    X(refused, "lines", "refused: not a record of the contract")                                   \
    X(duplicate, "records", "dropped: id seen within the window")                                  \
    X(late, "records", "dropped: older than the lateness window")                                  \
    X(leap, "records", "dropped: more than a day ahead of the stream, which did not follow")       \
    X(reorder_forced, "records", "handed on early: the reorder buffer was full")                   \
    X(cut, "texts", "prompts or system prompts cut at 64 KiB")                                     \
    X(long_lines, "lines", "refused: longer than the line limit")                                  \
    X(skipped, "records", "left out: the field map's filter says that they are no exchanges")

struct event_source_counters {
#define COUNTER_MEMBER(name, unit, help) uint64_t name;
    EVENT_SOURCE_COUNTERS(COUNTER_MEMBER)
#undef COUNTER_MEMBER
};

struct event_source;

/* Opens everything and starts the decode threads. 0; negative errno with the file in err. */
int event_source_new(const struct event_source_config *config, struct event_source **out,
                     struct err *err);
/* Safe at any time, also in the middle of the input. */
void event_source_free(struct event_source *source);
CLEANUP_DEFINE(struct event_source, event_source_free)

/* A run of digests in stream order: digest[order[i]] of *batch for i in 0..*count-1, *order == NULL
 * for the batch's own order. Borrowed until the next call. 1; 0 at the end of the input; a negative
 * errno when reading failed (what was read before has been handed on; err names the file). */
int event_source_next(struct event_source *source, const struct digest_batch **batch,
                      const uint32_t **order, uint32_t *count, struct err *err);

/* Valid at any time. Progress: bytes read of bytes there (0 when a pipe is among the inputs). */
void event_source_counters(const struct event_source *source, struct event_source_counters *out);
uint64_t event_source_size(const struct event_source *source);

/* Asks the source to end as if the input ended here; async-signal-safe. */
void event_source_stop(struct event_source *source);
