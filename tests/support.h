/* What most tests need; includes cmocka in the order that it wants. */
#pragma once

/* cmocka needs these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>

void assert_near_at(double value, double expected, double tolerance, const char *file, int line);
#define assert_near(value, expected, tolerance)                                                    \
    assert_near_at((value), (expected), (tolerance), __FILE__, __LINE__)

/* A state in memory (base/state.h): visitors that append to it, and that read it from the start. */
struct state_bytes {
    char *data; /* the caller frees it */
    size_t size, capacity, at;
};
void state_bytes_save(void *bytes, void *data, size_t size);
void state_bytes_load(void *bytes, void *data, size_t size);

/* Path inside the source tree; static buffer, overwritten by the fourth next call. */
const char *source_path(const char *relative);

/* The folder with real data beside the project, or NULL: then say so and skip(). */
const char *real_data_path(void);

/* A fresh folder under $TMPDIR; removed by temp_folder_remove(). */
char *temp_folder_new(void);
void temp_folder_remove(char *path);

/* A folder around a test, as its setup and teardown; paths in it are static as source_path()'s. */
extern char *test_folder;
int test_folder_make(void **state);
int test_folder_drop(void **state);
char *test_folder_path(const char *name);

/* Writes `size` bytes (SIZE_MAX: strlen) to folder/name; returns a static path as source_path(). */
const char *temp_file(const char *folder, const char *name, const char *content, size_t size);
