#include "server.h"

#include "base/hash.h"
#include "base/rng.h"
#include "serve/assets.h"
#include "serve/say.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <inttypes.h>
#include <jansson.h>
#include <netdb.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    HEADERS_MAX = 16 * 1024,
    IDLE_S = 60,
    STREAM_BACKLOG_MAX = 1 << 20, /* bytes that a slow reader may leave */
    PAGE_LINES = 100,
    PAGE_LINES_MAX = 1000,
    JSON_BODY_MAX = 64 * 1024,
};

/* One request on its way to its answer. */
struct call {
    struct server *server;
    struct evhttp_request *request;
    struct evkeyvalq query;
    const char *path;   /* of the request's URI */
    const char *rest;   /* behind the route's path, for routes that take a name */
    char *decoded_rest; /* owned */
    char id[REQUEST_ID_SIZE];
    bool parsed;
    const struct body_kind *kind; /* of the body that is posted; NULL: none */
};

struct route {
    enum evhttp_cmd_type method;
    const char *path;
    bool prefix; /* a name follows */
    enum role role;
    void (*handle)(struct call *call);
};

/* ---- answering ----------------------------------------------------------------------------------
 */

static void call_free(struct call *call)
{
    if (call->parsed)
        evhttp_clear_headers(&call->query);
    call->server->open_calls--;
    free(call->decoded_rest);
    free(call);
}

static void header_put(struct call *call, const char *name, const char *value)
{
    (void)evhttp_add_header(evhttp_request_get_output_headers(call->request), name, value);
}

