/* What a policy reached and what it cost (run --enforce), from enforcement.json. */
#include "tools/report.h"
#include "tools/wording.h"

#include <math.h>

static double number(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static const char *whole(const json_t *object, const char *name, char text[WORDING_SIZE])
{
    double value = number(object, name);

    return word_count(value > 0.0 ? (uint64_t)(value + 0.5) : 0, text);
}

static const char *when(const json_t *object, const char *name, char text[WORDING_SIZE])
{
    const json_t *value = json_object_get(object, name);

    return json_is_integer(value) ? word_time(json_integer_value(value), text) : "–";
}

static void say_policy(struct doc *doc, const json_t *e)
{
    const char *policy = json_string_value(json_object_get(e, "policy"));
    const json_t *actions = json_object_get(e, "actions"), *value;
    const char *name, *before = ":";
    char text[WORDING_SIZE];

    doc_paragraph(doc, "lead");
    doc_words(doc, "Policy ");
    doc_strong(doc, "%s", policy ? policy : "?");
    doc_words(doc, " decided every %g minutes of event time", number(e, "step_min"));
    json_object_foreach((json_t *)(uintptr_t)actions, name, value)
    {
        if (number(actions, name) > 0.0) {
            doc_words(doc, "%s %s × %s", before, whole(actions, name, text), name);
            before = ",";
        }
    }
    doc_words(doc, ". %s decisions came too late,", whole(e, "too_late", text));
    doc_words(doc, " %s honest accounts were cleared before,", whole(e, "cleared", text));
    doc_words(doc, " %s others were let go;", whole(e, "missed", text));
    doc_words(doc, " %s appeals,", whole(e, "appeals", text));
    doc_words(doc, " %s granted.", whole(e, "granted", text));
    doc_paragraph_end(doc);
    doc_say(doc, "note",
            "The platform and the campaigns' reactions are simulated, and mostly "
            "assumed: docs/enforcement.md says what is on record.");
}

static void campaigns(struct doc *doc, const json_t *list)
{
    static const struct doc_column column[] = {{"Campaign", DOC_LEFT},
                                               {"Exchanges planned", DOC_RIGHT},
                                               {"Sent", DOC_RIGHT},
                                               {"Obtained", DOC_RIGHT},
                                               {"Accounts", DOC_RIGHT},
                                               {"Closed", DOC_RIGHT},
                                               {"Per 1,000 obtained", DOC_RIGHT},
                                               {"Changed its habits", DOC_RIGHT},
                                               {"Second pool called", DOC_RIGHT}};
    const json_t *c;
    size_t i;

    if (json_array_size(list) == 0)
        return;
    doc_table(doc,
              "Campaigns until the end; obtained is neither cover, nor turned away, nor declined",
              column, sizeof column / sizeof *column);
    json_array_foreach(list, i, c)
    {
        const char *name = json_string_value(json_object_get(c, "campaign"));
        char text[WORDING_SIZE];

        doc_row(doc);
        doc_cell(doc, "%s", name ? name : "?");
        doc_cell(doc, "%s", whole(c, "planned", text));
        doc_cell(doc, "%s", whole(c, "exchanges", text));
        doc_cell(doc, "%s", whole(c, "obtained", text));
        doc_cell(doc, "%s", whole(c, "accounts", text));
        doc_cell(doc, "%s", whole(c, "closed", text));
        doc_cell(doc, "%s", word_value(number(c, "closed_per_1000_obtained"), text));
        doc_cell(doc, "%s", when(c, "pressed_ts", text));
        doc_cell(doc, "%s", when(c, "failover_ts", text));
    }
    doc_table_end(doc);
}

static void harm(struct doc *doc, const json_t *classes)
{
    static const struct doc_column column[] = {
        {"Others", DOC_LEFT},  {"Accounts", DOC_RIGHT},     {"Harmed", DOC_RIGHT},
        {"Closed", DOC_RIGHT}, {"Hours in all", DOC_RIGHT}, {"Median hours", DOC_RIGHT}};
    const char *name;
    json_t *h;

    doc_table(doc, "Accounts of no campaign that were acted on; plain and hard are honest", column,
              sizeof column / sizeof *column);
    json_object_foreach((json_t *)(uintptr_t)classes, name, h)
    {
        char text[WORDING_SIZE];

        doc_row(doc);
        doc_cell(doc, "%s", name);
        doc_cell(doc, "%s", whole(h, "accounts", text));
        doc_cell(doc, "%s", whole(h, "harmed", text));
        doc_cell(doc, "%s", whole(h, "closed", text));
        doc_cell(doc, "%s", whole(h, "hours", text));
        doc_cell(doc, "%s", word_value(number(h, "hours_median"), text));
    }
    doc_table_end(doc);
}

void report_enforcement(struct doc *doc, const json_t *enforcement)
{
    doc_section(doc, 2, "enforcement", "What acting on it did");
    say_policy(doc, enforcement);
    campaigns(doc, json_object_get(enforcement, "campaigns"));
    harm(doc, json_object_get(enforcement, "harm"));
    doc_section_end(doc);
}
