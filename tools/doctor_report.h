/* What `doctor` found, for people and for programs. */
#pragma once

#include "tools/doctor_fit.h"

#include <stdio.h>

struct doctor_finding {
    const char *source;   /* the log, as given */
    const char *way;      /* "native", "shipped", "given", "proposed" */
    const char *map;      /* name or file of the map; NULL: native */
    const char *proposal; /* file that the proposed map was written to, or NULL */
    uint32_t lines;
    bool whole;
    const struct doctor_fit *fit;
};

/* 0, or a negative errno of the output. */
int doctor_report_text(const struct doctor_finding *finding, FILE *out);
int doctor_report_json(const struct doctor_finding *finding, FILE *out);

/* What a family needs in the log and why it is worth having; NULL when it needs nothing more than
 * exchanges. */
const char *doctor_family_needs(enum signal_family family);
