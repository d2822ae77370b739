#include "base/rng.h"
#include "detector/content.h"
#include "detector/judge.h"
#include "tests/support.h"

#include <math.h>
#include <string.h>

/* A link by two families. */
#define TIE ((struct tie){12.0f, true})

enum { ALL = 400, HUBS = 256 };

/* A platform of a million accounts, 100,000 of them trusted, of which the first ALL are here.
 * Groups are made of accounts 0, 1, ... that share a card and a device and work through a list. */
struct fixture {
    struct account account[ALL];
    struct population population;
    struct releases releases;
    struct names *names;
    struct hubs *hubs;
    struct groups *groups;
    struct detector_config config;
    struct judge_context ctx;
};

static bool nobody(const void *ctx, uint32_t index)
{
    (void)ctx;
    (void)index;
    return false;
}

static void show(struct fixture *f, uint32_t account, unsigned kind, uint64_t hash)
{
    if (account_value(&f->account[account], kind, mix64(hash)))
        (void)hubs_observe(f->hubs, value_pack(kind, mix64(hash)), STR("v"), account, false, nobody,
                           NULL, 0);
}

static void spread(struct feature_stat *stat, double mean, double sd)
{
    *stat = (struct feature_stat){1000, mean, sd * sd * 999.0};
}

static void open(struct fixture *f, uint32_t members)
{
    const struct hubs_config config = {HUBS, 4096};

    memset(f, 0, sizeof *f);
    detector_config_default(&f->config);
    assert_int_equal(names_new(65536, &f->names), 0);
    assert_int_equal(hubs_new(&config, f->names, &f->hubs), 0);
    assert_int_equal(groups_new(16, ALL, f->account, &f->groups), 0);
    spread(&f->population.last[FEATURE_rate], log(5.0), 1.5);
    spread(&f->population.last[FEATURE_follow_up], 0.5, 0.3);
    spread(&f->population.last[FEATURE_input], 6.0, 1.0);
    spread(&f->population.last[FEATURE_output], 6.0, 1.0);
    spread(&f->population.last[FEATURE_repeated], 0.05, 0.1);
    for (uint32_t i = 0; i < ALL; i++)
        account_init(&f->account[i], i + 1, 0);
    f->ctx = (struct judge_context){
        .config = &f->config,
        .account = f->account,
        .groups = f->groups,
        .names = f->names,
        .population = &f->population,
        .releases = &f->releases,
        .link = {f->account, f->hubs, 1000000, 100000, 0xffff, 0},
    };
    for (uint32_t i = 0; i < members; i++) {
        struct account *a = &f->account[i];

        a->exchanges = a->turns_known = a->openers = a->family = 500;
        a->last_ts = 10 * MSEC_DAY;
        show(f, i, ATTRIBUTE_payment, 1);
        show(f, i, ATTRIBUTE_device, 2);
        if (i > 0)
            assert_true(groups_link(f->groups, i - 1, i, TIE));
    }
}

static void close(struct fixture *f)
{
    groups_free(f->groups);
    hubs_free(f->hubs);
    names_free(f->names);
}

static void judge(struct fixture *f, struct judgement *j)
{
    memset(j, 0, sizeof *j);
    judge_group(&f->ctx, groups_get(f->groups, 0), j);
    assert_near(j->log_odds, evidence_sum(&j->evidence, 0), 1e-12);
}

static const struct evidence *item(const struct judgement *j, const char *signal)
{
    for (uint32_t i = 0; i < j->evidence.count; i++)
        if (strcmp(j->evidence.item[i].signal, signal) == 0)
            return &j->evidence.item[i];
    return NULL;
}

static void sixteen_members_never_reach_review_and_seventeen_may(void **state)
{
    static struct fixture f;
    struct judgement j;

    (void)state;
    open(&f, 16);
    judge(&f, &j);
    assert_true(j.answers.one_operator < 0.5);
    assert_true(j.answers.harvesting > 0.5);
    assert_true(j.level < LEVEL_REVIEW);
    assert_non_null(item(&j, "gate"));
    close(&f);
    open(&f, 17);
    judge(&f, &j);
    assert_true(j.answers.one_operator >= 0.5);
    assert_true(j.level >= LEVEL_REVIEW);
    assert_int_equal(j.verdict, VERDICT_DISTILLING);
    assert_null(item(&j, "gate"));
    close(&f);
}

