/* Shared values on the left, members on the right, a line for each "shows". Both sides are laid out
 * by fixed rules, so that the same run gives the same picture: members in the order of their mean
 * neighbour (the barycentre method of Sugiyama, Tagawa and Toda, IEEE SMC 11, 1981), which keeps
 * lines from crossing. */
#include "tools/chart_parts.h"
#include "tools/charts.h"
#include "tools/cluster_graph.h"
#include "tools/svg.h"
#include "tools/wording.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum { HUB_X = 330, NODE_X = 640, TOP = 14, HUB_ROW = 42, NODE_ROW = 24, BOTTOM = 30 };
enum { VALUE_CHARS = 22, EXAMPLE_CHARS = 18 };

/* From this share on a value is the group's own: nobody else of note shows it. */
static const double OWN_SHARE = 0.9;

struct placed {
    double barycentre, y;
    uint32_t index;
};

static int by_barycentre(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;

    if (x->barycentre != y->barycentre)
        return x->barycentre < y->barycentre ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* Mean place of the hubs that a node shows; without any, below all. */
static double mean_hub(const struct run_graph *g, const struct run_node *n)
{
    double sum = 0, count = 0;

    for (uint32_t h = 0; h < g->shared_count; h++) {
        sum += n->shows >> h & 1 ? h : 0;
        count += n->shows >> h & 1;
    }
    return count > 0 ? sum / count : GRAPH_HUBS_MAX;
}

static bool is_own(const struct run_shared *s)
{
    return (double)s->members >= OWN_SHARE * (double)s->accounts;
}

static double radius(uint64_t members, uint64_t all)
{
    return 3 + 8 * sqrt((double)members / fmax(1, (double)all));
}

static void edge(FILE *out, const struct run_shared *s, double hub_y, double node_y, double width)
{
    double middle = (HUB_X + NODE_X) / 2.0;

    (void)fprintf(out,
                  "<path class=\"edge %s\" stroke-width=\"%.1f\" d=\"M%d %.1fC%.1f %.1f %.1f %.1f "
                  "%d %.1f\"/>\n",
                  is_own(s) ? "own" : "also", width, HUB_X, hub_y, middle, hub_y, middle, node_y,
                  NODE_X, node_y);
}

static void hub_draw(FILE *out, const struct run_cluster *c, const struct run_shared *s, double y)
{
    const char *help = *s->help ? s->help : s->kind;
    uint64_t others = s->accounts - (s->members < s->accounts ? s->members : s->accounts);
    char members[WORDING_SIZE], other[WORDING_SIZE], value[256];

    (void)snprintf(value, sizeof value, "%s", s->value);
    chart_cut(value, sizeof value, VALUE_CHARS);
    (void)word_count(s->members, members);
    if (others)
        (void)word_count(others, other);
    else
        (void)snprintf(other, sizeof other, "no");
    svg_text(out, "label", SVG_END, HUB_X - 16, y - 2, "%s", help);
    svg_text(out, "muted", SVG_END, HUB_X - 16, y + 12, "%s%s%s members, %s other%s", value,
             *value ? ": " : "", members, other, others == 1 ? "" : "s");
    svg_group_open(out, "%s %s: %s members of the group, %s other accounts", help, s->value,
                   members, other);
    svg_circle(out, is_own(s) ? "hub own" : "hub also", HUB_X, y,
               radius(s->members, c->members_stated));
    svg_group_close(out);
}

static void node_draw(FILE *out, const struct run_cluster *c, const struct run_node *n, double y)
{
    char count[WORDING_SIZE], example[256];

    (void)word_count(n->members, count);
    svg_group_open(out, "%s accounts, such as %s", count, n->account);
    svg_circle(out, "node", NODE_X, y, radius(n->members, c->members_stated));
    svg_group_close(out);
    svg_text(out, "label", SVG_START, NODE_X + 16, y + 4, "%s account%s%s", count,
             n->members == 1 ? "" : "s", n->shows ? "" : " with none of these");
    (void)snprintf(example, sizeof example, "%s", n->account);
    chart_cut(example, sizeof example, EXAMPLE_CHARS);
    if (n->shows)
        svg_text(out, "muted", SVG_START, NODE_X + 104, y + 4, "%s", example);
}

static void place(const struct run_graph *g, double height, struct placed *node, double *hub_y)
{
    for (uint32_t i = 0; i < g->node_count; i++)
        node[i] = (struct placed){mean_hub(g, &g->node[i]), 0, i};
    qsort(node, g->node_count, sizeof *node, by_barycentre);
    for (uint32_t i = 0; i < g->node_count; i++)
        node[i].y = TOP + height * (i + 0.5) / g->node_count;
    for (uint32_t h = 0; h < g->shared_count; h++)
        hub_y[h] = TOP + height * (h + 0.5) / g->shared_count;
}

void chart_graph(FILE *out, const void *cluster)
{
    const struct run_cluster *c = cluster;
    const struct run_graph *g = &c->graph;
    double height = fmax(HUB_ROW * (double)g->shared_count, NODE_ROW * (double)g->node_count);
    struct placed node[GRAPH_NODES_MAX];
    double hub_y[GRAPH_HUBS_MAX];
    char a[WORDING_SIZE], b[WORDING_SIZE];

    place(g, height, node, hub_y);
    svg_open(out, CHART_WIDTH, TOP + height + BOTTOM,
             "The values that the group's accounts share, and who shows which");
    for (uint32_t i = 0; i < g->node_count; i++) {
        const struct run_node *n = &g->node[node[i].index];
        double width = 1 + 5 * sqrt((double)n->members / fmax(1, (double)c->members_stated));

        for (uint32_t h = 0; h < g->shared_count; h++)
            if (n->shows >> h & 1)
                edge(out, &g->shared[h], hub_y[h], node[i].y, width);
    }
    for (uint32_t h = 0; h < g->shared_count; h++)
        hub_draw(out, c, &g->shared[h], hub_y[h]);
    for (uint32_t i = 0; i < g->node_count; i++)
        node_draw(out, c, &g->node[node[i].index], node[i].y);
    if (g->other_members)
        svg_text(out, "muted", SVG_START, NODE_X + 16, TOP + height + 16,
                 "and %s in %s other combinations", word_count(g->other_members, a),
                 word_count(g->other_nodes, b));
    svg_close(out);
}
