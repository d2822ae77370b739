#include "trial.h"

#include "tools/interrupt.h"
#include "tools/sim_windows.h"

int trial_open(struct trial *t, const struct scenario *scenario, uint32_t thread_count,
               const struct detector_config *config, struct err *err)
{
    int r;

    *t = (struct trial){
        .scenario = scenario, .thread_count = thread_count, .hash_key = config->hash_key};
    r = world_new(scenario, sim_windows_shards(thread_count), &t->world, err);
    return r < 0 ? r : detector_new(config, &t->detector, err);
}

int trial_init(struct trial *t, const char *path, const struct scenario_override *over,
               const struct detector_config *config, struct err *err)
{
    struct scenario *scenario = NULL;
    int r = scenario_load(path, over, &scenario, err);

    *t = (struct trial){NULL};
    if (r == 0)
        r = trial_open(t, scenario, 1, config, err);
    t->loaded = scenario;
    return r;
}

void trial_deinit(struct trial *t)
{
    sim_source_free(t->source);
    detector_free(t->detector);
    world_free(t->world);
    scenario_free(t->loaded);
}

int trial_live(struct trial *t, int (*step)(void *ctx, struct err *err), void *ctx, struct err *err)
{
    const struct digest_batch *batch;
    struct finding finding;
    const uint32_t *order;
    uint32_t count;
    int r = sim_source_new(t->world, t->thread_count, t->hash_key, NULL, &t->source, err);

    if (r < 0)
        return r;
    while ((r = sim_source_next(t->source, &batch, &order, &count, err)) > 0) {
        if (interrupt_came())
            return 1;
        detector_feed(t->detector, batch, order, count);
        r = step ? step(ctx, err) : 0;
        if (r < 0)
            return r;
        while (detector_next_finding(t->detector, &finding))
            ; /* unread ones would be held back and counted */
    }
    if (r == 0)
        detector_finish(t->detector, INT64_MIN);
    return r;
}
