/* A picture of points and lines as a file of its own, with axes and a legend. */
#pragma once

#include <stdint.h>
#include <stdio.h>

enum { PLOT_SERIES_MAX = 8 };

struct plot_series {
    const char *name;
    const double (*point)[2]; /* NaN and, on a logarithmic axis, x <= 0 are left out */
    uint32_t count;
    enum { PLOT_LINE, PLOT_DOTS } kind;
};

struct plot {
    const char *title, *x_title, *y_title, *note;
    double x_min, x_max, y_max; /* y from 0 */
    int x_log;
    double mark_x, mark_y; /* the chosen point; NaN: none */
    struct plot_series series[PLOT_SERIES_MAX];
    uint32_t series_count;
};

void plot_draw(FILE *out, const struct plot *plot);
