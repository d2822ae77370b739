/* A scenario, the world that lives it and the detector that judges it, in one place and without a
 * file between: for commands that live many. The caller's thread detects. */
#pragma once

#include "base/cleanup.h"
#include "detector/detector.h"
#include "tools/sim_source.h"

struct trial {
    const struct scenario *scenario;
    struct world *world;
    struct detector *detector;
    struct sim_source *source; /* NULL until it is lived */
    struct scenario *loaded;   /* NULL: the scenario is borrowed */
    uint32_t thread_count;
    uint64_t hash_key;
};

/* One thread generates. 0; negative errno with the reason in err. Either way trial_deinit() is due.
 */
int trial_init(struct trial *trial, const char *path, const struct scenario_override *over,
               const struct detector_config *config, struct err *err);
/* The same of a scenario that is loaded already, which is borrowed, with so many threads (0: one
 * per processor). What steers the world is told to it between this and trial_live(). */
int trial_open(struct trial *trial, const struct scenario *scenario, uint32_t thread_count,
               const struct detector_config *config, struct err *err);
void trial_deinit(struct trial *trial);

/* Feeds everything; `step`, which may be NULL, is called after each window. Findings that it does
 * not take are dropped. 0; 1: interrupted; negative errno. */
int trial_live(struct trial *trial, int (*step)(void *ctx, struct err *err), void *ctx,
               struct err *err);
