/* Reading and checking a map file. Every complaint says file, line, path and what would be right.
 */
#include "base/cleanup.h"
#include "base/json_place.h"
#include "base/nearest.h"
#include "field_map_parts.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

CLEANUP_DEFINE(struct field_map, field_map_free)

enum { MAP_FILE_MAX = 1024 * 1024 };

#define WORD(name, word) word,
static const char *const time_word[MAP_TIME_COUNT] = {MAP_TIMES(WORD)};
static const char *const take_word[MAP_TAKE_COUNT] = {MAP_TAKES(WORD)};
#undef WORD

struct loader {
    const char *path, *text;
    size_t size;
    struct field_map *map;
    struct err *err;
};

static int fail(const struct loader *l, const struct json_place *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int fail(const struct loader *l, const struct json_place *at, const char *format, ...)
{
    char message[ERR_TEXT_SIZE], where[JSON_PLACE_TEXT_SIZE];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return err_set(l->err, -EINVAL, "%s:%d: %s: %s", l->path, json_place_line(at, l->text, l->size),
                   json_place_text(at, where), message);
}

static int no_memory(const struct loader *l)
{
    return err_set(l->err, -ENOMEM, "%s: no memory", l->path);
}

static int unknown_word(const struct loader *l, const struct json_place *at, const char *what,
                        const char *word, const char *const *known, uint32_t count)
{
    const char *nearest = nearest_word(word, known, count);

    if (nearest)
        return fail(l, at, "no such %s: \"%s\"; did you mean \"%s\"?", what, word, nearest);
    return fail(l, at, "no such %s: \"%s\"", what, word);
}

/* ---- pieces ---- */

static int check_keys(const struct loader *l, const struct json_place *at, json_t *object,
                      const char *const *known, uint32_t count)
{
    const char *key;
    json_t *value;

    if (!json_is_object(object))
        return fail(l, at, "must be an object");
    json_object_foreach(object, key, value)
    {
        const struct json_place here = {.parent = at, .key = key};
        uint32_t i = 0;

        while (i < count && strcmp(key, known[i]) != 0)
            i++;
        if (i == count)
            return unknown_word(l, &here, "key", key, known, count);
    }
    return 0;
}

static int load_text(const struct loader *l, const struct json_place *at, json_t *node,
                     const char **out)
{
    *out = json_string_value(node);
    return *out ? 0 : fail(l, at, "must be a text");
}

/* The index of one of a vocabulary's words. */
static int load_choice(const struct loader *l, const struct json_place *at, json_t *node,
                       const char *what, const char *const *known, uint32_t count)
{
    const char *word;
    int r = load_text(l, at, node, &word);

    for (uint32_t i = 0; r == 0 && i < count; i++)
        if (strcmp(word, known[i]) == 0)
            return (int)i;
    return r < 0 ? r : unknown_word(l, at, what, word, known, count);
}

static int load_hash(const struct loader *l, const struct json_place *at, json_t *node, bool *out)
{
    *out = json_is_true(node);
    return json_is_boolean(node) ? 0 : fail(l, at, "must be true or false");
}

static int load_take(const struct loader *l, const struct json_place *at, json_t *node,
                     enum map_take *out)
{
    int r = load_choice(l, at, node, "take", take_word, MAP_TAKE_COUNT);

    *out = r < 0 ? TAKE_WHOLE : (enum map_take)r;
    return r < 0 ? r : 0;
}

static int load_path_text(const struct loader *l, const struct json_place *at, json_t *node,
                          struct source_path *out)
{
    const char *text, *wrong;
    int r = load_text(l, at, node, &text);

    if (r < 0)
        return r;
    wrong = map_path_parse(text, l->map->csv, out);
    if (wrong)
        return fail(l, at, "\"%s\": %s", text, wrong);
    out->slot = l->map->path_count++;
    return 0;
}

/* {"path", "take", "hash"}: a candidate that is read in its own way. */
static int load_path_object(const struct loader *l, const struct json_place *at, json_t *node,
                            struct source_path *out)
{
    static const char *const keys[] = {"path", "take", "hash"};
    const struct json_place path_at = {.parent = at, .key = "path"};
    const struct json_place take_at = {.parent = at, .key = "take"};
    const struct json_place hash_at = {.parent = at, .key = "hash"};
    json_t *path = json_object_get(node, "path");
    json_t *take = json_object_get(node, "take");
    json_t *hash = json_object_get(node, "hash");
    int r = check_keys(l, at, node, keys, sizeof keys / sizeof *keys);

    if (r == 0 && !path)
        r = fail(l, at, "\"path\" is missing");
    if (r == 0)
        r = load_path_text(l, &path_at, path, out);
    if (r == 0 && take)
        r = load_take(l, &take_at, take, &out->take);
    if (r == 0 && hash)
        r = load_hash(l, &hash_at, hash, &out->hash);
    return r;
}

/* A candidate, or a list of them. */
static int load_paths(const struct loader *l, const struct json_place *at, json_t *node,
                      struct path_list *out)
{
    size_t count = json_is_array(node) ? json_array_size(node) : 1;

    if (count == 0)
        return fail(l, at, "an empty list");
    out->path = calloc(count, sizeof *out->path);
    if (!out->path)
        return no_memory(l);
    for (size_t i = 0; i < count; i++) {
        const struct json_place item = {.parent = at, .index = i};
        const struct json_place *here = json_is_array(node) ? &item : at;
        json_t *one = json_is_array(node) ? json_array_get(node, i) : node;
        int r;

        out->count++;
        if (json_is_object(one))
            r = load_path_object(l, here, one, &out->path[i]);
        else
            r = load_path_text(l, here, one, &out->path[i]);
        if (r < 0)
            return r;
    }
    return 0;
}

static int load_words(const struct loader *l, const struct json_place *at, json_t *node,
                      struct word_list *out)
{
    json_t *item;
    size_t i;

    if (!json_is_array(node))
        return fail(l, at, "must be a list of texts");
    out->word = calloc(json_array_size(node) + 1, sizeof *out->word);
    if (!out->word)
        return no_memory(l);
    json_array_foreach(node, i, item)
    {
        const struct json_place here = {.parent = at, .index = i};
        const char *text;
        int r = load_text(l, &here, item, &text);

        if (r < 0)
            return r;
        out->word[i] = strdup(text);
        if (!out->word[i])
            return no_memory(l);
        out->count++;
    }
    return 0;
}

/* A text, number or boolean that stands in the map itself; its text is the tree's. */
static int load_value(const struct loader *l, const struct json_place *at, json_t *node,
                      struct source_value *out)
{
    *out = map_tree_value(node);
    if (out->kind == SOURCE_TREE || out->kind == SOURCE_NONE) {
        *out = (struct source_value){.kind = SOURCE_NONE};
        return fail(l, at, "must be a text, a number, true or false");
    }
    return 0;
}

static int load_translation(const struct loader *l, const struct json_place *at, json_t *node,
                            struct field_rule *rule)
{
    const char *key;
    json_t *value;

    if (!json_is_object(node) || json_object_size(node) == 0)
        return fail(l, at, "must be an object of source value to contract value");
    rule->translate_from.word = calloc(json_object_size(node), sizeof *rule->translate_from.word);
    rule->translate_to = calloc(json_object_size(node), sizeof *rule->translate_to);
    if (!rule->translate_from.word || !rule->translate_to)
        return no_memory(l);
    json_object_foreach(node, key, value)
    {
        const struct json_place here = {.parent = at, .key = key};
        uint32_t i = rule->translate_from.count;
        int r = load_value(l, &here, value, &rule->translate_to[i]);

        if (r < 0)
            return r;
        rule->translate_from.word[i] = strdup(key);
        rule->translate_from.count++;
        if (!rule->translate_from.word[i])
            return no_memory(l);
    }
    return 0;
}

/* ---- a field's rule ---- */

/* For the candidates that do not say it themselves. */
static void paths_default(struct path_list *list, enum map_take take, bool hash)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->path[i].take == TAKE_WHOLE)
            list->path[i].take = take;
        list->path[i].hash |= hash;
    }
}

