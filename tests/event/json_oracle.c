#include "json_oracle.h"

#include <jansson.h>
#include <math.h>

/* The oracle's own record; `unsure` fields hold numbers of which a double cannot tell whether they
 * are integers. */
struct expected {
    struct api_event ev;
    uint64_t faulty, unsure;
    bool type_faulty;
};

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static uint32_t depth_of(const json_t *value)
{
    uint32_t deepest = 0;
    const char *key;
    json_t *child;
    size_t i;

    if (json_is_object(value)) {
        /* json_object_foreach takes no const. */
        union {
            const json_t *in;
            json_t *out;
        } object = {value};

        json_object_foreach(object.out, key, child) deepest = larger(deepest, depth_of(child));
        return deepest + 1;
    }
    if (json_is_array(value)) {
        json_array_foreach(value, i, child) deepest = larger(deepest, depth_of(child));
        return deepest + 1;
    }
    return 0;
}

static bool expect_int(struct expected *e, unsigned f, const json_t *value, int64_t *out)
{
    if (json_is_integer(value)) {
        *out = json_integer_value(value);
        return *out >= 0;
    }
    if (json_is_real(value)) {
        e->unsure |= (uint64_t)1 << f;
        return true;
    }
    return false;
}

static bool expect_text(const json_t *value, struct str *out)
{
    *out = (struct str){json_string_value(value), (uint32_t)json_string_length(value)};
    return json_is_string(value);
}

static bool expect_time(struct expected *e, unsigned f, const json_t *value, msec_t *out)
{
    struct str text;

    if (expect_text(value, &text)) {
        if (msec_parse(text.p, text.n, out) < 0)
            return false;
    } else if (!expect_int(e, f, value, out)) {
        return false;
    }
    return (e->unsure >> f & 1) || (*out >= 0 && *out < 253402300800000);
}

static bool expect_value(struct expected *e, unsigned f, const json_t *value, void *member)
{
    struct str *text = member;

    switch (field_info[f].kind) {
    case KIND_TIME: return expect_time(e, f, value, member);
    case KIND_INT: return expect_int(e, f, value, member);
    case KIND_TEXT: return expect_text(value, text);
    case KIND_STR: return expect_text(value, text) && text->n <= EVENT_STR_MAX;
    case KIND_NUM: *(double *)member = json_number_value(value); return json_is_number(value);
    case KIND_BOOL: *(bool *)member = json_is_true(value); return json_is_boolean(value);
    }
    return false;
}

static void expect_record(struct expected *e, const json_t *root)
{
    const json_t *type = json_object_get(root, "type");
    struct str name;

    memset(e, 0, sizeof *e);
    if (type && !json_is_null(type)) {
        e->ev.type = expect_text(type, &name) ? record_type_find(name) : RECORD_TYPE_COUNT;
        e->type_faulty = e->ev.type == RECORD_TYPE_COUNT;
    }
    if (e->type_faulty)
        return;
    for (unsigned f = 0; f < FIELD_COUNT; f++) {
        const json_t *value = json_object_get(root, field_info[f].name);

        if (!value || json_is_null(value) || !(field_info[f].records >> e->ev.type & 1))
            continue;
        event_set(&e->ev, (enum field)f);
        if (!expect_value(e, f, value, (char *)&e->ev + field_info[f].offset))
            e->faulty |= (uint64_t)1 << f;
    }
}

static bool same_text(struct str got, struct str want, enum field_kind kind)
{
    if (kind != KIND_TEXT || want.n <= EVENT_TEXT_MAX)
        return str_eq(got, want);
    return got.n <= EVENT_TEXT_MAX && got.n > EVENT_TEXT_MAX - 4 &&
           memcmp(got.p, want.p, got.n) == 0 && ((unsigned char)want.p[got.n] & 0xC0) != 0x80;
}

static bool same_value(const struct expected *e, const struct api_event *ev, unsigned f,
                       const json_t *value)
{
    const char *got = (const char *)ev + field_info[f].offset;
    const char *want = (const char *)&e->ev + field_info[f].offset;

    if (e->unsure >> f & 1)
        return (double)*(const int64_t *)(const void *)got == json_real_value(value);
    switch (field_info[f].kind) {
    case KIND_TIME:
    case KIND_INT:
    case KIND_NUM: return memcmp(got, want, sizeof(int64_t)) == 0;
    case KIND_BOOL: return memcmp(got, want, sizeof(bool)) == 0;
    case KIND_STR:
    case KIND_TEXT:
        return same_text(*(const struct str *)(const void *)got,
                         *(const struct str *)(const void *)want, field_info[f].kind);
    }
    return false;
}

static const char *compare(const struct expected *e, const json_t *root, const struct api_event *ev,
                           const char *refused)
{
    const char *check;

    if (e->type_faulty || e->faulty)
        return refused ? NULL : "a faulty field was accepted";
    check = event_check(&e->ev);
    if (refused) {
        if (check || e->unsure)
            return NULL;
        return "a record without fault was refused";
    }
    if (check)
        return "an incomplete record was accepted";
    if (ev->type != e->ev.type || ev->present != e->ev.present)
        return "another type or other fields are present";
    for (unsigned f = 0; f < FIELD_COUNT; f++) {
        enum field_kind kind = field_info[f].kind;

        if (event_has(ev, (enum field)f)) {
            if (!same_value(e, ev, f, json_object_get(root, field_info[f].name)))
                return "a value differs";
        } else if ((kind == KIND_STR || kind == KIND_TEXT) &&
                   ((const struct str *)(const void *)((const char *)ev + field_info[f].offset))
                       ->p) {
            return "an absent text has a pointer";
        }
    }
    return NULL;
}

const char *json_oracle_differs(struct event_json *reader, struct str line)
{
    struct api_event ev;
    struct expected e;
    json_error_t at;
    const char *refused, *result;
    json_t *root;

    memset(&ev, 0xA5, sizeof ev); /* what was there before must not shine through */
    refused = event_json_read(reader, line, &ev);
    /* jansson 2.14 swallows a NUL byte behind a number or literal; JSON has none anywhere. */
    if (line.n && memchr(line.p, '\0', line.n))
        return refused ? NULL : "a NUL byte was accepted";
    root = json_loadb(line.p ? line.p : "", line.n, JSON_ALLOW_NUL, &at);
    if (!root) {
        enum json_error_code code = json_error_code(&at);

        if (code == json_error_numeric_overflow || code == json_error_null_byte_in_key ||
            code == json_error_stack_overflow)
            return NULL;
        return refused ? NULL : "not JSON, but accepted";
    }
    if (!json_is_object(root))
        result = refused ? NULL : "not an object, but accepted";
    else if (depth_of(root) > EVENT_JSON_DEPTH_MAX + 1)
        result = refused ? NULL : "too deep, but accepted";
    else {
        expect_record(&e, root);
        result = compare(&e, root, &ev, refused);
    }
    json_decref(root);
    return result;
}
