/* Inputs are independent, so that as many are judged at a time as there are processors; their order
 * in the result is that of the command line, whoever finishes first. */
#include "tune_data.h"

#include "detector/judge.h"
#include "detector/weighing.h"
#include "tools/parallel.h"

#include <errno.h>
#include <math.h>
#include <string.h>

double tune_data_days(const struct tune_run *run)
{
    double days = (double)(run->last - run->first) / (double)MSEC_DAY;

    return days > 1.0 / 24.0 ? days : 1.0 / 24.0;
}

void *tune_data_add(void *array, uint32_t *count, size_t size)
{
    void **at = array;
    char *more;

    if ((*count & (*count - 1)) == 0) {
        more = realloc(*at, (*count ? (size_t)*count * 2 : 1) * size);
        if (!more)
            return NULL;
        *at = more;
    }
    more = (char *)*at + *count * size;
    memset(more, 0, size);
    ++*count;
    return more;
}

void tune_data_group_take(struct tune_group *group, const char *signal, double nats)
{
    enum weighed_signal s = weighing_find(signal);

    if (s < SIGNAL_COUNT)
        group->nats[s] += (float)nats;
}

void tune_data_account_take(struct tune_account *account, const char *signal, double nats)
{
    if (strcmp(signal, weighing_signal[SIGNAL_fit]) == 0) {
        account->fit = (float)nats;
        return;
    }
    if (strcmp(signal, "prior") == 0 || strcmp(signal, "group") == 0)
        account->within += (float)nats;
    else
        account->own += (float)nats;
}

double tune_data_fit(const struct tune_account *a, double group)
{
    double member = (double)a->within - log(expm1(-(double)a->fit));

    return a->fit < 0.0F ? judge_member_weight(group, member) : 0.0;
}

uint32_t tune_data_population(struct tune_population **population, uint32_t *count,
                              const struct tune_population *wanted)
{
    struct tune_population *p;

    for (uint32_t i = 0; i < *count; i++)
        if ((*population)[i].class == wanted->class &&
            strcmp((*population)[i].name, wanted->name) == 0 &&
            strcmp((*population)[i].archetype, wanted->archetype) == 0)
            return i;
    p = tune_data_add(population, count, sizeof *p);
    if (!p)
        return TUNE_NONE;
    *p = *wanted;
    return *count - 1;
}

static void run_deinit(struct tune_run *run)
{
    free(run->account);
    free(run->group);
    free(run->cases);
}

void tune_part_deinit(struct tune_part *part)
{
    run_deinit(&part->run);
    free(part->population);
}

void tune_data_deinit(struct tune_data *data)
{
    for (uint32_t i = 0; i < data->run_count; i++)
        run_deinit(&data->run[i]);
    free(data->run);
    free(data->population);
    *data = (struct tune_data){NULL, 0, NULL, 0};
}

struct collecting {
    const struct tune_collect *collect;
    struct tune_part *part;
};

static int collect_one(void *ctx, uint32_t i, struct err *err)
{
    const struct collecting *c = ctx;
    const struct tune_input *input = &c->collect->input[i];

    return input->folder ? tune_collect_folder(input, &c->part[i], err)
                         : tune_collect_simulated(c->collect, input, &c->part[i], err);
}

/* ---- into one ---- */

/* Gives a part's populations their common numbers. */
static int merge(struct tune_data *data, struct tune_part *part)
{
    AUTO_FREE uint32_t *to = calloc(part->population_count + (size_t)1, sizeof *to);

    if (!to)
        return -ENOMEM;
    for (uint32_t i = 0; i < part->population_count; i++) {
        to[i] =
            tune_data_population(&data->population, &data->population_count, &part->population[i]);
        if (to[i] == TUNE_NONE)
            return -ENOMEM;
    }
    for (uint32_t i = 0; i < part->run.account_count; i++)
        part->run.account[i].population = to[part->run.account[i].population];
    for (uint32_t i = 0; i < part->run.group_count; i++)
        if (part->run.group[i].campaign != TUNE_NONE)
            part->run.group[i].campaign = to[part->run.group[i].campaign];
    data->run[data->run_count++] = part->run;
    memset(&part->run, 0, sizeof part->run);
    return 0;
}

int tune_data_collect(const struct tune_collect *c, struct tune_data *out, struct err *err)
{
    AUTO_FREE struct tune_part *part = calloc(c->input_count + (size_t)1, sizeof *part);
    struct collecting collecting = {c, part};
    const struct parallel parallel = {.job_count = c->input_count,
                                      .thread_count = c->thread_count,
                                      .ctx = &collecting,
                                      .job = collect_one,
                                      .told = c->told,
                                      .told_ctx = c->ctx};
    int r;

    *out = (struct tune_data){.run = calloc(c->input_count + (size_t)1, sizeof *out->run)};
    if (!part || !out->run)
        return err_set(err, -ENOMEM, "out of memory");
    r = parallel_run(&parallel, err);
    for (uint32_t i = 0; i < c->input_count && r == 0; i++)
        if (merge(out, &part[i]) < 0)
            r = err_set(err, -ENOMEM, "out of memory");
    for (uint32_t i = 0; i < c->input_count; i++)
        tune_part_deinit(&part[i]);
    return r;
}
