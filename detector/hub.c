#include "hub.h"

#include "base/pages.h"
#include "base/rng.h"
#include "base/table.h"

#include <errno.h>
#include <stdlib.h>

enum { DOOR_WAYS = 8, EVICT_LOOK = 16, CACHE_LINE = 64 };

struct door_entry {
    uint32_t tag; /* 0: empty */
    uint32_t account;
};

struct door_bucket {
    struct door_entry entry[DOOR_WAYS]; /* newest first */
};

struct hubs {
    struct table *index;
    struct hub *hub;
    struct door_bucket *door;
    struct names *names;
    uint32_t hub_max, hub_used, door_count, hand;
    struct hub_counts counts;
};

/* The kind is in the value's low bits, and the table goes by those: most hubs are of one kind. */
static uint64_t key_of(uint64_t value)
{
    return value >> 4 | value << 60;
}

int hubs_new(const struct hubs_config *config, struct names *names, struct hubs **out)
{
    struct hubs *hubs = calloc(1, sizeof *hubs);

    if (!hubs)
        return -ENOMEM;
    hubs->names = names;
    hubs->hub_max = config->hubs_max;
    hubs->door_count = 1;
    while ((uint64_t)hubs->door_count * DOOR_WAYS < config->door_max)
        hubs->door_count *= 2;
    hubs->hub = pages_new((size_t)hubs->hub_max * sizeof *hubs->hub);
    hubs->door = pages_new((size_t)hubs->door_count * sizeof *hubs->door);
    if (!hubs->hub || !hubs->door || table_new(hubs->hub_max, &hubs->index) < 0) {
        hubs_free(hubs);
        return -ENOMEM;
    }
    *out = hubs;
    return 0;
}

void hubs_free(struct hubs *hubs)
{
    if (!hubs)
        return;
    table_free(hubs->index);
    pages_free(hubs->hub, (size_t)hubs->hub_max * sizeof *hubs->hub);
    pages_free(hubs->door, (size_t)hubs->door_count * sizeof *hubs->door);
    free(hubs);
}

static struct door_bucket *door_of(const struct hubs *hubs, uint64_t value)
{
    return &hubs->door[mix64(value) & (hubs->door_count - 1)];
}

/* Remembers the value at the door. The account that had it before, or ACCOUNT_NONE. */
static uint32_t door_see(struct hubs *hubs, uint64_t value, uint32_t account)
{
    struct door_bucket *bucket = door_of(hubs, value);
    uint32_t tag = (uint32_t)(value >> 32) | 1;
    uint32_t before = ACCOUNT_NONE;
    unsigned i = 0;

    while (i < DOOR_WAYS - 1 && bucket->entry[i].tag != tag)
        i++;
    if (bucket->entry[i].tag == tag)
        before = bucket->entry[i].account;
    else
        hubs->counts.forgotten += bucket->entry[i].tag != 0;
    memmove(&bucket->entry[1], &bucket->entry[0], i * sizeof bucket->entry[0]);
    bucket->entry[0] = (struct door_entry){tag, account};
    return before;
}

/* A full table drops, of the next few hubs, the one with fewest accounts, the oldest first. */
static uint32_t hub_evict(struct hubs *hubs)
{
    uint32_t victim = hubs->hand;

    for (uint32_t k = 0; k < EVICT_LOOK; k++) {
        const struct hub *h = &hubs->hub[hubs->hand];
        const struct hub *v = &hubs->hub[victim];

        if (h->accounts < v->accounts || (h->accounts == v->accounts && h->touched < v->touched))
            victim = hubs->hand;
        hubs->hand = hubs->hand + 1 == hubs->hub_max ? 0 : hubs->hand + 1;
    }
    (void)table_remove(hubs->index, key_of(hubs->hub[victim].value));
    names_remove(hubs->names, hubs->hub[victim].name);
    hubs->counts.evicted++;
    return victim;
}

static uint32_t hub_new(struct hubs *hubs, uint64_t value, struct str name)
{
    uint32_t i = hubs->hub_used < hubs->hub_max ? hubs->hub_used++ : hub_evict(hubs);

    hubs->hub[i] = (struct hub){.value = value, .name = names_add(hubs->names, name)};
    (void)table_put(hubs->index, key_of(value), i); /* has room: as many slots as hubs */
    hubs->counts.promoted++;
    return i;
}

/* The roster is a uniform sample of the accounts seen (reservoir, Vitter 1985), its choice a
 * function of value and count alone. */
static void roster_add(struct hub *h, uint32_t account, bool trusted, uint32_t tick)
{
    uint32_t at = h->roster_seen++;

    h->accounts++;
    h->trusted += trusted;
    h->touched = tick;
    if (at >= HUB_ROSTER)
        at = (uint32_t)(mix64(h->value + at) % (at + 1));
    if (at < HUB_ROSTER)
        h->roster[at] = account;
}

