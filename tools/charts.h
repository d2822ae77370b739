/* The pictures of a report. Each draws one thing a reader asks: which evidence carries the score,
 * when was the group active, when was it caught, how does detection trade against false alarms. */
#pragma once

#include "tools/report_data.h"

enum { CHART_SERIES_MAX = 8, CHART_LANES_MAX = 15, CHART_BARS_MAX = 168 };

/* A subject's evidence as a chain of bars from the prior to the total; ctx: struct
 * report_subject. */
void chart_waterfall(FILE *out, const void *subject);

/* Exchanges of a group over time, before and after its alert; ctx: struct
 * report_subject of a group.
 */
void chart_activity(FILE *out, const void *subject);

/* Hours in one bar of chart_activity(): 1, 2, 3, 4, 6, 8, 12 or days. */
uint32_t chart_activity_bin(uint32_t hours);

/* When the first CHART_LANES_MAX groups at watch or above were active, and when raised; ctx: struct
 * report_data.
 */
void chart_lanes(FILE *out, const void *data);

/* Lines in a square of [0,1] x [0,1]. */
struct chart_series {
    const char *name;
    const double (*point)[2]; /* x ascending */
    uint32_t count;
};
struct chart_curve {
    const char *title, *x_title, *y_title;
    double x_min;                                 /* > 0: x on a log axis from here; 0: linear */
    struct chart_series series[CHART_SERIES_MAX]; /* the first is drawn strongest */
    uint32_t series_count;
};
void chart_curve(FILE *out, const void *curve); /* ctx: struct chart_curve */

/* One strip of bars per population over the same axis. */
struct chart_strip {
    const char *name;
    bool guilty;         /* drawn in the colour of evidence for guilt */
    const double *share; /* of the population, per bin */
    uint64_t account_count;
};
struct chart_strips {
    const char *title, *x_title;
    double from, to; /* of the axis */
    uint32_t bin_count, strip_count;
    const struct chart_strip *strip;
};
void chart_strips(FILE *out, const void *strips); /* ctx: struct chart_strips */
