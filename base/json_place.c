/* A second, lazy look at a text that is known to be good JSON: only to find a line, only when
 * something is wrong. It therefore skips values instead of reading them. */
#include "json_place.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct scan {
    const char *p, *end;
};

const char *json_place_text(const struct json_place *place, char text[JSON_PLACE_TEXT_SIZE])
{
    size_t used;

    if (!place->parent) {
        (void)snprintf(text, JSON_PLACE_TEXT_SIZE, "top level");
        return text;
    }
    if (place->parent->parent)
        json_place_text(place->parent, text);
    else
        text[0] = '\0';
    used = strlen(text);
    if (place->key)
        (void)snprintf(text + used, JSON_PLACE_TEXT_SIZE - used, "%s%s", used ? "." : "",
                       place->key);
    else
        (void)snprintf(text + used, JSON_PLACE_TEXT_SIZE - used, "[%zu]", place->index);
    return text;
}

static void skip_space(struct scan *s)
{
    while (s->p < s->end && strchr(" \t\r\n", *s->p))
        s->p++;
}

/* From the opening quote to behind the closing one. */
static void skip_string(struct scan *s)
{
    for (s->p++; s->p < s->end && *s->p != '"'; s->p++)
        if (*s->p == '\\')
            s->p++;
    if (s->p < s->end)
        s->p++;
}

/* Whole value: nesting is counted, brackets inside strings are not. */
static void skip_value(struct scan *s)
{
    unsigned depth = 0;

    do {
        skip_space(s);
        if (s->p >= s->end)
            return;
        if (*s->p == '"') {
            skip_string(s);
        } else if (strchr("{[", *s->p)) {
            depth++;
            s->p++;
        } else if (strchr("}]", *s->p)) {
            depth--;
            s->p++;
        } else if (strchr(",:", *s->p)) {
            s->p++;
        } else {
            while (s->p < s->end && !strchr(" \t\r\n,:{}[]\"", *s->p))
                s->p++;
        }
    } while (depth > 0);
}

/* Keys that are spelled with escapes are not found: they keep their parent's line. */
static bool key_is(const char *start, const char *end, const char *key)
{
    size_t n = strlen(key);

    return (size_t)(end - start) == n + 2 && memcmp(start + 1, key, n) == 0;
}

/* Before the value of the member; *at is where its key starts. */
static bool enter_member(struct scan *s, const char *key, const char **at)
{
    skip_space(s);
    if (s->p >= s->end || *s->p != '{')
        return false;
    for (s->p++;; s->p++) {
        const char *start;
        bool found;

        skip_space(s);
        if (s->p >= s->end || *s->p != '"')
            return false;
        start = s->p;
        skip_string(s);
        found = key_is(start, s->p, key);
        skip_space(s);
        s->p++; /* the colon */
        if (found) {
            *at = start;
            return true;
        }
        skip_value(s);
        skip_space(s);
        if (s->p >= s->end || *s->p != ',')
            return false;
    }
}

static bool enter_element(struct scan *s, size_t index, const char **at)
{
    skip_space(s);
    if (s->p >= s->end || *s->p != '[')
        return false;
    s->p++;
    for (size_t i = 0; i < index; i++) {
        skip_value(s);
        skip_space(s);
        if (s->p >= s->end || *s->p != ',')
            return false;
        s->p++;
    }
    skip_space(s);
    *at = s->p;
    return s->p < s->end && *s->p != ']';
}

/* False when the place is not there; *at then is its closest parent's. */
static bool find(const struct json_place *place, struct scan *s, const char **at)
{
    if (!place->parent) {
        skip_space(s);
        *at = s->p;
        return true;
    }
    if (!find(place->parent, s, at))
        return false;
    return place->key ? enter_member(s, place->key, at) : enter_element(s, place->index, at);
}

int json_place_line(const struct json_place *place, const char *text, size_t size)
{
    struct scan s = {text, text + size};
    const char *at = text;
    int line = 1;

    (void)find(place, &s, &at);
    for (const char *p = text; p < at; p++)
        line += *p == '\n';
    return line;
}
