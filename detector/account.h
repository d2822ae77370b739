/* What is kept of one account: fixed size, updated once per record. The account level knows nothing
 * of groups; what it learns about shared values it hands on as observations. */
#pragma once

#include "detector/synchrony.h"
#include "event/digest.h"

#include <stddef.h>

/* Kinds of value beyond the contract's attributes that accounts may share. */
enum link_kind {
    LINK_ITEM = ATTRIBUTE_COUNT, /* a phrase that several accounts use: detector/phrase.h */
    LINK_BIRTH,                  /* created in the same hour */
    LINK_PARAMETERS,             /* habitual temperature, max_tokens, tools */
    LINK_PROGRAM,                /* these, sent by one client program */
    LINK_KIND_COUNT
};

/* Nobody reads an answer and writes the next turn within this time after it came. */
enum { READING_MS = 2000 };

enum {
    ACCOUNT_BLOCKS = 4,                   /* reasoning blocks that another account sends as well */
    ACCOUNT_VALUES = 16 + ACCOUNT_BLOCKS, /* with attributes: one of most kinds, several exits */
    ACCOUNT_ITEMS = 24,                   /* phrases: recurring ones, and shared ones */
    ACCOUNT_LINKS = 6,
    SHORT_PROMPT_WORDS = 5, /* below that a prompt is short */
    ACCOUNT_NONE = 0xffffffff
};

/* Running sums of a logarithm: ln(1 + x). */
struct log_sum {
    uint32_t count;
    float sum;
};

/* The same with squares, for a spread. */
struct log_spread {
    uint32_t count;
    float sum, square;
};

/* In the order in which a record needs it, by cache lines: whoever the account is, what it showed
 * last, and what its exchanges are like (two); then its phrases (two); what it shows is looked at
 * only when it shows something new. */
struct account {
    uint64_t id;              /* keyed hash; 0: free slot */
    uint64_t org;             /* declared organisation; 0: none known */
    msec_t first_ts, last_ts; /* first record of any type; last exchange */
    struct presence presence; /* in its last active hour */
    msec_t created;           /* 0: not known */
    msec_t alert_ts;          /* INT64_MIN: never */
    uint32_t name;            /* display string */
    uint32_t cluster;         /* slot, or ACCOUNT_NONE */

    uint32_t last[ATTRIBUTE_COUNT]; /* high half of the value seen last, by kind: fast path */
    uint32_t last_latency_ms;       /* of the last exchange; 0: not known */
    uint32_t pivot_of, pivot_moved; /* exchanges on the day after a release; to the new model */
    uint32_t exchanges_at_alert;

    uint32_t exchanges;
    uint32_t turns_known, follow_ups;
    struct log_sum output, input;
    uint32_t texts, short_prompts;
    uint32_t openers, templated; /* sessions' first prompts; of these with a recurring block */
    uint32_t repeats;            /* openers seen before word for word, here or elsewhere */
    uint32_t family;             /* openers with a phrase that newcomers brought */
    uint32_t waits,
        unattended; /* follow-ups without tools; of these sent before anybody could read */
    uint32_t echoes;

    uint32_t refusals;
    struct log_spread words;               /* of its prompts */
    float limits;                          /* sum of ln(1 + max_tokens) over all exchanges */
    uint32_t parameters, parameters_count; /* habitual tuple by majority vote */
    uint32_t replayed; /* sessions begun with a reasoning block that another account has sent */
    uint32_t link[ACCOUNT_LINKS];
    uint8_t link_count;
    uint8_t link_firm; /* bit i: link i holds by two families */
    uint8_t cleared;   /* an analyst found it benign */
    uint8_t convicted; /* an analyst found it distilling */
    uint8_t closed;    /* banned or suspended, and not restored */
    uint8_t parameters_told;
    uint8_t successor; /* another account had its slot before: a roster may mean that one */
    uint8_t adopted;   /* in its group by what it has in common with the members, not by a link */

    uint32_t item[ACCOUNT_ITEMS]; /* phrases of its openers: detector/content.h */
    uint8_t item_count[ACCOUNT_ITEMS];
    uint8_t item_next, value_next; /* of the slots that are reused in turn */
    uint8_t explained;             /* see account_explained() */
    uint32_t next;                 /* circular list of the cluster's members */

