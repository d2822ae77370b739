/* Every file of scenarios/ loads and says what it cites; every file of tests/data/scenarios/refused
 * is refused (and by the schema too: schema_check.py). */
#include "base/cleanup.h"
#include "sim/kinds.h"
#include "sim/scenario.h"
#include "tests/support.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

CLEANUP_DEFINE(struct scenario, scenario_free)

/* Calls visit() for every .json file of a folder, in no order; returns their number. */
static unsigned each_file(const char *folder, void (*visit)(const char *path, const char *name))
{
    DIR *dir = opendir(source_path(folder));
    const struct dirent *entry;
    unsigned count = 0;

    assert_non_null(dir);
    while ((entry = readdir(dir))) {
        const char *end = strrchr(entry->d_name, '.');
        char path[512];

        if (!end || strcmp(end, ".json") != 0 || strcmp(entry->d_name, "schema.json") == 0)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        visit(source_path(path), entry->d_name);
        count++;
    }
    (void)closedir(dir);
    return count;
}

static struct scenario *preset(const char *name)
{
    struct scenario *s = NULL;
    struct err err = {""};
    char path[128];

    (void)snprintf(path, sizeof path, "scenarios/%s.json", name);
    if (scenario_load(source_path(path), NULL, &s, &err))
        fail_msg("%s", err.text);
    return s;
}

static void load_and_look(const char *path, const char *name)
{
    AUTO(scenario_free) struct scenario *s = NULL;
    struct err err = {""};

    if (scenario_load(path, NULL, &s, &err))
        fail_msg("%s", err.text);
    assert_memory_equal(s->name, name, strlen(name) - strlen(".json"));
    assert_true(s->cite_count > 0);
    assert_true(strlen(s->about) > 20);
}

static void every_preset_loads_is_named_like_its_file_and_cites(void **state)
{
    (void)state;
    assert_in_range(each_file("scenarios", load_and_look), 20, 100);
}

static void load_and_refuse(const char *path, const char *name)
{
    struct scenario *s = NULL;
    struct err err = {""};

    if (scenario_load(path, NULL, &s, &err) != -EINVAL)
        fail_msg("%s is accepted", name);
    assert_memory_equal(err.text, path, strlen(path));
    assert_int_equal(err.text[strlen(path)], ':');
}

static void every_bad_file_is_refused_by_name_and_line(void **state)
{
    (void)state;
    assert_in_range(each_file("tests/data/scenarios/refused", load_and_refuse), 30, 1000);
}

static uint64_t total(const struct scenario *s, bool campaigns, uint64_t *accounts)
{
    uint64_t exchanges = 0;

    *accounts = 0;
    for (uint32_t i = 0; i < s->cohort_count; i++) {
        if (s->cohort[i].campaign == campaigns) {
            exchanges += s->cohort[i].exchange_target;
            *accounts += s->cohort[i].account_count;
        }
    }
    return exchanges;
}

static void february_has_the_scale_of_the_public_record(void **state)
{
    AUTO(scenario_free) struct scenario *s = preset("february-2026");
    uint64_t honest_accounts, campaign_accounts;
    uint64_t honest = total(s, false, &honest_accounts);
    uint64_t campaigns = total(s, true, &campaign_accounts);

    (void)state;
    assert_int_equal(campaign_accounts, 24000); /* S1: ~24,000 accounts, > 16 M exchanges */
    assert_in_range(campaigns, 16550000, 25000000);
    assert_true(honest >= 10 * campaigns);
    assert_true(honest_accounts >= 200000);
}

static void one_preset_stands_for_each_archetype_and_each_level(void **state)
{
    (void)state;
    for (int i = 0; i < ARCHETYPE_COUNT; i++) {
        char name[32];
        AUTO(scenario_free) struct scenario *s = NULL;

        (void)snprintf(name, sizeof name, "archetype-%c", 'a' + i);
        s = preset(name);
        assert_string_equal(s->cohort[s->cohort_count - 1].kind, archetype_name[i]);
    }
    for (int level = 0; level < EVASION_LEVEL_COUNT; level++) {
        char name[32];
        AUTO(scenario_free) struct scenario *s = NULL;

        (void)snprintf(name, sizeof name, "evasion-%d", level);
        s = preset(name);
        for (uint32_t i = 0; i < s->cohort_count; i++)
            assert_true(!s->cohort[i].campaign || s->cohort[i].evasion == level);
    }
}

static void look_alikes_are_all_there_and_honest(void **state)
{
    AUTO(scenario_free) struct scenario *s = preset("look-alikes");
    bool seen[POPULATION_KIND_COUNT] = {false};

    (void)state;
    for (uint32_t i = 0; i < s->cohort_count; i++) {
        assert_false(s->cohort[i].campaign);
        for (uint32_t k = 0; k < POPULATION_KIND_COUNT; k++)
            if (strcmp(s->cohort[i].kind, population_kind_name[k]) == 0)
                seen[k] = true;
    }
    for (uint32_t k = 0; k < POPULATION_KIND_COUNT; k++)
        if (!seen[k])
            fail_msg("%s is missing", population_kind_name[k]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_preset_loads_is_named_like_its_file_and_cites),
        cmocka_unit_test(every_bad_file_is_refused_by_name_and_line),
        cmocka_unit_test(february_has_the_scale_of_the_public_record),
        cmocka_unit_test(one_preset_stands_for_each_archetype_and_each_level),
        cmocka_unit_test(look_alikes_are_all_there_and_honest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
