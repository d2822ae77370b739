#include "base/hash.h"
#include "sim/text.h"
#include "tests/support.h"

#include <ctype.h>
#include <stdlib.h>

enum { WINDOW = 24 };

/* Programs whose prompts carry a block of their cohort. */
static const enum text_program with_block[] = {
    TEXT_product,   TEXT_plugin,    TEXT_extraction,  TEXT_summary, TEXT_translation,
    TEXT_benchmark, TEXT_synthetic, TEXT_code_review, TEXT_judge,   TEXT_rewrite,
    TEXT_reasoning, TEXT_persona,   TEXT_agentic,     TEXT_trace,   TEXT_cleaning,
};
/* Programs that work through a list. */
static const enum text_program with_list[] = {
    TEXT_benchmark, TEXT_synthetic, TEXT_judge, TEXT_rewrite,  TEXT_reasoning,
    TEXT_persona,   TEXT_agentic,   TEXT_trace, TEXT_cleaning, TEXT_classroom,
};
static const enum text_program of_campaigns[] = {
    TEXT_reasoning, TEXT_persona, TEXT_agentic, TEXT_trace, TEXT_cleaning, TEXT_probe, TEXT_relay,
};
#define COUNT(array) (sizeof(array) / sizeof *(array))

static char text_a[TEXT_PROMPT_MAX], text_b[TEXT_PROMPT_MAX];

static struct text_request request_of(enum text_program program, uint64_t item)
{
    return (struct text_request){.program = program,
                                 .cohort = 11,
                                 .author = 5 + item % 7,
                                 .item = item,
                                 .session = item + 1000,
                                 .topic = (uint32_t)item / 50};
}

/* RFC 3629: no overlong forms, surrogates or values beyond U+10FFFF; no control character but the
 * newline. */
static bool is_clean_utf8(const char *text, uint32_t size)
{
    const unsigned char *p = (const unsigned char *)text;

    for (uint32_t i = 0; i < size;) {
        uint32_t n = p[i] < 0x80 ? 1 : p[i] < 0xe0 ? 2 : p[i] < 0xf0 ? 3 : 4;
        uint32_t value = n == 1 ? p[i] : p[i] & (0x7fu >> n);

        if ((n == 1 && p[i] < ' ' && p[i] != '\n') || (n > 1 && p[i] < 0xc2) || p[i] > 0xf4 ||
            i + n > size)
            return false;
        for (uint32_t k = 1; k < n; k++) {
            if ((p[i + k] & 0xc0) != 0x80)
                return false;
            value = value << 6 | (p[i + k] & 0x3f);
        }
        if ((n == 3 && value < 0x800) || (n == 4 && (value < 0x10000 || value > 0x10ffff)) ||
            (value >= 0xd800 && value < 0xe000))
            return false;
        i += n;
    }
    return true;
}

static int compare_u64(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static bool contains(const uint64_t *sorted, size_t count, uint64_t value)
{
    return bsearch(&value, sorted, count, sizeof value, compare_u64) != NULL;
}

static uint32_t windows_of(const char *text, uint32_t size, uint64_t *hash)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i + WINDOW <= size; i++)
        hash[n++] = hash_str((struct str){text + i, WINDOW}, 0);
    qsort(hash, n, sizeof *hash, compare_u64);
    return n;
}

/* Windows of the first text that the second has too. */
static uint32_t shared_windows(const char *a, uint32_t a_size, const char *b, uint32_t b_size)
{
    static uint64_t hash_a[TEXT_PROMPT_MAX], hash_b[TEXT_PROMPT_MAX];
    uint32_t n = windows_of(a, a_size, hash_a), m = windows_of(b, b_size, hash_b), shared = 0;

    for (uint32_t i = 0; i < n; i++)
        shared += contains(hash_b, m, hash_a[i]);
    return shared;
}

