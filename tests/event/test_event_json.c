#include "event/event_json.h"

#include "base/rng.h"
#include "json_oracle.h"
#include "tests/support.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static struct event_json *reader;
static struct api_event ev;

static int reader_open(void **state)
{
    (void)state;
    return event_json_new(&reader);
}

static int reader_close(void **state)
{
    (void)state;
    event_json_free(reader);
    return 0;
}

/* Reads a copy of exactly the line's size, so that a sanitizer sees a read beyond it. */
static const char *read_line(struct str line)
{
    static char *copy; /* ev's text lies in it until the next call */

    free(copy);
    copy = malloc(line.n ? line.n : 1);
    assert_non_null(copy);
    memcpy(copy, line.p, line.n);
    return event_json_read(reader, (struct str){line.n ? copy : NULL, line.n}, &ev);
}

/* The sentence for a record that also has `ts`, `account` and then the given members. */
static const char *read_members(const char *members)
{
    static char *line;
    int n;

    free(line);
    n = asprintf(&line, "{\"ts\":1,\"account\":\"a\",%s}", members);
    assert_true(n > 0);
    return read_line((struct str){line, (uint32_t)n});
}

static void assert_accepts(const char *members)
{
    const char *refused = read_members(members);

    if (refused)
        fail_msg("%s: %s", members, refused);
}

static void assert_refuses(const char *members, const char *sentence)
{
    const char *refused = read_members(members);

    if (!refused)
        fail_msg("accepted: %s", members);
    else
        assert_string_equal(refused, sentence);
}

#define assert_text(field, expected) assert_true(str_eq(ev.field, STR(expected)))

/* ---- RFC 8259, section 2 to 5: the whole, white space, values, objects, arrays ---- */

static void only_an_object_is_a_record(void **state)
{
    static const char *const other[] = {"[]", "\"a\"", "1", "null", "true", "[{}]", "x", "}", "{"};

    (void)state;
    for (unsigned i = 0; i < sizeof other / sizeof *other; i++)
        assert_non_null(read_line(str_of(other[i])));
    assert_string_equal(read_line(STR("[]")), "not a JSON object");
    assert_string_equal(read_line(STR("")), "empty line");
    assert_string_equal(read_line(STR(" \t\r\n")), "empty line");
    assert_string_equal(read_line(STR("\xEF\xBB\xBF{}")), "byte order mark before the record");
    assert_string_equal(read_line(STR("{}")), "`ts` is missing");
}

static void white_space_may_stand_around_every_token(void **state)
{
    (void)state;
    assert_null(
        read_line(STR(" \t\r\n{ \t\r\n\"ts\" \t\r\n: \t\r\n1 \t\r\n, \t\r\n\"account\" : \"a\" ,"
                      "\"x\" : [ 1 , { \"y\" : 2 } , [ ] , { } ] } \r\n")));
    assert_int_equal(ev.ts, 1);
    assert_text(account, "a");
    assert_non_null(read_line(STR("\v{\"ts\":1,\"account\":\"a\"}")));
    assert_non_null(read_line(STR("{\"ts\":1,\f\"account\":\"a\"}")));
    assert_non_null(read_line(STR("{\"ts\":1,\"account\":\"a\"\xC2\xA0}")));
}

static void pythons_default_spacing_reads_the_same(void **state)
{
    (void)state;
    assert_null(read_line(STR("{\"ts\": 7, \"account\": \"a\", \"turn\": 2, \"stream\": true, "
                              "\"temperature\": 0.5, \"model\": null}")));
    assert_int_equal(ev.ts, 7);
    assert_int_equal(ev.turn, 2);
    assert_true(ev.stream);
    assert_near(ev.temperature, 0.5, 0.0);
    assert_false(event_has(&ev, FIELD_model));
}

static void structure_that_is_not_json_is_refused(void **state)
{
    static const char *const bad[] = {
        "{\"ts\":1,\"account\":\"a\",}",
        "{,\"ts\":1,\"account\":\"a\"}",
        "{\"ts\":1 \"account\":\"a\"}",
        "{\"ts\":1,,\"account\":\"a\"}",
        "{\"ts\":1,\"account\":\"a\"}}",
        "{\"ts\":1,\"account\":\"a\"} {}",
        "{\"ts\":1,\"account\":\"a\"},",
        "{\"ts\":1,\"account\":\"a\"}x}",
        "{\"ts\":1,\"account\":\"a\"",
        "{\"ts\":1,\"account\":\"a}",
        "{\"ts\":1,\"account\"}",
        "{\"ts\":1,\"account\":}",
        "{\"ts\":1,account:\"a\"}",
        "{\"ts\":1,'account':\"a\"}",
        "{\"ts\" 1,\"account\":\"a\"}",
        "{\"ts\":1,\"account\"::\"a\"}",
        "{\"ts\":1;\"account\":\"a\"}",
        "{\"ts\":1,\"account\":\"a\"/**/}",
        "{\"ts\":1,\"account\":\"a\"]",
        "{\"ts\":1,\"account\":\"a\",1:2}",
        "{\"ts\":1,\"account\":\"a\",null:2}",
        "{\"ts\":1,\"account\":\"a\"\"b\"}",
        "{\"ts\":1,\"account\":\"a\",\"x\":1 2}",
        "{\"ts\":1,\"account\":\"a\",\"x\":\\\"b\"}",
        "{\"ts\":1,\"account\":\"a\"\\}",
    };

    (void)state;
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
        if (!read_line(str_of(bad[i])))
            fail_msg("accepted: %s", bad[i]);
}

