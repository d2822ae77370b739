/* What a policy reached and what it cost, for programs and for people. */
#include "tools/enforce.h"

#include "tools/wording.h"

#include <inttypes.h>

static void time_write(struct json_write *w, const char *name, msec_t t)
{
    if (t == INT64_MIN)
        json_write_null(w, name);
    else
        json_write_i64(w, name, t);
}

static void campaign_write(struct json_write *w, const struct enforce_campaign *c)
{
    const struct world_tally *t = &c->tally;

    json_write_open(w, NULL, '{');
    json_write_text(w, "campaign", c->name);
    json_write_u64(w, "planned", (uint64_t)(t->planned + 0.5));
    json_write_u64(w, "exchanges", t->exchanges);
    json_write_u64(w, "cover", t->cover);
    json_write_u64(w, "denied", t->denied);
    json_write_u64(w, "obtained", c->obtained);
    json_write_u64(w, "accounts", t->accounts);
    json_write_u64(w, "closed", t->closed);
    json_write_f64(w, "closed_per_1000_obtained", c->burnt_per_1000, 6);
    json_write_u64(w, "actions", t->acted_on);
    time_write(w, "pressed_ts", t->pressed_at);
    time_write(w, "failover_ts", t->failover_at);
    json_write_close(w, '}');
}

static void harm_write(struct json_write *w, const char *name, const struct enforce_harm *h)
{
    json_write_open(w, name, '{');
    json_write_u64(w, "accounts", h->accounts);
    json_write_u64(w, "harmed", h->harmed);
    json_write_u64(w, "closed", h->closed);
    json_write_f64(w, "hours", h->hours, 6);
    json_write_f64(w, "hours_median", h->hours_median, 6);
    json_write_close(w, '}');
}

void enforce_write(const struct enforce_result *r, struct json_write *w)
{
    json_write_text(w, "policy", r->policy);
    json_write_f64(w, "strictness", r->shift, 6);
    json_write_f64(w, "step_min", r->step_min, 6);
    json_write_open(w, "actions", '{');
    for (unsigned a = ACTION_LIMIT; a <= ACTION_RESTORE; a++)
        json_write_u64(w, action_name[a], r->actions[a]);
    json_write_close(w, '}');
    json_write_u64(w, "too_late", r->too_late);
    json_write_u64(w, "cleared", r->cleared);
    json_write_u64(w, "missed", r->missed);
    json_write_u64(w, "appeals", r->appeals);
    json_write_u64(w, "granted", r->granted);
    json_write_open(w, "campaigns", '[');
    for (uint32_t i = 0; i < r->campaign_count; i++)
        campaign_write(w, &r->campaign[i]);
    json_write_close(w, ']');
    json_write_open(w, "harm", '{');
    harm_write(w, "plain", &r->plain);
    harm_write(w, "hard", &r->hard);
    harm_write(w, "abusive", &r->abusive);
    json_write_close(w, '}');
}

static void harm_print(FILE *out, const char *name, const struct enforce_harm *h)
{
    char text[5][WORDING_SIZE];

    (void)fprintf(out, "%-24s %10s %10s %10s %12s %12s\n", name, word_count(h->accounts, text[0]),
                  word_count(h->harmed, text[1]), word_count(h->closed, text[2]),
                  word_count((uint64_t)(h->hours + 0.5), text[3]),
                  word_value(h->hours_median, text[4]));
}

static void harms_print(const struct enforce_result *r, FILE *out)
{
    (void)fprintf(out, "\n%-24s %10s %10s %10s %12s %12s\n", "Others acted on", "accounts",
                  "harmed", "closed", "hours in all", "median h");
    harm_print(out, "honest, plain", &r->plain);
    harm_print(out, "honest, hard", &r->hard);
    harm_print(out, "abusive", &r->abusive);
}

void enforce_print(const struct enforce_result *r, FILE *out)
{
    char text[5][WORDING_SIZE];

    (void)fprintf(out, "\nPolicy %s: ", r->policy);
    for (unsigned a = ACTION_LIMIT; a <= ACTION_RESTORE; a++)
        (void)fprintf(out, "%s %s%s", word_count(r->actions[a], text[0]), action_name[a],
                      a < ACTION_RESTORE ? ", " : "");
    (void)fprintf(out,
                  "; %s came too late, %s honest cleared before, %s others let go; %s appeals, %s "
                  "granted\n\n%-24s %10s %10s %10s %10s %12s\n",
                  word_count(r->too_late, text[0]), word_count(r->cleared, text[1]),
                  word_count(r->missed, text[2]), word_count(r->appeals, text[3]),
                  word_count(r->granted, text[4]), "Campaign", "planned", "obtained", "accounts",
                  "closed", "per 1,000");
    for (uint32_t i = 0; i < r->campaign_count; i++) {
        const struct enforce_campaign *c = &r->campaign[i];

        (void)fprintf(out, "%-24s %10s %10s %10s %10s %12s\n", c->name,
                      word_count((uint64_t)(c->tally.planned + 0.5), text[0]),
                      word_count(c->obtained, text[1]), word_count(c->tally.accounts, text[2]),
                      word_count(c->tally.closed, text[3]), word_value(c->burnt_per_1000, text[4]));
    }
    harms_print(r, out);
}
