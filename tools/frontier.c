/* Each point is a scenario file of its own, so that one can be looked at with `run`. */
#include "frontier.h"

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/table.h"
#include "tools/parallel.h"
#include "tools/text_file.h"
#include "tools/trial.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

enum { PATH_SIZE = 4096 };

int frontier_knob_add(struct frontier *f, const char *text, struct err *err)
{
    struct frontier_knob *k = &f->knob[f->knob_count];
    const char *equals = strchr(text, '=');
    char *end;

    if (f->knob_count == FRONTIER_KNOBS_MAX)
        return err_set(err, -EINVAL, "--vary: more than %d knobs", FRONTIER_KNOBS_MAX);
    if (!equals || equals == text || (size_t)(equals - text) >= sizeof k->name)
        return err_set(err, -EINVAL,
                       "--vary: '%s' is not a knob with its values, such as evasion=0,1,2 or "
                       "rate=5,20,80",
                       text);
    memset(k, 0, sizeof *k);
    memcpy(k->name, text, (size_t)(equals - text));
    for (const char *at = equals + 1;; at = end + 1) {
        if (k->count == FRONTIER_VALUES_MAX)
            return err_set(err, -EINVAL, "--vary %s: more than %d values", k->name,
                           FRONTIER_VALUES_MAX);
        k->value[k->count++] = strtod(at, &end);
        if (end == at || (*end && *end != ','))
            return err_set(err, -EINVAL, "--vary: '%s' is not a list of numbers", text);
        if (!*end)
            break;
    }
    f->knob_count++;
    return 0;
}

void frontier_default(struct frontier *f)
{
    if (f->knob_count)
        return;
    f->knob[0] = (struct frontier_knob){"evasion", {0, 1, 2, 3, 4}, 5};
    f->knob[1] = (struct frontier_knob){"rate", {5, 20, 80}, 3};
    f->knob_count = 2;
}

/* ---- a point's scenario ---- */

/* Sets a number by its path, making the objects on the way. */
static int number_set(json_t *object, const char *path, double value)
{
    const char *dot = strchr(path, '.');
    char name[64];

    if (!dot)
        return json_object_set_new(object, path,
                                   value == floor(value) ? json_integer((json_int_t)value)
                                                         : json_real(value));
    (void)snprintf(name, sizeof name, "%.*s", (int)(dot - path), path);
    if (!json_object_get(object, name) && json_object_set_new(object, name, json_object()) < 0)
        return -1;
    return number_set(json_object_get(object, name), dot + 1, value);
}

static int knob_set(json_t *campaign, const char *name, double value)
{
    if (strcmp(name, "rate") == 0) {
        (void)json_object_del(campaign, "exchanges"); /* it would set the rate */
        return number_set(campaign, "tempo.per_day", value);
    }
    return number_set(campaign, strcmp(name, "cover") == 0 ? "program.cover_share" : name, value);
}

static int scenario_vary(const struct frontier *f, const struct frontier_point *p, json_t *root,
                         struct err *err)
{
    json_t *campaigns = json_object_get(root, "campaigns"), *campaign;
    size_t i;

    if (json_array_size(campaigns) == 0)
        return err_set(err, -EINVAL, "%s: campaigns: none, whose knobs could be turned", f->path);
    (void)json_object_del(root, "expect"); /* about the scenario as it was */
    json_array_foreach(campaigns, i, campaign)
    {
        for (uint32_t k = 0; k < f->knob_count; k++)
            if (!json_is_object(campaign) || knob_set(campaign, f->knob[k].name, p->value[k]) < 0)
                return err_set(err, -EINVAL, "%s: campaigns[%zu]: cannot set %s", f->path, i,
                               f->knob[k].name);
    }
    return 0;
}

static int dump(FILE *out, const void *root)
{
    return json_dumpf(root, out, JSON_INDENT(1)) == 0 && fputc('\n', out) != EOF ? 0 : -EIO;
}

static int point_write(const struct frontier *f, uint32_t i, const char *folder, struct err *err)
{
    AUTO_FREE char *text = NULL;
    json_auto_t *root = NULL;
    json_error_t at;
    char name[64];
    size_t size;
    int r = text_file_read(f->path, &text, &size, err);

    if (r < 0)
        return r;
    root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &at);
    if (!root)
        return err_set(err, -EINVAL, "%s:%d: %s", f->path, at.line, at.text);
    r = scenario_vary(f, &f->point[i], root, err);
    (void)snprintf(name, sizeof name, "point-%u.json", i + 1);
    return r < 0 ? r : text_file_replace(folder, name, dump, root, err);
}

