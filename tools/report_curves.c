/* Positives are distilling accounts, those that the run never saw with the lowest score; negatives
 * are the honest accounts that it saw. Abusive accounts are in neither, as in the evaluation. */
#include "tools/report_curves.h"

#include "tools/baselines.h"
#include "tools/metrics.h"
#include "tools/report_leak.h"
#include "tools/truth.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { POINTS_MAX = 2000, SERIES_NAME_SIZE = 48, SERIES_COUNT = 3 * BASELINE_COUNT + 4 };

const double report_base_rate = 1.0 / 1001.0;

static const double LOG_ODDS_MAX = 12; /* beyond it a bin more tells nothing */

struct report_curves_store {
    const struct truth *truth;
    const struct baseline_scores *baselines; /* NULL: none in the run */
    double *score;                           /* per account of the truth; NaN: not seen */
    double (*point)[POINTS_MAX][2];          /* per line of a picture */
    uint32_t line_count;
    struct chart_strip *strip;
    double (*share)[REPORT_BINS];
    char name[SERIES_COUNT][SERIES_NAME_SIZE]; /* of each line */
};

void report_curves_free(struct report_curves *curves)
{
    if (!curves)
        return;
    if (curves->store) {
        free(curves->store->score);
        free(curves->store->point);
        free(curves->store->strip);
        free(curves->store->share);
    }
    free(curves->store);
    free(curves);
}

/* The scores of one method as a ranking; `item` has room for every account of the truth. */
static void make_ranking(const struct report_curves_store *store, const double *score,
                         struct scored *item, struct ranking *out)
{
    uint64_t count = 0;

    for (uint32_t i = 0; i < store->truth->count; i++) {
        const struct truth_account *t = &store->truth->account[i];
        bool seen = !isnan(store->score[i]);

        if (t->truth == TRUTH_ABUSIVE || (t->truth == TRUTH_BENIGN && !seen))
            continue;
        item[count++] = (struct scored){seen ? score[i] : -1, t->truth == TRUTH_DISTILLING};
    }
    ranking_make(item, count, out);
}

/* A line under construction, in shares of negatives and positives. */
struct roc_line {
    double (*point)[2];
    uint32_t count;
    double x_min, x, y; /* x, y: where the line has got to */
};

static void roc_point(struct roc_line *line, double x, double y)
{
    if (line->count < POINTS_MAX) {
        line->point[line->count][0] = x;
        line->point[line->count++][1] = y;
    }
}

/* Goes straight on to (x, y): accounts of equal score come in any order. On a log axis that is a
 * bow, so points are put every twentieth of a decade. */
static void roc_go(struct roc_line *line, double x, double y)
{
    double from = fmax(line->x, line->x_min);

    for (double at = from * pow(10, 0.05); at < x; at *= pow(10, 0.05))
        roc_point(line, at, line->y + (y - line->y) * (at - line->x) / (x - line->x));
    roc_point(line, fmax(x, line->x_min), y);
    line->x = x;
    line->y = y;
}

/* Walks down the ranking, equal scores at once; goes on where the line has moved enough to see. */
static uint32_t roc_points(const struct ranking *r, double x_min, double (*point)[2])
{
    struct roc_line line = {.point = point, .x_min = x_min};
    uint64_t hits = 0, alarms = 0;

    roc_point(&line, x_min, 0);
    for (uint64_t i = 0; i < r->count; i++) {
        double x, y;

        hits += r->sorted[i].positive;
        alarms += !r->sorted[i].positive;
        if (i + 1 < r->count && r->sorted[i + 1].score >= r->sorted[i].score)
            continue;
        x = (double)alarms / (double)r->negatives;
        y = (double)hits / (double)r->positives;
        if (i + 1 == r->count || x > 1.02 * line.x + x_min / 2 || y > line.y + 0.005)
            roc_go(&line, x, y);
    }
    return line.count;
}

/* Room for another line with its name. */
static double (*next_line(struct report_curves_store *store, const char *name, const char *measure,
                          double value))[2]
{
    assert(store->line_count < SERIES_COUNT);
    (void)snprintf(store->name[store->line_count], SERIES_NAME_SIZE, "%s, %s %.3f", name, measure,
                   value);
    return store->point[store->line_count++];
}

static void add_line(struct report_curves_store *store, struct chart_curve *curve,
                     double (*point)[2], uint32_t count)
{
    curve->series[curve->series_count++] =
        (struct chart_series){store->name[store->line_count - 1], (const double(*)[2])point, count};
}

