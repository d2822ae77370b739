#include "synchrony.h"

#include <math.h>
#include <string.h>

unsigned presence_add(struct presence *presence, uint32_t hour, unsigned slot)
{
    unsigned before;

    if (presence->hour != hour)
        *presence = (struct presence){hour, 0};
    if (presence->ticks >> slot & 1)
        return SYNCHRONY_TICKS;
    before = (unsigned)__builtin_popcount(presence->ticks);
    presence->ticks |= 1u << slot;
    return before;
}

void coactivity_hour(struct coactivity *c, bool whole)
{
    if (whole && c->sum > 0) {
        double sum = c->sum, met = 0.0;

        for (unsigned i = 0; i < SYNCHRONY_TICKS; i++)
            met += (double)c->count[i] * c->count[i];
        c->pairs += met - sum;
        c->expected += (sum * sum - (double)c->square) / SYNCHRONY_TICKS;
        c->hours++;
    }
    c->sum = 0;
    c->square = 0;
    memset(c->count, 0, sizeof c->count);
}

void coactivity_merge(struct coactivity *to, const struct coactivity *from)
{
    to->pairs += from->pairs;
    to->expected += from->expected;
    to->hours = from->hours > to->hours ? from->hours : to->hours;
    to->sum += from->sum;
    to->square += from->square;
    for (unsigned i = 0; i < SYNCHRONY_TICKS; i++)
        to->count[i] += from->count[i];
}

double coactivity_ratio(const struct coactivity *c, uint32_t hours_min, double expected_min)
{
    if (c->hours < hours_min || c->expected < expected_min || c->expected <= 0.0)
        return (double)NAN;
    return (c->pairs - 3.0 * sqrt(2.0 * c->expected)) / c->expected;
}
