/* stillwatch detect: events in, a run folder out. */
#include "base/cleanup.h"
#include "detector/detector.h"
#include "event/event_source.h"
#include "tools/baselines.h"
#include "tools/cli.h"
#include "tools/command.h"
#include "tools/config_file.h"
#include "tools/interrupt.h"
#include "tools/map_path.h"
#include "tools/progress.h"
#include "tools/recall_file.h"
#include "tools/report.h"
#include "tools/run_folder.h"
#include "tools/run_text.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

CLEANUP_DEFINE(struct field_map, field_map_free)
CLEANUP_DEFINE(struct detector, detector_free)

struct options {
    const char *out, *map, *config, *remember;
    uint64_t threads;
    double lateness_s;
    bool baselines, print_config, json, quiet;
    struct config_target detector;
};

/* What a run owns. */
struct detection {
    const struct options *options;
    struct field_map *map;
    struct run_folder *folder;
    struct event_source *source;
    struct detector *detector;
    struct baselines *baselines; /* NULL: not asked for */
    struct progress progress;
    uint64_t started_ns, finding_count;
    struct event_source_counters counters;
    struct err input_failure; /* why the input ended early; "" when it did not */
    char *const *path;
    uint32_t path_count;
};

static int print_config(const struct detector_config *config)
{
    struct json_write w;
    int r;

    json_write_init(&w, stdout);
    json_write_open(&w, NULL, '{');
    config_file_write(&w, config);
    json_write_close(&w, '}');
    json_write_line(&w);
    r = json_write_flush(&w);
    json_write_deinit(&w);
    if (r < 0)
        cli_error("detect", "stdout: %s", strerror(-r));
    return r < 0 ? EXIT_FAILED : EXIT_DONE;
}

static int baselines_open(struct detection *d, struct err *err)
{
    struct baselines_config config;
    int r;

    baselines_config_default(&config);
    config.accounts_max = d->options->detector.config.accounts_max;
    r = baselines_new(&config, &d->baselines);
    return r < 0 ? err_set(err, r, "baselines: %s", strerror(-r)) : 0;
}

/* RUN/baselines.jsonl, when asked for. */
static int baselines_close(struct detection *d, struct err *err)
{
    char path[4096];
    int r;

    if (!d->baselines)
        return 0;
    (void)snprintf(path, sizeof path, "%s/baselines.jsonl", d->options->out);
    r = baselines_finish(d->baselines);
    return r < 0 ? err_set(err, r, "%s: %s", path, strerror(-r))
                 : baselines_save(d->baselines, path, err);
}

static int detection_open(struct detection *d, struct err *err)
{
    const struct options *o = d->options;
    struct event_source_config config;
    int r = 0;

    event_source_config_default(&config);
    if (o->map)
        r = map_path_load(o->map, &d->map, err);
    if (r == 0)
        r = detector_new(&o->detector.config, &d->detector, err);
    if (r == 0 && o->remember)
        r = recall_file_load(o->remember, o->detector.config.hash_key, detector_recall(d->detector),
                             err);
    if (r == 0 && o->baselines)
        r = baselines_open(d, err);
    if (r == 0)
        r = run_folder_new(o->out, &d->folder, err);
    if (r < 0)
        return r;
    config.path = d->path;
    config.path_count = d->path_count;
    config.map = d->map;
    config.hash_key = o->detector.config.hash_key;
    config.lateness_ms = (msec_t)(o->lateness_s * (double)MSEC_SECOND);
    config.thread_count = o->threads > UINT32_MAX ? UINT32_MAX : (uint32_t)o->threads;
    config.rejected_path = run_folder_rejected_path(d->folder);
    return event_source_new(&config, &d->source, err);
}

static void detection_close(struct detection *d)
{
    interrupt_release();
    event_source_free(d->source);
    detector_free(d->detector);
    baselines_free(d->baselines);
    run_folder_free(d->folder);
    field_map_free(d->map);
}

static void show_progress(struct detection *d)
{
    uint64_t size = event_source_size(d->source);

    event_source_counters(d->source, &d->counters);
    progress_update(&d->progress, d->counters.accepted,
                    size ? (double)d->counters.bytes / (double)size : -1.0);
}

/* Feeds all input. 0: it ended, perhaps early (then input_failure says why); a negative errno when
 * there is no use in writing results. */
static int detection_feed(struct detection *d, struct err *err)
{
    const struct digest_batch *batch;
    const uint32_t *order;
    uint32_t count;
    int r;

    while ((r = event_source_next(d->source, &batch, &order, &count, &d->input_failure)) > 0) {
        int written;

        detector_feed(d->detector, batch, order, count);
        if (d->baselines)
            baselines_feed(d->baselines, batch, order, count);
        written = run_folder_findings(d->folder, d->detector, &d->finding_count, err);
        if (written < 0)
            return written;
        if (d->progress.on)
            show_progress(d);
    }
    detector_finish(d->detector, INT64_MIN);
    event_source_counters(d->source, &d->counters);
    if (r == 0)
        d->input_failure.text[0] = '\0';
    return 0;
}

static int stdout_failed(void)
{
    cli_error("detect", "stdout: %s", strerror(errno));
    return EXIT_FAILED;
}

static int tell(struct detection *d, const struct run_facts *facts, const struct run_levels *levels)
{
    if (d->options->json) {
        struct json_write w;
        int r;

        json_write_init(&w, stdout);
        run_summary_write(&w, d->detector, facts, levels);
        r = json_write_flush(&w);
        json_write_deinit(&w);
        errno = -r;
        return r < 0 ? stdout_failed() : EXIT_DONE;
    }
    if (!d->options->quiet)
        run_text_print(stdout, d->detector, facts, levels, d->options->out);
    return fflush(stdout) != 0 || ferror(stdout) ? stdout_failed() : EXIT_DONE;
}

