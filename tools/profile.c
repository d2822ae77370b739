#include "tools/profile.h"

#include "base/json_write.h"
#include "tools/profile_collect.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define MEASURE_NAME(name, help) help,
static const char *const measure_name[MEASURE_COUNT] = {PROFILE_MEASURES(MEASURE_NAME)};
#undef MEASURE_NAME

enum { PAIRS_MAX = 10, POOL_NONE = -1, ROWS_MAX = 64 };

struct pair {
    enum measure measure;
    enum calibration real;
};

/* Which populations are held against which data. */
static const struct counterpart {
    const char *name;
    struct profile_kinds kinds;
    struct pair pair[PAIRS_MAX]; /* ends where both are 0, which is no pair of any other place */
    uint32_t pairs;
    int pool;            /* whose hours; POOL_NONE: none */
    double gini;         /* of the real clients; NaN: not held against it */
    double cached_share; /* of the real requests; NaN: not known */
} counterparts[] = {
    {.name = "chat users",
     .kinds = {{"chat_user"}},
     .pair = {{MEASURE_input, CALIBRATION_azure_conv_input},
              {MEASURE_output, CALIBRATION_azure_conv_output},
              {MEASURE_turns, CALIBRATION_sharegpt_turns},
              {MEASURE_first_words, CALIBRATION_human_words},
              {MEASURE_later_words, CALIBRATION_sharegpt_later_words}},
     .pairs = 5,
     .pool = POOL_NONE,
     .gini = NAN,
     .cached_share = NAN},
    {.name = "developers",
     .kinds = {{"developer"}},
     /* Its outputs are completions of a few tokens: nothing for people who talk about code. */
     .pair = {{MEASURE_input, CALIBRATION_azure_code_input}},
     .pairs = 1,
     .pool = POOL_NONE,
     .gini = NAN,
     .cached_share = NAN},
    {.name = "coding agents",
     .kinds = {{"coding_agent"}},
     .pair = {{MEASURE_input, CALIBRATION_agent_input},
              {MEASURE_output, CALIBRATION_agent_output},
              {MEASURE_turns, CALIBRATION_agent_turns},
              {MEASURE_think, CALIBRATION_agent_think_s}},
     .pairs = 4,
     .pool = POOL_NONE,
     .gini = NAN,
     .cached_share = 0.962}, /* prompt blocks that repeat: traffic notes, prefix reuse */
    {.name = "API customers",
     .kinds = {{"api_product", "batch"}},
     .pair = {{MEASURE_client_input, CALIBRATION_m_large_input},
              {MEASURE_client_output, CALIBRATION_m_large_output},
              {MEASURE_client_input_sigma, CALIBRATION_m_large_input_sigma},
              {MEASURE_client_output_sigma, CALIBRATION_m_large_output_sigma},
              {MEASURE_per_day, CALIBRATION_m_large_per_day},
              {MEASURE_active, CALIBRATION_m_large_active},
              {MEASURE_gap_cv, CALIBRATION_m_large_gap_cv},
              {MEASURE_night_day, CALIBRATION_m_large_night_day}},
     .pairs = 8,
     .pool = POOL_M_LARGE,
     .gini = 0.83,
     .cached_share = NAN},
    {.name = "corpus jobs",
     .kinds = {{"rag_backfill"}},
     .pair = {{MEASURE_input, CALIBRATION_arxiv_input}, {MEASURE_output, CALIBRATION_arxiv_output}},
     .pairs = 2,
     .pool = POOL_NONE,
     .gini = NAN,
     .cached_share = NAN},
};
enum { COUNTERPARTS = sizeof counterparts / sizeof *counterparts };

struct profile {
    struct profile_row row[ROWS_MAX];
    uint32_t count;
    bool measured;
};

static struct profile_row *row_add(struct profile *p, const struct counterpart *c,
                                   const char *measure, const char *unit, const char *source)
{
    struct profile_row *row = &p->row[p->count];

    if (p->count + 1 < ROWS_MAX)
        p->count++;
    *row = (struct profile_row){
        .population = c->name, .measure = measure, .unit = unit, .source = source, .distance = NAN};
    for (int i = 0; i < 3; i++)
        row->simulated[i] = row->real[i] = NAN;
    return row;
}

