#include "event/event_json.h"
#include "tests/support.h"
#include "tools/command.h"
#include "tools/truth.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Runs the command on a small slice of the quickstart. Up to four more arguments; NULL: none. */
static int simulate(char *a, char *b, char *c, char *d)
{
    char scenario[512];
    char *argv[] = {"simulate", scenario, "--scale", "0.05", "--days", "1",
                    "--quiet",  a,        b,         c,      d,        NULL};
    int argc = 0;

    (void)snprintf(scenario, sizeof scenario, "%s", source_path("scenarios/quickstart.json"));
    while (argv[argc])
        argc++;
    return cmd_simulate(argc, argv);
}

static char *content(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    char *text;

    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    *size = (size_t)ftell(f);
    rewind(f);
    text = malloc(*size + 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, *size, f), *size);
    text[*size] = '\0';
    (void)fclose(f);
    return text;
}

/* Reads all lines; every one must be a record. Counts lines, and those with the field. */
static uint32_t lines_of(const char *path, enum field field, uint32_t *with)
{
    struct event_json *reader = NULL;
    size_t size;
    char *text = content(path, &size), *line = text;
    uint32_t count = 0;

    *with = 0;
    assert_int_equal(event_json_new(&reader), 0);
    while (line < text + size) {
        char *end = strchr(line, '\n');
        struct api_event ev;

        assert_non_null(end);
        assert_null(event_json_read(reader, (struct str){line, (uint32_t)(end - line)}, &ev));
        *with += event_has(&ev, field);
        count++;
        line = end + 1;
    }
    event_json_free(reader);
    free(text);
    return count;
}

static void the_same_bytes_come_from_any_number_of_threads(void **state)
{
    size_t n, m;
    char *one, *other;

    (void)state;
    assert_int_equal(simulate("--events", test_folder_path("one"), "--threads", "1"), EXIT_DONE);
    assert_int_equal(simulate("--events", test_folder_path("five"), "--threads", "5"), EXIT_DONE);
    one = content(test_folder_path("one"), &n);
    other = content(test_folder_path("five"), &m);
    assert_int_equal(n, m);
    assert_memory_equal(one, other, n);
    free(one);
    free(other);
}

static void events_are_records_and_truth_knows_their_accounts(void **state)
{
    struct truth *truth = NULL;
    struct event_json *reader = NULL;
    struct err err = {""};
    size_t size;
    char *text, *line;

    (void)state;
    assert_int_equal(simulate("--events", test_folder_path("e"), "--truth", test_folder_path("t")),
                     EXIT_DONE);
    assert_int_equal(truth_read(test_folder_path("t"), &truth, &err), 0);
    assert_int_equal(event_json_new(&reader), 0);
    text = content(test_folder_path("e"), &size);
    for (line = text; line < text + size; line = strchr(line, '\n') + 1) {
        struct str s = {line, (uint32_t)(strchr(line, '\n') - line)};
        struct api_event ev;

        assert_null(event_json_read(reader, s, &ev));
        if (event_has(&ev, FIELD_account))
            assert_true(truth_find(truth, ev.account) != TRUTH_NONE);
    }
    event_json_free(reader);
    truth_free(truth);
    free(text);
}

static void sketches_stand_for_prompts(void **state)
{
    uint32_t prompts, sketches, none;

    (void)state;
    assert_int_equal(simulate("--events", test_folder_path("p"), NULL, NULL), EXIT_DONE);
    (void)lines_of(test_folder_path("p"), FIELD_prompt, &prompts);
    assert_int_equal(simulate("--events", test_folder_path("s"), "--sketch", NULL), EXIT_DONE);
    (void)lines_of(test_folder_path("s"), FIELD_sketch, &sketches);
    (void)lines_of(test_folder_path("s"), FIELD_prompt, &none);
    assert_true(prompts > 0);
    assert_int_equal(sketches, prompts);
    assert_int_equal(none, 0);
}

static void no_text_leaves_out_both(void **state)
{
    uint32_t prompts, sketches;

    (void)state;
    assert_int_equal(simulate("--events", test_folder_path("n"), "--no-text", NULL), EXIT_DONE);
    (void)lines_of(test_folder_path("n"), FIELD_prompt, &prompts);
    (void)lines_of(test_folder_path("n"), FIELD_sketch, &sketches);
    assert_int_equal(prompts + sketches, 0);
}

static void a_limit_is_kept(void **state)
{
    uint32_t with;

    (void)state;
    assert_int_equal(simulate("--events", test_folder_path("l"), "--limit", "100"), EXIT_DONE);
    assert_int_equal(lines_of(test_folder_path("l"), FIELD_ts, &with), 100);
}

/* What the command says to stderr is not of interest here. */
static int quietly(char *a, char *b, char *c, char *d)
{
    int keep = dup(STDERR_FILENO), nothing = open("/dev/null", O_WRONLY), r;

    (void)fflush(stderr);
    (void)dup2(nothing, STDERR_FILENO);
    r = simulate(a, b, c, d);
    (void)fflush(stderr);
    (void)dup2(keep, STDERR_FILENO);
    (void)close(keep);
    (void)close(nothing);
    return r;
}

static void a_full_disk_is_a_failure(void **state)
{
    (void)state;
    assert_int_equal(quietly("--events", "/dev/full", NULL, NULL), EXIT_FAILED);
}

static void wrong_usage_is_invalid(void **state)
{
    (void)state;
    assert_int_equal(quietly(NULL, NULL, NULL, NULL), EXIT_INVALID);
    assert_int_equal(quietly("--events", "-", "--truth", "-"), EXIT_INVALID);
    assert_int_equal(quietly("--events", "/dev/null", "--seed", "-3"), EXIT_INVALID);
    assert_int_equal(quietly("--events", "/dev/null", "--days", "0"), EXIT_INVALID);
    assert_int_equal(quietly("--events", "/dev/null", "--sketch", "--no-text"), EXIT_INVALID);
    assert_int_equal(quietly("another.json", "--events", "/dev/null", NULL), EXIT_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_bytes_come_from_any_number_of_threads),
        cmocka_unit_test(events_are_records_and_truth_knows_their_accounts),
        cmocka_unit_test(sketches_stand_for_prompts),
        cmocka_unit_test(no_text_leaves_out_both),
        cmocka_unit_test(a_limit_is_kept),
        cmocka_unit_test(a_full_disk_is_a_failure),
        cmocka_unit_test(wrong_usage_is_invalid),
    };

    return cmocka_run_group_tests(tests, test_folder_make, test_folder_drop);
}
