#include "group.h"

#include "base/pages.h"
#include "detector/component.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { AHEAD = 2 }; /* accounts whose links are fetched before they are judged */
/* A group that grew by more than a quarter within an hour does not tell who was active when in it.
 */
enum { HOUR_GROWTH_QUARTERS = 5 };

struct claim { /* the component that takes a group over, and the one that most members are in */
    uint32_t root, votes;
    uint32_t heir, heir_votes;
    uint32_t members; /* of the group before */
};

struct groups {
    struct group *group;
    uint32_t *activity; /* ACTIVITY_HOURS for each slot */
    struct account *account;
    uint32_t *linked; /* accounts with links */
    /* For rebuilding: votes and claims by group. */
    struct components *components;
    uint32_t *tally;
    struct claim *claim;
    uint32_t *next_free; /* stack of free slots below `used` */
    uint32_t linked_count, group_max, account_max, used, free_count;
    uint64_t last_id;
    msec_t now;
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
    g->linked = pages_new((size_t)accounts_max * sizeof *g->linked);
    g->tally = pages_new((size_t)groups_max * sizeof *g->tally);
    g->claim = pages_new((size_t)groups_max * sizeof *g->claim);
    if (!g->group || !g->activity || !g->next_free || !g->linked || !g->tally || !g->claim ||
        components_new(accounts_max, &g->components) < 0) {
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
    pages_free(g->linked, (size_t)g->account_max * sizeof *g->linked);
    pages_free(g->tally, (size_t)g->group_max * sizeof *g->tally);
    pages_free(g->claim, (size_t)g->group_max * sizeof *g->claim);
    components_free(g->components);
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
    account->shown = NAN;
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

static void past_add(struct group *group, msec_t now, uint64_t other, bool split)
{
    if (group->past_count == CLUSTER_PAST_MAX)
        memmove(group->past, group->past + 1, --group->past_count * sizeof *group->past);
    group->past[group->past_count++] = (struct cluster_past){now, other, split};
}

/* What a group has been through goes on in the group that takes it up. */
static void history_merge(struct groups *g, struct group *to, const struct group *from,
                          uint32_t members)
{
    g->counts.merged++;
    if (members >= GROUP_PAST_MIN || from->alert_ts != INT64_MIN)
        past_add(to, g->now, from->id, false);
    coactivity_merge(&to->coactivity, &from->coactivity);
    activity_merge(to, from);
    if (from->level_raised > to->level_raised)
        to->level_raised = from->level_raised;
    if (from->alert_ts != INT64_MIN &&
        (to->alert_ts == INT64_MIN || from->alert_ts < to->alert_ts)) {
        to->alert_ts = from->alert_ts;
    }
}

/* Moves the share of the hours that is due to a part with so many of the group's exchanges. */
static void activity_split(struct group *part, struct group *from, uint64_t exchanges)
{
    double share = from->exchanges ? fmin((double)exchanges / (double)from->exchanges, 1.0) : 0.0;

    part->activity_from = from->activity_from;
    part->activity_hours = from->activity_hours;
    for (uint32_t h = 0; h < from->activity_hours; h++) {
        part->activity[h] = (uint32_t)(share * from->activity[h] + 0.5);
        from->activity[h] -= part->activity[h];
    }
    from->exchanges -= exchanges < from->exchanges ? exchanges : from->exchanges;
}

/* What a part has been through with the group that it splits off from: its components_member()s
 * from..to-1, before they are moved. */
static void history_split(struct groups *g, uint32_t slot, uint32_t parent, uint32_t from,
                          uint32_t to)
{
    struct group *part = &g->group[slot], *whole = &g->group[parent];
    uint32_t members = 0, alarmed = 0;
    uint64_t exchanges = 0;

    for (uint32_t i = from; i < to; i++) {
        const struct account *a = &g->account[(uint32_t)components_member(g->components, i)];

        if (a->cluster != parent)
            continue;
        members++;
        alarmed += a->alert_ts != INT64_MIN;
        exchanges += a->exchanges;
    }
    g->counts.split++;
    past_add(part, g->now, whole->id, true);
    activity_split(part, whole, exchanges);
    if (2 * alarmed <= members)
        return;
    part->alert_ts = whole->alert_ts;
    part->level_raised = whole->level_raised;
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
    history_merge(g, to, from, from->member_count);
    group_free(g, y);
}

/* A link by content alone that is weak beside the other links of either end joins nothing: a few
 * phrases in common with one account, where its own kind has twenty. One by two families is firm.
 */
static const double STRONG_SHARE = 0.5;

static double strongest(const struct account *account)
{
    double best = 0.0;

    for (unsigned i = 0; i < account->link_count; i++)
        best = account->link_strength[i] > best ? account->link_strength[i] : best;
    return best;
}

static bool is_strong(const struct groups *g, uint32_t a, uint32_t b, struct tie tie)
{
    return tie.firm || (tie.strength >= STRONG_SHARE * strongest(&g->account[a]) &&
                        tie.strength >= STRONG_SHARE * strongest(&g->account[b]));
}

static struct tie get_tie(const struct account *account, unsigned i)
{
    return (struct tie){account->link_strength[i], account->link_firm >> i & 1};
}

static void put_link(struct account *account, unsigned i, uint32_t b, struct tie tie)
{
    account->link[i] = b;
    account->link_strength[i] = tie.strength;
    account->link_firm = (uint8_t)((account->link_firm & ~(1u << i)) | (unsigned)tie.firm << i);
}

/* An account keeps its strongest links. One that joined two groups takes the place of the weakest:
 * without it they would fall apart when all links are judged again. */
static void remember_link(struct groups *g, uint32_t a, uint32_t b, struct tie tie, bool bridge)
{
    struct account *account = &g->account[a];
    unsigned weakest = 0;

    for (unsigned i = 0; i < account->link_count; i++) {
        if (account->link[i] == b) {
            put_link(account, i, b, tie);
            return;
        }
        if (account->link_strength[i] < account->link_strength[weakest])
            weakest = i;
    }
    if (account->link_count == ACCOUNT_LINKS) {
        if (bridge || tie.strength > account->link_strength[weakest])
            put_link(account, weakest, b, tie);
        return;
    }
    if (account->link_count == 0)
        g->linked[g->linked_count++] = a;
    put_link(account, account->link_count++, b, tie);
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

bool groups_link(struct groups *g, uint32_t a, uint32_t b, struct tie tie)
{
    bool apart =
        g->account[a].cluster == ACCOUNT_NONE || g->account[a].cluster != g->account[b].cluster;
    bool strong = is_strong(g, a, b, tie);

    if (strong && !join(g, a, b)) {
        g->counts.refused++;
        return false;
    }
    remember_link(g, a, b, tie, strong && apart);
    remember_link(g, b, a, tie, strong && apart);
    g->counts.linked++;
    return true;
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

void groups_adopt(struct groups *g, uint32_t a, uint32_t member)
{
    if (g->account[a].cluster != ACCOUNT_NONE)
        group_remove(g, a);
    if (!join(g, a, member))
        return;
    remember_link(g, a, member, (struct tie){0}, true);
    g->account[a].adopted = 1;
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

/* Whether the link holds under today's popularity; its strength is set anew. */
static bool still_holds(struct groups *g, const struct link_context *ctx, uint32_t a, unsigned i)
{
    struct account *account = &g->account[a];
    struct link_evidence evidence;

    if (!linkage_judge(ctx, a, account->link[i], &evidence))
        return false;
    put_link(account, i, account->link[i], evidence.tie);
    return true;
}

static bool still_strong(struct groups *g, const struct link_context *ctx, uint32_t a, unsigned i)
{
    (void)ctx;
    return is_strong(g, a, g->account[a].link[i], get_tie(&g->account[a], i));
}

/* Drops the links that `keep` denies, and accounts without any. */
static void filter_links(struct groups *g, const struct link_context *ctx,
                         bool (*keep)(struct groups *, const struct link_context *, uint32_t,
                                      unsigned))
{
    uint32_t kept = 0;

    for (uint32_t k = 0; k < g->linked_count; k++) {
        uint32_t a = g->linked[k];
        struct account *account = &g->account[a];
        unsigned count = 0;

        if (k + 2 * AHEAD < g->linked_count)
            account_prefetch_shown(&g->account[g->linked[k + 2 * AHEAD]]);
        if (k + AHEAD < g->linked_count)
            account_prefetch_linked(g->account, &g->account[g->linked[k + AHEAD]]);
        for (unsigned i = 0; i < account->link_count; i++)
            if (keep(g, ctx, a, i))
                put_link(account, count++, account->link[i], get_tie(account, i));
        account->link_count = (uint8_t)count;
        if (count > 0)
            g->linked[kept++] = a;
    }
    g->linked_count = kept;
}

/* Drops the links that no longer hold, and those that have become weak. */
static void judge_links(struct groups *g, const struct link_context *ctx)
{
    for (uint32_t k = 0; k < g->linked_count; k++)
        g->account[g->linked[k]].adopted = 0;
    filter_links(g, ctx, still_holds);
    filter_links(g, ctx, still_strong);
}

/* Accounts that lost their links are left out of all groups. */
static void leave_groups(struct groups *g)
{
    for (uint32_t slot = 0; slot < g->used; slot++) {
        uint32_t a = g->group[slot].first;

        if (!g->group[slot].id)
            continue;
        for (uint32_t i = 0; i < g->group[slot].member_count; i++) {
            struct account *account = &g->account[a];

            if (!components_has(g->components, a))
                account->cluster = ACCOUNT_NONE;
            a = account->next;
        }
    }
}

/* The group that most of the component's members were in, and how many; ACCOUNT_NONE when they were
 * in none. Notes for every group which component has most of its members. */
static uint32_t majority(struct groups *g, uint32_t from, uint32_t to, uint32_t root,
                         uint32_t *votes)
{
    uint32_t best = ACCOUNT_NONE;

    *votes = 0;
    for (uint32_t i = from; i < to; i++) {
        uint32_t slot = g->account[(uint32_t)components_member(g->components, i)].cluster;

        if (slot != ACCOUNT_NONE && ++g->tally[slot] > *votes) {
            *votes = g->tally[slot];
            best = slot;
        }
    }
    for (uint32_t i = from; i < to; i++) {
        uint32_t slot = g->account[(uint32_t)components_member(g->components, i)].cluster;

        if (slot == ACCOUNT_NONE)
            continue;
        if (g->tally[slot] > g->claim[slot].heir_votes) {
            g->claim[slot].heir = root;
            g->claim[slot].heir_votes = g->tally[slot];
        }
        g->tally[slot] = 0;
    }
    return best;
}

/* Every group goes to the component with most of its members; the first one of equals. */
static void settle_claims(struct groups *g, uint32_t count)
{
    for (uint32_t slot = 0; slot < g->used; slot++)
        g->claim[slot] = (struct claim){.root = ACCOUNT_NONE, .heir = ACCOUNT_NONE};
    for (uint32_t from = 0, to; from < count; from = to) {
        uint32_t root = (uint32_t)(components_member(g->components, from) >> 32);
        uint32_t votes, slot;

        to = components_end(g->components, from);
        slot = majority(g, from, to, root, &votes);
        if (slot != ACCOUNT_NONE && votes > g->claim[slot].votes) {
            g->claim[slot].root = root;
            g->claim[slot].votes = votes;
        }
    }
}

/* A group that no component claims went into another when most of its members did. */
static void close_empty(struct groups *g)
{
    for (uint32_t slot = 0; slot < g->used; slot++) {
        const struct claim *claim = &g->claim[slot];
        uint32_t heir;

        if (!g->group[slot].id || g->group[slot].member_count > 0)
            continue;
        heir = claim->heir == ACCOUNT_NONE ? ACCOUNT_NONE : g->account[claim->heir].cluster;
        if (heir != ACCOUNT_NONE && 2 * claim->heir_votes > claim->members)
            history_merge(g, &g->group[heir], &g->group[slot], claim->members);
        group_free(g, slot);
    }
}

static void regroup(struct groups *g, uint32_t count)
{
    for (uint32_t slot = 0; slot < g->used; slot++) {
        g->claim[slot].members = g->group[slot].member_count;
        g->group[slot].first = ACCOUNT_NONE;
        g->group[slot].member_count = 0;
    }
    for (uint32_t from = 0, to; from < count; from = to) {
        uint32_t root = (uint32_t)(components_member(g->components, from) >> 32);
        uint32_t votes, parent, slot;

        to = components_end(g->components, from);
        slot = parent = majority(g, from, to, root, &votes);
        if (parent == ACCOUNT_NONE || g->claim[parent].root != root)
            slot = group_new(g);
        if (slot != ACCOUNT_NONE && parent != ACCOUNT_NONE && slot != parent)
            history_split(g, slot, parent, from, to);
        for (uint32_t i = from; i < to; i++) {
            uint32_t a = (uint32_t)components_member(g->components, i);

            g->account[a].cluster = g->account[a].next = ACCOUNT_NONE;
            if (slot != ACCOUNT_NONE)
                group_add(g, slot, a);
        }
    }
    close_empty(g);
}

void groups_rebuild(struct groups *g, const struct link_context *ctx)
{
    struct linked linked = {.account = g->account, .index = g->linked};
    uint32_t count;

    judge_links(g, ctx);
    linked.count = g->linked_count;
    count = components_find(g->components, &linked, ctx);
    leave_groups(g);
    settle_claims(g, count);
    regroup(g, count);
}

void groups_set_time(struct groups *g, msec_t now)
{
    g->now = now;
}

void groups_exchange(struct groups *g, uint32_t slot, msec_t ts, unsigned tick, unsigned before)
{
    struct group *group = &g->group[slot];
    msec_t hour = ts - ts % MSEC_HOUR;
    msec_t index;

    coactivity_add(&group->coactivity, tick, before);
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
    for (uint32_t slot = 0; slot < g->used; slot++) {
        struct group *group = &g->group[slot];

        if (!group->id)
            continue;
        coactivity_hour(&group->coactivity,
                        4 * group->member_count <= HOUR_GROWTH_QUARTERS * group->hour_members);
        group->hour_members = group->member_count;
    }
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
           (size_t)g->account_max * sizeof *g->linked + components_memory(g->components);
}

void groups_state(struct groups *g, state_visit *visit, void *ctx)
{
    STATE_VISIT(g->linked_count);
    STATE_VISIT(g->used);
    STATE_VISIT(g->free_count);
    STATE_VISIT(g->last_id);
    STATE_VISIT(g->now);
    STATE_VISIT(g->counts);
    visit(ctx, g->group, (size_t)g->group_max * sizeof *g->group);
    visit(ctx, g->activity, (size_t)g->group_max * ACTIVITY_HOURS * sizeof *g->activity);
    visit(ctx, g->linked, (size_t)g->account_max * sizeof *g->linked);
    components_state(g->components, visit, ctx);
    visit(ctx, g->next_free, (size_t)g->group_max * sizeof *g->next_free);
    for (uint32_t slot = 0; slot < g->used; slot++) /* pointers are not state */
        g->group[slot].activity = g->activity + (size_t)slot * ACTIVITY_HOURS;
}
