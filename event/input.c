/* Plain input goes straight to the caller's buffer; compressed input through one raw buffer.
 * Waiting is done in poll(), so that a silent pipe can be given up. */
#include "input.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum {
    RAW_SIZE = 256 * 1024,
    MAGIC_SIZE = 4,
    GZIP_WINDOW_BITS = 15 + 16, /* zlib.h: the largest window, gzip wrapping only */
};

enum format { FORMAT_UNKNOWN, FORMAT_PLAIN, FORMAT_ZSTD, FORMAT_GZIP };

struct input {
    char *name;
    int fd, stop_fd;
    bool regular;
    enum format format;
    unsigned char *raw;
    size_t raw_at, raw_size; /* raw[raw_at..raw_size) is still to be taken */
    uint64_t bytes;
    ZSTD_DStream *zstd;
    z_stream gzip;
    bool gzip_ready;
    bool inside;      /* a frame or member has begun and not ended */
    const char *fail; /* found after bytes that had to be handed on first */
};

static bool is_stdin(const char *path)
{
    return strcmp(path, "-") == 0;
}

int input_check(const char *path, uint64_t *size, struct err *err)
{
    struct stat st;

    *size = 0;
    if ((is_stdin(path) ? fstat(STDIN_FILENO, &st) : stat(path, &st)) < 0)
        return err_set(err, -errno, "%s: %s", path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return err_set(err, -EISDIR, "%s: is a folder", path);
    if (!is_stdin(path) && access(path, R_OK) < 0)
        return err_set(err, -errno, "%s: %s", path, strerror(errno));
    if (S_ISREG(st.st_mode))
        *size = (uint64_t)st.st_size;
    return 0;
}

int input_open(const char *path, int stop_fd, struct input **out, struct err *err)
{
    AUTO(input_close) struct input *input = calloc(1, sizeof *input);
    struct stat st;

    if (!input)
        return -ENOMEM;
    input->fd = -1;
    input->stop_fd = stop_fd;
    input->name = strdup(is_stdin(path) ? "stdin" : path);
    input->raw = malloc(RAW_SIZE);
    if (!input->name || !input->raw)
        return -ENOMEM;
    input->fd = is_stdin(path) ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (input->fd < 0 || fstat(input->fd, &st) < 0)
        return err_set(err, -errno, "%s: %s", input->name, strerror(errno));
    input->regular = S_ISREG(st.st_mode);
    *out = TAKE(input);
    return 0;
}

void input_close(struct input *input)
{
    if (!input)
        return;
    if (input->fd >= 0)
        (void)close(input->fd);
    if (input->zstd)
        (void)ZSTD_freeDStream(input->zstd);
    if (input->gzip_ready)
        (void)inflateEnd(&input->gzip);
    free(input->raw);
    free(input->name);
    free(input);
}

uint64_t input_bytes(const struct input *input)
{
    return input->bytes;
}

bool input_is_packed(const struct input *input)
{
    return input->format == FORMAT_ZSTD || input->format == FORMAT_GZIP;
}

/* 0 when the pipe has something to say (or has ended). */
static int wait_readable(const struct input *input)
{
    struct pollfd fds[2] = {
        {.fd = input->fd, .events = POLLIN},
        {.fd = input->stop_fd, .events = POLLIN},
    };
    int n = poll(fds, 2, INPUT_IDLE_MS);

    if (n < 0)
        return errno == EINTR ? -EAGAIN : -errno;
    if (fds[1].revents)
        return -ECANCELED;
    return n == 0 ? -EAGAIN : 0;
}

static ssize_t raw_read(struct input *input, void *to, size_t size, struct err *err)
{
    for (;;) {
        int r = input->regular ? 0 : wait_readable(input);
        ssize_t n;

        if (r == -EAGAIN || r == -ECANCELED)
            return r;
        n = r < 0 ? -1 : read(input->fd, to, size);
        if (n >= 0) {
            input->bytes += (uint64_t)n;
            return n;
        }
        if (errno != EINTR && errno != EAGAIN)
            return err_set(err, -errno, "%s: %s", input->name, strerror(errno));
    }
}

/* Refills the empty raw buffer: bytes there now, 0 at the end. */
static ssize_t raw_fill(struct input *input, struct err *err)
{
    ssize_t n = raw_read(input, input->raw, RAW_SIZE, err);

    if (n >= 0) {
        input->raw_at = 0;
        input->raw_size = (size_t)n;
    }
    return n;
}

static bool is_zstd(const unsigned char *p)
{
    static const unsigned char magic[MAGIC_SIZE] = {0x28, 0xB5, 0x2F, 0xFD};
    static const unsigned char skippable[MAGIC_SIZE - 1] = {0x2A, 0x4D, 0x18};

    return memcmp(p, magic, sizeof magic) == 0 ||
           ((p[0] & 0xF0) == 0x50 && memcmp(p + 1, skippable, sizeof skippable) == 0);
}

static int format_open(struct input *input)
{
    if (input->raw_size >= MAGIC_SIZE && is_zstd(input->raw)) {
        input->zstd = ZSTD_createDStream();
        if (!input->zstd)
            return -ENOMEM;
        input->format = FORMAT_ZSTD;
    } else if (input->raw_size >= 2 && input->raw[0] == 0x1F && input->raw[1] == 0x8B) {
        if (inflateInit2(&input->gzip, GZIP_WINDOW_BITS) != Z_OK)
            return -ENOMEM;
        input->gzip_ready = true;
        input->format = FORMAT_GZIP;
    } else {
        input->format = FORMAT_PLAIN;
    }
    return 0;
}

/* Gathers the first bytes, however slowly they come, and looks at them. */
static int recognise(struct input *input, struct err *err)
{
    while (input->raw_size < MAGIC_SIZE) {
        ssize_t n = raw_read(input, input->raw + input->raw_size, RAW_SIZE - input->raw_size, err);

        if (n < 0)
            return (int)n;
        if (n == 0)
            break;
        input->raw_size += (size_t)n;
    }
    return format_open(input);
}

static ssize_t plain_read(struct input *input, char *to, size_t size, struct err *err)
{
    size_t n = input->raw_size - input->raw_at;

    if (n == 0)
        return raw_read(input, to, size, err);
    if (n > size)
        n = size;
    memcpy(to, input->raw + input->raw_at, n);
    input->raw_at += n;
    return (ssize_t)n;
}

/* Decodes what is in the raw buffer (it may be empty: then what the decoder still holds) into `to`;
 * returns the bytes made, and sets `inside` and `fail`. */
static size_t zstd_step(struct input *input, char *to, size_t size)
{
    ZSTD_inBuffer in = {input->raw, input->raw_size, input->raw_at};
    ZSTD_outBuffer out = {to, size, 0};
    size_t r = ZSTD_decompressStream(input->zstd, &out, &in);

    input->raw_at = in.pos;
    if (ZSTD_isError(r))
        input->fail = ZSTD_getErrorName(r);
    input->inside = r != 0;
    return out.pos;
}

static size_t gzip_step(struct input *input, char *to, size_t size)
{
    z_stream *z = &input->gzip;
    uInt room = size > RAW_SIZE ? RAW_SIZE : (uInt)size;
    int r;

    if (!input->inside) { /* padding with zeros between and after members is allowed */
        while (input->raw_at < input->raw_size && input->raw[input->raw_at] == 0)
            input->raw_at++;
        if (input->raw_at == input->raw_size)
            return 0;
        (void)inflateReset(z);
    }
    z->next_in = input->raw + input->raw_at;
    z->avail_in = (uInt)(input->raw_size - input->raw_at);
    z->next_out = (Bytef *)to;
    z->avail_out = room;
    r = inflate(z, Z_NO_FLUSH);
    input->raw_at = input->raw_size - z->avail_in;
    input->inside = r != Z_STREAM_END;
    if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
        input->fail = z->msg ? z->msg : "damaged data";
    return room - z->avail_out;
}

static ssize_t packed_read(struct input *input, char *to, size_t size, struct err *err)
{
    const char *format = input->format == FORMAT_ZSTD ? "zstd" : "gzip";

    for (;;) {
        size_t made = 0;

        if (input->fail)
            return err_set(err, -EBADMSG, "%s: damaged %s data: %s", input->name, format,
                           input->fail);
        if (input->inside || input->raw_at < input->raw_size)
            made = input->format == FORMAT_ZSTD ? zstd_step(input, to, size)
                                                : gzip_step(input, to, size);
        if (made > 0)
            return (ssize_t)made;
        if (!input->fail && input->raw_at == input->raw_size) {
            ssize_t n = raw_fill(input, err);

            if (n == 0 && input->inside)
                return err_set(err, -EBADMSG, "%s: the %s data is cut off", input->name, format);
            if (n <= 0)
                return n;
        }
    }
}

ssize_t input_read(struct input *input, char *to, size_t size, struct err *err)
{
    assert(size > 0);
    if (input->format == FORMAT_UNKNOWN) {
        int r = recognise(input, err);

        if (r < 0)
            return r;
    }
    return input->format == FORMAT_PLAIN ? plain_read(input, to, size, err)
                                         : packed_read(input, to, size, err);
}
