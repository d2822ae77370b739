/* Nothing here may see a run and also judge it: folds are by run, since accounts of one run share
 * its groups, its popularity of values and its thresholds. */
#include "tune_estimate.h"

#include "base/rng.h"
#include "detector/probability.h"
#include "detector/weighing.h"
#include "tools/tune_fit.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* ---- a model ---- */

/* A group whose label can be learned from: abusive ones are neither, as in the evaluation. */
static bool is_taken(const struct tune_plan *plan, const struct tune_group *g, const char *without)
{
    uint32_t honest = g->count[CLASS_PLAIN] + g->count[CLASS_HARD];

    if (evaluate_mostly(g->count) == CLASS_ABUSIVE || honest + g->count[CLASS_DISTILLING] == 0)
        return false;
    return !without || g->campaign == TUNE_NONE ||
           strcmp(plan->data->population[g->campaign].archetype, without) != 0;
}

static bool is_distilling(const struct tune_group *g)
{
    return evaluate_mostly(g->count) == CLASS_DISTILLING;
}

/* Groups at the end of the runs that are used; *row is the caller's to free. */
static int rows_make(const struct tune_plan *plan, const bool *use, const char *without,
                     struct tune_row **row, uint32_t *count)
{
    *row = NULL;
    *count = 0;
    for (uint32_t r = 0; r < plan->data->run_count; r++) {
        const struct tune_run *run = &plan->data->run[r];

        for (uint32_t i = 0; use[r] && i < run->group_count; i++) {
            const struct tune_group *g = &run->group[i];
            struct tune_row *to;

            if (!g->last || !is_taken(plan, g, without))
                continue;
            to = tune_data_add(row, count, sizeof *to);
            if (!to)
                return -ENOMEM;
            for (unsigned s = 0; s < SIGNAL_COUNT; s++)
                to->nats[s] = (double)g->nats[s];
            to->positive = is_distilling(g);
        }
    }
    return 0;
}

/* No family may come to carry more than the most it carries as shipped. */
static void caps_set(const struct tune_row *row, uint32_t count, double cap[FAMILY_COUNT])
{
    for (unsigned f = 0; f < FAMILY_COUNT; f++)
        cap[f] = 0.0;
    for (uint32_t i = 0; i < count; i++) {
        double part[QUESTION_COUNT][FAMILY_COUNT] = {{0.0}};

        for (unsigned s = 0; s < SIGNAL_COUNT; s++)
            part[weighing_question[s]][weighing_family[s]] += row[i].nats[s];
        for (unsigned q = 0; q < QUESTION_COUNT; q++)
            for (unsigned f = 0; f < FAMILY_COUNT; f++)
                cap[f] = fmax(cap[f], fabs(part[q][f]));
    }
    for (unsigned f = 0; f < FAMILY_COUNT; f++)
        cap[f] = cap[f] > 0.0 && f != FAMILY_membership ? cap[f] : FAMILY_CAP_NONE;
}

/* The two questions hold a case back by what they carry alone: so the factors of each are scaled
 * until distilling groups carry as much as shipped on average, and only the shares change. */
static void questions_level(const struct tune_row *row, uint32_t count, double weight[SIGNAL_COUNT])
{
    double shipped[QUESTION_COUNT] = {0.0}, fitted[QUESTION_COUNT] = {0.0};

    for (uint32_t i = 0; i < count; i++)
        for (unsigned s = 0; s < SIGNAL_COUNT && row[i].positive; s++) {
            shipped[weighing_question[s]] += row[i].nats[s];
            fitted[weighing_question[s]] += weight[s] * row[i].nats[s];
        }
    for (unsigned s = 0; s < SIGNAL_COUNT; s++) {
        enum question q = weighing_question[s];

        if ((q == QUESTION_OPERATOR || q == QUESTION_HARVEST) && shipped[q] > 0.0 &&
            fitted[q] > 0.0)
            weight[s] = clamp(weight[s] * shipped[q] / fitted[q], 0.0, WEIGHT_MAX);
    }
}

static int weights_set(const struct tune_plan *plan, const bool *use, const char *without,
                       struct detector_config *config)
{
    AUTO_FREE struct tune_row *row = NULL;
    uint32_t count;
    int r = rows_make(plan, use, without, &row, &count);

