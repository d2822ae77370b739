#include "world.h"

#include "base/pages.h"
#include "sim/seat.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum {
    BLOCK = 64, /* neighbouring seats stay in one shard: cache lines are not shared */
    CACHE_LINE = 64,
    WINDOW_RECORDS = 65536, /* wanted: enough to share out, small enough for the caches to help */
    SLOTS_MAX = 48,
    RECORD_SEATS = 1, /* seat number 0 is the platform: releases */
};

static const msec_t WINDOW_MIN = 20, WINDOW_MAX = MSEC_HOUR, WINDOW_FIRST = 2 * MSEC_SECOND;

struct shard {
    struct visit visit;
};

/* What was done to a cohort in a closed loop. */
struct pressure {
    uint64_t acted_on;
    uint32_t closed[POOLS_MAX];
    msec_t pressed_at, failover_at; /* INT64_MIN: not yet */
};

struct world {
    const struct scenario *scenario;
    struct infrastructure *infrastructure;
    struct cohort_plan *plan;
    struct seat *seat;
    msec_t *next; /* of each seat: what windows are scanned by */
    struct session *slot;
    uint32_t *accounts; /* accounts of all seats before this one; seat_count + 1 entries */
    struct shard **shard;
    uint32_t seat_count, shard_count;
    uint64_t slot_count;
    double expected;
    msec_t from, to, length;
    msec_t step;               /* 0: no closed loop */
    struct pressure *pressure; /* per cohort */
    struct law_table half_normal;
};

/* ---- construction ---- */

/* What a seat's lives hold: days of mass, and accounts. */
struct story {
    double mass;
    uint32_t accounts;
};

static struct story seat_story(const struct cohort_plan *plan, uint32_t index)
{
    struct person person = seat_person(plan, index, 0);
    struct tempo_seat at = seat_tempo(plan, index);
    struct story story = {0.0, 0};
    struct life life;
    bool more;

    life_first(&plan->reaction, &person, &life);
    do {
        struct tempo_habit habit;
        msec_t from = life.from > plan->scenario->start ? life.from : plan->scenario->start;

        tempo_habit_init(&plan->tempo, &at, life.first, &habit);
        if (from < life.until)
            story.mass += tempo_mass(&plan->tempo, &habit, from, life.until);
        more = life_next(&plan->reaction, &person, &life);
        story.accounts = life.generation + 1;
    } while (more);
    return story;
}

/* Sets every seat's rate so that the cohort's expectation is its target. Counts accounts. */
static void cohort_calibrate(struct world *w, struct cohort_plan *plan, uint64_t *accounts)
{
    uint64_t target = plan->cohort->exchange_target;
    double expected = 0.0;

    for (uint32_t i = 0; i < plan->cohort->account_count; i++) {
        struct seat *seat = &w->seat[plan->first_seat + i];
        struct tempo_seat at = seat_tempo(plan, i);
        struct story story = seat_story(plan, i);
        double per_day = tempo_per_day(&plan->tempo, &at, &w->half_normal);

        seat->cohort = (uint32_t)(plan - w->plan);
        seat->index = i;
        seat->per_day = (float)(per_day / plan->tempo.turns_mean);
        expected += per_day * story.mass;
        w->accounts[plan->first_seat + i] = (uint32_t)*accounts;
        *accounts += story.accounts;
    }
    if (target > 0 && expected > 0.0)
        plan->rate_scale = (double)target / expected;
    plan->expected = expected * plan->rate_scale;
    w->expected += plan->expected;
}

/* Sessions of a busy account overlap. Three times the day's mean load is room enough for most
 * profiles; beyond SLOTS_MAX people are quicker instead. Server time is about 8 s. */
static uint32_t slots_needed(const struct cohort_plan *plan, struct seat *seat)
{
    static const double PEAK = 3.0, SERVER_S = 8.0;
    double turns = plan->tempo.turns_mean;
    double load =
        PEAK * (double)seat->per_day * turns * (plan->think_mean_s + SERVER_S) / (24.0 * 3600.0);

    seat->think_scale = load > SLOTS_MAX ? (float)(SLOTS_MAX / load) : 1.0F;
    if (turns < 1.001)
        return 0;
    return load + 2.0 > SLOTS_MAX ? SLOTS_MAX : (uint32_t)(load + 2.0);
}

