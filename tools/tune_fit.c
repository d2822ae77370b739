/* The only file that knows liblinear, whose header uses common names. */
#include "tune_fit.h"

#include "base/cleanup.h"
#include "detector/evidence.h"
#include "detector/weighing.h"

#include <errno.h>
#include <linear.h>
#include <math.h>
#include <string.h>

/* The sum's feature is that much larger than the signals', so that its coefficient costs next to
 * nothing in the penalty. */
static const double SUM_SCALE = 30.0;

enum { FEATURES = SIGNAL_COUNT + 1, ROUNDS_MAX = 2 * SIGNAL_COUNT };

static void silent(const char *text)
{
    (void)text;
}

struct regression {
    const struct tune_row *row;
    uint32_t count;
    struct feature_node *node, **x;
    double *y;
    double fixed[SIGNAL_COUNT]; /* NaN: free */
    bool seen[SIGNAL_COUNT];
};

static bool is_free(const struct regression *g, unsigned s)
{
    return isnan(g->fixed[s]) && g->seen[s] && weighing_question[s] != QUESTION_MEMBER;
}

/* Rows as liblinear takes them: feature 1 the sum, with fixed signals at their factor; feature
 * s + 2 the free signal s. */
static void rows_fill(struct regression *g)
{
    struct feature_node *at = g->node;

    for (uint32_t i = 0; i < g->count; i++) {
        double sum = 0.0;

        for (unsigned s = 0; s < SIGNAL_COUNT; s++)
            sum += g->row[i].nats[s] * (isnan(g->fixed[s]) ? 1.0 : g->fixed[s]);
        g->x[i] = at;
        *at++ = (struct feature_node){1, SUM_SCALE * sum};
        for (unsigned s = 0; s < SIGNAL_COUNT; s++)
            if (is_free(g, s) && g->row[i].nats[s] != 0.0)
                *at++ = (struct feature_node){(int)s + 2, g->row[i].nats[s]};
        *at++ = (struct feature_node){FEATURES + 1, 1.0}; /* the intercept */
        *at++ = (struct feature_node){-1, 0.0};
        g->y[i] = g->row[i].positive ? 1.0 : -1.0;
    }
}

/* Fits once. False: the sum itself speaks against what it should, and nothing can be learned. */
static bool fit_once(struct regression *g, double strength, double weight[SIGNAL_COUNT])
{
    const struct problem problem = {
        .l = (int)g->count, .n = FEATURES + 1, .y = g->y, .x = g->x, .bias = 1.0};
    const struct parameter parameter = {.solver_type = L2R_LR, .eps = 1e-4, .C = strength};
    struct model *model;
    double base;

    rows_fill(g);
    set_print_string_function(silent);
    model = train(&problem, &parameter);
    base = SUM_SCALE * get_decfun_coef(model, 1, 0) * (model->label[0] == 1 ? 1.0 : -1.0);
    for (unsigned s = 0; s < SIGNAL_COUNT; s++) {
        double own = is_free(g, s) ? get_decfun_coef(model, (int)s + 2, 0) : 0.0;

        own *= model->label[0] == 1 ? 1.0 : -1.0;
        weight[s] = !isnan(g->fixed[s]) ? g->fixed[s] : base > 0.0 ? 1.0 + own / base : 1.0;
    }
    free_and_destroy_model(&model);
    return base > 0.0;
}

static int regression_init(struct regression *g, const struct tune_row *row, uint32_t count)
{
    size_t nodes = (size_t)count * (FEATURES + 3);
    uint32_t positives = 0;

    *g = (struct regression){.row = row, .count = count};
    for (uint32_t i = 0; i < count; i++) {
        positives += row[i].positive;
        for (unsigned s = 0; s < SIGNAL_COUNT; s++)
            g->seen[s] |= row[i].nats[s] != 0.0;
    }
    if (positives == 0 || positives == count)
        return -EINVAL;
    for (unsigned s = 0; s < SIGNAL_COUNT; s++)
        g->fixed[s] = (double)NAN;
    g->node = calloc(nodes, sizeof *g->node);
    g->x = calloc(count, sizeof *g->x);
    g->y = calloc(count, sizeof *g->y);
    return g->node && g->x && g->y ? 0 : -ENOMEM;
}

