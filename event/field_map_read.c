/* Applying a field map to one line of somebody's log. */
#include "base/siphash.h"
#include "base/utf8.h"
#include "event/csv.h"
#include "field_map_parts.h"

#include <errno.h>
#include <stdlib.h>

const char FIELD_MAP_SKIP[] = "not an exchange: the map's filter leaves it out";

static const char NO_MEMORY[] = "no memory";

/* Why a value is refused, by field. */
#define WRONG_TIME                       " is not a time in the map's format"
#define WRONG_STR                        " is not a text"
#define WRONG_TEXT                       " is not a text"
#define WRONG_INT                        " is not a whole number from 0"
#define WRONG_NUM                        " is not a number"
#define WRONG_BOOL                       " is not true or false"
#define WRONG_ROW(member, kind, records) "`" #member "`" WRONG_##kind,
static const char *const wrong_type[FIELD_COUNT] = {API_EVENT_FIELDS(WRONG_ROW)};
#define LONG_ROW(member, kind, records) "`" #member "` is longer than 1,024 bytes",
static const char *const too_long[FIELD_COUNT] = {API_EVENT_FIELDS(LONG_ROW)};
#define COLUMN_ROW(member, kind, records)                                                          \
    "the header has none of the columns that the map names for `" #member "`",
static const char *const no_column[FIELD_COUNT] = {API_EVENT_FIELDS(COLUMN_ROW)};

/* ---- scratch memory ---- */

struct scratch_block {
    struct scratch_block *next;
    size_t size, used;
    char bytes[];
};

enum { SCRATCH_BLOCK_SIZE = 16 * 1024 };

char *scratch_take(struct scratch *s, size_t size)
{
    struct scratch_block *block = s->block;

    if (!block || block->size - block->used < size) {
        size_t room = size > SCRATCH_BLOCK_SIZE ? size : SCRATCH_BLOCK_SIZE;

        block = malloc(sizeof *block + room);
        if (!block)
            return NULL;
        *block = (struct scratch_block){.next = s->block, .size = room};
        s->block = block;
    }
    block->used += size;
    return block->bytes + block->used - size;
}

void scratch_reset(struct scratch *s)
{
    while (s->block && s->block->next) {
        struct scratch_block *next = s->block->next;

        free(s->block);
        s->block = next;
    }
    if (s->block)
        s->block->used = 0;
}

void scratch_free(struct scratch *s)
{
    scratch_reset(s);
    free(s->block);
    s->block = NULL;
}

/* ---- life ---- */

int field_map_reader_new(const struct field_map *map, uint64_t secret,
                         struct field_map_reader **out)
{
    struct field_map_reader *r = calloc(1, sizeof *r);

    if (!r)
        return -ENOMEM;
    r->map = map;
    r->secret = secret;
    r->column = malloc(map->path_count * sizeof *r->column + 1);
    if (!r->column) {
        free(r);
        return -ENOMEM;
    }
    *out = r;
    return 0;
}

static void line_forget(struct field_map_reader *r)
{
    for (size_t i = 0; i < r->made_count; i++)
        json_decref(r->made[i].tree);
    r->made_count = 0;
    json_decref(r->root);
    r->root = NULL;
    r->record_count = r->record_next = 0;
}

void field_map_reader_free(struct field_map_reader *r)
{
    if (!r)
        return;
    line_forget(r);
    scratch_free(&r->scratch);
    free(r->made);
    free(r->record);
    free(r->column);
    free(r);
}

bool field_map_is_json(const struct field_map_reader *reader)
{
    return reader->root;
}

uint64_t field_map_cut_count(const struct field_map_reader *reader)
{
    return reader->cut_count;
}

const char *field_map_source(const struct field_map_reader *reader, enum field f)
{
    return reader->source[f];
}

/* ---- CSV ---- */

static void columns_find(struct field_map_reader *r, const struct path_list *list)
{
    for (uint32_t k = 0; k < list->count; k++) {
        const struct source_path *path = &list->path[k];

        r->column[path->slot] = UINT32_MAX;
        for (uint32_t i = 0; i < r->column_count; i++)
            if (str_eq(r->cell[i], (struct str){path->step[0].name, path->step[0].size}))
                r->column[path->slot] = i;
    }
}

