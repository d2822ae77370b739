#include "base/json_place.h"
#include "tests/support.h"

#include <string.h>

static const char text[] = "{\n"
                           "  \"a\": [1, \"]}\\\"\",\n"
                           "    {\"deep\": {\n"
                           "      \"x\": 1 }}],\n"
                           "  \"b\": {\"a\": null,\n"
                           "        \"x\": -1.5e3}\n"
                           "}\n";

static const struct json_place root = {NULL, NULL, 0};
static const struct json_place a = {&root, "a", 0};
static const struct json_place a2 = {&a, NULL, 2};
static const struct json_place deep = {&a2, "deep", 0};
static const struct json_place deep_x = {&deep, "x", 0};

static int line(const struct json_place *place)
{
    return json_place_line(place, text, strlen(text));
}

static void tells_the_line_of_a_member_and_of_an_element(void **state)
{
    const struct json_place b = {&root, "b", 0}, b_x = {&b, "x", 0};

    (void)state;
    assert_int_equal(line(&root), 1);
    assert_int_equal(line(&a), 2);
    assert_int_equal(line(&a2), 3);
    assert_int_equal(line(&deep_x), 4);
    assert_int_equal(line(&b), 5);
    assert_int_equal(line(&b_x), 6);
}

static void a_place_that_is_not_there_has_its_parents_line(void **state)
{
    const struct json_place y = {&deep, "y", 0}, z = {&y, "z", 0};
    const struct json_place a9 = {&a, NULL, 9}, wrong = {&root, NULL, 0};

    (void)state;
    assert_int_equal(line(&z), 3);
    assert_int_equal(line(&a9), 2);
    assert_int_equal(line(&wrong), 1);
    assert_int_equal(json_place_line(&deep_x, "", 0), 1);
}

static void writes_the_path_as_people_do(void **state)
{
    char path[JSON_PLACE_TEXT_SIZE];

    (void)state;
    assert_string_equal(json_place_text(&root, path), "top level");
    assert_string_equal(json_place_text(&deep_x, path), "a[2].deep.x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_line_of_a_member_and_of_an_element),
        cmocka_unit_test(a_place_that_is_not_there_has_its_parents_line),
        cmocka_unit_test(writes_the_path_as_people_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
