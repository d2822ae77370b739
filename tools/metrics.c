/* Everything is O(n log n): classes are ranked by sorting once, pairs are counted from group sizes.
 */
#include "metrics.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static const double Z95 = 1.959963984540054; /* 97.5 % point of the normal distribution */

/* Rounding of a share times a count must not lose the count itself. */
static const double COUNT_SLACK = 1e-6;

struct proportion proportion_of(uint64_t hit, uint64_t of)
{
    struct proportion p = {hit, of, NAN, NAN, NAN};
    double n = (double)of, z2 = Z95 * Z95, middle, half;

    if (of == 0)
        return p;
    p.value = (double)hit / n;
    middle = (p.value + z2 / (2.0 * n)) / (1.0 + z2 / n);
    half = Z95 / (1.0 + z2 / n) * sqrt(p.value * (1.0 - p.value) / n + z2 / (4.0 * n * n));
    p.low = hit == 0 ? 0.0 : middle - half;
    p.high = hit == of ? 1.0 : middle + half;
    return p;
}

uint64_t proportion_needed(double share)
{
    double n = Z95 * Z95 * (1.0 - share) / share;

    return n < 1e18 ? (uint64_t)ceil(n) : UINT64_MAX;
}

/* Correlation of the two judgements, with Newcombe's correction for continuity. */
static double paired_phi(double a, double b, double c, double d)
{
    double margins = (a + b) * (c + d) * (a + c) * (b + d), n = a + b + c + d;
    double cross = a * d - b * c;

    if (!(margins > 0.0))
        return 0.0;
    if (cross > 0.0)
        cross = cross > n / 2.0 ? cross - n / 2.0 : 0.0;
    return cross / sqrt(margins);
}

/* The root's argument can fall below 0 by rounding alone. */
static double paired_half(double x, double y, double phi)
{
    double square = x * x - 2.0 * phi * x * y + y * y;

    return square > 0.0 ? sqrt(square) : 0.0;
}

/* Two-sided: twice the smaller tail of a fair coin. */
static double mcnemar_exact(uint64_t b, uint64_t c)
{
    uint64_t n = b + c, least = b < c ? b : c;
    double p = 0.0;

    for (uint64_t i = 0; i <= least; i++)
        p += exp(lgamma((double)n + 1.0) - lgamma((double)i + 1.0) - lgamma((double)(n - i) + 1.0) -
                 (double)n * log(2.0));
    return fmin(1.0, 2.0 * p);
}

struct paired paired_of(uint64_t both, uint64_t first_only, uint64_t second_only, uint64_t neither)
{
    uint64_t n = both + first_only + second_only + neither;
    struct paired out = {both, first_only, second_only, neither, n, NAN, NAN, NAN, NAN};
    struct proportion first = proportion_of(both + first_only, n);
    struct proportion second = proportion_of(both + second_only, n);
    double phi;

    if (n == 0)
        return out;
    phi = paired_phi((double)both, (double)first_only, (double)second_only, (double)neither);
    out.difference = ((double)second_only - (double)first_only) / (double)n;
    out.low =
        out.difference - paired_half(second.value - second.low, first.high - first.value, phi);
    out.high =
        out.difference + paired_half(second.high - second.value, first.value - first.low, phi);
    out.p = mcnemar_exact(first_only, second_only);
    return out;
}

/* Of the discriminants in MOVER-R, which fall below 0 by rounding alone. */
static double root(double square)
{
    return square > 0.0 ? sqrt(square) : 0.0;
}

/* The ratio a / b of two independent shares: its lower end. With the numerator made rational, which
 * the published form is not where b's upper end is twice b. */
static double ratio_low(const struct proportion *a, const struct proportion *b)
{
    double ab = a->value * b->value, part = a->low * (2.0 * a->value - a->low);

    if (part <= 0.0)
        return 0.0;
    return part / (ab + root(ab * ab - part * b->high * (2.0 * b->value - b->high)));
}

