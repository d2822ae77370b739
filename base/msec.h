/* Event time: milliseconds since the Unix epoch, UTC. The cores never ask a clock. */
#pragma once

#include <stdint.h>

typedef int64_t msec_t;

#define MSEC_SECOND ((msec_t)1000)
#define MSEC_MINUTE (60 * MSEC_SECOND)
#define MSEC_HOUR   (60 * MSEC_MINUTE)
#define MSEC_DAY    (24 * MSEC_HOUR)

enum { MSEC_TEXT_SIZE = 32 };

/* Reads RFC 3339 ("2026-02-01T00:00:00.5Z", "+02:00" offsets, lower-case t and z, leap second as
 * the following second; fractions beyond ms are cut). 0, or -EINVAL. */
int msec_parse(const char *text, uint32_t size, msec_t *out);

/* Writes "2026-02-01T00:00:00Z" (with ".123" when it is not a whole second); returns `text`.
 * Years 0 to 9999; outside of them the plain number. */
const char *msec_format(msec_t t, char text[MSEC_TEXT_SIZE]);
