#include "tools/enforce_sweep.h"

#include "tools/json_save.h"
#include "tools/svg.h"
#include "tools/text_file.h"
#include "tools/trial.h"
#include "tools/wording.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Beyond this every account, or none, reaches every rule. */
static const double SHIFT_MAX = 40.0;

int sweep_parse(const char *text, struct sweep *out, struct err *err)
{
    const char *at = text;
    char *end;

    for (out->count = 0; out->count < SWEEP_MAX; at = end + 1) {
        double shift = strtod(at, &end);

        if (end == at || !(fabs(shift) <= SHIFT_MAX) || (*end && *end != ',') ||
            (out->count > 0 && shift <= out->shift[out->count - 1]))
            return err_set(err, -EINVAL,
                           "'%s' is not a list of ascending numbers of nats from -40 to 40, such "
                           "as -4,-2,0,2,4",
                           text);
        out->shift[out->count++] = shift;
        if (!*end)
            return 0;
    }
    return err_set(err, -EINVAL, "more than %d points", SWEEP_MAX);
}

/* A point while it is lived. */
struct living {
    struct trial trial;
    struct enforce *enforce;
};

static int act(void *ctx, struct err *err)
{
    struct living *l = ctx;

    return enforce_step(l->enforce, l->trial.detector, sim_source_now(l->trial.source)) < 0
               ? err_set(err, -ENOMEM, "out of memory")
               : 0;
}

static int point(const struct policy *policy, double shift, const struct scenario *scenario,
                 const struct detector_config *config, uint32_t threads, struct enforce_result *out,
                 struct err *err)
{
    struct living l = {.enforce = NULL};
    int r = trial_open(&l.trial, scenario, threads, config, err);

    if (r == 0 && enforce_new(policy, shift, scenario, config, l.trial.world, &l.enforce) < 0)
        r = err_set(err, -ENOMEM, "out of memory");
    if (r == 0)
        r = trial_live(&l.trial, act, &l, err);
    if (r == 0 && enforce_finish(l.enforce, out) < 0)
        r = err_set(err, -ENOMEM, "out of memory");
    enforce_free(l.enforce);
    trial_deinit(&l.trial);
    return r;
}

int sweep_run(struct sweep *sweep, const struct policy *policy, const struct scenario *scenario,
              const struct detector_config *config, uint32_t threads,
              void (*told)(void *ctx, uint32_t run, uint32_t runs), void *ctx, struct err *err)
{
    struct policy nothing = *policy;
    int r = 0;

    nothing.rule_count = 0;
    for (uint32_t i = 0; i <= sweep->count && r == 0; i++) {
        told(ctx, i + 1, sweep->count + 1);
        r = point(i ? policy : &nothing, i ? sweep->shift[i - 1] : 0.0, scenario, config, threads,
                  &sweep->result[i], err);
        sweep->result[i].policy = policy->name; /* `nothing` does not outlive this */
        sweep->done += r == 0;
    }
    return r;
}

void sweep_deinit(struct sweep *sweep)
{
    for (uint32_t i = 0; i < sweep->done; i++)
        enforce_result_deinit(&sweep->result[i]);
}

/* ---- the numbers of a point ---- */

struct totals {
    uint64_t obtained, accounts, closed, honest, harmed;
    double burnt_per_1000, hours;
};

static struct totals totals_of(const struct enforce_result *r)
{
    struct totals t = {.honest = r->plain.accounts + r->hard.accounts,
                       .harmed = r->plain.harmed + r->hard.harmed,
                       .hours = r->plain.hours + r->hard.hours};

    for (uint32_t i = 0; i < r->campaign_count; i++) {
        t.obtained += r->campaign[i].obtained;
        t.accounts += r->campaign[i].tally.accounts;
        t.closed += r->campaign[i].tally.closed;
    }
    t.burnt_per_1000 = t.obtained ? 1000.0 * (double)t.closed / (double)t.obtained : (double)NAN;
    return t;
}

