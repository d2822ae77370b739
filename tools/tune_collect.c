/* Where the evidence comes from: a world that lives here, or the folder of a run. */
#include "tools/run_read.h"
#include "tools/trial.h"
#include "tools/truth.h"
#include "tools/tune_data.h"

#include "base/hash.h"
#include "base/table.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { PATH_SIZE = 4096 };

/* An account that the run does not know is found by no threshold. */
static const float NEVER = -1e6F;

/* A scenario while it is lived. */
struct living {
    struct trial trial;
    struct table *index;     /* hash of an account's id -> index in the truth */
    uint32_t *population_of; /* by index in the truth, into part->population */
    struct tune_part *part;
    msec_t next_look;
};

static void living_deinit(struct living *l)
{
    trial_deinit(&l->trial);
    table_free(l->index);
    free(l->population_of);
}

/* The archetype's letter. */
static const char *archetype_of(const struct scenario *s, const char *campaign)
{
    for (uint32_t i = 0; campaign && i < s->cohort_count; i++)
        if (s->cohort[i].campaign && strcmp(s->cohort[i].name, campaign) == 0)
            return s->cohort[i].kind;
    return "";
}

static int truth_take(struct living *l)
{
    uint64_t count = world_account_count(l->trial.world);
    struct tune_part *part = l->part;

    if (table_new((uint32_t)count + 1, &l->index) < 0)
        return -ENOMEM;
    l->population_of = calloc(count + 1, sizeof *l->population_of);
    if (!l->population_of)
        return -ENOMEM;
    for (uint64_t i = 0; i < count; i++) {
        struct tune_population p = {.class = CLASS_PLAIN};
        struct truth_account account;
        struct world_truth truth;

        world_account_truth(l->trial.world, i, &truth);
        account = (struct truth_account){.truth = (uint8_t)truth.truth,
                                         .stratum = (uint8_t)truth.stratum};
        p.class = evaluate_class_of(&account);
        (void)snprintf(p.name, sizeof p.name, "%s",
                       truth.campaign ? truth.campaign : truth.population);
        if (p.class == CLASS_DISTILLING)
            (void)snprintf(p.archetype, sizeof p.archetype, "%s",
                           archetype_of(l->trial.scenario, truth.campaign));
        l->population_of[i] = tune_data_population(&part->population, &part->population_count, &p);
        if (l->population_of[i] == TUNE_NONE)
            return -ENOMEM;
        (void)table_put(l->index, hash_str(str_of(truth.account), 0), (uint32_t)i);
    }
    return 0;
}

static int living_init(struct living *l, const struct tune_collect *c,
                       const struct tune_input *input, struct err *err)
{
    const struct scenario_override over = {
        .seed = (int64_t)input->seed, .scale = c->scale, .days = c->days};
    int r = trial_init(&l->trial, input->path, &over, c->config, err);

    if (r == 0 && truth_take(l) < 0)
        r = err_set(err, -ENOMEM, "out of memory");
    if (r == 0)
        l->next_look = l->trial.scenario->start + MSEC_DAY;
    return r;
}

/* Which population's account it is; TUNE_NONE: none of the truth. */
static uint32_t population_find(const struct living *l, struct str account)
{
    uint32_t i = table_find(l->index, hash_str(account, 0));

    return i == TABLE_NONE ? TUNE_NONE : l->population_of[i];
}

/* The population of most distilling members. `tally` has room for every population. */
static void members_count(struct tune_group *g, const uint32_t *population, uint32_t count,
                          const struct tune_population *all, uint32_t *tally)
{
    uint32_t most = 0;

    g->campaign = TUNE_NONE;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t p = population[i];

        g->members++;
        if (p == TUNE_NONE)
            continue;
        g->count[all[p].class]++;
        if (all[p].class != CLASS_DISTILLING)
            continue;
        tally[p]++;
        if (tally[p] > most) {
            most = tally[p];
            g->campaign = p;
        }
    }
    for (uint32_t i = 0; i < count; i++)
        if (population[i] != TUNE_NONE)
            tally[population[i]] = 0;
}

