#include "detector/content.h"
#include "tests/support.h"

#include <stdio.h>
#include <string.h>

/* Sends an opener; counts in *again the phrases that the account was known to use. */
static void send(struct account *a, const char *prompt, uint32_t *again)
{
    struct sketch sketch;
    uint32_t phrase[CONTENT_PHRASES], count, prompt_count, recurring = 0;

    sketch_make(str_of(prompt), (struct str){NULL, 0}, &sketch);
    count = content_phrases(&sketch, phrase, &prompt_count);
    a->openers++;
    for (uint32_t i = 0; i < count; i++)
        recurring += content_see(a, phrase[i]) != CONTENT_FIRST;
    content_end(a, recurring);
    *again += recurring;
}

static const char TEMPLATE[] =
    "Please go through the case below line by line and write the outcome";

static void a_constant_block_recurs(void **state)
{
    struct account a;
    char prompt[256];
    uint32_t fresh = 0;

    (void)state;
    account_init(&a, 1, 0);
    for (unsigned i = 0; i < 40; i++) {
        (void)snprintf(prompt, sizeof prompt, "%s: case %c%c%c number %u", TEMPLATE, 'a' + i % 26,
                       'b' + i % 7, 'k' + i % 5, i * 7919);
        send(&a, prompt, &fresh);
    }
    assert_true(fresh >= 2 * 35); /* several of the block's windows, each time */
    assert_true(a.templated >= 35);
}

static void free_text_does_not_recur(void **state)
{
    static const char *const texts[] = {
        "how long should a sourdough loaf proof when the kitchen is rather cold",
        "my train was cancelled, what compensation am I owed by the operator",
        "write a limerick about a heron that is afraid of its own reflection",
        "the function returns null on the second call and I cannot see why",
    };
    struct account a;
    uint32_t fresh = 0;

    (void)state;
    account_init(&a, 1, 0);
    for (unsigned i = 0; i < 4; i++)
        send(&a, texts[i], &fresh);
    assert_int_equal(fresh, 0);
    assert_int_equal(a.templated, 0);
}

static void two_accounts_share_the_items_of_one_template(void **state)
{
    struct account a, b, c;
    char prompt[256];
    uint32_t shared[ACCOUNT_ITEMS], fresh = 0;

    (void)state;
    account_init(&a, 1, 0);
    account_init(&b, 2, 0);
    account_init(&c, 3, 0);
    for (unsigned i = 0; i < 20; i++) {
        (void)snprintf(prompt, sizeof prompt, "%s: item %u of the list", TEMPLATE, i * 104729);
        send(i % 2 ? &a : &b, prompt, &fresh);
        (void)snprintf(prompt, sizeof prompt, "Summarise the following minutes for the board %u",
                       i);
        send(&c, prompt, &fresh);
    }
    assert_true(content_shared(&a, &b, shared) >= 4);
    assert_int_equal(content_shared(&a, &c, shared), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_constant_block_recurs),
        cmocka_unit_test(free_text_does_not_recur),
        cmocka_unit_test(two_accounts_share_the_items_of_one_template),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