int tune_fit_weights(const struct tune_row *row, uint32_t count, double strength,
                     double weight[SIGNAL_COUNT])
{
    struct regression g;
    int r = regression_init(&g, row, count);
    bool within = r < 0;

    for (unsigned s = 0; s < SIGNAL_COUNT; s++)
        weight[s] = 1.0;
    for (unsigned round = 0; !within && round < ROUNDS_MAX; round++) {
        within = true;
        if (!fit_once(&g, strength, weight))
            break;
        for (unsigned s = 0; s < SIGNAL_COUNT; s++) {
            double held = clamp(weight[s], 0.0, WEIGHT_MAX);

            if (held == weight[s])
                continue;
            g.fixed[s] = weight[s] = held;
            within = false;
        }
    }
    free(g.node);
    free(g.x);
    free(g.y);
    return r;
}

/* ---- the line ---- */

/* A weak pull towards slope 1, as much as a few cases would. */
static const double PULL = 2.0;

struct newton {
    double gradient[2], hessian[2][2]; /* of slope, shift */
};

static void newton_add(struct newton *n, double x, double target, double p)
{
    double miss = p - target, curve = fmax(p * (1.0 - p), 1e-9);

    n->gradient[0] += miss * x;
    n->gradient[1] += miss;
    n->hessian[0][0] += curve * x * x;
    n->hessian[0][1] += curve * x;
    n->hessian[1][1] += curve;
}

static double loss(const struct tune_mark *mark, uint32_t count, const double target[2],
                   const double line[2])
{
    double sum = 0.5 * PULL * (line[0] - 1.0) * (line[0] - 1.0);

    for (uint32_t i = 0; i < count; i++) {
        double z = line[0] * mark[i].nats + line[1];

        sum += log1p(exp(-fabs(z))) + fmax(z, 0.0) - target[mark[i].positive] * z;
    }
    return sum;
}

/* One step of Newton's method, halved until it does not get worse. False: it is at the end. */
static bool step(const struct tune_mark *mark, uint32_t count, const double target[2],
                 double line[2])
{
    struct newton n = {{PULL * (line[0] - 1.0), 0.0}, {{PULL, 0.0}, {0.0, 0.0}}};
    double before = loss(mark, count, target, line), det, d[2];

    for (uint32_t i = 0; i < count; i++)
        newton_add(&n, mark[i].nats, target[mark[i].positive],
                   logistic(line[0] * mark[i].nats + line[1]));
    det = n.hessian[0][0] * n.hessian[1][1] - n.hessian[0][1] * n.hessian[0][1];
    d[0] = (n.gradient[0] * n.hessian[1][1] - n.gradient[1] * n.hessian[0][1]) / det;
    d[1] = (n.gradient[1] * n.hessian[0][0] - n.gradient[0] * n.hessian[0][1]) / det;
    for (double size = 1.0; size > 1e-6; size *= 0.5) {
        const double next[2] = {line[0] - size * d[0], line[1] - size * d[1]};

        if (!(loss(mark, count, target, next) < before - 1e-12 * fabs(before)))
            continue;
        memcpy(line, next, sizeof next);
        return fabs(size * d[0]) + fabs(size * d[1]) > 1e-9;
    }
    return false;
}

int tune_fit_line(const struct tune_mark *mark, uint32_t count, double share,
                  struct probability_line *out)
{
    static const double SLOPE_MIN = 0.01;
    double positives = 0.0, line[2] = {1.0, 0.0}, target[2];

    for (uint32_t i = 0; i < count; i++)
        positives += mark[i].positive;
    if (positives == 0.0 || positives == (double)count || !(share > 0.0 && share < 1.0))
        return -EINVAL;
    target[0] = 1.0 / ((double)count - positives + 2.0);
    target[1] = (positives + 1.0) / (positives + 2.0);
    for (unsigned i = 0; i < 100 && step(mark, count, target, line); i++)
        ;
    out->slope = clamp(line[0], SLOPE_MIN, 20.0);
    out->shift = clamp(line[1] - log_odds(share), -50.0, 50.0);
    return 0;
}
