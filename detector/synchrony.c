#include "synchrony.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void dispersion_hour(struct dispersion *d)
{
    double sum = 0.0, above = 0.0, mean;

    for (unsigned i = 0; i < SYNCHRONY_TICKS; i++)
        sum += d->count[i];
    if (sum > 0.0) {
        mean = sum / SYNCHRONY_TICKS;
        for (unsigned i = 0; i < SYNCHRONY_TICKS; i++)
            above += (d->count[i] - mean) * (d->count[i] - mean);
        d->above += (float)above;
        d->below += (float)(mean * (SYNCHRONY_TICKS - 1));
        d->exchanges += (uint32_t)sum;
        d->hours++;
    }
    memset(d->count, 0, sizeof d->count);
}

double dispersion_index(const struct dispersion *d, uint32_t hours_min, uint32_t exchanges_min)
{
    if (d->hours < hours_min || d->exchanges < exchanges_min || d->below <= 0.0f)
        return (double)NAN;
    return (double)d->above / (double)d->below;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double dispersion_null(const struct dispersion *control, uint32_t count, double quantile)
{
    double value[SYNCHRONY_CONTROLS];
    uint32_t n = 0;

    assert(count <= SYNCHRONY_CONTROLS);
    for (uint32_t i = 0; i < count; i++) {
        double index = dispersion_index(&control[i], 1, 100);

        if (!isnan(index))
            value[n++] = index;
    }
    if (n < count / 2 || n == 0)
        return (double)NAN;
    qsort(value, n, sizeof *value, ascending);
    return value[(uint32_t)(quantile * (n - 1))];
}
