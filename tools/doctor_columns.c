#include "doctor_columns.h"

#include "base/msec.h"
#include "event/csv.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum {
    COLUMNS_MAX = 512, /* a log with more has free-form keys; the first ones decide */
    DEPTH_MAX = 6,
    CELLS_MAX = 512,
    WORD_SIZE_MAX = 128,     /* longer is text */
    YEAR_MIN_S = 1420070400, /* 2015 */
    YEAR_MAX_S = 2208988800, /* 2040 */
};

void doctor_columns_deinit(struct doctor_columns *columns)
{
    free(columns->column);
    memset(columns, 0, sizeof *columns);
}

/* The column of that path, new if need be; NULL when there are too many or no memory. */
static struct doctor_column *column_at(struct doctor_columns *columns, const char *path)
{
    for (uint32_t i = 0; i < columns->count; i++)
        if (strcmp(columns->column[i].path, path) == 0)
            return &columns->column[i];
    if (columns->count == COLUMNS_MAX)
        return NULL;
    if (columns->count == columns->capacity) {
        uint32_t capacity = columns->capacity ? 2 * columns->capacity : 32;
        struct doctor_column *column = realloc(columns->column, capacity * sizeof *columns->column);

        if (!column)
            return NULL;
        columns->column = column;
        columns->capacity = capacity;
    }
    columns->column[columns->count] = (struct doctor_column){.seen = 0};
    (void)snprintf(columns->column[columns->count].path, DOCTOR_PATH_SIZE, "%s", path);
    return &columns->column[columns->count++];
}

/* ---- shapes ---- */

static bool is_ip(const char *text)
{
    unsigned char address[16];

    return inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1;
}

static bool is_ip_port(const char *text)
{
    char host[64];
    const char *colon = strrchr(text, ':');
    size_t n = colon ? (size_t)(colon - text) : 0;

    if (n == 0 || n >= sizeof host || strspn(colon + 1, "0123456789") != strlen(colon + 1))
        return false;
    (void)snprintf(host, sizeof host, "%.*s", (int)n, text);
    if (host[0] == '[' && host[n - 1] == ']') {
        host[n - 1] = '\0';
        return is_ip(host + 1);
    }
    return is_ip(host);
}

static bool is_ip_list(const char *text)
{
    char first[64];
    size_t n = strcspn(text, ", ");

    (void)snprintf(first, sizeof first, "%.*s", (int)(n < 63 ? n : 63), text);
    return text[n] != '\0' && is_ip(first);
}

static bool is_model(const char *text)
{
    static const char *const maker[] = {"gpt",       "claude",  "gemini", "llama",
                                        "mistral",   "mixtral", "qwen",   "deepseek",
                                        "command-r", "gemma",   "grok",   "phi-"};

    for (size_t i = 0; i < sizeof maker / sizeof *maker; i++)
        if (strcasestr(text, maker[i]))
            return true;
    return false;
}

static bool in_years(double seconds)
{
    return seconds >= YEAR_MIN_S && seconds <= YEAR_MAX_S;
}

static enum doctor_shape number_shape(double number)
{
    if (in_years(number) || in_years(number / 1e3) || in_years(number / 1e6) ||
        in_years(number / 1e9))
        return SHAPE_EPOCH;
    return number == floor(number) ? SHAPE_INT : SHAPE_NUM;
}

static bool text_number(const char *text, double *number)
{
    char *end;

    if (!*text || strspn(text, "0123456789+-.eE") != strlen(text))
        return false;
    *number = strtod(text, &end);
    return *end == '\0';
}

static bool is_clf(const char *text)
{
    return strlen(text) == 26 && text[2] == '/' && text[6] == '/' && text[11] == ':';
}

static enum doctor_shape time_shape(const char *text)
{
    char zoned[48];
    msec_t t;

    if (msec_parse(text, (uint32_t)strlen(text), &t) == 0)
        return SHAPE_RFC3339;
    (void)snprintf(zoned, sizeof zoned, "%sZ", text);
    if (msec_parse(zoned, (uint32_t)strlen(zoned), &t) == 0)
        return SHAPE_UTC;
    return is_clf(text) ? SHAPE_CLF : SHAPE_COUNT;
}

static enum doctor_shape text_shape(struct str value, double *number)
{
    char text[WORD_SIZE_MAX + 1];
    enum doctor_shape time;

