/* The evaluation as tables for people and as one JSON object for programs. */
#include "evaluate.h"

#include "tools/metrics_write.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { CELL_SIZE = 64, DIGITS = 6, PATH_SIZE = 4096 };

/* ---- JSON ---- */

static void write_levels(struct json_write *w, const char *name,
                         const struct proportion level[EVALUATE_LEVELS])
{
    json_write_open(w, name, '{');
    for (unsigned l = 0; l < EVALUATE_LEVELS; l++)
        proportion_write(w, level_name[evaluate_level[l]], &level[l]);
    json_write_close(w, '}');
}

static void write_point(struct json_write *w, const char *name, const struct operating_point *p)
{
    json_write_open(w, name, '{');
    json_write_f64(w, "fpr", p->fpr, DIGITS);
    json_write_bool(w, "known", p->known);
    json_write_f64(w, "threshold", p->threshold, DIGITS);
    proportion_write(w, "tpr", &p->tpr);
    proportion_write(w, "fpr_reached", &p->fpr_reached);
    json_write_close(w, '}');
}

static void write_ranking(struct json_write *w, const char *name, const struct ranking *r)
{
    json_write_open(w, name, '{');
    json_write_u64(w, "positives", r->positives);
    json_write_u64(w, "negatives", r->negatives);
    json_write_f64(w, "roc_auc", r->roc_auc, DIGITS);
    json_write_f64(w, "pr_auc", r->pr_auc, DIGITS);
    json_write_close(w, '}');
}

static void write_points(struct json_write *w, const struct operating_point point[EVALUATE_POINTS])
{
    json_write_open(w, "tpr_at_fpr", '[');
    for (unsigned p = 0; p < EVALUATE_POINTS; p++)
        write_point(w, NULL, &point[p]);
    json_write_close(w, ']');
}

static void write_grouping(struct json_write *w, const char *name, const struct grouping_result *g)
{
    json_write_open(w, name, '{');
    json_write_u64(w, "accounts", g->agreement.accounts);
    json_write_f64(w, "precision", g->agreement.precision, DIGITS);
    json_write_f64(w, "recall", g->agreement.recall, DIGITS);
    json_write_f64(w, "f1", g->agreement.f1, DIGITS);
    json_write_f64(w, "ari", g->agreement.ari, DIGITS);
    json_write_u64(w, "clusters_flagged", g->clusters_flagged);
    proportion_write(w, "mostly_honest", &g->mostly_honest);
    json_write_close(w, '}');
}

static void write_population(struct json_write *w, const struct population_result *p)
{
    json_write_open(w, NULL, '{');
    json_write_text(w, "name", p->name);
    json_write_text(w, "class", evaluate_class_name[p->class]);
    json_write_u64(w, "accounts", p->accounts);
    json_write_u64(w, "unseen", p->unseen);
    json_write_u64(w, "exchanges", p->exchanges);
    json_write_u64(w, "exchanges_flagged", p->exchanges_flagged);
    write_levels(w, "flagged", p->flagged);
    json_write_close(w, '}');
}

static void write_campaign(struct json_write *w, const struct campaign_result *c)
{
    json_write_open(w, NULL, '{');
    json_write_text(w, "name", c->name);
    json_write_u64(w, "accounts", c->accounts);
    json_write_u64(w, "unseen", c->unseen);
    json_write_u64(w, "exchanges", c->exchanges);
    proportion_write(w, "flagged", &c->flagged);
    json_write_f64(w, "exchange_recall", c->exchange_recall, DIGITS);
    json_write_f64(w, "leaked", c->leaked, DIGITS);
    if (c->alert_ts != INT64_MIN)
        json_write_i64(w, "alert_ts", c->alert_ts);
    else
        json_write_null(w, "alert_ts");
    json_write_f64(w, "hours_to_alert", c->hours_to_alert, DIGITS);
    json_write_f64(w, "hours_to_alert_account", c->hours_to_alert_account, DIGITS);
    json_write_u64(w, "clusters", c->clusters);
    json_write_f64(w, "largest_share", c->largest_share, DIGITS);
    json_write_f64(w, "cluster_leaked", c->cluster_leaked, DIGITS);
    json_write_close(w, '}');
}

