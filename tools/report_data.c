#include "tools/report_data.h"

#include "tools/baselines.h"
#include "tools/report_curves.h"
#include "tools/truth.h"
#include "tools/wording.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a report was made from, read by itself. */
struct report_source {
    struct run *run;
    struct truth *truth;               /* NULL: no labels, or no evaluation */
    struct baseline_scores *baselines; /* NULL: none */
};

bool report_is_prior(const struct run_evidence *e)
{
    return strcmp(e->signal, "prior") == 0; /* accounts at no level are written without families */
}

/* The prior first, then what weighs most; equal weights by name, so that the order is the run's. */
static int evidence_compare(const void *a, const void *b)
{
    const struct run_evidence *x = a, *y = b;
    bool x_prior = report_is_prior(x), y_prior = report_is_prior(y);
    int r;

    if (x_prior != y_prior)
        return x_prior ? -1 : 1;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    r = strcmp(x->signal, y->signal);
    return r ? r : strcmp(x->value, y->value);
}

static void take_evidence(const struct run_evidence_list *list, struct report_subject *s)
{
    double weight[EVIDENCE_MAX];

    s->evidence_count = list->count < EVIDENCE_MAX ? list->count : EVIDENCE_MAX;
    for (uint32_t i = 0; i < s->evidence_count; i++) {
        s->evidence[i] = list->item[i];
        s->log_odds += list->item[i].weight;
    }
    qsort(s->evidence, s->evidence_count, sizeof *s->evidence, evidence_compare);
    for (uint32_t i = 0; i < s->evidence_count; i++)
        weight[i] = s->evidence[i].weight;
    word_sum(weight, s->evidence_count, 2, s->shown, &s->shown_sum);
}

void report_subject_group(const struct run *run, uint32_t cluster, struct report_subject *out)
{
    const struct run_cluster *g = &run->cluster[cluster];

    *out = (struct report_subject){
        .id = g->cluster,
        .verdict = *g->verdict ? g->verdict : "unclear",
        .level = g->level,
        .score = g->score,
        .exchanges = g->exchanges,
        .exchanges_at_alert = g->exchanges_at_alert,
        .first_ts = g->first_ts,
        .last_ts = g->last_ts,
        .alert_ts = g->alert_ts,
        .group = g,
    };
    take_evidence(&g->evidence, out);
}

void report_subject_account(const struct run *run, uint32_t account, struct report_subject *out)
{
    const struct run_account *a = &run->account[account];

    *out = (struct report_subject){
        .id = a->account,
        .verdict = "",
        .level = a->level,
        .score = a->score,
        .exchanges = a->exchanges,
        .exchanges_at_alert = a->exchanges_at_alert,
        .first_ts = a->first_ts,
        .last_ts = a->last_ts,
        .alert_ts = a->alert_ts,
        .group = a->cluster == RUN_NONE ? NULL : &run->cluster[a->cluster],
        .account = a,
    };
    take_evidence(&a->evidence, out);
}

/* What matters most to whoever has an hour: level, then harm, then the order of the file. */
static int order(enum level x_level, uint64_t x_exchanges, uint32_t x, enum level y_level,
                 uint64_t y_exchanges, uint32_t y)
{
    if (x_level != y_level)
        return x_level > y_level ? -1 : 1;
    if (x_exchanges != y_exchanges)
        return x_exchanges > y_exchanges ? -1 : 1;
    return (x > y) - (x < y);
}

static int group_compare(const void *a, const void *b, void *ctx)
{
    const struct run *run = ctx;
    uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    const struct run_cluster *x = &run->cluster[i], *y = &run->cluster[j];

    return order(x->level, x->exchanges, i, y->level, y->exchanges, j);
}

static int account_compare(const void *a, const void *b, void *ctx)
{
    const struct run *run = ctx;
    uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    const struct run_account *x = &run->account[i], *y = &run->account[j];

    return order(x->level, x->exchanges, i, y->level, y->exchanges, j);
}

static int rank(struct report_data *data)
{
    const struct run *run = data->run;

    data->group = calloc((size_t)run->cluster_count + 1, sizeof *data->group);
    data->account = calloc((size_t)run->account_count + 1, sizeof *data->account);
    if (!data->group || !data->account)
        return -ENOMEM;
    for (uint32_t i = 0; i < run->cluster_count; i++)
        data->group[i] = i;
    for (uint32_t i = 0; i < run->account_count; i++)
        if (run->account[i].level >= LEVEL_REVIEW && run->account[i].cluster == RUN_NONE)
            data->account[data->account_count++] = i;
    qsort_r(data->group, run->cluster_count, sizeof *data->group, group_compare, data->run);
    qsort_r(data->account, data->account_count, sizeof *data->account, account_compare, data->run);
    return 0;
}

/* A JSON file of the folder when it is there; *out stays NULL else. */
static int load_part(const struct report_data *data, const char *name, json_t **out,
                     struct err *err)
{
    AUTO_FREE char *path = NULL;
    json_error_t at;

    if (asprintf(&path, "%s/%s", data->folder, name) < 0) {
        path = NULL;
        return -ENOMEM;
    }
    *out = json_load_file(path, 0, &at);
    if (*out || json_error_code(&at) == json_error_cannot_open_file)
        return 0;
    return err_set(err, -EINVAL, "%s:%d: %s", path, at.line, at.text);
}

