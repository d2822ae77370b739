#include "tools/sim_source.h"

#include "base/rng.h"
#include "tests/sim/tiny.h"
#include "tools/sim_windows.h"

/* Hash of all digests in order; their number in *count. */
static uint64_t stream_hash(const struct tiny *t, uint32_t threads, uint64_t key, uint32_t *count)
{
    struct world *world = tiny_world(t, sim_windows_shards(threads));
    struct sim_source *source = NULL;
    struct err err = {""};
    const struct digest_batch *batch;
    const uint32_t *order;
    uint64_t hash = 0;
    uint32_t n;
    msec_t last = 0;

    *count = 0;
    assert_int_equal(sim_source_new(world, threads, key, NULL, &source, &err), 0);
    while (sim_source_next(source, &batch, &order, &n, &err) > 0) {
        for (uint32_t i = 0; i < n; i++) {
            const struct digest *d = &batch->digest[order[i]];
            struct str account = digest_account_text(batch, d);

            assert_true(d->ts >= last);
            last = d->ts;
            assert_true(d->type == RECORD_RELEASE || account.n == 16);
            hash = mix64(hash ^ d->account ^ mix64(d->id) ^ (uint64_t)d->ts ^ d->sketch.prompt);
        }
        *count += n;
        assert_true(sim_source_now(source) > last);
    }
    assert_int_equal(sim_source_now(source), t->scenario.end);
    sim_source_free(source);
    world_free(world);
    return hash;
}

static void digests_are_the_same_for_any_number_of_threads(void **state)
{
    struct tiny t;
    uint32_t one, two, three;
    uint64_t hash;

    (void)state;
    tiny_init(&t);
    hash = stream_hash(&t, 1, 7, &one);
    assert_true(hash == stream_hash(&t, 2, 7, &two));
    assert_true(hash == stream_hash(&t, 3, 7, &three));
    assert_int_equal(one, two);
    assert_int_equal(one, three);
    assert_true(one > 3000);
}

static void the_hash_key_keys_the_digests(void **state)
{
    struct tiny t;
    uint32_t n;

    (void)state;
    tiny_init(&t);
    assert_true(stream_hash(&t, 1, 7, &n) != stream_hash(&t, 1, 8, &n));
}

static void a_stopped_source_ends(void **state)
{
    struct tiny t;
    struct world *world;
    struct sim_source *source = NULL;
    struct err err = {""};
    const struct digest_batch *batch;
    const uint32_t *order;
    uint32_t n;

    (void)state;
    tiny_init(&t);
    world = tiny_world(&t, sim_windows_shards(2));
    assert_int_equal(sim_source_new(world, 2, 7, NULL, &source, &err), 0);
    assert_int_equal(sim_source_next(source, &batch, &order, &n, &err), 1);
    sim_source_stop(source);
    assert_int_equal(sim_source_next(source, &batch, &order, &n, &err), 0);
    sim_source_free(source);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_the_same_for_any_number_of_threads),
        cmocka_unit_test(the_hash_key_keys_the_digests),
        cmocka_unit_test(a_stopped_source_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