static double ratio_high(const struct proportion *a, const struct proportion *b)
{
    double ab = a->value * b->value, part = b->low * (2.0 * b->value - b->low);

    if (part <= 0.0)
        return INFINITY;
    return (ab + root(ab * ab - a->high * (2.0 * a->value - a->high) * part)) / part;
}

struct precision precision_of(const struct proportion *tpr, const struct proportion *fpr,
                              double base_rate)
{
    double honest = (1.0 - base_rate) / base_rate; /* to one positive */

    if (tpr->of == 0 || fpr->of == 0)
        return (struct precision){NAN, NAN, NAN};
    return (struct precision){tpr->value / (tpr->value + honest * fpr->value),
                              1.0 / (1.0 + honest * ratio_high(fpr, tpr)),
                              1.0 / (1.0 + honest * ratio_low(fpr, tpr))};
}

static double cube(double x)
{
    return x * x * x;
}

struct rate rate_of(uint64_t count, double exposure)
{
    struct rate r = {count, exposure, NAN, NAN, NAN};
    double n = (double)count;

    if (!(exposure > 0.0))
        return r;
    r.value = n / exposure;
    r.low = count ? n * cube(1.0 - 1.0 / (9.0 * n) - Z95 / (3.0 * sqrt(n))) / exposure : 0.0;
    n += 1.0;
    r.high = n * cube(1.0 - 1.0 / (9.0 * n) + Z95 / (3.0 * sqrt(n))) / exposure;
    return r;
}

static int by_score_descending(const void *a, const void *b)
{
    double x = ((const struct scored *)a)->score, y = ((const struct scored *)b)->score;

    return (x < y) - (x > y);
}

/* One place in the ranking: all accounts of the same score, and what lies at or above them. */
struct tie {
    uint64_t end;                              /* index after the last of them */
    uint64_t positives, negatives;             /* among them */
    uint64_t positives_above, negatives_above; /* including them */
};

/* Moves to the next lower score; start with all zeros. False at the end. */
static bool tie_next(const struct ranking *r, struct tie *tie)
{
    double score;

    if (tie->end == r->count)
        return false;
    score = r->sorted[tie->end].score;
    tie->positives = tie->negatives = 0;
    for (; tie->end < r->count && r->sorted[tie->end].score == score; tie->end++)
        if (r->sorted[tie->end].positive)
            tie->positives++;
        else
            tie->negatives++;
    tie->positives_above += tie->positives;
    tie->negatives_above += tie->negatives;
    return true;
}

void ranking_make(struct scored *item, uint64_t count, struct ranking *out)
{
    double won = 0.0, precision = 0.0;
    struct tie tie = {0};

    *out = (struct ranking){item, count, 0, 0, NAN, NAN};
    if (count)
        qsort(item, count, sizeof *item, by_score_descending);
    for (uint64_t i = 0; i < count; i++)
        out->positives += item[i].positive;
    out->negatives = count - out->positives;
    while (tie_next(out, &tie)) {
        double above = (double)tie.positives_above;

        /* Pairs that negatives of this score lose: to all higher positives, and half of the ties.
         */
        won += (double)tie.negatives * (above - 0.5 * (double)tie.positives);
        precision += (double)tie.positives * above / (above + (double)tie.negatives_above);
    }
    if (out->positives && out->negatives)
        out->roc_auc = won / ((double)out->positives * (double)out->negatives);
    if (out->positives)
        out->pr_auc = precision / (double)out->positives;
}

struct operating_point ranking_at_fpr(const struct ranking *ranking, double fpr)
{
    double allowed = fpr * (double)ranking->negatives + COUNT_SLACK;
    struct operating_point point = {.fpr = fpr, .threshold = INFINITY};
    uint64_t hit = 0, false_hit = 0;
    struct tie tie = {0};

