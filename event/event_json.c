/* The reader works in two passes. json_scan() notes where all strings begin and end; then the
 * members are read in one walk. Each kind of field has a short path for the usual form of its
 * value; whatever that does not take goes to value_slow(), which reads any JSON value by the letter
 * of RFC 8259. The short paths only ever take what value_slow() would take, with the same result.
 *
 * The text is known to begin with '{' and to end with '}'. Steps outside of strings never pass a
 * '}' unseen, so the short paths need no other check for the end.
 *
 * Faults of values are noted per field and judged at the end, when the record's type is known and
 * the last of several equal keys has been seen. */
#include "event_json.h"

#include "base/utf8.h"
#include "json_number.h"
#include "json_scan.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

/* Kinds beyond those of the contract's fields. */
enum { KIND_IGNORED = KIND_BOOL + 1, KIND_RECORD_TYPE };

/* A key that the reader knows: its name as two words, zero behind its end. */
struct known {
    uint64_t word[2];
    uint64_t bit; /* of the field */
    uint32_t offset;
    uint32_t kind;
};

enum { KEY_MAX = 16, KEY_SLOT_BITS = 10, KNOWN_COUNT = FIELD_COUNT + 2 };

struct event_json {
    struct json_scan scan;
    char *scratch; /* unescaped text of the current line */
    size_t scratch_capacity;
    uint64_t cut_count;
    uint64_t multiplier;               /* makes key_slot() free of collisions */
    uint8_t slot[1u << KEY_SLOT_BITS]; /* index of known[] */
    struct known known[KNOWN_COUNT];   /* [0] stands for every other key */
};

/* The state of one line. */
struct parse {
    const struct event_json *reader;
    const char *text, *end;
    const char *at;
    const uint32_t *quote;   /* next quote: always that of the next string */
    const uint32_t *special; /* not after the first special byte of the next string */
    uint32_t size;
    char *scratch; /* free from here on */
    struct api_event *ev;
    uint64_t present;
    uint64_t wrong, beyond,
        cut; /* fields whose value has the wrong type; is out of its limits; was cut */
    enum record_type type;
    bool type_wrong;
};

enum value_kind { VALUE_STRING, VALUE_NUMBER, VALUE_TRUE, VALUE_FALSE, VALUE_NULL, VALUE_NESTED };

struct value {
    enum value_kind kind;
    struct str raw;          /* string: what is between the quotes; number: its digits */
    const uint32_t *special; /* string: its first special byte */
    bool escapes;
};

static const msec_t ts_max = 253402300799999; /* 9999-12-31T23:59:59.999Z */

static const char UNTERMINATED[] = "a string is not closed";
static const char CUT_OFF[] = "the record is cut off";
static const char NO_KEY[] = "a key is missing";
static const char NO_COLON[] = "`:` is missing after a key";
static const char NO_COMMA[] = "`,` or a closing bracket is missing";
static const char NO_VALUE[] = "not a JSON value";
static const char BAD_NUMBER[] = "not a JSON number";
static const char BAD_ESCAPE[] = "unknown escape in a string";
static const char LONE_SURROGATE[] = "lone surrogate in a string";
static const char CONTROL[] = "control character in a string";
static const char TOO_DEEP[] = "nested too deeply";
static const char TRAILING[] = "text after the record";

