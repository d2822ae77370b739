#include "sim/program.h"
#include "tests/sim/tiny.h"

enum { MANY = 4000 };

static struct law_table half_normal;

struct program {
    struct tiny t;
    struct program_plan plan;
    struct asker asker;
    struct rng rng;
};

static void program_init(struct program *p)
{
    tiny_init(&p->t);
    law_normal_init(&half_normal);
    rng_split(&p->rng, 1, 2);
}

static struct program_part *part(struct program *p)
{
    return &p->t.cohort[0].program;
}

static void program_start(struct program *p)
{
    memset(&p->plan, 0, sizeof p->plan);
    assert_int_equal(program_plan_init(&p->plan, &p->t.scenario, &p->t.cohort[0], 5, &half_normal),
                     0);
    program_asker_init(&p->plan, 42, 43, "US", &p->asker);
}

static msec_t exchange(struct program *p, struct session *s, struct api_event *ev)
{
    ev->present = 0;
    return program_exchange(&p->plan, &p->asker, &p->t.cohort[0].tempo.think_s, 1.0, &p->rng, s,
                            ev);
}

/* Begins a session of `turns` and makes its first exchange. */
static bool begin(struct program *p, struct session *s, uint32_t turns, struct api_event *ev)
{
    bool listed;

    *s = (struct session){.at = TINY_START, .seed = rng_next(&p->rng), .turns = turns};
    listed = program_begin(&p->plan, &p->asker, rng_next(&p->rng), s);
    (void)exchange(p, s, ev);
    return listed;
}

static void refusals_errors_and_echoes_come_at_their_share(void **state)
{
    struct program p;
    uint32_t refused = 0, failed = 0, echo = 0;

    (void)state;
    program_init(&p);
    part(&p)->refused_share = 0.2;
    part(&p)->error_share = 0.1;
    part(&p)->echo_share = 0.7;
    program_start(&p);
    for (int i = 0; i < MANY; i++) {
        struct session s;
        struct api_event ev;

        (void)begin(&p, &s, 1, &ev);
        refused += ev.refused;
        failed += ev.status != 200;
        echo += ev.echo;
        if (ev.status != 200)
            assert_int_equal(ev.output_tokens, 0);
        if (ev.refused)
            assert_true(ev.output_tokens <= 160);
    }
    assert_near((double)refused / (MANY - failed), 0.2, 0.03);
    assert_near((double)failed / MANY, 0.1, 0.02);
    assert_near((double)echo / MANY, 0.7, 0.03);
    program_plan_deinit(&p.plan);
}

static void a_limited_account_is_turned_away_half_of_the_time(void **state)
{
    struct program p;
    uint32_t refused = 0;

    (void)state;
    program_init(&p);
    program_start(&p);
    p.asker.limited = true;
    for (int i = 0; i < MANY; i++) {
        struct session s;
        struct api_event ev;

        (void)begin(&p, &s, 1, &ev);
        refused += ev.status == 429;
    }
    assert_near((double)refused / MANY, 0.5, 0.03);
    program_plan_deinit(&p.plan);
}

static void later_turns_carry_what_was_said(void **state)
{
    struct program p;
    struct session s;
    struct api_event ev;

    (void)state;
    program_init(&p);
    part(&p)->cached_share = 0.5;
    program_start(&p);
    (void)begin(&p, &s, 6, &ev);
    assert_int_equal(ev.cached_tokens, 0);
    for (int turn = 1; turn < 6; turn++) {
        int64_t before = ev.input_tokens + ev.output_tokens;

        assert_true(exchange(&p, &s, &ev) >= (turn < 5 ? 10000 : 0)); /* ten seconds to think */
        assert_int_equal(ev.turn, turn);
        assert_true(ev.input_tokens > before);
        assert_true(ev.input_tokens < before + 500);
        assert_int_equal(ev.cached_tokens, before / 2);
    }
    assert_int_equal(s.turn, 6);
    program_plan_deinit(&p.plan);
}

