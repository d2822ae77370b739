#include "tests/sim/tiny.h"

#include <errno.h>

static void same_log(const struct tiny_log *a, const struct tiny_log *b)
{
    assert_int_equal(a->count, b->count);
    for (uint32_t i = 0; i < a->count; i++) {
        struct tiny_record x = a->record[i], y = b->record[i];

        x.stamp.number = y.stamp.number = 0; /* counts within a window */
        assert_memory_equal(&x, &y, sizeof x);
    }
}

static void any_number_of_shards_lives_the_same_world(void **state)
{
    static const uint32_t shards[] = {2, 5};
    struct tiny t;
    struct tiny_log one, other;

    (void)state;
    tiny_init(&t);
    t.cohort[0].account_count = 300;
    t.cohort[0].tempo.turns = (struct size_law){1.0, 0.7, 1, 20};
    tiny_run(&t, 1, &one);
    for (int i = 0; i < 2; i++) {
        tiny_run(&t, shards[i], &other);
        same_log(&one, &other);
        free(other.record);
    }
    free(one.record);
}

static void another_cohort_changes_nobody_elses_records(void **state)
{
    struct tiny t;
    struct tiny_log alone, together;
    uint32_t k = 0;

    (void)state;
    tiny_init(&t);
    tiny_run(&t, 1, &alone);
    t.cohort[1] = t.cohort[0];
    tiny_cohort(&t, 0, "newcomers", 17); /* in front: places move, seeds do not */
    t.scenario.cohort_count = 2;
    tiny_run(&t, 1, &together);
    assert_true(together.count > alone.count);
    for (uint32_t i = 0; i < together.count; i++) {
        if (together.record[i].stamp.seat <= 17)
            continue;
        assert_string_equal(together.record[i].account, alone.record[k].account);
        assert_string_equal(together.record[i].id, alone.record[k].id);
        assert_int_equal(together.record[i].stamp.ts, alone.record[k].stamp.ts);
        assert_int_equal(together.record[i].output_tokens, alone.record[k].output_tokens);
        k++;
    }
    assert_int_equal(k, alone.count);
    free(alone.record);
    free(together.record);
}

static void records_come_once_and_in_order(void **state)
{
    struct tiny t;
    struct tiny_log log;

    (void)state;
    tiny_init(&t);
    tiny_run(&t, 3, &log);
    for (uint32_t i = 1; i < log.count; i++)
        assert_true(tiny_order(&log.record[i - 1], &log.record[i]) < 0 ||
                    log.record[i - 1].stamp.ts < log.record[i].stamp.ts);
    for (uint32_t i = 0; i + 1 < log.count && i < 300; i++)
        for (uint32_t j = i + 1; j < log.count && log.record[i].id[0]; j++)
            assert_string_not_equal(log.record[i].id, log.record[j].id);
    free(log.record);
}

static void exchanges_meet_the_target_within_a_percent(void **state)
{
    struct tiny t;
    struct tiny_log log;
    struct world *world;

    (void)state;
    tiny_init(&t);
    t.cohort[0].account_count = 400;
    t.cohort[0].exchange_target = 60000;
    t.cohort[0].tempo.per_day = (struct size_law){2.0, 1.2, 0.1, 5000};
    t.cohort[0].tempo.weekend = 0.3;
    t.cohort[0].tempo.active_days_share = 0.7;
    t.cohort[0].tempo.ramp_days = 2;
    t.cohort[0].tempo.turns = (struct size_law){1.0, 0.7, 1, 20};
    t.cohort[0].identity.new_share = 0.5;
    world = tiny_world(&t, 1);
    assert_near((double)world_exchanges_expected(world), 60000, 1);
    tiny_live(world, &log);
    assert_near(tiny_count(&log, RECORD_EXCHANGE), 60000, 600);
    assert_near(world_progress(world), 1.0, 1e-12);
    assert_true(world_memory(world) > 400 * 100);
    world_free(world);
    free(log.record);
}

static void a_target_is_met_by_a_zipf_cohort_too(void **state)
{
    struct tiny t;
    struct tiny_log log;

    (void)state;
    tiny_init(&t);
    t.cohort[0].tempo.zipf = 1.1;
    t.cohort[0].exchange_target = 20000;
    tiny_run(&t, 1, &log);
    assert_near(tiny_count(&log, RECORD_EXCHANGE), 20000, 400);
    free(log.record);
}

