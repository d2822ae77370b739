#include "event/input.h"
#include "tests/support.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { TEXT_SIZE = 700000 }; /* more than one raw buffer, also when compressed */

struct blob {
    char *data;
    size_t size;
};

/* Text that does not compress to nothing. */
static struct blob text_new(void)
{
    struct blob text = {malloc(TEXT_SIZE), TEXT_SIZE};
    uint64_t x = 1;

    assert_non_null(text.data);
    for (size_t i = 0; i < text.size; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        text.data[i] = x >> 60 ? (char)('a' + (x >> 59)) : '\n';
    }
    return text;
}

static struct blob zstd_of(const char *data, size_t size)
{
    struct blob out = {malloc(ZSTD_compressBound(size)), 0};

    out.size = ZSTD_compress(out.data, ZSTD_compressBound(size), data, size, 1);
    assert_false(ZSTD_isError(out.size));
    return out;
}

static struct blob gzip_of(const char *data, size_t size)
{
    z_stream z = {0};
    struct blob out = {malloc(size + 1024), size + 1024};

    assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)data;
    z.avail_in = (uInt)size;
    z.next_out = (Bytef *)out.data;
    z.avail_out = (uInt)out.size;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out.size = z.total_out;
    (void)deflateEnd(&z);
    return out;
}

static struct blob joined(struct blob a, struct blob b)
{
    struct blob out = {malloc(a.size + b.size), a.size + b.size};

    memcpy(out.data, a.data, a.size);
    memcpy(out.data + a.size, b.data, b.size);
    free(a.data);
    free(b.data);
    return out;
}

/* Reads a file of this content to its end in pieces of `piece`; returns what the last call said. */
static int read_all(struct blob file, size_t piece, struct blob *out, struct err *err)
{
    char *folder = temp_folder_new();
    const char *path = temp_file(folder, "in", file.data, file.size);
    AUTO(input_close) struct input *input = NULL;
    ssize_t n;

    *out = (struct blob){malloc(2 * TEXT_SIZE + piece), 0};
    assert_int_equal(input_open(path, -1, &input, err), 0);
    while ((n = input_read(input, out->data + out->size, piece, err)) > 0)
        out->size += (size_t)n;
    assert_true(n < 0 || input_bytes(input) == file.size);
    temp_folder_remove(folder);
    return (int)n;
}

static void assert_reads_as(struct blob file, struct blob text)
{
    static const size_t pieces[] = {100, 65536, 300000};

    for (unsigned i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct err err = {""};
        struct blob out;

        assert_int_equal(read_all(file, pieces[i], &out, &err), 0);
        assert_int_equal(out.size, text.size);
        assert_memory_equal(out.data, text.data, text.size);
        free(out.data);
    }
}

static void plain_zstd_and_gzip_read_the_same(void **state)
{
    struct blob text = text_new();
    struct blob zstd = zstd_of(text.data, text.size), gzip = gzip_of(text.data, text.size);

    (void)state;
    assert_reads_as(text, text);
    assert_reads_as(zstd, text);
    assert_reads_as(gzip, text);
    free(text.data);
    free(zstd.data);
    free(gzip.data);
}

static void frames_and_members_are_read_one_after_another(void **state)
{
    struct blob text = text_new();
    size_t half = text.size / 2;
    static const char skippable[] = "\x50\x2A\x4D\x18\x03\x00\x00\x00xyz";
    struct blob skip = {strdup("placeholder"), sizeof skippable - 1};
    struct blob zstd, gzip;

    (void)state;
    memcpy(skip.data, skippable, skip.size);
    zstd =
        joined(skip, joined(zstd_of(text.data, half), zstd_of(text.data + half, text.size - half)));
    gzip = joined(gzip_of(text.data, half), gzip_of(text.data + half, text.size - half));
    gzip = joined(gzip, (struct blob){calloc(1, 512), 512}); /* as tape and tar leave it */
    assert_reads_as(zstd, text);
    assert_reads_as(gzip, text);
    free(text.data);
    free(zstd.data);
    free(gzip.data);
}