    *number = 0;
    if (value.n > WORD_SIZE_MAX)
        return doctor_is_secret(value) ? SHAPE_SECRET : SHAPE_TEXT;
    memcpy(text, value.p, value.n);
    text[value.n] = '\0';
    time = time_shape(text);
    if (time != SHAPE_COUNT)
        return time;
    if (text_number(text, number))
        return number_shape(*number);
    if (strcasecmp(text, "true") == 0 || strcasecmp(text, "false") == 0)
        return SHAPE_BOOL;
    if (is_ip(text))
        return SHAPE_IP;
    if (is_ip_list(text))
        return SHAPE_IP_LIST;
    if (is_ip_port(text))
        return SHAPE_IP_PORT;
    if (doctor_is_secret(value))
        return SHAPE_SECRET;
    if (strpbrk(text, " \t\n"))
        return SHAPE_TEXT;
    return is_model(text) ? SHAPE_MODEL : SHAPE_WORD;
}

static void note(struct doctor_columns *columns, const char *path, enum doctor_shape shape,
                 double number)
{
    struct doctor_column *column = column_at(columns, path);

    if (!column)
        return;
    column->seen++;
    column->shape[shape]++;
    if (number > column->number_max)
        column->number_max = number;
}

enum doctor_shape doctor_column_shape(const struct doctor_column *column)
{
    unsigned best = 0;

    for (unsigned s = 1; s < SHAPE_COUNT; s++)
        if (column->shape[s] > column->shape[best])
            best = s;
    return (enum doctor_shape)best;
}

/* ---- JSON ---- */

static void note_value(struct doctor_columns *columns, json_t *value, const char *path, int depth);

static bool is_messages(json_t *array)
{
    return json_is_string(json_object_get(json_array_get(array, 0), "role"));
}

static bool is_attributes(json_t *array)
{
    json_t *first = json_array_get(array, 0);

    return json_is_string(json_object_get(first, "key")) && json_object_get(first, "value");
}

/* Path and name joined as a map writes them. */
static void path_join(const char *path, const char *name, char out[DOCTOR_PATH_SIZE])
{
    bool bracket = strpbrk(name, ".[]\\") != NULL;

    if (bracket)
        (void)snprintf(out, DOCTOR_PATH_SIZE, "%s[%s]", path, name);
    else
        (void)snprintf(out, DOCTOR_PATH_SIZE, "%s%s%s", path, *path ? "." : "", name);
}

static void note_attributes(struct doctor_columns *columns, json_t *array, const char *path,
                            int depth)
{
    static const char *const scalar[] = {"stringValue", "intValue", "doubleValue", "boolValue"};
    json_t *pair;
    size_t i;

    json_array_foreach(array, i, pair)
    {
        const char *key = json_string_value(json_object_get(pair, "key"));
        json_t *any = json_object_get(pair, "value");
        char at[DOCTOR_PATH_SIZE];

        for (size_t k = 0; key && k < sizeof scalar / sizeof *scalar; k++) {
            json_t *value = json_object_get(any, scalar[k]);

            if (!value)
                continue;
            (void)snprintf(at, sizeof at, "%s[%s]", path, key);
            note_value(columns, value, at, depth + 1);
        }
    }
}

static void note_object(struct doctor_columns *columns, json_t *object, const char *path, int depth)
{
    const char *name;
    json_t *value;

    json_object_foreach(object, name, value)
    {
        char at[DOCTOR_PATH_SIZE];

        path_join(path, name, at);
        if (*name && strlen(at) + 1 < DOCTOR_PATH_SIZE && !strchr(name, ']'))
            note_value(columns, value, at, depth + 1);
    }
}

static void note_array(struct doctor_columns *columns, json_t *array, const char *path, int depth)
{
    if (is_attributes(array))
        note_attributes(columns, array, path, depth);
    else
        note(columns, path, is_messages(array) ? SHAPE_MESSAGES : SHAPE_LIST, 0);
}

/* A text that holds JSON is walked like JSON: maps read through it too. */
static void note_text(struct doctor_columns *columns, json_t *value, const char *path, int depth)
{
    struct str text = {json_string_value(value), (uint32_t)json_string_length(value)};
    json_t *inner = NULL;
    double number;

    if (text.n == 0 || (text.n == 1 && *text.p == '-'))
        return;
    if (*text.p == '{' || *text.p == '[')
        inner = json_loadb(text.p, text.n, JSON_ALLOW_NUL, NULL);
    if (inner) {
        note_value(columns, inner, path, depth + 1);
        json_decref(inner);
    } else {
        enum doctor_shape shape = text_shape(text, &number);

        note(columns, path, shape, number);
    }
}