static int load_otherwise(const struct loader *l, const struct json_place *at, json_t *node,
                          struct field_rule *rule)
{
    rule->forgives = true;
    return json_is_null(node) ? 0 : load_value(l, at, node, &rule->otherwise);
}

static int load_rule_key(const struct loader *l, const struct json_place *at, json_t *node,
                         struct field_rule *rule)
{
    int r;

    if (strcmp(at->key, "translate") == 0)
        return load_translation(l, at, node, rule);
    if (strcmp(at->key, "constant") == 0)
        return load_value(l, at, node, &rule->constant);
    if (strcmp(at->key, "otherwise") == 0)
        return load_otherwise(l, at, node, rule);
    if (strcmp(at->key, "is_any") == 0) {
        r = load_words(l, at, node, &rule->is_any);
        return r < 0 || rule->is_any.count ? r : fail(l, at, "an empty list");
    }
    if (strcmp(at->key, "time") == 0) {
        r = load_choice(l, at, node, "time format", time_word, MAP_TIME_COUNT);
        rule->time = r < 0 ? TIME_CONTRACT : (enum map_time)r;
        return r < 0 ? r : 0;
    }
    if (strcmp(at->key, "scale") == 0) {
        rule->scale = json_number_value(node);
        return rule->scale > 0 ? 0 : fail(l, at, "must be a number above 0");
    }
    return 0; /* "from", "since", "take" and "hash" belong together: load_sources() */
}

