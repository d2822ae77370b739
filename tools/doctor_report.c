#include "doctor_report.h"

#include "base/json_write.h"
#include "tools/doc.h"
#include "tools/wording.h"

#include <errno.h>
#include <inttypes.h>

static const char *const needs[FAMILY_COUNT] = {
    [FAMILY_payment] = "account records with `payment`: one card behind many accounts is the "
                       "strongest single link there is",
    [FAMILY_network] = "`ip`: proxy pools and shared exits show only by address",
    [FAMILY_client] = "`client` or `user_agent`: one program behind many accounts",
    [FAMILY_identity] = "account records with `created` or `email_domain`: sign-up waves and "
                        "bought identities",
    [FAMILY_content] = "`prompt`, or `sketch` where no text may be kept: one template sent from "
                       "many accounts",
    [FAMILY_worklist] = "`prompt` or `sketch`: a list worked through without repetition",
    [FAMILY_usage] = "`input_tokens` and `output_tokens`: harvesting takes long answers to short "
                     "questions",
    [FAMILY_reuse] = "`echo` or `signature`: answers and reasoning blocks that come back as input",
    [FAMILY_innocence] = "account records with `created`: what long-standing accounts do is the "
                         "yardstick, so that fewer honest ones are flagged",
};

const char *doctor_family_needs(enum signal_family family)
{
    return needs[family];
}

static bool in_log(enum signal_family f)
{
    return family_is_fed(f);
}

static void put_head(const struct doctor_finding *d, FILE *out)
{
    const struct doctor_fit *fit = d->fit;
    char a[WORDING_SIZE], b[WORDING_SIZE], c[WORDING_SIZE];

    doc_escape(out, DOC_PLAIN, d->source);
    if (!d->map)
        (void)fputs(": the native event format\n", out);
    else
        (void)fprintf(out, ": read through the %s field map %s\n", d->way, d->map);
    (void)fprintf(out, "lines%s: %s, records read: %s",
                  d->whole ? "" : " looked at (there are more)", word_count(d->lines, a),
                  word_count(fit->records - fit->skipped - fit->refused, b));
    if (fit->skipped)
        (void)fprintf(out, ", left out by the map's filter: %s", word_count(fit->skipped, c));
    (void)fprintf(out, ", refused: %s\n", word_count(fit->refused, c));
    for (uint32_t i = 0; i < fit->reason_count; i++)
        (void)fprintf(out, "  refused, %s times: %s\n", word_count(fit->reason[i].count, a),
                      fit->reason[i].text);
}

static double field_share(const struct doctor_fit *fit, unsigned f)
{
    uint32_t read = fit->records - fit->skipped - fit->refused;

    return read ? (double)fit->field[f].count / read : 0;
}

static void put_fields(const struct doctor_fit *fit, FILE *out)
{
    char share[WORDING_SIZE];
    uint32_t absent = 0;

    (void)fprintf(out, "\n%-14s %8s  %-44s %s\n", "Field", "Share", "From", "Example");
    for (unsigned f = 0; f < FIELD_COUNT; f++) {
        if (fit->field[f].count == 0) {
            absent += (field_info[f].records & IN_EXCHANGE) != 0;
            continue;
        }
        (void)fprintf(out, "%-14s %8s  ", field_info[f].name,
                      word_share(field_share(fit, f), share));
        (void)fprintf(out, "%-44.160s ", fit->field[f].from);
        doc_escape(out, DOC_PLAIN, fit->field[f].example);
        (void)fputc('\n', out);
    }
    if (absent == 0)
        return;
    (void)fputs("Not in this log:", out);
    for (unsigned f = 0; f < FIELD_COUNT; f++)
        if (fit->field[f].count == 0 && (field_info[f].records & IN_EXCHANGE))
            (void)fprintf(out, " %s", field_info[f].name);
    (void)fputc('\n', out);
}

