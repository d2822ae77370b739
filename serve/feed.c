#include "feed.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MARK_LINES = 64, BLOCK_SIZE = 64 * 1024, PATH_SIZE = 4096 };

struct feed {
    int fd;
    pthread_mutex_t lock;
    struct feed_end end;
    uint64_t *mark; /* where line i * MARK_LINES begins */
    size_t mark_count, mark_capacity;
};

/* Counts the lines of what stands at the feed's end. */
static int count_lines(struct feed *feed, const char *text, size_t size)
{
    for (const char *at = text, *end = text + size; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));

        if (feed->end.lines % MARK_LINES == 0 && feed->end.lines / MARK_LINES == feed->mark_count) {
            if (feed->mark_count == feed->mark_capacity) {
                size_t capacity = feed->mark_capacity ? 2 * feed->mark_capacity : 64;
                uint64_t *grown = realloc(feed->mark, capacity * sizeof *grown);

                if (!grown)
                    return -ENOMEM;
                feed->mark = grown;
                feed->mark_capacity = capacity;
            }
            feed->mark[feed->mark_count++] = feed->end.size;
        }
        if (!newline)
            break;
        feed->end.lines++;
        feed->end.size += (uint64_t)(newline + 1 - at);
        at = newline + 1;
    }
    return 0;
}

/* Reads what is there, block by block; a line is as long as it has to be. */
static int scan(struct feed *feed)
{
    size_t capacity = BLOCK_SIZE;
    AUTO_FREE char *block = malloc(capacity);
    int r = block ? 0 : -ENOMEM;

    while (r == 0) {
        uint64_t before = feed->end.size;
        ssize_t n = pread(feed->fd, block, capacity, (off_t)before);

        if (n <= 0)
            return n < 0 ? -errno : 0;
        r = count_lines(feed, block, (size_t)n);
        if (r == 0 && feed->end.size == before) { /* no line ends in it */
            char *grown = (size_t)n < capacity ? NULL : realloc(block, 2 * capacity);

            if (!grown)
                return (size_t)n < capacity ? 0 : -ENOMEM;
            block = grown;
            capacity *= 2;
        }
    }
    return r;
}

int feed_open(const char *folder, const char *name, struct feed **out, struct err *err)
{
    AUTO(feed_free) struct feed *feed = calloc(1, sizeof *feed);
    char path[PATH_SIZE];
    int r;

    if (!feed)
        return -ENOMEM;
    (void)pthread_mutex_init(&feed->lock, NULL);
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    feed->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (feed->fd < 0)
        return err_set(err, -errno, "%s: %s", path, strerror(errno));
    r = scan(feed);
    if (r == 0 && ftruncate(feed->fd, (off_t)feed->end.size) != 0)
        r = -errno;
    if (r < 0)
        return err_set(err, r, "%s: %s", path, strerror(-r));
    *out = TAKE(feed);
    return 0;
}

void feed_free(struct feed *feed)
{
    if (!feed)
        return;
    if (feed->fd >= 0)
        (void)close(feed->fd);
    (void)pthread_mutex_destroy(&feed->lock);
    free(feed->mark);
    free(feed);
}

void feed_end(const struct feed *feed, struct feed_end *out)
{
    pthread_mutex_t *lock = (pthread_mutex_t *)(uintptr_t)&feed->lock;

    (void)pthread_mutex_lock(lock);
    *out = feed->end;
    (void)pthread_mutex_unlock(lock);
}

int feed_cut(struct feed *feed, const struct feed_end *end)
{
    int r = 0;

    (void)pthread_mutex_lock(&feed->lock);
    if (end->lines > feed->end.lines || end->size > feed->end.size)
        r = -ENODATA;
    else if (ftruncate(feed->fd, (off_t)end->size) != 0)
        r = -errno;
    if (r == 0) {
        feed->end = *end;
        feed->mark_count = (end->lines + MARK_LINES - 1) / MARK_LINES;
    }
    (void)pthread_mutex_unlock(&feed->lock);
    return r;
}

int feed_put(struct feed *feed, struct str lines)
{
    size_t done = 0;
    int r = 0;

    while (r == 0 && done < lines.n) {
        ssize_t n =
            pwrite(feed->fd, lines.p + done, lines.n - done, (off_t)(feed->end.size + done));

        if (n > 0)
            done += (size_t)n;
        else if (n == 0 || errno != EINTR)
            r = n == 0 ? -EIO : -errno;
    }
    (void)pthread_mutex_lock(&feed->lock);
    if (r == 0)
        r = count_lines(feed, lines.p, lines.n);
    (void)pthread_mutex_unlock(&feed->lock);
    return r;
}

int feed_sync(struct feed *feed)
{
    return fdatasync(feed->fd) != 0 ? -errno : 0;
}

/* Where in `text` line number `lines` begins; its size when there are fewer. */
static size_t skip_lines(const char *text, size_t size, uint64_t lines)
{
    size_t at = 0;

    for (; lines > 0 && at < size; lines--) {
        const char *newline = memchr(text + at, '\n', size - at);

        at = newline ? (size_t)(newline - text) + 1 : size;
    }
    return at;
}

int feed_read(struct feed *feed, uint64_t *cursor, uint32_t limit, char **text, size_t *size)
{
    struct feed_end end;
    uint64_t from = 0, to, mark = *cursor / MARK_LINES, last;
    size_t begin, n;
    char *all;

    *text = NULL;
    *size = 0;
    (void)pthread_mutex_lock(&feed->lock);
    end = feed->end;
    last = (*cursor + limit + MARK_LINES - 1) / MARK_LINES;
    from = mark < feed->mark_count ? feed->mark[mark] : end.size;
    to = last < feed->mark_count ? feed->mark[last] : end.size;
    (void)pthread_mutex_unlock(&feed->lock);
    if (*cursor >= end.lines || limit == 0)
        return 0;
    n = (size_t)(to - from);
    all = malloc(n + 1);
    if (!all)
        return -ENOMEM;
    if (pread(feed->fd, all, n, (off_t)from) != (ssize_t)n) {
        free(all);
        return -EIO;
    }
    begin = skip_lines(all, n, *cursor % MARK_LINES);
    *size = skip_lines(all + begin, n - begin, limit);
    *cursor = end.lines - *cursor < limit ? end.lines : *cursor + limit;
    memmove(all, all + begin, *size);
    *text = all;
    return 0;
}
