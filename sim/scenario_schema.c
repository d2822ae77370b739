#include "sim/scenario_schema.h"

#include "base/cleanup.h"
#include "sim/kinds.h"
#include "sim/scenario_keys.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

/* jansson's setters accept NULL values and then fail; a schema that lacks something is noticed at
 * the end: `bad` is set by the first failure. */
struct schema {
    json_t *defs;
    bool bad;
};

static void put(struct schema *s, json_t *object, const char *name, json_t *value)
{
    if (json_object_set_new(object, name, value) != 0)
        s->bad = true;
}

/* Whole numbers are written without ".0": people read this file. */
static json_t *number(double v)
{
    return v == floor(v) && fabs(v) < 1e16 ? json_integer((json_int_t)v) : json_real(v);
}

static json_t *typed(struct schema *s, const char *type)
{
    json_t *node = json_object();

    put(s, node, "type", json_string(type));
    return node;
}

static void range(struct schema *s, json_t *node, double min, double max)
{
    put(s, node, "minimum", number(min));
    put(s, node, "maximum", number(max));
}

/* With help for each word a list of constants, else a plain enumeration. */
static json_t *words(struct schema *s, const char *const *word, const char *const *help,
                     uint32_t count)
{
    json_t *node = json_object(), *list = json_array();

    for (uint32_t i = 0; i < count; i++) {
        json_t *item;

        if (!word[i] || !*word[i])
            continue;
        item = json_string(word[i]);
        if (help) {
            json_t *constant = json_object();

            put(s, constant, "const", item);
            put(s, constant, "description", json_string(help[i]));
            item = constant;
        }
        if (json_array_append_new(list, item) != 0)
            s->bad = true;
    }
    put(s, node, help ? "oneOf" : "enum", list);
    return node;
}

static json_t *weight(struct schema *s)
{
    json_t *node = typed(s, "number");

    range(s, node, 0, 1e9);
    return node;
}

/* An object of names to weights; `names` says which, NULL: any. Takes `names`. */
static json_t *weights(struct schema *s, json_t *names)
{
    json_t *node = typed(s, "object");

    if (names)
        put(s, node, "propertyNames", names);
    put(s, node, "additionalProperties", weight(s));
    put(s, node, "minProperties", json_integer(1));
    return node;
}

static json_t *country_code(struct schema *s)
{
    json_t *node = typed(s, "string");

    put(s, node, "pattern", json_string("^[A-Z]{2}$"));
    return node;
}

static json_t *either(struct schema *s, json_t *a, json_t *b)
{
    json_t *node = json_object(), *list = json_array();

    if (json_array_append_new(list, a) != 0 || json_array_append_new(list, b) != 0)
        s->bad = true;
    put(s, node, "oneOf", list);
    return node;
}

static json_t *array_of(struct schema *s, json_t *items, int max)
{
    json_t *node = typed(s, "array");

    put(s, node, "items", items);
    if (max > 0)
        put(s, node, "maxItems", json_integer(max));
    return node;
}

static json_t *reference(struct schema *s, const char *name)
{
    json_t *node = json_object();
    char path[64];

    (void)snprintf(path, sizeof path, "#/$defs/%s", name);
    put(s, node, "$ref", json_string(path));
    return node;
}

static json_t *law(struct schema *s, const struct key *key)
{
    static const char *const members[] = {"median", "sigma", "min", "max"};
    json_t *plain = typed(s, "number"), *full = typed(s, "object"), *properties = json_object();

    range(s, plain, key->min, key->max);
    for (uint32_t i = 0; i < 4; i++) {
        json_t *item = typed(s, "number");

        if (i == 1) {
            put(s, item, "description", json_string("standard deviation of the logarithm"));
            range(s, item, 0, 10);
        } else {
            range(s, item, key->min, key->max);
        }
        put(s, properties, members[i], item);
    }
    put(s, full, "properties", properties);
    put(s, full, "required", json_pack("[s]", "median"));
    put(s, full, "additionalProperties", json_false());
    return either(s, plain, full);
}

static json_t *hours(struct schema *s)
{
    json_t *list = array_of(s, weight(s), HOURS_PER_DAY);

    put(s, list, "minItems", json_integer(HOURS_PER_DAY));
    return either(s, words(s, day_profile_name, NULL, DAY_PROFILE_COUNT), list);
}

