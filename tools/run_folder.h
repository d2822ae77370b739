/* Writes what a detection run leaves (docs/events.md): accounts.jsonl, clusters.jsonl,
 * findings.jsonl, rejected.jsonl and summary.json in one folder.
 *
 * Files are written as NAME.tmp and get their names when all are complete. Findings are written out
 * as they are raised, so that a killed run keeps them. When the disk fills, what was written ends
 * with a whole line. Same detector, same bytes: times of day are under "timing" in the summary. */
#pragma once

#include "base/cleanup.h"
#include "base/errmsg.h"
#include "base/json_write.h"
#include "detector/detector.h"
#include "event/event_source.h"
#include "tools/gate_checks.h"

struct run_folder;

/* What the summary says beside what the detector knows. */
struct run_facts {
    const char *command;              /* "detect" */
    const char *scenario;             /* its name; NULL: the events were read */
    const struct gate_checks *expect; /* the scenario's; NULL: none */
    const struct detector_config *config;
    const struct event_source_counters *source; /* NULL: no events were read */
    char *const *input;                         /* names of what was read */
    uint32_t input_count;
    const char *map; /* name of the field map; NULL: none */
    bool interrupted;
    const char *failure; /* why the input ended before its end; NULL: it did not */
    double wall_s;
};

/* How many of each level there are at the end. */
struct run_levels {
    uint64_t accounts[LEVEL_ACT + 1], clusters[LEVEL_ACT + 1];
    uint64_t alone; /* accounts at review or above, in no group */
};

/* Makes a folder and its parents, where there are none. 0; a negative errno with the path in err.
 */
int run_folder_make(const char *path, struct err *err);

/* Makes the folder (and its parents). 0; a negative errno with the path in err. */
int run_folder_new(const char *path, struct run_folder **out, struct err *err);
/* What is not finished stays as NAME.tmp. */
void run_folder_free(struct run_folder *folder);
CLEANUP_DEFINE(struct run_folder, run_folder_free)

/* Where refused lines go meanwhile; borrowed. */
const char *run_folder_rejected_path(const struct run_folder *folder);

/* Writes out the findings raised since the last call; their number is added to *count. 0; a
 * negative errno with the file in err. */
int run_folder_findings(struct run_folder *folder, struct detector *detector, uint64_t *count,
                        struct err *err);

/* Puts findings that were told before, as whole lines. As above. */
int run_folder_lines(struct run_folder *folder, struct str lines, struct err *err);

/* Writes all the rest, after detector_finish(), and names the files. As above. What it has counted
 * meanwhile goes to *levels: judging every account once more would cost as much as writing it. */
int run_folder_finish(struct run_folder *folder, struct detector *detector,
                      const struct run_facts *facts, struct run_levels *levels, struct err *err);

/* The summary, as an object in `w`: what summary.json holds, and --json prints. */
void run_summary_write(struct json_write *w, const struct detector *detector,
                       const struct run_facts *facts, const struct run_levels *levels);
