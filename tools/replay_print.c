/* The final table of a replay. */
#include "replay.h"

#include "tools/doc.h"
#include "tools/wording.h"

#include <inttypes.h>

static const double SHARES[] = {0.5, 0.9, 0.99, 0.999, 1.0};
static const char *const SHARE_NAMES[] = {"p50", "p90", "p99", "p99.9", "max"};
enum { SHARE_COUNT = sizeof SHARES / sizeof SHARES[0] };

/* Rows of the histogram of lateness: up to so many ns. */
static const struct {
    uint64_t up_to_ns;
    const char *name;
} ROWS[] = {
    {1000000, "1 ms"},     {10000000, "10 ms"},    {100000000, "100 ms"},    {1000000000, "1 s"},
    {10000000000, "10 s"}, {60000000000, "1 min"}, {600000000000, "10 min"}, {UINT64_MAX, "longer"},
};
enum { ROW_COUNT = sizeof ROWS / sizeof ROWS[0], BAR_MAX = 40 };

static void count_print(FILE *out, const char *name, uint64_t n)
{
    char text[WORDING_SIZE];

    (void)fprintf(out, "  %-14s %15s\n", name, word_count(n, text));
}

static void quantiles_print(FILE *out, const char *name, const struct histogram *h)
{
    (void)fprintf(out, "  %-28s", name);
    for (unsigned i = 0; i < SHARE_COUNT; i++)
        (void)fprintf(out, " %10.1f", (double)histogram_quantile(h, SHARES[i]) / 1e6);
    (void)fprintf(out, "\n");
}

static void lateness_print(FILE *out, const struct histogram *h)
{
    uint64_t before = 0;

    (void)fprintf(out, "\n  lateness, records\n");
    for (unsigned i = 0; i < ROW_COUNT; i++) {
        uint64_t to = histogram_at_most(h, ROWS[i].up_to_ns), n = to - before;
        char text[WORDING_SIZE];
        int bar = h->count ? (int)(BAR_MAX * n / h->count) : 0;

        before = to;
        if (n == 0)
            continue;
        (void)fprintf(out, "  %s%-7s %15s  ", ROWS[i].up_to_ns == UINT64_MAX ? "   " : "to ",
                      ROWS[i].name, word_count(n, text));
        for (int k = 0; k < (bar ? bar : 1); k++)
            (void)fputc('#', out);
        (void)fputc('\n', out);
    }
}

void replay_print(FILE *out, const struct replay_result *r)
{
    count_print(out, "sent", r->sent);
    count_print(out, "acknowledged", r->acknowledged);
    count_print(out, "accepted", r->accepted);
    count_print(out, "refused", r->refused);
    if (r->repeated)
        count_print(out, "known before", r->repeated);
    if (r->skipped)
        count_print(out, "skipped", r->skipped);
    count_print(out, "batches", r->batches);
    (void)fprintf(out,
                  "  %-14s %15" PRIu64 "  (%" PRIu64 " overloaded, %" PRIu64
                  " unavailable, %" PRIu64 " unanswered; away %.1f s)\n",
                  "retries", r->busy + r->unavailable + r->lost, r->busy, r->unavailable, r->lost,
                  r->away_s);
    (void)fprintf(out, "  %-14s %15.1f s, %.0f records/s\n", "took", r->wall_s,
                  r->wall_s > 0.0 ? (double)r->acknowledged / r->wall_s : 0.0);
    if (r->refusal[0]) {
        (void)fprintf(out, "  first refusal: ");
        doc_escape(out, DOC_PLAIN, r->refusal);
        (void)fputc('\n', out);
    }
    (void)fprintf(out, "\n  %-28s", "ms");
    for (unsigned i = 0; i < SHARE_COUNT; i++)
        (void)fprintf(out, " %10s", SHARE_NAMES[i]);
    (void)fprintf(out, "\n");
    quantiles_print(out, "due to sent (lateness)", &r->lateness);
    quantiles_print(out, "sent to acknowledged", &r->answer);
    quantiles_print(out, "due to acknowledged", &r->total);
    lateness_print(out, &r->lateness);
}

static void quantiles_write(struct json_write *w, const char *name, const struct histogram *h)
{
    json_write_open(w, name, '{');
    for (unsigned i = 0; i < SHARE_COUNT; i++)
        json_write_f64(w, SHARE_NAMES[i], (double)histogram_quantile(h, SHARES[i]) / 1e6, 6);
    json_write_close(w, '}');
}

void replay_write(struct json_write *w, const struct replay_result *r)
{
    uint64_t before = 0;

    json_write_u64(w, "sent", r->sent);
    json_write_u64(w, "acknowledged", r->acknowledged);
    json_write_u64(w, "accepted", r->accepted);
    json_write_u64(w, "repeated", r->repeated);
    json_write_u64(w, "refused", r->refused);
    json_write_u64(w, "skipped", r->skipped);
    json_write_u64(w, "batches", r->batches);
    json_write_u64(w, "bytes", r->bytes);
    json_write_u64(w, "retries_overloaded", r->busy);
    json_write_u64(w, "retries_unavailable", r->unavailable);
    json_write_u64(w, "retries_unanswered", r->lost);
    json_write_f64(w, "away_s", r->away_s, 6);
    json_write_f64(w, "wall_s", r->wall_s, 6);
    json_write_bool(w, "interrupted", r->interrupted);
    quantiles_write(w, "lateness_ms", &r->lateness);
    quantiles_write(w, "answer_ms", &r->answer);
    quantiles_write(w, "total_ms", &r->total);
    json_write_open(w, "lateness_histogram", '[');
    for (unsigned i = 0; i < ROW_COUNT; i++) {
        uint64_t to = histogram_at_most(&r->lateness, ROWS[i].up_to_ns);

        json_write_open(w, NULL, '{');
        json_write_text(w, "up_to", ROWS[i].name);
        json_write_u64(w, "records", to - before);
        json_write_close(w, '}');
        before = to;
    }
    json_write_close(w, ']');
}
