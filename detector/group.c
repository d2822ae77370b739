#include "group.h"

#include "base/pages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct claim { /* the component that takes a group over */
    uint32_t root, votes;
};

struct groups {
    struct group *group;
    uint32_t *activity; /* ACTIVITY_HOURS for each slot */
    struct account *account;
    uint32_t *linked; /* accounts with links */
    /* For rebuilding: union-find, the ends of links, members by component, votes and claims by
     * group. */
    uint32_t *parent;
    uint8_t *is_linked;
    uint64_t *member;
    uint32_t *tally;
    struct claim *claim;
    uint32_t *next_free; /* stack of free slots below `used` */
    uint32_t linked_count, group_max, account_max, used, free_count;
    uint64_t last_id;
    struct group_counts counts;
};

int groups_new(uint32_t groups_max, uint32_t accounts_max, struct account *account,
               struct groups **out)
{
    struct groups *g = calloc(1, sizeof *g);

    if (!g)
        return -ENOMEM;
    g->account = account;
    g->group_max = groups_max;
    g->account_max = accounts_max;
    g->group = pages_new((size_t)groups_max * sizeof *g->group);
    g->activity = pages_new((size_t)groups_max * ACTIVITY_HOURS * sizeof *g->activity);
    g->next_free = pages_new((size_t)groups_max * sizeof *g->next_free);
    g->parent = pages_new((size_t)accounts_max * sizeof *g->parent);
    g->linked = pages_new((size_t)accounts_max * sizeof *g->linked);
    g->is_linked = pages_new(accounts_max);
    g->member = pages_new((size_t)accounts_max * sizeof *g->member);
    g->tally = pages_new((size_t)groups_max * sizeof *g->tally);
    g->claim = pages_new((size_t)groups_max * sizeof *g->claim);
    if (!g->group || !g->activity || !g->next_free || !g->parent || !g->linked || !g->is_linked ||
        !g->member || !g->tally || !g->claim) {
        groups_free(g);
        return -ENOMEM;
    }
    *out = g;
    return 0;
}

void groups_free(struct groups *g)
{
    if (!g)
        return;
    pages_free(g->group, (size_t)g->group_max * sizeof *g->group);
    pages_free(g->activity, (size_t)g->group_max * ACTIVITY_HOURS * sizeof *g->activity);
    pages_free(g->next_free, (size_t)g->group_max * sizeof *g->next_free);
    pages_free(g->parent, (size_t)g->account_max * sizeof *g->parent);
    pages_free(g->linked, (size_t)g->account_max * sizeof *g->linked);
    pages_free(g->is_linked, g->account_max);
    pages_free(g->member, (size_t)g->account_max * sizeof *g->member);
    pages_free(g->tally, (size_t)g->group_max * sizeof *g->tally);
    pages_free(g->claim, (size_t)g->group_max * sizeof *g->claim);
    free(g);
}

static uint32_t group_new(struct groups *g)
{
    uint32_t slot;

    if (g->free_count > 0)
        slot = g->next_free[--g->free_count];
    else if (g->used < g->group_max)
        slot = g->used++;
    else
        return ACCOUNT_NONE;
    g->group[slot] = (struct group){
        .id = ++g->last_id,
        .first = ACCOUNT_NONE,
        .alert_ts = INT64_MIN,
        .activity_from = INT64_MIN,
        .activity = g->activity + (size_t)slot * ACTIVITY_HOURS,
    };
    return slot;
}

static void group_free(struct groups *g, uint32_t slot)
{
    g->group[slot].id = 0;
    g->next_free[g->free_count++] = slot;
}

/* Puts an account that is in no group into one. */
static void group_add(struct groups *g, uint32_t slot, uint32_t a)
{
    struct group *group = &g->group[slot];
    struct account *account = &g->account[a];

    account->cluster = slot;
    if (group->first == ACCOUNT_NONE) {
        group->first = account->next = a;
    } else {
        account->next = g->account[group->first].next;
        g->account[group->first].next = a;
    }
    group->member_count++;
}

/* Adds the hours of `from` to those of `to`, where they overlap the hours that `to` keeps. */
static void activity_merge(struct group *to, const struct group *from)
{
    for (uint32_t h = 0; h < from->activity_hours; h++) {
        msec_t at = from->activity_from + h * MSEC_HOUR;
        msec_t index;

        if (to->activity_hours == 0)
            to->activity_from = at;
        index = (at - to->activity_from) / MSEC_HOUR;
        if (index < 0 || index >= ACTIVITY_HOURS)
            continue;
        while (to->activity_hours <= index)
            to->activity[to->activity_hours++] = 0;
        to->activity[index] += from->activity[h];
    }
}