/* Why a field's value is refused. */
#define WRONG_TIME  "is neither milliseconds nor an RFC 3339 time"
#define WRONG_STR   "is not a string"
#define WRONG_TEXT  "is not a string"
#define WRONG_INT   "is not an integer"
#define WRONG_NUM   "is not a number"
#define WRONG_BOOL  "is not true or false"
#define BEYOND_TIME "is before 1970 or after 9999"
#define BEYOND_STR  "is longer than 1024 bytes"
#define BEYOND_TEXT "is too long" /* never said: texts are cut */
#define BEYOND_INT  "is negative or too large"
#define BEYOND_NUM  "is too large"
#define BEYOND_BOOL "is not true or false" /* never said */
#define SENTENCE_ROW(member, kind, records)                                                        \
    {"`" #member "` " WRONG_##kind, "`" #member "` " BEYOND_##kind},
static const char *const field_sentence[FIELD_COUNT][2] = {API_EVENT_FIELDS(SENTENCE_ROW)};
#undef SENTENCE_ROW

/* ---- Keys ---- */

/* The `size` <= KEY_MAX bytes at p as two words; reads nothing at or behind `end`. */
static inline void key_words(const char *p, uint32_t size, const char *end, uint64_t word[2])
{
    static const uint64_t mask[9] = {0,          0xFF,         0xFFFF,         0xFFFFFF,
                                     0xFFFFFFFF, 0xFFFFFFFFFF, 0xFFFFFFFFFFFF, 0xFFFFFFFFFFFFFF,
                                     UINT64_MAX};
    char copy[KEY_MAX];

    if (end - p < KEY_MAX) {
        memcpy(copy, p, size);
        p = copy;
    }
    memcpy(word, p, KEY_MAX);
    word[0] = le64toh(word[0]) & mask[size < 8 ? size : 8];
    word[1] = le64toh(word[1]) & mask[size < 8 ? 0 : size - 8];
}

static inline uint32_t key_slot(const uint64_t word[2], uint64_t multiplier)
{
    return (uint32_t)((word[0] ^ word[1] * 0x9e3779b97f4a7c15u) * multiplier >>
                      (64 - KEY_SLOT_BITS));
}

static inline const struct known *key_find(const struct event_json *r, const char *p, uint32_t size,
                                           const char *end)
{
    const struct known *k;
    uint64_t word[2];

    if (size > KEY_MAX)
        return &r->known[0];
    key_words(p, size, end, word);
    k = &r->known[r->slot[key_slot(word, r->multiplier)]];
    return ((k->word[0] ^ word[0]) | (k->word[1] ^ word[1])) == 0 ? k : &r->known[0];
}

static void known_set(struct known *k, const char *name, uint64_t bit, uint32_t offset,
                      uint32_t kind)
{
    uint32_t size = (uint32_t)strlen(name);
    char padded[KEY_MAX] = {0};

    assert(size <= KEY_MAX);
    memcpy(padded, name, size);
    key_words(padded, size, padded + KEY_MAX, k->word);
    k->bit = bit;
    k->offset = offset;
    k->kind = kind;
}

static bool slots_fill(struct event_json *r)
{
    memset(r->slot, 0, sizeof r->slot);
    for (unsigned i = 1; i < KNOWN_COUNT; i++) {
        uint8_t *slot = &r->slot[key_slot(r->known[i].word, r->multiplier)];

        if (*slot != 0)
            return false;
        *slot = (uint8_t)i;
    }
    return true;
}

/* Tries multipliers until no two keys meet: one in three does for 48 keys in 1,024 slots. */
static void keys_init(struct event_json *r)
{
    r->known[0].word[0] = UINT64_MAX; /* no text: an empty key must not match it */
    r->known[0].kind = KIND_IGNORED;
    for (unsigned f = 0; f < FIELD_COUNT; f++)
        known_set(&r->known[f + 1], field_info[f].name, (uint64_t)1 << f, field_info[f].offset,
                  field_info[f].kind);
    known_set(&r->known[KNOWN_COUNT - 1], "type", 0, 0, KIND_RECORD_TYPE);
    r->multiplier = 0xbf58476d1ce4e5b9u;
    while (!slots_fill(r))
        r->multiplier = (r->multiplier * 0x94d049bb133111ebu) | 1;
}

/* ---- Any JSON value, by the letter ---- */

static inline bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static inline char peek(const struct parse *s)
{
    return s->at < s->end ? *s->at : '\0';
}

static void space(struct parse *s)
{
    while (s->at < s->end && is_space(*s->at))
        s->at++;
}

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

/* The character that the escape at p stands for and the escape's size; a sentence when it is none.
 * A closing quote follows somewhere behind p. */
static const char *escape_read(const char *p, uint32_t *c, uint32_t *size)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char *letter;
    int unit, low;

    *size = 2;
    if (p[1] != 'u') {
        letter = p[1] ? strchr(letters, p[1]) : NULL;
        if (!letter)
            return BAD_ESCAPE;
        *c = (unsigned char)meant[letter - letters];
        return NULL;
    }
    unit = hex4(p + 2);
    if (unit < 0)
        return BAD_ESCAPE;
    *c = (uint32_t)unit;
    *size = 6;
    if (unit < 0xD800 || unit > 0xDFFF)
        return NULL;
    low = unit < 0xDC00 && p[6] == '\\' && p[7] == 'u' ? hex4(p + 8) : -1;
    if (low < 0xDC00 || low > 0xDFFF)
        return LONE_SURROGATE;
    *c = 0x10000 + (((uint32_t)unit & 0x3FF) << 10 | ((uint32_t)low & 0x3FF));
    *size = 12;
    return NULL;
}

