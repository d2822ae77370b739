/* One libcurl handle per connection, each with at most one batch. A batch stays with its connection
 * until it is acknowledged; when the server is away or overloaded all connections wait, and the
 * backlog waits in the source. */
#include "replay.h"

#include "tools/cli.h"
#include "tools/progress.h"

#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t NS_PER_MS = 1000000, NS_PER_S = 1000000000;
static const uint64_t POLL_NS = 200000000;          /* at most between two looks at `progress` */
static const uint64_t BACKOFF_FIRST_NS = 50000000;  /* doubles with every failure in a row */
static const uint64_t BACKOFF_LAST_NS = 2000000000; /* a server is back for at most so long */
enum { ANSWER_MAX = 256 * 1024, URL_MAX = 2048, HTTP_BUSY = 429 };

struct connection {
    struct replay *replay;
    CURL *easy;
    struct curl_slist *headers;
    struct replay_batch *batch; /* NULL: free */
    bool sending;               /* else it waits until `retry_ns` */
    uint64_t retry_ns, first_sent_ns;
    char *answer;
    size_t answer_size;
    char error[CURL_ERROR_SIZE];
};

struct replay {
    const struct replay_config *config;
    char url[URL_MAX];
    CURLM *multi;
    struct connection *connection;
    uint64_t started_ns, pause_ns; /* nobody sends before pause_ns */
    uint64_t away_since_ns;        /* 0: the server answers */
    uint64_t backoff_ns;
    struct replay_source *source;
    struct replay_result *result;
    struct err *err;
    int failed;
};

/* ---- building up -------------------------------------------------------------------------------
 */

const char *replay_url_check(const char *url)
{
    CURLU *parts = curl_url();
    char *scheme = NULL;
    const char *why = NULL;

    if (!parts)
        return "out of memory";
    if (curl_url_set(parts, CURLUPART_URL, url, 0) != CURLUE_OK ||
        curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK)
        why = "not a URL such as http://127.0.0.1:8321";
    else if (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)
        why = "only http and https are spoken";
    else if (strlen(url) + sizeof "/v1/events" > URL_MAX)
        why = "too long";
    curl_free(scheme);
    curl_url_cleanup(parts);
    return why;
}

/* A URL that names a server only means its address for events. */
static int url_complete(struct replay *r)
{
    CURLU *parts = curl_url();
    char *path = NULL, *whole = NULL;
    bool ok = parts && curl_url_set(parts, CURLUPART_URL, r->config->url, 0) == CURLUE_OK &&
              curl_url_get(parts, CURLUPART_PATH, &path, 0) == CURLUE_OK;

    if (ok && strcmp(path, "/") == 0)
        ok = curl_url_set(parts, CURLUPART_PATH, "/v1/events", 0) == CURLUE_OK;
    ok = ok && curl_url_get(parts, CURLUPART_URL, &whole, 0) == CURLUE_OK;
    if (ok)
        (void)snprintf(r->url, sizeof r->url, "%s", whole);
    curl_free(path);
    curl_free(whole);
    curl_url_cleanup(parts);
    return ok ? 0 : -EINVAL;
}

static size_t on_answer(char *p, size_t one, size_t n, void *ctx)
{
    struct connection *c = ctx;
    size_t keep = ANSWER_MAX - c->answer_size;

    assert(one == 1);
    keep = n < keep ? n : keep;
    memcpy(c->answer + c->answer_size, p, keep);
    c->answer_size += keep;
    return n;
}

