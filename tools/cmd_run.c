/* stillwatch run: a scenario from end to end in one process: simulate, detect, evaluate, report. */
#include "detector/detector.h"
#include "tools/baselines.h"
#include "tools/cli.h"
#include "tools/command.h"
#include "tools/config_file.h"
#include "tools/evaluate.h"
#include "tools/interrupt.h"
#include "tools/progress.h"
#include "tools/report.h"
#include "tools/run_folder.h"
#include "tools/run_text.h"
#include "tools/sim_source.h"
#include "tools/sim_windows.h"
#include "tools/truth_write.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

CLEANUP_DEFINE(struct detector, detector_free)
CLEANUP_DEFINE(struct scenario, scenario_free)
CLEANUP_DEFINE(struct world, world_free)

enum { PATH_SIZE = 4096 };

struct options {
    const char *out;
    uint64_t threads, seed;
    double scale, days;
    bool no_baselines, expect, json, quiet;
    bool seed_given;
    struct config_target detector;
};

/* What a run owns, in the order of its making. */
struct scenario_run {
    const struct options *options;
    char *const *path; /* of the scenario */
    struct scenario *scenario;
    struct world *world;
    struct detector *detector;
    struct baselines *baselines;
    struct run_folder *folder;
    struct sim_source *source;
    struct progress progress;
    uint64_t started_ns, finding_count, record_count;
};

static int take_seed(void *ctx, const char *value)
{
    struct options *o = ctx;
    char end;

    if (sscanf(value, "%" SCNu64 "%c", &o->seed, &end) != 1 || value[0] == '-' ||
        o->seed > INT64_MAX) {
        cli_error("run", "--seed: '%s' is not a whole number from 0 to 2^63 - 1", value);
        return EXIT_INVALID;
    }
    o->seed_given = true;
    return 0;
}

static int run_open(struct scenario_run *run, struct err *err)
{
    const struct options *o = run->options;
    const struct scenario_override over = {
        .seed = o->seed_given ? (int64_t)o->seed : -1, .scale = o->scale, .days = o->days};
    uint32_t threads = (uint32_t)o->threads;
    struct baselines_config baselines;
    int r = scenario_load(run->path[0], &over, &run->scenario, err);

    if (r == 0)
        r = world_new(run->scenario, sim_windows_shards(threads), &run->world, err);
    if (r == 0)
        r = detector_new(&o->detector.config, &run->detector, err);
    if (r == 0 && !o->no_baselines) {
        baselines_config_default(&baselines);
        baselines.accounts_max = o->detector.config.accounts_max;
        r = baselines_new(&baselines, &run->baselines);
    }
    if (r == 0)
        r = run_folder_new(o->out, &run->folder, err);
    if (r == 0)
        r = sim_source_new(run->world, threads, o->detector.config.hash_key, &run->source, err);
    return r;
}

static void run_close(struct scenario_run *run)
{
    interrupt_release();
    sim_source_free(run->source);
    run_folder_free(run->folder);
    baselines_free(run->baselines);
    detector_free(run->detector);
    world_free(run->world);
    scenario_free(run->scenario);
}

static double share_done(const struct scenario_run *run)
{
    const struct scenario *s = run->scenario;

    return (double)(sim_source_now(run->source) - s->start) / (double)(s->end - s->start);
}

static int run_feed(struct scenario_run *run, struct err *err)
{
    const struct digest_batch *batch;
    const uint32_t *order;
    uint32_t count;
    int r;

    while (!interrupt_came() &&
           (r = sim_source_next(run->source, &batch, &order, &count, err)) != 0) {
        if (r < 0)
            return r;
        detector_feed(run->detector, batch, order, count);
        if (run->baselines)
            baselines_feed(run->baselines, batch, order, count);
        run->record_count += count;
        r = run_folder_findings(run->folder, run->detector, &run->finding_count, err);
        if (r < 0)
            return r;
        progress_update(&run->progress, run->record_count, share_done(run));
    }
    detector_finish(run->detector, INT64_MIN);
    return 0;
}