static void put_families(const struct doctor_fit *fit, FILE *out)
{
    char share[WORDING_SIZE];

    (void)fputs("\nSignals that this log can feed\n", out);
    for (unsigned f = 0; f < FAMILY_COUNT; f++)
        if (in_log((enum signal_family)f) && fit->coverage.share[f] > 0)
            (void)fprintf(out, "  %-10s %8s  %s\n", family_name[f],
                          word_share(fit->coverage.share[f], share), family_help[f]);
    (void)fputs("Signals that it cannot feed, and what they need\n", out);
    for (unsigned f = 0; f < FAMILY_COUNT; f++)
        if (in_log((enum signal_family)f) && !(fit->coverage.share[f] > 0))
            (void)fprintf(out, "  %-10s %s\n", family_name[f],
                          needs[f] ? needs[f] : "records that can be read");
}

/* The command to run, with the names quoted where the shell wants it. */
static void put_word(const char *word, FILE *out)
{
    bool plain = word[strcspn(word, " \t\n'\"\\$`&|;<>()*?[]#~!{}")] == '\0';

    (void)fputs(plain ? " " : " '", out);
    doc_escape(out, DOC_PLAIN, word);
    if (!plain)
        (void)fputc('\'', out);
}

static void put_next(const struct doctor_finding *d, FILE *out)
{
    const char *map = d->proposal ? d->proposal : d->map;

    if (d->map && !d->proposal && strcmp(d->way, "proposed") == 0) {
        (void)fputs("\nNext: keep the proposed map with --propose FILE, check it, and read the log "
                    "with it\n",
                    out);
        return;
    }
    (void)fputs("\nNext: stillwatch detect", out);
    put_word(d->source, out);
    if (map) {
        (void)fputs(" --map", out);
        put_word(map, out);
    }
    (void)fputs(" --out runs/first\n", out);
}

int doctor_report_text(const struct doctor_finding *d, FILE *out)
{
    put_head(d, out);
    if (d->fit->records > d->fit->skipped + d->fit->refused) {
        put_fields(d->fit, out);
        put_families(d->fit, out);
        put_next(d, out);
    }
    return fflush(out) == 0 && !ferror(out) ? 0 : -EIO;
}

static void write_fields(struct json_write *w, const struct doctor_fit *fit)
{
    json_write_open(w, "fields", '[');
    for (unsigned f = 0; f < FIELD_COUNT; f++) {
        if (fit->field[f].count == 0)
            continue;
        json_write_open(w, NULL, '{');
        json_write_text(w, "field", field_info[f].name);
        json_write_f64(w, "share", field_share(fit, f), 6);
        json_write_text(w, "from", fit->field[f].from);
        json_write_text(w, "example", fit->field[f].example);
        json_write_close(w, '}');
    }
    json_write_close(w, ']');
}

static void write_families(struct json_write *w, const struct doctor_fit *fit)
{
    json_write_open(w, "families", '[');
    for (unsigned f = 0; f < FAMILY_COUNT; f++) {
        if (!in_log((enum signal_family)f))
            continue;
        json_write_open(w, NULL, '{');
        json_write_text(w, "family", family_name[f]);
        json_write_f64(w, "share", fit->coverage.share[f], 6);
        json_write_text(w, "needs", needs[f]);
        json_write_close(w, '}');
    }
    json_write_close(w, ']');
}

int doctor_report_json(const struct doctor_finding *d, FILE *out)
{
    const struct doctor_fit *fit = d->fit;
    struct json_write w;
    int r;

    json_write_init(&w, out);
    json_write_open(&w, NULL, '{');
    json_write_text(&w, "source", d->source);
    json_write_text(&w, "way", d->way);
    json_write_text(&w, "map", d->map);
    json_write_text(&w, "proposal", d->proposal);
    json_write_u64(&w, "lines", d->lines);
    json_write_bool(&w, "whole", d->whole);
    json_write_u64(&w, "records", fit->records);
    json_write_u64(&w, "exchanges", fit->exchanges);
    json_write_u64(&w, "skipped", fit->skipped);
    json_write_u64(&w, "refused", fit->refused);
    json_write_open(&w, "refusals", '[');
    for (uint32_t i = 0; i < fit->reason_count; i++) {
        json_write_open(&w, NULL, '{');
        json_write_text(&w, "reason", fit->reason[i].text);
        json_write_u64(&w, "count", fit->reason[i].count);
        json_write_close(&w, '}');
    }
    json_write_close(&w, ']');
    write_fields(&w, fit);
    write_families(&w, fit);
    json_write_close(&w, '}');
    json_write_line(&w);
    r = json_write_flush(&w);
    json_write_deinit(&w);
    return r;
}
