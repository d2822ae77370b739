#include "parallel.h"

#include "base/cleanup.h"
#include "tools/interrupt.h"

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

struct crew {
    const struct parallel *parallel;
    pthread_mutex_t lock;
    uint32_t next, done;
    int status;
    struct err err;
};

static void *work(void *ctx)
{
    struct crew *c = ctx;
    const struct parallel *p = c->parallel;

    for (;;) {
        struct err err = {""};
        uint32_t i;
        int r;

        pthread_mutex_lock(&c->lock);
        i = c->status == 0 && !interrupt_came() ? c->next : p->job_count;
        c->next += i < p->job_count;
        pthread_mutex_unlock(&c->lock);
        if (i == p->job_count)
            return NULL;
        r = p->job(p->ctx, i, &err);
        pthread_mutex_lock(&c->lock);
        if (r != 0 && c->status == 0) {
            c->status = r;
            c->err = err;
        }
        c->done++;
        if (p->told && r == 0)
            p->told(p->told_ctx, c->done, p->job_count);
        pthread_mutex_unlock(&c->lock);
    }
}

int parallel_run(const struct parallel *p, struct err *err)
{
    struct crew c = {.parallel = p, .lock = PTHREAD_MUTEX_INITIALIZER};
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    uint32_t n = p->thread_count ? p->thread_count : processors > 0 ? (uint32_t)processors : 1;
    AUTO_FREE pthread_t *thread = calloc(n, sizeof *thread);
    uint32_t started = 0;

    if (!thread)
        return err_set(err, -ENOMEM, "out of memory");
    while (started < n && started < p->job_count &&
           pthread_create(&thread[started], NULL, work, &c) == 0)
        started++;
    if (started == 0)
        (void)work(&c);
    for (uint32_t i = 0; i < started; i++)
        (void)pthread_join(thread[i], NULL);
    if (c.status < 0)
        *err = c.err;
    return c.status ? c.status : interrupt_came() ? 1 : 0;
}