static int seats_start(struct world *w)
{
    for (uint32_t i = 0; i < w->seat_count; i++) {
        struct seat *seat = &w->seat[i];
        const struct cohort_plan *plan = &w->plan[seat->cohort];

        seat->per_day *= (float)plan->rate_scale;
        seat->slot_count = (uint16_t)slots_needed(plan, seat);
        seat->slot_first = (uint32_t)w->slot_count;
        w->slot_count += seat->slot_count;
        w->next[i] = seat_init(plan, &w->half_normal, seat);
    }
    if (w->slot_count > UINT32_MAX)
        return -ENOMEM;
    w->slot = pages_new((w->slot_count + 1) * sizeof *w->slot);
    if (!w->slot)
        return -ENOMEM;
    for (uint64_t i = 0; i < w->slot_count; i++)
        w->slot[i].at = INT64_MAX;
    return 0;
}

static int cohorts_start(struct world *w, struct err *err)
{
    const struct scenario *s = w->scenario;
    uint64_t accounts = 0;
    uint32_t seat = 0;

    for (uint32_t i = 0; i < s->cohort_count; i++) {
        struct cohort_plan *plan = &w->plan[i];
        int r = cohort_plan_init(plan, s, &s->cohort[i], w->infrastructure, &w->half_normal);

        if (r < 0)
            return err_set(err, r, "out of memory for %s", s->cohort[i].name);
        plan->first_seat = seat;
        seat += s->cohort[i].account_count;
        cohort_calibrate(w, plan, &accounts);
    }
    w->accounts[seat] = (uint32_t)accounts;
    return seats_start(w);
}

static int shards_new(struct world *w, uint32_t count)
{
    uint32_t cohorts = w->scenario->cohort_count;

    w->shard_count = count > 0 ? count : 1;
    w->shard = calloc(w->shard_count, sizeof *w->shard);
    if (!w->shard)
        return -ENOMEM;
    for (uint32_t i = 0; i < w->shard_count; i++) {
        w->shard[i] = calloc(1, sizeof *w->shard[i]);
        if (!w->shard[i])
            return -ENOMEM;
        w->shard[i]->visit.plan = w->plan;
        w->shard[i]->visit.half_normal = &w->half_normal;
        w->shard[i]->visit.text = true;
        w->shard[i]->visit.tally = calloc(cohorts + (size_t)1, sizeof(struct tally));
        if (!w->shard[i]->visit.tally)
            return -ENOMEM;
    }
    return 0;
}

static int world_fill(struct world *w, uint32_t shard_count, struct err *err)
{
    const struct scenario *s = w->scenario;
    uint64_t seats = 0;
    int r;

    for (uint32_t i = 0; i < s->cohort_count; i++)
        seats += s->cohort[i].account_count;
    if (seats >= UINT32_MAX - RECORD_SEATS)
        return err_set(err, -EINVAL, "more than four thousand million accounts");
    w->seat_count = (uint32_t)seats;
    r = infrastructure_new(s, &w->infrastructure);
    if (r < 0)
        return err_set(err, r, "out of memory for networks");
    w->plan = calloc(s->cohort_count + 1, sizeof *w->plan);
    w->pressure = calloc(s->cohort_count + 1, sizeof *w->pressure);
    w->seat = pages_new((seats + 1) * sizeof *w->seat);
    w->next = pages_new((seats + 1) * sizeof *w->next);
    w->accounts = pages_new((seats + 1) * sizeof *w->accounts);
    if (!w->plan || !w->pressure || !w->seat || !w->next || !w->accounts)
        return err_set(err, -ENOMEM, "out of memory for %u accounts", w->seat_count);
    law_normal_init(&w->half_normal);
    r = cohorts_start(w, err);
    if (r < 0)
        return r;
    return shards_new(w, shard_count);
}

int world_new(const struct scenario *scenario, uint32_t shard_count, struct world **out,
              struct err *err)
{
    struct world *w = calloc(1, sizeof *w);
    int r;

    if (!w)
        return err_set(err, -ENOMEM, "out of memory");
    w->scenario = scenario;
    w->from = w->to = scenario->start;
    w->length = WINDOW_FIRST;
    r = world_fill(w, shard_count, err);
    if (r < 0) {
        world_free(w);
        return r;
    }
    *out = w;
    return 0;
}

