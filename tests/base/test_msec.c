#include "base/msec.h"
#include "tests/support.h"

#include <errno.h>
#include <string.h>

static int parse(const char *text, msec_t *out)
{
    return msec_parse(text, (uint32_t)strlen(text), out);
}

static void reads_what_rfc_3339_allows(void **state)
{
    static const struct {
        const char *text;
        msec_t t;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-02-01T00:00:00Z", 1769904000000},
        {"2026-02-01t00:00:00.5z", 1769904000500},
        {"2026-02-01T02:00:00.123456789+02:00", 1769904000123},
        {"2024-02-29T23:59:60Z", 1709251200000},
        {"1969-12-31T23:59:59.999Z", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        msec_t t;

        assert_int_equal(parse(cases[i].text, &t), 0);
        assert_int_equal(t, cases[i].t);
    }
}

static void refuses_what_is_no_time(void **state)
{
    static const char *const cases[] = {
        "",
        "2026-02-01",
        "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-02-01T24:00:00Z",
        "2026-02-01T00:00:00",
        "2026-02-01T00:00:00.Z",
        "2026-02-01T00:00:00Zx",
        "2026\r02-01T00:00:00Z",
        "2026-02-01T00:00:00+24:00",
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        msec_t t;

        assert_int_equal(parse(cases[i], &t), -EINVAL);
    }
}

static void writes_what_it_reads(void **state)
{
    static const msec_t times[] = {0, -1, 1769904000500, 253402300799999, -62135596800000};
    char text[MSEC_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        msec_t t;

        assert_int_equal(parse(msec_format(times[i], text), &t), 0);
        assert_int_equal(t, times[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_rfc_3339_allows),
        cmocka_unit_test(refuses_what_is_no_time),
        cmocka_unit_test(writes_what_it_reads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
