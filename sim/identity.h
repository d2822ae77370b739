/* Who a seat's accounts are: what their registration says. Pure functions of the cohort, the seat
 * and the generation (0: the first account, then its replacements). */
#pragma once

#include "event/api_event.h"
#include "sim/infrastructure.h"
#include "sim/names.h"

/* The place of an account. */
struct person {
    const struct cohort *cohort;
    uint64_t cohort_seed;
    uint64_t seat_seed;
    uint32_t index; /* of the seat in the cohort */
    uint32_t generation;
};

struct span {
    msec_t from, to;
};

/* When the seat's first account is created; `active` is the cohort's span of activity. New accounts
 * (identity.new_share) are created inside it, in waves if the cohort has them, else evenly;
 * the others before the scenario's start. */
msec_t identity_created(const struct person *person, struct span active, msec_t scenario_start);

/* The same account everywhere: account and organisation ids; 0: no organisation. */
uint64_t identity_account(const struct person *person);
uint64_t identity_org(const struct person *person);

enum { IDENTITY_TEXT_MAX = 256 };

/* Fills an empty `account` record; its text lies in `text`. `home` is where it signs up from. */
void identity_record(const struct person *person, msec_t ts, msec_t created,
                     const struct exit_address *home, char text[IDENTITY_TEXT_MAX],
                     struct api_event *ev);

/* Number of the sign-up address: shared as the cohort has it. */
uint64_t identity_signup_exit(const struct person *person);
