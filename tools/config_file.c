#include "config_file.h"

#include "base/cleanup.h"
#include "base/json_place.h"
#include "tools/cli.h"
#include "tools/command.h"
#include "tools/text_file.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_SIZE = 64, NAME_SIZE = 64 };

static int option_set(struct detector_config *config, const char *name, const json_t *value,
                      struct err *err)
{
    char text[VALUE_SIZE];

    if (json_is_string(value)) /* for keys beyond what JSON numbers can carry */
        return detector_config_set(config, name, json_string_value(value), err);
    if (json_is_integer(value))
        (void)snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        (void)snprintf(text, sizeof text, "%.17g", json_real_value(value));
    else
        return err_set(err, -EINVAL, "%s: not a number", name);
    return detector_config_set(config, name, text, err);
}

int config_file_load(const char *path, struct detector_config *config, struct err *err)
{
    AUTO_FREE char *text = NULL;
    json_auto_t *root = NULL;
    json_error_t at;
    const char *name;
    json_t *value;
    size_t size;
    int r = text_file_read(path, &text, &size, err);

    if (r < 0)
        return r;
    root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &at);
    if (!root)
        return err_set(err, -EINVAL, "%s:%d: %s", path, at.line, at.text);
    if (!json_is_object(root))
        return err_set(err, -EINVAL, "%s:1: top level: not an object of options", path);
    json_object_foreach(root, name, value)
    {
        struct json_place top = {NULL, NULL, 0}, place = {&top, name, 0};

        r = option_set(config, name, value, err);
        if (r < 0) {
            err_prefix(err, "%s:%d", path, json_place_line(&place, text, size));
            return r;
        }
    }
    return 0;
}

int config_file_set(struct detector_config *config, const char *assignment, struct err *err)
{
    const char *equals = strchr(assignment, '=');
    char name[NAME_SIZE];

    if (!equals || (size_t)(equals - assignment) >= sizeof name)
        return err_set(err, -EINVAL, "'%s' is not option=value", assignment);
    memcpy(name, assignment, (size_t)(equals - assignment));
    name[equals - assignment] = '\0';
    return detector_config_set(config, name, equals + 1, err);
}

void config_file_write(struct json_write *w, const struct detector_config *config)
{
    for (uint32_t i = 0; i < config_option_count; i++) {
        char text[VALUE_SIZE];

        if (strcmp(config_option[i].name, "hash_key") != 0)
            json_write_f64(w, config_option[i].name,
                           strtod(detector_config_get(config, i, text, sizeof text), NULL), 15);
    }
}

int config_cli_load(void *ctx, const char *path)
{
    struct config_target *target = ctx;
    struct err err;
    int r = config_file_load(path, &target->config, &err);

    if (r < 0)
        cli_error(target->command, "%s", err.text);
    return r == 0 ? 0 : r == -EINVAL ? EXIT_INVALID : EXIT_FAILED;
}

int config_cli_set(void *ctx, const char *assignment)
{
    struct config_target *target = ctx;
    struct err err;

    if (config_file_set(&target->config, assignment, &err) == 0)
        return 0;
    cli_error(target->command, "--set: %s", err.text);
    return EXIT_INVALID;
}
