/* The configuration with its provenance, and all numbers behind it. */
#include "tools/tune.h"

#include "base/hash.h"
#include "tools/config_file.h"
#include "tools/json_save.h"
#include "tools/metrics_write.h"
#include "tools/plot.h"
#include "tools/text_file.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { DIGITS = 6 };

/* One hash over the inputs, in order. */
static void digest_write(const struct tune *t, struct json_write *w)
{
    uint64_t digest = 0;
    char text[TUNE_DIGEST_SIZE];

    for (uint32_t r = 0; r < t->data.run_count; r++) {
        digest = hash_str(str_of(t->data.run[r].name), digest);
        digest = hash_str(str_of(t->data.run[r].digest), digest);
        digest = hash_u64(t->data.run[r].account_count, digest);
    }
    (void)snprintf(text, sizeof text, "%016" PRIx64, digest);
    json_write_text(w, "digest", text);
}

static void inputs_write(const struct tune *t, struct json_write *w)
{
    msec_t first = INT64_MAX, last = INT64_MIN;

    json_write_open(w, "inputs", '[');
    for (uint32_t r = 0; r < t->data.run_count; r++) {
        const struct tune_run *run = &t->data.run[r];

        json_write_open(w, NULL, '{');
        json_write_text(w, "name", run->name);
        json_write_text(w, "digest", run->digest);
        if (run->simulated)
            json_write_u64(w, "seed", run->seed);
        json_write_u64(w, "accounts", run->account_count);
        json_write_close(w, '}');
        first = run->first < first ? run->first : first;
        last = run->last > last ? run->last : last;
    }
    json_write_close(w, ']');
    digest_write(t, w);
    json_write_open(w, "event_time", '{');
    json_write_i64(w, "from", first);
    json_write_i64(w, "to", last);
    json_write_close(w, '}');
}

static void goals_write(const struct tune *t, struct json_write *w)
{
    json_write_open(w, "goals", '{');
    gate_checks_write(&t->goals.checks, w, "budgets");
    json_write_f64(w, "reviews_per_day", t->goals.reviews_per_day, DIGITS);
    json_write_f64(w, "cost_false_ban", t->goals.false_ban, DIGITS);
    json_write_f64(w, "cost_false_review", t->goals.false_review, DIGITS);
    json_write_f64(w, "cost_leak", t->goals.leak, DIGITS);
    json_write_close(w, '}');
}

static void share_write(struct json_write *w, const char *name, const struct tune_share *s)
{
    json_write_open(w, name, '{');
    json_write_u64(w, "hit", s->hit);
    json_write_u64(w, "of", s->of);
    json_write_f64(w, "value", s->value, DIGITS);
    json_write_f64(w, "low", s->low, DIGITS);
    json_write_f64(w, "high", s->high, DIGITS);
    json_write_f64(w, "run_low", s->run_low, DIGITS);
    json_write_f64(w, "run_high", s->run_high, DIGITS);
    json_write_close(w, '}');
}

static void estimate_write(const struct tune *t, const struct tune_estimate *e,
                           struct json_write *w)
{
    json_write_open(w, "flagged", '{');
    for (uint32_t s = 0; s < t->strata.count; s++)
        share_write(w, t->strata.item[s].name, &e->share[s]);
    json_write_close(w, '}');
    share_write(w, "benign_at_act", &e->act[TUNE_BENIGN]);
    json_write_f64(w, "cases_per_day", e->cases_per_day, DIGITS);
    json_write_f64(w, "leaked", e->leaked, DIGITS);
    json_write_f64(w, "cost_per_run", e->cost, DIGITS);
    json_write_open(w, "archetypes_never_seen", '{');
    for (uint32_t a = 0; a < e->archetype_count && e->archetype_count > 1; a++)
        share_write(w, e->archetype[a].name, &e->archetype[a].found);
    json_write_close(w, '}');
    json_write_open(w, "calibration", '{');
    calibration_write(w, "accounts_before", "accounts", &e->account[0]);
    calibration_write(w, "accounts_after", "accounts", &e->account[1]);
    calibration_write(w, "groups_before", "groups", &e->group[0]);
    calibration_write(w, "groups_after", "groups", &e->group[1]);
    json_write_close(w, '}');
}

static void fresh_write(const struct tune *t, struct json_write *w)
{
    json_write_open(w, "fresh", '[');
    for (uint32_t i = 0; i < t->fresh_count; i++) {
        const struct tune_fresh *f = &t->fresh[i];

        json_write_open(w, NULL, '{');
        json_write_text(w, "name", f->name);
        json_write_open(w, "flagged", '{');
        for (uint32_t s = 0; s < t->strata.count; s++) {
            json_write_open(w, t->strata.item[s].name, '{');
            json_write_u64(w, "hit", f->hit[s]);
            json_write_u64(w, "of", f->of[s]);
            json_write_close(w, '}');
        }
        json_write_close(w, '}');
        json_write_u64(w, "cases", f->cases);
        json_write_u64(w, "wrong", f->wrong);
        json_write_f64(w, "expected_wrong", f->expected, DIGITS);
        json_write_close(w, '}');
    }
    json_write_close(w, ']');
}

