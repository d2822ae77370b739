#include "json_lines.h"

#include "base/nearest.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int json_lines_open(struct json_lines *lines, const char *path, struct err *err)
{
    FILE *file = fopen(path, "rb");
    int r = -errno;

    if (!file)
        return err_set(err, r, "%s: %s", path, strerror(-r));
    *lines = (struct json_lines){.path = path, .file = file};
    return 0;
}

void json_lines_close(struct json_lines *lines)
{
    if (lines->file)
        (void)fclose(lines->file);
    free(lines->line);
    json_decref(lines->object);
    *lines = (struct json_lines){0};
}

/* Leaves out the last member when nobody wants it. */
static ssize_t brief_size(struct json_lines *lines, ssize_t size)
{
    char *from = lines->brief_if ? strstr(lines->line, lines->brief_if) : NULL;

    if (from)
        from = strstr(from, lines->brief_from);
    if (!from || strstr(from, "],\"")) /* not the last member */
        return size;
    *from = '}';
    return from + 1 - lines->line;
}

int json_lines_next_text(struct json_lines *lines, struct err *err)
{
    ssize_t size;

    do {
        errno = 0;
        size = getline(&lines->line, &lines->capacity, lines->file);
        if (size < 0 && ferror(lines->file)) {
            int r = errno ? -errno : -EIO;

            return err_set(err, r, "%s: %s", lines->path, strerror(-r));
        }
        if (size < 0)
            return 0;
        lines->number++;
    } while (strspn(lines->line, " \t\r\n") == (size_t)size);
    lines->size = (size_t)brief_size(lines, size);
    return 1;
}

int json_lines_parse(struct json_lines *lines, struct err *err)
{
    json_error_t at;

    json_decref(lines->object);
    lines->object = json_loadb(lines->line, lines->size, JSON_REJECT_DUPLICATES, &at);
    if (!lines->object)
        return err_set(err, -EINVAL, "%s:%" PRIu64 ":%d: %s", lines->path, lines->number, at.column,
                       at.text);
    if (!json_is_object(lines->object))
        return err_set(err, -EINVAL, "%s:%" PRIu64 ": not a JSON object", lines->path,
                       lines->number);
    return 0;
}

int json_lines_next(struct json_lines *lines, struct err *err)
{
    int r = json_lines_next_text(lines, err);

    return r > 0 && json_lines_parse(lines, err) < 0 ? -EINVAL : r;
}

int json_lines_refuse(const struct json_lines *lines, const char *field, const char *reason,
                      struct err *err)
{
    return err_set(err, -EINVAL, "%s:%" PRIu64 ": %s: %s", lines->path, lines->number, field,
                   reason);
}

/* *value is NULL when an optional member is absent or null. */
static int member(const struct json_lines *lines, const json_t *object, const char *field,
                  enum json_presence presence, const json_t **value, struct err *err)
{
    const json_t *v = json_object_get(object, field);

    if (json_is_null(v))
        v = NULL;
    *value = v;
    return v || presence == JSON_OPTIONAL ? 0 : json_lines_refuse(lines, field, "is missing", err);
}

int json_lines_str(const struct json_lines *lines, const json_t *object, const char *field,
                   enum json_presence presence, struct str *out, struct err *err)
{
    const json_t *value;
    int r = member(lines, object, field, presence, &value, err);

    if (r < 0 || !value)
        return r;
    if (!json_is_string(value))
        return json_lines_refuse(lines, field, "is not a string", err);
    *out = (struct str){json_string_value(value), (uint32_t)json_string_length(value)};
    return 0;
}

int json_lines_i64(const struct json_lines *lines, const json_t *object, const char *field,
                   enum json_presence presence, int64_t *out, struct err *err)
{
    const json_t *value;
    int r = member(lines, object, field, presence, &value, err);

    if (r < 0 || !value)
        return r;
    if (!json_is_integer(value))
        return json_lines_refuse(lines, field, "is not an integer", err);
    *out = json_integer_value(value);
    return 0;
}

int json_lines_u64(const struct json_lines *lines, const json_t *object, const char *field,
                   enum json_presence presence, uint64_t *out, struct err *err)
{
    int64_t value = (int64_t)*out;
    int r = json_lines_i64(lines, object, field, presence, &value, err);

    if (r < 0)
        return r;
    if (value < 0)
        return json_lines_refuse(lines, field, "is negative", err);
    *out = (uint64_t)value;
    return 0;
}

int json_lines_f64(const struct json_lines *lines, const json_t *object, const char *field,
                   enum json_presence presence, double *out, struct err *err)
{
    const json_t *value;
    int r = member(lines, object, field, presence, &value, err);

    if (r < 0 || !value)
        return r;
    if (!json_is_number(value))
        return json_lines_refuse(lines, field, "is not a number", err);
    *out = json_number_value(value);
    return 0;
}

int json_lines_word(const struct json_lines *lines, const json_t *object, const char *field,
                    enum json_presence presence, const char *const *word, unsigned count,
                    unsigned *out, struct err *err)
{
    struct str text = {NULL, 0};
    int r = json_lines_str(lines, object, field, presence, &text, err);
    const char *nearest;

    if (r < 0 || !text.p)
        return r;
    for (unsigned i = 0; i < count; i++)
        if (str_eq(text, str_of(word[i]))) {
            *out = i;
            return 0;
        }
    nearest = nearest_word(text.p, word, count);
    return err_set(err, -EINVAL, "%s:%" PRIu64 ": %s: unknown value \"%.40s\"%s%s%s", lines->path,
                   lines->number, field, text.p, nearest ? "; did you mean \"" : "",
                   nearest ? nearest : "", nearest ? "\"?" : "");
}

int json_lines_array(const struct json_lines *lines, const json_t *object, const char *field,
                     enum json_presence presence, const json_t **out, struct err *err)
{
    const json_t *value;
    int r = member(lines, object, field, presence, &value, err);

    if (r < 0)
        return r;
    if (value && !json_is_array(value))
        return json_lines_refuse(lines, field, "is not a list", err);
    *out = value;
    return 0;
}