/* ---- the table ---- */

static const char *point_name(const struct sweep *s, uint32_t i, char out[WORDING_SIZE])
{
    if (i == 0)
        (void)snprintf(out, WORDING_SIZE, "none");
    else
        (void)snprintf(out, WORDING_SIZE, s->shift[i - 1] == 0.0 ? "%g" : "%+g", s->shift[i - 1]);
    return out;
}

static void table(const struct sweep *s, FILE *out, bool markdown)
{
    double base = (double)totals_of(&s->result[0]).obtained;
    const char *bar = markdown ? "| " : "", *end = markdown ? " |" : "";
    char text[9][WORDING_SIZE];

    for (uint32_t i = 0; i < s->done; i++) {
        struct totals t = totals_of(&s->result[i]);

        (void)fprintf(out, "%s%10s %s%11s %s%9s %s%9s %s%9s %s%10s %s%14s %s%10s %s%12s%s\n", bar,
                      point_name(s, i, text[0]), bar, word_count(t.obtained, text[1]), bar,
                      word_share(base > 0.0 ? (double)t.obtained / base : (double)NAN, text[2]),
                      bar, word_count(t.accounts, text[3]), bar, word_count(t.closed, text[4]), bar,
                      word_value(t.burnt_per_1000, text[5]), bar, word_count(t.harmed, text[6]),
                      bar, word_count(t.honest, text[7]), bar,
                      word_count((uint64_t)(t.hours + 0.5), text[8]), end);
    }
}

void sweep_print(const struct sweep *s, FILE *out)
{
    (void)fprintf(out, "%10s %11s %9s %9s %9s %10s %14s %10s %12s\n", "strictness", "obtained",
                  "of none", "accounts", "closed", "per 1,000", "honest harmed", "of", "hours");
    table(s, out, false);
}

static int fill_markdown(FILE *f, const void *sweep)
{
    const struct sweep *s = sweep;

    (void)fprintf(f,
                  "# Closed loop: policy %s over strictness\n\nStrictness is how many nats less "
                  "evidence every rule asks for than the policy says; `none` is nobody acted on. "
                  "Obtained are answers to campaigns (neither cover traffic, nor turned away, nor "
                  "declined). Simulated: a claim about the simulator as much as about the "
                  "policy.\n\n| strictness | obtained | of none | campaign accounts | closed | "
                  "closed per 1,000 obtained | honest harmed | honest accounts | hours |\n"
                  "|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
                  s->result[s->done - 1].policy);
    table(s, f, true);
    return 0;
}

static void points_write(const void *sweep, struct json_write *w)
{
    const struct sweep *s = sweep;

    json_write_open(w, NULL, '{');
    json_write_open(w, "points", '[');
    for (uint32_t i = 0; i < s->done; i++) {
        json_write_open(w, NULL, '{');
        json_write_bool(w, "enforced", i > 0);
        enforce_write(&s->result[i], w);
        json_write_close(w, '}');
    }
    json_write_close(w, ']');
    json_write_close(w, '}');
    json_write_line(w);
}

static int fill_json(FILE *f, const void *sweep)
{
    return json_save_into(f, points_write, sweep);
}

/* ---- the picture ---- */

enum { WIDTH = 820, PANEL = 150, GAP = 56, LEFT = 70, RIGHT = 800, TOP = 60 };

/* One curve of the picture: a number of every point. */
struct panel {
    const char *title, *style;
    double value[SWEEP_MAX + 1];
};

static double panel_x(const struct sweep *s, uint32_t i)
{
    return s->done > 1 ? LEFT + 20 + (RIGHT - LEFT - 40) * (double)i / (s->done - 1) : LEFT + 20;
}

