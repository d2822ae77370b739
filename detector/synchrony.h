/* Synchrony: are a group's members active in the same minutes more than the common rhythm of hours
 * and days explains?
 *
 * Of every hour it is counted which members were active in which of its SYNCHRONY_TICKS ticks, and
 * how many pairs of members met in a tick. When members act independently within the hour, a member
 * with k active ticks meets one with l in k l / SYNCHRONY_TICKS of them, so that the pairs expected
 * follow from the sum and the squared sum of k: no other group is needed to compare with, the day's
 * rhythm is in k, and how bursty a single member is counts for nothing, since it is never paired
 * with itself. (A cross-product count, as between neurons: Perkel, Gerstein and Moore, Biophys. J.
 * 7, 1967.) Independent pairs have a variance of twice their expectation, as each counts twice. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { SYNCHRONY_TICKS = 12 };

/* In which ticks of its last active hour an account was active. */
struct presence {
    uint32_t hour;
    uint32_t ticks; /* bit i: in tick i */
};

/* Of a group: over the hours that ended, and in the running one. */
struct coactivity {
    double pairs, expected; /* ordered pairs of members that met in a tick */
    uint32_t hours;
    uint32_t sum;    /* of k over the members, in the running hour */
    uint64_t square; /* of k * k */
    uint32_t count[SYNCHRONY_TICKS];
};

/* Notes that the account is active in tick `slot` (0..SYNCHRONY_TICKS-1) of the hour. In how many
 * other ticks it was before; SYNCHRONY_TICKS when it was active in this one already. */
unsigned presence_add(struct presence *presence, uint32_t hour, unsigned slot);

/* Counts a member that is active in that tick; `before` as presence_add() says. */
static inline void coactivity_add(struct coactivity *c, unsigned slot, unsigned before)
{
    if (before == SYNCHRONY_TICKS)
        return;
    c->count[slot]++;
    c->sum++;
    c->square += 2 * before + 1;
}

/* Ends the hour. `whole`: the members were the same from its beginning on; else it tells nothing,
 * since whoever joins is counted in the later ticks only. */
void coactivity_hour(struct coactivity *c, bool whole);

/* Adds what another group has counted. */
void coactivity_merge(struct coactivity *to, const struct coactivity *from);

/* Pairs that met by those expected of independent members: the lower bound, three standard
 * deviations below the count; below 1, also negative: no more than chance. NaN with fewer hours or
 * fewer expected pairs. */
double coactivity_ratio(const struct coactivity *c, uint32_t hours_min, double expected_min);
