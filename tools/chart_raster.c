/* Rows are accounts, columns are cells of time. Cells are drawn as lines of one row's height in a
 * grid of whole numbers, one path a shade, so that even a large raster takes a few ten kilobytes.
 */
#include "tools/chart_parts.h"
#include "tools/charts.h"
#include "tools/svg.h"
#include "tools/wording.h"

#include <inttypes.h>
#include <math.h>

enum {
    LEFT = 64,
    TOP = 22,
    HEIGHT_MAX = 330,
    ROW_MAX = 12, /* pixels */
    LEGEND = 30,
    KEY = 58 /* pixels of the legend for a class */
};

/* The runs of equal cells in a row, as pieces of a path. */
static void row_runs(FILE *out, const struct raster *raster, uint32_t row, uint8_t value)
{
    const uint8_t *cell = raster->row[row].cell;

    for (uint32_t i = 0, end; i < raster->cell_count; i = end) {
        for (end = i + 1; end < raster->cell_count && cell[end] == cell[i]; end++)
            ;
        if (cell[i] == value)
            (void)fprintf(out, "M%u %u.5h%u", i, row, end - i);
    }
}

static void shade(FILE *out, const struct raster *raster, uint8_t value)
{
    bool newest = value & TIMELINE_NEWEST;

    (void)fprintf(out, "<path class=\"cell %c%u\" d=\"", newest ? 'n' : 'r',
                  value % TIMELINE_CLASSES);
    for (uint32_t row = 0; row < raster->row_count; row++)
        row_runs(out, raster, row, value);
    (void)fputs("\"/>\n", out);
}

/* Where each account was raised. */
static void alerts(FILE *out, const struct raster *raster, const struct chart_scale *time,
                   double row_height)
{
    (void)fputs("<path class=\"mark\" d=\"", out);
    for (uint32_t r = 0; r < raster->row_count; r++) {
        msec_t alert = raster->row[r].account->alert_ts;
        double x = chart_at(time, (double)alert);

        if (alert != INT64_MIN && x >= time->x0 && x <= time->x1 + 1)
            (void)fprintf(out, "M%.1f %.2fv%.2f", x, TOP + r * row_height, row_height);
    }
    (void)fputs("\"/>\n", out);
}

static void legend_row(FILE *out, bool newest, double y)
{
    svg_text(out, "muted", SVG_END, LEFT + 168, y + 9, "%s",
             newest ? "on the newest model" : "exchanges in a cell");
    for (unsigned step = 1; step < TIMELINE_CLASSES; step++) {
        double x = LEFT + 180 + (step - 1) * (KEY + 12.0);
        char style[8];
        uint32_t from = timeline_from[step];

        (void)snprintf(style, sizeof style, "key %c%u", newest ? 'n' : 'r', step);
        svg_rect(out, style, x, y, 14, 11);
        if (step + 1 == TIMELINE_CLASSES)
            svg_text(out, "muted", SVG_START, x + 19, y + 9, "%u or more", from);
        else if (timeline_from[step + 1] == from + 1)
            svg_text(out, "muted", SVG_START, x + 19, y + 9, "%u", from);
        else
            svg_text(out, "muted", SVG_START, x + 19, y + 9, "%u–%u", from,
                     timeline_from[step + 1] - 1);
    }
}

static void frame(FILE *out, const struct raster *raster, double bottom)
{
    char text[WORDING_SIZE];

    svg_line(out, "axis", LEFT, bottom, CHART_WIDTH, bottom);
    svg_text(out, "muted number", SVG_END, LEFT - 8, TOP + 10, "first");
    if (bottom - TOP > 40)
        svg_text(out, "muted number", SVG_END, LEFT - 8, bottom - 2, "last");
    if (bottom - TOP > 80) {
        svg_text(out, "muted number", SVG_END, LEFT - 8, (TOP + bottom) / 2, "%s",
                 word_count(raster->row_count, text));
        svg_text(out, "muted number", SVG_END, LEFT - 8, (TOP + bottom) / 2 + 13, "accounts");
    }
}

void chart_raster(FILE *out, const void *ctx)
{
    const struct chart_raster *c = ctx;
    const struct raster *raster = c->raster;
    double row_height = fmin(ROW_MAX, HEIGHT_MAX / (double)raster->row_count);
    double bottom = TOP + row_height * raster->row_count;
    double legend = bottom + CHART_TIME_AXIS + 10;
    struct chart_scale time = {(double)raster->from,
                               (double)(raster->from + raster->cell_count * raster->width_ms), LEFT,
                               CHART_WIDTH};

    svg_open(out, CHART_WIDTH, legend + (raster->newest ? LEGEND + 16 : LEGEND) - 10,
             "Activity of the group's accounts over time: a row is an account");
    chart_time_axis(out, &time, TOP, bottom);
    (void)fprintf(out, "<g transform=\"translate(%d,%d) scale(%.4f,%.4f)\">\n", LEFT, TOP,
                  (time.x1 - time.x0) / raster->cell_count, row_height);
    for (unsigned step = 1; step < TIMELINE_CLASSES; step++) {
        shade(out, raster, (uint8_t)step);
        if (raster->newest)
            shade(out, raster, (uint8_t)(step | TIMELINE_NEWEST));
    }
    (void)fputs("</g>\n", out);
    alerts(out, raster, &time, row_height);
    frame(out, raster, bottom);
    chart_alert_mark(out, &time, c->alert_ts, TOP, bottom);
    legend_row(out, false, legend);
    if (raster->newest)
        legend_row(out, true, legend + 16);
    svg_close(out);
}
