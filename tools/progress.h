/* One line on stderr with share, rate and time left, redrawn a few times a second, on a terminal
 * only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *what; /* "detect" */
    const char *unit; /* "events" */
    bool on;
    uint64_t started_ns, shown_ns;
};

void progress_start(struct progress *p, const char *what, const char *unit, bool quiet);
/* `share` 0..1, negative when unknown. Cheap enough to call for every batch. */
void progress_update(struct progress *p, uint64_t done, double share);
void progress_end(struct progress *p);

uint64_t wall_ns(void); /* monotonic; the tools layer's only clock */
