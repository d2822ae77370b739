#include "tests/support.h"
#include "tools/recognise.h"

#include <errno.h>
#include <string.h>

/* The kind of a file with this content, or the negative errno. */
static int kind_of(const char *content, size_t size)
{
    char *folder = temp_folder_new();
    enum file_kind kind;
    struct err err = {""};
    int r = file_recognise(temp_file(folder, "file", content, size), &kind, &err);

    temp_folder_remove(folder);
    assert_true(r == 0 || err.text[0]);
    return r < 0 ? r : (int)kind;
}

static void a_whole_object_is_told_by_its_keys(void **state)
{
    (void)state;
    assert_int_equal(kind_of("{\n\"campaigns\": []}", SIZE_MAX), FILE_SCENARIO);
    assert_int_equal(kind_of("{\"name\": 1, \"fields\": {}}", SIZE_MAX), FILE_FIELD_MAP);
    assert_int_equal(kind_of("{\"policy\": \"p\"}", SIZE_MAX), FILE_POLICY);
    assert_int_equal(kind_of("{\"base_rate\": 0.1}", SIZE_MAX), FILE_CONFIG);
    assert_int_equal(kind_of("{\"base_rat\": 0.1}", SIZE_MAX), FILE_CONFIG); /* meant to be */
    assert_int_equal(kind_of("{\"$schema\": \"x\", \"properties\": {}}", SIZE_MAX), FILE_SCHEMA);
    assert_int_equal(kind_of("{\"ts\": 1, \"account\": \"a\"}", SIZE_MAX), FILE_EVENTS);
    assert_int_equal(kind_of("{\"what\": 1}", SIZE_MAX), -EINVAL);
}

static void an_object_per_line_is_events_whatever_its_keys(void **state)
{
    (void)state;
    assert_int_equal(kind_of("{\"base_rate\": 1}\n{\"x\": 2}\n", SIZE_MAX), FILE_EVENTS);
    assert_int_equal(kind_of("", 0), FILE_EVENTS);
    assert_int_equal(kind_of("time,user\n1,a\n", SIZE_MAX), FILE_EVENTS);
    assert_int_equal(kind_of("\x1F\x8B...", SIZE_MAX), FILE_EVENTS);
}

static void a_broken_object_is_what_it_was_meant_to_be(void **state)
{
    (void)state;
    assert_int_equal(kind_of("{\n\"populations\": [", SIZE_MAX), FILE_SCENARIO);
    assert_int_equal(kind_of("{\n\"fields\": {\"ts\"", SIZE_MAX), FILE_FIELD_MAP);
    assert_int_equal(kind_of("{\n\"base_rate\": ", SIZE_MAX), FILE_CONFIG);
    assert_int_equal(kind_of("{\"ts\": 1, \"acc", SIZE_MAX), FILE_EVENTS);
}

static void what_is_not_there_is_named(void **state)
{
    enum file_kind kind;
    struct err err = {""};

    (void)state;
    assert_int_equal(file_recognise("/nowhere", &kind, &err), -ENOENT);
    assert_string_equal(err.text, "/nowhere: No such file or directory");
    assert_int_equal(file_recognise("-", &kind, &err), 0);
    assert_int_equal(kind, FILE_EVENTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_object_is_told_by_its_keys),
        cmocka_unit_test(an_object_per_line_is_events_whatever_its_keys),
        cmocka_unit_test(a_broken_object_is_what_it_was_meant_to_be),
        cmocka_unit_test(what_is_not_there_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
