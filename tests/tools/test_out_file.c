#include "tools/out_file.h"

#include "tests/support.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

static size_t content(const char *path, char *to, size_t size)
{
    FILE *f = fopen(path, "rb");
    size_t n;

    assert_non_null(f);
    n = fread(to, 1, size, f);
    assert_int_equal(fclose(f), 0);
    return n;
}

/* Two pieces, finished. */
static void write_two(const char *path)
{
    struct out_file *file = NULL;
    struct err err = {""};

    assert_int_equal(out_file_new(path, &file, &err), 0);
    assert_int_equal(out_file_write(file, "one\n", 4, &err), 0);
    assert_int_equal(out_file_write(file, "two\n", 4, &err), 0);
    assert_int_equal(out_file_finish(file, &err), 0);
    out_file_free(file);
}

static void a_file_has_its_name_only_when_it_is_complete(void **state)
{
    const char *path = test_folder_path("plain"), *temporary = test_folder_path("plain.tmp");
    struct out_file *file = NULL;
    struct err err = {""};
    char text[16];

    (void)state;
    assert_int_equal(out_file_new(path, &file, &err), 0);
    assert_int_equal(out_file_write(file, "one\n", 4, &err), 0);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(access(temporary, F_OK), 0);
    assert_int_equal(out_file_finish(file, &err), 0);
    out_file_free(file);
    assert_int_not_equal(access(temporary, F_OK), 0);
    assert_int_equal(content(path, text, sizeof text), 4);
}

static void what_was_not_finished_stays_under_the_other_name(void **state)
{
    struct out_file *file = NULL;
    struct err err = {""};
    char text[16];

    (void)state;
    assert_int_equal(out_file_new(test_folder_path("half"), &file, &err), 0);
    assert_int_equal(out_file_write(file, "one\n", 4, &err), 0);
    out_file_free(file);
    assert_int_not_equal(access(test_folder_path("half"), F_OK), 0);
    assert_int_equal(content(test_folder_path("half.tmp"), text, sizeof text), 4);
}

static void a_zst_name_is_zstd_of_the_lines(void **state)
{
    char packed[256], text[16];
    size_t n;

    (void)state;
    write_two(test_folder_path("a.zst"));
    n = content(test_folder_path("a.zst"), packed, sizeof packed);
    assert_int_equal(ZSTD_decompress(text, sizeof text, packed, n), 8);
    assert_memory_equal(text, "one\ntwo\n", 8);
}

static void a_gz_name_is_gzip_of_the_lines(void **state)
{
    char text[16];
    gzFile f;

    (void)state;
    write_two(test_folder_path("a.gz"));
    f = gzopen(test_folder_path("a.gz"), "rb");
    assert_non_null(f);
    assert_int_equal(gzread(f, text, sizeof text), 8);
    assert_memory_equal(text, "one\ntwo\n", 8);
    assert_int_equal(gzclose(f), Z_OK);
}

static void a_full_disk_leaves_whole_pieces(void **state)
{
    struct rlimit before, small = {10, RLIM_INFINITY};
    struct out_file *file = NULL;
    struct err err = {""};
    char text[32];

    (void)state;
    assert_int_equal(out_file_new(test_folder_path("full"), &file, &err), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, SIG_IGN);
    small.rlim_max = before.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(out_file_write(file, "line\n", 5, &err), 0);
    assert_int_equal(out_file_write(file, "longer line\n", 12, &err), -EFBIG);
    assert_int_equal(out_file_write(file, "x\n", 2, &err), -EFBIG); /* and stays so */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_non_null(strstr(err.text, "full.tmp"));
    assert_int_equal(out_file_finish(file, &err), -EFBIG);
    out_file_free(file);
    assert_int_equal(content(test_folder_path("full.tmp"), text, sizeof text), 5);
}

static void a_device_is_written_to_and_never_replaced(void **state)
{
    struct out_file *file = NULL;
    struct err err = {""};
    struct stat st;

    (void)state;
    assert_int_equal(out_file_new("/dev/full", &file, &err), 0);
    assert_int_equal(out_file_write(file, "x\n", 2, &err), -ENOSPC);
    assert_string_equal(err.text, "/dev/full: No space left on device");
    out_file_free(file);
    assert_int_equal(stat("/dev/full", &st), 0);
    assert_true(S_ISCHR(st.st_mode));
}

static void a_missing_folder_is_named(void **state)
{
    struct out_file *file = NULL;
    struct err err = {""};

    (void)state;
    assert_int_equal(out_file_new(test_folder_path("no/where"), &file, &err), -ENOENT);
    assert_non_null(strstr(err.text, "no/where"));
    assert_null(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_has_its_name_only_when_it_is_complete),
        cmocka_unit_test(what_was_not_finished_stays_under_the_other_name),
        cmocka_unit_test(a_zst_name_is_zstd_of_the_lines),
        cmocka_unit_test(a_gz_name_is_gzip_of_the_lines),
        cmocka_unit_test(a_full_disk_leaves_whole_pieces),
        cmocka_unit_test(a_device_is_written_to_and_never_replaced),
        cmocka_unit_test(a_missing_folder_is_named),
    };

    return cmocka_run_group_tests(tests, test_folder_make, test_folder_drop);
}
