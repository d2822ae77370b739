/* Every shipped map reads its sample: see tests/event/maps/README.md for how those were made. */
#include "event/field_map.h"
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECORDS_MAX = 8, LINE_MAX_BYTES = 64 * 1024, TEXTS_MAX = 8 };

/* The texts of one record, kept beyond the reader's next call. */
struct kept {
    const char *refused;
    struct api_event ev;
    char text[FIELD_COUNT][256];
};

struct sample {
    uint32_t count;
    struct kept record[RECORDS_MAX];
};

static void keep(struct kept *k, const char *refused, const struct api_event *ev)
{
    k->refused = refused;
    k->ev = *ev;
    for (uint32_t f = 0; f < FIELD_COUNT; f++) {
        struct str s;

        if (!event_has(ev, f) ||
            (field_info[f].kind != KIND_STR && field_info[f].kind != KIND_TEXT))
            continue;
        memcpy(&s, (const char *)ev + field_info[f].offset, sizeof s);
        assert_in_range(s.n, 0, sizeof k->text[f] - 1);
        memcpy(k->text[f], s.p, s.n);
    }
}

static void read_sample(const char *map_name, const char *sample_name, struct sample *out)
{
    static char line[LINE_MAX_BYTES];
    char path[512];
    struct err err = {""};
    struct field_map *map = NULL;
    struct field_map_reader *reader;
    FILE *f;

    memset(out, 0, sizeof *out);
    (void)snprintf(path, sizeof path, "event/maps/%s.json", map_name);
    (void)field_map_load(source_path(path), &map, &err);
    assert_string_equal(err.text, "");
    assert_string_equal(field_map_name(map), map_name);
    assert_int_equal(field_map_reader_new(map, 1, &reader), 0);
    (void)snprintf(path, sizeof path, "tests/event/maps/%s", sample_name);
    f = fopen(source_path(path), "r");
    assert_non_null(f);
    if (field_map_has_header(map)) {
        assert_non_null(fgets(line, sizeof line, f));
        line[strcspn(line, "\n")] = '\0';
        assert_null(field_map_header(reader, str_of(line)));
    }
    while (fgets(line, sizeof line, f)) {
        struct api_event ev;
        bool more;

        line[strcspn(line, "\n")] = '\0';
        do {
            const char *refused = field_map_read(reader, str_of(line), &ev, &more);

            assert_in_range(out->count, 0, RECORDS_MAX - 1);
            keep(&out->record[out->count++], refused, &ev);
        } while (more);
    }
    assert_int_equal(fclose(f), 0);
    field_map_reader_free(reader);
    field_map_free(map);
}

