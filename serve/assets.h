/* The files of the dashboard, embedded in the binary. */
#pragma once

#include <stddef.h>

struct asset {
    const char *path; /* "/" or "/dashboard.js" */
    const char *content_type;
    const char *bytes;
    size_t size;
};

extern const struct asset assets[];
extern const unsigned asset_count;