static void write_baseline(struct json_write *w, const struct baseline_result *b)
{
    json_write_open(w, NULL, '{');
    json_write_text(w, "name", b->name);
    json_write_text(w, "help", b->help);
    write_ranking(w, "ranking", &b->ranking);
    write_points(w, b->point);
    write_point(w, "at_our_fpr", &b->as_ours);
    if (b->clusters)
        write_grouping(w, "grouping", &b->grouping);
    json_write_close(w, '}');
}

static void write_promise(struct json_write *w, const struct promise_result *p)
{
    json_write_open(w, "promise", '{');
    json_write_f64(w, "base_rate", p->base_rate, DIGITS);
    if (p->known) {
        json_write_f64(w, "share", p->share, DIGITS);
        calibration_write(w, "score", "accounts", &p->score);
        calibration_write(w, "probability", "accounts", &p->probability);
    }
    json_write_f64(w, "fdr", p->fdr > 0.0 ? p->fdr : (double)NAN, DIGITS);
    json_write_f64(w, "expected", p->expected, DIGITS);
    proportion_write(w, "wrong", &p->wrong);
    json_write_u64(w, "abusive_cases", p->abusive);
    json_write_u64(w, "findings_gone", p->gone);
    json_write_close(w, '}');
}

static void write_false_alarms(struct json_write *w, const struct rate *r)
{
    json_write_open(w, "false_alarms", '{');
    json_write_u64(w, "accounts", r->count);
    json_write_f64(w, "account_days", r->exposure * 1000.0, DIGITS);
    json_write_f64(w, "per_1000_account_days", r->value, DIGITS);
    json_write_f64(w, "low", r->low, DIGITS);
    json_write_f64(w, "high", r->high, DIGITS);
    json_write_close(w, '}');
}

static void write_precision(struct json_write *w, const char *name, const struct proportion *tpr,
                            const struct proportion *fpr, double base_rate)
{
    struct precision p = precision_of(tpr, fpr, base_rate);

    json_write_open(w, name, '{');
    json_write_f64(w, "value", p.value, DIGITS);
    json_write_f64(w, "low", p.low, DIGITS);
    json_write_f64(w, "high", p.high, DIGITS);
    json_write_close(w, '}');
}

static void write_base_rates(struct json_write *w, const struct evaluation *e)
{
    json_write_open(w, "base_rates", '[');
    for (uint32_t i = 0; i < e->base_rates.count; i++) {
        double rate = e->base_rates.share[i];

        json_write_open(w, NULL, '{');
        json_write_f64(w, "base_rate", rate, DIGITS);
        for (unsigned l = 0; l < EVALUATE_LEVELS; l++) {
            const struct proportion *tpr = &e->by_class[CLASS_DISTILLING][l];

            json_write_open(w, level_name[evaluate_level[l]], '{');
            write_precision(w, "benign", tpr, &e->benign[l], rate);
            write_precision(w, "plain", tpr, &e->by_class[CLASS_PLAIN][l], rate);
            json_write_close(w, '}');
        }
        json_write_close(w, '}');
    }
    json_write_close(w, ']');
}

