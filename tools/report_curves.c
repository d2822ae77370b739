/* Positives are distilling accounts, those that the run never saw with the lowest score; negatives
 * are the honest accounts that it saw. Abusive accounts are in neither, as in the evaluation. */
#include "tools/report_curves.h"

#include "tools/baselines.h"
#include "tools/metrics.h"
#include "tools/truth.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { POINTS_MAX = 2000, SERIES_NAME_SIZE = 48 };

static const double LOG_ODDS_MAX = 12; /* beyond it a bin more tells nothing */

struct report_curves_store {
    const struct truth *truth;
    const struct baseline_scores *baselines; /* NULL: none in the run */
    double *score;                           /* per account of the truth; NaN: not seen */
    double (*point)[POINTS_MAX][2];          /* per series */
    struct chart_strip *strip;
    double (*share)[REPORT_BINS];
    char name[BASELINE_COUNT + 1][SERIES_NAME_SIZE];
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

static void add_series(struct report_curves *curves, const char *name, const double *score,
                       struct scored *item)
{
    struct report_curves_store *store = curves->store;
    struct chart_curve *roc = &curves->roc;
    double(*point)[2] = store->point[roc->series_count];
    char *label = store->name[roc->series_count];
    struct ranking ranking;
    uint32_t count;

    make_ranking(store, score, item, &ranking);
    if (roc->series_count == 0 && ranking.negatives)
        roc->x_min = pow(10, -ceil(log10((double)ranking.negatives)));
    if (!ranking.positives || !ranking.negatives)
        return;
    count = roc_points(&ranking, roc->x_min, point);
    (void)snprintf(label, SERIES_NAME_SIZE, "%s, area %.3f", name, ranking.roc_auc);
    roc->series[roc->series_count++] =
        (struct chart_series){label, (const double(*)[2])point, count};
}

static int make_roc(struct report_curves *curves)
{
    struct report_curves_store *store = curves->store;
    AUTO_FREE struct scored *item = calloc((size_t)store->truth->count + 1, sizeof *item);

    store->point = calloc(BASELINE_COUNT + 1, sizeof *store->point);
    if (!item || !store->point)
        return -ENOMEM;
    curves->roc.title = "True positives against false positives";
    curves->roc.x_title = "share of honest accounts above the threshold (log axis)";
    curves->roc.y_title = "share of distilling accounts above it";
    add_series(curves, "stillwatch", store->score, item);
    for (unsigned b = 0; store->baselines && b < BASELINE_COUNT; b++)
        add_series(curves, baseline_name[b], store->baselines->score[b], item);
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
        r = make_roc(curves);
    if (r == 0)
        r = make_strips(curves);
    if (r == 0 && curves->roc.series_count)
        *out = TAKE(curves);
    return r;
}
