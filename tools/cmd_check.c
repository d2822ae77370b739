/* stillwatch check: are these files what the other commands take? */
#include "base/cleanup.h"
#include "base/json_write.h"
#include "event/event_source.h"
#include "sim/scenario.h"
#include "tools/cli.h"
#include "tools/command.h"
#include "tools/config_file.h"
#include "tools/policy.h"
#include "tools/recognise.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

CLEANUP_DEFINE(struct field_map, field_map_free)

enum { ERRORS_SHOWN = 10, DETAIL_SIZE = 256 };

/* What was found out about one file. */
struct verdict {
    const char *path;
    enum file_kind kind;
    bool recognised;
    bool failed; /* it could not be read at all, or not to its end */
    char detail[DETAIL_SIZE];
    uint64_t error_count;
    struct err error[ERRORS_SHOWN];
};

struct options {
    const char *map_path;
    struct field_map *map;
    bool json;
};

static void add_error(struct verdict *v, const char *text)
{
    if (v->error_count++ < ERRORS_SHOWN)
        (void)err_set(&v->error[v->error_count - 1], 0, "%s", text);
}

static void add_failure(struct verdict *v, int r, const struct err *err)
{
    v->failed = v->failed || (r != -EINVAL && r != -EBADMSG); /* damaged data is invalid */
    add_error(v, err->text[0] ? err->text : strerror(-r));
}

static void on_refused(void *ctx, const char *source, uint64_t line, const char *reason,
                       struct str text)
{
    struct err err;

    (void)text;
    (void)err_set(&err, 0, "%s:%" PRIu64 ": %s", source, line, reason);
    add_error(ctx, err.text);
}

/* Reads all records; what else is odd about them is told, but is no error. */
static void check_events(struct verdict *v, const struct options *o)
{
    AUTO(event_source_free) struct event_source *source = NULL;
    struct event_source_config config;
    struct event_source_counters c;
    const struct digest_batch *batch;
    const uint32_t *order;
    char *path[] = {(char *)(uintptr_t)v->path};
    msec_t first = INT64_MAX, last = INT64_MIN;
    char text[2][MSEC_TEXT_SIZE];
    struct err err = {""};
    uint32_t count;
    int r;

    event_source_config_default(&config);
    config.path = path;
    config.path_count = 1;
    config.map = o->map;
    config.refused = on_refused;
    config.refused_ctx = v;
    r = event_source_new(&config, &source, &err);
    while (r == 0 && (r = event_source_next(source, &batch, &order, &count, &err)) > 0) {
        last = batch->digest[order ? order[count - 1] : count - 1].ts;
        if (first == INT64_MAX)
            first = batch->digest[order ? order[0] : 0].ts;
        r = 0;
    }
    if (r < 0)
        add_failure(v, r, &err);
    if (!source)
        return;
    event_source_counters(source, &c);
    (void)snprintf(v->detail, sizeof v->detail,
                   "%" PRIu64 " records, %" PRIu64 " of them exchanges; %" PRIu64
                   " duplicate, %" PRIu64 " late",
                   c.accepted, c.exchanges, c.duplicate, c.late + c.leap);
    if (c.accepted > 0)
        (void)snprintf(v->detail + strlen(v->detail), sizeof v->detail - strlen(v->detail),
                       "; %s to %s", msec_format(first, text[0]), msec_format(last, text[1]));
}

static void check_scenario(struct verdict *v)
{
    struct scenario *s = NULL;
    struct err err = {""};
    uint64_t accounts = 0;
    int r = scenario_load(v->path, NULL, &s, &err);

    if (r < 0) {
        add_failure(v, r, &err);
        return;
    }
    for (uint32_t i = 0; i < s->cohort_count; i++)
        accounts += s->cohort[i].account_count;
    (void)snprintf(v->detail, sizeof v->detail,
                   "%s: %" PRIu32 " populations and campaigns, %" PRIu64 " accounts, %.3g days",
                   s->name, s->cohort_count, accounts,
                   (double)(s->end - s->start) / (double)MSEC_DAY);
    scenario_free(s);
}

static void check_map(struct verdict *v)
{
    AUTO(field_map_free) struct field_map *map = NULL;
    struct err err = {""};
    int r = field_map_load(v->path, &map, &err);

    if (r < 0)
        add_failure(v, r, &err);
    else
        (void)snprintf(v->detail, sizeof v->detail, "%s, for %s", field_map_name(map),
                       field_map_has_header(map) ? "CSV" : "JSON lines");
}

static void check_policy(struct verdict *v)
{
    struct policy policy;
    struct err err = {""};
    int r = policy_load(v->path, &policy, &err);

    if (r < 0)
        add_failure(v, r, &err);
    else
        (void)snprintf(v->detail, sizeof v->detail, "%s: %" PRIu32 " rules, every %g min",
                       policy.name, policy.rule_count, policy.step_min);
}