static int load_sources(const struct loader *l, const struct json_place *at, json_t *node,
                        struct field_rule *rule)
{
    const struct json_place from_at = {.parent = at, .key = "from"};
    const struct json_place since_at = {.parent = at, .key = "since"};
    const struct json_place take_at = {.parent = at, .key = "take"};
    const struct json_place hash_at = {.parent = at, .key = "hash"};
    json_t *from = json_object_get(node, "from");
    json_t *since = json_object_get(node, "since");
    json_t *take_node = json_object_get(node, "take");
    json_t *hash_node = json_object_get(node, "hash");
    enum map_take take = TAKE_WHOLE;
    bool hash = false;
    int r = from ? load_paths(l, &from_at, from, &rule->from) : 0;

    if (r == 0 && since)
        r = load_paths(l, &since_at, since, &rule->since);
    if (r == 0 && take_node)
        r = load_take(l, &take_at, take_node, &take);
    if (r == 0 && hash_node)
        r = load_hash(l, &hash_at, hash_node, &hash);
    paths_default(&rule->from, take, hash);
    return r;
}

static bool any_hashed(const struct field_rule *rule)
{
    for (uint32_t i = 0; i < rule->from.count; i++)
        if (rule->from.path[i].hash)
            return true;
    return false;
}

/* Keys that mean nothing for the field's kind are mistakes, not decoration. */
static int check_rule(const struct loader *l, const struct json_place *at, enum field f,
                      const struct field_rule *rule)
{
    enum field_kind kind = field_info[f].kind;
    bool time = kind == KIND_TIME || rule->since.count > 0;

    if (!(field_info[f].records & 1u << l->map->type))
        return fail(l, at, "is no field of the record type \"%s\"", record_type_name[l->map->type]);
    if (rule->from.count == 0 && rule->constant.kind == SOURCE_NONE)
        return fail(l, at, "needs \"from\" or \"constant\"");
    if (rule->time != TIME_CONTRACT && !time)
        return fail(l, at, "\"time\" is for fields that hold a time, or with \"since\"");
    if (rule->since.count && kind != KIND_INT)
        return fail(l, at, "\"since\" is for whole numbers such as \"latency_ms\"");
    if (rule->scale > 0 && ((kind != KIND_INT && kind != KIND_NUM) || rule->since.count))
        return fail(l, at, "\"scale\" is for numbers, and not with \"since\"");
    if (any_hashed(rule) && kind != KIND_STR)
        return fail(l, at, "\"hash\" is for texts");
    if (rule->is_any.count && kind != KIND_BOOL)
        return fail(l, at, "\"is_any\" is for fields that are true or false");
    return 0;
}

