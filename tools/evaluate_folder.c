/* The evaluation's files: RUN/baselines.jsonl in, RUN/evaluation.json out. */
#include "evaluate.h"

#include "tools/baselines.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

static int evaluation_save(const char *folder, const struct evaluation *evaluation, struct err *err)
{
    struct json_write w;
    char path[PATH_SIZE];
    FILE *file;
    int r;

    (void)snprintf(path, sizeof path, "%s/evaluation.json", folder);
    file = fopen(path, "wb");
    if (!file) {
        r = -errno;
        return err_set(err, r, "%s: %s", path, strerror(-r));
    }
    json_write_init(&w, file);
    evaluation_write(evaluation, &w);
    r = json_write_flush(&w);
    json_write_deinit(&w);
    if (fclose(file) != 0 && r == 0)
        r = -errno;
    return r < 0 ? err_set(err, r, "%s: %s", path, strerror(-r)) : 0;
}

int evaluate_folder(const char *folder, const struct truth *truth, const struct run *run,
                    struct evaluation **out, struct err *err)
{
    AUTO(baseline_scores_free) struct baseline_scores *baselines = NULL;
    AUTO(evaluation_free) struct evaluation *evaluation = NULL;
    char path[PATH_SIZE];
    int r;

    (void)snprintf(path, sizeof path, "%s/baselines.jsonl", folder);
    if (access(path, F_OK) == 0) {
        r = baseline_scores_read(path, truth, &baselines, err);
        if (r < 0)
            return r;
    }
    r = evaluate(truth, run, baselines, &evaluation, err);
    if (r < 0) {
        err_prefix(err, "%s", folder);
        return r;
    }
    r = evaluation_save(folder, evaluation, err);
    if (r < 0)
        return r;
    *out = TAKE(evaluation);
    return 0;
}
