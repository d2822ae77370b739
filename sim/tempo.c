#include "tempo.h"

#include "base/dist.h"
#include "sim/work.h"

#include <math.h>

enum { SALT_FLAT = 1, SALT_ZONE, SALT_SYNC, SALT_RATE, SALT_DAY, SALT_BURST, SALT_RHYTHM };

static double chance(uint64_t seed, uint64_t salt)
{
    return law_unit(mix64(seed ^ salt * 0x9e3779b97f4a7c15u));
}

static int32_t day_of(msec_t local)
{
    return (int32_t)((local >= 0 ? local : local - (MSEC_DAY - 1)) / MSEC_DAY);
}

static void profile_init(double cumulated[HOURS_PER_DAY + 1], const double *weight)
{
    double total = 0.0, sum = 0.0;

    for (int h = 0; h < HOURS_PER_DAY; h++)
        total += weight ? weight[h] : 1.0;
    for (int h = 0; h < HOURS_PER_DAY; h++) {
        cumulated[h] = total > 0.0 ? sum / total : (double)h / HOURS_PER_DAY;
        sum += weight ? weight[h] : 1.0;
    }
    cumulated[HOURS_PER_DAY] = 1.0;
}

/* Sum of rank^-s over all ranks, so that weights average 1. */
static double zipf_scale(double s, uint32_t count)
{
    double sum = 0.0;

    for (uint32_t rank = 1; rank <= count; rank++)
        sum += pow(rank, -s);
    return count / sum;
}

/* Medians of the fifths of a normal law stand for it. */
static void rhythms_init(struct tempo_plan *plan, const struct tempo_part *part)
{
    static const double score[RHYTHMS] = {-1.2816, -0.5244, 0.0, 0.5244, 1.2816};
    static const double SHAPE_MIN = 0.01; /* the least that a scenario may ask for */
    double shape = part->gap_shape > 0.0 ? part->gap_shape : 1.0;

    for (int i = 0; i < RHYTHMS; i++) {
        plan->gap_shape[i] = fmax(SHAPE_MIN, shape * exp(part->gap_spread * score[i]));
        if (i > 0 && part->gap_spread <= 0.0)
            plan->gap[i] = plan->gap[0];
        else
            law_gamma_init(&plan->gap[i], plan->gap_shape[i]);
    }
}

void tempo_plan_init(struct tempo_plan *plan, const struct cohort *cohort, uint64_t seed,
                     msec_t scenario_start, const struct law_table *half_normal)
{
    const struct tempo_part *part = &cohort->tempo;

    plan->part = part;
    plan->seed = seed;
    profile_init(plan->cumulated[0], part->hour);
    profile_init(plan->cumulated[1], NULL);
    rhythms_init(plan, part);
    plan->turns_mean = law_count_mean(half_normal, &part->turns);
    plan->zipf_scale = part->zipf > 0.0 ? law_mean(half_normal, &part->per_day) *
                                              zipf_scale(part->zipf, cohort->account_count)
                                        : 0.0;
    plan->phase_rate = cohort->reaction.phase_rate;
    plan->phase_day = cohort->reaction.phase_day > 0.0
                          ? day_of(scenario_start + (msec_t)(cohort->reaction.phase_day * MSEC_DAY))
                          : INT32_MAX;
}

void tempo_habit_init(const struct tempo_plan *plan, const struct tempo_seat *seat, msec_t from,
                      struct tempo_habit *out)
{
    const struct tempo_part *part = plan->part;
    double zone =
        part->timezone_h + part->timezone_spread_h * (2.0 * chance(seat->seed, SALT_ZONE) - 1.0);

    out->seed = seat->seed;
    out->group_seed = seat->group_seed;
    out->timezone = (msec_t)floor(zone + 0.5) * MSEC_HOUR;
    out->flat = chance(seat->seed, SALT_FLAT) < part->flat_share;
    out->synchronised =
        part->sync_period_ms > 0 && chance(seat->seed, SALT_SYNC) < part->sync_share;
    out->first_day = day_of(from + out->timezone);
    out->rhythm = (uint8_t)(chance(seat->seed, SALT_RHYTHM) * RHYTHMS);
}

double tempo_per_day(const struct tempo_plan *plan, const struct tempo_seat *seat,
                     const struct law_table *half_normal)
{
    uint64_t rank;

    if (plan->zipf_scale <= 0.0)
        return law_size(half_normal, &plan->part->per_day, 0.0, 1.0, mix64(seat->seed ^ SALT_RATE));
    rank = work_permute(plan->seed, seat->index, seat->count) + 1;
    return plan->zipf_scale * pow((double)rank, -plan->part->zipf);
}

/* 1970-01-01 was a Thursday. */
static bool is_weekend(int32_t day)
{
    int32_t weekday = (day % 7 + 7 + 4) % 7;

    return weekday == 0 || weekday == 6;
}

