#include "event/field_map.h"

#include "base/siphash.h"
#include "tests/support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECRET = 42 };

/* A map with these members beside "name", "format" and the required fields' own. */
struct bench {
    char *folder;
    struct field_map *map;
    struct field_map_reader *reader;
    struct api_event ev;
    bool more;
};

static int bench_setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);

    assert_non_null(b);
    b->folder = temp_folder_new();
    *state = b;
    return 0;
}

static int bench_teardown(void **state)
{
    struct bench *b = *state;

    field_map_reader_free(b->reader);
    field_map_free(b->map);
    temp_folder_remove(b->folder);
    free(b);
    return 0;
}

static void load(struct bench *b, const char *text)
{
    struct err err = {""};
    int r = field_map_load(temp_file(b->folder, "map.json", text, SIZE_MAX), &b->map, &err);

    assert_string_equal(err.text, "");
    assert_int_equal(r, 0);
    assert_int_equal(field_map_reader_new(b->map, SECRET, &b->reader), 0);
}

/* A JSON-lines map of these further fields. */
static void load_fields(struct bench *b, const char *fields)
{
    char text[4096];

    (void)snprintf(text, sizeof text,
                   "{\"name\": \"t\", \"format\": \"jsonl\", \"fields\": "
                   "{\"ts\": {\"from\": \"t\", \"time\": \"any\"}, \"account\": \"a\", %s}}",
                   fields);
    load(b, text);
}

static const char *read_line(struct bench *b, const char *line)
{
    return field_map_read(b->reader, str_of(line), &b->ev, &b->more);
}

/* Reads a record with ts and account and these further members. */
static const char *read_with(struct bench *b, const char *members)
{
    static char line[70 * 1024];

    (void)snprintf(line, sizeof line, "{\"t\": 1769904000000, \"a\": \"alice\", %s}", members);
    return read_line(b, line);
}

static void assert_text(struct str s, const char *text)
{
    assert_non_null(s.p);
    assert_int_equal(s.n, strlen(text));
    assert_memory_equal(s.p, text, s.n);
}

/* ---- loading ---- */

static void assert_refused(struct bench *b, const char *text, const char *message)
{
    struct field_map *map = NULL;
    struct err err = {""};
    const char *path = temp_file(b->folder, "bad.json", text, SIZE_MAX);
    char expected[ERR_TEXT_SIZE];

    assert_int_equal(field_map_load(path, &map, &err), -EINVAL);
    assert_null(map);
    (void)snprintf(expected, sizeof expected, "%s:%s", path, message);
    assert_string_equal(err.text, expected);
}

static void a_bad_map_is_refused_by_line_and_path(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"{", "1: syntax: string or '}' expected near end of file"},
        {"[]", "1: top level: must be an object"},
        {"{\"name\": \"x\",\n\"fromat\": \"csv\"}",
         "2: fromat: no such key: \"fromat\"; did you mean \"format\"?"},
        {"{\"name\": \"x\"}", "1: top level: \"format\" is missing"},
        {"{\"name\": \"x\", \"format\": \"cvs\"}",
         "1: format: no such format: \"cvs\"; did you mean \"csv\"?"},
        {"{\"format\": \"csv\"}", "1: top level: \"name\" is missing"},
        {"{\"name\": \"x\", \"format\": \"jsonl\"}", "1: top level: \"fields\" is missing"},
        {"{\"name\": \"x\", \"format\": \"jsonl\", \"fields\": {\"ts\": \"t\"}}",
         "1: fields: \"account\" is missing"},
        {"{\"name\": \"x\", \"format\": \"jsonl\", \"delimiter\": \",\"}",
         "1: delimiter: is for the format \"csv\""},
        {"{\"name\": \"x\", \"format\": \"csv\", \"records\": \"a[*]\", \"fields\": {}}",
         "1: records: is for JSON: a CSV line is one record"},
        {"{\"name\": \"x\", \"format\": \"jsonl\", \"type\": \"acount\"}",
         "1: type: no such record type: \"acount\"; did you mean \"account\"?"},
        {"{\"name\": \"x\", \"format\": \"jsonl\", \"filter\": [\n{\"path\": \"p\"}]}",
         "2: filter[0]: needs \"path\" and one of \"exists\", \"in\", \"not_in\""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(*state, cases[i].text, cases[i].message);
}

