/* `stillwatch explain RUN SUBJECT`: the sum behind one score, line by line, as the run wrote it. */
#include "base/nearest.h"
#include "tools/cli.h"
#include "tools/command.h"
#include "tools/doc.h"
#include "tools/explain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The names of a folder's accounts or groups that come closest to `id`; "" when none does. */
static const char *nearest(const char *id, const char *const *name, uint32_t count)
{
    const char *best = nearest_word(id, name, count);

    return best ? best : "";
}

static void suggest(const char *kind, const char *name)
{
    if (!*name)
        return;
    (void)fprintf(stderr, "  did you mean %s ", kind);
    doc_escape(stderr, DOC_PLAIN, name);
    (void)fputs("?\n", stderr);
}

static int unknown(const struct run *run, const char *folder, const char *id)
{
    AUTO_FREE const char **name =
        calloc((size_t)run->account_count + run->cluster_count + 1, sizeof *name);
    const char *group = "", *account = "";

    for (uint32_t i = 0; name && i < run->cluster_count; i++)
        name[i] = run->cluster[i].cluster;
    if (name)
        group = nearest(id, name, run->cluster_count);
    for (uint32_t i = 0; name && i < run->account_count; i++)
        name[i] = run->account[i].account;
    if (name)
        account = nearest(id, name, run->account_count);
    cli_error("explain", "%s has no account or group '%.200s'", folder, id);
    suggest("group", group);
    suggest("account", account);
    return EXIT_INVALID;
}

/* Looks among groups, then among accounts. */
static int explain(const char *folder, const char *id, bool account_only, bool json)
{
    AUTO(run_free) struct run *run = NULL;
    struct report_subject subject;
    struct err err = {""};
    uint32_t group = RUN_NONE, account;
    int r = run_read(folder, LEVEL_NONE, &run, &err);

    if (r < 0) {
        cli_error("explain", "%s", err.text);
        return r == -ENOENT || r == -EINVAL || r == -ENOTDIR ? EXIT_INVALID : EXIT_FAILED;
    }
    if (!account_only)
        group = run_find_cluster(run, str_of(id));
    account = group == RUN_NONE ? run_find_account(run, str_of(id)) : RUN_NONE;
    if (group == RUN_NONE && account == RUN_NONE)
        return unknown(run, folder, id);
    if (group != RUN_NONE)
        report_subject_group(run, group, &subject);
    else
        report_subject_account(run, account, &subject);
    r = explain_write(run, &subject, json, stdout, &err);
    if (r < 0)
        cli_error("explain", "%s", err.text[0] ? err.text : strerror(-r));
    return r < 0 ? EXIT_FAILED : EXIT_DONE;
}

int cmd_explain(int argc, char **argv)
{
    bool json = false, account = false;
    const struct cli_option option[] = {
        {"json", CLI_FLAG, &json, NULL, "print JSON", NULL},
        {"account", CLI_FLAG, &account, NULL, "SUBJECT is an account, even if a group has the name",
         NULL},
        {NULL, CLI_FLAG, NULL, NULL, NULL, NULL},
    };
    const struct cli cli = {
        .usage = "explain RUN SUBJECT [options]",
        .example = "stillwatch explain runs/first c1",
        .about =
            "Tells why an account or a group has its score: every line of evidence with what was "
            "observed and what is usual, in nats that add up to the log-odds; what speaks for "
            "innocence; what the log could not show; which line, taken away, would have kept it "
            "below review; and what happened when.",
        .option = option,
        .operand_min = 2,
        .operand_max = 2,
    };
    uint32_t operand_count;
    int code = cli_parse(&cli, argc, argv, &operand_count);

    return code >= 0 ? code : explain(argv[1], argv[2], account, json);
}
