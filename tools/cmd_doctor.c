/* `stillwatch doctor LOG`: what a log holds for Stillwatch, which signals it can feed, what is
 * missing, and a field map for logs that no shipped map reads. */
#include "tools/cli.h"
#include "tools/command.h"
#include "tools/doctor_propose.h"
#include "tools/doctor_report.h"
#include "tools/map_path.h"
#include "tools/text_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

CLEANUP_DEFINE(struct field_map, field_map_free)

enum { LINES_DEFAULT = 5000, LINES_MAX = 10000000 };

/* A shipped map is taken when it fills at least this share of what a fresh proposal would: it is
 * tested, a proposal is a guess. */
static const double SHIPPED_ENOUGH = 0.6;

struct options {
    const char *map, *propose;
    uint64_t lines;
    bool json;
};

/* The best way to read the sample so far. */
struct choice {
    const char *way;         /* NULL: none yet */
    char map[MAP_PATH_SIZE]; /* "": native */
    char *proposal;          /* text of the proposed map */
    struct doctor_fit fit;
};

static uint32_t read_count(const struct doctor_fit *fit)
{
    return fit->records - fit->skipped - fit->refused;
}

/* At least half of what the filter lets through must be readable. */
static bool reads(const struct doctor_fit *fit)
{
    return read_count(fit) > 0 && read_count(fit) >= fit->refused;
}

static int try_native(const struct doctor_sample *sample, struct choice *best)
{
    int r = doctor_fit(sample, NULL, &best->fit);

    if (r == 0 && reads(&best->fit))
        best->way = "native";
    return r;
}

static int try_shipped(const struct doctor_sample *sample, struct choice *best, struct err *err)
{
    AUTO_FREE struct doctor_fit *fit = calloc(1, sizeof *fit);
    char *names[MAP_NAMES_MAX];
    uint32_t count = map_path_names(names);
    int r = fit ? 0 : -ENOMEM;

    for (uint32_t i = 0; i < count; i++) {
        AUTO(field_map_free) struct field_map *map = NULL;

        if (r == 0)
            r = map_path_load(names[i], &map, err);
        if (r == 0)
            r = doctor_fit(sample, map, fit);
        if (r == 0 && reads(fit) &&
            (!best->way || doctor_fit_fill(fit) > doctor_fit_fill(&best->fit))) {
            best->way = "shipped";
            best->fit = *fit;
            (void)snprintf(best->map, sizeof best->map, "%s", names[i]);
        }
        free(names[i]);
    }
    return r;
}

/* Loads a map that so far exists only as text. */
static int load_text(const char *text, struct field_map **out, struct err *err)
{
    const char *folder = getenv("TMPDIR");
    char path[MAP_PATH_SIZE];
    int fd, r = 0;
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/stillwatch-map-XXXXXX", folder ? folder : "/tmp");
    fd = mkstemp(path);
    f = fd < 0 ? NULL : fdopen(fd, "w");
    if (!f)
        return err_set(err, -errno, "%s: %s", path, strerror(errno));
    if (fputs(text, f) < 0)
        r = -EIO;
    if (fclose(f) != 0 || r < 0)
        r = err_set(err, -EIO, "%s: cannot be written", path);
    if (r == 0)
        r = field_map_load(path, out, err);
    (void)unlink(path);
    return r;
}

