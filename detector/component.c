#include "component.h"

#include "base/pages.h"
#include "detector/affinity.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Parts of so many accounts are large; and the share of the smaller one's members that have to be
 * linked to the other. */
enum { LARGE_MIN = 24, MERGE_ROUNDS = 4 };
static const double MERGE_SHARE = 0.5;

/* From so many accounts on the pools that they draw on are compared. */
enum { POOLED_MIN = 8 };

enum end { END_NONE, END_LINKED, END_LISTED };

struct components {
    uint32_t account_max;
    uint32_t *parent; /* union-find over the ends of links */
    uint32_t *size;   /* of the part, by its root */
    uint8_t *end;     /* enum end, by account */
    uint64_t *edge;   /* scratch: links by strength, and votes; ACCOUNT_LINKS an account */
    uint64_t *member; /* by component */
    uint32_t listed;  /* members */
    uint16_t *pooled; /* number of the component among those compared, by account */
    struct affinity *affinity;
};

int components_new(uint32_t accounts_max, struct components **out)
{
    struct components *c = calloc(1, sizeof *c);

    if (!c)
        return -ENOMEM;
    c->account_max = accounts_max;
    c->parent = pages_new((size_t)accounts_max * sizeof *c->parent);
    c->size = pages_new((size_t)accounts_max * sizeof *c->size);
    c->end = pages_new(accounts_max);
    c->edge = pages_new((size_t)accounts_max * ACCOUNT_LINKS * sizeof *c->edge);
    c->member = pages_new((size_t)accounts_max * sizeof *c->member);
    c->pooled = pages_new((size_t)accounts_max * sizeof *c->pooled);
    if (!c->parent || !c->size || !c->end || !c->edge || !c->member || !c->pooled ||
        affinity_new(&c->affinity) < 0) {
        components_free(c);
        return -ENOMEM;
    }
    *out = c;
    return 0;
}

void components_free(struct components *c)
{
    if (!c)
        return;
    pages_free(c->parent, (size_t)c->account_max * sizeof *c->parent);
    pages_free(c->size, (size_t)c->account_max * sizeof *c->size);
    pages_free(c->end, c->account_max);
    pages_free(c->edge, (size_t)c->account_max * ACCOUNT_LINKS * sizeof *c->edge);
    pages_free(c->member, (size_t)c->account_max * sizeof *c->member);
    pages_free(c->pooled, (size_t)c->account_max * sizeof *c->pooled);
    affinity_free(c->affinity);
    free(c);
}

static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static uint32_t root_of(struct components *c, uint32_t a)
{
    while (c->parent[a] != a) {
        c->parent[a] = c->parent[c->parent[a]];
        a = c->parent[a];
    }
    return a;
}

/* Joins two parts; the smaller root becomes that of both. */
static void join_parts(struct components *c, uint32_t a, uint32_t b)
{
    uint32_t x = root_of(c, a), y = root_of(c, b);
    uint32_t root = x < y ? x : y;

    if (x == y)
        return;
    c->parent[x] = c->parent[y] = root;
    c->size[root] = c->size[x] + c->size[y];
}

static void add_end(struct components *c, uint32_t a)
{
    c->end[a] = END_LINKED;
    c->parent[a] = a;
    c->size[a] = 1;
}

/* A link as a word that ascends as its strength falls: the bits of a float that is not negative
 * ascend with it. */
static uint64_t edge_pack(float strength, uint32_t account, unsigned link)
{
    uint32_t bits;

    memcpy(&bits, &strength, sizeof bits);
    return (uint64_t)~bits << 32 | (account * 8 + link);
}
_Static_assert(ACCOUNT_LINKS <= 8, "a link's number is packed into three bits");

static void join_links(struct components *c, const struct linked *linked)
{
    uint32_t count = 0;

    for (uint32_t k = 0; k < linked->count; k++) {
        const struct account *a = &linked->account[linked->index[k]];

        for (unsigned i = 0; i < a->link_count; i++)
            c->edge[count++] = edge_pack(a->link_strength[i], linked->index[k], i);
    }
    qsort(c->edge, count, sizeof *c->edge, ascending);
    for (uint32_t k = 0; k < count; k++) {
        uint32_t at = (uint32_t)c->edge[k];
        uint32_t x = root_of(c, at / 8), y = root_of(c, linked->account[at / 8].link[at % 8]);

        if (c->size[x] < LARGE_MIN || c->size[y] < LARGE_MIN)
            join_parts(c, x, y);
    }
}

/* Which other large parts an account is linked to, each once. */
static uint32_t add_votes(struct components *c, const struct account *a, uint32_t own,
                          uint32_t count)
{
    uint32_t from = count;

    for (unsigned i = 0; i < a->link_count; i++) {
        uint32_t other = root_of(c, a->link[i]);
        uint64_t vote = (uint64_t)own << 32 | other;
        bool told = other == own || c->size[other] < LARGE_MIN;

        for (uint32_t k = from; k < count && !told; k++)
            told = c->edge[k] == vote;
        if (!told)
            c->edge[count++] = vote;
    }
    return count;
}

/* Joins large parts where many of the smaller one's members are linked to the other. True when any
 * was. */
