/* stillwatch serve: the daemon. */
#include "serve/say.h"
#include "serve/server.h"
#include "tools/cli.h"
#include "tools/command.h"
#include "tools/config_file.h"

#include <string.h>
#include <unistd.h>

struct options {
    struct serve_options serve;
    struct config_target detector;
    const char *config[8]; /* files, in order, to read again */
    const char *set[64];
    uint32_t config_count, set_count;
    const char *log_format, *decision_level;
    uint64_t threads, body_mb, queue_mb, retain_mb, segment_mb;
};

static int config_take(void *ctx, const char *path)
{
    struct options *o = ctx;

    if (o->config_count == sizeof o->config / sizeof o->config[0]) {
        cli_error("serve", "--config: at most 8 files");
        return EXIT_INVALID;
    }
    o->config[o->config_count++] = path;
    return config_cli_load(&o->detector, path);
}

static int set_take(void *ctx, const char *assignment)
{
    struct options *o = ctx;

    if (o->set_count == sizeof o->set / sizeof o->set[0]) {
        cli_error("serve", "--set: at most 64");
        return EXIT_INVALID;
    }
    o->set[o->set_count++] = assignment;
    return config_cli_set(&o->detector, assignment);
}

/* The files may have changed since; the command line has not. */
static int reload(void *ctx, struct detector_config *out, struct err *err)
{
    const struct options *o = ctx;
    int r = 0;

    detector_config_default(out);
    for (uint32_t i = 0; r == 0 && i < o->config_count; i++)
        r = config_file_load(o->config[i], out, err);
    for (uint32_t i = 0; r == 0 && i < o->set_count; i++)
        r = config_file_set(out, o->set[i], err);
    return r;
}

static int check_numbers(struct options *o)
{
    struct serve_options *s = &o->serve;

    if (!(s->lateness_s >= 0.0) || s->lateness_s > 1e9) {
        cli_error("serve", "--lateness: not a number of seconds from 0 to 1e9");
        return EXIT_INVALID;
    }
    if (o->body_mb < 1 || o->body_mb > 256 || o->queue_mb < o->body_mb || o->queue_mb > 65536 ||
        o->segment_mb < 1 || o->threads < 1 || o->threads > 64 || s->connections_max < 1 ||
        s->connections_max > 60000) {
        cli_error("serve", "--body-mb 1..256, --queue-mb from that on, --segment-mb from 1 on, "
                           "--threads 1..64, --connections 1..60000");
        return EXIT_INVALID;
    }
    s->body_max = o->body_mb << 20;
    s->queue_max = o->queue_mb << 20;
    s->retain_size = o->retain_mb << 20;
    s->segment_size = o->segment_mb << 20;
    s->decode_threads = (uint32_t)o->threads;
    return -1;
}

static int check_options(struct options *o)
{
    struct serve_options *s = &o->serve;

    if (!s->state) {
        cli_error("serve", "--state DIR is missing: where shall the log and snapshots go?");
        return EXIT_INVALID;
    }
    for (s->decision_level = LEVEL_WATCH; s->decision_level <= LEVEL_ACT; s->decision_level++)
        if (strcmp(o->decision_level, level_name[s->decision_level]) == 0)
            break;
    if (s->decision_level > LEVEL_ACT) {
        cli_error("serve", "--decision-level is watch, review or act");
        return EXIT_INVALID;
    }
    if (strcmp(o->log_format, "text") != 0 && strcmp(o->log_format, "json") != 0) {
        cli_error("serve", "--log-format is text or json");
        return EXIT_INVALID;
    }
    if (s->webhook_secret && !s->webhook) {
        cli_error("serve", "--webhook-secret signs what goes to --webhook, which is missing");
        return EXIT_INVALID;
    }
    say_as_json(strcmp(o->log_format, "json") == 0);
    if (!s->listen && !s->unix_path && !s->from_stdin)
        s->listen = "127.0.0.1:8321";
    return check_numbers(o);
}

static void defaults(struct options *o)
{
    *o = (struct options){
        .detector.command = "serve",
        .log_format = "text",
        .decision_level = "review",
        .threads = (uint64_t)(sysconf(_SC_NPROCESSORS_ONLN) + 1) / 2,
        .body_mb = 8,
        .queue_mb = 64,
        .retain_mb = 4096,
        .segment_mb = 64,
        .serve.lateness_s = 300.0,
        .serve.connections_max = 1024,
        .serve.request_s = 60,
        .serve.retain_h = 168.0,
        .serve.snapshot_s = 600.0,
    };
    detector_config_default(&o->detector.config);
}

