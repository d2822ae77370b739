/* stillwatch gate: does a run keep to its bounds, and is it worse than the run before? */
#include "tools/cli.h"
#include "tools/command.h"
#include "tools/gate.h"

#include <errno.h>
#include <string.h>

CLEANUP_DEFINE(struct scenario, scenario_free)

struct options {
    struct gate_checks checks;
    struct bound {
        struct options *options;
        enum gate_measure measure;
    } bound[GATE_MEASURE_COUNT];
    const char *against, *truth, *expect, *junit;
    enum level level;
    bool allow, no_expect, json;
};

/* What the options lead to. */
struct holding {
    const struct options *options;
    const char *folder;
    struct truth *truth;
    struct run *run, *before;
    struct evaluation *evaluation;
    struct compare *compare; /* NULL: not asked for */
    struct gate_checks checks;
    struct gate gate;
};

static int take_bound(void *ctx, const char *value)
{
    const struct bound *b = ctx;
    struct err err;

    if (gate_checks_add(&b->options->checks, b->measure, value, &err) == 0)
        return 0;
    cli_error("gate", "%s", err.text);
    return EXIT_INVALID;
}

static int take_level(void *ctx, const char *value)
{
    struct options *o = ctx;

    for (enum level level = LEVEL_WATCH; level <= LEVEL_ACT; level++)
        if (strcmp(value, level_name[level]) == 0) {
            o->level = level;
            return 0;
        }
    cli_error("gate", "--level: '%s' is not watch, review or act", value);
    return EXIT_INVALID;
}

static int take_cannot_tell(void *ctx, const char *value)
{
    struct options *o = ctx;

    o->allow = strcmp(value, "allow") == 0;
    if (o->allow || strcmp(value, "fail") == 0)
        return 0;
    cli_error("gate", "--cannot-tell: '%s' is not fail or allow", value);
    return EXIT_INVALID;
}

/* The bounds asked for, and those of the scenario. */
static int checks_gather(struct holding *h, struct err *err)
{
    const struct options *o = h->options;
    AUTO(scenario_free) struct scenario *s = NULL;
    int r;

    h->checks = o->checks;
    if (o->no_expect)
        return 0;
    if (!o->expect)
        return gate_checks_read(&h->checks, json_object_get(h->run->summary, "expect"), err);
    r = scenario_load(o->expect, NULL, &s, err);
    return r < 0 ? r : gate_checks_expect(&h->checks, &s->expect, err);
}

static int holding_open(struct holding *h, struct err *err)
{
    const struct options *o = h->options;
    char path[4096];
    int r;

    (void)snprintf(path, sizeof path, "%s/labels.jsonl", h->folder);
    r = truth_read(o->truth ? o->truth : path, &h->truth, err);
    if (r == -ENOENT && !o->truth)
        return err_set(err, -EINVAL, "%s: a gate needs the truth: name it with --truth FILE", path);
    if (r == 0)
        r = run_read(h->folder, LEVEL_ACT, &h->run, err);
    if (r == 0)
        r = evaluate(h->truth, h->run, NULL, &h->evaluation, err);
    if (r == 0)
        r = checks_gather(h, err);
    if (r == 0 && o->against)
        r = run_read(o->against, LEVEL_ACT, &h->before, err);
    if (r == 0 && o->against)
        r = compare_runs(h->before, h->run, h->truth, o->level, &h->compare, err);
    if (r == 0 && h->checks.count == 0 && !o->against)
        r = err_set(err, -EINVAL,
                    "nothing to check: the run's scenario expects nothing; give a "
                    "bound such as --max-fpr hard=0.001");
    return r == 0 ? gate_judge(&h->checks, h->evaluation, h->compare, o->level, &h->gate, err) : r;
}

static void holding_close(struct holding *h)
{
    compare_free(h->compare);
    evaluation_free(h->evaluation);
    run_free(h->before);
    run_free(h->run);
    truth_free(h->truth);
}

static int junit_save(const struct holding *h, struct err *err)
{
    const struct options *o = h->options;
    FILE *file;
    bool failed;

    if (!o->junit)
        return 0;
    file = fopen(o->junit, "we");
    if (!file)
        return err_set(err, -errno, "%s: %s", o->junit, strerror(errno));
    gate_junit(&h->gate, h->folder, o->allow, file);
    failed = ferror(file) != 0;
    failed |= fclose(file) != 0;
    return failed ? err_set(err, -EIO, "%s: %s", o->junit, strerror(errno)) : 0;
}

