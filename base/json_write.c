#include "json_write.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum { FLUSH_SIZE = 256 * 1024 };

void json_write_init(struct json_write *w, FILE *sink)
{
    memset(w, 0, sizeof *w);
    w->sink = sink;
}

void json_write_deinit(struct json_write *w)
{
    free(w->text);
    memset(w, 0, sizeof *w);
}

/* Room for `n` more bytes; NULL once anything has failed. */
static char *room(struct json_write *w, size_t n)
{
    if (w->error)
        return NULL;
    if (w->size + n > w->capacity) {
        size_t capacity = w->capacity ? w->capacity : 4096;
        char *text;

        while (capacity < w->size + n)
            capacity *= 2;
        text = realloc(w->text, capacity);
        if (!text) {
            w->error = -ENOMEM;
            return NULL;
        }
        w->text = text;
        w->capacity = capacity;
    }
    return w->text + w->size;
}

static void put(struct json_write *w, const char *p, size_t n)
{
    char *to = room(w, n);

    if (!to)
        return;
    memcpy(to, p, n);
    w->size += n;
}

static void quoted(struct json_write *w, const char *p, size_t n)
{
    static const char hex[] = "0123456789abcdef";
    char *to = room(w, 6 * n + 2); /* the longest escape is \u00XX */
    char *start = to;

    if (!to)
        return;
    *to++ = '"';
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)p[i];

        if (c >= 0x20 && c != '"' && c != '\\') {
            *to++ = (char)c;
            continue;
        }
        *to++ = '\\';
        switch (c) {
        case '"':
        case '\\': *to++ = (char)c; break;
        case '\n': *to++ = 'n'; break;
        case '\r': *to++ = 'r'; break;
        case '\t': *to++ = 't'; break;
        default:
            memcpy(to, "u00", 3);
            to[3] = hex[c >> 4];
            to[4] = hex[c & 15];
            to += 5;
        }
    }
    *to++ = '"';
    w->size += (size_t)(to - start);
}

static void begin(struct json_write *w, const char *name)
{
    if (w->depth > 0 && w->comma[w->depth - 1])
        put(w, ",", 1);
    if (w->depth > 0)
        w->comma[w->depth - 1] = true;
    if (name) {
        quoted(w, name, strlen(name));
        put(w, ":", 1);
    }
}

void json_write_open(struct json_write *w, const char *name, char bracket)
{
    assert(w->depth < JSON_WRITE_DEPTH_MAX);
    begin(w, name);
    put(w, &bracket, 1);
    w->comma[w->depth++] = false;
}

void json_write_close(struct json_write *w, char bracket)
{
    assert(w->depth > 0);
    w->depth--;
    put(w, &bracket, 1);
}

void json_write_str(struct json_write *w, const char *name, struct str value)
{
    if (!value.p) {
        json_write_null(w, name);
        return;
    }
    begin(w, name);
    quoted(w, value.p, value.n);
}

void json_write_text(struct json_write *w, const char *name, const char *value)
{
    json_write_str(w, name, str_of(value));
}

void json_write_i64(struct json_write *w, const char *name, int64_t value)
{
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    char digits[21];
    char *p = digits + sizeof digits;

    begin(w, name);
    do {
        *--p = (char)('0' + magnitude % 10);
        magnitude /= 10;
    } while (magnitude);
    if (value < 0)
        *--p = '-';
    put(w, p, (size_t)(digits + sizeof digits - p));
}

void json_write_u64(struct json_write *w, const char *name, uint64_t value)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%" PRIu64, value);

    begin(w, name);
    put(w, text, (size_t)n);
}

void json_write_f64(struct json_write *w, const char *name, double value, int digits)
{
    char text[40];
    int n;

    assert(digits >= 1 && digits <= 17);
    if (!isfinite(value)) {
        json_write_null(w, name);
        return;
    }
    n = snprintf(text, sizeof text, "%.*g", digits, value == 0.0 ? 0.0 : value);
    begin(w, name);
    put(w, text, (size_t)n);
}

void json_write_bool(struct json_write *w, const char *name, bool value)
{
    begin(w, name);
    put(w, value ? "true" : "false", value ? 4 : 5);
}

void json_write_null(struct json_write *w, const char *name)
{
    begin(w, name);
    put(w, "null", 4);
}

static void drain(struct json_write *w)
{
    if (w->error || !w->sink || w->size == 0)
        return;
    if (fwrite(w->text, 1, w->size, w->sink) != w->size)
        w->error = errno ? -errno : -EIO;
    w->size = 0;
}

void json_write_line(struct json_write *w)
{
    put(w, "\n", 1);
    if (w->sink && w->size >= FLUSH_SIZE)
        drain(w);
}

int json_write_flush(struct json_write *w)
{
    drain(w);
    if (!w->error && w->sink && fflush(w->sink) != 0)
        w->error = errno ? -errno : -EIO;
    return w->error;
}
