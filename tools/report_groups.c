/* The groups: a ranked table, then each with the sum that makes its score, its activity, its
 * members and what to do. Single accounts at review follow in the same shape, shorter. */
#include "tools/charts.h"
#include "tools/report.h"
#include "tools/wording.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { COUNTED_SIZE = 96 };

/* Groups first..end-1 of the ranking. */
static void group_table(struct doc *doc, const struct report_data *data, uint32_t first,
                        uint32_t end)
{
    static const struct doc_column column[] = {
        {"Group", DOC_LEFT},        {"Level", DOC_LEFT},         {"Verdict", DOC_LEFT},
        {"Accounts", DOC_RIGHT},    {"Exchanges", DOC_RIGHT},    {"Before raised", DOC_RIGHT},
        {"Since (UTC)", DOC_RIGHT}, {"Raised (UTC)", DOC_RIGHT}, {"One operator?", DOC_RIGHT},
        {"Harvesting?", DOC_RIGHT},
    };

    doc_table(doc, "Groups by level, then by exchanges", column, sizeof column / sizeof *column);
    for (uint32_t i = first; i < end; i++) {
        const struct run_cluster *g = &data->run->cluster[data->group[i]];
        char text[WORDING_SIZE], anchor[32];

        (void)snprintf(anchor, sizeof anchor, "group-%u", i + 1);
        doc_row(doc);
        if (i < REPORT_GROUPS_FULL && g->level >= LEVEL_WATCH)
            doc_cell_link(doc, anchor, g->cluster);
        else
            doc_cell_name(doc, g->cluster);
        doc_cell_level(doc, level_name[g->level]);
        doc_cell(doc, "%s", *g->verdict ? g->verdict : "unclear");
        doc_cell(doc, "%s", word_count(g->members_stated, text));
        doc_cell(doc, "%s", word_count(g->exchanges, text));
        doc_cell(doc, "%s",
                 g->alert_ts == INT64_MIN ? "–" : word_count(g->exchanges_at_alert, text));
        doc_cell(doc, "%s", word_time(g->first_ts, text));
        doc_cell(doc, "%s", word_time(g->alert_ts, text));
        doc_cell(doc, "%s", word_probability(g->one_operator, text));
        doc_cell(doc, "%s", word_probability(g->harvesting, text));
    }
    doc_table_end(doc);
}

void report_evidence(struct doc *doc, const struct report_subject *s)
{
    static const struct doc_column column[] = {
        {"Signal", DOC_LEFT},    {"Nats", DOC_RIGHT},  {"Shared value", DOC_LEFT},
        {"Observed", DOC_RIGHT}, {"Usual", DOC_RIGHT}, {"Accounts behind the usual", DOC_RIGHT},
        {"In words", DOC_LEFT},
    };
    char text[WORDING_SIZE];

    doc_table(doc, "Evidence, line by line", column, sizeof column / sizeof *column);
    for (uint32_t i = 0; i < s->evidence_count; i++) {
        const struct run_evidence *e = &s->evidence[i];

        doc_row(doc);
        doc_cell(doc, "%s", word_signal(e->signal, text));
        doc_cell(doc, "%s", word_nats(s->shown[i], text));
        doc_cell_name(doc, e->value);
        doc_cell(doc, "%s", word_value(e->observed, text));
        doc_cell(doc, "%s", word_value(e->baseline, text));
        doc_cell(doc, "%s", e->baseline_accounts ? word_count(e->baseline_accounts, text) : "–");
        doc_cell(doc, "%s", e->note);
    }
    doc_row(doc);
    doc_cell(doc, "Sum: log-odds");
    doc_cell(doc, "%s", word_nats(s->shown_sum, text));
    doc_cell(doc, "%s", "");
    doc_cell(doc, "%s", "");
    doc_cell(doc, "%s", "");
    doc_cell(doc, "%s", "");
    doc_cell(doc, "a probability of %s", word_probability(s->score, text));
    doc_table_end(doc);
}