/* On every answer: nothing is guessed, framed, or loaded from elsewhere. */
static void headers_put(struct call *call, const char *content_type)
{
    header_put(call, "Content-Type", content_type);
    header_put(call, "X-Request-Id", call->id);
    header_put(call, "X-Content-Type-Options", "nosniff");
    header_put(call, "X-Frame-Options", "DENY");
    header_put(call, "Referrer-Policy", "no-referrer");
    header_put(call, "Cache-Control", "no-store");
    header_put(call, "Content-Security-Policy",
               "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
               "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
}

static const char *status_text(int status)
{
    switch (status) {
    case 200: return "OK";
    case 202: return "Accepted";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 503: return "Service Unavailable";
    default: return "Error";
    }
}

/* Ends the call. */
static void reply(struct call *call, int status, const char *content_type, const char *bytes,
                  size_t size)
{
    struct http_counts *counts = &call->server->http_counts;
    struct evbuffer *out = evbuffer_new();

    counts->requests++;
    counts->errors_client += status >= 400 && status < 500;
    counts->errors_server += status >= 500;
    headers_put(call, content_type);
    if (status == 429 || status == 503)
        header_put(call, "Retry-After", "1");
    if (call->server->draining)
        header_put(call, "Connection", "close");
    if (out && size > 0)
        (void)evbuffer_add(out, bytes, size);
    evhttp_send_reply(call->request, status, status_text(status), out);
    if (out)
        evbuffer_free(out);
    call_free(call);
}

static void reply_json(struct call *call, int status, const struct json_write *w)
{
    if (w->error < 0)
        reply(call, 503, "application/json", "{\"error\":\"no memory\"}", 21);
    else
        reply(call, status, "application/json", w->text, w->size);
}

/* {"error", "request_id"}; told to the log too, but for what overload brings by the thousand. */
static void refuse(struct call *call, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void refuse(struct call *call, int status, const char *format, ...)
{
    char message[ERR_TEXT_SIZE];
    struct json_write w;
    va_list args;

    va_start(args, format);
    (void)vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (status != 429 && status != 404)
        say("refused", "request %s: %d: %s", call->id, status, message);
    json_write_init(&w, NULL);
    (call->kind ? call->kind->problem : body_problem_plain)(&w, status, message, call->id);
    reply_json(call, status, &w);
    json_write_deinit(&w);
}

static const char *query_get(struct call *call, const char *name)
{
    return evhttp_find_header(&call->query, name);
}

/* A number of the query; `standard` when it is absent. False: it is none, and is refused. */
static bool query_number(struct call *call, const char *name, uint64_t standard, uint64_t *out)
{
    const char *text = query_get(call, name);
    char *end;

    *out = standard;
    if (!text)
        return true;
    errno = 0;
    *out = strtoull(text, &end, 10);
    if (errno || *end || text[0] < '0' || text[0] > '9') {
        refuse(call, 400, "%s is not a whole number", name);
        return false;
    }
    return true;
}

/* ---- taking events ------------------------------------------------------------------------------
 */

static uint64_t key_hash(const char *key)
{
    return key && *key ? hash_str(str_of(key), 0x6964656du) : 0;
}

static void take_body(struct call *call, const struct body_kind *kind)
{
    struct server *s = call->server;
    struct evkeyvalq *in = evhttp_request_get_input_headers(call->request);
    struct evbuffer *body = evhttp_request_get_input_buffer(call->request);
    const char *map_name = query_get(call, "map");
    const char *type = evhttp_find_header(in, "Content-Type");
    const struct field_map *map = NULL;
    enum body_coding coding = body_coding_find(evhttp_find_header(in, "Content-Encoding"));
    size_t size = evbuffer_get_length(body);
    struct ingest *ingest;

    if (!map_name)
        map_name = kind->map ? kind->map : s->options->map;
    map = map_name ? server_map(s, map_name) : NULL;
    if (map_name && !map) {
        refuse(call, 400, "no field map of this name");
        return;
    }
    if (type && strncmp(type, "application/x-protobuf", 22) == 0) {
        refuse(call, 415, "Protobuf is not read: export as JSON (http/json)");
        return;
    }
    if (coding == CODING_UNKNOWN) {
        refuse(call, 415, "Content-Encoding is gzip, zstd or identity");
        return;
    }
    if (atomic_load(&s->intake.broken) || s->draining) {
        refuse(call, 503, s->draining ? "shutting down" : "the log has failed");
        return;
    }
    if (!intake_admit(&s->intake, size)) {
        refuse(call, 429, "the queues are full; send it again after a second");
        return;
    }
    ingest = calloc(1, sizeof *ingest);
    if (ingest)
        ingest->packed = evbuffer_new();
    if (!ingest || !ingest->packed) {
        free(ingest);
        atomic_fetch_sub(&s->intake.bytes, size);
        refuse(call, 503, "no memory");
        return;
    }
    (void)evbuffer_add_buffer(ingest->packed, body);
    ingest->caller = call;
    ingest->kind = kind;
    ingest->map = map;
    ingest->coding = coding;
    ingest->charged = size;
    ingest->key = key_hash(evhttp_find_header(in, "Idempotency-Key"));
    ingest->arrived_ns = server_now_ns();
    intake_put(&s->intake, ingest);
}

void http_answer_ingest(struct server *s, struct ingest *ingest)
{
    struct call *call = ingest->caller;
    struct json_write w;

    if (call && ingest->reason) {
        refuse(call, ingest->status, "%s%s%s", ingest->reason, ingest->err.text[0] ? ": " : "",
               ingest->err.text);
    } else if (call) {
        json_write_init(&w, NULL);
        ingest->kind->answer(&w, &ingest->decoded, ingest->duplicate);
        reply_json(call, ingest->status, &w);
        json_write_deinit(&w);
    }
    intake_release(&s->intake, ingest);
}

/* ---- asking -------------------------------------------------------------------------------------
 */

/* NULL: the call was refused. */
static struct query *query_new(struct call *call, enum query_kind kind, uint32_t limit_standard)
{
    struct query *query;
    uint64_t cursor, limit;

    if (!query_number(call, "cursor", 0, &cursor) ||
        !query_number(call, "limit", limit_standard, &limit))
        return NULL;
    query = calloc(1, sizeof *query);
    if (!query) {
        refuse(call, 503, "no memory");
        return NULL;
    }
    json_write_init(&query->out, NULL);
    query->caller = call;
    query->kind = kind;
    query->cursor = cursor;
    query->limit = limit > PAGE_LINES_MAX ? PAGE_LINES_MAX : (uint32_t)limit;
    return query;
}

void http_answer_query(struct server *s, struct query *query)
{
    (void)s;
    if (query->problem)
        refuse(query->caller, query->status, "%s", query->problem);
    else
        reply_json(query->caller, query->status, &query->out);
    json_write_deinit(&query->out);
    free(query);
}

/* An account's id as the detector knows it. */
static void account_name(const struct server *s, const char *id, char text[EVENT_STR_MAX + 1])
{
    if (s->options->pseudonymise)
        (void)pseudonym_id(&s->pseudonym, str_of(id), text);
    else
        (void)snprintf(text, EVENT_STR_MAX + 1, "%s", id);
}

static void handle_account(struct call *call)
{
    struct query *query = query_new(call, QUERY_ACCOUNT, PAGE_LINES);

    if (!query)
        return;
    account_name(call->server, call->rest, query->text);
    engine_ask(call->server->engine, query);
}

static bool cluster_number(const char *id, uint64_t *out)
{
    char *end;

    errno = 0;
    *out = id[0] == 'c' && id[1] >= '0' && id[1] <= '9' ? strtoull(id + 1, &end, 10) : 0;
    return *out != 0 && !errno && !*end;
}

static void handle_cluster(struct call *call)
{
    uint64_t number;
    struct query *query;

    if (!cluster_number(call->rest, &number)) {
        refuse(call, 404, "a cluster's id looks like c12");
        return;
    }
    query = query_new(call, QUERY_CLUSTER, PAGE_LINES);
    if (!query)
        return;
    query->number = number;
    engine_ask(call->server->engine, query);
}

static void handle_clusters(struct call *call)
{
    struct query *query = query_new(call, QUERY_CLUSTERS, PAGE_LINES);

    if (query)
        engine_ask(call->server->engine, query);
}

/* {"items": [...], "cursor": N}: lines of a feed, which are JSON already. */
static void reply_feed(struct call *call, struct feed *feed, const char *items, uint64_t cursor,
                       uint64_t limit)
{
    AUTO_FREE char *text = NULL;
    struct evbuffer *out = evbuffer_new();
    size_t size;
    int r = feed_read(feed, &cursor, limit > PAGE_LINES_MAX ? PAGE_LINES_MAX : (uint32_t)limit,
                      &text, &size);

    if (r < 0 || !out) {
        if (out)
            evbuffer_free(out);
        refuse(call, 503, "%s", strerror(r < 0 ? -r : ENOMEM));
        return;
    }
    (void)evbuffer_add_printf(out, "{\"%s\":[", items);
    for (size_t at = 0; at < size;) {
        const char *newline = memchr(text + at, '\n', size - at);
        size_t end = newline ? (size_t)(newline - text) : size;

        if (at > 0)
            (void)evbuffer_add(out, ",", 1);
        (void)evbuffer_add(out, text + at, end - at);
        at = end + 1;
    }
    (void)evbuffer_add_printf(out, "],\"cursor\":%" PRIu64 "}", cursor);
    reply(call, 200, "application/json", (const char *)evbuffer_pullup(out, -1),
          evbuffer_get_length(out));
    evbuffer_free(out);
}

static void handle_feed(struct call *call, struct feed *feed, const char *items,
                        const char *cursor_name)
{
    uint64_t cursor, limit;

    if (query_number(call, cursor_name, 0, &cursor) &&
        query_number(call, "limit", PAGE_LINES, &limit))
        reply_feed(call, feed, items, cursor, limit);
}

static void handle_findings(struct call *call)
{
    handle_feed(call, call->server->pipeline->findings, "findings", "cursor");
}

static void handle_decisions(struct call *call)
{
    handle_feed(call, call->server->pipeline->decided, "decisions", "since");
}

static void handle_labels_list(struct call *call)
{
    handle_feed(call, labels_feed(call->server->labels), "labels", "cursor");
}

/* ---- findings as they come ----------------------------------------------------------------------
 */

static void stream_end(struct evhttp_connection *connection, void *ctx)
{
    struct stream *stream = ctx;

    (void)connection;
    stream->request = NULL;
}

static void stream_push(struct server *s, struct stream *stream)
{
    struct evhttp_connection *connection = evhttp_request_get_connection(stream->request);
    struct bufferevent *bev = connection ? evhttp_connection_get_bufferevent(connection) : NULL;
    struct evbuffer *out = evbuffer_new();
    AUTO_FREE char *text = NULL;
    uint64_t id = stream->cursor;
    size_t size;

    if (bev && evbuffer_get_length(bufferevent_get_output(bev)) > STREAM_BACKLOG_MAX) {
        s->http_counts.streams_dropped++;
        evhttp_connection_set_closecb(connection, NULL, NULL);
        evhttp_send_reply_end(stream->request);
        stream->request = NULL;
    } else if (out &&
               feed_read(s->pipeline->findings, &stream->cursor, PAGE_LINES, &text, &size) == 0) {
        for (size_t at = 0; at < size;) {
            const char *newline = memchr(text + at, '\n', size - at);
            size_t end = newline ? (size_t)(newline - text) : size;

            (void)evbuffer_add_printf(out, "id: %" PRIu64 "\nevent: finding\ndata: ", ++id);
            (void)evbuffer_add(out, text + at, end - at);
            (void)evbuffer_add(out, "\n\n", 2);
            at = end + 1;
        }
        if (evbuffer_get_length(out) > 0)
            evhttp_send_reply_chunk(stream->request, out);
    }
    if (out)
        evbuffer_free(out);
}

void http_streams_push(struct server *s)
{
    struct feed_end end;

    feed_end(s->pipeline->findings, &end);
    for (unsigned i = 0; i < STREAMS_MAX; i++)
        if (s->stream[i].request && s->stream[i].cursor < end.lines)
            stream_push(s, &s->stream[i]);
}

static void handle_stream(struct call *call)
{
    struct server *s = call->server;
    struct evkeyvalq *in = evhttp_request_get_input_headers(call->request);
    const char *last = evhttp_find_header(in, "Last-Event-ID");
    struct stream *stream = NULL;
    struct evbuffer *hello;
    uint64_t cursor;

    if (!query_number(call, "cursor", 0, &cursor))
        return;
    for (unsigned i = 0; i < STREAMS_MAX && !stream; i++)
        if (!s->stream[i].request)
            stream = &s->stream[i];
    if (!stream) {
        refuse(call, 429, "%d streams are open already", STREAMS_MAX);
        return;
    }
    *stream = (struct stream){call->request, last ? strtoull(last, NULL, 10) : cursor};
    headers_put(call, "text/event-stream");
    evhttp_connection_set_closecb(evhttp_request_get_connection(call->request), stream_end, stream);
    evhttp_connection_set_timeout(evhttp_request_get_connection(call->request), 24 * 3600);
    evhttp_send_reply_start(call->request, 200, "OK");
    hello = evbuffer_new();
    if (hello) {
        (void)evbuffer_add_printf(hello, ": findings from %" PRIu64 " on\n\n", stream->cursor);
        evhttp_send_reply_chunk(call->request, hello);
        evbuffer_free(hello);
    }
    s->http_counts.requests++;
    call_free(call);
    stream_push(s, stream);
}

/* ---- verdicts and configuration -----------------------------------------------------------------
 */

/* The body as a JSON object; NULL: refused. */
static json_t *body_json(struct call *call)
{
    struct evbuffer *body = evhttp_request_get_input_buffer(call->request);
    size_t size = evbuffer_get_length(body);
    json_error_t at;
    json_t *o = NULL;

    if (size == 0 || size > JSON_BODY_MAX) {
        refuse(call, 400, "the body is a JSON object of at most %d bytes", JSON_BODY_MAX);
        return NULL;
    }
    o = json_loadb((const char *)evbuffer_pullup(body, -1), size, JSON_REJECT_DUPLICATES, &at);
    if (!json_is_object(o)) {
        refuse(call, 400, "line %d: %s", o ? 1 : at.line, o ? "not an object" : at.text);
        json_decref(o);
        return NULL;
    }
    return o;
}

/* Fills the query from the body. NULL, or what is wrong with it. */
static const char *label_parse(const struct server *s, json_t *o, struct query *query)
{
    const char *account = json_string_value(json_object_get(o, "account"));
    const char *cluster = json_string_value(json_object_get(o, "cluster"));
    const char *verdict = json_string_value(json_object_get(o, "verdict"));
    const char *note = json_string_value(json_object_get(o, "note"));
    const char *by = json_string_value(json_object_get(o, "by"));

    if (!account == !cluster) /* two members: an account may be called like a cluster */
        return "either account or cluster is needed";
    if (account && (!*account || strlen(account) > EVENT_STR_MAX))
        return "account has 1 to 1024 bytes";
    if (cluster && !cluster_number(cluster, &query->number))
        return "a cluster's id looks like c12";
    for (int i = 0; i < LABEL_VERDICTS; i++)
        if (verdict && strcmp(verdict, label_verdict[i]) == 0)
            query->verdict = label_verdict[i];
    if (!query->verdict)
        return "verdict is distilling, abusive or benign";
    if ((note && strlen(note) > LABEL_NOTE_MAX) || (by && strlen(by) > LABEL_BY_MAX))
        return "note has at most 1024 bytes, by at most 256";
    (void)snprintf(query->note, sizeof query->note, "%s", note ? note : "");
    (void)snprintf(query->by, sizeof query->by, "%s", by ? by : "");
    if (account)
        account_name(s, account, query->text);
    query->now = server_time_ms();
    return NULL;
}

static void handle_label(struct call *call)
{
    json_t *o = body_json(call);
    struct query *query = o ? query_new(call, QUERY_LABEL, PAGE_LINES) : NULL;
    const char *wrong = query ? label_parse(call->server, o, query) : NULL;

    json_decref(o);
    if (!query)
        return;
    if (wrong) {
        json_write_deinit(&query->out);
        free(query);
        refuse(call, 400, "%s", wrong);
        return;
    }
    say("label", "request %s: %s %s", call->id, query->verdict,
        query->number ? "a cluster" : "an account");
    engine_ask(call->server->engine, query);
}

static void handle_reload(struct call *call)
{
    struct err err = {""};

    if (server_reload(call->server, &err) < 0)
        refuse(call, 422, "%s", err.text);
    else
        reply(call, 200, "application/json", "{\"reloaded\":true}", 17);
}

/* ---- health and pages ---------------------------------------------------------------------------
 */

static void handle_health(struct call *call)
{
    reply(call, 200, "text/plain; charset=utf-8", "ok\n", 3);
}

static void handle_ready(struct call *call)
{
    struct server *s = call->server;

    if (s->draining || atomic_load(&s->intake.broken))
        reply(call, 503, "text/plain; charset=utf-8",
              s->draining ? "shutting down\n" : "the log has failed\n", s->draining ? 14 : 19);
    else
        reply(call, 200, "text/plain; charset=utf-8", "ready\n", 6);
}

static void handle_metrics(struct call *call)
{
    struct evbuffer *out = evbuffer_new();

    if (!out) {
        refuse(call, 503, "no memory");
        return;
    }
    metrics_write(call->server, out);
    reply(call, 200, "text/plain; version=0.0.4; charset=utf-8",
          (const char *)evbuffer_pullup(out, -1), evbuffer_get_length(out));
    evbuffer_free(out);
}

static void handle_status(struct call *call)
{
    struct json_write w;

    json_write_init(&w, NULL);
    metrics_status(call->server, &w);
    reply_json(call, 200, &w);
    json_write_deinit(&w);
}

/* ---- routes -------------------------------------------------------------------------------------
 */

static const struct route routes[] = {
    {EVHTTP_REQ_GET, "/healthz", false, ROLE_NONE, handle_health},
    {EVHTTP_REQ_GET, "/readyz", false, ROLE_NONE, handle_ready},
    {EVHTTP_REQ_GET, "/metrics", false, ROLE_READ, handle_metrics},
    {EVHTTP_REQ_GET, "/v1/status", false, ROLE_READ, handle_status},
    {EVHTTP_REQ_GET, "/v1/accounts/", true, ROLE_READ, handle_account},
    {EVHTTP_REQ_GET, "/v1/clusters", false, ROLE_READ, handle_clusters},
    {EVHTTP_REQ_GET, "/v1/clusters/", true, ROLE_READ, handle_cluster},
    {EVHTTP_REQ_GET, "/v1/findings", false, ROLE_READ, handle_findings},
    {EVHTTP_REQ_GET, "/v1/findings/stream", false, ROLE_READ, handle_stream},
    {EVHTTP_REQ_GET, "/v1/decisions", false, ROLE_READ, handle_decisions},
    {EVHTTP_REQ_GET, "/v1/labels", false, ROLE_READ, handle_labels_list},
    {EVHTTP_REQ_POST, "/v1/labels", false, ROLE_LABEL, handle_label},
    {EVHTTP_REQ_POST, "/v1/reload", false, ROLE_ADMIN, handle_reload},
};

/* False: refused. */
static bool authorise(struct call *call, enum role role)
{
    struct evkeyvalq *in = evhttp_request_get_input_headers(call->request);
    const char *header = evhttp_find_header(in, "Authorization");
    unsigned roles;

    if (role == ROLE_NONE)
        return true;
    roles = tokens_roles(&call->server->tokens, header);
    if (roles & (unsigned)role)
        return true;
    call->server->http_counts.unauthorised++;
    if (roles == 0)
        header_put(call, "WWW-Authenticate", "Bearer");
    refuse(call, roles ? 403 : 401,
           roles ? "the token does not allow this" : "a bearer token is needed");
    return false;
}

static bool serve_asset(struct call *call)
{
    for (unsigned i = 0; i < asset_count; i++)
        if (strcmp(call->path, assets[i].path) == 0) {
            reply(call, 200, assets[i].content_type, assets[i].bytes, assets[i].size);
            return true;
        }
    return false;
}

static bool route_fits(const struct route *route, const char *path)
{
    size_t size = strlen(route->path);

    return route->prefix ? strncmp(path, route->path, size) == 0 && path[size]
                         : strcmp(path, route->path) == 0;
}

static void dispatch(struct call *call)
{
    enum evhttp_cmd_type method = evhttp_request_get_command(call->request);
    bool known = false;

    for (unsigned i = 0; i < body_kind_count; i++)
        if (strcmp(call->path, body_kind[i].path) == 0) {
            known = true;
            call->kind = &body_kind[i];
            if (method == EVHTTP_REQ_POST) {
                if (authorise(call, ROLE_INGEST))
                    take_body(call, &body_kind[i]);
                return;
            }
        }
    for (unsigned i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        const struct route *route = &routes[i];

        if (!route_fits(route, call->path))
            continue;
        known = true;
        if (route->method != method)
            continue;
        if (route->prefix) {
            call->decoded_rest = evhttp_uridecode(call->path + strlen(route->path), 0, NULL);
            call->rest = call->decoded_rest ? call->decoded_rest : "";
        }
        if (authorise(call, route->role))
            route->handle(call);
        return;
    }
    if (method == EVHTTP_REQ_GET && serve_asset(call))
        return;
    refuse(call, known ? 405 : 404, known ? "not by this method" : "nothing is here");
}

static void on_request(struct evhttp_request *request, void *ctx)
{
    struct server *s = ctx;
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    const char *query = uri ? evhttp_uri_get_query(uri) : NULL;
    struct call *call = calloc(1, sizeof *call);

    connections_complete(s->connections, request);
    if (!call || !uri) {
        free(call);
        evhttp_send_error(request, 400, NULL);
        return;
    }
    call->server = s;
    call->request = request;
    s->open_calls++;
    (void)snprintf(call->id, sizeof call->id, "%016" PRIx64,
                   mix64(s->call_secret ^ ++s->call_count));
    call->path = evhttp_uri_get_path(uri);
    call->path = call->path && *call->path ? call->path : "/";
    call->parsed = evhttp_parse_query_str(query ? query : "", &call->query) == 0;
    if (!call->parsed) {
        refuse(call, 400, "the query cannot be read");
        return;
    }
    dispatch(call);
}

/* ---- listening ----------------------------------------------------------------------------------
 */

static bool is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return (ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) >>
                24) == 127;
    return address->sa_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
}

