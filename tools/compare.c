/* Every account falls into one cell of a fourfold table per row it belongs to: the whole, its
 * class, and its population. */
#include "tools/compare.h"

#include "tools/wording.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { PRINTED_MAX = 20, NAME_COLUMN = 24 };

/* A configuration may forget other accounts than the next one does, but not many. */
static const double STRANGERS_MAX = 0.01;

enum whole { WHOLE_ALL, WHOLE_BENIGN, WHOLE_CLASS, WHOLE_COUNT = WHOLE_CLASS + CLASS_COUNT };

struct cells {
    uint64_t both, first_only, second_only, neither;
};

struct counting {
    struct compare *out;
    const struct truth *truth;
    struct cells whole[WHOLE_COUNT];
    struct cells *name; /* by name of the truth */
    bool *wanted;       /* the same */
    uint8_t *seen;      /* by index of the truth */
};

static void cell_add(struct cells *c, bool before, bool after)
{
    if (before && after)
        c->both++;
    else if (before)
        c->first_only++;
    else if (after)
        c->second_only++;
    else
        c->neither++;
}

static void change_add(struct counting *c, const struct compare_change *change, bool before,
                       bool after)
{
    if (after && !before)
        c->out->newly[c->out->newly_count++] = *change;
    else if (before && !after)
        c->out->no_longer[c->out->no_longer_count++] = *change;
}

/* One account; either run may not know it. */
static void account_add(struct counting *c, const char *account, const struct run_account *before,
                        const struct run_account *after)
{
    bool first = before && before->level >= c->out->level;
    bool second = after && after->level >= c->out->level;
    uint32_t at = c->truth ? truth_find(c->truth, str_of(account)) : TRUTH_NONE;
    struct compare_change change = {account, before, after, NULL, CLASS_PLAIN};

    cell_add(&c->whole[WHOLE_ALL], first, second);
    if (at != TRUTH_NONE) {
        const struct truth_account *t = &c->truth->account[at];
        uint32_t name = t->campaign == TRUTH_NONE ? t->population : t->campaign;

        change.class = evaluate_class_of(t);
        change.population = c->truth->name[name];
        c->seen[at] = 1;
        c->wanted[name] = change.class == CLASS_DISTILLING;
        cell_add(&c->name[name], first, second);
        cell_add(&c->whole[WHOLE_CLASS + change.class], first, second);
        if (change.class == CLASS_PLAIN || change.class == CLASS_HARD)
            cell_add(&c->whole[WHOLE_BENIGN], first, second);
    }
    change_add(c, &change, first, second);
}

static void accounts_add(struct counting *c, const struct run *before, const struct run *after)
{
    for (uint32_t i = 0; i < after->account_count; i++) {
        const struct run_account *a = &after->account[i];
        uint32_t at = run_find_account(before, str_of(a->account));
        const struct run_account *b = at == RUN_NONE ? NULL : &before->account[at];

        c->out->only_after += !b;
        c->out->differing += b && b->exchanges != a->exchanges;
        account_add(c, a->account, b, a);
    }
    for (uint32_t i = 0; i < before->account_count; i++)
        if (run_find_account(after, str_of(before->account[i].account)) == RUN_NONE) {
            c->out->only_before++;
            account_add(c, before->account[i].account, &before->account[i], NULL);
        }
    c->out->accounts = after->account_count + c->out->only_before;
    /* As in the evaluation: a campaign's account that no run knows was missed by both. */
    for (uint32_t i = 0; c->truth && i < c->truth->count; i++)
        if (!c->seen[i] && evaluate_class_of(&c->truth->account[i]) == CLASS_DISTILLING)
            account_add(c, c->truth->account[i].account, NULL, NULL);
}

static void row_add(struct compare *out, const char *name, bool wanted, bool whole,
                    const struct cells *c)
{
    struct paired paired = paired_of(c->both, c->first_only, c->second_only, c->neither);

    if (paired.of > 0)
        out->row[out->row_count++] = (struct compare_row){name, wanted, whole, paired};
}

