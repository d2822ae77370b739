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
#include "json_value.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>

_Static_assert((int)EVENT_JSON_DEPTH_MAX == (int)JSON_DEPTH_MAX, "one limit");

/* Kinds beyond those of the contract's fields. */
enum { KIND_IGNORED = KIND_BOOL + 1, KIND_RECORD_TYPE };

/* A key that the reader knows: its name as two words, and which of their bytes count. */
struct known {
    uint64_t word[2], mask[2];
    uint64_t bit; /* of the field */
    uint32_t size, offset, kind;
    struct known *next; /* the key that followed last time: writers keep an order */
};

enum { KEY_MAX = 16, KEY_SLOT_BITS = 10, KNOWN_COUNT = FIELD_COUNT + 2 };

struct event_json {
    struct json_scan scan;
    char *scratch; /* unescaped text of the current line */
    size_t scratch_capacity;
    size_t record_size; /* of struct api_event, hidden from the compiler: see event_json_read() */
    uint64_t cut_count;
    uint64_t fields[RECORD_TYPE_COUNT]; /* that a record of the type carries */
    uint64_t multiplier;                /* makes key_slot() free of collisions */
    uint8_t slot[1u << KEY_SLOT_BITS];  /* index of known[] */
    struct known known[KNOWN_COUNT];    /* [0] stands for every other key */
};

/* What one line is read into. */
struct parse {
    struct event_json *reader;
    struct json_cursor c;
    char *scratch; /* free from here on */
    struct api_event *ev;
    uint64_t seen;                     /* fields that had a value, null included */
    uint64_t null, wrong, beyond, cut; /* those whose last value was null, had the wrong type, was
                                          out of its limits, was cut */
    enum record_type type;
    bool type_wrong;
};

static const char text_after[] = "text after the record";
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

/* Which bytes of two words belong to a key of `size` <= KEY_MAX bytes. */
static inline void key_mask(uint32_t size, uint64_t mask[2])
{
    mask[0] = size >= 8 ? UINT64_MAX : ((uint64_t)1 << 8 * size) - 1;
    mask[1] = size >= 16 ? UINT64_MAX : size <= 8 ? 0 : ((uint64_t)1 << 8 * (size - 8)) - 1;
}

static inline void key_load(const char *p, uint64_t word[2])
{
    memcpy(word, p, KEY_MAX);
    word[0] = le64toh(word[0]);
    word[1] = le64toh(word[1]);
}

static inline uint32_t key_slot(const uint64_t word[2], uint64_t multiplier)
{
    return (uint32_t)((word[0] ^ word[1] * 0x9e3779b97f4a7c15u) * multiplier >>
                      (64 - KEY_SLOT_BITS));
}

static inline bool key_is(const struct known *k, const char *p, uint32_t size)
{
    uint64_t word[2];

    key_load(p, word);
    return size == k->size &&
           (((word[0] ^ k->word[0]) & k->mask[0]) | ((word[1] ^ k->word[1]) & k->mask[1])) == 0;
}

static struct known *key_find(struct event_json *r, struct str name)
{
    char padded[KEY_MAX] = {0};
    uint64_t word[2];
    struct known *k;

    if (name.n == 0 || name.n > KEY_MAX)
        return &r->known[0];
    memcpy(padded, name.p, name.n);
    key_load(padded, word);
    k = &r->known[r->slot[key_slot(word, r->multiplier)]];
    return key_is(k, padded, name.n) ? k : &r->known[0];
}