/* Cuts "ADDR:PORT", "[ADDR]:PORT" or "PORT". */
static int address_cut(const char *text, char host[256], char port[16])
{
    const char *colon = strrchr(text, ':');
    size_t size = colon ? (size_t)(colon - text) : 0;

    if (size >= 256 || strlen(colon ? colon + 1 : text) >= 16)
        return -EINVAL;
    (void)snprintf(port, 16, "%s", colon ? colon + 1 : text);
    if (size >= 2 && text[0] == '[' && text[size - 1] == ']') {
        text++;
        size -= 2;
    }
    memcpy(host, text, size);
    host[size] = '\0';
    if (size == 0)
        memcpy(host, "127.0.0.1", sizeof "127.0.0.1");
    return *port ? 0 : -EINVAL;
}

static int bind_to(struct server *s, const struct sockaddr *address, socklen_t size, int *fd)
{
    struct evhttp_bound_socket *bound = NULL;
    struct evconnlistener *listener = evconnlistener_new_bind(
        s->base, NULL, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_EXEC, -1,
        address, (int)size);

    if (!listener)
        return errno ? -errno : -EADDRNOTAVAIL;
    *fd = evconnlistener_get_fd(listener);
    bound = evhttp_bind_listener(s->http, listener);
    if (!bound) {
        evconnlistener_free(listener);
        return -ENOMEM;
    }
    connections_watch(s->connections, s->http, bound);
    return 0;
}