static void a_bad_rule_is_refused_by_line_and_path(void **state)
{
    static const struct {
        const char *rule, *message;
    } cases[] = {
        {"\"input_token\": \"x\"",
         "2: fields.input_token: no such field: \"input_token\"; did you mean \"input_tokens\"?"},
        {"\"model\": 3", "2: fields.model: must be an object"},
        {"\"model\": []", "2: fields.model: an empty list"},
        {"\"model\": [\"a\",\n\"b[c\"]", "3: fields.model[1]: \"b[c\": a '[' without its ']'"},
        {"\"model\": {\"from\": \"a..b\"}", "2: fields.model.from: \"a..b\": an empty name"},
        {"\"model\": {\"frm\": \"a\"}",
         "2: fields.model.frm: no such key: \"frm\"; did you mean \"from\"?"},
        {"\"model\": {\"take\": \"text\"}", "2: fields.model: needs \"from\" or \"constant\""},
        {"\"model\": {\"from\": {\"pth\": \"a\"}}",
         "2: fields.model.from.pth: no such key: \"pth\"; did you mean \"path\"?"},
        {"\"prompt\": {\"from\": \"m\",\n\"take\": \"last_usr\"}",
         "3: fields.prompt.take: no such take: \"last_usr\"; did you mean \"last_user\"?"},
        {"\"created\": \"c\"", "2: fields.created: is no field of the record type \"exchange\""},
        {"\"model\": {\"from\": \"m\", \"time\": \"s\"}",
         "2: fields.model: \"time\" is for fields that hold a time, or with \"since\""},
        {"\"turn\": {\"from\": \"m\", \"hash\": true}", "2: fields.turn: \"hash\" is for texts"},
        {"\"turn\": {\"from\": \"m\", \"scale\": -1}",
         "2: fields.turn.scale: must be a number above 0"},
        {"\"model\": {\"from\": \"m\", \"translate\": {\"a\": []}}",
         "2: fields.model.translate.a: must be a text, a number, true or false"},
        {"\"model\": {\"from\": \"m\", \"is_any\": [\"a\"]}",
         "2: fields.model: \"is_any\" is for fields that are true or false"},
        {"\"ts\": {\"from\": \"t\", \"time\": \"sec\"}",
         "2: fields.ts.time: no such time format: \"sec\"; did you mean \"s\"?"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[1024];

        (void)snprintf(text, sizeof text,
                       "{\"name\": \"x\", \"format\": \"jsonl\", \"fields\": {\n%s}}",
                       cases[i].rule);
        assert_refused(*state, text, cases[i].message);
    }
}

static void a_missing_map_file_is_named(void **state)
{
    struct field_map *map = NULL;
    struct err err = {""};

    (void)state;
    assert_int_equal(field_map_load("no/such/map.json", &map, &err), -ENOENT);
    assert_string_equal(err.text, "no/such/map.json: No such file or directory");
}

/* ---- reading JSON ---- */

static void the_first_candidate_that_exists_wins(void **state)
{
    struct bench *b = *state;

    load_fields(b, "\"model\": [\"x.name\", \"y\"]");
    assert_null(read_with(b, "\"y\": \"second\", \"x\": {\"name\": \"first\"}"));
    assert_text(b->ev.model, "first");
    assert_string_equal(field_map_source(b->reader, FIELD_model), "x.name");
    assert_null(read_with(b, "\"y\": \"second\", \"x\": {\"name\": null}"));
    assert_text(b->ev.model, "second");
    assert_null(read_with(b, "\"y\": \"\""));
    assert_false(event_has(&b->ev, FIELD_model));
    assert_null(b->ev.model.p);
    assert_null(field_map_source(b->reader, FIELD_model));
}

static void paths_reach_names_with_dots_and_elements(void **state)
{
    struct bench *b = *state;

    load_fields(b, "\"model\": \"a\\\\.b[c.d].list[-1]\", \"session\": \"list[0].id\"");
    assert_null(
        read_with(b, "\"a.b\": {\"c.d\": {\"list\": [1, 2, 3]}}, \"list\": [{\"id\": \"s\"}]"));
    assert_text(b->ev.model, "3");
    assert_text(b->ev.session, "s");
}

static void paths_reach_attribute_lists_and_json_inside_text(void **state)
{
    struct bench *b = *state;

    load_fields(b, "\"model\": \"attributes[gen_ai.model]\", \"max_tokens\": \"body.max\","
                   "\"refused\": {\"from\": \"attributes[why]\", \"is_any\": [\"filter\"]}");
    assert_null(
        read_with(b, "\"attributes\": [{\"key\": \"gen_ai.model\", \"value\": "
                     "{\"stringValue\": \"m\"}}, {\"key\": \"why\", \"value\": {\"arrayValue\":"
                     " {\"values\": [{\"stringValue\": \"stop\"}, {\"stringValue\": "
                     "\"filter\"}]}}}], \"body\": \"{\\\"max\\\": 7}\""));
    assert_text(b->ev.model, "m");
    assert_int_equal(b->ev.max_tokens, 7);
    assert_true(b->ev.refused);
}

static void every_time_format_gives_the_same_instant(void **state)
{
    static const struct {
        const char *format, *value;
    } cases[] = {
        {"contract", "1769904000500"},
        {"contract", "\"2026-02-01T00:00:00.5Z\""},
        {"s", "1769904000.5"},
        {"s", "\"1769904000.5\""},
        {"ms", "1769904000500"},
        {"us", "1769904000500999"},
        {"ns", "\"1769904000500999999\""},
        {"rfc3339", "\"2026-02-01T01:00:00.5+01:00\""},
        {"utc", "\"2026-02-01 00:00:00.500\""},
        {"any", "1769904000.5"},
        {"any", "\"2026-02-01T00:00:00.5\""},
        {"any", "1769904000500999999"},
    };
    struct bench *b = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];

        (void)snprintf(text, sizeof text,
                       "{\"name\": \"t\", \"format\": \"jsonl\", \"fields\": {\"ts\": {\"from\": "
                       "\"t\", \"time\": \"%s\"}, \"account\": \"a\"}}",
                       cases[i].format);
        load(b, text);
        (void)snprintf(text, sizeof text, "{\"t\": %s, \"a\": \"x\"}", cases[i].value);
        assert_null(read_line(b, text));
        assert_int_equal(b->ev.ts, 1769904000500);
        field_map_reader_free(b->reader);
        field_map_free(b->map);
        b->reader = NULL;
        b->map = NULL;
    }
}