static void known_set(struct event_json *r, unsigned index, const char *name)
{
    struct known *k = &r->known[index];
    char padded[KEY_MAX] = {0};

    k->size = (uint32_t)strlen(name);
    k->next = &r->known[1];
    assert(k->size <= KEY_MAX);
    memcpy(padded, name, k->size);
    key_load(padded, k->word);
    key_mask(k->size, k->mask);
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
    known_set(r, 0, "");
    r->known[0].kind = KIND_IGNORED;
    for (unsigned f = 0; f < FIELD_COUNT; f++) {
        known_set(r, f + 1, field_info[f].name);
        r->known[f + 1].bit = (uint64_t)1 << f;
        r->known[f + 1].offset = field_info[f].offset;
        r->known[f + 1].kind = field_info[f].kind;
    }
    known_set(r, KNOWN_COUNT - 1, "type");
    r->known[KNOWN_COUNT - 1].kind = KIND_RECORD_TYPE;
    r->multiplier = 0xbf58476d1ce4e5b9u;
    while (!slots_fill(r))
        r->multiplier = (r->multiplier * 0x94d049bb133111ebu) | 1;
}

/* ---- Values, any form ---- */

static inline void *member(struct parse *s, const struct known *k)
{
    return (char *)s->ev + k->offset;
}

/* The text of a string value: borrowed from the line, or unescaped to the scratch memory. */
static struct str string_text(struct parse *s, const struct json_value *v)
{
    struct str text = v->raw;

    if (v->escapes) {
        text.p = s->scratch;
        s->scratch = json_string_unescape(s->c.text, v, s->scratch);
        text.n = (uint32_t)(s->scratch - text.p);
    }
    return text;
}

static void assign_text(struct parse *s, const struct known *k, const struct json_value *v)
{
    struct str *to = member(s, k);

    if (v->kind != JSON_STRING) {
        s->wrong |= k->bit;
        return;
    }
    *to = string_text(s, v);
    if (k->kind == KIND_TEXT && to->n > EVENT_TEXT_MAX) {
        *to = utf8_cut(*to, EVENT_TEXT_MAX);
        s->cut |= k->bit;
    } else if (k->kind == KIND_STR && to->n > EVENT_STR_MAX) {
        s->beyond |= k->bit;
    }
}

/* Notes what a conversion returned. */
static void assign_result(struct parse *s, const struct known *k, int r)
{
    if (r == -EINVAL)
        s->wrong |= k->bit;
    else if (r < 0)
        s->beyond |= k->bit;
}

static int assign_int(struct parse *s, const struct known *k, const struct json_value *v)
{
    return v->kind == JSON_NUMBER ? json_number_int(v->raw, member(s, k)) : -EINVAL;
}

static int assign_time(struct parse *s, const struct known *k, const struct json_value *v)
{
    msec_t *to = member(s, k);
    struct str text;
    int r;

    if (v->kind == JSON_STRING) {
        text = string_text(s, v);
        r = msec_parse(text.p, text.n, to);
    } else {
        r = assign_int(s, k, v);
    }
    return r == 0 && (*to < 0 || *to > EVENT_TS_MAX) ? -ERANGE : r;
}

static int assign_num(struct parse *s, const struct known *k, const struct json_value *v)
{
    return v->kind == JSON_NUMBER ? json_number_double(v->raw, member(s, k)) : -EINVAL;
}

static int assign_bool(struct parse *s, const struct known *k, const struct json_value *v)
{
    *(bool *)member(s, k) = v->kind == JSON_TRUE;
    return v->kind == JSON_TRUE || v->kind == JSON_FALSE ? 0 : -EINVAL;
}

static void assign_type(struct parse *s, const struct json_value *v)
{
    s->type = v->kind == JSON_STRING ? record_type_find(string_text(s, v)) : RECORD_EXCHANGE;
    s->type_wrong =
        s->type == RECORD_TYPE_COUNT || (v->kind != JSON_STRING && v->kind != JSON_NULL);
}

