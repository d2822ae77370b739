/* Thresholds do not change what a group's evidence adds up to, so one sorted list answers for all
 * of them. What they do change in a living detector, who is adopted into a raised group and when,
 * is not replayed: `tune --fresh` shows what that amounts to. */
#include "tune_sweep.h"

#include "base/nearest.h"
#include "detector/judge.h"
#include "detector/weighing.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

const double TUNE_HELD = -1e9;

/* Where nothing lies between the last account that must be found and the next, so far below it. */
static const double MARGIN = 1.0;

void tune_sweep_judge(const struct detector_config *config, const struct tune_run *run,
                      struct tune_score *account, struct tune_score *group)
{
    double prior = log_odds(config->base_rate);

    for (uint32_t i = 0; i < run->group_count; i++) {
        double nats[SIGNAL_COUNT], sum[QUESTION_COUNT], all;
        bool one, harvest;

        for (unsigned s = 0; s < SIGNAL_COUNT; s++)
            nats[s] = (double)run->group[i].nats[s];
        weighing_sum(config, nats, sum);
        all = prior + sum[QUESTION_OPERATOR] + sum[QUESTION_HARVEST] + sum[QUESTION_CASE];
        one = judge_one_operator(sum[QUESTION_OPERATOR]) >= 0.5;
        harvest = judge_harvesting(sum[QUESTION_HARVEST]) >= 0.5;
        group[i].sum = all;
        group[i].watch = one ? all : TUNE_HELD;
        group[i].review = one && harvest ? all : TUNE_HELD;
    }
    for (uint32_t i = 0; i < run->account_count; i++) {
        const struct tune_account *a = &run->account[i];
        const struct tune_score *g = a->group == TUNE_NONE ? NULL : &group[a->group];
        double weight = config->weight[SIGNAL_fit];

        account[i].watch =
            g ? g->watch + weight * tune_data_fit(a, g->watch) : prior + (double)a->own;
        account[i].review =
            g ? g->review + weight * tune_data_fit(a, g->review) : prior + (double)a->own;
        account[i].sum = g ? g->sum + weight * tune_data_fit(a, g->sum) : prior + (double)a->own;
    }
}

double tune_sweep_actual(const struct tune_score *group, double watch, double review)
{
    if (group->watch <= TUNE_HELD / 2)
        return fmin(group->sum, watch - JUDGE_HELD_BELOW);
    return group->review <= TUNE_HELD / 2 ? fmin(group->sum, review - JUDGE_HELD_BELOW)
                                          : group->sum;
}

/* ---- who is counted ---- */

static bool holds(const char *stratum, bool campaign, const struct tune_population *p)
{
    if (campaign)
        return p->class == CLASS_DISTILLING &&
               (strcmp(stratum, "campaign") == 0 || strcmp(stratum, "distilling") == 0 ||
                strcmp(stratum, "all") == 0 || strcmp(stratum, p->name) == 0);
    if (p->class == CLASS_DISTILLING)
        return false;
    if (strcmp(stratum, "benign") == 0 || strcmp(stratum, "all") == 0)
        return p->class == CLASS_PLAIN || p->class == CLASS_HARD;
    return strcmp(stratum, evaluate_class_name[p->class]) == 0 || strcmp(stratum, p->name) == 0;
}

static int stratum_add(struct tune_strata *s, const char *name, bool campaign,
                       const struct tune_data *data)
{
    struct tune_stratum *t = &s->item[s->count];

    t->holds = calloc(data->population_count + (size_t)1, sizeof *t->holds);
    if (!t->holds)
        return -ENOMEM;
    s->count++;
    (void)snprintf(t->name, sizeof t->name, "%s", name);
    t->most = t->least = (double)NAN;
    t->accounts = 0;
    for (uint32_t p = 0; p < data->population_count; p++)
        t->holds[p] = holds(name, campaign, &data->population[p]);
    for (uint32_t r = 0; r < data->run_count; r++)
        for (uint32_t a = 0; a < data->run[r].account_count; a++)
            t->accounts += t->holds[data->run[r].account[a].population];
    return 0;
}

