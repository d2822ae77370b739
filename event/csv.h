/* One line of CSV as RFC 4180 has it, with the delimiter of choice. A quoted cell may hold
 * delimiters and doubled quotes; a line break inside quotes is not supported, because readers work
 * on lines. */
#pragma once

#include "base/str.h"

/* Splits `line` (without its line break; a last '\r' is dropped) into at most `cell_max` cells.
 * Cells point into `line`, or into `scratch` of at least line.n bytes where quotes were doubled.
 * NULL, or a static sentence saying why the line is refused. */
const char *csv_split(struct str line, char delimiter, char *scratch, struct str *cell,
                      uint32_t cell_max, uint32_t *cell_count);
