#include "run_record.h"

#include "tools/cluster_graph.h"
#include "tools/timeline_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

enum { SCORE_DIGITS = 6, VALUE_DIGITS = 6 };

/* Weights are written in millionths of a nat: whole numbers, whose sum is the written sum. */
static const double MICRO = 1e6;

static int64_t micro(double nats)
{
    return llround(nats * MICRO);
}

void run_record_evidence(struct json_write *w, const struct evidence_list *list, bool full)
{
    int64_t sum = 0;

    for (uint32_t i = 0; i < list->count; i++)
        sum += micro(list->item[i].weight);
    json_write_micro(w, "log_odds", sum);
    json_write_open(w, "evidence", '[');
    for (uint32_t i = 0; i < list->count; i++) {
        const struct evidence *e = &list->item[i];

        json_write_open(w, NULL, '{');
        json_write_text(w, "signal", e->signal);
        json_write_micro(w, "weight", micro(e->weight));
        if (full) {
            json_write_text(w, "family", family_name[e->family]);
            json_write_f64(w, "observed", e->observed, VALUE_DIGITS);
            json_write_f64(w, "baseline", e->baseline, VALUE_DIGITS);
            json_write_u64(w, "baseline_accounts", e->baseline_accounts);
            json_write_text(w, "value", e->value);
            json_write_text(w, "note", e->note);
        }
        json_write_close(w, '}');
    }
    json_write_close(w, ']');
}

/* Null before any alert. */
static void alert_write(struct json_write *w, msec_t alert_ts, uint64_t exchanges_at_alert)
{
    if (alert_ts == INT64_MIN) {
        json_write_null(w, "alert_ts");
        json_write_null(w, "exchanges_at_alert");
        return;
    }
    json_write_i64(w, "alert_ts", alert_ts);
    json_write_u64(w, "exchanges_at_alert", exchanges_at_alert);
}

const char *run_record_cluster_id(uint64_t cluster, char text[RUN_RECORD_ID_SIZE])
{
    (void)snprintf(text, RUN_RECORD_ID_SIZE, "c%" PRIu64, cluster);
    return text;
}

static void timeline_write(struct json_write *w, const struct timeline *timeline)
{
    char cells[TIMELINE_TEXT_SIZE];

    if (timeline->count == 0)
        return;
    json_write_open(w, "timeline", '{');
    json_write_i64(w, "from", timeline->from);
    json_write_i64(w, "width_ms", timeline->width_ms);
    json_write_text(w, "cells", timeline_write_text(timeline, cells));
    json_write_close(w, '}');
}

void run_record_account(struct json_write *w, const struct account_view *a,
                        const struct timeline *timeline)
{
    char id[RUN_RECORD_ID_SIZE];

    json_write_open(w, NULL, '{');
    json_write_str(w, "account", a->account);
    json_write_f64(w, "score", a->score, SCORE_DIGITS);
    json_write_text(w, "level", level_name[a->level]);
    json_write_text(w, "cluster", a->cluster ? run_record_cluster_id(a->cluster, id) : NULL);
    json_write_u64(w, "exchanges", a->exchanges);
    json_write_i64(w, "first_ts", a->first_ts);
    json_write_i64(w, "last_ts", a->last_ts);
    alert_write(w, a->alert_ts, a->exchanges_at_alert);
    if (a->cluster && timeline->member_ts != INT64_MIN)
        json_write_i64(w, "member_ts", timeline->member_ts);
    timeline_write(w, timeline);
    run_record_evidence(w, &a->evidence, a->level >= LEVEL_WATCH);
    json_write_close(w, '}');
    json_write_line(w);
}

static void members_write(struct json_write *w, const struct detector *detector,
                          const struct cluster_view *c)
{
    struct account_view account;

    json_write_open(w, "members", '[');
    for (uint32_t i = 0; i < c->member_count; i++)
        if (detector_account_view(detector, c->member[i], &account))
            json_write_str(w, NULL, account.account);
    json_write_close(w, ']');
    json_write_u64(w, "member_count", c->member_count);
}

/* 0, or -ENOMEM. */
int run_record_cluster(struct json_write *w, const struct detector *detector,
                       const struct cluster_view *c)
{
    char id[RUN_RECORD_ID_SIZE];
    int r = 0;

    json_write_open(w, NULL, '{');
    json_write_text(w, "cluster", run_record_cluster_id(c->cluster, id));
    json_write_f64(w, "score", c->score, SCORE_DIGITS);
    json_write_text(w, "level", level_name[c->level]);
    json_write_text(w, "verdict", c->verdict);
    json_write_f64(w, "one_operator", c->answers.one_operator, SCORE_DIGITS);
    json_write_f64(w, "harvesting", c->answers.harvesting, SCORE_DIGITS);
    members_write(w, detector, c);
    json_write_u64(w, "exchanges", c->exchanges);
    json_write_i64(w, "first_ts", c->first_ts);
    json_write_i64(w, "last_ts", c->last_ts);
    alert_write(w, c->alert_ts, c->exchanges_at_alert);
    run_record_evidence(w, &c->evidence, true);
    json_write_open(w, "activity", '{');
    json_write_i64(w, "from", c->activity_from);
    json_write_open(w, "hours", '[');
    for (uint32_t i = 0; i < c->activity_hours; i++)
        json_write_u64(w, NULL, c->activity[i]);
    json_write_close(w, ']');
    json_write_close(w, '}');
    if (c->level >= LEVEL_WATCH)
        r = cluster_graph_write(w, detector, c);
    json_write_close(w, '}');
    json_write_line(w);
    return r;
}

/* What to do next, in one sentence. */
static const char *advice(const struct finding *f)
{
    if (f->is_cluster && f->level == LEVEL_ACT)
        return "Keep the records of all members, then act on them together: acting on one alone "
               "warns the others.";
    if (f->is_cluster && f->level == LEVEL_REVIEW)
        return "Have an analyst compare what the members share with a sample of their prompts "
               "before anything is limited.";
    if (f->level == LEVEL_ACT)
        return "Keep the account's records, look for its partners with `explain`, then limit it.";
    if (f->level == LEVEL_REVIEW)
        return "Have an analyst read the evidence and ask the customer about its use before "
               "anything is limited.";
    return "Nothing to do yet: look again when the score rises.";
}

void run_record_finding(struct json_write *w, const struct detector *detector,
                        const struct finding *f)
{
    struct account_view account;
    char id[RUN_RECORD_ID_SIZE];

    (void)snprintf(id, sizeof id, "f%" PRIu64, f->id);
    json_write_open(w, NULL, '{');
    json_write_i64(w, "ts", f->ts);
    json_write_text(w, "id", id);
    json_write_text(w, "kind", f->is_cluster ? "cluster" : "account");
    if (f->is_cluster)
        json_write_text(w, "subject", run_record_cluster_id(f->subject, id));
    else if (detector_account_view(detector, (uint32_t)f->subject, &account))
        json_write_str(w, "subject", account.account);
    else
        json_write_null(w, "subject");
    json_write_text(w, "level", level_name[f->level]);
    json_write_f64(w, "score", f->score, SCORE_DIGITS);
    json_write_u64(w, "member_count", f->member_count);
    json_write_u64(w, "exchanges", f->exchanges);
    run_record_evidence(w, &f->evidence, true);
    json_write_text(w, "advice", advice(f));
    json_write_close(w, '}');
    json_write_line(w);
}
