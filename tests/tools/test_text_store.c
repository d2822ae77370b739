#include "tools/text_store.h"

#include "tests/support.h"

#include <stdlib.h>
#include <string.h>

static void texts_keep_their_place_and_end_with_a_zero(void **state)
{
    struct text_store store = {NULL};
    const char *first = text_store_add(&store, STR("first"));
    char *large = calloc(1, 1000000);

    (void)state;
    assert_non_null(large);
    memset(large, 'x', 999999);
    for (unsigned i = 0; i < 100000; i++)
        assert_non_null(text_store_add(&store, STR("another text")));
    assert_string_equal(text_store_add(&store, (struct str){large, 999999}), large);
    assert_string_equal(text_store_add(&store, (struct str){NULL, 0}), "");
    assert_string_equal(first, "first");
    free(large);
    text_store_deinit(&store);
    assert_null(store.piece);
}

static void room_is_aligned_between_texts_of_any_length(void **state)
{
    struct text_store store = {NULL};

    (void)state;
    for (uint32_t n = 0; n < 40000; n++) {
        (void)text_store_add(&store, (struct str){"0123456789", n % 11});
        assert_int_equal((uintptr_t)text_store_room(&store, n % 17) % 8, 0);
    }
    text_store_deinit(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_keep_their_place_and_end_with_a_zero),
        cmocka_unit_test(room_is_aligned_between_texts_of_any_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
