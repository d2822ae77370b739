#include "json_write.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
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

/* Slow part of room(). */
__attribute__((noinline)) static char *grow(struct json_write *w, size_t n)
{
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
    return w->text + w->size;
}

/* Room for `n` more bytes; NULL once anything has failed. */
static inline char *room(struct json_write *w, size_t n)
{
    if (w->error)
        return NULL;
    return w->size + n <= w->capacity ? w->text + w->size : grow(w, n);
}

static inline void put(struct json_write *w, const char *p, size_t n)
{
    char *to = room(w, n);

    if (!to)
        return;
    memcpy(to, p, n);
    w->size += n;
}

/* The high bit of each byte that a JSON string cannot hold as it is: below 0x20, '"' and '\\'. */
static uint64_t needs_escape(uint64_t x)
{
    const uint64_t each = 0x0101010101010101u, low7 = 0x7F7F7F7F7F7F7F7Fu;
    uint64_t quote = x ^ each * '"', backslash = x ^ each * '\\', control = x & each * 0xE0;

    /* Adding 0x7F carries into the high bit exactly of the bytes that are not zero. */
    return ~((((quote & low7) + low7) | quote) & (((backslash & low7) + low7) | backslash) &
             (((control & low7) + low7) | control)) &
           each * 0x80;
}

static bool plain(char c)
{
    return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
}

static char *escaped(char *to, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";

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
    return to;
}

/* Copies eight bytes at a time, whether they need escapes or not: what is copied too much is
 * written over. So `to` has room for seven bytes more than the text needs. */
static char *string_copy(char *to, const char *p, const char *end)
{
    while (p < end) {
        uint64_t word, found;

        if (end - p < (ptrdiff_t)sizeof word) {
            *to++ = *p++;
            if (!plain(to[-1]))
                to = escaped(to - 1, (unsigned char)p[-1]);
            continue;
        }
        memcpy(&word, p, sizeof word);
        memcpy(to, &word, sizeof word);
        found = needs_escape(le64toh(word));
        if (!found) {
            p += sizeof word;
            to += sizeof word;
            continue;
        }
        p += __builtin_ctzll(found) / 8;
        to = escaped(to + __builtin_ctzll(found) / 8, (unsigned char)*p++);
    }
    return to;
}

static void quoted(struct json_write *w, const char *p, size_t n)
{
    char *to = room(w, 6 * n + 2 + sizeof(uint64_t)); /* the longest escape is \u00XX */
    char *start = to;

    if (!to)
        return;
    *to++ = '"';
    to = string_copy(to, p, p + n);
    *to++ = '"';
    w->size += (size_t)(to - start);
}

/* What stands before a value: a comma, and in an object the name. */
static void begin(struct json_write *w, const char *name)
{
    if (w->depth > 0) {
        if (w->comma[w->depth - 1])
            put(w, ",", 1);
        w->comma[w->depth - 1] = true;
    }
    if (name) {
        quoted(w, name, strlen(name));
        put(w, ":", 1);
    }
}

void json_write_key(struct json_write *w, struct str key)
{
    assert(w->depth > 0);
    begin(w, NULL);
    put(w, key.p, key.n);
    w->comma[w->depth - 1] = false; /* none between the name and its value */
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

/* Writes the digits so that they end at `end`; returns their start. */
static char *digits_before(char *end, uint64_t value)
{
    static const char pair[] = "00010203040506070809101112131415161718192021222324"
                               "25262728293031323334353637383940414243444546474849"
                               "50515253545556575859606162636465666768697071727374"
                               "75767778798081828384858687888990919293949596979899";

    for (; value >= 100; value /= 100)
        memcpy(end -= 2, pair + 2 * (value % 100), 2);
    if (value >= 10)
        memcpy(end -= 2, pair + 2 * value, 2);
    else
        *--end = (char)('0' + value);
    return end;
}

void json_write_i64(struct json_write *w, const char *name, int64_t value)
{
    char text[21];
    char *end = text + sizeof text;
    char *p = digits_before(end, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);

    begin(w, name);
    if (value < 0)
        *--p = '-';
    put(w, p, (size_t)(end - p));
}

void json_write_u64(struct json_write *w, const char *name, uint64_t value)
{
    char text[20];
    char *end = text + sizeof text;
    char *p = digits_before(end, value);

    begin(w, name);
    put(w, p, (size_t)(end - p));
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

void json_write_micro(struct json_write *w, const char *name, int64_t millionths)
{
    uint64_t size = millionths < 0 ? 0 - (uint64_t)millionths : (uint64_t)millionths;
    uint64_t whole = size / 1000000, fraction = size % 1000000;
    char text[32];
    char *end = text + sizeof text, *p = end;
    unsigned digits = 6;

    if (whole == 0 && fraction > 0 &&
        fraction < 100) { /* as %g has it: below 10^-4 with exponent */
        json_write_f64(w, name, (double)millionths / 1e6, 15);
        return;
    }
    for (; digits > 0 && fraction % 10 == 0; digits--)
        fraction /= 10;
    if (digits > 0) {
        p = digits_before(p, fraction);
        while (p > end - digits)
            *--p = '0';
        *--p = '.';
    }
    p = digits_before(p, whole);
    if (millionths < 0)
        *--p = '-';
    begin(w, name);
    put(w, p, (size_t)(end - p));
}

/* Most of what we write is 0.7 or 1: at most one digit behind the point. False: it has more. */
static bool write_tenths(struct json_write *w, const char *name, double value)
{
    uint64_t tenths = value >= 0.0 && value < 1e6 ? (uint64_t)(value * 10.0 + 0.5) : 0;
    char text[24];
    char *end = text + sizeof text;
    char *p = end;

    /* The division is the one that reading does. Only 0 itself may come out as 0, and not as -0. */
    if ((double)tenths / 10.0 != value || signbit(value))
        return false;
    if (tenths % 10 != 0) {
        *--p = (char)('0' + tenths % 10);
        *--p = '.';
    }
    p = digits_before(p, tenths / 10);
    begin(w, name);
    put(w, p, (size_t)(end - p));
    return true;
}

/* 15 digits are always kept by a double, 17 always give it back (IEEE 754-2019, 5.12.2). */
void json_write_exact(struct json_write *w, const char *name, double value)
{
    char text[40];
    int digits = 15;

    if (write_tenths(w, name, value))
        return;
    if (isfinite(value))
        for (; digits < 17; digits++) {
            (void)snprintf(text, sizeof text, "%.*g", digits, value);
            if (strtod(text, NULL) == value)
                break;
        }
    json_write_f64(w, name, value, digits);
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
