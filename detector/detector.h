/* Events in, scores out. Pure: no I/O, no clock, no thread, no allocation after detector_new().
 * Event time only. Same digests in the same order, same configuration: same findings, byte for
 * byte. */
#pragma once

#include "base/errmsg.h"
#include "base/state.h"
#include "detector/config.h"
#include "detector/signals.h"
#include "detector/timeline.h"
#include "event/digest.h"

#include <stddef.h>

enum level { LEVEL_NONE, LEVEL_WATCH, LEVEL_REVIEW, LEVEL_ACT };
extern const char *const level_name[LEVEL_ACT + 1];

extern const char *const family_name[FAMILY_COUNT];
extern const char *const family_help[FAMILY_COUNT];
/* Whether fields of the log feed it: not the prior, membership and memory. */
bool family_is_fed(enum signal_family family);

enum { EVIDENCE_MAX = 24, EVIDENCE_NOTE_SIZE = 160, EVIDENCE_VALUE_SIZE = 64 };

/* One summand of a score. */
struct evidence {
    const char *signal; /* static; [a-z_]+ */
    enum signal_family family;
    double weight;                   /* nats, after caps: these sum to the log-odds */
    double observed, baseline;       /* in the signal's own unit; NaN: not applicable */
    uint64_t baseline_accounts;      /* behind the baseline; 0: a constant from the literature */
    char value[EVIDENCE_VALUE_SIZE]; /* the shared value, or "" */
    char note[EVIDENCE_NOTE_SIZE];   /* one sentence for the analyst */
};

/* A signal that was looked for with too little data to tell anything. */
struct evidence_lack {
    const char *signal, *why; /* static; `why` goes on after "too little data: " */
    enum signal_family family;
};

struct evidence_list {
    bool silent;      /* notes are left empty */
    uint32_t without; /* families that are not taken up, as bits */
    uint32_t count, lack_count;
    struct evidence item[EVIDENCE_MAX];
    struct evidence_lack lack[EVIDENCE_MAX]; /* of groups only */
};

/* The two questions, kept apart, as probabilities. */
struct answers {
    double one_operator, harvesting;
};

struct account_view {
    struct str account; /* borrowed until the next feed */
    double score;       /* logistic of the evidence's sum */
    double probability; /* how often such a score is right; NaN: not calibrated */
    enum level level;
    uint64_t cluster; /* 0: none */
    uint64_t exchanges, exchanges_at_alert;
    msec_t first_ts, last_ts, alert_ts; /* alert_ts: INT64_MIN before any alert */
    struct evidence_list evidence;
};

/* That a group joined another, or split off from one. */
enum { CLUSTER_PAST_MAX = 4 };
struct cluster_past {
    msec_t ts;
    uint64_t other; /* the cluster that joined it, or that it was a part of */
    bool split;
};

struct cluster_view {
    uint64_t cluster; /* stable over the run; never reused */
    double score;
    double probability; /* as of an account */
    enum level level;
    const char *verdict; /* "distilling", "abusive", "declared", "unclear" */
    struct answers answers;
    uint32_t member_count;
    uint64_t exchanges;
    uint64_t exchanges_at_alert; /* sent by members before their own first alarm; 0: no alarm */
    msec_t first_ts, last_ts, alert_ts;
    struct evidence_list evidence;
    const uint32_t *member;  /* account indices, ascending; borrowed until the next feed */
    uint32_t activity_hours; /* hours since `activity_from` in `activity` */
    msec_t activity_from;
    const uint32_t *activity;        /* exchanges per hour; borrowed */
    const struct cluster_past *past; /* oldest first, the last ones; borrowed */
    uint32_t past_count;
};

struct finding {
    msec_t ts;   /* event time at which it was raised */
    uint64_t id; /* 1, 2, 3, ... */
    bool is_cluster;
    uint64_t subject; /* cluster id, or account index */
    enum level level;
    double score;
    double probability; /* as of an account */
    uint32_t member_count;
    uint64_t exchanges;
    struct evidence_list evidence;
};

/* Which signal families the log could feed, by the share of exchanges that carried their fields. */
struct coverage {
    double share[FAMILY_COUNT];
};

struct detector;

/* 0; -ENOMEM; -EINVAL with the option's name in err. */
int detector_new(const struct detector_config *config, struct detector **out, struct err *err);
void detector_free(struct detector *detector);

/* Feeds records in stream order (ts must not go backwards: earlier ones count as late and are
 * dropped). `order`, when given, says in which order to take the batch's digests. Runs due
 * ticks. */
void detector_feed(struct detector *detector, const struct digest_batch *batch,
                   const uint32_t *order, uint32_t count);

/* Ends the stream: runs the last tick at `now` (the last event's time by default: INT64_MIN). */
void detector_finish(struct detector *detector, msec_t now);

