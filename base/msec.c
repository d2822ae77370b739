#include "msec.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

/* Days since 1970-01-01 of a proleptic Gregorian date, and back: the era arithmetic of
 * H. Hinnant, "chrono-compatible low-level date algorithms". */
static int64_t days_from_civil(int64_t y, unsigned m, unsigned d)
{
    int64_t era, doe, yoe, doy;

    y -= m <= 2;
    era = (y >= 0 ? y : y - 399) / 400;
    yoe = y - era * 400;
    doy = (153 * ((int64_t)m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

static void civil_from_days(int64_t z, int64_t *y, unsigned *m, unsigned *d)
{
    int64_t era, doe, yoe, doy, mp;

    z += 719468;
    era = (z >= 0 ? z : z - 146096) / 146097;
    doe = z - era * 146097;
    yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    mp = (5 * doy + 2) / 153;
    *d = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
    *m = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
    *y = yoe + era * 400 + (*m <= 2);
}

static bool number(const char **p, const char *end, int width, unsigned *out)
{
    unsigned value = 0;

    for (int i = 0; i < width; i++, (*p)++) {
        if (*p == end || **p < '0' || **p > '9')
            return false;
        value = value * 10 + (unsigned)(**p - '0');
    }
    *out = value;
    return true;
}

static bool literal(const char **p, const char *end, char c)
{
    if (*p == end || **p != c)
        return false;
    (*p)++;
    return true;
}

static bool fraction(const char **p, const char *end, int64_t *ms)
{
    int64_t unit = 100;
    bool any = false;

    *ms = 0;
    if (!literal(p, end, '.'))
        return true;
    while (*p != end && **p >= '0' && **p <= '9') {
        *ms += unit * (**p - '0');
        unit /= 10;
        any = true;
        (*p)++;
    }
    return any;
}

static bool offset(const char **p, const char *end, int64_t *minutes)
{
    unsigned h, m;
    int sign;

    *minutes = 0;
    if (literal(p, end, 'Z') || literal(p, end, 'z'))
        return true;
    if (*p == end || (**p != '+' && **p != '-'))
        return false;
    sign = **p == '-' ? -1 : 1;
    (*p)++;
    if (!number(p, end, 2, &h) || !literal(p, end, ':') || !number(p, end, 2, &m))
        return false;
    *minutes = sign * (int64_t)(h * 60 + m);
    return h < 24 && m < 60;
}

static unsigned month_days(unsigned y, unsigned m)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

    return days[m - 1] + (m == 2 && leap);
}

int msec_parse(const char *text, uint32_t size, msec_t *out)
{
    const char *p = text;
    const char *end = text + size;
    unsigned y, mo, d, h, mi, s;
    int64_t ms, minutes;

    if (!number(&p, end, 4, &y) || !literal(&p, end, '-') || !number(&p, end, 2, &mo) ||
        !literal(&p, end, '-') || !number(&p, end, 2, &d))
        return -EINVAL;
    if (p == end || (*p != 'T' && *p != 't' && *p != ' '))
        return -EINVAL;
    p++;
    if (!number(&p, end, 2, &h) || !literal(&p, end, ':') || !number(&p, end, 2, &mi) ||
        !literal(&p, end, ':') || !number(&p, end, 2, &s) || !fraction(&p, end, &ms) ||
        !offset(&p, end, &minutes) || p != end)
        return -EINVAL;
    if (mo < 1 || mo > 12 || d < 1 || d > month_days(y, mo) || h > 23 || mi > 59 || s > 60)
        return -EINVAL;
    *out = days_from_civil((int64_t)y, mo, d) * MSEC_DAY + h * MSEC_HOUR +
           ((int64_t)mi - minutes) * MSEC_MINUTE + s * MSEC_SECOND + ms;
    return 0;
}

const char *msec_format(msec_t t, char text[MSEC_TEXT_SIZE])
{
    int64_t days = t / MSEC_DAY - (t % MSEC_DAY < 0);
    msec_t in_day = t - days * MSEC_DAY;
    int64_t y;
    unsigned m, d, ms = (unsigned)(in_day % 1000);
    int n;

    civil_from_days(days, &y, &m, &d);
    if (y < 0 || y > 9999) {
        (void)snprintf(text, MSEC_TEXT_SIZE, "%" PRId64, t);
        return text;
    }
    n = snprintf(text, MSEC_TEXT_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u", (unsigned)y, m, d,
                 (unsigned)(in_day / MSEC_HOUR), (unsigned)(in_day / MSEC_MINUTE % 60),
                 (unsigned)(in_day / MSEC_SECOND % 60));
    if (ms)
        n += snprintf(text + n, MSEC_TEXT_SIZE - (size_t)n, ".%03u", ms);
    (void)snprintf(text + n, MSEC_TEXT_SIZE - (size_t)n, "Z");
    return text;
}
