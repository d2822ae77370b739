/* The members are read in one walk. Writers keep an order of keys, so the next key is compared with
 * the one that followed last time, and each kind of field has a short path for the usual form of
 * its value. Whatever those do not take goes to the slow ones, which read any JSON by the letter of
 * RFC 8259, after json_scan() has noted where the strings of the rest of the line begin and end.
 * The short paths only ever take what the slow ones would take, with the same result.
 *
 * The text is known to begin with '{' and to end with '}'. Steps outside of strings never pass a
 * '}' unseen, so the short paths need no other check for the end.
 *
 * Faults of values are noted per field and judged at the end, when the record's type is known and
 * the last of several equal keys has been seen. */
#include "event_json.h"

#include "base/utf8.h"
#include "json_number.h"
#include "json_plain.h"
#include "json_scan.h"
#include "json_value.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>

_Static_assert((int)EVENT_JSON_DEPTH_MAX == (int)JSON_DEPTH_MAX, "one limit");

/* Kinds beyond those of the contract's fields. */
enum { KIND_IGNORED = KIND_BOOL + 1, KIND_RECORD_TYPE };

/* A key that the reader knows: its name and closing quote as two words, and which of their bytes
 * count. */
struct known {
    uint64_t word[2], mask[2];
    uint64_t bit; /* of the field */
    uint32_t size, offset, kind;
    uint32_t value_size; /* of its last text */
    struct known *next;  /* the key that followed last time */
};

enum { KEY_MAX = 15, KEY_WORDS = 16, KEY_SLOT_BITS = 10, KNOWN_COUNT = FIELD_COUNT + 2 };

struct parse;
typedef const char *members_func(struct parse *s);

struct event_json {
    struct json_scan scan; /* of the current line's rest */
    char *scratch;         /* unescaped text of the current line */
    size_t scratch_capacity;
    members_func *members_read;
    uint64_t cut_count;
    uint64_t fields[RECORD_TYPE_COUNT]; /* that a record of the type carries */
    uint64_t multiplier;                /* makes key_slot() free of collisions */
    uint8_t slot[1u << KEY_SLOT_BITS];  /* index of known[] */
    struct known known[KNOWN_COUNT];    /* [0] stands for every other key */
    char small[2 * JSON_PLAIN_LEAD];    /* a text that is shorter than the vectors */
};

/* What one line is read into. */
struct parse {
    struct event_json *reader;
    struct str text;
    struct json_cursor c; /* `at` and `end`; the rest once it is scanned */
    bool scanned, utf8_checked;
    uint64_t high; /* not 0: some byte may not be ASCII */
    char *scratch; /* free from here on */
    struct api_event *ev;
    uint64_t seen;                     /* fields that had a value, null included */
    uint64_t null, wrong, beyond, cut; /* those whose last value was null, had the wrong type, was
                                          out of its limits, was cut */
    enum record_type type;
    bool type_wrong;
};

static const char text_after[] = "text after the record";
static const char no_memory[] = "not enough memory for the line";
static const char bad_utf8[] = "invalid UTF-8";

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

/* Which bytes of two words belong to a text of `size` <= KEY_WORDS bytes. */
static inline void key_mask(uint32_t size, uint64_t mask[2])
{
    mask[0] = size >= 8 ? UINT64_MAX : ((uint64_t)1 << 8 * size) - 1;
    mask[1] = size >= 16 ? UINT64_MAX : size <= 8 ? 0 : ((uint64_t)1 << 8 * (size - 8)) - 1;
}

static inline void key_load(const char *p, uint64_t word[2])
{
    memcpy(word, p, KEY_WORDS);
    word[0] = le64toh(word[0]);
    word[1] = le64toh(word[1]);
}

/* The same of text that ends at `end` < p + KEY_WORDS: zeros stand behind it. */
static inline void key_load_last(const char *p, const char *end, uint64_t word[2])
{
    uint32_t bits = 8 * (KEY_WORDS - (uint32_t)(end - p));
    uint64_t last[2];

    key_load(end - KEY_WORDS, last);
    word[0] = bits < 64 ? last[0] >> bits | last[1] << 1 << (63 - bits) : last[1] >> (bits - 64);
    word[1] = bits < 64 ? last[1] >> bits : 0;
}

