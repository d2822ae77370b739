#include "tests/support.h"
#include "tools/beside.h"

static void add(void *ctx)
{
    *(int *)ctx += 1;
}

static void each_start_is_one_job_and_its_work_is_there_after_waiting(void **state)
{
    struct beside *beside;
    int sum = 0;

    (void)state;
    assert_int_equal(beside_new(add, &sum, &beside), 0);
    beside_wait(beside); /* for nothing */
    for (int i = 1; i <= 1000; i++) {
        beside_start(beside);
        beside_wait(beside);
        assert_int_equal(sum, i);
    }
    beside_start(beside);
    beside_free(beside); /* not before the job is done */
    assert_int_equal(sum, 1001);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_start_is_one_job_and_its_work_is_there_after_waiting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
