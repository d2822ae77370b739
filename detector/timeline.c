#include "detector/timeline.h"

#include "base/pages.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

const uint32_t timeline_from[TIMELINE_CLASSES] = {0, 1, 2, 4, 8, 20, 50, 150};
const uint32_t timeline_typical[TIMELINE_CLASSES] = {0, 1, 2, 5, 12, 31, 86, 250};

/* Two cells a byte. The cell that is being counted is exact until it is left. */
struct track {
    uint16_t at;
    uint16_t count;
    uint32_t member; /* minutes from the first cell on, plus 1; 0: in no group */
    uint8_t newest;
    uint8_t cells[TIMELINE_CELLS / 2];
};

struct timelines {
    struct track *track;
    uint32_t accounts_max, used; /* tracks 0..used-1 may hold something */
    msec_t from, width_ms;       /* from: INT64_MIN before the first exchange */
    msec_t cell_from, cell_to;   /* what the last exchange's cell spans: the next one's as a rule */
    uint64_t cell;
};

int timelines_new(uint32_t accounts_max, struct timelines **out)
{
    struct timelines *t = calloc(1, sizeof *t);

    if (!t)
        return -ENOMEM;
    t->accounts_max = accounts_max;
    t->from = INT64_MIN;
    t->width_ms = MSEC_HOUR;
    t->track = pages_new((size_t)accounts_max * sizeof *t->track);
    if (!t->track) {
        free(t);
        return -ENOMEM;
    }
    *out = t;
    return 0;
}

void timelines_free(struct timelines *t)
{
    if (!t)
        return;
    pages_free(t->track, (size_t)t->accounts_max * sizeof *t->track);
    free(t);
}

void timelines_forget(struct timelines *t, uint32_t account)
{
    memset(&t->track[account], 0, sizeof *t->track);
}

void timelines_prefetch(const struct timelines *t, uint32_t account)
{
    __builtin_prefetch(&t->track[account], 1);
}

static uint8_t cell_get(const struct track *track, uint32_t cell)
{
    return track->cells[cell / 2] >> cell % 2 * 4 & 15;
}

static void cell_set(struct track *track, uint32_t cell, uint8_t value)
{
    unsigned shift = cell % 2 * 4;
    uint8_t *pair = &track->cells[cell / 2];

    *pair = (uint8_t)((*pair & ~(15u << shift)) | (unsigned)value << shift);
}

static uint8_t class_of(uint32_t count)
{
    uint8_t found = TIMELINE_CLASSES - 1;

    while (timeline_from[found] > count)
        found--;
    return found;
}

/* A cell with what `count` exchanges more make of it. */
static uint8_t cell_more(uint8_t cell, uint32_t count, bool newest)
{
    uint8_t more = class_of(timeline_typical[cell % TIMELINE_CLASSES] + count);

    return count ? more | (newest ? TIMELINE_NEWEST : 0) : cell;
}

/* Puts down what was counted of the cell that is left. */
static void settle(struct track *track)
{
    cell_set(track, track->at, cell_more(cell_get(track, track->at), track->count, track->newest));
    track->count = 0;
}

/* 2^shift cells become one. */
static void fold(struct track *track, unsigned shift)
{
    uint8_t sum[TIMELINE_CELLS] = {0};

    settle(track);
    for (uint32_t i = 0; i < TIMELINE_CELLS; i++) {
        uint8_t cell = cell_get(track, i), *to = &sum[i >> shift];

        *to = cell_more(*to, timeline_typical[cell % TIMELINE_CLASSES], cell & TIMELINE_NEWEST);
    }
    for (uint32_t i = 0; i < TIMELINE_CELLS; i++)
        cell_set(track, i, sum[i]);
    track->at = (uint16_t)(track->at >> shift);
}

/* Its beginning, before 1970 too. */
static msec_t day_of(msec_t ts)
{
    msec_t within = ts % MSEC_DAY;

    return ts - within - (within < 0 ? MSEC_DAY : 0);
}

/* No state: what it remembers it finds out again. */
static uint64_t cell_of(struct timelines *t, msec_t ts)
{
    if (ts < t->cell_from || ts >= t->cell_to) {
        t->cell = (uint64_t)((ts - t->from) / t->width_ms);
        t->cell_from = t->from + (msec_t)t->cell * t->width_ms;
        t->cell_to = t->cell_from + t->width_ms;
    }
    return t->cell;
}

void timelines_add(struct timelines *t, uint32_t account, msec_t ts, bool newest, bool member)
{
    struct track *track = &t->track[account];
    uint64_t cell;

    assert(account < t->accounts_max);
    if (t->from == INT64_MIN)
        t->from = day_of(ts);
    if (account >= t->used)
        t->used = account + 1;
    cell = cell_of(t, ts);
    if (cell >= TIMELINE_CELLS) {
        unsigned shift = 0;

        while (cell >> shift >= TIMELINE_CELLS)
            shift++;
        for (uint32_t i = 0; i < t->used; i++)
            fold(&t->track[i], shift);
        t->width_ms <<= shift;
        t->cell_from = t->cell_to = 0;
        cell = cell_of(t, ts);
    }
    if (cell != track->at) {
        settle(track);
        track->at = (uint16_t)cell;
    }
    if (track->count < UINT16_MAX)
        track->count++;
    track->newest = newest;
    if (!member)
        track->member = 0;
    else if (!track->member)
        track->member = (uint32_t)((ts - t->from) / MSEC_MINUTE) + 1;
}

void timelines_get(const struct timelines *t, uint32_t account, struct timeline *out)
{
    struct track track = t->track[account];

    *out = (struct timeline){.from = t->from,
                             .width_ms = t->width_ms,
                             .member_ts = track.member ? t->from + (track.member - 1) * MSEC_MINUTE
                                                       : INT64_MIN};
    settle(&track);
    for (uint32_t i = 0; i < TIMELINE_CELLS; i++) {
        out->cell[i] = cell_get(&track, i);
        if (out->cell[i])
            out->count = i + 1;
    }
}

size_t timelines_memory(const struct timelines *t)
{
    return sizeof *t + (size_t)t->accounts_max * sizeof *t->track;
}

void timelines_state(struct timelines *t, state_visit *visit, void *ctx)
{
    STATE_VISIT(t->used);
    STATE_VISIT(t->from);
    STATE_VISIT(t->width_ms);
    visit(ctx, t->track, (size_t)t->accounts_max * sizeof *t->track);
}
