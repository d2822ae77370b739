/* The estimate, for people. Every share has its denominator, and says what was resampled. */
#include "tools/tune.h"

#include "tools/wording.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { CELL_SIZE = 96 };

/* Rates of false alarms are small: three digits. */
static const char *percent(double share, char text[WORDING_SIZE])
{
    if (isnan(share))
        (void)snprintf(text, WORDING_SIZE, "-");
    else
        (void)snprintf(text, WORDING_SIZE, "%.3g %%", 100.0 * share);
    return text;
}

static const char *interval(double low, double high, char text[CELL_SIZE])
{
    if (isnan(low))
        (void)snprintf(text, CELL_SIZE, "-");
    else
        (void)snprintf(text, CELL_SIZE, "%.3g-%.3g", 100.0 * low, 100.0 * high);
    return text;
}

static void row(FILE *out, bool markdown, const char *name, const char *const *cell, unsigned count)
{
    (void)fprintf(out, markdown ? "| %s |" : "%-26s", name);
    for (unsigned i = 0; i < count; i++)
        (void)fprintf(out, markdown ? " %s |" : " %17s", cell[i]);
    (void)fputc('\n', out);
}

static void head(FILE *out, bool markdown, const char *name, const char *const *cell,
                 unsigned count)
{
    row(out, markdown, name, cell, count);
    if (!markdown)
        return;
    (void)fputs("|---|", out);
    for (unsigned i = 0; i < count; i++)
        (void)fputs("---:|", out);
    (void)fputc('\n', out);
}

static void share_row(FILE *out, bool markdown, const char *name, const struct tune_share *s,
                      double budget)
{
    char text[3][WORDING_SIZE], range[2][CELL_SIZE], counts[CELL_SIZE];
    const char *const cell[] = {percent(s->value, text[0]), interval(s->low, s->high, range[0]),
                                interval(s->run_low, s->run_high, range[1]), counts,
                                percent(budget, text[1])};

    (void)snprintf(counts, sizeof counts, "%" PRIu64 "/%" PRIu64, s->hit, s->of);
    row(out, markdown, name, cell, 5);
}

static void shares(const struct tune *t, const struct tune_estimate *e, FILE *out, bool markdown)
{
    static const char *const column[] = {"held out", "95 % of the mean", "95 % of a run", "counted",
                                         "budget"};
    char name[CELL_SIZE];

    head(out, markdown, "flagged at review", column, 5);
    for (uint32_t s = 0; s < t->strata.count; s++) {
        const struct tune_stratum *stratum = &t->strata.item[s];

        if (stratum->accounts == 0)
            continue;
        (void)snprintf(name, sizeof name, "%s%s", stratum->name,
                       s == TUNE_CAMPAIGN ? " accounts" : "");
        share_row(out, markdown, name, &e->share[s],
                  isnan(stratum->most) ? stratum->least : stratum->most);
    }
    share_row(out, markdown, "benign at act", &e->act[TUNE_BENIGN], (double)NAN);
    for (uint32_t a = 0; a < e->archetype_count && e->archetype_count > 1; a++) {
        (void)snprintf(name, sizeof name, "%s, never seen", e->archetype[a].name);
        share_row(out, markdown, name, &e->archetype[a].found, (double)NAN);
    }
}

static void totals(const struct tune *t, const struct tune_estimate *e, FILE *out)
{
    (void)fprintf(out, "\nCases to review per day: %.3g (a run: %.3g-%.3g)", e->cases_per_day,
                  e->cases_low, e->cases_high);
    if (!isnan(t->goals.reviews_per_day))
        (void)fprintf(out, ", budget %.3g", t->goals.reviews_per_day);
    (void)fprintf(out,
                  ". Exchanges of distilling accounts that stay below review: %.3g %%; what they "
                  "sent before their alarm is not in this.\n",
                  100.0 * e->leaked);
    if (!isnan(e->cost))
        (void)fprintf(out, "Cost per run: %.4g.\n", e->cost);
    if (e->archetype_count == 1)
        (void)fprintf(out,
                      "One archetype (%s) only: what happens to a kind never seen cannot be "
                      "told.\n",
                      e->archetype[0].name);
    (void)fprintf(out,
                  "Calibration error (ECE), held out, before and after: accounts %.3g and %.3g, "
                  "groups %.3g and %.3g.\n",
                  e->account[0].ece, e->account[1].ece, e->group[0].ece, e->group[1].ece);
}

static void budgets_warn(const struct tune *t, const struct tune_estimate *e, FILE *out)
{
    for (uint32_t s = 0; s < t->strata.count; s++) {
        const struct tune_stratum *stratum = &t->strata.item[s];

        if (!isnan(stratum->most) && e->share[s].high > stratum->most)
            (void)fprintf(out,
                          "Budget %s=%g: the interval reaches above it; a stricter budget or more "
                          "inputs would make it safe.\n",
                          stratum->name, stratum->most);
        if (!isnan(stratum->least) && e->share[s].low < stratum->least)
            (void)fprintf(out, "Recall %s=%g: the interval reaches below it.\n", stratum->name,
                          stratum->least);
    }
}

