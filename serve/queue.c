#include "queue.h"

#include <stdint.h>
#include <time.h>
#include <unistd.h>

void queue_init(struct queue *queue, int wake_fd)
{
    (void)pthread_mutex_init(&queue->lock, NULL); /* cannot fail without attributes */
    (void)pthread_cond_init(&queue->filled, NULL);
    queue->first = NULL;
    queue->last = &queue->first;
    queue->closed = false;
    queue->wake_fd = wake_fd;
}

void queue_deinit(struct queue *queue)
{
    (void)pthread_cond_destroy(&queue->filled);
    (void)pthread_mutex_destroy(&queue->lock);
}

static void wake(const struct queue *queue)
{
    static const uint64_t one = 1;

    if (queue->wake_fd >= 0 && write(queue->wake_fd, &one, sizeof one) < 0)
        return; /* full: the loop is awake anyway */
}

void queue_put(struct queue *queue, struct item *item)
{
    item->next = NULL;
    (void)pthread_mutex_lock(&queue->lock);
    *queue->last = item;
    queue->last = &item->next;
    (void)pthread_cond_signal(&queue->filled);
    (void)pthread_mutex_unlock(&queue->lock);
    wake(queue);
}

void queue_put_first(struct queue *queue, struct item *item)
{
    (void)pthread_mutex_lock(&queue->lock);
    item->next = queue->first;
    queue->first = item;
    if (!item->next)
        queue->last = &item->next;
    (void)pthread_cond_signal(&queue->filled);
    (void)pthread_mutex_unlock(&queue->lock);
    wake(queue);
}

/* Waits until there is something to take. Called with the lock. */
static void wait_filled(struct queue *queue, int timeout_ms)
{
    struct timespec until;

    if (timeout_ms > 0) {
        (void)clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += timeout_ms / 1000;
        until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
        if (until.tv_nsec >= 1000000000) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000;
        }
    }
    while (!queue->first && !queue->closed && timeout_ms != 0)
        if (timeout_ms < 0)
            (void)pthread_cond_wait(&queue->filled, &queue->lock);
        else if (pthread_cond_timedwait(&queue->filled, &queue->lock, &until) != 0)
            break;
}

struct item *queue_take(struct queue *queue, int timeout_ms)
{
    struct item *item;

    (void)pthread_mutex_lock(&queue->lock);
    wait_filled(queue, timeout_ms);
    item = queue->first;
    if (item) {
        queue->first = item->next;
        if (!queue->first)
            queue->last = &queue->first;
        item->next = NULL;
    }
    (void)pthread_mutex_unlock(&queue->lock);
    return item;
}

struct item *queue_take_all(struct queue *queue, int timeout_ms)
{
    struct item *item;

    (void)pthread_mutex_lock(&queue->lock);
    wait_filled(queue, timeout_ms);
    item = queue->first;
    queue->first = NULL;
    queue->last = &queue->first;
    (void)pthread_mutex_unlock(&queue->lock);
    return item;
}

void queue_close(struct queue *queue)
{
    (void)pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    (void)pthread_cond_broadcast(&queue->filled);
    (void)pthread_mutex_unlock(&queue->lock);
}

bool queue_is_closed(struct queue *queue)
{
    bool closed;

    (void)pthread_mutex_lock(&queue->lock);
    closed = queue->closed;
    (void)pthread_mutex_unlock(&queue->lock);
    return closed;
}