static void dispersion_merge(struct dispersion *to, const struct dispersion *from)
{
    to->above += from->above;
    to->below += from->below;
    to->exchanges += from->exchanges;
    for (unsigned i = 0; i < SYNCHRONY_TICKS; i++)
        to->count[i] += from->count[i];
}

/* What a group has been through goes on in the group that takes it up. */
static void history_merge(struct group *to, const struct group *from)
{
    dispersion_merge(&to->dispersion, &from->dispersion);
    activity_merge(to, from);
    if (from->level_raised > to->level_raised)
        to->level_raised = from->level_raised;
    if (from->alert_ts != INT64_MIN &&
        (to->alert_ts == INT64_MIN || from->alert_ts < to->alert_ts)) {
        to->alert_ts = from->alert_ts;
    }
}

/* The smaller joins the larger; of equals the younger joins the older. */
static void groups_merge(struct groups *g, uint32_t x, uint32_t y)
{
    struct group *to = &g->group[x], *from = &g->group[y];
    uint32_t a, swap;

    if (from->member_count > to->member_count ||
        (from->member_count == to->member_count && from->id < to->id)) {
        groups_merge(g, y, x);
        return;
    }
    a = from->first;
    do {
        g->account[a].cluster = x;
        a = g->account[a].next;
    } while (a != from->first);
    swap = g->account[to->first].next; /* two circles become one */
    g->account[to->first].next = g->account[from->first].next;
    g->account[from->first].next = swap;
    to->member_count += from->member_count;
    history_merge(to, from);
    group_free(g, y);
    g->counts.merged++;
}

/* An account keeps a few links. One that joined two groups takes the place of another: without it
 * they would fall apart when all links are judged again. */
static void remember_link(struct groups *g, uint32_t a, uint32_t b, bool bridge)
{
    struct account *account = &g->account[a];

    for (unsigned i = 0; i < account->link_count; i++)
        if (account->link[i] == b)
            return;
    if (account->link_count == ACCOUNT_LINKS) {
        if (bridge)
            account->link[(a ^ b) % ACCOUNT_LINKS] = b;
        return;
    }
    if (account->link_count == 0)
        g->linked[g->linked_count++] = a;
    account->link[account->link_count++] = b;
}

static bool join(struct groups *g, uint32_t a, uint32_t b)
{
    uint32_t x = g->account[a].cluster, y = g->account[b].cluster;

    if (x == ACCOUNT_NONE && y == ACCOUNT_NONE) {
        x = group_new(g);
        if (x == ACCOUNT_NONE)
            return false;
        group_add(g, x, a);
        group_add(g, x, b);
    } else if (x == ACCOUNT_NONE) {
        group_add(g, y, a);
    } else if (y == ACCOUNT_NONE) {
        group_add(g, x, b);
    } else if (x != y) {
        groups_merge(g, x, y);
    }
    return true;
}

bool groups_link(struct groups *g, uint32_t a, uint32_t b)
{
    bool bridge = g->account[a].cluster != g->account[b].cluster;

    if (!join(g, a, b)) {
        g->counts.refused++;
        return false;
    }
    remember_link(g, a, b, bridge);
    remember_link(g, b, a, bridge);
    g->counts.linked++;
    return true;
}

void groups_adopt(struct groups *g, uint32_t a, uint32_t member)
{
    if (!join(g, a, member))
        return;
    remember_link(g, a, member, true);
    g->account[a].adopted = 1;
}

static void group_remove(struct groups *g, uint32_t a)
{
    struct account *account = &g->account[a];
    struct group *group = &g->group[account->cluster];
    uint32_t before = a;

    while (g->account[before].next != a)
        before = g->account[before].next;
    g->account[before].next = account->next;
    if (group->first == a)
        group->first = account->next;
    if (--group->member_count == 0)
        group_free(g, account->cluster);
    account->cluster = account->next = ACCOUNT_NONE;
}

