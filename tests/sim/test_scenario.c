#include "base/cleanup.h"
#include "sim/kinds.h"
#include "sim/scenario.h"
#include "tests/support.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

CLEANUP_DEFINE(struct scenario, scenario_free)

#define HEAD                                                                                       \
    "{\"name\": \"t\", \"about\": \"a\", \"start\": \"2026-02-01T00:00:00Z\","                     \
    " \"days\": 4"
#define ONE      "\"name\": \"p\", \"kind\": \"chat_user\", \"accounts\": 100"
#define CAMPAIGN "\"name\": \"c\", \"archetype\": \"E\", \"accounts\": 100"

static char *folder;

static int setup(void **state)
{
    (void)state;
    folder = temp_folder_new();
    return folder ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    temp_folder_remove(folder);
    return 0;
}

static struct scenario *load_over(const char *text, const struct scenario_override *over)
{
    struct scenario *s = NULL;
    struct err err = {""};
    int r = scenario_load(temp_file(folder, "s.json", text, SIZE_MAX), over, &s, &err);

    if (r)
        fail_msg("%s", err.text);
    return s;
}

static struct scenario *load(const char *text)
{
    return load_over(text, NULL);
}

/* Everything after the folder in the message. */
static const char *refusal(const char *text)
{
    static struct err err;
    struct scenario *s = NULL;
    const char *path = temp_file(folder, "s.json", text, SIZE_MAX);

    err.text[0] = '\0';
    assert_int_equal(scenario_load(path, NULL, &s, &err), -EINVAL);
    assert_null(s);
    assert_memory_equal(err.text, path, strlen(path));
    return err.text + strlen(path);
}

static void a_minimal_world_has_builtin_models_and_networks(void **state)
{
    AUTO(scenario_free) struct scenario *s = load(HEAD ", \"populations\": [{" ONE "}]}");

    (void)state;
    assert_string_equal(s->name, "t");
    assert_int_equal(s->start, 1769904000000);
    assert_int_equal(s->end - s->start, 4 * MSEC_DAY);
    assert_int_equal(s->seed, 1);
    assert_int_equal(s->model_count, default_model_count);
    assert_int_equal(s->network_count, default_network_count);
    assert_int_equal(s->cohort_count, 1);
    assert_int_equal(s->cohort[0].account_count, 100);
    assert_false(s->cohort[0].campaign);
    assert_int_equal(s->cohort[0].truth, TRUTH_BENIGN);
    assert_string_equal(s->cohort[0].kind, "chat_user");
    assert_near(s->cohort[0].tempo.to_day, 4, 1e-9);
    assert_true(isnan(s->expect.recall_min));
    assert_int_equal(strlen(s->digest), 16);
}

static void keys_of_the_file_override_the_kind(void **state)
{
    AUTO(scenario_free)
    struct scenario *s =
        load(HEAD ", \"text_share\": 0.5, \"populations\": [{" ONE ","
                  "\"tempo\": {\"per_day\": {\"median\": 7, \"sigma\": 0.5, \"max\": 90},"
                  " \"hours\": \"flat\", \"turns\": 4, \"sync_share\": 1, \"sync_period_s\": 60},"
                  "\"access\": {\"sticky_h\": 0.5, \"countries\": [\"SG\", \"JP\"],"
                  "  \"network_kinds\": {\"vpn\": 1}, \"pool\": \"x\"},"
                  "\"program\": {\"text\": {\"judge\": 2, \"rewrite\": 1}, \"cover\": \"relay\"},"
                  "\"work\": {\"policy\": \"repeat\", \"item_count\": 9}}]}");
    const struct cohort *c = &s->cohort[0];

    (void)state;
    assert_near(c->tempo.per_day.mu, log(7), 1e-9);
    assert_near(c->tempo.per_day.sigma, 0.5, 1e-9);
    assert_near(c->tempo.per_day.max, 90, 1e-9);
    assert_near(c->tempo.turns.min, 4, 1e-9);
    assert_near(c->tempo.turns.max, 4, 1e-9);
    assert_near(c->tempo.hour[3], 1, 1e-9);
    assert_int_equal(c->tempo.sync_period_ms, 60000);
    assert_int_equal(c->access.sticky_ms, 30 * MSEC_MINUTE);
    assert_int_equal(c->access.country_count, 2);
    assert_string_equal(c->access.country[1], "JP");
    assert_string_equal(c->access.pool, "x");
    for (uint32_t i = 0; i < s->network_count; i++)
        assert_true((c->access.network[i] > 0) == (s->network[i].kind == NETWORK_VPN));
    assert_near(c->program.text[TEXT_judge], 2, 1e-9);
    assert_near(c->program.text[TEXT_chat], 0, 1e-9);
    assert_int_equal(c->program.cover, TEXT_relay);
    assert_near(c->program.text_share, 0.5, 1e-9);
    assert_int_equal(c->work.policy, WORK_REPEAT);
    assert_int_equal(c->work.item_count, 9);
}

