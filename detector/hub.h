/* Shared values: the hubs of a bipartite graph of accounts and values, so that groups of any size
 * are found without comparing all pairs. A value seen at one account costs eight bytes in a
 * doorkeeper; the second different account makes it a hub, with its popularity and a bounded
 * roster.
 *
 * Popularity is estimated among *trusted* accounts (old ones): a campaign cannot make its own value
 * look common by using it more. */
#pragma once

#include "base/state.h"
#include "detector/account.h"
#include "detector/names.h"

enum { HUB_ROSTER = 32, HUB_NONE = 0xffffffff };

struct hub {
    uint64_t value;    /* packed with its kind; 0: free */
    uint32_t accounts; /* that showed the value, at different times or not: an upper bound */
    uint32_t trusted;  /* of these */
    uint32_t roster_seen;
    uint32_t name;    /* display string */
    float even;       /* nats: its accounts are more alike than strangers; detector/evenness.h */
    float collected;  /* nats: the same of accounts that look like collectors */
    uint32_t even_at; /* roster_seen when these were reckoned */
    uint32_t touched; /* tick of the last observation: the oldest small hub gives way */
    uint32_t roster[HUB_ROSTER];
    float explained, explained_trusted; /* shares: see hubs_set_explained() */
};

/* How many accounts its roster holds. */
static inline uint32_t hub_known(const struct hub *hub)
{
    return hub->roster_seen < HUB_ROSTER ? hub->roster_seen : HUB_ROSTER;
}

struct hubs;

struct hubs_config {
    uint32_t hubs_max, door_max;
};

/* 0, or -ENOMEM. `names` is borrowed for the display strings. */
int hubs_new(const struct hubs_config *config, struct names *names, struct hubs **out);
void hubs_free(struct hubs *hubs);

/* Account `index` showed the value for the first time. Returns the hub, or HUB_NONE while only one
 * account is known to have it. `is_trusted` tells of the account that the doorkeeper remembers. */
uint32_t hubs_observe(struct hubs *hubs, uint64_t value, struct str name, uint32_t index,
                      bool trusted, bool (*is_trusted)(const void *ctx, uint32_t index),
                      const void *ctx, uint32_t tick);

/* Starts loading what hubs_observe() of the value will read: first the places where it may be
 * known, then, once those have come, the hub itself. */
void hubs_prefetch(const struct hubs *hubs, uint64_t value);
void hubs_prefetch_counted(const struct hubs *hubs, uint64_t value); /* hubs_observe_counted() */
void hubs_prefetch_hub(const struct hubs *hubs, uint64_t value);
void hubs_prefetch_at(const struct hubs *hubs, uint32_t hub);

/* The same of all that is known of a hub but for its roster. */
static inline void hubs_prefetch_counts(const struct hub *hub)
{
    __builtin_prefetch(hub);
    __builtin_prefetch(&hub->explained);
}

/* As hubs_observe(), of a value that is counted elsewhere: it is a hub at once. `first` had it
 * before. May be told again of an account: one that the roster holds is not taken up twice. */
uint32_t hubs_observe_counted(struct hubs *hubs, uint64_t value, uint32_t first, uint32_t index,
                              uint32_t accounts, uint32_t trusted, uint32_t tick);

/* Whether the roster holds the account: whether it has shown the value, as long as no more than
 * HUB_ROSTER accounts have. */
bool hub_roster_has(const struct hub *hub, uint32_t account);

/* Sets what is known of the evenness of its accounts, now. */
void hubs_set_even(struct hubs *hubs, uint32_t hub, float even, float collected);

/* Sets the share of its accounts that are explained, and of all its accounts those that are
 * explained and trusted: account_explained(). */
void hubs_set_explained(struct hubs *hubs, uint32_t hub, double explained, double trusted);

/* Counts the trusted accounts anew: first none, then one by one. */
void hubs_forget_trust(struct hubs *hubs);
void hubs_trust(struct hubs *hubs, uint64_t value);

/* The hub of a packed value, or NULL. */
const struct hub *hubs_find(const struct hubs *hubs, uint64_t value);
/* Its index, or HUB_NONE. Indices 0..used-1 may be hubs. */
uint32_t hubs_index(const struct hubs *hubs, uint64_t value);
uint32_t hubs_used(const struct hubs *hubs);
const struct hub *hubs_get(const struct hubs *hubs, uint32_t hub);

struct hub_counts {
    uint64_t promoted, evicted,
        forgotten; /* values made hubs; hubs and doorkeeper entries dropped */
    uint32_t fill;
};
void hubs_counts(const struct hubs *hubs, struct hub_counts *out);
size_t hubs_memory(const struct hubs *hubs);

void hubs_state(struct hubs *hubs, state_visit *visit, void *ctx);