static void inputs(const struct tune *t, FILE *out)
{
    uint64_t accounts = 0;
    double days = 0.0;

    for (uint32_t r = 0; r < t->data.run_count; r++) {
        accounts += t->data.run[r].account_count;
        days += tune_data_days(&t->data.run[r]);
    }
    (void)fprintf(out,
                  "%" PRIu32 " inputs: %" PRIu64 " labelled accounts, %" PRIu64
                  " of them distilling and %" PRIu64 " benign, %.0f days.\n",
                  t->data.run_count, accounts, t->strata.item[TUNE_CAMPAIGN].accounts,
                  t->strata.item[TUNE_BENIGN].accounts, days);
    (void)fprintf(out, "Levels: watch %.4g, review %.4g, act %.4g. Weights: %s",
                  t->model.config.watch_score, t->model.config.review_score,
                  t->model.config.act_score, tune_weights_name[t->chosen]);
    if (t->usable[TUNE_FITTED])
        (void)fprintf(out, " (held out %s finds %.3g %% and flags %.3g %% of the benign)",
                      tune_weights_name[!t->chosen],
                      100.0 * t->estimate[!t->chosen].share[TUNE_CAMPAIGN].value,
                      100.0 * t->estimate[!t->chosen].share[TUNE_BENIGN].value);
    (void)fprintf(out, ".\n\n");
}

/* ---- fresh runs ---- */

static void fresh_stratum(const struct tune *t, uint32_t s, FILE *out, bool markdown)
{
    const struct tune_share *e = &t->estimate[t->chosen].share[s];
    char text[2][WORDING_SIZE], range[2][CELL_SIZE], counts[2][CELL_SIZE], worst[2][WORDING_SIZE];
    uint64_t hit = 0, of = 0, inside = 0, runs = 0;
    double low = 1.0, high = 0.0, all;
    const char *cell[7];

    for (uint32_t i = 0; i < t->fresh_count; i++) {
        const struct tune_fresh *f = &t->fresh[i];
        double value = f->of[s] ? (double)f->hit[s] / (double)f->of[s] : (double)NAN;

        if (isnan(value))
            continue;
        hit += f->hit[s];
        of += f->of[s];
        runs++;
        low = fmin(low, value);
        high = fmax(high, value);
        inside += value >= e->run_low - 1e-12 && value <= e->run_high + 1e-12;
    }
    if (of == 0 || e->of == 0)
        return;
    all = (double)hit / (double)of;
    (void)snprintf(counts[0], CELL_SIZE, "%" PRIu64 "/%" PRIu64, hit, of);
    (void)snprintf(counts[1], CELL_SIZE, "%" PRIu64 " of %" PRIu64, inside, runs);
    (void)snprintf(worst[0], WORDING_SIZE, "%.3g-%.3g", 100.0 * low, 100.0 * high);
    cell[0] = percent(e->value, text[0]);
    cell[1] = interval(e->low, e->high, range[0]);
    cell[2] = percent(all, text[1]);
    cell[3] = counts[0];
    cell[4] = all >= e->low - 1e-12 && all <= e->high + 1e-12 ? "inside" : "OUTSIDE";
    cell[5] = worst[0];
    cell[6] = counts[1];
    row(out, markdown, t->strata.item[s].name, cell, 7);
}

static void fresh(const struct tune *t, FILE *out, bool markdown)
{
    static const char *const column[] = {"estimate",       "95 % of the mean", "realised",
                                         "counted",        "mean is",          "runs from-to",
                                         "in a run's 95 %"};
    uint64_t cases = 0, wrong = 0, abusive = 0;
    double mean = 0.0, expected = 0.0, n = 0.0;

    (void)fprintf(out, "\n%" PRIu32 " fresh runs, detected anew with this configuration:\n%s",
                  t->fresh_count, markdown ? "\n" : "");
    head(out, markdown, "flagged at review", column, 7);
    for (uint32_t s = 0; s < t->strata.count; s++)
        fresh_stratum(t, s, out, markdown);
    for (uint32_t i = 0; i < t->fresh_count; i++) {
        const struct tune_fresh *f = &t->fresh[i];

        cases += f->cases;
        wrong += f->wrong;
        abusive += f->abusive;
        expected += f->expected;
        mean += f->cases ? (double)f->wrong / (double)f->cases : 0.0;
        n += 1.0;
    }
    (void)fprintf(out,
                  "\nCases told by findings: %" PRIu64 ", mostly honest ones among them %" PRIu64
                  ": %.3g %%, mean over runs %.3g %%; expected by their probabilities %.3g %%",
                  cases, wrong, cases ? 100.0 * (double)wrong / (double)cases : 0.0,
                  100.0 * mean / n, cases ? 100.0 * expected / (double)cases : 0.0);
    if (t->model.config.fdr > 0.0)
        (void)fprintf(out, "; promised at most %.3g %%", 100.0 * t->model.config.fdr);
    (void)fprintf(out, ". Abusive ones, apart: %" PRIu64 ".\n", abusive);
}

void tune_print(const struct tune *t, FILE *out, bool markdown)
{
    const struct tune_estimate *e = &t->estimate[t->chosen];

    if (markdown)
        (void)fputs("# What the configuration will do\n\n", out);
    inputs(t, out);
    shares(t, e, out, markdown);
    totals(t, e, out);
    budgets_warn(t, e, out);
    (void)fprintf(
        out,
        "Held out: each run is judged by what the other runs chose (%u parts), a campaign "
        "\"never seen\" by inputs without its archetype. Intervals resample whole runs "
        "and campaigns, since accounts of a group are flagged together.\n",
        t->data.run_count < TUNE_FOLDS ? t->data.run_count : TUNE_FOLDS);
    if (t->fresh_count)
        fresh(t, out, markdown);
}