#define assert_field(record, field, expected)                                                      \
    do {                                                                                           \
        assert_null((record)->refused);                                                            \
        assert_true(event_has(&(record)->ev, FIELD_##field));                                      \
        assert_string_equal((record)->text[FIELD_##field], (expected));                            \
    } while (0)
#define assert_number(record, field, expected)                                                     \
    do {                                                                                           \
        assert_true(event_has(&(record)->ev, FIELD_##field));                                      \
        assert_int_equal((record)->ev.field, (expected));                                          \
    } while (0)
#define assert_absent(record, field) assert_false(event_has(&(record)->ev, FIELD_##field))

/* Between 2025 and 2035: the samples carry the time at which they were made. */
static void assert_recent(const struct kept *k)
{
    assert_in_range(k->ev.ts, 1735689600000, 2051222400000);
}

static void litellm_reads_its_payload(void **state)
{
    struct sample s;
    const struct kept *one = &s.record[0], *two = &s.record[1], *three = &s.record[2];

    (void)state;
    read_sample("litellm", "litellm.jsonl", &s);
    assert_int_equal(s.count, 3);
    assert_recent(one);
    assert_field(one, account, "user-1");
    assert_field(one, key, "0000000000000000000000000000000000000000000000000000000000000001");
    assert_field(one, org, "org-example");
    assert_field(one, ip, "192.0.2.17");
    assert_field(one, user_agent, "OpenAI/Python 1.40.0");
    assert_field(one, model, "gpt-4o-mini");
    assert_field(one, prompt, "Which river flows through Paris?");
    assert_field(one, system, "Answer in one word.");
    assert_number(one, input_tokens, 10);
    assert_number(one, output_tokens, 20);
    assert_number(one, max_tokens, 16);
    assert_number(one, turn, 0);
    assert_number(one, status, 200);
    assert_number(one, refused, false);
    assert_near(one->ev.temperature, 0.2, 1e-12);
    assert_absent(one, session);
    assert_field(two, prompt, "And through London?");
    assert_number(two, turn, 1);
    assert_number(two, images, 1);
    assert_number(two, tools, 1);
    assert_number(two, stream, true);
    assert_field(three, account, "user-2");
    assert_field(three, ip, "2001:db8::2");
    assert_number(three, status, 429);
}

static void otel_reads_current_otlp_lines(void **state)
{
    struct sample s;
    const struct kept *one = &s.record[0], *two = &s.record[1], *http = &s.record[2];

    (void)state;
    read_sample("otel-genai", "otel-genai-current.jsonl", &s);
    assert_int_equal(s.count, 3);
    assert_recent(one);
    assert_field(one, account, "u1");
    assert_field(one, org, "org-example");
    assert_field(one, ip, "192.0.2.17");
    assert_field(one, model, "gpt-4o-mini");
    assert_field(one, session, "c-u1");
    assert_field(one, prompt, "Which river flows through Paris?");
    assert_field(one, system, "Answer in one word.");
    assert_number(one, input_tokens, 21);
    assert_number(one, output_tokens, 3);
    assert_number(one, max_tokens, 16);
    assert_number(one, status, 200);
    assert_number(one, refused, false);
    assert_in_range(one->ev.latency_ms, 1, 60000);
    assert_field(two, account, "u2");
    assert_number(two, status, 429);
    assert_absent(two, refused);
    assert_ptr_equal(http->refused, FIELD_MAP_SKIP);
}

/* What the SDK's OTLP/HTTP exporters post: the same exchange as a span and as an event. */
static void otel_reads_posted_spans_and_events_alike(void **state)
{
    static const char *const name[] = {"otlp-traces.json", "otlp-logs.json"};
    static struct sample sample[2];

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        const struct kept *one = &sample[i].record[0], *two = &sample[i].record[1];

        read_sample("otel-genai", name[i], &sample[i]);
        assert_int_equal(sample[i].count, i == 0 ? 3 : 2); /* the gateway's own span */
        assert_null(one->refused);
        assert_recent(one);
        assert_field(one, account, "u1");
        assert_field(one, org, "org-example");
        assert_field(one, ip, "192.0.2.17");
        assert_field(one, model, "gpt-4o-mini");
        assert_field(one, session, "c-u1");
        assert_field(one, prompt, "Which river flows through Paris?");
        assert_field(one, system, "Answer in one word.");
        assert_number(one, input_tokens, 21);
        assert_number(one, output_tokens, 3);
        assert_field(two, account, "u2");
    }
    for (unsigned i = 0; i < 2; i++) /* who sends both is counted once */
        assert_string_equal(sample[0].record[i].text[FIELD_id], sample[1].record[i].text[FIELD_id]);
}

static void otel_reads_older_otlp_lines(void **state)
{
    struct sample s;
    const struct kept *one = &s.record[0];

    (void)state;
    read_sample("otel-genai", "otel-genai-older.jsonl", &s);
    assert_int_equal(s.count, 3);
    assert_field(one, account, "u1");
    assert_field(one, model, "gpt-4o-mini");
    assert_number(one, input_tokens, 21);
    assert_number(one, output_tokens, 3);
    assert_absent(one, prompt);
    assert_number(&s.record[1], status, 429);
    assert_ptr_equal(s.record[2].refused, FIELD_MAP_SKIP);
}

static void otel_reads_flat_spans_with_the_oldest_names(void **state)
{
    struct sample s;
    const struct kept *old = &s.record[0], *now = &s.record[1];

    (void)state;
    read_sample("otel-genai", "otel-genai-console.jsonl", &s);
    assert_int_equal(s.count, 3);
    assert_recent(old);
    assert_field(old, account, "u3");
    assert_field(old, org, "org-example");
    assert_field(old, prompt, "Name a bird.");
    assert_number(old, input_tokens, 40);
    assert_number(old, output_tokens, 7);
    assert_number(old, refused, true);
    assert_field(now, account, "u4");
    assert_field(now, system, "Be brief.");
    assert_field(now, prompt, "Another?");
    assert_number(now, turn, 1);
    assert_number(now, images, 1);
    assert_number(now, tools, 1);
    assert_number(now, cached_tokens, 4);
    assert_number(now, stream, true);
    assert_ptr_equal(s.record[2].refused, FIELD_MAP_SKIP);
}

static void envoy_reads_both_generations_of_names(void **state)
{
    struct sample s;
    const struct kept *one = &s.record[0], *two = &s.record[1];

    (void)state;
    read_sample("envoy-ai-gateway", "envoy-ai-gateway.jsonl", &s);
    assert_int_equal(s.count, 3);
    assert_int_equal(one->ev.ts, 1756572697894);
    assert_field(one, account, "192.0.2.38");
    assert_field(one, ip, "192.0.2.38");
    assert_field(one, model, "gpt-4o-mini");
    assert_field(one, id, "83b63da3-45a9-4196-98b8-1a7f697d6d8d");
    assert_number(one, input_tokens, 15);
    assert_number(one, output_tokens, 7);
    assert_number(one, status, 200);
    assert_number(one, latency_ms, 1526);
    assert_field(two, account, "user-7");
    assert_field(two, ip, "2001:db8::5");
    assert_field(two, session, "s-1");
    assert_number(two, input_tokens, 31);
    assert_number(two, status, 429);
    assert_ptr_equal(s.record[2].refused, FIELD_MAP_SKIP);
}

static void nginx_reads_the_request_body_and_hides_credentials(void **state)
{
    struct sample s;
    const struct kept *one = &s.record[0], *two = &s.record[1];

    (void)state;
    read_sample("nginx-json", "nginx-json.jsonl", &s);
    assert_int_equal(s.count, 3);
    assert_recent(one);
    assert_field(one, ip, "192.0.2.17");
    assert_field(one, model, "model-a");
    assert_field(one, prompt, "Which river flows through K\xc3\xb6ln?");
    assert_field(one, system, "Answer in \"one\" word.");
    assert_number(one, max_tokens, 64);
    assert_number(one, tools, 1);
    assert_number(one, stream, true);
    assert_number(one, latency_ms, 1);
    assert_int_equal(strlen(one->text[FIELD_key]), 32);
    assert_string_equal(one->text[FIELD_account], one->text[FIELD_key]);
    assert_string_not_equal(one->text[FIELD_key], two->text[FIELD_key]);
    for (uint32_t f = 0; f < FIELD_COUNT; f++)
        assert_null(strstr(one->text[f], "secret"));
    assert_field(two, system, "Be brief.");
    assert_number(two, status, 429);
    assert_ptr_equal(s.record[2].refused, FIELD_MAP_SKIP);
}

static void csv_reads_commonplace_columns(void **state)
{
    struct sample s;
    const struct kept *one = &s.record[0], *two = &s.record[1];

    (void)state;
    read_sample("csv-generic", "csv-generic.csv", &s);
    assert_int_equal(s.count, 2);
    assert_int_equal(one->ev.ts, 1769940000250);
    assert_field(one, account, "u-1");
    assert_field(one, prompt, "Name a \"river\", please");
    assert_number(one, input_tokens, 120);
    assert_number(one, latency_ms, 900);
    assert_field(two, ip, "192.0.2.2");
    assert_field(two, prompt,
                 "Gr\xc3\xbc\xc3\x9f"
                 "e aus K\xc3\xb6ln");
    assert_absent(two, output_tokens);
    assert_int_equal(strlen(two->text[FIELD_account]), 32);
    assert_null(strstr(two->text[FIELD_account], "secret"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(litellm_reads_its_payload),
        cmocka_unit_test(otel_reads_current_otlp_lines),
        cmocka_unit_test(otel_reads_posted_spans_and_events_alike),
        cmocka_unit_test(otel_reads_older_otlp_lines),
        cmocka_unit_test(otel_reads_flat_spans_with_the_oldest_names),
        cmocka_unit_test(envoy_reads_both_generations_of_names),
        cmocka_unit_test(nginx_reads_the_request_body_and_hides_credentials),
        cmocka_unit_test(csv_reads_commonplace_columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