static const char *const json_values[] = {
    "null",
    "true",
    "false",
    "0",
    "-0",
    "-1",
    "12",
    "0.5",
    "-0.0e-0",
    "1E5",
    "1e+5",
    "1E-5",
    "1e400",
    "-1e-400",
    "123456789012345678901234567890",
    "\"\"",
    "\"x\"",
    "[]",
    "{}",
    "[[]]",
    "[{}]",
    "{\"\":0}",
    "[1,\"2\",null,true,false,{},[]]",
    "{\"a\":{\"b\":[{\"c\":1}]},\"d\":2}",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\uD83D\\uDE00\\uffff\"",
    "\"\x7f\"",
    "\"\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF\"",
};

static void any_json_value_is_accepted_and_ignored_in_an_unknown_field(void **state)
{
    char members[256];

    (void)state;
    for (unsigned i = 0; i < sizeof json_values / sizeof *json_values; i++) {
        (void)snprintf(members, sizeof members, "\"x\":%s,\"turn\":4", json_values[i]);
        assert_accepts(members);
        assert_int_equal(ev.turn, 4);
        (void)snprintf(members, sizeof members, "\"x\": [ %s , %s ] ,\"turn\":5", json_values[i],
                       json_values[i]);
        assert_accepts(members);
        assert_int_equal(ev.turn, 5);
    }
}

static const char *const broken_values[] = {
    "",
    "nul",
    "nulls",
    "True",
    "FALSE",
    "tru",
    "undefined",
    "NaN",
    "Infinity",
    "-Infinity",
    "+1",
    "01",
    "-01",
    "00",
    "-",
    "--1",
    "1.",
    ".5",
    "-.5",
    "1.e3",
    "1e",
    "1e+",
    "1e-",
    "1E+-2",
    "0x10",
    "1_000",
    "1,",
    "1 000",
    "1a",
    "[1,]",
    "[,1]",
    "[1 2]",
    "[1}",
    "{]",
    "[",
    "{",
    "]",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{,}",
    "{1:2}",
    "{a:1}",
    "[\"a\"",
    "{\"a\":1",
    "\"",
    "\"\\x41\"",
    "\"\\u12\"",
    "\"\\u12g4\"",
    "\"\\u\"",
    "\"\\U0041\"",
    "\"\\'\"",
    "\"\\",
    "\"\\ud83d\"",
    "\"\\ud83d\\n\"",
    "\"\\ud83dx\"",
    "\"\\ud83d\\ud83d\"",
    "\"\\ude00\"",
    "\"\\ud83d\\u0041\"",
    "\"\\ude00\\ud83d\"",
    "\"\x01\"",
    "\"\t\"",
    "\"\n\"",
    "\"\\\t\"",
    "\"\x1f\"",
    "'a'",
    "\"\xC0\x80\"",
    "\"\xED\xA0\x80\"",
    "\"\xF4\x90\x80\x80\"",
    "\"\xE2\x82\"",
    "\"\xff\"",
    "\"a\xC3\"",
    "\xC3\xA9",
    "\xEF\xBB\xBF"
    "1",
    "\\u0031",
};

static void a_broken_value_in_an_unknown_field_refuses_the_line(void **state)
{
    char members[128];

    (void)state;
    for (unsigned i = 0; i < sizeof broken_values / sizeof *broken_values; i++) {
        static const char *const before[] = {"", " ", "[", "{\"y\":"};
        static const char *const after[] = {"", " ,\"y\":1", "]", "}"};

        for (unsigned a = 0; a < sizeof before / sizeof *before; a++) {
            if (strcmp(broken_values[i], "") == 0 && *before[a] == '[')
                continue; /* an empty array */
            (void)snprintf(members, sizeof members, "\"x\":%s%s%s", before[a], broken_values[i],
                           after[a]);
            if (!read_members(members))
                fail_msg("accepted: %s", members);
        }
    }
}

/* At every offset of the scanner's blocks. */
static void invalid_utf8_is_refused_wherever_it_stands(void **state)
{
    char members[256];

    (void)state;
    for (int before = 0; before < 140; before++) {
        (void)snprintf(members, sizeof members, "\"x\":\"%*s\xC3\xA9\"", before, "");
        assert_accepts(members);
        (void)snprintf(members, sizeof members, "\"x\":\"%*s\xC3\"", before, "");
        assert_refuses(members, "invalid UTF-8");
        (void)snprintf(members, sizeof members, "\"%*s\xA9\":1", before, "");
        assert_refuses(members, "invalid UTF-8");
    }
}