void world_free(struct world *w)
{
    if (!w)
        return;
    for (uint32_t i = 0; w->plan && i < w->scenario->cohort_count; i++)
        cohort_plan_deinit(&w->plan[i]);
    for (uint32_t i = 0; w->shard && i < w->shard_count; i++) {
        if (w->shard[i])
            free(w->shard[i]->visit.tally);
        free(w->shard[i]);
    }
    free(w->shard);
    free(w->pressure);
    free(w->plan);
    pages_free(w->seat, (w->seat_count + 1) * sizeof *w->seat);
    pages_free(w->next, (w->seat_count + 1) * sizeof *w->next);
    pages_free(w->accounts, (w->seat_count + 1) * sizeof *w->accounts);
    pages_free(w->slot, (w->slot_count + 1) * sizeof *w->slot);
    infrastructure_free(w->infrastructure);
    free(w);
}

void world_text(struct world *w, bool wanted)
{
    for (uint32_t i = 0; i < w->shard_count; i++)
        w->shard[i]->visit.text = wanted;
}

uint32_t world_shard_count(const struct world *w)
{
    return w->shard_count;
}

uint32_t world_seat_count(const struct world *w)
{
    return w->seat_count;
}

/* ---- windows ---- */

/* The next window is as long as the last one should have been. It only cuts the stream: records do
 * not depend on it. */
static void window_adapt(struct world *w)
{
    uint64_t records = 0;
    double factor;

    for (uint32_t i = 0; i < w->shard_count; i++) {
        records += w->shard[i]->visit.records;
        w->shard[i]->visit.records = 0;
    }
    if (w->from == w->to)
        return;
    factor = (double)WINDOW_RECORDS / (double)(records + 1);
    factor = factor > 2.0 ? 2.0 : factor;
    w->length = (msec_t)((double)(w->to - w->from) * factor);
    if (w->length < WINDOW_MIN)
        w->length = WINDOW_MIN;
    if (w->length > WINDOW_MAX)
        w->length = WINDOW_MAX;
}

bool world_next_window(struct world *w, msec_t *from, msec_t *to)
{
    if (w->to >= w->scenario->end)
        return false;
    window_adapt(w);
    w->from = w->to;
    w->to = w->scenario->end - w->from < w->length ? w->scenario->end : w->from + w->length;
    if (w->step > 0) {
        msec_t next = w->from + w->step - (w->from - w->scenario->start) % w->step;

        w->to = next < w->to ? next : w->to;
    }
    *from = w->from;
    *to = w->to;
    return true;
}

/* Models released during the run; those from before are simply there. */
static int releases_emit(struct world *w, struct shard *shard)
{
    for (uint32_t m = 0; m < w->scenario->model_count; m++) {
        const struct model *model = &w->scenario->model[m];
        struct world_stamp stamp = {model->released, 0, m};
        struct api_event ev = {.type = RECORD_RELEASE};
        int r;

        if (model->released <= w->scenario->start || model->released < w->from ||
            model->released >= w->to)
            continue;
        EVENT_PUT(&ev, ts, model->released);
        EVENT_PUT(&ev, model, str_of(model->name));
        shard->visit.records++;
        r = shard->visit.sink(shard->visit.sink_ctx, &stamp, &ev);
        if (r)
            return r;
    }
    return 0;
}

/* Which seats of a block act in the window: one bit each. */
static uint64_t block_due(const msec_t *next, uint32_t count, msec_t to)
{
    uint64_t due = 0;

    for (uint32_t i = 0; i < count; i++)
        due |= (uint64_t)(next[i] < to) << i;
    return due;
}

static void lines_prefetch(const void *from, size_t size)
{
    for (size_t at = 0; at < size; at += CACHE_LINE)
        __builtin_prefetch((const char *)from + at, 1);
}

/* Few of many seats act in a window, so each comes from far memory: a block's are asked for while
 * the block before it runs, their sessions before the first of them acts. Returns who acts. */
static uint64_t block_seek(const struct world *w, uint64_t block)
{
    uint64_t due = 0;

    if (block < w->seat_count)
        due = block_due(w->next + block,
                        w->seat_count - block < BLOCK ? (uint32_t)(w->seat_count - block) : BLOCK,
                        w->to);
    for (uint64_t rest = due; rest; rest &= rest - 1)
        lines_prefetch(&w->seat[block + (uint64_t)__builtin_ctzll(rest)], sizeof *w->seat);
    return due;
}

