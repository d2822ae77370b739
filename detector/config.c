#include "config.h"

#include "base/hash.h"
#include "base/nearest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPTION_ROW(type, name, value, min, max, unit, help)                                        \
    {#name,                                                                                        \
     #type,                                                                                        \
     unit,                                                                                         \
     help,                                                                                         \
     (double)(value),                                                                              \
     (double)(min),                                                                                \
     (double)(max),                                                                                \
     (uint32_t)offsetof(struct detector_config, name)},
const struct config_option config_option[] = {DETECTOR_OPTIONS(OPTION_ROW)};
const uint32_t config_option_count = sizeof config_option / sizeof *config_option;
#undef OPTION_ROW

void detector_config_default(struct detector_config *config)
{
    memset(config, 0, sizeof *config);
#define OPTION_SET(type, name, value, min, max, unit, help) config->name = (CONFIG_##type)(value);
    DETECTOR_OPTIONS(OPTION_SET)
#undef OPTION_SET
}

static int unknown(const char *name, struct err *err)
{
    const char *names[64];
    const char *nearest;

    for (uint32_t i = 0; i < config_option_count; i++)
        names[i] = config_option[i].name;
    nearest = nearest_word(name, names, config_option_count);
    return err_set(err, -EINVAL,
                   nearest ? "%s: no such option; did you mean %s?" : "%s: no such option", name,
                   nearest);
}

int detector_config_set(struct detector_config *config, const char *name, const char *value,
                        struct err *err)
{
    const struct config_option *o = NULL;
    char *end = NULL;
    char *field;
    double number;

    for (uint32_t i = 0; i < config_option_count; i++)
        if (strcmp(config_option[i].name, name) == 0)
            o = &config_option[i];
    if (!o)
        return unknown(name, err);
    field = (char *)config + o->offset;
    number = strtod(value, &end);
    if (*end || !*value || !(number >= o->min && number <= o->max))
        return err_set(err, -EINVAL, "%s: '%s' is not a number from %g to %g", name, value, o->min,
                       o->max);
    if (strcmp(o->type, "f64") == 0) {
        memcpy(field, &number, sizeof number);
        return 0;
    }
    if (number != (double)(uint64_t)number && strcmp(o->type, "u64") != 0)
        return err_set(err, -EINVAL, "%s: '%s' is not a whole number", name, value);
    if (strcmp(o->type, "u32") == 0) {
        uint32_t u = (uint32_t)number;

        memcpy(field, &u, sizeof u);
    } else {
        uint64_t u = strtoull(value, &end, 10);

        if (*end) /* "3e5" */
            u = (uint64_t)number;
        memcpy(field, &u, sizeof u);
    }
    return 0;
}

const char *detector_config_get(const struct detector_config *config, uint32_t option, char *text,
                                uint32_t size)
{
    const struct config_option *o = &config_option[option];
    const char *field = (const char *)config + o->offset;
    double f;
    uint32_t u;
    uint64_t w;

    if (strcmp(o->type, "f64") == 0) {
        memcpy(&f, field, sizeof f);
        (void)snprintf(text, size, "%.12g", f);
    } else if (strcmp(o->type, "u32") == 0) {
        memcpy(&u, field, sizeof u);
        (void)snprintf(text, size, "%" PRIu32, u);
    } else {
        memcpy(&w, field, sizeof w);
        (void)snprintf(text, size, "%" PRIu64, w);
    }
    return text;
}

uint64_t detector_config_digest(const struct detector_config *config)
{
    uint64_t digest = 0;

    for (uint32_t i = 0; i < config_option_count; i++) {
        char text[32];

        if (strcmp(config_option[i].name, "hash_key") == 0)
            continue; /* a secret: it must not show, and changes no verdict */
        digest = hash_str(str_of(config_option[i].name), digest);
        digest = hash_str(str_of(detector_config_get(config, i, text, sizeof text)), digest);
    }
    return digest;
}

/* The size of a table, or the key of their hashes. */
static bool is_capacity(const char *name)
{
    size_t size = strlen(name);

    return strcmp(name, "hash_key") == 0 || strcmp(name, "names_bytes") == 0 ||
           (size > 4 && strcmp(name + size - 4, "_max") == 0);
}

int detector_config_change(const struct detector_config *from, const struct detector_config *to,
                           struct err *err)
{
    for (uint32_t i = 0; i < config_option_count; i++) {
        const char *name = config_option[i].name;
        char is[32], was[32];

        (void)detector_config_get(to, i, is, sizeof is);
        (void)detector_config_get(from, i, was, sizeof was);
        if (is_capacity(name) && strcmp(is, was) != 0)
            return strcmp(name, "hash_key") == 0
                       ? err_set(err, -EINVAL, "hash_key cannot change while there is state")
                       : err_set(err, -EINVAL,
                                 "%s cannot change from %s to %s while there is state", name, was,
                                 is);
    }
    if (to->watch_score > to->review_score || to->review_score > to->act_score)
        return err_set(err, -EINVAL, "watch_score <= review_score <= act_score does not hold");
    return 0;
}
