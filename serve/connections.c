/* The library tells nobody when it closes a connection. So every connection is remembered by its
 * descriptor and the number of its socket, and looked at once a second: when the descriptor is
 * closed or another's, the connection is gone. */
#include "connections.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    FD_MAX = 1 << 16,
    LISTENERS_MAX = 4,
    SWEEP_S = 1,
    LIBRARY_READ = 4096, /* bytes: when it has read so many, there may be more */
    READ_SIZE = 64 * 1024,
    READS_MAX = 16, /* then other connections have their turn */
};

struct connection {
    struct connections *all;
    struct bufferevent *bev; /* the library's; NULL once its descriptor is known */
    int fd;                  /* -1: not known yet */
    ino_t socket;
    size_t received;   /* bytes of the request that is coming in */
    uint64_t since_ns; /* its first byte; 0: none is coming */
    bool reading;      /* in read_more() */
    bool ended;        /* by us; what still comes is nobody's */
    bool used;
};

struct connections {
    struct connections_config config;
    struct connection *slot; /* config.max */
    uint32_t *by_fd;         /* slot + 1 */
    struct evconnlistener *listener[LISTENERS_MAX];
    uint32_t listener_count;
    struct event *learn, *sweep;
    bool closed;
    struct connection_counts counts;
};

static uint64_t now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void forget_request(struct connection *c)
{
    c->all->counts.receiving -= c->received;
    c->received = 0;
    c->since_ns = 0;
}

static void drop(struct connection *c)
{
    forget_request(c);
    if (c->fd >= 0 && c->all->by_fd[c->fd] == (uint32_t)(c - c->all->slot) + 1)
        c->all->by_fd[c->fd] = 0;
    c->used = false;
    c->all->counts.open--;
}

static void listen_again(struct connections *all, bool on)
{
    if (all->closed == !on)
        return;
    all->closed = !on;
    all->counts.full += !on;
    for (uint32_t i = 0; i < all->listener_count; i++)
        (void)(on ? evconnlistener_enable(all->listener[i])
                  : evconnlistener_disable(all->listener[i]));
}

static bool is_gone(const struct connection *c)
{
    struct stat st;

    return fstat(c->fd, &st) != 0 || st.st_ino != c->socket;
}

static void sweep(struct connections *all)
{
    uint64_t now = now_ns(), limit = (uint64_t)all->config.request_s * 1000000000u;

    for (uint32_t i = 0; i < all->config.max; i++) {
        struct connection *c = &all->slot[i];

        if (!c->used || c->fd < 0)
            continue;
        if (is_gone(c)) {
            drop(c);
        } else if (c->since_ns && now - c->since_ns > limit) {
            all->counts.slow++;
            c->ended = true;
            (void)shutdown(c->fd, SHUT_RDWR);
            forget_request(c);
        }
    }
    if (all->counts.open < all->config.max)
        listen_again(all, true);
}

static void on_sweep(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd, (void)what;
    sweep(ctx);
}

/* Runs before the new connections can be served, so they still exist. */
static void on_learn(evutil_socket_t fd, short what, void *ctx)
{
    struct connections *all = ctx;

    (void)fd, (void)what;
    for (uint32_t i = 0; i < all->config.max; i++) {
        struct connection *c = &all->slot[i];
        struct stat st;

        if (!c->used || !c->bev)
            continue;
        c->fd = bufferevent_getfd(c->bev);
        c->bev = NULL;
        if (c->fd < 0 || c->fd >= FD_MAX || fstat(c->fd, &st) != 0) {
            c->fd = -1;
            drop(c);
            continue;
        }
        c->socket = st.st_ino;
        all->by_fd[c->fd] = i + 1;
    }
}

/* The library reads 4 KiB at a time, with three system calls each: of a body of a megabyte, what is
 * there already is read here, in large pieces. Adding to the buffer calls on_input() again. */
static void read_more(struct connection *c, struct evbuffer *buffer)
{
    c->reading = true;
    for (unsigned i = 0; i < READS_MAX && !c->ended; i++) {
        struct evbuffer_iovec room;
        ssize_t n;

        if (evbuffer_reserve_space(buffer, READ_SIZE, &room, 1) != 1)
            break;
        n = recv(c->fd, room.iov_base, room.iov_len, MSG_DONTWAIT);
        room.iov_len = n > 0 ? (size_t)n : 0;
        if (n <= 0 || evbuffer_commit_space(buffer, &room, 1) != 0 || (size_t)n < READ_SIZE / 2)
            break; /* an end or an error shows again when the library reads */
    }
    c->reading = false;
}