static void escapes_and_quotes_are_told_apart_at_every_offset(void **state)
{
    char members[256];

    (void)state;
    for (int before = 0; before < 140; before++) {
        (void)snprintf(members, sizeof members, "\"x\":\"%*s\\\\\",\"turn\":6", before, "");
        assert_accepts(members);
        assert_int_equal(ev.turn, 6);
        (void)snprintf(members, sizeof members, "\"x\":\"%*s\\\\\\\"\",\"turn\":7", before, "");
        assert_accepts(members);
        assert_int_equal(ev.turn, 7);
        (void)snprintf(members, sizeof members, "\"x\":\"%*s\\\\\"\",\"turn\":7", before, "");
        assert_non_null(read_members(members));
        (void)snprintf(members, sizeof members, "\"x\":\"%*s\x02\"", before, "");
        assert_refuses(members, "control character in a string");
    }
}

/* A text that is put together piece by piece. */
struct builder {
    char *text;
    size_t n, capacity;
};

static void add_bytes(struct builder *b, const char *p, size_t n)
{
    if (b->n + n + 1 > b->capacity) {
        b->capacity = 2 * b->capacity + n + 1;
        b->text = realloc(b->text, b->capacity);
        assert_non_null(b->text);
    }
    memcpy(b->text + b->n, p, n);
    b->n += n;
    b->text[b->n] = '\0';
}

static void add(struct builder *b, const char *text)
{
    add_bytes(b, text, strlen(text));
}

static const char *read_nested(uint32_t depth, const char *open, const char *inside,
                               const char *close)
{
    struct builder members = {0};
    const char *refused;

    add(&members, "\"x\":");
    for (uint32_t i = 0; i < depth; i++)
        add(&members, open);
    add(&members, inside);
    for (uint32_t i = 0; i < depth; i++)
        add(&members, close);
    refused = read_members(members.text);
    free(members.text);
    return refused;
}

static void nesting_is_read_up_to_its_limit(void **state)
{
    (void)state;
    assert_null(read_nested(EVENT_JSON_DEPTH_MAX, "[", "", "]"));
    assert_null(read_nested(EVENT_JSON_DEPTH_MAX, "[", "1", "]"));
    assert_null(read_nested(EVENT_JSON_DEPTH_MAX, "{\"a\":", "1", "}"));
    assert_string_equal(read_nested(EVENT_JSON_DEPTH_MAX + 1, "[", "", "]"), "nested too deeply");
    assert_string_equal(read_nested(EVENT_JSON_DEPTH_MAX + 1, "{\"a\":", "1", "}"),
                        "nested too deeply");
}

/* ---- Keys ---- */

static void the_last_of_equal_keys_wins(void **state)
{
    (void)state;
    assert_accepts("\"turn\":1,\"turn\":2,\"model\":\"x\",\"model\":\"y\"");
    assert_int_equal(ev.turn, 2);
    assert_text(model, "y");
    assert_accepts("\"turn\":\"x\",\"turn\":-1,\"turn\":3");
    assert_int_equal(ev.turn, 3);
    assert_refuses("\"turn\":3,\"turn\":\"x\"", "`turn` is not an integer");
    assert_accepts("\"turn\":3,\"turn\":null,\"model\":\"x\",\"model\":null");
    assert_false(event_has(&ev, FIELD_turn));
    assert_false(event_has(&ev, FIELD_model));
    assert_null(ev.model.p);
    assert_accepts("\"turn\":\"x\",\"turn\":null");
    assert_accepts("\"type\":\"account\",\"type\":\"exchange\",\"turn\":1");
    assert_int_equal(ev.type, RECORD_EXCHANGE);
}

static void keys_may_be_escaped(void **state)
{
    (void)state;
    assert_null(read_line(STR("{\"\\u0074s\":5,\"acc\\u006Funt\":\"b\",\"\\u0074\\u0079pe\":"
                              "\"account\",\"pl\\u0061n\":\"pro\"}")));
    assert_int_equal(ev.ts, 5);
    assert_text(account, "b");
    assert_int_equal(ev.type, RECORD_ACCOUNT);
    assert_text(plan, "pro");
}

static void keys_that_only_resemble_a_field_are_ignored(void **state)
{
    (void)state;
    assert_accepts("\"Turn\":\"x\",\"turn \":\"x\",\"tur\":\"x\",\"turns\":\"x\",\"\":\"x\","
                   "\"turn\\u0000\":\"x\",\"\\u0000\":1,\"billing_country_\":1,"
                   "\"billing_country__\":1,\"accountaccount\":1");
    assert_int_equal(ev.present, (uint64_t)1 << FIELD_ts | (uint64_t)1 << FIELD_account);
}

