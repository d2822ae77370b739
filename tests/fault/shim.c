/* Makes the disk fail, for the fault test alone: preloaded into `stillwatch serve`, it cuts writes
 * to files short, lets some fail as if the disk were full, and some syncs as if it were broken.
 * STILLWATCH_FAULTS="SEED SHORT FULL SYNC": the last three are chances in 10,000. */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { OF = 10000 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t state;
static unsigned chance_short, chance_full, chance_sync;

__attribute__((constructor)) static void read_chances(void)
{
    const char *text = getenv("STILLWATCH_FAULTS");
    unsigned long long seed = 0;

    if (text &&
        sscanf(text, "%llu %u %u %u", &seed, &chance_short, &chance_full, &chance_sync) != 4)
        abort();
    state = seed;
}

/* True in `chance` of 10,000 cases; *more is another random number. */
static int happens(unsigned chance, uint64_t *more)
{
    uint64_t x;

    (void)pthread_mutex_lock(&lock);
    state += 0x9e3779b97f4a7c15u;
    x = state;
    (void)pthread_mutex_unlock(&lock);
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    x ^= x >> 31;
    *more = x >> 20;
    return x % OF < chance;
}

static int is_file(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

/* How much of `size` bytes may be written; -1: the disk is full. */
static ssize_t allowed(int fd, size_t size)
{
    uint64_t more;

    if (!is_file(fd))
        return (ssize_t)size;
    if (happens(chance_full, &more)) {
        errno = ENOSPC;
        return -1;
    }
    return happens(chance_short, &more) && size > 1 ? (ssize_t)(1 + more % (size - 1))
                                                    : (ssize_t)size;
}

ssize_t write(int fd, const void *data, size_t size)
{
    static ssize_t (*real)(int, const void *, size_t);
    ssize_t n = allowed(fd, size);

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "write");
    return n < 0 ? n : real(fd, data, (size_t)n);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    ssize_t n = allowed(fd, size);

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "pwrite64");
    return n < 0 ? n : real(fd, data, (size_t)n, at);
}

ssize_t writev(int fd, const struct iovec *iov, int count)
{
    static ssize_t (*real)(int, const struct iovec *, int);
    size_t size = 0;
    ssize_t n;

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "writev");
    for (int i = 0; i < count; i++)
        size += iov[i].iov_len;
    n = allowed(fd, size);
    if (n < 0 || (size_t)n == size)
        return n < 0 ? n : real(fd, iov, count);
    for (int i = 0; i < count; i++) /* the first piece that is not empty, or its beginning */
        if (iov[i].iov_len > 0)
            return write(fd, iov[i].iov_base,
                         iov[i].iov_len < (size_t)n ? iov[i].iov_len : (size_t)n);
    return 0;
}

static int sync_fails(void)
{
    uint64_t more;

    if (!happens(chance_sync, &more))
        return 0;
    errno = EIO;
    return 1;
}

int fdatasync(int fd)
{
    static int (*real)(int);

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "fdatasync");
    return sync_fails() ? -1 : real(fd);
}

int fsync(int fd)
{
    static int (*real)(int);

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "fsync");
    return sync_fails() ? -1 : real(fd);
}
