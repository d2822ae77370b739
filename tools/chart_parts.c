#include "tools/chart_parts.h"

#include "tools/svg.h"
#include "tools/wording.h"

double chart_at(const struct chart_scale *s, double value)
{
    return s->x0 + (value - s->from) / (s->to - s->from) * (s->x1 - s->x0);
}

static void time_label(FILE *out, msec_t t, msec_t step, double x, double y)
{
    char text[WORDING_SIZE];

    (void)word_time(t, text);
    if (step >= MSEC_DAY)
        text[10] = '\0';
    svg_text(out, "muted", SVG_MIDDLE, x, y, "%s", text + 5); /* without the year */
}

void chart_time_axis(FILE *out, const struct chart_scale *time, double top, double bottom)
{
    msec_t from = (msec_t)time->from, to = (msec_t)time->to;
    msec_t step = svg_time_step(to - from, 8);

    for (msec_t t = (from + step - 1) / step * step; t <= to; t += step) {
        double x = chart_at(time, (double)t);

        svg_line(out, "grid", x, top, x, bottom);
        if (x > time->x0 + 14 && x < time->x1 - 30)
            time_label(out, t, step, x, bottom + 16);
    }
}

void chart_alert_mark(FILE *out, const struct chart_scale *time, msec_t alert, double top,
                      double bottom)
{
    double x = chart_at(time, (double)alert);
    bool left = x > CHART_WIDTH - 160;
    char text[WORDING_SIZE];

    if (alert == INT64_MIN || x < time->x0 || x > time->x1 + 1)
        return;
    svg_line(out, "mark", x, top - 14, x, bottom);
    svg_text(out, "label strong", left ? SVG_END : SVG_START, left ? x - 6 : x + 6, top - 6,
             "raised %s", word_time(alert, text));
}

void chart_cut(char *text, size_t size, size_t max)
{
    size_t characters = 0;

    for (size_t n = 0; text[n]; n++) {
        if ((text[n] & 0xc0) != 0x80 && ++characters > max) {
            (void)snprintf(text + n, size - n, "…");
            return;
        }
    }
}
