#include "tools/svg.h"

#include "base/cleanup.h"
#include "tools/doc.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

static void open_with(FILE *out, const char *attributes, double width, double height,
                      const char *title)
{
    (void)fprintf(out,
                  "<svg%s class=\"chart\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"",
                  attributes, width, height);
    doc_escape(out, DOC_HTML, title);
    (void)fputs("\">\n", out);
}

void svg_open(FILE *out, double width, double height, const char *title)
{
    open_with(out, "", width, height, title);
}

void svg_open_alone(FILE *out, double width, double height, const char *title)
{
    open_with(out, " xmlns=\"http://www.w3.org/2000/svg\"", width, height, title);
}

void svg_close(FILE *out)
{
    (void)fputs("</svg>\n", out);
}

void svg_rect(FILE *out, const char *style, double x, double y, double width, double height)
{
    (void)fprintf(out,
                  "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n",
                  style, x, y, width > 0 ? width : 0, height > 0 ? height : 0);
}

void svg_line(FILE *out, const char *style, double x1, double y1, double x2, double y2)
{
    (void)fprintf(out, "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
                  style, x1, y1, x2, y2);
}

void svg_circle(FILE *out, const char *style, double x, double y, double radius)
{
    (void)fprintf(out, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>\n", style, x, y,
                  radius);
}

void svg_text(FILE *out, const char *style, enum svg_anchor anchor, double x, double y,
              const char *format, ...)
{
    static const char *const anchors[] = {"start", "middle", "end"};
    AUTO_FREE char *text = NULL;
    va_list args;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    (void)fprintf(out, "<text class=\"%s\" text-anchor=\"%s\" x=\"%.1f\" y=\"%.1f\">", style,
                  anchors[anchor], x, y);
    doc_escape(out, DOC_HTML, text);
    (void)fputs("</text>\n", out);
}

void svg_group_open(FILE *out, const char *format, ...)
{
    AUTO_FREE char *text = NULL;
    va_list args;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    (void)fputs("<g><title>", out);
    doc_escape(out, DOC_HTML, text);
    (void)fputs("</title>", out);
}

void svg_group_close(FILE *out)
{
    (void)fputs("</g>\n", out);
}

void svg_polyline(FILE *out, const char *style, const double (*point)[2], uint32_t count)
{
    (void)fprintf(out, "<polyline class=\"%s\" points=\"", style);
    for (uint32_t i = 0; i < count; i++)
        (void)fprintf(out, "%s%.1f,%.1f", i ? " " : "", point[i][0], point[i][1]);
    (void)fputs("\"/>\n", out);
}

double svg_step(double span, uint32_t parts)
{
    double power = pow(10, floor(log10(span / parts)));

    while (span / power > 10.0 * parts)
        power *= 10; /* log10 may fall just short of a whole number */
    for (int i = 0; i < 4; i++) {
        static const double usual[] = {1, 2, 5, 10};

        if (span <= usual[i] * power * parts * (1 + 1e-9))
            return usual[i] * power;
    }
    return 10 * power;
}

msec_t svg_time_step(msec_t span, uint32_t parts)
{
    static const msec_t usual[] = {
        MSEC_MINUTE * 10, MSEC_HOUR,    MSEC_HOUR * 3, MSEC_HOUR * 6, MSEC_HOUR * 12,
        MSEC_DAY,         MSEC_DAY * 2, MSEC_DAY * 7,  MSEC_DAY * 14, MSEC_DAY * 28,
    };
    const uint32_t count = sizeof usual / sizeof *usual;
    msec_t step = usual[count - 1];

    for (uint32_t i = 0; i < count; i++)
        if (span <= usual[i] * parts)
            return usual[i];
    while (span > step * parts)
        step *= 2;
    return step;
}