static void assign(struct parse *s, const struct known *k, const struct json_value *v)
{
    s->seen |= k->bit;
    s->null &= ~k->bit;
    s->wrong &= ~k->bit;
    s->beyond &= ~k->bit;
    s->cut &= ~k->bit;
    if (v->kind == JSON_NULL) {
        s->null |= k->bit;
        return;
    }
    switch ((enum field_kind)k->kind) {
    case KIND_TIME: assign_result(s, k, assign_time(s, k, v)); break;
    case KIND_STR:
    case KIND_TEXT: assign_text(s, k, v); break;
    case KIND_INT: assign_result(s, k, assign_int(s, k, v)); break;
    case KIND_NUM: assign_result(s, k, assign_num(s, k, v)); break;
    case KIND_BOOL: assign_result(s, k, assign_bool(s, k, v)); break;
    }
}

/* Any value of any key. Not inlined, to keep it out of the short paths' way. */
__attribute__((noinline)) static const char *value_slow(struct parse *s, const struct known *k)
{
    struct json_value v;
    const char *error = json_value_read(&s->c, &v);

    if (error || k->kind == KIND_IGNORED)
        return error;
    if (k->kind == KIND_RECORD_TYPE)
        assign_type(s, &v);
    else
        assign(s, k, &v);
    return NULL;
}

/* ---- Values, usual form ---- */

/* The part of struct parse that changes with every member, in registers. */
struct walk {
    const char *at;
    const uint32_t *quote;
    uint64_t seen;
    uint32_t special; /* the first special byte, or one before it */
};

static inline void walk_suspend(const struct walk *w, struct parse *s)
{
    s->c.at = w->at;
    s->c.quote = w->quote;
    s->seen = w->seen;
}

static inline void walk_resume(struct walk *w, const struct parse *s)
{
    w->at = s->c.at;
    w->quote = s->c.quote;
    w->seen = s->seen;
    w->special = *s->c.special;
}

/* These take a value, or return false and leave everything as it was. */

static inline bool short_text(struct walk *w, const char *text, void *to, uint32_t size_max)
{
    uint32_t begin = w->quote[0] + 1, end = w->quote[1];

    /* An end at a string that is not closed is where the specials end too. */
    if (*w->at != '"' || w->special <= end || end - begin > size_max)
        return false;
    *(struct str *)to = (struct str){text + begin, end - begin};
    w->quote += 2;
    w->at = text + end + 1;
    return true;
}

static inline bool short_int(struct walk *w, const char *end, void *to, int64_t max)
{
    uint64_t value;
    const char *at = json_number_short(w->at, end, &value);

    if (!at || value > (uint64_t)max)
        return false;
    *(int64_t *)to = (int64_t)value;
    w->at = at;
    return true;
}

/* A temperature as most clients send it: a digit, a point and a digit; or an integer. */
static inline bool short_num(struct walk *w, const char *end, void *to)
{
    const char *p = w->at;
    uint64_t value;

    if (p[0] >= '0' && p[0] <= '9' && p[1] == '.' && p[2] >= '0' && p[2] <= '9' &&
        (p[3] == ',' || p[3] == '}')) {
        /* Both operands are exact, so the quotient is the nearest double. */
        *(double *)to = ((p[0] - '0') * 10 + (p[2] - '0')) / 10.0;
        w->at = p + 3;
        return true;
    }
    p = json_number_short(p, end, &value);
    if (!p)
        return false;
    *(double *)to = (double)value; /* exact: 15 digits */
    w->at = p;
    return true;
}

static inline bool short_bool(struct walk *w, const char *end, void *to)
{
    const char *p = w->at;

    if (end - p < 5)
        return false;
    if (memcmp(p, "true", 4) == 0) {
        *(bool *)to = true;
        w->at = p + 4;
        return true;
    }
    if (memcmp(p, "false", 5) == 0) {
        *(bool *)to = false;
        w->at = p + 5;
        return true;
    }
    return false;
}

