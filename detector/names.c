/* Strings lie in cells of 8 bytes: a header cell part with the size, then the text. Freed cells go
 * to lists by size, so that accounts that come and go reuse each other's room. */
#include "names.h"

#include "base/pages.h"

#include <errno.h>
#include <stdlib.h>

enum { CELL = 8, HEAD = 4, CLASSES = 132 }; /* up to 1,024 bytes and their header */

struct names {
    char *text;
    uint32_t used, capacity; /* cells; cell 0 is never given out */
    uint32_t freed[CLASSES]; /* first free run of this many cells */
    uint64_t dropped;
};

int names_new(uint32_t bytes, struct names **out)
{
    struct names *names = calloc(1, sizeof *names);

    if (!names)
        return -ENOMEM;
    names->capacity = bytes / CELL + 1;
    names->used = 1;
    names->text = pages_new((size_t)names->capacity * CELL);
    if (!names->text) {
        free(names);
        return -ENOMEM;
    }
    *out = names;
    return 0;
}

void names_free(struct names *names)
{
    if (!names)
        return;
    pages_free(names->text, (size_t)names->capacity * CELL);
    free(names);
}

static uint32_t cells_for(uint32_t size)
{
    return (size + HEAD + CELL - 1) / CELL;
}

static char *cell(const struct names *names, uint32_t handle)
{
    return names->text + (size_t)handle * CELL;
}

uint32_t names_add(struct names *names, struct str text)
{
    uint32_t cells = cells_for(text.n);
    uint32_t handle;

    if (!text.p || text.n == 0)
        return 0;
    if (cells < CLASSES && names->freed[cells]) {
        handle = names->freed[cells];
        memcpy(&names->freed[cells], cell(names, handle) + HEAD, sizeof handle);
    } else if (cells < CLASSES && names->capacity - names->used >= cells) {
        handle = names->used;
        names->used += cells;
    } else {
        names->dropped++;
        return 0;
    }
    memcpy(cell(names, handle), &text.n, HEAD);
    memcpy(cell(names, handle) + HEAD, text.p, text.n);
    return handle;
}

void names_remove(struct names *names, uint32_t handle)
{
    uint32_t size, cells;

    if (!handle)
        return;
    memcpy(&size, cell(names, handle), HEAD);
    cells = cells_for(size);
    memcpy(cell(names, handle) + HEAD, &names->freed[cells], sizeof handle);
    names->freed[cells] = handle;
}

struct str names_get(const struct names *names, uint32_t handle)
{
    struct str s = {NULL, 0};

    if (!handle)
        return s;
    memcpy(&s.n, cell(names, handle), HEAD);
    s.p = cell(names, handle) + HEAD;
    return s;
}

uint64_t names_dropped(const struct names *names)
{
    return names->dropped;
}

size_t names_memory(const struct names *names)
{
    return sizeof *names + (size_t)names->capacity * CELL;
}

void names_state(struct names *names, state_visit *visit, void *ctx)
{
    STATE_VISIT(names->used);
    STATE_VISIT(names->freed);
    STATE_VISIT(names->dropped);
    visit(ctx, names->text, (size_t)names->capacity * CELL);
}