static void every_field_is_known_by_its_name(void **state)
{
    static const char *const sample[] = {
        [KIND_TIME] = "1", [KIND_STR] = "\"s\"", [KIND_TEXT] = "\"s\"",
        [KIND_INT] = "1",  [KIND_NUM] = "1",     [KIND_BOOL] = "true",
    };

    (void)state;
    for (unsigned f = 0; f < FIELD_COUNT; f++) {
        char members[128];
        unsigned type = 0;

        while (!(field_info[f].records >> type & 1))
            type++;
        (void)snprintf(members, sizeof members,
                       "\"model\":\"m\",\"action\":\"ban\",\"label\":\"benign\",\"type\":\"%s\","
                       "\"%s\":%s",
                       record_type_name[type], field_info[f].name,
                       f == FIELD_action  ? "\"limit\""
                       : f == FIELD_label ? "\"abusive\""
                                          : sample[field_info[f].kind]);
        assert_accepts(members);
        assert_true(event_has(&ev, (enum field)f));
    }
}

/* ---- Values ---- */

static void strings_are_unescaped(void **state)
{
    (void)state;
    assert_accepts("\"model\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u20AC\\ud83d\\uDE00x\"");
    assert_text(model, "\"\\/\b\f\n\r\t\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80x");
    assert_accepts("\"model\":\"a\\u0000b\",\"prompt\":\"\\u0000\",\"key\":\"\\n\"");
    assert_text(model, "a\0b");
    assert_text(prompt, "\0");
    assert_text(key, "\n");
    assert_accepts("\"model\":\"\"");
    assert_true(event_has(&ev, FIELD_model));
    assert_non_null(ev.model.p);
    assert_int_equal(ev.model.n, 0);
}

static void integers_may_be_written_as_any_number_that_is_one(void **state)
{
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {
        {"0", 0},
        {"-0", 0},
        {"7", 7},
        {"12345678", 12345678},
        {"123456789", 123456789},
        {"1234567890123", 1234567890123},
        {"123456789012345", 123456789012345},
        {"1234567890123456", 1234567890123456},
        {"9223372036854775807", INT64_MAX},
        {"5.0", 5},
        {"1e3", 1000},
        {"1E+3", 1000},
        {"1.5e1", 15},
        {"1500e-2", 15},
        {"0e999999999999", 0},
        {"0.00e-5", 0},
        {"-0.0", 0},
        {"9007199254740993.0", 9007199254740993},
        {"0.00001e5", 1},
        {"922337203685477580.7e1", INT64_MAX},
        {"10000000000000000000000e-20", 100},
    };
    char members[64];

    (void)state;
    for (unsigned i = 0; i < sizeof good / sizeof *good; i++) {
        (void)snprintf(members, sizeof members, "\"turn\":%s", good[i].text);
        assert_accepts(members);
        assert_int_equal(ev.turn, good[i].value);
        (void)snprintf(members, sizeof members, "\"turn\": %s ,\"x\":\"0123456789\"", good[i].text);
        assert_accepts(members);
        assert_int_equal(ev.turn, good[i].value);
    }
}

static void numbers_that_are_no_counts_are_refused(void **state)
{
    static const char *const fraction[] = {
        "0.5",   "1e-1", "15e-1", "-0.5", "1e-999999999999", "9007199254740993.5",
        "\"1\"", "true", "[1]",   "{}"};
    static const char *const beyond[] = {"-1",
                                         "-5.0",
                                         "9223372036854775808",
                                         "1e19",
                                         "1e400",
                                         "99999999999999999999999",
                                         "1e999999999999"};
    char members[64];

    (void)state;
    for (unsigned i = 0; i < sizeof fraction / sizeof *fraction; i++) {
        (void)snprintf(members, sizeof members, "\"turn\":%s", fraction[i]);
        assert_refuses(members, "`turn` is not an integer");
    }
    for (unsigned i = 0; i < sizeof beyond / sizeof *beyond; i++) {
        (void)snprintf(members, sizeof members, "\"turn\":%s", beyond[i]);
        assert_refuses(members, "`turn` is negative or too large");
    }
}

static void doubles_are_the_nearest(void **state)
{
    static const char *const text[] = {"0.7",
                                       "1",
                                       "1.0",
                                       "0.1",
                                       "9.9",
                                       "0.0",
                                       "-0.5",
                                       "1e-7",
                                       "2.2250738585072014e-308",
                                       "1.7976931348623157e308",
                                       "0.30000000000000004",
                                       "123456789.123456789",
                                       "5e-324",
                                       "0.1000000000000000055511151231257827021181583404541015625"};
    char members[128];

    (void)state;
    for (unsigned i = 0; i < sizeof text / sizeof *text; i++) {
        (void)snprintf(members, sizeof members, "\"temperature\":%s", text[i]);
        assert_accepts(members);
        assert_true(ev.temperature == strtod(text[i], NULL));
    }
    assert_refuses("\"temperature\":1e400", "`temperature` is too large");
    assert_refuses("\"temperature\":\"0.7\"", "`temperature` is not a number");
}

