/* stillwatch run: a scenario from end to end in one process: simulate, detect, evaluate, report. */
#include "detector/detector.h"
#include "tools/baselines.h"
#include "tools/beside.h"
#include "tools/cli.h"
#include "tools/command.h"
#include "tools/config_file.h"
#include "tools/enforce.h"
#include "tools/enforce_sweep.h"
#include "tools/evaluate.h"
#include "tools/gate.h"
#include "tools/interrupt.h"
#include "tools/json_save.h"
#include "tools/progress.h"
#include "tools/recall_file.h"
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
#include <unistd.h>

CLEANUP_DEFINE(struct detector, detector_free)
CLEANUP_DEFINE(struct scenario, scenario_free)
CLEANUP_DEFINE(struct world, world_free)

enum { PATH_SIZE = 4096 };

#define EVENTS_NAME "events.jsonl.zst"

struct options {
    const char *out, *enforce, *sweep, *remember;
    uint64_t threads, seed;
    double scale, days;
    bool no_baselines, expect, keep_events, json, quiet;
    bool seed_given;
    struct config_target detector;
};

/* What a run owns, in the order of its making. */
struct scenario_run {
    const struct options *options;
    char *const *path; /* of the scenario */
    struct scenario *scenario;
    struct gate_checks expect; /* the scenario's */
    struct world *world;
    struct detector *detector;
    struct policy policy;
    struct enforce *enforce; /* NULL: nobody is acted on */
    struct enforce_result enforced;
    struct baselines *baselines;
    struct beside *beside; /* feeds the baselines; NULL: there are none */
    struct {
        const struct digest_batch *batch;
        const uint32_t *order;
        uint32_t count;
    } window; /* that they are being fed */
    struct run_folder *folder;
    struct out_file *events; /* NULL: they are not kept */
    char events_path[PATH_SIZE];
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

static void path_in(char path[PATH_SIZE], const char *folder, const char *name)
{
    (void)snprintf(path, PATH_SIZE, "%s/%s", folder, name);
}

static struct scenario_override override_of(const struct options *o)
{
    return (struct scenario_override){
        .seed = o->seed_given ? (int64_t)o->seed : -1, .scale = o->scale, .days = o->days};
}

static void feed_baselines(void *ctx)
{
    const struct scenario_run *run = ctx;

    baselines_feed(run->baselines, run->window.batch, run->window.order, run->window.count);
}

static int open_baselines(struct scenario_run *run)
{
    struct baselines_config config;
    int r;

    baselines_config_default(&config);
    config.accounts_max = run->options->detector.config.accounts_max;
    r = baselines_new(&config, &run->baselines);
    return r < 0 ? r : beside_new(feed_baselines, run, &run->beside);
}

static int run_open(struct scenario_run *run, struct err *err)
{
    const struct options *o = run->options;
    const struct scenario_override over = override_of(o);
    uint32_t threads = (uint32_t)o->threads;
    int r = scenario_load(run->path[0], &over, &run->scenario, err);

    if (r == 0)
        r = gate_checks_expect(&run->expect, &run->scenario->expect, err);
    if (r == 0)
        r = world_new(run->scenario, sim_windows_shards(threads), &run->world, err);
    if (r == 0)
        r = detector_new(&o->detector.config, &run->detector, err);
    if (r == 0 && o->remember)
        r = recall_file_load(o->remember, o->detector.config.hash_key,
                             detector_recall(run->detector), err);
    if (r == 0 && o->enforce) {
        r = policy_load(o->enforce, &run->policy, err);
        if (r == 0)
            r = enforce_new(&run->policy, 0.0, run->scenario, &o->detector.config, run->world,
                            &run->enforce);
    }
    if (r == 0 && !o->no_baselines)
        r = open_baselines(run);
    if (r == 0)
        r = run_folder_new(o->out, &run->folder, err);
    path_in(run->events_path, o->out, EVENTS_NAME);
    if (r == 0 && !o->keep_events)
        (void)unlink(run->events_path); /* what a run before judged, into the same folder */
    if (r == 0 && o->keep_events)
        r = out_file_new(run->events_path, &run->events, err);
    if (r == 0)
        r = sim_source_new(run->world, threads, o->detector.config.hash_key, run->events,
                           &run->source, err);
    return r;
}

static void run_close(struct scenario_run *run)
{
    interrupt_release();
    beside_free(run->beside);
    sim_source_free(run->source);
    out_file_free(run->events);
    run_folder_free(run->folder);
    baselines_free(run->baselines);
    enforce_result_deinit(&run->enforced);
    enforce_free(run->enforce);
    detector_free(run->detector);
    world_free(run->world);
    scenario_free(run->scenario);
}

static double share_done(const struct scenario_run *run)
{
    const struct scenario *s = run->scenario;

    return (double)(sim_source_now(run->source) - s->start) / (double)(s->end - s->start);
}

/* The baselines read what the detector does, on another thread: neither changes it. */
static void batch_feed(struct scenario_run *run, const struct digest_batch *batch,
                       const uint32_t *order, uint32_t count)
{
    run->window.batch = batch;
    run->window.order = order;
    run->window.count = count;
    if (run->beside)
        beside_start(run->beside);
    detector_feed(run->detector, batch, order, count);
    if (run->beside)
        beside_wait(run->beside);
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
        batch_feed(run, batch, order, count);
        run->record_count += count;
        r = run_folder_findings(run->folder, run->detector, &run->finding_count, err);
        if (r < 0)
            return r;
        if (run->enforce)
            r = enforce_step(run->enforce, run->detector, sim_source_now(run->source));
        if (r < 0)
            return r;
        progress_update(&run->progress, run->record_count, share_done(run));
    }
    detector_finish(run->detector, INT64_MIN);
    r = sim_source_flush(run->source, err);
    return r == 0 && run->events ? out_file_finish(run->events, err) : r;
}

