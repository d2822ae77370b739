#include "tools/explain.h"

#include "base/json_write.h"
#include "tools/doc.h"
#include "tools/wording.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { SIGNAL_WIDTH = 34, NATS_WIDTH = 8 };

/* Scores and weights are written with limited digits; more than this is damage. */
static const double SCORE_TOLERANCE = 1e-3;

static void say(FILE *out, const char *text)
{
    doc_escape(out, DOC_PLAIN, text);
}

/* Pads by characters; printf counts bytes, and the minus sign has three. */
static void padded(FILE *out, const char *text, int width, bool right)
{
    int characters = 0;

    for (const char *p = text; *p; p++)
        characters += (*p & 0xc0) != 0x80;
    if (right)
        (void)fprintf(out, "%*s", width > characters ? width - characters : 0, "");
    say(out, text);
    if (!right)
        (void)fprintf(out, "%*s", width > characters ? width - characters : 0, "");
}

static void line(FILE *out, const struct run_evidence *e, double shown)
{
    char text[WORDING_SIZE], usual[WORDING_SIZE], accounts[WORDING_SIZE];

    (void)fputs("  ", out);
    padded(out, word_signal(e->signal, text), SIGNAL_WIDTH, false);
    padded(out, word_nats(shown, text), NATS_WIDTH, true);
    (void)fputs("  ", out);
    say(out, e->note);
    (void)fputc('\n', out);
    if (!isfinite(e->observed) && !*e->value)
        return;
    (void)fprintf(out, "  %*s  ", SIGNAL_WIDTH + NATS_WIDTH, "");
    if (*e->value) {
        (void)fputs("value ", out);
        say(out, e->value);
        (void)fputs(isfinite(e->observed) ? "; " : "", out);
    }
    if (isfinite(e->observed))
        (void)fprintf(out, "observed %s", word_value(e->observed, text));
    if (isfinite(e->observed) && isfinite(e->baseline))
        (void)fprintf(out, ", usual %s", word_value(e->baseline, usual));
    if (isfinite(e->baseline) && e->baseline_accounts)
        (void)fprintf(out, " among %s accounts", word_count(e->baseline_accounts, accounts));
    (void)fputc('\n', out);
}

static void lines(FILE *out, const struct report_subject *s)
{
    char text[WORDING_SIZE], chance[WORDING_SIZE];

    (void)fputs("Evidence, in nats:\n", out);
    for (uint32_t i = 0; i < s->evidence_count; i++)
        line(out, &s->evidence[i], s->shown[i]);
    (void)fputs("  ", out);
    padded(out, "sum = log-odds", SIGNAL_WIDTH, false);
    padded(out, word_nats(s->shown_sum, text), NATS_WIDTH, true);
    (void)fprintf(out, "  a probability of %s\n", word_probability(s->score, chance));
}

static void innocence(FILE *out, const struct report_subject *s)
{
    char text[WORDING_SIZE], nats[WORDING_SIZE];
    uint32_t count = 0;

    for (uint32_t i = 0; i < s->evidence_count; i++) {
        const struct run_evidence *e = &s->evidence[i];

        if (e->weight >= 0 || report_is_prior(e))
            continue;
        (void)fprintf(out, "%s%s (%s)",
                      count++ ? ", " : "Speaks for innocence: ", word_signal(e->signal, text),
                      word_nats(s->shown[i], nats));
    }
    (void)fputs(count ? ".\n" : "Nothing that was measured speaks for innocence.\n", out);
}

static void heading(FILE *out, const struct report_subject *s)
{
    char a[WORDING_SIZE], b[WORDING_SIZE];

    (void)fputs(!s->account ? "Group " : "Account ", out);
    say(out, s->id);
    if (!s->account)
        (void)fprintf(out, ": %s accounts, %s", word_count(s->group->members_stated, a),
                      s->verdict);
    (void)fprintf(out, "; level %s (%s)\n", level_name[s->level], word_level(s->level));
    (void)fprintf(out, "%s exchanges, first %s, ", word_count(s->exchanges, a),
                  word_time(s->first_ts, b));
    (void)fprintf(out, "last %s UTC\n", word_time(s->last_ts, a));
    if (s->alert_ts != INT64_MIN) {
        (void)fprintf(out, "Raised %s UTC, after %s exchanges\n", word_time(s->alert_ts, a),
                      word_count(s->exchanges_at_alert, b));
    }
    if (!s->account)
        (void)fprintf(out, "One operator? %s   Harvesting? %s\n",
                      word_probability(s->group->one_operator, a),
                      word_probability(s->group->harvesting, b));
    (void)fputc('\n', out);
}