static void rows_make(struct counting *c)
{
    row_add(c->out, "all accounts", false, true, &c->whole[WHOLE_ALL]);
    if (!c->truth)
        return;
    row_add(c->out, "benign", false, true, &c->whole[WHOLE_BENIGN]);
    for (unsigned class = 0; class < CLASS_COUNT; class ++)
        row_add(c->out, evaluate_class_name[class], class == CLASS_DISTILLING, true,
                &c->whole[WHOLE_CLASS + class]);
    for (uint32_t i = 0; i < c->truth->name_count; i++)
        row_add(c->out, c->truth->name[i], c->wanted[i], false, &c->name[i]);
}

static uint64_t change_exchanges(const struct compare_change *c)
{
    return c->after ? c->after->exchanges : c->before->exchanges;
}

static int change_order(const void *a, const void *b)
{
    const struct compare_change *x = a, *y = b;
    uint64_t n = change_exchanges(x), m = change_exchanges(y);

    return n != m ? (n < m ? 1 : -1) : strcmp(x->account, y->account);
}

static int counting_init(struct counting *c, const struct run *before, const struct run *after,
                         const struct truth *truth)
{
    size_t names = truth ? truth->name_count : 0, accounts = truth ? truth->count : 0;
    size_t all = (size_t)before->account_count + after->account_count + 1;

    c->truth = truth;
    c->out->row = calloc(WHOLE_COUNT + names, sizeof *c->out->row);
    c->out->newly = calloc(all, sizeof *c->out->newly);
    c->out->no_longer = calloc(all, sizeof *c->out->no_longer);
    c->name = calloc(names + 1, sizeof *c->name);
    c->wanted = calloc(names + 1, sizeof *c->wanted);
    c->seen = calloc(accounts + 1, sizeof *c->seen);
    return c->out->row && c->out->newly && c->out->no_longer && c->name && c->wanted && c->seen
               ? 0
               : -ENOMEM;
}

static void counting_deinit(struct counting *c)
{
    free(c->name);
    free(c->wanted);
    free(c->seen);
}

static int same_traffic(const struct compare *c, struct err *err)
{
    uint64_t strange = c->only_before + c->only_after + c->differing;

    if (c->accounts > 0 && (double)strange <= STRANGERS_MAX * (double)c->accounts)
        return 0;
    return err_set(err, -EINVAL,
                   "not the same traffic: of %" PRIu64 " accounts %" PRIu64 " are in one run "
                   "alone, and %" PRIu64 " count other exchanges",
                   c->accounts, c->only_before + c->only_after, c->differing);
}

int compare_runs(const struct run *before, const struct run *after, const struct truth *truth,
                 enum level level, struct compare **out, struct err *err)
{
    AUTO(compare_free) struct compare *c = calloc(1, sizeof *c);
    struct counting counting = {.out = c};
    int r = c ? counting_init(&counting, before, after, truth) : -ENOMEM;

    if (r == 0 && c) {
        c->level = level;
        accounts_add(&counting, before, after);
        rows_make(&counting);
        qsort(c->newly, c->newly_count, sizeof *c->newly, change_order);
        qsort(c->no_longer, c->no_longer_count, sizeof *c->no_longer, change_order);
    }
    counting_deinit(&counting);
    if (r < 0 || !c)
        return err_set(err, -ENOMEM, "out of memory");
    r = same_traffic(c, err);
    if (r == 0)
        *out = TAKE(c);
    return r;
}

void compare_free(struct compare *compare)
{
    if (!compare)
        return;
    free(compare->row);
    free(compare->newly);
    free(compare->no_longer);
    free(compare);
}

const struct compare_row *compare_row(const struct compare *compare, const char *name)
{
    for (uint32_t i = 0; i < compare->row_count; i++)
        if (strcmp(compare->row[i].name, name) == 0)
            return &compare->row[i];
    return NULL;
}

/* ---- telling ---- */

