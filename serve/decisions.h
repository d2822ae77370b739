/* The pull feed that a gateway can poll to enforce: which accounts are, as of now, at the
 * configured level or above, as members of a group that is too. Observe-only: nothing acts on it
 * here. */
#pragma once

#include "base/cleanup.h"
#include "base/json_write.h"
#include "base/state.h"
#include "detector/detector.h"

enum {
    DECISIONS_MAX = 1 << 16,      /* accounts; more are counted and wait */
    DECISION_NAMES = 4 << 20,     /* bytes of account ids */
    DECISION_PATIENCE_TICKS = 12, /* a decision is withdrawn when it has not held for so long */
};

struct decisions;

/* 0, or -ENOMEM. */
int decisions_new(struct decisions **out);
void decisions_free(struct decisions *decisions);
CLEANUP_DEFINE(struct decisions, decisions_free)

/* Told of every change, for the daemon's log. */
typedef void decision_told(const char *change, struct str account, enum level level,
                           uint64_t cluster);

/* After a tick: writes a line for every decision that is new, changed or withdrawn, and tells
 * `told`, unless that is NULL. */
void decisions_update(struct decisions *decisions, const struct detector *detector,
                      enum level level, struct json_write *w, decision_told *told);

uint32_t decisions_standing(const struct decisions *decisions);
uint64_t decisions_refused(const struct decisions *decisions); /* without room */
void decisions_state(struct decisions *decisions, state_visit *visit, void *ctx);
