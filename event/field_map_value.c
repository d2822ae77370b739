/* One source value as a type of the contract. Logs write numbers as text as often as not, so text
 * that reads as a number wholly is one; anything else is refused, never guessed. */
#include "field_map_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum { NUMBER_TEXT_MAX = 40 };

/* Integers up to here are exact in a double. */
static const double EXACT_MAX = 9007199254740992.0;

bool map_value_text(struct scratch *s, const struct source_value *v, struct str *out)
{
    char *text;

    switch (v->kind) {
    case SOURCE_TEXT: *out = v->text; return true;
    case SOURCE_BOOL: *out = v->integer ? STR("true") : STR("false"); return true;
    case SOURCE_INT:
        text = scratch_take(s, NUMBER_TEXT_MAX);
        if (!text)
            return false;
        *out =
            (struct str){text, (uint32_t)snprintf(text, NUMBER_TEXT_MAX, "%" PRId64, v->integer)};
        return true;
    case SOURCE_REAL:
    case SOURCE_TREE:
    case SOURCE_NONE: break;
    }
    return false;
}

/* "12", "-0.5", "1e3"; not "", "0x1", "inf", " 1". `copy` has NUMBER_TEXT_MAX bytes. */
static bool number_text(struct str text, char *copy)
{
    if (text.n == 0 || text.n >= NUMBER_TEXT_MAX)
        return false;
    memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    return strspn(copy, "0123456789+-.eE") == text.n;
}

static bool value_integer(const struct source_value *v, int64_t *out)
{
    char copy[NUMBER_TEXT_MAX];
    char *end;

    if (v->kind == SOURCE_INT) {
        *out = v->integer;
        return true;
    }
    if (v->kind != SOURCE_TEXT || !number_text(v->text, copy))
        return false;
    errno = 0;
    *out = strtoll(copy, &end, 10);
    return errno == 0 && *end == '\0' && end != copy;
}

static bool value_double(const struct source_value *v, double *out)
{
    char copy[NUMBER_TEXT_MAX];
    char *end;

    if (v->kind == SOURCE_INT) {
        *out = (double)v->integer;
        return true;
    }
    if (v->kind == SOURCE_REAL) {
        *out = v->real;
        return true;
    }
    if (v->kind != SOURCE_TEXT || !number_text(v->text, copy))
        return false;
    *out = strtod(copy, &end);
    return *end == '\0' && end != copy && isfinite(*out);
}

bool map_value_num(const struct source_value *v, double scale, double *out)
{
    if (!value_double(v, out))
        return false;
    if (scale > 0)
        *out *= scale;
    return isfinite(*out);
}

bool map_value_int(const struct source_value *v, double scale, int64_t *out)
{
    double number;

    if (scale == 0 && value_integer(v, out))
        return *out >= 0;
    if (!map_value_num(v, scale, &number) || number < 0 || number > EXACT_MAX)
        return false;
    if (scale == 0 && number != floor(number))
        return false; /* half a token is a mistake in the map, half a millisecond is not */
    *out = (int64_t)floor(number + 0.5);
    return true;
}

bool map_value_bool(const struct source_value *v, bool *out)
{
    static const char *const words[] = {"false", "0", "no", "off", "true", "1", "yes", "on"};
    enum { WORDS = sizeof words / sizeof *words };

    if (v->kind == SOURCE_BOOL || (v->kind == SOURCE_INT && (v->integer == 0 || v->integer == 1))) {
        *out = v->integer != 0;
        return true;
    }
    if (v->kind != SOURCE_TEXT)
        return false;
    for (size_t i = 0; i < WORDS; i++)
        if (v->text.n == strlen(words[i]) && strncasecmp(v->text.p, words[i], v->text.n) == 0) {
            *out = i >= WORDS / 2;
            return true;
        }
    return false;
}

/* Milliseconds; a binary 1795354835.001 s is off by up to 0.00024 ms. */
static const double EPOCH_SLACK = 0.0005;

/* An epoch to the millisecond, rounded down as a clock does; exactly when it is an integer and the
 * unit is at most a millisecond (`divisor` units are one then, else 0). */
static bool epoch(const struct source_value *v, double units_per_ms, int64_t divisor, msec_t *out)
{
    int64_t whole;
    double number;

    if (divisor > 0 && value_integer(v, &whole)) {
        *out = whole / divisor - (whole % divisor < 0);
        return true;
    }
    if (!value_double(v, &number))
        return false;
    number /= units_per_ms;
    if (!(fabs(number) < EXACT_MAX))
        return false;
    *out = (msec_t)floor(number + EPOCH_SLACK);
    return true;
}

/* A time without a zone is taken as UTC. */
static bool utc_text(struct str text, msec_t *out)
{
    char copy[48];

    if (msec_parse(text.p, text.n, out) == 0)
        return true;
    if (text.n + 1 >= sizeof copy)
        return false;
    memcpy(copy, text.p, text.n);
    copy[text.n] = 'Z';
    return msec_parse(copy, text.n + 1, out) == 0;
}

/* "10/Oct/2000:13:55:36 -0700": the common log format of web servers. */
static bool clf_text(struct str text, msec_t *out)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char copy[32], rfc3339[32];
    const char *month;

    if (text.n != 26)
        return false;
    memcpy(copy, text.p, 26);
    copy[26] = '\0';
    if (copy[2] != '/' || copy[6] != '/' || copy[11] != ':' || copy[20] != ' ')
        return false;
    copy[6] = '\0';
    month = strstr(months, copy + 3);
    if (!month || (month - months) % 3 != 0)
        return false;
    (void)snprintf(rfc3339, sizeof rfc3339, "%.4s-%02d-%.2sT%.8s%.3s:%.2s", copy + 7,
                   (int)(month - months) / 3 + 1, copy, copy + 12, copy + 21, copy + 24);
    return msec_parse(rfc3339, (uint32_t)strlen(rfc3339), out) == 0;
}

/* An epoch whose unit shows in its size: seconds up to the year 5138, then ms, us and ns. */
static bool sized_epoch(const struct source_value *v, msec_t *out)
{
    double number;

    if (!value_double(v, &number))
        return false;
    if (fabs(number) < 1e11)
        return epoch(v, 1e-3, 0, out);
    if (fabs(number) < 1e14)
        return epoch(v, 1.0, 1, out);
    if (fabs(number) < 1e17)
        return epoch(v, 1e3, 1000, out);
    return epoch(v, 1e6, 1000000, out);
}

bool map_value_time(const struct source_value *v, enum map_time time, msec_t *out)
{
    bool text = v->kind == SOURCE_TEXT;

    switch (time) {
    case TIME_CONTRACT:
        if (text && msec_parse(v->text.p, v->text.n, out) == 0)
            return true;
        return epoch(v, 1.0, 1, out);
    case TIME_S: return epoch(v, 1e-3, 0, out);
    case TIME_MS: return epoch(v, 1.0, 1, out);
    case TIME_US: return epoch(v, 1e3, 1000, out);
    case TIME_NS: return epoch(v, 1e6, 1000000, out);
    case TIME_RFC3339: return text && msec_parse(v->text.p, v->text.n, out) == 0;
    case TIME_UTC: return text && utc_text(v->text, out);
    case TIME_CLF: return text && clf_text(v->text, out);
    case TIME_ANY:
        return (text && (utc_text(v->text, out) || clf_text(v->text, out))) || sized_epoch(v, out);
    case MAP_TIME_COUNT: break;
    }
    return false;
}
