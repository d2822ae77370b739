/* `stillwatch report RUN`: rebuilds the report from the files of a run folder. */
#include "tools/cli.h"
#include "tools/command.h"
#include "tools/report.h"

#include <errno.h>
#include <stdio.h>

static int print_json(const char *folder, struct err *err)
{
    AUTO(report_data_free) struct report_data *data = NULL;
    int r = report_data_load(folder, &data, err);
    json_t *report;

    if (r < 0)
        return r;
    report = report_json(data);
    if (!report)
        return -ENOMEM;
    r = json_dumpf(report, stdout, JSON_INDENT(2)) < 0 || putchar('\n') == EOF ? -EIO : 0;
    json_decref(report);
    return r;
}

int cmd_report(int argc, char **argv)
{
    bool json = false;
    const struct cli_option option[] = {
        {"json", CLI_FLAG, &json, NULL, "print the numbers as JSON; write nothing", NULL},
        {NULL, CLI_FLAG, NULL, NULL, NULL, NULL},
    };
    const struct cli cli = {
        .usage = "report RUN [options]",
        .example = "stillwatch report runs/first",
        .about =
            "Rebuilds report.html and report.md (and \"report\" in summary.json) from the other "
            "files of a run folder. The same folder gives the same bytes.",
        .option = option,
        .operand_min = 1,
        .operand_max = 1,
    };
    uint32_t operand_count;
    struct err err = {""};
    int code = cli_parse(&cli, argc, argv, &operand_count), r;

    if (code >= 0)
        return code;
    r = json ? print_json(argv[1], &err) : report_rebuild(argv[1], &err);
    if (r < 0) {
        cli_error("report", "%s", err.text);
        return r == -ENOENT || r == -EINVAL || r == -ENOTDIR ? EXIT_INVALID : EXIT_FAILED;
    }
    if (!json)
        (void)printf("%s/report.html\n%s/report.md\n", argv[1], argv[1]);
    return EXIT_DONE;
}
