#include "json_number.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static const char *digits_end(const char *p, const char *end)
{
    while (p < end && *p >= '0' && *p <= '9')
        p++;
    return p;
}

const char *json_number_end(struct str text)
{
    const char *p = text.p;
    const char *end = text.p + text.n;
    const char *start;

    p += p < end && *p == '-';
    start = p;
    p = digits_end(p, end);
    if (p == start || (*start == '0' && p - start > 1))
        return NULL;
    if (p < end && *p == '.') {
        start = ++p;
        p = digits_end(p, end);
        if (p == start)
            return NULL;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        p += p < end && (*p == '+' || *p == '-');
        start = p;
        p = digits_end(p, end);
        if (p == start)
            return NULL;
    }
    return p;
}

/* A number taken apart: value = digits * 10^exponent, where `digits` are those of `mantissa`, its
 * point left out. */
struct decimal {
    bool negative;
    struct str mantissa; /* digits with at most one point among them */
    int64_t exponent;
};

enum { EXPONENT_MAX = 1 << 30 };

static int64_t exponent_read(const char *p, const char *end)
{
    bool negative = *p == '-';
    int64_t value = 0;

    p += *p == '-' || *p == '+';
    for (; p < end; p++)
        if (value < EXPONENT_MAX)
            value = value * 10 + (*p - '0');
    return negative ? -value : value;
}

static struct decimal decimal_of(struct str number)
{
    const char *p = number.p;
    const char *end = number.p + number.n;
    struct decimal d = {.negative = *p == '-'};

    p += d.negative;
    d.mantissa.p = p;
    while (p < end && *p != 'e' && *p != 'E')
        p++;
    d.mantissa.n = (uint32_t)(p - d.mantissa.p);
    if (p < end)
        d.exponent = exponent_read(p + 1, end);
    return d;
}

/* Digits behind the point. */
static uint32_t fraction_size(struct str mantissa)
{
    const char *point = memchr(mantissa.p, '.', mantissa.n);

    return point ? (uint32_t)(mantissa.p + mantissa.n - point - 1) : 0;
}

int json_number_int(struct str number, int64_t *out)
{
    struct decimal d = decimal_of(number);
    int64_t shift = d.exponent - fraction_size(d.mantissa);
    uint64_t value = 0;
    bool large = false;

    /* Zeros at the end that a negative exponent takes away. */
    for (; shift < 0 && d.mantissa.n > 0; d.mantissa.n--) {
        char c = d.mantissa.p[d.mantissa.n - 1];

        if (c == '.')
            continue;
        if (c != '0')
            return -EINVAL;
        shift++;
    }
    for (uint32_t i = 0; i < d.mantissa.n; i++) {
        char c = d.mantissa.p[i];

        if (c != '.')
            large |= __builtin_mul_overflow(value, 10, &value) ||
                     __builtin_add_overflow(value, (uint64_t)(c - '0'), &value);
    }
    for (; shift > 0 && value != 0 && !large; shift--)
        large = __builtin_mul_overflow(value, 10, &value);
    if (large || value > INT64_MAX || (d.negative && value != 0))
        return -ERANGE;
    *out = (int64_t)value;
    return 0;
}

int json_number_double(struct str number, double *out)
{
    char small[64];
    char *text = number.n < sizeof small ? small : malloc((size_t)number.n + 1);

    if (!text)
        return -ENOMEM;
    memcpy(text, number.p, number.n);
    text[number.n] = '\0';
    *out = strtod(text, NULL); /* no part of the program leaves the C locale */
    if (text != small)
        free(text);
    return isfinite(*out) ? 0 : -ERANGE;
}