void groups_forget(struct groups *g, uint32_t a)
{
    struct account *account = &g->account[a];

    if (account->cluster != ACCOUNT_NONE)
        group_remove(g, a);
    if (account->link_count == 0)
        return;
    account->link_count = 0;
    for (uint32_t i = 0; i < g->linked_count; i++) {
        if (g->linked[i] == a) {
            g->linked[i] = g->linked[--g->linked_count];
            return;
        }
    }
}

static uint32_t root_of(struct groups *g, uint32_t a)
{
    while (g->parent[a] != a) {
        g->parent[a] = g->parent[g->parent[a]];
        a = g->parent[a];
    }
    return a;
}

/* Drops the links that no longer hold, and accounts without any. */
static void judge_links(struct groups *g, const struct link_context *ctx)
{
    struct link_evidence evidence;
    uint32_t kept = 0;

    for (uint32_t k = 0; k < g->linked_count; k++) {
        const struct account *account = &g->account[g->linked[k]];

        g->is_linked[g->linked[k]] = 0;
        for (unsigned i = 0; i < account->link_count; i++)
            g->is_linked[account->link[i]] = 0;
    }

    for (uint32_t k = 0; k < g->linked_count; k++) {
        uint32_t a = g->linked[k];
        struct account *account = &g->account[a];
        uint8_t count = 0;

        account->adopted = 0;
        for (unsigned i = 0; i < account->link_count; i++)
            if (linkage_judge(ctx, a, account->link[i], &evidence))
                account->link[count++] = account->link[i];
        account->link_count = count;
        if (count > 0)
            g->linked[kept++] = a;
    }
    g->linked_count = kept;
}

static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* Joins the ends of the remaining links; the smallest index of a component is its root. */
static void find_components(struct groups *g)
{
    for (uint32_t k = 0; k < g->linked_count; k++) {
        const struct account *account = &g->account[g->linked[k]];

        g->parent[g->linked[k]] = g->linked[k];
        g->is_linked[g->linked[k]] = 1;
        for (unsigned i = 0; i < account->link_count; i++) {
            g->parent[account->link[i]] = account->link[i];
            g->is_linked[account->link[i]] = 1;
        }
    }
    for (uint32_t k = 0; k < g->linked_count; k++) {
        const struct account *account = &g->account[g->linked[k]];

        for (unsigned i = 0; i < account->link_count; i++) {
            uint32_t x = root_of(g, g->linked[k]), y = root_of(g, account->link[i]);

            if (x < y)
                g->parent[y] = x;
            else
                g->parent[x] = y;
        }
    }
}

/* All accounts in groups or with links, as root << 32 | index, ascending; accounts that lost their
 * links are left out of all groups. */
static uint32_t list_members(struct groups *g)
{
    uint32_t count = 0;

    for (uint32_t slot = 0; slot < g->used; slot++) {
        uint32_t a = g->group[slot].first;

        if (!g->group[slot].id)
            continue;
        for (uint32_t i = 0; i < g->group[slot].member_count; i++) {
            struct account *account = &g->account[a];

            if (g->is_linked[a])
                g->member[count++] = (uint64_t)root_of(g, a) << 32 | a;
            else
                account->cluster = ACCOUNT_NONE;
            a = account->next;
        }
    }
    qsort(g->member, count, sizeof *g->member, ascending);
    return count;
}

static uint32_t run_end(const struct groups *g, uint32_t from, uint32_t count)
{
    uint32_t to = from;

    while (to < count && g->member[to] >> 32 == g->member[from] >> 32)
        to++;
    return to;
}

/* The group that most of the component's members were in (all of them were in one), and how many.
 */
static uint32_t majority(struct groups *g, uint32_t from, uint32_t to, uint32_t *votes)
{
    uint32_t best = ACCOUNT_NONE;

    *votes = 0;
    for (uint32_t i = from; i < to; i++) {
        uint32_t slot = g->account[(uint32_t)g->member[i]].cluster;

        if (++g->tally[slot] > *votes) {
            *votes = g->tally[slot];
            best = slot;
        }
    }
    for (uint32_t i = from; i < to; i++)
        g->tally[g->account[(uint32_t)g->member[i]].cluster] = 0;
    return best;
}

/* Every group goes to the component with most of its members; the first one of equals. */
static void settle_claims(struct groups *g, uint32_t count)
{
    for (uint32_t slot = 0; slot < g->used; slot++)
        g->claim[slot] = (struct claim){ACCOUNT_NONE, 0};
    for (uint32_t from = 0, to; from < count; from = to) {
        uint32_t votes, slot;

        to = run_end(g, from, count);
        slot = majority(g, from, to, &votes);
        if (votes > g->claim[slot].votes)
            g->claim[slot] = (struct claim){(uint32_t)(g->member[from] >> 32), votes};
    }
}