void hubs_prefetch(const struct hubs *hubs, uint64_t value)
{
    table_prefetch(hubs->index, key_of(value));
    __builtin_prefetch(door_of(hubs, value), 1);
}

void hubs_prefetch_counted(const struct hubs *hubs, uint64_t value)
{
    table_prefetch(hubs->index, key_of(value));
}

void hubs_prefetch_at(const struct hubs *hubs, uint32_t hub)
{
    for (size_t at = 0; at < sizeof *hubs->hub; at += CACHE_LINE)
        __builtin_prefetch((const char *)&hubs->hub[hub] + at, 1);
}

void hubs_prefetch_hub(const struct hubs *hubs, uint64_t value)
{
    uint32_t i = table_find(hubs->index, key_of(value));

    if (i != TABLE_NONE)
        hubs_prefetch_at(hubs, i);
}

uint32_t hubs_observe(struct hubs *hubs, uint64_t value, struct str name, uint32_t index,
                      bool trusted, bool (*is_trusted)(const void *ctx, uint32_t index),
                      const void *ctx, uint32_t tick)
{
    uint32_t i = table_find(hubs->index, key_of(value));
    uint32_t before;

    if (i == TABLE_NONE) {
        before = door_see(hubs, value, index);
        if (before == ACCOUNT_NONE || before == index)
            return HUB_NONE;
        i = hub_new(hubs, value, name);
        roster_add(&hubs->hub[i], before, is_trusted(ctx, before), tick);
    }
    roster_add(&hubs->hub[i], index, trusted, tick);
    return i;
}

bool hub_roster_has(const struct hub *h, uint32_t account)
{
    uint32_t known = hub_known(h);

    for (uint32_t i = 0; i < known; i++)
        if (h->roster[i] == account)
            return true;
    return false;
}

void hubs_set_even(struct hubs *hubs, uint32_t hub, float even, float collected)
{
    hubs->hub[hub].even = even;
    hubs->hub[hub].collected = collected;
    hubs->hub[hub].even_at = hubs->hub[hub].roster_seen;
}

void hubs_set_explained(struct hubs *hubs, uint32_t hub, double explained, double trusted)
{
    hubs->hub[hub].explained = (float)explained;
    hubs->hub[hub].explained_trusted = (float)trusted;
}

uint32_t hubs_observe_counted(struct hubs *hubs, uint64_t value, uint32_t first, uint32_t index,
                              uint32_t accounts, uint32_t trusted, uint32_t tick)
{
    uint32_t i = table_find(hubs->index, key_of(value));

    if (i == TABLE_NONE) {
        i = hub_new(hubs, value, (struct str){NULL, 0});
        if (first != index)
            roster_add(&hubs->hub[i], first, false, tick);
    }
    if (!hub_roster_has(&hubs->hub[i], index))
        roster_add(&hubs->hub[i], index, false, tick);
    hubs->hub[i].accounts = accounts;
    hubs->hub[i].trusted = trusted;
    return i;
}

void hubs_forget_trust(struct hubs *hubs)
{
    for (uint32_t i = 0; i < hubs->hub_used; i++)
        hubs->hub[i].trusted = 0;
}

void hubs_trust(struct hubs *hubs, uint64_t value)
{
    uint32_t i = table_find(hubs->index, key_of(value));

    if (i != TABLE_NONE)
        hubs->hub[i].trusted++;
}

const struct hub *hubs_find(const struct hubs *hubs, uint64_t value)
{
    uint32_t i = table_find(hubs->index, key_of(value));

    return i == TABLE_NONE ? NULL : &hubs->hub[i];
}

uint32_t hubs_index(const struct hubs *hubs, uint64_t value)
{
    uint32_t i = table_find(hubs->index, key_of(value));

    return i == TABLE_NONE ? HUB_NONE : i;
}

uint32_t hubs_used(const struct hubs *hubs)
{
    return hubs->hub_used;
}

const struct hub *hubs_get(const struct hubs *hubs, uint32_t hub)
{
    return &hubs->hub[hub];
}

void hubs_counts(const struct hubs *hubs, struct hub_counts *out)
{
    *out = hubs->counts;
    out->fill = table_count(hubs->index);
}

size_t hubs_memory(const struct hubs *hubs)
{
    return sizeof *hubs + (size_t)hubs->hub_max * sizeof *hubs->hub +
           (size_t)hubs->door_count * sizeof *hubs->door + table_memory(hubs->index);
}

void hubs_state(struct hubs *hubs, state_visit *visit, void *ctx)
{
    STATE_VISIT(hubs->hub_used);
    STATE_VISIT(hubs->hand);
    STATE_VISIT(hubs->counts);
    table_state(hubs->index, visit, ctx);
    visit(ctx, hubs->hub, (size_t)hubs->hub_max * sizeof *hubs->hub);
    visit(ctx, hubs->door, (size_t)hubs->door_count * sizeof *hubs->door);
}