void evaluation_write(const struct evaluation *e, struct json_write *w)
{
    json_write_open(w, NULL, '{');
    json_write_u64(w, "accounts_truth", e->accounts_truth);
    json_write_u64(w, "accounts_run", e->accounts_run);
    json_write_u64(w, "accounts_unlabelled", e->accounts_unlabelled);
    json_write_open(w, "populations", '[');
    for (uint32_t i = 0; i < e->population_count; i++)
        write_population(w, &e->population[i]);
    json_write_close(w, ']');
    json_write_open(w, "campaigns", '[');
    for (uint32_t i = 0; i < e->campaign_count; i++)
        write_campaign(w, &e->campaign[i]);
    json_write_close(w, ']');
    json_write_open(w, "classes", '{');
    for (unsigned c = 0; c < CLASS_COUNT; c++)
        write_levels(w, evaluate_class_name[c], e->by_class[c]);
    json_write_close(w, '}');
    write_levels(w, "benign", e->benign);
    write_ranking(w, "ranking", &e->ranking);
    write_points(w, e->point);
    write_ranking(w, "abusive_against_benign", &e->abusive);
    json_write_f64(w, "exchange_recall", e->exchange_recall, DIGITS);
    write_grouping(w, "grouping", &e->grouping);
    calibration_write(w, "calibration", "accounts", &e->calibration);
    write_promise(w, &e->promise);
    write_false_alarms(w, &e->false_alarms);
    write_base_rates(w, e);
    json_write_open(w, "baselines", '[');
    for (uint32_t i = 0; i < e->baseline_count; i++)
        write_baseline(w, &e->baseline[i]);
    json_write_close(w, ']');
    json_write_close(w, '}');
    json_write_line(w);
}

/* ---- Tables ---- */

static const char NONE[] = "-";

static const char *share_text(const struct proportion *p, char text[CELL_SIZE])
{
    if (p->of == 0)
        return NONE;
    (void)snprintf(text, CELL_SIZE, "%.2f %% [%.2f, %.2f] %" PRIu64 "/%" PRIu64, 100.0 * p->value,
                   100.0 * p->low, 100.0 * p->high, p->hit, p->of);
    return text;
}

static const char *number_text(double value, const char *unit, double factor, char text[CELL_SIZE])
{
    if (isnan(value))
        return NONE;
    (void)snprintf(text, CELL_SIZE, "%.3g%s", value * factor, unit);
    return text;
}

static void print_populations(const struct evaluation *e, FILE *out)
{
    (void)fprintf(out,
                  "Accounts flagged: true positives of campaigns, false positives of all others\n"
                  "%-24s %-10s %9s  %-44s %8s %8s\n",
                  "population", "class", "accounts", "at review, 95 % interval", "watch", "act");
    for (uint32_t i = 0; i < e->population_count; i++) {
        const struct population_result *p = &e->population[i];
        char cell[CELL_SIZE], watch[CELL_SIZE], act[CELL_SIZE];

        (void)fprintf(out, "%-24s %-10s %9" PRIu64 "  %-44s %8s %8s\n", p->name,
                      evaluate_class_name[p->class], p->accounts,
                      share_text(&p->flagged[EVALUATE_REVIEW], cell),
                      number_text(p->flagged[EVALUATE_WATCH].value, " %", 100.0, watch),
                      number_text(p->flagged[EVALUATE_ACT].value, " %", 100.0, act));
    }
    for (unsigned c = 0; c < CLASS_COUNT; c++) {
        const struct proportion *p = e->by_class[c];
        char cell[CELL_SIZE], watch[CELL_SIZE], act[CELL_SIZE];

        (void)fprintf(out, "%-24s %-10s %9" PRIu64 "  %-44s %8s %8s\n", "all",
                      evaluate_class_name[c], p->of, share_text(&p[EVALUATE_REVIEW], cell),
                      number_text(p[EVALUATE_WATCH].value, " %", 100.0, watch),
                      number_text(p[EVALUATE_ACT].value, " %", 100.0, act));
    }
}