void tune_write(const struct tune *t, struct json_write *w)
{
    inputs_write(t, w);
    goals_write(t, w);
    json_write_text(w, "weights", tune_weights_name[t->chosen]);
    json_write_open(w, "held_out", '{');
    estimate_write(t, &t->estimate[t->chosen], w);
    json_write_close(w, '}');
    if (t->usable[!t->chosen]) {
        json_write_open(w, "held_out_other_weights", '{');
        estimate_write(t, &t->estimate[!t->chosen], w);
        json_write_close(w, '}');
    }
    fresh_write(t, w);
}

/* ---- files ---- */

static void fill_tune(const void *what, struct json_write *w)
{
    json_write_open(w, NULL, '{');
    tune_write(what, w);
    json_write_close(w, '}');
    json_write_line(w);
}

static void fill_config(const void *what, struct json_write *w)
{
    const struct tune *t = what;

    json_write_open(w, NULL, '{');
    config_file_write(w, &t->model.config);
    json_write_open(w, CONFIG_PROVENANCE, '{');
    json_write_text(w, "command", "tune");
    inputs_write(t, w);
    goals_write(t, w);
    json_write_text(w, "weights", tune_weights_name[t->chosen]);
    json_write_open(w, "held_out", '{');
    for (uint32_t s = 0; s < t->strata.count; s++)
        share_write(w, t->strata.item[s].name, &t->estimate[t->chosen].share[s]);
    json_write_close(w, '}');
    json_write_close(w, '}');
    json_write_close(w, '}');
    json_write_line(w);
}

static int fill_json(FILE *f, const void *tune)
{
    return json_save_into(f, fill_tune, tune);
}

static int fill_configuration(FILE *f, const void *tune)
{
    return json_save_into(f, fill_config, tune);
}

static int fill_markdown(FILE *f, const void *tune)
{
    tune_print(tune, f, true);
    return 0;
}

struct drawing {
    const struct tune *tune;
    const struct tune_curve *curve;
};

static int fill_csv(FILE *f, const void *drawing)
{
    const struct tune_curve *c = ((const struct drawing *)drawing)->curve;

    (void)fputs("log_odds,score,recall,fpr_plain,fpr_hard,fpr_benign,abusive,cases_per_day\n", f);
    for (uint32_t k = 0; k < c->count; k++) {
        (void)fprintf(f, "%.6g,%.9g", c->score[k], 1.0 / (1.0 + exp(-c->score[k])));
        for (unsigned s = 0; s < TUNE_FIXED; s++)
            (void)fprintf(f, ",%.6g", c->share[k][s]);
        (void)fprintf(f, ",%.6g\n", c->cases_per_day[k]);
    }
    return 0;
}

static int fill_svg(FILE *f, const void *drawing)
{
    static const unsigned strata[] = {TUNE_PLAIN, TUNE_HARD, TUNE_BENIGN};
    const struct drawing *d = drawing;
    double point[3][TUNE_CURVE][2];
    struct plot plot = {.title = "Campaign accounts found against honest accounts flagged",
                        .x_title = "honest accounts flagged, share (logarithmic)",
                        .y_title = "campaign accounts flagged, share",
                        .note = "The ring is the chosen review level, among all benign accounts. "
                                "All inputs: for what to expect see the held-out table.",
                        .x_min = 1e-5,
                        .x_max = 1.0,
                        .y_max = 1.0,
                        .x_log = 1,
                        .mark_x = (double)NAN,
                        .mark_y = (double)NAN,
                        .series_count = 3};

    for (unsigned i = 0; i < 3; i++) {
        for (uint32_t k = 0; k < d->curve->count; k++) {
            point[i][k][0] = d->curve->share[k][strata[i]];
            point[i][k][1] = d->curve->share[k][TUNE_CAMPAIGN];
        }
        plot.series[i] =
            (struct plot_series){d->tune->strata.item[strata[i]].name, (const double(*)[2])point[i],
                                 d->curve->count, PLOT_LINE};
    }
    for (uint32_t k = 0; k < d->curve->count; k++)
        if (d->curve->score[k] >= d->tune->model.at.review) {
            plot.mark_x = fmax(point[2][k][0], plot.x_min);
            plot.mark_y = point[2][k][1];
        }
    plot_draw(f, &plot);
    return 0;
}

int tune_save(const struct tune *t, const char *folder, struct err *err)
{
    AUTO_FREE struct tune_curve *curve = malloc(sizeof *curve);
    const struct drawing drawing = {t, curve};
    int r;

    if (!curve || tune_curve_make(t, curve) < 0)
        return err_set(err, -ENOMEM, "out of memory");
    r = text_file_replace(folder, "config.json", fill_configuration, t, err);
    if (r == 0)
        r = text_file_replace(folder, "tune.json", fill_json, t, err);
    if (r == 0)
        r = text_file_replace(folder, "tune.md", fill_markdown, t, err);
    if (r == 0)
        r = text_file_replace(folder, "curves.csv", fill_csv, &drawing, err);
    return r == 0 ? text_file_replace(folder, "curves.svg", fill_svg, &drawing, err) : r;
}