/* Precision where so many were caught, at a share of distilling accounts; a false-positive share is
 * never taken as smaller than what so many honest accounts can tell. */
static double precision_at(const struct ranking *r, double hits, double alarms, double base_rate)
{
    double floor = proportion_of(0, r->negatives).high;
    double fpr = fmax(alarms / (double)r->negatives, floor);
    double found = hits / (double)r->positives * base_rate;

    if (base_rate <= 0)
        return hits / (hits + alarms);
    return found / (found + fpr * (1 - base_rate));
}

/* Recall and precision, ascending in recall; base_rate 0: that of the accounts themselves. Between
 * accounts of equal score hits and alarms grow evenly, which is no straight line here (Davis and
 * Goadrich, ICML 2006). */
static uint32_t pr_points(const struct ranking *r, double base_rate, double (*point)[2])
{
    double hits = 0, alarms = 0, hits_before = 0, alarms_before = 0;
    uint32_t count = 0;

    for (uint64_t i = 0; i < r->count; i++) {
        double step;

        hits += r->sorted[i].positive;
        alarms += !r->sorted[i].positive;
        if (i + 1 < r->count && r->sorted[i + 1].score >= r->sorted[i].score)
            continue;
        if (hits - hits_before < 0.002 * (double)r->positives && count && i + 1 < r->count)
            continue;
        step = 1 / fmax(1, ceil((hits - hits_before) / (double)r->positives * 50));
        for (double at = step; at < 1 + 1e-9 && count < POINTS_MAX; at += step, count++) {
            double h = hits_before + at * (hits - hits_before);

            point[count][0] = h / (double)r->positives;
            point[count][1] =
                precision_at(r, h, alarms_before + at * (alarms - alarms_before), base_rate);
        }
        hits_before = hits;
        alarms_before = alarms;
    }
    return count;
}

static void add_pr(struct report_curves *curves, const char *name, const struct ranking *r,
                   double base_rate)
{
    double(*point)[2] = next_line(curves->store, name, "area", r->pr_auc);
    uint32_t count = pr_points(r, base_rate, point);

    if (base_rate > 0)
        (void)snprintf(curves->store->name[curves->store->line_count - 1], SERIES_NAME_SIZE, "%s",
                       name);
    add_line(curves->store, &curves->pr, point, count);
}

/* The line of roc, upside down. */
static void add_det(struct report_curves *curves, const char *name, const struct chart_series *roc)
{
    struct report_curves_store *store = curves->store;
    double(*point)[2] = next_line(store, name, "", 0);

    (void)snprintf(store->name[store->line_count - 1], SERIES_NAME_SIZE, "%s", name);
    for (uint32_t i = 0; i < roc->count; i++) {
        point[i][0] = roc->point[i][0];
        point[i][1] = 1 - roc->point[i][1];
    }
    add_line(store, &curves->det, point, roc->count);
}

/* The smallest share that so many accounts can tell, as a power of ten. */
static double decade_below(uint64_t accounts)
{
    return fmin(0.1, pow(10, -ceil(log10((double)accounts))));
}

static void add_method(struct report_curves *curves, const char *name, const double *score,
                       struct scored *item)
{
    struct report_curves_store *store = curves->store;
    bool first = curves->roc.series_count == 0;
    struct ranking ranking;
    double(*point)[2];

    make_ranking(store, score, item, &ranking);
    if (!ranking.positives || !ranking.negatives)
        return;
    if (first) {
        curves->roc.x_min = curves->det.x_min = decade_below(ranking.negatives);
        curves->det.y_min = decade_below(ranking.positives);
    }
    point = next_line(store, name, "area", ranking.roc_auc);
    add_line(store, &curves->roc, point, roc_points(&ranking, curves->roc.x_min, point));
    add_det(curves, name, &curves->roc.series[curves->roc.series_count - 1]);
    add_pr(curves, name, &ranking, 0);
}

