/* An explanation for programs. */
#include "base/json_write.h"
#include "detector/evidence.h"
#include "tools/explain.h"
#include "tools/explain_change.h"
#include "tools/explain_facts.h"
#include "tools/explain_timeline.h"

#include <string.h>

static void json_rarity(struct json_write *w, const struct explain_rarity *r)
{
    json_write_open(w, "rarity", '{');
    json_write_u64(w, "sharing", r->sharing);
    json_write_u64(w, "others", r->others);
    json_write_u64(w, "of", r->of);
    json_write_close(w, '}');
}

static void json_evidence(struct json_write *w, const struct run *run,
                          const struct report_subject *s)
{
    json_write_open(w, "evidence", '[');
    for (uint32_t i = 0; i < s->evidence_count; i++) {
        const struct run_evidence *e = &s->evidence[i];
        struct explain_rarity r;

        json_write_open(w, NULL, '{');
        json_write_text(w, "signal", e->signal);
        json_write_text(w, "family", e->family);
        json_write_f64(w, "weight", e->weight, 17);
        json_write_f64(w, "observed", e->observed, 17);
        json_write_f64(w, "baseline", e->baseline, 17);
        json_write_u64(w, "baseline_accounts", e->baseline_accounts);
        json_write_text(w, "value", e->value);
        json_write_text(w, "note", e->note);
        if (explain_rarity_of(run, e, &r))
            json_rarity(w, &r);
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

/* Lines are named by their place in "evidence". */
static void json_changes(struct json_write *w, const struct report_subject *s,
                         const json_t *summary)
{
    struct explain_change c;

    explain_change_of(s, summary, &c);
    json_write_open(w, "hangs_on", '{');
    json_write_f64(w, "review_log_odds", c.threshold, 17);
    json_write_f64(w, "above_review", c.above, 17);
    json_write_open(w, "single", '[');
    for (uint32_t i = 0; i < c.single_count; i++) {
        double left = s->log_odds - s->evidence[c.single[i]].weight;

        json_write_open(w, NULL, '{');
        json_write_u64(w, "evidence", c.single[i]);
        json_write_text(w, "signal", s->evidence[c.single[i]].signal);
        json_write_f64(w, "log_odds_without", left, 17);
        json_write_f64(w, "score_without", logistic(left), 17);
        json_write_close(w, '}');
    }
    json_write_close(w, ']');
    json_write_u64(w, "strongest_needed_together", c.together);
    json_write_f64(w, "log_odds_without_these", c.without_together, 17);
    json_write_close(w, '}');
}

static void json_event(struct json_write *w, const struct explain_event *e)
{
    json_write_open(w, NULL, '{');
    json_write_i64(w, "ts", e->ts);
    json_write_text(w, "kind", e->kind);
    if (e->cluster)
        json_write_text(w, "cluster", e->cluster);
    if (e->finding) {
        json_write_text(w, "level", level_name[e->finding->level]);
        json_write_f64(w, "score", e->finding->score, 17);
        json_write_u64(w, "member_count", e->finding->member_count);
        json_write_u64(w, "exchanges", e->finding->exchanges);
    }
    json_write_close(w, '}');
}

static void json_timeline(struct json_write *w, const struct run *run,
                          const struct report_subject *s)
{
    struct explain_timeline t;

    explain_timeline_of(run, s, &t);
    json_write_open(w, "timeline", '[');
    for (uint32_t i = 0; i < t.count; i++)
        json_event(w, &t.event[i]);
    json_write_close(w, ']');
}

static void json_families(struct json_write *w, const struct report_subject *s,
                          const json_t *summary)
{
    json_write_open(w, "silent", '[');
    for (int i = 0; i < FAMILY_COUNT; i++)
        if (explain_silent(summary, s, i))
            json_write_text(w, NULL, family_name[i]);
    json_write_close(w, ']');
    if (!s->account) {
        json_write_open(w, "insufficient", '[');
        for (uint32_t i = 0; i < s->group->lack_count; i++) {
            json_write_open(w, NULL, '{');
            json_write_text(w, "signal", s->group->lack[i].signal);
            json_write_text(w, "family", s->group->lack[i].family);
            json_write_text(w, "why", s->group->lack[i].why);
            json_write_close(w, '}');
        }
        json_write_close(w, ']');
    }
    json_write_open(w, "no_data", '[');
    for (int i = 0; i < FAMILY_COUNT; i++)
        if (explain_without_data(summary, i))
            json_write_text(w, NULL, family_name[i]);
    json_write_close(w, ']');
}

int explain_write_json(const struct run *run, const struct report_subject *s, FILE *out)
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
    json_evidence(&w, run, s);
    if (s->group)
        json_group(&w, s->group);
    json_changes(&w, s, run->summary);
    json_timeline(&w, run, s);
    json_families(&w, s, run->summary);
    json_write_close(&w, '}');
    json_write_line(&w);
    r = json_write_flush(&w);
    json_write_deinit(&w);
    return r;
}
