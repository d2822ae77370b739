#include "json_flat.h"

#include "event/json_number.h"

#include <string.h>

enum { DIGITS_MAX = 18 };

static bool take(struct json_flat *f, char c)
{
    bool there = f->at < f->end && *f->at == c;

    f->at += there;
    return there;
}

static bool take_string(struct json_flat *f, struct str *out)
{
    const char *from, *p;

    if (!take(f, '"'))
        return false;
    for (from = p = f->at; p < f->end && *p != '"'; p++)
        if (*p == '\\' || (unsigned char)*p < 0x20 || (unsigned char)*p >= 0x80)
            return false;
    if (p == f->end)
        return false;
    *out = (struct str){from, (uint32_t)(p - from)};
    f->at = p + 1;
    return true;
}

static bool take_number(struct json_flat *f, struct str *out)
{
    const char *stop = json_number_end((struct str){f->at, (uint32_t)(f->end - f->at)});

    if (!stop)
        return false;
    *out = (struct str){f->at, (uint32_t)(stop - f->at)};
    f->at = stop;
    return true;
}

static bool take_null(struct json_flat *f)
{
    bool there = f->end - f->at >= 4 && memcmp(f->at, "null", 4) == 0;

    f->at += there ? 4 : 0;
    return there;
}

static bool take_value(struct json_flat *f, struct json_flat_member *m)
{
    if (f->at == f->end)
        return false;
    switch (*f->at) {
    case '"': m->kind = JSON_FLAT_STRING; return take_string(f, &m->text);
    case 'n': m->kind = JSON_FLAT_NULL; return take_null(f);
    case '{':
        m->kind = JSON_FLAT_OBJECT;
        return json_flat_open(f, (struct str){f->at, (uint32_t)(f->end - f->at)});
    default: m->kind = JSON_FLAT_NUMBER; return take_number(f, &m->text);
    }
}

bool json_flat_open(struct json_flat *f, struct str text)
{
    f->at = text.p;
    f->end = text.p + text.n;
    f->first = true;
    f->depth++;
    return take(f, '{');
}

int json_flat_next(struct json_flat *f, struct json_flat_member *m)
{
    if (take(f, '}')) {
        f->first = false;
        if (--f->depth > 0)
            return 0;
        (void)take(f, '\n');
        return f->at == f->end ? 0 : -1;
    }
    if (!f->first && !take(f, ','))
        return -1;
    f->first = false;
    return take_string(f, &m->name) && take(f, ':') && take_value(f, m) ? 1 : -1;
}

uint32_t json_flat_find(struct str text, const char *const *name, uint32_t count,
                        struct json_flat_member *found)
{
    struct json_flat flat = {0};
    struct json_flat_member m;
    uint32_t seen = 0, i = 0;
    int r;

    if (!json_flat_open(&flat, text))
        return 0;
    while ((r = json_flat_next(&flat, &m)) > 0) {
        while (i < count && !str_eq(m.name, str_of(name[i])))
            i++;
        if (i == count || m.kind == JSON_FLAT_OBJECT)
            return 0;
        found[i] = m;
        seen |= 1u << i++;
    }
    return r == 0 ? seen : 0;
}

bool json_flat_i64(const struct json_flat_member *m, int64_t *out)
{
    bool negative = m->kind == JSON_FLAT_NUMBER && m->text.p[0] == '-';
    int64_t value = 0;

    if (m->kind != JSON_FLAT_NUMBER || m->text.n - negative > DIGITS_MAX)
        return false;
    for (uint32_t i = negative; i < m->text.n; i++) {
        if (m->text.p[i] < '0' || m->text.p[i] > '9')
            return false;
        value = value * 10 + (m->text.p[i] - '0');
    }
    *out = negative ? -value : value;
    return true;
}

bool json_flat_f64(const struct json_flat_member *m, double *out)
{
    return m->kind == JSON_FLAT_NUMBER && json_number_double(m->text, out) == 0;
}