/* A proposal, kept when it reads the sample better than what is there. */
static int try_proposal(const struct doctor_sample *sample, struct choice *best, struct err *err)
{
    AUTO(field_map_free) struct field_map *map = NULL;
    AUTO_FREE struct doctor_fit *fit = calloc(1, sizeof *fit);
    struct doctor_columns columns;
    const char *missing = NULL;
    json_t *tree = NULL;
    char *text = NULL;
    int r = fit ? doctor_columns_read(sample, &columns) : -ENOMEM;

    if (r == 0)
        tree = doctor_propose(&columns, "proposed", &missing);
    doctor_columns_deinit(&columns);
    if (r == -EINVAL || missing) {
        json_decref(tree);
        return r < 0 || best->way
                   ? 0
                   : err_set(err, -EINVAL, "nothing in it looks like the contract's `%s`", missing);
    }
    if (tree)
        text = json_dumps(tree, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    json_decref(tree);
    if (!text)
        return -ENOMEM;
    r = load_text(text, &map, err);
    if (r == 0)
        r = doctor_fit(sample, map, fit);
    if (r == 0 && reads(fit) &&
        (!best->way ||
         (double)doctor_fit_fill(&best->fit) < SHIPPED_ENOUGH * (double)doctor_fit_fill(fit))) {
        best->way = "proposed";
        best->fit = *fit;
        (void)snprintf(best->map, sizeof best->map, "proposed");
        best->proposal = TAKE(text);
    }
    free(text);
    return r;
}

static int try_given(const struct doctor_sample *sample, const char *name, struct choice *best,
                     struct err *err)
{
    AUTO(field_map_free) struct field_map *map = NULL;
    int r = map_path_load(name, &map, err);

    if (r == 0)
        r = doctor_fit(sample, map, &best->fit);
    best->way = "given";
    (void)snprintf(best->map, sizeof best->map, "%s", name);
    return r;
}

static int choose(const struct doctor_sample *sample, const struct options *o, struct choice *best,
                  struct err *err)
{
    int r;

    if (o->map)
        return try_given(sample, o->map, best, err);
    r = try_native(sample, best);
    if (r == 0 && !best->way)
        r = try_shipped(sample, best, err);
    if (r == 0 && (!best->way || strcmp(best->way, "native") != 0))
        r = try_proposal(sample, best, err);
    if (r == 0 && !best->way)
        return err_set(err, -EINVAL,
                       "neither JSON lines nor CSV with a header that could be read as events");
    return r;
}

/* The proposed map, or a copy of the shipped one to start from. */
static int proposal_write(const struct choice *choice, const char *to, struct err *err)
{
    AUTO_FREE char *copy = NULL;
    AUTO_FCLOSE FILE *f = NULL;
    const char *text = choice->proposal;
    char path[MAP_PATH_SIZE];
    size_t size;
    int r = 0;

    if (!text && strcmp(choice->way, "shipped") != 0)
        return err_set(err, -EINVAL, "--propose: the log needs no new map");
    if (!text)
        r = text_file_read(map_path_shipped(choice->map, path), &copy, &size, err);
    if (r < 0)
        return r;
    f = fopen(to, "w");
    if (!f || fputs(text ? text : copy, f) < 0 || (text && fputc('\n', f) < 0) || fflush(f) != 0)
        return err_set(err, -errno, "%s: %s", to, strerror(errno));
    return 0;
}

static int examine(const char *path, const struct options *o, struct err *err)
{
    AUTO(doctor_sample_free) struct doctor_sample *sample = NULL;
    AUTO_FREE struct choice *choice = calloc(1, sizeof *choice);
    struct doctor_finding finding = {.source = path};
    int r = choice ? doctor_sample_read(path, (uint32_t)o->lines, &sample, err) : -ENOMEM;

    if (r < 0)
        return r;
    if (sample->damage.text[0])
        cli_error("doctor", "%s", sample->damage.text);
    if (sample->count == 0)
        return err_set(err, -EINVAL, "%s: empty", path);
    r = choose(sample, o, choice, err);
    if (r < 0 && r != -ENOMEM && !o->map)
        err_prefix(err, "%s", path);
    if (r == 0 && o->propose)
        r = proposal_write(choice, o->propose, err);
    if (r == 0) {
        finding.way = choice->way;
        finding.map = choice->map[0] ? choice->map : NULL;
        finding.proposal = o->propose;
        finding.lines = sample->count;
        finding.whole = sample->whole;
        finding.fit = &choice->fit;
        r = o->json ? doctor_report_json(&finding, stdout) : doctor_report_text(&finding, stdout);
    }
    if (r == 0 && !o->json && choice->proposal && !o->propose)
        (void)printf("\nProposed map:\n%s\n", choice->proposal);
    if (r == 0 && read_count(&choice->fit) == 0)
        r = err_set(err, -EINVAL, "%s: the field map %s reads nothing in it", path, choice->map);
    free(choice->proposal);
    return r;
}

int cmd_doctor(int argc, char **argv)
{
    struct options o = {.lines = LINES_DEFAULT};
    const struct cli_option options[] = {
        {"map", CLI_TEXT, &o.map, "NAME|FILE", "read the log through this field map", NULL},
        {"propose", CLI_TEXT, &o.propose, "FILE", "write the map there: proposed, or a copy", NULL},
        {"lines", CLI_U64, &o.lines, "N", "lines to look at; default 5000", NULL},
        {"json", CLI_FLAG, &o.json, NULL, "one JSON object instead of text", NULL},
        {NULL, CLI_FLAG, NULL, NULL, NULL, NULL},
    };
    const struct cli cli = {
        .usage = "doctor LOG [options]",
        .example = "stillwatch doctor tests/event/maps/litellm.jsonl",
        .about =
            "Reads the beginning of a log (JSON lines or CSV; plain, zstd or gzip; - is stdin) "
            "and says\nwhich of its fields Stillwatch can use, which signals those feed and "
            "what is missing. For a\nlog that no shipped field map reads it proposes one. "
            "Prompts and secrets are not shown.",
        .option = options,
        .operand_min = 1,
        .operand_max = 1,
    };
    struct err err = {""};
    uint32_t count;
    int r = cli_parse(&cli, argc, argv, &count);

    if (r >= 0)
        return r;
    if (o.lines < 1 || o.lines > LINES_MAX) {
        cli_error("doctor", "--lines: between 1 and %d", LINES_MAX);
        return EXIT_INVALID;
    }
    r = examine(argv[1], &o, &err);
    if (r < 0)
        cli_error("doctor", "%s", err.text[0] ? err.text : strerror(-r));
    return r == 0 ? EXIT_DONE : r == -EINVAL || r == -ENOENT ? EXIT_INVALID : EXIT_FAILED;
}
