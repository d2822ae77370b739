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

static void a_phrase_is_first_then_again_then_known(void **state)
{
    struct account a;

    (void)state;
    account_init(&a, 1, 0);
    assert_false(content_hold(&a, 7)); /* there is no room for what was not met */
    assert_int_equal(content_see(&a, 7), CONTENT_FIRST);
    assert_int_equal(content_see(&a, 7), CONTENT_AGAIN);
    assert_false(content_holds(&a, 0));
    assert_true(content_hold(&a, 7));
    assert_true(content_holds(&a, 0));
    assert_int_equal(content_see(&a, 7), CONTENT_KNOWN);
    for (unsigned i = 0; i < 1000; i++) /* often met is not held */
        (void)content_see(&a, 8);
    assert_int_equal(content_see(&a, 8), CONTENT_AGAIN);
    assert_false(content_holds(&a, 1));
}

static void two_recurring_phrases_make_a_templated_prompt_and_one_does_not(void **state)
{
    struct account a;

    (void)state;
    account_init(&a, 1, 0);
    content_end(&a, 0);
    content_end(&a, 1);
    assert_int_equal(a.templated, 0);
    content_end(&a, 2);
    assert_int_equal(a.templated, 1);
}

static void a_flood_pushes_out_what_was_met_and_keeps_what_is_held(void **state)
{
    struct account a;

    (void)state;
    account_init(&a, 1, 0);
    for (uint32_t phrase = 1; phrase <= 3; phrase++)
        (void)content_see(&a, phrase);
    assert_true(content_hold(&a, 1));
    (void)content_see(&a, 2); /* came back: stays longer */
    for (uint32_t phrase = 100; phrase < 100 + ACCOUNT_ITEMS - 1; phrase++)
        assert_int_equal(content_see(&a, phrase), CONTENT_FIRST);
    assert_int_equal(content_see(&a, 2), CONTENT_AGAIN);
    assert_int_equal(content_see(&a, 3), CONTENT_FIRST);
    for (uint32_t phrase = 1000; phrase < 2000; phrase++)
        (void)content_see(&a, phrase);
    assert_int_equal(content_see(&a, 1), CONTENT_KNOWN);
    assert_int_equal(content_see(&a, 2), CONTENT_FIRST);
}

static void an_account_full_of_held_phrases_still_takes_the_next(void **state)
{
    struct account a;

    (void)state;
    account_init(&a, 1, 0);
    for (uint32_t phrase = 1; phrase <= ACCOUNT_ITEMS; phrase++) {
        (void)content_see(&a, phrase);
        assert_true(content_hold(&a, phrase));
    }
    assert_int_equal(content_see(&a, 1000), CONTENT_FIRST);
    assert_int_equal(content_see(&a, 1000), CONTENT_AGAIN);
}

static void a_sketch_without_text_has_no_phrases(void **state)
{
    struct sketch sketch = {0};
    uint32_t phrase[CONTENT_PHRASES], prompt_count = 9;

    (void)state;
    assert_int_equal(content_phrases(&sketch, phrase, &prompt_count), 0);
    assert_int_equal(prompt_count, 0);
}

static void phrases_are_the_small_hashes_the_ends_and_the_system_prompts(void **state)
{
    struct sketch sketch = {.item = {5, UINT32_MAX / 48 - 1, UINT32_MAX / 48},
                            .head = 5, /* also in the sample: once */
                            .tail = UINT32_MAX - 1,
                            .system_item = {6, 5}};
    uint32_t phrase[CONTENT_PHRASES], prompt_count;

    (void)state;
    assert_int_equal(content_phrases(&sketch, phrase, &prompt_count), 4);
    assert_int_equal(prompt_count, 3);
    assert_int_equal(phrase[0], 5);
    assert_int_equal(phrase[1], UINT32_MAX / 48 - 1);
    assert_int_equal(phrase[2], UINT32_MAX - 1);
    assert_int_equal(phrase[3], 6);
}

static void the_fullest_sketch_has_all_the_phrases_there_is_room_for(void **state)
{
    struct sketch sketch = {.head = 100, .tail = 101, .system_item = {102, 103, 104, 105}};
    uint32_t phrase[CONTENT_PHRASES], prompt_count;

    (void)state;
    for (uint32_t i = 0; i < SKETCH_ITEMS; i++)
        sketch.item[i] = i + 1;
    assert_int_equal(content_phrases(&sketch, phrase, &prompt_count), CONTENT_PHRASES);
    assert_int_equal(prompt_count, CONTENT_SAMPLE + 2);
}

/* How many phrases that nobody else uses push the phrase 7 out. */
static uint32_t lasts(bool kept)
{
    struct account a;
    uint32_t count = 0;

    account_init(&a, 1, 0);
    (void)content_see(&a, 7);
    if (kept)
        content_keep(&a, 7);
    do
        (void)content_see(&a, 100 + count++);
    while (a.item[0] == 7);
    return count;
}

static void what_others_use_too_is_kept_for_longer_and_not_held(void **state)
{
    struct account a;

    (void)state;
    assert_int_equal(lasts(false), ACCOUNT_ITEMS);
    assert_true(lasts(true) > 3 * lasts(false));
    account_init(&a, 1, 0);
    content_keep(&a, 7); /* not met: nothing to keep */
    assert_int_equal(a.item_count[0], 0);
    (void)content_see(&a, 7);
    content_keep(&a, 7);
    assert_false(content_holds(&a, 0));
    assert_true(content_hold(&a, 7));
    content_keep(&a, 7);
    assert_true(content_holds(&a, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_constant_block_recurs),
        cmocka_unit_test(free_text_does_not_recur),
        cmocka_unit_test(two_accounts_share_the_items_of_one_template),
        cmocka_unit_test(a_phrase_is_first_then_again_then_known),
        cmocka_unit_test(two_recurring_phrases_make_a_templated_prompt_and_one_does_not),
        cmocka_unit_test(a_flood_pushes_out_what_was_met_and_keeps_what_is_held),
        cmocka_unit_test(an_account_full_of_held_phrases_still_takes_the_next),
        cmocka_unit_test(a_sketch_without_text_has_no_phrases),
        cmocka_unit_test(phrases_are_the_small_hashes_the_ends_and_the_system_prompts),
        cmocka_unit_test(the_fullest_sketch_has_all_the_phrases_there_is_room_for),
        cmocka_unit_test(what_others_use_too_is_kept_for_longer_and_not_held),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
