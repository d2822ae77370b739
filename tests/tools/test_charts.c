/* What pictures say, read from their SVG. */
#include "tests/support.h"
#include "tools/chart_parts.h"
#include "tools/charts.h"

#include <stdlib.h>
#include <string.h>

static char *drawn(void (*draw)(FILE *out, const void *ctx), const void *ctx)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    draw(out, ctx);
    assert_int_equal(fclose(out), 0);
    assert_null(strstr(text, "nan"));
    assert_null(strstr(text, "inf"));
    return text;
}

static uint32_t count_of(const char *text, const char *part)
{
    uint32_t count = 0;

    for (const char *p = text; (p = strstr(p, part)); p += strlen(part))
        count++;
    return count;
}

static void a_raster_draws_runs_of_equal_cells_and_every_alarm(void **state)
{
    const struct run_account raised = {.alert_ts = MSEC_HOUR}, quiet = {.alert_ts = INT64_MIN};
    struct raster_row row[2] = {{&raised, {2, 2, 0, 5}}, {&quiet, {0, 2, 2, 2}}};
    const struct raster raster = {
        .row = row, .row_count = 2, .cell_count = 4, .members = 2, .width_ms = MSEC_HOUR};
    const struct chart_raster picture = {&raster, INT64_MIN};
    char *svg = drawn(chart_raster, &picture);

    (void)state;
    assert_non_null(strstr(svg, "class=\"cell r2\" d=\"M0 0.5h2M1 1.5h3\""));
    assert_non_null(strstr(svg, "class=\"cell r5\" d=\"M3 0.5h1\""));
    assert_null(strstr(svg, "cell n")); /* nobody asked for a newest model */
    assert_non_null(strstr(svg, "<path class=\"mark\" d=\"M263.0 22.00v12.00\"/>"));
    free(svg);
}

static void a_graph_joins_each_combination_to_its_values(void **state)
{
    const struct run_shared shared[] = {
        {"payment", "the same payment instrument", "<card>", 30, 31, 6},
        {"client", "", "t13d", 20, 400, 3},
    };
    const struct run_node node[] = {{20, 3, "a\"1"}, {10, 1, "b"}, {5, 0, "c"}};
    const struct run_cluster cluster = {.members_stated = 36, .graph = {shared, node, 2, 3, 1, 1}};
    char *svg = drawn(chart_graph, &cluster);

    (void)state;
    assert_int_equal(count_of(svg, "class=\"edge own\""), 2); /* 31 show it, 30 of them members */
    assert_int_equal(count_of(svg, "class=\"edge also\""), 1);
    assert_non_null(strstr(svg, "30 members, 1 other<"));
    assert_non_null(strstr(svg, "20 members, 380 others<"));
    assert_non_null(strstr(svg, "5 accounts with none of these"));
    assert_non_null(strstr(svg, "and 1 in 1 other combinations"));
    assert_null(strstr(svg, "<card>"));
    assert_non_null(strstr(svg, "&lt;card&gt;"));
    free(svg);
}

static void half_is_the_middle_of_a_normal_axis(void **state)
{
    static const double point[][2] = {{0.001, 0.5}, {0.5, 0.001}, {1, 0}};
    const struct chart_curve curve = {.title = "t",
                                      .x_title = "x",
                                      .y_title = "y",
                                      .x_axis = AXIS_NORMAL,
                                      .y_axis = AXIS_NORMAL,
                                      .x_min = 0.001,
                                      .y_min = 0.001,
                                      .series = {{"line", point, 3}},
                                      .series_count = 1};
    char *svg = drawn(chart_curve, &curve);

    (void)state; /* from 56 to 530 across, from 306 up to 26 */
    assert_non_null(strstr(svg, "points=\"56.0,166.0 293.0,306.0 530.0,306.0\""));
    assert_non_null(strstr(svg, ">0.001<"));
    assert_null(strstr(svg, ">0.0001<"));
    free(svg);
}

static void a_reliable_score_lies_on_the_line(void **state)
{
    struct calibration c = {.count = 100, .ece = 0};
    char *svg;

    (void)state;
    c.bin[5] = (struct calibration_bin){100, 50, 0.5};
    svg = drawn(chart_reliability, &c);
    assert_non_null(strstr(svg, "cx=\"206.0\" cy=\"176.0\"")); /* the middle of the square */
    assert_int_equal(count_of(svg, "<circle"), 1);             /* no dot for an empty bin */
    assert_non_null(strstr(svg, "50 of 100 accounts distil"));
    free(svg);
}

static void a_long_label_is_cut_between_characters(void **state)
{
    char text[32] = "aäöü";

    (void)state;
    chart_cut(text, sizeof text, 4);
    assert_string_equal(text, "aäöü");
    chart_cut(text, sizeof text, 2);
    assert_string_equal(text, "aä…");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_raster_draws_runs_of_equal_cells_and_every_alarm),
        cmocka_unit_test(a_graph_joins_each_combination_to_its_values),
        cmocka_unit_test(half_is_the_middle_of_a_normal_axis),
        cmocka_unit_test(a_reliable_score_lies_on_the_line),
        cmocka_unit_test(a_long_label_is_cut_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
