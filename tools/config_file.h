/* A detector configuration as a file: one JSON object of options, all optional. Those whose names
 * have a dot are members of an object: "weights": {"payment": 1.5}. A member "provenance" is for
 * people, and is left alone. */
#pragma once

#include "base/errmsg.h"
#include "base/json_write.h"
#include "detector/config.h"

#define CONFIG_PROVENANCE "provenance"

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
/* `--base-rate SHARE`: the platform's share of distilling accounts. */
int config_cli_base_rate(void *target, const char *share);
#define CONFIG_CLI_BASE_RATE(target)                                                               \
    {                                                                                              \
        "base-rate", CLI_EACH, target, "SHARE",                                                    \
            "share of accounts that distil, a priori: re-weights scores and probabilities",        \
            config_cli_base_rate                                                                   \
    }

/* Writes all options but the secret key as members of the open object, as they can be loaded; of
 * those with a dot the ones that differ from the default. */
void config_file_write(struct json_write *w, const struct detector_config *config);
