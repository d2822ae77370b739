/* A detector configuration as a file: one JSON object of options, all optional. */
#pragma once

#include "base/errmsg.h"
#include "base/json_write.h"
#include "detector/config.h"

/* Sets the file's options in *config, which keeps its other values. 0; -EINVAL with
 * "file:line: option: message" in err; the errno of opening the file; -ENOMEM. */
int config_file_load(const char *path, struct detector_config *config, struct err *err);

/* Sets one option from "option=value", as on the command line. */
int config_file_set(struct detector_config *config, const char *assignment, struct err *err);

/* Writes all options but the secret key as members of the open object, as they can be loaded. */
void config_file_write(struct json_write *w, const struct detector_config *config);
