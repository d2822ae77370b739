#include "sim/identity.h"
#include "tests/sim/tiny.h"

static const struct span RUN = {1769990400000, 1769990400000 + TINY_DAYS *MSEC_DAY};

static struct person person_of(const struct tiny *t, uint32_t index, uint32_t generation)
{
    return (struct person){&t->cohort[0], 5, mix64(index), index, generation};
}

static void record_of(const struct person *p, struct tiny_record *out)
{
    const struct exit_address home = {"192.0.2.1", 9, 64512, "DE"};
    char text[IDENTITY_TEXT_MAX];
    struct api_event ev = {.type = RECORD_ACCOUNT};
    struct tiny_log log = {NULL, 0, 0};
    struct world_stamp stamp = {TINY_START, 1, 0};

    identity_record(p, TINY_START, TINY_START - 5, &home, text, &ev);
    assert_int_equal(tiny_take(&log, &stamp, &ev), 0);
    *out = log.record[0];
    tiny_keep(out->client, sizeof out->client, ev.email_domain);
    tiny_keep(out->name, sizeof out->name, ev.name_shape);
    tiny_keep(out->country, sizeof out->country, ev.billing_country);
    tiny_keep(out->action, sizeof out->action, ev.plan);
    tiny_keep(out->model, sizeof out->model, ev.program);
    tiny_keep(out->id, sizeof out->id, ev.device);
    tiny_keep(out->signature, sizeof out->signature, ev.org);
    free(log.record);
}

static void each_account_of_a_seat_has_its_own_id(void **state)
{
    struct tiny t;
    struct person first, second, other;

    (void)state;
    tiny_init(&t);
    first = person_of(&t, 1, 0);
    second = person_of(&t, 1, 1);
    other = person_of(&t, 2, 0);
    assert_int_not_equal(identity_account(&first), identity_account(&second));
    assert_int_not_equal(identity_account(&first), identity_account(&other));
}

static void instruments_are_shared_by_as_many_as_the_cohort_says(void **state)
{
    struct tiny t;
    struct tiny_record r[8];

    (void)state;
    tiny_init(&t);
    t.cohort[0].identity.accounts_per_payment = 4;
    t.cohort[0].identity.accounts_per_org = 2;
    for (uint32_t i = 0; i < 8; i++) {
        struct person p = person_of(&t, i, 0);

        record_of(&p, &r[i]);
        assert_string_equal(r[i].payment, r[i / 4 * 4].payment);
        assert_string_equal(r[i].signature, r[i / 2 * 2].signature);
        assert_true(i == 0 || strcmp(r[i].id, r[i - 1].id) != 0);
    }
    assert_string_not_equal(r[0].payment, r[4].payment);
    assert_string_not_equal(r[0].signature, r[2].signature);
}

static void what_a_cohort_does_not_record_is_absent(void **state)
{
    struct tiny t;
    struct person p;
    struct tiny_record r;

    (void)state;
    tiny_init(&t);
    t.cohort[0].identity.accounts_per_payment = 0;
    t.cohort[0].identity.accounts_per_device = 0;
    t.cohort[0].identity.accounts_per_signup_ip = 0;
    p = person_of(&t, 1, 0);
    record_of(&p, &r);
    assert_string_equal(r.payment, "");
    assert_string_equal(r.id, "");
    assert_string_equal(r.ip, "");
    assert_string_equal(r.signature, "");
    assert_int_equal(identity_org(&p), 0);
}

static void old_accounts_are_as_old_as_the_cohort_says(void **state)
{
    struct tiny t;

    (void)state;
    tiny_init(&t);
    for (uint32_t i = 0; i < 200; i++) {
        struct person p = person_of(&t, i, 0);
        msec_t age = TINY_START - identity_created(&p, RUN, TINY_START);

        assert_true(age >= 10 * MSEC_DAY - 1 && age <= 500 * MSEC_DAY);
    }
}

static void new_accounts_are_created_in_the_run(void **state)
{
    struct tiny t;
    uint32_t fresh = 0;

    (void)state;
    tiny_init(&t);
    t.cohort[0].identity.new_share = 0.3;
    for (uint32_t i = 0; i < 2000; i++) {
        struct person p = person_of(&t, i, 0);
        msec_t created = identity_created(&p, RUN, TINY_START);

        assert_true(created < RUN.to);
        fresh += created >= TINY_START;
    }
    assert_near(fresh / 2000.0, 0.3, 0.03);
}