    while (tie_next(ranking, &tie) && (double)tie.negatives_above <= allowed) {
        point.threshold = ranking->sorted[tie.end - 1].score;
        hit = tie.positives_above;
        false_hit = tie.negatives_above;
    }
    point.known = (double)ranking->negatives * fpr >= 3.0 - COUNT_SLACK;
    point.tpr = proportion_of(hit, ranking->positives);
    point.fpr_reached = proportion_of(false_hit, ranking->negatives);
    return point;
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static double pairs(double n)
{
    return n * (n - 1.0) / 2.0;
}

/* Pairs within runs of equal keys; sorts them. */
static double pairs_of_equal(uint64_t *key, uint64_t count)
{
    double sum = 0.0;
    uint64_t start = 0;

    if (count)
        qsort(key, count, sizeof *key, by_value);
    for (uint64_t i = 1; i <= count; i++)
        if (i == count || key[i] != key[start]) {
            sum += pairs((double)(i - start));
            start = i;
        }
    return sum;
}

static double share(double part, double whole)
{
    return whole > 0.0 ? part / whole : NAN;
}

static double adjusted_rand(double both, double a, double b, double all)
{
    double expected = all > 0.0 ? a * b / all : 0.0, best = 0.5 * (a + b);

    if (!(all > 0.0))
        return NAN;
    return best == expected ? 1.0 : (both - expected) / (best - expected); /* both trivial: equal */
}

int agreement_make(const uint32_t *truth, const uint32_t *found, uint64_t count,
                   struct agreement *out)
{
    uint64_t *key = malloc((count + 1) * sizeof *key), n;
    struct agreement a = {.accounts = count};

    if (!key)
        return -ENOMEM;
    n = 0;
    for (uint64_t i = 0; i < count; i++)
        if (truth[i] != METRICS_ALONE)
            key[n++] = truth[i];
    a.pairs_true = pairs_of_equal(key, n);
    n = 0;
    for (uint64_t i = 0; i < count; i++)
        if (found[i] != METRICS_ALONE)
            key[n++] = found[i];
    a.pairs_found = pairs_of_equal(key, n);
    n = 0;
    for (uint64_t i = 0; i < count; i++)
        if (truth[i] != METRICS_ALONE && found[i] != METRICS_ALONE)
            key[n++] = (uint64_t)truth[i] << 32 | found[i];
    a.pairs_both = pairs_of_equal(key, n);
    free(key);
    a.precision = share(a.pairs_both, a.pairs_found);
    a.recall = share(a.pairs_both, a.pairs_true);
    a.f1 = share(2.0 * a.pairs_both, a.pairs_true + a.pairs_found);
    a.ari = adjusted_rand(a.pairs_both, a.pairs_true, a.pairs_found, pairs((double)count));
    *out = a;
    return 0;
}

static unsigned bin_of(double score)
{
    double at = score * CALIBRATION_BINS;

    return at >= CALIBRATION_BINS ? CALIBRATION_BINS - 1 : at > 0.0 ? (unsigned)at : 0;
}

void calibration_make(const struct scored *item, uint64_t count, struct calibration *out)
{
    double sum[CALIBRATION_BINS] = {0}, n = (double)count;

    *out = (struct calibration){.count = count};
    for (uint64_t i = 0; i < count; i++) {
        unsigned b = bin_of(item[i].score);
        double miss = item[i].score - (item[i].positive ? 1.0 : 0.0);

        out->bin[b].count++;
        out->bin[b].positives += item[i].positive;
        sum[b] += item[i].score;
        out->brier += miss * miss;
    }
    for (unsigned b = 0; b < CALIBRATION_BINS; b++) {
        out->bin[b].score = share(sum[b], (double)out->bin[b].count);
        out->ece += fabs(sum[b] - (double)out->bin[b].positives);
    }
    out->brier = share(out->brier, n);
    out->ece = share(out->ece, n);
}
