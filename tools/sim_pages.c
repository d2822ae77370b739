#include "sim_pages.h"

#include "event/event_json.h"
#include "event/sketch.h"
#include "tools/sim_windows.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum {
    PIECE_SIZE = 4 << 20,
    SHARD_SHIFT = 24, /* an index is the shard and the line's number in it */
    LINE_MAX_COUNT = 1 << SHARD_SHIFT,
};

/* The lines of one shard's window, one after another. */
struct page {
    struct json_write w;
    size_t *end; /* of each line */
    uint32_t count, capacity;
};

struct sim_pages {
    struct page *page[SIM_WINDOWS_SLOTS]; /* per shard */
    uint32_t shard_count;
    bool sketch;
    char *piece; /* of the file, being put together */
    size_t piece_size;
};

int sim_pages_new(uint32_t shard_count, bool sketch, struct sim_pages **out)
{
    AUTO(sim_pages_free) struct sim_pages *p = calloc(1, sizeof *p);

    if (!p)
        return -ENOMEM;
    p->shard_count = shard_count;
    p->sketch = sketch;
    p->piece = malloc(PIECE_SIZE);
    if (!p->piece)
        return -ENOMEM;
    for (int i = 0; i < SIM_WINDOWS_SLOTS; i++) {
        p->page[i] = calloc(shard_count, sizeof *p->page[i]);
        if (!p->page[i])
            return -ENOMEM;
        for (uint32_t s = 0; s < shard_count; s++)
            json_write_init(&p->page[i][s].w, NULL);
    }
    *out = TAKE(p);
    return 0;
}

void sim_pages_free(struct sim_pages *p)
{
    if (!p)
        return;
    for (int i = 0; i < SIM_WINDOWS_SLOTS; i++) {
        for (uint32_t s = 0; p->page[i] && s < p->shard_count; s++) {
            json_write_deinit(&p->page[i][s].w);
            free(p->page[i][s].end);
        }
        free(p->page[i]);
    }
    free(p->piece);
    free(p);
}

void sim_pages_clear(void *ctx, uint32_t slot)
{
    struct sim_pages *p = ctx;

    for (uint32_t i = 0; i < p->shard_count; i++) {
        p->page[slot][i].w.size = 0;
        p->page[slot][i].count = 0;
    }
}

uint32_t sim_pages_index(uint32_t shard, uint32_t number)
{
    return shard << SHARD_SHIFT | number;
}

static int page_grow(struct page *page)
{
    uint32_t capacity = page->capacity ? 2 * page->capacity : 4096;
    size_t *end = realloc(page->end, capacity * sizeof *end);

    if (!end)
        return -ENOMEM;
    page->end = end;
    page->capacity = capacity;
    return 0;
}

/* Logs need hold no text: the sketch says as much to the detector. */
static void sketch_replace(struct api_event *ev, char text[SKETCH_TEXT_SIZE])
{
    const uint64_t texts = (uint64_t)1 << FIELD_prompt | (uint64_t)1 << FIELD_system;
    struct sketch sketch;

    if (!(ev->present & texts))
        return;
    sketch_make(ev->prompt, ev->system, &sketch);
    sketch_encode(&sketch, text);
    ev->present &= ~texts;
    EVENT_PUT(ev, sketch, str_of(text));
}

int sim_pages_add(void *ctx, uint32_t slot, uint32_t shard, const struct api_event *ev,
                  uint32_t *index)
{
    struct sim_pages *p = ctx;
    struct page *page = &p->page[slot][shard];
    char text[SKETCH_TEXT_SIZE];
    int r = 0;

    if (page->count == page->capacity)
        r = page->count == LINE_MAX_COUNT ? -ENOBUFS : page_grow(page);
    if (r < 0)
        return r;
    if (p->sketch) {
        struct api_event without = *ev;

        sketch_replace(&without, text);
        event_json_write(&page->w, &without);
    } else {
        event_json_write(&page->w, ev);
    }
    if (page->w.error)
        return page->w.error;
    *index = sim_pages_index(shard, page->count);
    page->end[page->count++] = page->w.size;
    return 0;
}

int sim_pages_flush(struct sim_pages *p, struct out_file *file, struct err *err)
{
    int r = p->piece_size ? out_file_write(file, p->piece, p->piece_size, err) : 0;

    p->piece_size = 0;
    return r;
}

int sim_pages_write(struct sim_pages *p, struct out_file *file, uint32_t slot, uint32_t index,
                    struct err *err)
{
    const struct page *page = &p->page[slot][index >> SHARD_SHIFT];
    uint32_t number = index & (LINE_MAX_COUNT - 1);
    size_t start = number ? page->end[number - 1] : 0, size = page->end[number] - start;
    int r = 0;

    assert(size <= PIECE_SIZE); /* a record's texts are far shorter */
    if (p->piece_size + size > PIECE_SIZE)
        r = sim_pages_flush(p, file, err);
    memcpy(p->piece + p->piece_size, page->w.text + start, size);
    p->piece_size += size;
    return r;
}
