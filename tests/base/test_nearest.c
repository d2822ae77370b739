#include "base/nearest.h"
#include "tests/support.h"

#include <string.h>

static const char *const words[] = {"accounts", "exchanges", "evasion", "kind"};

static const char *nearest(const char *word)
{
    return nearest_word(word, words, 4);
}

static void finds_the_word_with_a_letter_missing_added_or_wrong(void **state)
{
    (void)state;
    assert_string_equal(nearest("acounts"), "accounts");
    assert_string_equal(nearest("exchannges"), "exchanges");
    assert_string_equal(nearest("evaslon"), "evasion");
    assert_string_equal(nearest("kind"), "kind");
}

static void proposes_nothing_for_a_word_that_is_far_from_all(void **state)
{
    char longest[80];

    (void)state;
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_null(nearest("zebra"));
    assert_null(nearest(longest));
    assert_null(nearest_word("kind", words, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_word_with_a_letter_missing_added_or_wrong),
        cmocka_unit_test(proposes_nothing_for_a_word_that_is_far_from_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
