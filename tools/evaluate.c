/* Joins run and truth once, by account, and derives everything from that: first what each account
 * is and got, then tallies per population, campaign and cluster. All of it is linear or n log n. */
#include "evaluate.h"

#include "tools/baselines.h"

#include <errno.h>
#include <math.h>

const double evaluate_fpr[EVALUATE_POINTS] = {1e-2, 1e-3, 1e-4};
const char *const evaluate_class_name[CLASS_COUNT] = {"distilling", "plain", "hard", "abusive"};

const enum level evaluate_level[EVALUATE_LEVELS] = {LEVEL_WATCH, LEVEL_REVIEW, LEVEL_ACT};

/* The score of an account that the run does not know: below all others. */
static const double SCORE_UNSEEN = -1.0;

static const double HOUR = (double)MSEC_HOUR, DAY = (double)MSEC_DAY;

/* One account of the truth and what the run says of it. */
struct joined {
    const struct run_account *run; /* NULL: unseen */
    enum evaluate_class class;
    uint32_t group; /* name of the campaign or population */
};

struct work {
    const struct truth *truth;
    const struct run *run;
    struct joined *account;  /* by truth index */
    struct scored *scored;   /* room for all accounts */
    uint32_t *found, *group; /* the same */
    double *hours;           /* the same */
    uint32_t *tally;         /* per name of the truth, zero between uses */
    uint32_t *truth_of;      /* by run index: truth index, or TRUTH_NONE */
    struct evaluation *out;
};

static void work_deinit(struct work *w)
{
    free(w->account);
    free(w->scored);
    free(w->found);
    free(w->group);
    free(w->hours);
    free(w->tally);
    free(w->truth_of);
}

static int work_init(struct work *w, const struct truth *truth, const struct run *run)
{
    size_t n = truth->count;

    *w = (struct work){.truth = truth, .run = run};
    w->account = calloc(n, sizeof *w->account);
    w->scored = calloc(n, sizeof *w->scored);
    w->found = calloc(n, sizeof *w->found);
    w->group = calloc(n, sizeof *w->group);
    w->hours = calloc(n, sizeof *w->hours);
    w->tally = calloc(truth->name_count + (size_t)2, sizeof *w->tally);
    w->truth_of = calloc(run->account_count + (size_t)1, sizeof *w->truth_of);
    if (!w->account || !w->scored || !w->found || !w->group || !w->hours || !w->tally ||
        !w->truth_of)
        return -ENOMEM;
    return 0;
}

enum evaluate_class evaluate_class_of(const struct truth_account *a)
{
    if (a->truth == TRUTH_DISTILLING)
        return CLASS_DISTILLING;
    if (a->truth == TRUTH_ABUSIVE)
        return CLASS_ABUSIVE;
    return a->stratum == STRATUM_HARD ? CLASS_HARD : CLASS_PLAIN;
}

static bool is_benign(const struct joined *a)
{
    return a->class == CLASS_PLAIN || a->class == CLASS_HARD;
}

/* Unseen accounts count as missed where they should have been found, and not at all elsewhere. */
static bool counts(const struct joined *a)
{
    return a->run || a->class == CLASS_DISTILLING;
}

static bool flagged(const struct joined *a)
{
    return a->run && a->run->level >= LEVEL_REVIEW;
}

static void join(struct work *w)
{
    uint64_t known = 0;

    for (uint32_t i = 0; i < w->run->account_count; i++)
        w->truth_of[i] = TRUTH_NONE;
    for (uint32_t i = 0; i < w->truth->count; i++) {
        const struct truth_account *t = &w->truth->account[i];
        uint32_t at = run_find_account(w->run, str_of(t->account));

        w->account[i] =
            (struct joined){at == RUN_NONE ? NULL : &w->run->account[at], evaluate_class_of(t),
                            t->campaign == TRUTH_NONE ? t->population : t->campaign};
        if (at != RUN_NONE) {
            w->truth_of[at] = i;
            known++;
        }
    }
    w->out->accounts_truth = w->truth->count;
    w->out->accounts_run = w->run->account_count;
    w->out->accounts_unlabelled = w->run->account_count - known;
}

/* ---- Accounts, per population and per class ---- */

struct count {
    uint64_t hit[EVALUATE_LEVELS], of;
};

static void count_add(struct count *c, const struct joined *a)
{
    if (!counts(a))
        return;
    c->of++;
    for (unsigned l = 0; l < EVALUATE_LEVELS; l++)
        c->hit[l] += a->run && a->run->level >= evaluate_level[l];
}