static int listen_tcp(struct server *s, struct err *err)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;
    struct sockaddr_storage at;
    socklen_t size = sizeof at;
    char host[256], port[16];
    int r, fd = -1;

    if (address_cut(s->options->listen, host, port) < 0)
        return err_set(err, -EINVAL, "--listen: '%s' is not ADDR:PORT", s->options->listen);
    r = getaddrinfo(host, port, &hints, &found);
    if (r != 0)
        return err_set(err, -EINVAL, "--listen: %s: %s", s->options->listen, gai_strerror(r));
    if (!is_loopback(found->ai_addr) && !s->tokens.required) {
        freeaddrinfo(found);
        return err_set(err, -EINVAL,
                       "--listen: %s is not a loopback address: --tokens FILE must say who may do "
                       "what",
                       s->options->listen);
    }
    r = bind_to(s, found->ai_addr, found->ai_addrlen, &fd);
    freeaddrinfo(found);
    if (r < 0)
        return err_set(err, r, "--listen: %s: %s", s->options->listen, strerror(-r));
    if (getsockname(fd, (struct sockaddr *)&at, &size) == 0 &&
        getnameinfo((struct sockaddr *)&at, size, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) == 0) {
        bool is_v6 = at.ss_family == AF_INET6;

        (void)printf("listening on %s://%s%s%s:%s\n", s->tls ? "https" : "http", is_v6 ? "[" : "",
                     host, is_v6 ? "]" : "", port);
        (void)fflush(stdout);
    }
    return 0;
}

