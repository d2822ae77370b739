#include "event/csv.h"

#include "tests/support.h"

enum { CELLS = 4 };

struct row {
    struct str cell[CELLS];
    uint32_t count;
    char scratch[256];
};

static const char *split(const char *line, struct row *row)
{
    return csv_split(str_of(line), ',', row->scratch, row->cell, CELLS, &row->count);
}

static void assert_cell(const struct row *row, uint32_t i, const char *text)
{
    assert_true(i < row->count);
    assert_true(str_eq(row->cell[i], str_of(text)));
}

static void splits_plain_cells(void **state)
{
    struct row row;

    (void)state;
    assert_null(split("a,,c d\r", &row));
    assert_int_equal(row.count, 3);
    assert_cell(&row, 0, "a");
    assert_cell(&row, 1, "");
    assert_cell(&row, 2, "c d");
}

static void an_empty_line_is_one_empty_cell(void **state)
{
    struct row row;

    (void)state;
    assert_null(split("", &row));
    assert_int_equal(row.count, 1);
    assert_cell(&row, 0, "");
}

static void quotes_keep_delimiters_and_double_for_themselves(void **state)
{
    struct row row;

    (void)state;
    assert_null(split("\"a,b\",\"say \"\"hi\"\", twice \"\"\",\"\"", &row));
    assert_int_equal(row.count, 3);
    assert_cell(&row, 0, "a,b");
    assert_cell(&row, 1, "say \"hi\", twice \"");
    assert_cell(&row, 2, "");
}

static void two_cells_with_doubled_quotes_share_the_scratch(void **state)
{
    struct row row;

    (void)state;
    assert_null(split("\"\"\"1\",\"2\"\"\"", &row));
    assert_cell(&row, 0, "\"1");
    assert_cell(&row, 1, "2\"");
}

static void refuses_what_rfc_4180_does_not_have(void **state)
{
    struct row row;

    (void)state;
    assert_string_equal(split("a,\"b", &row), "a quoted cell does not end on its line");
    assert_string_equal(split("\"a\"b,c", &row), "text after a closing quote");
    assert_string_equal(split("a\"b,c", &row), "a quote inside a cell that is not quoted");
    assert_null(split("1,2,3,4", &row));
    assert_string_equal(split("1,2,3,4,5", &row), "more cells than the header has columns");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_plain_cells),
        cmocka_unit_test(an_empty_line_is_one_empty_cell),
        cmocka_unit_test(quotes_keep_delimiters_and_double_for_themselves),
        cmocka_unit_test(two_cells_with_doubled_quotes_share_the_scratch),
        cmocka_unit_test(refuses_what_rfc_4180_does_not_have),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