static void write_enforced(const void *what, struct json_write *w)
{
    json_write_open(w, NULL, '{');
    enforce_write(what, w);
    json_write_close(w, '}');
    json_write_line(w);
}

/* What the policy reached, into the folder; the truth is of the accounts that really were. */
static int enforced_write(struct scenario_run *run, struct err *err)
{
    char path[PATH_SIZE];

    path_in(path, run->options->out, "enforcement.json");
    if (!run->enforce) {
        (void)unlink(path); /* of a run before, into the same folder */
        return 0;
    }
    world_settle(run->world);
    if (enforce_finish(run->enforce, &run->enforced) < 0)
        return err_set(err, -ENOMEM, "out of memory");
    return json_save(path, write_enforced, &run->enforced, err);
}

static int run_write(struct scenario_run *run, struct err *err)
{
    char path[PATH_SIZE];
    const struct run_facts facts = {
        .command = "run",
        .scenario = run->scenario->name,
        .expect = &run->expect,
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
    if (r == 0)
        r = enforced_write(run, err);
    if (r == 0 && run->options->remember)
        r = recall_file_save(run->options->remember, facts.config->hash_key,
                             detector_recall(run->detector), err);
    path_in(path, run->options->out, "labels.jsonl");
    return r < 0 ? r : truth_write(run->world, path, err);
}

/* The scenario's own `expect` block, as `gate` judges it. */
static int check_expectations(const struct scenario_run *run, const struct evaluation *e,
                              struct err *err)
{
    struct gate gate;
    int r = gate_judge(&run->expect, e, NULL, LEVEL_REVIEW, &gate, err);

    if (r < 0)
        return r;
    gate_complain(&gate, "run");
    return gate_passes(&gate, false) ? EXIT_DONE : EXIT_GATE;
}

/* On stdout, as asked for. */
static int tell_outcome(const struct scenario_run *run, const struct evaluation *evaluation,
                        struct err *err)
{
    const struct options *o = run->options;
    int r = o->json || !o->quiet ? evaluation_tell(evaluation, o->json, stdout) : 0;

    if (r < 0)
        return err_set(err, r, "stdout: %s", strerror(-r));
    if (run->enforce && !o->json && !o->quiet)
        enforce_print(&run->enforced, stdout);
    return 0;
}

/* Reads the folder back, as `evaluate` and `report` do, but once for both. */
static int run_judge(struct scenario_run *run, struct err *err)
{
    AUTO(truth_free) struct truth *truth = NULL;
    AUTO(run_free) struct run *read = NULL;
    AUTO(baseline_scores_free) struct baseline_scores *baselines = NULL;
    AUTO(evaluation_free) struct evaluation *evaluation = NULL;
    AUTO(report_data_free) struct report_data *report = NULL;
    const char *folder = run->options->out;
    char path[PATH_SIZE];
    int r;

    path_in(path, folder, "labels.jsonl");
    r = truth_read(path, &truth, err);
    if (r == 0)
        r = run_read(folder, LEVEL_REVIEW, &read, err);
    if (r == 0)
        r = baseline_scores_load(folder, truth, &baselines, err);
    if (r == 0)
        r = evaluate_folder(folder, truth, read, baselines, NULL, &evaluation, err);
    if (r == 0)
        r = report_data_new(folder, read, truth, baselines, &report, err);
    if (r == 0)
        r = report_save(report, err);
    if (r == 0)
        r = tell_outcome(run, evaluation, err);
    if (r < 0)
        return r;
    return run->options->expect ? check_expectations(run, evaluation, err) : EXIT_DONE;
}

static int failed(int r, const struct err *err)
{
    cli_error("run", "%s", err->text[0] ? err->text : strerror(-r));
    return r == -EINVAL || r == -ENOENT ? EXIT_INVALID : EXIT_FAILED;
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
    if (r < 0)
        return failed(r, &err);
    if (interrupt_came()) {
        cli_error("run", "interrupted after %" PRIu64 " records; %s holds what they show",
                  run->record_count, run->options->out);
        return EXIT_FAILED;
    }
    if (!run->options->quiet && !run->options->json)
        (void)printf("\nThe report is %s/report.html\n", run->options->out);
    return fflush(stdout) != 0 || ferror(stdout) ? EXIT_FAILED : r;
}

static void tell_point(void *ctx, uint32_t run, uint32_t runs)
{
    const struct options *o = ctx;

    if (!o->quiet)
        cli_error("run", "run %" PRIu32 " of %" PRIu32, run, runs);
}

/* The closed loop over strictness: many runs, and no folder for each. */
static int run_sweep(const struct options *o, const char *path)
{
    const struct scenario_override over = override_of(o);
    AUTO(scenario_free) struct scenario *scenario = NULL;
    struct sweep sweep = {.count = 0};
    struct policy policy;
    struct err err = {""};
    int r = sweep_parse(o->sweep, &sweep, &err);

    if (r == 0)
        r = policy_load(o->enforce, &policy, &err);
    if (r == 0)
        r = scenario_load(path, &over, &scenario, &err);
    if (r == 0)
        r = run_folder_make(o->out, &err);
    interrupt_catch(NULL);
    if (r == 0)
        r = sweep_run(&sweep, &policy, scenario, &o->detector.config, (uint32_t)o->threads,
                      tell_point, (void *)(uintptr_t)o, &err);
    interrupt_release();
    if (r == 1)
        (void)err_set(&err, 0, "interrupted: nothing was written");
    if (r == 0)
        r = sweep_save(&sweep, o->out, &err);
    if (r == 0 && !o->quiet)
        sweep_print(&sweep, stdout);
    sweep_deinit(&sweep);
    if (r != 0)
        return failed(r, &err);
    return fflush(stdout) != 0 || ferror(stdout) ? EXIT_FAILED : EXIT_DONE;
}

/* -1: go on. */
static int check_options(const struct options *o)
{
    if (!o->out) {
        cli_error("run", "--out DIR is missing: where shall the results go?");
        return EXIT_INVALID;
    }
    if (o->threads > 1024) {
        cli_error("run", "--threads: at most 1024");
        return EXIT_INVALID;
    }
    if (o->sweep && !o->enforce) {
        cli_error("run", "--enforce-sweep varies a policy: --enforce POLICY is missing");
        return EXIT_INVALID;
    }
    if (o->sweep && o->remember) {
        cli_error("run", "--remember: the runs of --enforce-sweep begin without a past");
        return EXIT_INVALID;
    }
    return -1;
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
        CONFIG_CLI_BASE_RATE(&o.detector),
        {"threads", CLI_U64, &o.threads, "N", "simulating threads; default: one per processor",
         NULL},
        {"no-baselines", CLI_FLAG, &o.no_baselines, NULL, "leaves the simple methods out", NULL},
        {"expect", CLI_FLAG, &o.expect, NULL, "exit code 3 when the scenario's `expect` is not met",
         NULL},
        {"enforce", CLI_TEXT, &o.enforce, "POLICY",
         "acts on what is found: observe-only, careful, strict, or a file", NULL},
        {"enforce-sweep", CLI_TEXT, &o.sweep, "NATS,...",
         "only the policy's curves, with so much less evidence asked for: -4,-2,0,2,4", NULL},
        {"remember", CLI_TEXT, &o.remember, "FILE", RECALL_FILE_HELP, NULL},
        {"keep-events", CLI_FLAG, &o.keep_events, NULL,
         "keeps the records as DIR/" EVENTS_NAME ": `detect` judges them again", NULL},
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
    r = check_options(&o);
    if (r >= 0)
        return r;
    if (o.sweep)
        return run_sweep(&o, argv[1]);
    run.path = argv + 1;
    r = run_scenario(&run);
    run_close(&run);
    return r;
}