static void models_and_networks_of_the_file_can_be_named(void **state)
{
    AUTO(scenario_free)
    struct scenario *s =
        load(HEAD ", \"models\": [{\"name\": \"m1\", \"tier\": \"top\"},"
                  "{\"name\": \"m2\", \"tier\": \"small\", \"released_day\": 1.5}],"
                  "\"networks\": [{\"name\": \"vpns\", \"kind\": \"vpn\", \"exits\": 5,"
                  " \"countries\": {\"IS\": 1}}],"
                  "\"campaigns\": [{" CAMPAIGN
                  ", \"evasion\": 2, \"access\": {\"networks\": {\"vpns\": 1}},"
                  "\"program\": {\"models\": {\"m2\": 3}}}],"
                  "\"enforcement\": [{\"on\": \"c\", \"at_day\": 2, \"action\": \"ban\"}]}");

    (void)state;
    assert_int_equal(s->model_count, 2);
    assert_int_equal(s->model[1].released - s->start, 36 * MSEC_HOUR);
    assert_int_equal(s->network_count, default_network_count);
    assert_int_equal(s->network[0].exit_count, 5);
    assert_near(s->cohort[0].access.network[0], 1, 1e-9);
    assert_near(s->cohort[0].access.network[1], 0, 1e-9);
    assert_near(s->cohort[0].program.model[1], 3, 1e-9);
    assert_true(s->cohort[0].campaign);
    assert_int_equal(s->cohort[0].evasion, 2);
    assert_int_equal(s->enforcement[0].cohort, 0);
    assert_int_equal(s->enforcement[0].pool, UINT32_MAX);
    assert_int_equal(s->enforcement[0].action, ACTION_BAN);
    assert_near(s->enforcement[0].share, 1, 1e-9);
}

static void scale_keeps_what_each_account_does(void **state)
{
    static const char text[] = HEAD ", \"populations\": [{" ONE ", \"exchanges\": 5000}],"
                                    "\"campaigns\": [{" CAMPAIGN ", \"exchanges\": 8000}]}";
    struct scenario_override over = scenario_override_none();
    AUTO(scenario_free) struct scenario *whole = load(text);
    AUTO(scenario_free) struct scenario *tenth = NULL;
    AUTO(scenario_free) struct scenario *least = NULL;

    (void)state;
    over.scale = 0.1;
    tenth = load_over(text, &over);
    over.scale = 1e-6;
    least = load_over(text, &over);
    assert_int_equal(tenth->cohort[0].account_count, 10);
    assert_int_equal(tenth->cohort[0].exchange_target, 500);
    assert_int_equal(tenth->cohort[1].exchange_target, 800);
    assert_int_equal(tenth->cohort[1].work.item_count, whole->cohort[1].work.item_count / 10);
    assert_int_equal(tenth->cohort[1].identity.accounts_per_payment,
                     whole->cohort[1].identity.accounts_per_payment);
    assert_int_equal(least->cohort[0].account_count, 1);
    assert_int_equal(least->cohort[0].exchange_target, 50);
}

static void fewer_days_make_fewer_exchanges(void **state)
{
    static const char text[] = HEAD ", \"populations\": [{" ONE ", \"exchanges\": 5000},"
                                    "{\"name\": \"q\", \"kind\": \"batch\", \"accounts\": 1,"
                                    "\"exchanges\": 100, \"tempo\": {\"to_day\": 1}}]}";
    struct scenario_override over = scenario_override_none();
    AUTO(scenario_free) struct scenario *s = NULL;

    (void)state;
    over.days = 2;
    s = load_over(text, &over);
    assert_int_equal(s->end - s->start, 2 * MSEC_DAY);
    assert_int_equal(s->cohort[0].exchange_target, 2500);
    assert_int_equal(s->cohort[1].exchange_target, 100);
    assert_near(s->cohort[1].tempo.to_day, 1, 1e-9);
}

static void the_digest_tells_seed_and_content_but_not_spelling(void **state)
{
    struct scenario_override over = scenario_override_none();
    AUTO(scenario_free) struct scenario *a = load(HEAD ", \"populations\": [{" ONE "}]}");
    AUTO(scenario_free) struct scenario *same = load(HEAD ",\n  \"populations\" :[ {" ONE "}] }");
    AUTO(scenario_free) struct scenario *other = NULL;

    (void)state;
    over.seed = 7;
    other = load_over(HEAD ", \"populations\": [{" ONE "}]}", &over);
    assert_string_equal(a->digest, same->digest);
    assert_string_not_equal(a->digest, other->digest);
    assert_int_equal(other->seed, 7);
}

