/* The beginning of somebody's log, in memory: the lines that `doctor` looks at. */
#pragma once

#include "base/cleanup.h"
#include "base/errmsg.h"
#include "base/str.h"

struct doctor_sample {
    char *text;
    struct str *line; /* whole lines that are not blank, without their line breaks */
    uint32_t count;
    bool whole;        /* the log ended within the sample */
    struct err damage; /* text "": none; else why the log cannot be read further */
};

/* Reads at most `line_max` lines and 64 MiB of `path` ("-": stdin; zstd and gzip by magic). 0, or a
 * negative errno with the file in err; what was
 * readable of a damaged input is kept. */
int doctor_sample_read(const char *path, uint32_t line_max, struct doctor_sample **out,
                       struct err *err);
void doctor_sample_free(struct doctor_sample *sample);
CLEANUP_DEFINE(struct doctor_sample, doctor_sample_free)
