#include "event/json_number.h"

#include "tests/support.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static uint32_t size_of_number(const char *text)
{
    const char *end = json_number_end(str_of(text));

    return end ? (uint32_t)(end - text) : 0;
}

static void the_grammar_is_that_of_rfc8259(void **state)
{
    (void)state;
    assert_int_equal(size_of_number("0"), 1);
    assert_int_equal(size_of_number("-0.0e-0,"), 7);
    assert_int_equal(size_of_number("120]"), 3);
    assert_int_equal(size_of_number("1E+2}"), 4);
    assert_int_equal(size_of_number("1.5x"), 3);
    assert_int_equal(size_of_number(""), 0);
    assert_int_equal(size_of_number("-"), 0);
    assert_int_equal(size_of_number("+1"), 0);
    assert_int_equal(size_of_number("01"), 0);
    assert_int_equal(size_of_number("-00"), 0);
    assert_int_equal(size_of_number(".5"), 0);
    assert_int_equal(size_of_number("1."), 0);
    assert_int_equal(size_of_number("1.e1"), 0);
    assert_int_equal(size_of_number("1e"), 0);
    assert_int_equal(size_of_number("1e+"), 0);
}

/* With each kind of byte behind it, and with the end of the text right behind that. */
static void short_integers_of_every_length_are_read(void **state)
{
    static const char after[] = ",}";

    (void)state;
    for (uint32_t digits = 1; digits <= 15; digits++)
        for (uint32_t a = 0; a + 1 < sizeof after; a++) {
            char text[32] = "987654321098765";
            uint64_t value = 0;
            const char *end;

            text[digits] = after[a];
            text[digits + 1] = '\0';
            end = json_number_short(text, text + digits + 1, &value);
            assert_ptr_equal(end, text + digits);
            text[digits] = '\0';
            assert_int_equal(value, strtoull(text, NULL, 10));
        }
}

static void what_is_not_a_short_integer_is_left_to_the_long_way(void **state)
{
    static const char *const other[] = {"",
                                        "-1,",
                                        "01,",
                                        "00,",
                                        "1.5,",
                                        "1e3,",
                                        "1E3,",
                                        "a",
                                        "12345678.5,",
                                        "123456789e1,",
                                        "1234567890123456,",
                                        "5 ",
                                        "5]",
                                        "5x",
                                        "12345678/",
                                        "5:"};
    uint64_t value;

    (void)state;
    for (unsigned i = 0; i < sizeof other / sizeof *other; i++)
        assert_null(json_number_short(other[i], other[i] + strlen(other[i]), &value));
}

static void integers_are_exact_or_refused(void **state)
{
    int64_t value = -1;

    (void)state;
    assert_int_equal(json_number_int(STR("9223372036854775807"), &value), 0);
    assert_int_equal(value, INT64_MAX);
    assert_int_equal(json_number_int(STR("92233720368547758.07e2"), &value), 0);
    assert_int_equal(value, INT64_MAX);
    assert_int_equal(json_number_int(STR("9223372036854775808"), &value), -ERANGE);
    assert_int_equal(json_number_int(STR("18446744073709551616"), &value), -ERANGE);
    assert_int_equal(json_number_int(STR("-1"), &value), -ERANGE);
    assert_int_equal(json_number_int(STR("1.5"), &value), -EINVAL);
    assert_int_equal(json_number_int(STR("1e-1"), &value), -EINVAL);
}

static void doubles_are_read_whatever_their_length(void **state)
{
    char text[400];
    double value;

    (void)state;
    assert_int_equal(json_number_double(STR("-1.25e2"), &value), 0);
    assert_true(value == -125.0);
    memset(text, '1', sizeof text);
    text[1] = '.';
    assert_int_equal(json_number_double((struct str){text, sizeof text}, &value), 0);
    assert_true(value == 10.0 / 9.0);
    text[1] = '1';
    assert_int_equal(json_number_double((struct str){text, sizeof text}, &value), -ERANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_grammar_is_that_of_rfc8259),
        cmocka_unit_test(short_integers_of_every_length_are_read),
        cmocka_unit_test(what_is_not_a_short_integer_is_left_to_the_long_way),
        cmocka_unit_test(integers_are_exact_or_refused),
        cmocka_unit_test(doubles_are_read_whatever_their_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
