#include "tools/gate.h"

#include "base/nearest.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

const char *const gate_outcome_name[GATE_OUTCOME_COUNT] = {"met", "unmet", "cannot tell"};

/* What the checks are held against. */
struct judging {
    const struct evaluation *e;
    const struct compare *compare;
    unsigned at; /* index of the level in the evaluation */
};

static bool is(const char *name, const char *a, const char *b)
{
    return strcmp(name, a) == 0 || strcmp(name, b) == 0;
}

static bool is_recall(enum gate_measure measure)
{
    return measure == GATE_RECALL || measure == GATE_DROP || measure == GATE_LEAKED;
}

/* A single population or campaign, as the measure is about; NULL: there is none of the name. */
static const struct population_result *population(const struct evaluation *e,
                                                  const struct gate_check *check)
{
    for (uint32_t i = 0; i < e->population_count; i++)
        if ((e->population[i].class == CLASS_DISTILLING) == is_recall(check->measure) &&
            strcmp(e->population[i].name, check->of) == 0)
            return &e->population[i];
    return NULL;
}

/* The class that the check names; CLASS_COUNT: none. Benign is CLASS_COUNT + 1. */
static unsigned class_named(const struct gate_check *check)
{
    if (is_recall(check->measure))
        return is(check->of, "campaign", "all") || strcmp(check->of, "distilling") == 0
                   ? CLASS_DISTILLING
                   : CLASS_COUNT;
    if (is(check->of, "benign", "all"))
        return CLASS_COUNT + 1;
    for (unsigned class = CLASS_PLAIN; class < CLASS_COUNT; class ++)
        if (strcmp(check->of, evaluate_class_name[class]) == 0)
            return class;
    return CLASS_COUNT;
}

