#include "progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

static const uint64_t REDRAW_NS = 200000000;

uint64_t wall_ns(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

void progress_start(struct progress *p, const char *what, const char *unit, bool quiet)
{
    *p = (struct progress){what, unit, !quiet && isatty(STDERR_FILENO), wall_ns(), 0};
}

void progress_update(struct progress *p, uint64_t done, double share)
{
    uint64_t now;
    double seconds, rate;

    if (!p->on)
        return;
    now = wall_ns();
    if (now - p->shown_ns < REDRAW_NS)
        return;
    p->shown_ns = now;
    seconds = (double)(now - p->started_ns) / 1e9;
    rate = seconds > 0.0 ? (double)done / seconds : 0.0;
    if (share > 0.0)
        (void)fprintf(stderr, "\r%s: %3.0f %%  %.2f M %s  %.2f M/s  %.0f s left \033[K", p->what,
                      100.0 * share, (double)done / 1e6, p->unit, rate / 1e6,
                      seconds * (1.0 - share) / share);
    else
        (void)fprintf(stderr, "\r%s: %.2f M %s  %.2f M/s \033[K", p->what, (double)done / 1e6,
                      p->unit, rate / 1e6);
}

void progress_end(struct progress *p)
{
    if (p->on && p->shown_ns)
        (void)fprintf(stderr, "\r\033[K");
    p->on = false;
}
