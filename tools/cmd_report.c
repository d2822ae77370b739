/* `stillwatch report RUN`: rebuilds the report from the files of a run folder, or compares two. */
#include "tools/cli.h"
#include "tools/command.h"
#include "tools/report.h"
#include "tools/report_compare.h"

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

static int failed(int r, const struct err *err)
{
    cli_error("report", "%s", err->text);
    return r == -ENOENT || r == -EINVAL || r == -ENOTDIR ? EXIT_INVALID : EXIT_FAILED;
}

static int rebuild(const char *folder, bool json)
{
    struct err err = {""};
    int r = json ? print_json(folder, &err) : report_rebuild(folder, &err);

    if (r < 0)
        return failed(r, &err);
    if (!json)
        (void)printf("%s/report.html\n%s/report.md\n", folder, folder);
    return EXIT_DONE;
}

static int compare(char *const folder[2], const char *out, bool json)
{
    struct err err = {""};
    int r;

    out = out ? out : folder[1];
    r = report_compare(folder[0], folder[1], json ? NULL : out, &err);
    if (r < 0)
        return failed(r, &err);
    if (!json)
        (void)printf("%s/compare.html\n%s/compare.md\n%s/compare.json\n", out, out, out);
    return EXIT_DONE;
}

int cmd_report(int argc, char **argv)
{
    const char *out = NULL;
    bool json = false, two = false;
    const struct cli_option option[] = {
        {"compare", CLI_FLAG, &two, NULL,
         "of two runs over the same traffic, RUN and AFTER: who changed, and why", NULL},
        {"out", CLI_TEXT, &out, "DIR", "with --compare: where to write; default AFTER", NULL},
        {"json", CLI_FLAG, &json, NULL, "print the numbers as JSON; write nothing", NULL},
        {NULL, CLI_FLAG, NULL, NULL, NULL, NULL},
    };
    const struct cli cli = {
        .usage = "report RUN [options] | report --compare RUN AFTER [options]",
        .example = "stillwatch report runs/first",
        .about =
            "Rebuilds report.html and report.md (and \"report\" in summary.json) from the other "
            "files of a run folder.\n--compare writes compare.html, compare.md and compare.json. "
            "The same folders give the same bytes.",
        .option = option,
        .operand_min = 1,
        .operand_max = 2,
    };
    uint32_t operand_count;
    int code = cli_parse(&cli, argc, argv, &operand_count);

    if (code >= 0)
        return code;
    if (operand_count != (two ? 2 : 1)) {
        cli_error("report", two ? "--compare takes two runs" : "one run, or two with --compare");
        return EXIT_INVALID;
    }
    if (out && !two) {
        cli_error("report", "--out is for --compare: a run's report lies in its folder");
        return EXIT_INVALID;
    }
    return two ? compare(argv + 1, out, json) : rebuild(argv[1], json);
}
