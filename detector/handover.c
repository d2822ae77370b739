#include "handover.h"

#include <math.h>
#include <string.h>

enum {
    MEMBERS_MIN = 8,    /* that began, and that left; fewer tell nothing */
    PLATFORM_MIN = 50,  /* accounts behind the baseline */
    KNOWN_AFTER_H = 24, /* of the stream: before, everybody is seen for the first time */
};

static msec_t hour_of(msec_t ts)
{
    msec_t within = ts % MSEC_HOUR;

    return ts - within - (within < 0 ? MSEC_HOUR : 0);
}

void lives_open(struct lives *lives, msec_t start, msec_t now)
{
    msec_t oldest = hour_of(now) - (LIVES_HOURS - 1) * MSEC_HOUR;

    memset(lives, 0, sizeof *lives);
    lives->from = hour_of(start) > oldest ? hour_of(start) : oldest;
    lives->hours = now < start ? 0 : (uint32_t)((hour_of(now) - lives->from) / MSEC_HOUR) + 1;
    lives->known_from = start + KNOWN_AFTER_H * MSEC_HOUR;
    lives->left_to = now - LIVES_SILENT_H * MSEC_HOUR;
}

void lives_open_like(struct lives *lives, const struct lives *other)
{
    memset(lives, 0, sizeof *lives);
    lives->from = other->from;
    lives->known_from = other->known_from;
    lives->left_to = other->left_to;
    lives->hours = other->hours;
}

/* Index of the hour; LIVES_HOURS when it is none of those looked at. */
static uint32_t hour_index(const struct lives *lives, msec_t ts)
{
    msec_t index = (ts - lives->from) / MSEC_HOUR;

    return ts < lives->from || index >= lives->hours ? LIVES_HOURS : (uint32_t)index;
}

void lives_add(struct lives *lives, msec_t first_ts, msec_t last_ts)
{
    uint32_t first = hour_index(lives, first_ts), last = hour_index(lives, last_ts);

    if (first < LIVES_HOURS && first_ts >= lives->known_from) {
        lives->begun[first]++;
        lives->begun_count++;
    }
    if (last < LIVES_HOURS && last_ts < lives->left_to) {
        lives->left[last]++;
        lives->left_count++;
    }
}

/* Half an account is added, so that nothing is impossible. */
static double nats_of(uint32_t own, uint32_t own_count, uint32_t all, uint32_t all_count)
{
    double expected = own_count * (all + 0.5) / (all_count + 0.5);

    return own > expected ? own * log(own / expected) - (own - expected) : 0.0;
}

static uint32_t sum(const uint32_t *hour, uint32_t from, uint32_t to)
{
    uint32_t total = 0;

    for (uint32_t h = from; h < to; h++)
        total += hour[h];
    return total;
}

void handover_find(const struct lives *group, const struct lives *platform, struct handover *out)
{
    enum { W = HANDOVER_WITHIN_H };

    *out = (struct handover){.nats = (double)NAN};
    if (group->hours <= W || group->begun_count < MEMBERS_MIN || group->left_count < MEMBERS_MIN ||
        platform->begun_count < PLATFORM_MIN || platform->left_count < PLATFORM_MIN)
        return;
    for (uint32_t h = W; h < group->hours; h++) {
        uint32_t to = h + W < group->hours ? h + W : group->hours;
        uint32_t left = sum(group->left, h - W, h), came = sum(group->begun, h, to);
        double leaving, coming, nats;

        if (left == 0 || came == 0)
            continue;
        leaving =
            nats_of(left, group->left_count, sum(platform->left, h - W, h), platform->left_count);
        coming =
            nats_of(came, group->begun_count, sum(platform->begun, h, to), platform->begun_count);
        nats = fmin(leaving, coming) - log(group->hours);
        if (isnan(out->nats) || nats > out->nats)
            *out = (struct handover){nats, group->from + h * MSEC_HOUR, left, came};
    }
    if (isnan(out->nats))
        out->nats = -log(group->hours);
}
