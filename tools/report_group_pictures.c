/* A group's graph and its members' activity, each with its numbers. */
#include "tools/charts.h"
#include "tools/report.h"
#include "tools/wording.h"

#include <math.h>
#include <stdio.h>

static void raster_table(struct doc *doc, const struct raster *raster)
{
    static const struct doc_column column[] = {
        {"Account", DOC_LEFT},    {"First (UTC)", DOC_RIGHT},  {"Last (UTC)", DOC_RIGHT},
        {"Exchanges", DOC_RIGHT}, {"Active cells", DOC_RIGHT}, {"Raised (UTC)", DOC_RIGHT},
    };

    doc_details(doc, false, "The numbers of the picture");
    doc_table(doc, "Accounts of the picture, from top to bottom", column,
              sizeof column / sizeof *column);
    for (uint32_t i = 0; i < raster->row_count; i++) {
        const struct run_account *a = raster->row[i].account;
        char text[WORDING_SIZE], all[WORDING_SIZE];

        doc_row(doc);
        doc_cell_name(doc, a->account);
        doc_cell(doc, "%s", word_time(a->first_ts, text));
        doc_cell(doc, "%s", word_time(a->last_ts, text));
        doc_cell(doc, "%s", word_count(a->exchanges, text));
        doc_cell(doc, "%s of %s", word_count(raster_active(raster, &raster->row[i]), text),
                 word_count(raster->cell_count, all));
        doc_cell(doc, "%s", word_time(a->alert_ts, text));
    }
    doc_table_end(doc);
    doc_details_end(doc);
}

/* A picture without a counterpart in Markdown. */
static void activity_of_members(struct doc *doc, const struct run *run,
                                const struct report_subject *g, uint32_t rank)
{
    uint32_t rows = rank <= REPORT_GROUPS_OPEN ? REPORT_RASTER_ROWS : REPORT_RASTER_FEW;
    AUTO(raster_free) struct raster *raster = NULL;
    struct chart_raster picture = {.alert_ts = g->alert_ts};
    char shown[WORDING_SIZE], all[WORDING_SIZE], anchor[32];
    char rows_shown[3 * WORDING_SIZE];

    if (doc->form != DOC_HTML || raster_new(run, g->group, rows, &raster) < 0 || !raster)
        return;
    picture.raster = raster;
    if (raster->row_count < raster->members)
        (void)snprintf(rows_shown, sizeof rows_shown, "%s of %s, in even steps",
                       word_count(raster->row_count, shown), word_count(raster->members, all));
    else
        (void)snprintf(rows_shown, sizeof rows_shown, "all %s",
                       word_count(raster->row_count, shown));
    (void)snprintf(anchor, sizeof anchor, "when-%u", rank);
    doc_section(doc, 4, anchor, "Who was active when");
    doc_figure(doc, chart_raster, &picture,
               "Each row is an account (%s), in the order of first exchanges; "
               "a cell is %u h, stronger with more exchanges. Look for rows that begin and pause "
               "together (synchrony: edges that run straight down), for the same tone in all rows "
               "(load balancing), for rows that begin where others end (fail-over: a staircase)%s. "
               "The short strokes are the accounts' alarms: what lies left of them leaked.",
               rows_shown, (unsigned)(raster->width_ms / MSEC_HOUR),
               raster->newest ? ", and for rows that change colour together (a release-day pivot)"
                              : "");
    raster_table(doc, raster);
    doc_section_end(doc);
}

/* "1, 3, 4": the hubs that a node shows, counted from 1 as in the table. */
static const char *hub_list(uint32_t shows, char *text, size_t size)
{
    size_t n = 0;

    (void)snprintf(text, size, "none");
    for (uint32_t h = 0; shows >> h && n < size; h++)
        if (shows >> h & 1)
            n += (size_t)snprintf(text + n, size - n, "%s%u", n ? ", " : "", h + 1);
    return text;
}

static void shared_table(struct doc *doc, const struct run_cluster *g)
{
    static const struct doc_column column[] = {
        {"No.", DOC_LEFT},          {"Shared", DOC_LEFT}, {"Value", DOC_LEFT},
        {"Members", DOC_RIGHT},     {"Share", DOC_RIGHT}, {"Accounts on the platform", DOC_RIGHT},
        {"Nats a pair", DOC_RIGHT},
    };

    doc_table(doc,
              "Values that members share; a pair that shares one is so much more likely one "
              "operator's",
              column, sizeof column / sizeof *column);
    for (uint32_t i = 0; i < g->graph.shared_count; i++) {
        const struct run_shared *s = &g->graph.shared[i];
        char text[WORDING_SIZE];

        doc_row(doc);
        doc_cell(doc, "%u", i + 1);
        doc_cell(doc, "%s", *s->help ? s->help : s->kind);
        doc_cell_name(doc, s->value);
        doc_cell(doc, "%s", word_count(s->members, text));
        doc_cell(doc, "%s",
                 word_share((double)s->members / fmax(1, (double)g->members_stated), text));
        doc_cell(doc, "%s", word_count(s->accounts, text));
        doc_cell(doc, "%s", word_nats(s->weight, text));
    }
    doc_table_end(doc);
}

static void node_table(struct doc *doc, const struct run_cluster *g)
{
    static const struct doc_column column[] = {
        {"Show together", DOC_LEFT}, {"Members", DOC_RIGHT}, {"One of them", DOC_LEFT}};
    char text[WORDING_SIZE], other[WORDING_SIZE];

    doc_table(doc, "Members by the values that they show together", column, 3);
    for (uint32_t i = 0; i < g->graph.node_count; i++) {
        const struct run_node *n = &g->graph.node[i];

        doc_row(doc);
        doc_cell(doc, "%s", hub_list(n->shows, text, sizeof text));
        doc_cell(doc, "%s", word_count(n->members, other));
        doc_cell_name(doc, n->account);
    }
    if (g->graph.other_members) {
        doc_row(doc);
        doc_cell(doc, "%s other combinations", word_count(g->graph.other_nodes, text));
        doc_cell(doc, "%s", word_count(g->graph.other_members, other));
        doc_cell(doc, "%s", "");
    }
    doc_table_end(doc);
}

static void graph(struct doc *doc, const struct run_cluster *g, uint32_t rank)
{
    char anchor[32];

    if (g->graph.shared_count == 0)
        return;
    (void)snprintf(anchor, sizeof anchor, "shared-%u", rank);
    doc_section(doc, 4, anchor, "What holds it together");
    doc_figure(doc, chart_graph, g,
               "What holds the group together: shared values on the left, members on the right, "
               "those that show the same ones as one dot, larger with more of them. Strong colour: "
               "hardly anybody else on the platform shows the value. Look for one value that "
               "reaches most members, and for members that hang on by a common value alone: these "
               "are the ones that may be here by mistake.");
    doc_details(doc, false, "In numbers: shared values, and who shows which of them");
    shared_table(doc, g);
    node_table(doc, g);
    doc_details_end(doc);
    doc_section_end(doc);
}

void report_group_pictures(struct doc *doc, const struct run *run, const struct report_subject *g,
                           uint32_t rank)
{
    activity_of_members(doc, run, g, rank);
    graph(doc, g->group, rank);
}