static bool any_column(const struct field_map_reader *r, const struct path_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (r->column[list->path[i].slot] != UINT32_MAX)
            return true;
    return false;
}

const char *field_map_header(struct field_map_reader *r, struct str line)
{
    const enum field owner = r->map->type == RECORD_RELEASE ? FIELD_model : FIELD_account;
    const enum field required[] = {FIELD_ts, owner};
    const char *refused;
    char *scratch;

    if (line.n >= 3 && memcmp(line.p, "\xef\xbb\xbf", 3) == 0)
        line = (struct str){line.p + 3, line.n - 3}; /* a spreadsheet's byte order mark */
    scratch_reset(&r->scratch);
    scratch = scratch_take(&r->scratch, line.n);
    if (!scratch)
        return NO_MEMORY;
    refused =
        csv_split(line, r->map->delimiter, scratch, r->cell, MAP_COLUMNS_MAX, &r->column_count);
    if (refused)
        return refused;
    for (uint32_t f = 0; f < FIELD_COUNT; f++) {
        columns_find(r, &r->map->rule[f].from);
        columns_find(r, &r->map->rule[f].since);
    }
    for (uint32_t i = 0; i < r->map->filter_count; i++)
        columns_find(r, &r->map->filter[i].path);
    for (uint32_t i = 0; i < 2; i++) {
        const struct field_rule *rule = &r->map->rule[required[i]];

        if (rule->constant.kind == SOURCE_NONE && !any_column(r, &rule->from))
            return no_column[required[i]];
    }
    return NULL;
}

static const char *csv_line(struct field_map_reader *r, struct str line)
{
    char *scratch;

    if (!utf8_valid(line))
        return "invalid UTF-8";
    scratch = scratch_take(&r->scratch, line.n);
    if (!scratch)
        return NO_MEMORY;
    return csv_split(line, r->map->delimiter, scratch, r->cell, r->column_count, &r->cell_count);
}

/* ---- JSON: one line to its records ---- */

static const char *record_add(struct field_map_reader *r, const struct record_ref *at)
{
    if (r->record_count == r->record_capacity) {
        size_t capacity = r->record_capacity ? 2 * r->record_capacity : 16;
        struct record_ref *record = realloc(r->record, capacity * sizeof *record);

        if (!record)
            return NO_MEMORY;
        r->record = record;
        r->record_capacity = capacity;
    }
    r->record[r->record_count++] = *at;
    return NULL;
}

/* Every element that the steps from `i` on reach; *found when the path exists, though it be empty.
 */
static const char *records_add(struct field_map_reader *r, const struct source_path *path,
                               uint32_t i, struct record_ref at, bool *found)
{
    json_t *node = at.item[at.depth];

    for (; i < path->step_count && !path->step[i].each; i++) {
        node = map_tree_step(r, node, &path->step[i]);
        if (!node)
            return NULL;
    }
    if (i == path->step_count) {
        *found = true;
        at.item[at.depth] = node;
        return record_add(r, &at);
    }
    if (!json_is_array(node))
        return NULL;
    *found = true;
    at.depth++;
    for (size_t k = 0; k < json_array_size(node); k++) {
        const char *refused;

        at.item[at.depth] = json_array_get(node, k);
        refused = records_add(r, path, i + 1, at, found);
        if (refused)
            return refused;
    }
    return NULL;
}

static const char *syntax_refusal(const json_error_t *at)
{
    switch (json_error_code(at)) {
    case json_error_out_of_memory: return NO_MEMORY;
    case json_error_invalid_utf8: return "invalid UTF-8";
    case json_error_stack_overflow: return "nested too deeply";
    case json_error_numeric_overflow: return "a number is too large";
    case json_error_premature_end_of_input: return "the line ends inside its JSON";
    default: return "not JSON";
    }
}

