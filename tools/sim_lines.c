#include "sim_lines.h"

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

struct lines {
    struct page *page[SIM_WINDOWS_SLOTS]; /* per shard */
    uint32_t shard_count;
    bool sketch;
};

static void page_clear(void *ctx, uint32_t slot)
{
    struct lines *l = ctx;

    for (uint32_t i = 0; i < l->shard_count; i++) {
        l->page[slot][i].w.size = 0;
        l->page[slot][i].count = 0;
    }
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

static int page_add(void *ctx, uint32_t slot, uint32_t shard, const struct api_event *ev,
                    uint32_t *index)
{
    struct lines *l = ctx;
    struct page *page = &l->page[slot][shard];
    char text[SKETCH_TEXT_SIZE];
    int r = 0;

    if (page->count == page->capacity)
        r = page->count == LINE_MAX_COUNT ? -ENOBUFS : page_grow(page);
    if (r < 0)
        return r;
    if (l->sketch) {
        struct api_event without = *ev;

        sketch_replace(&without, text);
        event_json_write(&page->w, &without);
    } else {
        event_json_write(&page->w, ev);
    }
    if (page->w.error)
        return page->w.error;
    *index = shard << SHARD_SHIFT | page->count;
    page->end[page->count++] = page->w.size;
    return 0;
}

static int lines_init(struct lines *l, uint32_t shard_count)
{
    l->shard_count = shard_count;
    for (int i = 0; i < SIM_WINDOWS_SLOTS; i++) {
        l->page[i] = calloc(shard_count, sizeof *l->page[i]);
        if (!l->page[i])
            return -ENOMEM;
        for (uint32_t s = 0; s < shard_count; s++)
            json_write_init(&l->page[i][s].w, NULL);
    }
    return 0;
}

static void lines_deinit(struct lines *l)
{
    for (int i = 0; i < SIM_WINDOWS_SLOTS; i++) {
        for (uint32_t s = 0; l->page[i] && s < l->shard_count; s++) {
            json_write_deinit(&l->page[i][s].w);
            free(l->page[i][s].end);
        }
        free(l->page[i]);
    }
}

static struct str line_at(const struct lines *l, uint32_t slot, uint32_t index)
{
    const struct page *page = &l->page[slot][index >> SHARD_SHIFT];
    uint32_t number = index & (LINE_MAX_COUNT - 1);
    size_t start = number ? page->end[number - 1] : 0;

    return (struct str){page->w.text + start, (uint32_t)(page->end[number] - start)};
}

/* A piece of the file being put together. */
struct piece {
    struct out_file *file;
    char *text;
    size_t size;
};

static int piece_flush(struct piece *p, struct err *err)
{
    int r = out_file_write(p->file, p->text, p->size, err);

    p->size = 0;
    return r;
}

static int window_write(const struct lines *l, const struct sim_window *window, uint32_t count,
                        struct piece *p, struct err *err)
{
    int r = 0;

    for (uint32_t i = 0; i < count && r == 0; i++) {
        struct str line = line_at(l, window->slot, window->order[i]);

        assert(line.n <= PIECE_SIZE); /* a record's texts are far shorter */
        if (p->size + line.n > PIECE_SIZE)
            r = piece_flush(p, err);
        memcpy(p->text + p->size, line.p, line.n);
        p->size += line.n;
    }
    return r;
}

static int lines_pump(const struct lines *l, struct sim_windows *windows, uint64_t limit,
                      struct piece *p, sim_lines_progress progress, void *ctx, uint64_t *records,
                      struct err *err)
{
    struct sim_window window;
    int r;

    while ((r = sim_windows_next(windows, &window)) > 0) {
        uint32_t count = window.count;

        if (limit > 0 && count > limit - *records)
            count = (uint32_t)(limit - *records);
        r = window_write(l, &window, count, p, err);
        if (r < 0)
            return r;
        *records += count;
        if (limit > 0 && *records == limit)
            break;
        if (!progress(ctx, *records, window.to))
            return piece_flush(p, err);
    }
    if (r < 0)
        return err_set(err, r, "the simulation stopped: %s", strerror(-r));
    r = piece_flush(p, err);
    return r < 0 ? r : 1;
}

int sim_lines_write(struct world *world, const struct sim_lines_options *options,
                    struct out_file *file, sim_lines_progress progress, void *ctx,
                    uint64_t *records, struct err *err)
{
    struct lines lines = {.sketch = options->sketch};
    struct sim_windows_owner owner = {&lines, page_clear, page_add};
    struct sim_windows *windows = NULL;
    struct piece piece = {file, malloc(PIECE_SIZE), 0};
    int r = lines_init(&lines, world_shard_count(world));

    *records = 0;
    if (!piece.text || r < 0)
        r = err_set(err, -ENOMEM, "out of memory");
    if (r == 0)
        r = sim_windows_new(world, options->thread_count, &owner, &windows, err);
    if (r == 0)
        r = lines_pump(&lines, windows, options->limit, &piece, progress, ctx, records, err);
    sim_windows_free(windows);
    lines_deinit(&lines);
    free(piece.text);
    return r;
}
