#include "tools/charts.h"

#include "base/cleanup.h"
#include "tools/chart_parts.h"
#include "tools/svg.h"
#include "tools/wording.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum { WIDTH = CHART_WIDTH, LABEL_CHARS = 38 };

/* What the signal is, and the value that was shared. */
static void label_of(const struct run_evidence *e, char *text, size_t size)
{
    char signal[WORDING_SIZE];

    (void)snprintf(text, size, "%s%s%s", word_signal(e->signal, signal), *e->value ? " · " : "",
                   e->value);
    chart_cut(text, size, LABEL_CHARS);
}

/* ---- waterfall ---- */

enum { ROW = 24, FALL_LEFT = 300, FALL_RIGHT = 70, FALL_TOP = 8, FALL_AXIS = 26 };

/* The range that the running sum passes through, zero included. */
static struct chart_scale fall_scale(const struct report_subject *s)
{
    struct chart_scale scale = {0, 0, FALL_LEFT, WIDTH - FALL_RIGHT};
    double sum = 0;

    for (uint32_t i = 0; i < s->evidence_count; i++) {
        sum += s->evidence[i].weight;
        scale.from = fmin(scale.from, sum);
        scale.to = fmax(scale.to, sum);
    }
    if (scale.to - scale.from < 1)
        scale.to = scale.from + 1;
    return scale;
}

static void fall_axis(FILE *out, const struct chart_scale *scale, double bottom)
{
    double step = svg_step(scale->to - scale->from, 8);

    for (double v = ceil(scale->from / step) * step; v <= scale->to + 1e-9; v += step) {
        double x = chart_at(scale, v);

        svg_line(out, fabs(v) < step / 2 ? "axis" : "grid", x, FALL_TOP, x, bottom);
        svg_text(out, "muted", SVG_MIDDLE, x, bottom + 16, "%s%g", v < -1e-9 ? "−" : "",
                 fabs(v) < step / 2 ? 0 : fabs(v));
    }
}

static void fall_row(FILE *out, const struct run_evidence *e, const struct chart_scale *scale,
                     double shown, double before, double y)
{
    bool prior = report_is_prior(e);
    const char *style = prior ? "prior" : e->weight >= 0 ? "for" : "against";
    double a = chart_at(scale, before), b = chart_at(scale, before + e->weight);
    char label[256], number[WORDING_SIZE];

    label_of(e, label, sizeof label);
    svg_text(out, "label", SVG_START, 0, y + 16, "%s", label);
    svg_group_open(out, "%s", *e->note ? e->note : label);
    svg_rect(out, style, fmin(a, b), y + 4, fmax(fabs(b - a), 1), ROW - 8);
    svg_group_close(out);
    svg_line(out, "link", b, y + ROW - 4, b, y + ROW + 4);
    svg_text(out, "number", SVG_END, WIDTH, y + 16, "%s", word_nats(shown, number));
}

void chart_waterfall(FILE *out, const void *subject)
{
    const struct report_subject *s = subject;
    struct chart_scale scale = fall_scale(s);
    double bottom = FALL_TOP + ROW * (s->evidence_count + 1.0), y = FALL_TOP, sum = 0;
    double zero = chart_at(&scale, 0), end;
    char number[WORDING_SIZE], chance[WORDING_SIZE];

    svg_open(out, WIDTH, bottom + FALL_AXIS, "Evidence, summed line by line to the log-odds");
    fall_axis(out, &scale, bottom);
    for (uint32_t i = 0; i < s->evidence_count; i++, y += ROW) {
        fall_row(out, &s->evidence[i], &scale, s->shown[i], sum, y);
        sum += s->evidence[i].weight;
    }
    end = chart_at(&scale, sum);
    svg_text(out, "label strong", SVG_START, 0, y + 16, "sum: a probability of %s",
             word_probability(s->score, chance));
    svg_rect(out, "total", fmin(zero, end), y + 4, fmax(fabs(end - zero), 1), ROW - 8);
    svg_text(out, "number strong", SVG_END, WIDTH, y + 16, "%s", word_nats(s->shown_sum, number));
    svg_close(out);
}

/* ---- activity ---- */

enum { PLOT_LEFT = 64, PLOT_TOP = 22, PLOT_HEIGHT = 150 };

