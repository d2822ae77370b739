/* Inputs are independent, so that as many are judged at a time as there are processors; their order
 * in the result is that of the command line, whoever finishes first. */
#include "tune_data.h"

#include "detector/judge.h"
#include "detector/weighing.h"
#include "tools/interrupt.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

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

/* ---- several at a time ---- */

struct pool {
    const struct tune_collect *collect;
    struct tune_part *part;
    pthread_mutex_t lock;
    uint32_t next, done;
    int status; /* first failure */
    struct err err;
};

static int collect_one(const struct tune_collect *c, const struct tune_input *input,
                       struct tune_part *out, struct err *err)
{
    return input->folder ? tune_collect_folder(input, out, err)
                         : tune_collect_simulated(c, input, out, err);
}

static void *work(void *ctx)
{
    struct pool *p = ctx;

    for (;;) {
        struct err err = {""};
        uint32_t i;
        int r;

        pthread_mutex_lock(&p->lock);
        i = p->status == 0 && !interrupt_came() ? p->next : p->collect->input_count;
        p->next += i < p->collect->input_count;
        pthread_mutex_unlock(&p->lock);
        if (i == p->collect->input_count)
            return NULL;
        r = collect_one(p->collect, &p->collect->input[i], &p->part[i], &err);
        pthread_mutex_lock(&p->lock);
        if (r != 0 && p->status == 0) {
            p->status = r;
            p->err = err;
        }
        p->done++;
        if (p->collect->told)
            p->collect->told(p->collect->ctx, p->done, p->collect->input_count);
        pthread_mutex_unlock(&p->lock);
    }
}

static uint32_t workers(const struct tune_collect *c)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    uint32_t n = c->thread_count ? c->thread_count : processors > 0 ? (uint32_t)processors : 1;

    return n < c->input_count ? n : c->input_count;
}

static int pool_run(struct pool *p)
{
    uint32_t n = workers(p->collect), started = 0;
    AUTO_FREE pthread_t *thread = calloc(n, sizeof *thread);

    if (!thread)
        return -ENOMEM;
    while (started < n && pthread_create(&thread[started], NULL, work, p) == 0)
        started++;
    if (started == 0)
        (void)work(p);
    for (uint32_t i = 0; i < started; i++)
        (void)pthread_join(thread[i], NULL);
    return p->status ? p->status : interrupt_came() ? 1 : 0;
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
    struct pool pool = {.collect = c, .part = part, .lock = PTHREAD_MUTEX_INITIALIZER};
    int r;

    *out = (struct tune_data){.run = calloc(c->input_count + (size_t)1, sizeof *out->run)};
    if (!part || !out->run)
        return err_set(err, -ENOMEM, "out of memory");
    r = pool_run(&pool);
    if (r < 0)
        *err = pool.err;
    for (uint32_t i = 0; i < c->input_count && r == 0; i++)
        if (merge(out, &part[i]) < 0)
            r = err_set(err, -ENOMEM, "out of memory");
    for (uint32_t i = 0; i < c->input_count; i++)
        tune_part_deinit(&part[i]);
    return r;
}
