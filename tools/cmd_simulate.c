/* stillwatch simulate: a scenario in, events and truth out. */
#include "tools/cli.h"
#include "tools/command.h"
#include "tools/interrupt.h"
#include "tools/profile.h"
#include "tools/progress.h"
#include "tools/sim_lines.h"
#include "tools/sim_windows.h"
#include "tools/truth_write.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

CLEANUP_DEFINE(struct scenario, scenario_free)
CLEANUP_DEFINE(struct world, world_free)

struct options {
    const char *scenario, *events, *truth, *seed, *data;
    double scale, days;
    uint64_t threads, limit;
    bool sketch, no_text, quiet, profile, json;
};

struct pace {
    msec_t start, end;
    struct progress progress;
};

static bool on_window(void *ctx, uint64_t records, msec_t now)
{
    struct pace *pace = ctx;

    progress_update(&pace->progress, records,
                    (double)(now - pace->start) / (double)(pace->end - pace->start));
    return !interrupt_came();
}

static int events_write(const struct options *o, const struct scenario *scenario,
                        struct world *world, struct err *err)
{
    AUTO(out_file_free) struct out_file *file = NULL;
    struct sim_lines_options lines = {(uint32_t)o->threads, o->sketch, o->limit};
    struct pace pace = {.start = scenario->start, .end = scenario->end};
    uint64_t records = 0;
    int r = out_file_new(o->events, &file, err);

    if (r < 0)
        return r;
    progress_start(&pace.progress, "simulate", "events", o->quiet);
    r = sim_lines_write(world, &lines, file, on_window, &pace, &records, err);
    progress_end(&pace.progress);
    if (r < 0)
        return r;
    if (out_file_finish(file, err) < 0)
        return -EIO;
    if (r == 0)
        return err_set(err, -EINTR, "interrupted; %s holds the first %" PRIu64 " records",
                       o->events, records);
    return 0;
}

static int scenario_of(const struct options *o, struct scenario **out, struct err *err)
{
    struct scenario_override over = scenario_override_none();

    if (o->seed)
        over.seed = (int64_t)strtoull(o->seed, NULL, 10);
    over.scale = o->scale;
    over.days = o->days;
    return scenario_load(o->scenario, &over, out, err);
}

static void on_share(void *ctx, uint64_t requests, double share)
{
    progress_update(ctx, requests, share);
}

/* --profile: nothing is written but the comparison. */
static int profile_show(const struct options *o, struct err *err)
{
    AUTO(scenario_free) struct scenario *scenario = NULL;
    AUTO(real_data_free) struct real_data *real = NULL;
    AUTO(profile_free) struct profile *profile = NULL;
    struct progress progress;
    int r = scenario_of(o, &scenario, err);

    if (r == 0)
        r = real_data_new(o->data ? o->data : real_data_folder(), &real, err);
    if (r < 0)
        return r;
    progress_start(&progress, "profile", "requests", o->quiet);
    r = profile_new(scenario, real, on_share, &progress, &profile, err);
    progress_end(&progress);
    return r < 0 ? r : profile_print(profile, o->json, stdout);
}

static int simulate(const struct options *o, struct err *err)
{
    AUTO(scenario_free) struct scenario *scenario = NULL;
    AUTO(world_free) struct world *world = NULL;
    int r = scenario_of(o, &scenario, err), truth;

    if (r == 0)
        r = world_new(scenario, sim_windows_shards((uint32_t)o->threads), &world, err);
    if (r < 0)
        return r;
    world_text(world, !o->no_text);
    if (o->events)
        r = events_write(o, scenario, world, err);
    if (o->truth && (r == 0 || r == -EINTR)) {
        truth = truth_write(world, o->truth, err);
        r = truth < 0 ? truth : r;
    }
    return r;
}

static int usage_error(const char *message)
{
    cli_error("simulate", "%s", message);
    return EXIT_INVALID;
}