static void count_close(const struct count *c, struct proportion out[EVALUATE_LEVELS])
{
    for (unsigned l = 0; l < EVALUATE_LEVELS; l++)
        out[l] = proportion_of(c->hit[l], c->of);
}

/* The population of a name and class, in the order of class and name. */
static int populations_make(struct work *w)
{
    size_t cells = (size_t)w->truth->name_count * CLASS_COUNT, p = 0;
    AUTO_FREE struct count *count = calloc(cells, sizeof *count);
    AUTO_FREE struct population_result *cell = calloc(cells, sizeof *cell);

    if (!count || !cell)
        return -ENOMEM;
    for (uint32_t i = 0; i < w->truth->count; i++) {
        const struct joined *a = &w->account[i];
        size_t at = (size_t)a->class * w->truth->name_count + a->group;

        cell[at].name = w->truth->name[a->group];
        cell[at].class = a->class;
        cell[at].accounts++;
        cell[at].unseen += !a->run;
        cell[at].exchanges += a->run ? a->run->exchanges : 0;
        cell[at].exchanges_flagged += flagged(a) ? a->run->exchanges : 0;
        count_add(&count[at], a);
    }
    for (size_t at = 0; at < cells; at++)
        if (cell[at].accounts) {
            count_close(&count[at], cell[at].flagged);
            cell[p++] = cell[at];
        }
    w->out->population = TAKE(cell);
    w->out->population_count = (uint32_t)p;
    return 0;
}

static void classes_make(struct work *w)
{
    struct count count[CLASS_COUNT] = {0}, benign = {0};

    for (uint32_t i = 0; i < w->truth->count; i++) {
        const struct joined *a = &w->account[i];

        count_add(&count[a->class], a);
        if (is_benign(a))
            count_add(&benign, a);
    }
    for (unsigned c = 0; c < CLASS_COUNT; c++)
        count_close(&count[c], w->out->by_class[c]);
    count_close(&benign, w->out->benign);
}

/* ---- Scores ---- */

/* Positives of one class against benign accounts; `score` per truth index, NULL: the run's own. */
static void rank(struct work *w, enum evaluate_class positive, const double *score,
                 struct ranking *out)
{
    uint64_t n = 0;

    for (uint32_t i = 0; i < w->truth->count; i++) {
        const struct joined *a = &w->account[i];

        if ((a->class != positive && !is_benign(a)) || !counts(a))
            continue;
        w->scored[n].positive = a->class == positive;
        w->scored[n].score = !a->run ? SCORE_UNSEEN : score ? score[i] : a->run->score;
        n++;
    }
    ranking_make(w->scored, n, out);
}

static void scores_make(struct work *w)
{
    struct evaluation *out = w->out;
    uint64_t n = 0;

    rank(w, CLASS_ABUSIVE, NULL, &out->abusive);
    out->abusive.sorted = NULL;
    rank(w, CLASS_DISTILLING, NULL, &out->ranking);
    for (unsigned p = 0; p < EVALUATE_POINTS; p++)
        out->point[p] = ranking_at_fpr(&out->ranking, evaluate_fpr[p]);
    out->ranking.sorted = NULL;
    for (uint32_t i = 0; i < w->truth->count; i++) {
        const struct joined *a = &w->account[i];

        if (a->run && a->class != CLASS_ABUSIVE)
            w->scored[n++] = (struct scored){a->run->score, a->class == CLASS_DISTILLING};
    }
    calibration_make(w->scored, n, &out->calibration);
}

static void totals_make(struct work *w)
{
    double days = 0.0, sent = 0.0, caught = 0.0;
    uint64_t alarms = 0;

    for (uint32_t i = 0; i < w->truth->count; i++) {
        const struct joined *a = &w->account[i];

        if (a->run && is_benign(a)) {
            double active = (double)(a->run->last_ts - a->run->first_ts) / DAY;

            days += active > 1.0 ? active : 1.0;
            alarms += flagged(a);
        } else if (a->run && a->class == CLASS_DISTILLING) {
            sent += (double)a->run->exchanges;
            caught += flagged(a) ? (double)a->run->exchanges : 0.0;
        }
    }
    w->out->false_alarms = rate_of(alarms, days / 1000.0);
    w->out->exchange_recall = sent > 0.0 ? caught / sent : NAN;
}

/* ---- Clusters ---- */

/* found[i]: the cluster of truth account i, or METRICS_ALONE. Judged are the accounts of campaigns
 * and all that were put into a cluster; abusive ones without a campaign are left out, as the truth
 * does not say who runs them. */
