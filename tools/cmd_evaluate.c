/* stillwatch evaluate: a run held against the truth. */
#include "tools/baselines.h"
#include "tools/cli.h"
#include "tools/command.h"
#include "tools/evaluate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int failed(int r, const char *message)
{
    cli_error("evaluate", "%s", message);
    return r == -EINVAL || r == -ENOENT ? EXIT_INVALID : EXIT_FAILED;
}

/* --base-rate SHARE */
static int rate_add(void *target, const char *text)
{
    struct base_rates *rates = target;
    char *end;
    double share = strtod(text, &end);

    if (end == text || *end || !(share > 0.0 && share < 1.0)) {
        cli_error("evaluate", "--base-rate: '%s' is not a share between 0 and 1, such as 0.001",
                  text);
        return EXIT_INVALID;
    }
    if (rates->count == EVALUATE_BASE_RATES) {
        cli_error("evaluate", "--base-rate: %d of them at most", EVALUATE_BASE_RATES);
        return EXIT_INVALID;
    }
    rates->share[rates->count++] = share;
    return 0;
}

static int judge(const char *folder, const char *labels, const struct base_rates *rates, bool json)
{
    AUTO(truth_free) struct truth *truth = NULL;
    AUTO(run_free) struct run *run = NULL;
    AUTO(baseline_scores_free) struct baseline_scores *baselines = NULL;
    AUTO(evaluation_free) struct evaluation *evaluation = NULL;
    struct err err = {""};
    int r = truth_read(labels, &truth, &err);

    if (r == 0)
        r = run_read(folder, LEVEL_ACT, &run, &err); /* evidence is not asked for */
    if (r == 0)
        r = baseline_scores_load(folder, truth, &baselines, &err);
    if (r == 0)
        r = evaluate_folder(folder, truth, run, baselines, rates, &evaluation, &err);
    if (r < 0)
        return failed(r, err.text);
    r = evaluation_tell(evaluation, json, stdout);
    return r < 0 ? failed(r, strerror(-r)) : EXIT_DONE;
}

int cmd_evaluate(int argc, char **argv)
{
    struct base_rates rates = {.count = 0};
    const char *labels = NULL;
    bool json = false;
    const struct cli_option table[] = {
        {"truth", CLI_TEXT, &labels, "FILE", "labels.jsonl; default: RUN/labels.jsonl", NULL},
        {"base-rate", CLI_EACH, &rates, "SHARE",
         "precision where this share of the accounts distils, such as 0.001; may be given again",
         rate_add},
        {"json", CLI_FLAG, &json, NULL, "prints evaluation.json instead of tables", NULL},
        {NULL, CLI_FLAG, NULL, NULL, NULL, NULL},
    };
    const struct cli cli = {
        .usage = "evaluate RUN [--truth FILE] [--base-rate SHARE]... [--json]",
        .example = "stillwatch evaluate runs/first --truth runs/first/labels.jsonl",
        .about = "Holds the results of a run against the truth: who was found, who was accused "
                 "wrongly, how soon, and what\nsimple methods would have done. Writes "
                 "RUN/evaluation.json. docs/evaluation.md defines every number.",
        .option = table,
        .operand_min = 1,
        .operand_max = 1,
    };
    uint32_t operands;
    char path[4096];
    int r = cli_parse(&cli, argc, argv, &operands);

    if (r >= 0)
        return r;
    if (!labels) {
        (void)snprintf(path, sizeof path, "%s/labels.jsonl", argv[1]);
        labels = path;
    }
    return judge(argv[1], labels, &rates, json);
}
