/* When a seat acts. Sessions begin as a renewal process in a time of their own, the **mass**: one
 * day holds the day's factor (active or not, weekend, ramp, phase) of mass, spread over its hours
 * by the profile. Gaps are gamma distributed in mass, so bursts and regular pacing survive any day
 * profile, and the expected number of sessions is the rate times the mass, exactly. */
#pragma once

#include "sim/law.h"

enum { RHYTHMS = 5 }; /* laws of gaps among a cohort's accounts, each a fifth of them */

struct tempo_plan {
    const struct tempo_part *part;
    double cumulated[2][HOURS_PER_DAY + 1]; /* share of a day's mass before the hour; [1] is flat */
    struct law_table gap[RHYTHMS];
    double gap_shape[RHYTHMS];
    double turns_mean;
    double zipf_scale; /* 0: the rate law is log-normal */
    uint64_t seed;     /* of the cohort */
    int32_t phase_day; /* local day from which phase_rate holds; INT32_MAX: never */
    double phase_rate;
};

/* What a seat's tempo depends on besides the cohort. */
struct tempo_seat {
    uint64_t seed;         /* of the seat */
    uint64_t group_seed;   /* of its group: whose bursts it shares */
    uint32_t index, count; /* in the cohort */
};

/* How one seat keeps time: derived from its seed, held by nobody. */
struct tempo_habit {
    uint64_t seed, group_seed;
    msec_t timezone;   /* local time minus UTC */
    int32_t first_day; /* local day of the account's first activity: the ramp begins there */
    uint8_t rhythm;    /* < RHYTHMS */
    bool flat, synchronised;
};

/* Where a seat is: a local day and the share of that day's mass that is behind it. */
struct tempo_clock {
    double mass;
    int32_t day;
};

void tempo_plan_init(struct tempo_plan *plan, const struct cohort *cohort, uint64_t seed,
                     msec_t scenario_start, const struct law_table *half_normal);

void tempo_habit_init(const struct tempo_plan *plan, const struct tempo_seat *seat, msec_t from,
                      struct tempo_habit *out);

/* Exchanges per full day of the seat, before ramps and rest days. */
double tempo_per_day(const struct tempo_plan *plan, const struct tempo_seat *seat,
                     const struct law_table *half_normal);

/* Mass in [from, to), in full days. */
double tempo_mass(const struct tempo_plan *plan, const struct tempo_habit *habit, msec_t from,
                  msec_t to);

void tempo_clock_set(const struct tempo_plan *plan, const struct tempo_habit *habit, msec_t at,
                     struct tempo_clock *clock);

/* Moves on by `gap` sessions at `rate` sessions per full day, but not beyond `until`. Returns the
 * time there (synchronised seats: inside their group's burst), or INT64_MAX beyond `until`. */
msec_t tempo_advance(const struct tempo_plan *plan, const struct tempo_habit *habit,
                     struct tempo_clock *clock, double gap, double rate, msec_t until);

/* Gaps between sessions, in sessions, from 64 random bits: mean 1. The first one of a stationary
 * process (its forward recurrence time) makes the expected count exact from the first moment. */
static inline double tempo_gap(const struct tempo_plan *plan, const struct tempo_habit *habit,
                               uint64_t bits)
{
    return law_lookup(&plan->gap[habit->rhythm], bits);
}

/* Asks for the memory of a gap that is wanted soon: the tables of all cohorts fill a cache. */
static inline void tempo_gap_prefetch(const struct tempo_plan *plan,
                                      const struct tempo_habit *habit, uint64_t bits)
{
    law_prefetch(&plan->gap[habit->rhythm], bits);
}
double tempo_first_gap(const struct tempo_plan *plan, const struct tempo_habit *habit,
                       struct rng *rng);