static int group_take(struct living *l, const struct cluster_view *c, bool last)
{
    struct tune_part *part = l->part;
    struct tune_group *g = tune_data_add(&part->run.group, &part->run.group_count, sizeof *g);
    AUTO_FREE uint32_t *population = calloc(c->member_count + (size_t)1, sizeof *population);
    AUTO_FREE uint32_t *tally = calloc(part->population_count + (size_t)1, sizeof *tally);
    struct account_view account;

    if (!g || !population || !tally)
        return -ENOMEM;
    g->last = last;
    for (uint32_t i = 0; i < c->evidence.count; i++)
        tune_data_group_take(g, c->evidence.item[i].signal, c->evidence.item[i].weight);
    for (uint32_t i = 0; i < c->member_count; i++)
        population[i] = detector_account_view(l->trial.detector, c->member[i], &account)
                            ? population_find(l, account.account)
                            : TUNE_NONE;
    members_count(g, population, c->member_count, part->population, tally);
    return 0;
}

static int groups_take(struct living *l, bool last)
{
    uint32_t count = detector_cluster_count(l->trial.detector);
    struct cluster_view c;

    for (uint32_t rank = 0; rank < count; rank++) {
        detector_cluster_view(l->trial.detector, rank, &c);
        if (group_take(l, &c, last) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* Who most members of a cluster are, now. One that is no more is held for honest: that errs on the
 * side of a broken promise. */
static enum evaluate_class class_now(struct living *l, uint64_t cluster)
{
    uint32_t clusters = detector_cluster_count(l->trial.detector), count[CLASS_COUNT] = {0};
    struct account_view account;
    struct cluster_view c;

    for (uint32_t rank = 0; rank < clusters; rank++) {
        detector_cluster_view(l->trial.detector, rank, &c);
        if (c.cluster != cluster)
            continue;
        for (uint32_t i = 0; i < c.member_count; i++) {
            uint32_t p = detector_account_view(l->trial.detector, c.member[i], &account)
                             ? population_find(l, account.account)
                             : TUNE_NONE;

            if (p != TUNE_NONE)
                count[l->part->population[p].class]++;
        }
    }
    return evaluate_mostly(count);
}

static int findings_take(struct living *l)
{
    struct tune_run *run = &l->part->run;
    struct finding f;

    while (detector_next_finding(l->trial.detector, &f)) {
        struct tune_case *known;
        uint32_t i = 0;

        while (i < run->case_count && run->cases[i].cluster != f.subject)
            i++;
        if (i < run->case_count || !f.is_cluster)
            continue;
        known = tune_data_add(&run->cases, &run->case_count, sizeof *known);
        if (!known)
            return -ENOMEM;
        *known = (struct tune_case){f.subject, class_now(l, f.subject), f.probability};
    }
    return 0;
}

/* After each window: what was told, and once a day what all groups are. */
static int look(void *ctx, struct err *err)
{
    struct living *l = ctx;

    if (findings_take(l) < 0)
        return err_set(err, -ENOMEM, "out of memory");
    if (sim_source_now(l->trial.source) < l->next_look)
        return 0;
    l->next_look += MSEC_DAY;
    return groups_take(l, false) < 0 ? err_set(err, -ENOMEM, "out of memory") : 0;
}

/* Which of the groups at the end, which begin at `from`, has a cluster's id. */
static uint32_t *group_ids(const struct living *l, uint32_t *count)
{
    uint32_t *rank_of_id = NULL;
    struct cluster_view c;

    *count = detector_cluster_count(l->trial.detector);
    rank_of_id = calloc(*count + (size_t)1, sizeof *rank_of_id);
    for (uint32_t rank = 0; rank_of_id && rank < *count; rank++) {
        detector_cluster_view(l->trial.detector, rank, &c);
        rank_of_id[rank] = (uint32_t)c.cluster; /* ids of one run are small numbers, ascending */
    }
    return rank_of_id;
}

static uint32_t group_find(const uint32_t *id, uint32_t count, uint64_t cluster)
{
    uint32_t low = 0, high = count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (id[middle] < cluster)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && id[low] == cluster ? low : TUNE_NONE;
}

static void account_take(struct tune_account *to, const struct account_view *a)
{
    for (uint32_t i = 0; i < a->evidence.count; i++)
        tune_data_account_take(to, a->evidence.item[i].signal, a->evidence.item[i].weight);
    to->exchanges = (uint32_t)a->exchanges;
    to->level = (uint8_t)a->level;
    to->probability = a->probability;
}

static int accounts_take(struct living *l)
{
    uint32_t clusters, from = l->part->run.group_count;
    AUTO_FREE uint32_t *id = group_ids(l, &clusters);
    AUTO_FREE bool *seen = calloc(world_account_count(l->trial.world) + 1, sizeof *seen);
    struct tune_run *run = &l->part->run;
    struct account_view a;

    if (!id || !seen || groups_take(l, true) < 0)
        return -ENOMEM;
    for (uint32_t i = 0; i < detector_account_count(l->trial.detector); i++) {
        struct tune_account *to;
        uint32_t t, g;

        if (!detector_account_view(l->trial.detector, i, &a))
            continue;
        t = table_find(l->index, hash_str(a.account, 0));
        if (t == TABLE_NONE)
            continue;
        seen[t] = true;
        to = tune_data_add(&run->account, &run->account_count, sizeof *to);
        if (!to)
            return -ENOMEM;
        account_take(to, &a);
        g = a.cluster ? group_find(id, clusters, a.cluster) : TUNE_NONE;
        to->group = g == TUNE_NONE ? TUNE_NONE : from + g;
        to->population = l->population_of[t];
        to->class = (uint8_t)l->part->population[to->population].class;
        run->first = run->first == 0 || a.first_ts < run->first ? a.first_ts : run->first;
        run->last = a.last_ts > run->last ? a.last_ts : run->last;
    }
    for (uint64_t t = 0; t < world_account_count(l->trial.world); t++) {
        struct tune_account *to;

        if (seen[t] || l->part->population[l->population_of[t]].class != CLASS_DISTILLING)
            continue;
        to = tune_data_add(&run->account, &run->account_count, sizeof *to);
        if (!to)
            return -ENOMEM;
        *to = (struct tune_account){.own = NEVER,
                                    .group = TUNE_NONE,
                                    .population = l->population_of[t],
                                    .class = CLASS_DISTILLING,
                                    .probability = (double)NAN};
    }
    return 0;
}

int tune_collect_simulated(const struct tune_collect *c, const struct tune_input *input,
                           struct tune_part *out, struct err *err)
{
    struct living l = {.part = out};
    int r = living_init(&l, c, input, err);

    if (r == 0)
        r = trial_live(&l.trial, look, &l, err);
    if (r == 0 && (findings_take(&l) < 0 || accounts_take(&l) < 0))
        r = err_set(err, -ENOMEM, "out of memory");
    if (r == 0) {
        (void)snprintf(out->run.name, sizeof out->run.name, "%s, seed %llu", l.trial.scenario->name,
                       (unsigned long long)input->seed);
        (void)snprintf(out->run.digest, sizeof out->run.digest, "%s", l.trial.scenario->digest);
        out->run.seed = input->seed;
        out->run.simulated = true;
        out->run.base_rate = c->config->base_rate;
    }
    living_deinit(&l);
    return r;
}

/* ---- the folder of a run ---- */

static int summary_check(const struct run *run, const char *folder, struct tune_run *out,
                         struct err *err)
{
    const json_t *config = json_object_get(run->summary, "configuration");
    const char *digest = json_string_value(json_object_get(run->summary, "configuration_digest"));

    if (json_object_get(config, "weights") || json_object_get(config, "caps"))
        return err_set(err, -EINVAL,
                       "%s was judged with weights of its own: tune needs the evidence as it is "
                       "found; run `detect` again without `weights` and `caps`",
                       folder);
    out->base_rate = json_number_value(json_object_get(config, "base_rate"));
    if (!(out->base_rate > 0.0))
        return err_set(err, -EINVAL,
                       "%s/summary.json: configuration.base_rate: missing: was it "
                       "written by `detect` or `run`?",
                       folder);
    (void)snprintf(out->digest, sizeof out->digest, "%s", digest ? digest : "");
    return 0;
}

/* What labels say of each account of the run: its own label, or that of its cluster. */
static int labels_take(const struct truth *truth, const struct run *run, struct tune_part *part,
                       uint32_t *population)
{
    for (uint32_t i = 0; i < run->account_count; i++)
        population[i] = TUNE_NONE;
    for (uint32_t t = 0; t < truth->count; t++) {
        const struct truth_account *a = &truth->account[t];
        struct tune_population p = {.class = evaluate_class_of(a)};
        uint32_t at = run_find_account(run, str_of(a->account)), to;
        uint32_t cluster = run_find_cluster(run, str_of(a->account));
        const char *name = truth->name[a->campaign == TRUTH_NONE ? a->population : a->campaign];

        (void)snprintf(p.name, sizeof p.name, "%s", name);
        if (p.class == CLASS_DISTILLING)
            (void)snprintf(p.archetype, sizeof p.archetype, "%s", name);
        to = tune_data_population(&part->population, &part->population_count, &p);
        if (to == TUNE_NONE)
            return -ENOMEM;
        if (at != RUN_NONE)
            population[at] = to;
        for (uint32_t m = 0; cluster != RUN_NONE && m < run->cluster[cluster].member_count; m++)
            if (population[run->cluster[cluster].member[m]] == TUNE_NONE)
                population[run->cluster[cluster].member[m]] = to;
    }
    return 0;
}

static int folder_groups(const struct run *run, const uint32_t *population, struct tune_part *part)
{
    AUTO_FREE uint32_t *of = calloc(run->account_count + (size_t)1, sizeof *of);
    AUTO_FREE uint32_t *tally = calloc(part->population_count + (size_t)1, sizeof *tally);

    if (!of || !tally)
        return -ENOMEM;
    for (uint32_t c = 0; c < run->cluster_count; c++) {
        const struct run_cluster *from = &run->cluster[c];
        struct tune_group *g = tune_data_add(&part->run.group, &part->run.group_count, sizeof *g);

        if (!g)
            return -ENOMEM;
        g->last = true;
        for (uint32_t i = 0; i < from->evidence.count; i++)
            tune_data_group_take(g, from->evidence.item[i].signal, from->evidence.item[i].weight);
        for (uint32_t m = 0; m < from->member_count; m++)
            of[m] = population[from->member[m]];
        members_count(g, of, from->member_count, part->population, tally);
    }
    return 0;
}

static int folder_accounts(const struct run *run, const uint32_t *population,
                           struct tune_part *part)
{
    struct tune_run *out = &part->run;

    for (uint32_t i = 0; i < run->account_count; i++) {
        const struct run_account *a = &run->account[i];
        struct tune_account *to;

        out->first = out->first == 0 || a->first_ts < out->first ? a->first_ts : out->first;
        out->last = a->last_ts > out->last ? a->last_ts : out->last;
        if (population[i] == TUNE_NONE)
            continue;
        to = tune_data_add(&out->account, &out->account_count, sizeof *to);
        if (!to)
            return -ENOMEM;
        for (uint32_t e = 0; e < a->evidence.count; e++)
            tune_data_account_take(to, a->evidence.item[e].signal, a->evidence.item[e].weight);
        to->group = a->cluster == RUN_NONE ? TUNE_NONE : a->cluster;
        to->population = population[i];
        to->class = (uint8_t)part->population[population[i]].class;
        to->exchanges = (uint32_t)a->exchanges;
        to->level = (uint8_t)a->level;
        to->probability = a->probability;
    }
    return 0;
}

int tune_collect_folder(const struct tune_input *input, struct tune_part *out, struct err *err)
{
    AUTO(truth_free) struct truth *truth = NULL;
    AUTO(run_free) struct run *run = NULL;
    AUTO_FREE uint32_t *population = NULL;
    char path[PATH_SIZE];
    int r;

    (void)snprintf(path, sizeof path, "%s/labels.jsonl", input->path);
    r = truth_read(path, &truth, err);
    if (r == -ENOENT)
        return err_set(err, -EINVAL,
                       "%s has no labels: put one line per known account into %s, such as "
                       "{\"account\":\"acc-1\",\"verdict\":\"benign\"}",
                       input->path, path);
    if (r == 0)
        r = run_read(input->path, LEVEL_NONE, &run, err);
    if (r == 0)
        r = summary_check(run, input->path, &out->run, err);
    if (r < 0)
        return r;
    population = calloc(run->account_count + (size_t)1, sizeof *population);
    if (!population || labels_take(truth, run, out, population) < 0 ||
        folder_groups(run, population, out) < 0 || folder_accounts(run, population, out) < 0)
        return err_set(err, -ENOMEM, "out of memory");
    (void)snprintf(out->run.name, sizeof out->run.name, "%s", input->path);
    return out->run.account_count ? 0
                                  : err_set(err, -EINVAL,
                                            "%s: no account of the run has a label: another "
                                            "run's labels?",
                                            input->path);
}
