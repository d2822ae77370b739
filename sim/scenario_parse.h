/* From a JSON tree to struct scenario, key by key as the tables say. */
#pragma once

#include "base/json_place.h"
#include "sim/scenario_keys.h"

#include <jansson.h>

struct reader {
    const char *file; /* for messages */
    const char *text; /* the file's content, to find lines in */
    size_t size;
    struct scenario
        *scenario; /* being filled; tables are read in an order that makes references work */
    uint32_t population_count; /* of scenario->cohort; the rest are campaigns */
    struct err *err;
};

/* "file:line: path: message"; returns -EINVAL. */
int reader_fail(const struct reader *r, const struct json_place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Reads the whole tree into r->scenario, which is zeroed. 0, -EINVAL, -ENOMEM. */
int scenario_parse(struct reader *r, const json_t *root);

/* The checks that need more than one key, and what is derived: networks and models resolved, scale
 * applied, spans ended. `stretch` is the ratio of the days to those that the file has. */
int scenario_finish(struct reader *r, double stretch);