static void control_without_harvesting_is_abusive_and_held_below_review(void **state)
{
    static struct fixture f;
    struct judgement j;

    (void)state;
    open(&f, 150);
    for (uint32_t i = 0; i < 150; i++) {
        f.account[i].family = 0;       /* no template */
        f.account[i].follow_ups = 250; /* as many follow-ups as anybody */
    }
    judge(&f, &j);
    assert_true(j.answers.one_operator > 0.9);
    assert_true(j.answers.harvesting < 0.5);
    assert_true(j.level < LEVEL_REVIEW);
    assert_int_equal(j.verdict, VERDICT_ABUSIVE);
    close(&f);
}

static void one_declared_organisation_is_declared(void **state)
{
    static struct fixture f;
    struct judgement j;

    (void)state;
    open(&f, 30);
    for (uint32_t i = 0; i < 30; i++)
        f.account[i].org = 77;
    judge(&f, &j);
    assert_int_equal(j.verdict, VERDICT_DECLARED);
    assert_null(item(&j, "payment")); /* declared accounts have no links */
    close(&f);
}

static void repeated_prompts_speak_against_a_list(void **state)
{
    static struct fixture f;
    struct judgement j;
    double before;

    (void)state;
    open(&f, 30);
    judge(&f, &j);
    before = item(&j, "work_list")->weight;
    for (uint32_t i = 0; i < 30; i++)
        f.account[i].repeats = 99; /* just below a fifth */
    judge(&f, &j);
    assert_true(item(&j, "work_list")->weight > 0.0);
    assert_true(item(&j, "work_list")->weight < before);
    for (uint32_t i = 0; i < 30; i++)
        f.account[i].repeats = 100; /* a fifth */
    judge(&f, &j);
    assert_true(item(&j, "work_list")->weight < 0.0);
    close(&f);
}

static void few_exchanges_say_nothing_of_usage(void **state)
{
    static struct fixture f;
    struct judgement j;

    (void)state;
    open(&f, 3);
    for (uint32_t i = 0; i < 3; i++)
        f.account[i].exchanges = f.account[i].openers = f.account[i].turns_known =
            f.account[i].family = 19;
    judge(&f, &j);
    assert_null(item(&j, "work_list"));
    assert_null(item(&j, "follow_up"));
    for (uint32_t i = 0; i < 3; i++)
        f.account[i].openers = f.account[i].turns_known = f.account[i].family = 20;
    judge(&f, &j);
    assert_non_null(item(&j, "work_list"));
    assert_non_null(item(&j, "follow_up"));
    close(&f);
}

/* The base rate at which the group's score is `score`. */
static void set_score(struct fixture *f, double score)
{
    struct judgement j;

    f->config.base_rate = 0.001;
    judge(f, &j);
    f->config.base_rate = logistic(log_odds(0.001) + log_odds(score) - j.log_odds);
}

static void a_raised_group_stays_at_review_until_its_score_falls_below_watch(void **state)
{
    static struct fixture f;
    struct judgement j;

    (void)state;
    open(&f, 30);
    set_score(&f, 0.21);
    judge(&f, &j);
    assert_int_equal(j.level, LEVEL_WATCH);
    groups_get(f.groups, 0)->level = LEVEL_REVIEW;
    judge(&f, &j);
    assert_int_equal(j.level, LEVEL_REVIEW);
    set_score(&f, 0.19);
    judge(&f, &j);
    assert_int_equal(j.level, LEVEL_NONE);
    close(&f);
}

static void old_members_speak_for_a_group_where_they_are_more_than_anywhere(void **state)
{
    static struct fixture f;
    struct judgement j;

    (void)state;
    open(&f, 30);
    for (uint32_t i = 0; i < 3; i++)
        f.account[i].cleared = 1; /* a tenth, as of all accounts */
    judge(&f, &j);
    assert_null(item(&j, "long_standing"));
    f.account[3].cleared = 1;
    judge(&f, &j);
    assert_true(item(&j, "long_standing")->weight < 0.0);
    assert_null(item(&j, "newcomers"));
    close(&f);
}

