/* The frontier as one table and one picture. */
#include "tools/frontier.h"

#include "tools/json_save.h"
#include "tools/metrics.h"
#include "tools/plot.h"
#include "tools/text_file.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { CELL_SIZE = 48, DIGITS = 6 };

static double found(const struct frontier_point *p)
{
    return p->accounts ? (double)p->flagged / (double)p->accounts : (double)NAN;
}

/* Answers that it is after, per day. */
static double wanted(const struct frontier_point *p)
{
    return p->asked - p->cover;
}

static bool is_undetected(const struct frontier *f, const struct frontier_point *p)
{
    return found(p) <= f->undetected;
}

/* The most that any point is after; and that an undetected one is. */
static double most(const struct frontier *f, bool undetected)
{
    double best = 0.0;

    for (uint32_t i = 0; i < f->point_count; i++)
        if (!undetected || is_undetected(f, &f->point[i]))
            best = fmax(best, wanted(&f->point[i]));
    return best;
}

static void line(const struct frontier *f, const struct frontier_point *p, FILE *out, bool markdown)
{
    const char *bar = markdown ? " | " : "  ";
    struct proportion share = proportion_of(p->flagged, p->accounts);
    double of = wanted(p) > 0.0 ? p->unseen / p->asked : (double)NAN;

    (void)fputs(markdown ? "| " : "", out);
    for (uint32_t k = 0; k < f->knob_count; k++)
        (void)fprintf(out, "%10.4g%s", p->value[k], bar);
    (void)fprintf(
        out, "%10.4g%s%9.4g%s%6.1f %%%s%5.1f-%.1f%s%6.1f %%%s%9.4g%s%7" PRIu64 "/%" PRIu64 "%s%s\n",
        (double)p->accounts / f->seeds, bar, wanted(p), bar, 100.0 * share.value, bar,
        100.0 * share.low, 100.0 * share.high, bar, 100.0 * of, bar, of * wanted(p), bar, p->harmed,
        p->honest, bar, is_undetected(f, p) ? "undetected" : "");
}

static void table(const struct frontier *f, FILE *out, bool markdown)
{
    const char *bar = markdown ? " | " : "  ";
    double all = most(f, false), unseen = most(f, true);

    (void)fputs(markdown ? "| " : "", out);
    for (uint32_t k = 0; k < f->knob_count; k++)
        (void)fprintf(out, "%10s%s", f->knob[k].name, bar);
    (void)fprintf(out, "%10s%s%9s%s%8s%s%11s%s%8s%s%9s%s%10s%s\n", "accounts", bar, "asked/day",
                  bar, "found", bar, "95 %", bar, "unseen", bar, "got/day", bar, "honest hit", bar);
    if (markdown) {
        (void)fputs("|", out);
        for (uint32_t k = 0; k < f->knob_count + 8; k++)
            (void)fputs("---:|", out);
        (void)fputc('\n', out);
    }
    for (uint32_t i = 0; i < f->point_count; i++)
        line(f, &f->point[i], out, markdown);
    if (unseen > 0.0)
        (void)fprintf(
            out,
            "\nUndetected (at most %.3g %% of the accounts found) the most that is asked for "
            "is %.4g answers a day, of %.4g at the boldest point: staying undetected "
            "costs %.3g %%.\n",
            100.0 * f->undetected, unseen, all, 100.0 * (1.0 - unseen / all));
    else
        (void)fprintf(out, "\nNo point of the grid stays undetected (at most %.3g %% found).\n",
                      100.0 * f->undetected);
    (void)fputs(
        "Asked: without cover traffic. Unseen: share of what was sent before the alarm of the "
        "account that sent it; got: that share of what was asked for. Simulated: a claim about "
        "the simulator as much as about the detector.\n",
        out);
}

void frontier_print(const struct frontier *f, FILE *out)
{
    table(f, out, false);
}

static int fill_markdown(FILE *out, const void *frontier)
{
    const struct frontier *f = frontier;

    (void)fprintf(
        out, "# What a campaign gives up to stay undetected\n\n%s, seeds 1 to %" PRIu32 ".\n\n",
        f->path, f->seeds);
    table(f, out, true);
    return 0;
}