static void wrong_types_are_refused_by_name(void **state)
{
    (void)state;
    assert_refuses("\"model\":1", "`model` is not a string");
    assert_refuses("\"model\":[\"m\"]", "`model` is not a string");
    assert_refuses("\"prompt\":{\"a\":1}", "`prompt` is not a string");
    assert_refuses("\"stream\":1", "`stream` is not true or false");
    assert_refuses("\"stream\":\"true\"", "`stream` is not true or false");
    assert_refuses("\"ts\":true", "`ts` is neither milliseconds nor an RFC 3339 time");
    assert_refuses("\"account\":5", "`account` is not a string");
    assert_refuses("\"type\":5", "`type` is not one of the contract's");
    assert_refuses("\"type\":\"Exchange\"", "`type` is not one of the contract's");
    assert_accepts("\"type\":null");
}

static void times_are_milliseconds_or_rfc3339_between_1970_and_9999(void **state)
{
    (void)state;
    assert_accepts("\"ts\":1767225600123");
    assert_int_equal(ev.ts, 1767225600123);
    assert_accepts("\"ts\":1.767225600123e12");
    assert_int_equal(ev.ts, 1767225600123);
    assert_accepts("\"ts\":\"2026-01-01T00:00:00.123Z\"");
    assert_int_equal(ev.ts, 1767225600123);
    assert_accepts("\"ts\":\"2026-01-01T0\\u0030:00:00.123Z\"");
    assert_int_equal(ev.ts, 1767225600123);
    assert_accepts("\"ts\":0");
    assert_accepts("\"ts\":253402300799999");
    assert_refuses("\"ts\":253402300800000", "`ts` is before 1970 or after 9999");
    assert_refuses("\"ts\":-1", "`ts` is before 1970 or after 9999");
    assert_refuses("\"ts\":1e30", "`ts` is before 1970 or after 9999");
    assert_refuses("\"ts\":\"1969-12-31T23:59:59Z\"", "`ts` is before 1970 or after 9999");
    assert_refuses("\"ts\":\"yesterday\"", "`ts` is neither milliseconds nor an RFC 3339 time");
    assert_refuses("\"ts\":1.5", "`ts` is neither milliseconds nor an RFC 3339 time");
    assert_refuses("\"type\":\"account\",\"created\":-5", "`created` is before 1970 or after 9999");
}

/* ---- The contract ---- */

static void the_type_may_come_last(void **state)
{
    (void)state;
    assert_null(read_line(STR("{\"model\":\"m\",\"ts\":1,\"type\":\"release\"}")));
    assert_int_equal(ev.type, RECORD_RELEASE);
    assert_text(model, "m");
    assert_null(
        read_line(STR("{\"ts\":1,\"account\":\"a\",\"action\":\"ban\",\"type\":\"action\"}")));
    assert_int_equal(ev.type, RECORD_ACTION);
}

static void fields_of_other_record_types_are_ignored(void **state)
{
    (void)state;
    assert_accepts("\"plan\":5,\"label\":[],\"verified\":\"x\",\"payment\":\"p\"");
    assert_int_equal(ev.present, (uint64_t)1 << FIELD_ts | (uint64_t)1 << FIELD_account);
    assert_null(ev.payment.p);
    assert_accepts("\"type\":\"account\",\"turn\":\"x\",\"plan\":\"pro\"");
    assert_text(plan, "pro");
    assert_false(event_has(&ev, FIELD_turn));
}

static void what_the_contract_demands_is_checked(void **state)
{
    (void)state;
    assert_string_equal(read_line(STR("{\"account\":\"a\"}")), "`ts` is missing");
    assert_string_equal(read_line(STR("{\"ts\":1}")), "`account` is missing");
    assert_string_equal(read_line(STR("{\"ts\":1,\"account\":\"\"}")), "`account` is missing");
    assert_string_equal(read_line(STR("{\"ts\":1,\"type\":\"release\"}")), "`model` is missing");
    assert_refuses("\"type\":\"action\"", "`action` is missing");
    assert_refuses("\"type\":\"label\",\"label\":\"x\"", "`label` is not one of the contract's");
}

/* A record whose field holds `n` bytes: an escaped one if asked, then 'a's, then `last`. */
static const char *read_long(const char *field, uint32_t n, const char *last, bool escaped)
{
    struct builder members = {0};
    const char *refused;

    add(&members, "\"");
    add(&members, field);
    add(&members, escaped ? "\":\"\\n" : "\":\"");
    for (size_t i = escaped + strlen(last); i < n; i++)
        add(&members, "a");
    add(&members, last);
    add(&members, "\"");
    refused = read_members(members.text);
    free(members.text);
    return refused;
}

static void strings_over_their_limit_are_refused(void **state)
{
    (void)state;
    for (int escaped = 0; escaped < 2; escaped++) {
        assert_null(read_long("user_agent", EVENT_STR_MAX, "", escaped));
        assert_int_equal(ev.user_agent.n, EVENT_STR_MAX);
        assert_string_equal(read_long("user_agent", EVENT_STR_MAX + 1, "", escaped),
                            "`user_agent` is longer than 1024 bytes");
    }
}

