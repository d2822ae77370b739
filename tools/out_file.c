#include "out_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum {
    ZSTD_LEVEL = 3,       /* 1 is a fifth faster and a tenth larger on event lines */
    GZIP_LEVEL = 6,       /* as gzip itself */
    GZIP_WINDOW = 15 + 16 /* zlib: the largest window, with a gzip header */
};

enum packing { PACK_PLAIN, PACK_ZSTD, PACK_GZIP };

struct out_file {
    const char *path;
    char *temporary; /* NULL: stdout, or something that is no regular file */
    int fd;
    enum packing packing;
    off_t size; /* of the whole pieces */
    char *packed;
    size_t packed_capacity;
    int error;
};

static bool ends_with(const char *path, const char *ending)
{
    size_t n = strlen(path), m = strlen(ending);

    return n > m && strcmp(path + n - m, ending) == 0;
}

/* A device or a pipe by name is written to as it is: it cannot be put in place later. */
static bool is_special(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

static int file_open(struct out_file *f, struct err *err)
{
    size_t n = strlen(f->path) + sizeof ".tmp";

    if (strcmp(f->path, "-") == 0) {
        f->fd = STDOUT_FILENO;
        return 0;
    }
    if (is_special(f->path)) {
        f->fd = open(f->path, O_WRONLY | O_CLOEXEC);
        return f->fd < 0 ? err_set(err, -errno, "%s: %s", f->path, strerror(errno)) : 0;
    }
    f->temporary = malloc(n);
    if (!f->temporary)
        return err_set(err, -ENOMEM, "%s: out of memory", f->path);
    (void)snprintf(f->temporary, n, "%s.tmp", f->path);
    f->fd = open(f->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return f->fd < 0 ? err_set(err, -errno, "%s: %s", f->temporary, strerror(errno)) : 0;
}

int out_file_new(const char *path, struct out_file **out, struct err *err)
{
    AUTO(out_file_free) struct out_file *f = calloc(1, sizeof *f);
    int r;

    if (!f)
        return err_set(err, -ENOMEM, "%s: out of memory", path);
    f->path = path;
    f->fd = -1;
    f->packing = ends_with(path, ".zst")  ? PACK_ZSTD
                 : ends_with(path, ".gz") ? PACK_GZIP
                                          : PACK_PLAIN;
    r = file_open(f, err);
    if (r == 0)
        *out = TAKE(f);
    return r;
}

static int packed_reserve(struct out_file *f, size_t size)
{
    char *p;

    if (f->packed_capacity >= size)
        return 0;
    p = realloc(f->packed, size);
    if (!p)
        return -ENOMEM;
    f->packed = p;
    f->packed_capacity = size;
    return 0;
}

static ssize_t pack_zstd(struct out_file *f, const char *lines, size_t size)
{
    int r = packed_reserve(f, ZSTD_compressBound(size));
    size_t n;

    if (r < 0)
        return r;
    n = ZSTD_compress(f->packed, f->packed_capacity, lines, size, ZSTD_LEVEL);
    return ZSTD_isError(n) ? -ENOMEM : (ssize_t)n;
}

static ssize_t pack_gzip(struct out_file *f, const char *lines, size_t size)
{
    /* zlib reads through a pointer to what is not const, unless it is told otherwise. */
    union {
        const char *lines;
        Bytef *p;
    } input = {lines};
    z_stream z = {0};
    int r;

    assert(size <= UINT32_MAX / 2); /* zlib counts in 32 bits */
    if (deflateInit2(&z, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return -ENOMEM;
    r = packed_reserve(f, deflateBound(&z, size));
    if (r == 0) {
        z.next_in = input.p;
        z.avail_in = (uInt)size;
        z.next_out = (Bytef *)f->packed;
        z.avail_out = (uInt)f->packed_capacity;
        r = deflate(&z, Z_FINISH) == Z_STREAM_END ? 0 : -EIO;
    }
    size = z.total_out;
    (void)deflateEnd(&z);
    return r < 0 ? r : (ssize_t)size;
}

static int write_all(int fd, const char *p, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, p, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        p += n;
        size -= (size_t)n;
    }
    return 0;
}

int out_file_write(struct out_file *f, const char *lines, size_t size, struct err *err)
{
    const char *p = lines;
    ssize_t n = (ssize_t)size;

    if (size == 0)
        return f->error;
    if (f->error == 0 && f->packing != PACK_PLAIN) {
        n = f->packing == PACK_ZSTD ? pack_zstd(f, lines, size) : pack_gzip(f, lines, size);
        p = f->packed;
        f->error = n < 0 ? (int)n : 0;
    }
    if (f->error == 0)
        f->error = write_all(f->fd, p, (size_t)n);
    if (f->error == 0) {
        f->size += n;
        return 0;
    }
    if (f->temporary && ftruncate(f->fd, f->size) < 0)
        return err_set(err, f->error, "%s: %s; its last line may be cut", f->temporary,
                       strerror(-f->error));
    return err_set(err, f->error, "%s: %s",
                   f->temporary             ? f->temporary
                   : f->fd == STDOUT_FILENO ? "stdout"
                                            : f->path,
                   strerror(-f->error));
}

int out_file_finish(struct out_file *f, struct err *err)
{
    int r = f->error;

    if (r < 0 || !f->temporary)
        return r < 0 ? err_set(err, r, "%s: %s", f->path, strerror(-r)) : 0;
    r = fsync(f->fd) < 0 ? -errno : 0;
    if (close(f->fd) < 0 && r == 0)
        r = -errno;
    f->fd = -1;
    if (r == 0 && rename(f->temporary, f->path) < 0)
        r = -errno;
    return r < 0 ? err_set(err, r, "%s: %s", f->path, strerror(-r)) : 0;
}

void out_file_free(struct out_file *f)
{
    if (!f)
        return;
    if (f->fd >= 0 && f->fd != STDOUT_FILENO)
        (void)close(f->fd);
    if (f->temporary && f->fd >= 0 && f->size == 0)
        (void)unlink(f->temporary);
    free(f->temporary);
    free(f->packed);
    free(f);
}
