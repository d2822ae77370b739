#include "sim/access.h"
#include "tests/sim/tiny.h"

struct access {
    struct tiny t;
    struct infrastructure *inf;
    struct access_plan plan;
};

static void access_begin(struct access *a)
{
    memset(&a->plan, 0, sizeof a->plan);
    a->inf = NULL;
    assert_int_equal(infrastructure_new(&a->t.scenario, &a->inf), 0);
    assert_int_equal(access_plan_init(&a->plan, &a->t.scenario, &a->t.cohort[0], 5, a->inf), 0);
}

static void access_end(struct access *a)
{
    access_plan_deinit(&a->plan);
    infrastructure_free(a->inf);
}

/* The exit's text of a seat in a session. */
static const char *exit_of(const struct access *a, uint64_t seat, uint64_t group, uint64_t session,
                           msec_t now)
{
    static char text[8][EXIT_TEXT_SIZE + 1];
    static unsigned next;
    char *out = text[next++ % 8];
    struct access_seat who = {mix64(seat), mix64(group), mix64(seat ^ 77)};
    struct access_home home;
    struct exit_address exit;

    access_home(&a->plan, &who, &home);
    access_exit(&a->plan, &who, &home, mix64(session), now, &exit);
    memcpy(out, exit.text, exit.text_size);
    out[exit.text_size] = '\0';
    return out;
}

static void an_account_has_its_own_few_addresses(void **state)
{
    struct access a;
    const char *main_exit;
    uint32_t at_main = 0;

    (void)state;
    tiny_init(&a.t);
    access_begin(&a);
    for (uint64_t s = 0; s < 100; s++) {
        char first[EXIT_TEXT_SIZE + 1];

        memcpy(first, exit_of(&a, 1, 0, 0, 0), sizeof first);
        main_exit = exit_of(&a, 1, 0, s, (msec_t)s * MSEC_DAY);
        at_main += strcmp(first, main_exit) == 0;
        assert_string_not_equal(main_exit, exit_of(&a, 2, 0, s, 0));
    }
    assert_in_range(at_main, 8, 95); /* two addresses, one of them the usual */
    access_end(&a);
}

static void a_group_shares_its_exit(void **state)
{
    struct access a;

    (void)state;
    tiny_init(&a.t);
    a.t.cohort[0].access.exit = EXIT_SHARED;
    a.t.cohort[0].access.exits_per_account = 1;
    access_begin(&a);
    for (uint64_t s = 0; s < 50; s++)
        assert_string_equal(exit_of(&a, 1, 9, s, 0), exit_of(&a, 2, 9, s + 100, 0));
    assert_string_not_equal(exit_of(&a, 1, 9, 1, 0), exit_of(&a, 2, 10, 1, 0));
    access_end(&a);
}

static void a_sticky_exit_stays_for_its_time(void **state)
{
    struct access a;
    uint32_t changes = 0;

    (void)state;
    tiny_init(&a.t);
    a.t.cohort[0].access.exit = EXIT_STICKY;
    a.t.cohort[0].access.sticky_ms = MSEC_HOUR;
    access_begin(&a);
    for (msec_t t = 0; t < 600; t++)
        changes += strcmp(exit_of(&a, 1, 0, (uint64_t)t, t * MSEC_MINUTE),
                          exit_of(&a, 1, 0, (uint64_t)t, (t + 1) * MSEC_MINUTE)) != 0;
    assert_int_equal(changes, 10); /* 600 minutes */
    access_end(&a);
}

static void rotating_exits_come_from_a_pool_of_the_stated_size(void **state)
{
    struct access a;
    char seen[8][EXIT_TEXT_SIZE + 1];
    uint32_t count = 0;

    (void)state;
    tiny_init(&a.t);
    a.t.scenario.network_count = 1;
    a.t.cohort[0].access.exit = EXIT_ROTATING;
    a.t.cohort[0].access.pool_count = 5;
    access_begin(&a);
    for (uint64_t s = 0; s < 300; s++) {
        const char *exit = exit_of(&a, s, 0, s, 0);
        uint32_t k = 0;

        while (k < count && strcmp(seen[k], exit) != 0)
            k++;
        if (k == count)
            memcpy(seen[count++], exit, strlen(exit) + 1);
        assert_true(count <= 5);
    }
    assert_int_equal(count, 5);
    access_end(&a);
}

