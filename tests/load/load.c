/* Posts a file of events to a server that listens on loopback, over some connections, open loop:
 * batch i is due at i / rate, whatever the server does; then tells the rate that was acknowledged
 * and how long acknowledgements took, counted from when a batch was due.
 *
 *   load PORT EVENTS [--batch N] [--connections N] [--rate EVENTS_PER_S] [--limit EVENTS]
 *
 * One line of JSON. For measurements by hand (tools/dev load); no test depends on a speed. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct batch {
    const char *text;
    size_t size;
    uint32_t events;
    uint64_t latency_ns;
};

static struct batch *batches;
static uint32_t batch_count;
static atomic_uint next_batch;
static atomic_ulong busy, failed;
static uint64_t began_ns;
static double rate;
static int port;

static uint64_t now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int dial(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        perror("connect");
        exit(1);
    }
    return fd;
}

/* Sends one batch; the status of the answer, 0 when the connection broke. */
static int post(int fd, const struct batch *batch, uint32_t number)
{
    char head[256], answer[4096];
    struct iovec iov[2];
    size_t got = 0;
    char *body;
    int n = snprintf(head, sizeof head,
                     "POST /v1/events HTTP/1.1\r\nHost: l\r\nIdempotency-Key: load-%d-%u\r\n"
                     "Content-Length: %zu\r\n\r\n",
                     (int)getpid(), number, batch->size);

    iov[0] = (struct iovec){head, (size_t)n};
    iov[1] = (struct iovec){(void *)(uintptr_t)batch->text, batch->size};
    for (int i = 0; i < 2;) {
        ssize_t sent = writev(fd, iov + i, 2 - i);

        if (sent <= 0)
            return 0;
        for (; i < 2 && (size_t)sent >= iov[i].iov_len; i++)
            sent -= (ssize_t)iov[i].iov_len;
        if (i < 2) {
            iov[i].iov_base = (char *)iov[i].iov_base + sent;
            iov[i].iov_len -= (size_t)sent;
        }
    }
    for (;;) {
        ssize_t r = recv(fd, answer + got, sizeof answer - 1 - got, 0);
        const char *length;

        if (r <= 0)
            return 0;
        got += (size_t)r;
        answer[got] = '\0';
        body = strstr(answer, "\r\n\r\n");
        length = strcasestr(answer, "Content-Length:");
        if (body && length && got >= (size_t)(body + 4 - answer) + strtoul(length + 15, NULL, 10))
            return atoi(answer + 9);
    }
}

static void wait_until(uint64_t at)
{
    uint64_t now = now_ns();
    struct timespec pause;

    if (now >= at)
        return;
    pause = (struct timespec){(time_t)((at - now) / 1000000000u), (long)((at - now) % 1000000000u)};
    (void)nanosleep(&pause, NULL);
}

static void *sender(void *arg)
{
    static const struct timespec backoff = {0, 20000000};
    int fd = dial();
    uint32_t i;

    (void)arg;
    while ((i = atomic_fetch_add(&next_batch, 1)) < batch_count) {
        uint64_t due = now_ns();
        int status;

        if (rate > 0.0) {
            due = began_ns + (uint64_t)((double)i * batches[i].events / rate * 1e9);
            wait_until(due);
        }
        while ((status = post(fd, &batches[i], i)) != 202) {
            if (status == 429 || status == 503) {
                atomic_fetch_add(&busy, 1);
                (void)nanosleep(&backoff, NULL);
                continue;
            }
            atomic_fetch_add(&failed, 1);
            (void)close(fd);
            fd = dial();
        }
        batches[i].latency_ns = now_ns() - due;
    }
    (void)close(fd);
    return NULL;
}

static uint64_t cut(const char *text, size_t size, uint32_t per_batch, uint64_t limit)
{
    const char *at = text, *end = text + size;
    uint64_t events = 0;

    batches = calloc(size / 64 + 1, sizeof *batches);
    while (at < end && events < limit) {
        struct batch *b = &batches[batch_count++];

        b->text = at;
        while (at < end && b->events < per_batch && events < limit) {
            const char *newline = memchr(at, '\n', (size_t)(end - at));

            at = newline ? newline + 1 : end;
            b->events++;
            events++;
        }
        b->size = (size_t)(at - b->text);
    }
    return events;
}

static int ascending(const void *a, const void *b)
{
    const struct batch *x = a, *y = b;

    return (x->latency_ns > y->latency_ns) - (x->latency_ns < y->latency_ns);
}

static double quantile_ms(double q)
{
    return (double)batches[(uint32_t)(q * (batch_count - 1))].latency_ns / 1e6;
}

int main(int argc, char **argv)
{
    uint32_t per_batch = 1000, connections = 4;
    uint64_t limit = UINT64_MAX, events;
    pthread_t thread[256];
    struct stat st;
    const char *text;
    double seconds;
    int fd;

    if (argc < 3)
        return 2;
    port = atoi(argv[1]);
    for (int i = 3; i + 1 < argc; i += 2) {
        double value = strtod(argv[i + 1], NULL);

        if (strcmp(argv[i], "--batch") == 0)
            per_batch = (uint32_t)value;
        else if (strcmp(argv[i], "--connections") == 0)
            connections = (uint32_t)value;
        else if (strcmp(argv[i], "--rate") == 0)
            rate = value;
        else if (strcmp(argv[i], "--limit") == 0)
            limit = (uint64_t)value;
        else
            return 2;
    }
    fd = open(argv[2], O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0 || connections < 1 || connections > 256)
        return 2;
    text = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    events = cut(text, (size_t)st.st_size, per_batch, limit);
    began_ns = now_ns();
    for (uint32_t i = 0; i < connections; i++)
        if (pthread_create(&thread[i], NULL, sender, NULL) != 0)
            return 1;
    for (uint32_t i = 0; i < connections; i++)
        (void)pthread_join(thread[i], NULL);
    seconds = (double)(now_ns() - began_ns) / 1e9;
    qsort(batches, batch_count, sizeof *batches, ascending);
    (void)printf("{\"events\": %llu, \"seconds\": %.3f, \"events_per_s\": %.0f, \"busy\": %lu, "
                 "\"broken\": %lu, \"p50_ms\": %.2f, \"p99_ms\": %.2f, \"max_ms\": %.2f}\n",
                 (unsigned long long)events, seconds, (double)events / seconds, busy, failed,
                 quantile_ms(0.5), quantile_ms(0.99), quantile_ms(1.0));
    return 0;
}
