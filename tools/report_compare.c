#include "tools/report_compare.h"

#include "tools/compare.h"
#include "tools/json_save.h"
#include "tools/report.h"
#include "tools/svg.h"
#include "tools/text_file.h"
#include "tools/wording.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { CELL_SIZE = 96 };

/* What is compared; everything is borrowed. */
struct compare_report {
    const char *before_name, *after_name; /* folders */
    const struct run *before, *after;     /* with the evidence of all accounts */
    const struct compare *compare;
};

/* ---- the first paragraph ---- */

static void say_row(struct doc *doc, const struct compare *c, const char *name, const char *whom)
{
    const struct compare_row *row = compare_row(c, name);
    const struct paired *p = row ? &row->paired : NULL;
    char a[WORDING_SIZE], b[WORDING_SIZE], of[WORDING_SIZE];

    if (!p)
        return;
    doc_words(doc, " Of %s %s, %s were flagged before and ", word_count(p->of, of), whom,
              word_count(p->both + p->first_only, a));
    doc_strong(doc, "%s are now", word_count(p->both + p->second_only, b));
    doc_words(doc, " (%+.3g points, 95 %% interval %+.3g to %+.3g, McNemar p %.2g).",
              100 * p->difference, 100 * p->low, 100 * p->high, p->p);
}

static void say_what_changed(struct doc *doc, const struct compare_report *r)
{
    const struct compare *c = r->compare;
    char a[WORDING_SIZE], b[WORDING_SIZE];

    doc_paragraph(doc, "lead");
    doc_strong(doc, "%s accounts are newly flagged and %s no longer", word_count(c->newly_count, a),
               word_count(c->no_longer_count, b));
    doc_words(doc, ", of %s; flagged means level %s or above.", word_count(c->accounts, a),
              level_name[c->level]);
    say_row(doc, c, "distilling", "distilling accounts");
    say_row(doc, c, "benign", "benign accounts");
    doc_paragraph_end(doc);
    doc_paragraph(doc, "note");
    doc_words(doc, "Before: ");
    doc_name(doc, r->before_name);
    doc_words(doc, ". After: ");
    doc_name(doc, r->after_name);
    doc_words(doc,
              ". Intervals are Newcombe's for paired shares (method 10, Statistics in Medicine "
              "17, 2635, 1998); p is McNemar's exact test of the accounts that changed.");
    doc_paragraph_end(doc);
    if (c->only_before + c->only_after + c->differing > 0)
        doc_say(doc, "note warn",
                "%" PRIu64 " accounts are in one run alone and %" PRIu64
                " count other exchanges: the runs forgot different accounts.",
                c->only_before + c->only_after, c->differing);
}

/* ---- differences as a picture and a table ---- */

enum { ROW = 26, LEFT = 190, RIGHT = 900, TOP = 10, AXIS = 44 };

/* Populations in which nothing changed are left to the table: small ones have wide intervals that
 * would dwarf the others. */
static bool is_drawn(const struct compare_row *row)
{
    return row->whole || row->paired.first_only + row->paired.second_only > 0;
}

static double reach(const struct compare *c)
{
    double most = 0.001;

    for (uint32_t i = 0; i < c->row_count; i++)
        if (is_drawn(&c->row[i]))
            most = fmax(most, fmax(fabs(c->row[i].paired.low), fabs(c->row[i].paired.high)));
    return most;
}

static double place(double value, double most)
{
    return LEFT + (RIGHT - LEFT) * (value + most) / (2 * most);
}

/* One line per row: the interval of the difference, and the difference as a dot. ctx: struct
 * compare. */
