#include "journal.h"

#include "base/hash.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, IOV_STEP = 512, SECTOR = 512 };

static const char segment_magic[8] = "SWLOG01";

struct segment_header {
    char magic[8];
    uint64_t layout; /* frame_layout() */
    uint64_t first;  /* number of its first frame */
    uint64_t hash;
};

struct segment {
    uint64_t first;
    uint64_t size; /* bytes */
};

struct journal {
    struct journal_config config;
    struct segment *segment;
    uint32_t count, capacity;
    int folder_fd, fd;   /* of the last segment; -1: none is open */
    struct acked *acked; /* the last frame that was acknowledged */
    atomic_uint_fast64_t next;
    bool broken;
    atomic_uint_fast64_t size; /* of all segments: asked for by other threads */
};

/* What the file `acked` holds, as shared memory. It is set after the frames are on disk and never
 * synced, so after a loss of power it may be old, but it never tells of a frame that was not
 * written: frames up to its number that are missing or broken are damage, and no end that a crash
 * has left. The places are set in turn, so one of them is whole whenever the program ends. */
struct acked {
    struct {
        uint64_t seq, hash;
    } place[2];
    uint64_t turn;
};

/* A segment in memory, while the log is read. */
struct image {
    char path[PATH_SIZE];
    char *data;
    size_t size;
    bool last;
};

static void segment_path(const struct journal *j, uint64_t first, char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "%s/log-%016" PRIx64, j->config.folder, first);
}

static uint64_t acked_read(const struct journal *j)
{
    uint64_t seq = 0;

    for (unsigned i = 0; i < 2; i++)
        if (j->acked->place[i].hash == hash_u64(j->acked->place[i].seq, 0) &&
            j->acked->place[i].seq > seq)
            seq = j->acked->place[i].seq;
    return seq;
}

static void acked_write(const struct journal *j, uint64_t seq)
{
    unsigned i = (unsigned)(j->acked->turn & 1);

    j->acked->place[i].seq = seq;
    atomic_signal_fence(memory_order_seq_cst);
    j->acked->place[i].hash = hash_u64(seq, 0);
    atomic_signal_fence(memory_order_seq_cst);
    j->acked->turn++;
}

