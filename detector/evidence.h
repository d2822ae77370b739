/* Sums of evidence: what is added, capped and shown is one and the same list. */
#pragma once

#include "detector/detector.h"

struct evidence_fact {
    const char *signal;
    enum signal_family family;
    double weight;
    double observed, baseline;
    uint64_t baseline_accounts;
    struct str value;
};

/* Appends an item, with a sentence for the analyst; nothing for a weight of 0. */
void evidence_add(struct evidence_list *list, const struct evidence_fact *fact, const char *note,
                  ...) __attribute__((format(printf, 3, 4)));

/* Notes that a signal had too little data, when `lacking`; returns it. */
bool evidence_lacks(struct evidence_list *list, const char *signal, enum signal_family family,
                    bool lacking, const char *why);

/* Scales the items from `from` on so that their sum is within +-cap: correlated evidence counts
 * once. */
void evidence_cap(struct evidence_list *list, uint32_t from, double cap);

double evidence_sum(const struct evidence_list *list, uint32_t from);

double logistic(double log_odds);
double log_odds(double probability);
double clamp(double x, double low, double high);
