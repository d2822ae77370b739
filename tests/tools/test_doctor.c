#include "tests/support.h"
#include "tools/doctor_propose.h"
#include "tools/doctor_report.h"
#include "tools/map_path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

CLEANUP_DEFINE(struct field_map, field_map_free)

/* ---- maps by name ---- */

static void a_bare_name_is_a_shipped_map(void **state)
{
    AUTO(field_map_free) struct field_map *map = NULL;
    struct err err = {""};

    (void)state;
    assert_int_equal(map_path_load("litellm", &map, &err), 0);
    assert_string_equal(field_map_name(map), "litellm");
}

static void a_path_is_a_file(void **state)
{
    AUTO(field_map_free) struct field_map *map = NULL;
    struct err err = {""};

    (void)state;
    assert_int_equal(map_path_load(source_path("event/maps/csv-generic.json"), &map, &err), 0);
    assert_string_equal(field_map_name(map), "csv-generic");
}

static void an_unknown_name_lists_the_shipped_ones(void **state)
{
    struct field_map *map = NULL;
    struct err err = {""};

    (void)state;
    assert_int_equal(map_path_load("litelm", &map, &err), -ENOENT);
    assert_string_equal(err.text, "no field map 'litelm'; did you mean 'litellm'? There are: "
                                  "csv-generic envoy-ai-gateway litellm nginx-json otel-genai");
}

static void shipped_maps_are_named_in_order(void **state)
{
    char path[MAP_PATH_SIZE];
    char *names[MAP_NAMES_MAX];
    uint32_t count = map_path_names(names);

    (void)state;
    assert_int_equal(count, 5);
    assert_string_equal(names[0], "csv-generic");
    assert_string_equal(names[4], "otel-genai");
    assert_non_null(strstr(map_path_shipped("litellm", path), "maps/litellm.json"));
    for (uint32_t i = 0; i < count; i++)
        free(names[i]);
}

/* ---- what is shown ---- */

static void assert_masked(const char *value, bool is_text, const char *shown)
{
    char example[DOCTOR_EXAMPLE_SIZE];

    doctor_mask(str_of(value), is_text, example);
    assert_string_equal(example, shown);
}

static void prompts_secrets_and_people_are_masked(void **state)
{
    (void)state;
    assert_masked("acct-17", false, "acct-17");
    assert_masked("Tell me", true, "(text, 7 bytes)");
    assert_masked("sk-abc", false, "(secret, 6 bytes)");
    assert_masked("Bearer abc", false, "(secret, 10 bytes)");
    assert_masked("aB3dE5fG7hI9jK1lM3nO", false, "(secret, 20 bytes)");
    assert_masked("jo.doe@mail.example", false, "...@mail.example");
    assert_masked("\033[2J", false, "(text, 4 bytes)");
    assert_masked("a name that is far too long to be only a name", false, "(text, 45 bytes)");
}

static void ids_and_paths_are_no_secrets(void **state)
{
    (void)state;
    assert_false(doctor_is_secret(STR("7d7c9f5c-3f0a-4a68-9b3e-0a54f4f8c111")));
    assert_false(doctor_is_secret(STR("/v1/chat/Completions/Model2026")));
    assert_false(doctor_is_secret(STR("gpt-4o-mini")));
    assert_true(doctor_is_secret(STR("sk-1")));
}

/* ---- samples ---- */

struct bench {
    char *folder;
    struct doctor_sample *sample;
};

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);

    assert_non_null(b);
    b->folder = temp_folder_new();
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;

    doctor_sample_free(b->sample);
    temp_folder_remove(b->folder);
    free(b);
    return 0;
}

static const struct doctor_sample *sample(struct bench *b, const char *text, uint32_t lines)
{
    struct err err = {""};

    doctor_sample_free(b->sample);
    b->sample = NULL;
    assert_int_equal(
        doctor_sample_read(temp_file(b->folder, "log", text, SIZE_MAX), lines, &b->sample, &err),
        0);
    return b->sample;
}

static void a_sample_is_the_first_lines_that_are_not_blank(void **state)
{
    const struct doctor_sample *s = sample(*state, "one\r\n\n  \ntwo\nthree", 9);

    assert_int_equal(s->count, 3);
    assert_true(s->whole);
    assert_true(str_eq(s->line[0], STR("one")));
    assert_true(str_eq(s->line[2], STR("three")));
    s = sample(*state, "one\ntwo\nthree\n", 2);
    assert_int_equal(s->count, 2);
    assert_false(s->whole);
}