static void say_evidence(struct doc *doc, const struct report_subject *s, uint32_t i,
                         const char *separator)
{
    const struct run_evidence *e = &s->evidence[i];
    char signal[WORDING_SIZE], nats[WORDING_SIZE];

    doc_words(doc, "%s", separator);
    doc_strong(doc, "%s", word_signal(e->signal, signal));
    if (*e->value) {
        doc_words(doc, " ");
        doc_name(doc, e->value);
    }
    doc_words(doc, " (%s nats)", word_nats(s->shown[i], nats));
}

/* The strongest lines for and against, as a sentence. */
static void say_why(struct doc *doc, const struct report_subject *s)
{
    uint32_t said = 0;

    doc_paragraph(doc, NULL);
    doc_words(doc, "Mainly because of ");
    for (uint32_t i = 0; i < s->evidence_count && said < 3; i++)
        if (s->evidence[i].weight > 0 && !report_is_prior(&s->evidence[i]))
            say_evidence(doc, s, i, said++ ? ", " : "");
    if (said == 0)
        doc_words(doc, "nothing beyond the prior");
    doc_words(doc, ". ");
    said = 0;
    for (uint32_t i = s->evidence_count; i-- > 0 && said < 2;)
        if (s->evidence[i].weight < 0 && !report_is_prior(&s->evidence[i]))
            say_evidence(doc, s, i, said++ ? ", " : "Against it speaks ");
    doc_words(doc, said ? "." : "Nothing that was measured speaks against it.");
    doc_paragraph_end(doc);
}

static void say_when(struct doc *doc, const struct report_subject *g)
{
    char a[WORDING_SIZE], b[WORDING_SIZE], c[WORDING_SIZE];

    doc_paragraph(doc, NULL);
    doc_words(doc, "Active since %s, last seen %s UTC, %s exchanges. ", word_time(g->first_ts, a),
              word_time(g->last_ts, b), word_count(g->exchanges, c));
    if (g->alert_ts == INT64_MIN) {
        doc_words(doc, "It never reached review.");
    } else {
        doc_words(doc, "Raised %s, ", word_time(g->alert_ts, a));
        doc_strong(doc, "%s after its first exchange", word_span(g->alert_ts - g->first_ts, b));
        doc_words(doc, "; until then %s exchanges (%s) had leaked.",
                  word_count(g->exchanges_at_alert, a),
                  word_share((double)g->exchanges_at_alert / fmax(1, (double)g->exchanges), b));
    }
    for (uint32_t i = 0; i < g->group->past_count; i++) {
        const struct run_past *past = &g->group->past[i];

        doc_words(doc, "%s%s ", i ? ", " : " It ", word_past(past->what));
        doc_name(doc, past->cluster);
        doc_words(doc, " (%s UTC)", word_time(past->ts, a));
    }
    doc_words(doc, g->group->past_count ? "." : "");
    doc_paragraph_end(doc);
}

static void members(struct doc *doc, const struct run *run, const struct run_cluster *g)
{
    static const struct doc_column column[] = {{"Account", DOC_LEFT}};
    char total[WORDING_SIZE], shown[WORDING_SIZE];
    uint32_t first = g->member_count < REPORT_MEMBERS ? g->member_count : REPORT_MEMBERS;

    doc_details(doc, false, first < g->members_stated ? "Members: %s, %s shown" : "Members: %s",
                word_count(g->members_stated, total), word_count(first, shown));
    if (doc->form == DOC_HTML)
        doc_paragraph(doc, "members");
    else
        doc_table(doc, "Members", column, 1);
    for (uint32_t i = 0; i < first; i++) {
        const char *id = run->account[g->member[i]].account;

        if (doc->form == DOC_HTML) {
            doc_name(doc, id);
            doc_words(doc, " ");
        } else {
            doc_row(doc);
            doc_cell_name(doc, id);
        }
    }
    if (doc->form == DOC_HTML)
        doc_paragraph_end(doc);
    else
        doc_table_end(doc);
    doc_details_end(doc);
}