static void regroup(struct groups *g, uint32_t count)
{
    for (uint32_t slot = 0; slot < g->used; slot++) {
        g->group[slot].first = ACCOUNT_NONE;
        g->group[slot].member_count = 0;
    }
    for (uint32_t from = 0, to; from < count; from = to) {
        uint32_t votes, slot, root = (uint32_t)(g->member[from] >> 32);

        to = run_end(g, from, count);
        slot = majority(g, from, to, &votes);
        if (g->claim[slot].root != root) {
            slot = group_new(g);
            g->counts.split++;
        }
        for (uint32_t i = from; i < to; i++) {
            uint32_t a = (uint32_t)g->member[i];

            if (slot != ACCOUNT_NONE)
                group_add(g, slot, a);
            else
                g->account[a].cluster = ACCOUNT_NONE;
        }
    }
    for (uint32_t slot = 0; slot < g->used; slot++)
        if (g->group[slot].id && g->group[slot].member_count == 0)
            group_free(g, slot);
}

void groups_rebuild(struct groups *g, const struct link_context *ctx)
{
    uint32_t count;

    judge_links(g, ctx);
    find_components(g);
    count = list_members(g);
    settle_claims(g, count);
    regroup(g, count);
}

void groups_exchange(struct groups *g, uint32_t slot, msec_t ts, unsigned tick)
{
    struct group *group = &g->group[slot];
    msec_t hour = ts - ts % MSEC_HOUR;
    msec_t index;

    dispersion_add(&group->dispersion, tick);
    if (group->activity_hours == 0)
        group->activity_from = hour;
    index = (hour - group->activity_from) / MSEC_HOUR;
    if (index < 0)
        return;
    if (index >= ACTIVITY_HOURS) { /* the oldest hours give way */
        msec_t drop = index - ACTIVITY_HOURS + 1;
        uint32_t keep = drop < group->activity_hours ? group->activity_hours - (uint32_t)drop : 0;

        memmove(group->activity, group->activity + (group->activity_hours - keep),
                keep * sizeof *group->activity);
        group->activity_hours = keep;
        group->activity_from += drop * MSEC_HOUR;
        index -= drop;
    }
    while (group->activity_hours <= index)
        group->activity[group->activity_hours++] = 0;
    group->activity[index]++;
}

void groups_hour(struct groups *g)
{
    for (uint32_t slot = 0; slot < g->used; slot++)
        if (g->group[slot].id)
            dispersion_hour(&g->group[slot].dispersion);
}

uint32_t groups_used(const struct groups *g)
{
    return g->used;
}

struct group *groups_get(struct groups *g, uint32_t slot)
{
    return &g->group[slot];
}

void groups_counts(const struct groups *g, struct group_counts *out)
{
    *out = g->counts;
}

size_t groups_memory(const struct groups *g)
{
    return sizeof *g +
           (size_t)g->group_max * (sizeof *g->group + ACTIVITY_HOURS * sizeof *g->activity +
                                   sizeof *g->next_free + sizeof *g->tally + sizeof *g->claim) +
           (size_t)g->account_max * (sizeof *g->parent + sizeof *g->linked + sizeof *g->member + 1);
}

void groups_state(struct groups *g, state_visit *visit, void *ctx)
{
    STATE_VISIT(g->linked_count);
    STATE_VISIT(g->used);
    STATE_VISIT(g->free_count);
    STATE_VISIT(g->last_id);
    STATE_VISIT(g->counts);
    visit(ctx, g->group, (size_t)g->group_max * sizeof *g->group);
    visit(ctx, g->activity, (size_t)g->group_max * ACTIVITY_HOURS * sizeof *g->activity);
    visit(ctx, g->linked, (size_t)g->account_max * sizeof *g->linked);
    visit(ctx, g->is_linked, g->account_max);
    visit(ctx, g->next_free, (size_t)g->group_max * sizeof *g->next_free);
    for (uint32_t slot = 0; slot < g->used; slot++) /* pointers are not state */
        g->group[slot].activity = g->activity + (size_t)slot * ACTIVITY_HOURS;
}
