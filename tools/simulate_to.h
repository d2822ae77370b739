/* simulate --to: a scenario's world, or a file of events, replayed to a server. */
#pragma once

#include "base/errmsg.h"
#include "sim/scenario.h"
#include "tools/replay.h"
#include "tools/sim_lines.h"

struct simulate_to {
    struct replay_config replay;
    struct replay_schedule schedule;
    const char *token_file; /* its first line is the bearer token; NULL: none */
    bool json;              /* the final table as JSON */
};

struct simulate_to_world {
    struct world *world;
    const struct scenario *scenario;
    struct sim_lines_options lines;
};

/* Sends the world's events (`from` NULL), or those of the file `from`, prints the final table on
 * stdout, and on a terminal progress meanwhile. The world has then lived to its end, or to where it
 * was when the replay ended. 0; -EINTR when it was interrupted; another negative errno with the
 * reason in err. */
int simulate_to_run(const struct simulate_to *to, const struct simulate_to_world *world,
                    const char *from, struct err *err);
