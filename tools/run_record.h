/* Accounts, groups and findings as JSON: what the lines of a run folder hold (docs/events.md), and
 * the answers of `serve`. */
#pragma once

#include "base/json_write.h"
#include "detector/detector.h"

enum { RUN_RECORD_ID_SIZE = 24 };

/* Each writes one line. That of a group: 0, or -ENOMEM. */
void run_record_account(struct json_write *w, const struct account_view *account,
                        const struct timeline *timeline);
int run_record_cluster(struct json_write *w, const struct detector *detector,
                       const struct cluster_view *cluster);
void run_record_finding(struct json_write *w, const struct detector *detector,
                        const struct finding *finding);

/* Members "log_odds" and "evidence" of the open object; `full`: with what was observed. */
void run_record_evidence(struct json_write *w, const struct evidence_list *list, bool full);

/* "c12". Returns `text`. */
const char *run_record_cluster_id(uint64_t cluster, char text[RUN_RECORD_ID_SIZE]);