/* ---- a point's run ---- */

static void account_count(struct frontier_point *p, const struct world_truth *truth,
                          const struct account_view *a, double days)
{
    if (truth->truth == TRUTH_BENIGN) {
        p->honest++;
        p->harmed += a->level >= LEVEL_REVIEW;
    } else if (truth->truth == TRUTH_DISTILLING) {
        p->flagged += a->level >= LEVEL_REVIEW;
        p->unseen +=
            (double)(a->alert_ts == INT64_MIN ? a->exchanges : a->exchanges_at_alert) / days;
    }
}

static int trial_count(const struct trial *t, struct frontier_point *p)
{
    uint64_t count = world_account_count(t->world);
    AUTO(table_free) struct table *index = NULL;
    struct account_view a;
    struct world_truth truth;
    struct world_tally tally;

    if (table_new((uint32_t)count + 1, &index) < 0)
        return -ENOMEM;
    for (uint64_t i = 0; i < count; i++) {
        world_account_truth(t->world, i, &truth);
        p->accounts += truth.truth == TRUTH_DISTILLING;
        (void)table_put(index, hash_str(str_of(truth.account), 0), (uint32_t)i);
    }
    for (uint32_t i = 0; i < detector_account_count(t->detector); i++) {
        uint32_t at = TABLE_NONE;

        if (detector_account_view(t->detector, i, &a))
            at = table_find(index, hash_str(a.account, 0));
        if (at == TABLE_NONE)
            continue;
        world_account_truth(t->world, at, &truth);
        account_count(p, &truth, &a, t->scenario->days);
    }
    for (uint32_t c = 0; c < t->scenario->cohort_count; c++) {
        if (!t->scenario->cohort[c].campaign)
            continue;
        world_tally(t->world, c, &tally);
        p->asked += (double)tally.exchanges / t->scenario->days;
        p->cover += (double)tally.cover / t->scenario->days;
    }
    return 0;
}

static int trial_run(const struct frontier *f, const char *path, uint64_t seed,
                     struct frontier_point *p, struct err *err)
{
    const struct scenario_override over = {
        .seed = (int64_t)seed, .scale = f->scale, .days = f->days};
    struct trial t;
    int r = trial_init(&t, path, &over, f->config, err);

    if (r == 0)
        r = trial_live(&t, NULL, NULL, err);
    if (r == 0 && trial_count(&t, p) < 0)
        r = err_set(err, -ENOMEM, "out of memory");
    trial_deinit(&t);
    return r;
}

/* ---- the grid ---- */

struct living {
    struct frontier *frontier;
    const char *folder;
};

static int point_run(void *ctx, uint32_t i, struct err *err)
{
    const struct living *l = ctx;
    const struct frontier *f = l->frontier;
    char path[PATH_SIZE];
    int r = point_write(f, i, l->folder, err);

    (void)snprintf(path, sizeof path, "%s/point-%u.json", l->folder, i + 1);
    for (uint32_t seed = 1; r == 0 && seed <= f->seeds; seed++)
        r = trial_run(f, path, seed, &f->point[i], err);
    f->point[i].asked /= f->seeds;
    f->point[i].cover /= f->seeds;
    f->point[i].unseen /= f->seeds;
    return r;
}

static int points_make(struct frontier *f, struct err *err)
{
    uint32_t count = 1;

    for (uint32_t k = 0; k < f->knob_count; k++)
        count *= f->knob[k].count;
    if (count > FRONTIER_POINTS_MAX)
        return err_set(err, -EINVAL, "--vary: %u combinations, more than %d", count,
                       FRONTIER_POINTS_MAX);
    f->point = calloc(count, sizeof *f->point);
    if (!f->point)
        return err_set(err, -ENOMEM, "out of memory");
    f->point_count = count;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = f->knob_count, rest = i; k-- > 0; rest /= f->knob[k].count)
            f->point[i].value[k] = f->knob[k].value[rest % f->knob[k].count];
    return 0;
}

int frontier_run(struct frontier *f, const char *folder,
                 void (*told)(void *ctx, uint32_t done, uint32_t all), void *ctx, struct err *err)
{
    struct living living = {f, folder};
    struct parallel parallel = {.thread_count = f->threads,
                                .ctx = &living,
                                .job = point_run,
                                .told = told,
                                .told_ctx = ctx};
    int r = points_make(f, err);

    parallel.job_count = f->point_count;
    return r < 0 ? r : parallel_run(&parallel, err);
}

void frontier_deinit(struct frontier *f)
{
    free(f->point);
}