static int parse(struct options *o, int argc, char **argv)
{
    struct serve_options *s = &o->serve;
    const struct cli_option table[] = {
        {"state", CLI_TEXT, &s->state, "DIR", "folder for the log, snapshots and findings", NULL},
        {"listen", CLI_TEXT, &s->listen, "ADDR:PORT", "default 127.0.0.1:8321; port 0: any", NULL},
        {"unix", CLI_TEXT, &s->unix_path, "PATH", "listens on a Unix socket too", NULL},
        {"stdin", CLI_FLAG, &s->from_stdin, NULL, "takes events from stdin, ends with it", NULL},
        {"map", CLI_TEXT, &s->map, "NAME|FILE", "field map of stdin, and of bodies that name none",
         NULL},
        {"tokens", CLI_TEXT, &s->tokens, "FILE", "bearer tokens: lines \"ROLE[,ROLE] TOKEN\"",
         NULL},
        {"tls-cert", CLI_TEXT, &s->tls_cert, "FILE", "certificate chain, PEM", NULL},
        {"tls-key", CLI_TEXT, &s->tls_key, "FILE", "its key, PEM", NULL},
        {"pseudonymise", CLI_TEXT, &s->pseudonymise, "KEYFILE",
         "hashes account ids and attributes at the door", NULL},
        {"config", CLI_EACH, o, "FILE", "detector options as a JSON object", config_take},
        {"set", CLI_EACH, o, "OPTION=VALUE", "sets one detector option", set_take},
        {"lateness", CLI_F64, &s->lateness_s, "S", "seconds that records may be late; default 300",
         NULL},
        {"decision-level", CLI_TEXT, &o->decision_level, "LEVEL",
         "decisions are told from here on: watch, review (default), act", NULL},
        {"threads", CLI_U64, &o->threads, "N", "decode threads; default: half of the processors",
         NULL},
        {"body-mb", CLI_U64, &o->body_mb, "MB", "largest body; default 8", NULL},
        {"queue-mb", CLI_U64, &o->queue_mb, "MB", "bodies being worked on; default 64", NULL},
        {"connections", CLI_U64, &s->connections_max, "N", "at most; default 1024", NULL},
        {"request-s", CLI_U64, &s->request_s, "S", "a request comes in within; default 60", NULL},
        {"segment-mb", CLI_U64, &o->segment_mb, "MB", "size of a log file; default 64", NULL},
        {"retain-mb", CLI_U64, &o->retain_mb, "MB", "log kept that no snapshot needs; default 4096",
         NULL},
        {"retain-h", CLI_F64, &s->retain_h, "H", "and for how long; default 168", NULL},
        {"snapshot-s", CLI_F64, &s->snapshot_s, "S", "between snapshots; default 600", NULL},
        {"webhook", CLI_TEXT, &s->webhook, "URL", "posts findings from the decision level on there",
         NULL},
        {"webhook-secret", CLI_TEXT, &s->webhook_secret, "FILE", "signs them (HMAC-SHA256)", NULL},
        {"alertmanager", CLI_TEXT, &s->alertmanager, "URL", "posts them as alerts (API v2)", NULL},
        {"out", CLI_TEXT, &s->out, "DIR", "writes a run folder at the end", NULL},
        {"finish", CLI_FLAG, &s->finish, NULL,
         "at the end, judges what still waits for late records", NULL},
        {"repair", CLI_FLAG, &s->repair, NULL, "starts although the log is damaged", NULL},
        {"check", CLI_FLAG, &s->check, NULL, "reads options and state, and ends", NULL},
        {"log-format", CLI_TEXT, &o->log_format, "FORMAT", "text (default) or json", NULL},
        {NULL, CLI_FLAG, NULL, NULL, NULL, NULL},
    };
    const struct cli cli = {
        .usage = "serve --state DIR [options]",
        .example = "stillwatch serve --state state --listen 127.0.0.1:8321",
        .about = "Takes events over HTTP (POST /v1/events) as they happen and tells findings. What "
                 "it has acknowledged\nis on disk and survives any crash. It only observes.",
        .option = table,
    };
    uint32_t operands;

    return cli_parse(&cli, argc, argv, &operands);
}

int cmd_serve(int argc, char **argv)
{
    struct options o;
    int r;

    defaults(&o);
    r = parse(&o, argc, argv);
    if (r < 0)
        r = check_options(&o);
    if (r >= 0)
        return r;
    o.serve.detector = o.detector.config;
    o.serve.reload = reload;
    o.serve.reload_ctx = &o;
    return server_run(&o.serve);
}
