#include "decisions.h"

#include "base/table.h"
#include "detector/names.h"

#include <errno.h>
#include <inttypes.h>

struct decision {
    uint64_t account; /* hash of its name; 0: free */
    uint64_t cluster;
    uint32_t name, seen; /* tick when it held last */
    uint32_t level;
    double score;
};

struct decisions {
    struct table *index;
    struct names *names;
    struct decision *decision;
    uint32_t *free_slot;
    uint32_t used, free_count, tick;
    uint64_t line, refused;
    /* while updating */
    const struct detector *detector;
    struct json_write *w;
    decision_told *told;
};

int decisions_new(struct decisions **out)
{
    AUTO(decisions_free) struct decisions *d = calloc(1, sizeof *d);

    if (!d)
        return -ENOMEM;
    d->decision = calloc(DECISIONS_MAX, sizeof *d->decision);
    d->free_slot = calloc(DECISIONS_MAX, sizeof *d->free_slot);
    if (!d->decision || !d->free_slot || table_new(DECISIONS_MAX, &d->index) < 0 ||
        names_new(DECISION_NAMES, &d->names) < 0)
        return -ENOMEM;
    *out = TAKE(d);
    return 0;
}

void decisions_free(struct decisions *d)
{
    if (!d)
        return;
    table_free(d->index);
    names_free(d->names);
    free(d->decision);
    free(d->free_slot);
    free(d);
}

static void tell(struct decisions *d, const struct decision *decision, const char *change)
{
    struct json_write *w = d->w;
    char cluster[24];

    (void)snprintf(cluster, sizeof cluster, "c%" PRIu64, decision->cluster);
    json_write_open(w, NULL, '{');
    json_write_u64(w, "cursor", ++d->line);
    json_write_i64(w, "ts", detector_now(d->detector));
    json_write_text(w, "change", change);
    json_write_str(w, "account", names_get(d->names, decision->name));
    json_write_text(w, "level", level_name[decision->level]);
    json_write_text(w, "cluster", cluster);
    json_write_f64(w, "score", decision->score, 6);
    json_write_close(w, '}');
    json_write_line(w);
    if (d->told)
        d->told(change, names_get(d->names, decision->name), (enum level)decision->level,
                decision->cluster);
}

/* A slot for another decision; NULL: there is no room. */
static struct decision *take_slot(struct decisions *d, uint64_t account, struct str name)
{
    struct decision *decision;
    uint32_t slot;

    if (d->free_count == 0 && d->used == DECISIONS_MAX)
        return NULL;
    slot = d->free_count > 0 ? d->free_slot[--d->free_count] : d->used++;
    decision = &d->decision[slot];
    *decision = (struct decision){.account = account, .name = names_add(d->names, name)};
    (void)table_put(d->index, account, slot);
    return decision;
}

static void see(void *ctx, uint32_t account, uint64_t cluster, enum level level, double score)
{
    struct decisions *d = ctx;
    uint64_t id = detector_account_id(d->detector, account);
    uint32_t slot = table_find(d->index, id);
    struct decision *decision = slot == TABLE_NONE ? NULL : &d->decision[slot];
    bool is_new = !decision;
    uint32_t before;

    if (is_new)
        decision = take_slot(d, id, detector_account_name(d->detector, account));
    if (!decision) {
        d->refused++;
        return;
    }
    before = decision->level;
    decision->seen = d->tick;
    decision->level = (uint32_t)level;
    decision->cluster = cluster;
    decision->score = score;
    if (is_new || before != (uint32_t)level)
        tell(d, decision, is_new ? "new" : "changed");
}

static void withdraw(struct decisions *d, uint32_t slot)
{
    struct decision *decision = &d->decision[slot];

    tell(d, decision, "withdrawn");
    (void)table_remove(d->index, decision->account);
    names_remove(d->names, decision->name);
    *decision = (struct decision){0};
    d->free_slot[d->free_count++] = slot;
}

void decisions_update(struct decisions *d, const struct detector *detector, enum level level,
                      struct json_write *w, decision_told *told)
{
    d->detector = detector;
    d->w = w;
    d->told = told;
    d->tick++;
    detector_flagged(detector, level, see, d);
    for (uint32_t slot = 0; slot < d->used; slot++)
        if (d->decision[slot].account && d->tick - d->decision[slot].seen > DECISION_PATIENCE_TICKS)
            withdraw(d, slot);
}

uint32_t decisions_standing(const struct decisions *d)
{
    return d->used - d->free_count;
}

uint64_t decisions_refused(const struct decisions *d)
{
    return d->refused;
}

void decisions_state(struct decisions *d, state_visit *visit, void *ctx)
{
    table_state(d->index, visit, ctx);
    names_state(d->names, visit, ctx);
    visit(ctx, d->decision, DECISIONS_MAX * sizeof *d->decision);
    visit(ctx, d->free_slot, DECISIONS_MAX * sizeof *d->free_slot);
    STATE_VISIT(d->used);
    STATE_VISIT(d->free_count);
    STATE_VISIT(d->tick);
    STATE_VISIT(d->line);
    STATE_VISIT(d->refused);
}