static void pools_of_one_name_are_one_pool(void **state)
{
    struct access a, b;

    (void)state;
    tiny_init(&a.t);
    a.t.cohort[0].access.exit = EXIT_ROTATING;
    a.t.cohort[0].access.pool_count = 1;
    a.t.scenario.network_count = 1;
    memcpy(a.t.cohort[0].access.pool, "relay", sizeof "relay");
    b.t = a.t;
    b.t.scenario.cohort = b.t.cohort;
    b.t.scenario.network = b.t.network;
    access_begin(&a);
    b.inf = NULL;
    memset(&b.plan, 0, sizeof b.plan);
    assert_int_equal(infrastructure_new(&b.t.scenario, &b.inf), 0);
    assert_int_equal(access_plan_init(&b.plan, &b.t.scenario, &b.t.cohort[0], 6, b.inf), 0);
    assert_string_equal(exit_of(&a, 1, 1, 1, 0), exit_of(&b, 2, 2, 2, 0));
    access_end(&a);
    access_end(&b);
}

static void only_wanted_countries_are_used(void **state)
{
    struct access a;

    (void)state;
    tiny_init(&a.t);
    a.t.scenario.network_count = 1;
    memcpy(a.t.cohort[0].access.country[0], "DE", 3);
    a.t.cohort[0].access.country_count = 1;
    access_begin(&a);
    for (uint64_t s = 0; s < 100; s++) {
        struct access_seat who = {mix64(s), 0, 0};
        struct access_home home;

        access_home(&a.plan, &who, &home);
        assert_string_equal(a.t.network[0].country[home.country], "DE");
    }
    access_end(&a);
}

static void own_clients_are_the_groups_and_the_others_popular(void **state)
{
    struct access a;
    uint32_t own = 0;

    (void)state;
    tiny_init(&a.t);
    a.t.cohort[0].access.client_count = 1;
    a.t.cohort[0].access.own_client_share = 0.5;
    access_begin(&a);
    for (uint64_t s = 0; s < 400; s++) {
        struct access_seat first = {mix64(1000), 3, 1}, who = {mix64(s), 3, mix64(s)};
        struct access_home home;
        struct client client, common;

        access_home(&a.plan, &first, &home);
        a.t.cohort[0].access.own_client_share = 1;
        access_client(&a.plan, &first, &home, &common);
        a.t.cohort[0].access.own_client_share = 0.5;
        access_client(&a.plan, &who, &home, &client);
        own += memcmp(client.fingerprint, common.fingerprint, client.fingerprint_size) == 0;
        assert_int_equal(client.fingerprint_size, common.fingerprint_size);
    }
    assert_near(own / 400.0, 0.5, 0.08);
    access_end(&a);
}

static void few_popular_clients_carry_most(void **state)
{
    struct client first, client;
    uint32_t same = 0;

    (void)state;
    client_popular(PATHWAY_WEB, 0, &first);
    for (uint64_t i = 0; i < 500; i++) {
        client_popular(PATHWAY_WEB, mix64(i), &client);
        same += memcmp(client.user_agent, first.user_agent, 18) == 0;
        assert_true(client.user_agent_size > 5 && client.user_agent_size < CLIENT_TEXT_SIZE);
    }
    assert_in_range(same, 150, 350);
}

static void an_own_client_is_the_same_for_the_same_seed(void **state)
{
    struct client a, b, c;

    (void)state;
    memset(&a, 0, sizeof a);
    memset(&b, 0, sizeof b);
    client_own(PATHWAY_API, 4, &a);
    client_own(PATHWAY_API, 4, &b);
    client_own(PATHWAY_API, 5, &c);
    assert_memory_equal(&a, &b, sizeof a);
    assert_memory_not_equal(a.fingerprint, c.fingerprint, a.fingerprint_size);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_account_has_its_own_few_addresses),
        cmocka_unit_test(a_group_shares_its_exit),
        cmocka_unit_test(a_sticky_exit_stays_for_its_time),
        cmocka_unit_test(rotating_exits_come_from_a_pool_of_the_stated_size),
        cmocka_unit_test(pools_of_one_name_are_one_pool),
        cmocka_unit_test(only_wanted_countries_are_used),
        cmocka_unit_test(own_clients_are_the_groups_and_the_others_popular),
        cmocka_unit_test(few_popular_clients_carry_most),
        cmocka_unit_test(an_own_client_is_the_same_for_the_same_seed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
