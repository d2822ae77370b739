#include "base/cleanup.h"
#include "sim/scenario_schema.h"
#include "tests/support.h"

#include <stdlib.h>
#include <string.h>

/* To renew the published file after a change of the tables: STILLWATCH_RENEW=1 and run this. */
static void renew(const char *path, const char *text)
{
    AUTO_FCLOSE FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
}

static char *content(const char *path)
{
    AUTO_FCLOSE FILE *f = fopen(path, "rb");
    char *text = calloc(1, 1024 * 1024);

    assert_non_null(f);
    assert_non_null(text);
    assert_in_range(fread(text, 1, 1024 * 1024 - 1, f), 1, 1024 * 1024 - 2);
    return text;
}

static void the_published_schema_is_what_the_tables_say(void **state)
{
    AUTO_FREE char *text = scenario_schema_text();
    AUTO_FREE char *published = NULL;

    (void)state;
    assert_non_null(text);
    if (getenv("STILLWATCH_RENEW"))
        renew(source_path("scenarios/schema.json"), text);
    published = content(source_path("scenarios/schema.json"));
    if (strcmp(text, published) != 0)
        fail_msg("scenarios/schema.json is out of date: run this test with STILLWATCH_RENEW=1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_schema_is_what_the_tables_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
