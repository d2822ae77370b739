/* What the reader must know before believing the rest: what the log could not show, how clean the
 * input was, and with which settings the run was made. */
#include "event/event_source.h"
#include "tools/report.h"
#include "tools/wording.h"

#include <math.h>
#include <string.h>

static void coverage(struct doc *doc, const json_t *summary)
{
    static const struct doc_column column[] = {
        {"Signals", DOC_LEFT}, {"Fed by", DOC_RIGHT}, {"About", DOC_LEFT}};

    if (!json_is_object(json_object_get(summary, "coverage"))) {
        doc_say(doc, "note", "The run does not say which signals its log could feed.");
        return;
    }
    doc_table(doc, "Share of exchanges whose fields feed each family of signals", column, 3);
    for (enum signal_family i = 0; i < FAMILY_COUNT; i++) {
        const char *family = family_name[i];
        double share = report_coverage(summary, i);
        char text[WORDING_SIZE];

        if (!report_needs_data(i))
            continue;
        doc_row(doc);
        doc_cell(doc, "%s", family);
        doc_cell_bar(doc, share, share > 0 ? word_share(share, text) : "nothing");
        doc_cell(doc, "%s", family_help[i]);
    }
    doc_table_end(doc);
}

void report_limits(struct doc *doc, const struct report_data *data)
{
    doc_section(doc, 2, "limits", "What could not be seen");
    coverage(doc, data->run->summary);
    doc_list(doc);
    for (enum signal_family i = 0; i < FAMILY_COUNT; i++) {
        const char *family = family_name[i];

        if (report_needs_data(i) && report_coverage(data->run->summary, i) <= 0)
            doc_item(doc,
                     "The log holds nothing on %s (%s): no verdict here rests on it, and a "
                     "campaign that gives itself away only there was missed.",
                     family, family_help[i]);
    }
    doc_item(doc, "Bought transcripts: answers that honest customers collected and sold leave no "
                  "trace in traffic. Nothing here can find them.");
    doc_item(doc,
             "Accounts that act alone and little look like people. Groups show only when their "
             "members share something or move together.");
    doc_item(doc, "A score says how unlike strangers a group is. Whether terms were broken is for "
                  "people to decide.");
    if (data->evaluation)
        doc_item(doc,
                 "The truth that results are measured against comes from a simulator: they are "
                 "claims about that simulator until real cases confirm them.");
    doc_list_end(doc);
    doc_section_end(doc);
}

/* The counters of the event source, with what they count from their own table. */
static void source_table(struct doc *doc, const json_t *source)
{
    static const struct doc_column column[] = {
        {"Counter", DOC_LEFT}, {"Value", DOC_RIGHT}, {"Unit", DOC_LEFT}, {"Meaning", DOC_LEFT}};
    static const struct {
        const char *name, *unit, *help;
    } rows[] = {
#define COUNTER_ROW(name, unit, help) {#name, unit, help},
        EVENT_SOURCE_COUNTERS(COUNTER_ROW)
#undef COUNTER_ROW
    };

    doc_table(doc, "Records read", column, 4);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const json_t *value = json_object_get(source, rows[i].name);
        char words[WORDING_SIZE], number[WORDING_SIZE];

        if (!json_is_number(value))
            continue;
        doc_row(doc);
        doc_cell(doc, "%s", word_signal(rows[i].name, words));
        doc_cell(doc, "%s", word_value(json_number_value(value), number));
        doc_cell(doc, "%s", rows[i].unit);
        doc_cell(doc, "%s", rows[i].help);
    }
    doc_table_end(doc);
}

/* Names and values of an object, in its order. */
static void value_table(struct doc *doc, const char *caption, json_t *object)
{
    static const struct doc_column column[] = {{"Name", DOC_LEFT}, {"Value", DOC_RIGHT}};
    const char *name;
    json_t *value;

    doc_table(doc, caption, column, 2);
    json_object_foreach(object, name, value)
    {
        char words[WORDING_SIZE], number[WORDING_SIZE];

        doc_row(doc);
        doc_cell(doc, "%s", word_signal(name, words));
        doc_cell(doc, "%s",
                 json_is_string(value)   ? json_string_value(value)
                 : json_is_number(value) ? word_value(json_number_value(value), number)
                                         : "–");
    }
    doc_table_end(doc);
}

static void say_inputs(struct doc *doc, const json_t *summary)
{
    const json_t *input = json_object_get(summary, "input"), *name;
    const char *map = json_string_value(json_object_get(input, "map"));
    size_t i;

    doc_paragraph(doc, NULL);
    doc_words(doc, "Read:");
    json_array_foreach(json_object_get(input, "names"), i, name)
    {
        doc_words(doc, " ");
        doc_name(doc, json_is_string(name) ? json_string_value(name) : "?");
    }
    if (map) {
        doc_words(doc, ", through the field map ");
        doc_name(doc, map);
    }
    doc_words(doc, ".");
    doc_paragraph_end(doc);
}

void report_input(struct doc *doc, json_t *summary)
{
    json_t *source = json_object_get(summary, "source");
    json_t *detector = json_object_get(summary, "detector");

    doc_section(doc, 2, "input", "Input");
    if (json_array_size(json_object_get(json_object_get(summary, "input"), "names")))
        say_inputs(doc, summary);
    if (json_object_size(source))
        source_table(doc, source);
    else
        doc_say(doc, NULL, "No log was read: the events came straight from the simulator.");
    if (json_integer_value(json_object_get(source, "refused")) > 0)
        doc_say(doc, "note", "rejected.jsonl holds each refused line with the reason.");
    if (json_object_size(detector)) {
        doc_details(doc, false, "Counters of the detector");
        value_table(doc, "Tables, ticks and evictions", detector);
        doc_details_end(doc);
    }
    doc_section_end(doc);
}

void report_configuration(struct doc *doc, json_t *summary)
{
    json_t *configuration = json_object_get(summary, "configuration");
    const char *digest = json_string_value(json_object_get(summary, "configuration_digest"));

    doc_section(doc, 2, "configuration", "Configuration");
    doc_paragraph(doc, NULL);
    if (digest) {
        doc_words(doc, "Configuration ");
        doc_name(doc, digest);
        doc_words(doc, ". ");
    }
    doc_words(doc, "The same events with the same configuration give the same findings and this "
                   "same report. Times are UTC.");
    doc_paragraph_end(doc);
    if (json_object_size(configuration)) {
        doc_details(doc, false, "All options");
        value_table(doc, "Options of the detector", configuration);
        doc_details_end(doc);
    }
    doc_section_end(doc);
}