static int load_rule(const struct loader *l, const struct json_place *at, json_t *node,
                     enum field f)
{
    static const char *const keys[] = {"from",      "since",  "time",     "take", "scale",
                                       "translate", "is_any", "constant", "hash", "otherwise"};
    struct field_rule *rule = &l->map->rule[f];
    const char *key;
    json_t *value;
    int r = 0;

    rule->used = true;
    if (json_is_string(node) || json_is_array(node)) {
        r = load_paths(l, at, node, &rule->from);
    } else {
        r = check_keys(l, at, node, keys, sizeof keys / sizeof *keys);
        if (r < 0)
            return r;
        json_object_foreach(node, key, value)
        {
            const struct json_place here = {.parent = at, .key = key};

            r = load_rule_key(l, &here, value, rule);
            if (r < 0)
                return r;
        }
        r = load_sources(l, at, node, rule);
    }
    return r < 0 ? r : check_rule(l, at, f, rule);
}

static int load_fields(const struct loader *l, const struct json_place *at, json_t *node)
{
    const enum field owner = l->map->type == RECORD_RELEASE ? FIELD_model : FIELD_account;
    const char *known[FIELD_COUNT];
    const char *key;
    json_t *value;

    for (uint32_t f = 0; f < FIELD_COUNT; f++)
        known[f] = field_info[f].name;
    if (!json_is_object(node))
        return fail(l, at, "must be an object of contract field to source");
    json_object_foreach(node, key, value)
    {
        const struct json_place here = {.parent = at, .key = key};
        enum field f = field_find(str_of(key));
        int r;

        if (f == FIELD_COUNT)
            return unknown_word(l, &here, "field", key, known, FIELD_COUNT);
        r = load_rule(l, &here, value, f);
        if (r < 0)
            return r;
    }
    if (!l->map->rule[FIELD_ts].used)
        return fail(l, at, "\"ts\" is missing");
    if (!l->map->rule[owner].used)
        return fail(l, at, "\"%s\" is missing", field_info[owner].name);
    return 0;
}

/* ---- filters and records ---- */

static int load_filter(const struct loader *l, const struct json_place *at, json_t *node,
                       struct map_filter *filter)
{
    static const char *const keys[] = {"path", "exists", "in", "not_in"};
    json_t *exists = json_object_get(node, "exists");
    json_t *in = json_object_get(node, "in");
    json_t *not_in = json_object_get(node, "not_in");
    const struct json_place path_at = {.parent = at, .key = "path"};
    const struct json_place word_at = {.parent = at, .key = in ? "in" : "not_in"};
    int r = check_keys(l, at, node, keys, sizeof keys / sizeof *keys);

    if (r < 0)
        return r;
    if (!json_object_get(node, "path") || !!exists + !!in + !!not_in != 1)
        return fail(l, at, "needs \"path\" and one of \"exists\", \"in\", \"not_in\"");
    r = load_paths(l, &path_at, json_object_get(node, "path"), &filter->path);
    if (r < 0)
        return r;
    filter->exists = json_is_true(exists);
    filter->negate = not_in != NULL;
    if (exists)
        return json_is_boolean(exists) ? 0 : fail(l, at, "\"exists\" must be true or false");
    r = load_words(l, &word_at, in ? in : not_in, &filter->words);
    return r < 0 || filter->words.count ? r : fail(l, &word_at, "an empty list");
}