/* The numbers behind the picture; Markdown has neither. */
static void hours_table(struct doc *doc, const struct run_cluster *g)
{
    static const struct doc_column column[] = {{"From (UTC)", DOC_LEFT}, {"Exchanges", DOC_RIGHT}};
    uint32_t bin = chart_activity_bin(g->activity_hours);
    uint64_t sum = 0;

    if (doc->form != DOC_HTML)
        return;
    doc_details(doc, false, "The numbers of the picture");
    doc_table(doc, "Exchanges over time", column, 2);
    for (uint32_t i = 0; i < g->activity_hours; i++) {
        char text[WORDING_SIZE];

        sum += g->activity[i];
        if ((i + 1) % bin && i + 1 < g->activity_hours)
            continue;
        doc_row(doc);
        doc_cell(doc, "%s",
                 word_time(g->activity_from + (msec_t)(i / bin * bin) * MSEC_HOUR, text));
        doc_cell(doc, "%s", word_count(sum, text));
        sum = 0;
    }
    doc_table_end(doc);
    doc_details_end(doc);
}

/* A group that was put together anew counts from then on; its members' timelines tell the rest. */
static const char *counted_since(const struct run_cluster *g, char text[COUNTED_SIZE])
{
    char since[WORDING_SIZE];

    *text = '\0';
    if (g->activity_from > g->first_ts)
        (void)snprintf(text, COUNTED_SIZE, " Counted since the group took its present form, %s.",
                       word_time(g->activity_from, since));
    return text;
}

static void activity(struct doc *doc, const struct report_subject *g)
{
    uint32_t bin = chart_activity_bin(g->group->activity_hours);
    char since[COUNTED_SIZE];

    (void)counted_since(g->group, since);

    if (g->alert_ts == INT64_MIN)
        doc_figure(doc, chart_activity, g,
                   "Exchanges per %u h. Look for pauses and steps; nothing was raised.%s", bin,
                   since);
    else
        doc_figure(doc, chart_activity, g,
                   "Exchanges per %u h. Look at what lies left of the mark: that leaked before the "
                   "group was raised; what lies right of it happened in full view.%s",
                   bin, since);
}

static void advice(struct doc *doc, const struct report_subject *s, uint32_t rank)
{
    char anchor[32];
    const char *const *step = word_advice(s->verdict, s->level, s->account == NULL);

    (void)snprintf(anchor, sizeof anchor, "next-%u", rank);
    doc_section(doc, 4, anchor, "What to do next");
    doc_list(doc);
    for (; *step; step++)
        doc_item(doc, "%s", *step);
    doc_list_end(doc);
    doc_section_end(doc);
}

static void group(struct doc *doc, const struct run *run, const struct report_subject *g,
                  uint32_t rank)
{
    char anchor[32], text[WORDING_SIZE], chance[WORDING_SIZE];

    (void)snprintf(anchor, sizeof anchor, "group-%u", rank);
    doc_section(doc, 3, anchor, "%s: %s, %s accounts", g->id, g->verdict,
                word_count(g->group->members_stated, text));
    doc_say(doc, "note", "Level %s, %s: %s. In short: %s.", level_name[g->level],
            word_probability(g->score, chance), word_level(g->level), word_verdict(g->verdict));
    doc_meter(doc, "One operator?", g->group->one_operator,
              word_probability(g->group->one_operator, text));
    doc_meter(doc, "Harvesting?", g->group->harvesting,
              word_probability(g->group->harvesting, text));
    say_when(doc, g);
    say_why(doc, g);
    doc_details(doc, rank <= REPORT_GROUPS_OPEN, "Why: the evidence behind %s", g->id);
    doc_figure(doc, chart_waterfall, g,
               "From the base rate at the top to the sum at the bottom, in nats. Look for the "
               "longest bars: to the right they speak for a harvest, to the left against it. A "
               "sum above 0 is more likely than not.");
    report_evidence(doc, g);
    doc_details_end(doc);
    if (g->group->activity_hours) {
        activity(doc, g);
        hours_table(doc, g->group);
    }
    report_group_pictures(doc, run, g, rank);
    members(doc, run, g->group);
    advice(doc, g, rank);
    doc_section_end(doc);
}