static void the_common_log_format_is_a_time_too(void **state)
{
    struct bench *b = *state;

    load(b, "{\"name\": \"t\", \"format\": \"jsonl\", \"fields\": {\"ts\": {\"from\": \"t\", "
            "\"time\": \"clf\"}, \"account\": \"a\"}}");
    assert_null(read_line(b, "{\"t\": \"01/Feb/2026:02:00:00 +0200\", \"a\": \"x\"}"));
    assert_int_equal(b->ev.ts, 1769904000000);
    assert_string_equal(read_line(b, "{\"t\": \"01/Fob/2026:02:00:00 +0200\", \"a\": \"x\"}"),
                        "`ts` is not a time in the map's format");
}

static void numbers_may_stand_in_text_but_never_half(void **state)
{
    struct bench *b = *state;

    load_fields(b, "\"input_tokens\": \"n\", \"temperature\": \"f\", \"stream\": \"b\"");
    assert_null(read_with(b, "\"n\": \"12\", \"f\": \"0.5\", \"b\": \"True\""));
    assert_int_equal(b->ev.input_tokens, 12);
    assert_near(b->ev.temperature, 0.5, 0.0);
    assert_true(b->ev.stream);
    assert_null(read_with(b, "\"n\": 12.0, \"f\": 1, \"b\": 0"));
    assert_int_equal(b->ev.input_tokens, 12);
    assert_false(b->ev.stream);
    assert_string_equal(read_with(b, "\"n\": 12.5"), "`input_tokens` is not a whole number from 0");
    assert_string_equal(read_with(b, "\"n\": -1"), "`input_tokens` is not a whole number from 0");
    assert_string_equal(read_with(b, "\"n\": \"12x\""),
                        "`input_tokens` is not a whole number from 0");
    assert_string_equal(read_with(b, "\"f\": \"0x10\""), "`temperature` is not a number");
    assert_string_equal(read_with(b, "\"f\": \"nan\""), "`temperature` is not a number");
    assert_string_equal(read_with(b, "\"b\": \"maybe\""), "`stream` is not true or false");
    assert_string_equal(read_with(b, "\"b\": 2"), "`stream` is not true or false");
}

