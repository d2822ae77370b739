#include "sim_lines.h"

#include "tools/sim_pages.h"
#include "tools/sim_windows.h"

#include <errno.h>
#include <string.h>

static int window_write(struct sim_pages *pages, const struct sim_window *window, uint32_t count,
                        struct out_file *file, struct err *err)
{
    int r = 0;

    for (uint32_t i = 0; i < count && r == 0; i++)
        r = sim_pages_write(pages, file, window->slot, window->order[i], err);
    return r;
}

static int lines_pump(struct sim_pages *pages, struct sim_windows *windows, uint64_t limit,
                      struct out_file *file, sim_lines_progress progress, void *ctx,
                      uint64_t *records, struct err *err)
{
    struct sim_window window;
    int r;

    while ((r = sim_windows_next(windows, &window)) > 0) {
        uint32_t count = window.count;

        if (limit > 0 && count > limit - *records)
            count = (uint32_t)(limit - *records);
        r = window_write(pages, &window, count, file, err);
        if (r < 0)
            return r;
        *records += count;
        if (limit > 0 && *records == limit)
            break;
        if (!progress(ctx, *records, window.to))
            return sim_pages_flush(pages, file, err);
    }
    if (r < 0)
        return err_set(err, r, "the simulation stopped: %s", strerror(-r));
    r = sim_pages_flush(pages, file, err);
    return r < 0 ? r : 1;
}

int sim_lines_write(struct world *world, const struct sim_lines_options *options,
                    struct out_file *file, sim_lines_progress progress, void *ctx,
                    uint64_t *records, struct err *err)
{
    AUTO(sim_pages_free) struct sim_pages *pages = NULL;
    struct sim_windows_owner owner = {NULL, sim_pages_clear, sim_pages_add};
    struct sim_windows *windows = NULL;
    int r = sim_pages_new(world_shard_count(world), options->sketch, &pages);

    *records = 0;
    if (r < 0)
        return err_set(err, r, "out of memory");
    owner.ctx = pages;
    r = sim_windows_new(world, options->thread_count, &owner, &windows, err);
    if (r == 0)
        r = lines_pump(pages, windows, options->limit, file, progress, ctx, records, err);
    sim_windows_free(windows);
    return r;
}
