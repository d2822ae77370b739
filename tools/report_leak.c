#include "tools/report_leak.h"

#include "tools/timeline_text.h"
#include "tools/truth.h"

#include <string.h>

/* Spreads `exchanges` over the cells [first, end) as the timeline does; into the first of them when
 * it tells nothing there. */
static void spread(const struct timeline *t, uint32_t first, uint32_t end, double exchanges,
                   double *sent, double *leaked)
{
    double sum = 0;

    for (uint32_t i = first; i < end; i++)
        sum += timeline_typical[t->cell[i] % TIMELINE_CLASSES];
    for (uint32_t i = first; i < end; i++) {
        double share = sum > 0 ? timeline_typical[t->cell[i] % TIMELINE_CLASSES] / sum : i == first;

        sent[i] += share * exchanges;
        if (leaked)
            leaked[i] += share * exchanges;
    }
}

/* The cell of the account's alarm belongs to both parts: what lies in it before the alarm leaked.
 */
static void add_account(const struct run_account *a, const struct timeline *t,
                        struct chart_leak_panel *p)
{
    bool raised = a->alert_ts != INT64_MIN;
    uint64_t before =
        raised && a->exchanges_at_alert < a->exchanges ? a->exchanges_at_alert : a->exchanges;
    uint32_t alert = t->count - 1;

    if (raised && a->alert_ts < t->from + (msec_t)t->count * t->width_ms)
        alert = (uint32_t)((a->alert_ts - t->from) / t->width_ms);
    spread(t, 0, alert + 1, (double)before, p->sent, p->leaked);
    spread(t, alert, t->count, (double)(a->exchanges - before), p->sent, NULL);
    p->exchanges += a->exchanges;
}

static struct chart_leak_panel *panel_of(struct chart_leak *out, const char *name)
{
    for (uint32_t i = 0; i < out->panel_count; i++)
        if (out->panel[i].name == name)
            return &out->panel[i];
    if (out->panel_count == CHART_LEAKS_MAX)
        return NULL;
    out->panel[out->panel_count].name = name;
    return &out->panel[out->panel_count++];
}

/* Unpacks it. False when there is none, or it lies on other cells than the others. */
static bool take_timeline(const struct run_account *a, struct chart_leak *out, struct timeline *t)
{
    if (!*a->timeline.cells || timeline_read_text(str_of(a->timeline.cells), t) < 0 || !t->count)
        return false;
    if (out->width_ms == 0) {
        out->from = a->timeline.from;
        out->width_ms = a->timeline.width_ms;
    }
    t->from = a->timeline.from;
    t->width_ms = a->timeline.width_ms;
    return t->from == out->from && t->width_ms == out->width_ms &&
           (a->alert_ts == INT64_MIN || a->alert_ts >= t->from);
}

static void accumulate(struct chart_leak *out, struct chart_leak_panel *p)
{
    double sent = 0, leaked = 0, all = p->exchanges ? (double)p->exchanges : 1;

    for (uint32_t i = 0; i < out->cell_count; i++) {
        sent += p->sent[i];
        leaked += p->leaked[i];
        p->sent[i] = sent / all;
        p->leaked[i] = leaked / all;
    }
}

void report_leak(const struct run *run, const struct truth *truth, struct chart_leak *out)
{
    memset(out, 0, sizeof *out);
    for (uint32_t i = 0; i < truth->count; i++) {
        const struct truth_account *label = &truth->account[i];
        uint32_t at = run_find_account(run, str_of(label->account));
        uint32_t name = label->campaign == TRUTH_NONE ? label->population : label->campaign;
        struct chart_leak_panel *panel;
        struct timeline timeline;

        if (label->truth != TRUTH_DISTILLING || at == RUN_NONE ||
            !take_timeline(&run->account[at], out, &timeline))
            continue;
        panel = panel_of(out, truth->name[name]);
        if (!panel)
            continue;
        add_account(&run->account[at], &timeline, panel);
        if (timeline.count > out->cell_count)
            out->cell_count = timeline.count;
    }
    for (uint32_t i = 0; i < out->panel_count; i++)
        accumulate(out, &out->panel[i]);
}
