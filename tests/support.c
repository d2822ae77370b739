#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SLOTS = 4, PATH_SIZE = 4096 };

static char *next_path(void)
{
    static char slot[PATH_SLOTS][PATH_SIZE];
    static unsigned next;

    return slot[next++ % PATH_SLOTS];
}

void assert_near_at(double value, double expected, double tolerance, const char *file, int line)
{
    if (fabs(value - expected) <= tolerance)
        return;
    print_error("%g is not within %g of %g\n", value, tolerance, expected);
    _fail(file, line);
}

const char *source_path(const char *relative)
{
    const char *root = getenv("STILLWATCH_ROOT");
    char *path = next_path();

    (void)snprintf(path, PATH_SIZE, "%s/%s", root ? root : ".", relative);
    return path;
}

const char *real_data_path(void)
{
    static char path[PATH_SIZE];
    const char *given = getenv("STILLWATCH_DATA");
    struct stat st;

    (void)snprintf(path, sizeof path, "%s", given ? given : source_path("../shared/data"));
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? path : NULL;
}

char *temp_folder_new(void)
{
    const char *base = getenv("TMPDIR");
    char path[PATH_SIZE];
    char *made;

    (void)snprintf(path, sizeof path, "%s/stillwatch-test-XXXXXX", base ? base : "/tmp");
    made = mkdtemp(path);
    assert_non_null(made);
    return strdup(made);
}

void temp_folder_remove(char *path)
{
    char command[PATH_SIZE + 16];

    (void)snprintf(command, sizeof command, "rm -rf '%s'", path);
    if (system(command) != 0)
        print_error("cannot remove %s\n", path);
    free(path);
}

const char *temp_file(const char *folder, const char *name, const char *content, size_t size)
{
    char *path = next_path();
    FILE *f;

    (void)snprintf(path, PATH_SIZE, "%s/%s", folder, name);
    f = fopen(path, "wb");
    assert_non_null(f);
    if (size == SIZE_MAX)
        size = strlen(content);
    assert_int_equal(fwrite(content, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
    return path;
}

char *test_folder;

int test_folder_make(void **state)
{
    (void)state;
    test_folder = temp_folder_new();
    return 0;
}

int test_folder_drop(void **state)
{
    (void)state;
    temp_folder_remove(test_folder);
    return 0;
}

char *test_folder_path(const char *name)
{
    char *path = next_path();

    (void)snprintf(path, PATH_SIZE, "%s/%s", test_folder, name);
    return path;
}

void state_bytes_save(void *ctx, void *data, size_t size)
{
    struct state_bytes *b = ctx;

    if (b->size + size > b->capacity) {
        b->capacity = 2 * (b->size + size);
        b->data = realloc(b->data, b->capacity);
        assert_non_null(b->data);
    }
    memcpy(b->data + b->size, data, size);
    b->size += size;
}

void state_bytes_load(void *ctx, void *data, size_t size)
{
    struct state_bytes *b = ctx;

    assert_true(b->at + size <= b->size);
    memcpy(data, b->data + b->at, size);
    b->at += size;
}