static void check_config(struct verdict *v)
{
    struct detector_config config;
    struct err err = {""};
    int r;

    detector_config_default(&config);
    r = config_file_load(v->path, &config, &err);
    if (r < 0)
        add_failure(v, r, &err);
    else
        (void)snprintf(v->detail, sizeof v->detail, "digest %016" PRIx64,
                       detector_config_digest(&config));
}

static void check(struct verdict *v, const struct options *o)
{
    struct err err = {""};
    int r = o->map ? 0 : file_recognise(v->path, &v->kind, &err); /* a map is for events */

    v->recognised = r == 0;
    if (r < 0) {
        add_failure(v, r, &err);
        return;
    }
    switch (v->kind) {
    case FILE_EVENTS: check_events(v, o); break;
    case FILE_SCENARIO: check_scenario(v); break;
    case FILE_FIELD_MAP: check_map(v); break;
    case FILE_POLICY: check_policy(v); break;
    case FILE_CONFIG: check_config(v); break;
    default: (void)snprintf(v->detail, sizeof v->detail, "well-formed JSON"); break;
    }
}

static void tell(const struct verdict *v)
{
    uint64_t shown = v->error_count < ERRORS_SHOWN ? v->error_count : ERRORS_SHOWN;

    (void)fflush(stdout);
    for (uint64_t i = 0; i < shown; i++)
        (void)fprintf(stderr, "%s\n", v->error[i].text);
    if (v->error_count > shown)
        (void)fprintf(stderr, "%s: and %" PRIu64 " more\n", v->path, v->error_count - shown);
    (void)printf("%s: %s%s%s%s%s\n", v->path, v->error_count ? "invalid" : "ok",
                 v->recognised ? " " : "", v->recognised ? file_kind_name[v->kind] : "",
                 v->detail[0] ? ": " : "", v->detail);
}

static void tell_json(const struct verdict *v)
{
    struct json_write w;

    json_write_init(&w, stdout);
    json_write_open(&w, NULL, '{');
    json_write_text(&w, "file", v->path);
    json_write_text(&w, "kind", v->recognised ? file_kind_name[v->kind] : NULL);
    json_write_bool(&w, "valid", v->error_count == 0);
    json_write_text(&w, "detail", v->detail);
    json_write_u64(&w, "error_count", v->error_count);
    json_write_open(&w, "errors", '[');
    for (uint64_t i = 0; i < v->error_count && i < ERRORS_SHOWN; i++)
        json_write_text(&w, NULL, v->error[i].text);
    json_write_close(&w, ']');
    json_write_close(&w, '}');
    json_write_line(&w);
    (void)json_write_flush(&w); /* stdout remembers its failure */
    json_write_deinit(&w);
}

static int check_all(char *const *path, uint32_t count, const struct options *o)
{
    int code = EXIT_DONE;

    for (uint32_t i = 0; i < count; i++) {
        struct verdict v = {.path = path[i]};

        check(&v, o);
        if (o->json)
            tell_json(&v);
        else
            tell(&v);
        if (v.failed)
            code = EXIT_FAILED;
        else if (v.error_count > 0 && code == EXIT_DONE)
            code = EXIT_INVALID;
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        cli_error("check", "stdout: %s", strerror(errno));
        return EXIT_FAILED;
    }
    return code;
}

int cmd_check(int argc, char **argv)
{
    struct options o = {NULL, NULL, false};
    const struct cli_option table[] = {
        {"map", CLI_TEXT, &o.map_path, "FILE", "the files are logs; read them with this field map",
         NULL},
        {"json", CLI_FLAG, &o.json, NULL, "prints one JSON object per file", NULL},
        {NULL, CLI_FLAG, NULL, NULL, NULL, NULL},
    };
    const struct cli cli = {
        .usage = "check FILE... [options]",
        .example = "stillwatch check scenarios/quickstart.json events.jsonl.zst",
        .about = "Validates scenarios, policies, field maps, configurations and event files, told "
                 "apart by their content.\nOne line per file; errors go to stderr as file:line: "
                 "message. Exit code 2 when any is invalid.",
        .option = table,
        .operand_min = 1,
        .operand_max = UINT32_MAX,
    };
    struct err err = {""};
    uint32_t count;
    int r = cli_parse(&cli, argc, argv, &count);

    if (r >= 0)
        return r;
    if (o.map_path && (r = field_map_load(o.map_path, &o.map, &err)) < 0) {
        cli_error("check", "%s", err.text[0] ? err.text : strerror(-r));
        return r == -EINVAL ? EXIT_INVALID : EXIT_FAILED;
    }
    r = check_all(argv + 1, count, &o);
    field_map_free(o.map);
    return r;
}