/* The string that begins at s->at. */
static const char *string_read(struct parse *s, struct value *v)
{
    uint32_t begin = s->quote[0] + 1, end = s->quote[1];
    const char *error;

    assert(s->text + s->quote[0] == s->at);
    if (end == s->size)
        return UNTERMINATED;
    while (*s->special < begin)
        s->special++; /* white space between values */
    v->kind = VALUE_STRING;
    v->raw = (struct str){s->text + begin, end - begin};
    v->special = s->special;
    v->escapes = *s->special < end;
    while (*s->special < end) {
        uint32_t c, size;

        if (s->text[*s->special] != '\\')
            return CONTROL;
        error = escape_read(s->text + *s->special, &c, &size);
        if (error)
            return error;
        s->special += size == 12 ? 2 : 1;
    }
    s->quote += 2;
    s->at = s->text + end + 1;
    return NULL;
}

/* Writes a checked string without its escapes; returns behind it. */
static char *string_unescape(const char *text, const struct value *v, char *to)
{
    const char *from = v->raw.p;
    const char *end = from + v->raw.n;

    for (const uint32_t *special = v->special; text + *special < end;) {
        const char *escape = text + *special;
        uint32_t c = 0, size = 0;

        memcpy(to, from, (size_t)(escape - from));
        to += escape - from;
        (void)escape_read(escape, &c, &size);
        to = utf8_put(to, c);
        from = escape + size;
        special += size == 12 ? 2 : 1;
    }
    memcpy(to, from, (size_t)(end - from));
    return to + (end - from);
}

/* The text of a string value: borrowed from the line, or unescaped to the scratch memory. */
static struct str string_text(struct parse *s, const struct value *v)
{
    struct str text = v->raw;

    if (v->escapes) {
        text.p = s->scratch;
        s->scratch = string_unescape(s->text, v, s->scratch);
        text.n = (uint32_t)(s->scratch - text.p);
    }
    return text;
}

static bool literal(struct parse *s, const char *word, uint32_t size)
{
    if (s->end - s->at < size || memcmp(s->at, word, size) != 0)
        return false;
    s->at += size;
    return true;
}

static const char *scalar_read(struct parse *s, struct value *v)
{
    const char *end;

    switch (peek(s)) {
    case '"': return string_read(s, v);
    case 't': v->kind = VALUE_TRUE; return literal(s, "true", 4) ? NULL : NO_VALUE;
    case 'f': v->kind = VALUE_FALSE; return literal(s, "false", 5) ? NULL : NO_VALUE;
    case 'n': v->kind = VALUE_NULL; return literal(s, "null", 4) ? NULL : NO_VALUE;
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        end = json_number_end((struct str){s->at, (uint32_t)(s->end - s->at)});
        if (!end)
            return BAD_NUMBER;
        v->kind = VALUE_NUMBER;
        v->raw = (struct str){s->at, (uint32_t)(end - s->at)};
        s->at = end;
        return NULL;
    case '\0': return s->at == s->end ? CUT_OFF : NO_VALUE;
    default: return NO_VALUE;
    }
}

