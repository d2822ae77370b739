/* A field map for a log that nobody has seen before, from the names of its columns and the look of
 * their values. */
#pragma once

#include "tools/doctor_columns.h"

#include <jansson.h>

/* The map as a JSON tree, a new reference; NULL without memory. It lacks "ts" or "account" when the
 * log has nothing that could be one: then *missing names the field, else it is NULL. */
json_t *doctor_propose(const struct doctor_columns *columns, const char *name,
                       const char **missing);
