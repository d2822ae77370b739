#include "serve/queue.h"

#include "tests/support.h"

#include <pthread.h>

struct number {
    struct item item;
    int value;
};

static int take(struct queue *queue)
{
    struct number *n = (struct number *)queue_take(queue, 0);

    return n ? n->value : -1;
}

static void items_come_out_as_they_went_in(void **state)
{
    struct number a = {.value = 1}, b = {.value = 2}, urgent = {.value = 3};
    struct queue queue;

    (void)state;
    queue_init(&queue, -1);
    assert_int_equal(take(&queue), -1);
    queue_put(&queue, &a.item);
    queue_put(&queue, &b.item);
    queue_put_first(&queue, &urgent.item);
    assert_int_equal(take(&queue), 3);
    assert_int_equal(take(&queue), 1);
    assert_int_equal(take(&queue), 2);
    assert_int_equal(take(&queue), -1);
    queue_deinit(&queue);
}

static void all_are_taken_at_once(void **state)
{
    struct number a = {.value = 1}, b = {.value = 2}, c = {.value = 3};
    struct queue queue;
    struct item *list;

    (void)state;
    queue_init(&queue, -1);
    queue_put(&queue, &a.item);
    queue_put(&queue, &b.item);
    list = queue_take_all(&queue, 0);
    assert_ptr_equal(list, &a.item);
    assert_ptr_equal(list->next, &b.item);
    assert_null(list->next->next);
    queue_put_first(&queue, &c.item);
    assert_int_equal(take(&queue), 3);
    queue_deinit(&queue);
}

static void *taker(void *arg)
{
    int sum = 0, n;

    for (struct number *item; (item = (struct number *)queue_take(arg, -1));)
        sum += item->value;
    n = sum;
    return (void *)(intptr_t)n;
}

static void a_closed_queue_is_emptied_first(void **state)
{
    struct number a = {.value = 1}, b = {.value = 2};
    struct queue queue;
    pthread_t thread;
    void *sum;

    (void)state;
    queue_init(&queue, -1);
    assert_int_equal(pthread_create(&thread, NULL, taker, &queue), 0);
    queue_put(&queue, &a.item);
    queue_put(&queue, &b.item);
    queue_close(&queue);
    assert_int_equal(pthread_join(thread, &sum), 0);
    assert_int_equal((int)(intptr_t)sum, 3);
    assert_true(queue_is_closed(&queue));
    queue_deinit(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_come_out_as_they_went_in),
        cmocka_unit_test(all_are_taken_at_once),
        cmocka_unit_test(a_closed_queue_is_emptied_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