static void a_missing_log_is_named(void **state)
{
    struct doctor_sample *s = NULL;
    struct err err = {""};

    (void)state;
    assert_int_equal(doctor_sample_read("no/such.log", 5, &s, &err), -ENOENT);
    assert_non_null(strstr(err.text, "no/such.log"));
}

/* ---- fit ---- */

static void a_fit_counts_fields_refusals_and_families(void **state)
{
    const struct doctor_sample *s =
        sample(*state,
               "{\"ts\":1,\"account\":\"a\",\"ip\":\"192.0.2.1\",\"prompt\":\"hello there\"}\n"
               "{\"ts\":0,\"account\":\"b\"}\n{\"ts\":2}\nnot json\n{\"ts\":3}\n",
               99);
    struct doctor_fit fit;

    assert_int_equal(doctor_fit(s, NULL, &fit), 0);
    assert_int_equal(fit.records, 5);
    assert_int_equal(fit.exchanges, 2);
    assert_int_equal(fit.refused, 3);
    assert_int_equal(fit.field[FIELD_account].count, 2);
    assert_int_equal(fit.field[FIELD_ip].count, 1);
    assert_string_equal(fit.field[FIELD_prompt].example, "(text, 11 bytes)");
    assert_string_equal(fit.reason[0].text, "`account` is missing");
    assert_int_equal(fit.reason[0].count, 2);
    assert_near(fit.coverage.share[FAMILY_network], 0.5, 1e-12);
    assert_near(fit.coverage.share[FAMILY_content], 0.5, 1e-12);
    assert_near(fit.coverage.share[FAMILY_payment], 0.0, 0.0);
    assert_int_equal(doctor_fit_fill(&fit), 6);
}

static void a_header_that_lacks_a_column_refuses_everything(void **state)
{
    AUTO(field_map_free) struct field_map *map = NULL;
    const struct doctor_sample *s = sample(*state, "color,size\nred,1\n", 99);
    struct doctor_fit fit;
    struct err err;

    assert_int_equal(map_path_load("csv-generic", &map, &err), 0);
    assert_int_equal(doctor_fit(s, map, &fit), 0);
    assert_int_equal(fit.records, 1);
    assert_int_equal(fit.refused, 1);
}

static void every_family_says_what_it_needs(void **state)
{
    (void)state;
    assert_non_null(strstr(doctor_family_needs(FAMILY_payment), "`payment`"));
    assert_null(doctor_family_needs(FAMILY_timing));
}

/* ---- columns and proposals ---- */

static const struct doctor_column *column(const struct doctor_columns *c, const char *path)
{
    for (uint32_t i = 0; i < c->count; i++)
        if (strcmp(c->column[i].path, path) == 0)
            return &c->column[i];
    fail_msg("no column %s", path);
    return NULL;
}

