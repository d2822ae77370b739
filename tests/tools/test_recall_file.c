#include "base/cleanup.h"
#include "base/rng.h"
#include "tests/support.h"
#include "tools/recall_file.h"
#include "tools/text_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { KEY = 99, ENTRIES = 20 };

static struct recall *memory(void)
{
    const struct recall_config config = {64, 30 * MSEC_DAY, KEY, 1};
    struct recall *recall = NULL;

    assert_int_equal(recall_new(&config, &recall), 0);
    return recall;
}

static struct recall_entry entry_of(uint32_t i)
{
    return (struct recall_entry){.key = mix64(i + 1),
                                 .kind = ATTRIBUTE_payment,
                                 .strength = 1.0f + 0.1f * (float)i,
                                 .since = 1000 + i,
                                 .ts = 2000 + i};
}

/* A file of ENTRIES in the folder. */
static char *saved(void)
{
    struct recall *recall = memory();
    struct err err = {""};
    char *path = NULL;

    for (uint32_t i = 0; i < ENTRIES; i++) {
        const struct recall_entry e = entry_of(i);

        assert_true(recall_put(recall, &e));
    }
    assert_true(asprintf(&path, "%s/memory", test_folder) > 0);
    assert_int_equal(recall_file_save(path, KEY, recall, &err), 0);
    recall_free(recall);
    return path;
}

static void refused(const char *path, uint64_t key, const char *words)
{
    struct recall *recall = memory();
    struct err err = {""};

    assert_int_equal(recall_file_load(path, key, recall, &err), -EINVAL);
    assert_non_null(strstr(err.text, path));
    if (!strstr(err.text, words))
        fail_msg("%s: not \"%s\"", err.text, words);
    recall_free(recall);
}

static void what_is_saved_is_read_again_and_saved_the_same(void **state)
{
    AUTO_FREE char *path = saved(), *first = NULL, *second = NULL;
    struct recall *recall = memory();
    struct err err = {""};
    size_t size;

    (void)state;
    assert_int_equal(recall_file_load(path, KEY, recall, &err), 0);
    assert_int_equal(recall_count(recall), ENTRIES);
    for (uint32_t i = 0; i < ENTRIES; i++) {
        const struct recall_entry *e = recall_get(recall, i);
        uint32_t n = (uint32_t)(e->ts - 2000);
        const struct recall_entry wanted = entry_of(n);

        assert_memory_equal(e, &wanted, sizeof *e);
    }
    assert_int_equal(text_file_read(path, &first, &size, &err), 0);
    assert_int_equal(recall_file_save(path, KEY, recall, &err), 0);
    assert_int_equal(text_file_read(path, &second, &size, &err), 0);
    assert_string_equal(first, second);
    recall_free(recall);
}

static void a_file_that_is_not_there_is_an_empty_memory(void **state)
{
    struct recall *recall = memory();
    struct err err = {""};

    (void)state;
    assert_int_equal(recall_file_load("/nonexistent/memory", KEY, recall, &err), 0);
    assert_int_equal(recall_count(recall), 0);
    recall_free(recall);
}

static void another_key_and_any_damage_are_refused_by_name(void **state)
{
    AUTO_FREE char *path = saved(), *good = NULL;
    struct err err = {""};
    char *strength, *line;
    size_t size;

    (void)state;
    refused(path, KEY + 1, "hash_key");
    assert_int_equal(text_file_read(path, &good, &size, &err), 0);
    (void)temp_file(test_folder, "memory", good, size / 2);
    refused(path, KEY, "memory:");
    line = memrchr(good, '\n', size - 1);
    (void)temp_file(test_folder, "memory", good, (size_t)(line - good) + 1);
    refused(path, KEY, "20 values announced, 19 are there");
    strength = strstr(good, "\"strength\":") + strlen("\"strength\":");
    *strength = *strength == '2' ? '1' : '2';
    (void)temp_file(test_folder, "memory", good, size);
    refused(path, KEY, "digest");
    (void)temp_file(test_folder, "memory", "", 0);
    refused(path, KEY, "empty");
    (void)temp_file(test_folder, "memory", "{\"stillwatch_memory\":2}\n", SIZE_MAX);
    refused(path, KEY, "memory:1: stillwatch_memory: is of a version");
    (void)temp_file(test_folder, "memory", "{\"ts\":5}\n", SIZE_MAX);
    refused(path, KEY, "stillwatch_memory: is missing");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_saved_is_read_again_and_saved_the_same),
        cmocka_unit_test(a_file_that_is_not_there_is_an_empty_memory),
        cmocka_unit_test(another_key_and_any_damage_are_refused_by_name),
    };

    return cmocka_run_group_tests(tests, test_folder_make, test_folder_drop);
}
