#include "affinity.h"

#include "base/pages.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum pool { POOL_NONE, POOL_EXITS, POOL_IDENTITIES, POOL_COUNT };

/* Sign-up addresses are left out: universities and offices share them as farms do. */
static const uint8_t pool_of[LINK_KIND_COUNT] = {
    [ATTRIBUTE_ip] = POOL_EXITS,           [ATTRIBUTE_net] = POOL_EXITS,
    [ATTRIBUTE_payment] = POOL_IDENTITIES, [ATTRIBUTE_device] = POOL_IDENTITIES,
    [LINK_BIRTH] = POOL_IDENTITIES,        [ATTRIBUTE_email_domain] = POOL_IDENTITIES,
};

/* Nats shared within a group, and between two, below which a pool tells nothing; the mean ratio
 * from which two groups are one: halves of one campaign measure 0.75 to 1.9 on validation traffic,
 * different campaigns 0 to 0.37. */
static const double WITHIN_MIN = 10.0, BETWEEN_MIN = 20.0, SAME_MIN = 0.6;

/* Members from which one pool suffices where the other tells nothing: an office has few exits. */
static const double ALONE_MIN = 24.0;

struct affinity {
    uint32_t count;
    double members[AFFINITY_GROUPS];
    float shared[POOL_COUNT][AFFINITY_GROUPS][AFFINITY_GROUPS]; /* nats, by pair; x <= y */
};

int affinity_new(struct affinity **out)
{
    *out = pages_new(sizeof **out);
    return *out ? 0 : -ENOMEM;
}

void affinity_free(struct affinity *affinity)
{
    if (affinity)
        pages_free(affinity, sizeof *affinity);
}

void affinity_start(struct affinity *affinity, uint32_t count, const uint32_t *members)
{
    affinity->count = count;
    for (uint32_t i = 0; i < count; i++) {
        affinity->members[i] = members[i];
        for (unsigned pool = 0; pool < POOL_COUNT; pool++)
            memset(affinity->shared[pool][i], 0, count * sizeof(float));
    }
}

bool affinity_pool(unsigned kind)
{
    return pool_of[kind] != POOL_NONE;
}

void affinity_add(struct affinity *affinity, const struct hub *hub, double weight,
                  const uint16_t *group, uint32_t count)
{
    float(*shared)[AFFINITY_GROUPS] = affinity->shared[pool_of[value_kind(hub->value)]];
    double pairs = (double)count * (count - 1.0);
    double all = (double)hub->accounts * (hub->accounts - 1.0);
    float each;

    if (count < 2)
        return;
    each = (float)(weight * fmax(all / pairs, 1.0)); /* a pair of the roster stands for so many */
    for (uint32_t i = 0; i < count; i++) {
        if (group[i] == AFFINITY_NONE)
            continue;
        for (uint32_t k = i + 1; k < count; k++) {
            if (group[k] == AFFINITY_NONE)
                continue;
            if (group[i] <= group[k])
                shared[group[i]][group[k]] += each;
            else
                shared[group[k]][group[i]] += each;
        }
    }
}

bool affinity_same(const struct affinity *affinity, uint32_t x, uint32_t y)
{
    double nx = affinity->members[x], ny = affinity->members[y];
    double ratios = 0.0, between = 0.0;
    unsigned measured = 0;

    for (unsigned pool = POOL_NONE + 1; pool < POOL_COUNT; pool++) {
        const float(*shared)[AFFINITY_GROUPS] = affinity->shared[pool];
        double xx = shared[x][x], yy = shared[y][y], xy = shared[x < y ? x : y][x < y ? y : x];

        if (xx < WITHIN_MIN || yy < WITHIN_MIN)
            continue;
        xx /= nx * (nx - 1.0) / 2.0;
        yy /= ny * (ny - 1.0) / 2.0;
        ratios += fmin(xy / (nx * ny) / sqrt(xx * yy), 1.0);
        between += xy;
        measured++;
    }
    if (measured == 0 || (measured < POOL_COUNT - 1 && fmin(nx, ny) < ALONE_MIN))
        return false;
    return between >= BETWEEN_MIN && ratios / measured >= SAME_MIN;
}

size_t affinity_memory(void)
{
    return sizeof(struct affinity);
}
