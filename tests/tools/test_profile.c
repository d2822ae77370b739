#include "tests/support.h"
#include "tools/profile.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

CLEANUP_DEFINE(struct scenario, scenario_free)

static const char WORLD[] =
    "{\"name\": \"profiled\", \"about\": \"a test\", \"seed\": 3, \"start\": "
    "\"2026-03-02T00:00:00Z\", \"days\": 2,"
    " \"populations\": ["
    "  {\"name\": \"people\", \"kind\": \"chat_user\", \"accounts\": 300},"
    "  {\"name\": \"agents\", \"kind\": \"coding_agent\", \"accounts\": 30, \"exchanges\": 6000},"
    "  {\"name\": \"shops\", \"kind\": \"api_product\", \"accounts\": 250, \"exchanges\": 25000},"
    "  {\"name\": \"class\", \"kind\": \"classroom\", \"accounts\": 30}]}";

static struct profile *profile_of(const char *text, const char *data_folder)
{
    AUTO(scenario_free) struct scenario *scenario = NULL;
    AUTO(real_data_free) struct real_data *real = NULL;
    struct scenario_override over = scenario_override_none();
    struct profile *profile = NULL;
    char *folder = temp_folder_new();
    struct err err = {""};

    if (scenario_load(temp_file(folder, "world.json", text, SIZE_MAX), &over, &scenario, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(real_data_new(data_folder, &real, &err), 0);
    assert_int_equal(profile_new(scenario, real, NULL, NULL, &profile, &err), 0);
    temp_folder_remove(folder);
    return profile;
}

static const struct profile_row *row_of(const struct profile *p, const char *population,
                                        const char *measure)
{
    for (uint32_t i = 0; i < profile_row_count(p); i++) {
        const struct profile_row *row = profile_row(p, i);

        if (strcmp(row->population, population) == 0 && strcmp(row->measure, measure) == 0)
            return row;
    }
    return NULL;
}

static void only_populations_with_a_real_counterpart_are_told(void **state)
{
    AUTO(profile_free) struct profile *p = profile_of(WORLD, NULL);

    (void)state;
    assert_non_null(row_of(p, "chat users", "input tokens"));
    assert_non_null(row_of(p, "coding agents", "think time, s"));
    assert_non_null(row_of(p, "API customers", "share of active windows"));
    assert_null(row_of(p, "corpus jobs", "input tokens"));
    for (uint32_t i = 0; i < profile_row_count(p); i++)
        assert_false(profile_row(p, i)->measured);
}

/* What a simulation must keep to, by population and measure; noise of a small world included. */
static const struct {
    const char *population, *measure;
    double distance_max;
} bounds[] = {
    {"chat users", "input tokens", 0.40},
    {"chat users", "requests per session", 0.25},
    {"chat users", "words, first turns", 0.15},
    {"chat users", "words, later turns", 0.30},
    {"coding agents", "input tokens", 0.35},
    {"coding agents", "output tokens", 0.10},
    {"coding agents", "requests per session", 0.20},
    {"coding agents", "think time, s", 0.15},
    {"API customers", "input tokens, clients' medians", 0.20},
    {"API customers", "output tokens, clients' medians", 0.40},
    {"API customers", "input log-sd inside clients", 0.30},
    {"API customers", "requests per day, by the median", 0.20},
    {"API customers", "gap CV inside windows", 0.35},
};

static void populations_stay_near_their_real_counterparts(void **state)
{
    AUTO(profile_free) struct profile *p = profile_of(WORLD, real_data_path());

    (void)state;
    if (!real_data_path())
        print_message("there is no real data beside the project: against the tables\n");
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        const struct profile_row *row = row_of(p, bounds[i].population, bounds[i].measure);

        assert_non_null(row);
        if (!(row->distance < bounds[i].distance_max))
            print_message("%s, %s: KS %.3f\n", bounds[i].population, bounds[i].measure,
                          row->distance);
        assert_true(row->distance < bounds[i].distance_max);
    }
}

static void json_says_what_the_table_says(void **state)
{
    AUTO(profile_free) struct profile *p = profile_of(WORLD, NULL);
    AUTO_FREE char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    json_t *root, *row;

    (void)state;
    assert_non_null(out);
    assert_int_equal(profile_print(p, true, out), 0);
    (void)fclose(out);
    root = json_loadb(text, size, 0, NULL);
    assert_non_null(root);
    assert_true(json_is_false(json_object_get(root, "measured")));
    assert_int_equal(json_array_size(json_object_get(root, "rows")), profile_row_count(p));
    row = json_array_get(json_object_get(root, "rows"), 0);
    assert_string_equal(json_string_value(json_object_get(row, "population")), "chat users");
    assert_near(json_number_value(json_object_get(row, "ks")), profile_row(p, 0)->distance, 1e-3);
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_populations_with_a_real_counterpart_are_told),
        cmocka_unit_test(populations_stay_near_their_real_counterparts),
        cmocka_unit_test(json_says_what_the_table_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
