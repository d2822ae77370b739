#include "event/pieces.h"

#include "tests/support.h"

#include <stdio.h>

/* The pieces, each in angle brackets. */
static const char *cut(const char *body, enum pieces_form form)
{
    static char text[512];
    struct pieces pieces;
    struct str piece;
    size_t n = 0;

    text[0] = '\0';
    pieces_start(&pieces, str_of(body), form);
    while (pieces_next(&pieces, &piece))
        n += (size_t)snprintf(text + n, sizeof text - n, "<%.*s>", (int)piece.n, piece.p);
    return text;
}

static void each_line_is_a_piece(void **state)
{
    (void)state;
    assert_string_equal(cut("{\"a\":1}\n\n  \r\n{\"a\":2}\r\nnot JSON\n{", PIECES_LINES),
                        "<{\"a\":1}><{\"a\":2}><not JSON><{>");
    assert_string_equal(cut("", PIECES_LINES), "");
    assert_string_equal(cut("\n\n", PIECES_LINES), "");
}

static void json_of_one_value_is_a_document(void **state)
{
    (void)state;
    assert_string_equal(cut(" {\n \"a\": {\n}}\n", PIECES_EITHER), "<{\n \"a\": {\n}}>");
    assert_string_equal(cut("[{\"a\":1},\n {\"b\":[2,3]}\n]", PIECES_EITHER),
                        "<{\"a\":1}><{\"b\":[2,3]}>");
    assert_string_equal(cut("[]", PIECES_EITHER), "");
    assert_string_equal(cut("[ ]", PIECES_DOCUMENT), "");
}

static void json_of_several_values_is_lines(void **state)
{
    (void)state;
    assert_string_equal(cut("{\"a\":1}\n{\"a\":2}", PIECES_EITHER), "<{\"a\":1}><{\"a\":2}>");
    assert_string_equal(cut("[{\"a\":1}]\n[{\"a\":2}]", PIECES_EITHER),
                        "<[{\"a\":1}]><[{\"a\":2}]>");
    assert_string_equal(cut("{\"a\":1\n{\"a\":2}", PIECES_EITHER), "<{\"a\":1><{\"a\":2}>");
}

static void brackets_and_commas_in_texts_do_not_cut(void **state)
{
    (void)state;
    assert_string_equal(cut("[{\"a\":\"],[\\\"}{\\\\\"},{\"b\":\"\\\\\\\"]\"}]", PIECES_EITHER),
                        "<{\"a\":\"],[\\\"}{\\\\\"}><{\"b\":\"\\\\\\\"]\"}>");
}

static void what_is_no_list_comes_out_whole_for_its_reader_to_refuse(void **state)
{
    (void)state;
    assert_string_equal(cut("[{\"a\":1} {\"a\":2}]", PIECES_EITHER), "<{\"a\":1} {\"a\":2}>");
    assert_string_equal(cut("[1,,2]", PIECES_EITHER), "<1><><2>");
    assert_string_equal(cut("[{]", PIECES_DOCUMENT), "<{>");
    assert_string_equal(cut("[", PIECES_DOCUMENT), "<[>");
    assert_string_equal(cut("[\"\\", PIECES_DOCUMENT), "<[\"\\>");
    assert_string_equal(cut("]", PIECES_EITHER), "<]>");
}

static void content_types_say_the_form(void **state)
{
    (void)state;
    assert_int_equal(pieces_form_of(STR("application/json; charset=utf-8")), PIECES_EITHER);
    assert_int_equal(pieces_form_of(STR("Application/X-NDJSON")), PIECES_LINES);
    assert_int_equal(pieces_form_of(STR("text/csv ;header=present")), PIECES_LINES);
    assert_int_equal(pieces_form_of(STR("")), PIECES_EITHER);
    assert_int_equal(pieces_form_of(str_of(NULL)), PIECES_EITHER);
    assert_int_equal(pieces_form_of(STR("application/x-protobuf")), PIECES_UNKNOWN);
    assert_int_equal(pieces_form_of(STR("application/jso")), PIECES_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_line_is_a_piece),
        cmocka_unit_test(json_of_one_value_is_a_document),
        cmocka_unit_test(json_of_several_values_is_lines),
        cmocka_unit_test(brackets_and_commas_in_texts_do_not_cut),
        cmocka_unit_test(what_is_no_list_comes_out_whole_for_its_reader_to_refuse),
        cmocka_unit_test(content_types_say_the_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