    uint64_t value[ACCOUNT_VALUES];     /* kind in the low 4 bits, see value_pack() */
    float link_strength[ACCOUNT_LINKS]; /* nats: struct tie */
    float shown; /* nats for its group by what it shows; NaN: not reckoned: detector/adoption.h */
};
_Static_assert(sizeof(struct account) == 576,
               "whole cache lines: most records wait for one; docs/detection.md says it twice");
_Static_assert(offsetof(struct account, exchanges) == 128, "what an exchange counts: two lines");
_Static_assert(offsetof(struct account, item) == 256, "its phrases: two lines");
_Static_assert(offsetof(struct account, value) == 384, "what it shows");

/* A shared value and its kind in one word: 60 bits of hash are plenty. */
static inline uint64_t value_pack(unsigned kind, uint64_t hash)
{
    return (hash & ~(uint64_t)15) | kind;
}
static inline unsigned value_kind(uint64_t value)
{
    return (unsigned)(value & 15);
}
_Static_assert(LINK_KIND_COUNT <= 16, "a link kind is packed into four bits");

/* Starts loading who the account is and all that it shows. */
static inline void account_prefetch_shown(const struct account *a)
{
    __builtin_prefetch(&a->id);
    __builtin_prefetch(&a->link);
    for (size_t at = offsetof(struct account, item); at < sizeof *a; at += 64)
        __builtin_prefetch((const char *)a + at);
}

/* The same of those that the account is linked to: accounts lie anywhere, and comparing it with
 * them takes all of that. `all`: the accounts, by index. */
static inline void account_prefetch_linked(const struct account *all, const struct account *a)
{
    for (unsigned i = 0; i < a->link_count; i++)
        account_prefetch_shown(&all[a->link[i]]);
}

void account_init(struct account *a, uint64_t id, msec_t ts);

/* Whether it was alarmed as a member of a group that newcomers made: what it has in common with
 * others is explained by that and tells nothing of them. It stays so when the group comes apart,
 * until an analyst clears it: else groups would be raised and let go in turn. */
static inline bool account_explained(const struct account *a)
{
    return a->explained && !a->cleared;
}

/* True for the first prompt of a session, as far as the log tells turns, unless it is so short that
 * people write it again and again ("hello"). */
static inline bool account_opener(const struct digest *d)
{
    return d->sketch.prompt && d->n.turn <= 0 && d->sketch.words >= SHORT_PROMPT_WORDS;
}

/* Counts an exchange's numbers. */
void account_exchange(struct account *a, const struct digest *d);

/* Remembers an attribute value. True when it is new to the account: then tell the group level. Of
 * any kind but ATTRIBUTE_signature: the blocks of an account's own sessions are without number, and
 * only those of others say anything. */
bool account_value(struct account *a, unsigned kind, uint64_t hash);

/* Whether an attribute's value is new to the account, as it is now: for loading ahead what is
 * looked up then. */
bool account_value_new(const struct account *a, unsigned kind, uint64_t hash);

/* Whether the account sends another reasoning block than last time. Remembers it as the last. */
bool account_block_turns(struct account *a, uint64_t hash);

/* Holds a reasoning block that more than one account has sent, as a packed value. It has the place
 * that its hash gives it, and takes it from whatever block was there. */
void account_hold_block(struct account *a, uint64_t value);

/* Feeds the habitual parameters; true once when a habit has formed: *out is its value. */
bool account_parameters(struct account *a, const struct digest *d, uint64_t *out);

/* A long-standing account, created before `trusted_before`, or one that an analyst cleared: its
 * values tell what is common. */
bool account_trusted(const struct account *a, msec_t trusted_before);

/* True when the account holds the packed value. */
bool account_holds(const struct account *a, uint64_t value);

/* Mean of a log sum; 0 when it is empty. */
double log_sum_mean(const struct log_sum *s);

/* Mean, 0 when it is empty, and standard deviation, 0 below two values. */
double log_spread_mean(const struct log_spread *s);
double log_spread_sd(const struct log_spread *s);

/* Days between first and last exchange, at least one hour's worth. */
static inline double account_days(const struct account *a)
{
    double days = (double)(a->last_ts - a->first_ts) / (double)MSEC_DAY;

    return days < 1.0 / 24.0 ? 1.0 / 24.0 : days;
}

/* Exchanges a day. */
static inline double account_rate(const struct account *a)
{
    return (double)a->exchanges / account_days(a);
}
