/* Phrases: windows of prompts and system prompts (items of the content sketch) and how many
 * accounts use them, in 24 bytes each. A phrase that several accounts which are not trusted use,
 * and trusted ones hardly do, belongs to a template that was brought to the platform by newcomers;
 * only such phrases become hubs that accounts are linked by.
 *
 * Distinct accounts are counted by HyperLogLog with 16 registers of four bits (Flajolet, Fusy,
 * Gandouet and Meunier, AofA 2007), with linear counting while registers are empty: all but exact
 * for the first few, within a quarter beyond. */
#pragma once

#include "base/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct phrases;

/* How many accounts use a phrase. */
struct phrase_use {
    uint32_t first; /* the account that was seen with it first */
    bool common;    /* of one that is ruled out: a dozen accounts use it */
    bool ruled_out; /* by phrases_rule_out(), in this epoch and for these accounts */
    double trusted, others;
};

/* `phrases_max` > 0 remembered. 0, or -ENOMEM. */
int phrases_new(uint32_t phrases_max, struct phrases **out);
void phrases_free(struct phrases *phrases);

void phrases_prefetch(const struct phrases *phrases, uint32_t item);

/* Whether phrases_see() would find several accounts and no ruling out, as things are: a guess, for
 * loading ahead what is looked at then. */
bool phrases_spread(const struct phrases *phrases, uint32_t item, uint32_t account, bool trusted);

/* Account `account` used the phrase `item` (not 0). Gives the use, this account included. */
struct phrase_use phrases_see(struct phrases *phrases, uint32_t item, uint32_t account,
                              bool trusted);

/* The phrase seen last links nobody as things are: it is looked at again when another account has
 * come, as far as the estimate tells, or in the next epoch. */
void phrases_rule_out(struct phrases *phrases, uint32_t item);

/* Begins another epoch: what was ruled out may have changed with the accounts' habits. */
void phrases_next_epoch(struct phrases *phrases);

/* Entries dropped while fewer than two accounts were known to use them, and others. */
uint64_t phrases_forgotten(const struct phrases *phrases);
size_t phrases_memory(const struct phrases *phrases);

void phrases_state(struct phrases *phrases, state_visit *visit, void *ctx);