static double day_factor(const struct tempo_plan *plan, const struct tempo_habit *habit,
                         int32_t day)
{
    const struct tempo_part *part = plan->part;
    double factor = 1.0;

    if (part->active_days_share < 1.0 &&
        chance(habit->seed ^ mix64((uint64_t)day), SALT_DAY) >= part->active_days_share)
        return 0.0;
    if (is_weekend(day))
        factor = part->weekend;
    if (part->ramp_days > 0.0) {
        double grown = (day - habit->first_day + 0.5) / part->ramp_days;

        factor *= grown < 1.0 ? grown : 1.0;
    }
    return day >= plan->phase_day ? factor * plan->phase_rate : factor;
}

static double mass_before(const struct tempo_plan *plan, const struct tempo_habit *habit,
                          msec_t in_day)
{
    const double *cumulated = plan->cumulated[habit->flat];
    int hour = (int)(in_day / MSEC_HOUR);
    double part = (double)(in_day % MSEC_HOUR) / MSEC_HOUR;

    return cumulated[hour] + part * (cumulated[hour + 1] - cumulated[hour]);
}

double tempo_mass(const struct tempo_plan *plan, const struct tempo_habit *habit, msec_t from,
                  msec_t to)
{
    msec_t local = from + habit->timezone, end = to + habit->timezone;
    double mass = 0.0;

    while (local < end) {
        int32_t day = day_of(local);
        msec_t start = day * MSEC_DAY;
        msec_t stop = start + MSEC_DAY < end ? start + MSEC_DAY : end;
        double before = mass_before(plan, habit, local - start);
        double after = stop - start == MSEC_DAY ? 1.0 : mass_before(plan, habit, stop - start);

        mass += day_factor(plan, habit, day) * (after - before);
        local = stop;
    }
    return mass;
}

void tempo_clock_set(const struct tempo_plan *plan, const struct tempo_habit *habit, msec_t at,
                     struct tempo_clock *clock)
{
    clock->day = day_of(at + habit->timezone);
    clock->mass = mass_before(plan, habit, at + habit->timezone - clock->day * MSEC_DAY);
}

/* The inverse of mass_before(). */
static msec_t time_at(const double *cumulated, double mass)
{
    int hour = 0;
    double width;

    for (int step = 16; step > 0; step /= 2)
        if (hour + step < HOURS_PER_DAY && cumulated[hour + step] <= mass)
            hour += step;
    width = cumulated[hour + 1] - cumulated[hour];
    if (width <= 0.0)
        return hour * MSEC_HOUR;
    return hour * MSEC_HOUR + (msec_t)((mass - cumulated[hour]) / width * MSEC_HOUR);
}

/* Where in its period a group's burst begins. Shorter periods are a scheduler's: anywhere, each
 * time anew. From a day on it is the group's habit (a lesson, a nightly job): always the same time
 * of day, spread over groups as the hours are. */
static msec_t burst_offset(const struct tempo_plan *plan, uint64_t group_seed, msec_t start)
{
    const struct tempo_part *part = plan->part;
    msec_t room = part->sync_period_ms - part->sync_jitter_ms, offset;

    if (part->sync_period_ms < MSEC_DAY)
        return (msec_t)(chance(group_seed ^ mix64((uint64_t)start), SALT_BURST) * (double)room);
    offset = time_at(plan->cumulated[0], chance(group_seed, SALT_BURST)) -
             (msec_t)(part->timezone_h * MSEC_HOUR);
    offset = (offset % MSEC_DAY + MSEC_DAY) % MSEC_DAY;
    return offset < room ? offset : room;
}

/* A burst compresses one whole period into its jitter: order is kept, and a seat that acts once in
 * a period acts together with its group. */
static msec_t burst_time(const struct tempo_plan *plan, uint64_t group_seed, msec_t t)
{
    msec_t period = plan->part->sync_period_ms, jitter = plan->part->sync_jitter_ms;
    msec_t start = t / period * period;

    if (jitter >= period)
        return t;
    return start + burst_offset(plan, group_seed, start) +
           (msec_t)((double)(t - start) * (double)jitter / (double)period);
}

msec_t tempo_advance(const struct tempo_plan *plan, const struct tempo_habit *habit,
                     struct tempo_clock *clock, double gap, double rate, msec_t until)
{
    int32_t last = day_of(until + habit->timezone);
    msec_t t;

    for (;;) {
        double density = rate * day_factor(plan, habit, clock->day);
        double left = density * (1.0 - clock->mass);

        if (gap < left) {
            clock->mass += gap / density;
            break;
        }
        gap -= left;
        clock->mass = 0.0;
        if (clock->day++ >= last)
            return INT64_MAX;
    }
    t = clock->day * MSEC_DAY + time_at(plan->cumulated[habit->flat], clock->mass) -
        habit->timezone;
    if (t >= until)
        return INT64_MAX;
    return habit->synchronised ? burst_time(plan, habit->group_seed, t) : t;
}

double tempo_first_gap(const struct tempo_plan *plan, const struct tempo_habit *habit,
                       struct rng *rng)
{
    double shape = plan->gap_shape[habit->rhythm];

    return rng_unit(rng) * dist_gamma(rng, shape + 1.0, (shape + 1.0) / shape);
}
