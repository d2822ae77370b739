#include "data.h"

#include "base/cleanup.h"
#include "base/dist.h"
#include "event/event_json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

enum {
    ACCOUNTS = 100000,
    RING_ACCOUNTS = 4000,
    RINGS = 20,
    RING_PERCENT = 9, /* of the events */
    ID_SIZE = 40,
    PROMPT_SIZE = 2048,
    EVENTS_PER_S = 2000,
};

CLEANUP_DEFINE(struct bench_data, bench_data_free)

/* Room for one event's texts. */
struct texts {
    char account[ID_SIZE], id[ID_SIZE], org[ID_SIZE], key[ID_SIZE], ip[ID_SIZE], session[ID_SIZE];
    char agent[ID_SIZE], client[ID_SIZE], lsh[ID_SIZE], prompt[PROMPT_SIZE];
};

#define PRINT(text, ...) ((struct str){(text), (uint32_t)snprintf((text), ID_SIZE, __VA_ARGS__)})

static struct str choice(struct rng *rng, const char *const *from, uint64_t count)
{
    return str_of(from[rng_below(rng, count)]);
}
#define CHOICE(rng, list) choice((rng), (list), sizeof(list) / sizeof *(list))

/* About 480 bytes of words; in half of the texts also quotes, line breaks and letters beyond ASCII.
 */
static struct str prompt_make(struct rng *rng, char text[PROMPT_SIZE])
{
    static const char *const syllables[] = {"ka",  "to",  "mi", "ren", "sol", "va",  "den", "pi",
                                            "lor", "est", "um", "ga",  "ne",  "tri", "al",  "so"};
    static const char *const special[] = {"\n", "\"", "\xC3\xA9", "\xE2\x80\x94", "\\", "\n\n- "};
    double mean = dist_lognormal(rng, 6.05, 0.45);
    size_t size = mean < 180 ? 180 : mean > 1500 ? 1500 : (size_t)mean;
    bool rich = rng_below(rng, 2);
    size_t n = 0;

    while (n < size) {
        struct str piece = CHOICE(rng, syllables);

        if (rich && rng_below(rng, 60) == 0)
            piece = CHOICE(rng, special);
        memcpy(text + n, piece.p, piece.n);
        n += piece.n;
        if (rng_below(rng, 3) == 0)
            text[n++] = ' ';
    }
    return (struct str){text, (uint32_t)n};
}

static void who_fill(struct rng *rng, struct texts *t, struct api_event *ev)
{
    bool ring = rng_below(rng, 100) < RING_PERCENT;
    uint64_t account =
        ring ? ACCOUNTS + rng_below(rng, RING_ACCOUNTS) : dist_zipf(rng, ACCOUNTS, 1.05);
    uint64_t address = ring ? account % RINGS * 16 + rng_below(rng, 16) : account * 7919 % 60000;

    EVENT_PUT(ev, account, PRINT(t->account, "acct_%010" PRIu64, account));
    EVENT_PUT(ev, org, PRINT(t->org, "org_%06" PRIu64, account / 3));
    EVENT_PUT(ev, key, PRINT(t->key, "key_%08" PRIx64, account * 2654435761u % 0xFFFFFFFF));
    EVENT_PUT(ev, ip, PRINT(t->ip, "198.18.%" PRIu64 ".7", address % 256));
    EVENT_PUT(ev, user_agent, PRINT(t->agent, "sdk-python/1.%" PRIu64 ".0", account % 40));
    EVENT_PUT(ev, client, PRINT(t->client, "t13d1516h2_%08" PRIx64, account % 97 * 0x1234567));
    EVENT_PUT(ev, session, PRINT(t->session, "s_%012" PRIx64, mix64(account) >> 16));
}

static void event_make(struct rng *rng, uint32_t index, bool with_prompt, struct texts *t,
                       struct api_event *ev)
{
    static const char *const countries[] = {"US", "DE", "IN", "BR", "JP", "GB"};
    static const char *const networks[] = {"residential", "hosting", "business", "mobile"};
    static const char *const models[] = {"model-large-2", "model-small-2", "model-large-1"};