static json_t *name(struct schema *s)
{
    json_t *node = typed(s, "string");
    char pattern[40];

    (void)snprintf(pattern, sizeof pattern, "^[A-Za-z0-9_.-]{1,%d}$", NAME_SIZE - 1);
    put(s, node, "pattern", json_string(pattern));
    return node;
}

static json_t *scalar(struct schema *s, const struct key *key)
{
    bool whole = key->kind == KEY_COUNT || key->kind == KEY_BIG;
    json_t *node = typed(s, whole ? "integer" : "number");

    range(s, node, key->min, key->max);
    return node;
}

static json_t *bounds(struct schema *s, const struct key *key)
{
    json_t *node = typed(s, "object"), *value = typed(s, "number");

    range(s, value, key->min, key->max);
    put(s, node, "maxProperties", json_integer(EXPECT_MAX));
    put(s, node, "additionalProperties", value);
    return node;
}

static json_t *time_text(struct schema *s)
{
    json_t *node = typed(s, "string");

    put(s, node, "format", json_string("date-time"));
    return node;
}

static json_t *value_schema(struct schema *s, const struct key *key)
{
    switch (key->kind) {
    case KEY_COUNT:
    case KEY_BIG:
    case KEY_NUMBER:
    case KEY_SPAN:
    case KEY_DAY: return scalar(s, key);
    case KEY_FLAG: return typed(s, "boolean");
    case KEY_TIME: return time_text(s);
    case KEY_LAW: return law(s, key);
    case KEY_HOURS: return hours(s);
    case KEY_CHOICE:
    case KEY_KIND: return words(s, key->word, key->word_help, key->word_count);
    case KEY_WEIGHTS: return weights(s, words(s, key->word, NULL, key->word_count));
    case KEY_NETWORKS:
    case KEY_MODELS: return weights(s, NULL);
    case KEY_NAME: return name(s);
    case KEY_COHORT:
    case KEY_TEXT: return typed(s, "string");
    case KEY_TEXTS: return array_of(s, typed(s, "string"), 0);
    case KEY_COUNTRIES: return array_of(s, country_code(s), COUNTRY_MAX);
    case KEY_COUNTRY_WEIGHTS: {
        json_t *node = weights(s, country_code(s));

        put(s, node, "maxProperties", json_integer(COUNTRY_MAX));
        return node;
    }
    case KEY_CAMPAIGN_BOUNDS:
    case KEY_POPULATION_BOUNDS: return bounds(s, key);
    case KEY_PART: return reference(s, key->section->name);
    case KEY_LIST: return array_of(s, reference(s, key->section->name), SCENARIO_LIST_MAX);
    case KEY_IGNORED: return json_object();
    }
    return NULL;
}

static void section_define(struct schema *s, const struct section *section, json_t *node)
{
    json_t *properties = json_object(), *required = json_array();

    put(s, node, "description", json_string(section->help));
    put(s, node, "type", json_string("object"));
    for (uint32_t i = 0; i < section->key_count; i++) {
        const struct key *key = &section->key[i];
        json_t *value = value_schema(s, key);
        char text[512];

        (void)snprintf(text, sizeof text, "%s%s%s%s", key->help, key->unit ? " [" : "",
                       key->unit ? key->unit : "", key->unit ? "]" : "");
        put(s, value, "description", json_string(text));
        put(s, properties, key->name, value);
        if (key->required && json_array_append_new(required, json_string(key->name)) != 0)
            s->bad = true;
        if (key->section && !json_object_get(s->defs, key->section->name)) {
            json_t *def = json_object();

            put(s, s->defs, key->section->name, def);
            section_define(s, key->section, def);
        }
    }
    put(s, node, "properties", properties);
    if (json_array_size(required) > 0)
        put(s, node, "required", required);
    else
        json_decref(required);
    put(s, node, "additionalProperties", json_false());
}

char *scenario_schema_text(void)
{
    json_auto_t *root = json_object();
    struct schema s = {.defs = json_object()};
    AUTO_FREE char *text = NULL;
    char *out;

    put(&s, root, "$schema", json_string("https://json-schema.org/draft/2020-12/schema"));
    put(&s, root, "title", json_string("Stillwatch scenario"));
    section_define(&s, &scenario_section, root);
    put(&s, root, "$defs", s.defs);
    text = s.bad ? NULL : json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    if (!text)
        return NULL;
    return asprintf(&out, "%s\n", text) < 0 ? NULL : out;
}