static void path_in(char path[PATH_SIZE], const char *folder, const char *name)
{
    (void)snprintf(path, PATH_SIZE, "%s/%s", folder, name);
}

static int run_write(struct scenario_run *run, struct err *err)
{
    char path[PATH_SIZE];
    const struct run_facts facts = {
        .command = "run",
        .scenario = run->scenario->name,
        .config = &run->options->detector.config,
        .input = run->path,
        .input_count = 1,
        .interrupted = interrupt_came(),
        .wall_s = (double)(wall_ns() - run->started_ns) / 1e9,
    };
    struct run_levels levels;
    int r = run_folder_finish(run->folder, run->detector, &facts, &levels, err);

    if (r < 0)
        return r;
    if (!run->options->quiet && !run->options->json)
        run_text_print(stdout, run->detector, &facts, &levels, run->options->out);
    if (run->baselines) {
        path_in(path, run->options->out, "baselines.jsonl");
        r = baselines_finish(run->baselines);
        r = r < 0 ? err_set(err, r, "%s: out of memory", path)
                  : baselines_save(run->baselines, path, err);
    }
    path_in(path, run->options->out, "labels.jsonl");
    return r < 0 ? r : truth_write(run->world, path, err);
}

/* Whether a figure keeps to its bound; says so when it does not. A figure that cannot be told
 * fails. */
static bool expected(const char *name, double value, double bound, bool at_least)
{
    if (isnan(bound) || (at_least ? value >= bound : value <= bound))
        return true;
    cli_error("run", "expected %s %s %g, got %g", name, at_least ? "at least" : "at most", bound,
              value);
    return false;
}

/* The scenario's own `expect` block. */
static int check_expectations(const struct scenario *scenario, const struct evaluation *e)
{
    const struct expectation *x = &scenario->expect;
    const struct proportion *recall = &e->by_class[CLASS_DISTILLING][EVALUATE_REVIEW];
    const struct proportion *benign = &e->benign[EVALUATE_REVIEW];
    uint64_t flagged = recall->hit + benign->hit;
    double leaked = 0.0;
    bool met = true;

    for (uint32_t i = 0; i < e->campaign_count; i++)
        leaked = e->campaign[i].leaked > leaked ? e->campaign[i].leaked : leaked;
    met &= expected("recall", recall->value, x->recall_min, true);
    met &= expected("precision", flagged ? (double)recall->hit / (double)flagged : (double)NAN,
                    x->precision_min, true);
    met &= expected("false-positive rate", benign->value, x->false_positive_rate_max, false);
    met &= expected("leaked share", leaked, x->leaked_share_max, false);
    return met ? EXIT_DONE : EXIT_GATE;
}

/* Reads the folder back, as `evaluate` and `report` do. */
static int run_judge(struct scenario_run *run, struct err *err)
{
    AUTO(truth_free) struct truth *truth = NULL;
    AUTO(run_free) struct run *read = NULL;
    AUTO(evaluation_free) struct evaluation *evaluation = NULL;
    char path[PATH_SIZE];
    int r, code = EXIT_DONE;

    path_in(path, run->options->out, "labels.jsonl");
    r = truth_read(path, &truth, err);
    if (r == 0)
        r = run_read(run->options->out, LEVEL_WATCH, &read, err);
    if (r == 0)
        r = evaluate_folder(run->options->out, truth, read, &evaluation, err);
    if (r == 0)
        r = report_rebuild(run->options->out, err);
    if (r < 0)
        return r;
    if (run->options->json) {
        struct json_write w;

        json_write_init(&w, stdout);
        evaluation_write(evaluation, &w);
        json_write_line(&w);
        r = json_write_flush(&w);
        json_write_deinit(&w);
    } else if (!run->options->quiet) {
        evaluation_print(evaluation, stdout);
    }
    if (run->options->expect)
        code = check_expectations(run->scenario, evaluation);
    return r < 0 ? err_set(err, r, "stdout: %s", strerror(-r)) : code;
}

