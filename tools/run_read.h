/* Reads a run folder (docs/events.md: accounts, clusters, findings, summary) into compact arrays,
 * for evaluation and reports. All text lives as long as the struct run. */
#pragma once

#include "base/cleanup.h"
#include "base/errmsg.h"
#include "base/str.h"
#include "detector/detector.h"

#include <jansson.h>

#define RUN_NONE UINT32_MAX

struct run_evidence {
    const char *signal, *family;
    double weight, observed, baseline; /* NaN where not applicable */
    uint64_t baseline_accounts;
    const char *value, *note; /* "" when there is none */
};

struct run_evidence_list {
    const struct run_evidence *item;
    uint32_t count;
};

/* When an account was active: tools/timeline_text.h reads the cells. */
struct run_timeline {
    msec_t from, width_ms;
    const char *cells; /* "": not told */
};

/* A value that members of a group share, and members that show the same ones of them:
 * tools/cluster_graph.h. */
struct run_shared {
    const char *kind, *help, *value; /* value: "" when it has none for display */
    uint64_t members, accounts;
    double weight;
};
struct run_node {
    uint64_t members;
    uint32_t shows;      /* bit i: shared[i] */
    const char *account; /* one of them */
};
struct run_graph {
    const struct run_shared *shared;
    const struct run_node *node;
    uint32_t shared_count, node_count; /* 0: the run tells no graph */
    uint64_t other_nodes, other_members;
};

/* A signal with too little data, and what happened to a group's membership. */
struct run_lack {
    const char *signal, *family, *why;
};
struct run_past {
    msec_t ts;
    const char *what, *cluster; /* "split_from" or "merged"; which other cluster */
};

struct run_account {
    const char *account;
    double score, probability; /* probability NaN: not calibrated */
    enum level level;
    uint32_t cluster; /* index into run.cluster; RUN_NONE */
    uint64_t exchanges, exchanges_at_alert;
    msec_t first_ts, last_ts, alert_ts; /* INT64_MIN: no alert */
    msec_t member_ts; /* first exchange as a member of its group; INT64_MIN: not known */
    struct run_timeline timeline;
    struct run_evidence_list evidence; /* empty below the level asked for */
};

struct run_cluster {
    const char *cluster;       /* "c17" */
    double score, probability; /* probability NaN: not calibrated */
    enum level level;
    const char *verdict;             /* "" when not given */
    double one_operator, harvesting; /* NaN when not given */
    const uint32_t *member; /* indices into run.account; members without an account line left out */
    uint32_t member_count;  /* of member[] */
    uint64_t members_stated; /* `member_count` of the file */
    uint64_t exchanges, exchanges_at_alert;
    msec_t first_ts, last_ts, alert_ts;
    struct run_evidence_list evidence;
    msec_t activity_from;
    const uint32_t *activity; /* exchanges per hour */
    uint32_t activity_hours;
    struct run_graph graph;
    const struct run_lack *lack;
    const struct run_past *past; /* oldest first */
    uint32_t lack_count, past_count;
};

struct run_finding {
    msec_t ts;
    uint64_t id; /* 3 of "f3" */
    bool is_cluster;
    const char *subject; /* account or cluster; "" when it was forgotten since */
    enum level level;
    double score, probability;
    struct run_evidence_list evidence;
    uint64_t member_count, exchanges;
};

struct run {
    struct run_account *account;
    struct run_cluster *cluster;
    struct run_finding *finding;
    uint32_t account_count, cluster_count, finding_count;
    json_t *summary; /* NULL when the run has none */
    struct run_store *store;
};

/* Reads the folder; evidence of accounts is kept from `evidence_level` on (LEVEL_NONE: of all).
 * 0: *out is new. Negative errno with "file:line: field: reason" in err. */
int run_read(const char *folder, enum level evidence_level, struct run **out, struct err *err);
void run_free(struct run *run);
CLEANUP_DEFINE(struct run, run_free)

/* Index of an account or a cluster by its id, or RUN_NONE. */
uint32_t run_find_account(const struct run *run, struct str account);
uint32_t run_find_cluster(const struct run *run, struct str cluster);
