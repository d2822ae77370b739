/* A seat: a place that sends traffic, held by one account after another. It keeps what must be
 * remembered between windows and nothing that its seed can tell. */
#pragma once

#include "sim/cohort_plan.h"
#include "sim/world.h"

enum seat_pending { PENDING_NONE, PENDING_ACCOUNT, PENDING_RESTORE };

struct seat {
    struct rng rng;
    struct life life;
    struct tempo_clock clock;
    msec_t start;             /* of the next session; INT64_MAX: none in this life */
    uint32_t cohort;          /* plan */
    uint32_t index;           /* in the cohort */
    uint32_t slot_first;      /* sessions that may be open at a time: in the world's slots */
    uint32_t sessions, items; /* begun; taken off the work list */
    float per_day;            /* sessions per full day */
    float think_scale;        /* < 1 on accounts so busy that their slots would not do */
    uint16_t slot_count;      /* 0: sessions are single exchanges */
    uint8_t pending;          /* enum seat_pending: a record due before the account acts */
    bool done;
};

/* What became of a cohort's exchanges and accounts, as one shard saw it. */
struct tally {
    uint64_t exchanges, cover, denied; /* denied: turned away or declined, cover not among them */
    uint64_t accounts, closed;         /* announced; closed by enforcement */
};

/* Buffers and strings of one thread's visits. */
struct visit {
    const struct cohort_plan *plan; /* all plans */
    const struct law_table *half_normal;
    bool text; /* render prompts */
    world_sink sink;
    void *sink_ctx;
    uint64_t records;    /* of the open window */
    struct tally *tally; /* per cohort */
    struct api_event ev; /* the exchange; text that is absent is NULL */
    struct text_memory memory;
    char prompt[TEXT_PROMPT_MAX], system[TEXT_SYSTEM_MAX];
};

/* The seed of a seat and where it stands, as the parts want it. */
struct person seat_person(const struct cohort_plan *plan, uint32_t index, uint32_t generation);
struct tempo_seat seat_tempo(const struct cohort_plan *plan, uint32_t index);

/* Sets the seat to its first life; slots and rate are set already. Returns when it acts first. */
msec_t seat_init(const struct cohort_plan *plan, const struct law_table *half_normal,
                 struct seat *seat);

/* ---- Closed loop, between windows (sim/reaction.h): the seat's account is acted on, a campaign
 * under pressure sets its accounts to another rate and life, a standby pool wakes up. Each returns
 * when the seat may act next because of it, or INT64_MAX when nothing came of it. ---- */
msec_t seat_act(const struct cohort_plan *plan, struct seat *seat, enum action action, msec_t at,
                msec_t *until);
msec_t seat_press(const struct cohort_plan *plan, struct seat *seat, msec_t now);
msec_t seat_wake(const struct cohort_plan *plan, struct seat *seat, msec_t now);

/* Emits the seat's records before `to` and sets *next to the time of the first one after. `number`
 * is the seat's in the world. 0, or what the sink returned. */
int seat_run(struct visit *visit, struct seat *seat, struct session *slot, uint32_t number,
             msec_t to, msec_t *next);
