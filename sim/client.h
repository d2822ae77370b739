/* The programs that send requests: a few popular ones, and those that a group brings along. Both
 * have fingerprints and user agents of the same form. */
#pragma once

#include "sim/scenario.h"

enum { CLIENT_TEXT_SIZE = 48 };

struct client {
    char fingerprint[CLIENT_TEXT_SIZE]; /* in the form of JA4: 36 characters */
    char user_agent[CLIENT_TEXT_SIZE];
    uint8_t fingerprint_size, user_agent_size;
};

/* A popular program of the pathway: which one depends on 64 random bits. */
void client_popular(enum pathway pathway, uint64_t bits, struct client *out);

/* A program of somebody's own: the same seed is the same program. */
void client_own(enum pathway pathway, uint64_t seed, struct client *out);
