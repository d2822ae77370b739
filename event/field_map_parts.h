/* What a loaded field map and its reader are made of; seen by the field_map_*.c files alone. */
#pragma once

#include "event/field_map.h"

#include <jansson.h>

enum {
    MAP_STEPS_MAX = 12, /* of one path */
    MAP_LEVELS_MAX = 4, /* [*] in one `records` path */
    MAP_COLUMNS_MAX = 512,
};

/* X(name, value in the map file) */
#define MAP_TIMES(X)                                                                               \
    X(CONTRACT, "contract")                                                                        \
    X(S, "s")                                                                                      \
    X(MS, "ms")                                                                                    \
    X(US, "us")                                                                                    \
    X(NS, "ns")                                                                                    \
    X(RFC3339, "rfc3339")                                                                          \
    X(UTC, "utc")                                                                                  \
    X(CLF, "clf")                                                                                  \
    X(ANY, "any")
#define MAP_TAKES(X)                                                                               \
    X(WHOLE, "whole")                                                                              \
    X(LAST_USER, "last_user")                                                                      \
    X(FIRST_SYSTEM, "first_system")                                                                \
    X(TEXT, "text")                                                                                \
    X(USER_TURN, "user_turn")                                                                      \
    X(IMAGES, "images")                                                                            \
    X(COUNT, "count")                                                                              \
    X(FIRST_ITEM, "first_item")                                                                    \
    X(HOST, "host")                                                                                \
    X(MAIL_DOMAIN, "mail_domain")                                                                  \
    X(SHAPE, "shape")
#define TIME_ENUM(name, word) TIME_##name,
#define TAKE_ENUM(name, word) TAKE_##name,
enum map_time { MAP_TIMES(TIME_ENUM) MAP_TIME_COUNT };
enum map_take { MAP_TAKES(TAKE_ENUM) MAP_TAKE_COUNT };
#undef TIME_ENUM
#undef TAKE_ENUM

struct path_step {
    char *name;
    uint32_t size;
    long index;
    bool is_index; /* [3], [-1]: of an array; of an object it is a name like any other */
    bool each;     /* [*] */
};

/* "metadata.user[a.b][0]"; a CSV path is one step, the column's name as it stands. */
struct source_path {
    char *text;    /* as written */
    uint32_t slot; /* number among the map's paths: the CSV reader's table of columns */
    uint32_t up;   /* leading '^': the records' outer objects */
    enum map_take take;
    bool hash; /* at the door: what is read here never leaves in the clear */
    uint32_t step_count;
    struct path_step step[MAP_STEPS_MAX];
};

struct path_list {
    struct source_path *path;
    uint32_t count;
};

struct word_list {
    char **word;
    uint32_t count;
};

enum source_kind {
    SOURCE_NONE, /* absent, null, or one of the map's words for that */
    SOURCE_TEXT,
    SOURCE_INT,
    SOURCE_REAL,
    SOURCE_BOOL,
    SOURCE_TREE, /* an object or an array */
};

struct source_value {
    enum source_kind kind;
    struct str text;
    int64_t integer; /* 0 or 1 of a boolean */
    double real;
    json_t *tree;
};

/* How one contract field gets its value. */
struct field_rule {
    bool used;
    struct path_list from, since;
    enum map_time time;
    double scale; /* 0: as it is */
    struct word_list translate_from;
    struct source_value *translate_to;
    struct word_list is_any;
    struct source_value constant;  /* when no source has a value */
    bool forgives;                 /* "otherwise" is there: */
    struct source_value otherwise; /* for values of the wrong type; NONE: absent */
};

struct map_filter {
    struct path_list path;
    bool exists;            /* the value wanted when there are no words */
    bool negate;            /* not_in */
    struct word_list words; /* in, not_in */
};

struct field_map {
    json_t *tree; /* the file: values in it keep their texts */
    char *name;
    bool csv;
    char delimiter;
    enum record_type type;
    struct word_list absent;
    struct path_list records;
    struct map_filter *filter;
    uint32_t filter_count;
    uint32_t path_count;
    struct field_rule rule[FIELD_COUNT];
};

/* Memory that lives until the next record; pieces never move. */
struct scratch_block;
struct scratch {
    struct scratch_block *block;
};
char *scratch_take(struct scratch *s, size_t size); /* NULL: no memory */
void scratch_reset(struct scratch *s);
void scratch_free(struct scratch *s);

/* Trees made while one line is read: decoded JSON text, OpenTelemetry arrays. */
struct made_tree {
    const char *source; /* the text that it was decoded from, or NULL */
    json_t *tree;       /* NULL: the text is no JSON */
};

struct record_ref {
    json_t *item[MAP_LEVELS_MAX + 1]; /* the line, then each [*] element; the last is the record */
    uint32_t depth;
};

struct field_map_reader {
    const struct field_map *map;
    uint64_t secret, cut_count;
    struct scratch scratch;
    const char *source[FIELD_COUNT];
    /* JSON */
    json_t *root;
    struct record_ref *record;
    size_t record_count, record_capacity, record_next;
    struct made_tree *made;
    size_t made_count, made_capacity;
    /* CSV */
    uint32_t *column; /* by path slot; UINT32_MAX: not in the header */
    uint32_t column_count;
    struct str cell[MAP_COLUMNS_MAX];
    uint32_t cell_count;
};

/* field_map_path.c: NULL, or what is wrong with the text. */
const char *map_path_parse(const char *text, bool csv, struct source_path *out);
void map_path_deinit(struct source_path *path);

/* field_map_tree.c: walking JSON. */
json_t *map_tree_decode(struct field_map_reader *r, struct str text); /* NULL: it is no JSON */
json_t *map_tree_step(struct field_map_reader *r, json_t *node, const struct path_step *step);
struct source_value map_tree_value(json_t *node);

/* field_map_take.c: a part or a measure of a value; SOURCE_NONE when it has none. */
struct source_value map_take(struct field_map_reader *r, enum map_take take, struct source_value v);

/* field_map_value.c: one value as a type of the contract. False: it is not of that type. */
bool map_value_text(struct scratch *s, const struct source_value *v, struct str *out);
bool map_value_time(const struct source_value *v, enum map_time time, msec_t *out);
bool map_value_int(const struct source_value *v, double scale, int64_t *out);
bool map_value_num(const struct source_value *v, double scale, double *out);
bool map_value_bool(const struct source_value *v, bool *out);
