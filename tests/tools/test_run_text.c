#include "base/cleanup.h"
#include "tests/support.h"
#include "tools/run_text.h"

#include <string.h>

/* The summary of a run that has read `feed` (or nothing). */
static char *summary_of(const struct api_event *feed, const struct event_source_counters *source)
{
    struct detector_config config;
    struct run_facts facts = {.command = "detect", .source = source, .wall_s = 2.0};
    const struct run_levels levels = {.accounts[LEVEL_NONE] = feed != NULL};
    struct detector *detector;
    struct digest_batch *batch;
    struct err err;
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    detector_config_default(&config);
    config.accounts_max = 64;
    config.hubs_max = config.door_max = config.prompts_max = 1024;
    config.groups_max = 64;
    config.names_bytes = 4096;
    assert_int_equal(detector_new(&config, &detector, &err), 0);
    assert_int_equal(digest_batch_new(1, &batch), 0);
    if (feed) {
        assert_int_equal(digest_batch_add(batch, feed, 1), 0);
        detector_feed(detector, batch, NULL, 1);
    }
    detector_finish(detector, INT64_MIN);
    run_text_print(out, detector, &facts, &levels, "runs/x");
    (void)fclose(out);
    detector_free(detector);
    digest_batch_free(batch);
    return text;
}

static void an_empty_run_says_that_there_is_nothing(void **state)
{
    AUTO_FREE char *text = summary_of(NULL, NULL);

    (void)state;
    assert_non_null(strstr(text, "Groups at review or act: 0 (none)\n"));
    assert_non_null(strstr(text, "Accounts at review or act: 0 of 0, 0 of them in no group.\n"));
    assert_non_null(strstr(text, "by share of exchanges: none.\n"));
    assert_non_null(strstr(text, "Details: runs/x\n"));
    assert_null(strstr(text, "Read "));
}

static void counts_are_grouped_and_what_was_not_used_is_told(void **state)
{
    struct event_source_counters source = {
        .accepted = 1234567, .exchanges = 1000, .refused = 12, .late = 3};
    struct api_event ev = {.type = RECORD_EXCHANGE};
    AUTO_FREE char *text = NULL;

    (void)state;
    EVENT_PUT(&ev, ts, 1769904000000);
    EVENT_PUT(&ev, account, STR("a"));
    EVENT_PUT(&ev, ip, STR("192.0.2.1"));
    text = summary_of(&ev, &source);
    assert_non_null(strstr(text, "Read 1,234,567 records, 1,000 of them exchanges, in 2.0 s"));
    assert_non_null(strstr(text, "Not used: 12 refused, 0 duplicate, 3 late, 0 far ahead"));
    assert_non_null(strstr(text, "0 of 1, 0 of them in no group."));
    assert_non_null(strstr(text, "network 100 %"));
    assert_non_null(strstr(text, "Not fed: payment, "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_run_says_that_there_is_nothing),
        cmocka_unit_test(counts_are_grouped_and_what_was_not_used_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