static void columns_are_told_apart_by_look(void **state)
{
    static const struct {
        const char *path;
        enum doctor_shape shape;
    } expected[] = {
        {"a", SHAPE_RFC3339},  {"b", SHAPE_EPOCH},  {"c", SHAPE_IP_PORT},  {"d", SHAPE_IP_LIST},
        {"e", SHAPE_MODEL},    {"f", SHAPE_SECRET}, {"g.h", SHAPE_NUM},    {"g[i.j]", SHAPE_BOOL},
        {"k", SHAPE_TEXT},     {"l", SHAPE_WORD},   {"m", SHAPE_MESSAGES}, {"n", SHAPE_LIST},
        {"o[p.q]", SHAPE_INT}, {"r.s", SHAPE_INT},  {"t", SHAPE_UTC},      {"u", SHAPE_CLF},
    };
    const struct doctor_sample *s = sample(
        *state,
        "{\"a\":\"2026-02-01T00:00:00Z\",\"b\":1769904000,\"c\":\"192.0.2.1:80\","
        "\"d\":\"192.0.2.1, "
        "192.0.2.2\",\"e\":\"gpt-4o\",\"f\":\"sk-x\",\"g\":{\"h\":0.5,\"i.j\":true},"
        "\"k\":\"two words\",\"l\":\"word\",\"m\":[{\"role\":\"user\"}],\"n\":[1],"
        "\"o\":[{\"key\":\"p.q\",\"value\":{\"intValue\":\"5\"}}],\"r\":\"{\\\"s\\\":1}\","
        "\"t\":\"2026-02-01 00:00:00\",\"u\":\"01/Feb/2026:02:00:00 +0200\",\"null\":null}\n",
        9);
    struct doctor_columns c;

    assert_int_equal(doctor_columns_read(s, &c), 0);
    assert_false(c.csv);
    assert_int_equal(c.count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_int_equal(doctor_column_shape(column(&c, expected[i].path)), expected[i].shape);
    doctor_columns_deinit(&c);
}

static void csv_is_recognised_by_its_delimiter(void **state)
{
    const struct doctor_sample *s = sample(*state,
                                           "\xef\xbb\xbf"
                                           "when;who\n2026-02-01 00:00:00;\"a;b\"\n;-\n",
                                           9);
    struct doctor_columns c;

    assert_int_equal(doctor_columns_read(s, &c), 0);
    assert_true(c.csv);
    assert_int_equal(c.delimiter, ';');
    assert_int_equal(c.records, 2);
    assert_int_equal(column(&c, "when")->seen, 1);
    assert_int_equal(column(&c, "who")->seen, 1);
    doctor_columns_deinit(&c);
    assert_int_equal(doctor_columns_read(sample(*state, "plain words\n", 9), &c), -EINVAL);
    doctor_columns_deinit(&c);
}

/* The proposal's fields as one line of JSON. */
static char *proposed_fields(struct bench *b, const char *log, const char **missing)
{
    struct doctor_columns c;
    json_t *map;
    char *text;

    assert_int_equal(doctor_columns_read(sample(b, log, 9), &c), 0);
    map = doctor_propose(&c, "proposed", missing);
    assert_non_null(map);
    text = json_dumps(json_object_get(map, "fields"), JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(map);
    doctor_columns_deinit(&c);
    return text;
}

static void a_proposal_goes_by_names_and_looks(void **state)
{
    const char *missing;
    char *text = proposed_fields(
        *state,
        "{\"when\":\"2026-02-01T10:00:00Z\",\"customer\":{\"id\":4711},\"auth\":\"sk-x\","
        "\"peer\":\"192.0.2.9:41\",\"usage\":{\"promptTokens\":17,\"completionTokens\":5},"
        "\"took\":1.25,\"code\":200}\n",
        &missing);

    assert_null(missing);
    assert_string_equal(text,
                        "{\"account\":\"customer.id\",\"input_tokens\":\"usage.promptTokens\","
                        "\"ip\":{\"from\":\"peer\",\"take\":\"host\"},"
                        "\"key\":{\"from\":\"auth\",\"hash\":true},"
                        "\"latency_ms\":{\"from\":\"took\",\"scale\":1000.0},"
                        "\"output_tokens\":\"usage.completionTokens\",\"status\":\"code\","
                        "\"ts\":{\"from\":\"when\",\"time\":\"any\"}}");
    free(text);
}

static void without_a_caller_the_hashed_credential_stands_in(void **state)
{
    const char *missing;
    char *text = proposed_fields(*state, "{\"ts\":1769904000,\"token\":\"sk-x\"}\n", &missing);

    assert_null(missing);
    assert_string_equal(text, "{\"account\":{\"from\":\"token\",\"hash\":true},"
                              "\"key\":{\"from\":\"token\",\"hash\":true},"
                              "\"ts\":{\"from\":\"ts\",\"time\":\"any\"}}");
    free(text);
}

static void what_cannot_be_found_is_named(void **state)
{
    const char *missing;
    char *text = proposed_fields(*state, "{\"user\":\"a\",\"color\":\"red\"}\n", &missing);

    assert_string_equal(missing, "ts");
    free(text);
}

#define SAMPLE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bare_name_is_a_shipped_map),
        cmocka_unit_test(a_path_is_a_file),
        cmocka_unit_test(an_unknown_name_lists_the_shipped_ones),
        cmocka_unit_test(shipped_maps_are_named_in_order),
        cmocka_unit_test(prompts_secrets_and_people_are_masked),
        cmocka_unit_test(ids_and_paths_are_no_secrets),
        SAMPLE_TEST(a_sample_is_the_first_lines_that_are_not_blank),
        cmocka_unit_test(a_missing_log_is_named),
        SAMPLE_TEST(a_fit_counts_fields_refusals_and_families),
        SAMPLE_TEST(a_header_that_lacks_a_column_refuses_everything),
        cmocka_unit_test(every_family_says_what_it_needs),
        SAMPLE_TEST(columns_are_told_apart_by_look),
        SAMPLE_TEST(csv_is_recognised_by_its_delimiter),
        SAMPLE_TEST(a_proposal_goes_by_names_and_looks),
        SAMPLE_TEST(without_a_caller_the_hashed_credential_stands_in),
        SAMPLE_TEST(what_cannot_be_found_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