static int grouping_make(struct work *w, const uint32_t *found, uint32_t cluster_limit,
                         struct grouping_result *out)
{
    AUTO_FREE uint32_t *benign = calloc(cluster_limit + (size_t)1, sizeof *benign);
    AUTO_FREE uint32_t *members = calloc(cluster_limit + (size_t)1, sizeof *members);
    uint64_t n = 0, honest = 0, clusters = 0;

    if (!benign || !members)
        return -ENOMEM;
    for (uint32_t i = 0; i < w->truth->count; i++) {
        const struct joined *a = &w->account[i];
        bool campaign = w->truth->account[i].campaign != TRUTH_NONE;
        uint32_t cluster = found[i];

        if (cluster != METRICS_ALONE) {
            members[cluster]++;
            benign[cluster] += is_benign(a);
        } else if (!campaign) {
            continue;
        }
        if (a->class == CLASS_ABUSIVE && !campaign)
            continue;
        w->group[n] = campaign ? a->group : METRICS_ALONE;
        w->found[n++] = cluster;
    }
    for (uint32_t c = 0; c < cluster_limit; c++) {
        clusters += members[c] > 0;
        honest += 2 * (uint64_t)benign[c] > members[c];
    }
    out->clusters_flagged = clusters;
    out->mostly_honest = proportion_of(honest, clusters);
    return agreement_make(w->group, w->found, n, &out->agreement);
}

static int clusters_make(struct work *w)
{
    AUTO_FREE uint32_t *found = calloc(w->truth->count, sizeof *found);

    if (!found)
        return -ENOMEM;
    for (uint32_t i = 0; i < w->truth->count; i++) {
        const struct run_account *a = w->account[i].run;
        bool in = a && a->cluster != RUN_NONE && w->run->cluster[a->cluster].level >= LEVEL_REVIEW;

        found[i] = in ? a->cluster : METRICS_ALONE;
    }
    return grouping_make(w, found, w->run->cluster_count, &w->out->grouping);
}

/* ---- Campaigns ---- */

static int by_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void first_alarm(struct campaign_result *c, msec_t alert_ts)
{
    if (alert_ts != INT64_MIN && (c->alert_ts == INT64_MIN || alert_ts < c->alert_ts))
        c->alert_ts = alert_ts;
}

/* From the campaign's accounts. */
static void campaign_accounts(struct work *w, uint32_t name, struct campaign_result *c)
{
    double before = 0.0, caught = 0.0;
    uint64_t hit = 0;
    size_t found = 0;

    *c = (struct campaign_result){.name = w->truth->name[name],
                                  .alert_ts = INT64_MIN,
                                  .first_ts = INT64_MAX,
                                  .cluster_leaked = NAN};
    for (uint32_t i = 0; i < w->truth->count; i++) {
        const struct joined *a = &w->account[i];

        if (a->class != CLASS_DISTILLING || a->group != name)
            continue;
        c->accounts++;
        c->unseen += !a->run;
        if (!a->run)
            continue;
        c->exchanges += a->run->exchanges;
        c->first_ts = a->run->first_ts < c->first_ts ? a->run->first_ts : c->first_ts;
        first_alarm(c, a->run->alert_ts);
        hit += flagged(a);
        caught += flagged(a) ? (double)a->run->exchanges : 0.0;
        before += (double)(a->run->alert_ts != INT64_MIN ? a->run->exchanges_at_alert
                                                         : a->run->exchanges);
        if (a->run->alert_ts != INT64_MIN)
            w->hours[found++] = (double)(a->run->alert_ts - a->run->first_ts) / HOUR;
    }
    qsort(w->hours, found, sizeof *w->hours, by_double);
    c->hours_to_alert_account = found ? w->hours[(found - 1) / 2] : NAN;
    c->flagged = proportion_of(hit, c->accounts);
    c->exchange_recall = c->exchanges ? caught / (double)c->exchanges : NAN;
    c->leaked = c->exchanges ? before / (double)c->exchanges : NAN;
}

/* What a flagged cluster adds to the campaigns that its members belong to. `of` maps names to
 * results (RUN_NONE: not a campaign). The two tallies behind the names are for benign and all
 * others. */
