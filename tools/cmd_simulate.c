/* stillwatch simulate: a scenario in, events and truth out. */
#include "tools/cli.h"
#include "tools/command.h"
#include "tools/interrupt.h"
#include "tools/profile.h"
#include "tools/progress.h"
#include "tools/sim_lines.h"
#include "tools/sim_windows.h"
#include "tools/simulate_to.h"
#include "tools/truth_write.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

CLEANUP_DEFINE(struct scenario, scenario_free)
CLEANUP_DEFINE(struct world, world_free)

struct options {
    const char *scenario, *events, *truth, *seed, *data, *from;
    double scale, days;
    uint64_t threads, limit;
    bool sketch, no_text, quiet, profile, json;
    struct simulate_to to; /* replay.url is NULL without --to */
    uint64_t connections, batch;
    double lateness_s, linger_ms;
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

/* --to: the world's events go to a server. */
static int events_send(const struct options *o, const struct scenario *scenario,
                       struct world *world, struct err *err)
{
    const struct simulate_to_world sent = {
        .world = world,
        .scenario = scenario,
        .lines = {(uint32_t)o->threads, o->sketch, o->limit},
    };

    return simulate_to_run(&o->to, &sent, NULL, err);
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
    else if (o->to.replay.url)
        r = events_send(o, scenario, world, err);
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

static int check_outputs(const struct options *o)
{
    if (o->profile && (o->events || o->truth || o->to.replay.url))
        return usage_error("--profile writes no events and no truth");
    if (o->events && o->truth && strcmp(o->events, "-") == 0 && strcmp(o->truth, "-") == 0)
        return usage_error("--events and --truth cannot both go to stdout");
    if (o->events && o->to.replay.url)
        return usage_error("--events and --to cannot be had at once: write a file, then replay it "
                           "with --from");
    if (o->from && (!o->to.replay.url || o->truth || o->profile))
        return usage_error("--from FILE goes with --to URL alone");
    if (!o->profile && !o->events && !o->truth && !o->to.replay.url)
        return usage_error("nothing to do: give --events FILE, --truth FILE or --to URL");
    if (o->from && o->scenario)
        return usage_error("give a scenario or --from FILE, not both");
    if (!o->from && !o->scenario)
        return usage_error("SCENARIO is missing; see stillwatch simulate --help");
    return -1;
}

/* What belongs to --to, put in place. */
static int check_replay(struct options *o)
{
    struct replay_schedule *schedule = &o->to.schedule;
    const char *why = o->to.replay.url ? replay_url_check(o->to.replay.url) : NULL;

    if (why) {
        cli_error("simulate", "--to %s: %s", o->to.replay.url, why);
        return EXIT_INVALID;
    }
    if (!(schedule->time_scale > 0.0) || schedule->time_scale > 1e12)
        return usage_error("--time-scale: not a number above 0");
    if (!(schedule->rate >= 0.0) || schedule->rate > 1e9)
        return usage_error("--rate: not a number of records per second");
    if (o->connections < 1 || o->connections > 1024)
        return usage_error("--connections: a number from 1 to 1024");
    if (o->batch < 1 || o->batch > 1000000)
        return usage_error("--batch: a number from 1 to 1000000");
    if (!(o->lateness_s >= 0.0) || o->lateness_s > 1e12)
        return usage_error("--lateness: not a number of seconds");
    if (!(o->linger_ms >= 0.0) || o->linger_ms > 1e6)
        return usage_error("--linger: not a number of milliseconds");
    if (!(o->to.replay.timeout_s > 0.0) || o->to.replay.timeout_s > 1e6)
        return usage_error("--timeout: not a number of seconds above 0");
    if (!(o->to.replay.give_up_s >= 0.0))
        return usage_error("--give-up: not a number of seconds");
    o->to.replay.connections = (uint32_t)o->connections;
    o->to.replay.lateness_ms = (msec_t)(o->lateness_s * (double)MSEC_SECOND);
    o->to.replay.quiet = o->quiet;
    o->to.json = o->json;
    schedule->batch_max = (uint32_t)o->batch;
    schedule->linger_ns = (uint64_t)(o->linger_ms * 1e6);
    return -1;
}

static int check_options(struct options *o)
{
    int r = check_outputs(o);

    if (r < 0)
        r = check_replay(o);
    if (r >= 0)
        return r;
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

static struct options options_default(void)
{
    return (struct options){
        .scale = (double)NAN,
        .days = (double)NAN,
        .connections = 1,
        .batch = 5000,
        .lateness_s = 300.0, /* as `detect` and `serve` */
        .linger_ms = 50.0,
        .to = {.replay = {.command = "simulate", .timeout_s = 30.0},
               .schedule = {.time_scale = 1.0}},
    };
}

static int command(const struct cli *cli, struct options *o, int argc, char **argv)
{
    struct err err = {""};
    uint32_t operands = 0;
    int r = cli_parse(cli, argc, argv, &operands);

    if (r >= 0)
        return r;
    o->scenario = operands > 0 ? argv[1] : NULL;
    r = check_options(o);
    if (r >= 0)
        return r;
    interrupt_catch(NULL);
    if (o->profile)
        r = profile_show(o, &err);
    else
        r = o->from ? simulate_to_run(&o->to, NULL, o->from, &err) : simulate(o, &err);
    if (r == 0)
        return EXIT_DONE;
    cli_error("simulate", "%s", err.text[0] ? err.text : strerror(-r));
    return r == -EINVAL ? EXIT_INVALID : EXIT_FAILED;
}

int cmd_simulate(int argc, char **argv)
{
    struct options o = options_default();
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
        {"json", CLI_FLAG, &o.json, NULL, "--profile, --to: as JSON", NULL},
        {"quiet", CLI_FLAG, &o.quiet, NULL, "no progress", NULL},
        {"to", CLI_TEXT, &o.to.replay.url, "URL",
         "sends the events to a server instead, and to nobody else", NULL},
        {"from", CLI_TEXT, &o.from, "FILE", "--to: these events instead of a scenario's", NULL},
        {"time-scale", CLI_F64, &o.to.schedule.time_scale, "X",
         "--to: event seconds per second; default 1", NULL},
        {"rate", CLI_F64, &o.to.schedule.rate, "N",
         "--to: records per second, whatever their times say", NULL},
        {"connections", CLI_U64, &o.connections, "N", "--to: at once; default 1", NULL},
        {"batch", CLI_U64, &o.batch, "N", "--to: records in a request at most; default 5000", NULL},
        {"linger", CLI_F64, &o.linger_ms, "MS",
         "--to: records due within MS go together; default 50", NULL},
        {"lateness", CLI_F64, &o.lateness_s, "S",
         "--to: what the server puts into order; default 300", NULL},
        {"token-file", CLI_TEXT, &o.to.token_file, "FILE", "--to: its first line is the token",
         NULL},
        {"ca-file", CLI_TEXT, &o.to.replay.ca, "FILE",
         "--to https: certificates that vouch for the server, PEM", NULL},
        {"timeout", CLI_F64, &o.to.replay.timeout_s, "S", "--to: for one answer; default 30", NULL},
        {"give-up", CLI_F64, &o.to.replay.give_up_s, "S",
         "--to: fails when the server is away for so long; default: never", NULL},
        {NULL, CLI_FLAG, NULL, NULL, NULL, NULL},
    };
    const struct cli cli = {
        .usage = "simulate SCENARIO --events FILE --truth FILE [options]\n"
                 "       stillwatch simulate SCENARIO --to URL [options]\n"
                 "       stillwatch simulate --from FILE --to URL [options]",
        .example = "stillwatch simulate scenarios/quickstart.json --events events.jsonl.zst "
                   "--truth labels.jsonl\n"
                   "  stillwatch simulate scenarios/quickstart.json --to http://127.0.0.1:8321 "
                   "--time-scale 3600",
        .about = "Writes the traffic of a scenario's world as events (docs/events.md) and, apart "
                 "from them, who\nreally is what. The same scenario and seed give the same bytes. "
                 "With --to the events are sent\nas they are due, whatever the server does, each "
                 "until it is acknowledged; how late is told at the end.",
        .option = table,
        .operand_min = 0,
        .operand_max = 1,
    };

    return command(&cli, &o, argc, argv);
}
