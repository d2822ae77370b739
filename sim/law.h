/* Random amounts, quickly: one table of normal quantiles serves every log-normal law, one table of
 * gamma quantiles each law of gaps, and exp() is a short polynomial. All is plain arithmetic, so
 * the same seed gives the same numbers everywhere. */
#pragma once

#include "base/rng.h"
#include "sim/calibration.h"

enum { LAW_CELLS = 1024 };

/* Quantiles of a law: `body` at i / 1024; its last cell is looked up again in `tail`. */
struct law_table {
    float body[LAW_CELLS + 1], tail[LAW_CELLS + 1];
};

/* |N(0, 1)|. */
void law_normal_init(struct law_table *half_normal);

/* Gamma with mean 1; shape > 0. */
void law_gamma_init(struct law_table *gamma, double shape);

/* exp(x) for |x| < 700, to 2e-7: 2^n * exp(r) with |r| <= ln 2 / 2 and a Taylor polynomial of the
 * sixth order. Four times as fast as the library's, and the same on every machine. */
static inline double law_exp(double x)
{
    int64_t n = (int64_t)(x * 1.4426950408889634 + 1024.5) - 1024;
    double r = x - (double)n * 0.6931471805599453;
    double r2 = r * r;
    double p =
        1.0 + r +
        r2 * ((0.5 + r * (1.0 / 6)) + r2 * ((1.0 / 24 + r * (1.0 / 120)) + r2 * (1.0 / 720)));
    union {
        uint64_t bits;
        double value;
    } two = {.bits = (uint64_t)(n + 1023) << 52};

    return p * two.value;
}

/* Uniform [0, 1) from 64 random bits. */
static inline double law_unit(uint64_t bits)
{
    return (double)(bits >> 11) * 0x1.0p-53;
}

static inline double law_lookup(const struct law_table *t, uint64_t bits)
{
    const float *q = t->body;
    uint32_t cell = (uint32_t)(bits >> 52) & (LAW_CELLS - 1);

    if (cell == LAW_CELLS - 1) {
        q = t->tail;
        cell = (uint32_t)(bits >> 42) & (LAW_CELLS - 1);
    }
    return (double)q[cell] +
           (double)(q[cell + 1] - q[cell]) * (double)(bits & UINT32_MAX) * 0x1.0p-32;
}

/* Asks for the memory that law_lookup() of the same bits will want. */
static inline void law_prefetch(const struct law_table *t, uint64_t bits)
{
    __builtin_prefetch(&t->body[(uint32_t)(bits >> 52) & (LAW_CELLS - 1)]);
}

/* N(0, 1) from 64 random bits. */
static inline double law_normal(const struct law_table *half_normal, uint64_t bits)
{
    double z = law_lookup(half_normal, bits);

    return bits >> 63 ? -z : z;
}

/* The law's value for 64 random bits, its median multiplied by exp(shift); with a table, moved by
 * `shift` normal scores. */
static inline double law_size(const struct law_table *half_normal, const struct size_law *law,
                              double shift, double narrow, uint64_t bits)
{
    double z = law->sigma > 0.0 ? law->sigma * narrow * law_normal(half_normal, bits) : 0.0;
    double x = law->table ? law_exp(law->mu) * calibration_at(law->table, shift + z)
                          : law_exp(law->mu + shift + z);

    return x < law->min ? law->min : x > law->max ? law->max : x;
}

static inline double law_draw(const struct law_table *half_normal, const struct size_law *law,
                              struct rng *rng)
{
    return law_size(half_normal, law, 0.0, 1.0, rng_next(rng));
}

/* At least 1, rounded. */
static inline uint32_t law_count(double size)
{
    return size < 1.5 ? 1 : (uint32_t)(size + 0.5);
}

/* Mean of law_draw(), and of law_count() of it. */
double law_mean(const struct law_table *half_normal, const struct size_law *law);
double law_count_mean(const struct law_table *half_normal, const struct size_law *law);

/* Weights to shares of a whole, and the place of u in [0, 1) among them. All zero: equal shares. */
void law_cumulate(double *out, const double *weight, uint32_t count);

static inline uint32_t law_pick(const double *cumulated, double u)
{
    uint32_t i = 0;

    while (u >= cumulated[i])
        i++;
    return i;
}
