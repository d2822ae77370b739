/* How a seat reaches the platform: its network and country, which exit it uses when, its program
 * and pathway. */
#pragma once

#include "sim/client.h"
#include "sim/infrastructure.h"

struct access_plan {
    const struct access_part *part;
    const struct scenario *scenario;
    const struct infrastructure *infrastructure;
    double *network;               /* cumulated over scenario.network */
    double *country;               /* per network COUNTRY_MAX cumulated weights */
    double pathway[PATHWAY_COUNT]; /* cumulated */
    uint64_t seed, pool_seed;
};

struct access_home {
    uint32_t network, country;
    enum pathway pathway;
    struct str network_kind, pathway_text; /* as in the contract */
};

/* The seeds of those who may share an exit or a program. */
struct access_seat {
    uint64_t seat_seed, group_seed, account_seed;
};

/* 0, or -ENOMEM. */
int access_plan_init(struct access_plan *plan, const struct scenario *scenario,
                     const struct cohort *cohort, uint64_t cohort_seed,
                     const struct infrastructure *infrastructure);
void access_plan_deinit(struct access_plan *plan);

void access_home(const struct access_plan *plan, const struct access_seat *seat,
                 struct access_home *out);

/* The exit of a session at a time. */
void access_exit(const struct access_plan *plan, const struct access_seat *seat,
                 const struct access_home *home, uint64_t session, msec_t now,
                 struct exit_address *out);

/* Whether the seat runs one of its group's own client programs. */
bool access_own_client(const struct access_plan *plan, const struct access_seat *seat);

void access_client(const struct access_plan *plan, const struct access_seat *seat,
                   const struct access_home *home, struct client *out);
