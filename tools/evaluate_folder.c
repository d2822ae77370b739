/* The evaluation's files: RUN/baselines.jsonl in, RUN/evaluation.json out. */
#include "evaluate.h"

#include "tools/baselines.h"
#include "tools/json_save.h"

#include <unistd.h>

enum { PATH_SIZE = 4096 };

static void write_evaluation(const void *what, struct json_write *w)
{
    evaluation_write(what, w);
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
    (void)snprintf(path, sizeof path, "%s/evaluation.json", folder);
    r = json_save(path, write_evaluation, evaluation, err);
    if (r < 0)
        return r;
    *out = TAKE(evaluation);
    return 0;
}
