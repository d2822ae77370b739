#include "tools/cluster_graph.h"

#include "base/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_DIGITS = 4 };

/* Next to common: what is shared so often holds nothing together. */
static const double WEIGHT_MIN = 1.0;

/* A value at a member, then a value with the members that show it. Small: there are as many as
 * members show values. */
struct hub_count {
    uint64_t key;
    uint32_t member, members; /* one that shows it, an account's index; all that do */
    double weight;
};

struct counted {
    struct hub_count *item;
    uint32_t count;
};

/* Which of the hubs a member shows, as bits. */
struct node {
    uint32_t shows, members;
    uint32_t account; /* the first one */
};

struct graph {
    struct {
        struct shared_value shared;
        uint32_t members;
    } hub[GRAPH_HUBS_MAX];
    struct node *node; /* one a member, then one a combination */
    uint32_t hub_count, node_count;
};

static int by_key(const void *a, const void *b)
{
    const struct hub_count *x = a, *y = b;

    return (x->key > y->key) - (x->key < y->key);
}

/* Nats that a hub brings in, over all members. */
static double holds(const struct hub_count *h)
{
    return h->members * h->weight;
}

static int by_hold(const void *a, const void *b)
{
    const struct hub_count *x = a, *y = b;

    if (holds(x) != holds(y))
        return holds(x) > holds(y) ? -1 : 1;
    return by_key(a, b);
}

static int by_combination(const void *a, const void *b)
{
    const struct node *x = a, *y = b;

    if (x->shows != y->shows)
        return x->shows < y->shows ? -1 : 1;
    return (x->account > y->account) - (x->account < y->account);
}

static int by_members(const void *a, const void *b)
{
    const struct node *x = a, *y = b;

    if (x->members != y->members)
        return x->members > y->members ? -1 : 1;
    return by_combination(a, b);
}

/* Each value that holds more than one member together, once. */
static void count_equal(struct counted *all)
{
    uint32_t kept = 0, end;

    qsort(all->item, all->count, sizeof *all->item, by_key);
    for (uint32_t i = 0; i < all->count; i = end) {
        for (end = i + 1; end < all->count && all->item[end].key == all->item[i].key; end++)
            ;
        if (end - i < 2 || all->item[i].weight < WEIGHT_MIN)
            continue;
        all->item[kept] = all->item[i];
        all->item[kept++].members = end - i;
    }
    all->count = kept;
}

static int add_member(struct counted *all, const struct detector *detector, uint32_t member)
{
    struct shared_value shared[SHARED_VALUES_MAX];
    uint32_t n = detector_account_values(detector, member, shared);

    for (uint32_t k = 0; k < n; k++) {
        if ((all->count & (all->count - 1)) == 0) { /* full: capacities are powers of two */
            size_t room = all->count ? 2 * (size_t)all->count : 1;
            struct hub_count *more = realloc(all->item, room * sizeof *more);

            if (!more)
                return -ENOMEM;
            all->item = more;
        }
        all->item[all->count++] = (struct hub_count){shared[k].key, member, 1, shared[k].weight};
    }
    return 0;
}

/* The value again, from a member that shows it. */
static struct shared_value look_up(const struct detector *detector, const struct hub_count *h)
{
    struct shared_value shared[SHARED_VALUES_MAX];
    uint32_t n = detector_account_values(detector, h->member, shared), k = 0;

    while (k + 1 < n && shared[k].key != h->key)
        k++;
    return shared[k];
}

/* Takes a value up unless there are enough of its kind. */
static void take_hub(struct graph *graph, const struct shared_value *shared, uint32_t members)
{
    uint32_t max = strcmp(shared->kind, "template") == 0 ? 1 : GRAPH_HUBS_OF_KIND, of_kind = 0;

    for (uint32_t i = 0; i < graph->hub_count; i++)
        of_kind += strcmp(graph->hub[i].shared.kind, shared->kind) == 0;
    if (of_kind >= max)
        return;
    graph->hub[graph->hub_count].shared = *shared;
    graph->hub[graph->hub_count++].members = members;
}