static void a_group_that_signed_up_in_one_place_does_not_hide(void **state)
{
    static struct fixture f;
    struct judgement j;

    (void)state;
    open(&f, 30);
    for (uint32_t i = 0; i < 30; i++)
        show(&f, i, ATTRIBUTE_signup_ip, 100 + i % 5);
    judge(&f, &j);
    assert_null(item(&j, "one_place"));
    for (uint32_t i = 0; i < 30; i++)
        show(&f, i, ATTRIBUTE_signup_ip, i < 24 ? 200 : 300 + i);
    judge(&f, &j);
    assert_near(item(&j, "one_place")->observed, 0.8, 1e-9);
    assert_near(item(&j, "one_place")->weight, -6.0, 1e-9);
    close(&f);
    open(&f, 400); /* more than a class */
    for (uint32_t i = 0; i < 400; i++)
        show(&f, i, ATTRIBUTE_signup_ip, 200);
    judge(&f, &j);
    assert_near(item(&j, "one_place")->weight, -3.0, 1e-9);
    close(&f);
}

static void accounts_without_a_payment_instrument_live_on_free_credit(void **state)
{
    static struct fixture f;
    struct judgement j;

    (void)state;
    open(&f, 30);
    spread(&f.population.last[FEATURE_unpaid], 0.2, 0.4);
    for (uint32_t i = 0; i < 30; i++)
        f.account[i].created = 1;
    judge(&f, &j);
    assert_null(item(&j, "unpaid")); /* all of them show a card */
    for (uint32_t i = 0; i < 30; i++)
        f.account[i].last[ATTRIBUTE_payment] = 0;
    judge(&f, &j);
    assert_near(item(&j, "unpaid")->weight, -4.0, 1e-9);
    close(&f);
}

static void strangers_with_one_task_stay_unlike(void **state)
{
    static struct fixture f;
    struct judgement j;

    (void)state;
    open(&f, 30);
    judge(&f, &j);
    assert_null(item(&j, "unlike"));    /* all send 500 */
    for (uint32_t i = 0; i < 30; i++) { /* rates as different as anybody's */
        f.account[i].exchanges = (uint32_t)(500.0 * exp(1.5 * (i % 2 ? 1.0 : -1.0)));
        f.account[i].input = (struct log_sum){
            f.account[i].exchanges, (float)f.account[i].exchanges * (i % 3 ? 5.2f : 7.2f)};
        f.account[i].output = f.account[i].input;
    }
    judge(&f, &j);
    assert_true(item(&j, "unlike")->observed > 0.7);
    assert_true(item(&j, "unlike")->weight < -1.0);
    close(&f);
}

static void many_accounts_for_one_need_are_breadth(void **state)
{
    static struct fixture f;
    struct judgement j;

    (void)state;
    open(&f, 20);
    judge(&f, &j);
    assert_null(item(&j, "breadth"));
    close(&f);
    open(&f, 300);
    judge(&f, &j);
    assert_true(item(&j, "breadth")->weight > 1.0);
    close(&f);
}

static void sessions_that_begin_with_blocks_of_other_accounts_are_replay(void **state)
{
    static struct fixture f;
    struct judgement j;

    (void)state;
    open(&f, 30);
    f.account[0].replayed = 299; /* of 15,000 sessions */
    judge(&f, &j);
    assert_null(item(&j, "replay"));
    f.account[1].replayed = 1;
    judge(&f, &j);
    assert_near(item(&j, "replay")->observed, 0.02, 1e-9);
    assert_true(item(&j, "replay")->weight > 1.0); /* the question is capped as a whole */
    for (uint32_t i = 0; i < 30; i++) {
        f.account[i].follow_ups = 490; /* ten sessions */
        f.account[i].replayed = 0;
    }
    f.account[0].replayed = 19;
    judge(&f, &j);
    assert_null(item(&j, "replay")); /* too few to be more than a chance */
    f.account[0].replayed = 20;
    judge(&f, &j);
    assert_true(item(&j, "replay")->weight > 1.0); /* the question is capped as a whole */
    close(&f);
}

