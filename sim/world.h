/* The living scenario: virtual time, seats, and the records they cause. Pure: no I/O, no clock, no
 * thread of its own; but shards may be generated on several threads at once.
 *
 * A **seat** is a place that sends traffic: an honest account, or a campaign's slot that is held by
 * one account after another (replacement after bans). Each seat has its own random stream and
 * shares no mutable state with others, so that adding a cohort changes no other's records. What a
 * campaign shares (bursts, work list, pools, enforcement) is a pure function of its seed and the
 * time.
 *
 * Records are totally ordered by (ts, seat, number): merging shards by that key gives the same
 * stream for any number of shards. */
#pragma once

#include "event/api_event.h"
#include "sim/scenario.h"

struct world;

/* Position of a record in the stream. */
struct world_stamp {
    msec_t ts;
    uint32_t seat;
    uint32_t number; /* of the seat's records in this window */
};

/* Takes one record; its text is borrowed until the call returns. Not 0: stop, passed up. */
typedef int (*world_sink)(void *ctx, const struct world_stamp *stamp, const struct api_event *ev);

/* Allocates everything. `scenario` is borrowed for the world's life. 0, -ENOMEM, -EINVAL. */
int world_new(const struct scenario *scenario, uint32_t shard_count, struct world **out,
              struct err *err);
void world_free(struct world *world);

/* Whether prompts are written; they are unless told otherwise. Everything else stays the same. */
void world_text(struct world *world, bool wanted);

uint32_t world_shard_count(const struct world *world);
uint32_t world_seat_count(const struct world *world); /* stamps' seats are below count + 1 */

/* Opens the next window of time, [*from, *to). False at the end of the scenario. */
bool world_next_window(struct world *world, msec_t *from, msec_t *to);

/* Generates the records of one shard in the open window, in no particular order across seats; a
 * seat's own records come in order. Safe to call for different shards at the same time. */
int world_generate(struct world *world, uint32_t shard, world_sink sink, void *ctx);

/* Share of scenario time done, 0..1, and a guess of the total number of exchanges. */
double world_progress(const struct world *world);
uint64_t world_exchanges_expected(const struct world *world);

/* Ground truth of every account that the whole scenario creates, by index 0..count-1, in a fixed
 * order: those of an interrupted run are among them. */
struct world_truth {
    char account[64];
    const char *population; /* cohort name */
    const char *campaign;   /* cohort name, or NULL */
    enum truth_class truth;
    enum stratum stratum;
};
uint64_t world_account_count(const struct world *world);
void world_account_truth(const struct world *world, uint64_t index, struct world_truth *out);

/* ---- Closed loop ----
 *
 * The platform acts on accounts while the world runs, and campaigns react. Windows then end at
 * multiples of a step from the scenario's start; between the window that ends a step and the next,
 * with nothing being generated, the caller may look accounts up and act on them. What is done takes
 * effect from there on, so the stream depends on the steps but not on threads or shards. */

/* Sets the step (> 0), before the first window. Scheduled enforcement stays. */
void world_step(struct world *world, msec_t step);
/* Whether the last window opened ends a step: the next one must wait for the caller. */
bool world_step_ends(const struct world *world);

struct world_subject {
    char account[64];            /* asked for */
    const struct cohort *cohort; /* NULL: nobody holds the account (any more) */
    uint32_t seat;
};
/* Finds the holders of accounts; sorts the array by account, each of which may be there once. */
void world_look(const struct world *world, struct world_subject *subject, uint32_t count);

/* Does something to the account that a seat holds, at `at` >= the last window's end; it lasts until
 * *until, which a challenge sets to when it is over. ACTION_RESTORE gives a closed account back.
 * Counts towards its campaign's pressure. False: too late, the account is not in use any more, or
 * not closed. */
bool world_act(struct world *world, const struct world_subject *subject, enum action action,
               msec_t at, msec_t *until);

/* Of a cohort, so far. */
struct world_tally {
    double planned;                    /* exchanges, had nobody been acted on */
    uint64_t exchanges, cover, denied; /* denied: turned away or declined, cover not among them */
    uint64_t accounts, closed;         /* announced; closed by enforcement */
    uint64_t acted_on;                 /* by world_act(), restorations not counted */
    msec_t pressed_at, failover_at;    /* INT64_MIN: never */
};
void world_tally(const struct world *world, uint32_t cohort, struct world_tally *out);

/* After the last window of a closed loop: counts the accounts that really were, for the truth. */
void world_settle(struct world *world);

size_t world_memory(const struct world *world); /* bytes held */
