/* Static pictures: SVG text written to a stream. Colours and fonts come from the page's style sheet
 * through class names, so that one picture serves light, dark and paper. Coordinates are pixels
 * from the upper left corner of the view box. */
#pragma once

#include "base/msec.h"

#include <stdint.h>
#include <stdio.h>

enum svg_anchor { SVG_START, SVG_MIDDLE, SVG_END };

/* `title` is read out in place of the picture. */
void svg_open(FILE *out, double width, double height, const char *title);
/* The same for a file of its own, which brings its style itself. */
void svg_open_alone(FILE *out, double width, double height, const char *title);
void svg_close(FILE *out);

void svg_rect(FILE *out, const char *style, double x, double y, double width, double height);
void svg_line(FILE *out, const char *style, double x1, double y1, double x2, double y2);
void svg_circle(FILE *out, const char *style, double x, double y, double radius);
/* `y` is the base line. */
void svg_text(FILE *out, const char *style, enum svg_anchor anchor, double x, double y,
              const char *format, ...) __attribute__((format(printf, 6, 7)));
/* The next rectangle, circle or line group shows this when pointed at. */
void svg_group_open(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
void svg_group_close(FILE *out);
/* count points as x, y pairs. */
void svg_polyline(FILE *out, const char *style, const double (*point)[2], uint32_t count);

/* The smallest of 1, 2, 5 times a power of ten that divides `span` > 0 into at most `parts`. */
double svg_step(double span, uint32_t parts);

/* The smallest usual step of time (an hour, 3, 6, 12 hours, days, weeks) with at most `parts` of
 * them in `span`. */
msec_t svg_time_step(msec_t span, uint32_t parts);