static void the_last_turn_has_no_next(void **state)
{
    struct program p;
    struct session s;
    struct api_event ev;

    (void)state;
    program_init(&p);
    program_start(&p);
    (void)begin(&p, &s, 2, &ev);
    assert_int_equal(exchange(&p, &s, &ev), 0);
    program_plan_deinit(&p.plan);
}

static void the_median_of_an_account_is_its_own(void **state)
{
    struct program p;
    double spread[2], total[2];

    (void)state;
    for (int between = 0; between < 2; between++) {
        double sum = 0.0, square = 0.0;

        program_init(&p);
        part(&p)->input_tokens = (struct size_law){6, 1, 1, 1e6};
        part(&p)->token_between = between ? 0.9 : 0.0;
        program_start(&p);
        for (int i = 0; i < MANY; i++) {
            struct session s;
            struct api_event ev;
            double x;

            (void)begin(&p, &s, 1, &ev);
            x = log((double)ev.input_tokens);
            sum += x;
            square += x * x;
        }
        total[between] = sum / MANY;
        spread[between] = sqrt(square / MANY - total[between] * total[between]);
        program_plan_deinit(&p.plan);
    }
    assert_near(spread[0], 1.0, 0.05);
    assert_near(spread[1], sqrt(0.1), 0.05);
    assert_near(total[0], 6.0, 0.05);
}

static void cover_takes_nothing_off_the_list(void **state)
{
    struct program p;
    uint32_t listed = 0;

    (void)state;
    program_init(&p);
    part(&p)->cover_share = 0.6;
    part(&p)->cover = TEXT_relay;
    program_start(&p);
    for (int i = 0; i < MANY; i++) {
        struct session s;
        struct api_event ev;
        bool own = begin(&p, &s, 1, &ev);

        listed += own;
        assert_int_equal(s.text, own ? TEXT_chat : TEXT_relay);
    }
    assert_near((double)listed / MANY, 0.4, 0.03);
    program_plan_deinit(&p.plan);
}

static void the_phase_changes_text_and_refusals(void **state)
{
    struct program p;
    struct session s = {.at = TINY_START + MSEC_DAY - 1};
    uint32_t refused = 0;

    (void)state;
    program_init(&p);
    p.t.cohort[0].reaction.phase_day = 1;
    p.t.cohort[0].reaction.phase_text = TEXT_trace;
    p.t.cohort[0].reaction.phase_refused_share = 0.5;
    program_start(&p);
    assert_true(program_begin(&p.plan, &p.asker, rng_next(&p.rng), &s));
    assert_int_equal(s.text, TEXT_chat);
    for (int i = 0; i < MANY; i++) {
        struct api_event ev;

        s = (struct session){.at = TINY_START + MSEC_DAY, .turns = 1};
        assert_true(program_begin(&p.plan, &p.asker, rng_next(&p.rng), &s));
        assert_int_equal(s.text, TEXT_trace);
        (void)exchange(&p, &s, &ev);
        refused += ev.refused;
    }
    assert_near((double)refused / MANY, 0.5, 0.03);
    program_plan_deinit(&p.plan);
}

static void own_reasoning_blocks_are_sent_back_and_foreign_ones_reused(void **state)
{
    struct program p;
    uint64_t stock[300];
    uint32_t own = 0, foreign = 0, distinct = 0;

    (void)state;
    program_init(&p);
    part(&p)->signature_share = 0.8;
    part(&p)->signature_foreign_share = 0.25;
    program_start(&p);
    for (int i = 0; i < MANY; i++) {
        struct session s = {.at = TINY_START, .seed = rng_next(&p.rng), .turn = 0};
        uint64_t first = program_signature(&p.plan, &s, &p.rng);
        uint32_t k = 0;

        if (first) {
            foreign++;
            while (k < distinct && stock[k] != first)
                k++;
            if (k == distinct && distinct < 300)
                stock[distinct++] = first;
        }
        s.turn = 1;
        own += program_signature(&p.plan, &s, &p.rng) != 0;
    }
    assert_near((double)foreign / MANY, 0.2, 0.03); /* also in first turns: another session's */
    assert_true(distinct <= 256);
    assert_near((double)own / MANY, 0.84, 0.03);
    part(&p)->signature_share = 0;
    assert_int_equal(program_signature(&p.plan, &(struct session){.turn = 3}, &p.rng), 0);
    program_plan_deinit(&p.plan);
}

