/* Learning from a hundredth of a million accounts: what every regroup costs once anybody was acted
 * upon. The world stands ready-made, without a detector around it. */
#pragma once

#include "data.h"

int recall_case_open(const struct bench_data *data, void **pass);
/* The number of accounts. */
uint64_t recall_case_run(const struct bench_data *data, void *pass, uint64_t *bytes);
void recall_case_close(void *pass);