static int connection_init(struct replay *r, struct connection *c)
{
    c->replay = r;
    c->easy = curl_easy_init();
    c->answer = malloc(ANSWER_MAX);
    if (!c->easy || !c->answer)
        return -ENOMEM;
    (void)curl_easy_setopt(c->easy, CURLOPT_URL, r->url);
    (void)curl_easy_setopt(c->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(c->easy, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(c->easy, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(c->easy, CURLOPT_NOSIGNAL, 1L);
    if (r->config->ca)
        (void)curl_easy_setopt(c->easy, CURLOPT_CAINFO, r->config->ca);
    (void)curl_easy_setopt(c->easy, CURLOPT_POST, 1L);
    (void)curl_easy_setopt(c->easy, CURLOPT_TCP_NODELAY, 1L);
    (void)curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, on_answer);
    (void)curl_easy_setopt(c->easy, CURLOPT_WRITEDATA, c);
    (void)curl_easy_setopt(c->easy, CURLOPT_PRIVATE, c);
    (void)curl_easy_setopt(c->easy, CURLOPT_ERRORBUFFER, c->error);
    (void)curl_easy_setopt(c->easy, CURLOPT_USERAGENT, "stillwatch");
    (void)curl_easy_setopt(c->easy, CURLOPT_TIMEOUT_MS, (long)(r->config->timeout_s * 1e3));
    return 0;
}

int replay_new(const struct replay_config *config, struct replay **out, struct err *err)
{
    AUTO(replay_free) struct replay *r = calloc(1, sizeof *r);
    int failed = r ? 0 : -ENOMEM;

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return err_set(err, -EIO, "libcurl does not start");
    if (r) {
        r->config = config;
        r->backoff_ns = BACKOFF_FIRST_NS;
        r->multi = curl_multi_init();
        r->connection = calloc(config->connections, sizeof *r->connection);
        failed = r->multi && r->connection ? url_complete(r) : -ENOMEM;
        if (failed == -EINVAL)
            return err_set(err, failed, "%s: not a URL", config->url);
    }
    for (uint32_t i = 0; i < config->connections && failed == 0; i++)
        failed = connection_init(r, &r->connection[i]);
    if (failed < 0)
        return err_set(err, failed, "out of memory");
    (void)curl_multi_setopt(r->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)config->connections);
    *out = TAKE(r);
    return 0;
}

void replay_free(struct replay *r)
{
    if (!r)
        return;
    for (uint32_t i = 0; r->connection && i < r->config->connections; i++) {
        struct connection *c = &r->connection[i];

        if (c->sending)
            (void)curl_multi_remove_handle(r->multi, c->easy);
        curl_easy_cleanup(c->easy);
        curl_slist_free_all(c->headers);
        replay_batch_free(c->batch);
        free(c->answer);
    }
    if (r->multi)
        (void)curl_multi_cleanup(r->multi);
    free(r->connection);
    free(r);
}

void replay_wake(void *replay)
{
    (void)curl_multi_wakeup(((struct replay *)replay)->multi);
}

/* ---- sending -----------------------------------------------------------------------------------
 */

static uint64_t now_of(const struct replay *r)
{
    return wall_ns() - r->started_ns;
}

static bool header_add(struct connection *c, const char *name, const char *value)
{
    char line[1024];
    struct curl_slist *list;

    (void)snprintf(line, sizeof line, "%s: %s", name, value);
    list = curl_slist_append(c->headers, line);
    if (list)
        c->headers = list;
    return list;
}

static int connection_send(struct connection *c)
{
    const struct replay_config *config = c->replay->config;
    const char *text = c->batch->text;
    char bearer[800];
    bool ok;

    curl_slist_free_all(c->headers);
    c->headers = NULL;
    ok = header_add(c, "Content-Type", "application/x-ndjson") &&
         header_add(c, "Idempotency-Key", c->batch->key) &&
         header_add(c, "Expect", ""); /* without a value: curl leaves its own out */
    if (ok && config->token) {
        (void)snprintf(bearer, sizeof bearer, "Bearer %s", config->token);
        ok = header_add(c, "Authorization", bearer);
    }
    if (!ok)
        return -ENOMEM;
    c->answer_size = 0;
    c->error[0] = '\0';
    (void)curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
    (void)curl_easy_setopt(c->easy, CURLOPT_POSTFIELDS, text);
    (void)curl_easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)c->batch->size);
    c->sending = true;
    return curl_multi_add_handle(c->replay->multi, c->easy) == CURLM_OK ? 0 : -ENOMEM;
}

/* A batch that is much newer than one still under way waits: if that one had to be sent again, its
 * events would come too late to be put into order. */
static bool is_too_far_ahead(const struct replay *r, const struct replay_batch *next)
{
    for (uint32_t i = 0; i < r->config->connections; i++) {
        const struct replay_batch *other = r->connection[i].batch;

        if (other && next->newest_ts - other->oldest_ts > r->config->lateness_ms)
            return true;
    }
    return false;
}

/* Gives the connection the next batch, if one is due. 1: it has one; 0; negative errno. */
static int connection_feed(struct connection *c, uint64_t now)
{
    struct replay *r = c->replay;
    const struct replay_batch *next = replay_source_peek(r->source);

    if (!next || next->due_ns > now || is_too_far_ahead(r, next))
        return 0;
    c->batch = replay_source_take(r->source);
    c->first_sent_ns = now;
    histogram_add(&r->result->lateness, now - c->batch->due_ns, c->batch->record_count);
    r->result->sent += c->batch->record_count;
    return 1;
}

