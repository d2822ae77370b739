/* What the reader must know before believing the rest: what the log could not show, how clean the
 * input was, and with which settings the run was made. */
#include "tools/report.h"
#include "tools/wording.h"

#include <math.h>
#include <string.h>

/* Families that no log field feeds. */
static bool fed_by_fields(const char *family)
{
    return strcmp(family, "prior") != 0 && strcmp(family, "membership") != 0 &&
           strcmp(family, "innocence") != 0;
}

static void coverage(struct doc *doc, const json_t *summary)
{
    static const struct doc_column column[] = {
        {"Signals", DOC_LEFT}, {"Fed by", DOC_RIGHT}, {"About", DOC_LEFT}};

    if (!json_is_object(json_object_get(summary, "coverage"))) {
        doc_say(doc, "note", "The run does not say which signals its log could feed.");
        return;
    }
    doc_table(doc, "Share of exchanges whose fields feed each family of signals", column, 3);
    for (int i = 0; i < FAMILY_COUNT; i++) {
        const char *family = family_name[i];
        double share = report_coverage(summary, family);
        char text[WORDING_SIZE];

        if (!fed_by_fields(family))
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
    for (int i = 0; i < FAMILY_COUNT; i++) {
        const char *family = family_name[i];

        if (fed_by_fields(family) && report_coverage(data->run->summary, family) <= 0)
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

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

/* The number of a counter: plain, or with unit and help beside it. */
static const json_t *number_of(const json_t *counter)
{
    return json_is_object(counter) ? json_object_get(counter, "value") : counter;
}

static bool refused(const json_t *input)
{
    return json_number_value(number_of(json_object_get(input, "refused"))) > 0;
}

static void counter_row(struct doc *doc, const char *name, const json_t *value)
{
    const json_t *number = number_of(value);
    char words[WORDING_SIZE], text[WORDING_SIZE];

    if (!json_is_number(number))
        return;
    doc_row(doc);
    doc_cell(doc, "%s", word_signal(name, words));
    doc_cell(doc, "%s", word_value(json_number_value(number), text));
    doc_cell(doc, "%s", text_of(value, "unit"));
    doc_cell(doc, "%s", text_of(value, "help"));
}

static void counters(struct doc *doc, const char *caption, json_t *object)
{
    static const struct doc_column column[] = {
        {"Counter", DOC_LEFT}, {"Value", DOC_RIGHT}, {"Unit", DOC_LEFT}, {"Meaning", DOC_LEFT}};
    const char *name;
    json_t *value;

    if (json_object_size(object) == 0)
        return;
    doc_table(doc, caption, column, 4);
    json_object_foreach(object, name, value) counter_row(doc, name, value);
    doc_table_end(doc);
}

void report_input(struct doc *doc, json_t *summary)
{
    json_t *input = json_object_get(summary, "input");
    json_t *detector = json_object_get(summary, "detector");

    doc_section(doc, 2, "input", "Input");
    if (json_object_size(input) == 0 && json_object_size(detector) == 0)
        doc_say(doc, NULL, "The run folder holds no counters.");
    if (refused(input))
        doc_say(doc, "note", "Some lines were refused; rejected.jsonl holds each with its reason.");
    counters(doc, "Records read", input);
    if (json_object_size(detector)) {
        doc_details(doc, false, "Counters of the detector");
        counters(doc, "Tables, ticks and evictions", detector);
        doc_details_end(doc);
    }
    doc_section_end(doc);
}

void report_configuration(struct doc *doc, json_t *summary)
{
    static const struct doc_column column[] = {{"Option", DOC_LEFT}, {"Value", DOC_RIGHT}};
    json_t *configuration = json_object_get(summary, "configuration");
    const char *digest = json_string_value(json_object_get(summary, "configuration_digest")), *name;
    json_t *value;

    doc_section(doc, 2, "configuration", "Configuration");
    doc_paragraph(doc, NULL);
    if (digest) {
        doc_words(doc, "Configuration ");
        doc_name(doc, digest);
        doc_words(doc, ". ");
    }
    doc_words(doc,
              "The same events with the same configuration give the same findings and this same "
              "report. Times are UTC.");
    doc_paragraph_end(doc);
    if (json_object_size(configuration)) {
        doc_details(doc, false, "All options");
        doc_table(doc, "Options of the detector", column, 2);
        json_object_foreach(configuration, name, value)
        {
            char text[WORDING_SIZE];

            doc_row(doc);
            doc_cell_name(doc, name);
            doc_cell(doc, "%s",
                     json_is_string(value)   ? json_string_value(value)
                     : json_is_number(value) ? word_value(json_number_value(value), text)
                                             : "–");
        }
        doc_table_end(doc);
        doc_details_end(doc);
    }
    doc_section_end(doc);
}