/* The exit code, with a message when it is not 0. */
static int outcome(const struct detection *d)
{
    const struct event_source_counters *c = &d->counters;

    if (d->input_failure.text[0]) {
        cli_error("detect", "%s; what came before it is in %s", d->input_failure.text,
                  d->options->out);
        return EXIT_FAILED;
    }
    if (interrupt_came()) {
        cli_error("detect", "interrupted after %" PRIu64 " records; %s holds what they show",
                  c->accepted, d->options->out);
        return EXIT_FAILED;
    }
    if (c->refused > 0 && c->accepted == 0 && c->duplicate + c->late + c->leap == 0) {
        cli_error("detect", "not one of %" PRIu64 " lines is a record; see %s/rejected.jsonl",
                  c->lines, d->options->out);
        return EXIT_INVALID;
    }
    if (c->refused > 0)
        cli_error("detect",
                  "note: %" PRIu64 " of %" PRIu64 " lines refused; see "
                  "%s/rejected.jsonl",
                  c->refused, c->lines, d->options->out);
    return EXIT_DONE;
}

static int detect(struct detection *d)
{
    struct err err = {""};
    struct run_levels levels;
    int r = detection_open(d, &err);
    int told;

    if (r == 0) {
        interrupt_catch(d->source);
        progress_start(&d->progress, "detect", "records", d->options->quiet);
        r = detection_feed(d, &err);
        progress_end(&d->progress);
    }
    if (r == 0) {
        struct run_facts facts = {
            .command = "detect",
            .config = &d->options->detector.config,
            .source = &d->counters,
            .input = d->path,
            .input_count = d->path_count,
            .map = d->map ? field_map_name(d->map) : NULL,
            .interrupted = interrupt_came(),
            .failure = d->input_failure.text[0] ? d->input_failure.text : NULL,
            .wall_s = (double)(wall_ns() - d->started_ns) / 1e9,
        };

        r = run_folder_finish(d->folder, d->detector, &facts, &levels, &err);
        if (r == 0 && d->options->remember)
            r = recall_file_save(d->options->remember, facts.config->hash_key,
                                 detector_recall(d->detector), &err);
        if (r == 0)
            r = baselines_close(d, &err);
        if (r == 0)
            r = report_rebuild(d->options->out, &err);
        if (r == 0) {
            told = tell(d, &facts, &levels);
            r = outcome(d);
            return r ? r : told;
        }
    }
    cli_error("detect", "%s", err.text[0] ? err.text : strerror(-r));
    return r == -EINVAL ? EXIT_INVALID : EXIT_FAILED;
}

static int check_options(struct options *o)
{
    if (!o->out) {
        cli_error("detect", "--out DIR is missing: where shall the results go?");
        return EXIT_INVALID;
    }
    if (!(o->lateness_s >= 0.0) || o->lateness_s > 1e9) {
        cli_error("detect", "--lateness: not a number of seconds from 0 to 1e9");
        return EXIT_INVALID;
    }
    return -1;
}

int cmd_detect(int argc, char **argv)
{
    struct options o = {.detector.command = "detect", .lateness_s = 300.0};
    const struct cli_option table[] = {
        {"out", CLI_TEXT, &o.out, "DIR", "folder for the results; made when it is not there", NULL},
        {"map", CLI_TEXT, &o.map, "NAME|FILE", "field map: reads logs of other programs", NULL},
        {"config", CLI_EACH, &o.detector, "FILE", "detector options as a JSON object",
         config_cli_load},
        {"set", CLI_EACH, &o.detector, "OPTION=VALUE", "sets one detector option", config_cli_set},
        CONFIG_CLI_BASE_RATE(&o.detector),
        {"threads", CLI_U64, &o.threads, "N", "decode threads; default: one per processor", NULL},
        {"lateness", CLI_F64, &o.lateness_s, "S", "seconds that records may be late; default 300",
         NULL},
        {"remember", CLI_TEXT, &o.remember, "FILE", RECALL_FILE_HELP, NULL},
        {"baselines", CLI_FLAG, &o.baselines, NULL,
         "also runs the simple methods that `evaluate` compares with", NULL},
        {"print-config", CLI_FLAG, &o.print_config, NULL, "prints all detector options and ends",
         NULL},
        {"json", CLI_FLAG, &o.json, NULL, "prints summary.json instead of the summary", NULL},
        {"quiet", CLI_FLAG, &o.quiet, NULL, "prints no summary and no progress", NULL},
        {NULL, CLI_FLAG, NULL, NULL, NULL, NULL},
    };
    const struct cli cli = {
        .usage = "detect [FILE...] --out DIR [options]",
        .example = "stillwatch detect events.jsonl.zst --out runs/today",
        .about = "Reads events (docs/events.md; stdin without FILE; zstd and gzip are recognised) "
                 "and writes accounts,\ngroups, findings and a report into a folder.",
        .option = table,
        .operand_max = UINT32_MAX,
    };
    struct detection d = {.options = &o, .started_ns = wall_ns()};
    int r;

    detector_config_default(&o.detector.config);
    r = cli_parse(&cli, argc, argv, &d.path_count);
    if (r < 0 && o.print_config)
        return print_config(&o.detector.config);
    if (r < 0)
        r = check_options(&o);
    if (r >= 0)
        return r;
    d.path = argv + 1;
    r = detect(&d);
    detection_close(&d);
    return r;
}
