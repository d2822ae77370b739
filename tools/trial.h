/* A scenario, the world that lives it and the detector that judges it, in one place and without a
 * file between: for commands that live many. One thread generates, the caller's detects. */
#pragma once

#include "base/cleanup.h"
#include "detector/detector.h"
#include "tools/sim_source.h"

struct trial {
    struct scenario *scenario;
    struct world *world;
    struct detector *detector;
    struct sim_source *source;
};

/* 0; negative errno with the reason in err. Either way trial_deinit() is due. */
int trial_init(struct trial *trial, const char *path, const struct scenario_override *over,
               const struct detector_config *config, struct err *err);
void trial_deinit(struct trial *trial);

/* Feeds everything; `step`, which may be NULL, is called after each window. 0; 1: interrupted;
 * negative errno. */
int trial_live(struct trial *trial, int (*step)(void *ctx, struct err *err), void *ctx,
               struct err *err);
