#include "sim/kinds.h"

#include "sim/kinds_shape.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

#define KIND_NAME(name, truth, stratum, help) #name,
#define KIND_HELP(name, truth, stratum, help) help,
const char *const population_kind_name[] = {POPULATION_KINDS(KIND_NAME)};
const char *const population_kind_help[] = {POPULATION_KINDS(KIND_HELP)};

#define ARCHETYPE_NAME(name, help) #name,
#define ARCHETYPE_HELP(name, help) help,
const char *const archetype_name[] = {ARCHETYPES(ARCHETYPE_NAME)};
const char *const archetype_help[] = {ARCHETYPES(ARCHETYPE_HELP)};

const char *const day_profile_name[DAY_PROFILE_COUNT] = {"people", "office", "evening", "api",
                                                         "flat"};

const double day_profile[DAY_PROFILE_COUNT][HOURS_PER_DAY] = {
    /* Assumed: awake from 7 to 24, most in the evening; no trace with known people has hours. */
    [DAY_PEOPLE] = {0.5, 0.25, 0.12, 0.08, 0.06, 0.08, 0.2, 0.5, 0.9, 1.2,  1.35, 1.35,
                    1.2, 1.25, 1.35, 1.4,  1.4,  1.35, 1.3, 1.4, 1.6, 1.65, 1.4,  0.9},
    /* Assumed: office hours with a dip at noon. */
    [DAY_OFFICE] = {0.1, 0.06, 0.04, 0.03, 0.03, 0.05, 0.15, 0.5, 1.4, 2.2, 2.5, 2.4,
                    1.8, 2.2,  2.5,  2.4,  2.2,  1.6,  0.9,  0.6, 0.5, 0.4, 0.3, 0.2},
    /* Assumed: after school and work. */
    [DAY_EVENING] = {0.9, 0.5, 0.25, 0.12, 0.08, 0.06, 0.1, 0.25, 0.4, 0.5, 0.6, 0.7,
                     0.9, 0.9, 0.9,  1.0,  1.2,  1.4,  1.7, 2.1,  2.4, 2.5, 2.2, 1.6},
    /* Measured: mean profile of ServeGen m-large clients, each weighted the same (traffic.md). */
    [DAY_API] = {0.81, 0.75, 0.86, 0.72, 0.62, 0.63, 0.72, 0.79, 0.75, 0.93, 1.19, 1.27,
                 0.97, 0.95, 1.04, 1.11, 1.37, 1.51, 1.49, 1.36, 1.16, 1.03, 1.03, 0.93},
    [DAY_FLAT] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
};

/* Three tiers, as every provider has them; names and shares assumed. */
const struct model default_model[] = {
    {.name = "meridian-large-3", .share = 0.35, .tier = TIER_TOP, .reasoning = true},
    {.name = "meridian-medium-3", .share = 0.45, .tier = TIER_MIDDLE, .reasoning = true},
    {.name = "meridian-small-3", .share = 0.20, .tier = TIER_SMALL},
};
const uint32_t default_model_count = LENGTH(default_model);

/* Where customers are; assumed. */
#define CUSTOMER_COUNTRIES                                                                         \
    .country = {"US", "IN", "GB", "DE", "JP", "FR", "CA", "BR", "KR", "SG", "AU", "NL"},           \
    .country_weight = {30, 12, 8, 7, 7, 6, 5, 5, 5, 4, 4, 3}, .country_count = 12

/* Sizes decide how often strangers share an address: homes hardly ever, phones behind carrier NAT
 * and VPN users always. Assumed, for platforms of up to a few hundred thousand accounts. */
