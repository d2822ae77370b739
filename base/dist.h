/* Waiting times, sizes and skewed choices. Every function draws from the caller's stream only. */
#pragma once

#include "rng.h"

double dist_exponential(struct rng *rng, double mean);
double dist_normal(struct rng *rng, double mean, double sd);

/* exp(N(mu, sigma)): mu and sigma are those of the logarithm. */
double dist_lognormal(struct rng *rng, double mu, double sigma);

/* Gamma with shape > 0 and mean; Marsaglia and Tsang, ACM TOMS 26(3), 2000. */
double dist_gamma(struct rng *rng, double shape, double mean);

/* Poisson count; by inversion below a mean of 30, else a rounded normal. */
uint64_t dist_poisson(struct rng *rng, double mean);

/* An index in [0, count) with P(i) proportional to weight[i]; count > 0, some weight > 0. */
uint32_t dist_choice(struct rng *rng, const double *weight, uint32_t count);

/* A rank in [0, n) with P(rank) about proportional to (rank + 1)^-s, s > 0 and s != 1;
 * by inversion of the continuous law. */
uint64_t dist_zipf(struct rng *rng, uint64_t n, double s);
