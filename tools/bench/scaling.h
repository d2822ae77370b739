/* The detector's work against the number of accounts: one day of traffic, 20 exchanges an account,
 * is fed as digests; rings of many sizes, teams and popular prompts grow with the platform. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Feeds platforms of 10,000 accounts and ten times as many each, up to `accounts_max`, and prints
 * the processor time of feeding, ticks and regroups, and the exponents of cost against accounts.
 * 0, or a negative errno. */
int scaling_run(uint64_t accounts_max, bool json);
