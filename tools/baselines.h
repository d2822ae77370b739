/* What a team would try first, run on the same events in the same run, so that the detector's
 * numbers have something to stand beside. Four simple methods, each a score per account:
 *
 *   volume      exchanges per day
 *   rules       weight of the hand-written per-account rules that it trips
 *   component   accounts connected through a shared payment instrument or address
 *   coactivity  accounts that act together again and again, after SynchroTrap (CCS 2014)
 *
 * The last two also give clusters. State is bounded: about 200 bytes per account, 8 per value, and
 * the tables that find them. */
#pragma once

#include "base/cleanup.h"
#include "base/errmsg.h"
#include "base/json_write.h"
#include "event/digest.h"
#include "tools/truth.h"

#include <stddef.h>

/* X(name, has clusters, help) */
#define BASELINES(X)                                                                               \
    X(volume, false, "exchanges per day")                                                          \
    X(rules, false, "hand-written rules per account")                                              \
    X(component, true, "accounts connected by a shared payment or address")                        \
    X(coactivity, true, "accounts acting together, after SynchroTrap")

#define BASELINE_ENUM(name, clusters, help) BASELINE_##name,
#define BASELINE_ALONE                      UINT32_MAX

enum baseline { BASELINES(BASELINE_ENUM) BASELINE_COUNT };
#undef BASELINE_ENUM

extern const char *const baseline_name[BASELINE_COUNT];
extern const char *const baseline_help[BASELINE_COUNT];
extern const bool baseline_clusters[BASELINE_COUNT];

struct baselines_config {
    uint32_t accounts_max; /* later accounts are not judged, and counted */
    uint32_t values_max;   /* payments and addresses kept for `component`; later ones do not link */
    uint32_t fan_out_max;  /* accounts that one value links: beyond, it is a carrier or a campus */
    uint32_t ring_min;     /* accounts in the smallest component that is called a cluster */
    double ring_share_max; /* of all accounts; a larger component is the platform, not a ring */
};
void baselines_config_default(struct baselines_config *config);

struct baselines;

/* 0; -ENOMEM. */
int baselines_new(const struct baselines_config *config, struct baselines **out);
void baselines_free(struct baselines *baselines);
CLEANUP_DEFINE(struct baselines, baselines_free)

/* As detector_feed(). */
void baselines_feed(struct baselines *baselines, const struct digest_batch *batch,
                    const uint32_t *order, uint32_t count);

/* Ends the stream and computes the scores, once. 0; -ENOMEM. */
int baselines_finish(struct baselines *baselines);

/* baselines.jsonl: one object per account. After baselines_finish(). */
void baselines_write(const struct baselines *baselines, struct json_write *w);

/* The same as a file. 0; negative errno with the file in err. */
int baselines_save(const struct baselines *baselines, const char *path, struct err *err);

uint64_t
baselines_unjudged(const struct baselines *baselines);      /* events of accounts beyond the max */
size_t baselines_memory(const struct baselines *baselines); /* bytes at most, without names */

/* What the evaluation reads back, by index of the truth's accounts. */
struct baseline_scores {
    double *score[BASELINE_COUNT];     /* 0 for accounts that the file has not */
    uint32_t *cluster[BASELINE_COUNT]; /* BASELINE_ALONE; NULL: the baseline makes no clusters */
    uint32_t cluster_limit;            /* all clusters are below it */
};

/* 0: *out is new; -ENOENT when there is no such file; other negative errno with "file:line:" in
 * err. */
int baseline_scores_read(const char *path, const struct truth *truth, struct baseline_scores **out,
                         struct err *err);
/* baselines.jsonl of a run folder: *out is NULL, and 0 returned, when there is none. */
int baseline_scores_load(const char *folder, const struct truth *truth,
                         struct baseline_scores **out, struct err *err);
void baseline_scores_free(struct baseline_scores *scores);
CLEANUP_DEFINE(struct baseline_scores, baseline_scores_free)