/* "first" of "runs/first/". */
static const char *last_part(char *folder)
{
    size_t n = strlen(folder);
    const char *slash;

    while (n > 1 && folder[n - 1] == '/')
        folder[--n] = '\0';
    slash = strrchr(folder, '/');
    return slash && slash[1] ? slash + 1 : folder;
}

static int data_open(const char *folder, struct report_data **out, struct err *err)
{
    AUTO(report_data_free) struct report_data *data = calloc(1, sizeof *data);
    int r;

    if (!data || !(data->folder = strdup(folder)))
        return err_set(err, -ENOMEM, "out of memory");
    data->name = last_part(data->folder);
    r = load_part(data, "evaluation.json", &data->evaluation, err);
    if (r == 0)
        r = load_part(data, "enforcement.json", &data->enforcement, err);
    if (r == 0)
        *out = TAKE(data);
    return r;
}

static int data_fill(struct report_data *data, const struct truth *truth,
                     const struct baseline_scores *baselines, struct err *err)
{
    const char *scenario = json_string_value(json_object_get(data->run->summary, "scenario"));
    int r = 0;

    if (scenario)
        data->name = scenario;
    if (data->evaluation && truth)
        r = report_curves_new(data->run, truth, baselines, &data->curves);
    if (r == 0)
        r = rank(data);
    return r < 0 ? err_set(err, r, "out of memory") : 0;
}

int report_data_new(const char *folder, struct run *run, const struct truth *truth,
                    const struct baseline_scores *baselines, struct report_data **out,
                    struct err *err)
{
    AUTO(report_data_free) struct report_data *data = NULL;
    int r = data_open(folder, &data, err);

    if (r < 0)
        return r;
    data->run = run;
    r = data_fill(data, truth, baselines, err);
    if (r == 0)
        *out = TAKE(data);
    return r;
}

/* Labels and baselines are for curves, which go with an evaluation. */
static int source_labels(struct report_source *own, const char *folder, struct err *err)
{
    AUTO_FREE char *path = NULL;
    int r;

    if (asprintf(&path, "%s/labels.jsonl", folder) < 0) {
        path = NULL;
        return -ENOMEM;
    }
    if (access(path, F_OK) != 0)
        return 0;
    r = truth_read(path, &own->truth, err);
    return r < 0 ? r : baseline_scores_load(folder, own->truth, &own->baselines, err);
}

int report_data_load(const char *folder, struct report_data **out, struct err *err)
{
    AUTO(report_data_free) struct report_data *data = NULL;
    int r = data_open(folder, &data, err);

    if (r < 0)
        return r;
    data->own = calloc(1, sizeof *data->own);
    if (!data->own)
        return err_set(err, -ENOMEM, "out of memory");
    r = run_read(folder, LEVEL_REVIEW, &data->own->run, err);
    data->run = data->own->run;
    if (r == 0 && data->evaluation)
        r = source_labels(data->own, folder, err);
    if (r == 0)
        r = data_fill(data, data->own->truth, data->own->baselines, err);
    if (r == 0)
        *out = TAKE(data);
    return r;
}

void report_data_free(struct report_data *data)
{
    if (!data)
        return;
    report_curves_free(data->curves);
    if (data->own) {
        run_free(data->own->run);
        truth_free(data->own->truth);
        baseline_scores_free(data->own->baselines);
    }
    free(data->own);
    json_decref(data->evaluation);
    json_decref(data->enforcement);
    free(data->group);
    free(data->account);
    free(data->folder);
    free(data);
}

uint32_t report_groups_watched(const struct report_data *data)
{
    uint32_t count = 0;

    while (count < data->run->cluster_count &&
           data->run->cluster[data->group[count]].level >= LEVEL_WATCH)
        count++;
    return count;
}

static void add_group(const struct run_cluster *g, struct report_totals *t)
{
    t->group_level[g->level]++;
    if (g->level < LEVEL_REVIEW)
        return;
    t->raised_groups++;
    t->raised_accounts += g->members_stated;
    t->raised_exchanges += g->exchanges;
    t->raised_exchanges_at_alert += g->exchanges_at_alert;
}

struct report_totals report_totals_of(const struct report_data *data)
{
    struct report_totals t = {.first_ts = INT64_MIN, .last_ts = INT64_MIN};

    for (uint32_t i = 0; i < data->run->account_count; i++) {
        const struct run_account *a = &data->run->account[i];

        t.exchanges += a->exchanges;
        t.account_level[a->level]++;
        if (i == 0 || a->first_ts < t.first_ts)
            t.first_ts = a->first_ts;
        if (a->last_ts > t.last_ts)
            t.last_ts = a->last_ts;
    }
    for (uint32_t i = 0; i < data->run->cluster_count; i++)
        add_group(&data->run->cluster[i], &t);
    if (t.exchanges < t.raised_exchanges)
        t.exchanges = t.raised_exchanges; /* groups remember accounts that were evicted since */
    return t;
}

bool report_needs_data(enum signal_family family)
{
    return family_is_fed(family) && family != FAMILY_innocence;
}

double report_coverage(const json_t *summary, enum signal_family family)
{
    const json_t *share =
        json_object_get(json_object_get(summary, "coverage"), family_name[family]);

    return json_is_number(share) ? json_number_value(share) : (double)NAN;
}
