#include "outbox.h"

#include "base/cleanup.h"
#include "base/json_write.h"
#include "base/msec.h"
#include "base/rng.h"
#include "serve/say.h"
#include "tools/text_file.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_MS = 200, TIMEOUT_S = 10, WAIT_MAX_S = 120, PATH_SIZE = 4096, HASH_SIZE = 32 };

static const char *const kind_name[OUTBOX_KINDS] = {"webhook", "alertmanager"};

struct outbox {
    struct outbox_config config;
    pthread_t thread;
    pthread_mutex_t lock; /* of `counts` and `stop` */
    pthread_cond_t stopping;
    bool stop;
    struct outbox_counts counts;
    char *secret;
    size_t secret_size;
    char url[PATH_SIZE];
    uint64_t cursor; /* findings dealt with */
    int cursor_fd;
    struct feed *dead;
    CURL *curl;
    struct rng rng;
};

void outbox_sign(struct str secret, const char *timestamp, struct str body, char text[65])
{
    static const char digit[] = "0123456789abcdef";
    size_t head = strlen(timestamp) + 1;
    AUTO_FREE unsigned char *signed_text = malloc(head + body.n);
    unsigned char hash[HASH_SIZE] = {0};
    unsigned size = sizeof hash;

    if (signed_text) {
        memcpy(signed_text, timestamp, head - 1);
        signed_text[head - 1] = '.';
        memcpy(signed_text + head, body.p, body.n);
        (void)HMAC(EVP_sha256(), secret.p, (int)secret.n, signed_text, head + body.n, hash, &size);
    }
    for (unsigned i = 0; i < HASH_SIZE; i++) {
        text[2 * i] = digit[hash[i] >> 4];
        text[2 * i + 1] = digit[hash[i] & 15];
    }
    text[2 * (size_t)HASH_SIZE] = '\0';
}

/* ---- bodies -------------------------------------------------------------------------------------
 */

static void label_write(struct json_write *w, const char *name, const json_t *finding,
                        const char *field)
{
    json_write_text(w, name, json_string_value(json_object_get(finding, field)));
}

/* One alert of the Alertmanager's API v2. Its labels name no account. */
static void alert_write(struct json_write *w, const json_t *finding)
{
    const json_t *evidence = json_object_get(finding, "evidence");
    char ts[MSEC_TEXT_SIZE], reasons[2048] = "";
    size_t size = 0;

    for (size_t i = 0; i < json_array_size(evidence) && size < sizeof reasons; i++) {
        const json_t *e = json_array_get(evidence, i);

        size += (size_t)snprintf(reasons + size, sizeof reasons - size, "%+.2f %s\n",
                                 json_number_value(json_object_get(e, "weight")),
                                 json_string_value(json_object_get(e, "note")));
    }
    (void)msec_format(json_integer_value(json_object_get(finding, "ts")), ts);
    json_write_open(w, NULL, '[');
    json_write_open(w, NULL, '{');
    json_write_open(w, "labels", '{');
    json_write_text(w, "alertname", "StillwatchFinding");
    label_write(w, "kind", finding, "kind");
    label_write(w, "severity", finding, "level");
    if (strcmp(json_string_value(json_object_get(finding, "kind")), "cluster") == 0)
        label_write(w, "cluster", finding, "subject");
    json_write_close(w, '}');
    json_write_open(w, "annotations", '{');
    label_write(w, "finding", finding, "id");
    label_write(w, "subject", finding, "subject");
    label_write(w, "advice", finding, "advice");
    json_write_text(w, "event_time", ts);
    json_write_text(w, "evidence", reasons);
    json_write_close(w, '}');
    json_write_close(w, '}');
    json_write_close(w, ']');
}

static bool level_reached(const struct outbox *outbox, const json_t *finding)
{
    const char *level = json_string_value(json_object_get(finding, "level"));

    for (int i = LEVEL_ACT; i >= 0; i--)
        if (level && strcmp(level, level_name[i]) == 0)
            return i >= (int)outbox->config.level;
    return false;
}

/* ---- sending ------------------------------------------------------------------------------------
 */

static size_t ignore(char *data, size_t size, size_t count, void *ctx)
{
    (void)data, (void)ctx;
    return size * count;
}

static struct curl_slist *headers_of(const struct outbox *outbox, const char *id, struct str body)
{
    char line[256], timestamp[32], signature[65];
    struct timespec now;
    struct curl_slist *headers;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)snprintf(timestamp, sizeof timestamp, "%lld", (long long)now.tv_sec);
    (void)snprintf(line, sizeof line, "Idempotency-Key: %s", id);
    headers = curl_slist_append(curl_slist_append(NULL, "Content-Type: application/json"), line);
    (void)snprintf(line, sizeof line, "X-Stillwatch-Timestamp: %s", timestamp);
    headers = curl_slist_append(headers, line);
    if (outbox->secret) {
        outbox_sign((struct str){outbox->secret, (uint32_t)outbox->secret_size}, timestamp, body,
                    signature);
        (void)snprintf(line, sizeof line, "X-Stillwatch-Signature: sha256=%s", signature);
        headers = curl_slist_append(headers, line);
    }
    return headers;
}

