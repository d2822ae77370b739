#include "law.h"

#include <math.h>
#include <stdlib.h>

/* Standard normal distribution function's inverse by bisection: construction only. */
static double normal_quantile(double p)
{
    double low = -9.0, high = 9.0;

    for (int i = 0; i < 60; i++) {
        double mid = 0.5 * (low + high);

        if (0.5 * erfc(-mid * M_SQRT1_2) < p)
            low = mid;
        else
            high = mid;
    }
    return 0.5 * (low + high);
}

/* Probability below entry i of body or tail; the tail ends at half of its last cell. */
static double entry_p(bool tail, int i)
{
    double p = i < LAW_CELLS ? (double)i / LAW_CELLS : 1.0 - 0.5 / LAW_CELLS;

    return tail ? 1.0 - (1.0 - p) / LAW_CELLS : (double)i / LAW_CELLS;
}

void law_normal_init(struct law_table *t)
{
    for (int i = 0; i <= LAW_CELLS; i++) {
        t->tail[i] = (float)normal_quantile(0.5 + 0.5 * entry_p(true, i));
        t->body[i] =
            i < LAW_CELLS ? (float)normal_quantile(0.5 + 0.5 * entry_p(false, i)) : t->tail[0];
    }
}

static double table_mean(const struct law_table *t)
{
    double body = 0.0, tail = 0.0;

    for (int i = 0; i + 1 < LAW_CELLS; i++)
        body += 0.5 * (double)(t->body[i] + t->body[i + 1]);
    for (int i = 0; i < LAW_CELLS; i++)
        tail += 0.5 * (double)(t->tail[i] + t->tail[i + 1]);
    return (body + tail / LAW_CELLS) / LAW_CELLS;
}

/* Numeric distribution function on a grid of y = log x, where the density of a gamma variable is
 * exp(shape * y - e^y) up to a constant; wide enough for shapes from 0.05 on. */
enum { GAMMA_GRID = 16384 };
static const double GAMMA_LOG_MAX = 6.0;

static void gamma_cumulate(double *cumulated, double shape, double low)
{
    double step = (GAMMA_LOG_MAX - low) / GAMMA_GRID;
    double peak = shape * log(shape) - shape, sum = 0.0;

    for (int i = 0; i < GAMMA_GRID; i++) {
        double y = low + (i + 0.5) * step;

        sum += exp(shape * y - exp(y) - peak);
        cumulated[i] = sum;
    }
    for (int i = 0; i < GAMMA_GRID; i++)
        cumulated[i] /= sum;
}

void law_gamma_init(struct law_table *t, double shape)
{
    static const double NEGLIGIBLE = 20.0; /* e^-20 of the mass lies below the grid */
    double cumulated[GAMMA_GRID];
    double low = -NEGLIGIBLE / (shape < 1.0 ? shape : 1.0);
    double step = (GAMMA_LOG_MAX - low) / GAMMA_GRID, mean;
    int at = 0;

    gamma_cumulate(cumulated, shape, low);
    for (int i = 0; i < 2 * LAW_CELLS; i++) {
        bool tail = i >= LAW_CELLS;
        double p = entry_p(tail, tail ? i - LAW_CELLS + 1 : i);

        while (at + 1 < GAMMA_GRID && cumulated[at] < p)
            at++;
        if (tail)
            t->tail[i - LAW_CELLS + 1] = (float)exp(low + (at + 0.5) * step);
        else
            t->body[i] = (float)exp(low + (at + 0.5) * step);
    }
    t->body[0] = 0.0F;
    t->tail[0] = t->body[LAW_CELLS - 1];
    t->body[LAW_CELLS] = t->tail[0];
    mean = table_mean(t);
    for (int i = 0; i <= LAW_CELLS; i++) {
        t->body[i] = (float)((double)t->body[i] / mean);
        t->tail[i] = (float)((double)t->tail[i] / mean);
    }
}

static double size_at(const struct size_law *law, double z, bool rounded)
{
    double x = law->table ? law_exp(law->mu) * calibration_at(law->table, law->sigma * z)
                          : law_exp(law->mu + law->sigma * z);

    x = x < law->min ? law->min : x > law->max ? law->max : x;
    return rounded ? law_count(x) : x;
}

/* The mean over the table's own cells: the law that is really drawn from. */
static double mean_of(const struct law_table *t, const struct size_law *law, bool rounded)
{
    double body = 0.0, tail = 0.0;

    if (law->sigma <= 0.0)
        return size_at(law, 0.0, rounded);
    for (int i = 0; i < LAW_CELLS; i++) {
        double z = 0.5 * (double)(t->body[i] + t->body[i + 1]);
        double far = 0.5 * (double)(t->tail[i] + t->tail[i + 1]);

        if (i + 1 < LAW_CELLS)
            body += 0.5 * (size_at(law, z, rounded) + size_at(law, -z, rounded));
        tail += 0.5 * (size_at(law, far, rounded) + size_at(law, -far, rounded));
    }
    return (body + tail / LAW_CELLS) / LAW_CELLS;
}

double law_mean(const struct law_table *t, const struct size_law *law)
{
    return mean_of(t, law, false);
}

double law_count_mean(const struct law_table *t, const struct size_law *law)
{
    return mean_of(t, law, true);
}

void law_cumulate(double *out, const double *weight, uint32_t count)
{
    double total = 0.0, sum = 0.0;

    for (uint32_t i = 0; i < count; i++)
        total += weight[i];
    for (uint32_t i = 0; i < count; i++) {
        sum += total > 0.0 ? weight[i] / total : 1.0 / count;
        out[i] = sum;
    }
    if (count > 0)
        out[count - 1] = 2.0; /* rounding must not leave a gap at the end */
}