static inline uint32_t key_slot(const uint64_t word[2], uint64_t multiplier)
{
    return (uint32_t)((word[0] ^ word[1] * 0x9e3779b97f4a7c15u) * multiplier >>
                      (64 - KEY_SLOT_BITS));
}

static inline bool key_is(const struct known *k, const uint64_t word[2])
{
    return (((word[0] ^ k->word[0]) & k->mask[0]) | ((word[1] ^ k->word[1]) & k->mask[1])) == 0;
}

/* The words of a name with its closing quote. */
static void key_words(const char *name, uint32_t size, uint64_t word[2])
{
    char padded[KEY_WORDS] = {0};

    assert(size <= KEY_MAX);
    memcpy(padded, name, size);
    padded[size] = '"';
    key_load(padded, word);
}

static struct known *key_find(struct event_json *r, struct str name)
{
    uint64_t word[2];
    struct known *k;

    if (name.n == 0 || name.n > KEY_MAX || memchr(name.p, '"', name.n))
        return &r->known[0];
    key_words(name.p, name.n, word);
    k = &r->known[r->slot[key_slot(word, r->multiplier)]];
    return k->size == name.n && key_is(k, word) ? k : &r->known[0];
}

static void known_set(struct event_json *r, unsigned index, const char *name)
{
    struct known *k = &r->known[index];

    k->size = (uint32_t)strlen(name);
    k->next = &r->known[1];
    key_words(name, k->size, k->word);
    key_mask(k->size + 1, k->mask);
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

/* What is unescaped never grows, so one scratch as large as the scanned text holds all of it. */
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

/* Scans what is left of the line. */
static const char *rest_scan(struct parse *s)
{
    struct event_json *r = s->reader;
    struct str rest = {s->c.at, (uint32_t)(s->c.end - s->c.at)};

    if (json_scan(&r->scan, rest) < 0 || (r->scan.special_count && scratch_reserve(r, rest.n) < 0))
        return no_memory;
    s->c.text = rest.p;
    s->c.size = rest.n;
    s->c.quote = r->scan.quote;
    s->c.special = r->scan.special;
    s->scratch = r->scratch;
    s->scanned = true;
    s->utf8_checked = !r->scan.ascii;
    return r->scan.ascii || utf8_valid(s->text) ? NULL : bad_utf8;
}

/* Makes the cursor ready for json_value.h, before anything that may be or hold a string. */
static const char *cursor_ready(struct parse *s)
{
    char first = json_peek(&s->c);

    if (first != '"' && first != '[' && first != '{')
        return NULL;
    if (!s->scanned)
        return rest_scan(s);
    while (s->c.text + *s->c.quote < s->c.at)
        s->c.quote++; /* strings that the short paths have taken */
    return NULL;
}

/* Any value of any key. Not inlined, to keep it out of the short paths' way. */
__attribute__((noinline)) static const char *value_slow(struct parse *s, const struct known *k)
{
    struct json_value v;
    const char *error;

    json_space(&s->c);
    error = cursor_ready(s);
    if (!error)
        error = json_value_read(&s->c, &v);
    if (error)
        return error;
    if (k->kind == KIND_RECORD_TYPE)
        assign_type(s, &v);
    else if (k->kind != KIND_IGNORED)
        assign(s, k, &v);
    return s->c.at == s->c.end ? JSON_CUT_OFF : NULL;
}

/* ---- Values, usual form ---- */

/* Compiled once for each way to find the end of a string. */
#define PER_PATH static inline __attribute__((always_inline))

/* What follows a value need not wait for where it ends, if that was guessed and only the branch on
 * the guess waits. Compilers know how to make a sum of such a branch: this keeps them from it. */
#define KEPT(guess) __asm__("" : "+r"(guess))

/* Behind one space, if there is one. */
static inline const char *after_space(const char *p)
{
    if (*p == ' ') {
        p++;
        KEPT(p);
    }
    return p;
}

/* These take the value at `at` and return behind it; or NULL, and leave everything as it was. The
 * last value's size is the guess for the next one. */

PER_PATH const char *short_text(struct parse *s, const char *at, void *to, uint32_t size_max,
                                uint32_t *last_size, json_plain_func *plain_end)
{
    const char *stop;
    uint32_t size;

    if (*at++ != '"')
        return NULL;
    stop = plain_end(at, s->c.end, &s->high);
    if (*stop != '"' || stop - at > size_max)
        return NULL;
    size = *last_size;
    if (stop - at == size)
        KEPT(size); /* ids and names of one field tend to have one size */
    else
        *last_size = size = (uint32_t)(stop - at);
    *(struct str *)to = (struct str){at, size};
    return at + size + 1;
}

static inline const char *short_int(const char *at, const char *end, void *to, int64_t max)
{
    uint64_t value;

    at = json_number_short(at, end, &value);
    if (!at || value > (uint64_t)max)
        return NULL;
    *(int64_t *)to = (int64_t)value;
    return at;
}

/* A temperature as most clients send it: a digit, a point and a digit; or an integer. */
static inline const char *short_num(const char *at, const char *end, void *to)
{
    uint64_t value;

    if (at[0] >= '0' && at[0] <= '9' && at[1] == '.' && at[2] >= '0' && at[2] <= '9' &&
        (at[3] == ',' || at[3] == '}')) {
        /* Both operands are exact, so the quotient is the nearest double. */
        *(double *)to = ((at[0] - '0') * 10 + (at[2] - '0')) / 10.0;
        return at + 3;
    }
    at = json_number_short(at, end, &value);
    if (at)
        *(double *)to = (double)value; /* exact: 15 digits */
    return at;
}

static inline const char *short_bool(const char *at, const char *end, void *to)
{
    if (end - at < 5)
        return NULL;
    if (memcmp(at, "true", 4) == 0) {
        *(bool *)to = true;
        return at + 4;
    }
    if (memcmp(at, "false", 5) == 0) {
        *(bool *)to = false;
        return at + 5;
    }
    return NULL;
}

/* The value of a key that is not ours, when it is a string or a whole number. */
PER_PATH const char *short_ignored(struct parse *s, const char *at, json_plain_func *plain_end)
{
    struct str text;
    int64_t number;
    uint32_t size = 0;

    return *at == '"' ? short_text(s, at, &text, UINT32_MAX, &size, plain_end)
                      : short_int(at, s->c.end, &number, INT64_MAX);
}

/* A field that was there before is left to value_slow(), which knows how the last one wins. */
PER_PATH const char *value_short(struct parse *s, const char *at, struct known *k,
                                 json_plain_func *plain_end)
{
    void *to = member(s, k);

    if (s->seen & k->bit)
        return NULL;
    switch (k->kind) {
    case KIND_STR: return short_text(s, at, to, EVENT_STR_MAX, &k->value_size, plain_end);
    case KIND_TEXT: return short_text(s, at, to, EVENT_TEXT_MAX, &k->value_size, plain_end);
    case KIND_INT: return short_int(at, s->c.end, to, INT64_MAX);
    case KIND_TIME: return short_int(at, s->c.end, to, EVENT_TS_MAX);
    case KIND_NUM: return short_num(at, s->c.end, to);
    case KIND_BOOL: return short_bool(at, s->c.end, to);
    case KIND_IGNORED: return short_ignored(s, at, plain_end);
    default: return NULL;
    }
}

/* ---- The record ---- */

/* Any key; from its opening quote to behind its closing one. */
static const char *key_any(struct parse *s, struct known **out)
{
    const char *begin = s->c.at + 1;
    const char *stop = json_plain_portable(begin, s->c.end, &s->high);
    struct json_value key;
    struct str name = {begin, (uint32_t)(stop - begin)};
    const char *error;

    if (*stop == '"') {
        s->c.at = stop + 1;
    } else {
        error = cursor_ready(s);
        if (!error)
            error = json_string_read(&s->c, &key);
        if (error)
            return error;
        name = string_text(s, &key);
    }
    *out = key_find(s->reader, name);
    return NULL;
}

/* The key at `at` when it is the one that followed last time, or the one after that, because a
 * field may be left out; otherwise NULL. */
static inline struct known *key_expected(const char *name, const char *end, struct known *before)
{
    struct known *k = before->next;
    uint64_t word[2];

    if (end - name >= KEY_WORDS)
        key_load(name, word);
    else
        key_load_last(name, end, word);
    if (key_is(k, word))
        return k;
    return key_is(k->next, word) ? k->next : NULL;
}

/* What stands before a value, when it is not the expected. */
__attribute__((noinline)) static const char *key_slow(struct parse *s, struct known **key)
{
    struct known **next = &(*key)->next;
    const char *error = key_any(s, next);

    if (error)
        return error;
    *key = *next;
    json_space(&s->c);
    if (json_peek(&s->c) != ':')
        return JSON_NO_COLON;
    s->c.at = after_space(s->c.at + 1);
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

/* From the first key to the end of the text. */
PER_PATH const char *members_walk(struct parse *s, json_plain_func *plain_end)
{
    struct known *key = &s->reader->known[0], *expected;
    const char *at = s->c.at, *behind, *error;
    bool done = false;

    while (!done) {
        expected = key_expected(at + 1, s->c.end, key);
        if (expected && at[expected->size + 2] == ':') {
            key = expected;
            at = after_space(at + key->size + 3);
        } else {
            s->c.at = at;
            error = key_slow(s, &key);
            if (error)
                return error;
            at = s->c.at;
        }
        behind = value_short(s, at, key, plain_end);
        if (behind) {
            s->seen |= key->bit;
            at = behind;
        } else {
            s->c.at = at;
            error = value_slow(s, key);
            if (error)
                return error;
            at = s->c.at;
        }
        if (*at == ',' && *after_space(at + 1) == '"') {
            at = after_space(at + 1);
            continue;
        }
        if (*at == '}' && at + 1 == s->c.end)
            return NULL;
        s->c.at = at;
        error = separator_slow(s, &done);
        if (error)
            return error;
        at = s->c.at;
    }
    return NULL;
}

static const char *members_portable(struct parse *s)
{
    return members_walk(s, json_plain_portable);
}

#ifdef __x86_64__
JSON_PLAIN_AVX2 static const char *members_avx2(struct parse *s)
{
    return members_walk(s, json_plain_avx2);
}
#endif

static members_func *members_fastest(void)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi"))
        return members_avx2;
#endif
    return members_portable;
}

static const char *object_read(struct parse *s)
{
    s->c.at++;
    json_space(&s->c);
    if (json_peek(&s->c) == '}')
        return s->c.at + 1 == s->c.end ? NULL : text_after;
    if (json_peek(&s->c) != '"')
        return JSON_NO_KEY;
    return s->reader->members_read(s);
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

/* What can be said of the whole text at once. */
static const char *text_check(struct str text)
{
    if (text.n == 0)
        return "empty line";
    if (text.n >= 3 && memcmp(text.p, "\xEF\xBB\xBF", 3) == 0)
        return "byte order mark before the record";
    if (text.p[0] != '{')
        return "not a JSON object";
    if (text.p[text.n - 1] != '}')
        return "not a whole JSON object: it does not end with `}`";
    return NULL;
}

/* Moves a short text to where there are bytes in front of its end. */
static struct str with_lead(struct event_json *r, struct str text)
{
    char *to = r->small + sizeof r->small - text.n;

    if (text.n >= JSON_PLAIN_LEAD)
        return text;
    memcpy(to, text.p, text.n);
    return (struct str){to, text.n};
}

const char *event_json_read(struct event_json *r, struct str line, struct api_event *ev)
{
    struct str text = trimmed(line);
    struct parse s = {.reader = r, .ev = ev};
    const char *error = text_check(text);

    if (error)
        return error;
    s.text = text = with_lead(r, text);
    s.c = (struct json_cursor){.at = text.p, .end = text.p + text.n};
    memset(ev, 0, sizeof *ev);
    error = object_read(&s);
    if ((error || s.high) && !s.utf8_checked && !utf8_valid(text))
        return bad_utf8;
    if (error)
        return error;
    return s.type_wrong ? "`type` is not one of the contract's" : record_judge(r, &s);
}

int event_json_new(struct event_json **out)
{
    struct event_json *r = calloc(1, sizeof *r);

    if (!r)
        return -ENOMEM;
    for (unsigned type = 0; type < RECORD_TYPE_COUNT; type++)
        r->fields[type] = fields_of((enum record_type)type);
    keys_init(r);
    r->members_read = members_fastest();
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
