/* Do two accounts belong to one operator? Evidence from the values that both show, each weighted by
 * its rarity: w = ln(P(share | one operator) / P(share | strangers)), the weight of record linkage
 * (Fellegi and Sunter, JASA 1969), the second term being the value's popularity among trusted
 * accounts. Correlated values form a family, which is capped once.
 *
 * Accounts of one declared organisation are never linked: declared control is no evidence. */
#pragma once

#include "detector/detector.h"
#include "detector/hub.h"
#include "detector/population.h"

struct link_memo;

struct link_context {
    const struct account *account;
    const struct hubs *hubs;
    uint32_t account_count;              /* accounts seen */
    uint32_t trusted_count;              /* of these */
    uint32_t families;                   /* that links may rest on, as bits */
    msec_t trusted_before;               /* accounts created before this are trusted */
    const struct population *population; /* NULL: hints say nothing */
    struct link_memo *memo;              /* NULL: every value is looked up and weighed anew */
};

/* What values weigh, for as long as hubs and counts do not change: whoever judges many links in a
 * row meets the same few values again and again. Which of them it holds changes nothing. */
enum { LINK_MEMO_SLOTS = 1024 };
struct link_memo {
    struct link_weight {
        uint64_t value;        /* packed; 0: free */
        const struct hub *hub; /* NULL: not known to be shared */
        double weight;
        bool brought; /* by newcomers; of phrases */
    } slot[LINK_MEMO_SLOTS];
};
void link_memo_clear(struct link_memo *memo);

/* What a link holds by. */
struct tie {
    float strength; /* nats, content not capped: how much of one template the two share */
    bool firm;      /* two independent families */
};

/* One shared value. */
struct link_value {
    uint64_t value; /* packed with its kind */
    double weight;  /* nats, before the family's cap */
};

enum { LINK_VALUES = ACCOUNT_VALUES + ACCOUNT_ITEMS };

struct link_evidence {
    double family[FAMILY_COUNT]; /* nats, capped */
    double total;
    struct tie tie;
    bool program;         /* both run one that many newcomers brought and hardly anybody else */
    unsigned independent; /* families that can carry a link alone with another */
    uint32_t value_count;
    struct link_value value[LINK_VALUES];
};

/* What sharing a hub's value weighs in nats, >= 0, capped by its kind: its rarity; for a phrase
 * that newcomers did not bring, how even its accounts are; nothing for a reasoning block that they
 * did not bring and that is past linkage_few(). */
double linkage_weight(const struct link_context *ctx, const struct hub *hub);

/* Weighs what the two accounts share. True when it links them. */
bool linkage_judge(const struct link_context *ctx, uint32_t a, uint32_t b,
                   struct link_evidence *out);

/* Whether a phrase that so many accounts use was brought by newcomers: over-represented among
 * accounts that are not trusted. */
bool linkage_enriched(const struct link_context *ctx, double accounts, double trusted);

/* Whether the hub's accounts that are not explained look like anybody: not newcomers among
 * themselves. A campaign of 20,000 relays requests that people make, too, and outnumbers them; that
 * does not make such phrases its marks. False where too few others are left to tell. */
bool linkage_ordinary(const struct link_context *ctx, const struct hub *hub);

/* Whether newcomers brought the hub's value, and not only by what raised groups do that anybody
 * does. */
bool linkage_brought(const struct link_context *ctx, const struct hub *hub);

/* Whether no more accounts have shown the value than its roster holds. A reasoning block that more
 * send, and that newcomers did not bring, stands in a published transcript or in the recordings of
 * a test suite: it weighs nothing. */
bool linkage_few(const struct hub *hub);

/* Whether a hub's accounts are so even that it links them, whoever brought it. */
bool linkage_even(const struct hub *hub);

/* Whether they are even and look like collectors: it links them whatever their age. */
bool linkage_collected(const struct hub *hub);

/* Whether a value of the kind can carry a link, with another family or alone: accounts that share
 * no such value need not be compared. */
bool linkage_carries(unsigned kind);

enum signal_family linkage_family(unsigned kind);
const char *linkage_kind_name(unsigned kind); /* [a-z_]+ */
const char *linkage_kind_help(unsigned kind);
