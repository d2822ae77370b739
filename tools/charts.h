/* The pictures of a report. Each draws one thing a reader asks: which evidence carries the score,
 * when was the group active, when was it caught, how does detection trade against false alarms. */
#pragma once

#include "tools/metrics.h"
#include "tools/raster.h"
#include "tools/report_data.h"

enum {
    CHART_SERIES_MAX = 8,
    CHART_LANES_MAX = 15,
    CHART_BARS_MAX = 168,
    CHART_LEAKS_MAX = 12,
};

/* A subject's evidence as a chain of bars from the prior to the total; ctx: struct
 * report_subject. */
void chart_waterfall(FILE *out, const void *subject);

/* Exchanges of a group over time, before and after its alert; ctx: struct
 * report_subject of a group.
 */
void chart_activity(FILE *out, const void *subject);

/* Hours in one bar of chart_activity(): 1, 2, 3, 4, 6, 8, 12 or days. */
uint32_t chart_activity_bin(uint32_t hours);

/* Each account of a group over time; ctx: struct chart_raster. */
struct chart_raster {
    const struct raster *raster;
    msec_t alert_ts; /* of the group; INT64_MIN: none */
};
void chart_raster(FILE *out, const void *raster);

/* The values that members share as hubs, and who shows which; ctx: struct run_cluster that has a
 * graph. */
void chart_graph(FILE *out, const void *cluster);

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
enum chart_axis {
    AXIS_LINEAR, /* 0 to 1 */
    AXIS_LOG,    /* min to 1 */
    AXIS_NORMAL, /* min to 1 - min, by the quantile of the normal distribution */
};
struct chart_curve {
    const char *title, *x_title, *y_title;
    enum chart_axis x_axis, y_axis;
    double x_min, y_min;                          /* where the axis is not linear */
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

/* How much campaigns had got by when: one small panel each over the same time. */
struct chart_leak_panel {
    const char *name;
    uint64_t exchanges;
    double sent[TIMELINE_CELLS];   /* share of its exchanges until the cell's end, rising */
    double leaked[TIMELINE_CELLS]; /* of these by accounts that were not raised yet */
};
struct chart_leak {
    msec_t from, width_ms; /* of the first cell; of each */
    uint32_t cell_count, panel_count;
    struct chart_leak_panel panel[CHART_LEAKS_MAX];
};
void chart_leak(FILE *out, const void *leak); /* ctx: struct chart_leak */

/* Do scores mean what they say? Share of distilling accounts against the mean score; ctx: struct
 * calibration. */
void chart_reliability(FILE *out, const void *calibration);