static void tell_json(const struct holding *h)
{
    struct json_write w;

    json_write_init(&w, stdout);
    json_write_open(&w, NULL, '{');
    json_write_text(&w, "run", h->folder);
    json_write_bool(&w, "passed", gate_passes(&h->gate, h->options->allow));
    gate_write(&h->gate, &w);
    if (h->compare) {
        json_write_open(&w, "against", '{');
        json_write_text(&w, "run", h->options->against);
        compare_write(h->compare, &w);
        json_write_close(&w, '}');
    }
    json_write_close(&w, '}');
    json_write_line(&w);
    (void)json_write_flush(&w); /* stdout remembers its failure */
    json_write_deinit(&w);
}

static int tell(const struct holding *h)
{
    if (h->options->json) {
        tell_json(h);
    } else {
        if (h->checks.count > 0)
            gate_print(&h->gate, stdout);
        if (h->compare && h->checks.count > 0)
            (void)putchar('\n');
        if (h->compare)
            compare_print(h->compare, stdout);
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        cli_error("gate", "stdout: %s", strerror(errno));
        return EXIT_FAILED;
    }
    gate_complain(&h->gate, "gate");
    return gate_passes(&h->gate, h->options->allow) ? EXIT_DONE : EXIT_GATE;
}

static int gate_run(const struct options *o, const char *folder)
{
    struct holding h = {.options = o, .folder = folder};
    struct err err = {""};
    int r = holding_open(&h, &err), code;

    if (r == 0)
        r = junit_save(&h, &err);
    if (r < 0) {
        cli_error("gate", "%s", err.text);
        code = r == -EINVAL || r == -ENOENT || r == -ENOTDIR ? EXIT_INVALID : EXIT_FAILED;
    } else {
        code = tell(&h);
    }
    holding_close(&h);
    return code;
}

int cmd_gate(int argc, char **argv)
{
    static struct options o; /* large, and there is one command per process */
    const struct cli_option table[] = {
        {"max-fpr", CLI_EACH, &o.bound[GATE_FPR], "NAME=SHARE",
         "benign accounts flagged: of plain, hard, abusive, benign or a population", take_bound},
        {"min-recall", CLI_EACH, &o.bound[GATE_RECALL], "NAME=SHARE",
         "accounts found: of campaign (all of them) or one campaign's name", take_bound},
        {"min-precision", CLI_EACH, &o.bound[GATE_PRECISION], "SHARE",
         "of the accounts flagged those that distil", take_bound},
        {"max-leaked", CLI_EACH, &o.bound[GATE_LEAKED], "NAME=SHARE",
         "exchanges before the alarm, of the worst or the named campaign", take_bound},
        {"against", CLI_TEXT, &o.against, "RUN", "the run before, over the same traffic", NULL},
        {"max-rise", CLI_EACH, &o.bound[GATE_RISE], "NAME=SHARE",
         "how far false positives may rise over --against, as a share of accounts", take_bound},
        {"max-drop", CLI_EACH, &o.bound[GATE_DROP], "NAME=SHARE",
         "how far recall may drop below --against, as a share of accounts", take_bound},
        {"level", CLI_EACH, &o, "LEVEL", "flagged from watch, review or act on; default review",
         take_level},
        {"cannot-tell", CLI_EACH, &o, "WORD",
         "fail (default): exit code 3 when too little was counted; allow: 0", take_cannot_tell},
        {"expect", CLI_TEXT, &o.expect, "SCENARIO", "its `expect`, instead of that of the run",
         NULL},
        {"no-expect", CLI_FLAG, &o.no_expect, NULL, "only the bounds given here", NULL},
        {"truth", CLI_TEXT, &o.truth, "FILE", "labels.jsonl; default: RUN/labels.jsonl", NULL},
        {"junit", CLI_TEXT, &o.junit, "FILE", "writes JUnit XML for CI", NULL},
        {"json", CLI_FLAG, &o.json, NULL, "prints JSON", NULL},
        {NULL, CLI_FLAG, NULL, NULL, NULL, NULL},
    };
    const struct cli cli = {
        .usage = "gate RUN [options]",
        .example = "stillwatch gate runs/first --max-fpr hard=0.02 --min-recall campaign=0.8",
        .about = "Holds a run to bounds: those given here and those its scenario expects. A bound "
                 "is met only when the\nwhole 95 % interval keeps to it, unmet when none of the "
                 "interval does; else the run cannot tell.\nExit code 0 when all are met, 3 when "
                 "not. --against names the run before and lists who changed.",
        .option = table,
        .operand_min = 1,
        .operand_max = 1,
    };
    uint32_t operands;
    int r;

    o = (struct options){.level = LEVEL_REVIEW};
    for (unsigned m = 0; m < GATE_MEASURE_COUNT; m++)
        o.bound[m] = (struct bound){&o, (enum gate_measure)m};
    r = cli_parse(&cli, argc, argv, &operands);
    return r >= 0 ? r : gate_run(&o, argv[1]);
}
