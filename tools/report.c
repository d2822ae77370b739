#include "tools/report.h"

#include "base/cleanup.h"
#include "tools/charts.h"
#include "tools/text_file.h"
#include "tools/wording.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

static void say_groups(struct doc *doc, const struct report_totals *t)
{
    char a[WORDING_SIZE], b[WORDING_SIZE];

    if (t->raised_groups == 0) {
        doc_strong(doc, "No group was raised to review.");
        return;
    }
    doc_strong(doc, "%s group%s of accounts", word_count(t->raised_groups, a),
               plural(t->raised_groups));
    doc_words(doc, " %s raised (%s to act on, %s to review), with ",
              t->raised_groups == 1 ? "was" : "were", word_count(t->group_level[LEVEL_ACT], a),
              word_count(t->group_level[LEVEL_REVIEW], b));
    doc_strong(doc, "%s accounts and %s exchanges", word_count(t->raised_accounts, a),
               word_count(t->raised_exchanges, b));
    doc_words(
        doc, ", %s of all. %s of these exchanges had happened when the groups were raised.",
        word_share((double)t->raised_exchanges / fmax(1, (double)t->exchanges), a),
        word_share((double)t->raised_exchanges_at_alert / fmax(1, (double)t->raised_exchanges), b));
}

static void say_others(struct doc *doc, const struct report_data *data,
                       const struct report_totals *t)
{
    char text[WORDING_SIZE];

    if (data->account_count == 1)
        doc_words(doc, " One single account outside of groups is at review.");
    else if (data->account_count)
        doc_words(doc, " %s single accounts outside of groups are at review.",
                  word_count(data->account_count, text));
    if (t->group_level[LEVEL_WATCH])
        doc_words(doc, " %s further group%s kept on watch.",
                  word_count(t->group_level[LEVEL_WATCH], text),
                  t->group_level[LEVEL_WATCH] == 1 ? " is" : "s are");
}

static void say_what_happened(struct doc *doc, const struct report_data *data,
                              const struct report_totals *t)
{
    char a[WORDING_SIZE], b[WORDING_SIZE];
    const char *failure;

    doc_paragraph(doc, "lead");
    if (data->run->account_count == 0) {
        doc_words(doc, "The run saw no account at all: there was nothing to judge.");
    } else {
        doc_words(doc, "From %s to %s UTC, ", word_time(t->first_ts, a), word_time(t->last_ts, b));
        doc_words(doc, "%s accounts made %s exchanges. ", word_count(data->run->account_count, a),
                  word_count(t->exchanges, b));
        say_groups(doc, t);
        say_others(doc, data, t);
    }
    doc_paragraph_end(doc);
    failure = json_string_value(json_object_get(data->run->summary, "failure"));
    if (failure)
        doc_say(doc, "note warn", "The input ended before its end: %s", failure);
    if (json_is_true(json_object_get(data->run->summary, "interrupted")))
        doc_say(doc, "note warn",
                "This run was interrupted. What stands here is what had been seen until then; "
                "groups that were still growing are missing or too small.");
}

static void tiles(struct doc *doc, const struct report_data *data, const struct report_totals *t)
{
    const struct run *run = data->run;
    char text[WORDING_SIZE];

    doc_tiles(doc);
    doc_tile(doc, word_count(t->group_level[LEVEL_ACT], text), "groups to act on");
    doc_tile(doc, word_count(t->group_level[LEVEL_REVIEW], text), "groups to review");
    doc_tile(doc, word_count(t->raised_accounts, text), "accounts in them");
    doc_tile(doc, word_count(t->raised_exchanges, text), "exchanges by them");
    doc_tile(doc, word_count(t->raised_exchanges_at_alert, text),
             "of these before they were raised");
    doc_tile(doc, run->finding_count ? word_span(run->finding[0].ts - t->first_ts, text) : "–",
             "until the first finding");
    doc_tiles_end(doc);
}