    if (r == 0)
        r = tune_fit_weights(row, count, plan->strength, config->weight);
    if (r == 0) {
        questions_level(row, count, config->weight);
        caps_set(row, count, config->cap);
    }
    return r;
}

/* Recall with the thresholds that the goals give. */
static int thresholds_set(const struct tune_plan *plan, const bool *use, const char *without,
                          struct tune_model *model, double *recall)
{
    struct tune_points points;
    struct tune_count count;
    int r = tune_points_make(&model->config, plan->data, use, without, &points);

    if (r == 0) {
        model->at = tune_choose(&points, plan->strata, plan->goals, plan->data);
        tune_count(&points, plan->strata, &model->at, plan->data, &count);
        *recall = count.of[TUNE_CAMPAIGN]
                      ? (double)count.hit[TUNE_CAMPAIGN] / (double)count.of[TUNE_CAMPAIGN]
                      : 0.0;
    }
    tune_points_deinit(&points);
    return r;
}

/* How much it counts that an account is unlike its group: the factor with the best recall within
 * the goals, on equal terms the one closest to 1. */
static int fit_factor_set(const struct tune_plan *plan, const bool *use, const char *without,
                          struct tune_model *model)
{
    static const double factor[] = {1.0, 0.5, 1.5, 2.0, 3.0};
    struct tune_model best = *model;
    double most = -1.0, recall = 0.0;

    for (unsigned i = 0; i < sizeof factor / sizeof *factor; i++) {
        struct tune_model tried = *model;
        int r;

        tried.config.weight[SIGNAL_fit] = factor[i];
        r = thresholds_set(plan, use, without, &tried, &recall);
        if (r < 0)
            return r;
        if (recall > most + 1e-9) {
            most = recall;
            best = tried;
        }
    }
    *model = best;
    return 0;
}

double tune_share_distilling(const struct tune_data *data, const bool *use)
{
    uint64_t distilling = 0, all = 0;

    for (uint32_t r = 0; r < data->run_count; r++)
        for (uint32_t a = 0; use[r] && a < data->run[r].account_count; a++) {
            unsigned class = data->run[r].account[a].class;

            all += class != CLASS_ABUSIVE;
            distilling += class == CLASS_DISTILLING;
        }
    return all ? (double)distilling / (double)all : 0.0;
}

/* What the groups and accounts of a run score under a model, and what they are. */
struct marks {
    struct tune_mark *group, *account;
    uint32_t group_count, account_count;
};

/* At the end all groups; of the days before, those that no question holds back: pieces of what
 * becomes a group later are many, and are no cases. */
static int groups_mark(const struct tune_plan *plan, const struct tune_run *run,
                       const char *without, bool last_only, const double *score,
                       const bool *is_held, struct marks *out)
{
    for (uint32_t i = 0; i < run->group_count; i++) {
        struct tune_mark *to;

        if ((!run->group[i].last && (last_only || is_held[i])) ||
            !is_taken(plan, &run->group[i], without))
            continue;
        if (!(to = tune_data_add(&out->group, &out->group_count, sizeof *to)))
            return -ENOMEM;
        *to = (struct tune_mark){score[i], is_distilling(&run->group[i])};
    }
    return 0;
}

static int accounts_mark(const struct tune_plan *plan, const struct tune_model *model,
                         const struct tune_run *run, const char *without, const double *score,
                         struct marks *out)
{
    double prior = log_odds(model->config.base_rate);

    for (uint32_t i = 0; i < run->account_count; i++) {
        const struct tune_account *a = &run->account[i];
        bool distils = a->class == CLASS_DISTILLING;
        struct tune_mark *to;

        if (a->class == CLASS_ABUSIVE || (double)a->own < -1e3 || /* the run never saw it */
            (distils && without &&
             strcmp(plan->data->population[a->population].archetype, without) == 0))
            continue;
        if (!(to = tune_data_add(&out->account, &out->account_count, sizeof *to)))
            return -ENOMEM;
        to->nats = a->group == TUNE_NONE
                       ? (double)a->own
                       : score[a->group] + model->config.weight[SIGNAL_fit] *
                                               tune_data_fit(a, score[a->group] + prior);
        to->positive = distils;
    }
    return 0;
}