static void every_text_is_clean_utf8_within_its_limit(void **state)
{
    (void)state;
    for (int p = 0; p < TEXT_PROGRAM_COUNT; p++)
        for (uint32_t i = 0; i < 400; i++) {
            static const uint32_t sizes[] = {0, 0, 30, 500, 5000, TEXT_PROMPT_MAX * 2};
            struct text_request r = request_of((enum text_program)p, i);
            uint32_t n;

            r.language = i % (TEXT_LANGUAGE_COUNT + 3);
            r.turn = i % 5 == 0 ? i % 3 : 0;
            r.variant = i % 9;
            r.paraphrase = (i % 11) / 10.0;
            r.template_index = i % 4;
            r.target_size = sizes[i % COUNT(sizes)];
            n = text_prompt(&r, text_a);
            assert_in_range(n, 1, TEXT_PROMPT_MAX);
            assert_true(is_clean_utf8(text_a, n));
            n = (uint32_t)text_system(&r, text_a).n;
            assert_in_range(n, 0, TEXT_SYSTEM_MAX);
            assert_true(is_clean_utf8(text_a, n));
        }
}

static void the_same_request_gives_the_same_text(void **state)
{
    (void)state;
    for (int p = 0; p < TEXT_PROGRAM_COUNT; p++) {
        struct text_request r = request_of((enum text_program)p, 77);
        uint32_t n, m;

        memset(text_a, 'x', sizeof text_a);
        memset(text_b, 0, sizeof text_b);
        n = text_prompt(&r, text_a);
        m = text_prompt(&r, text_b);
        assert_int_equal(n, m);
        assert_memory_equal(text_a, text_b, n);
    }
}

static void distinct_items_give_distinct_prompts(void **state)
{
    enum { ITEMS = 4000 };
    static uint64_t hash[ITEMS];

    (void)state;
    for (size_t p = 0; p < COUNT(with_list); p++)
        for (uint32_t language = 0; language < 10; language += 6) {
            for (uint32_t i = 0; i < ITEMS; i++) {
                struct text_request r = request_of(with_list[p], i);

                r.author = 1;
                r.language = language;
                hash[i] = hash_str((struct str){text_a, text_prompt(&r, text_a)}, 0);
            }
            qsort(hash, ITEMS, sizeof *hash, compare_u64);
            for (uint32_t i = 1; i < ITEMS; i++)
                assert_true(hash[i] != hash[i - 1]);
        }
}

static void a_benchmark_item_is_the_same_for_every_team(void **state)
{
    struct text_request r = request_of(TEXT_benchmark, 9);
    uint32_t n, m;

    (void)state;
    n = text_prompt(&r, text_a);
    r.author += 100;
    r.session += 100;
    m = text_prompt(&r, text_b);
    assert_int_equal(n, m);
    assert_memory_equal(text_a, text_b, n);
}

static void a_class_shares_its_exercise_but_not_the_whole_prompt(void **state)
{
    uint32_t same = 0;

    (void)state;
    for (uint32_t i = 0; i < 50; i++) {
        struct text_request r = request_of(TEXT_classroom, 3);
        uint32_t n, m;

        n = text_prompt(&r, text_a);
        r.author = 200 + i;
        m = text_prompt(&r, text_b);
        assert_true(shared_windows(text_a, n, text_b, m) > 40);
        same += n == m && memcmp(text_a, text_b, n) == 0;
    }
    assert_true(same < 30);
}

static void templates_keep_their_block_around_varying_items(void **state)
{
    (void)state;
    for (size_t p = 0; p < COUNT(with_block); p++) {
        struct text_request r = request_of(with_block[p], 1), other = request_of(with_block[p], 2);
        uint32_t n = text_prompt(&r, text_a), m = text_prompt(&other, text_b);
        uint32_t shared = shared_windows(text_a, n, text_b, m);

        assert_true(shared >= 20);
        assert_true(shared + 20 < n);
        other.cohort++;
        m = text_prompt(&other, text_b);
        assert_true(shared_windows(text_a, n, text_b, m) < shared / 2);
    }
}