static int load_filters(const struct loader *l, const struct json_place *at, json_t *node)
{
    json_t *item;
    size_t i;

    if (!json_is_array(node))
        return fail(l, at, "must be a list of conditions, all of which must hold");
    l->map->filter = calloc(json_array_size(node) + 1, sizeof *l->map->filter);
    if (!l->map->filter)
        return no_memory(l);
    json_array_foreach(node, i, item)
    {
        const struct json_place here = {.parent = at, .index = i};
        int r;

        l->map->filter_count++;
        r = load_filter(l, &here, item, &l->map->filter[i]);
        if (r < 0)
            return r;
    }
    return 0;
}

static int load_records(const struct loader *l, const struct json_place *at, json_t *node)
{
    int r;

    if (l->map->csv)
        return fail(l, at, "is for JSON: a CSV line is one record");
    r = load_paths(l, at, node, &l->map->records);
    for (uint32_t i = 0; r == 0 && i < l->map->records.count; i++) {
        const struct source_path *path = &l->map->records.path[i];
        uint32_t levels = 0;

        for (uint32_t s = 0; s < path->step_count; s++)
            levels += path->step[s].each;
        if (levels > MAP_LEVELS_MAX)
            r = fail(l, at, "more than %d [*] in a path", MAP_LEVELS_MAX);
    }
    return r;
}

/* ---- the whole ---- */

static int load_format(const struct loader *l, json_t *root)
{
    static const char *const formats[] = {"jsonl", "csv"};
    const struct json_place top = {0};
    const struct json_place format_at = {.parent = &top, .key = "format"};
    const struct json_place delimiter_at = {.parent = &top, .key = "delimiter"};
    json_t *format = json_object_get(root, "format");
    json_t *delimiter = json_object_get(root, "delimiter");
    int r;

    if (!format)
        return fail(l, &top, "\"format\" is missing");
    r = load_choice(l, &format_at, format, "format", formats, 2);
    if (r < 0)
        return r;
    l->map->csv = r == 1;
    l->map->delimiter = ',';
    if (!delimiter)
        return 0;
    if (!l->map->csv)
        return fail(l, &delimiter_at, "is for the format \"csv\"");
    if (json_string_length(delimiter) != 1 || strchr("\"\r\n", *json_string_value(delimiter)))
        return fail(l, &delimiter_at, "must be one character");
    l->map->delimiter = *json_string_value(delimiter);
    return 0;
}

static int load_head(const struct loader *l, json_t *root)
{
    const struct json_place top = {0};
    const struct json_place name_at = {.parent = &top, .key = "name"};
    const struct json_place type_at = {.parent = &top, .key = "type"};
    const struct json_place absent_at = {.parent = &top, .key = "absent"};
    json_t *type = json_object_get(root, "type");
    json_t *absent = json_object_get(root, "absent");
    const char *name;
    int r;

    if (!json_object_get(root, "name"))
        return fail(l, &top, "\"name\" is missing");
    r = load_text(l, &name_at, json_object_get(root, "name"), &name);
    if (r < 0)
        return r;
    l->map->name = strdup(name);
    if (!l->map->name)
        return no_memory(l);
    if (type) {
        r = load_choice(l, &type_at, type, "record type", record_type_name, RECORD_TYPE_COUNT);
        if (r < 0)
            return r;
        l->map->type = (enum record_type)r;
    }
    if (absent)
        return load_words(l, &absent_at, absent, &l->map->absent);
    absent = json_pack("[s]", "");
    r = absent ? load_words(l, &absent_at, absent, &l->map->absent) : no_memory(l);
    json_decref(absent);
    return r;
}

