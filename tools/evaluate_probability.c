/* What calibrated probabilities promised, against what came of it. */
#include "evaluate.h"

#include "base/cleanup.h"
#include "detector/evidence.h"

#include <errno.h>
#include <math.h>

/* The configuration's number of a name; `otherwise` when the summary does not have it. */
static double configured(const struct run *run, const char *name, double otherwise)
{
    const json_t *value = json_object_get(json_object_get(run->summary, "configuration"), name);

    return json_is_number(value) ? json_number_value(value) : otherwise;
}

double probability_rebase(double p, double from, double to)
{
    double odds = p / (1.0 - p) * (to / (1.0 - to)) / (from / (1.0 - from));

    return isinf(odds) ? 1.0 : odds / (1.0 + odds);
}

static bool is_judged(const struct truth_account *t)
{
    return evaluate_class_of(t) != CLASS_ABUSIVE;
}

/* Accounts that are seen and labelled, at the share of distilling ones among them. */
static void accounts_make(const struct truth *truth, const struct run *run, struct scored *scored,
                          struct promise_result *out)
{
    uint64_t n = 0, positives = 0, known = 0;
    double share;

    for (unsigned pass = 0; pass < 2; pass++) {
        n = 0;
        for (uint32_t i = 0; i < run->account_count; i++) {
            const struct run_account *a = &run->account[i];
            uint32_t t = truth_find(truth, str_of(a->account));
            double p = pass ? a->probability : a->score;

            if (t == TRUTH_NONE || !is_judged(&truth->account[t]))
                continue;
            scored[n++] =
                (struct scored){p, evaluate_class_of(&truth->account[t]) == CLASS_DISTILLING};
            positives += !pass && scored[n - 1].positive;
            known += !pass && !isnan(a->probability);
        }
        share = n ? (double)positives / (double)n : 0.0;
        out->known = n > 0 && known == n && positives > 0 && positives < n;
        if (!out->known)
            return;
        out->share = share;
        for (uint64_t i = 0; i < n; i++)
            scored[i].score = probability_rebase(scored[i].score, out->base_rate, share);
        calibration_make(scored, n, pass ? &out->probability : &out->score);
    }
}

enum evaluate_class evaluate_mostly(const uint32_t count[CLASS_COUNT])
{
    uint32_t all = 0;

    for (unsigned class = 0; class < CLASS_COUNT; class ++)
        all += count[class];
    if (2 * count[CLASS_ABUSIVE] > all)
        return CLASS_ABUSIVE;
    return 2 * count[CLASS_DISTILLING] > all ? CLASS_DISTILLING : CLASS_PLAIN;
}

static enum evaluate_class mostly(const struct truth *truth, const struct run *run,
                                  const struct run_cluster *c)
{
    uint32_t count[CLASS_COUNT] = {0};

    for (uint32_t m = 0; m < c->member_count; m++) {
        uint32_t t = truth_find(truth, str_of(run->account[c->member[m]].account));

        if (t != TRUTH_NONE)
            count[evaluate_class_of(&truth->account[t])]++;
    }
    return evaluate_mostly(count);
}

/* The first finding of every case; a case that is no cluster any more has nobody to ask. */
static int cases_make(const struct truth *truth, const struct run *run, struct promise_result *out)
{
    AUTO_FREE bool *told = calloc(run->cluster_count + (size_t)1, sizeof *told);
    uint64_t wrong = 0, cases = 0;
    double expected = 0.0;

    if (!told)
        return -ENOMEM;
    for (uint32_t f = 0; f < run->finding_count; f++) {
        const struct run_finding *finding = &run->finding[f];
        uint32_t c =
            finding->is_cluster ? run_find_cluster(run, str_of(finding->subject)) : RUN_NONE;
        enum evaluate_class class;

        out->gone += c == RUN_NONE;
        if (c == RUN_NONE || told[c])
            continue;
        told[c] = true;
        class = mostly(truth, run, &run->cluster[c]);
        out->abusive += class == CLASS_ABUSIVE;
        if (class == CLASS_ABUSIVE)
            continue;
        cases++;
        wrong += class != CLASS_DISTILLING;
        expected += 1.0 - finding->probability;
    }
    out->wrong = proportion_of(wrong, cases);
    out->expected = cases ? expected / (double)cases : (double)NAN;
    return 0;
}

int promise_make(const struct truth *truth, const struct run *run, struct promise_result *out)
{
    AUTO_FREE struct scored *scored = calloc(run->account_count + (size_t)1, sizeof *scored);

    *out = (struct promise_result){.base_rate = configured(run, "base_rate", 0.001),
                                   .fdr = configured(run, "fdr", 0.0)};
    if (!scored)
        return -ENOMEM;
    accounts_make(truth, run, scored, out);
    return cases_make(truth, run, out);
}