static void count_axis(FILE *out, const struct chart_scale *scale)
{
    double step = fmax(1, svg_step(scale->to, 4));
    char text[WORDING_SIZE];

    for (double v = 0; v <= scale->to * (1 + 1e-9); v += step) {
        double y = chart_at(scale, v);

        svg_line(out, v > 0 ? "grid" : "axis", PLOT_LEFT, y, WIDTH, y);
        svg_text(out, "muted number", SVG_END, PLOT_LEFT - 6, y + 4, "%s",
                 word_count((uint64_t)v, text));
    }
}

uint32_t chart_activity_bin(uint32_t hours)
{
    static const uint32_t usual[] = {1, 2, 3, 4, 6, 8, 12, 24};

    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if ((hours + usual[i] - 1) / usual[i] <= CHART_BARS_MAX)
            return usual[i];
    return (hours + CHART_BARS_MAX * 24 - 1) / (CHART_BARS_MAX * 24) * 24;
}

/* Sums of `bin` hours each into `sum`; returns how many. */
static uint32_t bins_of(const struct run_cluster *g, uint32_t bin, double *sum)
{
    for (uint32_t i = 0; i < g->activity_hours; i++)
        sum[i / bin] += g->activity[i];
    return (g->activity_hours + bin - 1) / bin;
}

void chart_activity(FILE *out, const void *subject)
{
    const struct report_subject *s = subject;
    const struct run_cluster *g = s->group;
    uint32_t bin = chart_activity_bin(g->activity_hours);
    AUTO_FREE double *sum = calloc(g->activity_hours / bin + 1, sizeof *sum);
    uint32_t count = sum ? bins_of(g, bin, sum) : 0;
    msec_t width = (msec_t)bin * MSEC_HOUR;
    double bottom = PLOT_TOP + PLOT_HEIGHT, top = 1;
    struct chart_scale time = {(double)g->activity_from, (double)(g->activity_from + count * width),
                               PLOT_LEFT, WIDTH};
    struct chart_scale height;

    if (count == 0)
        return;
    for (uint32_t i = 0; i < count; i++)
        top = fmax(top, sum[i]);
    height = (struct chart_scale){0, top * 1.05, bottom, PLOT_TOP};
    svg_open(out, WIDTH, bottom + CHART_TIME_AXIS, "Exchanges of the group over time");
    chart_time_axis(out, &time, PLOT_TOP, bottom);
    count_axis(out, &height);
    for (uint32_t i = 0; i < count; i++) {
        msec_t start = g->activity_from + i * width;
        const char *style = s->alert_ts == INT64_MIN ? "idle"
                            : start < s->alert_ts    ? "before"
                                                     : "after";
        double x = chart_at(&time, (double)start), y = chart_at(&height, sum[i]);
        char text[WORDING_SIZE], number[WORDING_SIZE];

        if (sum[i] <= 0)
            continue;
        svg_group_open(out, "%s: %s exchanges", word_time(start, text),
                       word_count((uint64_t)sum[i], number));
        svg_rect(out, style, x, y, fmax(0.6, chart_at(&time, (double)(start + width)) - x - 1),
                 bottom - y);
        svg_group_close(out);
    }
    chart_alert_mark(out, &time, s->alert_ts, PLOT_TOP, bottom);
    svg_close(out);
}

/* ---- lanes: when active, when caught ---- */

enum { LANE = 24, LANE_LEFT = 170, LANE_TOP = 8 };

static void lane(FILE *out, const struct run_cluster *g, const struct chart_scale *time, double y)
{
    bool raised = g->alert_ts != INT64_MIN;
    double a = chart_at(time, (double)g->first_ts), b = chart_at(time, (double)g->last_ts);
    double x = raised ? chart_at(time, (double)g->alert_ts) : b;
    char members[WORDING_SIZE], text[WORDING_SIZE];

    svg_text(out, "label", SVG_START, 0, y + 16, "%.20s", g->cluster);
    svg_text(out, "muted number", SVG_END, LANE_LEFT - 10, y + 16, "%s accounts",
             word_count(g->members_stated, members));
    svg_group_open(out, "%s: %s", g->cluster,
                   raised ? word_time(g->alert_ts, text) : "never raised to review");
    svg_rect(out, raised ? "before" : "idle", a, y + 7, fmax(1.5, fmin(x, b) - a), 10);
    if (raised && b > x)
        svg_rect(out, "after", x, y + 7, b - x, 10);
    if (raised)
        svg_circle(out, "dot", x, y + 12, 5);
    svg_group_close(out);
}