/* A key inside an ignored object, up to its value. */
static const char *nested_key(struct parse *s)
{
    struct value key;
    const char *error;

    space(s);
    if (peek(s) != '"')
        return NO_KEY;
    error = string_read(s, &key);
    if (error)
        return error;
    space(s);
    if (peek(s) != ':')
        return NO_COLON;
    s->at++;
    return NULL;
}

/* Opens arrays and objects up to the first scalar, or to the end of an empty one. */
static const char *nested_open(struct parse *s, char *closer, uint32_t *depth, bool *empty)
{
    const char *error;

    *empty = false;
    for (space(s); peek(s) == '[' || peek(s) == '{'; space(s)) {
        if (*depth == EVENT_JSON_DEPTH_MAX)
            return TOO_DEEP;
        closer[*depth] = peek(s) == '[' ? ']' : '}';
        s->at++;
        space(s);
        if (peek(s) == closer[(*depth)++]) {
            *empty = true;
            return NULL;
        }
        error = closer[*depth - 1] == '}' ? nested_key(s) : NULL;
        if (error)
            return error;
    }
    return NULL;
}

static const char *nested_read(struct parse *s)
{
    char closer[EVENT_JSON_DEPTH_MAX];
    uint32_t depth = 0;
    const char *error;
    struct value scalar;
    bool empty;

    for (;;) {
        error = nested_open(s, closer, &depth, &empty);
        if (!error && !empty)
            error = scalar_read(s, &scalar);
        if (error)
            return error;
        for (space(s); depth > 0 && peek(s) == closer[depth - 1]; space(s)) {
            s->at++;
            depth--;
        }
        if (depth == 0)
            return NULL;
        if (peek(s) != ',')
            return s->at == s->end ? CUT_OFF : NO_COMMA;
        s->at++;
        error = closer[depth - 1] == '}' ? nested_key(s) : NULL;
        if (error)
            return error;
    }
}

/* ---- Values of the contract's fields ---- */

static inline void *member(struct parse *s, const struct known *k)
{
    return (char *)s->ev + k->offset;
}

static inline void take(struct parse *s, const struct known *k)
{
    s->present |= k->bit;
    s->wrong &= ~k->bit;
    s->beyond &= ~k->bit;
    s->cut &= ~k->bit;
}

static void refuse(struct parse *s, const struct known *k, uint64_t *why)
{
    take(s, k);
    *why |= k->bit;
}

static void assign_text(struct parse *s, const struct known *k, const struct value *v)
{
    struct str *to = member(s, k);

    if (v->kind != VALUE_STRING) {
        refuse(s, k, &s->wrong);
        return;
    }
    take(s, k);
    *to = string_text(s, v);
    if (k->kind == KIND_TEXT && to->n > EVENT_TEXT_MAX) {
        *to = utf8_cut(*to, EVENT_TEXT_MAX);
        s->cut |= k->bit;
    } else if (k->kind == KIND_STR && to->n > EVENT_STR_MAX) {
        refuse(s, k, &s->beyond);
    }
}

static void assign_int(struct parse *s, const struct known *k, const struct value *v)
{
    int64_t *to = member(s, k);
    int r = v->kind == VALUE_NUMBER ? json_number_int(v->raw, to) : -EINVAL;

    if (r == -EINVAL)
        refuse(s, k, &s->wrong);
    else if (r < 0)
        refuse(s, k, &s->beyond);
    else
        take(s, k);
}

static void assign_time(struct parse *s, const struct known *k, const struct value *v)
{
    msec_t *to = member(s, k);

    if (v->kind == VALUE_STRING) {
        struct str text = string_text(s, v);

        if (msec_parse(text.p, text.n, to) < 0) {
            refuse(s, k, &s->wrong);
            return;
        }
        take(s, k);
    } else {
        assign_int(s, k, v);
    }
    if (!((s->wrong | s->beyond) & k->bit) && (*to < 0 || *to > ts_max))
        refuse(s, k, &s->beyond);
}