/* Sends all that is due. */
static int send_due(struct replay *r)
{
    uint64_t now = now_of(r);

    if (now < r->pause_ns)
        return 0;
    for (uint32_t i = 0; i < r->config->connections; i++) {
        struct connection *c = &r->connection[i];
        int failed = 0;

        if (c->sending || (c->batch && now < c->retry_ns))
            continue;
        if (!c->batch)
            failed = connection_feed(c, now);
        if (failed >= 0 && c->batch)
            failed = connection_send(c);
        if (failed < 0)
            return err_set(r->err, failed, "out of memory");
    }
    return 0;
}

/* How long there is nothing to do but to wait for answers. */
static int wait_ms(const struct replay *r)
{
    const struct replay_batch *next = replay_source_peek(r->source);
    uint64_t now = now_of(r), until = now + POLL_NS;
    bool has_free = false;

    for (uint32_t i = 0; i < r->config->connections; i++) {
        const struct connection *c = &r->connection[i];

        has_free |= !c->batch;
        if (c->batch && !c->sending && c->retry_ns < until)
            until = c->retry_ns;
    }
    if (has_free && next && next->due_ns < until && !is_too_far_ahead(r, next))
        until = next->due_ns;
    if (until < r->pause_ns)
        until = r->pause_ns < now + POLL_NS ? r->pause_ns : now + POLL_NS;
    return until <= now ? 0 : (int)((until - now + NS_PER_MS - 1) / NS_PER_MS);
}

/* ---- answers -----------------------------------------------------------------------------------
 */

static void answer_count(struct replay_result *result, const struct connection *c)
{
    json_t *root = json_loadb(c->answer, c->answer_size, 0, NULL);
    json_t *first = json_array_get(json_object_get(root, "refusals"), 0);
    const struct {
        const char *name;
        uint64_t *to;
    } count[] = {{"accepted", &result->accepted},
                 {"refused", &result->refused},
                 {"skipped", &result->skipped}};

    for (size_t i = 0; i < sizeof count / sizeof count[0]; i++) {
        json_int_t n = json_integer_value(json_object_get(root, count[i].name));

        *count[i].to += n > 0 ? (uint64_t)n : 0;
    }
    if (json_is_true(json_object_get(root, "duplicate")))
        result->repeated += (uint64_t)json_integer_value(json_object_get(root, "accepted"));
    if (first && !result->refusal[0])
        (void)snprintf(result->refusal, sizeof result->refusal, "%s",
                       json_string_value(json_object_get(first, "reason"))
                           ? json_string_value(json_object_get(first, "reason"))
                           : "no reason given");
    json_decref(root);
}

static void server_is_back(struct replay *r, uint64_t now)
{
    if (r->away_since_ns) {
        double seconds = (double)(now - r->away_since_ns) / 1e9;

        r->result->away_s += seconds;
        if (!r->config->quiet)
            cli_error(r->config->command, "%s answers again after %.1f s", r->url, seconds);
    }
    r->away_since_ns = 0;
    r->backoff_ns = BACKOFF_FIRST_NS;
}

static void server_is_away(struct replay *r, uint64_t now, const char *why)
{
    if (!r->away_since_ns && !r->config->quiet)
        cli_error(r->config->command, "%s: %s; trying until it answers", r->url, why);
    if (!r->away_since_ns)
        r->away_since_ns = now ? now : 1;
}

static void acknowledge(struct connection *c, uint64_t now)
{
    struct replay_result *result = c->replay->result;
    struct replay_batch *batch = TAKE(c->batch);

    server_is_back(c->replay, now);
    histogram_add(&result->answer, now - c->first_sent_ns, batch->record_count);
    histogram_add(&result->total, now - batch->due_ns, batch->record_count);
    result->acknowledged += batch->record_count;
    result->bytes += batch->size;
    result->batches++;
    if (batch->newest_ts > result->event_ts)
        result->event_ts = batch->newest_ts;
    answer_count(result, c);
    replay_batch_free(batch);
}

/* The batch is sent again: after what the server asked for, or after a pause that doubles. */
static void send_again(struct connection *c, uint64_t now, uint64_t wait_ns)
{
    struct replay *r = c->replay;

    if (wait_ns == 0) {
        wait_ns = r->backoff_ns;
        r->backoff_ns = 2 * wait_ns < BACKOFF_LAST_NS ? 2 * wait_ns : BACKOFF_LAST_NS;
    }
    c->retry_ns = now + wait_ns;
    if (r->pause_ns < c->retry_ns)
        r->pause_ns = c->retry_ns;
}

