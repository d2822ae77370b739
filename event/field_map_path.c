/* Source paths: dots between names, brackets around names that hold dots and around indices. */
#include "field_map_parts.h"

#include <stdlib.h>

static bool step_is_index(const char *name, long *index)
{
    char *end;

    if (*name == '\0' ||
        strspn(name + (*name == '-'), "0123456789") != strlen(name + (*name == '-')))
        return false;
    *index = strtol(name, &end, 10);
    return *end == '\0' && end != name && end[-1] != '-';
}

/* Copies up to an unescaped character of `stops`; the place where it stopped. */
static const char *name_copy(const char *p, const char *stops, char *to)
{
    for (; *p && !strchr(stops, *p); p++) {
        if (*p == '\\' && p[1])
            p++;
        *to++ = *p;
    }
    *to = '\0';
    return p;
}

static const char *step_add(struct source_path *path, const char **p)
{
    struct path_step *step;
    bool bracket = **p == '[';

    if (path->step_count == MAP_STEPS_MAX)
        return "more than 12 parts";
    step = &path->step[path->step_count];
    step->name = malloc(strlen(*p) + 1);
    if (!step->name)
        return "no memory";
    path->step_count++;
    *p = name_copy(*p + bracket, bracket ? "]" : ".[", step->name);
    step->size = (uint32_t)strlen(step->name);
    if (step->size == 0)
        return "an empty name";
    if (!bracket)
        return NULL;
    if (**p != ']')
        return "a '[' without its ']'";
    ++*p;
    step->each = strcmp(step->name, "*") == 0;
    step->is_index = step_is_index(step->name, &step->index);
    return NULL;
}

static const char *column_parse(const char *text, struct source_path *out)
{
    out->step[0].name = strdup(text);
    if (!out->step[0].name)
        return "no memory";
    out->step[0].size = (uint32_t)strlen(text);
    out->step_count = 1;
    return NULL;
}

static const char *steps_parse(const char *p, struct source_path *out)
{
    for (; *p == '^'; p++)
        out->up++;
    if (strcmp(p, ".") == 0)
        return NULL; /* the whole */
    for (;;) {
        const char *wrong = step_add(out, &p);

        if (wrong)
            return wrong;
        if (*p == '\0')
            return NULL;
        if (*p == '.')
            p++;
        else if (*p != '[')
            return "after ']' comes '.', '[' or the end";
    }
}

const char *map_path_parse(const char *text, bool csv, struct source_path *out)
{
    const char *wrong;

    memset(out, 0, sizeof *out);
    if (*text == '\0')
        return "an empty path";
    out->text = strdup(text);
    if (!out->text)
        return "no memory";
    wrong = csv ? column_parse(text, out) : steps_parse(text, out);
    if (wrong)
        map_path_deinit(out);
    return wrong;
}

void map_path_deinit(struct source_path *path)
{
    for (uint32_t i = 0; i < path->step_count; i++)
        free(path->step[i].name);
    free(path->text);
    memset(path, 0, sizeof *path);
}
