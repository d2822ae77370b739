/* Ctrl-C and `kill` end the input, not the program: what was read is still judged and written. The
 * second one kills. Writing to a closed pipe or past a file size limit becomes an error, not a
 * signal. */
#pragma once

#include "event/event_source.h"

#include <stdbool.h>

/* From now on the signals stop this source; NULL: they are only remembered. */
void interrupt_catch(struct event_source *source);

/* Whether one has come. */
bool interrupt_came(void);

/* No source is stopped any more. */
void interrupt_release(void);
