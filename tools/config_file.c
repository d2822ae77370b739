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

/* What is being read, to name lines. */
struct config_text {
    const char *path, *text;
    size_t size;
};

static int object_set(struct detector_config *config, const json_t *object,
                      const struct config_text *in, const struct json_place *at, struct err *err);

/* A member of the file: an option, or an object of options whose names it begins. */
static int member_set(struct detector_config *config, const char *name, const json_t *value,
                      const struct config_text *in, const struct json_place *at, struct err *err)
{
    const struct json_place place = {at, name, 0};
    char full[2 * NAME_SIZE];
    int r;

    if (json_is_object(value) && !at->parent)
        return object_set(config, value, in, &place, err);
    (void)snprintf(full, sizeof full, "%s%s%s", at->parent ? at->key : "", at->parent ? "." : "",
                   name);
    r = option_set(config, full, value, err);
    if (r < 0)
        err_prefix(err, "%s:%d", in->path, json_place_line(&place, in->text, in->size));
    return r;
}

static int object_set(struct detector_config *config, const json_t *object,
                      const struct config_text *in, const struct json_place *at, struct err *err)
{
    const char *name;
    json_t *value;
    int r = 0;

    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        if (!at->parent && strcmp(name, CONFIG_PROVENANCE) == 0)
            continue; /* for people: where the values come from */
        r = member_set(config, name, value, in, at, err);
        if (r < 0)
            return r;
    }
    return r;
}

int config_file_load(const char *path, struct detector_config *config, struct err *err)
{
    const struct json_place top = {NULL, NULL, 0};
    AUTO_FREE char *text = NULL;
    json_auto_t *root = NULL;
    struct config_text in;
    json_error_t at;
    size_t size;
    int r = text_file_read(path, &text, &size, err);

    if (r < 0)
        return r;
    root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &at);
    if (!root)
        return err_set(err, -EINVAL, "%s:%d: %s", path, at.line, at.text);
    if (!json_is_object(root))
        return err_set(err, -EINVAL, "%s:1: top level: not an object of options", path);
    in = (struct config_text){path, text, size};
    return object_set(config, root, &in, &top, err);
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

/* Whether the option is a member of `object`; then *name is what it is called there. */
static bool belongs_to(const char *option, const char *object, const char **name)
{
    size_t n = strlen(object);

    *name = option + n + 1;
    return strncmp(option, object, n) == 0 && option[n] == '.';
}

static void objects_write(struct json_write *w, const struct detector_config *config,
                          const char *object)
{
    char text[VALUE_SIZE];
    bool open = false;
    const char *name;

    for (uint32_t i = 0; i < config_option_count; i++) {
        double value = strtod(detector_config_get(config, i, text, sizeof text), NULL);

        if (!belongs_to(config_option[i].name, object, &name) || value == config_option[i].value)
            continue;
        if (!open)
            json_write_open(w, object, '{');
        open = true;
        json_write_f64(w, name, value, 15);
    }
    if (open)
        json_write_close(w, '}');
}

void config_file_write(struct json_write *w, const struct detector_config *config)
{
    for (uint32_t i = 0; i < config_option_count; i++) {
        char text[VALUE_SIZE];

        if (strcmp(config_option[i].name, "hash_key") != 0 && !strchr(config_option[i].name, '.'))
            json_write_f64(w, config_option[i].name,
                           strtod(detector_config_get(config, i, text, sizeof text), NULL), 15);
    }
    objects_write(w, config, "weights");
    objects_write(w, config, "caps");
    objects_write(w, config, "calibration");
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

int config_cli_base_rate(void *ctx, const char *share)
{
    struct config_target *target = ctx;
    struct err err;

    if (detector_config_set(&target->config, "base_rate", share, &err) == 0)
        return 0;
    cli_error(target->command, "--base-rate: %s", err.text);
    return EXIT_INVALID;
}