static void a_wave_has_near_constant_spacing(void **state)
{
    struct tiny t;

    (void)state;
    tiny_init(&t);
    t.cohort[0].identity.new_share = 1;
    t.cohort[0].identity.wave_size = 20;
    t.cohort[0].identity.wave_interval_s = 23.6;
    for (uint32_t i = 1; i < 20; i++) {
        struct person a = person_of(&t, i - 1, 0), b = person_of(&t, i, 0);
        msec_t gap = identity_created(&b, RUN, TINY_START) - identity_created(&a, RUN, TINY_START);

        assert_near((double)gap, 23600, 0.16 * 23600);
    }
}

static void formulaic_names_end_in_three_digits(void **state)
{
    struct tiny t;
    uint32_t honest = 0;

    (void)state;
    tiny_init(&t);
    for (int formulaic = 0; formulaic < 2; formulaic++) {
        t.cohort[0].identity.formulaic_names = formulaic;
        for (uint32_t i = 0; i < 300; i++) {
            struct person p = person_of(&t, i, 0);
            struct tiny_record r;
            size_t n;

            record_of(&p, &r);
            n = strlen(r.name);
            assert_true(n >= 7 && r.name[0] == 'a');
            if (formulaic)
                assert_string_equal(r.name + n - 4, "a000");
            else
                honest += strcmp(r.name + n - 4, "a000") == 0;
        }
    }
    assert_in_range(honest, 5, 120); /* people do so too */
}

static void own_mail_domains_are_as_many_as_the_cohort_has(void **state)
{
    struct tiny t;
    char seen[8][40];
    uint32_t count = 0;

    (void)state;
    tiny_init(&t);
    t.cohort[0].identity.mail_domain_count = 3;
    t.cohort[0].identity.own_mail_share = 1;
    for (uint32_t i = 0; i < 200; i++) {
        struct person p = person_of(&t, i, 0);
        struct tiny_record r;
        uint32_t k = 0;

        record_of(&p, &r);
        while (k < count && strcmp(seen[k], r.client) != 0)
            k++;
        if (k == count)
            memcpy(seen[count++], r.client, sizeof r.client);
        assert_true(count <= 3);
        assert_non_null(strstr(r.client, ".example"));
    }
    assert_int_equal(count, 3);
}

static void billing_differs_for_the_share_that_the_cohort_has(void **state)
{
    struct tiny t;
    uint32_t elsewhere = 0, programs = 0;

    (void)state;
    tiny_init(&t);
    t.cohort[0].identity.billing_mismatch_share = 0.4;
    t.cohort[0].identity.program_share = 0.2;
    for (uint32_t i = 0; i < 2000; i++) {
        struct person p = person_of(&t, i, 0);
        struct tiny_record r;

        record_of(&p, &r);
        elsewhere += strcmp(r.country, "DE") != 0;
        programs += r.model[0] != '\0';
        assert_string_equal(r.action, "free");
    }
    assert_near(elsewhere / 2000.0, 0.4, 0.03);
    assert_near(programs / 2000.0, 0.2, 0.03);
}

static void a_shared_signup_exit_is_the_same_number(void **state)
{
    struct tiny t;
    struct person a, b, c;

    (void)state;
    tiny_init(&t);
    t.cohort[0].identity.accounts_per_signup_ip = 2;
    a = person_of(&t, 0, 0);
    b = person_of(&t, 1, 0);
    c = person_of(&t, 2, 0);
    assert_int_equal(identity_signup_exit(&a), identity_signup_exit(&b));
    assert_int_not_equal(identity_signup_exit(&a), identity_signup_exit(&c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_account_of_a_seat_has_its_own_id),
        cmocka_unit_test(instruments_are_shared_by_as_many_as_the_cohort_says),
        cmocka_unit_test(what_a_cohort_does_not_record_is_absent),
        cmocka_unit_test(old_accounts_are_as_old_as_the_cohort_says),
        cmocka_unit_test(new_accounts_are_created_in_the_run),
        cmocka_unit_test(a_wave_has_near_constant_spacing),
        cmocka_unit_test(formulaic_names_end_in_three_digits),
        cmocka_unit_test(own_mail_domains_are_as_many_as_the_cohort_has),
        cmocka_unit_test(billing_differs_for_the_share_that_the_cohort_has),
        cmocka_unit_test(a_shared_signup_exit_is_the_same_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