static int block_run(struct world *w, struct shard *shard, uint32_t block, uint64_t due)
{
    int r = 0;

    for (uint64_t rest = due; rest; rest &= rest - 1)
        lines_prefetch(w->slot + w->seat[block + (uint32_t)__builtin_ctzll(rest)].slot_first,
                       sizeof *w->slot);
    for (; due && r == 0; due &= due - 1) {
        uint32_t i = block + (uint32_t)__builtin_ctzll(due);
        struct seat *seat = &w->seat[i];

        r = seat_run(&shard->visit, seat, w->slot + seat->slot_first, i + RECORD_SEATS, w->to,
                     &w->next[i]);
    }
    return r;
}

int world_generate(struct world *w, uint32_t index, world_sink sink, void *ctx)
{
    struct shard *shard = w->shard[index];
    uint64_t step = (uint64_t)BLOCK * w->shard_count, block = (uint64_t)index * BLOCK;
    uint64_t due = block_seek(w, block);
    int r = 0;

    shard->visit.sink = sink;
    shard->visit.sink_ctx = ctx;
    if (index == 0)
        r = releases_emit(w, shard);
    for (; block < w->seat_count && r == 0; block += step) {
        uint64_t next = block_seek(w, block + step);

        r = block_run(w, shard, (uint32_t)block, due);
        due = next;
    }
    return r;
}

/* ---- what is known of it ---- */

double world_progress(const struct world *w)
{
    return (double)(w->to - w->scenario->start) / (double)(w->scenario->end - w->scenario->start);
}

uint64_t world_exchanges_expected(const struct world *w)
{
    return (uint64_t)(w->expected + 0.5);
}

uint64_t world_account_count(const struct world *w)
{
    return w->accounts[w->seat_count];
}

void world_account_truth(const struct world *w, uint64_t index, struct world_truth *out)
{
    uint32_t low = 0, high = w->seat_count;
    struct person person;
    const struct cohort *c;

    while (high - low > 1) {
        uint32_t mid = low + (high - low) / 2;

        if (w->accounts[mid] <= index)
            low = mid;
        else
            high = mid;
    }
    c = w->plan[w->seat[low].cohort].cohort;
    person = seat_person(&w->plan[w->seat[low].cohort], w->seat[low].index,
                         (uint32_t)(index - w->accounts[low]));
    memset(out, 0, sizeof *out);
    (void)name_id(out->account, "acc", identity_account(&person));
    out->population = c->name;
    out->campaign = c->campaign ? c->name : NULL;
    out->truth = c->truth;
    out->stratum = c->stratum;
}

/* ---- closed loop ---- */

/* A campaign opens its standby pool when this share of the pool before it is closed, also when it
 * changes nothing else; assumed. */
static const double FAILOVER_SHARE = 0.1;

void world_step(struct world *w, msec_t step)
{
    w->step = step;
    for (uint32_t i = 0; i < w->scenario->cohort_count; i++)
        w->pressure[i].pressed_at = w->pressure[i].failover_at = INT64_MIN;
}

bool world_step_ends(const struct world *w)
{
    return w->step > 0 && w->to > w->scenario->start && (w->to - w->scenario->start) % w->step == 0;
}

static int subject_order(const void *a, const void *b)
{
    return strcmp(((const struct world_subject *)a)->account,
                  ((const struct world_subject *)b)->account);
}

void world_look(const struct world *w, struct world_subject *subject, uint32_t count)
{
    if (count == 0)
        return;
    qsort(subject, count, sizeof *subject, subject_order);
    for (uint32_t i = 0; i < count; i++)
        subject[i].cohort = NULL;
    for (uint32_t i = 0; i < w->seat_count; i++) {
        const struct cohort_plan *plan = &w->plan[w->seat[i].cohort];
        struct person person = seat_person(plan, w->seat[i].index, w->seat[i].life.generation);
        struct world_subject key, *found;

        key.account[name_id(key.account, "acc", identity_account(&person)).n] = '\0';
        found = bsearch(&key, subject, count, sizeof *subject, subject_order);
        if (!found)
            continue;
        found->seat = i;
        found->cohort = plan->cohort;
    }
}

