/* How the run did against the truth, from evaluation.json; every number with its denominator. */
#include "tools/charts.h"
#include "tools/report.h"
#include "tools/wording.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { INTERVAL_SIZE = 96 };

static double number(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static uint64_t count(const json_t *object, const char *name)
{
    double value = number(object, name);

    return value > 0 ? (uint64_t)value : 0;
}

static const char *text(const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));

    return value ? value : "?";
}

/* "97.1 % [94.0, 98.6]" of {hit, of, value, low, high}; "–" when there is nothing to count. */
static const char *interval(const json_t *share, char out[INTERVAL_SIZE])
{
    char value[WORDING_SIZE];

    if (!(number(share, "of") > 0))
        (void)snprintf(out, INTERVAL_SIZE, "–");
    else
        (void)snprintf(out, INTERVAL_SIZE, "%s [%.3g, %.3g]",
                       word_share(number(share, "value"), value), 100 * number(share, "low"),
                       100 * number(share, "high"));
    return out;
}

/* "12 of 1,204". */
static const char *fraction(const json_t *share, char out[INTERVAL_SIZE])
{
    char hit[WORDING_SIZE], of[WORDING_SIZE];

    (void)snprintf(out, INTERVAL_SIZE, "%s of %s", word_count(count(share, "hit"), hit),
                   word_count(count(share, "of"), of));
    return out;
}

static const char *fixed(double value, int digits, char out[WORDING_SIZE])
{
    if (isfinite(value))
        (void)snprintf(out, WORDING_SIZE, "%.*f", digits, value);
    else
        (void)snprintf(out, WORDING_SIZE, "–");
    return out;
}

static const json_t *at_review(const json_t *levels)
{
    return json_object_get(levels, "review");
}

static void say_result(struct doc *doc, const json_t *e)
{
    const json_t *found = at_review(json_object_get(json_object_get(e, "classes"), "distilling"));
    const json_t *accused = at_review(json_object_get(e, "benign"));
    const json_t *alarms = json_object_get(e, "false_alarms");
    char a[INTERVAL_SIZE], b[INTERVAL_SIZE];

    doc_paragraph(doc, "lead");
    if (count(found, "of")) {
        doc_words(doc, "Of the distilling accounts ");
        doc_strong(doc, "%s reached review", fraction(found, a));
        doc_words(doc, " (%s); they sent %s of all distilling exchanges. ", interval(found, b),
                  word_share(number(e, "exchange_recall"), a));
    } else {
        doc_words(doc, "The truth holds no distilling account. ");
    }
    doc_words(doc, "Of the honest accounts ");
    doc_strong(doc, "%s were raised wrongly", fraction(accused, a));
    doc_words(doc, " (%s): %s per 1,000 account-days.", interval(accused, b),
              word_value(number(alarms, "per_1000_account_days"), a));
    doc_paragraph_end(doc);
    doc_say(doc, "note",
            "Brackets hold 95 %% intervals in percent. These numbers are claims about "
            "the simulator that made the traffic, at its shares of honest and "
            "distilling accounts.");
}

static void campaigns(struct doc *doc, const json_t *list)
{
    static const struct doc_column column[] = {{"Campaign", DOC_LEFT},
                                               {"Accounts found", DOC_RIGHT},
                                               {"Share", DOC_RIGHT},
                                               {"Exchanges", DOC_RIGHT},
                                               {"By found accounts", DOC_RIGHT},
                                               {"Leaked", DOC_RIGHT},
                                               {"First alarm, h", DOC_RIGHT},
                                               {"Groups", DOC_RIGHT},
                                               {"In largest", DOC_RIGHT}};
    size_t i;
    const json_t *c;

    if (json_array_size(list) == 0)
        return;
    doc_table(doc, "Campaigns: found at review or above; leaked is what was sent before the alarm",
              column, sizeof column / sizeof *column);
    json_array_foreach(list, i, c)
    {
        char a[INTERVAL_SIZE], b[WORDING_SIZE];

        doc_row(doc);
        doc_cell(doc, "%s", text(c, "name"));
        doc_cell(doc, "%s", fraction(json_object_get(c, "flagged"), a));
        doc_cell(doc, "%s", interval(json_object_get(c, "flagged"), a));
        doc_cell(doc, "%s", word_count(count(c, "exchanges"), b));
        doc_cell(doc, "%s", word_share(number(c, "exchange_recall"), b));
        doc_cell(doc, "%s", word_share(number(c, "leaked"), b));
        doc_cell(doc, "%s", fixed(number(c, "hours_to_alert"), 1, b));
        doc_cell(doc, "%s", word_count(count(c, "clusters"), b));
        doc_cell(doc, "%s", word_share(number(c, "largest_share"), b));
    }
    doc_table_end(doc);
}

static void populations(struct doc *doc, const json_t *list)
{
    static const struct doc_column column[] = {{"Population", DOC_LEFT}, {"Kind", DOC_LEFT},
                                               {"At review", DOC_RIGHT}, {"Share", DOC_RIGHT},
                                               {"At watch", DOC_RIGHT},  {"To act on", DOC_RIGHT}};
    size_t i;
    const json_t *p;

    doc_table(doc, "Everybody else: honest, honest look-alikes (hard), abusive but not distilling",
              column, sizeof column / sizeof *column);
    json_array_foreach(list, i, p)
    {
        const json_t *flagged = json_object_get(p, "flagged");
        char a[INTERVAL_SIZE], b[WORDING_SIZE];

        if (strcmp(text(p, "class"), "distilling") == 0)
            continue;
        doc_row(doc);
        doc_cell(doc, "%s", text(p, "name"));
        doc_cell(doc, "%s", text(p, "class"));
        doc_cell(doc, "%s", fraction(at_review(flagged), a));
        doc_cell(doc, "%s", interval(at_review(flagged), a));
        doc_cell(doc, "%s", word_share(number(json_object_get(flagged, "watch"), "value"), b));
        doc_cell(doc, "%s", word_share(number(json_object_get(flagged, "act"), "value"), b));
    }
    doc_table_end(doc);
}

