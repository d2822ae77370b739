/* Where traffic comes from: networks become address space, and an exit's index becomes an address
 * with its AS number and country. Only reserved and documentation ranges are used (240.0.0.0/4 and
 * 2001:db8::/32) and private-use AS numbers (RFC 6996).
 *
 * Homes, phones and proxies lie scattered in one consumer space per country, so that a residential
 * proxy's exits are the neighbours of honest people; all other networks are blocks of their own. */
#pragma once

#include "base/errmsg.h"
#include "sim/scenario.h"

struct infrastructure;

enum { EXIT_TEXT_SIZE = 40 };

struct exit_address {
    char text[EXIT_TEXT_SIZE]; /* not terminated */
    uint32_t text_size;
    int64_t asn;
    const char *country; /* two letters; the scenario's */
};

/* 0, or -ENOMEM. The scenario is borrowed. */
int infrastructure_new(const struct scenario *scenario, struct infrastructure **out);
void infrastructure_free(struct infrastructure *infrastructure);

/* Address number `exit` (any number: it is folded) of the network in one of its countries. */
void infrastructure_exit(const struct infrastructure *infrastructure, uint32_t network,
                         uint32_t country, uint64_t exit, struct exit_address *out);
