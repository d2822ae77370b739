/* Independent jobs, several at a time; which of them runs when has no effect on a result. */
#pragma once

#include "base/errmsg.h"

#include <stdint.h>

struct parallel {
    uint32_t job_count, thread_count; /* thread_count 0: one per processor */
    void *ctx;                        /* of the job, which is called on several threads */
    int (*job)(void *ctx, uint32_t job, struct err *err); /* 0; 1: interrupted; negative errno */
    void (*told)(void *ctx, uint32_t done, uint32_t all); /* after each, one at a time; or NULL */
    void *told_ctx;
};

/* 0; 1: interrupted (tools/interrupt.h); the first failure's negative errno, with its reason in
 * err: then no further job is begun. */
int parallel_run(const struct parallel *parallel, struct err *err);
