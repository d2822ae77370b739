/* Fitted weights are taken only if they are better on traffic that they did not see: within the
 * budgets, and on archetypes that they never met. Else the shipped ones stay. */
#include "tune.h"

#include "tools/progress.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

const char *const tune_weights_name[TUNE_WEIGHTS] = {"as shipped", "fitted"};

int tune_check(struct tune *t, struct err *err)
{
    uint64_t distilling = 0, honest = 0;

    for (uint32_t r = 0; r < t->data.run_count; r++)
        for (uint32_t a = 0; a < t->data.run[r].account_count; a++) {
            unsigned class = t->data.run[r].account[a].class;

            distilling += class == CLASS_DISTILLING;
            honest += class == CLASS_PLAIN || class == CLASS_HARD;
        }
    if (t->data.run_count < 2)
        return err_set(err, -EINVAL,
                       "one input: nothing would be left to check the choice on; give --seeds 2 or "
                       "more, or a second run");
    if (distilling == 0)
        return err_set(err, -EINVAL,
                       "one class only: no account of the inputs distils; add a scenario with "
                       "campaigns, or label known ones");
    if (honest == 0)
        return err_set(err, -EINVAL,
                       "one class only: every account of the inputs distils or is abusive; add "
                       "honest traffic, such as scenarios/honest-week.json");
    return tune_strata_make(&t->goals, &t->data, &t->strata, err);
}

static struct tune_plan plan_of(const struct tune *t, unsigned weights)
{
    return (struct tune_plan){.data = &t->data,
                              .strata = &t->strata,
                              .goals = &t->goals,
                              .base = &t->base,
                              .strength = t->strength,
                              .fit = weights == TUNE_FITTED};
}

/* How good an estimate is: shares found, held out and of archetypes never seen, less by how far a
 * budget is exceeded; or what it costs, where costs are given. */
static double merit(const struct tune *t, const struct tune_estimate *e)
{
    double seen = e->share[TUNE_CAMPAIGN].value, unseen = 0.0, over = 0.0, n = 0.0;

    if (!isnan(t->goals.leak))
        return -e->cost;
    for (uint32_t a = 0; a < e->archetype_count; a++)
        if (e->archetype[a].found.of > 0) {
            unseen += e->archetype[a].found.value;
            n += 1.0;
        }
    for (uint32_t s = 0; s < t->strata.count; s++) {
        double most = t->strata.item[s].most;

        if (!isnan(most) && most > 0.0)
            over += fmax(0.0, e->share[s].value / most - 1.0);
    }
    return seen + (n > 0.0 ? unseen / n : seen) - 0.1 * over;
}

static void choose_weights(struct tune *t)
{
    static const double BETTER = 0.001; /* on equal terms the shipped ones: they are explained */
    double shipped = merit(t, &t->estimate[TUNE_SHIPPED]);

    t->chosen = TUNE_SHIPPED;
    if (t->usable[TUNE_FITTED] &&
        merit(t, &t->estimate[TUNE_FITTED]) > shipped + BETTER * fabs(shipped))
        t->chosen = TUNE_FITTED;
}

/* The least false-positive share of a stratum with a recall. */
static double share_at_recall(const struct tune_points *p, double recall,
                              const struct tune_stratum *campaign,
                              const struct tune_stratum *stratum)
{
    uint64_t found = 0, wanted = 0, hit = 0, of = 0;

    for (uint32_t i = 0; i < p->count; i++) {
        wanted += campaign->holds[p->review[i].population];
        of += stratum->holds[p->review[i].population];
    }
    for (uint32_t i = 0; i < p->count; i++) {
        if (p->review[i].score <= TUNE_HELD / 2)
            break;
        found += campaign->holds[p->review[i].population];
        hit += stratum->holds[p->review[i].population];
        if ((double)found >= recall * (double)wanted &&
            (i + 1 == p->count || p->review[i + 1].score < p->review[i].score))
            return of ? (double)hit / (double)of : 0.0;
    }
    return (double)NAN;
}

/* Budgets that cannot be kept together on these very inputs. */
static int contradiction_check(const struct tune *t, const struct tune_points *p,
                               const struct tune_count *c, struct err *err)
{
    for (uint32_t s = 0; s < t->strata.count; s++) {
        const struct tune_stratum *wanted = &t->strata.item[s];
        double have = c->of[s] ? (double)c->hit[s] / (double)c->of[s] : 0.0, price;

        if (isnan(wanted->least) || have >= wanted->least)
            continue;
        price = share_at_recall(p, wanted->least, wanted, &t->strata.item[TUNE_BENIGN]);
        if (isnan(price))
            return err_set(err, -EINVAL,
                           "--min-recall %s=%g contradicts the evidence: no threshold reaches more "
                           "than is found now, %.3g; ask for less",
                           wanted->name, wanted->least, have);
        return err_set(err, -EINVAL,
                       "contradicting budgets: within the others recall of %s is %.3g, not %g; "
                       "that recall flags %.2g of the benign accounts: give that much, or ask for "
                       "less",
                       wanted->name, have, wanted->least, price);
    }
    return 0;
}

static int model_make(struct tune *t, struct err *err)
{
    AUTO_FREE bool *all = calloc(t->data.run_count, sizeof *all);
    struct tune_plan plan = plan_of(t, t->chosen);
    struct tune_points points;
    struct tune_count count;
    int r;

    if (!all)
        return -ENOMEM;
    memset(all, 1, t->data.run_count);
    r = tune_model_fit(&plan, all, NULL, &t->model);
    if (r < 0)
        return r;
    r = tune_points_make(&t->model.config, &t->data, all, NULL, &points);
    if (r == 0) {
        tune_count(&points, &t->strata, &t->model.at, &t->data, &count);
        r = contradiction_check(t, &points, &count, err);
    }
    tune_points_deinit(&points);
    return r;
}

