/* The closed loop over a range of strictness: how much a campaign still obtains, how many accounts
 * that costs it, and what honest accounts pay for it. */
#pragma once

#include "tools/enforce.h"

enum { SWEEP_MAX = 32 };

struct sweep {
    double shift[SWEEP_MAX]; /* nats less evidence than the policy asks for, ascending */
    uint32_t count;
    struct enforce_result result[SWEEP_MAX + 1]; /* [0]: nobody is acted on */
    uint32_t done;
};

/* From "-4,-2,0,2". 0; -EINVAL with the reason. */
int sweep_parse(const char *text, struct sweep *out, struct err *err);

/* Lives the scenario once per strictness, and once without enforcement. threads 0: one per
 * processor. `told` is called before each run. 0; 1: interrupted; a negative errno. */
int sweep_run(struct sweep *sweep, const struct policy *policy, const struct scenario *scenario,
              const struct detector_config *config, uint32_t threads,
              void (*told)(void *ctx, uint32_t run, uint32_t runs), void *ctx, struct err *err);
void sweep_deinit(struct sweep *sweep);

/* DIR/sweep.json, sweep.md and sweep.svg. 0; a negative errno with the path in err. */
int sweep_save(const struct sweep *sweep, const char *folder, struct err *err);
void sweep_print(const struct sweep *sweep, FILE *out);