    *ev = (struct api_event){.type = RECORD_EXCHANGE};
    EVENT_PUT(ev, ts, 1767225600000 + (msec_t)index * 1000 / EVENTS_PER_S);
    who_fill(rng, t, ev);
    EVENT_PUT(ev, id, PRINT(t->id, "req_%012" PRIx32, index));
    EVENT_PUT(ev, country, CHOICE(rng, countries));
    EVENT_PUT(ev, network, CHOICE(rng, networks));
    EVENT_PUT(ev, model, CHOICE(rng, models));
    if (rng_below(rng, 2))
        EVENT_PUT(ev, turn, (int64_t)rng_below(rng, 12));
    EVENT_PUT(ev, input_tokens, (int64_t)dist_lognormal(rng, 6.5, 1.2));
    EVENT_PUT(ev, output_tokens, (int64_t)dist_lognormal(rng, 5.8, 1.1));
    EVENT_PUT(ev, max_tokens, 4096);
    if (rng_below(rng, 3))
        EVENT_PUT(ev, temperature, (double)rng_below(rng, 11) / 10.0);
    EVENT_PUT(ev, stream, rng_below(rng, 2) != 0);
    EVENT_PUT(ev, status, rng_below(rng, 50) ? 200 : 429);
    EVENT_PUT(ev, latency_ms, (int64_t)dist_lognormal(rng, 8.0, 0.8));
    if (with_prompt)
        EVENT_PUT(ev, prompt, prompt_make(rng, t->prompt));
    else if (rng_below(rng, 2))
        EVENT_PUT(ev, embedding_lsh, PRINT(t->lsh, "%016" PRIx64, rng_next(rng)));
}

/* Takes the writer's text and finds its lines. */
static int lines_take(struct json_write *w, struct bench_lines *lines, uint32_t count)
{
    const char *p = w->text;

    if (w->error)
        return w->error;
    lines->line = malloc(count * sizeof *lines->line);
    if (!lines->line)
        return -ENOMEM;
    lines->text = TAKE(w->text);
    lines->size = w->size;
    for (; lines->count < count; lines->count++) {
        const char *end = memchr(p, '\n', (size_t)(lines->text + lines->size - p));

        lines->line[lines->count] = (struct str){p, (uint32_t)(end - p)};
        p = end + 1;
    }
    return 0;
}

static int lines_make(uint32_t count, bool with_prompt, struct bench_lines *lines)
{
    struct json_write w;
    struct api_event ev;
    struct texts texts;
    struct rng rng;
    int r;

    json_write_init(&w, NULL);
    rng_split(&rng, 2026, 0);
    for (uint32_t i = 0; i < count; i++) {
        event_make(&rng, i, with_prompt, &texts, &ev);
        event_json_write(&w, &ev);
    }
    r = lines_take(&w, lines, count);
    json_write_deinit(&w);
    return r;
}

static int lines_space(const struct bench_lines *from, struct bench_lines *lines)
{
    struct json_write w;
    bool inside = false;
    int r;

    json_write_init(&w, NULL);
    w.text = malloc(2 * from->size);
    if (!w.text)
        return -ENOMEM;
    for (size_t i = 0; i < from->size; i++) {
        char c = from->text[i];

        inside ^= c == '"'; /* the plain lines have no escapes */
        w.text[w.size++] = c;
        if (!inside && (c == ',' || c == ':'))
            w.text[w.size++] = ' ';
    }
    r = lines_take(&w, lines, from->count);
    json_write_deinit(&w);
    return r;
}

int bench_data_new(uint32_t count, struct bench_data **out)
{
    AUTO(bench_data_free) struct bench_data *data = calloc(1, sizeof *data);
    int r;

    if (!data)
        return -ENOMEM;
    r = lines_make(count, false, &data->plain);
    if (r == 0)
        r = lines_make(count, true, &data->prompts);
    if (r == 0)
        r = lines_space(&data->plain, &data->spaced);
    if (r == 0)
        *out = TAKE(data);
    return r;
}

static int lines_save(const struct bench_lines *lines, const char *folder, const char *name,
                      char path[BENCH_PATH_SIZE])
{
    AUTO_FCLOSE FILE *f = NULL;

    if (snprintf(path, BENCH_PATH_SIZE, "%s/%s", folder, name) >= BENCH_PATH_SIZE)
        return -ENAMETOOLONG;
    f = fopen(path, "wb");
    if (!f)
        return -errno;
    return fwrite(lines->text, 1, lines->size, f) == lines->size && fflush(f) == 0 ? 0 : -errno;
}

int bench_data_save(struct bench_data *data, const char *folder)
{
    int r = lines_save(&data->plain, folder, "plain.jsonl", data->plain_path);

    return r < 0 ? r : lines_save(&data->prompts, folder, "prompts.jsonl", data->prompts_path);
}

static void lines_free(struct bench_lines *lines)
{
    free(lines->text);
    free(lines->line);
}

void bench_data_free(struct bench_data *data)
{
    if (!data)
        return;
    lines_free(&data->plain);
    lines_free(&data->prompts);
    lines_free(&data->spaced);
    free(data);
}
