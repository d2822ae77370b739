#include "member_hours.h"

#include "base/table.h"

#include <errno.h>

struct row {
    uint64_t account;                  /* 0: free */
    int64_t hour;                      /* the newest one, hours since the epoch */
    uint16_t count[MEMBER_HOURS_KEPT]; /* of hour h at h % MEMBER_HOURS_KEPT; saturating */
};

struct member_hours {
    struct table *index;
    struct row *row;
    uint32_t next;
};

int member_hours_new(struct member_hours **out)
{
    AUTO(member_hours_free) struct member_hours *hours = calloc(1, sizeof *hours);

    if (!hours)
        return -ENOMEM;
    hours->row = calloc(MEMBER_HOURS_ROWS, sizeof *hours->row);
    if (!hours->row || table_new(MEMBER_HOURS_ROWS, &hours->index) < 0)
        return -ENOMEM;
    *out = TAKE(hours);
    return 0;
}

void member_hours_free(struct member_hours *hours)
{
    if (!hours)
        return;
    table_free(hours->index);
    free(hours->row);
    free(hours);
}

void member_hours_watch(struct member_hours *hours, uint64_t account)
{
    struct row *row;

    if (table_find(hours->index, account) != TABLE_NONE)
        return;
    row = &hours->row[hours->next];
    if (row->account)
        (void)table_remove(hours->index, row->account);
    *row = (struct row){.account = account, .hour = INT64_MIN};
    (void)table_put(hours->index, account, hours->next);
    hours->next = (hours->next + 1) % MEMBER_HOURS_ROWS;
}

static void row_advance(struct row *row, int64_t hour)
{
    int64_t from = row->hour == INT64_MIN || hour - row->hour > MEMBER_HOURS_KEPT
                       ? hour - MEMBER_HOURS_KEPT
                       : row->hour;

    for (int64_t h = from + 1; h <= hour; h++)
        row->count[(uint64_t)h % MEMBER_HOURS_KEPT] = 0;
    row->hour = hour;
}

void member_hours_count(struct member_hours *hours, uint64_t account, msec_t ts)
{
    uint32_t slot =
        account && table_count(hours->index) ? table_find(hours->index, account) : TABLE_NONE;
    int64_t hour = ts / MSEC_HOUR;
    struct row *row;
    uint16_t *count;

    if (slot == TABLE_NONE || ts < 0)
        return;
    row = &hours->row[slot];
    if (hour > row->hour)
        row_advance(row, hour);
    if (row->hour - hour >= MEMBER_HOURS_KEPT)
        return;
    count = &row->count[(uint64_t)hour % MEMBER_HOURS_KEPT];
    *count = (uint16_t)(*count + (*count < UINT16_MAX));
}

void member_hours_row_write(const struct member_hours *hours, uint64_t account, struct str name,
                            struct json_write *w)
{
    uint32_t slot = table_find(hours->index, account);
    const struct row *row = slot == TABLE_NONE ? NULL : &hours->row[slot];
    int64_t from;

    if (!row || row->hour == INT64_MIN)
        return;
    for (from = row->hour - MEMBER_HOURS_KEPT + 1; from < row->hour; from++)
        if (row->count[(uint64_t)from % MEMBER_HOURS_KEPT])
            break;
    json_write_open(w, NULL, '{');
    json_write_str(w, "account", name);
    json_write_i64(w, "from", from * MSEC_HOUR);
    json_write_open(w, "hours", '[');
    for (int64_t h = from; h <= row->hour; h++)
        json_write_u64(w, NULL, row->count[(uint64_t)h % MEMBER_HOURS_KEPT]);
    json_write_close(w, ']');
    json_write_close(w, '}');
}

void member_hours_state(struct member_hours *hours, state_visit *visit, void *ctx)
{
    table_state(hours->index, visit, ctx);
    visit(ctx, hours->row, MEMBER_HOURS_ROWS * sizeof *hours->row);
    STATE_VISIT(hours->next);
}