/* A field that was there before is left to value_slow(), which knows how the last one wins. */
static inline bool value_short(struct walk *w, struct parse *s, const struct known *k)
{
    void *to = member(s, k);
    bool taken = false;

    if (w->seen & k->bit)
        return false;
    switch (k->kind) {
    case KIND_STR: taken = short_text(w, s->c.text, to, EVENT_STR_MAX); break;
    case KIND_TEXT: taken = short_text(w, s->c.text, to, EVENT_TEXT_MAX); break;
    case KIND_INT: taken = short_int(w, s->c.end, to, INT64_MAX); break;
    case KIND_TIME: taken = short_int(w, s->c.end, to, EVENT_TS_MAX); break;
    case KIND_NUM: taken = short_num(w, s->c.end, to); break;
    case KIND_BOOL: taken = short_bool(w, s->c.end, to); break;
    default: break;
    }
    if (taken)
        w->seen |= k->bit;
    return taken;
}

/* ---- The record ---- */

/* A key that is not the expected one; from its opening quote to behind its closing one. */
__attribute__((noinline)) static const char *key_slow(struct parse *s, struct known **out)
{
    struct json_value key;
    struct str name;
    const char *error;

    error = json_string_read(&s->c, &key);
    if (error)
        return error;
    name = string_text(s, &key);
    if (key.escapes && memchr(name.p, '\0', name.n))
        name.n = 0; /* no key of ours; as words it could look like one */
    *out = key_find(s->reader, name);
    return NULL;
}

/* From the opening quote of a key to its value. */
static inline const char *key_read(struct walk *w, struct parse *s, struct known **key)
{
    struct known *expected = (*key)->next;
    uint32_t begin = w->quote[0] + 1, size = w->quote[1] - begin;
    const char *name = s->c.text + begin;
    const char *error;

    /* A name of ours holds no '}', so what is equal to it ends before the text does. */
    if (s->c.end - name > KEY_MAX && key_is(expected, name, size)) {
        w->quote += 2;
        w->at = name + size + 1;
        *key = expected;
    } else {
        walk_suspend(w, s);
        error = key_slow(s, &(*key)->next);
        if (error)
            return error;
        *key = (*key)->next;
        walk_resume(w, s);
    }
    if (*w->at != ':') {
        walk_suspend(w, s);
        json_space(&s->c);
        walk_resume(w, s);
        if (w->at == s->c.end || *w->at != ':')
            return JSON_NO_COLON;
    }
    w->at++;
    w->at += *w->at == ' ';
    return NULL;
}

/* From behind a value to the next key, or to the end of the text: then *done. */
__attribute__((noinline)) static const char *separator_slow(struct parse *s, bool *done)
{
    json_space(&s->c);
    if (json_peek(&s->c) == '}') {
        *done = true;
        return s->c.at + 1 == s->c.end ? NULL : text_after;
    }
    if (json_peek(&s->c) != ',')
        return s->c.at == s->c.end ? JSON_CUT_OFF : JSON_NO_COMMA;
    s->c.at++;
    json_space(&s->c);
    return json_peek(&s->c) == '"' ? NULL : JSON_NO_KEY;
}

static inline const char *separator_read(struct walk *w, struct parse *s, bool *done)
{
    const char *key = s->c.text + w->quote[0];
    const char *error;

    if (*w->at == ',' && (w->at + 1 == key || (w->at + 2 == key && w->at[1] == ' '))) {
        w->at = key;
        return NULL;
    }
    walk_suspend(w, s);
    error = separator_slow(s, done);
    walk_resume(w, s);
    return error;
}

static const char *members_read(struct parse *s)
{
    struct known *key = &s->reader->known[0];
    struct walk w;
    const char *error = NULL;
    bool done;

    s->c.at++;
    json_space(&s->c);
    done = json_peek(&s->c) == '}';
    if (done)
        return s->c.at + 1 == s->c.end ? NULL : text_after;
    if (json_peek(&s->c) != '"')
        return JSON_NO_KEY;
    walk_resume(&w, s);
    while (!done) {
        error = key_read(&w, s, &key);
        if (error)
            return error;
        if (!value_short(&w, s, key)) {
            walk_suspend(&w, s);
            error = value_slow(s, key);
            if (error)
                return error;
            if (s->c.at == s->c.end)
                return JSON_CUT_OFF;
            walk_resume(&w, s);
        }
        error = separator_read(&w, s, &done);
        if (error)
            return error;
    }
    return NULL;
}