void chart_lanes(FILE *out, const void *run)
{
    const struct report_data *data = run;
    uint32_t all = report_groups_watched(data);
    uint32_t count = all < CHART_LANES_MAX ? all : CHART_LANES_MAX;
    struct chart_scale time = {INFINITY, -INFINITY, LANE_LEFT, WIDTH - 8};
    double bottom = LANE_TOP + LANE * (double)count;

    for (uint32_t i = 0; i < count; i++) {
        const struct run_cluster *g = &data->run->cluster[data->group[i]];

        time.from = fmin(time.from, (double)g->first_ts);
        time.to = fmax(time.to, fmax((double)g->last_ts, (double)g->alert_ts));
    }
    if (count == 0)
        return;
    if (time.to - time.from < (double)MSEC_HOUR)
        time.to = time.from + (double)MSEC_HOUR;
    svg_open(out, WIDTH, bottom + CHART_TIME_AXIS,
             "When each group was active and when it was raised");
    chart_time_axis(out, &time, LANE_TOP, bottom);
    for (uint32_t i = 0; i < count; i++)
        lane(out, &data->run->cluster[data->group[i]], &time, LANE_TOP + LANE * (double)i);
    svg_close(out);
}

/* ---- curves ---- */

enum {
    CURVE_WIDTH = WIDTH,
    CURVE_LEFT = 56,
    CURVE_RIGHT = 330,
    CURVE_TOP = 26,
    CURVE_HEIGHT = 280,
    CURVE_AXIS = 44
};

