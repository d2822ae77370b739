#include "tools/chart_parts.h"
#include "tools/charts.h"
#include "tools/svg.h"
#include "tools/wording.h"

#include <math.h>

enum { LEFT = 56, TOP = 26, SIDE = 300, NOTE = 400, AXIS = 44 };

static void axes(FILE *out, const struct chart_scale *x, const struct chart_scale *y)
{
    for (int i = 0; i <= 5; i++) {
        double v = i / 5.0, px = chart_at(x, v), py = chart_at(y, v);

        svg_line(out, i ? "grid" : "axis", px, y->x1, px, y->x0);
        svg_line(out, i ? "grid" : "axis", x->x0, py, x->x1, py);
        svg_text(out, "muted", SVG_MIDDLE, px, y->x0 + 16, "%.1f", v);
        svg_text(out, "muted", SVG_END, x->x0 - 8, py + 4, "%.1f", v);
    }
    svg_text(out, "muted", SVG_MIDDLE, (x->x0 + x->x1) / 2, y->x0 + 36, "mean score of the bin");
    svg_text(out, "muted", SVG_START, 0, TOP - 12, "share of its accounts that distil");
    svg_line(out, "line s2", x->x0, y->x0, x->x1, y->x1);
}

static void bin_draw(FILE *out, const struct calibration *c, const struct calibration_bin *bin,
                     const struct chart_scale *x, const struct chart_scale *y)
{
    struct proportion p = proportion_of(bin->positives, bin->count);
    double at = chart_at(x, bin->score), share = (double)bin->count / (double)c->count;
    char all[WORDING_SIZE], hit[WORDING_SIZE];

    svg_line(out, "whisker", at, chart_at(y, p.low), at, chart_at(y, p.high));
    svg_group_open(out, "mean score %.3f: %s of %s accounts distil", bin->score,
                   word_count(bin->positives, hit), word_count(bin->count, all));
    svg_circle(out, "for", at, chart_at(y, p.value), 3 + 9 * sqrt(share));
    svg_group_close(out);
}

void chart_reliability(FILE *out, const void *calibration)
{
    const struct calibration *c = calibration;
    struct chart_scale x = {0, 1, LEFT, LEFT + SIDE}, y = {0, 1, TOP + SIDE, TOP};
    char text[WORDING_SIZE];

    svg_open(out, CHART_WIDTH, TOP + SIDE + AXIS,
             "Share of distilling accounts against the mean score, per tenth of the scale");
    axes(out, &x, &y);
    for (int i = 0; i < CALIBRATION_BINS; i++)
        if (c->bin[i].count)
            bin_draw(out, c, &c->bin[i], &x, &y);
    svg_line(out, "line s2", NOTE, TOP + 12, NOTE + 24, TOP + 12);
    svg_text(out, "label", SVG_START, NOTE + 32, TOP + 16, "scores that mean what they say");
    svg_text(out, "label", SVG_START, NOTE, TOP + 38, "below the line: too sure of guilt");
    svg_text(out, "label", SVG_START, NOTE, TOP + 56, "above it: too careful");
    svg_text(out, "label strong", SVG_START, NOTE, TOP + 84, "expected calibration error %s",
             word_value(c->ece, text));
    svg_text(out, "label", SVG_START, NOTE, TOP + 102, "over %s accounts",
             word_count(c->count, text));
    svg_close(out);
}
