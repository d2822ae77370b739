/* Command-line options from a table, with help that starts with an example; the same everywhere. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum cli_kind {
    CLI_FLAG, /* bool *           --name */
    CLI_TEXT, /* const char **    --name TEXT */
    CLI_U64,  /* uint64_t *       --name 123 */
    CLI_F64,  /* double *         --name 0.5 */
    CLI_EACH, /* called for every --name TEXT */
};

struct cli_option {
    const char *name; /* without dashes; NULL ends the table */
    enum cli_kind kind;
    void *target;    /* as the kind says; for CLI_EACH the ctx of `each` */
    const char *arg; /* name of the argument in help; NULL for flags */
    const char *help;
    /* CLI_EACH: 0, or EXIT_INVALID after its own message. */
    int (*each)(void *ctx, const char *value);
};

struct cli {
    const char *usage;   /* "run SCENARIO [options]" */
    const char *example; /* a whole command that works from the project's folder */
    const char *about;   /* what it does, a short paragraph */
    const struct cli_option *option;
    uint32_t operand_min, operand_max; /* UINT32_MAX: any number */
};

/* Parses argv (argv[0] is the command). Options may stand before, between and after operands; "--"
 * ends them; "--name=value" works. Operands are moved to argv[1..*operand_count]. Returns -1 to go
 * on, or the exit code to return at once (help was printed to stdout: 0; a message
 * to stderr: 2). */
int cli_parse(const struct cli *cli, int argc, char **argv, uint32_t *operand_count);

/* stderr: "stillwatch COMMAND: message". */
void cli_error(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