static void a_candidate_of_the_wrong_type_refuses_the_record(void **state)
{
    struct bench *b = *state;

    load_fields(b, "\"model\": [\"m\", \"n\"]");
    assert_string_equal(read_with(b, "\"m\": {}, \"n\": \"fine\""), "`model` is not a text");
    assert_null(read_with(b, "\"n\": \"fine\""));
    assert_string_equal(read_line(b, "{\"t\": 1}"), "`account` is missing");
    assert_string_equal(read_line(b, "{\"a\": \"x\"}"), "`ts` is missing");
}

static void constants_translations_and_otherwise_fill_in(void **state)
{
    struct bench *b = *state;

    load_fields(b, "\"pathway\": {\"constant\": \"api\"}, \"status\": {\"from\": \"s\", "
                   "\"translate\": {\"ok\": 200}, \"otherwise\": 500, \"constant\": 204},"
                   "\"turn\": {\"from\": \"n\", \"otherwise\": null}");
    assert_null(read_with(b, "\"s\": \"ok\", \"n\": 2"));
    assert_text(b->ev.pathway, "api");
    assert_string_equal(field_map_source(b->reader, FIELD_pathway), "constant");
    assert_int_equal(b->ev.status, 200);
    assert_int_equal(b->ev.turn, 2);
    assert_null(read_with(b, "\"s\": \"429\""));
    assert_int_equal(b->ev.status, 429);
    assert_null(read_with(b, "\"s\": \"odd\", \"n\": \"odd\""));
    assert_int_equal(b->ev.status, 500);
    assert_false(event_has(&b->ev, FIELD_turn));
    assert_null(read_with(b, "\"s\": null"));
    assert_int_equal(b->ev.status, 204);
}

static void latency_is_scaled_or_measured_between_two_times(void **state)
{
    struct bench *b = *state;

    load_fields(b, "\"latency_ms\": {\"from\": \"end\", \"since\": \"begin\", \"time\": \"s\"}, "
                   "\"turn\": {\"from\": \"n\", \"scale\": 1000}");
    assert_null(read_with(b, "\"begin\": 10.25, \"end\": 11.75, \"n\": 0.0015"));
    assert_int_equal(b->ev.latency_ms, 1500);
    assert_int_equal(b->ev.turn, 2);
    assert_null(read_with(b, "\"begin\": 10, \"end\": 9"));
    assert_false(event_has(&b->ev, FIELD_latency_ms));
    assert_null(read_with(b, "\"end\": 9"));
    assert_false(event_has(&b->ev, FIELD_latency_ms));
}