static int by_account(const void *a, const void *b)
{
    return strcmp(((const struct world_truth *)a)->account,
                  ((const struct world_truth *)b)->account);
}

static void truth_covers_every_account_that_appears_once(void **state)
{
    struct tiny t;
    struct tiny_log log;
    struct world *world;
    struct world_truth *truth;
    uint64_t count;

    (void)state;
    tiny_init(&t);
    tiny_cohort(&t, 1, "farm", 30);
    t.cohort[1].campaign = true;
    t.cohort[1].truth = TRUTH_DISTILLING;
    t.cohort[1].reaction.replace_share = 1;
    t.cohort[1].reaction.replace_delay_s = tiny_constant(600);
    t.enforcement[0] =
        (struct enforcement){1, TINY_START + MSEC_DAY, MSEC_HOUR, 0.5, ACTION_BAN, UINT32_MAX};
    t.scenario.enforcement_count = 1;
    world = tiny_world(&t, 1);
    count = world_account_count(world);
    assert_true(count > 75 && count < 95);
    truth = calloc(count, sizeof *truth);
    for (uint64_t i = 0; i < count; i++)
        world_account_truth(world, i, &truth[i]);
    assert_string_equal(truth[0].population, "people");
    assert_null(truth[0].campaign);
    assert_string_equal(truth[count - 1].campaign, "farm");
    assert_int_equal(truth[count - 1].truth, TRUTH_DISTILLING);
    qsort(truth, count, sizeof *truth, by_account);
    for (uint64_t i = 1; i < count; i++)
        assert_string_not_equal(truth[i - 1].account, truth[i].account);
    tiny_live(world, &log);
    for (uint32_t i = 0; i < log.count; i++) {
        struct world_truth key = {.account = ""};

        memcpy(key.account, log.record[i].account, sizeof log.record[i].account);
        assert_non_null(bsearch(&key, truth, count, sizeof *truth, by_account));
    }
    assert_int_equal(tiny_count(&log, RECORD_ACCOUNT), count);
    free(truth);
    free(log.record);
    world_free(world);
}

static void accounts_are_announced_before_they_act(void **state)
{
    struct tiny t;
    struct tiny_log log;

    (void)state;
    tiny_init(&t);
    t.cohort[0].identity.new_share = 0.4;
    tiny_run(&t, 2, &log);
    for (uint32_t i = 0; i < log.count; i++) {
        bool known = log.record[i].type == RECORD_ACCOUNT;

        for (uint32_t j = 0; j < i && !known; j++)
            known = log.record[j].type == RECORD_ACCOUNT &&
                    strcmp(log.record[j].account, log.record[i].account) == 0;
        assert_true(known);
        if (log.record[i].type == RECORD_ACCOUNT)
            assert_true(log.record[i].created <= log.record[i].stamp.ts);
    }
    free(log.record);
}

static void a_release_is_told_once_and_only_in_the_run(void **state)
{
    struct tiny t;
    struct tiny_log log;

    (void)state;
    tiny_init(&t);
    t.model[1].released = TINY_START + MSEC_DAY;
    tiny_run(&t, 3, &log);
    assert_int_equal(tiny_count(&log, RECORD_RELEASE), 1);
    for (uint32_t i = 0; i < log.count; i++) {
        if (log.record[i].type == RECORD_RELEASE)
            assert_int_equal(log.record[i].stamp.ts, TINY_START + MSEC_DAY);
        if (strcmp(log.record[i].model, "beta") == 0)
            assert_true(log.record[i].stamp.ts >= TINY_START + MSEC_DAY);
    }
    free(log.record);
}

static void without_text_all_else_stays_the_same(void **state)
{
    struct tiny t;
    struct tiny_log with, without;
    struct world *world;
    uint32_t prompts = 0;

    (void)state;
    tiny_init(&t);
    tiny_run(&t, 1, &with);
    world = tiny_world(&t, 1);
    world_text(world, false);
    tiny_live(world, &without);
    world_free(world);
    for (uint32_t i = 0; i < with.count; i++) {
        prompts += with.record[i].has_prompt;
        assert_false(without.record[i].has_prompt);
        with.record[i].has_prompt = false;
        with.record[i].prompt = 0;
    }
    assert_true(prompts > with.count / 20);
    same_log(&with, &without);
    free(with.record);
    free(without.record);
}

