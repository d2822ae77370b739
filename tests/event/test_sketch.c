#include "event/sketch.h"

#include "base/hash.h"
#include "base/rng.h"
#include "event/sketch_block.h"
#include "tests/support.h"

#include <errno.h>
#include <stdlib.h>

enum { BIG = 64 * 1024 };

/* The definition, written down a second time and as plainly as possible. */
static uint32_t reference_hash(const unsigned char *p)
{
    static const int64_t factor[] = {27581, 29581, 30319, 24809, 28277, 31723,
                                     25523, 26839, 26177, 31051, 28871, 32411};
    int64_t sum = 0;
    uint32_t h;

    for (int i = 0; i < 12; i++) {
        int64_t unit = p[2 * i] + 256 * p[2 * i + 1];

        sum += (unit < 0x8000 ? unit : unit - 0x10000) * factor[i];
    }
    h = (uint32_t)sum;
    h = (h ^ h >> 15) * 0x85ebca6bu ^ 0x80000000u;
    return h ? h : 1;
}

static unsigned char reference_fold(unsigned char c)
{
    if (c >= 'A' && c <= 'Z')
        return (unsigned char)(c - 'A' + 'a');
    if (c >= '0' && c <= '9')
        return '0';
    return c == '\t' || c == '\n' || c == '\v' || c == '\f' || c == '\r' ? ' ' : c;
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static void reference_items(const unsigned char *f, uint32_t n, uint32_t max, uint32_t *item)
{
    uint32_t *all, count = 0, used = 0, windows = n >= SKETCH_WINDOW ? n - SKETCH_WINDOW + 1 : 0;

    memset(item, 0, max * sizeof *item);
    all = malloc((windows + 1) * sizeof *all);
    assert_non_null(all);
    for (uint32_t i = 0; i < windows; i++)
        if (n <= 2 * SKETCH_ENDS || i + SKETCH_WINDOW <= SKETCH_ENDS || i >= n - SKETCH_ENDS)
            all[used++] = reference_hash(f + i);
    qsort(all, used, sizeof *all, by_value);
    for (uint32_t i = 0; i < used && count < max; i++)
        if (count == 0 || item[count - 1] != all[i])
            item[count++] = all[i];
    free(all);
}

static void reference_make(struct str prompt, struct str system, struct sketch *s)
{
    unsigned char *f = malloc(BIG + 1);
    uint64_t high = 0, words = 0;
    bool inside = false;

    assert_non_null(f);
    memset(s, 0, sizeof *s);
    for (uint32_t i = 0; i < system.n; i++)
        f[i] = reference_fold((unsigned char)system.p[i]);
    if (system.p) {
        s->system = XXH3_64bits(f, system.n);
        reference_items(f, system.n, SKETCH_SYSTEM_ITEMS, s->system_item);
    }
    for (uint32_t i = 0; i < prompt.n; i++) {
        f[i] = reference_fold((unsigned char)prompt.p[i]);
        words += f[i] != ' ' && !inside;
        inside = f[i] != ' ';
        high += f[i] >= 0x80;
        if (inside)
            s->question = f[i] == '?';
    }
    if (prompt.p) {
        s->prompt = XXH3_64bits(f, prompt.n);
        s->prompt_size = prompt.n;
        s->words = (uint16_t)(words < UINT16_MAX ? words : UINT16_MAX);
        s->non_ascii = (uint8_t)(high * 255 / (prompt.n ? prompt.n : 1));
        reference_items(f, prompt.n, SKETCH_ITEMS, s->item);
    }
    if (prompt.n >= SKETCH_WINDOW) {
        s->head = reference_hash(f);
        s->tail = reference_hash(f + prompt.n - SKETCH_WINDOW);
    }
    free(f);
}

/* Kinds of text: random bytes, words, one byte repeated, a short period, spaces. */
static void text_fill(char *text, uint32_t n, unsigned kind, struct rng *rng)
{
    static const char letters[] = "etaoin SHRDLU 0123456789 ?\n\t";

    for (uint32_t i = 0; i < n; i++)
        switch (kind % 5) {
        case 0: text[i] = (char)rng_next(rng); break;
        case 1: text[i] = letters[rng_below(rng, sizeof letters - 1)]; break;
        case 2: text[i] = 'a'; break;
        case 3: text[i] = "abcdefg"[i % 7]; break;
        default: text[i] = i % 50 ? ' ' : 'x'; break;
        }
}

static void assert_as_reference(struct str prompt, struct str system)
{
    struct sketch made, expected;

    sketch_make(prompt, system, &made);
    reference_make(prompt, system, &expected);
    assert_memory_equal(&made, &expected, sizeof made);
}

static void every_size_and_kind_of_text_is_sketched_as_defined(void **state)
{
    char *text = malloc(BIG);
    struct rng rng;

    (void)state;
    assert_non_null(text);
    rng_split(&rng, 1, 1);
    for (uint32_t n = 0; n <= 300; n++)
        for (unsigned kind = 0; kind < 5; kind++) {
            text_fill(text, n, kind, &rng);
            assert_as_reference((struct str){text, n}, (struct str){text, n / 2});
        }
    for (uint32_t n = SKETCH_BLOCK - 2; n < SKETCH_BLOCK + 30; n++) {
        text_fill(text, n, 1, &rng);
        assert_as_reference((struct str){text, n}, (struct str){NULL, 0});
    }
    for (unsigned kind = 0; kind < 5; kind++) {
        text_fill(text, BIG, kind, &rng);
        assert_as_reference((struct str){text, BIG}, (struct str){text, BIG});
        for (uint32_t n = 2 * SKETCH_ENDS - 1; n < 2 * SKETCH_ENDS + 40; n += 13)
            assert_as_reference((struct str){text, n}, (struct str){text, n + 2});
    }
    free(text);
}

/* One text through one path: folded bytes, counts, and the sample from limits that let all through,
 * some, or none. */
static void assert_path(const struct sketch_path *path, const char *text, uint32_t size)
{
    struct sketch_folded folded;
    struct sketch_counts counts = {0};
    struct sketch expected;
    uint32_t windows = size >= SKETCH_WINDOW ? size - SKETCH_WINDOW + 1 : 0, found = 0;
    const int32_t limits[] = {INT32_MAX, INT32_MIN / 2, INT32_MIN};

    reference_make((struct str){text, size}, (struct str){NULL, 0}, &expected);
    path->fold(text, size, &folded, &counts);
    for (uint32_t i = 0; i < size; i++)
        assert_int_equal(folded.byte[SKETCH_LEAD + i], reference_fold((unsigned char)text[i]));
    assert_int_equal(counts.words, expected.words);
    assert_int_equal((uint64_t)counts.high * 255 / size, expected.non_ascii);
    assert_int_equal(counts.last_visible == '?', expected.question);
    while (found < SKETCH_ITEMS && expected.item[found])
        found++;
    for (unsigned k = 0; k < sizeof limits / sizeof *limits; k++) {
        struct sketch_hits hits = {.last = limits[k], .max = SKETCH_ITEMS};
        uint32_t below = 0;

        while (below < found && sketch_signed(expected.item[below]) <= limits[k])
            below++;
        path->windows(folded.byte + SKETCH_LEAD, windows, &hits);
        path->select(&hits);
        assert_int_equal(hits.count, below);
        for (uint32_t i = 0; i < below; i++)
            assert_int_equal(sketch_unsigned(hits.hit[i]), expected.item[i]);
    }
}

static void all_code_paths_find_the_same_windows(void **state)
{
    static char text[SKETCH_BLOCK + 8];
    struct sketch_path path[SKETCH_PATHS_MAX];
    uint32_t paths = sketch_paths(path);
    struct rng rng;

    (void)state;
    rng_split(&rng, 2, 2);
    assert_string_equal(path[paths - 1].name, "plain");
    for (unsigned kind = 0; kind < 5; kind++) {
        text_fill(text, sizeof text, kind, &rng);
        for (uint32_t p = 0; p < paths; p++) {
            for (uint32_t size = 1; size <= 300; size++)
                assert_path(&path[p], text + size % 7, size);
            assert_path(&path[p], text, SKETCH_BLOCK - 1);
            assert_path(&path[p], text, SKETCH_BLOCK);
        }
    }
}

static uint32_t shared(const struct sketch *a, const struct sketch *b)
{
    uint32_t count = 0;

    for (unsigned i = 0; i < SKETCH_ITEMS; i++)
        for (unsigned j = 0; j < SKETCH_ITEMS; j++)
            count += a->item[i] && a->item[i] == b->item[j];
    return count;
}

/* Two prompts of 240 constant and 240 own bytes share 217 of 457 + 240 distinct windows, so each of
 * the 12 smallest of both together is shared with probability 0.31: about 5 shared items in each
 * sketch, and none with probability below 0.69^12 = 1.2 %. Sharing without a block is chance: 2^-32
 * per pair of windows. */
static void a_constant_block_in_varying_prompts_shows_as_shared_items(void **state)
{
    enum { PAIRS = 400, PART = 240 };
    char a[2 * PART], b[2 * PART];
    uint32_t with = 0, without = 0;
    struct sketch x, y;
    struct rng rng;

    (void)state;
    rng_split(&rng, 3, 3);
    for (unsigned i = 0; i < PAIRS; i++) {
        text_fill(a, sizeof a, 1, &rng);
        text_fill(b, sizeof b, 1, &rng);
        sketch_make((struct str){a, sizeof a}, (struct str){NULL, 0}, &x);
        sketch_make((struct str){b, sizeof b}, (struct str){NULL, 0}, &y);
        without += shared(&x, &y) > 0;
        memcpy(b + i % PART, a + (i * 7) % PART, PART);
        sketch_make((struct str){b, sizeof b}, (struct str){NULL, 0}, &y);
        with += shared(&x, &y) > 0;
    }
    assert_int_equal(without, 0);
    assert_in_range(with, (uint32_t)(PAIRS * 0.97), PAIRS);
}

/* Of the 12 items of 400 bytes a block of 60 has 1.2 on average, one of 120 has 3.1. Both sketches
 * take the smallest of the block's windows first, so that one item of it in each is enough: 67 %
 * and 95 % of these pairs share one. The bounds are three standard deviations below. */
static void a_short_block_is_found_in_most_pairs_of_prompts(void **state)
{
    enum { PAIRS = 1000, SIZE = 400 };
    static const uint32_t block[] = {60, 120};
    static const double least[] = {0.63, 0.92};
    char a[SIZE], b[SIZE];
    struct sketch x, y;
    struct rng rng;

    (void)state;
    rng_split(&rng, 4, 4);
    for (unsigned k = 0; k < 2; k++) {
        uint32_t found = 0, places = SIZE - block[k] + 1;

        for (unsigned i = 0; i < PAIRS; i++) {
            text_fill(a, sizeof a, 1, &rng);
            text_fill(b, sizeof b, 1, &rng);
            memcpy(b + rng_below(&rng, places), a + rng_below(&rng, places), block[k]);
            sketch_make((struct str){a, sizeof a}, (struct str){NULL, 0}, &x);
            sketch_make((struct str){b, sizeof b}, (struct str){NULL, 0}, &y);
            found += shared(&x, &y) > 0;
        }
        assert_in_range(found, (uint32_t)(PAIRS * least[k]), PAIRS);
    }
}

static void case_digits_and_white_space_do_not_change_a_sketch(void **state)
{
    struct sketch a, b;

    (void)state;
    sketch_make(STR("Case 1723: please rate THIS answer\tfrom 1 to 5"), STR("You ARE\n7"), &a);
    sketch_make(STR("case 0009: PLEASE rate this answer from 3 to 9"), STR("you are 1"), &b);
    assert_memory_equal(&a, &b, sizeof a);
}

static void a_prompt_shorter_than_a_window_has_only_its_hash(void **state)
{
    struct sketch s;

    (void)state;
    sketch_make(STR("is this the thing?  \n"), (struct str){NULL, 0}, &s);
    assert_true(s.prompt != 0);
    assert_int_equal(s.item[0], 0);
    assert_int_equal(s.head, 0);
    assert_int_equal(s.tail, 0);
    assert_int_equal(s.words, 4);
    assert_int_equal(s.question, 1);
    assert_int_equal(s.prompt_size, 21);
    assert_int_equal(s.system, 0);
}

static void no_text_is_no_sketch_but_an_empty_text_is_known(void **state)
{
    static const struct sketch nothing;
    struct sketch s;

    (void)state;
    sketch_make((struct str){NULL, 0}, (struct str){NULL, 0}, &s);
    assert_memory_equal(&s, &nothing, sizeof s);
    sketch_make(STR(""), (struct str){NULL, 0}, &s);
    assert_true(s.prompt != 0);
}

/* Sketches are stored in logs and compared between installations: this value never changes while
 * SKETCH_VERSION is 1. */
static void version_one_sketches_never_change(void **state)
{
    char text[SKETCH_TEXT_SIZE];
    struct sketch s;

    (void)state;
    sketch_make(STR("Translate the following sentence into French: the cat sat on the mat."),
                STR("You are a careful translator; answer with the translation only."), &s);
    sketch_encode(&s, text);
    assert_string_equal(
        text,
        "Aeh/SPmUiCGiJJ8VWAQAE+RLRksBRvRkBORlxw7yhusakHYNH0I1uyZkggw6dMdXQpz1akVEellPbsjnUaUWI11Y"
        "eTt85GXHDhEElwgY4GoJ9oumFlL/shtFAAAADAAAAA==");
}

static void a_sketch_survives_its_text_form(void **state)
{
    char text[SKETCH_TEXT_SIZE];
    struct sketch s, back;

    (void)state;
    sketch_make(STR("How would you grade the following answer, and why? \xc3\xa9\xc3\xa9"),
                STR("You grade answers with a rubric of five points each."), &s);
    assert_true(s.non_ascii > 0);
    sketch_encode(&s, text);
    assert_int_equal(sketch_decode(str_of(text), &back), 0);
    assert_memory_equal(&s, &back, sizeof s);
}

static void what_is_not_a_sketch_is_refused(void **state)
{
    char text[SKETCH_TEXT_SIZE];
    struct sketch s, back;

    (void)state;
    sketch_make(STR("a prompt that is long enough to have some windows"), STR("s"), &s);
    sketch_encode(&s, text);
    assert_int_equal(sketch_decode((struct str){NULL, 0}, &back), -EINVAL);
    assert_int_equal(sketch_decode((struct str){text, (uint32_t)strlen(text) - 1}, &back), -EINVAL);
    text[0] = 'B'; /* the version's high bits */
    assert_int_equal(sketch_decode(str_of(text), &back), -ENOTSUP);
    text[0] = '!';
    assert_int_equal(sketch_decode(str_of(text), &back), -EINVAL);
    s.item[1] = s.item[0];
    sketch_encode(&s, text);
    assert_int_equal(sketch_decode(str_of(text), &back), -EINVAL);
}

static void an_outline_is_the_sketch_without_its_sample(void **state)
{
    static const char text[] =
        "Would 3 of the 7 caf\xc3\xa9s on the square be open this late in the year?";
    struct sketch whole, outline;

    (void)state;
    sketch_make(STR(text), (struct str){NULL, 0}, &whole);
    sketch_outline(STR(text), &outline);
    assert_true(whole.item[0] != 0 && whole.head != 0 && whole.tail != 0);
    memset(whole.item, 0, sizeof whole.item);
    whole.head = whole.tail = 0;
    assert_memory_equal(&outline, &whole, sizeof whole);
    sketch_outline((struct str){NULL, 0}, &outline);
    assert_int_equal(outline.prompt, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_outline_is_the_sketch_without_its_sample),
        cmocka_unit_test(every_size_and_kind_of_text_is_sketched_as_defined),
        cmocka_unit_test(all_code_paths_find_the_same_windows),
        cmocka_unit_test(a_constant_block_in_varying_prompts_shows_as_shared_items),
        cmocka_unit_test(a_short_block_is_found_in_most_pairs_of_prompts),
        cmocka_unit_test(case_digits_and_white_space_do_not_change_a_sketch),
        cmocka_unit_test(a_prompt_shorter_than_a_window_has_only_its_hash),
        cmocka_unit_test(no_text_is_no_sketch_but_an_empty_text_is_known),
        cmocka_unit_test(version_one_sketches_never_change),
        cmocka_unit_test(a_sketch_survives_its_text_form),
        cmocka_unit_test(what_is_not_a_sketch_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