static void assign_num(struct parse *s, const struct known *k, const struct value *v)
{
    int r = v->kind == VALUE_NUMBER ? json_number_double(v->raw, member(s, k)) : -EINVAL;

    if (r == -EINVAL)
        refuse(s, k, &s->wrong);
    else if (r < 0)
        refuse(s, k, &s->beyond);
    else
        take(s, k);
}

static void assign_bool(struct parse *s, const struct known *k, const struct value *v)
{
    if (v->kind != VALUE_TRUE && v->kind != VALUE_FALSE) {
        refuse(s, k, &s->wrong);
        return;
    }
    take(s, k);
    *(bool *)member(s, k) = v->kind == VALUE_TRUE;
}

static void assign_type(struct parse *s, const struct value *v)
{
    s->type = RECORD_EXCHANGE;
    if (v->kind == VALUE_STRING)
        s->type = record_type_find(string_text(s, v));
    s->type_wrong =
        s->type == RECORD_TYPE_COUNT || (v->kind != VALUE_STRING && v->kind != VALUE_NULL);
}

static void assign_null(struct parse *s, const struct known *k)
{
    take(s, k);
    s->present &= ~k->bit;
    if (k->kind == KIND_STR || k->kind == KIND_TEXT)
        *(struct str *)member(s, k) = (struct str){NULL, 0};
}

/* Any value, of any key. Noinline keeps it out of the short paths' way. */
__attribute__((noinline)) static const char *value_slow(struct parse *s, const struct known *k)
{
    struct value v;
    const char *error;

    space(s);
    if (peek(s) == '[' || peek(s) == '{') {
        v.kind = VALUE_NESTED;
        error = nested_read(s);
    } else {
        error = scalar_read(s, &v);
    }
    if (error || k->kind == KIND_IGNORED)
        return error;
    if (k->kind == KIND_RECORD_TYPE) {
        assign_type(s, &v);
        return NULL;
    }
    if (v.kind == VALUE_NULL) {
        assign_null(s, k);
        return NULL;
    }
    switch ((enum field_kind)k->kind) {
    case KIND_TIME: assign_time(s, k, &v); break;
    case KIND_STR:
    case KIND_TEXT: assign_text(s, k, &v); break;
    case KIND_INT: assign_int(s, k, &v); break;
    case KIND_NUM: assign_num(s, k, &v); break;
    case KIND_BOOL: assign_bool(s, k, &v); break;
    }
    return NULL;
}

/* ---- Short paths: true when they took the value ---- */

static inline bool short_text(struct parse *s, const struct known *k, uint32_t size_max)
{
    uint32_t begin = s->quote[0] + 1, end = s->quote[1];

    if (*s->at != '"' || end == s->size || *s->special < end || end - begin > size_max)
        return false;
    *(struct str *)member(s, k) = (struct str){s->text + begin, end - begin};
    take(s, k);
    s->quote += 2;
    s->at = s->text + end + 1;
    return true;
}

static inline bool short_int(struct parse *s, const struct known *k, int64_t max)
{
    uint64_t value;
    const char *end = json_number_short(s->at, s->end, &value);

    if (!end || value > (uint64_t)max)
        return false;
    *(int64_t *)member(s, k) = (int64_t)value;
    take(s, k);
    s->at = end;
    return true;
}

/* One digit, a point and one digit: a temperature as most clients send it. */
static inline bool short_num(struct parse *s, const struct known *k)
{
    const char *p = s->at;
    int value;

    if (p[0] < '0' || p[0] > '9' || p[1] != '.' || p[2] < '0' || p[2] > '9')
        return false;
    value = (p[0] - '0') * 10 + (p[2] - '0');
    if (p[3] != ',' && p[3] != '}')
        return false;
    *(double *)member(s, k) = value / 10.0; /* both exact, so correctly rounded */
    take(s, k);
    s->at = p + 3;
    return true;
}