/* Simulated platforms are smaller than real ones: of rates only the shape is compared. */
static void by_median(struct sample *s)
{
    double median = sample_quantile(s, 0.5);

    for (uint32_t i = 0; i < s->count && median > 0.0; i++)
        s->value[i] /= median;
}

static int copy_of(const struct sample *from, struct sample *to)
{
    int r = 0;

    *to = (struct sample){.measured = from->measured};
    for (uint32_t i = 0; i < from->count && r == 0; i++)
        r = sample_add(to, from->value[i]);
    return r;
}

static int pair_compare(struct profile *p, const struct counterpart *c, const struct pair *pair,
                        struct profile_group *group, const struct real_data *real)
{
    static const double quantile[] = {0.05, 0.5, 0.95};
    const struct calibration_table *table = &calibration_table[pair->real];
    struct sample *simulated = &group->sample[pair->measure], other = {0};
    bool shape = pair->measure == MEASURE_per_day;
    struct profile_row *row;
    int r;

    if (simulated->count == 0)
        return 0;
    r = copy_of(&real->sample[pair->real], &other);
    if (r == 0) {
        row = row_add(p, c, shape ? "requests per day, by the median" : measure_name[pair->measure],
                      table->unit, table->source);
        if (shape) {
            by_median(simulated);
            by_median(&other);
        }
        row->count = simulated->count;
        row->measured = other.measured;
        row->distance = sample_distance(simulated, &other);
        for (int i = 0; i < 3; i++) {
            row->simulated[i] = sample_quantile(simulated, quantile[i]);
            row->real[i] = sample_quantile(&other, quantile[i]);
        }
    }
    sample_deinit(&other);
    return r;
}

static void number_compare(struct profile *p, const struct counterpart *c, const char *measure,
                           double simulated, double real, uint32_t count)
{
    struct profile_row *row = row_add(p, c, measure, "", "");

    row->simulated[1] = simulated;
    row->real[1] = real;
    row->count = count;
}

/* Widest gap of two cumulated day profiles, as a share of the day's requests. */
static double hours_apart(const double *a, const double *b)
{
    double apart = 0.0, most = 0.0;

    for (int h = 0; h < HOURS_PER_DAY; h++) {
        apart += (a[h] - b[h]) / HOURS_PER_DAY;
        most = fmax(most, fabs(apart));
    }
    return most;
}

static double share_above(const struct sample *s, double bound)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < s->count; i++)
        n += s->value[i] >= bound;
    return s->count ? (double)n / s->count : NAN;
}

static int counterpart_compare(struct profile *p, const struct counterpart *c,
                               struct profile_group *group, const struct real_data *real)
{
    const struct sample *night = &group->sample[MEASURE_night_day];
    const struct sample *rates = &group->sample[MEASURE_per_day];
    int r = 0;

    if (rates->count == 0)
        return 0;
    if (!isnan(c->gini))
        number_compare(p, c, "Gini of requests over clients", sample_gini(rates), c->gini,
                       rates->count);
    for (uint32_t i = 0; i < c->pairs && r == 0; i++)
        r = pair_compare(p, c, &c->pair[i], group, real);
    if (c->pool != POOL_NONE) {
        number_compare(p, c, "share as busy by night (0.8)", share_above(night, 0.8),
                       share_above(&real->sample[CALIBRATION_m_large_night_day], 0.8),
                       night->count);
        number_compare(p, c, "hours of the day, widest gap",
                       hours_apart(group->hour, calibration_hours[c->pool]), 0.0, rates->count);
    }
    if (!isnan(c->cached_share) && !isnan(group->cached_share))
        number_compare(p, c, "cached share of later turns", group->cached_share, c->cached_share,
                       group->sample[MEASURE_input].count);
    return r;
}

int profile_new(const struct scenario *scenario, const struct real_data *real,
                void (*tick)(void *ctx, uint64_t requests, double share), void *ctx,
                struct profile **out, struct err *err)
{
    AUTO(profile_free) struct profile *p = calloc(1, sizeof *p);
    AUTO_FREE struct profile_group *group = calloc(COUNTERPARTS, sizeof *group);
    struct profile_kinds kinds[COUNTERPARTS];
    int r;

