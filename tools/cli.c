#include "cli.h"

#include "base/nearest.h"
#include "tools/command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_MAX = 64, HELP_COLUMN = 26 };

void cli_error(const char *command, const char *format, ...)
{
    va_list args;

    (void)fprintf(stderr, "stillwatch %s: ", command);
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fputc('\n', stderr);
}

static int help(const struct cli *cli)
{
    (void)printf("Example:\n  %s\n\nUsage: stillwatch %s\n\n%s\n\nOptions:\n", cli->example,
                 cli->usage, cli->about);
    for (const struct cli_option *o = cli->option; o->name; o++) {
        char left[80];

        (void)snprintf(left, sizeof left, "--%s%s%s", o->name, o->arg ? " " : "",
                       o->arg ? o->arg : "");
        (void)printf("  %-*s %s\n", HELP_COLUMN, left, o->help);
    }
    (void)printf("  %-*s %s\n", HELP_COLUMN, "--help", "this text");
    return EXIT_DONE;
}

static const struct cli_option *option_find(const struct cli *cli, const char *name, size_t size)
{
    for (const struct cli_option *o = cli->option; o->name; o++)
        if (strlen(o->name) == size && memcmp(o->name, name, size) == 0)
            return o;
    return NULL;
}

static int unknown(const struct cli *cli, const char *command, const char *name)
{
    const char *names[OPTION_MAX];
    const char *nearest;
    uint32_t count = 0;

    for (const struct cli_option *o = cli->option; o->name && count < OPTION_MAX; o++)
        names[count++] = o->name;
    nearest = nearest_word(name, names, count);
    if (nearest)
        cli_error(command, "unknown option --%s; did you mean --%s?", name, nearest);
    else
        cli_error(command, "unknown option --%s; see `stillwatch %s --help`", name, command);
    return EXIT_INVALID;
}

static int apply(const struct cli_option *o, const char *command, const char *value)
{
    char *end = NULL;

    errno = 0;
    switch (o->kind) {
    case CLI_FLAG: *(bool *)o->target = true; return -1;
    case CLI_TEXT: *(const char **)o->target = value; return -1;
    case CLI_EACH: {
        int r = o->each(o->target, value);

        return r ? r : -1;
    }
    case CLI_U64: {
        unsigned long long u = strtoull(value, &end, 10);

        if (errno || *end || !*value || *value == '-') {
            cli_error(command, "--%s: '%s' is not a whole number", o->name, value);
            return EXIT_INVALID;
        }
        *(uint64_t *)o->target = u;
        return -1;
    }
    case CLI_F64: {
        double d = strtod(value, &end);

        if (errno || *end || !*value) {
            cli_error(command, "--%s: '%s' is not a number", o->name, value);
            return EXIT_INVALID;
        }
        *(double *)o->target = d;
        return -1;
    }
    }
    return EXIT_INVALID;
}

/* Takes the option at argv[*i], and its value; -1 to go on. */
static int take(const struct cli *cli, int argc, char **argv, int *i)
{
    const char *name = argv[*i] + 2;
    const char *equals = strchr(name, '=');
    size_t size = equals ? (size_t)(equals - name) : strlen(name);
    const struct cli_option *o = option_find(cli, name, size);
    const char *value = equals ? equals + 1 : NULL;

    if (strcmp(name, "help") == 0)
        return help(cli);
    if (!o)
        return unknown(cli, argv[0], name);
    if (o->kind == CLI_FLAG && value) {
        cli_error(argv[0], "--%s takes no value", o->name);
        return EXIT_INVALID;
    }
    if (o->kind != CLI_FLAG && !value) {
        if (*i + 1 >= argc) {
            cli_error(argv[0], "--%s needs %s", o->name, o->arg ? o->arg : "a value");
            return EXIT_INVALID;
        }
        value = argv[++*i];
    }
    return apply(o, argv[0], value);
}

int cli_parse(const struct cli *cli, int argc, char **argv, uint32_t *operand_count)
{
    uint32_t count = 0;
    bool ended = false;

    for (int i = 1; i < argc; i++) {
        if (!ended && strcmp(argv[i], "--") == 0) {
            ended = true;
        } else if (!ended && strcmp(argv[i], "-h") == 0) {
            return help(cli);
        } else if (!ended && argv[i][0] == '-' && argv[i][1] == '-') {
            int r = take(cli, argc, argv, &i);

            if (r >= 0)
                return r;
        } else if (!ended && argv[i][0] == '-' && argv[i][1]) {
            cli_error(argv[0], "unknown option %s; see `stillwatch %s --help`", argv[i], argv[0]);
            return EXIT_INVALID;
        } else {
            argv[1 + count++] = argv[i];
        }
    }
    *operand_count = count;
    if (count < cli->operand_min || count > cli->operand_max) {
        cli_error(argv[0], "usage: stillwatch %s", cli->usage);
        return EXIT_INVALID;
    }
    return -1;
}
