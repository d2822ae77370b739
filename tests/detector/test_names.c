#include "detector/names.h"
#include "tests/support.h"

#include <stdio.h>
#include <string.h>

static void strings_come_back_as_they_were(void **state)
{
    struct names *names;
    uint32_t a, b;

    (void)state;
    assert_int_equal(names_new(4096, &names), 0);
    a = names_add(names, STR("acct-1"));
    b = names_add(names, STR("a much longer value than the other"));
    assert_true(str_eq(names_get(names, a), STR("acct-1")));
    assert_true(str_eq(names_get(names, b), STR("a much longer value than the other")));
    assert_null(names_get(names, 0).p);
    names_free(names);
}

static void a_full_store_drops_and_counts_and_reuses_freed_room(void **state)
{
    struct names *names;
    uint32_t handle = 0, last;

    (void)state;
    assert_int_equal(names_new(1024, &names), 0);
    do {
        last = handle;
        handle = names_add(names, STR("twelve bytes"));
    } while (handle);
    assert_int_equal(names_dropped(names), 1);
    names_remove(names, last);
    assert_int_equal(names_add(names, STR("other twelve")), last);
    assert_true(str_eq(names_get(names, last), STR("other twelve")));
    names_free(names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_come_back_as_they_were),
        cmocka_unit_test(a_full_store_drops_and_counts_and_reuses_freed_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
