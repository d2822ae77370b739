/* A small world for tests, built by hand: two models, two networks, one cohort of honest accounts.
 * Tests change what they are about. */
#pragma once

#include "base/hash.h"
#include "sim/world.h"
#include "tests/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TINY_COHORTS = 3, TINY_DAYS = 4 };

struct tiny {
    struct scenario scenario;
    struct cohort cohort[TINY_COHORTS];
    struct model model[2];
    struct network_spec network[2];
    struct enforcement enforcement[4];
    double all[2]; /* both networks, both models */
};

/* Monday, 2 February 2026. */
static const msec_t TINY_START = 1769990400000;

static inline struct size_law tiny_constant(double value)
{
    return (struct size_law){log(value), 0.0, value, value};
}

static inline void tiny_cohort(struct tiny *t, uint32_t i, const char *name, uint32_t accounts)
{
    struct cohort *c = &t->cohort[i];

    memset(c, 0, sizeof *c);
    (void)snprintf(c->name, sizeof c->name, "%s", name);
    c->kind = "chat_user";
    c->account_count = accounts;
    c->group_size = accounts;
    c->identity.plan[PLAN_FREE] = 1;
    c->identity.age_days_min = 10;
    c->identity.age_days_max = 500;
    c->identity.accounts_per_payment = 1;
    c->identity.accounts_per_device = 1;
    c->identity.accounts_per_signup_ip = 1;
    c->access.network = t->all;
    c->access.exits_per_account = 2;
    c->access.pathway[PATHWAY_API] = 1;
    c->access.keys_per_account = 1;
    c->tempo.per_day = tiny_constant(20);
    for (int h = 0; h < HOURS_PER_DAY; h++)
        c->tempo.hour[h] = 1;
    c->tempo.weekend = 1;
    c->tempo.active_days_share = 1;
    c->tempo.gap_shape = 1;
    c->tempo.turns = tiny_constant(1);
    c->tempo.think_s = tiny_constant(10);
    c->tempo.to_day = TINY_DAYS;
    c->program.text[TEXT_chat] = 1;
    c->program.template_count = 1;
    c->program.variants = 1;
    c->program.input_tokens = (struct size_law){5.0, 0.5, 10, 5000};
    c->program.output_tokens = (struct size_law){5.0, 0.5, 10, 5000};
    c->program.model = t->all;
    c->program.temperature[1] = 1;
    c->program.language_count = 1;
    c->program.authors = 1;
    c->program.text_share = 0.1;
    c->reaction.phase_rate = 1;
    c->reaction.pool_count = 1;
    t->scenario.cohort_count = i + 1;
}

static inline void tiny_init(struct tiny *t)
{
    memset(t, 0, sizeof *t);
    t->scenario = (struct scenario){
        .name = "tiny",
        .seed = 7,
        .start = TINY_START,
        .end = TINY_START + TINY_DAYS * MSEC_DAY,
        .scale = 1,
        .model = t->model,
        .model_count = 2,
        .network = t->network,
        .network_count = 2,
        .cohort = t->cohort,
        .enforcement = t->enforcement,
    };
    t->model[0] = (struct model){"alpha", TINY_START - MSEC_DAY, 1, TIER_TOP, true};
    t->model[1] = (struct model){"beta", TINY_START - MSEC_DAY, 1, TIER_SMALL, false};
    t->network[0] = (struct network_spec){
        "homes", NETWORK_RESIDENTIAL, 100000, 8, {"US", "DE"}, {2, 1}, 2, true};
    t->network[1] = (struct network_spec){"cloud", NETWORK_HOSTING, 5000, 3, {"US"}, {1}, 1, false};
    t->all[0] = t->all[1] = 1;
    tiny_cohort(t, 0, "people", 40);
}

/* What a test keeps of a record. */
struct tiny_record {
    struct world_stamp stamp;
    enum record_type type;
    msec_t created;
    int64_t turn, output_tokens, input_tokens, status;
    char name[40], account[20], session[20], signature[20], ip[40], model[16], action[12],
        payment[20], country[4], id[20], client[40];
    uint64_t prompt; /* hash; 0: none */
    bool refused, has_prompt;
};

