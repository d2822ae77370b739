/* How things pass from one thread to another: first in, first out, of whatever begins with a
 * struct item. */
#pragma once

#include <pthread.h>
#include <stdbool.h>

struct item {
    struct item *next;
};

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct item *first, **last;
    bool closed;
    int wake_fd; /* an eventfd that is told of every item, for event loops; -1: none */
};

void queue_init(struct queue *queue, int wake_fd);
void queue_deinit(struct queue *queue);

void queue_put(struct queue *queue, struct item *item);
void queue_put_first(struct queue *queue, struct item *item); /* before all others */

/* The next item; waits for at most `timeout_ms` (-1: for ever, 0: not at all). NULL when there is
 * none, or when the queue is closed and empty. */
struct item *queue_take(struct queue *queue, int timeout_ms);

/* All items at once, as a list; as above. */
struct item *queue_take_all(struct queue *queue, int timeout_ms);

/* Nothing more comes: whoever waits is told once all is taken. */
void queue_close(struct queue *queue);
bool queue_is_closed(struct queue *queue);
