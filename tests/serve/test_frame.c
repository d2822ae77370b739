#include "serve/frame.h"

#include "base/rng.h"
#include "tests/serve/stream.h"
#include "tests/support.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void digests_and_texts_come_back_as_they_were(void **state)
{
    struct held_batch *first, *second, *got;
    struct frame frame;
    struct pool pool;

    (void)state;
    pool_init(&pool);
    first = stream_batch(&pool, 1000, 0, 700);
    second = stream_batch(&pool, 5000, 700, 3);
    first->next = second;
    stream_frame(&frame, first, 9, 5);
    assert_true(frame_header_valid(&frame.header));
    assert_true(frame_payload_valid(&frame.header, frame.payload));
    assert_int_equal(frame.header.accepted, 703);
    assert_int_equal(frame_get_batches(frame.payload, frame.header.size, &pool, &got), 0);
    for (struct held_batch *a = first, *b = got; a; a = a->next, b = b->next) {
        assert_int_equal(a->digests->count, b->digests->count);
        assert_memory_equal(a->digests->digest, b->digests->digest,
                            a->digests->count * sizeof(struct digest));
        assert_int_equal(a->digests->text_size, b->digests->text_size);
        assert_memory_equal(a->digests->text, b->digests->text, a->digests->text_size);
        assert_memory_equal(a->key, b->key, a->digests->count * sizeof *a->key);
        assert_true((a->next != NULL) == (b->next != NULL));
    }
    assert_null(memmem(frame.payload, frame.header.size, "a prompt", 8));
    pool_give(&pool, first);
    pool_give(&pool, got);
    pool_deinit(&pool);
    free(frame.payload);
}

/* Whatever is in the file, reading it is safe. */
static void damaged_payloads_are_refused_or_harmless(void **state)
{
    struct held_batch *batch, *got;
    struct frame frame;
    struct pool pool;
    struct rng rng;

    (void)state;
    pool_init(&pool);
    rng_split(&rng, 1, 2);
    batch = stream_batch(&pool, 1000, 0, 40);
    stream_frame(&frame, batch, 1, 0);
    for (int i = 0; i < 2000; i++) {
        size_t at = rng_below(&rng, frame.header.size);
        char bit = (char)(1 << rng_below(&rng, 8));
        size_t size = rng_below(&rng, 8) ? frame.header.size : rng_below(&rng, frame.header.size);
        char *copy = malloc(size + 1); /* of the exact size, for the sanitizer */
        int r;

        frame.payload[at] ^= bit;
        memcpy(copy, frame.payload, size);
        if (size == frame.header.size)
            assert_false(frame_payload_valid(&frame.header, frame.payload));
        r = frame_get_batches(copy, size, &pool, &got);
        assert_true(r == 0 || r == -EBADMSG);
        pool_give(&pool, got);
        free(copy);
        frame.payload[at] ^= bit;
    }
    assert_true(frame_payload_valid(&frame.header, frame.payload));
    pool_give(&pool, batch);
    pool_deinit(&pool);
    free(frame.payload);
}

static void a_header_with_any_wrong_bit_is_none(void **state)
{
    struct frame frame;

    (void)state;
    stream_frame(&frame, NULL, 3, 0);
    assert_true(frame_header_valid(&frame.header));
    for (size_t bit = 0; bit < 8 * sizeof frame.header; bit++) {
        ((char *)&frame.header)[bit / 8] ^= (char)(1 << bit % 8);
        assert_false(frame_header_valid(&frame.header));
        ((char *)&frame.header)[bit / 8] ^= (char)(1 << bit % 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_and_texts_come_back_as_they_were),
        cmocka_unit_test(damaged_payloads_are_refused_or_harmless),
        cmocka_unit_test(a_header_with_any_wrong_bit_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
