#include "serve/body.h"

#include "tests/support.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

struct fixture {
    struct pool pool;
    struct body_reader reader;
    struct decoded decoded;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    pool_init(&f->pool);
    f->decoded.pool = &f->pool;
    *state = f;
    return body_reader_init(&f->reader, 0);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    decoded_drop(&f->decoded);
    body_reader_deinit(&f->reader);
    pool_deinit(&f->pool);
    free(f);
    return 0;
}

static void records_that_are_none_are_named_and_the_rest_taken(void **state)
{
    struct fixture *f = *state;
    const char *reason = NULL;
    struct json_write w;

    assert_int_equal(body_decode_pieces(&f->reader, NULL,
                                        STR("{\"ts\":1,\"account\":\"a\"}\n\n  \r\nnonsense\n"
                                            "{\"ts\":2}\n{\"ts\":3,\"account\":\"b\"}"),
                                        &f->decoded, &reason),
                     0);
    assert_int_equal(f->decoded.accepted, 2);
    assert_int_equal(f->decoded.refused, 2);
    assert_int_equal(f->decoded.refusal[0].index, 1);
    assert_int_equal(f->decoded.refusal[1].index, 2);
    assert_non_null(strstr(f->decoded.refusal[1].reason, "account"));
    json_write_init(&w, NULL);
    body_answer_counts(&w, &f->decoded, false);
    assert_memory_equal(w.text, "{\"accepted\":2,\"refused\":2,\"skipped\":0,\"duplicate\":false,",
                        56);
    json_write_deinit(&w);
}

static void refusals_are_named_up_to_a_limit_and_counted_beyond(void **state)
{
    struct fixture *f = *state;
    const char *reason = NULL;
    char text[2 * (BODY_REFUSALS_MAX + 5)];

    for (size_t i = 0; i < sizeof text; i += 2)
        memcpy(text + i, "x\n", 2);
    assert_int_equal(
        body_decode_pieces(&f->reader, NULL, (struct str){text, sizeof text}, &f->decoded, &reason),
        0);
    assert_int_equal(f->decoded.refused, BODY_REFUSALS_MAX + 5);
    assert_int_equal(f->decoded.refusal_count, BODY_REFUSALS_MAX);
}

static void a_body_of_too_many_records_is_refused_as_a_whole(void **state)
{
    static const char line[] = "{\"ts\":1,\"account\":\"a\"}\n";
    enum { SIZE = sizeof line - 1 };
    struct fixture *f = *state;
    const char *reason = NULL;
    char *text = malloc((BODY_RECORDS_MAX + 1) * (size_t)SIZE);

    for (size_t i = 0; i <= BODY_RECORDS_MAX; i++)
        memcpy(text + i * SIZE, line, SIZE);
    assert_int_equal(body_decode_pieces(&f->reader, NULL,
                                        (struct str){text, (BODY_RECORDS_MAX + 1) * SIZE},
                                        &f->decoded, &reason),
                     -E2BIG);
    assert_non_null(reason);
    free(text);
}

/* `packed` holds what packing `size` bytes of `c` gave; returns its size. */
static size_t pack(enum body_coding coding, char c, size_t size, char *packed, size_t room)
{
    char *text = malloc(size);
    z_stream z = {0};
    size_t n;

    memset(text, c, size);
    if (coding == CODING_ZSTD) {
        n = ZSTD_compress(packed, room, text, size, 1);
        assert_false(ZSTD_isError(n));
    } else {
        assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
        z.next_in = (Bytef *)text;
        z.avail_in = (uInt)size;
        z.next_out = (Bytef *)packed;
        z.avail_out = (uInt)room;
        assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
        n = z.total_out;
        (void)deflateEnd(&z);
    }
    free(text);
    return n;
}

static void packed_bodies_are_unpacked_within_limits(void **state)
{
    static const enum body_coding codings[] = {CODING_GZIP, CODING_ZSTD};
    static char packed[1 << 20];

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        size_t size, n = pack(codings[i], 'a', 300000, packed, sizeof packed);
        char *text = NULL;

        assert_int_equal(body_unpack(codings[i], packed, n, 300000, &text, &size), 0);
        assert_int_equal(size, 300000);
        assert_int_equal(text[299999], 'a');
        free(text);
        assert_int_equal(body_unpack(codings[i], packed, n, 299999, &text, &size), -EFBIG);
        assert_int_equal(body_unpack(codings[i], packed, n - 5, 300000, &text, &size), -EBADMSG);
        packed[n / 2] ^= 0x55;
        (void)memset(packed, 'x', 2);
        assert_int_equal(body_unpack(codings[i], packed, n, 300000, &text, &size), -EBADMSG);
        n = pack(codings[i], 'a', 64 << 20, packed, sizeof packed); /* a bomb */
        assert_int_equal(body_unpack(codings[i], packed, n, 64 << 20, &text, &size), -EFBIG);
    }
}

static void members_one_after_the_other_are_one_body(void **state)
{
    static char packed[4096];
    size_t size, n;
    char *text = NULL;

    (void)state;
    n = pack(CODING_GZIP, 'a', 10, packed, sizeof packed);
    n += pack(CODING_GZIP, 'b', 10, packed + n, sizeof packed - n);
    assert_int_equal(body_unpack(CODING_GZIP, packed, n, 100, &text, &size), 0);
    assert_int_equal(size, 20);
    assert_memory_equal(text, "aaaaaaaaaabbbbbbbbbb", 20);
    free(text);
}

static void codings_are_found_by_name(void **state)
{
    (void)state;
    assert_int_equal(body_coding_find(NULL), CODING_PLAIN);
    assert_int_equal(body_coding_find("gzip"), CODING_GZIP);
    assert_int_equal(body_coding_find("zstd"), CODING_ZSTD);
    assert_int_equal(body_coding_find("br"), CODING_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(records_that_are_none_are_named_and_the_rest_taken, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(refusals_are_named_up_to_a_limit_and_counted_beyond, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_body_of_too_many_records_is_refused_as_a_whole, set_up,
                                        tear_down),
        cmocka_unit_test(packed_bodies_are_unpacked_within_limits),
        cmocka_unit_test(members_one_after_the_other_are_one_body),
        cmocka_unit_test(codings_are_found_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