/* What the server says of an error, fit for a terminal. */
static void answer_text(const struct connection *c, char *to, size_t size)
{
    json_t *root = json_loadb(c->answer, c->answer_size, 0, NULL);
    json_t *error = json_object_get(root, "error");
    const char *message = json_string_value(json_object_get(error, "message"));
    size_t n = 0;

    if (!message)
        message = "";
    for (; message[n] && n + 1 < size; n++)
        to[n] = (unsigned char)message[n] < ' ' || message[n] == 0x7F ? ' ' : message[n];
    to[n] = '\0';
    json_decref(root);
}

static void refuse(struct connection *c, long status)
{
    struct replay *r = c->replay;
    char text[200];

    answer_text(c, text, sizeof text);
    r->failed =
        err_set(r->err, -EPROTO, "%s: status %ld%s%s%s", r->url, status, text[0] ? ": " : "", text,
                status >= 300 && status < 400 ? "; redirects are not followed" : "");
}

static void on_done(struct connection *c, CURLcode code)
{
    struct replay *r = c->replay;
    uint64_t now = now_of(r);
    curl_off_t wait_s = 0;
    long status = 0;

    (void)curl_multi_remove_handle(r->multi, c->easy);
    c->sending = false;
    (void)curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(c->easy, CURLINFO_RETRY_AFTER, &wait_s);
    if (code != CURLE_OK) {
        r->result->lost++;
        server_is_away(r, now, c->error[0] ? c->error : curl_easy_strerror(code));
        send_again(c, now, 0);
    } else if (status >= 200 && status < 300) {
        acknowledge(c, now);
    } else if (status == HTTP_BUSY) {
        r->result->busy++;
        server_is_back(r, now);
        send_again(c, now, wait_s > 0 ? (uint64_t)wait_s * NS_PER_S : 0);
    } else if (status >= 500) {
        r->result->unavailable++;
        server_is_away(r, now, "it cannot take events now");
        send_again(c, now, wait_s > 0 ? (uint64_t)wait_s * NS_PER_S : 0);
    } else {
        refuse(c, status);
    }
}

static void take_answers(struct replay *r)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(r->multi, &left))) {
        struct connection *c = NULL;

        if (message->msg != CURLMSG_DONE)
            continue;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&c);
        on_done(c, message->data.result);
    }
}

/* ---- the loop ----------------------------------------------------------------------------------
 */

static bool is_busy(const struct replay *r)
{
    for (uint32_t i = 0; i < r->config->connections; i++)
        if (r->connection[i].batch)
            return true;
    return false;
}

static bool has_given_up(const struct replay *r)
{
    uint64_t now = now_of(r);

    return r->config->give_up_s > 0.0 && r->away_since_ns && now > r->away_since_ns &&
           (double)(now - r->away_since_ns) / 1e9 > r->config->give_up_s;
}

/* One turn. 1: go on; 0: all is done; negative errno. */
static int turn(struct replay *r)
{
    int running, ended, failed = send_due(r);

    if (failed < 0)
        return failed;
    if (curl_multi_perform(r->multi, &running) != CURLM_OK)
        return err_set(r->err, -EIO, "libcurl fails");
    take_answers(r);
    if (r->failed < 0)
        return r->failed;
    if (has_given_up(r))
        return err_set(r->err, -ETIMEDOUT, "%s did not answer for %.0f s", r->url,
                       r->config->give_up_s);
    ended = replay_source_ended(r->source, r->err);
    if (ended != 0 && !is_busy(r))
        return ended < 0 ? ended : 0;
    (void)curl_multi_poll(r->multi, NULL, 0, wait_ms(r), NULL);
    return 1;
}

int replay_run(struct replay *r, struct replay_source *source,
               bool (*progress)(void *ctx, const struct replay_result *now), void *ctx,
               struct replay_result *result, struct err *err)
{
    int status = 1;

    *result = (struct replay_result){.event_ts = INT64_MIN};
    r->source = source;
    r->result = result;
    r->err = err;
    r->started_ns = wall_ns();
    while (status == 1) {
        status = turn(r);
        result->wall_s = (double)now_of(r) / 1e9;
        if (status == 1 && !progress(ctx, result)) {
            result->interrupted = true;
            return 1;
        }
    }
    return status;
}
