/* Reading the quantile tables of sim/calibration.c. */
#include "sim/calibration.h"

#include <math.h>

static const double SCORE_MIN = -4.0, SCORE_STEP = 0.125;

double calibration_at(const struct calibration_table *t, double score)
{
    double x = (score - SCORE_MIN) / SCORE_STEP;
    int i = (int)x;

    if (!(x > 0.0))
        return t->quantile[0];
    if (i >= CALIBRATION_POINTS - 1)
        return t->quantile[CALIBRATION_POINTS - 1];
    return t->quantile[i] + (t->quantile[i + 1] - t->quantile[i]) * (x - i);
}

static double normal_share(double score)
{
    return 0.5 * erfc(-score * M_SQRT1_2);
}

double calibration_quantile(const struct calibration_table *t, double u)
{
    double low = SCORE_MIN, high = -SCORE_MIN;

    for (int i = 0; i < 48; i++) { /* halving: 8 / 2^48 */
        double mid = 0.5 * (low + high);

        if (normal_share(mid) < u)
            low = mid;
        else
            high = mid;
    }
    return calibration_at(t, 0.5 * (low + high));
}

double calibration_share(const struct calibration_table *t, double value)
{
    int i = 0;
    double step;

    if (value < t->quantile[0])
        return 0.0;
    while (i + 1 < CALIBRATION_POINTS && t->quantile[i + 1] <= value)
        i++;
    if (i == CALIBRATION_POINTS - 1)
        return 1.0;
    step = (value - t->quantile[i]) / (t->quantile[i + 1] - t->quantile[i]);
    return normal_share(SCORE_MIN + SCORE_STEP * (i + step));
}

struct size_law calibration_law(enum calibration table, double factor, double min, double max)
{
    return (struct size_law){.mu = log(factor),
                             .sigma = 1.0,
                             .min = min,
                             .max = max,
                             .table = &calibration_table[table]};
}