/* The stratum of a check: one of the fixed, or one of its own. */
static struct tune_stratum *stratum_of(struct tune_strata *s, const struct gate_check *check,
                                       const struct tune_data *data)
{
    bool campaign = check->measure == GATE_RECALL;
    const char *name = strcmp(check->of, "all") != 0 ? check->of : campaign ? "campaign" : "benign";

    for (uint32_t i = 0; i < s->count; i++)
        if (strcmp(s->item[i].name, name) == 0)
            return &s->item[i];
    return stratum_add(s, name, campaign, data) < 0 ? NULL : &s->item[s->count - 1];
}

static int name_refuse(const struct gate_check *check, const struct tune_data *data,
                       struct err *err)
{
    const char *names[256] = {"benign", "plain", "hard", "abusive", "campaign"};
    const char *nearest;
    uint32_t n = 5;

    for (uint32_t p = 0; p < data->population_count && n < 256; p++)
        names[n++] = data->population[p].name;
    nearest = nearest_word(check->of, names, n);
    return err_set(err, -EINVAL, "--%s %s: no account of the inputs is of that name%s%s%s",
                   gate_measure[check->measure].option, check->of, nearest ? "; did you mean " : "",
                   nearest ? nearest : "", nearest ? "?" : "");
}

/* A rate below 3 / n cannot be told from none (the rule of three). */
static int supported(const struct tune_stratum *t, const struct gate_check *check, uint32_t runs,
                     struct err *err)
{
    double needed = 3.0 / check->bound, have = (double)t->accounts;

    if (check->bound > 0.0 && have >= needed)
        return 0;
    if (check->bound <= 0.0)
        return err_set(err, -EINVAL,
                       "--max-fpr %s=0: no number of accounts shows a rate of exactly 0; with the "
                       "%" PRIu64 " here the smallest that can be claimed is %.2g",
                       check->of, t->accounts, 3.0 / have);
    return err_set(err, -EINVAL,
                   "--max-fpr %s=%g: the data cannot support it: that takes %.0f %s accounts "
                   "(3 / rate), and the inputs have %" PRIu64 ": give about %.0f inputs like these "
                   "rather than %" PRIu32 ", or ask for %.2g",
                   check->of, check->bound, ceil(needed), check->of, t->accounts,
                   ceil((double)runs * needed / have), runs, 3.0 / have);
}

int tune_strata_make(const struct tune_goals *goals, const struct tune_data *data,
                     struct tune_strata *out, struct err *err)
{
    static const char *const fixed[TUNE_FIXED] = {"campaign", "plain", "hard", "benign", "abusive"};

    out->count = 0;
    for (unsigned i = 0; i < TUNE_FIXED; i++)
        if (stratum_add(out, fixed[i], i == TUNE_CAMPAIGN, data) < 0)
            return err_set(err, -ENOMEM, "out of memory");
    for (uint32_t i = 0; i < goals->checks.count; i++) {
        const struct gate_check *check = &goals->checks.item[i];
        struct tune_stratum *t = out->count < TUNE_STRATA_MAX ? stratum_of(out, check, data) : NULL;
        double *bound = t && check->measure == GATE_RECALL ? &t->least : t ? &t->most : NULL;

        if (!t)
            return err_set(err, -EINVAL, "more than %d budgets", TUNE_STRATA_MAX - TUNE_FIXED);
        if (t->accounts == 0)
            return name_refuse(check, data, err);
        if (!isnan(*bound))
            return err_set(err, -EINVAL, "--%s: two budgets for %s, %g and %g: keep one",
                           gate_measure[check->measure].option, t->name, *bound, check->bound);
        *bound = check->bound;
        if (check->measure == GATE_FPR && supported(t, check, data->run_count, err) < 0)
            return -EINVAL;
    }
    return 0;
}

void tune_strata_deinit(struct tune_strata *strata)
{
    for (uint32_t i = 0; i < strata->count; i++)
        free(strata->item[i].holds);
    strata->count = 0;
}

/* ---- points ---- */

static int by_score(const void *a, const void *b)
{
    const struct tune_point *x = a, *y = b;

    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return (x->population > y->population) - (x->population < y->population);
}

static int by_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x < y) - (x > y);
}

static bool is_left_out(const struct tune_data *data, uint32_t population, const char *without)
{
    return without && population != TUNE_NONE &&
           data->population[population].class == CLASS_DISTILLING &&
           strcmp(data->population[population].archetype, without) == 0;
}

