#include "tools/explain_timeline.h"

#include "tools/timeline_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STRIP_LEVELS = 7 };

static void add(struct explain_timeline *t, msec_t ts, const char *kind,
                const struct run_finding *finding)
{
    if (ts != INT64_MIN && t->count < EXPLAIN_EVENTS_MAX)
        t->event[t->count++] = (struct explain_event){ts, kind, finding, NULL};
}

/* Stable: equal times stay in the order of adding. */
static void sort(struct explain_timeline *t)
{
    for (uint32_t i = 1; i < t->count; i++) {
        struct explain_event e = t->event[i];
        uint32_t k = i;

        for (; k > 0 && t->event[k - 1].ts > e.ts; k--)
            t->event[k] = t->event[k - 1];
        t->event[k] = e;
    }
}

static void add_findings(const struct run *run, bool cluster, const char *subject, const char *kind,
                         struct explain_timeline *t)
{
    for (uint32_t i = 0; i < run->finding_count; i++) {
        const struct run_finding *f = &run->finding[i];

        if (f->is_cluster == cluster && strcmp(f->subject, subject) == 0)
            add(t, f->ts, kind, f);
    }
}

static void add_past(const struct run_cluster *g, struct explain_timeline *t)
{
    for (uint32_t i = 0; i < g->past_count && t->count < EXPLAIN_EVENTS_MAX; i++)
        t->event[t->count++] =
            (struct explain_event){g->past[i].ts, g->past[i].what, NULL, g->past[i].cluster};
}

/* How many cells make a column, so that all fit. */
static uint32_t per_column(uint32_t count)
{
    return (count + EXPLAIN_STRIP_MAX - 1) / EXPLAIN_STRIP_MAX;
}

static void strip_of_account(const struct run_account *a, struct explain_timeline *t)
{
    struct timeline cells = {.count = 0};
    uint32_t first = 0, step;

    if (timeline_read_text(str_of(a->timeline.cells), &cells) < 0 || cells.count == 0)
        return;
    while (cells.cell[first] == 0)
        first++;
    step = per_column(cells.count - first);
    t->strip_from = a->timeline.from + first * a->timeline.width_ms;
    t->strip_width_ms = step * a->timeline.width_ms;
    for (uint32_t i = first; i < cells.count; i++) {
        uint8_t count = cells.cell[i] % TIMELINE_CLASSES, *column = &t->strip[(i - first) / step];

        t->strip_count = (i - first) / step + 1;
        *column = count > *column ? count : *column;
    }
}

/* What the members' timelines say together: the group's own count begins with its present form. */
static void strip_of_group(const struct run *run, const struct run_cluster *g,
                           struct explain_timeline *t)
{
    double cell[TIMELINE_CELLS] = {0}, column[EXPLAIN_STRIP_MAX] = {0}, top = 1;
    uint32_t first = TIMELINE_CELLS, end = 0, step;
    msec_t from = 0, width_ms = 0;

    for (uint32_t i = 0; i < g->member_count; i++) {
        const struct run_account *a = &run->account[g->member[i]];
        struct timeline cells = {.count = 0};

        if (timeline_read_text(str_of(a->timeline.cells), &cells) < 0 || cells.count == 0)
            continue;
        from = a->timeline.from;
        width_ms = a->timeline.width_ms;
        for (uint32_t k = 0; k < cells.count; k++) {
            cell[k] += timeline_typical[cells.cell[k] % TIMELINE_CLASSES];
            first = cells.cell[k] && k < first ? k : first;
        }
        end = cells.count > end ? cells.count : end;
    }
    if (end == 0)
        return;
    step = per_column(end - first);
    t->strip_from = from + first * width_ms;
    t->strip_width_ms = step * width_ms;
    t->strip_count = (end - first - 1) / step + 1;
    for (uint32_t k = first; k < end; k++)
        column[(k - first) / step] += cell[k];
    for (uint32_t k = 0; k < t->strip_count; k++)
        top = fmax(top, column[k]);
    for (uint32_t k = 0; k < t->strip_count; k++)
        t->strip[k] = (uint8_t)ceil(column[k] * STRIP_LEVELS / top);
}

void explain_timeline_of(const struct run *run, const struct report_subject *s,
                         struct explain_timeline *out)
{
    memset(out, 0, sizeof *out);
    add(out, s->first_ts, "first_seen", NULL);
    if (s->account) {
        add(out, s->account->member_ts, "joined_group", NULL);
        add_findings(run, false, s->id, "finding", out);
        if (s->group)
            add_findings(run, true, s->group->cluster, "group_finding", out);
        strip_of_account(s->account, out);
    } else {
        add_past(s->group, out);
        add_findings(run, true, s->id, "finding", out);
        strip_of_group(run, s->group, out);
    }
    add(out, s->alert_ts, "alarm", NULL);
    add(out, s->last_ts, "last_exchange", NULL);
    sort(out);
}
