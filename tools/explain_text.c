/* An explanation for a terminal. */
#include "detector/evidence.h"
#include "tools/doc.h"
#include "tools/explain.h"
#include "tools/explain_change.h"
#include "tools/explain_facts.h"
#include "tools/explain_timeline.h"
#include "tools/wording.h"

#include <math.h>
#include <string.h>

enum { SIGNAL_WIDTH = 34, NATS_WIDTH = 8 };

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

/* How rare it is to have that in common with so many, in plain words. */
static void rarity(FILE *out, const struct run *run, const struct run_evidence *e)
{
    struct explain_rarity r;
    char a[WORDING_SIZE], b[WORDING_SIZE];

    if (!explain_rarity_of(run, e, &r))
        return;
    (void)fprintf(out, "  %*s  ", SIGNAL_WIDTH + NATS_WIDTH, "");
    if (r.others)
        (void)fprintf(out,
                      "apart from these, at most one account in %s shares one with %s others or "
                      "more\n",
                      word_count(r.of / r.others, a), word_count(r.sharing - 1, b));
    else
        (void)fprintf(out,
                      "apart from these, none of %s accounts shares one with %s others or more\n",
                      word_count(r.of, a), word_count(r.sharing - 1, b));
}

static void line(FILE *out, const struct run *run, const struct run_evidence *e, double shown)
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
    rarity(out, run, e);
}

