#include "tools/profile_collect.h"

#include "base/hash.h"
#include "sim/world.h"

#include <errno.h>
#include <math.h>

enum {
    SAMPLES_MAX = 20000,      /* values kept of a measure: KS noise below 0.01 */
    CLIENT_SAMPLES_MAX = 48,  /* requests kept of a client: enough for its median and spread */
    CLIENT_REQUESTS_MIN = 20, /* fewer do not make a median */
    CLIENT_WINDOWS_MAX = 24,  /* gap CVs kept of a client */
    WINDOW_REQUESTS_MIN = 10, /* fewer gaps do not make a CV */
    SESSIONS = 1 << 16,       /* remembered at a time, for think times */
    TURNS_MAX = 1024,
};
static const msec_t WINDOW = 10 * MSEC_MINUTE; /* as in ServeGen */
static const double BUSY_SHARE = 0.3;          /* of windows: clients whose hours are averaged */

/* One seat of a measured group: a client. */
struct client {
    uint32_t group; /* UINT32_MAX: not measured */
    uint32_t requests, windows, cv_count;
    msec_t window, last;
    uint32_t gaps; /* in the open window */
    double gap_sum, gap_squares;
    float input[CLIENT_SAMPLES_MAX], output[CLIENT_SAMPLES_MAX], cv[CLIENT_WINDOWS_MAX];
    uint32_t cv_seen;
    float hour[HOURS_PER_DAY];
};

struct open_session {
    uint64_t session;
    msec_t ended;
};

struct group_state {
    uint64_t turns[TURNS_MAX + 1]; /* requests with that turn */
    uint64_t seen[MEASURE_COUNT];
    double cached, cachable;
};

struct collector {
    const struct scenario *scenario;
    struct profile_group *group;
    struct group_state *state;
    struct client *client; /* by seat */
    struct open_session *session;
    struct rng rng;
    uint32_t client_count;
    uint64_t requests; /* of measured groups */
};

/* Keeps a uniform sample of a stream (Vitter's algorithm R). */
static int keep(struct collector *c, uint32_t group, enum measure m, double value)
{
    struct sample *sample = &c->group[group].sample[m];
    uint64_t seen = ++c->state[group].seen[m], at;

    if (sample->count < SAMPLES_MAX)
        return sample_add(sample, value);
    at = rng_below(&c->rng, seen);
    if (at < SAMPLES_MAX)
        sample->value[at] = value;
    return 0;
}

/* ---- a client ---- */

static void window_close(struct collector *c, struct client *client)
{
    double n = client->gaps, mean, variance;
    uint64_t at;

    if (client->gaps >= WINDOW_REQUESTS_MIN && client->gap_sum > 0.0) {
        mean = client->gap_sum / n;
        variance = client->gap_squares / n - mean * mean;
        at = client->cv_seen++;
        if (at >= CLIENT_WINDOWS_MAX)
            at = rng_below(&c->rng, client->cv_seen);
        if (at < CLIENT_WINDOWS_MAX)
            client->cv[at] = (float)(sqrt(variance > 0.0 ? variance : 0.0) / mean);
    }
    client->gaps = 0;
    client->gap_sum = client->gap_squares = 0.0;
}

static void client_see(struct collector *c, struct client *client, const struct api_event *ev)
{
    msec_t window = ev->ts / WINDOW;
    uint64_t at = client->requests++;

    if (window != client->window) {
        window_close(c, client);
        client->window = window;
        client->windows++;
    } else {
        double gap = (double)(ev->ts - client->last);

        client->gaps++;
        client->gap_sum += gap;
        client->gap_squares += gap * gap;
    }
    client->last = ev->ts;
    client->hour[ev->ts / MSEC_HOUR % HOURS_PER_DAY] += 1.0F;
    if (at >= CLIENT_SAMPLES_MAX)
        at = rng_below(&c->rng, client->requests);
    if (at < CLIENT_SAMPLES_MAX) {
        client->input[at] = (float)ev->input_tokens;
        client->output[at] = (float)ev->output_tokens;
    }
}

/* ---- a request ---- */

static int session_see(struct collector *c, uint32_t group, const struct api_event *ev)
{
    uint64_t id = hash_str(ev->session, 0);
    struct open_session *s = &c->session[id % SESSIONS];
    int r = 0;

    if (s->session == id && ev->turn > 0)
        r = keep(c, group, MEASURE_think, (double)(ev->ts - s->ended) / MSEC_SECOND);
    *s = (struct open_session){id, ev->ts + ev->latency_ms};
    return r;
}