static void system_prompts_are_constant_per_cohort(void **state)
{
    (void)state;
    for (int p = 0; p < TEXT_PROGRAM_COUNT; p++) {
        struct text_request r = request_of((enum text_program)p, 1);
        uint32_t n = (uint32_t)text_system(&r, text_a).n, m;

        r = request_of((enum text_program)p, 99);
        m = (uint32_t)text_system(&r, text_b).n;
        assert_int_equal(n, m);
        assert_memory_equal(text_a, text_b, n);
        r.cohort++;
        m = (uint32_t)text_system(&r, text_b).n;
        assert_true(n == 0 || m != n || memcmp(text_a, text_b, n) != 0);
    }
}

static void remembered_texts_are_the_ones_written_anew(void **state)
{
    static struct text_memory memory;
    char room[TEXT_SYSTEM_MAX];
    uint32_t found = 0;

    (void)state;
    for (uint32_t i = 0; i < 6000; i++) {
        struct text_request r = request_of((enum text_program)(i % TEXT_PROGRAM_COUNT), i);
        uint32_t n, system_size;
        struct str kept;

        r.cohort = i % 3;
        r.template_index = i % 2;
        r.variant = i % 5;
        r.paraphrase = (i % 4) / 4.0;
        r.target_size = i % 7 == 0 ? TEXT_PROMPT_MAX : 0;
        n = text_prompt(&r, text_a);
        r.memory = &memory;
        assert_int_equal(text_prompt(&r, text_b), n);
        assert_memory_equal(text_a, text_b, n);
        kept = text_system(&r, text_b);
        r.memory = NULL;
        system_size = (uint32_t)text_system(&r, room).n;
        assert_int_equal(kept.n, system_size);
        if (system_size > 0)
            assert_memory_equal(kept.p, room, system_size);
        found += system_size > 0 && kept.p != text_b;
    }
    assert_in_range(found, 1, 6000);
}

/* Mean share of the template's windows that survive in its variants. */
static double kept_share(enum text_program program, double paraphrase)
{
    double sum = 0.0;

    for (uint32_t i = 0; i < 40; i++) {
        struct text_request r = request_of(program, i), plain = request_of(program, i + 500);
        uint32_t n, m;

        r.cohort = plain.cohort = 100 + i / 4;
        n = text_prompt(&plain, text_a);
        r.variant = 1 + i;
        r.paraphrase = paraphrase;
        m = text_prompt(&r, text_b);
        sum += (double)shared_windows(text_a, n, text_b, m) / n;
    }
    return sum / 40;
}

static void paraphrase_lets_less_and_less_stand(void **state)
{
    static const enum text_program programs[] = {TEXT_reasoning, TEXT_persona, TEXT_judge,
                                                 TEXT_product};

    (void)state;
    for (size_t p = 0; p < COUNT(programs); p++) {
        double none = kept_share(programs[p], 0.0), last = none;

        assert_true(none > 0.15);
        for (int step = 1; step <= 4; step++) {
            double kept = kept_share(programs[p], step / 4.0);

            assert_true(kept <= last + 0.01);
            last = kept;
        }
        assert_true(last < none / 3);
    }
}

static void strangers_share_few_windows(void **state)
{
    uint32_t shared = 0, total = 0;

    (void)state;
    for (uint32_t i = 0; i < 400; i++) {
        struct text_request r = request_of(i % 4 ? TEXT_chat : TEXT_developer, i);
        uint32_t n, m;

        r.author = i;
        n = text_prompt(&r, text_a);
        r.author = i + 1000;
        r.item = r.session = i + 1000;
        m = text_prompt(&r, text_b);
        shared += shared_windows(text_a, n, text_b, m);
        total += n;
    }
    assert_true(shared * 100 < total); /* below 1 % */
}