/* The normal distribution's quantile, by halving; a picture needs no more than four digits. */
static double normal_quantile(double p)
{
    double low = -6, high = 6;

    for (int i = 0; i < 30; i++) {
        double middle = (low + high) / 2;

        if (erfc(-middle / M_SQRT2) / 2 < p)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

/* The place of a share on an axis, before it becomes pixels. */
static double axis_place(enum chart_axis axis, double min, double value)
{
    if (axis == AXIS_LOG)
        return log10(fmax(value, min));
    if (axis == AXIS_NORMAL)
        return normal_quantile(fmin(fmax(value, min), 1 - min));
    return value;
}

static struct chart_scale axis_scale(enum chart_axis axis, double min, double x0, double x1)
{
    return (struct chart_scale){axis_place(axis, min, 0), axis_place(axis, min, 1), x0, x1};
}

/* The n-th mark of an axis; false when there are no more. */
static bool axis_mark(enum chart_axis axis, double min, unsigned n, double *out)
{
    static const double normal[] = {1e-6, 1e-5, 1e-4, 0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99};

    if (axis == AXIS_LINEAR)
        *out = n / 5.0;
    else if (axis == AXIS_LOG)
        *out = pow(10, round(log10(min)) + n);
    else if (n < sizeof normal / sizeof *normal)
        *out = normal[n];
    else
        return false;
    return *out <= 1 + 1e-9;
}

static bool axis_shows(enum chart_axis axis, double min, double value)
{
    return axis != AXIS_NORMAL || (value >= min * (1 - 1e-9) && value <= 1 - min);
}

static void curve_axes(FILE *out, const struct chart_curve *c, const struct chart_scale *x,
                       const struct chart_scale *y)
{
    double v;

    for (unsigned n = 0; axis_mark(c->x_axis, c->x_min, n, &v); n++) {
        double px = chart_at(x, axis_place(c->x_axis, c->x_min, v));

        if (!axis_shows(c->x_axis, c->x_min, v))
            continue;
        svg_line(out, "grid", px, y->x1, px, y->x0);
        svg_text(out, "muted", SVG_MIDDLE, px, y->x0 + 16, "%g", v);
    }
    for (unsigned n = 0; axis_mark(c->y_axis, c->y_min, n, &v); n++) {
        double py = chart_at(y, axis_place(c->y_axis, c->y_min, v));

        if (!axis_shows(c->y_axis, c->y_min, v))
            continue;
        svg_line(out, n ? "grid" : "axis", x->x0, py, x->x1, py);
        svg_text(out, "muted", SVG_END, x->x0 - 8, py + 4, "%g", v);
    }
    svg_text(out, "muted", SVG_MIDDLE, (x->x0 + x->x1) / 2, y->x0 + 36, "%s", c->x_title);
    svg_text(out, "muted", SVG_START, 0, CURVE_TOP - 12, "%s", c->y_title);
}

static void curve_line(FILE *out, const struct chart_curve *c, const struct chart_series *s,
                       const char *style, const struct chart_scale *x, const struct chart_scale *y)
{
    AUTO_FREE double(*point)[2] = calloc(s->count, sizeof *point);

    for (uint32_t i = 0; point && i < s->count; i++) {
        point[i][0] = chart_at(x, axis_place(c->x_axis, c->x_min, s->point[i][0]));
        point[i][1] = chart_at(y, axis_place(c->y_axis, c->y_min, s->point[i][1]));
    }
    if (point)
        svg_polyline(out, style, (const double(*)[2])point, s->count);
}

void chart_curve(FILE *out, const void *curve)
{
    const struct chart_curve *c = curve;
    struct chart_scale x = axis_scale(c->x_axis, c->x_min, CURVE_LEFT, CURVE_WIDTH - CURVE_RIGHT);
    struct chart_scale y = axis_scale(c->y_axis, c->y_min, CURVE_TOP + CURVE_HEIGHT, CURVE_TOP);

    svg_open(out, CURVE_WIDTH, CURVE_TOP + CURVE_HEIGHT + CURVE_AXIS, c->title);
    curve_axes(out, c, &x, &y);
    for (uint32_t i = c->series_count; i-- > 0;) {
        char style[16];
        double key = CURVE_TOP + 12 + 22.0 * i;

        (void)snprintf(style, sizeof style, "line s%u", i);
        curve_line(out, c, &c->series[i], style, &x, &y);
        svg_line(out, style, x.x1 + 16, key, x.x1 + 40, key);
        svg_text(out, i ? "label" : "label strong", SVG_START, x.x1 + 48, key + 4, "%s",
                 c->series[i].name);
    }
    svg_close(out);
}

/* ---- strips ---- */

enum { STRIP = 38, STRIP_LEFT = 250, STRIP_TOP = 6 };

static void strip_row(FILE *out, const struct chart_strips *c, const struct chart_strip *s,
                      const struct chart_scale *x, double y)
{
    double width = (x->x1 - x->x0) / c->bin_count, base = y + STRIP - 6;
    char text[WORDING_SIZE], share[WORDING_SIZE];

    svg_text(out, "label", SVG_START, 0, base - 12, "%.34s", s->name);
    svg_text(out, "muted", SVG_START, 0, base + 2, "%s accounts",
             word_count(s->account_count, text));
    svg_line(out, "axis", x->x0, base, x->x1, base);
    for (uint32_t i = 0; i < c->bin_count; i++) {
        /* The root keeps a few accounts in thousands visible. */
        double height = sqrt(s->share[i]) * (STRIP - 10);

        if (s->share[i] <= 0)
            continue;
        svg_group_open(out, "%s", word_share(s->share[i], share));
        svg_rect(out, s->guilty ? "for" : "against", x->x0 + width * i + 0.5,
                 base - fmax(height, 1), width - 1, fmax(height, 1));
        svg_group_close(out);
    }
}

void chart_strips(FILE *out, const void *strips)
{
    const struct chart_strips *c = strips;
    struct chart_scale x = {c->from, c->to, STRIP_LEFT, WIDTH - 12};
    double bottom = STRIP_TOP + STRIP * (double)c->strip_count;
    double step = svg_step(c->to - c->from, 10);

    svg_open(out, WIDTH, bottom + 44, c->title);
    for (double v = ceil(c->from / step) * step; v <= c->to + 1e-9; v += step) {
        svg_line(out, "grid", chart_at(&x, v), STRIP_TOP, chart_at(&x, v), bottom);
        svg_text(out, "muted", SVG_MIDDLE, chart_at(&x, v), bottom + 16, "%.4g",
                 fabs(v) < 1e-9 ? 0 : v);
    }
    for (uint32_t i = 0; i < c->strip_count; i++)
        strip_row(out, c, &c->strip[i], &x, STRIP_TOP + STRIP * (double)i);
    svg_text(out, "muted", SVG_MIDDLE, (x.x0 + x.x1) / 2, bottom + 36, "%s", c->x_title);
    svg_close(out);
}