static void lines(FILE *out, const struct run *run, const struct report_subject *s)
{
    char text[WORDING_SIZE], chance[WORDING_SIZE];

    (void)fputs("Evidence, in nats:\n", out);
    for (uint32_t i = 0; i < s->evidence_count; i++)
        line(out, run, &s->evidence[i], s->shown[i]);
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

static void silent(FILE *out, const struct report_subject *s, const json_t *summary)
{
    uint32_t count = 0;

    for (int i = 0; i < FAMILY_COUNT; i++)
        if (explain_silent(summary, s, i))
            (void)fprintf(out, "%s%s (%s)",
                          count++ ? ", " : "Looked at, and told nothing: ", family_name[i],
                          family_help[i]);
    (void)fputs(count ? ".\n" : "", out);
}

static void blind_spots(FILE *out, const json_t *summary)
{
    uint32_t count = 0;

    for (int i = 0; i < FAMILY_COUNT; i++)
        if (explain_without_data(summary, i))
            (void)fprintf(out, "%s%s (%s)",
                          count++ ? ", " : "The log holds no data on: ", family_name[i],
                          family_help[i]);
    (void)fputs(count ? ".\n" : "", out);
}

/* Not the same as having looked and found nothing. */
static void too_little(FILE *out, const struct run_cluster *g)
{
    char text[WORDING_SIZE];

    for (uint32_t i = 0; i < g->lack_count; i++) {
        (void)fputs(i ? ", " : "Too little data to tell: ", out);
        say(out, word_signal(g->lack[i].signal, text));
        (void)fputs(" (", out);
        say(out, g->lack[i].why);
        (void)fputc(')', out);
    }
    (void)fputs(g->lack_count ? ".\n" : "", out);
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
    (void)fprintf(out, ": %s accounts, level %s, %s (%s). ", word_count(group->members_stated, a),
                  level_name[group->level], group->verdict, word_probability(group->score, b));
    (void)fputs("The evidence behind it: explain RUN ", out);
    say(out, group->cluster);
    (void)fputs("\n", out);
}

/* ---- what it hangs on ---- */

static void change_line(FILE *out, const struct report_subject *s, const struct explain_change *c,
                        uint32_t i)
{
    char signal[WORDING_SIZE], nats[WORDING_SIZE], left[WORDING_SIZE], chance[WORDING_SIZE];
    double log_odds_left = s->log_odds - s->evidence[i].weight;

    (void)fprintf(out, "  - without %s (%s): %s, a probability of %s: %s\n",
                  word_signal(s->evidence[i].signal, signal), word_nats(s->shown[i], nats),
                  word_nats(s->shown_sum - s->shown[i], left),
                  word_probability(logistic(log_odds_left), chance),
                  log_odds_left < c->threshold ? "below review" : "still at review");
}

static void change_together(FILE *out, const struct report_subject *s,
                            const struct explain_change *c)
{
    char signal[WORDING_SIZE], nats[WORDING_SIZE], chance[WORDING_SIZE];
    uint32_t named = 0;
    double left = s->shown_sum;

    (void)fputs("  - no single line carries it: ", out);
    for (uint32_t i = 0; i < s->evidence_count && named < c->together; i++) {
        if (report_is_prior(&s->evidence[i]) || s->evidence[i].weight <= 0)
            continue;
        left -= s->shown[i];
        (void)fprintf(out, "%s%s (%s)", named++ ? ", " : "",
                      word_signal(s->evidence[i].signal, signal), word_nats(s->shown[i], nats));
    }
    (void)fprintf(out, " would all have to go: %s, a probability of %s\n", word_nats(left, nats),
                  word_probability(logistic(c->without_together), chance));
}

static void changes(FILE *out, const struct report_subject *s, const json_t *summary)
{
    struct explain_change c;
    char threshold[WORDING_SIZE], gap[WORDING_SIZE], chance[WORDING_SIZE];

    explain_change_of(s, summary, &c);
    (void)fprintf(out, "\nWhat it hangs on (review begins at %s, a probability of %s):\n",
                  word_nats(c.threshold, threshold),
                  word_probability(logistic(c.threshold), chance));
    if (c.above < 0) {
        (void)fprintf(out, "  The sum is %s nats short of review.\n",
                      word_value(round(-c.above * 100) / 100, gap));
        return;
    }
    for (uint32_t i = 0; i < c.single_count; i++)
        change_line(out, s, &c, c.single[i]);
    if (c.single_count == 0 && c.together) {
        change_line(out, s, &c, c.strongest);
        change_together(out, s, &c);
    }
    if (!s->account)
        (void)fputs("  Lines of one family are capped together: another of them could take a part "
                    "of the place of one that is gone.\n",
                    out);
}

/* ---- when ---- */

static void event_words(FILE *out, const struct report_subject *s, const struct explain_event *e)
{
    const struct run_finding *f = e->finding;
    char a[WORDING_SIZE], b[WORDING_SIZE];

    if (f) {
        (void)fprintf(out, "%s raised to %s (%s)",
                      strcmp(e->kind, "group_finding") == 0 ? "its group" : "finding:",
                      level_name[f->level], word_probability(f->score, a));
        if (f->is_cluster)
            (void)fprintf(out, ": %s accounts, %s exchanges", word_count(f->member_count, a),
                          word_count(f->exchanges, b));
    } else if (e->cluster) {
        (void)fputs(word_past(e->kind), out);
        (void)fputc(' ', out);
        say(out, e->cluster);
    } else if (strcmp(e->kind, "first_seen") == 0) {
        (void)fputs("first seen", out);
    } else if (strcmp(e->kind, "last_exchange") == 0) {
        (void)fputs("last exchange", out);
    } else if (strcmp(e->kind, "joined_group") == 0) {
        (void)fputs("in a group from here on, without a break", out);
    } else {
        (void)fprintf(out, "alarm: at review, after %s of %s exchanges",
                      word_count(s->exchanges_at_alert, a), word_count(s->exchanges, b));
    }
    (void)fputc('\n', out);
}

static void strip(FILE *out, const struct explain_timeline *t)
{
    static const char *const block[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇"};
    char from[WORDING_SIZE], width[WORDING_SIZE];

    if (t->strip_count == 0)
        return;
    (void)fputs("  |", out);
    for (uint32_t i = 0; i < t->strip_count; i++)
        (void)fputs(block[t->strip[i]], out);
    (void)fprintf(out, "|  activity from %s on, %s a column\n", word_time(t->strip_from, from),
                  word_span(t->strip_width_ms, width));
}

static void timeline(FILE *out, const struct run *run, const struct report_subject *s)
{
    struct explain_timeline t;
    char text[WORDING_SIZE];

    explain_timeline_of(run, s, &t);
    (void)fputs("\nWhen (UTC):\n", out);
    for (uint32_t i = 0; i < t.count; i++) {
        (void)fprintf(out, "  %s  ", word_time(t.event[i].ts, text));
        event_words(out, s, &t.event[i]);
    }
    strip(out, &t);
}

static void advice(FILE *out, const struct report_subject *s)
{
    (void)fputs("\nWhat to do next:\n", out);
    for (const char *const *step = word_advice(s->verdict, s->level, !s->account); *step; step++)
        (void)fprintf(out, "  - %s\n", *step);
}

void explain_write_text(const struct run *run, const struct report_subject *s, FILE *out)
{
    heading(out, s);
    lines(out, run, s);
    (void)fputc('\n', out);
    innocence(out, s);
    silent(out, s, run->summary);
    if (!s->account)
        too_little(out, s->group);
    blind_spots(out, run->summary);
    if (s->account)
        membership(out, s->group);
    changes(out, s, run->summary);
    timeline(out, run, s);
    advice(out, s);
}