static int run_mark(const struct tune_plan *plan, const struct tune_model *model,
                    const struct tune_run *run, const char *without, bool last_only,
                    struct marks *out)
{
    AUTO_FREE struct tune_score *account = calloc(run->account_count + (size_t)1, sizeof *account);
    AUTO_FREE struct tune_score *group = calloc(run->group_count + (size_t)1, sizeof *group);
    AUTO_FREE double *score = calloc(run->group_count + (size_t)1, sizeof *score);
    AUTO_FREE bool *held = calloc(run->group_count + (size_t)1, sizeof *held);
    double prior = log_odds(model->config.base_rate);
    int r;

    if (!account || !group || !score || !held)
        return -ENOMEM;
    tune_sweep_judge(&model->config, run, account, group);
    for (uint32_t i = 0; i < run->group_count; i++) {
        held[i] = group[i].review <= TUNE_HELD / 2;
        score[i] = tune_sweep_actual(&group[i], model->at.watch, model->at.review) - prior;
    }
    r = groups_mark(plan, run, without, last_only, score, held, out);
    return r < 0 ? r : accounts_mark(plan, model, run, without, score, out);
}

static void marks_deinit(struct marks *m)
{
    free(m->group);
    free(m->account);
}

static int lines_set(const struct tune_plan *plan, const bool *use, const char *without,
                     struct tune_model *model)
{
    struct detector_config *config = &model->config;
    double share = tune_share_distilling(plan->data, use);
    struct marks marks = {NULL, NULL, 0, 0};
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < plan->data->run_count; i++)
        if (use[i])
            r = run_mark(plan, model, &plan->data->run[i], without, false, &marks);
    if (r == 0)
        r = tune_fit_line(marks.account, marks.account_count, share, &config->account);
    if (r == 0 && tune_fit_line(marks.group, marks.group_count, share, &config->cluster) < 0)
        config->cluster = config->account; /* every group distils, or none: nothing to fit */
    marks_deinit(&marks);
    return r;
}

static double score_at(double nats)
{
    return clamp(logistic(nats), 1e-9, 1.0 - 1e-9);
}

int tune_model_fit(const struct tune_plan *plan, const bool *use, const char *without,
                   struct tune_model *out)
{
    double recall;
    int r = 0;

    out->config = *plan->base;
    if (plan->fit)
        r = weights_set(plan, use, without, &out->config);
    if (r == 0)
        r = plan->fit ? fit_factor_set(plan, use, without, out)
                      : thresholds_set(plan, use, without, out, &recall);
    if (r == 0)
        r = lines_set(plan, use, without, out);
    out->config.watch_score = score_at(out->at.watch);
    out->config.review_score = score_at(out->at.review);
    out->config.act_score = score_at(out->at.act);
    return r;
}

/* ---- intervals ---- */