/* Its blocks are written first, so that setting it needs no room on the disk. */
static int acked_open(struct journal *j)
{
    struct acked none = {.turn = 0};
    int fd = openat(j->folder_fd, "acked", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct stat st;
    int r = fd < 0 || fstat(fd, &st) != 0 ? -errno : 0;

    if (r == 0 && st.st_size != sizeof none &&
        (pwrite(fd, &none, sizeof none, 0) != sizeof none || fsync(fd) != 0))
        r = -EIO;
    if (r == 0) {
        j->acked = mmap(NULL, sizeof none, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (j->acked == MAP_FAILED) {
            j->acked = NULL;
            r = -errno;
        }
    }
    if (fd >= 0)
        (void)close(fd);
    return r;
}

static int by_first(const void *a, const void *b)
{
    const struct segment *x = a, *y = b;

    return (x->first > y->first) - (x->first < y->first);
}

static int segment_add(struct journal *j, uint64_t first, uint64_t size)
{
    if (j->count == j->capacity) {
        uint32_t capacity = j->capacity ? 2 * j->capacity : 64;
        struct segment *grown = realloc(j->segment, capacity * sizeof *grown);

        if (!grown)
            return -ENOMEM;
        j->segment = grown;
        j->capacity = capacity;
    }
    j->segment[j->count++] = (struct segment){first, size};
    atomic_fetch_add(&j->size, size);
    return 0;
}

static int segments_find(struct journal *j, struct err *err)
{
    DIR *dir = opendir(j->config.folder);
    struct dirent *entry;
    int r = 0;

    if (!dir)
        return err_set(err, -errno, "%s: %s", j->config.folder, strerror(errno));
    while (r == 0 && (entry = readdir(dir))) {
        uint64_t first;
        struct stat st;
        int end = 0;

        if (sscanf(entry->d_name, "log-%16" SCNx64 "%n", &first, &end) != 1 || end != 20 ||
            entry->d_name[end] || fstatat(j->folder_fd, entry->d_name, &st, 0) != 0)
            continue;
        r = segment_add(j, first, (uint64_t)st.st_size);
    }
    (void)closedir(dir);
    if (j->count > 0)
        qsort(j->segment, j->count, sizeof *j->segment, by_first);
    return r;
}

int journal_open(const struct journal_config *config, struct journal **out, struct err *err)
{
    AUTO(journal_free) struct journal *j = calloc(1, sizeof *j);
    int r;

    if (!j)
        return -ENOMEM;
    j->config = *config;
    j->fd = -1;
    j->next = 1;
    j->folder_fd = open(config->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (j->folder_fd < 0)
        return err_set(err, -errno, "%s: %s", config->folder, strerror(errno));
    r = acked_open(j);
    if (r < 0)
        return err_set(err, r, "%s/acked: %s", config->folder, strerror(-r));
    r = segments_find(j, err);
    if (r < 0)
        return r;
    *out = TAKE(j);
    return 0;
}

void journal_free(struct journal *j)
{
    if (!j)
        return;
    if (j->fd >= 0)
        (void)close(j->fd);
    if (j->acked)
        (void)munmap(j->acked, sizeof *j->acked);
    if (j->folder_fd >= 0)
        (void)close(j->folder_fd);
    free(j->segment);
    free(j);
}

/* ---- reading ------------------------------------------------------------------------------------
 */

static int image_load(const struct journal *j, uint32_t index, struct image *image, struct err *err)
{
    int fd;
    struct stat st;

    *image = (struct image){.last = index + 1 == j->count};
    segment_path(j, j->segment[index].first, image->path);
    fd = open(image->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        int r = -errno;

        if (fd >= 0)
            (void)close(fd);
        return err_set(err, r, "%s: %s", image->path, strerror(-r));
    }
    image->size = (size_t)st.st_size;
    if (image->size > 0)
        image->data = mmap(NULL, image->size, PROT_READ, MAP_PRIVATE, fd, 0);
    (void)close(fd);
    if (image->data == MAP_FAILED) {
        image->data = NULL;
        return err_set(err, -errno, "%s: %s", image->path, strerror(errno));
    }
    return 0;
}

static void image_drop(struct image *image)
{
    if (image->data)
        (void)munmap(image->data, image->size);
}

static uint64_t segment_hash(const struct segment_header *header)
{
    return XXH3_64bits(header, offsetof(struct segment_header, hash));
}

/* 0: read on behind it; -ENODATA: the segment never got its first frame; negative: err says why. */
static int image_check(const struct image *image, struct err *err)
{
    struct segment_header header;

    if (image->size < sizeof header)
        return image->last ? -ENODATA
                           : err_set(err, -EBADMSG, "%s: damaged: it has no header", image->path);
    memcpy(&header, image->data, sizeof header);
    if (memcmp(header.magic, segment_magic, sizeof header.magic) != 0 ||
        header.hash != segment_hash(&header))
        return err_set(err, -EBADMSG, "%s: damaged: its header is wrong", image->path);
    if (header.layout != frame_layout())
        return err_set(err, -ENOTSUP,
                       "%s: written by another version of stillwatch; end that one with SIGTERM "
                       "and start this one in an empty folder",
                       image->path);
    return 0;
}

/* The header of a frame at `at`, when one is there. */
static bool header_at(const struct image *image, size_t at, struct frame_header *header)
{
    if (at > image->size || image->size - at < sizeof *header)
        return false;
    memcpy(header, image->data + at, sizeof *header);
    return frame_header_valid(header);
}

static bool frame_whole(const struct image *image, size_t at, const struct frame_header *header)
{
    return image->size - at - sizeof *header >= header->size;
}

static bool frame_intact(const struct image *image, size_t at, const struct frame_header *header)
{
    return frame_whole(image, at, header) &&
           frame_payload_valid(header, image->data + at + sizeof *header);
}

/* The next intact frame at or behind `at`; the image's size when there is none. */
static size_t next_frame(const struct image *image, size_t at, struct frame_header *header)
{
    for (at = (at + 7) / 8 * 8; at < image->size; at += 8)
        if (header_at(image, at, header) && frame_intact(image, at, header))
            return at;
    return image->size;
}

/* Whether the end of a segment is what a crash leaves of a frame that was being written: it breaks
 * off before the frame's end, or blocks of it never came to the disk and read as zeros. */
static bool torn(const struct image *image, size_t at)
{
    struct frame_header header;
    size_t left = image->size - at;
    unsigned zeros = 0;

    if (left < sizeof header || (header_at(image, at, &header) && !frame_whole(image, at, &header)))
        return true;
    for (size_t i = at; i < image->size && zeros < SECTOR; i++)
        zeros = image->data[i] == '\0' ? zeros + 1 : 0;
    return zeros == SECTOR;
}

static int cut_off(struct journal *j, uint32_t index, const struct image *image, size_t at,
                   struct err *err)
{
    int fd = open(image->path, O_WRONLY | O_CLOEXEC);
    int r = fd < 0 || ftruncate(fd, (off_t)at) != 0 || fsync(fd) != 0 ? -errno : 0;

    if (fd >= 0)
        (void)close(fd);
    atomic_fetch_sub(&j->size, j->segment[index].size - at);
    j->segment[index].size = at;
    return r < 0 ? err_set(err, r, "%s: %s", image->path, strerror(-r)) : 0;
}

/* Reading as a whole. */
struct replay {
    struct journal *journal;
    uint64_t expected; /* the frame that must come next: those before are in the snapshot */
    uint64_t acked;
    int (*apply)(void *ctx, const struct frame_header *header, const char *payload);
    void *ctx;
    struct journal_losses *losses;
};

/* Nothing intact is at `at`. Goes on where something is, if what lies between may be missing. */
static int pass_over(struct replay *replay, uint32_t index, const struct image *image, size_t *at,
                     struct err *err)
{
    struct frame_header header;
    size_t found = next_frame(image, *at, &header);
    uint64_t next = found < image->size ? header.seq
                    : image->last       ? replay->expected
                                        : replay->journal->segment[index + 1].first;
    bool at_end = found == image->size && image->last;

    if (header_at(image, *at, &header) && frame_whole(image, *at, &header) &&
        header.seq < replay->expected) { /* the snapshot has what was in it */
        *at += sizeof header + header.size;
        return 0;
    }
    found = next_frame(image, *at, &header);
    if (at_end && replay->expected > replay->acked && torn(image, *at)) {
        replay->losses->torn_bytes += image->size - *at;
        return cut_off(replay->journal, index, image, *at, err) < 0 ? -EIO : 1;
    }
    if (next > replay->expected || at_end) {
        if (!replay->journal->config.repair)
            return err_set(err, -EBADMSG,
                           "%s: damaged at byte %zu: frames from %" PRIu64
                           " on were acknowledged and cannot be read; --repair goes on without "
                           "them",
                           image->path, *at, replay->expected);
        replay->losses->lost_frames += at_end ? 1 : next - replay->expected;
        replay->losses->damaged_bytes += found - *at;
        replay->expected = at_end ? replay->expected : next;
        if (at_end && cut_off(replay->journal, index, image, *at, err) < 0)
            return -EIO;
    }
    *at = found;
    return found == image->size ? 1 : 0;
}

static int replay_segment(struct replay *replay, uint32_t index, struct err *err)
{
    struct image image;
    size_t at = sizeof(struct segment_header);
    int r = image_load(replay->journal, index, &image, err);

    if (r == 0)
        r = image_check(&image, err);
    if (r == -EBADMSG && replay->journal->config.repair)
        r = 0;
    if (r == -ENODATA) { /* a crash just after it was made */
        replay->losses->torn_bytes += image.size;
        (void)unlink(image.path);
        replay->journal->count--;
        r = 0;
        at = image.size;
    }
    while (r == 0 && at < image.size) {
        struct frame_header header;

        if (!header_at(&image, at, &header) || !frame_intact(&image, at, &header)) {
            r = pass_over(replay, index, &image, &at, err);
            continue;
        }
        if (header.seq == replay->expected) {
            r = replay->apply(replay->ctx, &header, image.data + at + sizeof header);
            replay->expected++;
        } else if (header.seq > replay->expected) {
            r = err_set(err, -EBADMSG, "%s: frames %" PRIu64 " to %" PRIu64 " are missing",
                        image.path, replay->expected, header.seq - 1);
            if (replay->journal->config.repair) {
                replay->losses->lost_frames += header.seq - replay->expected;
                replay->expected = header.seq;
                r = 0;
                continue;
            }
        }
        at += sizeof header + header.size;
    }
    image_drop(&image);
    return r < 0 ? r : 0;
}

/* What was read may be acknowledged from now on, when it is sent again: so it must be on disk,
 * which a crash between writing and syncing leaves open. */
static int last_sync(struct journal *j, struct err *err)
{
    char path[PATH_SIZE];
    int fd, r = 0;

    if (j->count > 0) {
        segment_path(j, j->segment[j->count - 1].first, path);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        r = fd < 0 || fsync(fd) != 0 ? -errno : 0;
        if (fd >= 0)
            (void)close(fd);
        if (r < 0)
            return err_set(err, r, "%s: %s", path, strerror(-r));
    }
    for (unsigned place = 0; place < 2; place++)
        acked_write(j, j->next - 1);
    return 0;
}

int journal_replay(struct journal *j, uint64_t from,
                   int (*apply)(void *ctx, const struct frame_header *header, const char *payload),
                   void *ctx, struct journal_losses *losses, struct err *err)
{
    struct replay replay = {j, from, acked_read(j), apply, ctx, losses};
    uint32_t first = 0;

    *losses = (struct journal_losses){0};
    while (first + 1 < j->count && j->segment[first + 1].first <= from)
        first++;
    for (uint32_t i = first; i < j->count; i++) {
        int r = replay_segment(&replay, i, err);

        if (r < 0)
            return r;
    }
    if (replay.expected <= replay.acked) {
        if (!j->config.repair)
            return err_set(err, -EBADMSG,
                           "%s: the log ends too early: frames %" PRIu64 " to %" PRIu64
                           " were acknowledged and are not in it; --repair goes on without them",
                           j->config.folder, replay.expected, replay.acked);
        losses->lost_frames += replay.acked + 1 - replay.expected;
    }
    j->next = replay.expected;
    return last_sync(j, err);
}

/* ---- writing ------------------------------------------------------------------------------------
 */

/* All of it, however short single writes are. */
static int write_all(int fd, struct iovec *iov, int count)
{
    while (count > 0) {
        ssize_t n = writev(fd, iov, count < IOV_STEP ? count : IOV_STEP);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            return -EIO;
        while (count > 0 && (size_t)n >= iov->iov_len) {
            n -= (ssize_t)iov->iov_len;
            iov++;
            count--;
        }
        if (count > 0) {
            iov->iov_base = (char *)iov->iov_base + n;
            iov->iov_len -= (size_t)n;
        }
    }
    return 0;
}

static int segment_start(struct journal *j, struct err *err)
{
    struct segment_header header = {.layout = frame_layout(), .first = j->next};
    struct iovec iov = {&header, sizeof header};
    char path[PATH_SIZE];
    int r, fd;

    memcpy(header.magic, segment_magic, sizeof header.magic);
    header.hash = segment_hash(&header);
    segment_path(j, j->next, path);
    /* One of this name has no frame in it: a crash came before the first. */
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set(err, -errno, "%s: %s", path, strerror(errno));
    r = write_all(fd, &iov, 1);
    if (r == 0 && (fdatasync(fd) != 0 || fsync(j->folder_fd) != 0))
        r = -errno;
    if (r == 0 && !(j->count > 0 && j->segment[j->count - 1].first == j->next))
        r = segment_add(j, j->next, sizeof header);
    if (r < 0) {
        (void)close(fd);
        (void)unlink(path);
        return err_set(err, r, "%s: %s", path, strerror(-r));
    }
    j->segment[j->count - 1].size = sizeof header;
    if (j->fd >= 0)
        (void)close(j->fd);
    j->fd = fd;
    return 0;
}

/* Takes back what was written of a group. */
static void take_back(struct journal *j, const struct segment *segment)
{
    if (ftruncate(j->fd, (off_t)segment->size) != 0 || fdatasync(j->fd) != 0)
        j->broken = true;
}

static int group_write(struct journal *j, struct frame *const *frame, uint32_t count,
                       struct err *err)
{
    AUTO_FREE struct iovec *iov = malloc(2 * (size_t)count * sizeof *iov);
    struct segment *segment = &j->segment[j->count - 1];
    uint64_t size = 0;
    int r;

    if (!iov)
        return -ENOMEM;
    for (uint32_t i = 0; i < count; i++) {
        frame_seal(frame[i], j->next + i);
        iov[2 * i] = (struct iovec){&frame[i]->header, sizeof frame[i]->header};
        iov[2 * i + 1] = (struct iovec){frame[i]->payload, frame[i]->header.size};
        size += sizeof frame[i]->header + frame[i]->header.size;
    }
    r = write_all(j->fd, iov, (int)(2 * count));
    if (r < 0) {
        take_back(j, segment);
        return err_set(err, r, "log: %s", strerror(-r));
    }
    if (fdatasync(j->fd) != 0) { /* what the system has dropped, nobody knows */
        j->broken = true;
        return err_set(err, -errno, "log: sync: %s", strerror(errno));
    }
    segment->size += size;
    atomic_fetch_add(&j->size, size);
    j->next += count;
    acked_write(j, j->next - 1);
    return 0;
}

int journal_append(struct journal *j, struct frame *const *frame, uint32_t count, struct err *err)
{
    int r = 0;

    if (j->broken)
        return err_set(err, -EIO, "log: it has failed before");
    if (j->fd < 0 || j->segment[j->count - 1].size >= j->config.segment_size)
        r = segment_start(j, err);
    return r < 0 ? r : group_write(j, frame, count, err);
}

bool journal_broken(const struct journal *j)
{
    return j->broken;
}

uint64_t journal_next(const struct journal *j)
{
    return j->next;
}

uint64_t journal_size(const struct journal *j)
{
    return atomic_load(&j->size);
}

/* ---- forgetting ---------------------------------------------------------------------------------
 */

static bool too_old(const struct journal *j, const char *path)
{
    struct stat st;
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return stat(path, &st) == 0 &&
           (msec_t)(now.tv_sec - st.st_mtim.tv_sec) * MSEC_SECOND > j->config.retain_ms;
}

void journal_retain(struct journal *j, uint64_t needed)
{
    uint32_t gone = 0;

    while (gone + 1 < j->count && j->segment[gone + 1].first <= needed) {
        char path[PATH_SIZE];

        segment_path(j, j->segment[gone].first, path);
        if (journal_size(j) <= j->config.retain_size && !too_old(j, path))
            break;
        (void)unlink(path);
        atomic_fetch_sub(&j->size, j->segment[gone].size);
        gone++;
    }
    j->count -= gone;
    memmove(j->segment, j->segment + gone, j->count * sizeof *j->segment);
}
