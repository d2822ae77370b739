#include "base/rng.h"
#include "detector/account.h"
#include "tests/support.h"

#include <math.h>

static struct digest exchange(msec_t ts)
{
    struct digest d = {.ts = ts};

    d.n = (struct digest_numbers){-1, -1, -1, -1, -1, -1, -1, -1, -1, NAN};
    d.stream = d.refused = d.echo = d.verified = 2;
    return d;
}

static void token_sums_are_those_of_logarithms(void **state)
{
    struct account a;
    double sum = 0.0;
    int32_t tokens[] = {0, 1, 2, 7, 100, 4095, 99147, INT32_MAX};
    size_t n = sizeof tokens / sizeof *tokens;

    (void)state;
    account_init(&a, 1, 0);
    for (size_t i = 0; i < n; i++) {
        struct digest d = exchange((msec_t)i);

        d.n.input_tokens = tokens[i];
        account_exchange(&a, &d);
        sum += log1p((double)tokens[i]);
    }
    assert_near(log_sum_mean(&a.input), sum / (double)n, 2e-3);
    assert_int_equal(a.output.count, 0);
}

static void prompts_are_known_by_mean_and_spread_of_the_logarithm_of_their_words(void **state)
{
    static const uint16_t words[] = {3, 12, 40, 40, 250};
    struct account a;
    double sum = 0.0, square = 0.0, n = sizeof words / sizeof *words;

    (void)state;
    account_init(&a, 1, 0);
    assert_near(log_spread_sd(&a.words), 0.0, 0.0);
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
        struct digest d = exchange(i);
        double x = log1p((double)words[i]);

        d.sketch.prompt = 7;
        d.sketch.words = words[i];
        d.n.max_tokens = i < 2 ? 4096 : -1;
        account_exchange(&a, &d);
        sum += x;
        square += x * x;
    }
    assert_near(log_spread_mean(&a.words), sum / n, 2e-3);
    assert_near(log_spread_sd(&a.words), sqrt((square - sum * sum / n) / (n - 1.0)), 5e-3);
    assert_near(a.limits, 2.0 * log1p(4096.0), 5e-3);
}

static void a_rotating_exit_does_not_push_out_the_payment(void **state)
{
    struct account a;
    uint64_t card = mix64(1);

    (void)state;
    account_init(&a, 1, 0);
    assert_true(account_value(&a, ATTRIBUTE_payment, card));
    for (uint64_t i = 0; i < 1000; i++)
        assert_true(account_value(&a, ATTRIBUTE_ip, mix64(100 + i)));
    assert_true(account_holds(&a, value_pack(ATTRIBUTE_payment, card)));
    assert_false(account_value(&a, ATTRIBUTE_payment, card));
    assert_false(account_value(&a, ATTRIBUTE_ip, mix64(100 + 999)));
}

static void shared_blocks_have_places_of_their_own(void **state)
{
    struct account a;
    uint64_t card = mix64(1), first = value_pack(ATTRIBUTE_signature, mix64(2));
    unsigned held = 0;

    (void)state;
    account_init(&a, 1, 0);
    assert_true(account_value(&a, ATTRIBUTE_payment, card));
    account_hold_block(&a, first);
    for (uint64_t i = 0; i < 1000; i++)
        assert_true(account_value(&a, ATTRIBUTE_ip, mix64(100 + i)));
    assert_true(account_holds(&a, first)); /* a rotating exit does not push it out */
    for (uint64_t i = 0; i < 1000; i++)
        account_hold_block(&a, value_pack(ATTRIBUTE_signature, mix64(5000 + i)));
    assert_true(account_holds(&a, value_pack(ATTRIBUTE_signature, mix64(5999)))); /* the newest */
    assert_true(account_holds(&a, value_pack(ATTRIBUTE_payment, card)));
    assert_true(account_holds(&a, value_pack(ATTRIBUTE_ip, mix64(100 + 999))));
    for (unsigned i = 0; i < ACCOUNT_VALUES; i++)
        held += a.value[i] && value_kind(a.value[i]) == ATTRIBUTE_signature;
    assert_int_equal(held, ACCOUNT_BLOCKS);
}

static void a_block_that_is_sent_again_and_again_is_told_once(void **state)
{
    struct account a;

    (void)state;
    account_init(&a, 1, 0);
    assert_true(account_block_turns(&a, mix64(2)));
    assert_false(account_block_turns(&a, mix64(2)));
    assert_true(account_block_turns(&a, mix64(3)));
    assert_true(account_block_turns(&a, mix64(2)));
    for (unsigned i = 0; i < ACCOUNT_VALUES; i++)
        assert_int_equal(a.value[i], 0); /* and takes no room */
}

static void parameters_become_a_habit_and_are_told_once(void **state)
{
    struct account a;
    struct digest d = exchange(0);
    uint64_t value = 0, told = 0;

    (void)state;
    account_init(&a, 1, 0);
    assert_false(account_parameters(&a, &d, &value)); /* not known: no habit */
    d.n.temperature = 0.7f;
    d.n.max_tokens = 2048;
    for (unsigned i = 0; i < 50; i++)
        told += account_parameters(&a, &d, &value);
    assert_int_equal(told, 1);
    assert_int_not_equal(value, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(token_sums_are_those_of_logarithms),
        cmocka_unit_test(prompts_are_known_by_mean_and_spread_of_the_logarithm_of_their_words),
        cmocka_unit_test(a_rotating_exit_does_not_push_out_the_payment),
        cmocka_unit_test(shared_blocks_have_places_of_their_own),
        cmocka_unit_test(a_block_that_is_sent_again_and_again_is_told_once),
        cmocka_unit_test(parameters_become_a_habit_and_are_told_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
