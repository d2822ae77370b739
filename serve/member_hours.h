/* Exchanges per hour of single accounts, of those that are members of groups worth looking at: a
 * bounded table, the row used longest ago gives way. */
#pragma once

#include "base/cleanup.h"
#include "base/json_write.h"
#include "base/msec.h"
#include "base/state.h"

enum { MEMBER_HOURS_ROWS = 1 << 13, MEMBER_HOURS_KEPT = 168 };

struct member_hours;

int member_hours_new(struct member_hours **out); /* 0, or -ENOMEM */
void member_hours_free(struct member_hours *hours);
CLEANUP_DEFINE(struct member_hours, member_hours_free)

/* From now on the account (hash of its id) is counted. */
void member_hours_watch(struct member_hours *hours, uint64_t account);

/* An exchange of any account. */
void member_hours_count(struct member_hours *hours, uint64_t account, msec_t ts);

/* {"account", "from", "hours": [...]} of an account that is watched, else nothing. */
void member_hours_row_write(const struct member_hours *hours, uint64_t account, struct str name,
                            struct json_write *w);

void member_hours_state(struct member_hours *hours, state_visit *visit, void *ctx);
