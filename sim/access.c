#include "access.h"

#include "base/hash.h"
#include "sim/law.h"

#include <errno.h>
#include <stdlib.h>

enum {
    SALT_NETWORK = 0x401,
    SALT_COUNTRY,
    SALT_PATHWAY,
    SALT_CLIENT,
    SALT_OWN_CLIENT,
    SALT_EXIT,
    SALT_STICKY,
    SALT_POOL,
};

/* An account with several addresses is mostly at the first: home before the café. */
static const double MAIN_EXIT_SHARE = 0.75;

static uint64_t salted(uint64_t seed, uint64_t salt)
{
    return mix64(seed ^ mix64(salt));
}

static bool country_wanted(const struct access_part *part, const char *country)
{
    for (uint32_t i = 0; i < part->country_count; i++)
        if (strcmp(part->country[i], country) == 0)
            return true;
    return part->country_count == 0;
}

/* The network's countries that the cohort wants, all of them when it has none of those. */
static void countries_init(struct access_plan *plan, uint32_t network)
{
    const struct network_spec *spec = &plan->scenario->network[network];
    double weight[COUNTRY_MAX] = {0};
    double total = 0.0;

    for (uint32_t c = 0; c < spec->country_count; c++)
        if (country_wanted(plan->part, spec->country[c]))
            total += weight[c] = spec->country_weight[c];
    law_cumulate(plan->country + (size_t)network * COUNTRY_MAX,
                 total > 0.0 ? weight : spec->country_weight,
                 spec->country_count ? spec->country_count : 1);
}

int access_plan_init(struct access_plan *plan, const struct scenario *scenario,
                     const struct cohort *cohort, uint64_t cohort_seed,
                     const struct infrastructure *infrastructure)
{
    uint32_t n = scenario->network_count;

    plan->part = &cohort->access;
    plan->scenario = scenario;
    plan->infrastructure = infrastructure;
    plan->seed = cohort_seed;
    plan->pool_seed = plan->part->pool[0]
                          ? hash_str(str_of(plan->part->pool), mix64(scenario->seed))
                          : salted(cohort_seed, SALT_POOL);
    plan->network = calloc(n + 1, sizeof *plan->network);
    plan->country = calloc((size_t)(n + 1) * COUNTRY_MAX, sizeof *plan->country);
    if (!plan->network || !plan->country)
        return -ENOMEM;
    law_cumulate(plan->pathway, plan->part->pathway, PATHWAY_COUNT);
    if (n > 0)
        law_cumulate(plan->network, plan->part->network, n);
    for (uint32_t i = 0; i < n; i++)
        countries_init(plan, i);
    return 0;
}

void access_plan_deinit(struct access_plan *plan)
{
    free(plan->network);
    free(plan->country);
}

static uint32_t country_pick(const struct access_plan *plan, uint32_t network, uint64_t bits)
{
    return law_pick(plan->country + (size_t)network * COUNTRY_MAX, law_unit(bits));
}

/* Who sits behind the same exits lives in the same place. */
void access_home(const struct access_plan *plan, const struct access_seat *seat,
                 struct access_home *out)
{
    uint64_t seed = plan->part->exit == EXIT_SHARED ? seat->group_seed : seat->seat_seed;

    out->network = law_pick(plan->network, law_unit(salted(seed, SALT_NETWORK)));
    out->country = country_pick(plan, out->network, salted(seed, SALT_COUNTRY));
    out->pathway =
        (enum pathway)law_pick(plan->pathway, law_unit(salted(seat->seat_seed, SALT_PATHWAY)));
    out->network_kind = str_of(network_name[plan->scenario->network[out->network].kind]);
    out->pathway_text = str_of(pathway_name[out->pathway]);
}

/* An address of the pool in the seat's country: a proxy's customer asks for one, and stays there.
 * The pool's addresses are numbered country by country. */
static void pool_exit(const struct access_plan *plan, const struct access_home *home,
                      uint64_t pick_bits, struct exit_address *out)
{
    const double *country = plan->country + (size_t)home->network * COUNTRY_MAX;
    double from = home->country > 0 ? country[home->country - 1] : 0.0;
    double to = country[home->country] < 1.0 ? country[home->country] : 1.0; /* the last is 2 */
    uint32_t size = plan->part->pool_count ? plan->part->pool_count
                                           : plan->scenario->network[home->network].exit_count;
    uint64_t first = (uint64_t)(from * size + 0.5), end = (uint64_t)(to * size + 0.5);
    uint64_t index =
        first + (uint64_t)(law_unit(pick_bits) * (double)(end > first ? end - first : 1));
    uint64_t place = salted(plan->pool_seed ^ mix64(index), SALT_POOL);

    infrastructure_exit(plan->infrastructure, home->network, home->country, place, out);
}

/* Which of its addresses an owner uses in this session; a provider deals out a new one every
 * sticky_ms when that is set. */
static uint64_t own_exit(const struct access_plan *plan, uint64_t owner, uint64_t session,
                         msec_t now)
{
    uint32_t count = plan->part->exits_per_account;
    uint64_t which = 0, place;

    if (count > 1) {
        uint64_t bits = salted(session, SALT_EXIT);

        which = law_unit(bits) < MAIN_EXIT_SHARE ? 0 : mix64(bits) % count;
    }
    place = salted(owner ^ mix64(which), SALT_EXIT);
    if (plan->part->sticky_ms > 0)
        place ^= mix64((uint64_t)((now + (msec_t)(place % (uint64_t)plan->part->sticky_ms)) /
                                  plan->part->sticky_ms));
    return place;
}

void access_exit(const struct access_plan *plan, const struct access_seat *seat,
                 const struct access_home *home, uint64_t session, msec_t now,
                 struct exit_address *out)
{
    uint64_t sticky;

    switch (plan->part->exit) {
    case EXIT_OWN:
        infrastructure_exit(plan->infrastructure, home->network, home->country,
                            own_exit(plan, seat->seat_seed, session, now), out);
        return;
    case EXIT_SHARED:
        infrastructure_exit(plan->infrastructure, home->network, home->country,
                            own_exit(plan, seat->group_seed, session, now), out);
        return;
    case EXIT_STICKY:
        sticky = plan->part->sticky_ms > 0 ? (uint64_t)plan->part->sticky_ms : MSEC_HOUR;
        pool_exit(
            plan, home,
            salted(seat->seat_seed ^ mix64(((uint64_t)now + seat->seat_seed % sticky) / sticky),
                   SALT_STICKY),
            out);
        return;
    case EXIT_ROTATING: pool_exit(plan, home, salted(session, SALT_EXIT), out); return;
    }
}

bool access_own_client(const struct access_plan *plan, const struct access_seat *seat)
{
    return plan->part->client_count > 0 &&
           law_unit(salted(seat->seat_seed, SALT_OWN_CLIENT)) < plan->part->own_client_share;
}

void access_client(const struct access_plan *plan, const struct access_seat *seat,
                   const struct access_home *home, struct client *out)
{
    uint64_t bits = salted(seat->account_seed, SALT_CLIENT);

    if (access_own_client(plan, seat))
        client_own(
            home->pathway,
            salted(seat->group_seed ^ mix64(bits % plan->part->client_count), SALT_OWN_CLIENT),
            out);
    else
        client_popular(home->pathway, bits, out);
}