static void panel_draw(FILE *f, const struct sweep *s, const struct panel *p, double top)
{
    double most = 0.0, step, bottom = top + PANEL, line[SWEEP_MAX + 1][2];
    char text[WORDING_SIZE];
    uint32_t n = 0;

    for (uint32_t i = 0; i < s->done; i++)
        most = isnan(p->value[i]) ? most : fmax(most, p->value[i]);
    most = most > 0.0 ? most * 1.05 : 1.0;
    step = svg_step(most, 4);
    svg_text(f, "label strong", SVG_START, LEFT, top - 10, "%s", p->title);
    for (double v = 0.0; v <= most; v += step) {
        double y = bottom - PANEL * v / most;

        svg_line(f, v > 0.0 ? "grid" : "axis", LEFT, y, RIGHT, y);
        svg_text(f, "muted", SVG_END, LEFT - 8, y + 4, "%.4g", v);
    }
    for (uint32_t i = 0; i < s->done; i++) {
        if (isnan(p->value[i]))
            continue;
        line[n][0] = panel_x(s, i);
        line[n++][1] = bottom - PANEL * p->value[i] / most;
    }
    svg_polyline(f, p->style, (const double(*)[2])line, n);
    for (uint32_t i = 0; i < n; i++)
        svg_circle(f, "dot", line[i][0], line[i][1], 4);
    for (uint32_t i = 0; i < s->done; i++)
        svg_text(f, "muted", SVG_MIDDLE, panel_x(s, i), bottom + 16, "%s", point_name(s, i, text));
}

static int fill_svg(FILE *f, const void *sweep)
{
    const struct sweep *s = sweep;
    struct panel panel[] = {
        {"answers that campaigns obtained, % of those without enforcement", "line s0", {0}},
        {"campaign accounts closed per 1,000 answers obtained", "line s1", {0}},
        {"honest accounts harmed, per 10,000", "line s2", {0}},
        {"hours of restriction per harmed honest account", "line s2", {0}},
    };
    const uint32_t panels = sizeof panel / sizeof *panel;
    double base = (double)totals_of(&s->result[0]).obtained;
    double height = TOP + panels * (double)(PANEL + GAP);

    for (uint32_t i = 0; i < s->done; i++) {
        struct totals t = totals_of(&s->result[i]);

        panel[0].value[i] = base > 0.0 ? 100.0 * (double)t.obtained / base : (double)NAN;
        panel[1].value[i] = t.burnt_per_1000;
        panel[2].value[i] = t.honest ? 1e4 * (double)t.harmed / (double)t.honest : (double)NAN;
        panel[3].value[i] = t.harmed ? t.hours / (double)t.harmed : 0.0;
    }
    svg_open_alone(f, WIDTH, height, "The closed loop over strictness");
    (void)fputs("<style>.chart{background:#fdfdfb;font:12px system-ui,'DejaVu Sans',sans-serif}"
                "text{fill:#1c2127}.muted{fill:#59636e;font-size:11px}.strong{font-weight:650}"
                ".grid{stroke:#e2e3de}.axis{stroke:#59636e}.dot{fill:#1c2127}"
                ".line{fill:none;stroke-width:2}.s0{stroke:#c4490f}.s1{stroke:#1f6fb2}"
                ".s2{stroke:#59636e}</style>\n",
                f);
    svg_text(f, "label strong", SVG_START, LEFT, 22,
             "Policy %s: nats less evidence than it asks for (none: nobody acted on)",
             s->result[s->done - 1].policy);
    for (uint32_t i = 0; i < panels; i++)
        panel_draw(f, s, &panel[i], TOP + i * (double)(PANEL + GAP));
    svg_close(f);
    return 0;
}

int sweep_save(const struct sweep *s, const char *folder, struct err *err)
{
    int r = text_file_replace(folder, "sweep.json", fill_json, s, err);

    if (r == 0)
        r = text_file_replace(folder, "sweep.md", fill_markdown, s, err);
    return r == 0 ? text_file_replace(folder, "sweep.svg", fill_svg, s, err) : r;
}
