#include "beside.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct beside {
    void (*job)(void *ctx);
    void *ctx;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool busy, quit;
};

static void *work(void *ctx)
{
    struct beside *b = ctx;

    pthread_mutex_lock(&b->lock);
    while (!b->quit) {
        if (!b->busy) {
            pthread_cond_wait(&b->changed, &b->lock);
            continue;
        }
        pthread_mutex_unlock(&b->lock);
        b->job(b->ctx);
        pthread_mutex_lock(&b->lock);
        b->busy = false;
        pthread_cond_broadcast(&b->changed);
    }
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

int beside_new(void (*job)(void *ctx), void *ctx, struct beside **out)
{
    AUTO_FREE struct beside *b = calloc(1, sizeof *b);
    int r;

    if (!b)
        return -ENOMEM;
    b->job = job;
    b->ctx = ctx;
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->changed, NULL);
    r = pthread_create(&b->thread, NULL, work, b);
    if (r != 0)
        return -r;
    *out = TAKE(b);
    return 0;
}

void beside_free(struct beside *b)
{
    if (!b)
        return;
    beside_wait(b);
    pthread_mutex_lock(&b->lock);
    b->quit = true;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
    pthread_join(b->thread, NULL);
    pthread_cond_destroy(&b->changed);
    pthread_mutex_destroy(&b->lock);
    free(b);
}

void beside_start(struct beside *b)
{
    pthread_mutex_lock(&b->lock);
    assert(!b->busy);
    b->busy = true;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
}

void beside_wait(struct beside *b)
{
    pthread_mutex_lock(&b->lock);
    while (b->busy)
        pthread_cond_wait(&b->changed, &b->lock);
    pthread_mutex_unlock(&b->lock);
}
