#include "tests/support.h"
#include "tools/svg.h"

#include <stdlib.h>
#include <string.h>

static void steps_are_round_and_few_enough(void **state)
{
    (void)state;
    assert_near(svg_step(10, 5), 2, 1e-12);
    assert_near(svg_step(10.1, 5), 5, 1e-12);
    assert_near(svg_step(1000, 4), 500, 1e-9);
    assert_near(svg_step(0.7, 8), 0.1, 1e-12);
    assert_near(svg_step(1e9, 10), 1e8, 1);
}

static void time_steps_are_what_clocks_show(void **state)
{
    (void)state;
    assert_int_equal(svg_time_step(MSEC_DAY, 8), 3 * MSEC_HOUR);
    assert_int_equal(svg_time_step(8 * MSEC_DAY, 8), MSEC_DAY);
    assert_int_equal(svg_time_step(8 * MSEC_DAY + 1, 8), 2 * MSEC_DAY);
    assert_true(svg_time_step(4000 * MSEC_DAY, 8) * 8 >= 4000 * MSEC_DAY);
}

static void texts_are_escaped(void **state)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    assert_non_null(out);
    svg_open(out, 10, 20, "a \"title\"");
    svg_text(out, "label", SVG_END, 1, 2, "%s", "</text><script>");
    svg_close(out);
    assert_int_equal(fclose(out), 0);
    assert_non_null(strstr(text, "aria-label=\"a &quot;title&quot;\""));
    assert_non_null(strstr(text, ">&lt;/text&gt;&lt;script&gt;</text>"));
    free(text);
}

static void a_negative_size_is_drawn_as_none(void **state)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    assert_non_null(out);
    svg_rect(out, "x", 1, 2, -3, 4);
    assert_int_equal(fclose(out), 0);
    assert_non_null(strstr(text, "width=\"0.0\" height=\"4.0\""));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_round_and_few_enough),
        cmocka_unit_test(time_steps_are_what_clocks_show),
        cmocka_unit_test(texts_are_escaped),
        cmocka_unit_test(a_negative_size_is_drawn_as_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
