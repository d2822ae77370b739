/* Instruction blocks: constant for a template, and reworded by variants as far as `paraphrase`
 * says.
 *
 * Variant 0 is the template itself. Another variant takes each clause from a stream of its own with
 * probability `paraphrase`, and from the template's otherwise; the draws that decide are the same
 * for every `paraphrase`, so that more of it only ever changes more clauses. */
#include "program.h"

enum {
    CLAUSE_MAYBE_PERCENT = 60, /* optional clauses that a template has */
    STREAM_PLAN = 1,
    STREAM_CLAUSE = 16,
    STREAM_LABEL = 64,
};
/* From here on variants also put the optional clauses in an order of their own. */
static const double REORDER_FROM = 0.5;

struct wording {
    uint64_t base;    /* seed of the template */
    uint64_t variant; /* seed of the variant */
    double paraphrase;
};

static double unit_of(uint64_t seed)
{
    return (double)(seed >> 11) * 0x1.0p-53;
}

/* Seed of part `i`: the template's, or the variant's own. */
static uint64_t wording_seed(const struct wording *g, uint64_t i)
{
    bool own = unit_of(seed_of(g->variant, i)) < g->paraphrase;

    return own ? seed_of(g->variant, i + 4096) : seed_of(g->base, i);
}

static void write_clause(struct writer *w, const struct wording *g, const struct phrase_list *list,
                         uint32_t i, char space)
{
    if (i > 0)
        write_char(w, space);
    w->state = wording_seed(g, STREAM_CLAUSE + i);
    w->twist = g->variant;
    write_choice(w, list);
}

/* The optional clauses of the template as a bit set, and the rotation of their order. */
static void write_optional(struct writer *w, const struct wording *g, const struct block_plan *plan,
                           uint32_t first, char space)
{
    uint64_t chosen = seed_of(g->base, STREAM_PLAN);
    bool reorder = unit_of(seed_of(g->variant, STREAM_PLAN)) < (g->paraphrase - REORDER_FROM) * 2;
    uint32_t rotation =
        (uint32_t)(reorder ? seed_of(g->variant, STREAM_PLAN + 1) : chosen >> 40) % 5;

    for (uint32_t i = 0; i < 5; i++) {
        uint32_t k = (i + rotation) % 5;
        uint32_t percent = (uint32_t)(chosen >> (7 * k) & 127) * 100 / 128;

        if (plan->maybe[k] && percent < CLAUSE_MAYBE_PERCENT)
            write_clause(w, g, plan->maybe[k], first + k, space);
    }
}

void write_block(struct writer *w, const struct block_plan *plan, const struct text_request *r,
                 uint64_t seed)
{
    struct wording g = {.base = seed_of(seed, r->template_index), .paraphrase = r->paraphrase};
    char space = (seed_of(g.base, STREAM_PLAN + 2) & 3) == 0 ? '\n' : ' ';
    uint32_t count = 0;

    g.variant = seed_of(g.base, 512 + r->variant);
    if (r->variant == 0)
        g.paraphrase = 0;
    for (; count < 4 && plan->always[count]; count++)
        write_clause(w, &g, plan->always[count], count, space);
    write_optional(w, &g, plan, count, space);
}
