/* Which accounts without a link belong to a group that was raised: thin ones, and ones whose log
 * holds no text, share single values with many members instead of several with one. Naive Bayes
 * over what the account shows: each value weighs by how many of its accounts are members, the best
 * of a family in full; the fit of its features; the size of the group as the prior. */
#pragma once

#include "base/state.h"
#include "detector/judge.h"

struct adoption;

/* 0, or -ENOMEM. */
int adoption_new(uint32_t hubs_max, uint32_t accounts_max, struct adoption **out);
void adoption_free(struct adoption *adoption);

/* Reads which values point to which raised group, and reckons how firmly the members of these stand
 * in them. False when no group is raised. */
bool adoption_mark(struct adoption *adoption, const struct judge_context *ctx,
                   struct account *account, struct hubs *hubs);

/* The group slot that the account, which is in none or in a small one, belongs to with odds of 665
 * to 1 (6.5 nats) or more; or ACCOUNT_NONE. */
uint32_t adoption_find(const struct adoption *adoption, const struct judge_context *ctx,
                       const struct account *a);

/* Log-odds that a member of a marked group belongs to it, against an honest account that has
 * something in common with some of the members: by what it shows, in the same reckoning, and by how
 * many links it has, both as the members do. */
double adoption_standing(const struct adoption *adoption, const struct judge_context *ctx,
                         const struct account *a);

size_t adoption_memory(const struct adoption *adoption);

void adoption_state(struct adoption *adoption, state_visit *visit, void *ctx);