static int check_options(const struct options *o)
{
    if (o->profile && (o->events || o->truth))
        return usage_error("--profile writes no events and no truth");
    if (!o->profile && !o->events && !o->truth)
        return usage_error("nothing to write: give --events FILE, --truth FILE or both");
    if (o->events && o->truth && strcmp(o->events, "-") == 0 && strcmp(o->truth, "-") == 0)
        return usage_error("--events and --truth cannot both go to stdout");
    if (o->sketch && o->no_text)
        return usage_error("--sketch needs the text that --no-text leaves out");
    if (o->threads > 1024)
        return usage_error("--threads: 1024 at most");
    if (o->seed) {
        char *end;

        errno = 0;
        if (strtoull(o->seed, &end, 10) > INT64_MAX || errno || *end || *o->seed == '-' ||
            !*o->seed)
            return usage_error("--seed: not a whole number from 0 to 2^63 - 1");
    }
    if (!(isnan(o->scale) || o->scale > 0.0))
        return usage_error("--scale: not a number above 0");
    if (!(isnan(o->days) || o->days > 0.0))
        return usage_error("--days: not a number above 0");
    return -1;
}

int cmd_simulate(int argc, char **argv)
{
    struct options o = {.scale = (double)NAN, .days = (double)NAN};
    const struct cli_option table[] = {
        {"events", CLI_TEXT, &o.events, "FILE",
         "events as NDJSON; - is stdout; .zst and .gz are compressed", NULL},
        {"truth", CLI_TEXT, &o.truth, "FILE", "ground truth (labels.jsonl); the same endings",
         NULL},
        {"seed", CLI_TEXT, &o.seed, "N", "another seed than the scenario's", NULL},
        {"scale", CLI_F64, &o.scale, "X", "accounts times X; what each does stays", NULL},
        {"days", CLI_F64, &o.days, "D", "another length than the scenario's", NULL},
        {"threads", CLI_U64, &o.threads, "N",
         "default: one per processor; the bytes are the same for any number", NULL},
        {"limit", CLI_U64, &o.limit, "N", "ends after N records", NULL},
        {"sketch", CLI_FLAG, &o.sketch, NULL, "content sketches instead of prompts", NULL},
        {"no-text", CLI_FLAG, &o.no_text, NULL, "neither prompts nor sketches", NULL},
        {"profile", CLI_FLAG, &o.profile, NULL,
         "compares the honest populations with real customers instead", NULL},
        {"data", CLI_TEXT, &o.data, "DIR",
         "--profile: the published data; else built-in tables of it", NULL},
        {"json", CLI_FLAG, &o.json, NULL, "--profile: as JSON", NULL},
        {"quiet", CLI_FLAG, &o.quiet, NULL, "no progress", NULL},
        {NULL, CLI_FLAG, NULL, NULL, NULL, NULL},
    };
    const struct cli cli = {
        .usage = "simulate SCENARIO --events FILE --truth FILE [options]",
        .example = "stillwatch simulate scenarios/quickstart.json --events events.jsonl.zst "
                   "--truth labels.jsonl",
        .about = "Writes the traffic of a scenario's world as events (docs/events.md) and, apart "
                 "from them, who\nreally is what. The same scenario and seed give the same bytes.",
        .option = table,
        .operand_min = 1,
        .operand_max = 1,
    };
    struct err err = {""};
    uint32_t operands;
    int r = cli_parse(&cli, argc, argv, &operands);

    if (r < 0)
        r = check_options(&o);
    if (r >= 0)
        return r;
    o.scenario = argv[1];
    interrupt_catch(NULL);
    r = o.profile ? profile_show(&o, &err) : simulate(&o, &err);
    if (r == 0)
        return EXIT_DONE;
    cli_error("simulate", "%s", err.text[0] ? err.text : strerror(-r));
    return r == -EINVAL ? EXIT_INVALID : EXIT_FAILED;
}
