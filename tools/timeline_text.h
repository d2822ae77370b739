/* When an account was active, as text in a run folder (docs/events.md): the letters a to g are the
 * classes of a cell from one exchange on, capital when the cell's last exchange asked for the
 * newest model, and a number counts empty cells: "12a3bB". Empty cells at the end are left out. */
#pragma once

#include "base/str.h"
#include "detector/timeline.h"

enum { TIMELINE_TEXT_SIZE = TIMELINE_CELLS + 1 };

const char *timeline_write_text(const struct timeline *timeline, char text[TIMELINE_TEXT_SIZE]);

/* Sets cells and count of *out. 0, or -EINVAL for anything else than such a text. */
int timeline_read_text(struct str text, struct timeline *out);