static bool without_data(const json_t *summary, enum signal_family family)
{
    return report_needs_data(family) && report_coverage(summary, family) <= 0;
}

static void blind_spots(FILE *out, const json_t *summary)
{
    uint32_t count = 0;

    for (int i = 0; i < FAMILY_COUNT; i++)
        if (without_data(summary, i))
            (void)fprintf(out, "%s%s (%s)",
                          count++ ? ", " : "The log holds no data on: ", family_name[i],
                          family_help[i]);
    (void)fputs(count ? ".\n" : "", out);
}

static void membership(FILE *out, const struct run_cluster *group)
{
    char a[WORDING_SIZE], b[WORDING_SIZE];

    if (!group) {
        (void)fputs("Not a member of any group.\n", out);
        return;
    }
    (void)fputs("Member of group ", out);
    say(out, group->cluster);
    (void)fprintf(out, ": %s accounts, level %s, %s (%s).\n", word_count(group->members_stated, a),
                  level_name[group->level], group->verdict, word_probability(group->score, b));
}

static void advice(FILE *out, const struct report_subject *s)
{
    (void)fputs("\nWhat to do next:\n", out);
    for (const char *const *step = word_advice(s->verdict, s->level, !s->account); *step; step++)
        (void)fprintf(out, "  - %s\n", *step);
}

static void write_text(const struct report_subject *s, const json_t *summary, FILE *out)
{
    heading(out, s);
    lines(out, s);
    (void)fputc('\n', out);
    innocence(out, s);
    if (s->account)
        membership(out, s->group);
    blind_spots(out, summary);
    advice(out, s);
}

static void json_evidence(struct json_write *w, const struct report_subject *s)
{
    json_write_open(w, "evidence", '[');
    for (uint32_t i = 0; i < s->evidence_count; i++) {
        const struct run_evidence *e = &s->evidence[i];

        json_write_open(w, NULL, '{');
        json_write_text(w, "signal", e->signal);
        json_write_text(w, "family", e->family);
        json_write_f64(w, "weight", e->weight, 17);
        json_write_f64(w, "observed", e->observed, 17);
        json_write_f64(w, "baseline", e->baseline, 17);
        json_write_u64(w, "baseline_accounts", e->baseline_accounts);
        json_write_text(w, "value", e->value);
        json_write_text(w, "note", e->note);
        json_write_close(w, '}');
    }
    json_write_close(w, ']');
}

static void json_group(struct json_write *w, const struct run_cluster *group)
{
    json_write_open(w, "group", '{');
    json_write_text(w, "cluster", group->cluster);
    json_write_f64(w, "score", group->score, 17);
    json_write_text(w, "level", level_name[group->level]);
    json_write_text(w, "verdict", group->verdict);
    json_write_f64(w, "one_operator", group->one_operator, 17);
    json_write_f64(w, "harvesting", group->harvesting, 17);
    json_write_u64(w, "member_count", group->members_stated);
    json_write_close(w, '}');
}

static int write_json(const struct report_subject *s, const json_t *summary, FILE *out)
{
    struct json_write w;
    int r;

    json_write_init(&w, out);
    json_write_open(&w, NULL, '{');
    json_write_text(&w, s->account ? "account" : "cluster", s->id);
    json_write_f64(&w, "score", s->score, 17);
    json_write_f64(&w, "log_odds", s->log_odds, 17);
    json_write_text(&w, "level", level_name[s->level]);
    json_write_u64(&w, "exchanges", s->exchanges);
    json_write_u64(&w, "exchanges_at_alert", s->exchanges_at_alert);
    json_evidence(&w, s);
    if (s->group)
        json_group(&w, s->group);
    json_write_open(&w, "no_data", '[');
    for (int i = 0; i < FAMILY_COUNT; i++)
        if (without_data(summary, i))
            json_write_text(&w, NULL, family_name[i]);
    json_write_close(&w, ']');
    json_write_close(&w, '}');
    json_write_line(&w);
    r = json_write_flush(&w);
    json_write_deinit(&w);
    return r;
}

static int check_sum(const struct report_subject *s, struct err *err)
{
    double follows = 1 / (1 + exp(-s->log_odds));

    if (fabs(follows - s->score) <= SCORE_TOLERANCE)
        return 0;
    return err_set(err, -EINVAL,
                   "%s: the score %.6g does not follow from its evidence, which sums to %.6g nats",
                   s->id, s->score, s->log_odds);
}

int explain_write(const struct run *run, const struct report_subject *s, bool json, FILE *out,
                  struct err *err)
{
    int r = 0;

    if (json)
        r = write_json(s, run->summary, out);
    else
        write_text(s, run->summary, out);
    return r < 0 ? r : check_sum(s, err);
}