static const char *json_line(struct field_map_reader *r, struct str line)
{
    json_error_t at;

    line_forget(r);
    r->root = json_loadb(line.p, line.n, JSON_ALLOW_NUL, &at);
    if (!r->root)
        return syntax_refusal(&at);
    if (r->map->records.count == 0)
        return record_add(r, &(struct record_ref){{r->root}, 0});
    for (uint32_t i = 0; i < r->map->records.count; i++) {
        bool found = false;
        const char *refused =
            records_add(r, &r->map->records.path[i], 0, (struct record_ref){{r->root}, 0}, &found);

        if (refused)
            return refused;
        if (found)
            return r->record_count ? NULL : FIELD_MAP_SKIP;
    }
    return "the line has none of the map's `records`";
}

/* ---- values ---- */

static bool is_word(struct str text, const struct word_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (str_eq(text, str_of(list->word[i])))
            return true;
    return false;
}

static struct source_value tree_resolve(struct field_map_reader *r, const struct source_path *path)
{
    const struct record_ref *at = &r->record[r->record_next];
    json_t *node;

    if (path->up > at->depth)
        return (struct source_value){.kind = SOURCE_NONE};
    node = at->item[at->depth - path->up];
    for (uint32_t i = 0; node && i < path->step_count; i++)
        node = map_tree_step(r, node, &path->step[i]);
    return map_tree_value(node);
}

static struct source_value resolve(struct field_map_reader *r, const struct source_path *path)
{
    struct source_value v = {.kind = SOURCE_NONE};

    if (!r->map->csv)
        v = tree_resolve(r, path);
    else if (r->column[path->slot] < r->cell_count)
        v = (struct source_value){.kind = SOURCE_TEXT, .text = r->cell[r->column[path->slot]]};
    v = map_take(r, path->take, v);
    if (v.kind == SOURCE_TEXT && is_word(v.text, &r->map->absent))
        v.kind = SOURCE_NONE;
    return v;
}

/* The first candidate that exists; *from is it, or NULL. */
static struct source_value first_value(struct field_map_reader *r, const struct path_list *list,
                                       const struct source_path **from)
{
    for (uint32_t i = 0; i < list->count; i++) {
        struct source_value v = resolve(r, &list->path[i]);

        if (v.kind != SOURCE_NONE) {
            *from = &list->path[i];
            return v;
        }
    }
    *from = NULL;
    return (struct source_value){.kind = SOURCE_NONE};
}

/* The value's keyed hash in its place. False: no memory, or no text. */
static bool conceal(struct field_map_reader *r, struct source_value *v)
{
    char *hex = scratch_take(&r->scratch, SIPHASH_HEX_SIZE);
    struct str text;

    if (!hex || !map_value_text(&r->scratch, v, &text))
        return false;
    siphash_hex(text, r->secret, hex);
    *v = (struct source_value){.kind = SOURCE_TEXT, .text = {hex, SIPHASH_HEX_SIZE - 1}};
    return true;
}

static void translate(struct field_map_reader *r, const struct field_rule *rule,
                      struct source_value *v)
{
    struct str text;

    if (rule->translate_from.count == 0 || !map_value_text(&r->scratch, v, &text))
        return;
    for (uint32_t i = 0; i < rule->translate_from.count; i++)
        if (str_eq(text, str_of(rule->translate_from.word[i]))) {
            *v = rule->translate_to[i];
            return;
        }
}

static bool is_any(struct field_map_reader *r, const struct word_list *words,
                   const struct source_value *v)
{
    struct str text;
    json_t *item;
    size_t i;

    if (v->kind != SOURCE_TREE)
        return map_value_text(&r->scratch, v, &text) && is_word(text, words);
    json_array_foreach(v->tree, i, item)
    {
        struct source_value one = map_tree_value(item);

        if (one.kind != SOURCE_TREE && is_any(r, words, &one))
            return true;
    }
    return false;
}

/* ---- one field ---- */

static const char *put_text(struct field_map_reader *r, enum field f, const struct source_value *v,
                            struct str *out)
{
    struct str text;

    if (!map_value_text(&r->scratch, v, &text))
        return wrong_type[f];
    if (field_info[f].kind == KIND_STR && text.n > EVENT_STR_MAX)
        return too_long[f];
    *out = utf8_cut(text, EVENT_TEXT_MAX);
    r->cut_count += out->n < text.n;
    return NULL;
}