const struct network_spec default_network[] = {
    {.name = "homes",
     .kind = NETWORK_RESIDENTIAL,
     .exit_count = 4000000,
     .asn_count = 120,
     CUSTOMER_COUNTRIES},
    {.name = "homes6",
     .kind = NETWORK_RESIDENTIAL,
     .exit_count = 2000000,
     .asn_count = 40,
     .ipv6 = true,
     CUSTOMER_COUNTRIES},
    {.name = "phones",
     .kind = NETWORK_MOBILE,
     .exit_count = 20000,
     .asn_count = 40,
     CUSTOMER_COUNTRIES},
    {.name = "offices",
     .kind = NETWORK_BUSINESS,
     .exit_count = 400000,
     .asn_count = 80,
     CUSTOMER_COUNTRIES},
    {.name = "campuses",
     .kind = NETWORK_EDUCATION,
     .exit_count = 20000,
     .asn_count = 60,
     CUSTOMER_COUNTRIES},
    {.name = "clouds",
     .kind = NETWORK_HOSTING,
     .exit_count = 1000000,
     .asn_count = 25,
     CUSTOMER_COUNTRIES},
    {.name = "vpns", .kind = NETWORK_VPN, .exit_count = 1200, .asn_count = 8, CUSTOMER_COUNTRIES},
    {.name = "proxies",
     .kind = NETWORK_PROXY,
     .exit_count = 4000,
     .asn_count = 12,
     CUSTOMER_COUNTRIES},
};
const uint32_t default_network_count = LENGTH(default_network);

/* What every honest account has unless its kind says otherwise. */
static void honest(struct cohort *c)
{
    c->group_size = 1;
    c->identity = (struct identity_part){
        .accounts_per_org = 1,
        .plan = {[PLAN_FREE] = 0.35, [PLAN_PRO] = 0.45, [PLAN_TEAM] = 0.15, [PLAN_STARTUP] = 0.05},
        .verified_share = 0.35,
        .program_share = 0.05,
        .new_share = 0.15, /* a growing platform: assumed */
        .age_days_min = 1,
        .age_days_max = 700,
        .accounts_per_payment = 1,
        .accounts_per_device = 1,
        .accounts_per_signup_ip = 1,
        .own_mail_share = 1,
        .billing_mismatch_share = 0.04,
    };
    c->access.exit = EXIT_OWN;
    c->access.exits_per_account = 2;
    c->access.keys_per_account = 1;
    c->access.sticky_ms = 7 * MSEC_DAY; /* leases of home lines: assumed */
    c->access.pathway[PATHWAY_API] = 1;
    hours(c, DAY_PEOPLE);
    c->tempo.timezone_spread_h = 9;
    c->tempo.weekend = 0.8;
    c->tempo.active_days_share = 0.5;
    c->tempo.gap_shape = 0.48; /* CV 1.45: the median ServeGen m-large client (traffic.md) */
    c->tempo.gap_spread = 1.0; /* p5 0.69, p95 9.1 among them */
    c->tempo.turns = constant(1);
    c->tempo.think_s = law(60, 1.1, 2, 3600);
    c->program.template_count = 1;
    c->program.variants = 1;
    c->program.authors = 1;
    c->program.language_count = 1;
    c->program.token_between = 0.3;
    c->program.token_spread = 0.4; /* assumed; clients of the API below */
    WEIGH(c->program.tier, [TIER_TOP] = 1, [TIER_MIDDLE] = 1, [TIER_SMALL] = 1);
    WEIGH(c->program.temperature, 0.3, 0.3, 0.4);
    c->program.pivot_share = 0.25; /* within a week; assumed, no source has the public's pivot */
    c->program.pivot_ms = 7 * MSEC_DAY;
    c->program.refused_share = 0.01;
    c->program.error_share = 0.01;
    c->program.stream_share = 0.5;
    c->reaction.phase_rate = 1;
    c->reaction.pressure_rate = 1;
    c->reaction.challenge_share = 1;
}

void cohort_population_defaults(struct cohort *c, uint32_t kind, double days)
{
#define KIND_ROW(name, truth, stratum, help) {TRUTH_##truth, STRATUM_##stratum, kind_##name},
    static const struct {
        enum truth_class truth;
        enum stratum stratum;
        void (*shape)(struct cohort *c);
    } row[] = {POPULATION_KINDS(KIND_ROW)};
#undef KIND_ROW

    honest(c);
    c->kind = population_kind_name[kind];
    c->truth = row[kind].truth;
    c->stratum = row[kind].stratum;
    row[kind].shape(c);
    /* Accounts that live shorter than the scenario come and go over its whole length. */
    if (c->tempo.life_days.max > 0)
        c->tempo.start_spread_days = 0.8 * days;
}
