/* Accounts times time: when each of a group's members was active, as far as the run folder tells.
 */
#pragma once

#include "detector/timeline.h"
#include "tools/run_read.h"

struct raster_row {
    const struct run_account *account;
    uint8_t cell[TIMELINE_CELLS]; /* as in struct timeline, from the raster's first on */
};

struct raster {
    struct raster_row *row; /* in order of the accounts' first exchange */
    uint32_t row_count, cell_count;
    uint64_t members;      /* of the group; the rows are chosen from them in even steps */
    msec_t from, width_ms; /* of the first cell; of each */
    bool newest;           /* some cell asked for the newest model */
};

/* At most rows_max > 1 of the members. 0: *out is new, or NULL when no member has a timeline;
 * -ENOMEM. Borrows from the run. */
int raster_new(const struct run *run, const struct run_cluster *cluster, uint32_t rows_max,
               struct raster **out);
void raster_free(struct raster *raster);
CLEANUP_DEFINE(struct raster, raster_free)

/* Cells of a row with an exchange in them. */
uint32_t raster_active(const struct raster *raster, const struct raster_row *row);
