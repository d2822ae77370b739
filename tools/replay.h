/* Sends event lines to a server as they are due and tells how it kept up: an open loop. What the
 * server does (slow, overloaded, gone for a while) never moves the schedule; it shows as lateness.
 * A batch is sent until it is acknowledged, always under the same Idempotency-Key.
 *
 * Sends to the one address it is given: http or https, no redirects, no proxies. */
#pragma once

#include "base/json_write.h"
#include "tools/histogram.h"
#include "tools/replay_source.h"

#include <stdbool.h>
#include <stdio.h>

struct replay_config {
    const char *command; /* for messages: "simulate" */
    const char *url;     /* "http://127.0.0.1:8321"; without a path: /v1/events there */
    const char *token;   /* bearer token; NULL: none */
    const char *ca;      /* PEM file of who may vouch for the server; NULL: the system's */
    uint32_t connections;
    msec_t lateness_ms; /* batches whose events are further apart are never under way together */
    double timeout_s;   /* for one answer */
    double give_up_s;   /* ends when the server was away for so long; 0: never */
    bool quiet;
};

/* Counts are records unless they say otherwise. */
struct replay_result {
    uint64_t sent;                       /* at least once */
    uint64_t acknowledged;               /* answered with 2xx */
    uint64_t accepted, refused, skipped; /* of these, as the server counts them */
    uint64_t repeated;                   /* of the accepted, in batches that it had already */
    uint64_t batches, bytes;             /* acknowledged */
    msec_t event_ts;                     /* newest acknowledged; INT64_MIN: none */
    uint64_t busy, unavailable, lost;    /* sendings answered 429, answered 5xx, not answered */
    double wall_s, away_s;               /* all; while the server did not answer */
    struct histogram lateness;           /* ns from due to first sent */
    struct histogram answer;             /* ns from first sent to acknowledged */
    struct histogram total;              /* ns from due to acknowledged */
    char refusal[256];                   /* the first one, as the server put it; "" */
    bool interrupted;
};

/* NULL, or why this is no address to send to. */
const char *replay_url_check(const char *url);

struct replay;

/* Borrows the configuration. 0; a negative errno with the reason in err. */
int replay_new(const struct replay_config *config, struct replay **out, struct err *err);
void replay_free(struct replay *replay);
CLEANUP_DEFINE(struct replay, replay_free)

/* The `ready` callback of the source to be replayed, with the replay as its ctx. */
void replay_wake(void *replay);

/* Sends all, until the source has ended and everything is acknowledged. `progress` is called some
 * times a second; false ends the replay. 0; 1: `progress` ended it; a negative errno with the
 * reason in err. The result holds what happened in any case. */
int replay_run(struct replay *replay, struct replay_source *source,
               bool (*progress)(void *ctx, const struct replay_result *now), void *ctx,
               struct replay_result *result, struct err *err);

/* The final table, for a person or as the members of an object. */
void replay_print(FILE *out, const struct replay_result *result);
void replay_write(struct json_write *w, const struct replay_result *result);