static void texts_over_their_limit_are_cut_between_characters_and_counted(void **state)
{
    uint64_t before = event_json_cut_count(reader);

    (void)state;
    for (int escaped = 0; escaped < 2; escaped++) {
        assert_null(read_long("prompt", EVENT_TEXT_MAX, "\xC3\xA9", escaped));
        assert_int_equal(ev.prompt.n, EVENT_TEXT_MAX);
        assert_int_equal(event_json_cut_count(reader), before);
        assert_null(read_long("prompt", EVENT_TEXT_MAX + 1, "", escaped));
        assert_int_equal(ev.prompt.n, EVENT_TEXT_MAX);
        assert_int_equal(event_json_cut_count(reader), ++before);
        assert_null(read_long("system", EVENT_TEXT_MAX + 1, "\xF0\x9F\x98\x80", escaped));
        assert_int_equal(ev.system.n, EVENT_TEXT_MAX - 3);
        assert_int_equal(event_json_cut_count(reader), ++before);
    }
    assert_null(read_members("\"x\":1"));
    assert_int_equal(event_json_cut_count(reader), before);
}

static void a_line_may_be_cut_anywhere_and_is_refused(void **state)
{
    static const char whole[] = "{\"ts\": 1,\"account\":\"a\\n\",\"x\":[{\"y\":\"\xC3\xA9\"},1.5e3,"
                                "true],\"stream\":false,\"turn\":12}";

    (void)state;
    assert_null(read_line(STR(whole)));
    for (uint32_t n = 0; n + 1 < sizeof whole; n++) {
        char reclosed[sizeof whole + 1];

        assert_non_null(read_line((struct str){whole, n}));
        memcpy(reclosed, whole, n);
        reclosed[n] = '}';
        (void)read_line((struct str){reclosed, n + 1}); /* the sanitizer watches */
    }
}

/* ---- Against jansson ---- */

struct generator {
    struct rng rng;
    struct builder line;
};

static const char *one_of(struct generator *g, const char *const *from, uint32_t count)
{
    return from[rng_below(&g->rng, count)];
}
#define ONE_OF(g, list) one_of((g), (list), sizeof(list) / sizeof *(list))

static void add_space(struct generator *g)
{
    static const char *const spaces[] = {"", "", "", "", " ", "  ", "\t", "\r\n"};

    add(&g->line, ONE_OF(g, spaces));
}

static void add_string(struct generator *g)
{
    static const char *const pieces[] = {
        "a",
        "0123456789abcdef",
        " ",
        "{",
        "}",
        ",",
        ":",
        "\\n",
        "\\\\",
        "\\\"",
        "\\/",
        "\\u0041",
        "\\u00e9",
        "\\ud83d\\ude00",
        "\\u0000",
        "\xC3\xA9",
        "\xE2\x82\xAC",
        "\xF0\x9F\x98\x80",
    };

    add(&g->line, "\"");
    for (uint64_t i = rng_below(&g->rng, 8); i > 0; i--)
        add(&g->line, ONE_OF(g, pieces));
    add(&g->line, "\"");
}

static void add_value(struct generator *g, uint32_t depth)
{
    static const char *const scalars[] = {
        "null",       "true",
        "false",      "0",
        "1",          "42",
        "1234567",    "1767225600123",
        "1.5",        "0.7",
        "1e3",        "5.0",
        "-3",         "123456789012345678",
        "\"a\"",      "\"ban\"",
        "\"benign\"", "\"2026-01-01T00:00:00Z\"",
    };
    uint64_t what = rng_below(&g->rng, depth < 4 ? 12 : 10);

    if (what < 6) {
        add(&g->line, ONE_OF(g, scalars));
    } else if (what < 10) {
        add_string(g);
    } else {
        const char *bracket = what == 10 ? "[]" : "{}";

        add(&g->line, (char[2]){bracket[0], 0});
        for (uint64_t i = 0, n = rng_below(&g->rng, 4); i < n; i++) {
            add_space(g);
            if (i > 0)
                add(&g->line, ",");
            add_space(g);
            if (what == 11) {
                add_string(g);
                add(&g->line, ":");
            }
            add_space(g);
            add_value(g, depth + 1);
        }
        add_space(g);
        add(&g->line, (char[2]){bracket[1], 0});
    }
}