static bool merge_parts(struct components *c, const struct linked *linked)
{
    uint32_t count = 0;
    bool merged = false;

    for (uint32_t k = 0; k < linked->count; k++) {
        uint32_t own = root_of(c, linked->index[k]);

        if (c->size[own] >= LARGE_MIN)
            count = add_votes(c, &linked->account[linked->index[k]], own, count);
    }
    qsort(c->edge, count, sizeof *c->edge, ascending);
    for (uint32_t from = 0, to; from < count; from = to) {
        uint32_t x = (uint32_t)(c->edge[from] >> 32), y = (uint32_t)c->edge[from];

        for (to = from; to < count && c->edge[to] == c->edge[from]; to++)
            ;
        if (to - from < MERGE_SHARE * c->size[x] || root_of(c, x) == root_of(c, y))
            continue;
        join_parts(c, x, y);
        merged = true;
    }
    return merged;
}

static uint32_t list_member(struct components *c, uint32_t a, uint32_t count)
{
    if (c->end[a] == END_LISTED)
        return count;
    c->end[a] = END_LISTED;
    c->member[count] = (uint64_t)root_of(c, a) << 32 | a;
    return count + 1;
}

static void list_members(struct components *c, const struct linked *linked)
{
    uint32_t count = 0;

    for (uint32_t k = 0; k < linked->count; k++) {
        const struct account *a = &linked->account[linked->index[k]];

        count = list_member(c, linked->index[k], count);
        for (unsigned i = 0; i < a->link_count; i++)
            count = list_member(c, a->link[i], count);
    }
    qsort(c->member, count, sizeof *c->member, ascending);
    c->listed = count;
}

uint32_t components_end(const struct components *c, uint32_t from)
{
    uint32_t to = from;

    while (to < c->listed && c->member[to] >> 32 == c->member[from] >> 32)
        to++;
    return to;
}

/* Numbers the components that are large enough, the first AFFINITY_GROUPS of them, and their
 * accounts. Returns how many. */
static uint32_t number_pooled(struct components *c, uint32_t root[AFFINITY_GROUPS],
                              uint32_t members[AFFINITY_GROUPS])
{
    uint32_t count = 0;

    memset(c->pooled, 0xff, c->account_max * sizeof *c->pooled); /* AFFINITY_NONE */
    for (uint32_t from = 0, to; from < c->listed && count < AFFINITY_GROUPS; from = to) {
        to = components_end(c, from);
        if (to - from < POOLED_MIN)
            continue;
        for (uint32_t i = from; i < to; i++)
            c->pooled[(uint32_t)c->member[i]] = (uint16_t)count;
        root[count] = (uint32_t)(c->member[from] >> 32);
        members[count++] = to - from;
    }
    return count;
}

/* A rare value of a pool: which components its accounts are in. */
static void add_pool(struct components *c, const struct link_context *ctx, const struct hub *hub)
{
    static const double RARE_MIN = 2.5; /* nats */
    uint32_t known = hub_known(hub);
    uint16_t group[HUB_ROSTER];
    double weight;

    if (!hub->value || !affinity_pool(value_kind(hub->value)))
        return;
    weight = linkage_weight(ctx, hub);
    if (weight < RARE_MIN)
        return;
    for (uint32_t i = 0; i < known; i++)
        group[i] = c->pooled[hub->roster[i]];
    affinity_add(c->affinity, hub, weight, group, known);
}

/* Joins the components that draw on the same pools of exits and identities. */
static void join_pooled(struct components *c, const struct link_context *ctx)
{
    uint32_t root[AFFINITY_GROUPS], members[AFFINITY_GROUPS];
    uint32_t count = number_pooled(c, root, members);
    bool joined = false;

    if (count < 2)
        return;
    affinity_start(c->affinity, count, members);
    for (uint32_t i = 0; i < hubs_used(ctx->hubs); i++)
        add_pool(c, ctx, hubs_get(ctx->hubs, i));
    for (uint32_t x = 0; x < count; x++) {
        for (uint32_t y = x + 1; y < count; y++) {
            if (!affinity_same(c->affinity, x, y))
                continue;
            join_parts(c, root[x], root[y]);
            joined = true;
        }
    }
    if (!joined)
        return;
    for (uint32_t i = 0; i < c->listed; i++)
        c->member[i] = (uint64_t)root_of(c, (uint32_t)c->member[i]) << 32 | (uint32_t)c->member[i];
    qsort(c->member, c->listed, sizeof *c->member, ascending);
}

uint32_t components_find(struct components *c, const struct linked *linked,
                         const struct link_context *ctx)
{
    memset(c->end, END_NONE, c->account_max);
    for (uint32_t k = 0; k < linked->count; k++) {
        const struct account *a = &linked->account[linked->index[k]];

        add_end(c, linked->index[k]);
        for (unsigned i = 0; i < a->link_count; i++)
            add_end(c, a->link[i]);
    }
    join_links(c, linked);
    for (unsigned round = 0; round < MERGE_ROUNDS && merge_parts(c, linked); round++)
        ;
    list_members(c, linked);
    join_pooled(c, ctx);
    return c->listed;
}

uint64_t components_member(const struct components *c, uint32_t i)
{
    return c->member[i];
}

bool components_has(const struct components *c, uint32_t account)
{
    return c->end[account] != END_NONE;
}

size_t components_memory(const struct components *c)
{
    return sizeof *c + affinity_memory() +
           (size_t)c->account_max *
               (sizeof *c->parent + sizeof *c->size + sizeof *c->end +
                ACCOUNT_LINKS * sizeof *c->edge + sizeof *c->member + sizeof *c->pooled);
}

void components_state(struct components *c, state_visit *visit, void *ctx)
{
    visit(ctx, c->end, c->account_max); /* the others are made anew whenever they are used */
}
