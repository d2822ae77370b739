#include "base/cleanup.h"
#include "tests/support.h"
#include "tools/text_file.h"

#include <errno.h>
#include <string.h>

static void a_file_is_read_whole_and_terminated(void **state)
{
    static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 100000};
    char *folder = temp_folder_new();

    (void)state;
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        AUTO_FREE char *content = malloc(sizes[i] + 1);
        AUTO_FREE char *text = NULL;
        struct err err = {""};
        size_t size;

        memset(content, 'x', sizes[i] + 1);
        assert_int_equal(
            text_file_read(temp_file(folder, "file", content, sizes[i]), &text, &size, &err), 0);
        assert_int_equal(size, sizes[i]);
        assert_memory_equal(text, content, size);
        assert_int_equal(text[size], '\0');
    }
    temp_folder_remove(folder);
}

static void what_cannot_be_read_is_named(void **state)
{
    char *text;
    struct err err = {""};
    size_t size;

    (void)state;
    assert_int_equal(text_file_read("/nowhere", &text, &size, &err), -ENOENT);
    assert_string_equal(err.text, "/nowhere: No such file or directory");
    assert_int_equal(text_file_read("/dev/zero", &text, &size, &err), -EFBIG);
    assert_string_equal(err.text, "/dev/zero: File too large");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read_whole_and_terminated),
        cmocka_unit_test(what_cannot_be_read_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
