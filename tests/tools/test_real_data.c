#include "tests/support.h"
#include "tools/real_data.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

static void fill(struct sample *s, const double *value, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(sample_add(s, value[i]), 0);
    sample_sort(s);
}

static void quantiles_lie_between_the_values(void **state)
{
    static const double values[] = {4, 1, 3, 2};
    struct sample s = {0}, empty = {0};

    (void)state;
    fill(&s, values, 4);
    assert_near(sample_quantile(&s, 0.5), 2.5, 1e-12);
    assert_near(sample_quantile(&s, 0.0), 1.0, 0.0);
    assert_near(sample_quantile(&s, 1.0), 4.0, 0.0);
    assert_true(isnan(sample_quantile(&empty, 0.5)));
    sample_deinit(&s);
}

static void distance_is_the_widest_gap_of_the_shares(void **state)
{
    static const double low[] = {1, 2, 3, 4}, half[] = {3, 4, 5, 6}, ties[] = {1, 1, 1, 4};
    struct sample a = {0}, b = {0}, c = {0}, empty = {0};

    (void)state;
    fill(&a, low, 4);
    fill(&b, half, 4);
    fill(&c, ties, 4);
    assert_near(sample_distance(&a, &a), 0.0, 0.0);
    assert_near(sample_distance(&a, &b), 0.5, 1e-12);
    assert_near(sample_distance(&a, &c), 0.5, 1e-12);
    assert_true(isnan(sample_distance(&a, &empty)));
    sample_deinit(&a);
    sample_deinit(&b);
    sample_deinit(&c);
}

static void gini_is_0_for_equals_and_near_1_for_one_owner(void **state)
{
    static const double equal[] = {5, 5, 5, 5}, one[] = {0, 0, 0, 8};
    struct sample a = {0}, b = {0};

    (void)state;
    fill(&a, equal, 4);
    fill(&b, one, 4);
    assert_near(sample_gini(&a), 0.0, 1e-12);
    assert_near(sample_gini(&b), 0.75, 1e-12);
    sample_deinit(&a);
    sample_deinit(&b);
}

static void night_is_set_against_working_hours(void **state)
{
    double hour[HOURS_PER_DAY] = {0};

    (void)state;
    assert_true(isnan(night_by_day(hour)));
    for (int h = 0; h < HOURS_PER_DAY; h++)
        hour[h] = 2.0;
    assert_near(night_by_day(hour), 1.0, 1e-12);
    hour[1] = hour[2] = hour[3] = hour[4] = hour[5] = 0.0;
    assert_near(night_by_day(hour), 1e-3, 1e-12);
}

static void words_are_runs_between_white_space(void **state)
{
    (void)state;
    assert_int_equal(words_in("", 0), 0);
    assert_int_equal(words_in("  one\n two\tthree ", 17), 3);
}

static void without_a_folder_samples_have_the_tables_quantiles(void **state)
{
    struct real_data *data = NULL;
    struct err err;

    (void)state;
    assert_int_equal(real_data_new(NULL, &data, &err), 0);
    assert_int_equal(data->measured_count, 0);
    for (int i = 0; i < CALIBRATION_COUNT; i++) {
        const struct sample *s = &data->sample[i];
        double table = calibration_quantile(&calibration_table[i], 0.5);

        assert_false(s->measured);
        assert_near(sample_quantile(s, 0.5), table, 0.01 * table + 1e-9);
    }
    real_data_free(data);
}

static void write_gz(const char *path, const char *content)
{
    gzFile file = gzopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(gzputs(file, content), (int)strlen(content));
    assert_int_equal(gzclose(file), 0);
}

static void reads_what_is_there_and_names_what_is_wrong(void **state)
{
    char *folder = temp_folder_new();
    char path[600];
    struct real_data *data = NULL;
    struct err err;

    (void)state;
    (void)snprintf(path, sizeof path, "%s/traffic", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/traffic/claude_code_sessions.csv.gz", folder);
    write_gz(path, "session,input_tokens,output_tokens,think_time_s\n"
                   "0,100,10,0\n0,200,20,4.5\n0,300,30,\n1,50,5,0\n");
    assert_int_equal(real_data_new(folder, &data, &err), 0);
    assert_int_equal(data->measured_count, 5);
    assert_int_equal(data->sample[CALIBRATION_agent_input].count, 4);
    assert_int_equal(data->sample[CALIBRATION_agent_turns].count, 2);
    assert_near(data->sample[CALIBRATION_agent_turns].value[1], 3.0, 0.0);
    assert_int_equal(data->sample[CALIBRATION_agent_think_s].count, 1);
    assert_false(data->sample[CALIBRATION_arxiv_input].measured);
    real_data_free(data);

    write_gz(path, "session,input_tokens\n0,100\n");
    assert_int_equal(real_data_new(folder, &data, &err), -EINVAL);
    assert_non_null(strstr(err.text, "output_tokens"));
    temp_folder_remove(folder);
}

/* The built-in tables are what the published data gives. */
static void tables_agree_with_the_data_they_were_made_from(void **state)
{
    const char *folder = real_data_path();
    struct real_data *real = NULL, *table = NULL;
    struct err err;

    (void)state;
    if (!folder) {
        print_message("there is no real data beside the project; see STILLWATCH_DATA\n");
        skip();
    }
    assert_int_equal(real_data_new(folder, &real, &err), 0);
    assert_int_equal(real_data_new(NULL, &table, &err), 0);
    assert_true(real->measured_count > 0);
    for (int i = 0; i < CALIBRATION_COUNT; i++) {
        const struct sample *r = &real->sample[i];
        /* Between two points lies at most 5 % of a sample: what straight lines do to ties. */
        double bound = 0.05 + 3.0 / r->count;

        if (r->measured)
            assert_true(sample_distance(r, &table->sample[i]) < bound);
    }
    real_data_free(real);
    real_data_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_lie_between_the_values),
        cmocka_unit_test(distance_is_the_widest_gap_of_the_shares),
        cmocka_unit_test(gini_is_0_for_equals_and_near_1_for_one_owner),
        cmocka_unit_test(night_is_set_against_working_hours),
        cmocka_unit_test(words_are_runs_between_white_space),
        cmocka_unit_test(without_a_folder_samples_have_the_tables_quantiles),
        cmocka_unit_test(reads_what_is_there_and_names_what_is_wrong),
        cmocka_unit_test(tables_agree_with_the_data_they_were_made_from),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