/* 97.5 % quantile of Student's t. */
static double student(uint32_t freedom)
{
    static const double t[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306,
                               2.262,  2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
                               2.110,  2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064,
                               2.060,  2.056, 2.052, 2.048, 2.045, 2.042};
    uint32_t n = sizeof t / sizeof *t;

    return freedom == 0 ? INFINITY : freedom <= n ? t[freedom - 1] : 1.96 + 2.5 / freedom;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The units of a run stand together: `first` of each run, and one past the last. */
static double draw(const struct tune_unit *unit, const uint32_t *first, uint32_t runs,
                   struct rng *rng)
{
    uint64_t hit = 0, of = 0;

    for (uint32_t k = 0; k < runs; k++) {
        uint32_t r = (uint32_t)rng_below(rng, runs), n = first[r + 1] - first[r];

        for (uint32_t u = 0; u < n; u++) {
            const struct tune_unit *drawn = &unit[first[r] + rng_below(rng, n)];

            hit += drawn->hit;
            of += drawn->of;
        }
    }
    return of ? (double)hit / (double)of : (double)NAN;
}

/* One more run: the runs' own shares scatter around their mean. */
static void run_interval(const struct tune_unit *unit, const uint32_t *first, uint32_t runs,
                         struct tune_share *s)
{
    double sum = 0.0, squares = 0.0, n = 0.0, reach;
    struct proportion one = proportion_of((uint64_t)llround(s->value * (double)s->of / runs),
                                          (s->of + runs - 1) / runs);

    for (uint32_t r = 0; r < runs; r++) {
        uint64_t hit = 0, of = 0;

        for (uint32_t u = first[r]; u < first[r + 1]; u++) {
            hit += unit[u].hit;
            of += unit[u].of;
        }
        if (of == 0)
            continue;
        n += 1.0;
        sum += (double)hit / (double)of;
        squares += (double)hit / (double)of * ((double)hit / (double)of);
    }
    reach = n > 1.0 ? student((uint32_t)n - 1) *
                          sqrt(fmax(squares - sum * sum / n, 0.0) / (n - 1.0) * (1.0 + 1.0 / n))
                    : 1.0;
    s->run_low = fmax(0.0, fmin(one.low, sum / n - reach));
    s->run_high = fmin(1.0, fmax(one.high, sum / n + reach));
}

/* Where accounts of a unit stand or fall together, as many observations as there are units. */
static void whole_units(const struct tune_unit *unit, uint32_t count, struct tune_share *s)
{
    struct proportion p;
    uint64_t units = 0;

    for (uint32_t u = 0; u < count; u++)
        units += unit[u].of > 0;
    p = proportion_of((uint64_t)llround(s->value * (double)units), units);
    s->low = fmin(s->low, p.low);
    s->high = fmax(s->high, p.high);
}

struct tune_share tune_share_of(const struct tune_unit *unit, uint32_t count, uint32_t runs,
                                bool whole)
{
    AUTO_FREE double *drawn = calloc(TUNE_DRAWS, sizeof *drawn);
    AUTO_FREE uint32_t *first = calloc(runs + (size_t)1, sizeof *first);
    struct tune_share s = {0, 0, NAN, NAN, NAN, NAN, NAN};
    struct proportion wilson;
    struct rng rng;
    uint32_t n = 0;

    for (uint32_t u = 0; u < count; u++) {
        s.hit += unit[u].hit;
        s.of += unit[u].of;
    }
    if (!drawn || !first || s.of == 0)
        return s;
    for (uint32_t u = 0, r = 0; r <= runs; r++) {
        while (u < count && unit[u].run < r)
            u++;
        first[r] = u;
    }
    wilson = proportion_of(s.hit, s.of);
    rng_split(&rng, 0x74756e65, runs); /* any constant: the same data, the same interval */
    for (uint32_t i = 0; i < TUNE_DRAWS; i++) {
        drawn[n] = draw(unit, first, runs, &rng);
        n += !isnan(drawn[n]);
    }
    qsort(drawn, n, sizeof *drawn, by_value);
    s.value = wilson.value;
    s.low = fmin(wilson.low, n ? drawn[(uint32_t)(0.025 * n)] : 1.0);
    s.high = fmax(wilson.high, n ? drawn[(uint32_t)(0.975 * n)] : 0.0);
    if (whole)
        whole_units(unit, count, &s);
    run_interval(unit, first, runs, &s);
    s.run_low = fmin(s.run_low, whole ? s.low : s.run_low);
    s.run_high = fmax(s.run_high, whole ? s.high : s.run_high);
    return s;
}

/* ---- held out ---- */

/* Who is flagged of each population of a run: units for shares. */
static int units_add(const struct tune_plan *plan, const struct tune_model *model, uint32_t run,
                     const char *only, struct tune_unit **unit, uint32_t *count)
{
    bool use[1] = {true};
    const struct tune_data one = {&plan->data->run[run], 1, plan->data->population,
                                  plan->data->population_count};
    AUTO_FREE uint64_t *hit = calloc(one.population_count + (size_t)1, sizeof *hit);
    AUTO_FREE uint64_t *of = calloc(one.population_count + (size_t)1, sizeof *of);
    struct tune_points points;
    int r = tune_points_make(&model->config, &one, use, NULL, &points);

    for (uint32_t i = 0; r == 0 && hit && of && i < points.count; i++) {
        of[points.review[i].population]++;
        hit[points.review[i].population] += points.review[i].score >= model->at.review;
    }
    for (uint32_t p = 0; r == 0 && hit && of && p < one.population_count; p++) {
        struct tune_unit *to;

        if (of[p] == 0 || one.population[p].class != CLASS_DISTILLING ||
            (only && strcmp(one.population[p].archetype, only) != 0))
            continue;
        to = tune_data_add(unit, count, sizeof *to);
        if (to)
            *to = (struct tune_unit){run, p, hit[p], of[p]};
        r = to ? 0 : -ENOMEM;
    }
    tune_points_deinit(&points);
    return hit && of ? r : -ENOMEM;
}

static int hold_one(const struct tune_plan *plan, const struct tune_model *model, uint32_t run,
                    struct tune_count *out)
{
    AUTO_FREE bool *use = calloc(plan->data->run_count, sizeof *use);
    struct tune_points points;
    int r;

    if (!use)
        return -ENOMEM;
    use[run] = true;
    r = tune_points_make(&model->config, plan->data, use, NULL, &points);
    if (r == 0)
        tune_count(&points, plan->strata, &model->at, plan->data, out);
    tune_points_deinit(&points);
    return r;
}

/* Scores and probabilities of what the model did not see, in nats without the prior. */
struct judged {
    struct scored *score, *probability;
    uint32_t score_count, probability_count;
};

static int judged_add(struct judged *j, const struct tune_mark *mark, uint32_t count,
                      const struct probability_line *line)
{
    for (uint32_t i = 0; i < count; i++) {
        struct scored *s = tune_data_add(&j->score, &j->score_count, sizeof *s);
        struct scored *p = tune_data_add(&j->probability, &j->probability_count, sizeof *p);

        if (!s || !p)
            return -ENOMEM;
        *s = (struct scored){mark[i].nats, mark[i].positive};
        *p = (struct scored){line->slope * mark[i].nats + line->shift, mark[i].positive};
    }
    return 0;
}

/* At the share of distilling accounts that the inputs have. */
static void judged_close(struct judged *j, double share, struct calibration out[2])
{
    for (uint32_t i = 0; i < j->score_count; i++) {
        j->score[i].score = logistic(j->score[i].score + log_odds(share));
        j->probability[i].score = logistic(j->probability[i].score + log_odds(share));
    }
    calibration_make(j->score, j->score_count, &out[0]);
    calibration_make(j->probability, j->probability_count, &out[1]);
    free(j->score);
    free(j->probability);
}

struct holding {
    struct tune_unit *unit; /* campaigns, as the model without their run finds them */
    uint32_t unit_count;
    struct judged account, group;
};

static int hold_fold(const struct tune_plan *plan, uint32_t fold, uint32_t folds, struct holding *h,
                     struct tune_estimate *out)
{
    AUTO_FREE bool *use = calloc(plan->data->run_count, sizeof *use);
    struct tune_model model;
    int r;

    if (!use)
        return -ENOMEM;
    for (uint32_t i = 0; i < plan->data->run_count; i++)
        use[i] = i % folds != fold;
    r = tune_model_fit(plan, use, NULL, &model);
    for (uint32_t i = 0; r == 0 && i < plan->data->run_count; i++) {
        struct marks marks = {NULL, NULL, 0, 0};

        if (use[i])
            continue;
        r = hold_one(plan, &model, i, &out->held[i]);
        if (r == 0)
            r = run_mark(plan, &model, &plan->data->run[i], NULL, true, &marks);
        if (r == 0)
            r = judged_add(&h->account, marks.account, marks.account_count, &model.config.account);
        if (r == 0)
            r = judged_add(&h->group, marks.group, marks.group_count, &model.config.cluster);
        if (r == 0)
            r = units_add(plan, &model, i, NULL, &h->unit, &h->unit_count);
        marks_deinit(&marks);
    }
    return r;
}

static int by_run(const void *a, const void *b)
{
    const struct tune_unit *x = a, *y = b;

    if (x->run != y->run)
        return x->run < y->run ? -1 : 1;
    return (x->population > y->population) - (x->population < y->population);
}

static void shares_make(const struct tune_plan *plan, struct holding *h, struct tune_estimate *out)
{
    uint32_t runs = plan->data->run_count;
    AUTO_FREE struct tune_unit *unit = calloc(runs, sizeof *unit);

    if (!unit)
        return;
    qsort(h->unit, h->unit_count, sizeof *h->unit, by_run);
    for (uint32_t s = 0; s < plan->strata->count; s++) {
        for (unsigned act = 0; act < 2; act++) {
            for (uint32_t r = 0; r < runs; r++)
                unit[r] = (struct tune_unit){r, 0, act ? out->held[r].act[s] : out->held[r].hit[s],
                                             out->held[r].of[s]};
            *(act ? &out->act[s] : &out->share[s]) =
                tune_share_of(unit, runs, runs, s == TUNE_ABUSIVE);
        }
    }
    out->share[TUNE_CAMPAIGN] = tune_share_of(h->unit, h->unit_count, runs, true);
}

static void totals_make(const struct tune_plan *plan, struct tune_estimate *out)
{
    double sum = 0.0, squares = 0.0, n = plan->data->run_count, groups = 0.0, days = 0.0;
    double leaked = 0.0, exchanges = 0.0, honest = 0.0, reach;

    for (uint32_t r = 0; r < plan->data->run_count; r++) {
        const struct tune_count *c = &out->held[r];
        double rate = (double)c->groups / c->days;

        sum += rate;
        squares += rate * rate;
        groups += (double)c->groups;
        days += c->days;
        leaked += (double)c->leaked;
        exchanges += (double)c->exchanges;
        honest += (double)c->act[TUNE_BENIGN];
    }
    reach = student((uint32_t)n - 1) *
            sqrt(fmax(squares - sum * sum / n, 0.0) / (n - 1.0) * (1.0 + 1.0 / n));
    out->cases_per_day = groups / days;
    out->cases_low = fmax(0.0, sum / n - reach);
    out->cases_high = sum / n + reach;
    out->leaked = exchanges > 0.0 ? leaked / exchanges : (double)NAN;
    out->cost = (plan->goals->false_ban * honest + plan->goals->leak * leaked) / n;
}

/* ---- an archetype that was never seen ---- */

static int archetype_hold(const struct tune_plan *plan, struct tune_archetype *a)
{
    AUTO_FREE bool *use = calloc(plan->data->run_count, sizeof *use);
    AUTO_FREE struct tune_unit *unit = NULL;
    struct tune_model model;
    uint32_t count = 0;
    int r;

    if (!use)
        return -ENOMEM;
    memset(use, 1, plan->data->run_count);
    r = tune_model_fit(plan, use, a->name, &model);
    for (uint32_t i = 0; r == 0 && i < plan->data->run_count; i++)
        r = units_add(plan, &model, i, a->name, &unit, &count);
    if (r < 0)
        return r;
    a->found = tune_share_of(unit, count, plan->data->run_count, true);
    a->campaigns = count;
    for (uint32_t u = 0; u < count; u++)
        a->half += 2 * unit[u].hit >= unit[u].of;
    return 0;
}

static int archetypes_make(const struct tune_plan *plan, struct tune_estimate *out)
{
    for (uint32_t p = 0; p < plan->data->population_count; p++) {
        const char *name = plan->data->population[p].archetype;
        uint32_t a = 0;

        while (a < out->archetype_count && strcmp(out->archetype[a].name, name) != 0)
            a++;
        if (!*name || a < out->archetype_count || a == TUNE_ARCHETYPES_MAX)
            continue;
        (void)snprintf(out->archetype[a].name, NAME_SIZE, "%s", name);
        out->archetype_count++;
    }
    if (out->archetype_count < 2) /* without it nothing would be left to learn from */
        return 0;
    for (uint32_t a = 0; a < out->archetype_count; a++) {
        int r = archetype_hold(plan, &out->archetype[a]);

        if (r < 0)
            return r;
    }
    return 0;
}

int tune_estimate_make(const struct tune_plan *plan, struct tune_estimate *out)
{
    uint32_t runs = plan->data->run_count, folds = runs < TUNE_FOLDS ? runs : TUNE_FOLDS;
    AUTO_FREE bool *all = calloc(runs, sizeof *all);
    struct holding h = {.unit = NULL};
    double share;
    int r = 0;

    memset(out, 0, sizeof *out);
    out->held = calloc(runs, sizeof *out->held);
    if (!all || !out->held)
        return -ENOMEM;
    memset(all, 1, runs);
    for (uint32_t fold = 0; r == 0 && fold < folds; fold++)
        r = hold_fold(plan, fold, folds, &h, out);
    share = tune_share_distilling(plan->data, all);
    judged_close(&h.account, share, out->account);
    judged_close(&h.group, share, out->group);
    if (r == 0) {
        shares_make(plan, &h, out);
        totals_make(plan, out);
        r = archetypes_make(plan, out);
    }
    free(h.unit);
    return r;
}

void tune_estimate_deinit(struct tune_estimate *estimate)
{
    free(estimate->held);
}