/* One attempt. 0: delivered; 1: try again; -1: never will be. *why is for the log. */
static int post(struct outbox *outbox, const char *id, struct str body, char why[CURL_ERROR_SIZE])
{
    struct curl_slist *headers = headers_of(outbox, id, body);
    CURL *c = outbox->curl;
    long status = 0;
    CURLcode r;

    why[0] = '\0';
    curl_easy_reset(c);
    (void)curl_easy_setopt(c, CURLOPT_URL, outbox->url);
    (void)curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    (void)curl_easy_setopt(c, CURLOPT_POSTFIELDS, body.p);
    (void)curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)body.n);
    (void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, ignore);
    (void)curl_easy_setopt(c, CURLOPT_ERRORBUFFER, why);
    (void)curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)TIMEOUT_S);
    (void)curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    r = curl_easy_perform(c);
    (void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(headers);
    if (r != CURLE_OK) {
        if (!why[0])
            (void)snprintf(why, CURL_ERROR_SIZE, "%s", curl_easy_strerror(r));
        return 1;
    }
    if (status >= 200 && status < 300)
        return 0;
    (void)snprintf(why, CURL_ERROR_SIZE, "answered %ld", status);
    return status >= 500 || status == 408 || status == 429 ? 1 : -1;
}

/* Waits, or until the end is asked for: then true. */
static bool stopped(struct outbox *outbox, double seconds)
{
    struct timespec until;
    bool stop;

    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (time_t)seconds;
    until.tv_nsec += (long)((seconds - (double)(time_t)seconds) * 1e9);
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    (void)pthread_mutex_lock(&outbox->lock);
    while (!outbox->stop && seconds > 0.0)
        if (pthread_cond_timedwait(&outbox->stopping, &outbox->lock, &until) != 0)
            break;
    stop = outbox->stop;
    (void)pthread_mutex_unlock(&outbox->lock);
    return stop;
}

static void tally(struct outbox *outbox, uint64_t *counter)
{
    (void)pthread_mutex_lock(&outbox->lock);
    ++*counter;
    (void)pthread_mutex_unlock(&outbox->lock);
}

/* Attempts until it is delivered or given up; false: the end was asked for meanwhile. */
static bool deliver(struct outbox *outbox, const char *id, struct str body, struct str line)
{
    const char *name = kind_name[outbox->config.kind];
    double wait = outbox->config.first_wait_s;
    char why[CURL_ERROR_SIZE];

    for (uint32_t attempt = 1;; attempt++) {
        int r = post(outbox, id, body, why);

        if (r == 0) {
            tally(outbox, &outbox->counts.delivered);
            say("delivered", "%s to the %s", id, name);
            return true;
        }
        tally(outbox, &outbox->counts.failed);
        if (r < 0 || attempt == outbox->config.attempts) {
            say("dead_letter", "%s to the %s after %u attempts: %s", id, name, attempt, why);
            tally(outbox, &outbox->counts.dead);
            return feed_put(outbox->dead, line) == 0 && feed_sync(outbox->dead) == 0;
        }
        say("delivery_failed", "%s to the %s, attempt %u: %s", id, name, attempt, why);
        if (stopped(outbox, wait * (0.5 + rng_unit(&outbox->rng))))
            return false;
        wait = 2.0 * wait < WAIT_MAX_S ? 2.0 * wait : WAIT_MAX_S;
    }
}

/* ---- the thread ---------------------------------------------------------------------------------
 */

static void cursor_write(const struct outbox *outbox)
{
    char text[24];
    ssize_t n;

    (void)snprintf(text, sizeof text, "%020" PRIu64 "\n", outbox->cursor);
    n = pwrite(outbox->cursor_fd, text, strlen(text), 0);
    (void)n; /* an old cursor delivers again, under the same key */
}

/* False: the end was asked for before it was dealt with. */
static bool take_line(struct outbox *outbox, struct str line)
{
    json_t *finding = json_loadb(line.p, line.n, 0, NULL);
    const char *id = json_string_value(json_object_get(finding, "id"));
    struct str body = {line.p, line.n - 1}; /* without the newline */
    struct json_write w;
    bool done = true;

    json_write_init(&w, NULL);
    if (id && level_reached(outbox, finding)) {
        if (outbox->config.kind == OUTBOX_ALERTMANAGER) {
            alert_write(&w, finding);
            body = (struct str){w.text, (uint32_t)w.size};
        }
        done = w.error < 0 || deliver(outbox, id, body, line);
    }
    json_write_deinit(&w);
    json_decref(finding);
    return done;
}

