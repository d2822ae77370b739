/* What pictures have in common: the map of values to pixels, the axis of event time, the mark of an
 * alert. */
#pragma once

#include "base/msec.h"

#include <stdio.h>

enum { CHART_WIDTH = 860, CHART_TIME_AXIS = 26 }; /* pixels; the axis below a picture */

/* A straight map of values to pixels. */
struct chart_scale {
    double from, to, x0, x1;
};
double chart_at(const struct chart_scale *scale, double value);

/* Grid lines of event time at whole days or hours of UTC, with their labels below `bottom`. */
void chart_time_axis(FILE *out, const struct chart_scale *time, double top, double bottom);

/* A line where something was raised, told above `top`; none for INT64_MIN. */
void chart_alert_mark(FILE *out, const struct chart_scale *time, msec_t alert, double top,
                      double bottom);

/* Cuts `text` of `size` bytes after `max` characters, and says so with an ellipsis. */
void chart_cut(char *text, size_t size, size_t max);