static void draw_differences(FILE *out, const void *ctx)
{
    const struct compare *c = ctx;
    double most = reach(c), step = svg_step(200 * most, 8) / 100;
    double y = TOP + ROW / 2.0, bottom = TOP;

    for (uint32_t i = 0; i < c->row_count; i++)
        bottom += is_drawn(&c->row[i]) ? ROW : 0;
    svg_open(out, RIGHT + 20, bottom + AXIS, "Change of the share flagged, by population");
    for (double v = -floor(most / step) * step; v <= most + 1e-12; v += step) {
        bool zero = fabs(v) < step / 2;

        svg_line(out, zero ? "axis" : "grid", place(v, most), TOP, place(v, most), bottom);
        svg_text(out, "muted", SVG_MIDDLE, place(v, most), bottom + 16, "%+.3g",
                 zero ? 0 : 100 * v);
    }
    svg_text(out, "muted", SVG_MIDDLE, place(0, most), bottom + 34,
             "change of the share flagged, percentage points");
    for (uint32_t i = 0; i < c->row_count; i++) {
        const struct compare_row *row = &c->row[i];

        if (!is_drawn(row))
            continue;
        svg_text(out, row->whole ? "label strong" : "label", SVG_START, 0, y + 4, "%.26s",
                 row->name);
        svg_line(out, "mark", place(row->paired.low, most), y, place(row->paired.high, most), y);
        svg_rect(out, row->wanted ? "for" : "against", place(row->paired.difference, most) - 4,
                 y - 4, 8, 8);
        y += ROW;
    }
    svg_close(out);
}

static void differences(struct doc *doc, const struct compare *c)
{
    static const struct doc_column column[] = {
        {"Accounts of", DOC_LEFT},     {"Accounts", DOC_RIGHT},      {"Before", DOC_RIGHT},
        {"After", DOC_RIGHT},          {"Newly", DOC_RIGHT},         {"No longer", DOC_RIGHT},
        {"Change, points", DOC_RIGHT}, {"95 % interval", DOC_RIGHT}, {"p", DOC_RIGHT}};

    doc_section(doc, 2, "rows", "By class and population");
    doc_figure(doc, draw_differences, c,
               "Change of the share that is flagged, with 95 %% intervals. For distilling accounts "
               "(vermillion) right is better, for all others (blue) left is. An interval that "
               "crosses the middle line shows no change; populations without any stand in the "
               "table alone.");
    doc_table(doc, "Every account is in one row per class and one per population", column,
              sizeof column / sizeof *column);
    for (uint32_t i = 0; i < c->row_count; i++) {
        const struct paired *p = &c->row[i].paired;
        char text[WORDING_SIZE];

        doc_row(doc);
        doc_cell(doc, "%s", c->row[i].name);
        doc_cell(doc, "%s", word_count(p->of, text));
        doc_cell(doc, "%s", word_count(p->both + p->first_only, text));
        doc_cell(doc, "%s", word_count(p->both + p->second_only, text));
        doc_cell(doc, "%s", word_count(p->second_only, text));
        doc_cell(doc, "%s", word_count(p->first_only, text));
        doc_cell(doc, "%+.3g", 100 * p->difference);
        doc_cell(doc, "%+.3g to %+.3g", 100 * p->low, 100 * p->high);
        doc_cell(doc, "%.2g", p->p);
    }
    doc_table_end(doc);
    doc_section_end(doc);
}

/* ---- who changed ---- */

static double weight_of(const struct run_account *a, const char *signal)
{
    double sum = 0;

    for (uint32_t i = 0; a && i < a->evidence.count; i++)
        if (strcmp(a->evidence.item[i].signal, signal) == 0)
            sum += a->evidence.item[i].weight;
    return sum;
}

/* The signal whose weight differs most between the two runs, or NULL. */
static const char *moved_most(const struct compare_change *c, double *nats)
{
    const struct run_account *side[] = {c->before, c->after};
    const char *most = NULL;

    *nats = 0;
    for (int s = 0; s < 2; s++)
        for (uint32_t i = 0; side[s] && i < side[s]->evidence.count; i++) {
            const char *signal = side[s]->evidence.item[i].signal;
            double moved = weight_of(c->after, signal) - weight_of(c->before, signal);

            if (fabs(moved) > fabs(*nats)) {
                *nats = moved;
                most = signal;
            }
        }
    return most;
}