static int request_see(struct collector *c, uint32_t group, const struct api_event *ev)
{
    struct group_state *state = &c->state[group];
    int r = keep(c, group, MEASURE_input, (double)ev->input_tokens);

    if (r == 0 && event_has(ev, FIELD_output_tokens) && ev->output_tokens > 0)
        r = keep(c, group, MEASURE_output, (double)ev->output_tokens);
    if (r == 0 && event_has(ev, FIELD_prompt))
        r = keep(c, group, ev->turn > 0 ? MEASURE_later_words : MEASURE_first_words,
                 words_in(ev->prompt.p, ev->prompt.n));
    if (r == 0 && event_has(ev, FIELD_session))
        r = session_see(c, group, ev);
    state->turns[ev->turn < TURNS_MAX ? ev->turn : TURNS_MAX]++;
    if (ev->turn > 0 && event_has(ev, FIELD_cached_tokens)) {
        state->cached += (double)ev->cached_tokens;
        state->cachable += (double)ev->input_tokens;
    }
    return r;
}

static int see(void *ctx, const struct world_stamp *stamp, const struct api_event *ev)
{
    struct collector *c = ctx;
    struct client *client;

    if (ev->type != RECORD_EXCHANGE || stamp->seat >= c->client_count)
        return 0;
    client = &c->client[stamp->seat];
    if (client->group == UINT32_MAX)
        return 0;
    c->requests++;
    client_see(c, client, ev);
    return request_see(c, client->group, ev);
}

/* ---- at the end ---- */

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

static double median_of(float *value, uint32_t count)
{
    qsort(value, count, sizeof *value, compare_floats);
    return 0.5 * (double)(value[(count - 1) / 2] + value[count / 2]);
}

static double log_sd_of(const float *value, uint32_t count)
{
    double n = 0.0, sum = 0.0, squares = 0.0;

    for (uint32_t i = 0; i < count; i++)
        if (value[i] > 0.0F) {
            double x = log((double)value[i]);

            n += 1.0;
            sum += x;
            squares += x * x;
        }
    return n > 1.0 ? sqrt(fmax(0.0, squares / n - sum / n * (sum / n))) : 0.0;
}

static int client_lengths(struct collector *c, struct client *client)
{
    uint32_t n = client->requests < CLIENT_SAMPLES_MAX ? client->requests : CLIENT_SAMPLES_MAX;
    int r;

    if (client->requests < CLIENT_REQUESTS_MIN)
        return 0;
    r = keep(c, client->group, MEASURE_client_input_sigma, log_sd_of(client->input, n));
    if (r == 0)
        r = keep(c, client->group, MEASURE_client_output_sigma, log_sd_of(client->output, n));
    if (r == 0)
        r = keep(c, client->group, MEASURE_client_input, median_of(client->input, n));
    if (r == 0)
        r = keep(c, client->group, MEASURE_client_output, fmax(1.0, median_of(client->output, n)));
    return r;
}

static int client_times(struct collector *c, struct client *client, double days, double *busy)
{
    double windows = client->windows / (days * (double)(MSEC_DAY / WINDOW));
    double hour[HOURS_PER_DAY], night;
    uint32_t cvs = client->cv_seen < CLIENT_WINDOWS_MAX ? client->cv_seen : CLIENT_WINDOWS_MAX;
    int r = keep(c, client->group, MEASURE_per_day, client->requests / days);

    for (int h = 0; h < HOURS_PER_DAY; h++)
        hour[h] = (double)client->hour[h];
    night = night_by_day(hour);
    if (r == 0)
        r = keep(c, client->group, MEASURE_active, windows);
    if (r == 0 && cvs > 0)
        r = keep(c, client->group, MEASURE_gap_cv, median_of(client->cv, cvs));
    if (r == 0 && !isnan(night))
        r = keep(c, client->group, MEASURE_night_day, night);
    if (windows >= BUSY_SHARE) {
        for (int h = 0; h < HOURS_PER_DAY; h++)
            c->group[client->group].hour[h] += hour[h] * HOURS_PER_DAY / client->requests;
        busy[client->group] += 1.0;
    }
    return r;
}