static void row_write(struct json_write *w, const struct compare_row *row)
{
    const struct paired *p = &row->paired;

    json_write_open(w, NULL, '{');
    json_write_text(w, "name", row->name);
    json_write_bool(w, "wanted", row->wanted);
    json_write_u64(w, "accounts", p->of);
    json_write_u64(w, "both", p->both);
    json_write_u64(w, "newly", p->second_only);
    json_write_u64(w, "no_longer", p->first_only);
    json_write_u64(w, "neither", p->neither);
    json_write_f64(w, "difference", p->difference, 6);
    json_write_f64(w, "low", p->low, 6);
    json_write_f64(w, "high", p->high, 6);
    json_write_f64(w, "p", p->p, 4);
    json_write_close(w, '}');
}

static void judged_write(struct json_write *w, const char *name, const struct run_account *a)
{
    json_write_open(w, name, '{');
    json_write_text(w, "level", a ? level_name[a->level] : NULL);
    json_write_f64(w, "score", a ? a->score : (double)NAN, 6);
    json_write_close(w, '}');
}

static void changes_write(struct json_write *w, const char *name,
                          const struct compare_change *change, uint32_t count)
{
    json_write_open(w, name, '[');
    for (uint32_t i = 0; i < count; i++) {
        json_write_open(w, NULL, '{');
        json_write_text(w, "account", change[i].account);
        json_write_text(w, "population", change[i].population);
        json_write_text(w, "class",
                        change[i].population ? evaluate_class_name[change[i].class] : NULL);
        json_write_u64(w, "exchanges", change_exchanges(&change[i]));
        judged_write(w, "before", change[i].before);
        judged_write(w, "after", change[i].after);
        json_write_close(w, '}');
    }
    json_write_close(w, ']');
}

void compare_write(const struct compare *c, struct json_write *w)
{
    json_write_text(w, "level", level_name[c->level]);
    json_write_u64(w, "accounts", c->accounts);
    json_write_u64(w, "only_before", c->only_before);
    json_write_u64(w, "only_after", c->only_after);
    json_write_u64(w, "differing_exchanges", c->differing);
    json_write_open(w, "rows", '[');
    for (uint32_t i = 0; i < c->row_count; i++)
        row_write(w, &c->row[i]);
    json_write_close(w, ']');
    changes_write(w, "newly_flagged", c->newly, c->newly_count);
    changes_write(w, "no_longer_flagged", c->no_longer, c->no_longer_count);
}

static void changes_print(FILE *out, const char *title, const struct compare_change *change,
                          uint32_t count)
{
    char text[WORDING_SIZE];

    (void)fprintf(out, "\n%s: %s\n", title, word_count(count, text));
    for (uint32_t i = 0; i < count && i < PRINTED_MAX; i++)
        (void)fprintf(out, "  %-*.*s %-*.*s %9s exchanges  score %.3f -> %.3f\n", NAME_COLUMN,
                      NAME_COLUMN, change[i].account, NAME_COLUMN, NAME_COLUMN,
                      change[i].population ? change[i].population : "",
                      word_count(change_exchanges(&change[i]), text),
                      change[i].before ? change[i].before->score : 0.0,
                      change[i].after ? change[i].after->score : 0.0);
    if (count > PRINTED_MAX)
        (void)fprintf(out, "  and %u more (--json lists all)\n", count - PRINTED_MAX);
}

void compare_print(const struct compare *c, FILE *out)
{
    (void)fprintf(out, "%-*s %9s %9s %9s %9s  %s\n", NAME_COLUMN, "flagged at:", "accounts", "both",
                  "newly", "no longer", "difference [95 %], McNemar p");
    for (uint32_t i = 0; i < c->row_count; i++) {
        const struct compare_row *row = &c->row[i];
        const struct paired *p = &row->paired;

        (void)fprintf(out,
                      "%-*.*s %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64
                      "  %+.3g %% [%+.3g, %+.3g], p %.2g\n",
                      NAME_COLUMN, NAME_COLUMN, row->name, p->of, p->both, p->second_only,
                      p->first_only, 100.0 * p->difference, 100.0 * p->low, 100.0 * p->high, p->p);
    }
    changes_print(out, "Newly flagged", c->newly, c->newly_count);
    changes_print(out, "No longer flagged", c->no_longer, c->no_longer_count);
}
