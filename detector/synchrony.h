/* Synchrony: do accounts act in the same minutes more than the common day rhythm explains?
 *
 * The measure is the index of dispersion (Fano, Phys. Rev. 72, 1947) of a group's exchanges per
 * tick within each hour, sum (c - m)^2 over sum m with m the hour's mean: the rhythm of the day
 * moves m, not the index. For independent members it equals the mean of the members' own
 * burstiness, whatever the size of the group; common bursts raise it with the number of members
 * that take part. The null is the same index of random groups of the platform's accounts, so real
 * burstiness is in it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SYNCHRONY_TICKS = 12, SYNCHRONY_CONTROLS = 64 };

struct dispersion {
    float above, below; /* sums of (c - m)^2 and of m, degrees of freedom taken into account */
    uint32_t exchanges, hours;
    uint32_t count[SYNCHRONY_TICKS];
};

/* Counts one exchange in the running tick, `slot` 0..SYNCHRONY_TICKS-1 of the running hour. */
static inline void dispersion_add(struct dispersion *d, unsigned slot)
{
    d->count[slot]++;
}

/* Ends the hour. */
void dispersion_hour(struct dispersion *d);

/* The index; NaN with fewer than `hours_min` active hours or `exchanges_min` exchanges. */
double dispersion_index(const struct dispersion *d, uint32_t hours_min, uint32_t exchanges_min);

/* The given quantile (0..1) of the controls' indices; NaN when fewer than half can tell. */
double dispersion_null(const struct dispersion *control, uint32_t count, double quantile);