static void note_value(struct doctor_columns *columns, json_t *value, const char *path, int depth)
{
    if (depth > DEPTH_MAX)
        return;
    switch (json_typeof(value)) {
    case JSON_OBJECT: note_object(columns, value, path, depth); break;
    case JSON_ARRAY: note_array(columns, value, path, depth); break;
    case JSON_STRING: note_text(columns, value, path, depth); break;
    case JSON_INTEGER:
    case JSON_REAL:
        note(columns, path, number_shape(json_number_value(value)), json_number_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE: note(columns, path, SHAPE_BOOL, 0); break;
    case JSON_NULL: break;
    }
}

static void read_json(const struct doctor_sample *sample, struct doctor_columns *columns)
{
    for (uint32_t i = 0; i < sample->count; i++) {
        json_t *root = json_loadb(sample->line[i].p, sample->line[i].n, JSON_ALLOW_NUL, NULL);
        json_t *record;
        size_t k;

        if (json_is_array(root)) {
            columns->array = true;
            json_array_foreach(root, k, record)
            {
                columns->records++;
                note_value(columns, record, "", 0);
            }
        } else if (json_is_object(root)) {
            columns->records++;
            note_object(columns, root, "", 0);
        }
        json_decref(root);
    }
}

/* ---- CSV ---- */

static char delimiter_of(struct str header)
{
    static const char candidates[] = ",;\t|";
    char best = '\0';
    uint32_t most = 0;

    for (const char *c = candidates; *c; c++) {
        uint32_t count = 0;

        for (uint32_t i = 0; i < header.n; i++)
            count += header.p[i] == *c;
        if (count > most) {
            most = count;
            best = *c;
        }
    }
    return best;
}

static void note_cell(struct doctor_columns *columns, const char *path, struct str cell)
{
    json_t *text;

    if (cell.n == 0 || str_eq(cell, STR("-")) || str_eq(cell, STR("NULL")))
        return;
    text = json_stringn(cell.p, cell.n);
    if (!text)
        return; /* not UTF-8: the map will refuse the line */
    if (*cell.p == '[') {
        json_t *list = json_loadb(cell.p, cell.n, JSON_ALLOW_NUL, NULL);

        if (list)
            note_value(columns, list, path, 0);
        json_decref(list);
    } else {
        double number;
        enum doctor_shape shape = text_shape(cell, &number);

        note(columns, path, shape, number);
    }
    json_decref(text);
}

static int read_csv(const struct doctor_sample *sample, struct doctor_columns *columns)
{
    AUTO_FREE struct str *name = calloc(CELLS_MAX, sizeof *name);
    AUTO_FREE struct str *cell = calloc(CELLS_MAX, sizeof *cell);
    AUTO_FREE char *head = malloc(sample->line[0].n + 1);
    struct str header = sample->line[0];
    uint32_t name_count, cell_count;

    if (!name || !cell || !head)
        return -ENOMEM;
    if (header.n >= 3 && memcmp(header.p, "\xef\xbb\xbf", 3) == 0)
        header = (struct str){header.p + 3, header.n - 3}; /* a spreadsheet's byte order mark */
    if (csv_split(header, columns->delimiter, head, name, CELLS_MAX, &name_count))
        return -EINVAL;
    for (uint32_t i = 1; i < sample->count; i++) {
        AUTO_FREE char *scratch = malloc(sample->line[i].n + 1);

        if (!scratch)
            return -ENOMEM;
        if (csv_split(sample->line[i], columns->delimiter, scratch, cell, name_count, &cell_count))
            continue;
        columns->records++;
        for (uint32_t k = 0; k < cell_count; k++) {
            char path[DOCTOR_PATH_SIZE];

            (void)snprintf(path, sizeof path, "%.*s", (int)name[k].n, name[k].p);
            if (*path)
                note_cell(columns, path, cell[k]);
        }
    }
    return columns->records ? 0 : -EINVAL;
}

int doctor_columns_read(const struct doctor_sample *sample, struct doctor_columns *out)
{
    struct str first;

    memset(out, 0, sizeof *out);
    if (sample->count == 0)
        return -EINVAL;
    first = sample->line[0];
    while (first.n > 0 && isspace((unsigned char)*first.p))
        first = (struct str){first.p + 1, first.n - 1};
    if (first.n > 0 && (*first.p == '{' || *first.p == '[')) {
        read_json(sample, out);
        return out->records ? 0 : -EINVAL;
    }
    out->csv = true;
    out->delimiter = delimiter_of(first);
    return out->delimiter ? read_csv(sample, out) : -EINVAL;
}