static int run_points(const struct detector_config *config, const struct tune_data *data,
                      const struct tune_run *run, const char *without, struct tune_points *out)
{
    AUTO_FREE struct tune_score *account = calloc(run->account_count + (size_t)1, sizeof *account);
    AUTO_FREE struct tune_score *group = calloc(run->group_count + (size_t)1, sizeof *group);

    if (!account || !group)
        return -ENOMEM;
    tune_sweep_judge(config, run, account, group);
    for (uint32_t i = 0; i < run->account_count; i++) {
        const struct tune_account *a = &run->account[i];

        if (is_left_out(data, a->population, without))
            continue;
        out->review[out->count] =
            (struct tune_point){account[i].review, a->population, a->exchanges};
        out->watch[out->count++] =
            (struct tune_point){account[i].watch, a->population, a->exchanges};
    }
    for (uint32_t g = 0; g < run->group_count; g++)
        if (run->group[g].last && !is_left_out(data, run->group[g].campaign, without))
            out->group[out->group_count++] = group[g].review;
    out->days += tune_data_days(run);
    return 0;
}

int tune_points_make(const struct detector_config *config, const struct tune_data *data,
                     const bool *use, const char *without, struct tune_points *out)
{
    size_t accounts = 1, groups = 1;

    *out = (struct tune_points){NULL, NULL, NULL, 0, 0, 0.0};
    for (uint32_t r = 0; r < data->run_count; r++) {
        accounts += use[r] ? data->run[r].account_count : 0;
        groups += use[r] ? data->run[r].group_count : 0;
    }
    out->review = malloc(accounts * sizeof *out->review);
    out->watch = malloc(accounts * sizeof *out->watch);
    out->group = malloc(groups * sizeof *out->group);
    if (!out->review || !out->watch || !out->group)
        return -ENOMEM;
    for (uint32_t r = 0; r < data->run_count; r++)
        if (use[r] && run_points(config, data, &data->run[r], without, out) < 0)
            return -ENOMEM;
    qsort(out->review, out->count, sizeof *out->review, by_score);
    qsort(out->watch, out->count, sizeof *out->watch, by_score);
    qsort(out->group, out->group_count, sizeof *out->group, by_double);
    return 0;
}

void tune_points_deinit(struct tune_points *points)
{
    free(points->review);
    free(points->watch);
    free(points->group);
}

/* ---- thresholds ---- */

/* What a walk down a sorted list keeps to, and what it is after. */
struct walk {
    const struct tune_point *point;
    uint32_t count;
    const struct tune_strata *strata;
    const struct tune_data *data;
    double factor;                 /* on every budget */
    double above;                  /* only thresholds above this */
    double cost_honest, cost_leak; /* NaN: as low as the budgets let */
};

static bool is_honest(const struct tune_data *data, uint32_t population)
{
    return data->population[population].class == CLASS_PLAIN ||
           data->population[population].class == CLASS_HARD;
}

static bool exceeds(const struct walk *w, const uint64_t *hit, const uint64_t *of)
{
    for (uint32_t s = 0; s < w->strata->count; s++) {
        double most = w->strata->item[s].most;

        if (!isnan(most) && (double)hit[s] > w->factor * most * (double)of[s] + 1e-9)
            return true;
    }
    return false;
}

/* Between the last score that is taken and the next one. */
static double threshold_below(const struct walk *w, uint32_t next)
{
    double last = w->point[next - 1].score, below = last - MARGIN;

    if (next < w->count)
        below = fmax(below, 0.5 * (last + w->point[next].score));
    return fmax(below, 0.5 * (last + fmax(w->above, last - 2.0 * MARGIN)));
}

/* The lowest threshold with a distilling account at its foot that keeps to the budgets, or the
 * cheapest of those; when there is none, one above all that can be taken. */
