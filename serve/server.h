/* The daemon as a whole, and what its parts share. The event loop's thread owns all of this but
 * what the engine and the intake own. */
#pragma once

#include "serve/connections.h"
#include "serve/engine.h"
#include "serve/outbox.h"
#include "serve/tokens.h"
#include "tools/map_path.h"

#include <event2/event.h>

enum { LISTEN_MAX = 4, STREAMS_MAX = 64, REQUEST_ID_SIZE = 24, SERVED_MAPS = BODY_MAPS_MAX };

struct serve_options {
    const char *state;  /* folder */
    const char *listen; /* ADDR:PORT; NULL: not over TCP */
    const char *unix_path;
    bool from_stdin;
    const char *map; /* of what comes through stdin, and the default of posted bodies */
    const char *tokens, *tls_cert, *tls_key, *pseudonymise;
    const char *webhook, *webhook_secret, *alertmanager; /* NULL: nothing is sent */
    const char *out;                                     /* run folder that is written at the end */
    bool finish, repair, check;
    enum level decision_level;
    double lateness_s;
    uint32_t decode_threads;
    uint64_t body_max, queue_max, connections_max, request_s;
    uint64_t retain_size, segment_size;
    double retain_h, snapshot_s;
    struct detector_config detector;
    /* Reads the configuration anew, as it was read at the start. 0; a negative errno. */
    int (*reload)(void *ctx, struct detector_config *out, struct err *err);
    void *reload_ctx;
};

#define HTTP_COUNTERS(X)                                                                           \
    X(requests, "requests", "answered")                                                            \
    X(errors_client, "requests", "answered with 4xx")                                              \
    X(errors_server, "requests", "answered with 5xx")                                              \
    X(unauthorised, "requests", "refused: no token, or not one for this")                          \
    X(streams_dropped, "streams", "ended: the reader was too slow")

struct http_counts {
#define COUNTER_MEMBER(name, unit, help) uint64_t name;
    HTTP_COUNTERS(COUNTER_MEMBER)
#undef COUNTER_MEMBER
};

/* A reader of the findings as they come. */
struct stream {
    struct evhttp_request *request; /* NULL: free */
    uint64_t cursor;
};

struct server {
    const struct serve_options *options;
    struct event_base *base;
    struct evhttp *http;
    struct connections *connections;
    struct tokens tokens;
    struct pseudonym pseudonym;
    struct ssl_ctx_st *tls;
    struct pool pool;
    struct journal *journal;
    struct batch_ids *ids;
    struct pipeline *pipeline;
    struct labels *labels;
    struct intake intake;
    struct engine *engine;
    struct outbox *outbox[OUTBOX_KINDS];
    struct queue answered, told, delivered; /* struct ingest; struct query; struct delivery */
    int wake_fd;
    struct event *wake, *tick, *term, *interrupt, *hangup;
    struct {
        char name[MAP_PATH_SIZE];
        struct field_map *map;
    } map[SERVED_MAPS];
    struct stream stream[STREAMS_MAX];
    struct detector_config config; /* in force */
    struct http_counts http_counts;
    uint64_t started_ns, call_count, call_secret;
    uint32_t open_calls;  /* not yet answered */
    atomic_bool draining; /* the thread of stdin looks too */
    bool stdin_runs;
    pthread_t stdin_thread;
    /* for the status page: what was there a second ago */
    uint64_t rate_ns, rate_records;
    double rate;
};

/* Runs until SIGTERM or the end of stdin. Returns an exit code after its own messages. */
int server_run(const struct serve_options *options);

uint64_t server_now_ns(void);
msec_t server_time_ms(void); /* time of day */

/* A map by name: shipped ones only. NULL: there is none, or too many are in use. */
const struct field_map *server_map(struct server *server, const char *name);

/* Swaps the configuration for what is on disk now. 0, or -EINVAL with the reason. */
int server_reload(struct server *server, struct err *err);

/* Begins to end: nothing new is taken, what was taken is answered. */
void server_drain(struct server *server, const char *why);

/* ---- http.c ---- */

/* Listens as the options say, and tells where. 0; a negative errno. */
int http_listen(struct server *server, struct err *err);
void http_close(struct server *server);

/* Answers that have come back from the intake and the engine. */
void http_answer_ingest(struct server *server, struct ingest *ingest);
void http_answer_query(struct server *server, struct query *query);

/* Sends new findings to those who follow them. */
void http_streams_push(struct server *server);

/* ---- metrics.c ---- */

/* The Prometheus text format, version 0.0.4, into `out`. */
void metrics_write(struct server *server, struct evbuffer *out);

/* GET /v1/status. */
void metrics_status(struct server *server, struct json_write *w);