static void on_input(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *ctx)
{
    static const char busy[] = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\n"
                               "Content-Length: 0\r\nConnection: close\r\n\r\n";
    struct connection *c = ctx;

    if (info->n_added == 0 || !c->used || c->ended)
        return;
    if (c->since_ns == 0)
        c->since_ns = now_ns();
    c->received += info->n_added;
    c->all->counts.receiving += info->n_added;
    if (c->all->counts.receiving > c->all->config.receiving_max && c->fd >= 0) {
        c->all->counts.flooded++;
        if (!c->all->config.tls)
            (void)send(c->fd, busy, sizeof busy - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
        c->ended = true;
        (void)shutdown(c->fd, SHUT_RDWR);
        forget_request(c);
    }
    if (!c->reading && !c->all->config.tls && c->fd >= 0 && info->n_added >= LIBRARY_READ)
        read_more(c, buffer);
}

static struct connection *free_slot(struct connections *all)
{
    for (uint32_t i = 0; i < all->config.max; i++)
        if (!all->slot[i].used)
            return &all->slot[i];
    return NULL;
}

static struct bufferevent *on_connection(struct event_base *base, void *ctx)
{
    struct connections *all = ctx;
    struct bufferevent *bev;
    struct connection *c;

    bev = all->config.tls
              ? bufferevent_openssl_socket_new(base, -1, SSL_new(all->config.tls),
                                               BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE)
              : bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    if (!bev)
        return NULL;
    all->counts.accepted++;
    c = free_slot(all);
    if (!c) { /* accepted in one go with those before: served, but not counted */
        sweep(all);
        c = free_slot(all);
        if (!c)
            return bev;
    }
    *c = (struct connection){.all = all, .bev = bev, .fd = -1, .used = true};
    (void)evbuffer_add_cb(bufferevent_get_input(bev), on_input, c);
    event_active(all->learn, EV_TIMEOUT, 0);
    if (++all->counts.open >= all->config.max) {
        sweep(all);
        if (all->counts.open >= all->config.max)
            listen_again(all, false);
    }
    return bev;
}

int connections_new(const struct connections_config *config, struct connections **out)
{
    static const struct timeval every = {SWEEP_S, 0};
    struct connections *all = calloc(1, sizeof *all);

    if (!all)
        return -ENOMEM;
    all->config = *config;
    all->slot = calloc(config->max, sizeof *all->slot);
    all->by_fd = calloc(FD_MAX, sizeof *all->by_fd);
    all->learn = event_new(config->base, -1, EV_PERSIST, on_learn, all);
    all->sweep = event_new(config->base, -1, EV_PERSIST, on_sweep, all);
    if (!all->slot || !all->by_fd || !all->learn || !all->sweep ||
        event_add(all->sweep, &every) != 0) {
        connections_free(all);
        return -ENOMEM;
    }
    *out = all;
    return 0;
}

void connections_free(struct connections *all)
{
    if (!all)
        return;
    if (all->learn)
        event_free(all->learn);
    if (all->sweep)
        event_free(all->sweep);
    free(all->slot);
    free(all->by_fd);
    free(all);
}

void connections_watch(struct connections *all, struct evhttp *http,
                       struct evhttp_bound_socket *bound)
{
    evhttp_set_bevcb(http, on_connection, all);
    if (all->listener_count < LISTENERS_MAX)
        all->listener[all->listener_count++] = evhttp_bound_socket_get_listener(bound);
}

void connections_complete(struct connections *all, struct evhttp_request *request)
{
    struct evhttp_connection *connection = evhttp_request_get_connection(request);
    int fd = connection ? bufferevent_getfd(evhttp_connection_get_bufferevent(connection)) : -1;
    uint32_t slot = fd >= 0 && fd < FD_MAX ? all->by_fd[fd] : 0;

    if (slot)
        forget_request(&all->slot[slot - 1]);
}

void connections_counts(const struct connections *all, struct connection_counts *out)
{
    *out = all->counts;
}
