#include "release.h"

static bool known(const struct releases *r, uint64_t model)
{
    for (uint32_t i = 0; i < r->known_count; i++)
        if (r->known[i] == model)
            return true;
    return false;
}

static void remember(struct releases *r, uint64_t model)
{
    if (r->known_count < RELEASE_MODELS)
        r->known[r->known_count++] = model;
}

void release_told(struct releases *r, uint64_t model, msec_t ts)
{
    if (known(r, model))
        return;
    remember(r, model);
    r->newest = model;
    r->newest_ts = ts;
}

void release_exchange(struct releases *r, struct account *a, uint64_t model, msec_t ts,
                      msec_t stream_start)
{
    if (!model)
        return;
    if (model != r->newest && !known(r, model)) {
        if (ts - stream_start >= MSEC_DAY && r->known_count < RELEASE_MODELS)
            release_told(r, model, ts);
        else
            remember(r, model);
    }
    if (!r->newest || ts - r->newest_ts >= MSEC_DAY)
        return;
    a->pivot_of++;
    a->pivot_moved += model == r->newest;
    r->of++;
    r->moved += model == r->newest;
}
