/* A synthetic day of a platform as digests, made without text: what the detector sees of accounts
 * and exchanges, at any number of accounts. 3 % of the accounts are one large ring, 2 % rings of
 * 500, 2 % teams of three; the rest are honest, of whom one in ten opens with a popular prompt. */
#pragma once

#include "base/rng.h"
#include "event/digest.h"

enum { PLATFORM_EXCHANGES = 20 }; /* per account and day, on average */

struct platform {
    struct rng rng;
    uint64_t account_count;
    msec_t start;
};

/* The same platform on every machine. */
void platform_init(struct platform *platform, uint64_t account_count);

/* What the platform knows of an account, told at its start. */
void platform_account(const struct platform *platform, uint64_t account, struct digest *out);

/* An exchange of a random account at `ts`. */
void platform_exchange(struct platform *platform, msec_t ts, struct digest *out);
