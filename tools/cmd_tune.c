/* stillwatch tune: chooses an operating point, and says what it will do. */
#include "tools/cli.h"
#include "tools/command.h"
#include "tools/config_file.h"
#include "tools/frontier.h"
#include "tools/interrupt.h"
#include "tools/progress.h"
#include "tools/run_folder.h"
#include "tools/tune.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

enum { SEEDS_MAX = 10000, COSTS = 3, FRESH_FIRST = 1000000, OPTIONS_MAX = 32 };

struct options {
    const char *out, *seeds, *base_rate;
    uint64_t threads, fresh;
    double scale, days, strength, fresh_scale;
    bool json, quiet, frontier;
    struct frontier grid;
    struct tune_goals goals;
    struct config_target detector;
};

static int take_check(struct options *o, enum gate_measure measure, const char *value)
{
    struct err err;

    if (gate_checks_add(&o->goals.checks, measure, value, &err) == 0)
        return 0;
    cli_error("tune", "%s", err.text);
    return EXIT_INVALID;
}

static int take_fpr(void *ctx, const char *value)
{
    return take_check(ctx, GATE_FPR, value);
}

static int take_recall(void *ctx, const char *value)
{
    return take_check(ctx, GATE_RECALL, value);
}

static int take_knob(void *ctx, const char *value)
{
    struct options *o = ctx;
    struct err err;

    if (frontier_knob_add(&o->grid, value, &err) == 0)
        return 0;
    cli_error("tune", "%s", err.text);
    return EXIT_INVALID;
}

/* "false_ban=500,leak=1" */
static int take_cost(void *ctx, const char *value)
{
    static const char *const names[COSTS] = {"false_ban", "leak", "false_review"};
    struct options *o = ctx;
    double *const into[COSTS] = {&o->goals.false_ban, &o->goals.leak, &o->goals.false_review};

    for (const char *at = value; *at;) {
        size_t n = strcspn(at, "=");
        unsigned i = 0;
        char *end;

        while (i < COSTS && (strlen(names[i]) != n || strncmp(names[i], at, n) != 0))
            i++;
        if (i < COSTS && at[n] == '=')
            *into[i] = strtod(at + n + 1, &end);
        if (i == COSTS || at[n] != '=' || end == at + n + 1 || (*end && *end != ',') ||
            !(*into[i] >= 0.0)) {
            cli_error("tune",
                      "--cost: '%s' is not a list such as false_ban=500,leak=1,false_review=50: "
                      "what an honest account at act, a leaked exchange and an honest account at "
                      "review cost",
                      value);
            return EXIT_INVALID;
        }
        at = *end ? end + 1 : end;
    }
    return 0;
}

/* A count N: seeds 1..N; or a list: 3,5,8. Returns how many, 0: neither. */
static uint32_t seeds_parse(const char *text, uint64_t *seed)
{
    char *end;
    uint32_t count = 0;

    if (!strchr(text, ',')) {
        unsigned long long n = strtoull(text, &end, 10);

        if (*end || end == text || n > SEEDS_MAX)
            return 0;
        for (; count < n; count++)
            seed[count] = count + 1;
        return count;
    }
    for (const char *at = text; count < SEEDS_MAX; at = end + 1) {
        seed[count++] = strtoull(at, &end, 10);
        if (end == at || *at == '-' || (*end && *end != ','))
            return 0;
        if (!*end)
            return count;
    }
    return 0;
}

