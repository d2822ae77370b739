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

/* For a command's options table (CLI_EACH): `--config FILE` and `--set OPTION=VALUE`. 0, or an exit
 * code after telling why, as the command. */
struct config_target {
    const char *command;
    struct detector_config config;
};
int config_cli_load(void *target, const char *path);
int config_cli_set(void *target, const char *assignment);

/* Writes all options but the secret key as members of the open object, as they can be loaded. */
void config_file_write(struct json_write *w, const struct detector_config *config);