/* The next finding raised, in order; false when there is none. */
bool detector_next_finding(struct detector *detector, struct finding *out);

/* Accounts by index 0..count-1 in order of first appearance, evicted ones left out by _view()
 * returning false; clusters by rank 0..count-1, ascending id, as detector_cluster_count() found
 * them last: call it first. */
uint32_t detector_account_count(const struct detector *detector);
bool detector_account_view(const struct detector *detector, uint32_t index,
                           struct account_view *out);
/* When the account was active; of an index that detector_account_view() accepts. */
void detector_account_timeline(const struct detector *detector, uint32_t index,
                               struct timeline *out);

/* A value that the account shares with others. */
enum { SHARED_VALUES_MAX = 44 };
struct shared_value {
    uint64_t key;            /* the same for all accounts that show it */
    const char *kind, *help; /* "payment", "the same payment instrument" */
    struct str value;        /* for display, borrowed until the next feed; {NULL, 0}: has none */
    uint64_t account_count;  /* accounts of the platform that showed it: an upper bound */
    double weight;           /* nats that two accounts' sharing it weighs; 0: next to common */
};
/* Those of the account (index as above); returns how many. */
uint32_t detector_account_values(const struct detector *detector, uint32_t index,
                                 struct shared_value out[SHARED_VALUES_MAX]);
/* How many accounts have a value of a kind in common with how many: accounts[s] show one that at
 * least SHARING_FIRST << s accounts show, themselves included. An account counts once for each such
 * value. */
enum { SHARING_FIRST = 2, SHARING_STEPS = 12, SHARING_KINDS_MAX = 16 };
struct sharing_view {
    const char *kind; /* the signal of a group that shares one, too */
    uint64_t accounts[SHARING_STEPS];
};
/* All kinds; returns how many. */
uint32_t detector_sharing(const struct detector *detector,
                          struct sharing_view out[SHARING_KINDS_MAX]);
uint32_t detector_cluster_count(const struct detector *detector);
void detector_cluster_view(const struct detector *detector, uint32_t rank,
                           struct cluster_view *out);

void detector_coverage(const struct detector *detector, struct coverage *out);

/* Counters (events, evictions, table fill) by name, for summary.json and metrics. */
struct counter_view {
    const char *name, *unit, *help;
    uint64_t value;
};
uint32_t detector_counter_count(void);
void detector_counter(const struct detector *detector, uint32_t index, struct counter_view *out);

/* The memory of the past (detector/recall.h): filled from a file before the first record, read when
 * all is over. Borrowed. */
struct recall;
struct recall *detector_recall(struct detector *detector);

size_t detector_memory(const struct detector *detector); /* bytes, fixed at construction */

/* Lists the state, for snapshots; all findings must have been taken. It fits a detector of the same
 * configuration. */
void detector_state(struct detector *detector, state_visit *visit, void *ctx);

/* Changes the configuration in the middle of the stream. 0; -EINVAL with the reason in err: it does
 * not hold, or it would change the size of a table or the hash key. */
int detector_configure(struct detector *detector, const struct detector_config *config,
                       struct err *err);

/* Event time of the next tick, and of the last record; INT64_MIN before the first exchange. */
msec_t detector_next_tick(const struct detector *detector);
msec_t detector_now(const struct detector *detector);

/* Index of the account with this hash (digest_account_hash()); UINT32_MAX when there is none. */
uint32_t detector_account_find(const struct detector *detector, uint64_t account);

/* Tells of the members of groups at `level` or above whose own score reaches it too, as they were
 * judged last. */
void detector_flagged(const struct detector *detector, enum level level,
                      void (*member)(void *ctx, uint32_t account, uint64_t cluster,
                                     enum level level, double score),
                      void *ctx);

uint64_t detector_ticks(const struct detector *detector); /* that have run */

/* The hash and the id of an account; the id is borrowed until the next feed. */
uint64_t detector_account_id(const struct detector *detector, uint32_t index);
struct str detector_account_name(const struct detector *detector, uint32_t index);

/* Changes with the shape of the state, so that a build refuses what it cannot read. */
uint64_t detector_layout(void);

/* How many groups are at each level, as they were judged last. */
void detector_levels(const struct detector *detector, uint64_t count[LEVEL_ACT + 1]);

/* Rank of a cluster by its id, after detector_cluster_count(); UINT32_MAX when it is none. */
uint32_t detector_cluster_rank(const struct detector *detector, uint64_t cluster);

/* A cluster's id, and what its last judgement came to. */
struct cluster_brief {
    uint64_t cluster;
    enum level level;
    double score;
};
void detector_cluster_brief(const struct detector *detector, uint32_t rank,
                            struct cluster_brief *out);
