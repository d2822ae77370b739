#include "snapshot.h"

#include "base/cleanup.h"
#include "base/hash.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, BLOCK = 64 * 1024, BUFFER = 4 * BLOCK, LIST_MAX = 64 };

static const char snapshot_magic[8] = "SWSNAP1";

static void path_of(const char *folder, uint64_t seq, const char *ending, char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "%s/snap-%016" PRIx64 "%s", folder, seq, ending);
}

static uint64_t header_hash(const struct snapshot_header *header)
{
    return XXH3_64bits(header, offsetof(struct snapshot_header, header_hash));
}

/* ---- writing: in the child ----------------------------------------------------------------------
 */

struct writer {
    int fd, error;
    size_t filled;
    uint64_t size;
    XXH3_state_t hash;
    char buffer[BUFFER];
};

static void flush(struct writer *w)
{
    size_t done = 0;

    while (w->error == 0 && done < w->filled) {
        ssize_t n = write(w->fd, w->buffer + done, w->filled - done);

        if (n > 0)
            done += (size_t)n;
        else if (n == 0 || errno != EINTR)
            w->error = n == 0 ? -EIO : -errno;
    }
    w->filled = 0;
}

static void put(struct writer *w, const void *data, size_t size)
{
    const char *at = data;

    (void)XXH3_64bits_update(&w->hash, data, size);
    w->size += size;
    while (size > 0 && w->error == 0) {
        size_t n = BUFFER - w->filled < size ? BUFFER - w->filled : size;

        memcpy(w->buffer + w->filled, at, n);
        w->filled += n;
        at += n;
        size -= n;
        if (w->filled == BUFFER)
            flush(w);
    }
}

static bool is_zero(const char *data, size_t size)
{
    return size == 0 || (data[0] == 0 && memcmp(data, data + 1, size - 1) == 0);
}

/* A piece: its size, then runs of blocks that are not all zero (where, how long, the bytes), then
 * a run of length 0. */
static void put_piece(void *ctx, void *data, size_t size)
{
    struct writer *w = ctx;
    const char *bytes = data;
    uint64_t run[2] = {size, 0};

    put(w, run, sizeof run);
    for (size_t at = 0; at < size && w->error == 0;) {
        size_t end = at;

        while (end < size) {
            size_t n = size - end < BLOCK ? size - end : BLOCK;

            if (is_zero(bytes + end, n))
                break;
            end += n;
        }
        if (end > at) {
            run[0] = at;
            run[1] = end - at;
            put(w, run, sizeof run);
            put(w, bytes + at, end - at);
        }
        at = end < size ? end + (size - end < BLOCK ? size - end : BLOCK) : size;
    }
    run[0] = run[1] = 0;
    put(w, run, sizeof run);
}

int snapshot_save(const char *folder, uint64_t seq, const struct detector_config *config,
                  const struct snapshot_subject *subject)
{
    static struct writer w;
    struct snapshot_header header = {.layout = subject->layout, .seq = seq, .config = *config};
    char temporary[PATH_SIZE], path[PATH_SIZE], ending[32];
    int folder_fd;

    (void)snprintf(ending, sizeof ending, ".%d.tmp", (int)getpid());
    path_of(folder, seq, ending, temporary);
    path_of(folder, seq, "", path);
    w.error = 0;
    w.filled = 0;
    w.size = 0;
    w.fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (w.fd < 0)
        return -errno;
    memcpy(header.magic, snapshot_magic, sizeof header.magic);
    (void)XXH3_64bits_reset(&w.hash);
    put(&w, &header, sizeof header); /* its place: what it says is known at the end */
    (void)XXH3_64bits_reset(&w.hash);
    w.size = 0;
    subject->state(subject->ctx, put_piece, &w);
    put_piece(&w, (void *)(uintptr_t)subject->tail, subject->tail_size);
    flush(&w);
    header.size = w.size;
    header.hash = XXH3_64bits_digest(&w.hash);
    header.header_hash = header_hash(&header);
    if (w.error == 0 && pwrite(w.fd, &header, sizeof header, 0) != sizeof header)
        w.error = -EIO;
    if (w.error == 0 && fsync(w.fd) != 0)
        w.error = -errno;
    (void)close(w.fd);
    if (w.error == 0 && rename(temporary, path) != 0)
        w.error = -errno;
    if (w.error < 0) {
        (void)unlink(temporary);
        return w.error;
    }
    folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_fd < 0 || fsync(folder_fd) != 0)
        w.error = -errno;
    if (folder_fd >= 0)
        (void)close(folder_fd);
    return w.error;
}

/* ---- which there are ----------------------------------------------------------------------------
 */

uint32_t snapshot_list(const char *folder, uint64_t *seq, uint32_t max)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    uint32_t count = 0;

    while (dir && (entry = readdir(dir))) {
        uint64_t number;
        int end = 0;
        uint32_t at = count;

        if (sscanf(entry->d_name, "snap-%16" SCNx64 "%n", &number, &end) != 1 || end != 21 ||
            entry->d_name[end])
            continue;
        if (count == max && number < seq[max - 1])
            continue;
        at = count == max ? max - 1 : count++;
        for (; at > 0 && seq[at - 1] < number; at--)
            seq[at] = seq[at - 1];
        seq[at] = number;
    }
    if (dir)
        (void)closedir(dir);
    return count;
}