static void short_files_are_plain(void **state)
{
    (void)state;
    for (size_t n = 0; n <= 3; n++) {
        struct blob text = {strdup("{}\n"), n};

        assert_reads_as(text, text);
        free(text.data);
    }
}

static void assert_fails_after(struct blob file, const struct blob *text, const char *reason)
{
    struct err err = {""};
    struct blob out;

    assert_int_equal(read_all(file, 4096, &out, &err), -EBADMSG);
    assert_non_null(strstr(err.text, reason));
    assert_non_null(strstr(err.text, "/in: "));
    assert_true(out.size > text->size / 4); /* what could be read has been handed on */
    assert_memory_equal(out.data, text->data, out.size);
    free(out.data);
    free(file.data);
}

static void cut_off_compressed_input_is_an_error_after_what_it_holds(void **state)
{
    struct blob text = text_new();
    struct blob zstd = zstd_of(text.data, text.size), gzip = gzip_of(text.data, text.size);

    (void)state;
    zstd.size = zstd.size * 3 / 4;
    gzip.size -= 5;
    assert_fails_after(zstd, &text, "the zstd data is cut off");
    assert_fails_after(gzip, &text, "the gzip data is cut off");
    free(text.data);
}

static void damaged_compressed_input_is_an_error_after_what_it_holds(void **state)
{
    struct blob text = text_new();
    struct blob zstd = joined(zstd_of(text.data, text.size), (struct blob){strdup("junk"), 4});
    struct blob gzip = gzip_of(text.data, text.size);

    (void)state;
    gzip.data[gzip.size - 6] ^= 1; /* the checksum */
    assert_fails_after(zstd, &text, "damaged zstd data");
    assert_fails_after(gzip, &text, "damaged gzip data");
    free(text.data);
}

static void a_missing_file_or_a_folder_is_named(void **state)
{
    char *folder = temp_folder_new();
    struct err err = {""};
    uint64_t size;

    (void)state;
    assert_int_equal(input_check("/nowhere/log", &size, &err), -ENOENT);
    assert_string_equal(err.text, "/nowhere/log: No such file or directory");
    assert_int_equal(input_check(folder, &size, &err), -EISDIR);
    assert_int_equal(input_check(temp_file(folder, "in", "abc", 3), &size, &err), 0);
    assert_int_equal(size, 3);
    temp_folder_remove(folder);
}

static void a_silent_pipe_can_be_given_up(void **state)
{
    AUTO(input_close) struct input *input = NULL;
    int fds[2], stop = eventfd(0, 0);
    char path[32], byte;
    struct err err;

    (void)state;
    assert_int_equal(pipe(fds), 0);
    (void)snprintf(path, sizeof path, "/dev/fd/%d", fds[0]);
    assert_int_equal(input_open(path, stop, &input, &err), 0);
    assert_int_equal(write(fds[1], "plain", 5), 5);
    assert_int_equal(input_read(input, &byte, 1, &err), 1);
    assert_int_equal(byte, 'p');
    for (int i = 0; i < 4; i++)
        assert_int_equal(input_read(input, &byte, 1, &err), 1);
    assert_int_equal(input_read(input, &byte, 1, &err), -EAGAIN);
    assert_int_equal(eventfd_write(stop, 1), 0);
    assert_int_equal(input_read(input, &byte, 1, &err), -ECANCELED);
    (void)close(fds[0]);
    (void)close(fds[1]);
    (void)close(stop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_zstd_and_gzip_read_the_same),
        cmocka_unit_test(frames_and_members_are_read_one_after_another),
        cmocka_unit_test(short_files_are_plain),
        cmocka_unit_test(cut_off_compressed_input_is_an_error_after_what_it_holds),
        cmocka_unit_test(damaged_compressed_input_is_an_error_after_what_it_holds),
        cmocka_unit_test(a_missing_file_or_a_folder_is_named),
        cmocka_unit_test(a_silent_pipe_can_be_given_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