struct tiny_log {
    struct tiny_record *record;
    uint32_t count, capacity;
};

static inline void tiny_keep(char *to, size_t size, struct str s)
{
    uint32_t n = s.n < size - 1 ? s.n : (uint32_t)size - 1;

    if (s.p)
        memcpy(to, s.p, n);
    to[s.p ? n : 0] = '\0';
}

static inline int tiny_take(void *ctx, const struct world_stamp *stamp, const struct api_event *ev)
{
    struct tiny_log *log = ctx;
    struct tiny_record *r;

    assert_null(event_check(ev));
    assert_int_equal(ev->ts, stamp->ts);
    if (log->count == log->capacity) {
        log->capacity = log->capacity ? 2 * log->capacity : 1024;
        log->record = realloc(log->record, log->capacity * sizeof *log->record);
        assert_non_null(log->record);
    }
    r = &log->record[log->count++];
    memset(r, 0, sizeof *r);
    r->stamp = *stamp;
    r->type = ev->type;
    tiny_keep(r->account, sizeof r->account, ev->account);
    if (ev->type == RECORD_ACCOUNT) {
        r->created = ev->created;
        tiny_keep(r->payment, sizeof r->payment, ev->payment);
        tiny_keep(r->ip, sizeof r->ip, ev->signup_ip);
    }
    if (ev->type == RECORD_ACTION)
        tiny_keep(r->action, sizeof r->action, ev->action);
    if (ev->type == RECORD_RELEASE)
        tiny_keep(r->model, sizeof r->model, ev->model);
    if (ev->type != RECORD_EXCHANGE)
        return 0;
    r->turn = ev->turn;
    r->status = ev->status;
    r->refused = ev->refused;
    r->input_tokens = ev->input_tokens;
    r->output_tokens = ev->output_tokens;
    r->has_prompt = event_has(ev, FIELD_prompt);
    tiny_keep(r->session, sizeof r->session, ev->session);
    tiny_keep(r->signature, sizeof r->signature, ev->signature);
    tiny_keep(r->ip, sizeof r->ip, ev->ip);
    tiny_keep(r->model, sizeof r->model, ev->model);
    tiny_keep(r->country, sizeof r->country, ev->country);
    tiny_keep(r->id, sizeof r->id, ev->id);
    tiny_keep(r->client, sizeof r->client, ev->client);
    r->prompt = r->has_prompt ? hash_str(ev->prompt, 0) : 0;
    return 0;
}

static inline int tiny_order(const void *a, const void *b)
{
    const struct world_stamp *x = &((const struct tiny_record *)a)->stamp;
    const struct world_stamp *y = &((const struct tiny_record *)b)->stamp;

    if (x->ts != y->ts)
        return x->ts < y->ts ? -1 : 1;
    if (x->seat != y->seat)
        return x->seat < y->seat ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static inline struct world *tiny_world(const struct tiny *t, uint32_t shards)
{
    struct world *world = NULL;
    struct err err = {""};

    assert_int_equal(world_new(&t->scenario, shards, &world, &err), 0);
    return world;
}

/* Lives the whole scenario; records in stream order. Free log->record. */
static inline void tiny_live(struct world *world, struct tiny_log *log)
{
    msec_t from, to;

    *log = (struct tiny_log){NULL, 0, 0};
    while (world_next_window(world, &from, &to)) {
        uint32_t first = log->count;

        for (uint32_t s = 0; s < world_shard_count(world); s++)
            assert_int_equal(world_generate(world, s, tiny_take, log), 0);
        for (uint32_t i = first; i < log->count; i++) {
            assert_true(log->record[i].stamp.ts >= from);
            assert_true(log->record[i].stamp.ts < to);
        }
        if (log->count > first)
            qsort(log->record + first, log->count - first, sizeof *log->record, tiny_order);
    }
}

static inline void tiny_run(const struct tiny *t, uint32_t shards, struct tiny_log *log)
{
    struct world *world = tiny_world(t, shards);

    tiny_live(world, log);
    world_free(world);
}

static inline uint32_t tiny_count(const struct tiny_log *log, enum record_type type)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < log->count; i++)
        n += log->record[i].type == type;
    return n;
}