static int load_map(const struct loader *l, json_t *root)
{
    static const char *const keys[] = {"$schema", "name",   "about",   "format", "delimiter",
                                       "type",    "absent", "records", "filter", "fields"};
    const struct json_place top = {0};
    const struct json_place records_at = {.parent = &top, .key = "records"};
    const struct json_place filter_at = {.parent = &top, .key = "filter"};
    const struct json_place fields_at = {.parent = &top, .key = "fields"};
    json_t *records = json_object_get(root, "records");
    json_t *filter = json_object_get(root, "filter");
    json_t *fields = json_object_get(root, "fields");
    int r = check_keys(l, &top, root, keys, sizeof keys / sizeof *keys);

    if (r == 0)
        r = load_format(l, root);
    if (r == 0)
        r = load_head(l, root);
    if (r == 0 && records)
        r = load_records(l, &records_at, records);
    if (r == 0 && filter)
        r = load_filters(l, &filter_at, filter);
    if (r < 0)
        return r;
    if (!fields)
        return fail(l, &top, "\"fields\" is missing");
    return load_fields(l, &fields_at, fields);
}

static int file_read(const char *path, char **text, size_t *size, struct err *err)
{
    AUTO_FCLOSE FILE *f = fopen(path, "rb");
    AUTO_FREE char *buffer = malloc(MAP_FILE_MAX + 1);

    if (!f)
        return err_set(err, -errno, "%s: %s", path, strerror(errno));
    if (!buffer)
        return err_set(err, -ENOMEM, "%s: no memory", path);
    *size = fread(buffer, 1, MAP_FILE_MAX + 1, f);
    if (ferror(f))
        return err_set(err, -EIO, "%s: cannot be read", path);
    if (*size > MAP_FILE_MAX)
        return err_set(err, -EINVAL, "%s: more than 1 MiB is no field map", path);
    *text = TAKE(buffer);
    return 0;
}

int field_map_load(const char *path, struct field_map **out, struct err *err)
{
    AUTO(field_map_free) struct field_map *map = calloc(1, sizeof *map);
    AUTO_FREE char *text = NULL;
    json_error_t at;
    size_t size = 0;
    int r = file_read(path, &text, &size, err);

    if (r < 0)
        return r;
    if (!map)
        return err_set(err, -ENOMEM, "%s: no memory", path);
    map->tree = json_loadb(text, size, JSON_REJECT_DUPLICATES, &at);
    if (!map->tree)
        return err_set(err, -EINVAL, "%s:%d: syntax: %s", path, at.line, at.text);
    r = load_map(&(struct loader){path, text, size, map, err}, map->tree);
    if (r == 0)
        *out = TAKE(map);
    return r;
}

/* ---- release and questions ---- */

static void paths_free(struct path_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        map_path_deinit(&list->path[i]);
    free(list->path);
}

static void words_free(struct word_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        free(list->word[i]);
    free(list->word);
}

static void rule_free(struct field_rule *rule)
{
    paths_free(&rule->from);
    paths_free(&rule->since);
    free(rule->translate_to);
    words_free(&rule->translate_from);
    words_free(&rule->is_any);
}

void field_map_free(struct field_map *map)
{
    if (!map)
        return;
    for (uint32_t f = 0; f < FIELD_COUNT; f++)
        rule_free(&map->rule[f]);
    for (uint32_t i = 0; i < map->filter_count; i++) {
        paths_free(&map->filter[i].path);
        words_free(&map->filter[i].words);
    }
    free(map->filter);
    words_free(&map->absent);
    paths_free(&map->records);
    json_decref(map->tree);
    free(map->name);
    free(map);
}

const char *field_map_name(const struct field_map *map)
{
    return map->name;
}

bool field_map_has_header(const struct field_map *map)
{
    return map->csv;
}

bool field_map_hides(const struct field_map *map)
{
    for (uint32_t f = 0; f < FIELD_COUNT; f++)
        if (any_hashed(&map->rule[f]))
            return true;
    return false;
}