static void print_campaigns(const struct evaluation *e, FILE *out)
{
    if (e->campaign_count == 0)
        return;
    (void)fprintf(out, "\n%-24s %11s %10s %10s %10s %12s %10s\n", "campaign", "exchanges", "caught",
                  "leaked", "1st alarm", "per account", "in 1 group");
    for (uint32_t i = 0; i < e->campaign_count; i++) {
        const struct campaign_result *c = &e->campaign[i];
        char caught[CELL_SIZE], leaked[CELL_SIZE], first[CELL_SIZE], each[CELL_SIZE],
            share[CELL_SIZE];

        (void)fprintf(out, "%-24s %11" PRIu64 " %10s %10s %10s %12s %10s\n", c->name, c->exchanges,
                      number_text(c->exchange_recall, " %", 100.0, caught),
                      number_text(c->leaked, " %", 100.0, leaked),
                      number_text(c->hours_to_alert, " h", 1.0, first),
                      number_text(c->hours_to_alert_account, " h", 1.0, each),
                      number_text(c->largest_share, " %", 100.0, share));
    }
}

static const char *point_text(const struct operating_point *p, char text[CELL_SIZE])
{
    if (!p->known)
        return "cannot tell";
    return number_text(p->tpr.value, " %", 100.0, text);
}

static void print_method(FILE *out, const char *name, const struct ranking *ranking,
                         const struct operating_point *point, const char *as_ours,
                         const struct grouping_result *grouping)
{
    char roc[CELL_SIZE], pr[CELL_SIZE], at[EVALUATE_POINTS][CELL_SIZE], pairs[CELL_SIZE],
        rand[CELL_SIZE];
    const char *f1 = grouping ? number_text(grouping->agreement.f1, "", 1.0, pairs) : NONE;
    const char *ari = grouping ? number_text(grouping->agreement.ari, "", 1.0, rand) : NONE;

    (void)fprintf(out, "%-12s %8s %8s %11s %11s %11s %11s %8s %8s\n", name,
                  number_text(ranking->roc_auc, "", 1.0, roc),
                  number_text(ranking->pr_auc, "", 1.0, pr), as_ours, point_text(&point[0], at[0]),
                  point_text(&point[1], at[1]), point_text(&point[2], at[2]), f1, ari);
}

static void print_methods(const struct evaluation *e, FILE *out)
{
    char cell[CELL_SIZE];

    (void)fprintf(out, "\n%s%-12s %8s %8s %11s %11s %11s %11s %8s %8s\n",
                  e->baseline_count ? "Beside the baselines, run on the same events in the same "
                                      "run; true positives at a false-positive rate of\n"
                                    : "True positives at a false-positive rate of\n",
                  "method", "ROC-AUC", "PR-AUC", "ours", "1e-2", "1e-3", "1e-4", "pair F1", "ARI");
    print_method(
        out, "stillwatch", &e->ranking, e->point,
        number_text(e->by_class[CLASS_DISTILLING][EVALUATE_REVIEW].value, " %", 100.0, cell),
        &e->grouping);
    for (uint32_t i = 0; i < e->baseline_count; i++) {
        const struct baseline_result *b = &e->baseline[i];

        print_method(out, b->name, &b->ranking, b->point, point_text(&b->as_ours, cell),
                     b->clusters ? &b->grouping : NULL);
    }
}

static void print_promise(const struct promise_result *p, FILE *out)
{
    char cell[3][CELL_SIZE];

    if (p->known)
        (void)fprintf(
            out,
            "Calibrated, at these accounts' own base rate of %s: ECE %s for scores, %s for "
            "probabilities\n",
            number_text(p->share, " %", 100.0, cell[0]),
            number_text(p->score.ece, "", 1.0, cell[1]),
            number_text(p->probability.ece, "", 1.0, cell[2]));
    (void)fprintf(out, "Cases told by findings: %" PRIu64 ", of these wrong %s", p->wrong.of,
                  share_text(&p->wrong, cell[0]));
    if (p->fdr > 0.0)
        (void)fprintf(out, "; promised at most %s, expected %s",
                      number_text(p->fdr, " %", 100.0, cell[1]),
                      number_text(p->expected, " %", 100.0, cell[2]));
    (void)fputc('\n', out);
}