static void messages_give_prompt_system_turn_and_images(void **state)
{
    struct bench *b = *state;

    load_fields(b, "\"prompt\": {\"from\": \"m\", \"take\": \"last_user\"}, "
                   "\"system\": {\"from\": \"m\", \"take\": \"first_system\"}, "
                   "\"turn\": {\"from\": \"m\", \"take\": \"user_turn\"}, "
                   "\"images\": {\"from\": \"m\", \"take\": \"images\"}, "
                   "\"tools\": {\"from\": \"d\", \"take\": \"count\"}");
    assert_null(read_with(
        b,
        "\"d\": [{}, {}], \"m\": [{\"role\": \"developer\", \"content\": \"be brief\"},"
        "{\"role\": \"user\", \"content\": \"one\"}, {\"role\": \"assistant\", \"content\": \"x\"},"
        "{\"role\": \"user\", \"content\": [{\"type\": \"text\", \"text\": \"two\"},"
        "{\"type\": \"image\"}, {\"type\": \"text\", \"text\": \"three\"}]},"
        "{\"role\": \"user\", \"content\": [{\"type\": \"tool_result\", \"content\": \"no\"}]}]"));
    assert_text(b->ev.prompt, "two\nthree");
    assert_text(b->ev.system, "be brief");
    assert_int_equal(b->ev.turn, 1);
    assert_int_equal(b->ev.images, 1);
    assert_int_equal(b->ev.tools, 2);
    assert_null(read_with(b, "\"m\": \"just text\""));
    assert_text(b->ev.prompt, "just text");
    assert_false(event_has(&b->ev, FIELD_system));
}

static void one_candidate_may_be_taken_differently_from_the_next(void **state)
{
    struct bench *b = *state;

    load_fields(b, "\"ip\": [{\"path\": \"f\", \"take\": \"first_item\"}, "
                   "{\"path\": \"r\", \"take\": \"host\"}]");
    assert_null(read_with(b, "\"f\": \" 192.0.2.1 , 192.0.2.2\""));
    assert_text(b->ev.ip, "192.0.2.1");
    assert_null(read_with(b, "\"r\": \"192.0.2.3:443\""));
    assert_text(b->ev.ip, "192.0.2.3");
    assert_null(read_with(b, "\"r\": \"[2001:db8::1]:443\""));
    assert_text(b->ev.ip, "2001:db8::1");
    assert_null(read_with(b, "\"r\": \"2001:db8::1\""));
    assert_text(b->ev.ip, "2001:db8::1");
}

static void account_records_get_mail_domain_and_name_shape(void **state)
{
    struct bench *b = *state;

    load(b, "{\"name\": \"t\", \"format\": \"jsonl\", \"type\": \"account\", \"fields\": {"
            "\"ts\": \"t\", \"account\": \"a\", \"email_domain\": {\"from\": \"mail\", \"take\": "
            "\"mail_domain\"}, \"name_shape\": {\"from\": \"name\", \"take\": \"shape\"}}}");
    assert_null(read_with(b, "\"mail\": \"jo@mail.example\", \"name\": \"Jo.Doe-42\""));
    assert_int_equal(b->ev.type, RECORD_ACCOUNT);
    assert_text(b->ev.email_domain, "mail.example");
    assert_text(b->ev.name_shape, "aa.aaa-00");
}

static void a_hashed_value_never_leaves_in_the_clear(void **state)
{
    static const char secret[] = "sk-not-a-real-secret";
    struct bench *b = *state;
    char hex[SIPHASH_HEX_SIZE];

    load_fields(b, "\"key\": {\"from\": \"k\", \"hash\": true}");
    siphash_hex(STR("sk-not-a-real-secret"), SECRET, hex);
    assert_null(read_with(b, "\"k\": \"sk-not-a-real-secret\""));
    assert_text(b->ev.key, hex);
    assert_null(memmem(b->ev.key.p, b->ev.key.n, secret, 4));
    assert_true(field_map_hides(b->map));
}

static void a_map_without_hashes_hides_nothing(void **state)
{
    struct bench *b = *state;

    load_fields(b, "\"key\": \"k\"");
    assert_false(field_map_hides(b->map));
    assert_string_equal(field_map_name(b->map), "t");
    assert_false(field_map_has_header(b->map));
}

static void filters_leave_out_what_is_no_exchange(void **state)
{
    struct bench *b = *state;

    load(b, "{\"name\": \"t\", \"format\": \"jsonl\", \"filter\": ["
            "{\"path\": [\"m\", \"n\"], \"exists\": true}, {\"path\": \"kind\", \"not_in\": "
            "[\"health\"]}], \"fields\": {\"ts\": \"t\", \"account\": \"a\"}}");
    assert_null(read_with(b, "\"n\": 1"));
    assert_null(read_with(b, "\"m\": 1, \"kind\": \"chat\""));
    assert_ptr_equal(read_with(b, "\"kind\": \"chat\""), FIELD_MAP_SKIP);
    assert_ptr_equal(read_with(b, "\"m\": 1, \"kind\": \"health\""), FIELD_MAP_SKIP);
}