/* All members are long-standing and use six phrases; what is known of their evenness. */
static void share_phrases(struct fixture *f, uint32_t members, float even, float collected)
{
    f->ctx.trusted_before = f->ctx.link.trusted_before = 1000;
    for (uint32_t phrase = 1; phrase <= 6; phrase++) {
        uint32_t hub = HUB_NONE;

        for (uint32_t i = 0; i < members; i++) {
            f->account[i].created = 1;
            (void)content_see(&f->account[i], phrase);
            hub = hubs_observe_counted(f->hubs, value_pack(LINK_ITEM, item_hash(phrase)), 0, i,
                                       members, members, 0);
        }
        hubs_set_even(f->hubs, hub, even, collected);
    }
}

static void what_is_even_counts_in_large_groups_and_what_collectors_share_in_all(void **state)
{
    static struct fixture f;
    struct judgement j;

    (void)state;
    open(&f, 40);
    f.config.families = f.ctx.link.families = 1u << FAMILY_content | 1u << FAMILY_prior;
    share_phrases(&f, 40, 24.0f, 0.0f);
    judge(&f, &j);
    assert_null(item(&j, "template"));
    share_phrases(&f, 40, 0.0f, 24.0f);
    judge(&f, &j);
    assert_near(item(&j, "template")->weight, 1.8 + 1.3 * log(40.0 / 3.0), 1e-6); /* the cap */
    close(&f);
}

static void an_account_in_no_group_cannot_reach_review(void **state)
{
    static struct fixture f;
    struct judgement j;
    struct account *a = &f.account[5];

    (void)state;
    open(&f, 0);
    judge_account(&f.ctx, 5, &j); /* nothing is known of it */
    assert_int_equal(j.evidence.count, 1);
    assert_near(logistic(j.log_odds), 0.001, 1e-9);
    spread(&f.population.last[FEATURE_words], 2.0, 0.5);
    spread(&f.population.last[FEATURE_limit], 0.0, 1.0);
    a->exchanges = a->turns_known = a->texts = 100000;
    a->words = (struct log_spread){100000, 400000.0f, 1700000.0f};
    a->limits = 800000.0f;
    a->last_ts = MSEC_DAY;
    judge_account(&f.ctx, 5, &j);
    /* 1 for long prompts, 1 for a stated limit, 0.83 for no follow-up: capped together */
    assert_near(item(&j, "words")->weight, 2.5 / (2.0 + 0.5 / 0.6), 1e-3);
    assert_near(j.log_odds, log_odds(0.001) + 2.5, 1e-6);
    assert_int_equal(j.level, LEVEL_NONE);
    close(&f);
}

static void hints_of_few_exchanges_count_less(void **state)
{
    static struct fixture f;
    struct judgement j;
    struct account *a = &f.account[5];

    (void)state;
    open(&f, 0);
    spread(&f.population.last[FEATURE_words], 2.0, 0.5);
    a->exchanges = a->texts = 4;
    a->words = (struct log_spread){4, 9.0f, 21.0f};
    judge_account(&f.ctx, 5, &j);
    assert_near(item(&j, "words")->weight, 0.5 * 0.25, 1e-6); /* half a standard deviation */
    a->exchanges = 36;
    judge_account(&f.ctx, 5, &j);
    assert_near(item(&j, "words")->weight, 0.9 * 0.25, 1e-6);
    close(&f);
}

static void a_member_takes_the_group_s_score(void **state)
{
    static struct fixture f;
    struct judgement j, member;
    struct group *group;

    (void)state;
    open(&f, 30);
    judge(&f, &j);
    group = groups_get(f.groups, 0);
    group->log_odds = j.log_odds;
    group->profile = j.profile;
    judge_account(&f.ctx, 7, &member);
    assert_true(member.log_odds <= j.log_odds); /* it may still be none of them */
    assert_true(member.log_odds > j.log_odds - 1.5);
    assert_near(judge_member_log_odds(&f.ctx, group, &f.account[7]), member.log_odds, 1e-9);
    f.account[7].exchanges = 500000; /* a thousand times the others' rate */
    judge_account(&f.ctx, 7, &member);
    assert_true(member.log_odds < j.log_odds - 1.0);
    assert_near(judge_member_log_odds(&f.ctx, group, &f.account[7]), member.log_odds, 1e-9);
    close(&f);
}