static int stop_at_ten(void *ctx, const struct world_stamp *stamp, const struct api_event *ev)
{
    uint32_t *count = ctx;

    (void)stamp;
    (void)ev;
    return ++*count == 10 ? -EPIPE : 0;
}

static void what_the_sink_returns_is_passed_up(void **state)
{
    struct tiny t;
    struct world *world;
    uint32_t count = 0;
    msec_t from, to;
    int r = 0;

    (void)state;
    tiny_init(&t);
    world = tiny_world(&t, 1);
    while (r == 0 && world_next_window(world, &from, &to))
        r = world_generate(world, 0, stop_at_ten, &count);
    assert_int_equal(r, -EPIPE);
    assert_int_equal(count, 10);
    world_free(world);
}

static void a_new_top_model_draws_half_of_a_campaign_in_a_day(void **state)
{
    struct tiny t;
    struct tiny_log log;
    uint32_t before = 0, first_day[2] = {0}, second_day[2] = {0};

    (void)state;
    tiny_init(&t);
    t.model[1] = (struct model){"gamma", TINY_START + MSEC_DAY, 0, TIER_TOP, true};
    t.cohort[0].account_count = 200;
    t.cohort[0].program.model = (double[]){1, 0};
    t.cohort[0].program.pivot_share = 0.5;
    t.cohort[0].program.pivot_ms = MSEC_DAY;
    tiny_run(&t, 1, &log);
    for (uint32_t i = 0; i < log.count; i++) {
        bool pivoted = strcmp(log.record[i].model, "gamma") == 0;
        msec_t day = (log.record[i].stamp.ts - TINY_START) / MSEC_DAY;

        if (log.record[i].type != RECORD_EXCHANGE)
            continue;
        before += day == 0 && pivoted;
        first_day[pivoted] += day == 1;
        second_day[pivoted] += day == 2;
    }
    assert_int_equal(before, 0);
    assert_near((double)first_day[1] / (first_day[0] + first_day[1]), 0.25, 0.03);
    assert_near((double)second_day[1] / (second_day[0] + second_day[1]), 0.5, 0.03);
    free(log.record);
}

static void a_partitioned_list_is_sent_once_over_all_accounts(void **state)
{
    struct tiny t;
    struct tiny_log log;

    (void)state;
    tiny_init(&t);
    t.cohort[0].account_count = 12;
    t.cohort[0].program.text_share = 1;
    memset(t.cohort[0].program.text, 0, sizeof t.cohort[0].program.text);
    t.cohort[0].program.text[TEXT_synthetic] = 1;
    t.cohort[0].work = (struct work_part){WORK_PARTITION, 700, 7};
    tiny_run(&t, 2, &log);
    for (uint32_t i = 0; i < log.count; i++)
        for (uint32_t j = i + 1; j < log.count && log.record[i].has_prompt; j++)
            assert_int_not_equal(log.record[i].prompt, log.record[j].prompt);
    free(log.record);
}

/* Lives the world in steps of an hour and bans the first thirty accounts that appear, at the end of
 * the sixth. */
static struct world *closed_loop_run(const struct tiny *t, uint32_t shards, struct tiny_log *log)
{
    struct world *world = tiny_world(t, shards);
    msec_t from, to;

    *log = (struct tiny_log){NULL, 0, 0};
    world_step(world, MSEC_HOUR);
    while (world_next_window(world, &from, &to)) {
        uint32_t first = log->count;

        assert_true((to - TINY_START) / MSEC_HOUR == (from - TINY_START) / MSEC_HOUR ||
                    world_step_ends(world));
        for (uint32_t s = 0; s < shards; s++)
            assert_int_equal(world_generate(world, s, tiny_take, log), 0);
        if (log->count > first)
            qsort(log->record + first, log->count - first, sizeof *log->record, tiny_order);
        for (uint32_t i = 0, acted = 0; to == TINY_START + 6 * MSEC_HOUR && acted < 30; i++) {
            struct world_subject subject = {.cohort = NULL};
            msec_t until = INT64_MAX;

            if (log->record[i].type != RECORD_ACCOUNT)
                continue;
            (void)snprintf(subject.account, sizeof subject.account, "%s", log->record[i].account);
            world_look(world, &subject, 1);
            assert_non_null(subject.cohort);
            assert_true(world_act(world, &subject, ACTION_BAN, to + MSEC_MINUTE, &until));
            acted++;
        }
    }
    world_settle(world);
    return world;
}