/* A value that the key's field takes, most of the time. */
static void add_member(struct generator *g)
{
    static const char *const types[] = {"\"exchange\"", "\"account\"", "\"release\"",
                                        "\"action\"",   "\"label\"",   "null"};
    static const char *const fitting[] = {
        [KIND_TIME] = "1767225600123", [KIND_STR] = "\"acct_17\"", [KIND_TEXT] = "\"Why?\\n\"",
        [KIND_INT] = "1024",           [KIND_NUM] = "0.7",         [KIND_BOOL] = "true",
    };
    uint64_t f = rng_below(&g->rng, FIELD_COUNT + 6);
    const char *value = NULL;

    add_space(g);
    if (f < FIELD_COUNT) {
        add(&g->line, "\"");
        add(&g->line, field_info[f].name);
        add(&g->line, "\"");
        value = fitting[field_info[f].kind];
    } else if (f < FIELD_COUNT + 2) {
        add(&g->line, "\"type\"");
        value = ONE_OF(g, types);
    } else {
        add_string(g);
    }
    add_space(g);
    add(&g->line, ":");
    add_space(g);
    if (value && rng_below(&g->rng, 8))
        add(&g->line, value);
    else
        add_value(g, 0);
    add_space(g);
}

static void make_line(struct generator *g)
{
    g->line.n = 0;
    add(&g->line, "{\"ts\":1767225600123,\"account\":\"a\",\"model\":\"m\"");
    for (uint64_t i = rng_below(&g->rng, 24); i > 0; i--) {
        add(&g->line, ",");
        add_member(g);
    }
    add(&g->line, "}");
}

static void mutate(struct generator *g)
{
    static const char bytes[] = "{}[]\",:\\u0e.-+1 \n\tn\x80\xC3\xED\xF0\x01";

    for (uint64_t i = 1 + rng_below(&g->rng, 3); i > 0; i--) {
        size_t at = rng_below(&g->rng, g->line.n);
        char byte = bytes[rng_below(&g->rng, sizeof bytes - 1)];

        switch (rng_below(&g->rng, 3)) {
        case 0: g->line.text[at] = byte; break;
        case 1:
            memmove(g->line.text + at, g->line.text + at + 1, g->line.n - at - 1);
            g->line.n--;
            break;
        default:
            add(&g->line, " ");
            memmove(g->line.text + at + 1, g->line.text + at, g->line.n - at - 1);
            g->line.text[at] = byte;
        }
    }
}

static void agrees_with_jansson_on_generated_lines(void **state)
{
    struct generator g = {0};

    (void)state;
    rng_split(&g.rng, 2026, 1);
    for (uint32_t i = 0; i < 12000; i++) {
        const char *difference;
        char *copy;

        make_line(&g);
        if (i % 3 != 0)
            mutate(&g);
        copy = malloc(g.line.n);
        assert_non_null(copy);
        memcpy(copy, g.line.text, g.line.n);
        difference = json_oracle_differs(reader, (struct str){copy, (uint32_t)g.line.n});
        if (difference)
            fail_msg("line %u: %s: %.*s", i, difference, (int)g.line.n, g.line.text);
        free(copy);
    }
    free(g.line.text);
}

static void agrees_with_jansson_on_the_fuzzers_corpus(void **state)
{
    const char *folder = source_path("tests/fuzz/corpus/event_json");
    DIR *dir = opendir(folder);
    uint32_t count = 0;

    (void)state;
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        char path[4096];
        char text[65536];
        const char *difference;
        size_t n;
        FILE *f;

        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        f = fopen(path, "rb");
        assert_non_null(f);
        n = fread(text, 1, sizeof text, f);
        (void)fclose(f);
        difference = json_oracle_differs(reader, (struct str){text, (uint32_t)n});
        if (difference)
            fail_msg("%s: %s", path, difference);
        count++;
    }
    (void)closedir(dir);
    assert_true(count >= 6);
}

/* ---- The writer ---- */

static void assert_writes(const struct api_event *record, const char *expected)
{
    struct json_write w;

    json_write_init(&w, NULL);
    event_json_write(&w, record);
    assert_int_equal(w.size, strlen(expected));
    assert_memory_equal(w.text, expected, w.size);
    json_write_deinit(&w);
}

static void a_record_is_written_in_the_tables_order(void **state)
{
    struct api_event record = {.type = RECORD_EXCHANGE};

    (void)state;
    EVENT_PUT(&record, prompt, STR("a \"b\"\n\xC3\xA9\x01\\"));
    EVENT_PUT(&record, refused, false);
    EVENT_PUT(&record, temperature, 0.7);
    EVENT_PUT(&record, turn, 0);
    EVENT_PUT(&record, account, STR("acct"));
    EVENT_PUT(&record, ts, 1767225600123);
    assert_writes(&record, "{\"ts\":1767225600123,\"account\":\"acct\",\"turn\":0,"
                           "\"temperature\":0.7,\"refused\":false,"
                           "\"prompt\":\"a \\\"b\\\"\\n\xC3\xA9\\u0001\\\\\"}\n");
    record = (struct api_event){.type = RECORD_RELEASE};
    EVENT_PUT(&record, ts, 1);
    EVENT_PUT(&record, model, STR("m"));
    assert_writes(&record, "{\"type\":\"release\",\"ts\":1,\"model\":\"m\"}\n");
}