static void campaign_cluster(struct work *w, const struct run_cluster *cluster, const uint32_t *of)
{
    uint32_t names = w->truth->name_count, top = 0;

    for (uint32_t m = 0; m < cluster->member_count; m++) {
        uint32_t i = w->truth_of[cluster->member[m]];
        bool campaign = i != TRUTH_NONE && w->account[i].class == CLASS_DISTILLING;

        w->tally[campaign                                       ? w->account[i].group
                 : i != TRUTH_NONE && is_benign(&w->account[i]) ? names
                                                                : names + 1]++;
    }
    for (uint32_t n = 1; n < names + 2; n++)
        top = w->tally[n] > w->tally[top] ? n : top;
    for (uint32_t n = 0; n < names; n++) {
        struct campaign_result *c = of[n] == RUN_NONE ? NULL : &w->out->campaign[of[n]];
        double share = c ? (double)w->tally[n] / (double)c->accounts : 0.0;

        if (c && n == top) {
            c->clusters++;
            first_alarm(c, cluster->alert_ts);
        }
        if (c && share > c->largest_share) {
            c->largest_share = share;
            c->cluster_leaked =
                c->exchanges ? fmin((double)cluster->exchanges_at_alert / (double)c->exchanges, 1.0)
                             : NAN;
        }
    }
    memset(w->tally, 0, (names + (size_t)2) * sizeof *w->tally);
}

static int campaigns_make(struct work *w)
{
    uint32_t names = w->truth->name_count;
    AUTO_FREE uint32_t *of = malloc(names * sizeof *of);

    w->out->campaign = calloc(names, sizeof *w->out->campaign);
    if (!of || !w->out->campaign)
        return -ENOMEM;
    for (uint32_t n = 0; n < names; n++)
        of[n] = RUN_NONE;
    for (uint32_t p = 0; p < w->out->population_count; p++)
        for (uint32_t n = 0; n < names && w->out->population[p].class == CLASS_DISTILLING; n++)
            if (w->truth->name[n] == w->out->population[p].name) {
                of[n] = w->out->campaign_count;
                campaign_accounts(w, n, &w->out->campaign[w->out->campaign_count++]);
            }
    for (uint32_t c = 0; c < w->run->cluster_count; c++)
        if (w->run->cluster[c].level >= LEVEL_REVIEW)
            campaign_cluster(w, &w->run->cluster[c], of);
    for (uint32_t i = 0; i < w->out->campaign_count; i++) {
        struct campaign_result *c = &w->out->campaign[i];

        c->hours_to_alert =
            c->alert_ts == INT64_MIN ? NAN : (double)(c->alert_ts - c->first_ts) / HOUR;
    }
    return 0;
}

/* ---- Baselines ---- */

static int baselines_make(struct work *w, const struct baseline_scores *scores)
{
    struct evaluation *out = w->out;

    out->baseline = calloc(BASELINE_COUNT, sizeof *out->baseline);
    if (!out->baseline)
        return -ENOMEM;
    for (unsigned b = 0; b < BASELINE_COUNT; b++) {
        struct baseline_result *base = &out->baseline[out->baseline_count++];
        double ours = out->benign[EVALUATE_REVIEW].value;

        base->name = baseline_name[b];
        base->help = baseline_help[b];
        base->clusters = baseline_clusters[b];
        rank(w, CLASS_DISTILLING, scores->score[b], &base->ranking);
        for (unsigned p = 0; p < EVALUATE_POINTS; p++)
            base->point[p] = ranking_at_fpr(&base->ranking, evaluate_fpr[p]);
        base->as_ours = ranking_at_fpr(&base->ranking, isnan(ours) ? 0.0 : ours);
        base->as_ours.known = base->ranking.negatives > 0; /* compared within the same accounts */
        base->ranking.sorted = NULL;
        if (base->clusters) {
            int r = grouping_make(w, scores->cluster[b], scores->cluster_limit, &base->grouping);

            if (r < 0)
                return r;
        }
    }
    return 0;
}

void evaluation_free(struct evaluation *evaluation)
{
    if (!evaluation)
        return;
    free(evaluation->population);
    free(evaluation->campaign);
    free(evaluation->baseline);
    free(evaluation);
}

int evaluate(const struct truth *truth, const struct run *run,
             const struct baseline_scores *baselines, struct evaluation **out, struct err *err)
{
    AUTO(evaluation_free) struct evaluation *e = calloc(1, sizeof *e);
    struct work w;
    int r = work_init(&w, truth, run);

    w.out = e;
    if (r == 0 && e) {
        join(&w);
        classes_make(&w);
        scores_make(&w);
        totals_make(&w);
        r = populations_make(&w);
        if (r == 0)
            r = campaigns_make(&w);
        if (r == 0)
            r = clusters_make(&w);
        if (r == 0)
            r = promise_make(truth, run, &e->promise);
        if (r == 0 && baselines)
            r = baselines_make(&w, baselines);
    }
    work_deinit(&w);
    if (r < 0 || !e)
        return err_set(err, -ENOMEM, "out of memory");
    if (e->accounts_run > 0 && e->accounts_unlabelled == e->accounts_run)
        return err_set(err, -EINVAL, "no account of the run has a label: another run's truth?");
    *out = TAKE(e);
    return 0;
}
