/* Samples of real traffic and prompts, to hold simulated ones against: from the published data
 * itself where it is at hand, else from the quantile tables of sim/calibration.h. */
#pragma once

#include "base/cleanup.h"
#include "base/errmsg.h"
#include "sim/calibration.h"

struct sample {
    double *value; /* ascending once sorted */
    uint32_t count, capacity;
    bool measured; /* from the data; false: made from the table */
};

/* 0, or -ENOMEM. */
int sample_add(struct sample *sample, double value);
void sample_sort(struct sample *sample);
void sample_deinit(struct sample *sample);

/* The value below which the share `u` of a sorted sample lies; NaN when it is empty. */
double sample_quantile(const struct sample *sample, double u);

/* Kolmogorov-Smirnov distance of two sorted samples, 0..1; NaN when one is empty. */
double sample_distance(const struct sample *a, const struct sample *b);

/* Gini coefficient of a sorted sample of amounts; NaN when it is empty or all zero. */
double sample_gini(const struct sample *sample);

/* Rate at hours 1-5 by the rate at 10, 11, 14-17, 20 and 21, at least 0.001; NaN without the
 * latter. */
double night_by_day(const double hour[HOURS_PER_DAY]);

/* Runs of bytes that are no white space. */
uint32_t words_in(const char *text, size_t size);

struct real_data {
    struct sample sample[CALIBRATION_COUNT];
    uint32_t measured_count; /* samples that come from the data */
};

/* Where the published data is looked for: $STILLWATCH_DATA, or else ../shared/data; NULL: neither
 * is there. */
const char *real_data_folder(void);

/* `folder` holds traffic/ and prompts/ as described in its README, gzip compressed; NULL: tables
 * only. A file that is not there leaves its samples to the tables. 0; -ENOMEM, or the errno of a
 * file that is there and cannot be read; -EINVAL: a file lacks a column. err names it. */
int real_data_new(const char *folder, struct real_data **out, struct err *err);
void real_data_free(struct real_data *data);
CLEANUP_DEFINE(struct real_data, real_data_free)