static inline bool short_bool(struct parse *s, const struct known *k)
{
    bool value = *s->at == 't';

    if (!value && *s->at != 'f')
        return false;
    if (!literal(s, value ? "true" : "false", value ? 4 : 5))
        return false;
    *(bool *)member(s, k) = value;
    take(s, k);
    return true;
}

static inline bool value_short(struct parse *s, const struct known *k)
{
    switch (k->kind) {
    case KIND_STR: return short_text(s, k, EVENT_STR_MAX);
    case KIND_TEXT: return short_text(s, k, EVENT_TEXT_MAX);
    case KIND_INT: return short_int(s, k, INT64_MAX);
    case KIND_TIME: return short_int(s, k, ts_max);
    case KIND_NUM: return short_num(s, k);
    case KIND_BOOL: return short_bool(s, k);
    default: return false;
    }
}

/* ---- The record ---- */

/* A key that has escapes or control characters. */
__attribute__((noinline)) static const char *key_slow(struct parse *s, const struct known **out)
{
    struct value key;
    const char *error = string_read(s, &key);

    if (error)
        return error;
    if (key.escapes) {
        key.raw = string_text(s, &key);
        if (memchr(key.raw.p, '\0', key.raw.n))
            key.raw.n = 0; /* no key of ours; as words it could look like one */
    }
    *out = key_find(s->reader, key.raw.p, key.raw.n, key.raw.p + key.raw.n);
    return NULL;
}

/* From a key to its value. */
static inline const char *key_read(struct parse *s, const struct known **out)
{
    uint32_t begin = s->quote[0] + 1, end = s->quote[1];
    const char *error;

    if (s->text + s->quote[0] != s->at) {
        space(s);
        if (peek(s) != '"')
            return NO_KEY;
    }
    if (end == s->size)
        return UNTERMINATED;
    if (*s->special < end) {
        error = key_slow(s, out);
        if (error)
            return error;
    } else {
        *out = key_find(s->reader, s->text + begin, end - begin, s->end);
        s->quote += 2;
        s->at = s->text + end + 1;
    }
    if (*s->at != ':') {
        space(s);
        if (peek(s) != ':')
            return NO_COLON;
    }
    s->at++;
    s->at += *s->at == ' ';
    return NULL;
}

static const char *members_read(struct parse *s)
{
    const struct known *k;
    const char *error;

    s->at++;
    space(s);
    if (peek(s) == '}')
        return s->at + 1 == s->end ? NULL : TRAILING;
    for (;;) {
        error = key_read(s, &k);
        if (error)
            return error;
        if (!value_short(s, k)) {
            error = value_slow(s, k);
            if (error)
                return error;
        }
        if (peek(s) != ',') {
            space(s);
            if (peek(s) == '}')
                return s->at + 1 == s->end ? NULL : TRAILING;
            if (peek(s) != ',')
                return s->at == s->end ? CUT_OFF : NO_COMMA;
        }
        s->at++;
        s->at += peek(s) == ' ';
    }
}

/* What the reader took of fields that the record's type does not carry is taken back. */
static void members_forget(struct api_event *ev, uint64_t fields)
{
    for (; fields; fields &= fields - 1) {
        const struct field_info *info = &field_info[__builtin_ctzll(fields)];

        if (info->kind == KIND_STR || info->kind == KIND_TEXT)
            *(struct str *)((char *)ev + info->offset) = (struct str){NULL, 0};
    }
}