void snapshot_clean(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        size_t size = strlen(entry->d_name);

        if (size > 9 && strncmp(entry->d_name, "snap-", 5) == 0 &&
            strcmp(entry->d_name + size - 4, ".tmp") == 0)
            (void)unlinkat(dirfd(dir), entry->d_name, 0);
    }
    if (dir)
        (void)closedir(dir);
}

uint64_t snapshot_retain(const char *folder, uint32_t keep)
{
    uint64_t seq[LIST_MAX];
    uint32_t count = snapshot_list(folder, seq, LIST_MAX);
    char path[PATH_SIZE];

    for (uint32_t i = keep; i < count; i++) {
        path_of(folder, seq[i], "", path);
        (void)unlink(path);
    }
    return count == 0 ? 0 : seq[count < keep ? count - 1 : keep - 1];
}

/* ---- reading ------------------------------------------------------------------------------------
 */

struct mapped {
    char *data;
    size_t size;
};

static void unmap(struct mapped *mapped)
{
    if (mapped->data)
        (void)munmap(mapped->data, mapped->size);
}

static int map(const char *path, struct mapped *out, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    int r = fd < 0 || fstat(fd, &st) != 0 ? -errno : 0;

    *out = (struct mapped){NULL, 0};
    if (r == 0 && st.st_size > 0) {
        out->size = (size_t)st.st_size;
        out->data = mmap(NULL, out->size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (out->data == MAP_FAILED) {
            out->data = NULL;
            r = -errno;
        }
    }
    if (fd >= 0)
        (void)close(fd);
    return r < 0 ? err_set(err, r, "%s: %s", path, strerror(-r)) : 0;
}

static const char *refusal(const struct mapped *file, const struct snapshot_header *header)
{
    if (file->size < sizeof *header)
        return "damaged: it has no header";
    if (memcmp(header->magic, snapshot_magic, sizeof header->magic) != 0)
        return "no snapshot";
    if (header->header_hash != header_hash(header))
        return "damaged: its header is wrong";
    if (header->size != file->size - sizeof *header)
        return "damaged: it is cut off";
    if (header->hash != XXH3_64bits(file->data + sizeof *header, header->size))
        return "damaged: its checksum is wrong";
    return NULL;
}

int snapshot_check(const char *folder, uint64_t seq, uint64_t layout, struct snapshot_header *out,
                   struct err *err)
{
    char path[PATH_SIZE];
    struct mapped file;
    const char *why;
    int r;

    path_of(folder, seq, "", path);
    r = map(path, &file, err);
    if (r < 0)
        return r;
    if (file.size >= sizeof *out)
        memcpy(out, file.data, sizeof *out);
    why = refusal(&file, out);
    unmap(&file);
    if (why)
        return err_set(err, -EBADMSG, "%s: %s", path, why);
    if (out->layout != layout || out->seq != seq)
        return err_set(err, -ENOTSUP, "%s: written by another version of stillwatch", path);
    return 0;
}

struct reader {
    const char *at, *end;
    int error;
};

static bool get(struct reader *r, void *to, size_t size)
{
    if (r->error < 0 || (size_t)(r->end - r->at) < size) {
        r->error = -EBADMSG;
        return false;
    }
    memcpy(to, r->at, size);
    r->at += size;
    return true;
}

static void get_piece(void *ctx, void *data, size_t size)
{
    struct reader *r = ctx;
    uint64_t run[2];

    if (!get(r, run, sizeof run) || run[0] != size) {
        r->error = -EBADMSG;
        return;
    }
    if (size <= BLOCK) /* larger ones are fresh, and not touched where they are zero */
        memset(data, 0, size);
    while (get(r, run, sizeof run) && run[1] > 0) {
        if (run[0] > size || run[1] > size - run[0] || !get(r, (char *)data + run[0], run[1])) {
            r->error = -EBADMSG;
            return;
        }
    }
}

int snapshot_load(const char *folder, uint64_t seq, const struct snapshot_subject *subject,
                  char **tail, size_t *tail_size, struct err *err)
{
    char path[PATH_SIZE];
    struct mapped file;
    struct reader r = {NULL, NULL, 0};
    uint64_t size;
    int e;

    path_of(folder, seq, "", path);
    e = map(path, &file, err);
    if (e < 0)
        return e;
    r.at = file.data + sizeof(struct snapshot_header);
    r.end = file.data + file.size;
    subject->state(subject->ctx, get_piece, &r);
    if (r.error == 0 && (size_t)(r.end - r.at) >= sizeof size) {
        memcpy(&size, r.at, sizeof size);
        *tail = size <= file.size * 1024 ? calloc(1, size + 1) : NULL;
        *tail_size = size;
        if (*tail)
            get_piece(&r, *tail, size);
    }
    unmap(&file);
    if (r.error < 0 || !*tail)
        return err_set(err, -EBADMSG, "%s: does not fit this configuration", path);
    return 0;
}
