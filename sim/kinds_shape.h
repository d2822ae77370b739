/* Small words in which kinds and archetypes are written; private to sim/kinds*.c. */
#pragma once

#include "sim/kinds.h"

#include <math.h>
#include <string.h>

/* Sets an array of weights: WEIGH(c->program.text, [TEXT_chat] = 3, [TEXT_developer] = 1); what is
 * not named gets 0. */
#define WEIGH(array, ...) memcpy((array), (__typeof__(array)){__VA_ARGS__}, sizeof(array))

static inline struct size_law law(double median, double sigma, double min, double max)
{
    return (struct size_law){log(median), sigma, min, max};
}

static inline struct size_law constant(double value)
{
    return value > 0 ? (struct size_law){log(value), 0, value, value} : (struct size_law){0};
}

static inline void hours(struct cohort *c, enum day_profile profile)
{
    memcpy(c->tempo.hour, day_profile[profile], sizeof c->tempo.hour);
}

/* A population kind or archetype as a function that changes what is there. */
#define KIND_SHAPE(name, truth, stratum, help) void kind_##name(struct cohort *c);
POPULATION_KINDS(KIND_SHAPE)
#undef KIND_SHAPE
#define ARCHETYPE_SHAPE(name, help) void archetype_##name(struct cohort *c, double days);
ARCHETYPES(ARCHETYPE_SHAPE)
#undef ARCHETYPE_SHAPE
