#include "tools/real_data.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

int sample_add(struct sample *s, double value)
{
    if (s->count == s->capacity) {
        uint32_t capacity = s->capacity ? 2 * s->capacity : 256;
        double *grown = reallocarray(s->value, capacity, sizeof *grown);

        if (!grown)
            return -ENOMEM;
        s->value = grown;
        s->capacity = capacity;
    }
    s->value[s->count++] = value;
    return 0;
}

static int compare_values(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

void sample_sort(struct sample *s)
{
    if (s->count > 0)
        qsort(s->value, s->count, sizeof *s->value, compare_values);
}

void sample_deinit(struct sample *s)
{
    free(s->value);
    *s = (struct sample){0};
}

double sample_quantile(const struct sample *s, double u)
{
    double at = u * s->count - 0.5;
    uint32_t i;

    if (s->count == 0)
        return NAN;
    if (at <= 0.0)
        return s->value[0];
    if (at >= s->count - 1.0)
        return s->value[s->count - 1];
    i = (uint32_t)at;
    return s->value[i] + (s->value[i + 1] - s->value[i]) * (at - i);
}

double sample_distance(const struct sample *a, const struct sample *b)
{
    uint32_t i = 0, j = 0;
    double most = 0.0;

    if (a->count == 0 || b->count == 0)
        return NAN;
    while (i < a->count && j < b->count) {
        double value = a->value[i] < b->value[j] ? a->value[i] : b->value[j];
        double apart;

        while (i < a->count && a->value[i] <= value)
            i++;
        while (j < b->count && b->value[j] <= value)
            j++;
        apart = fabs((double)i / a->count - (double)j / b->count);
        if (apart > most)
            most = apart;
    }
    return most;
}

double sample_gini(const struct sample *s)
{
    double sum = 0.0, weighted = 0.0;

    for (uint32_t i = 0; i < s->count; i++) {
        sum += s->value[i];
        weighted += (2.0 * i - s->count + 1.0) * s->value[i];
    }
    return sum > 0.0 ? weighted / (s->count * sum) : NAN;
}
