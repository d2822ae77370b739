#include "base/cleanup.h"
#include "tests/support.h"
#include "tools/config_file.h"

#include <errno.h>
#include <string.h>

static int load(const char *text, struct detector_config *config, struct err *err)
{
    char *folder = temp_folder_new();
    int r;

    detector_config_default(config);
    r = config_file_load(temp_file(folder, "config.json", text, SIZE_MAX), config, err);
    temp_folder_remove(folder);
    return r;
}

static void options_of_the_file_are_set_and_others_kept(void **state)
{
    struct detector_config config, standard;
    struct err err = {""};

    (void)state;
    detector_config_default(&standard);
    assert_int_equal(load("{\"accounts_max\": 5000, \"base_rate\": 0.25, \"tick_ms\": 6e4,"
                          " \"hash_key\": \"18446744073709551615\"}",
                          &config, &err),
                     0);
    assert_int_equal(config.accounts_max, 5000);
    assert_near(config.base_rate, 0.25, 0.0);
    assert_int_equal(config.tick_ms, 60000);
    assert_true(config.hash_key == UINT64_MAX);
    assert_int_equal(config.hubs_max, standard.hubs_max);
}

static void assert_refused(const char *text, const char *message)
{
    struct detector_config config;
    struct err err = {""};

    assert_int_equal(load(text, &config, &err), -EINVAL);
    if (!strstr(err.text, message))
        fail_msg("'%s' does not say '%s'", err.text, message);
}

static void mistakes_are_named_with_file_line_and_option(void **state)
{
    (void)state;
    assert_refused("{\n  \"base_rate\": 0.1,\n  \"acounts_max\": 1\n}",
                   "/config.json:3: acounts_max: no such option; did you mean accounts_max?");
    assert_refused("{\n\"base_rate\": 7}", "/config.json:2: base_rate: '7' is not a number from");
    assert_refused("{\"base_rate\": null}", "/config.json:1: base_rate: not a number");
    assert_refused("{\"base_rate\": 0.1, \"base_rate\": 0.2}", "/config.json:1: duplicate");
    assert_refused("{\n\"base_rate\": }", "/config.json:2: ");
    assert_refused("[1]", "/config.json:1: top level: not an object");
}

static void a_missing_file_is_named(void **state)
{
    struct detector_config config;
    struct err err = {""};

    (void)state;
    assert_int_equal(config_file_load("/nowhere.json", &config, &err), -ENOENT);
    assert_string_equal(err.text, "/nowhere.json: No such file or directory");
}

static void an_assignment_sets_one_option(void **state)
{
    struct detector_config config;
    struct err err = {""};

    (void)state;
    detector_config_default(&config);
    assert_int_equal(config_file_set(&config, "groups_max=99", &err), 0);
    assert_int_equal(config.groups_max, 99);
    assert_int_equal(config_file_set(&config, "groups_max", &err), -EINVAL);
    assert_string_equal(err.text, "'groups_max' is not option=value");
    assert_int_equal(config_file_set(&config, "groups_max=many", &err), -EINVAL);
}

static void what_is_written_loads_to_the_same_configuration(void **state)
{
    struct detector_config config, again;
    struct err err = {""};
    struct json_write w;

    (void)state;
    detector_config_default(&config);
    config.base_rate = 1.0 / 3e3;
    config.accounts_max = 4321;
    config.hash_key = 77; /* a secret: it is not written */
    json_write_init(&w, NULL);
    json_write_open(&w, NULL, '{');
    config_file_write(&w, &config);
    json_write_close(&w, '}');
    json_write_line(&w);
    {
        AUTO_FREE char *text = strndup(w.text, w.size);

        assert_null(strstr(text, "hash_key"));
        assert_int_equal(load(text, &again, &err), 0);
    }
    assert_true(detector_config_digest(&again) == detector_config_digest(&config));
    json_write_deinit(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_of_the_file_are_set_and_others_kept),
        cmocka_unit_test(mistakes_are_named_with_file_line_and_option),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(an_assignment_sets_one_option),
        cmocka_unit_test(what_is_written_loads_to_the_same_configuration),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