/* Milliseconds between two times; a clock that ran backwards leaves the field absent. */
static const char *put_since(struct field_map_reader *r, enum field f, const struct source_value *v,
                             int64_t *out, bool *absent)
{
    const struct field_rule *rule = &r->map->rule[f];
    const struct source_path *from;
    struct source_value start = first_value(r, &rule->since, &from);
    msec_t begin, end;

    if (start.kind == SOURCE_NONE) {
        *absent = true;
        return NULL;
    }
    if (!map_value_time(v, rule->time, &end) || !map_value_time(&start, rule->time, &begin))
        return wrong_type[f];
    *out = end - begin;
    *absent = end < begin;
    return NULL;
}

static const char *put(struct field_map_reader *r, enum field f, const struct source_value *v,
                       struct api_event *ev)
{
    const struct field_rule *rule = &r->map->rule[f];
    void *to = (char *)ev + field_info[f].offset;
    const char *refused = NULL;
    bool ok = true, absent = false;

    switch (field_info[f].kind) {
    case KIND_STR:
    case KIND_TEXT: refused = put_text(r, f, v, to); break;
    case KIND_TIME: ok = map_value_time(v, rule->time, to); break;
    case KIND_NUM: ok = map_value_num(v, rule->scale, to); break;
    case KIND_INT:
        if (rule->since.count)
            refused = put_since(r, f, v, to, &absent);
        else
            ok = map_value_int(v, rule->scale, to);
        break;
    case KIND_BOOL:
        if (rule->is_any.count)
            *(bool *)to = is_any(r, &rule->is_any, v);
        else
            ok = map_value_bool(v, to);
        break;
    }
    if (refused || !ok)
        return refused ? refused : wrong_type[f];
    if (!absent)
        event_set(ev, f);
    return NULL;
}

static const char *field_read(struct field_map_reader *r, enum field f, struct api_event *ev)
{
    const struct field_rule *rule = &r->map->rule[f];
    const struct source_path *from;
    struct source_value v = first_value(r, &rule->from, &from);
    const char *refused;

    if (v.kind == SOURCE_NONE && rule->constant.kind == SOURCE_NONE)
        return NULL;
    r->source[f] = from ? from->text : "constant";
    if (!from)
        v = rule->constant;
    translate(r, rule, &v);
    if (from && from->hash && !conceal(r, &v))
        return wrong_type[f];
    refused = put(r, f, &v, ev);
    if (!refused || refused == NO_MEMORY || !rule->forgives)
        return refused;
    return rule->otherwise.kind == SOURCE_NONE ? NULL : put(r, f, &rule->otherwise, ev);
}

/* ---- one record ---- */

static bool wanted(struct field_map_reader *r, const struct map_filter *filter)
{
    const struct source_path *from;
    struct source_value v = first_value(r, &filter->path, &from);

    if (filter->words.count == 0)
        return (v.kind != SOURCE_NONE) == filter->exists;
    return (v.kind != SOURCE_NONE && is_any(r, &filter->words, &v)) != filter->negate;
}

static const char *record_read(struct field_map_reader *r, struct api_event *ev)
{
    memset(ev, 0, sizeof *ev);
    ev->type = r->map->type;
    memset(r->source, 0, sizeof r->source);
    for (uint32_t i = 0; i < r->map->filter_count; i++)
        if (!wanted(r, &r->map->filter[i]))
            return FIELD_MAP_SKIP;
    for (uint32_t f = 0; f < FIELD_COUNT; f++) {
        const char *refused = r->map->rule[f].used ? field_read(r, (enum field)f, ev) : NULL;

        if (refused)
            return refused;
    }
    return event_check(ev);
}

const char *field_map_read(struct field_map_reader *r, struct str line, struct api_event *ev,
                           bool *more)
{
    const char *refused;

    *more = false;
    scratch_reset(&r->scratch);
    if (r->record_next == r->record_count) { /* a new line */
        line_forget(r);
        refused = r->map->csv ? csv_line(r, line) : json_line(r, line);
        if (refused) {
            line_forget(r);
            return refused;
        }
    }
    refused = record_read(r, ev);
    if (!r->map->csv)
        *more = ++r->record_next < r->record_count;
    return refused;
}
