/* Small panels of equal scale: eyes compare shapes faster than they follow crossing lines. */
#include "tools/chart_parts.h"
#include "tools/charts.h"
#include "tools/svg.h"
#include "tools/wording.h"

enum { ACROSS = 3, GAP = 26, TITLE = 24, PLOT = 96, AXIS = 30, LEFT = 30 };

static void area(FILE *out, const char *style, const double *share, uint32_t count,
                 const struct chart_scale *x, const struct chart_scale *y)
{
    (void)fprintf(out, "<path class=\"%s\" d=\"M%.1f %.1f", style, x->x0, y->x0);
    for (uint32_t i = 0; i < count; i++)
        (void)fprintf(out, "L%.1f %.1f", chart_at(x, i + 1.0), chart_at(y, share[i]));
    (void)fprintf(out, "V%.1fz\"/>\n", y->x0);
}

static void day(FILE *out, msec_t t, enum svg_anchor anchor, double x, double y)
{
    char text[WORDING_SIZE];

    (void)word_time(t, text);
    text[10] = '\0';
    svg_text(out, "muted", anchor, x, y, "%s", text + 5);
}

static void panel(FILE *out, const struct chart_leak *c, const struct chart_leak_panel *p,
                  double left, double top)
{
    double width = (CHART_WIDTH - (ACROSS - 1) * GAP) / (double)ACROSS;
    struct chart_scale x = {0, c->cell_count, left + LEFT, left + width};
    struct chart_scale y = {0, 1, top + TITLE + PLOT, top + TITLE};
    double leaked = p->leaked[c->cell_count - 1];
    char text[WORDING_SIZE], count[WORDING_SIZE];

    svg_text(out, "label strong", SVG_START, left, top + 14, "%.24s", p->name);
    svg_text(out, "label", SVG_END, left + width, top + 14, "%s leaked", word_share(leaked, text));
    for (int i = 0; i <= 2; i++) {
        double at = chart_at(&y, i / 2.0);

        svg_line(out, i ? "grid" : "axis", x.x0, at, x.x1, at);
        svg_text(out, "muted", SVG_END, x.x0 - 5, at + 4, "%d", i * 50);
    }
    svg_group_open(out, "%s: %s of %s exchanges leaked", p->name, text,
                   word_count(p->exchanges, count));
    area(out, "sent", p->sent, c->cell_count, &x, &y);
    area(out, "before", p->leaked, c->cell_count, &x, &y);
    svg_group_close(out);
    day(out, c->from, SVG_START, x.x0, y.x0 + 15);
    day(out, c->from + c->cell_count * c->width_ms, SVG_END, x.x1, y.x0 + 15);
}

void chart_leak(FILE *out, const void *leak)
{
    const struct chart_leak *c = leak;
    uint32_t rows = (c->panel_count + ACROSS - 1) / ACROSS;
    double width = (CHART_WIDTH - (ACROSS - 1) * GAP) / (double)ACROSS;

    svg_open(out, CHART_WIDTH, rows * (TITLE + PLOT + AXIS),
             "Share of each campaign's exchanges sent so far, and of these leaked, in percent");
    for (uint32_t i = 0; i < c->panel_count; i++)
        panel(out, c, &c->panel[i], i % ACROSS * (width + GAP),
              (double)(i / ACROSS) * (TITLE + PLOT + AXIS));
    svg_close(out);
}
