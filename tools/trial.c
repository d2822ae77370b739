#include "trial.h"

#include "tools/interrupt.h"
#include "tools/sim_windows.h"

int trial_init(struct trial *t, const char *path, const struct scenario_override *over,
               const struct detector_config *config, struct err *err)
{
    int r;

    *t = (struct trial){NULL, NULL, NULL, NULL};
    r = scenario_load(path, over, &t->scenario, err);
    if (r == 0)
        r = world_new(t->scenario, sim_windows_shards(1), &t->world, err);
    if (r == 0)
        r = detector_new(config, &t->detector, err);
    if (r == 0)
        r = sim_source_new(t->world, 1, config->hash_key, NULL, &t->source, err);
    return r;
}

void trial_deinit(struct trial *t)
{
    sim_source_free(t->source);
    detector_free(t->detector);
    world_free(t->world);
    scenario_free(t->scenario);
}

int trial_live(struct trial *t, int (*step)(void *ctx, struct err *err), void *ctx, struct err *err)
{
    const struct digest_batch *batch;
    struct finding finding;
    const uint32_t *order;
    uint32_t count;
    int r;

    while ((r = sim_source_next(t->source, &batch, &order, &count, err)) > 0) {
        if (interrupt_came())
            return 1;
        detector_feed(t->detector, batch, order, count);
        r = step ? step(ctx, err) : 0;
        if (r < 0)
            return r;
        while (!step && detector_next_finding(t->detector, &finding))
            ; /* nobody asks for them; unread ones would be held back and counted */
    }
    if (r == 0)
        detector_finish(t->detector, INT64_MIN);
    return r;
}