static int run_scenario(struct scenario_run *run)
{
    struct err err = {""};
    int r;

    interrupt_catch(NULL); /* before there is anything that could be left half made */
    r = run_open(run, &err);
    if (r == 0) {
        progress_start(&run->progress, "run", "records", run->options->quiet);
        r = run_feed(run, &err);
        progress_end(&run->progress);
    }
    if (r == 0)
        r = run_write(run, &err);
    if (r == 0)
        r = run_judge(run, &err);
    if (r < 0) {
        cli_error("run", "%s", err.text[0] ? err.text : strerror(-r));
        return r == -EINVAL ? EXIT_INVALID : EXIT_FAILED;
    }
    if (interrupt_came()) {
        cli_error("run", "interrupted after %" PRIu64 " records; %s holds what they show",
                  run->record_count, run->options->out);
        return EXIT_FAILED;
    }
    if (!run->options->quiet && !run->options->json)
        (void)printf("\nThe report is %s/report.html\n", run->options->out);
    return fflush(stdout) != 0 || ferror(stdout) ? EXIT_FAILED : r;
}

int cmd_run(int argc, char **argv)
{
    struct options o = {.detector.command = "run", .scale = (double)NAN, .days = (double)NAN};
    const struct cli_option table[] = {
        {"out", CLI_TEXT, &o.out, "DIR", "folder for the results; made when it is not there", NULL},
        {"seed", CLI_EACH, &o, "N", "instead of the scenario's", take_seed},
        {"scale", CLI_F64, &o.scale, "X", "accounts and exchanges, instead of the scenario's scale",
         NULL},
        {"days", CLI_F64, &o.days, "D", "length, instead of the scenario's", NULL},
        {"config", CLI_EACH, &o.detector, "FILE", "detector options as a JSON object",
         config_cli_load},
        {"set", CLI_EACH, &o.detector, "OPTION=VALUE", "sets one detector option", config_cli_set},
        {"threads", CLI_U64, &o.threads, "N", "simulating threads; default: one per processor",
         NULL},
        {"no-baselines", CLI_FLAG, &o.no_baselines, NULL, "leaves the simple methods out", NULL},
        {"expect", CLI_FLAG, &o.expect, NULL, "exit code 3 when the scenario's `expect` is not met",
         NULL},
        {"json", CLI_FLAG, &o.json, NULL, "prints the evaluation as JSON", NULL},
        {"quiet", CLI_FLAG, &o.quiet, NULL, "prints no summary and no progress", NULL},
        {NULL, CLI_FLAG, NULL, NULL, NULL, NULL},
    };
    const struct cli cli = {
        .usage = "run SCENARIO --out DIR [options]",
        .example = "stillwatch run scenarios/quickstart.json --out runs/first",
        .about = "Simulates the scenario's platform, detects on its records as they come, holds "
                 "the result against the\ntruth (labels.jsonl), and writes all of it and a report "
                 "into the folder.",
        .option = table,
        .operand_min = 1,
        .operand_max = 1,
    };
    struct scenario_run run = {.options = &o, .started_ns = wall_ns()};
    uint32_t operands;
    int r;

    detector_config_default(&o.detector.config);
    r = cli_parse(&cli, argc, argv, &operands);
    if (r >= 0)
        return r;
    if (!o.out) {
        cli_error("run", "--out DIR is missing: where shall the results go?");
        return EXIT_INVALID;
    }
    if (o.threads > 1024) {
        cli_error("run", "--threads: at most 1024");
        return EXIT_INVALID;
    }
    run.path = argv + 1;
    r = run_scenario(&run);
    run_close(&run);
    return r;
}