/* Random records of each type, with all bytes that need care in their texts. */
static void what_is_written_reads_back_the_same(void **state)
{
    struct json_write w;
    struct rng rng;

    (void)state;
    rng_split(&rng, 5, 6);
    json_write_init(&w, NULL);
    for (uint32_t round = 0; round < 400; round++) {
        struct api_event record = {.type = (enum record_type)(round % RECORD_TYPE_COUNT)};
        char text[FIELD_COUNT][80];

        for (unsigned f = 0; f < FIELD_COUNT; f++) {
            char *to = (char *)&record + field_info[f].offset;
            uint32_t n = (uint32_t)rng_below(&rng, sizeof text[f]) + 1;

            if (!(field_info[f].records >> record.type & 1) || (f > 1 && rng_below(&rng, 3) == 0))
                continue;
            event_set(&record, (enum field)f);
            for (uint32_t i = 0; i < sizeof text[f]; i++)
                text[f][i] =
                    (char)(rng_below(&rng, 8) ? 'a' + rng_below(&rng, 26) : rng_below(&rng, 0x80));
            switch (field_info[f].kind) {
            case KIND_TIME: *(msec_t *)(void *)to = (msec_t)rng_below(&rng, 253402300800000); break;
            case KIND_INT:
                *(int64_t *)(void *)to = (int64_t)(rng_next(&rng) >> (1 + n % 63));
                break;
            case KIND_NUM: *(double *)(void *)to = rng_unit(&rng) * 2.0; break;
            case KIND_BOOL: *(bool *)to = n & 1; break;
            case KIND_STR:
            case KIND_TEXT: *(struct str *)(void *)to = (struct str){text[f], n}; break;
            }
        }
        if (record.type == RECORD_RELEASE)
            EVENT_PUT(&record, model, STR("m"));
        if (record.type == RECORD_ACTION)
            EVENT_PUT(&record, action, STR("restore"));
        if (record.type == RECORD_LABEL)
            EVENT_PUT(&record, label, STR("distilling"));
        w.size = 0;
        event_json_write(&w, &record);
        assert_null(event_json_read(reader, (struct str){w.text, (uint32_t)w.size}, &ev));
        assert_int_equal(ev.type, record.type);
        assert_int_equal(ev.present, record.present);
#define ASSERT_SAME_TIME(a, b)             assert_int_equal(a, b)
#define ASSERT_SAME_INT(a, b)              assert_int_equal(a, b)
#define ASSERT_SAME_BOOL(a, b)             assert_int_equal(a, b)
#define ASSERT_SAME_NUM(a, b)              assert_true((a) == (b))
#define ASSERT_SAME_STR(a, b)              assert_true(str_eq(a, b))
#define ASSERT_SAME_TEXT(a, b)             assert_true(str_eq(a, b))
#define ASSERT_SAME(member, kind, records) ASSERT_SAME_##kind(ev.member, record.member);
        API_EVENT_FIELDS(ASSERT_SAME)
    }
    json_write_deinit(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_an_object_is_a_record),
        cmocka_unit_test(white_space_may_stand_around_every_token),
        cmocka_unit_test(pythons_default_spacing_reads_the_same),
        cmocka_unit_test(structure_that_is_not_json_is_refused),
        cmocka_unit_test(any_json_value_is_accepted_and_ignored_in_an_unknown_field),
        cmocka_unit_test(a_broken_value_in_an_unknown_field_refuses_the_line),
        cmocka_unit_test(invalid_utf8_is_refused_wherever_it_stands),
        cmocka_unit_test(escapes_and_quotes_are_told_apart_at_every_offset),
        cmocka_unit_test(nesting_is_read_up_to_its_limit),
        cmocka_unit_test(the_last_of_equal_keys_wins),
        cmocka_unit_test(keys_may_be_escaped),
        cmocka_unit_test(keys_that_only_resemble_a_field_are_ignored),
        cmocka_unit_test(every_field_is_known_by_its_name),
        cmocka_unit_test(strings_are_unescaped),
        cmocka_unit_test(integers_may_be_written_as_any_number_that_is_one),
        cmocka_unit_test(numbers_that_are_no_counts_are_refused),
        cmocka_unit_test(doubles_are_the_nearest),
        cmocka_unit_test(wrong_types_are_refused_by_name),
        cmocka_unit_test(times_are_milliseconds_or_rfc3339_between_1970_and_9999),
        cmocka_unit_test(the_type_may_come_last),
        cmocka_unit_test(fields_of_other_record_types_are_ignored),
        cmocka_unit_test(what_the_contract_demands_is_checked),
        cmocka_unit_test(strings_over_their_limit_are_refused),
        cmocka_unit_test(texts_over_their_limit_are_cut_between_characters_and_counted),
        cmocka_unit_test(a_line_may_be_cut_anywhere_and_is_refused),
        cmocka_unit_test(agrees_with_jansson_on_generated_lines),
        cmocka_unit_test(agrees_with_jansson_on_the_fuzzers_corpus),
        cmocka_unit_test(a_record_is_written_in_the_tables_order),
        cmocka_unit_test(what_is_written_reads_back_the_same),
    };

    return cmocka_run_group_tests(tests, reader_open, reader_close);
}