static bool is_folder(const char *path)
{
    struct stat s;

    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

/* Every scenario with every seed, every folder once. */
static int inputs_make(const struct options *o, char *const *path, uint32_t count,
                       struct tune_input **input, uint32_t *input_count)
{
    AUTO_FREE uint64_t *seed = calloc(SEEDS_MAX, sizeof *seed);
    uint32_t seeds = seed ? seeds_parse(o->seeds, seed) : 0;

    if (seeds == 0) {
        cli_error("tune",
                  "--seeds: '%s' is neither a number of seeds, up to %d, nor a list such as "
                  "3,5,8",
                  o->seeds, SEEDS_MAX);
        return EXIT_INVALID;
    }
    *input = calloc((size_t)count * seeds, sizeof **input);
    if (!*input)
        return EXIT_FAILED;
    for (uint32_t i = 0; i < count; i++) {
        bool folder = is_folder(path[i]);

        for (uint32_t s = 0; s < (folder ? 1 : seeds); s++)
            (*input)[(*input_count)++] = (struct tune_input){path[i], folder, seed[s]};
    }
    return 0;
}

static void tell(void *ctx, uint32_t done, uint32_t all)
{
    const struct options *o = ctx;

    if (!o->quiet)
        cli_error("tune", "%" PRIu32 " of %" PRIu32 " inputs judged", done, all);
}

static int failed(int r, const struct err *err)
{
    cli_error("tune", "%s", err->text[0] ? err->text : strerror(-r));
    return r == -EINVAL || r == -ENOENT ? EXIT_INVALID : EXIT_FAILED;
}

/* "inputs": the share of distilling accounts among the inputs'. */
static int base_rate_set(const struct options *o, struct tune *t, struct err *err)
{
    AUTO_FREE bool *all = calloc(t->data.run_count + (size_t)1, sizeof *all);
    char text[32];

    if (!o->base_rate)
        return 0;
    if (!all)
        return -ENOMEM;
    memset(all, 1, t->data.run_count);
    (void)snprintf(text, sizeof text, "%.6g", tune_share_distilling(&t->data, all));
    if (detector_config_set(&t->base, "base_rate",
                            strcmp(o->base_rate, "inputs") == 0 ? text : o->base_rate, err) == 0)
        return 0;
    err_prefix(err, "--base-rate");
    return -EINVAL;
}

/* Detects scenarios with seeds that chose nothing, as the configuration says. */
static int fresh_run(const struct options *o, struct tune *t, char *const *path, uint32_t count,
                     struct err *err)
{
    AUTO_FREE struct tune_input *input = calloc((size_t)count * o->fresh + 1, sizeof *input);
    struct tune_collect collect = {.input = input,
                                   .config = &t->model.config,
                                   .scale = isnan(o->fresh_scale) ? o->scale : o->fresh_scale,
                                   .days = o->days,
                                   .thread_count = (uint32_t)o->threads,
                                   .told = tell,
                                   .ctx = (void *)(uintptr_t)o};
    struct tune_data data;
    int r;

    if (!input)
        return -ENOMEM;
    for (uint32_t i = 0; i < count; i++)
        for (uint64_t s = 0; s < o->fresh && !is_folder(path[i]); s++)
            input[collect.input_count++] = (struct tune_input){path[i], false, FRESH_FIRST + s};
    if (collect.input_count == 0)
        return err_set(err, -EINVAL, "--fresh: no scenario among the inputs to make fresh runs of");
    r = tune_data_collect(&collect, &data, err);
    if (r == 0)
        r = tune_fresh_take(t, &data);
    tune_data_deinit(&data);
    return r;
}

static int print(const struct options *o, const struct tune *t)
{
    struct json_write w;
    int r = 0;

    if (o->json) {
        json_write_init(&w, stdout);
        json_write_open(&w, NULL, '{');
        tune_write(t, &w);
        json_write_close(&w, '}');
        json_write_line(&w);
        r = json_write_flush(&w);
        json_write_deinit(&w);
    } else if (!o->quiet) {
        tune_print(t, stdout, false);
        (void)printf(
            "1,000 thresholds were swept in %.3f s. The configuration is %s/config.json.\n",
            t->sweep_s, o->out);
    }
    return r < 0 || fflush(stdout) != 0 || ferror(stdout) ? EXIT_FAILED : EXIT_DONE;
}

static int tune(const struct options *o, char *const *path, uint32_t count)
{
    AUTO_FREE struct tune_input *input = NULL;
    struct tune_collect collect = {.config = &o->detector.config,
                                   .scale = o->scale,
                                   .days = o->days,
                                   .thread_count = (uint32_t)o->threads,
                                   .told = tell,
                                   .ctx = (void *)(uintptr_t)o};
    struct tune t = {.goals = o->goals, .base = o->detector.config, .strength = o->strength};
    struct detector_config evidence = o->detector.config;
    struct err err = {""};
    int r = inputs_make(o, path, count, &input, &collect.input_count);

    if (r != 0)
        return r;
    evidence.fdr = 0.0; /* held findings are no evidence */
    collect.config = &evidence;
    collect.input = input;
    interrupt_catch(NULL);
    r = run_folder_make(o->out, &err);
    if (r == 0)
        r = tune_data_collect(&collect, &t.data, &err);
    if (r == 0)
        r = tune_check(&t, &err);
    if (r == 0)
        r = base_rate_set(o, &t, &err);
    if (r == 0)
        r = tune_make(&t, &err);
    if (r == 0 && o->fresh)
        r = fresh_run(o, &t, path, count, &err);
    interrupt_release();
    if (r == 0)
        r = tune_save(&t, o->out, &err);
    if (r > 0)
        (void)err_set(&err, 0, "interrupted: nothing was written");
    r = r == 0 ? print(o, &t) : failed(r > 0 ? -EINTR : r, &err);
    tune_deinit(&t);
    return r;
}

static void tell_point(void *ctx, uint32_t done, uint32_t all)
{
    const struct options *o = ctx;

    if (!o->quiet)
        cli_error("tune", "%" PRIu32 " of %" PRIu32 " points", done, all);
}

static int frontier(struct options *o, const char *path)
{
    AUTO_FREE uint64_t *seed = calloc(SEEDS_MAX, sizeof *seed);
    struct frontier *f = &o->grid;
    struct err err = {""};
    int r;

    f->path = path;
    f->seeds = seed ? seeds_parse(o->seeds, seed) : 0;
    if (f->seeds == 0 || strchr(o->seeds, ',')) {
        cli_error("tune", "--frontier takes a number of seeds");
        return EXIT_INVALID;
    }
    f->threads = (uint32_t)o->threads;
    f->scale = o->scale;
    f->days = o->days;
    f->config = &o->detector.config;
    frontier_default(f);
    interrupt_catch(NULL);
    r = run_folder_make(o->out, &err);
    if (r == 0)
        r = frontier_run(f, o->out, tell_point, o, &err);
    interrupt_release();
    if (r == 0)
        r = frontier_save(f, o->out, &err);
    if (r == 0 && !o->quiet)
        frontier_print(f, stdout);
    if (r > 0)
        (void)err_set(&err, 0, "interrupted: nothing was written");
    r = r == 0 ? EXIT_DONE : failed(r > 0 ? -EINTR : r, &err);
    frontier_deinit(f);
    return r == EXIT_DONE && (fflush(stdout) != 0 || ferror(stdout)) ? EXIT_FAILED : r;
}

/* -1: go on. */
static int check_options(const struct options *o)
{
    const struct tune_goals *g = &o->goals;

    if (!o->out) {
        cli_error("tune", "--out DIR is missing: where shall the configuration go?");
        return EXIT_INVALID;
    }
    if (o->frontier || o->grid.knob_count)
        return -1;
    if (isnan(g->false_ban) != isnan(g->leak)) {
        cli_error("tune", "--cost: false_ban and leak are weighed against each other: give both");
        return EXIT_INVALID;
    }
    if (g->checks.count == 0 && isnan(g->reviews_per_day) && isnan(g->leak)) {
        cli_error("tune", "what can you afford? Give --max-fpr benign=0.001, --reviews-per-day 40, "
                          "or --cost false_ban=500,leak=1");
        return EXIT_INVALID;
    }
    if (!isnan(g->reviews_per_day) && !(g->reviews_per_day > 0.0)) {
        cli_error("tune", "--reviews-per-day: a number above 0, or nobody can be found");
        return EXIT_INVALID;
    }
    if (!(o->strength > 0.0) || o->threads > 1024 || o->fresh > SEEDS_MAX) {
        cli_error("tune", "--strength: above 0; --threads: at most 1024; --fresh: at most %d",
                  SEEDS_MAX);
        return EXIT_INVALID;
    }
    return -1;
}

static void options_fill(struct options *o, struct cli_option out[OPTIONS_MAX])
{
    const struct cli_option table[] = {
        {"out", CLI_TEXT, &o->out, "DIR", "folder for config.json, tables and curves", NULL},
        {"seeds", CLI_TEXT, &o->seeds, "N|LIST",
         "of every scenario: seeds 1 to N (default 5), or 3,5,8", NULL},
        {"max-fpr", CLI_EACH, o, "NAME=RATE",
         "budget: share of plain, hard, benign, abusive, or of a population, that may be flagged",
         take_fpr},
        {"min-recall", CLI_EACH, o, "NAME=SHARE",
         "share of campaign accounts, or of a campaign's, that must be found", take_recall},
        {"reviews-per-day", CLI_F64, &o->goals.reviews_per_day, "N",
         "budget: groups that analysts can look at in a day", NULL},
        {"cost", CLI_EACH, o, "NAME=COST,...",
         "false_ban (an honest account at act), leak (an exchange), false_review", take_cost},
        {"base-rate", CLI_TEXT, &o->base_rate, "SHARE",
         "of distilling accounts where it will run; `inputs`: as in the inputs", NULL},
        {"fresh", CLI_U64, &o->fresh, "N",
         "then detects N fresh seeds with the result, and holds the estimate against them", NULL},
        {"fresh-scale", CLI_F64, &o->fresh_scale, "X", "of these; default: --scale", NULL},
        {"frontier", CLI_FLAG, &o->frontier, NULL,
         "instead: what a scenario's campaigns give up to stay undetected, over a grid", NULL},
        {"vary", CLI_EACH, o, "KNOB=V,...",
         "a knob of the grid: evasion, accounts, rate, cover, or a path such as "
         "identity.accounts_per_payment",
         take_knob},
        {"undetected", CLI_F64, &o->grid.undetected, "SHARE",
         "of accounts found up to which a campaign counts as undetected; default 0.1", NULL},
        {"scale", CLI_F64, &o->scale, "X", "of scenarios, instead of their own", NULL},
        {"days", CLI_F64, &o->days, "D", "of scenarios, instead of their own", NULL},
        {"strength", CLI_F64, &o->strength, "C",
         "trust in the data when fitting weights; default 0.01", NULL},
        {"config", CLI_EACH, &o->detector, "FILE", "detector options to start from",
         config_cli_load},
        {"set", CLI_EACH, &o->detector, "OPTION=VALUE", "sets one of them, such as fdr=0.05",
         config_cli_set},
        {"threads", CLI_U64, &o->threads, "N",
         "inputs judged at a time; default: one per processor", NULL},
        {"json", CLI_FLAG, &o->json, NULL, "prints tune.json instead of tables", NULL},
        {"quiet", CLI_FLAG, &o->quiet, NULL, "prints no tables and no progress", NULL},
        {NULL, CLI_FLAG, NULL, NULL, NULL, NULL},
    };

    _Static_assert(sizeof table <= OPTIONS_MAX * sizeof *table, "room for all options");
    memcpy(out, table, sizeof table);
}

int cmd_tune(int argc, char **argv)
{
    struct options o = {.seeds = "5",
                        .scale = (double)NAN,
                        .days = (double)NAN,
                        .fresh_scale = (double)NAN,
                        .strength = 0.01,
                        .grid.undetected = 0.1,
                        .goals = {.reviews_per_day = (double)NAN,
                                  .false_ban = (double)NAN,
                                  .leak = (double)NAN,
                                  .false_review = (double)NAN},
                        .detector.command = "tune"};
    struct cli_option table[OPTIONS_MAX];
    const struct cli cli = {
        .usage = "tune INPUT... --out DIR BUDGET [options]",
        .example = "stillwatch tune scenarios/quickstart.json --seeds 20 --max-fpr hard=0.01 --out "
                   "runs/tuned",
        .about = "Chooses levels and weights to what you can afford, from scenarios and from runs "
                 "with labels (folders\nwith labels.jsonl), and estimates on traffic that did not "
                 "choose them what they will do.\ndocs/tuning.md leads through it.",
        .option = table,
        .operand_min = 1,
        .operand_max = UINT32_MAX,
    };
    uint32_t operands;
    int r;

    options_fill(&o, table);
    detector_config_default(&o.detector.config);
    r = cli_parse(&cli, argc, argv, &operands);
    if (r >= 0)
        return r;
    if (isnan(o.goals.false_review) && !isnan(o.goals.false_ban))
        o.goals.false_review = 0.1 * o.goals.false_ban;
    r = check_options(&o);
    if (r >= 0)
        return r;
    if (!o.frontier && o.grid.knob_count == 0)
        return tune(&o, argv + 1, operands);
    if (operands != 1) {
        cli_error("tune", "--frontier takes one scenario");
        return EXIT_INVALID;
    }
    return frontier(&o, argv[1]);
}