static uint64_t fields_of(enum record_type type)
{
#define FIELD_BIT(member, kind, records)                                                           \
    | ((records) >> type & 1 ? (uint64_t)1 << FIELD_##member : 0)
    return 0 API_EVENT_FIELDS(FIELD_BIT);
#undef FIELD_BIT
}

static const char *record_judge(struct event_json *r, struct parse *s)
{
    uint64_t fields, fault;

    if (s->type_wrong)
        return "`type` is not one of the contract's";
    fields = fields_of(s->type);
    fault = (s->wrong | s->beyond) & fields;
    if (fault) {
        unsigned f = (unsigned)__builtin_ctzll(fault);

        return field_sentence[f][s->beyond >> f & 1];
    }
    members_forget(s->ev, s->present & ~fields);
    s->ev->type = s->type;
    s->ev->present = s->present & fields;
    r->cut_count += (unsigned)__builtin_popcountll(s->cut & fields);
    return event_check(s->ev);
}

/* What is unescaped never grows, so one scratch as large as the line holds all of it. */
static int scratch_reserve(struct event_json *r, uint32_t size)
{
    size_t capacity = r->scratch_capacity ? r->scratch_capacity : 4096;
    char *scratch;

    if (r->scratch_capacity >= size)
        return 0;
    while (capacity < size)
        capacity *= 2;
    scratch = realloc(r->scratch, capacity);
    if (!scratch)
        return -ENOMEM;
    r->scratch = scratch;
    r->scratch_capacity = capacity;
    return 0;
}

static struct str trimmed(struct str line)
{
    while (line.n > 0 && is_space(line.p[line.n - 1]))
        line.n--;
    while (line.n > 0 && is_space(*line.p)) {
        line.p++;
        line.n--;
    }
    return line;
}

const char *event_json_read(struct event_json *r, struct str line, struct api_event *ev)
{
    struct str text = trimmed(line);
    struct parse s;
    const char *error;

    if (text.n == 0)
        return "empty line";
    if (text.n >= 3 && memcmp(text.p, "\xEF\xBB\xBF", 3) == 0)
        return "byte order mark before the record";
    if (text.p[0] != '{')
        return "not a JSON object";
    if (text.p[text.n - 1] != '}')
        return "not a whole JSON object: it does not end with `}`";
    if (json_scan(&r->scan, text) < 0 || (r->scan.special_count && scratch_reserve(r, text.n) < 0))
        return "not enough memory for the line";
    if (!r->scan.ascii && !utf8_valid(text))
        return "invalid UTF-8";
    memset(ev, 0, sizeof *ev);
    memset(&s, 0, sizeof s);
    s.reader = r;
    s.text = s.at = text.p;
    s.end = text.p + text.n;
    s.size = text.n;
    s.quote = r->scan.quote;
    s.special = r->scan.special;
    s.scratch = r->scratch;
    s.ev = ev;
    error = members_read(&s);
    return error ? error : record_judge(r, &s);
}

int event_json_new(struct event_json **out)
{
    struct event_json *r = calloc(1, sizeof *r);

    if (!r)
        return -ENOMEM;
    keys_init(r);
    *out = r;
    return 0;
}

void event_json_free(struct event_json *r)
{
    if (!r)
        return;
    json_scan_deinit(&r->scan);
    free(r->scratch);
    free(r);
}

uint64_t event_json_cut_count(const struct event_json *r)
{
    return r->cut_count;
}

/* ---- The writer ---- */

static void member_write(struct json_write *w, const struct field_info *info,
                         const struct api_event *ev)
{
    const void *from = (const char *)ev + info->offset;

    switch (info->kind) {
    case KIND_TIME:
    case KIND_INT: json_write_i64(w, info->name, *(const int64_t *)from); break;
    case KIND_STR:
    case KIND_TEXT: json_write_str(w, info->name, *(const struct str *)from); break;
    case KIND_NUM: json_write_exact(w, info->name, *(const double *)from); break;
    case KIND_BOOL: json_write_bool(w, info->name, *(const bool *)from); break;
    }
}

void event_json_write(struct json_write *w, const struct api_event *ev)
{
    json_write_open(w, NULL, '{');
    if (ev->type != RECORD_EXCHANGE)
        json_write_text(w, "type", record_type_name[ev->type]);
    for (uint64_t fields = ev->present; fields; fields &= fields - 1)
        member_write(w, &field_info[__builtin_ctzll(fields)], ev);
    json_write_close(w, '}');
    json_write_line(w);
}
