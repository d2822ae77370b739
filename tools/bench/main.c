/* Times the parts of the product on events that it makes itself. Each case is repeated, and the
 * median repetition counts; ratios compare cases of one run, since machines differ and clocks move.
 */
#include "bench_case.h"
#include "scaling.h"

#include "base/errmsg.h"
#include "base/json_write.h"
#include "tools/cli.h"
#include "tools/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { REPETITIONS = 5, CASES_MAX = 64 };

struct result {
    const struct bench_case *what;
    double ns; /* per event: the median repetition */
    uint64_t events;
    double bytes_per_event;
    int error;
};

static double seconds(bool wall)
{
    struct timespec ts;

    (void)clock_gettime(wall ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Passes until they took `min_time` seconds; ns per event in *ns. */
static int repetition(const struct bench_case *c, const struct bench_data *data, double min_time,
                      struct result *result, double *ns)
{
    double taken = 0.0;
    uint64_t events = 0, bytes = 0;

    do {
        uint64_t pass_events, pass_bytes = 0;
        void *pass = NULL;
        double start;
        int r = c->open(data, &pass);

        if (r < 0)
            return r;
        start = seconds(c->wall);
        pass_events = c->run(data, pass, &pass_bytes);
        taken += seconds(c->wall) - start;
        c->close(pass);
        if (pass_events == 0)
            return -1;
        events += pass_events;
        bytes += pass_bytes;
    } while (taken < min_time);
    *ns = taken * 1e9 / (double)events;
    result->events += events;
    result->bytes_per_event = (double)bytes / (double)events;
    return 0;
}

static void measure(const struct bench_case *c, const struct bench_data *data, double min_time,
                    struct result *result)
{
    double ns[REPETITIONS] = {0};

    *result = (struct result){.what = c};
    for (uint32_t i = 0; i < REPETITIONS && result->error == 0; i++)
        result->error = repetition(c, data, min_time / REPETITIONS, result, &ns[i]);
    qsort(ns, REPETITIONS, sizeof *ns, ascending);
    result->ns = ns[REPETITIONS / 2];
}

/* How many times as fast as the case's baseline; 0 without one in this run. */
static double speedup(const struct result *results, uint32_t count, const struct result *of)
{
    for (uint32_t i = 0; of->what->baseline && i < count; i++)
        if (strcmp(results[i].what->name, of->what->baseline) == 0 && results[i].error == 0)
            return results[i].ns / of->ns;
    return 0.0;
}

static void row_print(const struct result *results, uint32_t count, const struct result *r)
{
    double ratio = speedup(results, count, r);

    if (r->error < 0) {
        printf("%-22s failed\n", r->what->name);
        return;
    }
    printf("%-22s %9.1f ns %-4s %11llu %10.3f M/s ", r->what->name, r->ns,
           r->what->wall ? "wall" : "cpu", (unsigned long long)r->events, 1e3 / r->ns);
    if (r->bytes_per_event > 0.0)
        printf("%7.2f GB/s ", r->bytes_per_event / r->ns);
    else
        printf("%12s ", "");
    if (ratio > 0.0)
        printf("%8.2f x %s", ratio, r->what->baseline);
    printf("\n");
    (void)fflush(stdout);
}

static void json_print(const struct result *results, uint32_t count)
{
    struct json_write w;

    json_write_init(&w, stdout);
    json_write_open(&w, NULL, '[');
    for (uint32_t i = 0; i < count; i++) {
        const struct result *r = &results[i];
        double ratio = speedup(results, count, r);

        if (r->error < 0)
            continue;
        json_write_open(&w, NULL, '{');
        json_write_text(&w, "name", r->what->name);
        json_write_text(&w, "clock", r->what->wall ? "wall" : "cpu");
        json_write_f64(&w, "ns_per_event", r->ns, 6);
        json_write_u64(&w, "events", r->events);
        json_write_f64(&w, "events_per_s", 1e9 / r->ns, 6);
        json_write_f64(&w, "bytes_per_event", r->bytes_per_event, 6);
        if (ratio > 0.0) {
            json_write_text(&w, "baseline", r->what->baseline);
            json_write_f64(&w, "speedup", ratio, 6);
        }
        json_write_close(&w, '}');
    }
    json_write_close(&w, ']');
    json_write_line(&w);
    (void)json_write_flush(&w);
    json_write_deinit(&w);
}

/* A case is run when its name contains the filter, and also when one that is compares with it. */
static bool wanted(const struct bench_case *c, const char *filter)
{
    if (!filter || strstr(c->name, filter))
        return true;
    for (const struct bench_case *other = bench_cases; other->name; other++)
        if (other->baseline && strcmp(other->baseline, c->name) == 0 && strstr(other->name, filter))
            return true;
    return false;
}

static int cases_run(const struct bench_data *data, const char *filter, double min_time, bool json)
{
    struct result results[CASES_MAX];
    uint32_t count = 0;
    int failed = 0;

    if (!json)
        printf("%-22s %12s %-4s %11s %14s %12s %s\n", "case", "time/event", "", "events", "rate",
               "input", "times as fast as");
    for (const struct bench_case *c = bench_cases; c->name && count < CASES_MAX; c++) {
        if (!wanted(c, filter))
            continue;
        measure(c, data, min_time, &results[count]);
        failed |= results[count].error;
        count++;
        if (!json)
            row_print(results, count, &results[count - 1]);
    }
    if (json)
        json_print(results, count);
    return failed ? EXIT_FAILED : EXIT_DONE;
}

/* Runs the cases on events in a folder of its own, which is removed again. */
static int bench_run(struct bench_data *data, const char *filter, double min_time, bool json)
{
    const char *base = getenv("TMPDIR");
    char folder[BENCH_PATH_SIZE / 2];
    int exit_code = EXIT_FAILED;

    (void)snprintf(folder, sizeof folder, "%s/stillwatch-bench-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(folder)) {
        cli_error("bench", "%s: %s", folder, strerror(errno));
        return EXIT_FAILED;
    }
    if (bench_data_save(data, folder) < 0)
        cli_error("bench", "%s: cannot write the events", folder);
    else
        exit_code = cases_run(data, filter, min_time, json);
    (void)remove(data->plain_path);
    (void)remove(data->prompts_path);
    (void)rmdir(folder);
    return exit_code;
}

int main(int argc, char **argv)
{
    const char *filter = NULL, *write = NULL;
    struct bench_data *data = NULL;
    double min_time = 1.0;
    uint64_t events = 100000;
    uint64_t scaling = 0;
    bool json = false;
    const struct cli_option options[] = {
        {"filter", CLI_TEXT, &filter, "TEXT", "only cases whose name contains this", NULL},
        {"min-time", CLI_F64, &min_time, "SECONDS", "time spent in each case (default 1)", NULL},
        {"events", CLI_U64, &events, "COUNT", "lines made of each sort (default 100000)", NULL},
        {"write", CLI_TEXT, &write, "FOLDER", "write the events there as files, time nothing",
         NULL},
        {"scaling", CLI_U64, &scaling, "ACCOUNTS",
         "only the detector, against the number of accounts, 10000 and up to this many", NULL},
        {"json", CLI_FLAG, &json, NULL, "print JSON instead of a table", NULL},
        {NULL, CLI_FLAG, NULL, NULL, NULL, NULL},
    };
    const struct cli cli = {
        .usage = "bench [options]",
        .example = "tools/dev bench --filter read",
        .about = "Times the parts of Stillwatch on events that it makes itself.",
        .option = options,
    };
    uint32_t operands;
    int r = cli_parse(&cli, argc, argv, &operands);

    if (r >= 0)
        return r;
    if (events < 1000 || events > 100000000) {
        cli_error("bench", "--events: 1000 to 100000000");
        return EXIT_INVALID;
    }
    if (scaling) {
        r = scaling_run(scaling, json);
        if (r < 0)
            cli_error("bench", "scaling: %s", strerror(-r));
        return r < 0 ? EXIT_FAILED : EXIT_DONE;
    }
    r = bench_data_new((uint32_t)events, &data);
    if (r == 0 && write)
        r = bench_data_save(data, write);
    if (r < 0)
        cli_error("bench", "cannot make the events: %s", strerror(-r));
    else if (!write)
        r = bench_run(data, filter, min_time, json);
    bench_data_free(data);
    return r < 0 ? EXIT_FAILED : r;
}
