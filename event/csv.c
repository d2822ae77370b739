#include "csv.h"

struct cursor {
    const char *p, *end;
    char delimiter;
    char *scratch;
};

/* At an opening quote. Copies only from the first doubled quote on. */
static const char *quoted_cell(struct cursor *c, struct str *cell)
{
    const char *start = ++c->p;
    char *copy = NULL, *to = NULL;

    for (;;) {
        if (c->p == c->end)
            return "a quoted cell does not end on its line";
        if (*c->p == '"') {
            if (c->p + 1 == c->end || c->p[1] != '"')
                break;
            if (!copy) {
                copy = c->scratch;
                memcpy(copy, start, (size_t)(c->p - start));
                to = copy + (c->p - start);
            }
            c->p++;
        }
        if (copy)
            *to++ = *c->p;
        c->p++;
    }
    *cell = copy ? (struct str){copy, (uint32_t)(to - copy)}
                 : (struct str){start, (uint32_t)(c->p - start)};
    if (copy)
        c->scratch = to;
    c->p++;
    if (c->p != c->end && *c->p != c->delimiter)
        return "text after a closing quote";
    return NULL;
}

static const char *plain_cell(struct cursor *c, struct str *cell)
{
    const char *start = c->p;

    for (; c->p != c->end && *c->p != c->delimiter; c->p++)
        if (*c->p == '"')
            return "a quote inside a cell that is not quoted";
    *cell = (struct str){start, (uint32_t)(c->p - start)};
    return NULL;
}

const char *csv_split(struct str line, char delimiter, char *scratch, struct str *cell,
                      uint32_t cell_max, uint32_t *cell_count)
{
    struct cursor c = {line.p, line.p + line.n, delimiter, scratch};
    uint32_t count = 0;

    if (c.end != c.p && c.end[-1] == '\r')
        c.end--;
    for (;;) {
        const char *refused;

        if (count == cell_max)
            return "more cells than the header has columns";
        if (c.p != c.end && *c.p == '"')
            refused = quoted_cell(&c, &cell[count++]);
        else
            refused = plain_cell(&c, &cell[count++]);
        if (refused)
            return refused;
        if (c.p == c.end)
            break;
        c.p++; /* the delimiter */
    }
    *cell_count = count;
    return NULL;
}