static void wanted_sizes_are_met_within_30_percent(void **state)
{
    (void)state;
    for (int p = 0; p < TEXT_PROGRAM_COUNT; p++)
        for (uint32_t i = 0; i < 60; i++) {
            struct text_request r = request_of((enum text_program)p, i);
            uint32_t n;

            r.language = i % 3 == 0 ? i % TEXT_LANGUAGE_COUNT : 0;
            r.target_size = 1200 + 60 * i;
            n = text_prompt(&r, text_a);
            assert_in_range(n, r.target_size * 7 / 10, r.target_size * 13 / 10);
        }
    for (uint32_t i = 0; i < 200; i++) {
        struct text_request r = request_of(TEXT_chat, i);

        r.target_size = 60 + i;
        assert_in_range(text_prompt(&r, text_a), r.target_size * 7 / 10, r.target_size * 13 / 10);
    }
}

static void later_turns_bring_no_block(void **state)
{
    struct text_request r = request_of(TEXT_product, 4);
    uint32_t n = text_prompt(&r, text_a), m;

    (void)state;
    r.turn = 2;
    m = text_prompt(&r, text_b);
    assert_int_equal(shared_windows(text_a, n, text_b, m), 0);
}

/* Every word of `count` prompts of a program, hashed in lower case. */
static size_t words_of(enum text_program program, uint32_t count, uint64_t *hash, size_t room)
{
    size_t words = 0;

    for (uint32_t i = 0; i < count; i++) {
        struct text_request r = request_of(program, i);
        uint32_t n, start = 0;

        r.cohort = i;
        n = text_prompt(&r, text_a);
        for (uint32_t k = 0; k <= n; k++) {
            if (k < n && isalpha((unsigned char)text_a[k])) {
                text_a[k] = (char)tolower((unsigned char)text_a[k]);
                continue;
            }
            if (k > start && words < room)
                hash[words++] = hash_str((struct str){text_a + start, k - start}, 0);
            start = k + 1;
        }
    }
    return words;
}

static void campaigns_use_no_word_that_honest_programs_do_not(void **state)
{
    enum { ROOM = 1 << 20 };
    uint64_t *honest = calloc(ROOM, sizeof *honest), *own = calloc(ROOM, sizeof *own);
    size_t honest_count = 0;
    uint32_t strange = 0, total = 0;

    (void)state;
    assert_non_null(honest);
    assert_non_null(own);
    for (int p = 0; p < TEXT_reasoning; p++)
        honest_count +=
            words_of((enum text_program)p, 600, honest + honest_count, ROOM - honest_count);
    qsort(honest, honest_count, sizeof *honest, compare_u64);
    for (size_t p = 0; p < COUNT(of_campaigns); p++) {
        size_t n = words_of(of_campaigns[p], 200, own, ROOM);

        for (size_t i = 0; i < n; i++)
            strange += !contains(honest, honest_count, own[i]);
        total += (uint32_t)n;
    }
    free(honest);
    free(own);
    assert_true(total > 20000);
    assert_true(strange * 200 < total); /* made-up names apart */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_text_is_clean_utf8_within_its_limit),
        cmocka_unit_test(the_same_request_gives_the_same_text),
        cmocka_unit_test(distinct_items_give_distinct_prompts),
        cmocka_unit_test(a_benchmark_item_is_the_same_for_every_team),
        cmocka_unit_test(a_class_shares_its_exercise_but_not_the_whole_prompt),
        cmocka_unit_test(templates_keep_their_block_around_varying_items),
        cmocka_unit_test(system_prompts_are_constant_per_cohort),
        cmocka_unit_test(remembered_texts_are_the_ones_written_anew),
        cmocka_unit_test(paraphrase_lets_less_and_less_stand),
        cmocka_unit_test(strangers_share_few_windows),
        cmocka_unit_test(wanted_sizes_are_met_within_30_percent),
        cmocka_unit_test(later_turns_bring_no_block),
        cmocka_unit_test(campaigns_use_no_word_that_honest_programs_do_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