static void one_line_may_hold_many_records(void **state)
{
    static const char line[] =
        "{\"r\": [{\"who\": \"a\", \"s\": [{\"t\": 1}, {\"t\": 2}]}, {\"s\": "
        "[]}, {\"who\": \"c\", \"s\": [{\"t\": 3}]}]}";
    static const char *const owner[] = {"a", "a", "c"};
    struct bench *b = *state;

    load(b,
         "{\"name\": \"t\", \"format\": \"jsonl\", \"records\": [\"r[*].s[*]\", \"[*]\", \".\"], "
         "\"fields\": {\"ts\": \"t\", \"account\": [\"^who\", \"a\"]}}");
    for (int i = 0; i < 3; i++) {
        assert_null(read_line(b, line));
        assert_int_equal(b->ev.ts, i + 1);
        assert_text(b->ev.account, owner[i]);
        assert_int_equal(b->more, i < 2);
    }
    assert_null(read_line(b, "[{\"t\": 4, \"a\": \"x\"}]"));
    assert_int_equal(b->ev.ts, 4);
    assert_null(read_line(b, "{\"t\": 5, \"a\": \"x\"}"));
    assert_int_equal(b->ev.ts, 5);
    assert_ptr_equal(read_line(b, "{\"r\": []}"), FIELD_MAP_SKIP);
    assert_false(b->more);
}

static void a_refused_record_does_not_hide_the_next_on_its_line(void **state)
{
    static const char line[] = "[{\"a\": \"x\"}, {\"t\": 2, \"a\": \"x\"}]";
    struct bench *b = *state;

    load(b, "{\"name\": \"t\", \"format\": \"jsonl\", \"records\": \"[*]\", "
            "\"fields\": {\"ts\": \"t\", \"account\": \"a\"}}");
    assert_string_equal(read_line(b, line), "`ts` is missing");
    assert_true(b->more);
    assert_null(read_line(b, line));
    assert_false(b->more);
    assert_string_equal(read_line(b, "{}"), "the line has none of the map's `records`");
}

static void broken_lines_are_refused_by_reason(void **state)
{
    struct bench *b = *state;

    load_fields(b, "\"model\": \"m\"");
    assert_string_equal(read_line(b, "plain text"), "not JSON");
    assert_string_equal(read_line(b, "{\"t\": 1"), "the line ends inside its JSON");
    assert_string_equal(read_line(b, "{\"t\": \"\xff\"}"), "invalid UTF-8");
    assert_string_equal(read_line(b, "{\"t\": 1e999}"), "a number is too large");
    assert_false(b->more);
    assert_null(read_with(b, "\"m\": \"fine again\""));
}

static void long_texts_are_cut_or_refused_as_the_contract_says(void **state)
{
    struct bench *b = *state;
    static char members[68 * 1024];
    char filler[1100];

    load_fields(b, "\"model\": \"m\", \"prompt\": \"p\"");
    memset(filler, 'x', sizeof filler - 1);
    filler[sizeof filler - 1] = '\0';
    (void)snprintf(members, sizeof members, "\"m\": \"%s\"", filler);
    assert_string_equal(read_with(b, members), "`model` is longer than 1,024 bytes");
    (void)snprintf(members, sizeof members, "\"p\": \"%*s\"", 66 * 1024, "end");
    assert_null(read_with(b, members));
    assert_int_equal(b->ev.prompt.n, EVENT_TEXT_MAX);
    assert_int_equal(field_map_cut_count(b->reader), 1);
}

/* ---- CSV ---- */