static void cell_score(struct doc *doc, const struct run_account *a)
{
    char text[WORDING_SIZE];

    if (a)
        doc_cell(doc, "%s", word_probability(a->score, text));
    else
        doc_cell(doc, "–");
}

static void changed(struct doc *doc, const char *id, const char *title,
                    const struct compare_change *change, uint32_t count)
{
    static const struct doc_column column[] = {
        {"Account", DOC_LEFT},       {"Population", DOC_LEFT},   {"Exchanges", DOC_RIGHT},
        {"Score before", DOC_RIGHT}, {"Score after", DOC_RIGHT}, {"What moved most", DOC_LEFT},
        {"By, nats", DOC_RIGHT}};
    char text[WORDING_SIZE];

    doc_section(doc, 2, id, "%s: %s", title, word_count(count, text));
    if (count > 0)
        doc_table(doc, count > COMPARE_ACCOUNTS ? "The largest; compare.json lists all" : "",
                  column, sizeof column / sizeof *column);
    for (uint32_t i = 0; i < count && i < COMPARE_ACCOUNTS; i++) {
        const struct compare_change *c = &change[i];
        double nats;
        const char *signal = moved_most(c, &nats);

        doc_row(doc);
        doc_cell_name(doc, c->account);
        doc_cell(doc, "%s", c->population ? c->population : "–");
        doc_cell(doc, "%s", word_count((c->after ? c->after : c->before)->exchanges, text));
        cell_score(doc, c->before);
        cell_score(doc, c->after);
        doc_cell(doc, "%s", signal ? word_signal(signal, text) : "the thresholds");
        doc_cell(doc, "%s", signal ? word_nats(nats, text) : "–");
    }
    if (count > 0)
        doc_table_end(doc);
    else
        doc_say(doc, NULL, "None.");
    doc_section_end(doc);
}

/* ---- what was configured, and what came out ---- */

static const char *scalar_text(const json_t *value, char out[CELL_SIZE])
{
    char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(12)) : NULL;

    (void)snprintf(out, CELL_SIZE, "%s", text ? text : "–");
    free(text);
    return out;
}

static void settings(struct doc *doc, const struct compare_report *r)
{
    static const struct doc_column column[] = {
        {"Option", DOC_LEFT}, {"Before", DOC_RIGHT}, {"After", DOC_RIGHT}};
    json_t *a = json_object_get(r->before->summary, "configuration");
    json_t *b = json_object_get(r->after->summary, "configuration");
    char text[2][CELL_SIZE];
    const char *name;
    json_t *value;
    bool open = false;

    doc_section(doc, 2, "configuration", "Configuration");
    json_object_foreach(b, name, value)
    {
        json_t *old = json_object_get(a, name);

        if (json_equal(old, value))
            continue;
        if (!open)
            doc_table(doc, "Options that differ", column, 3);
        open = true;
        doc_row(doc);
        doc_cell(doc, "%s", name);
        doc_cell(doc, "%s", scalar_text(old, text[0]));
        doc_cell(doc, "%s", scalar_text(value, text[1]));
    }
    if (open)
        doc_table_end(doc);
    else
        doc_say(doc, NULL, "Both runs have the same options: what differs is the detector itself.");
    doc_section_end(doc);
}

struct levels {
    uint64_t accounts[LEVEL_ACT + 1], groups[LEVEL_ACT + 1];
};

static struct levels levels_of(const struct run *run)
{
    struct levels l = {{0}, {0}};

    for (uint32_t i = 0; i < run->account_count; i++)
        l.accounts[run->account[i].level]++;
    for (uint32_t i = 0; i < run->cluster_count; i++)
        l.groups[run->cluster[i].level]++;
    return l;
}

