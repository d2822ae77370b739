#include "event/pieces.h"

#include "tests/support.h"

#include <stdio.h>

/* The pieces, each in angle brackets. */
static const char *cut(const char *body, bool only_lines)
{
    static char text[512];
    struct pieces pieces;
    struct str piece;
    size_t n = 0;

    text[0] = '\0';
    pieces_start(&pieces, str_of(body), only_lines);
    while (pieces_next(&pieces, &piece))
        n += (size_t)snprintf(text + n, sizeof text - n, "<%.*s>", (int)piece.n, piece.p);
    return text;
}

static void each_line_is_a_piece(void **state)
{
    (void)state;
    assert_string_equal(cut("{\"a\":1}\n\n  \r\n{\"a\":2}\r\nnot JSON \n{", true),
                        "<{\"a\":1}><{\"a\":2}><not JSON ><{>");
    assert_string_equal(cut("", true), "");
    assert_string_equal(cut("\n\n", true), "");
}

static void json_of_one_value_is_a_document(void **state)
{
    (void)state;
    assert_string_equal(cut(" {\n \"a\": {\n}}\n", false), "<{\n \"a\": {\n}}>");
    assert_string_equal(cut("[{\"a\":1},\n {\"b\":[2,3]}\n]", false), "<{\"a\":1}><{\"b\":[2,3]}>");
    assert_string_equal(cut("[]", false), "");
    assert_string_equal(cut("[ ]", false), "");
}

static void json_of_several_values_is_lines(void **state)
{
    (void)state;
    assert_string_equal(cut("{\"a\":1}\n{\"a\":2}", false), "<{\"a\":1}><{\"a\":2}>");
    assert_string_equal(cut("[{\"a\":1}]\n[{\"a\":2}]", false), "<[{\"a\":1}]><[{\"a\":2}]>");
    assert_string_equal(cut("{\"a\":1\n{\"a\":2}", false), "<{\"a\":1><{\"a\":2}>");
}

static void brackets_and_commas_in_texts_do_not_cut(void **state)
{
    (void)state;
    assert_string_equal(cut("[{\"a\":\"],[\\\"}{\\\\\"},{\"b\":\"\\\\\\\"]\"}]", false),
                        "<{\"a\":\"],[\\\"}{\\\\\"}><{\"b\":\"\\\\\\\"]\"}>");
}

static void what_is_no_list_comes_out_whole_for_its_reader_to_refuse(void **state)
{
    (void)state;
    assert_string_equal(cut("[{\"a\":1} {\"a\":2}]", false), "<{\"a\":1} {\"a\":2}>");
    assert_string_equal(cut("[1,,2]", false), "<1><><2>");
    assert_string_equal(cut("[{]", false), "<[{]>");
    assert_string_equal(cut("[", false), "<[>");
    assert_string_equal(cut("[\"\\", false), "<[\"\\>");
    assert_string_equal(cut("]", false), "<]>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_line_is_a_piece),
        cmocka_unit_test(json_of_one_value_is_a_document),
        cmocka_unit_test(json_of_several_values_is_lines),
        cmocka_unit_test(brackets_and_commas_in_texts_do_not_cut),
        cmocka_unit_test(what_is_no_list_comes_out_whole_for_its_reader_to_refuse),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
