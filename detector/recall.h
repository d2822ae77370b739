/* Memory of the past: values that accounts which were acted upon held, so that an operator who
 * comes back under new accounts is recognised by its templates, exits and identities.
 *
 * Remembered are values of convicted accounts: banned or suspended members of a group that was
 * raised, and accounts that an analyst labelled `distilling`. A value that others hold as well is
 * no mark: it has to be rare among trusted accounts, and at least half of those that show it have
 * to be convicted or members of raised groups. Its strength, in nats, is its weight in a link
 * (detector/linkage.h) times that share. It halves within a half-life of event time, and is
 * renewed when the value is convicted again.
 *
 * An entry's key is a keyed hash (SipHash, base/siphash.h) of the value, since phrases are hashed
 * without a key: what is written to a file tells nothing to who has not got the key. */
#pragma once

#include "base/state.h"
#include "detector/group.h"

struct recall;

struct recall_entry {
    uint64_t key; /* 0: free */
    uint8_t kind; /* of the value: enum link_kind or enum attribute */
    float strength;
    msec_t since, ts; /* first and last convicted */
    uint64_t source;  /* cluster of this run that it was learned from; 0: from before */
};

struct recall_config {
    uint32_t recall_max; /* values */
    msec_t half_life_ms; /* > 0 */
    uint64_t hash_key;
    uint32_t accounts_max; /* that it may learn from */
};

/* 0, or -ENOMEM. */
int recall_new(const struct recall_config *config, struct recall **out);
void recall_free(struct recall *recall);

/* Learns from everybody convicted, of accounts 0..account_count-1. */
void recall_learn(struct recall *recall, const struct link_context *ctx, struct groups *groups,
                  uint32_t account_count, msec_t now);

/* What a group's members hold of it. */
enum { RECALL_TOLD_MAX = 64 }; /* different values that are told apart */
struct recognition {
    double nats; /* mean over the members looked at, of what a recognised one holds; 0: nothing */
    uint32_t members, looked, values; /* recognised; of these; different values of theirs */
    msec_t ts;                        /* when the newest of the values was convicted last */
};

/* `recall` NULL: nothing is remembered. Counts only accounts that came after the conviction, and
 * not what the group itself, or one that it is a part of, has taught. */
void recall_group(const struct recall *recall, const struct link_context *ctx,
                  const struct group *group, msec_t now, struct recognition *out);

/* Drops what has lost nearly all weight. */
void recall_fade(struct recall *recall, msec_t now);

/* An analyst found the holder of the value benign. */
void recall_forget(struct recall *recall, uint64_t value);

/* Takes an entry up as it is: from a file. False when it is none: unknown kind, key 0, strength
 * out of range. */
bool recall_put(struct recall *recall, const struct recall_entry *entry);

/* Entries 0..used-1; of a free one the key is 0. */
uint32_t recall_used(const struct recall *recall);
const struct recall_entry *recall_get(const struct recall *recall, uint32_t i);

/* Halves within a half-life. */
double recall_strength(const struct recall *recall, const struct recall_entry *entry, msec_t now);

/* Another half-life, from now on. */
void recall_set_half_life(struct recall *recall, msec_t half_life_ms);

void recall_state(struct recall *recall, state_visit *visit, void *ctx);

uint64_t recall_forgotten(const struct recall *recall); /* to stay within recall_max */
uint32_t recall_count(const struct recall *recall);
size_t recall_memory(const struct recall *recall);
