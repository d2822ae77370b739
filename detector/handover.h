/* Hand-over: do members of a group fall silent together, and others begin within hours after?
 *
 * The record tells of a second pool of accounts that takes over when the first is banned, and of
 * new accounts for banned ones "within hours" (docs/campaigns.md, 1 and 3a). Neither half says
 * much: a class begins and ends together, and new users come in waves. So both are asked for, in
 * this order: for every hour, how many of the members that left did so in the hours before, how
 * many of those that came did so in the hours after. Each count is compared with what as many
 * random accounts of the platform would give, by the log-likelihood ratio of a scan statistic
 * (Kulldorff, Commun. Stat. Theory Methods 26, 1997), x ln(x / e) - (x - e) for x above the
 * expected e. The smaller of both counts, at the best hour, less the logarithm of the number of
 * hours tried. */
#pragma once

#include "base/msec.h"

#include <stdint.h>

enum {
    LIVES_HOURS = 1024,    /* the newest; earlier beginnings and ends are not looked at */
    LIVES_SILENT_H = 24,   /* an account that was silent for so long has left */
    HANDOVER_WITHIN_H = 6, /* "quickly", "within hours" */
};

/* When accounts began and left, by the hour: of the platform, or of a group. */
struct lives {
    msec_t from;                /* hour of begun[0] */
    msec_t known_from, left_to; /* beginnings from here on, ends up to here are told apart */
    uint32_t hours;             /* 0: nothing is known */
    uint32_t begun_count, left_count;
    uint32_t begun[LIVES_HOURS], left[LIVES_HOURS];
};

/* Empty, for a stream from `start` to `now`. Of the accounts that are first seen on the first day
 * it is not known when they began. */
void lives_open(struct lives *lives, msec_t start, msec_t now);

/* Empty, for the same hours as `other`. */
void lives_open_like(struct lives *lives, const struct lives *other);

/* Counts one account by its first and last exchange. */
void lives_add(struct lives *lives, msec_t first_ts, msec_t last_ts);

struct handover {
    double nats;         /* log-likelihood ratio; below 0: no more than chance; NaN: too little */
    msec_t ts;           /* when it happened, to the hour */
    uint32_t left, came; /* members, within HANDOVER_WITHIN_H before and after */
};

void handover_find(const struct lives *group, const struct lives *platform, struct handover *out);
