/* The gate's answers in three forms, each with what was counted and the interval. */
#include "tools/gate.h"

#include "tools/cli.h"
#include "tools/doc.h"
#include "tools/wording.h"

#include <inttypes.h>
#include <math.h>

enum { LINE_SIZE = 96, TITLE_COLUMN = 44 };

/* "recall, alpha, at least 90 %" */
static const char *check_text(const struct gate_check *c, char out[LINE_SIZE])
{
    (void)snprintf(out, LINE_SIZE, "%s, %s, %s %.4g %%", gate_measure[c->measure].title, c->of,
                   gate_measure[c->measure].at_least ? "at least" : "at most", 100.0 * c->bound);
    return out;
}

/* "97.1 % [94, 98.6] (12 of 1,204 accounts)" */
static const char *value_text(const struct gate_result *r, char out[LINE_SIZE])
{
    char hit[WORDING_SIZE], of[WORDING_SIZE], interval[WORDING_SIZE] = "";

    if (isnan(r->value)) {
        (void)snprintf(out, LINE_SIZE, "nothing counted");
        return out;
    }
    if (!isnan(r->low))
        (void)snprintf(interval, sizeof interval, " [%.3g, %.3g]", 100.0 * r->low, 100.0 * r->high);
    (void)snprintf(out, LINE_SIZE, "%.4g %%%s (%s of %s %s)", 100.0 * r->value, interval,
                   word_count(r->hit, hit), word_count(r->of, of), r->unit);
    return out;
}

void gate_print(const struct gate *gate, FILE *out)
{
    char check[LINE_SIZE], value[LINE_SIZE];

    (void)fprintf(out, "%u met, %u unmet, %u cannot be told; flagged: level %s or above\n\n",
                  gate->of_outcome[GATE_MET], gate->of_outcome[GATE_UNMET],
                  gate->of_outcome[GATE_CANNOT_TELL], level_name[gate->level]);
    for (uint32_t i = 0; i < gate->count; i++) {
        const struct gate_result *r = &gate->result[i];

        (void)fprintf(out, "%-11s  %-*s  %s%s%s\n", gate_outcome_name[r->outcome], TITLE_COLUMN,
                      check_text(&r->check, check), value_text(r, value), r->reason[0] ? "; " : "",
                      r->reason);
    }
}

void gate_complain(const struct gate *gate, const char *command)
{
    char check[LINE_SIZE], value[LINE_SIZE];

    for (uint32_t i = 0; i < gate->count; i++)
        if (gate->result[i].outcome != GATE_MET)
            cli_error(command, "%s: %s: %s; %s", gate_outcome_name[gate->result[i].outcome],
                      check_text(&gate->result[i].check, check),
                      value_text(&gate->result[i], value), gate->result[i].reason);
}

void gate_write(const struct gate *gate, struct json_write *w)
{
    json_write_text(w, "level", level_name[gate->level]);
    json_write_text(w, "outcome",
                    gate_outcome_name[gate->of_outcome[GATE_UNMET]         ? GATE_UNMET
                                      : gate->of_outcome[GATE_CANNOT_TELL] ? GATE_CANNOT_TELL
                                                                           : GATE_MET]);
    json_write_open(w, "checks", '[');
    for (uint32_t i = 0; i < gate->count; i++) {
        const struct gate_result *r = &gate->result[i];

        json_write_open(w, NULL, '{');
        json_write_text(w, "measure", gate_measure[r->check.measure].option);
        json_write_text(w, "of", r->check.of);
        json_write_exact(w, "bound", r->check.bound);
        json_write_text(w, "outcome", gate_outcome_name[r->outcome]);
        json_write_u64(w, "hit", r->hit);
        json_write_u64(w, "counted", r->of);
        json_write_text(w, "unit", r->unit);
        json_write_f64(w, "value", r->value, 6);
        json_write_f64(w, "low", r->low, 6);
        json_write_f64(w, "high", r->high, 6);
        json_write_text(w, "reason", r->reason[0] ? r->reason : NULL);
        json_write_close(w, '}');
    }
    json_write_close(w, ']');
}

static void case_write(const struct gate_result *r, const char *run, bool allowed, FILE *out)
{
    bool skipped = r->outcome == GATE_CANNOT_TELL && allowed;
    char check[LINE_SIZE], value[LINE_SIZE];

    (void)fprintf(out, "    <testcase classname=\"stillwatch.gate.");
    doc_escape(out, DOC_HTML, run);
    (void)fprintf(out, "\" name=\"");
    doc_escape(out, DOC_HTML, check_text(&r->check, check));
    (void)fprintf(out, "\">");
    if (r->outcome != GATE_MET) {
        (void)fprintf(out, "<%s%s message=\"", skipped ? "skipped" : "failure",
                      skipped                    ? ""
                      : r->outcome == GATE_UNMET ? " type=\"unmet\""
                                                 : " type=\"cannot tell\"");
        doc_escape(out, DOC_HTML, r->reason);
        (void)fprintf(out, "\"/>");
    }
    (void)fprintf(out, "<system-out>");
    doc_escape(out, DOC_HTML, value_text(r, value));
    (void)fprintf(out, "</system-out></testcase>\n");
}

void gate_junit(const struct gate *gate, const char *run, bool allowed, FILE *out)
{
    uint32_t untold = gate->of_outcome[GATE_CANNOT_TELL];

    (void)fprintf(out,
                  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
                  "  <testsuite name=\"stillwatch gate\" tests=\"%u\" failures=\"%u\" "
                  "errors=\"0\" skipped=\"%u\">\n",
                  gate->count, gate->of_outcome[GATE_UNMET] + (allowed ? 0 : untold),
                  allowed ? untold : 0);
    for (uint32_t i = 0; i < gate->count; i++)
        case_write(&gate->result[i], run, allowed, out);
    (void)fprintf(out, "  </testsuite>\n</testsuites>\n");
}
