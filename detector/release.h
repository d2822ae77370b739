/* Model releases and who moves to them: in the day after a release, the share of exchanges that go
 * to the new model. Every keen user pivots; a group is compared with the platform. */
#pragma once

#include "detector/account.h"

enum { RELEASE_MODELS = 64 };

struct releases {
    uint64_t known[RELEASE_MODELS];
    uint32_t known_count;
    uint64_t newest; /* the model that came last, once the stream was a day old; 0: none */
    msec_t newest_ts;
    uint64_t moved, of; /* exchanges of the platform in the days after releases */
};

/* A `release` record. */
void release_told(struct releases *r, uint64_t model, msec_t ts);

/* Counts an exchange for its account and the platform. Where no record tells of a release, a model
 * that is first met when the stream is older than a day counts as released then. */
void release_exchange(struct releases *r, struct account *a, uint64_t model, msec_t ts,
                      msec_t stream_start);
