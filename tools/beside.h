/* One job at a time on a thread beside the caller's: for work that needs what the caller works on
 * and changes none of it. */
#pragma once

#include "base/cleanup.h"

struct beside;

/* `job` is called on another thread, once for each beside_start(). 0, or a negative errno. */
int beside_new(void (*job)(void *ctx), void *ctx, struct beside **out);
/* Waits for the job. */
void beside_free(struct beside *beside);
CLEANUP_DEFINE(struct beside, beside_free)

/* Begins the job; what it reads belongs to it until beside_wait() returns. */
void beside_start(struct beside *beside);
void beside_wait(struct beside *beside);