/* How many sessions had how many turns follows from how many requests had which turn. */
static int turns_end(struct collector *c, uint32_t group)
{
    enum { POINTS = 4000 };
    const uint64_t *turns = c->state[group].turns;
    int r = 0;

    if (turns[0] == 0)
        return 0;
    for (uint32_t k = 1; k <= TURNS_MAX; k++) {
        uint64_t ended = turns[k - 1] > turns[k] ? turns[k - 1] - turns[k] : 0;

        for (uint64_t i = 0; i < (ended * POINTS + turns[0] / 2) / turns[0] && r == 0; i++)
            r = keep(c, group, MEASURE_turns, k);
    }
    return r;
}

static int finish(struct collector *c, uint32_t group_count)
{
    AUTO_FREE double *busy = calloc(group_count, sizeof *busy);
    int r = busy ? 0 : -ENOMEM;

    for (uint32_t i = 0; i < c->client_count && r == 0; i++) {
        struct client *client = &c->client[i];

        if (client->group == UINT32_MAX || client->requests == 0)
            continue;
        window_close(c, client);
        r = client_lengths(c, client);
        if (r == 0)
            r = client_times(c, client, c->scenario->days, busy);
    }
    for (uint32_t g = 0; g < group_count && r == 0; g++) {
        struct profile_group *group = &c->group[g];

        r = turns_end(c, g);
        for (int h = 0; h < HOURS_PER_DAY && busy[g] > 0.0; h++)
            group->hour[h] /= busy[g];
        group->cached_share =
            c->state[g].cachable > 0.0 ? c->state[g].cached / c->state[g].cachable : NAN;
        for (int m = 0; m < MEASURE_COUNT; m++)
            sample_sort(&group->sample[m]);
    }
    return r;
}

/* ---- construction ---- */

static uint32_t group_of(const struct cohort *cohort, const struct profile_kinds *kinds,
                         uint32_t count)
{
    if (cohort->campaign)
        return UINT32_MAX;
    for (uint32_t g = 0; g < count; g++)
        for (size_t k = 0; k < 4 && kinds[g].kind[k]; k++)
            if (strcmp(cohort->kind, kinds[g].kind[k]) == 0)
                return g;
    return UINT32_MAX;
}

/* Seats stand in the order of the cohorts; number 0 is the platform. */
static int clients_new(struct collector *c, const struct profile_kinds *kinds, uint32_t count)
{
    const struct scenario *s = c->scenario;
    uint64_t seats = 1;
    uint32_t at = 1;

    for (uint32_t i = 0; i < s->cohort_count; i++)
        seats += s->cohort[i].account_count;
    if (seats > UINT32_MAX)
        return -ENOMEM;
    c->client = calloc(seats, sizeof *c->client);
    c->session = calloc(SESSIONS, sizeof *c->session);
    c->state = calloc(count, sizeof *c->state);
    if (!c->client || !c->session || !c->state)
        return -ENOMEM;
    c->client_count = (uint32_t)seats;
    c->client[0].group = UINT32_MAX;
    for (uint32_t i = 0; i < s->cohort_count; i++)
        for (uint32_t k = 0; k < s->cohort[i].account_count; k++)
            c->client[at++].group = group_of(&s->cohort[i], kinds, count);
    return 0;
}

CLEANUP_DEFINE(struct world, world_free)

static int live(struct collector *c, void (*tick)(void *ctx, uint64_t requests, double share),
                void *ctx, struct err *err)
{
    AUTO(world_free) struct world *world = NULL;
    msec_t from, to;
    int r = world_new(c->scenario, 1, &world, err);

    while (r == 0 && world_next_window(world, &from, &to)) {
        r = world_generate(world, 0, see, c);
        if (tick)
            tick(ctx, c->requests, world_progress(world));
    }
    return r;
}

int profile_collect(const struct scenario *scenario, const struct profile_kinds *kinds,
                    uint32_t count, void (*tick)(void *ctx, uint64_t requests, double share),
                    void *ctx, struct profile_group *out, struct err *err)
{
    struct collector c = {.scenario = scenario, .group = out};
    int r;

    memset(out, 0, count * sizeof *out);
    rng_split(&c.rng, scenario->seed, 0);
    r = clients_new(&c, kinds, count);
    if (r == 0)
        r = live(&c, tick, ctx, err);
    if (r == 0)
        r = finish(&c, count);
    if (r == -ENOMEM)
        (void)err_set(err, r, "out of memory");
    free(c.client);
    free(c.session);
    free(c.state);
    for (uint32_t g = 0; g < count && r < 0; g++)
        profile_group_deinit(&out[g]);
    return r;
}

void profile_group_deinit(struct profile_group *group)
{
    for (int m = 0; m < MEASURE_COUNT; m++)
        sample_deinit(&group->sample[m]);
}