int tune_make(struct tune *t, struct err *err)
{
    struct tune_curve *curve = malloc(sizeof *curve);
    uint64_t started;
    int r = curve ? 0 : -ENOMEM;

    for (unsigned w = 0; r == 0 && w < TUNE_WEIGHTS; w++) {
        struct tune_plan plan = plan_of(t, w);

        r = tune_estimate_make(&plan, &t->estimate[w]);
        t->usable[w] = r == 0;
        if (r == -EINVAL && w == TUNE_FITTED) /* too few groups to learn weights from */
            r = 0;
    }
    if (r == -EINVAL)
        r = err_set(err, r,
                    "too few campaigns are spread over the inputs: each part of them needs both "
                    "distilling and honest groups; give more seeds");
    if (r == 0) {
        choose_weights(t);
        r = model_make(t, err);
    }
    if (r == 0) {
        started = wall_ns();
        r = tune_curve_make(t, curve);
        t->sweep_s = (double)(wall_ns() - started) / 1e9;
    }
    free(curve);
    return r == -ENOMEM ? err_set(err, r, "out of memory") : r;
}

/* ---- fresh runs ---- */

static void fresh_count(const struct tune *t, const struct tune_run *run, struct tune_fresh *f)
{
    uint64_t distilling = 0, all = 0;

    (void)snprintf(f->name, sizeof f->name, "%s", run->name);
    for (uint32_t i = 0; i < run->account_count; i++) {
        const struct tune_account *a = &run->account[i];

        for (uint32_t s = 0; s < t->strata.count; s++) {
            bool in = t->strata.item[s].holds[a->population];

            f->of[s] += in;
            f->hit[s] += in && a->level >= LEVEL_REVIEW;
        }
        all += a->class != CLASS_ABUSIVE;
        distilling += a->class == CLASS_DISTILLING;
    }
    f->share = all ? (double)distilling / (double)all : 0.0;
    for (uint32_t i = 0; i < run->case_count; i++) {
        const struct tune_case *c = &run->cases[i];

        f->abusive += c->class == CLASS_ABUSIVE;
        f->cases += c->class != CLASS_ABUSIVE;
        f->wrong += c->class == CLASS_PLAIN;
        f->expected += c->class == CLASS_ABUSIVE ? 0.0 : 1.0 - c->probability;
    }
}

/* The fresh runs' populations by the numbers that the strata know. */
static int renumber(struct tune *t, const struct tune_data *data)
{
    for (uint32_t r = 0; r < data->run_count; r++)
        for (uint32_t i = 0; i < data->run[r].account_count; i++) {
            struct tune_account *a = &data->run[r].account[i];
            uint32_t p = 0;

            while (p < t->data.population_count &&
                   (strcmp(t->data.population[p].name, data->population[a->population].name) != 0 ||
                    t->data.population[p].class != data->population[a->population].class))
                p++;
            if (p == t->data.population_count)
                return -EINVAL;
            a->population = p;
        }
    return 0;
}

int tune_fresh_take(struct tune *t, const struct tune_data *data)
{
    t->fresh = calloc(data->run_count, sizeof *t->fresh);
    if (!t->fresh)
        return -ENOMEM;
    if (renumber(t, data) < 0)
        return -EINVAL;
    t->fresh_count = data->run_count;
    for (uint32_t r = 0; r < data->run_count; r++)
        fresh_count(t, &data->run[r], &t->fresh[r]);
    return 0;
}

void tune_deinit(struct tune *t)
{
    for (unsigned w = 0; w < TUNE_WEIGHTS; w++)
        tune_estimate_deinit(&t->estimate[w]);
    tune_strata_deinit(&t->strata);
    tune_data_deinit(&t->data);
    free(t->fresh);
}

/* ---- the curve ---- */

/* Highest to lowest score that anybody reaches, in even steps. */
int tune_curve_make(const struct tune *t, struct tune_curve *out)
{
    AUTO_FREE bool *all = calloc(t->data.run_count, sizeof *all);
    uint64_t hit[TUNE_FIXED] = {0}, of[TUNE_FIXED] = {0};
    struct tune_points p;
    uint32_t last = 0, i = 0, g = 0;
    int r;

    if (!all)
        return -ENOMEM;
    memset(all, 1, t->data.run_count);
    r = tune_points_make(&t->model.config, &t->data, all, NULL, &p);
    for (uint32_t k = 0; r == 0 && k < p.count; k++) {
        last = p.review[k].score > TUNE_HELD / 1e4 ? k : last;
        for (unsigned s = 0; s < TUNE_FIXED; s++)
            of[s] += t->strata.item[s].holds[p.review[k].population];
    }
    out->count = r == 0 && p.count ? TUNE_CURVE : 0;
    for (uint32_t k = 0; k < out->count; k++) {
        double from = p.review[0].score, to = fmax(p.review[last].score, -20.0);

        out->score[k] = from - (from - to) * k / (TUNE_CURVE - 1);
        for (; i < p.count && p.review[i].score >= out->score[k]; i++)
            for (unsigned s = 0; s < TUNE_FIXED; s++)
                hit[s] += t->strata.item[s].holds[p.review[i].population];
        while (g < p.group_count && p.group[g] >= out->score[k])
            g++;
        out->cases_per_day[k] = g / p.days;
        for (unsigned s = 0; s < TUNE_FIXED; s++)
            out->share[k][s] = of[s] ? (double)hit[s] / (double)of[s] : (double)NAN;
    }
    tune_points_deinit(&p);
    return r;
}