/* The share found at the n-th of the asked false-positive shares. */
static void point_cell(struct doc *doc, const json_t *points, size_t n)
{
    const json_t *point = json_array_get(points, n);
    char out[WORDING_SIZE];

    if (!json_is_true(json_object_get(point, "known")))
        doc_cell(doc, "too few accounts");
    else
        doc_cell(doc, "%s", word_share(number(json_object_get(point, "tpr"), "value"), out));
}

static void method_row(struct doc *doc, const char *name, const json_t *method)
{
    const json_t *ranking = json_object_get(method, "ranking");
    const json_t *points = json_object_get(method, "tpr_at_fpr");
    char out[WORDING_SIZE];

    doc_row(doc);
    doc_cell(doc, "%s", name);
    doc_cell(doc, "%s", fixed(number(ranking, "roc_auc"), 4, out));
    doc_cell(doc, "%s", fixed(number(ranking, "pr_auc"), 4, out));
    for (size_t n = 0; n < 3; n++)
        point_cell(doc, points, n);
    doc_cell(doc, "%s", fixed(number(json_object_get(method, "grouping"), "f1"), 3, out));
    doc_cell(doc, "%s", fixed(number(json_object_get(method, "grouping"), "ari"), 3, out));
}

static void methods(struct doc *doc, const json_t *e)
{
    static const struct doc_column column[] = {
        {"Method", DOC_LEFT},    {"ROC AUC", DOC_RIGHT},
        {"PR AUC", DOC_RIGHT},   {"Found at FPR 1 %", DOC_RIGHT},
        {"at 0.1 %", DOC_RIGHT}, {"at 0.01 %", DOC_RIGHT},
        {"Pairs F1", DOC_RIGHT}, {"ARI", DOC_RIGHT}};
    size_t i;
    const json_t *b;

    doc_table(doc, "Stillwatch beside simple methods on the same events", column,
              sizeof column / sizeof *column);
    method_row(doc, "stillwatch", e);
    json_array_foreach(json_object_get(e, "baselines"), i, b)
    {
        char name[160];

        (void)snprintf(name, sizeof name, "%s (%s)", text(b, "name"), text(b, "help"));
        method_row(doc, name, b);
    }
    doc_table_end(doc);
}

static void calibration_table(struct doc *doc, const json_t *c)
{
    static const struct doc_column column[] = {{"Scores from", DOC_LEFT},
                                               {"Accounts", DOC_RIGHT},
                                               {"Mean score", DOC_RIGHT},
                                               {"Share distilling", DOC_RIGHT}};
    const json_t *bins = json_object_get(c, "bins"), *bin;
    char out[WORDING_SIZE];
    size_t i;

    doc_details(doc, false, "In numbers: expected calibration error %s",
                word_value(number(c, "ece"), out));
    doc_table(doc, "Calibration", column, sizeof column / sizeof *column);
    json_array_foreach(bins, i, bin)
    {
        double accounts = number(bin, "accounts");

        doc_row(doc);
        doc_cell(doc, "%.1f", (double)i / (double)json_array_size(bins));
        doc_cell(doc, "%s", word_count(count(bin, "accounts"), out));
        doc_cell(doc, "%s", fixed(number(bin, "score"), 3, out));
        doc_cell(doc, "%s",
                 accounts > 0 ? word_share(number(bin, "distilling") / accounts, out) : "–");
    }
    doc_table_end(doc);
    doc_details_end(doc);
}

static void calibration(struct doc *doc, const json_t *c)
{
    const json_t *bins = json_object_get(c, "bins");
    struct calibration picture = {.ece = number(c, "ece"), .brier = number(c, "brier")};

    for (size_t i = 0; i < json_array_size(bins) && i < CALIBRATION_BINS; i++) {
        const json_t *bin = json_array_get(bins, i);

        picture.bin[i] = (struct calibration_bin){count(bin, "accounts"), count(bin, "distilling"),
                                                  number(bin, "score")};
        picture.count += picture.bin[i].count;
    }
    doc_section(doc, 3, "calibration", "Do scores mean what they say?");
    if (picture.count)
        doc_figure(doc, chart_reliability, &picture,
                   "A dot is a tenth of the scale, larger with more "
                   "accounts, its line the 95 %% interval. Look for lines that miss the dotted "
                   "one: there a score of 80 %% is not 80 %%. Half-way dots rest on few accounts.");
    calibration_table(doc, c);
    doc_section_end(doc);
}

void report_evaluation(struct doc *doc, const json_t *evaluation,
                       const struct report_curves *curves)
{
    doc_section(doc, 2, "evaluation", "Against the truth");
    say_result(doc, evaluation);
    campaigns(doc, json_object_get(evaluation, "campaigns"));
    populations(doc, json_object_get(evaluation, "populations"));
    methods(doc, evaluation);
    if (curves)
        report_evaluation_pictures(doc, curves);
    calibration(doc, json_object_get(evaluation, "calibration"));
    doc_section_end(doc);
}
