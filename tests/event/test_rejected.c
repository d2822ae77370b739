#include "event/rejected.h"
#include "tests/support.h"

#include <errno.h>
#include <string.h>

/* What the file holds after refusing this line. */
static void assert_written(const char *source, struct str line, const char *expected)
{
    char *folder = temp_folder_new();
    const char *path = temp_file(folder, "rejected.jsonl", "", 0);
    AUTO(rejected_free) struct rejected *rejected = NULL;
    char text[2048];
    struct err err = {""};
    size_t n;

    assert_int_equal(rejected_new(path, &rejected, &err), 0);
    rejected_put(rejected, source, 3, "not a record", line);
    assert_int_equal(rejected_end(rejected, &err), 0);
    {
        AUTO_FCLOSE FILE *file = fopen(path, "r");

        n = fread(text, 1, sizeof text - 1, file);
    }
    text[n] = '\0';
    assert_string_equal(text, expected);
    temp_folder_remove(folder);
}

static void a_line_is_told_with_source_number_and_reason(void **state)
{
    (void)state;
    assert_written("a.log", STR("x \"y\""),
                   "{\"source\":\"a.log\",\"line\":3,\"reason\":\"not a record\","
                   "\"text\":\"x \\\"y\\\"\"}\n");
}

static void what_is_not_utf8_is_replaced(void **state)
{
    (void)state;
    /* Stray, overlong, surrogate, beyond Unicode, cut off, and one that is right. */
    assert_written("s", STR("\xFF\xC0\x80|\xED\xA0\x80|\xF4\x90\x80\x80|\xE2\x82|\xE2\x82\xAC"),
                   "{\"source\":\"s\",\"line\":3,\"reason\":\"not a record\",\"text\":\""
                   "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD|"
                   "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD|"
                   "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD|"
                   "\xEF\xBF\xBD\xEF\xBF\xBD|\xE2\x82\xAC\"}\n");
    assert_written("\xFE", STR(""),
                   "{\"source\":\"\xEF\xBF\xBD\",\"line\":3,\"reason\":\"not a record\","
                   "\"text\":\"\"}\n");
}

static void a_line_that_must_not_be_shown_is_null(void **state)
{
    (void)state;
    assert_written("s", (struct str){NULL, 0},
                   "{\"source\":\"s\",\"line\":3,\"reason\":\"not a record\",\"text\":null}\n");
}

static void only_the_beginning_is_kept_and_cut_between_characters(void **state)
{
    char line[300], expected[400];

    (void)state;
    memset(line, 'a', sizeof line);
    memcpy(line + REJECTED_TEXT_MAX - 2, "\xE2\x82\xAC", 3); /* would end one byte too late */
    (void)snprintf(expected, sizeof expected,
                   "{\"source\":\"s\",\"line\":3,\"reason\":\"not a record\",\"text\":\"%.*s\"}\n",
                   REJECTED_TEXT_MAX - 2, line);
    assert_written("s", (struct str){line, sizeof line}, expected);
}

static void a_full_disk_is_told_with_the_path(void **state)
{
    AUTO(rejected_free) struct rejected *rejected = NULL;
    struct err err = {""};

    (void)state;
    assert_int_equal(rejected_new("/dev/full", &rejected, &err), 0);
    rejected_put(rejected, "s", 1, "not a record", STR("x"));
    assert_int_equal(rejected_error(rejected, &err), 0); /* not written yet */
    assert_int_equal(rejected_end(rejected, &err), -ENOSPC);
    assert_string_equal(err.text, "/dev/full: No space left on device");
    assert_int_equal(rejected_error(rejected, &err), -ENOSPC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_told_with_source_number_and_reason),
        cmocka_unit_test(what_is_not_utf8_is_replaced),
        cmocka_unit_test(a_line_that_must_not_be_shown_is_null),
        cmocka_unit_test(only_the_beginning_is_kept_and_cut_between_characters),
        cmocka_unit_test(a_full_disk_is_told_with_the_path),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
