/* stillwatch: one binary, git-like. */
#include "tools/command.h"

#include <stdio.h>
#include <string.h>

static const struct command commands[] = {
    {"run", "simulate, detect, evaluate and report, from end to end", cmd_run},
    {"simulate", "write the events and the truth of a scenario", cmd_simulate},
    {"detect", "read events, judge accounts and groups, write a run folder", cmd_detect},
    {"serve", "take events over HTTP as they happen, never lose one, tell findings", cmd_serve},
    {"evaluate", "hold a run against the truth", cmd_evaluate},
    {"gate", "hold a run to bounds on recall and false alarms; compare it with another", cmd_gate},
    {"explain", "tell why an account or a group has its score", cmd_explain},
    {"report", "rebuild the report of a run folder", cmd_report},
    {"check", "validate scenarios, field maps, configurations and event files", cmd_check},
    {"doctor", "tell what a log holds, what is missing, and propose a field map", cmd_doctor},
    {NULL, NULL, NULL},
};

static int usage(FILE *out, int code)
{
    (void)fprintf(out,
                  "stillwatch: finds coordinated, undeclared distillation in LLM API traffic\n\n"
                  "Example:\n  stillwatch run scenarios/quickstart.json --out runs/first\n\n"
                  "Commands:\n");
    for (const struct command *c = commands; c->name; c++)
        (void)fprintf(out, "  %-10s %s\n", c->name, c->summary);
    (void)fprintf(out, "\n`stillwatch COMMAND --help` tells more. Exit codes: 0 done, 1 failed, "
                       "2 usage or invalid input, 3 a gate was not met.\n");
    return code;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return usage(stderr, EXIT_INVALID);
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0)
        return usage(stdout, EXIT_DONE);
    for (const struct command *c = commands; c->name; c++)
        if (strcmp(argv[1], c->name) == 0)
            return c->run(argc - 1, argv + 1);
    (void)fprintf(stderr, "stillwatch: no command '%s'; `stillwatch help` lists them\n", argv[1]);
    return EXIT_INVALID;
}