    if (!p || !group)
        return err_set(err, -ENOMEM, "out of memory");
    for (size_t i = 0; i < COUNTERPARTS; i++)
        kinds[i] = counterparts[i].kinds;
    r = profile_collect(scenario, kinds, COUNTERPARTS, tick, ctx, group, err);
    if (r < 0)
        return r;
    p->measured = real->measured_count > 0;
    for (size_t i = 0; i < COUNTERPARTS; i++) {
        if (r == 0)
            r = counterpart_compare(p, &counterparts[i], &group[i], real);
        profile_group_deinit(&group[i]);
    }
    if (r < 0)
        return err_set(err, r, "out of memory");
    *out = TAKE(p);
    return 0;
}

void profile_free(struct profile *p)
{
    free(p);
}

uint32_t profile_row_count(const struct profile *p)
{
    return p->count;
}

const struct profile_row *profile_row(const struct profile *p, uint32_t index)
{
    return &p->row[index];
}

/* ---- output ---- */

static void cell(FILE *out, double value, int width)
{
    if (isnan(value))
        (void)fprintf(out, " %*s", width, "");
    else
        (void)fprintf(out, " %*.*g", width, value >= 1000.0 ? 6 : 3,
                      value >= 1000.0 ? floor(value + 0.5) : value);
}

static void table_print(const struct profile *p, FILE *out)
{
    const char *population = "";

    (void)fprintf(out, "%-34s %26s   %26s   %5s  %s\n%-34s %8s %8s %8s   %8s %8s %8s\n", "",
                  "simulated", "real", "KS", "real side", "", "p5", "p50", "p95", "p5", "p50",
                  "p95");
    for (uint32_t i = 0; i < p->count; i++) {
        const struct profile_row *row = &p->row[i];

        if (strcmp(population, row->population) != 0)
            (void)fprintf(out, "%s\n", row->population);
        population = row->population;
        (void)fprintf(out, "  %-32s", row->measure);
        for (int k = 0; k < 3; k++)
            cell(out, row->simulated[k], 8);
        (void)fputs("  ", out);
        for (int k = 0; k < 3; k++)
            cell(out, row->real[k], 8);
        (void)fputs("  ", out);
        if (!isnan(row->distance))
            (void)fprintf(out, " %5.3f  %s%s", row->distance, row->source,
                          row->measured ? "" : " (table)");
        (void)fputc('\n', out);
    }
    if (!p->measured)
        (void)fputs(
            "The data itself is not here: its built-in quantile tables were used; see --data.\n",
            out);
}

static void json_numbers(struct json_write *w, const char *name, const double value[3])
{
    json_write_open(w, name, '[');
    for (int k = 0; k < 3; k++)
        json_write_f64(w, NULL, value[k], 6);
    json_write_close(w, ']');
}

static int json_print(const struct profile *p, FILE *out)
{
    struct json_write w;
    int r;

    json_write_init(&w, out);
    json_write_open(&w, NULL, '{');
    json_write_bool(&w, "measured", p->measured);
    json_write_open(&w, "rows", '[');
    for (uint32_t i = 0; i < p->count; i++) {
        const struct profile_row *row = &p->row[i];

        json_write_open(&w, NULL, '{');
        json_write_text(&w, "population", row->population);
        json_write_text(&w, "measure", row->measure);
        json_write_text(&w, "unit", row->unit);
        json_write_text(&w, "source", row->source);
        json_write_bool(&w, "measured", row->measured);
        json_write_u64(&w, "count", row->count);
        json_numbers(&w, "simulated", row->simulated);
        json_numbers(&w, "real", row->real);
        json_write_f64(&w, "ks", row->distance, 4);
        json_write_close(&w, '}');
    }
    json_write_close(&w, ']');
    json_write_close(&w, '}');
    json_write_line(&w);
    r = json_write_flush(&w);
    json_write_deinit(&w);
    return r;
}

int profile_print(const struct profile *p, bool json, FILE *out)
{
    if (json)
        return json_print(p, out);
    table_print(p, out);
    return ferror(out) ? -EIO : 0;
}
