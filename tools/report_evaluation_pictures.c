/* How well the run did, as curves, each with its numbers. Pages only: Markdown has the tables of
 * report_evaluation.c. */
#include "tools/charts.h"
#include "tools/report.h"
#include "tools/wording.h"

#include <math.h>

enum { TABLE_POINTS = 15 }; /* of a line; a picture's points are too many to read */

static void curve_table(struct doc *doc, const struct chart_curve *curve, const char *x,
                        const char *y)
{
    const struct doc_column column[] = {{"Line", DOC_LEFT}, {x, DOC_RIGHT}, {y, DOC_RIGHT}};

    doc_details(doc, false, "The numbers of the picture");
    doc_table(doc, curve->title, column, 3);
    for (uint32_t s = 0; s < curve->series_count; s++) {
        const struct chart_series *line = &curve->series[s];
        uint32_t shown = line->count < TABLE_POINTS ? line->count : TABLE_POINTS;

        for (uint32_t i = 0; i < shown; i++) {
            const double *point = line->point[shown < 2 ? 0 : i * (line->count - 1) / (shown - 1)];

            doc_row(doc);
            doc_cell(doc, "%s", line->name);
            doc_cell(doc, "%.3g", point[0]);
            doc_cell(doc, "%.3g", point[1]);
        }
    }
    doc_table_end(doc);
    doc_details_end(doc);
}

/* The lower end of the bin in which so much of a population lies below. */
static double strip_quantile(const struct chart_strips *c, const struct chart_strip *s, double p)
{
    double below = 0;
    uint32_t bin = 0;

    for (; bin + 1 < c->bin_count; bin++) {
        below += s->share[bin];
        if (below >= p - 1e-9 && below > 0)
            break;
    }
    return c->from + (c->to - c->from) * bin / c->bin_count;
}

static void strips_table(struct doc *doc, const struct chart_strips *c)
{
    static const struct doc_column column[] = {
        {"Population", DOC_LEFT},   {"Accounts", DOC_RIGHT},         {"Lowest from", DOC_RIGHT},
        {"Median from", DOC_RIGHT}, {"Upper tenth from", DOC_RIGHT}, {"Highest from", DOC_RIGHT},
    };
    static const double quantile[] = {0, 0.5, 0.9, 1};

    doc_details(doc, false, "The numbers of the picture");
    doc_table(doc, "Log-odds by population, by the bins of the picture", column,
              sizeof column / sizeof *column);
    for (uint32_t i = 0; i < c->strip_count; i++) {
        char text[WORDING_SIZE];

        doc_row(doc);
        doc_cell(doc, "%s", c->strip[i].name);
        doc_cell(doc, "%s", word_count(c->strip[i].account_count, text));
        for (uint32_t q = 0; q < sizeof quantile / sizeof *quantile; q++)
            doc_cell(doc, "%s", word_value(strip_quantile(c, &c->strip[i], quantile[q]), text));
    }
    doc_table_end(doc);
    doc_details_end(doc);
}

/* A row a day and campaign; the last row is the end. */
static void leak_table(struct doc *doc, const struct chart_leak *leak)
{
    static const struct doc_column column[] = {{"Campaign", DOC_LEFT},
                                               {"Until (UTC)", DOC_RIGHT},
                                               {"Sent", DOC_RIGHT},
                                               {"Of these leaked", DOC_RIGHT}};
    uint32_t step = leak->width_ms < MSEC_DAY ? (uint32_t)(MSEC_DAY / leak->width_ms) : 1;

    doc_details(doc, false, "The numbers of the picture");
    doc_table(doc, "Share of a campaign's exchanges", column, sizeof column / sizeof *column);
    for (uint32_t p = 0; p < leak->panel_count; p++) {
        for (uint32_t end = step; end < leak->cell_count + step; end += step) {
            uint32_t last = (end < leak->cell_count ? end : leak->cell_count) - 1;
            char text[WORDING_SIZE];

            doc_row(doc);
            doc_cell(doc, "%s", leak->panel[p].name);
            doc_cell(doc, "%s", word_time(leak->from + (last + 1) * leak->width_ms, text));
            doc_cell(doc, "%s", word_share(leak->panel[p].sent[last], text));
            doc_cell(doc, "%s", word_share(leak->panel[p].leaked[last], text));
        }
    }
    doc_table_end(doc);
    doc_details_end(doc);
}

static void leak(struct doc *doc, const struct chart_leak *leak)
{
    if (leak->panel_count == 0)
        return;
    doc_section(doc, 3, "leaked", "How much leaked, and when");
    doc_figure(doc, chart_leak, leak,
               "What each campaign had got by when, in percent of its exchanges: all that was sent "
               "(pale), and what was sent by accounts that were not raised yet (strong): that "
               "leaked. Look at where the strong part turns level: there the campaign was found. "
               "One that keeps climbing was not.");
    leak_table(doc, leak);
    doc_section_end(doc);
}

void report_evaluation_pictures(struct doc *doc, const struct report_curves *curves)
{
    if (doc->form != DOC_HTML)
        return;
    leak(doc, &curves->leak);
    doc_section(doc, 3, "scores", "Scores of the populations");
    doc_figure(doc, chart_strips, &curves->scores,
               "Scores of each population; the height of a bar is the root of its share, so that "
               "few accounts among many stay visible. Look for honest bars far to the right and "
               "for campaigns to the left: review starts at 0.");
    strips_table(doc, &curves->scores);
    doc_section_end(doc);
    doc_section(doc, 3, "curves", "At every threshold, beside simple methods");
    doc_figure(doc, chart_curve, &curves->roc,
               "Found against wrongly raised, for every threshold (ROC). Look at the left: there "
               "honest accounts are a few in ten thousand, and a method is useful only if its line "
               "is already high. The table of methods holds numbers at three places.");
    curve_table(doc, &curves->roc, "Honest above", "Distilling above");
    doc_figure(doc, chart_curve, &curves->pr,
               "How many of those raised distil, for every threshold (precision and recall). Look "
               "at how far right a line stays high. Precision depends on how common campaigns are: "
               "the last line counts them as one account to a thousand honest ones, and never "
               "takes the false alarms as rarer than so many honest accounts can tell.");
    curve_table(doc, &curves->pr, "Recall", "Precision");
    doc_figure(doc, chart_curve, &curves->det,
               "Missed against wrongly raised (DET), on axes on which normally distributed scores "
               "give straight lines: low and to the left is good. Look at the ends: a line that "
               "leaves the picture at the top finds nothing at so few false alarms.");
    curve_table(doc, &curves->det, "Honest raised", "Distilling missed");
    doc_section_end(doc);
}