static const char csv_map[] =
    "{\"name\": \"c\", \"format\": \"csv\", \"delimiter\": \";\", \"absent\": [\"\", \"NULL\"], "
    "\"fields\": {\"ts\": {\"from\": \"when (UTC)\", \"time\": \"utc\"}, \"account\": "
    "[\"user.id\", "
    "\"user\"], \"prompt\": {\"from\": \"text\", \"take\": \"last_user\"}, \"turn\": \"n\"}}";

static void csv_columns_are_found_by_their_header(void **state)
{
    struct bench *b = *state;

    load(b, csv_map);
    assert_true(field_map_has_header(b->map));
    assert_null(field_map_header(b->reader, STR("\xef\xbb\xbf"
                                                "text;\"when (UTC)\";user;n\r")));
    assert_null(read_line(b, "\"a \"\"b\"\"; c\";2026-02-01 00:00:00;u1;7\r"));
    assert_int_equal(b->ev.ts, 1769904000000);
    assert_text(b->ev.account, "u1");
    assert_text(b->ev.prompt, "a \"b\"; c");
    assert_int_equal(b->ev.turn, 7);
    assert_null(read_line(b, "NULL;2026-02-01 00:00:01;u2"));
    assert_false(event_has(&b->ev, FIELD_prompt));
    assert_false(event_has(&b->ev, FIELD_turn));
}

static void a_csv_line_that_does_not_fit_is_refused(void **state)
{
    struct bench *b = *state;

    load(b, csv_map);
    assert_null(field_map_header(b->reader, STR("when (UTC);user")));
    assert_string_equal(read_line(b, "2026-02-01;u"), "`ts` is not a time in the map's format");
    assert_string_equal(read_line(b, "1;2;3"), "more cells than the header has columns");
    assert_string_equal(read_line(b, "\"1;2"), "a quoted cell does not end on its line");
    assert_string_equal(read_line(b, "\xff;u"), "invalid UTF-8");
}

static void a_header_without_what_the_map_needs_is_refused(void **state)
{
    struct bench *b = *state;

    load(b, csv_map);
    assert_string_equal(field_map_header(b->reader, STR("time;user")),
                        "the header has none of the columns that the map names for `ts`");
    assert_string_equal(field_map_header(b->reader, STR("when (UTC);who")),
                        "the header has none of the columns that the map names for `account`");
}

#define BENCH_TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_TEST(a_bad_map_is_refused_by_line_and_path),
        BENCH_TEST(a_bad_rule_is_refused_by_line_and_path),
        BENCH_TEST(a_missing_map_file_is_named),
        BENCH_TEST(the_first_candidate_that_exists_wins),
        BENCH_TEST(paths_reach_names_with_dots_and_elements),
        BENCH_TEST(paths_reach_attribute_lists_and_json_inside_text),
        BENCH_TEST(every_time_format_gives_the_same_instant),
        BENCH_TEST(the_common_log_format_is_a_time_too),
        BENCH_TEST(numbers_may_stand_in_text_but_never_half),
        BENCH_TEST(a_candidate_of_the_wrong_type_refuses_the_record),
        BENCH_TEST(constants_translations_and_otherwise_fill_in),
        BENCH_TEST(latency_is_scaled_or_measured_between_two_times),
        BENCH_TEST(messages_give_prompt_system_turn_and_images),
        BENCH_TEST(one_candidate_may_be_taken_differently_from_the_next),
        BENCH_TEST(account_records_get_mail_domain_and_name_shape),
        BENCH_TEST(a_hashed_value_never_leaves_in_the_clear),
        BENCH_TEST(a_map_without_hashes_hides_nothing),
        BENCH_TEST(filters_leave_out_what_is_no_exchange),
        BENCH_TEST(one_line_may_hold_many_records),
        BENCH_TEST(a_refused_record_does_not_hide_the_next_on_its_line),
        BENCH_TEST(broken_lines_are_refused_by_reason),
        BENCH_TEST(long_texts_are_cut_or_refused_as_the_contract_says),
        BENCH_TEST(csv_columns_are_found_by_their_header),
        BENCH_TEST(a_csv_line_that_does_not_fit_is_refused),
        BENCH_TEST(a_header_without_what_the_map_needs_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
