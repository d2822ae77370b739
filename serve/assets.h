/* What the dashboard is made of, and the API's description, embedded in the binary at build time
 * (serve/embed.py makes the table from the files in serve/page/ and serve/openapi.json). */
#pragma once

#include <stddef.h>

struct asset {
    const char *path; /* "/app.js" */
    const char *type; /* its Content-Type */
    const char *etag; /* with its quotes: changes with the content */
    const unsigned char *bytes;
    size_t size;
};

/* To be sent with every answer: nothing but this server's own files, no inline script or style, no
 * frames. */
#define ASSET_POLICY                                                                               \
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " \
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/* NULL when there is none of this path. */
const struct asset *asset_find(const char *path);