static void settings_stay_with_the_account(void **state)
{
    struct program p;
    uint32_t warm = 0, streams = 0;

    (void)state;
    program_init(&p);
    part(&p)->temperature_known = 0.5;
    part(&p)->stream_share = 0.3;
    part(&p)->tools_share = 1;
    part(&p)->tools_max = 6;
    part(&p)->max_tokens = 400;
    program_start(&p);
    for (uint64_t i = 0; i < MANY; i++) {
        struct session s;
        struct api_event ev;

        program_asker_init(&p.plan, i, mix64(i), "US", &p.asker);
        for (int k = 0; k < 2; k++) {
            (void)begin(&p, &s, 1, &ev);
            assert_int_equal(event_has(&ev, FIELD_temperature), !isnan(p.asker.temperature));
            assert_int_equal(ev.stream, p.asker.stream);
            assert_int_equal(ev.tools, p.asker.tools);
            assert_int_equal(ev.max_tokens, p.asker.max_tokens);
            assert_true(ev.output_tokens <= ev.max_tokens);
        }
        assert_in_range(p.asker.tools, 1, 6);
        warm += event_has(&ev, FIELD_temperature) && ev.temperature > 0.69;
        streams += ev.stream;
    }
    assert_near((double)warm / MANY, 0.5, 0.03);
    assert_near((double)streams / MANY, 0.3, 0.03);
    program_plan_deinit(&p.plan);
}

static void tools_and_images_come_at_their_share(void **state)
{
    struct program p;
    uint32_t tools = 0, images = 0;

    (void)state;
    program_init(&p);
    part(&p)->tools_share = 0.4;
    part(&p)->tools_max = 6;
    part(&p)->images_share = 0.3;
    part(&p)->images_max = 3;
    program_start(&p);
    for (int i = 0; i < MANY; i++) {
        struct session s;
        struct api_event ev;

        (void)begin(&p, &s, 1, &ev);
        tools += ev.tools > 0;
        images += ev.images > 0;
        assert_in_range(ev.images, 0, 3);
    }
    assert_near((double)tools / MANY, 0.4, 0.03);
    assert_near((double)images / MANY, 0.3, 0.03);
    program_plan_deinit(&p.plan);
}

static void languages_are_the_accounts_or_mixed(void **state)
{
    struct program p;
    bool seen[16] = {false};
    int count = 0;

    (void)state;
    program_init(&p);
    program_start(&p);
    program_asker_init(&p.plan, 1, 2, "DE", &p.asker);
    assert_string_equal(program_language[p.asker.language], "de");
    assert_string_equal(program_language[program_language_of("XX")], "en");
    part(&p)->language_count = 12;
    for (int i = 0; i < 400; i++) {
        struct session s;
        struct api_event ev;

        (void)begin(&p, &s, 1, &ev);
        count += !seen[s.language];
        seen[s.language] = true;
        assert_true(s.language < program_language_count);
    }
    assert_int_equal(count, 12);
    program_plan_deinit(&p.plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_errors_and_echoes_come_at_their_share),
        cmocka_unit_test(a_limited_account_is_turned_away_half_of_the_time),
        cmocka_unit_test(later_turns_carry_what_was_said),
        cmocka_unit_test(the_last_turn_has_no_next),
        cmocka_unit_test(the_median_of_an_account_is_its_own),
        cmocka_unit_test(cover_takes_nothing_off_the_list),
        cmocka_unit_test(the_phase_changes_text_and_refusals),
        cmocka_unit_test(own_reasoning_blocks_are_sent_back_and_foreign_ones_reused),
        cmocka_unit_test(settings_stay_with_the_account),
        cmocka_unit_test(tools_and_images_come_at_their_share),
        cmocka_unit_test(languages_are_the_accounts_or_mixed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
