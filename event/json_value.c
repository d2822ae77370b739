#include "json_value.h"

#include "base/utf8.h"
#include "json_number.h"

#include <assert.h>

const char JSON_CUT_OFF[] = "the record is cut off";
const char JSON_NO_COMMA[] = "`,` or a closing bracket is missing";
const char JSON_NO_COLON[] = "`:` is missing after a key";
const char JSON_NO_KEY[] = "a key is missing";
const char JSON_UNTERMINATED[] = "a string is not closed";

static const char no_value[] = "not a JSON value";
static const char bad_number[] = "not a JSON number";
static const char bad_escape[] = "unknown escape in a string";
static const char lone_surrogate[] = "lone surrogate in a string";
static const char control[] = "control character in a string";
static const char too_deep[] = "nested too deeply";

void json_space(struct json_cursor *c)
{
    while (c->at < c->end && json_is_space(*c->at))
        c->at++;
}

/* What the letter behind a backslash stands for; 0: it is 'u' or an error. */
static const char meant[256] = {
    ['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
    ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t',
};

static int hex4(const char *p)
{
    int value = 0;

    for (int i = 0; i < 4; i++) {
        char c = p[i];

        if (c >= '0' && c <= '9')
            value = value << 4 | (c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            value = value << 4 | ((c | 0x20) - 'a' + 10);
        else
            return -1; /* at the latest the closing quote */
    }
    return value;
}

/* An escape that is not one letter: its character and size; a sentence when it is none. A closing
 * quote follows somewhere behind p. */
static const char *unicode_escape(const char *p, uint32_t *character, uint32_t *size)
{
    int unit = p[1] == 'u' ? hex4(p + 2) : -1;
    int low;

    if (unit < 0)
        return bad_escape;
    *character = (uint32_t)unit;
    *size = 6;
    if (unit < 0xD800 || unit > 0xDFFF)
        return NULL;
    low = unit < 0xDC00 && p[6] == '\\' && p[7] == 'u' ? hex4(p + 8) : -1;
    if (low < 0xDC00 || low > 0xDFFF)
        return lone_surrogate;
    *character = 0x10000 + (((uint32_t)unit & 0x3FF) << 10 | ((uint32_t)low & 0x3FF));
    *size = 12;
    return NULL;
}

/* Moves `special` over those before `end`, each of which must begin an escape. */
static const char *escapes_check(const char *text, const uint32_t **special, uint32_t end)
{
    uint32_t character, size;

    while (**special < end) {
        const char *p = text + **special;

        size = 2;
        if (*p != '\\')
            return control;
        if (!meant[(unsigned char)p[1]]) {
            const char *error = unicode_escape(p, &character, &size);

            if (error)
                return error;
        }
        *special += size == 12 ? 2 : 1; /* a pair of surrogates has two backslashes */
    }
    return NULL;
}

const char *json_string_read(struct json_cursor *c, struct json_value *out)
{
    uint32_t begin = c->quote[0] + 1, end = c->quote[1];
    const char *error;

    assert(c->text + c->quote[0] == c->at);
    if (end == c->size)
        return JSON_UNTERMINATED;
    while (*c->special < begin)
        c->special++; /* white space between values */
    out->kind = JSON_STRING;
    out->raw = (struct str){c->text + begin, end - begin};
    out->special = c->special;
    out->escapes = *c->special < end;
    error = escapes_check(c->text, &c->special, end);
    c->quote += 2;
    c->at = c->text + end + 1;
    return error;
}

char *json_string_unescape(const char *text, const struct json_value *string, char *to)
{
    const char *from = string->raw.p;
    const char *end = from + string->raw.n;

    for (const uint32_t *special = string->special; text + *special < end;) {
        const char *escape = text + *special;
        char letter = meant[(unsigned char)escape[1]];
        uint32_t character = 0, size = 2;

        memcpy(to, from, (size_t)(escape - from));
        to += escape - from;
        if (letter) {
            *to++ = letter;
        } else {
            (void)unicode_escape(escape, &character, &size);
            to = utf8_put(to, character);
        }
        from = escape + size;
        special += size == 12 ? 2 : 1;
    }
    memcpy(to, from, (size_t)(end - from));
    return to + (end - from);
}

static const char *number_read(struct json_cursor *c, struct json_value *out)
{
    const char *end = json_number_end((struct str){c->at, (uint32_t)(c->end - c->at)});

    if (!end)
        return bad_number;
    out->kind = JSON_NUMBER;
    out->raw = (struct str){c->at, (uint32_t)(end - c->at)};
    c->at = end;
    return NULL;
}

static const char *literal_read(struct json_cursor *c, struct json_value *out, enum json_kind kind,
                                struct str word)
{
    if (c->end - c->at < word.n || memcmp(c->at, word.p, word.n) != 0)
        return no_value;
    c->at += word.n;
    out->kind = kind;
    return NULL;
}

static const char *scalar_read(struct json_cursor *c, struct json_value *out)
{
    char first = json_peek(c);

    if (first == '"')
        return json_string_read(c, out);
    if (first == '-' || (first >= '0' && first <= '9'))
        return number_read(c, out);
    if (first == 't')
        return literal_read(c, out, JSON_TRUE, STR("true"));
    if (first == 'f')
        return literal_read(c, out, JSON_FALSE, STR("false"));
    if (first == 'n')
        return literal_read(c, out, JSON_NULL, STR("null"));
    return c->at == c->end ? JSON_CUT_OFF : no_value;
}

/* A key inside an ignored object, up to its value. */
static const char *nested_key(struct json_cursor *c)
{
    struct json_value key;
    const char *error;

    json_space(c);
    if (json_peek(c) != '"')
        return JSON_NO_KEY;
    error = json_string_read(c, &key);
    if (error)
        return error;
    json_space(c);
    if (json_peek(c) != ':')
        return JSON_NO_COLON;
    c->at++;
    return NULL;
}

/* Opens arrays and objects up to the first scalar, or to the end of an empty one. */
static const char *nested_open(struct json_cursor *c, char *closer, uint32_t *depth, bool *empty)
{
    const char *error;

    *empty = false;
    for (json_space(c); json_peek(c) == '[' || json_peek(c) == '{'; json_space(c)) {
        if (*depth == JSON_DEPTH_MAX)
            return too_deep;
        closer[*depth] = json_peek(c) == '[' ? ']' : '}';
        c->at++;
        json_space(c);
        if (json_peek(c) == closer[(*depth)++]) {
            *empty = true;
            return NULL;
        }
        error = closer[*depth - 1] == '}' ? nested_key(c) : NULL;
        if (error)
            return error;
    }
    return NULL;
}

static const char *nested_read(struct json_cursor *c)
{
    char closer[JSON_DEPTH_MAX];
    uint32_t depth = 0;
    const char *error;
    struct json_value scalar;
    bool empty;

    for (;;) {
        error = nested_open(c, closer, &depth, &empty);
        if (!error && !empty)
            error = scalar_read(c, &scalar);
        if (error)
            return error;
        for (json_space(c); depth > 0 && json_peek(c) == closer[depth - 1]; json_space(c)) {
            c->at++;
            depth--;
        }
        if (depth == 0)
            return NULL;
        if (json_peek(c) != ',')
            return c->at == c->end ? JSON_CUT_OFF : JSON_NO_COMMA;
        c->at++;
        error = closer[depth - 1] == '}' ? nested_key(c) : NULL;
        if (error)
            return error;
    }
}

const char *json_value_read(struct json_cursor *c, struct json_value *out)
{
    json_space(c);
    if (json_peek(c) != '[' && json_peek(c) != '{')
        return scalar_read(c, out);
    out->kind = JSON_NESTED;
    return nested_read(c);
}