static int choose_hubs(struct graph *graph, const struct detector *detector,
                       const struct cluster_view *c)
{
    struct counted all = {NULL, 0};
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < c->member_count; i++)
        r = add_member(&all, detector, c->member[i]);
    if (r == 0 && all.count) {
        count_equal(&all);
        qsort(all.item, all.count, sizeof *all.item, by_hold);
        for (uint32_t i = 0; i < all.count && graph->hub_count < GRAPH_HUBS_MAX; i++) {
            struct shared_value shared = look_up(detector, &all.item[i]);

            take_hub(graph, &shared, all.item[i].members);
        }
    }
    free(all.item);
    return r;
}

static uint32_t shown_by(const struct graph *graph, const struct detector *detector,
                         uint32_t account)
{
    struct shared_value shared[SHARED_VALUES_MAX];
    uint32_t n = detector_account_values(detector, account, shared), shows = 0;

    for (uint32_t k = 0; k < n; k++)
        for (uint32_t h = 0; h < graph->hub_count; h++)
            if (graph->hub[h].shared.key == shared[k].key)
                shows |= 1u << h;
    return shows;
}

static int combine_members(struct graph *graph, const struct detector *detector,
                           const struct cluster_view *c)
{
    uint32_t kept = 0;

    graph->node = calloc((size_t)c->member_count + 1, sizeof *graph->node);
    if (!graph->node)
        return -ENOMEM;
    for (uint32_t i = 0; i < c->member_count; i++)
        graph->node[i] = (struct node){shown_by(graph, detector, c->member[i]), 1, c->member[i]};
    qsort(graph->node, c->member_count, sizeof *graph->node, by_combination);
    for (uint32_t i = 0; i < c->member_count; i++) {
        if (kept && graph->node[kept - 1].shows == graph->node[i].shows)
            graph->node[kept - 1].members++;
        else
            graph->node[kept++] = graph->node[i];
    }
    qsort(graph->node, kept, sizeof *graph->node, by_members);
    graph->node_count = kept;
    return 0;
}

static void hubs_write(struct json_write *w, const struct graph *graph)
{
    json_write_open(w, "shared", '[');
    for (uint32_t i = 0; i < graph->hub_count; i++) {
        const struct shared_value *shared = &graph->hub[i].shared;
        uint64_t members = graph->hub[i].members;

        json_write_open(w, NULL, '{');
        json_write_text(w, "kind", shared->kind);
        json_write_text(w, "help", shared->help);
        if (shared->value.p)
            json_write_str(w, "value", shared->value);
        json_write_u64(w, "members", members);
        json_write_u64(w, "accounts",
                       shared->account_count > members ? shared->account_count : members);
        json_write_f64(w, "weight", shared->weight, VALUE_DIGITS);
        json_write_close(w, '}');
    }
    json_write_close(w, ']');
}

static void nodes_write(struct json_write *w, const struct graph *graph,
                        const struct detector *detector)
{
    uint64_t members = 0;
    uint32_t shown = graph->node_count < GRAPH_NODES_MAX ? graph->node_count : GRAPH_NODES_MAX;

    json_write_open(w, "nodes", '[');
    for (uint32_t i = 0; i < shown; i++) {
        const struct node *n = &graph->node[i];
        struct account_view account;

        json_write_open(w, NULL, '{');
        json_write_u64(w, "members", n->members);
        json_write_open(w, "shows", '[');
        for (uint32_t h = 0; h < graph->hub_count; h++)
            if (n->shows >> h & 1)
                json_write_u64(w, NULL, h);
        json_write_close(w, ']');
        if (detector_account_view(detector, n->account, &account))
            json_write_str(w, "account", account.account);
        json_write_close(w, '}');
    }
    json_write_close(w, ']');
    for (uint32_t i = shown; i < graph->node_count; i++)
        members += graph->node[i].members;
    json_write_open(w, "others", '{');
    json_write_u64(w, "nodes", graph->node_count - shown);
    json_write_u64(w, "members", members);
    json_write_close(w, '}');
}

int cluster_graph_write(struct json_write *w, const struct detector *detector,
                        const struct cluster_view *cluster)
{
    struct graph graph = {.hub_count = 0};
    int r = choose_hubs(&graph, detector, cluster);

    if (r == 0)
        r = combine_members(&graph, detector, cluster);
    if (r == 0) {
        json_write_open(w, "graph", '{');
        hubs_write(w, &graph);
        nodes_write(w, &graph, detector);
        json_write_close(w, '}');
    }
    free(graph.node);
    return r;
}
