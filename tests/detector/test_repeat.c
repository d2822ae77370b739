#include "base/rng.h"
#include "detector/repeat.h"
#include "tests/support.h"

static void a_prompt_is_new_once_then_own_or_others(void **state)
{
    struct repeat *repeat;

    (void)state;
    assert_int_equal(repeat_new(1024, &repeat), 0);
    assert_int_equal(repeat_see(repeat, mix64(1), 7), REPEAT_NEW);
    assert_int_equal(repeat_see(repeat, mix64(1), 7), REPEAT_OWN);
    assert_int_equal(repeat_see(repeat, mix64(1), 8), REPEAT_OTHER);
    assert_int_equal(repeat_see(repeat, mix64(2), 8), REPEAT_NEW);
    repeat_free(repeat);
}

static void old_prompts_are_forgotten_when_the_memory_is_full(void **state)
{
    struct repeat *repeat;
    unsigned remembered = 0;

    (void)state;
    assert_int_equal(repeat_new(64, &repeat), 0);
    for (uint64_t i = 0; i < 10000; i++)
        (void)repeat_see(repeat, mix64(i), 1);
    for (uint64_t i = 0; i < 9000; i++)
        remembered += repeat_see(repeat, mix64(i), 1) != REPEAT_NEW;
    assert_true(remembered < 10);
    repeat_free(repeat);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_prompt_is_new_once_then_own_or_others),
        cmocka_unit_test(old_prompts_are_forgotten_when_the_memory_is_full),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