static const char *precision_text(const struct proportion *tpr, const struct proportion *fpr,
                                  double base_rate, char text[CELL_SIZE])
{
    struct precision p = precision_of(tpr, fpr, base_rate);

    if (isnan(p.low))
        return NONE;
    if (isnan(p.value))
        return "nobody flagged";
    if (fpr->hit == 0)
        (void)snprintf(text, CELL_SIZE, "%.2f %% or more, no false alarm seen", 100.0 * p.low);
    else
        (void)snprintf(text, CELL_SIZE, "%.2f %% [%.2f, %.2f]", 100.0 * p.value, 100.0 * p.low,
                       100.0 * p.high);
    return text;
}

static void print_base_rates(const struct evaluation *e, FILE *out)
{
    if (e->base_rates.count == 0)
        return;
    (void)fprintf(out,
                  "\nPrecision at base rates, from the shares flagged above, with 95 %% interval\n"
                  "%-24s %-10s %-44s %s\n",
                  "of all accounts distil", "level", "the others plain and hard as here",
                  "the others all plain");
    for (uint32_t i = 0; i < e->base_rates.count; i++)
        for (unsigned l = EVALUATE_REVIEW; l < EVALUATE_LEVELS; l++) {
            const struct proportion *tpr = &e->by_class[CLASS_DISTILLING][l];
            double rate = e->base_rates.share[i];
            char cell[2][CELL_SIZE], share[CELL_SIZE];

            (void)fprintf(out, "%-24s %-10s %-44s %s\n", number_text(rate, " %", 100.0, share),
                          level_name[evaluate_level[l]],
                          precision_text(tpr, &e->benign[l], rate, cell[0]),
                          precision_text(tpr, &e->by_class[CLASS_PLAIN][l], rate, cell[1]));
        }
}

void evaluation_print(const struct evaluation *e, FILE *out)
{
    const struct agreement *a = &e->grouping.agreement;
    char cell[4][CELL_SIZE];

    print_populations(e, out);
    print_campaigns(e, out);
    print_methods(e, out);
    print_base_rates(e, out);
    (void)fprintf(out, "\nExchanges of campaigns sent by flagged accounts: %s\n",
                  number_text(e->exchange_recall, " %", 100.0, cell[0]));
    (void)fprintf(out,
                  "Clusters against campaigns: precision %s, recall %s of pairs; %" PRIu64
                  " flagged, mostly honest %s\n",
                  number_text(a->precision, "", 1.0, cell[0]),
                  number_text(a->recall, "", 1.0, cell[1]), e->grouping.clusters_flagged,
                  share_text(&e->grouping.mostly_honest, cell[2]));
    (void)fprintf(out, "Score as a probability: ECE %s, Brier %s over %" PRIu64 " accounts\n",
                  number_text(e->calibration.ece, "", 1.0, cell[0]),
                  number_text(e->calibration.brier, "", 1.0, cell[1]), e->calibration.count);
    print_promise(&e->promise, out);
    (void)fprintf(out,
                  "False alarms per 1,000 honest account-days: %s [%s, %s], %" PRIu64
                  " in %.0f account-days\n",
                  number_text(e->false_alarms.value, "", 1.0, cell[0]),
                  number_text(e->false_alarms.low, "", 1.0, cell[1]),
                  number_text(e->false_alarms.high, "", 1.0, cell[2]), e->false_alarms.count,
                  e->false_alarms.exposure * 1000.0);
    if (e->accounts_unlabelled)
        (void)fprintf(out, "%" PRIu64 " accounts of the run have no label and are left out.\n",
                      e->accounts_unlabelled);
}

int evaluation_tell(const struct evaluation *e, bool json, FILE *out)
{
    struct json_write w;
    int r = 0;

    if (json) {
        json_write_init(&w, out);
        evaluation_write(e, &w);
        r = json_write_flush(&w);
        json_write_deinit(&w);
    } else {
        evaluation_print(e, out);
    }
    return r < 0 ? r : fflush(out) == 0 ? 0 : -errno;
}
