#include "raster.h"

#include "base/table.h"

#include <errno.h>

struct row {
    uint64_t account;             /* 0: free */
    int64_t hour;                 /* the newest one, hours since the epoch */
    uint16_t count[RASTER_HOURS]; /* of hour h at h % RASTER_HOURS; saturating */
};

struct raster {
    struct table *index;
    struct row *row;
    uint32_t next;
};

int raster_new(struct raster **out)
{
    AUTO(raster_free) struct raster *raster = calloc(1, sizeof *raster);

    if (!raster)
        return -ENOMEM;
    raster->row = calloc(RASTER_ROWS, sizeof *raster->row);
    if (!raster->row || table_new(RASTER_ROWS, &raster->index) < 0)
        return -ENOMEM;
    *out = TAKE(raster);
    return 0;
}

void raster_free(struct raster *raster)
{
    if (!raster)
        return;
    table_free(raster->index);
    free(raster->row);
    free(raster);
}

void raster_watch(struct raster *raster, uint64_t account)
{
    struct row *row;

    if (table_find(raster->index, account) != TABLE_NONE)
        return;
    row = &raster->row[raster->next];
    if (row->account)
        (void)table_remove(raster->index, row->account);
    *row = (struct row){.account = account, .hour = INT64_MIN};
    (void)table_put(raster->index, account, raster->next);
    raster->next = (raster->next + 1) % RASTER_ROWS;
}

static void row_advance(struct row *row, int64_t hour)
{
    int64_t from =
        row->hour == INT64_MIN || hour - row->hour > RASTER_HOURS ? hour - RASTER_HOURS : row->hour;

    for (int64_t h = from + 1; h <= hour; h++)
        row->count[(uint64_t)h % RASTER_HOURS] = 0;
    row->hour = hour;
}

void raster_count(struct raster *raster, uint64_t account, msec_t ts)
{
    uint32_t slot =
        account && table_count(raster->index) ? table_find(raster->index, account) : TABLE_NONE;
    int64_t hour = ts / MSEC_HOUR;
    struct row *row;
    uint16_t *count;

    if (slot == TABLE_NONE || ts < 0)
        return;
    row = &raster->row[slot];
    if (hour > row->hour)
        row_advance(row, hour);
    if (row->hour - hour >= RASTER_HOURS)
        return;
    count = &row->count[(uint64_t)hour % RASTER_HOURS];
    *count = (uint16_t)(*count + (*count < UINT16_MAX));
}

void raster_row_write(const struct raster *raster, uint64_t account, struct str name,
                      struct json_write *w)
{
    uint32_t slot = table_find(raster->index, account);
    const struct row *row = slot == TABLE_NONE ? NULL : &raster->row[slot];
    int64_t from;

    if (!row || row->hour == INT64_MIN)
        return;
    for (from = row->hour - RASTER_HOURS + 1; from < row->hour; from++)
        if (row->count[(uint64_t)from % RASTER_HOURS])
            break;
    json_write_open(w, NULL, '{');
    json_write_str(w, "account", name);
    json_write_i64(w, "from", from * MSEC_HOUR);
    json_write_open(w, "hours", '[');
    for (int64_t h = from; h <= row->hour; h++)
        json_write_u64(w, NULL, row->count[(uint64_t)h % RASTER_HOURS]);
    json_write_close(w, ']');
    json_write_close(w, '}');
}

void raster_state(struct raster *raster, state_visit *visit, void *ctx)
{
    table_state(raster->index, visit, ctx);
    visit(ctx, raster->row, RASTER_ROWS * sizeof *raster->row);
    STATE_VISIT(raster->next);
}
