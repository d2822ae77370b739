/* Groups: connected components of linked accounts, kept incrementally. Links join components at
 * once; from time to time all links are judged again under today's popularity, the ones that no
 * longer hold are dropped and components that fell apart get apart. A component keeps the id that
 * most of its members had, so that ids are stable; none is ever used again.
 *
 * What a group has been through goes with its members: a group that joins another brings its
 * exchanges, its alarm and its finding; a part that splits off takes its share of the hours, and
 * the alarm and the finding when most of its members had been alarmed. */
#pragma once

#include "base/state.h"
#include "detector/linkage.h"
#include "detector/membership.h"
#include "detector/synchrony.h"

enum {
    ACTIVITY_HOURS = 1024,
    GROUP_PAST_MIN = 8, /* members from which joining another is told: pairs do it all the time */
};

struct group {
    uint64_t id;    /* 0: free slot */
    uint32_t first; /* a member; the others by account.next */
    uint32_t member_count;
    uint64_t exchanges; /* of the members, when it was judged last */
    uint32_t judged_members, judged_tick;
    struct coactivity coactivity;
    uint32_t hour_members;        /* when the running hour began */
    struct group_profile profile; /* of the members, when it was judged last */
    double log_odds;              /* of the last judgement */
    msec_t alert_ts;              /* first at review; INT64_MIN: never */
    struct feature_stat shown;    /* nats that members show for it; when values were marked last */
    bool newcomers;               /* raised, and hardly any of the members trusted */
    bool marked;                  /* values that point to it are known: detector/adoption.h */
    uint8_t level, level_raised;  /* enum level: now, and highest one told as a finding */
    msec_t activity_from;         /* hour of activity[0]; INT64_MIN: none yet */
    uint32_t activity_hours;
    uint32_t *activity; /* exchanges per hour; the newest ACTIVITY_HOURS at most */
    uint8_t past_count; /* of past[], oldest first; the oldest give way */
    struct cluster_past past[CLUSTER_PAST_MAX];
};

struct groups;

/* 0, or -ENOMEM. `account` is borrowed for the life of the groups and written: cluster, next, link.
 */
int groups_new(uint32_t groups_max, uint32_t accounts_max, struct account *account,
               struct groups **out);
void groups_free(struct groups *groups);

/* Sets the event time of what happens from here on. */
void groups_set_time(struct groups *groups, msec_t now);

/* Links two accounts, and joins their groups when the link is strong beside the others that they
 * have. False when there is no room for another group:
 * counted. */
bool groups_link(struct groups *groups, uint32_t a, uint32_t b, struct tie tie);

/* Takes an account into the group of `member`, without a link of their own, out of the one it was
 * in, until the next rebuild. */
void groups_adopt(struct groups *groups, uint32_t account, uint32_t member);

/* Takes an account out before its slot is used for another. */
void groups_forget(struct groups *groups, uint32_t account);

/* Judges all links again and rebuilds the groups. */
void groups_rebuild(struct groups *groups, const struct link_context *ctx);

/* Counts an exchange of a member. `slot`: tick of the hour; `before`: what presence_add() said. */
void groups_exchange(struct groups *groups, uint32_t group, msec_t ts, unsigned slot,
                     unsigned before);
void groups_hour(struct groups *groups);

uint32_t groups_used(const struct groups *groups); /* slots 0..used-1 may hold groups */
struct group *groups_get(struct groups *groups, uint32_t slot);

struct group_counts {
    uint64_t linked, merged, split, refused; /* links made; groups joined, taken apart; no room */
};
void groups_counts(const struct groups *groups, struct group_counts *out);
size_t groups_memory(const struct groups *groups);

void groups_state(struct groups *groups, state_visit *visit, void *ctx);
