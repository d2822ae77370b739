/* Walking JSON: members, elements, OpenTelemetry attribute lists, and JSON that stands in text. */
#include "field_map_parts.h"

#include <stdlib.h>

/* Keeps the tree until the line is done; takes the reference. False: no memory. */
static bool keep(struct field_map_reader *r, const char *source, json_t *tree)
{
    if (r->made_count == r->made_capacity) {
        size_t capacity = r->made_capacity ? 2 * r->made_capacity : 16;
        struct made_tree *made = realloc(r->made, capacity * sizeof *made);

        if (!made) {
            json_decref(tree);
            return false;
        }
        r->made = made;
        r->made_capacity = capacity;
    }
    r->made[r->made_count++] = (struct made_tree){source, tree};
    return true;
}

json_t *map_tree_decode(struct field_map_reader *r, struct str text)
{
    uint32_t i = 0;
    json_t *tree;

    for (size_t m = 0; m < r->made_count; m++)
        if (r->made[m].source == text.p)
            return r->made[m].tree;
    while (i < text.n && strchr(" \t\r\n", text.p[i]))
        i++;
    if (i == text.n || (text.p[i] != '{' && text.p[i] != '['))
        return NULL;
    tree = json_loadb(text.p, text.n, JSON_ALLOW_NUL, NULL);
    return keep(r, text.p, tree) ? tree : NULL;
}

static json_t *otlp_plain(json_t *any);

static json_t *otlp_array(json_t *values)
{
    json_t *array = json_array();
    json_t *value;
    size_t i;

    json_array_foreach(values, i, value) json_array_append_new(array, otlp_plain(value));
    return array;
}

static json_t *otlp_object(json_t *pairs)
{
    json_t *object = json_object();
    json_t *pair;
    size_t i;

    json_array_foreach(pairs, i, pair)
    {
        const char *key = json_string_value(json_object_get(pair, "key"));

        if (key)
            json_object_set_new(object, key, otlp_plain(json_object_get(pair, "value")));
    }
    return object;
}

/* An OpenTelemetry AnyValue as the value that it stands for; a new reference. */
static json_t *otlp_plain(json_t *any)
{
    static const char *const scalar[] = {"stringValue", "intValue", "doubleValue", "boolValue",
                                         "bytesValue"};
    json_t *list;

    for (size_t i = 0; i < sizeof scalar / sizeof *scalar; i++) {
        json_t *value = json_object_get(any, scalar[i]);

        if (value)
            return json_incref(value);
    }
    list = json_object_get(json_object_get(any, "arrayValue"), "values");
    if (list)
        return otlp_array(list);
    list = json_object_get(json_object_get(any, "kvlistValue"), "values");
    return list ? otlp_object(list) : json_null();
}

/* The value of an attribute in a list of {key, value}. */
static json_t *attribute(struct field_map_reader *r, json_t *list, const struct path_step *step)
{
    json_t *pair;
    size_t i;

    json_array_foreach(list, i, pair)
    {
        json_t *key = json_object_get(pair, "key");
        json_t *plain;

        if (!json_is_string(key) || json_string_length(key) != step->size ||
            memcmp(json_string_value(key), step->name, step->size) != 0)
            continue;
        plain = otlp_plain(json_object_get(pair, "value"));
        return keep(r, NULL, plain) ? plain : NULL;
    }
    return NULL;
}

json_t *map_tree_step(struct field_map_reader *r, json_t *node, const struct path_step *step)
{
    if (json_is_string(node))
        node = map_tree_decode(r, map_tree_value(node).text);
    if (json_is_object(node))
        return json_object_get(node, step->name);
    if (!json_is_array(node))
        return NULL;
    if (step->is_index) {
        long size = (long)json_array_size(node);
        long i = step->index < 0 ? size + step->index : step->index;

        return i >= 0 ? json_array_get(node, (size_t)i) : NULL;
    }
    return attribute(r, node, step);
}

struct source_value map_tree_value(json_t *node)
{
    struct source_value v = {.kind = SOURCE_NONE};

    if (json_is_string(node)) {
        v.kind = SOURCE_TEXT;
        v.text = (struct str){json_string_value(node), (uint32_t)json_string_length(node)};
    } else if (json_is_integer(node)) {
        v.kind = SOURCE_INT;
        v.integer = json_integer_value(node);
    } else if (json_is_real(node)) {
        v.kind = SOURCE_REAL;
        v.real = json_real_value(node);
    } else if (json_is_boolean(node)) {
        v.kind = SOURCE_BOOL;
        v.integer = json_is_true(node);
    } else if (json_is_object(node) || json_is_array(node)) {
        v.kind = SOURCE_TREE;
        v.tree = node;
    }
    return v;
}