static void *outbox_main(void *arg)
{
    struct outbox *outbox = arg;

    while (!stopped(outbox, 0.0)) {
        AUTO_FREE char *line = NULL;
        uint64_t next = outbox->cursor;
        struct feed_end end;
        size_t size;

        feed_end(outbox->config.findings, &end);
        (void)pthread_mutex_lock(&outbox->lock);
        outbox->counts.waiting = end.lines > next ? end.lines - next : 0;
        (void)pthread_mutex_unlock(&outbox->lock);
        if (feed_read(outbox->config.findings, &next, 1, &line, &size) < 0 || size == 0) {
            (void)stopped(outbox, LOOK_MS / 1000.0);
            continue;
        }
        if (!take_line(outbox, (struct str){line, (uint32_t)size})) {
            (void)stopped(outbox, LOOK_MS / 1000.0);
            continue;
        }
        outbox->cursor = next;
        cursor_write(outbox);
    }
    return NULL;
}

static int files_open(struct outbox *outbox, struct err *err)
{
    const struct outbox_config *config = &outbox->config;
    char path[PATH_SIZE], text[24] = "";
    struct feed_end end;
    int r = config->secret_path
                ? text_file_read(config->secret_path, &outbox->secret, &outbox->secret_size, err)
                : 0;

    if (r < 0)
        return r;
    (void)snprintf(path, sizeof path, "%s/delivered-%s", config->folder, kind_name[config->kind]);
    outbox->cursor_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (outbox->cursor_fd < 0)
        return err_set(err, -errno, "%s: %s", path, strerror(errno));
    if (pread(outbox->cursor_fd, text, sizeof text - 1, 0) > 0)
        outbox->cursor = strtoull(text, NULL, 10);
    feed_end(config->findings, &end);
    if (outbox->cursor > end.lines)
        outbox->cursor = end.lines;
    (void)snprintf(path, sizeof path, "dead-letter-%s.jsonl", kind_name[config->kind]);
    return feed_open(config->folder, path, &outbox->dead, err);
}

int outbox_start(const struct outbox_config *config, struct outbox **out, struct err *err)
{
    struct outbox *outbox = calloc(1, sizeof *outbox);
    uint64_t seed = 0;
    sigset_t all, before;
    int r;

    if (!outbox)
        return err_set(err, -ENOMEM, "%s", strerror(ENOMEM));
    outbox->config = *config;
    outbox->cursor_fd = -1;
    outbox->config.first_wait_s = config->first_wait_s > 0.0 ? config->first_wait_s : 1.0;
    outbox->config.attempts = config->attempts ? config->attempts : 10;
    (void)snprintf(outbox->url, sizeof outbox->url, "%s%s", config->url,
                   config->kind == OUTBOX_ALERTMANAGER ? "/api/v2/alerts" : "");
    (void)pthread_mutex_init(&outbox->lock, NULL);
    (void)pthread_cond_init(&outbox->stopping, NULL);
    (void)getrandom(&seed, sizeof seed, 0); /* the jitter of retries */
    rng_split(&outbox->rng, seed, 0);
    outbox->curl = curl_easy_init();
    r = outbox->curl ? files_open(outbox, err) : err_set(err, -ENOMEM, "libcurl");
    if (r == 0) {
        (void)sigfillset(&all);
        (void)pthread_sigmask(SIG_SETMASK, &all, &before);
        r = -pthread_create(&outbox->thread, NULL, outbox_main, outbox);
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    *out = outbox;
    if (r < 0) {
        outbox->stop = true; /* no thread to join */
        outbox_stop(outbox);
        *out = NULL;
    }
    return r;
}

void outbox_stop(struct outbox *outbox)
{
    bool runs;

    if (!outbox)
        return;
    (void)pthread_mutex_lock(&outbox->lock);
    runs = !outbox->stop;
    outbox->stop = true;
    (void)pthread_cond_signal(&outbox->stopping);
    (void)pthread_mutex_unlock(&outbox->lock);
    if (runs)
        (void)pthread_join(outbox->thread, NULL);
    if (outbox->curl)
        curl_easy_cleanup(outbox->curl);
    if (outbox->cursor_fd >= 0)
        (void)close(outbox->cursor_fd);
    feed_free(outbox->dead);
    free(outbox->secret);
    free(outbox);
}

void outbox_counts(struct outbox *outbox, struct outbox_counts *out)
{
    (void)pthread_mutex_lock(&outbox->lock);
    *out = outbox->counts;
    (void)pthread_mutex_unlock(&outbox->lock);
}
