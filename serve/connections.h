/* Limits on connections that the HTTP library does not have: how many there are, how long one
 * request may take to come in, and how much all unfinished requests may hold. */
#pragma once

#include <event2/http.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bufferevent;
struct connections;
struct ssl_ctx_st;

struct connections_config {
    struct event_base *base;
    struct ssl_ctx_st *tls; /* NULL: plain */
    uint32_t max;           /* connections */
    uint32_t request_s;     /* from a request's first byte to its last */
    size_t receiving_max;   /* bytes of requests that are not complete, together */
};

#define CONNECTION_COUNTERS(X)                                                                     \
    X(accepted, "connections", "accepted")                                                         \
    X(full, "times", "no connection was accepted for a while: there were too many")                \
    X(slow, "connections", "ended: a request took too long to come in")                            \
    X(flooded, "connections", "ended: unfinished requests held too much memory")

struct connection_counts {
#define COUNTER_MEMBER(name, unit, help) uint64_t name;
    CONNECTION_COUNTERS(COUNTER_MEMBER)
#undef COUNTER_MEMBER
    uint32_t open;
    size_t receiving; /* bytes */
};

/* 0, or -ENOMEM. */
int connections_new(const struct connections_config *config, struct connections **out);
void connections_free(struct connections *connections);

/* Makes the connections of `http` count. `bound` is closed for a while when there are too many. */
void connections_watch(struct connections *connections, struct evhttp *http,
                       struct evhttp_bound_socket *bound);

/* A request is complete. */
void connections_complete(struct connections *connections, struct evhttp_request *request);

void connections_counts(const struct connections *connections, struct connection_counts *out);
