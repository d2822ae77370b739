#include "tools/explain.h"

#include "detector/evidence.h"

#include <errno.h>
#include <math.h>

/* Scores and weights are written with limited digits; more than this is damage. */
static const double SCORE_TOLERANCE = 1e-3;

static int check_sum(const struct report_subject *s, struct err *err)
{
    double follows = logistic(s->log_odds);

    if (fabs(follows - s->score) <= SCORE_TOLERANCE)
        return 0;
    return err_set(err, -EINVAL,
                   "%s: the score %.6g does not follow from its evidence, which sums to %.6g nats",
                   s->id, s->score, s->log_odds);
}

int explain_write(const struct run *run, const struct report_subject *s, bool json, FILE *out,
                  struct err *err)
{
    int r = 0;

    if (json)
        r = explain_write_json(run, s, out);
    else
        explain_write_text(run, s, out);
    return r < 0 ? r : check_sum(s, err);
}
