#include "sim/scenario_parse.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Fails at populations[i].part.key (or at the cohort itself when both are NULL). */
static int cohort_fail(const struct reader *r, uint32_t i, const char *part, const char *key,
                       const char *message)
{
    bool campaign = i >= r->population_count;
    const struct json_place top = {NULL, NULL, 0};
    const struct json_place list = {&top, campaign ? "campaigns" : "populations", 0};
    const struct json_place cohort = {&list, NULL, campaign ? i - r->population_count : i};
    const struct json_place inner = {&cohort, part, 0};
    const struct json_place leaf = {&inner, key, 0};

    return reader_fail(r, key ? &leaf : &cohort, "%s", message);
}

static bool all_zero(const double *weight, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (weight[i] > 0)
            return false;
    return true;
}

static uint32_t scaled(uint32_t count, double scale)
{
    double v = floor(count * scale + 0.5);

    return v < 1 ? 1 : v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

static uint64_t scaled_total(uint64_t total, double factor)
{
    return total ? (uint64_t)fmax(1, floor((double)total * factor + 0.5)) : 0;
}

/* Rates, not totals, decide how hard a campaign is to see: what accounts do stays, their number
 * changes, and with it what there is in proportion (campaigns.md, section 6). */
static void cohort_scale(struct cohort *c, double scale, double stretch)
{
    uint32_t before = c->account_count;
    double factor;

    c->account_count = scaled(before, scale);
    factor = (double)c->account_count / before;
    c->exchange_target = scaled_total(c->exchange_target, factor * stretch);
    if (c->access.pool_count)
        c->access.pool_count = scaled(c->access.pool_count, factor);
    if (c->work.policy == WORK_PARTITION)
        c->work.item_count = scaled_total(c->work.item_count, factor);
}

/* The share of the cohort's own span that is left when the command line shortens (or lengthens) the
 * scenario. `file_days` is what the file says. */
static double span_close(struct cohort *c, double days, double file_days)
{
    double to = c->tempo.to_day > 0 ? c->tempo.to_day : file_days;
    double before = fmin(to, file_days) - c->tempo.from_day;

    c->tempo.to_day = c->tempo.to_day > 0 ? fmin(to, days) : days;
    c->tempo.from_day = fmin(c->tempo.from_day, days);
    c->tempo.to_day = fmax(c->tempo.to_day, c->tempo.from_day);
    return before > 0 ? (c->tempo.to_day - c->tempo.from_day) / before : 1;
}

static double kind_size(const struct scenario *s, enum network kind)
{
    double size = 0;

    for (uint32_t i = 0; i < s->network_count; i++)
        if (s->network[i].kind == kind)
            size += s->network[i].exit_count;
    return size;
}

/* Kinds and tiers become weights over the networks and models that there are. */
static int cohort_resolve(const struct scenario *s, struct cohort *c)
{
    if (!c->access.network) {
        c->access.network = calloc(s->network_count, sizeof *c->access.network);
        if (!c->access.network)
            return -ENOMEM;
        for (uint32_t i = 0; i < s->network_count; i++)
            c->access.network[i] = c->access.kind[s->network[i].kind] * s->network[i].exit_count /
                                   kind_size(s, s->network[i].kind);
    }
    if (!c->program.model) {
        c->program.model = calloc(s->model_count, sizeof *c->program.model);
        if (!c->program.model)
            return -ENOMEM;
        for (uint32_t i = 0; i < s->model_count; i++)
            c->program.model[i] = c->program.tier[s->model[i].tier] * s->model[i].share;
    }
    return 0;
}

static int cohort_check(const struct reader *r, uint32_t i)
{
    const struct scenario *s = r->scenario;
    const struct cohort *c = &s->cohort[i];

    for (uint32_t j = 0; j < i; j++)
        if (strcmp(s->cohort[j].name, c->name) == 0)
            return cohort_fail(r, i, NULL, NULL, "another cohort has this name already");
    if (c->identity.age_days_min > c->identity.age_days_max)
        return cohort_fail(r, i, "identity", "age_days_min", "is more than `age_days_max`");
    if (c->tempo.to_day > 0 && c->tempo.to_day <= c->tempo.from_day)
        return cohort_fail(r, i, "tempo", "to_day", "must be after `from_day`");
    if (c->tempo.from_day >= r->scenario->days)
        return cohort_fail(r, i, "tempo", "from_day", "is after the scenario's end");
    if (c->tempo.sync_share > 0 && c->tempo.sync_period_ms <= 0)
        return cohort_fail(r, i, "tempo", "sync_period_s",
                           "must be above 0 when accounts act in step");
    if (c->work.policy != WORK_NONE && c->work.item_count == 0)
        return cohort_fail(r, i, "work", "item_count", "a work list needs items");
    if (all_zero(c->access.network, s->network_count))
        return cohort_fail(r, i, "access", "network_kinds", "there is no network of these kinds");
    if (all_zero(c->program.model, s->model_count))
        return cohort_fail(r, i, "program", "tiers", "there is no model of these tiers");
    if (c->access.exit == EXIT_STICKY && c->access.sticky_ms <= 0)
        return cohort_fail(r, i, "access", "sticky_h", "must be above 0 for exit \"sticky\"");
    return 0;
}

static int names_check(const struct reader *r)
{
    const struct scenario *s = r->scenario;
    const struct json_place top = {NULL, NULL, 0};

    for (uint32_t i = 0; i < s->model_count; i++) {
        const struct json_place list = {&top, "models", 0}, place = {&list, NULL, i};

        for (uint32_t j = 0; j < i; j++)
            if (strcmp(s->model[i].name, s->model[j].name) == 0)
                return reader_fail(r, &place, "another model has this name already");
    }
    for (uint32_t i = 0; i < s->network_count; i++) {
        const struct json_place list = {&top, "networks", 0}, place = {&list, NULL, i};

        for (uint32_t j = 0; j < i; j++)
            if (strcmp(s->network[i].name, s->network[j].name) == 0)
                return reader_fail(r, &place, "another network has this name already");
    }
    if (s->cohort_count == 0)
        return reader_fail(r, &top, "a world needs populations or campaigns");
    return 0;
}

int scenario_finish(struct reader *r, double stretch)
{
    struct scenario *s = r->scenario;
    double file_days = s->days;
    int e = names_check(r);

    for (uint32_t i = 0; !e && i < s->cohort_count; i++) {
        e = cohort_resolve(s, &s->cohort[i]);
        if (!e)
            e = cohort_check(r, i);
    }
    if (e)
        return e;
    s->days *= stretch;
    s->end = s->start + (msec_t)llround(s->days * (double)MSEC_DAY);
    for (uint32_t i = 0; i < s->network_count; i++)
        s->network[i].exit_count = scaled(s->network[i].exit_count, s->scale);
    for (uint32_t i = 0; i < s->cohort_count; i++) {
        struct cohort *c = &s->cohort[i];

        cohort_scale(c, s->scale, span_close(c, s->days, file_days));
        if (c->group_size == 0 || c->group_size > c->account_count)
            c->group_size = c->account_count;
    }
    return 0;
}