static int make_lines(struct report_curves *curves)
{
    struct report_curves_store *store = curves->store;
    AUTO_FREE struct scored *item = calloc((size_t)store->truth->count + 1, sizeof *item);
    struct ranking ranking;

    store->point = calloc(SERIES_COUNT, sizeof *store->point);
    if (!item || !store->point)
        return -ENOMEM;
    curves->roc = (struct chart_curve){
        .title = "True positives against false positives",
        .x_title = "share of honest accounts above the threshold (log axis)",
        .y_title = "share of distilling accounts above it",
        .x_axis = AXIS_LOG,
    };
    curves->det = (struct chart_curve){
        .title = "Misses against false alarms",
        .x_title = "share of honest accounts raised (normal quantiles)",
        .y_title = "share of distilling accounts missed (normal quantiles)",
        .x_axis = AXIS_NORMAL,
        .y_axis = AXIS_NORMAL,
    };
    curves->pr = (struct chart_curve){
        .title = "Precision against recall",
        .x_title = "share of distilling accounts above the threshold (recall)",
        .y_title = "share of distilling accounts among all above it (precision)",
    };
    add_method(curves, "stillwatch", store->score, item);
    for (unsigned b = 0; store->baselines && b < BASELINE_COUNT; b++)
        add_method(curves, baseline_name[b], store->baselines->score[b], item);
    make_ranking(store, store->score, item, &ranking);
    if (ranking.positives && ranking.negatives)
        add_pr(curves, "stillwatch, 1 distilling to 1,000 honest", &ranking, report_base_rate);
    return 0;
}

static uint32_t bin_of(double score)
{
    double log_odds = log(score / (1 - score));
    double place = (log_odds + LOG_ODDS_MAX) / (2 * LOG_ODDS_MAX) * REPORT_BINS;

    return place < 0 || isnan(place) ? 0 : place >= REPORT_BINS ? REPORT_BINS - 1 : (uint32_t)place;
}

/* Campaigns first, then the order in which the truth names them. */
static int strip_compare(const void *a, const void *b)
{
    const struct chart_strip *x = a, *y = b;

    if (x->guilty != y->guilty)
        return x->guilty ? -1 : 1;
    return (x->share > y->share) - (x->share < y->share); /* one array: order of the names */
}

static int make_strips(struct report_curves *curves)
{
    struct report_curves_store *store = curves->store;
    const struct truth *truth = store->truth;
    uint32_t kept = 0;

    store->strip = calloc((size_t)truth->name_count + 1, sizeof *store->strip);
    store->share = calloc((size_t)truth->name_count + 1, sizeof *store->share);
    if (!store->strip || !store->share)
        return -ENOMEM;
    for (uint32_t i = 0; i < truth->count; i++) {
        const struct truth_account *t = &truth->account[i];
        uint32_t name = t->campaign == TRUTH_NONE ? t->population : t->campaign;

        if (isnan(store->score[i]))
            continue;
        store->strip[name].name = truth->name[name];
        store->strip[name].share = store->share[name];
        store->strip[name].guilty |= t->truth == TRUTH_DISTILLING;
        store->strip[name].account_count++;
        store->share[name][bin_of(store->score[i])]++;
    }
    for (uint32_t i = 0; i < truth->name_count; i++) {
        for (uint32_t b = 0; b < REPORT_BINS && store->strip[i].account_count; b++)
            store->share[i][b] /= (double)store->strip[i].account_count;
        if (store->strip[i].account_count)
            store->strip[kept++] = store->strip[i];
    }
    qsort(store->strip, kept, sizeof *store->strip, strip_compare);
    curves->scores = (struct chart_strips){"Scores by population",
                                           "log-odds of the score",
                                           -LOG_ODDS_MAX,
                                           LOG_ODDS_MAX,
                                           REPORT_BINS,
                                           kept < REPORT_STRIPS ? kept : REPORT_STRIPS,
                                           store->strip};
    return 0;
}

static int scores_take(struct report_curves_store *store, const struct run *run)
{
    store->score = calloc((size_t)store->truth->count + 1, sizeof *store->score);
    if (!store->score)
        return -ENOMEM;
    for (uint32_t i = 0; i < store->truth->count; i++) {
        uint32_t account = run_find_account(run, str_of(store->truth->account[i].account));

        store->score[i] = account == RUN_NONE ? (double)NAN : run->account[account].score;
    }
    return 0;
}

int report_curves_new(const struct run *run, const struct truth *truth,
                      const struct baseline_scores *baselines, struct report_curves **out)
{
    AUTO(report_curves_free) struct report_curves *curves = calloc(1, sizeof *curves);
    int r;

    *out = NULL;
    if (!curves || !(curves->store = calloc(1, sizeof *curves->store)))
        return -ENOMEM;
    curves->store->truth = truth;
    curves->store->baselines = baselines;
    r = scores_take(curves->store, run);
    if (r == 0)
        r = make_lines(curves);
    if (r == 0)
        r = make_strips(curves);
    if (r == 0)
        report_leak(run, truth, &curves->leak);
    if (r == 0 && curves->roc.series_count)
        *out = TAKE(curves);
    return r;
}
