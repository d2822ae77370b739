/* Scenarios, maps and configurations are one JSON object each; event files are one per line. So the
 * first line decides, and then the object's keys. */
#include "recognise.h"

#include "base/cleanup.h"
#include "base/nearest.h"
#include "detector/config.h"
#include "event/api_event.h"
#include "event/input.h"
#include "tools/text_file.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

enum { HEAD_SIZE = 256 * 1024, OPTIONS_MAX = 256 };

const char *const file_kind_name[FILE_KIND_COUNT] = {
    "events", "scenario", "field map", "configuration", "JSON Schema", "policy",
};

/* The decompressed beginning of the file; *packed tells whether it was compressed. */
static int head_read(const char *path, char *head, size_t *size, bool *packed, struct err *err)
{
    AUTO(input_close) struct input *input = NULL;
    uint64_t bytes;
    int r = input_check(path, &bytes, err);
    ssize_t n = 1;

    if (r == 0)
        r = input_open(path, -1, &input, err);
    for (*size = 0; r == 0 && n != 0 && *size < HEAD_SIZE;) {
        n = input_read(input, head + *size, HEAD_SIZE - *size, err);
        if (n > 0)
            *size += (size_t)n;
        else if (n < 0 && n != -EAGAIN)
            break; /* the reader of events tells it better */
    }
    *packed = r == 0 && input_is_packed(input);
    return r;
}

/* An event file begins with an object and a newline, and goes on. */
static bool begins_with_a_record(const char *head, size_t size)
{
    const char *newline = memchr(head, '\n', size);
    size_t rest = newline ? (size_t)(newline - head) + 1 : size;
    json_auto_t *first = newline ? json_loadb(head, (size_t)(newline - head), 0, NULL) : NULL;

    while (rest < size && strchr(" \t\r\n", head[rest]))
        rest++;
    return json_is_object(first) && rest < size;
}

static bool has_any(const json_t *object, const char *const *key)
{
    for (; *key; key++)
        if (json_object_get(object, *key))
            return true;
    return false;
}

/* Or something that is meant to be one. */
static bool has_option(json_t *object)
{
    const char *names[OPTIONS_MAX];
    const char *key;
    uint32_t count = config_option_count < OPTIONS_MAX ? config_option_count : OPTIONS_MAX;
    json_t *value;

    for (uint32_t i = 0; i < count; i++)
        names[i] = config_option[i].name;
    json_object_foreach(object, key, value)
    {
        if (nearest_word(key, names, count))
            return true;
    }
    return false;
}

/* The kind that the keys of a whole object tell; FILE_KIND_COUNT: none. */
static enum file_kind kind_of(json_t *object)
{
    static const char *const scenario[] = {"populations", "campaigns", NULL};
    static const char *const map[] = {"fields", NULL};
    static const char *const schema[] = {"properties", "$defs", NULL};
    static const char *const policy[] = {"policy", "rules", NULL};
    static const char *const record[] = {"ts", "account", NULL};

    if (has_any(object, scenario))
        return FILE_SCENARIO;
    if (has_any(object, policy))
        return FILE_POLICY;
    if (has_any(object, map))
        return FILE_FIELD_MAP;
    if (json_object_get(object, "$schema") && has_any(object, schema))
        return FILE_SCHEMA;
    if (has_any(object, record))
        return FILE_EVENTS;
    return has_option(object) ? FILE_CONFIG : FILE_KIND_COUNT;
}

static bool mentions(const char *text, size_t size, const char *word)
{
    return text && memmem(text, size, word, strlen(word)) != NULL;
}

/* What a text that is no JSON was meant to be: its own reader tells where it goes wrong. */
static enum file_kind kind_of_broken(const char *text, size_t size)
{
    size_t at = strspn(text, " \t\r\n");

    if (at >= size || text[at] != '{')
        return FILE_EVENTS;
    if (mentions(text, size, "\"populations\"") || mentions(text, size, "\"campaigns\""))
        return FILE_SCENARIO;
    if (mentions(text, size, "\"rules\""))
        return FILE_POLICY;
    if (mentions(text, size, "\"fields\""))
        return FILE_FIELD_MAP;
    return mentions(text, size, "\"ts\"") ? FILE_EVENTS : FILE_CONFIG;
}

static int whole_recognise(const char *path, enum file_kind *kind, struct err *err)
{
    AUTO_FREE char *text = NULL;
    json_auto_t *root = NULL;
    size_t size;
    int r = text_file_read(path, &text, &size, err);

    if (r < 0)
        return r;
    root = json_loadb(text, size, 0, NULL);
    *kind = json_is_object(root) ? kind_of(root) : kind_of_broken(text, size);
    if (*kind == FILE_KIND_COUNT)
        return err_set(err, -EINVAL,
                       "%s:1: top level: neither events nor a scenario, a field map, a policy or a "
                       "configuration: none of their keys is there",
                       path);
    return 0;
}

int file_recognise(const char *path, enum file_kind *kind, struct err *err)
{
    AUTO_FREE char *head = malloc(HEAD_SIZE);
    bool packed = false;
    size_t size = 0;
    int r;

    *kind = FILE_EVENTS;
    if (!head)
        return err_set(err, -ENOMEM, "%s", strerror(ENOMEM));
    if (strcmp(path, "-") == 0)
        return 0;
    r = head_read(path, head, &size, &packed, err);
    if (r < 0 || packed || begins_with_a_record(head, size))
        return r;
    r = whole_recognise(path, kind, err);
    return r == -EFBIG ? 0 : r; /* a large file that is no list of objects: refused line by line */
}