static void points_write(const void *frontier, struct json_write *w)
{
    const struct frontier *f = frontier;

    json_write_open(w, NULL, '{');
    json_write_text(w, "scenario", f->path);
    json_write_u64(w, "seeds", f->seeds);
    json_write_f64(w, "undetected_at_most", f->undetected, DIGITS);
    json_write_open(w, "points", '[');
    for (uint32_t i = 0; i < f->point_count; i++) {
        const struct frontier_point *p = &f->point[i];

        json_write_open(w, NULL, '{');
        json_write_open(w, "knobs", '{');
        for (uint32_t k = 0; k < f->knob_count; k++)
            json_write_f64(w, f->knob[k].name, p->value[k], DIGITS);
        json_write_close(w, '}');
        json_write_u64(w, "accounts", p->accounts);
        json_write_u64(w, "flagged", p->flagged);
        json_write_f64(w, "asked_per_day", wanted(p), DIGITS);
        json_write_f64(w, "cover_per_day", p->cover, DIGITS);
        json_write_f64(w, "unseen_per_day", p->unseen, DIGITS);
        json_write_u64(w, "honest", p->honest);
        json_write_u64(w, "honest_flagged", p->harmed);
        json_write_bool(w, "undetected", is_undetected(f, p));
        json_write_close(w, '}');
    }
    json_write_close(w, ']');
    json_write_close(w, '}');
    json_write_line(w);
}

static int fill_json(FILE *out, const void *frontier)
{
    return json_save_into(out, points_write, frontier);
}

/* One colour for each value of the first knob. */
static int fill_svg(FILE *out, const void *frontier)
{
    const struct frontier *f = frontier;
    static double point[PLOT_SERIES_MAX][FRONTIER_POINTS_MAX][2];
    char name[PLOT_SERIES_MAX][CELL_SIZE];
    struct plot plot = {.title = "What a campaign gives up to stay undetected",
                        .x_title = "answers asked for per day, without cover (logarithmic)",
                        .y_title = "share of the campaign's accounts found",
                        .note = "Lower right is where a defender should strengthen: much is taken, "
                                "little is found. Each dot is one combination of the knobs.",
                        .x_min = INFINITY,
                        .x_max = 1.0,
                        .y_max = 1.0,
                        .x_log = 1,
                        .mark_x = (double)NAN,
                        .mark_y = (double)NAN};

    for (uint32_t v = 0; v < f->knob[0].count && v < 6; v++) {
        struct plot_series *s = &plot.series[plot.series_count];

        (void)snprintf(name[v], CELL_SIZE, "%.20s %.4g", f->knob[0].name, f->knob[0].value[v]);
        *s = (struct plot_series){name[v], (const double(*)[2])point[v], 0, PLOT_DOTS};
        for (uint32_t i = 0; i < f->point_count; i++) {
            if (f->point[i].value[0] != f->knob[0].value[v])
                continue;
            point[v][s->count][0] = wanted(&f->point[i]);
            point[v][s->count++][1] = found(&f->point[i]);
            plot.x_min =
                wanted(&f->point[i]) > 0.0 ? fmin(plot.x_min, wanted(&f->point[i])) : plot.x_min;
            plot.x_max = fmax(plot.x_max, wanted(&f->point[i]));
        }
        plot.series_count++;
    }
    plot.x_min = isinf(plot.x_min) ? 1.0 : plot.x_min / 1.5;
    plot.x_max = fmax(plot.x_max * 1.5, plot.x_min * 2.0);
    plot_draw(out, &plot);
    return 0;
}

int frontier_save(const struct frontier *f, const char *folder, struct err *err)
{
    int r = text_file_replace(folder, "frontier.json", fill_json, f, err);

    if (r == 0)
        r = text_file_replace(folder, "frontier.md", fill_markdown, f, err);
    return r == 0 ? text_file_replace(folder, "frontier.svg", fill_svg, f, err) : r;
}
