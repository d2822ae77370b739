/* Ticks and regroups happen inside detector_feed(), at the first record after they are due: that
 * record is fed and timed by itself, the others of its five minutes after it. */
#include "scaling.h"

#include "base/cleanup.h"
#include "base/json_write.h"
#include "detector/detector.h"
#include "platform.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BATCH = 4096, SIZES_MAX = 8, ACCOUNTS_MIN = 10000, TEN = 10 };

/* Seconds of processor time. */
struct spent {
    double sum, most;
    uint32_t count;
};

struct sample {
    uint64_t accounts, exchanges;
    /* Account records and all until the first tick, when most memory is touched for the first time;
     * exchanges after that; the rest by name. */
    struct spent start, feed, tick, regroup, finish;
    uint32_t groups, members; /* of groups at review or above */
};

CLEANUP_DEFINE(struct detector, detector_free)
CLEANUP_DEFINE(struct digest_batch, digest_batch_free)

struct scaling {
    struct detector *detector;
    struct digest_batch *batch;
    struct platform platform;
    struct detector_config config;
};

static double now(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void spend(struct spent *spent, double seconds)
{
    spent->sum += seconds;
    spent->most = fmax(spent->most, seconds);
    spent->count++;
}

/* Feeds the batch and empties it. */
static void feed(struct scaling *s, struct spent *spent)
{
    double start = now();

    detector_feed(s->detector, s->batch, NULL, s->batch->count);
    spend(spent, now() - start);
    s->batch->count = 0;
}

static void feed_accounts(struct scaling *s, struct sample *sample)
{
    for (uint64_t i = 0; i < s->platform.account_count; i++) {
        platform_account(&s->platform, i, &s->batch->digest[s->batch->count++]);
        if (s->batch->count == s->batch->capacity)
            feed(s, &sample->start);
    }
    feed(s, &sample->start);
}

/* What the first exchange of a five minutes is told apart by: it runs the tick that is due. */
static struct spent *spent_of_tick(const struct scaling *s, uint64_t interval,
                                   struct sample *sample)
{
    uint64_t per_regroup = (uint64_t)(s->config.regroup_ms / s->config.tick_ms);

    if (interval <= 1)
        return &sample->start;
    return (interval - 1) % per_regroup == 0 ? &sample->regroup : &sample->tick;
}

/* The exchanges between two ticks. */
static void feed_interval(struct scaling *s, uint64_t interval, uint64_t count,
                          struct sample *sample)
{
    struct spent *fed = interval == 0 ? &sample->start : &sample->feed;
    msec_t from = s->platform.start + (msec_t)interval * s->config.tick_ms;
    struct finding finding;

    for (uint64_t i = 0; i < count; i++) {
        msec_t ts = from + (msec_t)(i * (uint64_t)s->config.tick_ms / count);

        platform_exchange(&s->platform, ts, &s->batch->digest[s->batch->count++]);
        if (i == 0)
            feed(s, spent_of_tick(s, interval, sample));
        else if (s->batch->count == s->batch->capacity)
            feed(s, fed);
    }
    feed(s, fed);
    sample->exchanges += interval ? count : 0;
    while (detector_next_finding(s->detector, &finding))
        ;
}

static void groups_count(const struct scaling *s, struct sample *sample)
{
    uint32_t count = detector_cluster_count(s->detector);

    for (uint32_t rank = 0; rank < count; rank++) {
        struct cluster_view view;

        detector_cluster_view(s->detector, rank, &view);
        sample->groups += view.level >= LEVEL_REVIEW;
        sample->members += view.level >= LEVEL_REVIEW ? view.member_count : 0;
    }
}

static int sample_take(uint64_t accounts, struct sample *sample)
{
    AUTO(detector_free) struct detector *detector = NULL;
    AUTO(digest_batch_free) struct digest_batch *batch = NULL;
    struct scaling s;
    uint64_t intervals;
    double start;
    struct err err;
    int r;

    *sample = (struct sample){.accounts = accounts};
    detector_config_default(&s.config);
    if (accounts > s.config.accounts_max)
        s.config.accounts_max = (uint32_t)accounts;
    if ((r = detector_new(&s.config, &detector, &err)) < 0 ||
        (r = digest_batch_new(BATCH, &batch)) < 0)
        return r;
    s.detector = detector;
    s.batch = batch;
    platform_init(&s.platform, accounts);
    feed_accounts(&s, sample);
    intervals = (uint64_t)(MSEC_DAY / s.config.tick_ms);
    for (uint64_t i = 0; i < intervals; i++)
        feed_interval(&s, i, accounts * PLATFORM_EXCHANGES / intervals, sample);
    start = now();
    detector_finish(detector, INT64_MIN);
    spend(&sample->finish, now() - start);
    groups_count(&s, sample);
    return 0;
}

static double ticks_s(const struct sample *s)
{
    return s->tick.sum + s->regroup.sum + s->finish.sum;
}

static double total_s(const struct sample *s)
{
    return s->feed.sum + ticks_s(s);
}

static double regroup_s(const struct sample *s)
{
    return s->regroup.count ? s->regroup.sum / s->regroup.count : 0.0;
}

/* The slope of ln cost over ln accounts, by least squares; NaN with one sample. */
static double exponent(const struct sample *sample, uint32_t count,
                       double (*cost)(const struct sample *))
{
    double x = 0.0, y = 0.0, xx = 0.0, xy = 0.0;

    for (uint32_t i = 0; i < count; i++) {
        double lx = log((double)sample[i].accounts), ly = log(cost(&sample[i]));

        x += lx;
        y += ly;
        xx += lx * lx;
        xy += lx * ly;
    }
    return count < 2 ? (double)NAN : (count * xy - x * y) / (count * xx - x * x);
}

static double mean_ms(const struct spent *s)
{
    return s->count ? 1e3 * s->sum / s->count : 0.0;
}

static void row_print(const struct sample *s)
{
    printf("%9llu %10llu %8.0f %8.0f %8.0f %8.2f %8.2f %9.1f %9.1f %9.1f %6u %8u\n",
           (unsigned long long)s->accounts, (unsigned long long)s->exchanges, 1e3 * s->start.sum,
           1e9 * s->feed.sum / (double)s->exchanges, 1e9 * total_s(s) / (double)s->exchanges,
           mean_ms(&s->tick), 1e3 * s->tick.most, mean_ms(&s->regroup), 1e3 * s->regroup.most,
           1e3 * s->finish.sum, s->groups, s->members);
    (void)fflush(stdout);
}

static void json_print(const struct sample *sample, uint32_t count)
{
    struct json_write w;

    json_write_init(&w, stdout);
    json_write_open(&w, NULL, '[');
    for (uint32_t i = 0; i < count; i++) {
        const struct sample *s = &sample[i];

        json_write_open(&w, NULL, '{');
        json_write_u64(&w, "accounts", s->accounts);
        json_write_u64(&w, "exchanges", s->exchanges);
        json_write_f64(&w, "start_ms", 1e3 * s->start.sum, 6);
        json_write_f64(&w, "feed_ns", 1e9 * s->feed.sum / (double)s->exchanges, 6);
        json_write_f64(&w, "total_ns", 1e9 * total_s(s) / (double)s->exchanges, 6);
        json_write_f64(&w, "tick_ms", mean_ms(&s->tick), 6);
        json_write_f64(&w, "tick_most_ms", 1e3 * s->tick.most, 6);
        json_write_f64(&w, "regroup_ms", mean_ms(&s->regroup), 6);
        json_write_f64(&w, "regroup_most_ms", 1e3 * s->regroup.most, 6);
        json_write_f64(&w, "finish_ms", 1e3 * s->finish.sum, 6);
        json_write_u64(&w, "groups", s->groups);
        json_write_u64(&w, "members", s->members);
        json_write_close(&w, '}');
    }
    json_write_close(&w, ']');
    json_write_line(&w);
    (void)json_write_flush(&w);
    json_write_deinit(&w);
}

int scaling_run(uint64_t accounts_max, bool json)
{
    struct sample sample[SIZES_MAX];
    uint32_t count = 0;

    if (!json)
        printf("%9s %10s %8s %8s %8s %8s %8s %9s %9s %9s %6s %8s\n", "accounts", "exchanges",
               "start ms", "feed ns", "all ns", "tick ms", "most", "regroup", "most", "finish",
               "groups", "members");
    for (uint64_t n = ACCOUNTS_MIN; n <= accounts_max && count < SIZES_MAX; n *= TEN) {
        int r = sample_take(n, &sample[count]);

        if (r < 0)
            return r;
        count++;
        if (!json)
            row_print(&sample[count - 1]);
    }
    if (json)
        json_print(sample, count);
    else
        printf("cost grows as accounts^x: x = %.2f in all, %.2f of ticks and regroups, %.2f of "
               "one regroup\n",
               exponent(sample, count, total_s), exponent(sample, count, ticks_s),
               exponent(sample, count, regroup_s));
    return 0;
}