static void a_closed_loop_is_the_same_for_any_number_of_shards(void **state)
{
    struct tiny t;
    struct tiny_log one, other;
    struct world *a, *b;

    (void)state;
    tiny_init(&t);
    t.cohort[0].campaign = true;
    t.cohort[0].reaction = (struct reaction_part){.replace_share = 1,
                                                  .replace_delay_s = tiny_constant(7200),
                                                  .phase_rate = 1,
                                                  .pressure_share = 0.5,
                                                  .pressure_rate = 0.5,
                                                  .pressure_cover = 0.5,
                                                  .pressure_life_days = 0.5,
                                                  .challenge_share = 1};
    a = closed_loop_run(&t, 1, &one);
    b = closed_loop_run(&t, 5, &other);
    same_log(&one, &other);
    assert_true(tiny_count(&one, RECORD_ACTION) == 30);
    assert_int_equal(world_account_count(a), tiny_count(&one, RECORD_ACCOUNT));
    world_free(a);
    world_free(b);
    free(one.record);
    free(other.record);
}

static void a_campaign_under_pressure_slows_down_and_mixes_more_cover(void **state)
{
    struct world_tally calm, pressed;
    struct tiny_log log;
    struct world *world;
    struct tiny t;

    (void)state;
    tiny_init(&t);
    t.cohort[0].campaign = true;
    t.cohort[0].reaction = (struct reaction_part){.phase_rate = 1, .pressure_rate = 0.2};
    t.cohort[0].reaction.pressure_cover = 0.8;
    world = closed_loop_run(&t, 2, &log);
    world_tally(world, 0, &calm);
    assert_int_equal(calm.closed, 30);
    assert_int_equal(calm.pressed_at, INT64_MIN);
    assert_int_equal(calm.cover, 0);
    world_free(world);
    free(log.record);
    t.cohort[0].reaction.pressure_share = 0.3;
    world = closed_loop_run(&t, 2, &log);
    world_tally(world, 0, &pressed);
    assert_int_equal(pressed.pressed_at, TINY_START + 6 * MSEC_HOUR);
    assert_true(pressed.exchanges < calm.exchanges);
    assert_true(pressed.cover > 0);
    world_free(world);
    free(log.record);
}

static void an_account_that_nobody_holds_cannot_be_acted_on(void **state)
{
    struct world_subject subject = {.account = "acc-nobody"};
    struct tiny_log log;
    struct world *world;
    struct tiny t;

    (void)state;
    tiny_init(&t);
    world = closed_loop_run(&t, 1, &log);
    world_look(world, &subject, 1);
    assert_null(subject.cohort);
    world_free(world);
    free(log.record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_shards_lives_the_same_world),
        cmocka_unit_test(another_cohort_changes_nobody_elses_records),
        cmocka_unit_test(records_come_once_and_in_order),
        cmocka_unit_test(exchanges_meet_the_target_within_a_percent),
        cmocka_unit_test(a_target_is_met_by_a_zipf_cohort_too),
        cmocka_unit_test(truth_covers_every_account_that_appears_once),
        cmocka_unit_test(accounts_are_announced_before_they_act),
        cmocka_unit_test(a_release_is_told_once_and_only_in_the_run),
        cmocka_unit_test(without_text_all_else_stays_the_same),
        cmocka_unit_test(what_the_sink_returns_is_passed_up),
        cmocka_unit_test(a_new_top_model_draws_half_of_a_campaign_in_a_day),
        cmocka_unit_test(a_partitioned_list_is_sent_once_over_all_accounts),
        cmocka_unit_test(a_closed_loop_is_the_same_for_any_number_of_shards),
        cmocka_unit_test(a_campaign_under_pressure_slows_down_and_mixes_more_cover),
        cmocka_unit_test(an_account_that_nobody_holds_cannot_be_acted_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
