#include "dist.h"

#include <math.h>

double dist_exponential(struct rng *rng, double mean)
{
    return -mean * log1p(-rng_unit(rng));
}

double dist_normal(struct rng *rng, double mean, double sd)
{
    /* Box-Muller without the second value: no state beyond the stream. */
    double u = 1.0 - rng_unit(rng);
    double v = rng_unit(rng);

    return mean + sd * sqrt(-2.0 * log(u)) * cos(2.0 * M_PI * v);
}

double dist_lognormal(struct rng *rng, double mu, double sigma)
{
    return exp(dist_normal(rng, mu, sigma));
}

double dist_gamma(struct rng *rng, double shape, double mean)
{
    double boost = 1.0;
    double k = shape;
    double d, c;

    if (k < 1.0) {
        boost = pow(1.0 - rng_unit(rng), 1.0 / k);
        k += 1.0;
    }
    d = k - 1.0 / 3.0;
    c = 1.0 / sqrt(9.0 * d);
    for (;;) {
        double x = dist_normal(rng, 0.0, 1.0);
        double v = 1.0 + c * x;
        double u;

        if (v <= 0.0)
            continue;
        v = v * v * v;
        u = 1.0 - rng_unit(rng);
        if (log(u) < 0.5 * x * x + d - d * v + d * log(v))
            return boost * d * v * mean / shape;
    }
}

uint64_t dist_poisson(struct rng *rng, double mean)
{
    double p, sum, u;
    uint64_t k = 0;

    if (mean <= 0.0)
        return 0;
    if (mean >= 30.0) {
        double x = floor(dist_normal(rng, mean, sqrt(mean)) + 0.5);

        return x < 0.0 ? 0 : (uint64_t)x;
    }
    p = exp(-mean);
    sum = p;
    u = rng_unit(rng);
    while (u > sum && k < 1000) {
        k++;
        p *= mean / (double)k;
        sum += p;
    }
    return k;
}

uint32_t dist_choice(struct rng *rng, const double *weight, uint32_t count)
{
    double total = 0.0;
    double u;

    for (uint32_t i = 0; i < count; i++)
        total += weight[i];
    u = rng_unit(rng) * total;
    for (uint32_t i = 0; i + 1 < count; i++) {
        if (u < weight[i])
            return i;
        u -= weight[i];
    }
    return count - 1;
}

uint64_t dist_zipf(struct rng *rng, uint64_t n, double s)
{
    double u = rng_unit(rng);
    double top = pow((double)n + 1.0, 1.0 - s);
    double x = pow(1.0 + u * (top - 1.0), 1.0 / (1.0 - s));
    uint64_t rank = (uint64_t)(x - 1.0);

    return rank < n ? rank : n - 1;
}