static double walk_down(const struct walk *w)
{
    uint64_t hit[TUNE_STRATA_MAX] = {0}, of[TUNE_STRATA_MAX] = {0};
    double cost = 0.0, least = INFINITY, best = NAN;
    uint32_t i = 0, j;

    for (uint32_t k = 0; k < w->count; k++)
        for (uint32_t s = 0; s < w->strata->count; s++)
            of[s] += w->strata->item[s].holds[w->point[k].population];
    for (; i < w->count && w->point[i].score > w->above && w->point[i].score > TUNE_HELD / 2;
         i = j) {
        bool found = false;

        for (j = i; j < w->count && w->point[j].score == w->point[i].score; j++) {
            const struct tune_point *p = &w->point[j];

            for (uint32_t s = 0; s < w->strata->count; s++)
                hit[s] += w->strata->item[s].holds[p->population];
            if (w->data->population[p->population].class == CLASS_DISTILLING) {
                found = true;
                cost -= isnan(w->cost_leak) ? 0.0 : w->cost_leak * (double)p->exchanges;
            }
            if (is_honest(w->data, p->population))
                cost += isnan(w->cost_honest) ? 0.0 : w->cost_honest;
        }
        if (exceeds(w, hit, of))
            break;
        if (found && (isnan(w->cost_leak) || cost < least)) {
            least = cost;
            best = threshold_below(w, j);
        }
    }
    if (!isnan(best))
        return best;
    return i < w->count && w->point[i].score > TUNE_HELD / 2 ? w->point[i].score + MARGIN
                                                             : fmax(w->above, 0.0) + MARGIN;
}

static bool has_budget(const struct tune_strata *strata)
{
    for (uint32_t s = 0; s < strata->count; s++)
        if (!isnan(strata->item[s].most))
            return true;
    return false;
}

/* Budgets of a tenth for `act`, as far as the points can show one: else no honest account at all.
 */
static double act_factor(const struct tune_strata *strata)
{
    double factor = 0.1;

    for (uint32_t s = 0; s < strata->count; s++)
        if (!isnan(strata->item[s].most) &&
            0.1 * strata->item[s].most * (double)strata->item[s].accounts < 3.0)
            factor = 0.0;
    return factor;
}

struct tune_thresholds tune_choose(const struct tune_points *points,
                                   const struct tune_strata *strata, const struct tune_goals *goals,
                                   const struct tune_data *data)
{
    static const double WATCH_WIDER = 10.0, WATCH_BELOW = 1.5;
    double allowed = floor(goals->reviews_per_day * points->days);
    struct walk w = {.point = points->review,
                     .count = points->count,
                     .strata = strata,
                     .data = data,
                     .factor = 1.0,
                     .above = TUNE_HELD,
                     .cost_honest = goals->false_review,
                     .cost_leak = goals->leak};
    struct tune_thresholds t;

    if (!isnan(allowed) && allowed < (double)points->group_count)
        w.above = points->group[(uint32_t)allowed];
    t.review = walk_down(&w);
    w.cost_honest = goals->false_ban;
    w.factor = act_factor(strata);
    t.act = fmax(t.review, walk_down(&w));
    if (isnan(goals->leak) && !has_budget(strata)) /* only the analysts' day is limited */
        t.act = t.review + 2.0 * WATCH_BELOW;
    w = (struct walk){points->watch, points->count, strata,      data,
                      WATCH_WIDER,   TUNE_HELD,     (double)NAN, (double)NAN};
    t.watch = has_budget(strata) ? walk_down(&w) : t.review - WATCH_BELOW;
    t.watch = clamp(t.watch, t.review - 2.0 * WATCH_BELOW, t.review - 0.5 * WATCH_BELOW);
    return t;
}

void tune_count(const struct tune_points *points, const struct tune_strata *strata,
                const struct tune_thresholds *t, const struct tune_data *data,
                struct tune_count *out)
{
    *out = (struct tune_count){.days = points->days};
    for (uint32_t i = 0; i < points->count; i++) {
        const struct tune_point *p = &points->review[i];

        for (uint32_t s = 0; s < strata->count; s++) {
            if (!strata->item[s].holds[p->population])
                continue;
            out->of[s]++;
            out->hit[s] += p->score >= t->review;
            out->act[s] += p->score >= t->act;
        }
        if (data->population[p->population].class == CLASS_DISTILLING) {
            out->exchanges += p->exchanges;
            out->leaked += p->score < t->review ? p->exchanges : 0;
        }
    }
    for (uint32_t g = 0; g < points->group_count; g++)
        out->groups += points->group[g] >= t->review;
}