static int listen_unix(struct server *s, struct err *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = s->options->unix_path;
    int r, fd = -1;

    if (strlen(path) >= sizeof address.sun_path)
        return err_set(err, -ENAMETOOLONG, "--unix: %s", path);
    memcpy(address.sun_path, path, strlen(path));
    (void)unlink(path);
    r = bind_to(s, (struct sockaddr *)&address, sizeof address, &fd);
    if (r < 0)
        return err_set(err, r, "--unix: %s: %s", path, strerror(-r));
    (void)printf("listening on unix:%s\n", path);
    (void)fflush(stdout);
    return 0;
}

int http_listen(struct server *s, struct err *err)
{
    const struct connections_config config = {
        .base = s->base,
        .tls = s->tls,
        .max = (uint32_t)s->options->connections_max,
        .request_s = (uint32_t)s->options->request_s,
        .receiving_max = 2 * s->options->queue_max,
    };
    int r = connections_new(&config, &s->connections);

    if (r < 0)
        return r;
    s->http = evhttp_new(s->base);
    if (!s->http)
        return -ENOMEM;
    evhttp_set_allowed_methods(s->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD |
                                            EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE);
    evhttp_set_max_headers_size(s->http, HEADERS_MAX);
    evhttp_set_max_body_size(s->http, (ev_ssize_t)s->options->body_max);
    evhttp_set_timeout(s->http, IDLE_S);
    evhttp_set_gencb(s->http, on_request, s);
    if (s->options->listen)
        r = listen_tcp(s, err);
    if (r == 0 && s->options->unix_path)
        r = listen_unix(s, err);
    return r;
}

void http_close(struct server *s)
{
    for (unsigned i = 0; i < STREAMS_MAX; i++)
        if (s->stream[i].request) {
            evhttp_connection_set_closecb(evhttp_request_get_connection(s->stream[i].request), NULL,
                                          NULL);
            evhttp_send_reply_end(s->stream[i].request);
            s->stream[i].request = NULL;
        }
    if (s->http)
        evhttp_free(s->http);
    connections_free(s->connections);
    if (s->options->unix_path)
        (void)unlink(s->options->unix_path);
}