static void refuses_with_line_path_and_reason(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {HEAD ",\n \"sed\": 1, \"populations\": [{" ONE "}]}",
         ":2: sed: unknown key \"sed\"; did you mean \"seed\"?"},
        {HEAD ",\n \"populations\": [{" ONE ",\n \"tempo\": {\"per_dya\": 3}}]}",
         ":3: populations[0].tempo.per_dya: unknown key \"per_dya\"; did you mean \"per_day\"?"},
        {HEAD ",\n\"populations\": [{\"name\": \"x\", \"accounts\": 3,\n \"kind\": \"chat_usr\"}]}",
         ":3: populations[0].kind: unknown kind \"chat_usr\"; did you mean \"chat_user\"?"},
        {HEAD ",\n\"populations\": [{" ONE ",\n\"identity\":\n {\"verified_share\": 1.5}}]}",
         ":4: populations[0].identity.verified_share: must be from 0 to 1 share"},
        {HEAD ",\n\"populations\": [{" ONE "},\n {" ONE "}]}",
         ":3: populations[1]: another cohort has this name already"},
        {HEAD ",\n\"campaigns\": [{" CAMPAIGN ",\n\"evasion\": 5}]}",
         ":3: campaigns[0].evasion: must be from 0 to 4 level"},
        {HEAD ",\n\"campaigns\": [{" CAMPAIGN ",\n\"evasion\": 1.5}]}",
         ":3: campaigns[0].evasion: must be a whole number"},
        {HEAD ",\n\"populations\": [{" ONE "}],\n\"enforcement\": [{\"on\": \"q\", \"at_day\": 1,"
              "\"action\": \"ban\"}]}",
         ":3: enforcement[0].on: unknown population or campaign \"q\"; did you mean \"p\"?"},
        {HEAD ",\n\"populations\": [{" ONE ", \"tempo\": {\n\"from_day\": 2, \"to_day\": 1}}]}",
         ":3: populations[0].tempo.to_day: must be after `from_day`"},
        {HEAD ",\n\"populations\": [{" ONE
              ",\n\"tempo\": {\"turns\": {\"median\": 9, \"max\": 3}}}]}",
         ":3: populations[0].tempo.turns: `median` must lie between `min` and `max`"},
        {HEAD ",\n\"populations\": [{" ONE ",\n\"program\": {\"text\": {}}}]}",
         ":3: populations[0].program.text: needs a weight above 0"},
        {HEAD ",\n\"populations\": [{" ONE ",\n\"work\": {\"policy\": \"repeat\"}}]}",
         ":3: populations[0].work.item_count: a work list needs items"},
        {HEAD ",\n\"populations\": 3}",
         ":2: populations: must be an array of at most 4096 objects"},
        {HEAD "}", ":1: top level: a world needs populations or campaigns"},
        {"[]", ":1: top level: must be an object, not an array"},
        {"{\"name\": \"t\",\n\"name\": \"u\"}", ":2: duplicate object key near '\"name\"'"},
        {"{\"name\": \"a b\"}", ":1: name: must be 1 to 47 letters, digits, '_', '-' or '.'"},
        {"{\"name\": \"t\",\n \"about\": \"\", \"start\": \"2026-02-01\"}",
         ":2: start: is no RFC 3339 time such as 2026-02-01T00:00:00Z"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(refusal(cases[i].text), cases[i].message);
}

static void refuses_values_of_the_wrong_type(void **state)
{
    static const char *const cases[] = {
        "\"seed\": \"1\"",       "\"seed\": -1",
        "\"cites\": \"x\"",      "\"cites\": [1]",
        "\"days\": 0",           "\"models\": [{\"name\": \"m\"}]",
        "\"expect\": []",        "\"networks\": [{\"name\": \"n\", \"kind\": \"vpn\"}]",
        "\"scale\": null",       "\"populations\": [3]",
        "\"populations\": [{}]", "\"populations\": [{\"kind\": 1}]",
    };
    char text[1024];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)snprintf(text, sizeof text,
                       "{\"name\": \"t\", \"about\": \"a\", \"start\": \"2026-02-01T00:00:00Z\","
                       "%s %s}",
                       strstr(cases[i], "days") ? "" : "\"days\": 1,", cases[i]);
        (void)refusal(text);
    }
}

static void a_file_that_is_not_there_is_named(void **state)
{
    struct scenario *s = NULL;
    struct err err = {""};

    (void)state;
    assert_int_equal(scenario_load("/nowhere/s.json", NULL, &s, &err), -ENOENT);
    assert_string_equal(err.text, "/nowhere/s.json: No such file or directory");
}

static void an_override_out_of_range_is_refused(void **state)
{
    struct scenario_override over = scenario_override_none();
    struct scenario *s = NULL;
    struct err err = {""};

    (void)state;
    over.days = -3;
    assert_int_equal(scenario_load("unread.json", &over, &s, &err), -EINVAL);
    over = scenario_override_none();
    over.scale = 1e9;
    assert_int_equal(scenario_load("unread.json", &over, &s, &err), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_minimal_world_has_builtin_models_and_networks),
        cmocka_unit_test(keys_of_the_file_override_the_kind),
        cmocka_unit_test(models_and_networks_of_the_file_can_be_named),
        cmocka_unit_test(scale_keeps_what_each_account_does),
        cmocka_unit_test(fewer_days_make_fewer_exchanges),
        cmocka_unit_test(the_digest_tells_seed_and_content_but_not_spelling),
        cmocka_unit_test(refuses_with_line_path_and_reason),
        cmocka_unit_test(refuses_values_of_the_wrong_type),
        cmocka_unit_test(a_file_that_is_not_there_is_named),
        cmocka_unit_test(an_override_out_of_range_is_refused),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
