/* The evaluation's file: RUN/evaluation.json. */
#include "evaluate.h"

#include "tools/json_save.h"

enum { PATH_SIZE = 4096 };

static void write_evaluation(const void *what, struct json_write *w)
{
    evaluation_write(what, w);
}

int evaluate_folder(const char *folder, const struct truth *truth, const struct run *run,
                    const struct baseline_scores *baselines, const struct base_rates *rates,
                    struct evaluation **out, struct err *err)
{
    AUTO(evaluation_free) struct evaluation *evaluation = NULL;
    char path[PATH_SIZE];
    int r = evaluate(truth, run, baselines, &evaluation, err);

    if (r < 0) {
        err_prefix(err, "%s", folder);
        return r;
    }
    if (rates)
        evaluation->base_rates = *rates;
    (void)snprintf(path, sizeof path, "%s/evaluation.json", folder);
    r = json_save(path, write_evaluation, evaluation, err);
    if (r < 0)
        return r;
    *out = TAKE(evaluation);
    return 0;
}