/* What was read of fields that are null or that the record's type does not carry is taken back. */
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
#define FIELD_BIT(member, kind, records) | ((uint64_t)((records) >> type & 1) << FIELD_##member)
    return 0 API_EVENT_FIELDS(FIELD_BIT);
#undef FIELD_BIT
}

static const char *record_judge(struct event_json *r, struct parse *s)
{
    uint64_t fields = s->reader->fields[s->type];
    uint64_t fault = (s->wrong | s->beyond) & fields;
    uint64_t present = s->seen & ~s->null & fields;

    if (fault) {
        unsigned f = (unsigned)__builtin_ctzll(fault);

        return field_sentence[f][s->beyond >> f & 1];
    }
    members_forget(s->ev, s->seen & ~present);
    s->ev->type = s->type;
    s->ev->present = present;
    for (uint64_t cut = s->cut & fields; cut; cut &= cut - 1)
        r->cut_count++;
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
    while (line.n > 0 && json_is_space(line.p[line.n - 1]))
        line.n--;
    while (line.n > 0 && json_is_space(*line.p)) {
        line.p++;
        line.n--;
    }
    return line;
}

/* The first pass, and what can be said of the whole text. */
static const char *text_check(struct event_json *r, struct str text)
{
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
    return NULL;
}

const char *event_json_read(struct event_json *r, struct str line, struct api_event *ev)
{
    struct str text = trimmed(line);
    const char *error = text_check(r, text);
    struct parse s = {.reader = r, .scratch = r->scratch, .ev = ev};

    if (error)
        return error;
    s.c = (struct json_cursor){.text = text.p,
                               .end = text.p + text.n,
                               .at = text.p,
                               .quote = r->scan.quote,
                               .special = r->scan.special,
                               .size = text.n};
    /* A size that the compiler knew would be cleared by an inline loop, at a third of the speed. */
    memset(ev, 0, r->record_size);
    error = members_read(&s);
    if (error)
        return error;
    return s.type_wrong ? "`type` is not one of the contract's" : record_judge(r, &s);
}

int event_json_new(struct event_json **out)
{
    struct event_json *r = calloc(1, sizeof *r);

    if (!r)
        return -ENOMEM;
    r->record_size = sizeof(struct api_event);
    for (unsigned type = 0; type < RECORD_TYPE_COUNT; type++)
        r->fields[type] = fields_of((enum record_type)type);
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

#define FIELD_KEY(member, kind, records) {"\"" #member "\":", sizeof "\"" #member "\":" - 1},
static const struct str field_key[FIELD_COUNT] = {API_EVENT_FIELDS(FIELD_KEY)};
#undef FIELD_KEY

static void member_write(struct json_write *w, unsigned f, const struct api_event *ev)
{
    const void *from = (const char *)ev + field_info[f].offset;

    json_write_key(w, field_key[f]);
    switch (field_info[f].kind) {
    case KIND_TIME:
    case KIND_INT: json_write_i64(w, NULL, *(const int64_t *)from); break;
    case KIND_STR:
    case KIND_TEXT: json_write_str(w, NULL, *(const struct str *)from); break;
    case KIND_NUM: json_write_exact(w, NULL, *(const double *)from); break;
    case KIND_BOOL: json_write_bool(w, NULL, *(const bool *)from); break;
    }
}

void event_json_write(struct json_write *w, const struct api_event *ev)
{
    json_write_open(w, NULL, '{');
    if (ev->type != RECORD_EXCHANGE)
        json_write_text(w, "type", record_type_name[ev->type]);
    for (uint64_t fields = ev->present; fields; fields &= fields - 1)
        member_write(w, (unsigned)__builtin_ctzll(fields), ev);
    json_write_close(w, '}');
    json_write_line(w);
}