/* Groups that came together without looking like a harvest: told, but not in the way. */
static void groups_below_watch(struct doc *doc, const struct report_data *data, uint32_t first)
{
    uint32_t all = data->run->cluster_count;
    uint32_t end = all < REPORT_GROUPS_TABLE ? all : REPORT_GROUPS_TABLE;
    char text[WORDING_SIZE];

    if (first >= all)
        return;
    doc_details(doc, false, "Groups below watch: %s", word_count(all - first, text));
    if (first < end)
        group_table(doc, data, first, end);
    if (end < all)
        doc_say(doc, "note", "All are in clusters.jsonl.");
    doc_details_end(doc);
}

void report_groups(struct doc *doc, const struct report_data *data)
{
    uint32_t count = report_groups_watched(data);
    uint32_t shown = count < REPORT_GROUPS_TABLE ? count : REPORT_GROUPS_TABLE;
    uint32_t full = shown < REPORT_GROUPS_FULL ? shown : REPORT_GROUPS_FULL;
    char text[WORDING_SIZE];

    doc_section(doc, 2, "groups", "Groups");
    if (count == 0)
        doc_say(doc, NULL, "No group of accounts stood out.");
    else
        group_table(doc, data, 0, shown);
    if (shown < count)
        doc_say(doc, "note", "%s further groups are in clusters.jsonl.",
                word_count(count - shown, text));
    if (full < shown)
        doc_say(doc, "note",
                "The first %u follow in full; \"stillwatch explain\" tells the others.", full);
    groups_below_watch(doc, data, count);
    for (uint32_t i = 0; i < full; i++) {
        struct report_subject g;

        report_subject_group(data->run, data->group[i], &g);
        group(doc, data->run, &g, i + 1);
    }
    doc_section_end(doc);
}

static void account_row(struct doc *doc, const struct report_subject *a)
{
    uint32_t top = a->evidence_count > 1 && report_is_prior(&a->evidence[0]);
    char text[WORDING_SIZE], nats[WORDING_SIZE];

    doc_row(doc);
    doc_cell_name(doc, a->id);
    doc_cell_level(doc, level_name[a->level]);
    doc_cell(doc, "%s", word_probability(a->score, text));
    doc_cell(doc, "%s", word_count(a->exchanges, text));
    doc_cell(doc, "%s", word_time(a->alert_ts, text));
    if (a->evidence_count)
        doc_cell(doc, "%s (%s)", word_signal(a->evidence[top].signal, text),
                 word_nats(a->shown[top], nats));
    else
        doc_cell(doc, "–");
}

void report_accounts(struct doc *doc, const struct report_data *data)
{
    static const struct doc_column column[] = {
        {"Account", DOC_LEFT},    {"Level", DOC_LEFT},         {"Probability", DOC_RIGHT},
        {"Exchanges", DOC_RIGHT}, {"Raised (UTC)", DOC_RIGHT}, {"Strongest evidence", DOC_LEFT},
    };
    uint32_t count = data->account_count < REPORT_ACCOUNTS ? data->account_count : REPORT_ACCOUNTS;

    doc_section(doc, 2, "accounts", "Single accounts");
    if (count == 0) {
        doc_say(doc, NULL, "No account outside of groups is at review.");
        doc_section_end(doc);
        return;
    }
    doc_say(doc, NULL,
            "Accounts at review that belong to no group: %u%s. One account alone is weak evidence: "
            "look before acting.",
            data->account_count, count < data->account_count ? ", the first 50 here" : "");
    doc_table(doc, "Accounts at review outside of groups", column, sizeof column / sizeof *column);
    for (uint32_t i = 0; i < count; i++) {
        struct report_subject a;

        report_subject_account(data->run, data->account[i], &a);
        account_row(doc, &a);
    }
    doc_table_end(doc);
    doc_section_end(doc);
}