static void members_in_step_are_harvesting_and_a_team_s_clock_is_not(void **state)
{
    static struct fixture f;
    struct judgement j;
    double before;

    (void)state;
    open(&f, 100);
    f.config.families &= ~(1u << FAMILY_usage | 1u << FAMILY_worklist); /* no cap applies */
    judge(&f, &j);
    before = j.answers.harvesting;
    groups_get(f.groups, 0)->coactivity =
        (struct coactivity){.pairs = 2200.0, .expected = 1000.0, .hours = 100};
    judge(&f, &j);
    /* (2,200 - 3 sqrt(2,000)) / 1,000 */
    assert_near(item(&j, "synchrony")->observed, 2.0658, 0.001);
    assert_near(item(&j, "synchrony")->weight, 2.0 * log(2.0658), 0.001);
    assert_true(j.answers.harvesting > before);
    groups_get(f.groups, 0)->coactivity.pairs = 1100.0; /* no more than chance */
    judge(&f, &j);
    assert_null(item(&j, "synchrony"));
    close(&f);
    open(&f, 10); /* a fifth of 50 members */
    f.config.families &= ~(1u << FAMILY_usage | 1u << FAMILY_worklist);
    groups_get(f.groups, 0)->coactivity =
        (struct coactivity){.pairs = 2200.0, .expected = 1000.0, .hours = 100};
    judge(&f, &j);
    assert_near(item(&j, "synchrony")->weight, 0.4 * log(2.0658), 0.001);
    close(&f);
}

static const char *lack(const struct judgement *j, const char *signal)
{
    for (uint32_t i = 0; i < j->evidence.lack_count; i++)
        if (strcmp(j->evidence.lack[i].signal, signal) == 0)
            return j->evidence.lack[i].why;
    return NULL;
}

static void too_little_data_is_told_apart_from_nothing_found(void **state)
{
    static struct fixture f;
    struct judgement j;

    (void)state;
    open(&f, 7);
    judge(&f, &j);
    assert_non_null(strstr(lack(&j, "newcomers"), "8 members"));
    assert_non_null(strstr(lack(&j, "synchrony"), "4 hours"));
    assert_non_null(strstr(lack(&j, "pivot"), "release"));
    assert_null(lack(&j, "work_list")); /* 3,500 openers */
    assert_non_null(item(&j, "work_list"));
    close(&f);
    open(&f, 8);
    judge(&f, &j);
    assert_null(lack(&j, "newcomers"));
    for (uint32_t i = 0; i < j.evidence.lack_count; i++) /* never both */
        assert_null(item(&j, j.evidence.lack[i].signal));
    close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_little_data_is_told_apart_from_nothing_found),
        cmocka_unit_test(sixteen_members_never_reach_review_and_seventeen_may),
        cmocka_unit_test(control_without_harvesting_is_abusive_and_held_below_review),
        cmocka_unit_test(one_declared_organisation_is_declared),
        cmocka_unit_test(repeated_prompts_speak_against_a_list),
        cmocka_unit_test(few_exchanges_say_nothing_of_usage),
        cmocka_unit_test(a_raised_group_stays_at_review_until_its_score_falls_below_watch),
        cmocka_unit_test(old_members_speak_for_a_group_where_they_are_more_than_anywhere),
        cmocka_unit_test(a_group_that_signed_up_in_one_place_does_not_hide),
        cmocka_unit_test(accounts_without_a_payment_instrument_live_on_free_credit),
        cmocka_unit_test(strangers_with_one_task_stay_unlike),
        cmocka_unit_test(many_accounts_for_one_need_are_breadth),
        cmocka_unit_test(sessions_that_begin_with_blocks_of_other_accounts_are_replay),
        cmocka_unit_test(what_is_even_counts_in_large_groups_and_what_collectors_share_in_all),
        cmocka_unit_test(an_account_in_no_group_cannot_reach_review),
        cmocka_unit_test(hints_of_few_exchanges_count_less),
        cmocka_unit_test(a_member_takes_the_group_s_score),
        cmocka_unit_test(members_in_step_are_harvesting_and_a_team_s_clock_is_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
