#include "plot.h"

#include "tools/svg.h"

#include <math.h>

enum { WIDTH = 820, HEIGHT = 470, LEFT = 70, RIGHT = 800, TOP = 92, BOTTOM = 400 };

static double at_x(const struct plot *p, double x)
{
    double share = p->x_log ? log(x / p->x_min) / log(p->x_max / p->x_min)
                            : (x - p->x_min) / (p->x_max - p->x_min);

    return LEFT + (RIGHT - LEFT) * fmin(fmax(share, 0.0), 1.0);
}

static double at_y(const struct plot *p, double y)
{
    return BOTTOM - (BOTTOM - TOP) * fmin(fmax(y / p->y_max, 0.0), 1.0);
}

static void axes(FILE *f, const struct plot *p)
{
    double step = svg_step(p->y_max, 5);

    for (double y = 0.0; y <= p->y_max * 1.0001; y += step) {
        svg_line(f, y > 0.0 ? "grid" : "axis", LEFT, at_y(p, y), RIGHT, at_y(p, y));
        svg_text(f, "muted", SVG_END, LEFT - 8, at_y(p, y) + 4, "%.4g", y);
    }
    step = p->x_log ? 10.0 : svg_step(p->x_max - p->x_min, 8);
    for (double x = p->x_log ? pow(10.0, ceil(log10(p->x_min) - 1e-9)) : p->x_min;
         x <= p->x_max * 1.0001; x = p->x_log ? x * step : x + step) {
        svg_line(f, "grid", at_x(p, x), TOP, at_x(p, x), BOTTOM);
        svg_text(f, "muted", SVG_MIDDLE, at_x(p, x), BOTTOM + 18, "%.4g", x);
    }
    svg_text(f, "muted", SVG_MIDDLE, 0.5 * (LEFT + RIGHT), BOTTOM + 38, "%s", p->x_title);
    svg_text(f, "muted", SVG_START, LEFT, TOP - 10, "%s", p->y_title);
    if (p->note)
        svg_text(f, "muted", SVG_START, LEFT, BOTTOM + 58, "%s", p->note);
}

static void series_draw(FILE *f, const struct plot *p, uint32_t i)
{
    const struct plot_series *s = &p->series[i];
    double at[2048][2];
    char style[16];
    uint32_t n = 0;

    for (uint32_t k = 0; k < s->count && n < 2048; k++) {
        if (isnan(s->point[k][0]) || isnan(s->point[k][1]) || (p->x_log && !(s->point[k][0] > 0.0)))
            continue;
        at[n][0] = at_x(p, s->point[k][0]);
        at[n++][1] = at_y(p, s->point[k][1]);
    }
    (void)snprintf(style, sizeof style, "line s%u", i);
    if (s->kind == PLOT_LINE && n > 1)
        svg_polyline(f, style, (const double(*)[2])at, n);
    (void)snprintf(style, sizeof style, "dot d%u", i);
    for (uint32_t k = 0; k < n && s->kind == PLOT_DOTS; k++)
        svg_circle(f, style, at[k][0], at[k][1], 5);
}

void plot_draw(FILE *f, const struct plot *p)
{
    char style[16];

    svg_open_alone(f, WIDTH, HEIGHT, p->title);
    (void)fputs("<style>.chart{background:#fdfdfb;font:12px system-ui,'DejaVu Sans',sans-serif}"
                "text{fill:#1c2127}.muted{fill:#59636e;font-size:11px}.strong{font-weight:650;"
                "font-size:14px}.grid{stroke:#e2e3de}.axis{stroke:#59636e}.line{fill:none;"
                "stroke-width:2}.s0{stroke:#c4490f}.s1{stroke:#1f6fb2}.s2{stroke:#59636e}"
                ".s3{stroke:#2f8a4c}.s4{stroke:#8a4fb0}.s5{stroke:#b58a00}.dot{opacity:.85}"
                ".d0{fill:#c4490f}.d1{fill:#1f6fb2}.d2{fill:#59636e}.d3{fill:#2f8a4c}"
                ".d4{fill:#8a4fb0}.d5{fill:#b58a00}.mark{fill:none;stroke:#1c2127;"
                "stroke-width:2}</style>\n",
                f);
    svg_text(f, "label strong", SVG_START, LEFT, 26, "%s", p->title);
    axes(f, p);
    for (uint32_t i = 0; i < p->series_count; i++) {
        double x = LEFT + 122.0 * i;

        series_draw(f, p, i);
        (void)snprintf(style, sizeof style, "dot d%u", i);
        svg_circle(f, style, x + 5, 48, 5);
        svg_text(f, "label", SVG_START, x + 15, 52, "%s", p->series[i].name);
    }
    if (!isnan(p->mark_x) && !isnan(p->mark_y))
        svg_circle(f, "mark", at_x(p, p->mark_x), at_y(p, p->mark_y), 9);
    svg_close(f);
}