static void levels(struct doc *doc, const struct compare_report *r)
{
    static const struct doc_column column[] = {{"Level", DOC_LEFT},
                                               {"Accounts before", DOC_RIGHT},
                                               {"Accounts after", DOC_RIGHT},
                                               {"Groups before", DOC_RIGHT},
                                               {"Groups after", DOC_RIGHT}};
    struct levels a = levels_of(r->before), b = levels_of(r->after);
    char text[WORDING_SIZE];

    doc_section(doc, 2, "levels", "Levels");
    doc_table(doc, "", column, sizeof column / sizeof *column);
    for (unsigned level = LEVEL_ACT + 1; level-- > 0;) {
        doc_row(doc);
        doc_cell(doc, "%s", level_name[level]);
        doc_cell(doc, "%s", word_count(a.accounts[level], text));
        doc_cell(doc, "%s", word_count(b.accounts[level], text));
        doc_cell(doc, "%s", word_count(a.groups[level], text));
        doc_cell(doc, "%s", word_count(b.groups[level], text));
    }
    doc_table_end(doc);
    doc_section_end(doc);
}

static void page_write(const struct compare_report *r, FILE *out, enum doc_form form)
{
    static const char *const entry[] = {
        "what",   "What changed",  "rows",          "By class and population",
        "newly",  "Newly flagged", "no-longer",     "No longer flagged",
        "levels", "Levels",        "configuration", "Configuration",
        NULL};
    const struct compare *c = r->compare;
    struct doc doc;

    doc_open(&doc, out, form, "Stillwatch: two runs over the same traffic", report_style);
    doc_contents(&doc, entry);
    doc_section(&doc, 2, "what", "What changed");
    say_what_changed(&doc, r);
    doc_section_end(&doc);
    differences(&doc, c);
    changed(&doc, "newly", "Newly flagged", c->newly, c->newly_count);
    changed(&doc, "no-longer", "No longer flagged", c->no_longer, c->no_longer_count);
    levels(&doc, r);
    settings(&doc, r);
    doc_close(&doc);
}

static void numbers_write(const void *report, struct json_write *w)
{
    const struct compare_report *r = report;

    json_write_open(w, NULL, '{');
    json_write_text(w, "before", r->before_name);
    json_write_text(w, "after", r->after_name);
    compare_write(r->compare, w);
    json_write_close(w, '}');
    json_write_line(w);
}

/* ---- files ---- */

static int fill_html(FILE *f, const void *report)
{
    page_write(report, f, DOC_HTML);
    return 0;
}

static int fill_markdown(FILE *f, const void *report)
{
    page_write(report, f, DOC_MARKDOWN);
    return 0;
}

static int fill_json(FILE *f, const void *report)
{
    return json_save_into(f, numbers_write, report);
}

/* The labels of either run: they are the same. */
static int labels_read(const char *const folder[2], struct truth **out, struct err *err)
{
    char path[4096];
    int r = -ENOENT;

    for (int i = 0; i < 2 && r == -ENOENT; i++) {
        (void)snprintf(path, sizeof path, "%s/labels.jsonl", folder[i]);
        r = truth_read(path, out, err);
    }
    return r == -ENOENT ? 0 : r;
}

int report_compare(const char *before, const char *after, const char *out, struct err *err)
{
    AUTO(truth_free) struct truth *truth = NULL;
    AUTO(run_free) struct run *a = NULL, *b = NULL;
    AUTO(compare_free) struct compare *compare = NULL;
    const char *const folder[2] = {after, before};
    struct compare_report report = {.before_name = before, .after_name = after};
    int r = run_read(before, LEVEL_NONE, &a, err);

    if (r == 0)
        r = run_read(after, LEVEL_NONE, &b, err);
    if (r == 0)
        r = labels_read(folder, &truth, err);
    if (r == 0)
        r = compare_runs(a, b, truth, LEVEL_REVIEW, &compare, err);
    if (r < 0)
        return r;
    report.before = a;
    report.after = b;
    report.compare = compare;
    if (!out) {
        r = fill_json(stdout, &report);
        return r < 0 ? err_set(err, r, "stdout: %s", strerror(-r)) : 0;
    }
    r = text_file_replace(out, "compare.html", fill_html, &report, err);
    if (r == 0)
        r = text_file_replace(out, "compare.md", fill_markdown, &report, err);
    return r == 0 ? text_file_replace(out, "compare.json", fill_json, &report, err) : r;
}