static int name_refuse(const struct evaluation *e, const struct gate_check *check, struct err *err)
{
    enum { NAMES_MAX = 256 };
    const char *names[NAMES_MAX] = {is_recall(check->measure) ? "campaign" : "benign"};
    const char *nearest;
    uint32_t n = 1;

    for (unsigned class = CLASS_PLAIN; class < CLASS_COUNT && !is_recall(check->measure); class ++)
        names[n++] = evaluate_class_name[class];
    for (uint32_t i = 0; i < e->population_count && n < NAMES_MAX; i++)
        if ((e->population[i].class == CLASS_DISTILLING) == is_recall(check->measure))
            names[n++] = e->population[i].name;
    nearest = nearest_word(check->of, names, n);
    return err_set(err, -EINVAL, "--%s: the truth has no %s '%s'%s%s%s",
                   gate_measure[check->measure].option,
                   is_recall(check->measure) ? "campaign" : "class or population", check->of,
                   nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

/* ---- what was counted ---- */

static void take_share(struct gate_result *out, const struct proportion *p)
{
    out->hit = p->hit;
    out->of = p->of;
    out->value = p->value;
    out->low = p->low;
    out->high = p->high;
}

static int measure_share(const struct judging *j, struct gate_result *out, struct err *err)
{
    unsigned class = class_named(&out->check);
    const struct population_result *p = population(j->e, &out->check);

    if (class == CLASS_COUNT && !p)
        return name_refuse(j->e, &out->check, err);
    take_share(out, class == CLASS_COUNT       ? &p->flagged[j->at]
                    : class == CLASS_COUNT + 1 ? &j->e->benign[j->at]
                                               : &j->e->by_class[class][j->at]);
    return 0;
}

static int measure_precision(const struct judging *j, struct gate_result *out, struct err *err)
{
    uint64_t right = j->e->by_class[CLASS_DISTILLING][j->at].hit;
    struct proportion p = proportion_of(right, right + j->e->benign[j->at].hit);

    if (!is(out->check.of, "all", "campaign"))
        return err_set(err, -EINVAL, "--min-precision is of all flagged accounts: no NAME");
    out->unit = "flagged accounts";
    take_share(out, &p);
    return 0;
}

/* The worst of all campaigns, or the one that is named. */
static int measure_leaked(const struct judging *j, struct gate_result *out, struct err *err)
{
    bool all = class_named(&out->check) == CLASS_DISTILLING, found = all;

    out->unit = "exchanges";
    for (uint32_t i = 0; i < j->e->campaign_count; i++) {
        const struct campaign_result *c = &j->e->campaign[i];

        if (!all && strcmp(c->name, out->check.of) != 0)
            continue;
        found = true;
        if (isnan(c->leaked) || c->leaked < out->value)
            continue;
        out->value = c->leaked;
        out->of = c->exchanges;
        out->hit = (uint64_t)llround(c->leaked * (double)c->exchanges);
    }
    return found ? 0 : name_refuse(j->e, &out->check, err);
}

/* How much worse the run is than the one before: of false positives, or of recall. */
static int measure_change(const struct judging *j, struct gate_result *out, struct err *err)
{
    unsigned class = class_named(&out->check);
    const struct compare_row *row;
    bool drop = out->check.measure == GATE_DROP;

    if (!j->compare)
        return err_set(err, -EINVAL, "--%s compares two runs: --against RUN is missing",
                       gate_measure[out->check.measure].option);
    if (class == CLASS_COUNT && !population(j->e, &out->check))
        return name_refuse(j->e, &out->check, err);
    row = compare_row(j->compare, class == CLASS_COUNT       ? out->check.of
                                  : class == CLASS_COUNT + 1 ? "benign"
                                                             : evaluate_class_name[class]);
    if (!row)
        return 0; /* nothing was counted */
    out->hit = row->paired.first_only + row->paired.second_only;
    out->of = row->paired.of;
    out->value = drop ? -row->paired.difference : row->paired.difference;
    out->low = drop ? -row->paired.high : row->paired.low;
    out->high = drop ? -row->paired.low : row->paired.high;
    out->unit = "changed accounts";
    return 0;
}

/* ---- what follows ---- */

static void cannot_tell(struct gate_result *r)
{
    const struct gate_check *c = &r->check;
    double share = gate_measure[c->measure].at_least ? 1.0 - c->bound : c->bound;
    uint64_t needed = proportion_needed(share);

    r->outcome = GATE_CANNOT_TELL;
    if (r->of == 0)
        (void)snprintf(r->reason, sizeof r->reason, "nothing was counted");
    else if (c->measure == GATE_RISE || c->measure == GATE_DROP)
        (void)snprintf(r->reason, sizeof r->reason,
                       "the interval holds the bound: more accounts "
                       "are needed");
    else if (needed == UINT64_MAX)
        (void)snprintf(r->reason, sizeof r->reason,
                       "no number of accounts shows a share of exactly %g", c->bound);
    else if (r->of < needed)
        (void)snprintf(r->reason, sizeof r->reason,
                       "at least %" PRIu64 " are needed to show it, even if none goes wrong",
                       needed);
    else
        (void)snprintf(r->reason, sizeof r->reason,
                       "the interval holds the bound: more are "
                       "needed");
}

static void conclude(struct gate_result *r)
{
    bool at_least = gate_measure[r->check.measure].at_least;
    double low = isnan(r->low) ? r->value : r->low, high = isnan(r->high) ? r->value : r->high;
    double bound = r->check.bound;

    if (r->of == 0 || isnan(r->value)) {
        cannot_tell(r);
    } else if (at_least ? low >= bound : high <= bound) {
        r->outcome = GATE_MET;
    } else if (at_least ? high < bound : low > bound) {
        r->outcome = GATE_UNMET;
        (void)snprintf(r->reason, sizeof r->reason, "%s",
                       isnan(r->low) ? "beyond the bound"
                                     : "the whole interval is beyond the bound");
    } else {
        cannot_tell(r);
    }
}

int gate_judge(const struct gate_checks *checks, const struct evaluation *evaluation,
               const struct compare *compare, enum level level, struct gate *out, struct err *err)
{
    struct judging j = {evaluation, compare, (unsigned)(level - LEVEL_WATCH)};

    *out = (struct gate){.level = level, .count = checks->count};
    for (uint32_t i = 0; i < checks->count; i++) {
        struct gate_result *r = &out->result[i];
        int e = 0;

        *r = (struct gate_result){
            .check = checks->item[i], .unit = "accounts", .value = NAN, .low = NAN, .high = NAN};
        switch (r->check.measure) {
        case GATE_FPR:
        case GATE_RECALL: e = measure_share(&j, r, err); break;
        case GATE_PRECISION: e = measure_precision(&j, r, err); break;
        case GATE_LEAKED: e = measure_leaked(&j, r, err); break;
        default: e = measure_change(&j, r, err); break;
        }
        if (e < 0)
            return e;
        conclude(r);
        out->of_outcome[r->outcome]++;
    }
    return 0;
}

bool gate_passes(const struct gate *gate, bool cannot_tell_allowed)
{
    return gate->of_outcome[GATE_UNMET] == 0 &&
           (cannot_tell_allowed || gate->of_outcome[GATE_CANNOT_TELL] == 0);
}