static void contents(struct doc *doc, bool evaluated, bool enforced)
{
    const char *entry[2 * 8 + 1] = {"what",   "What happened", "groups",
                                    "Groups", "accounts",      "Single accounts"};
    uint32_t n = 6;

    if (evaluated) {
        entry[n++] = "evaluation";
        entry[n++] = "Against the truth";
    }
    if (enforced) {
        entry[n++] = "enforcement";
        entry[n++] = "What acting on it did";
    }
    entry[n++] = "limits";
    entry[n++] = "What could not be seen";
    entry[n++] = "input";
    entry[n++] = "Input";
    entry[n++] = "configuration";
    entry[n++] = "Configuration";
    doc_contents(doc, entry);
}

void report_write(const struct report_data *data, FILE *out, enum doc_form form)
{
    struct report_totals totals = report_totals_of(data);
    char title[300];
    struct doc doc;

    (void)snprintf(title, sizeof title, "Stillwatch report: %s", data->name);
    doc_open(&doc, out, form, title, report_style);
    contents(&doc, data->evaluation != NULL, data->enforcement != NULL);
    doc_section(&doc, 2, "what", "What happened");
    say_what_happened(&doc, data, &totals);
    tiles(&doc, data, &totals);
    if (report_groups_watched(data))
        doc_figure(
            &doc, chart_lanes, data,
            "When the groups were active. Look at the strong part of each bar: it is what ran "
            "before the group was raised (the dot). Grey bars were never raised to review. "
            "Times are UTC; the table of groups holds the numbers.");
    doc_section_end(&doc);
    report_groups(&doc, data);
    report_accounts(&doc, data);
    if (data->evaluation)
        report_evaluation(&doc, data->evaluation, data->curves);
    if (data->enforcement)
        report_enforcement(&doc, data->enforcement);
    report_limits(&doc, data);
    report_input(&doc, data->run->summary);
    report_configuration(&doc, data->run->summary);
    doc_close(&doc);
}

static json_t *levels_json(const uint64_t count[LEVEL_ACT + 1])
{
    return json_pack("{s:I, s:I, s:I, s:I}", "act", (json_int_t)count[LEVEL_ACT], "review",
                     (json_int_t)count[LEVEL_REVIEW], "watch", (json_int_t)count[LEVEL_WATCH],
                     "none", (json_int_t)count[LEVEL_NONE]);
}

json_t *report_json(const struct report_data *data)
{
    struct report_totals t = report_totals_of(data);
    const struct run *run = data->run;
    json_t *first = run->finding_count ? json_integer(run->finding[0].ts) : json_null();

    return json_pack("{s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "groups",
                     levels_json(t.group_level), "accounts", levels_json(t.account_level),
                     "accounts_in_groups", (json_int_t)t.raised_accounts, "exchanges_in_groups",
                     (json_int_t)t.raised_exchanges, "exchanges_before_alert",
                     (json_int_t)t.raised_exchanges_at_alert, "exchanges", (json_int_t)t.exchanges,
                     "accounts_at_review_outside_groups", (json_int_t)data->account_count,
                     "findings", (json_int_t)run->finding_count, "first_finding_ts", first);
}

static int fill_html(FILE *f, const void *data)
{
    report_write(data, f, DOC_HTML);
    return 0;
}

static int fill_markdown(FILE *f, const void *data)
{
    report_write(data, f, DOC_MARKDOWN);
    return 0;
}

static int fill_summary(FILE *f, const void *ctx)
{
    const struct report_data *data = ctx;
    json_t *report = report_json(data);

    if (!report || json_object_set_new(data->run->summary, "report", report) < 0)
        return -ENOMEM;
    if (json_dumpf(data->run->summary, f, JSON_COMPACT | JSON_REAL_PRECISION(17)) < 0)
        return -EIO;
    return fputc('\n', f) == EOF ? -EIO : 0;
}

int report_save(const struct report_data *data, struct err *err)
{
    int r = text_file_replace(data->folder, "report.html", fill_html, data, err);

    if (r == 0)
        r = text_file_replace(data->folder, "report.md", fill_markdown, data, err);
    if (r == 0 && data->run->summary)
        r = text_file_replace(data->folder, "summary.json", fill_summary, data, err);
    return r;
}

int report_rebuild(const char *folder, struct err *err)
{
    AUTO(report_data_free) struct report_data *data = NULL;
    int r = report_data_load(folder, &data, err);

    return r < 0 ? r : report_save(data, err);
}
