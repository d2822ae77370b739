#include "tools/raster.h"

#include "tools/timeline_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void raster_free(struct raster *raster)
{
    if (!raster)
        return;
    free(raster->row);
    free(raster);
}

/* Empty cells before the first exchange; the text begins with their number. */
static unsigned long idle_at_first(const struct run_account *a)
{
    return strtoul(a->timeline.cells, NULL, 10);
}

/* First exchange first, then first record; equal ones in the order of the file. */
static int by_first(const void *a, const void *b)
{
    const struct run_account *x = *(const struct run_account *const *)a;
    const struct run_account *y = *(const struct run_account *const *)b;

    if (idle_at_first(x) != idle_at_first(y))
        return idle_at_first(x) < idle_at_first(y) ? -1 : 1;
    if (x->first_ts != y->first_ts)
        return x->first_ts < y->first_ts ? -1 : 1;
    return (x > y) - (x < y);
}

/* Members whose timeline lies on the same cells as the first one's: all, in an undamaged run. */
static uint32_t collect(const struct run *run, const struct run_cluster *c,
                        const struct run_account **member)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < c->member_count; i++) {
        const struct run_account *a = &run->account[c->member[i]];

        if (*a->timeline.cells &&
            (count == 0 || (a->timeline.from == member[0]->timeline.from &&
                            a->timeline.width_ms == member[0]->timeline.width_ms)))
            member[count++] = a;
    }
    return count;
}

static void fill_row(struct raster_row *row, const struct run_account *account, uint32_t *first,
                     uint32_t *end)
{
    struct timeline t = {.count = 0};

    *row = (struct raster_row){.account = account};
    (void)timeline_read_text(str_of(account->timeline.cells), &t); /* was checked on reading */
    memcpy(row->cell, t.cell, t.count);
    for (uint32_t i = 0; i < t.count; i++)
        if (row->cell[i] && i < *first)
            *first = i;
    if (t.count > *end)
        *end = t.count;
}

static void crop(struct raster *raster, uint32_t first, uint32_t end)
{
    raster->cell_count = end - first;
    raster->from += first * raster->width_ms;
    for (uint32_t r = 0; r < raster->row_count; r++) {
        uint8_t *cell = raster->row[r].cell;

        memmove(cell, cell + first, raster->cell_count);
        for (uint32_t i = 0; i < raster->cell_count; i++)
            raster->newest |= (cell[i] & TIMELINE_NEWEST) != 0;
    }
}

int raster_new(const struct run *run, const struct run_cluster *c, uint32_t rows_max,
               struct raster **out)
{
    AUTO(raster_free) struct raster *raster = calloc(1, sizeof *raster);
    AUTO_FREE const struct run_account **member =
        calloc((size_t)c->member_count + 1, sizeof *member);
    uint32_t count, first = TIMELINE_CELLS, end = 0;

    *out = NULL;
    if (!raster || !member)
        return -ENOMEM;
    count = collect(run, c, member);
    if (count == 0)
        return 0;
    qsort(member, count, sizeof *member, by_first);
    raster->members = c->members_stated;
    raster->from = member[0]->timeline.from;
    raster->width_ms = member[0]->timeline.width_ms;
    raster->row_count = count < rows_max ? count : rows_max;
    raster->row = calloc(raster->row_count, sizeof *raster->row);
    if (!raster->row)
        return -ENOMEM;
    for (uint32_t r = 0; r < raster->row_count; r++) {
        uint64_t at =
            raster->row_count < 2 ? 0 : (uint64_t)r * (count - 1) / (raster->row_count - 1);

        fill_row(&raster->row[r], member[at], &first, &end);
    }
    crop(raster, first, end);
    *out = TAKE(raster);
    return 0;
}

uint32_t raster_active(const struct raster *raster, const struct raster_row *row)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < raster->cell_count; i++)
        count += row->cell[i] != 0;
    return count;
}
