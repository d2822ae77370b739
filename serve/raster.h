/* Exchanges per hour of single accounts, of those that are members of groups worth looking at: a
 * bounded table, the row used longest ago gives way. */
#pragma once

#include "base/cleanup.h"
#include "base/json_write.h"
#include "base/msec.h"
#include "base/state.h"

enum { RASTER_ROWS = 1 << 13, RASTER_HOURS = 168 };

struct raster;

int raster_new(struct raster **out); /* 0, or -ENOMEM */
void raster_free(struct raster *raster);
CLEANUP_DEFINE(struct raster, raster_free)

/* From now on the account (hash of its id) is counted. */
void raster_watch(struct raster *raster, uint64_t account);

/* An exchange of any account. */
void raster_count(struct raster *raster, uint64_t account, msec_t ts);

/* {"account", "from", "hours": [...]} of an account that is watched, else nothing. */
void raster_row_write(const struct raster *raster, uint64_t account, struct str name,
                      struct json_write *w);

void raster_state(struct raster *raster, state_visit *visit, void *ctx);