static void next_at_most(struct world *w, uint32_t seat, msec_t t)
{
    if (t < w->next[seat])
        w->next[seat] = t;
}

/* The campaign slows down, mixes more cover, and spreads thinner. */
static void cohort_press(struct world *w, struct cohort_plan *plan)
{
    const struct reaction_part *part = &plan->cohort->reaction;

    if (part->pressure_cover > plan->program.cover_share)
        plan->program.cover_share = part->pressure_cover;
    if (part->pressure_life_days > 0.0)
        plan->reaction.life_max = (msec_t)(part->pressure_life_days * MSEC_DAY);
    for (uint32_t i = 0; i < plan->cohort->account_count; i++) {
        uint32_t seat = plan->first_seat + i;

        next_at_most(w, seat, seat_press(plan, &w->seat[seat], w->to));
    }
}

static void cohort_failover(struct world *w, struct cohort_plan *plan, uint32_t pool)
{
    if (!reaction_failover(&plan->reaction, plan->seed, pool, w->to))
        return;
    w->pressure[plan - w->plan].failover_at = w->to;
    for (uint32_t i = 0; i < plan->cohort->account_count; i++) {
        uint32_t seat = plan->first_seat + i;

        if (reaction_pool(plan->cohort, i) == pool)
            next_at_most(w, seat, seat_wake(plan, &w->seat[seat], w->to));
    }
}

static void pressure_count(struct world *w, struct cohort_plan *plan, uint32_t index, bool closing)
{
    struct pressure *p = &w->pressure[plan - w->plan];
    const struct reaction_part *part = &plan->cohort->reaction;
    uint32_t pool = reaction_pool(plan->cohort, index);

    p->acted_on++;
    p->closed[pool] += closing;
    if (!plan->cohort->campaign)
        return;
    if (part->pressure_share > 0.0 && p->pressed_at == INT64_MIN &&
        (double)p->acted_on >= part->pressure_share * plan->cohort->account_count) {
        p->pressed_at = w->to;
        cohort_press(w, plan);
    }
    if (closing && part->pool_count > pool + 1 &&
        p->closed[pool] >= FAILOVER_SHARE * reaction_pool_size(plan->cohort, pool))
        cohort_failover(w, plan, pool + 1);
}

bool world_act(struct world *w, const struct world_subject *subject, enum action action, msec_t at,
               msec_t *until)
{
    struct seat *seat = &w->seat[subject->seat];
    struct cohort_plan *plan = &w->plan[seat->cohort];
    msec_t t = seat_act(plan, seat, action, at, until);

    if (t == INT64_MAX)
        return false;
    next_at_most(w, subject->seat, t);
    if (action != ACTION_RESTORE)
        pressure_count(w, plan, seat->index, action == ACTION_SUSPEND || action == ACTION_BAN);
    return true;
}

void world_tally(const struct world *w, uint32_t cohort, struct world_tally *out)
{
    const struct pressure *p = &w->pressure[cohort];

    *out = (struct world_tally){.planned = w->plan[cohort].expected,
                                .acted_on = p->acted_on,
                                .pressed_at = p->pressed_at,
                                .failover_at = p->failover_at};
    for (uint32_t i = 0; i < w->shard_count; i++) {
        const struct tally *t = &w->shard[i]->visit.tally[cohort];

        out->exchanges += t->exchanges;
        out->cover += t->cover;
        out->denied += t->denied;
        out->accounts += t->accounts;
        out->closed += t->closed;
    }
}

void world_settle(struct world *w)
{
    uint32_t accounts = 0;

    for (uint32_t i = 0; i < w->seat_count; i++) {
        w->accounts[i] = accounts;
        accounts += w->seat[i].life.generation + 1;
    }
    w->accounts[w->seat_count] = accounts;
}

size_t world_memory(const struct world *w)
{
    size_t cohorts = w->scenario->cohort_count;

    return sizeof *w + cohorts * (sizeof *w->plan + sizeof *w->pressure) +
           w->seat_count * (sizeof *w->seat + sizeof *w->next + sizeof *w->accounts) +
           w->slot_count * sizeof *w->slot +
           w->shard_count * (sizeof **w->shard + cohorts * sizeof(struct tally));
}
