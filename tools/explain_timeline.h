/* What happened to a subject and when, in order, from the lines of the run folder. */
#pragma once

#include "tools/report_data.h"

enum { EXPLAIN_EVENTS_MAX = 16, EXPLAIN_STRIP_MAX = 64 };

struct explain_event {
    msec_t ts;
    const char *kind;                  /* [a-z_]+, for programs */
    const struct run_finding *finding; /* of kinds "finding" and "group_finding"; NULL else */
    const char *cluster;               /* of kinds "merged" and "split_from"; NULL else */
};

struct explain_timeline {
    struct explain_event event[EXPLAIN_EVENTS_MAX];
    uint32_t count;
    /* Activity in columns of equal width, 0 to 7 each; strip_count 0: not known. */
    msec_t strip_from, strip_width_ms;
    uint32_t strip_count;
    uint8_t strip[EXPLAIN_STRIP_MAX];
};

void explain_timeline_of(const struct run *run, const struct report_subject *subject,
                         struct explain_timeline *out);
