/* A scenario: a described world. Everything that sends traffic is a **cohort**: honest populations
 * and campaigns are compositions of the same six parts (identities x access x tempo x program x
 * work list x reaction), so that a new kind is a new combination and not new code. `kind`
 * (populations) and `archetype` + `evasion` (campaigns) only choose defaults for the parts
 * (sim/kinds.c); a scenario file may override any of them. The file format is
 * scenarios/schema.json, its guide docs/scenarios.md.
 *
 * Inside a cohort accounts may form **groups** of `group_size` (a class, a team, a company): seat i
 * is in group i / group_size. A group shares its bursts, its EXIT_SHARED addresses and its own
 * clients, and with `group_templates` its templates and system prompt; the work list is always the
 * cohort's. */
#pragma once

#include "base/errmsg.h"
#include "base/msec.h"
#include "event/digest.h"
#include "sim/text.h"

#include <stddef.h>

enum { HOURS_PER_DAY = 24, COUNTRY_CODE_SIZE = 3, COUNTRY_MAX = 16, NAME_SIZE = 48 };

enum truth_class { TRUTH_BENIGN, TRUTH_ABUSIVE, TRUTH_DISTILLING, TRUTH_COUNT };
enum stratum { STRATUM_PLAIN, STRATUM_HARD }; /* of benign accounts */

/* exp(N(mu, sigma)) limited to [min, max]; sigma 0 is a constant. With a table, whose sigma is 1,
 * its value at the normal score z takes the place of exp(z): exp(mu) * calibration_at(table, z). */
struct size_law {
    double mu, sigma, min, max;
    const struct calibration_table *table; /* sim/calibration.h; NULL: log-normal */
};

enum tier { TIER_SMALL, TIER_MIDDLE, TIER_TOP, TIER_COUNT };

struct model {
    char name[NAME_SIZE];
    msec_t released; /* <= scenario start: there from the beginning */
    double share;    /* popularity among honest callers once settled; weights */
    enum tier tier;
    bool reasoning;
};

enum pathway { PATHWAY_API, PATHWAY_WEB, PATHWAY_CLOUD, PATHWAY_AGGREGATOR, PATHWAY_COUNT };
extern const char *const pathway_name[PATHWAY_COUNT]; /* as in the contract's field */

/* How the exits of a network are handed to accounts. */
enum exit_policy {
    EXIT_OWN,      /* each account its own few addresses (homes, offices, servers) */
    EXIT_SHARED,   /* every account of the group behind the same few addresses (NAT, office) */
    EXIT_STICKY,   /* from the pool, kept for `sticky_ms`, then another */
    EXIT_ROTATING, /* from the pool, a new one per session */
};

/* An address space: reserved or documentation ranges, private-use AS numbers. */
struct network_spec {
    char name[NAME_SIZE];
    enum network kind;
    uint32_t exit_count; /* addresses in the pool */
    uint32_t asn_count;
    char country[COUNTRY_MAX][COUNTRY_CODE_SIZE];
    double country_weight[COUNTRY_MAX];
    uint32_t country_count;
    bool ipv6;
};

struct identity_part {
    uint32_t accounts_per_org; /* 0: no organisation; 1: each its own; N: declared together */
    double plan[PLAN_COUNT];   /* weights */
    double verified_share;
    double program_share; /* in an education, research or startup programme */
    double new_share;     /* accounts created in the run (before their first exchange) */
    double age_days_min, age_days_max; /* of the others at scenario start, log-uniform */
    double wave_interval_s;        /* new accounts; 0: spread evenly; else mean spacing in a wave */
    uint32_t wave_size;            /* accounts per wave */
    uint32_t accounts_per_payment; /* 0: no instrument; 1: own; N: shared by N */
    uint32_t accounts_per_device, accounts_per_signup_ip; /* same convention; 0: not recorded */
    uint32_t mail_domain_count; /* 0: common providers; N: own domains, given to the
                                 * groups in turn, or inside a single group to the accounts */
    double own_mail_share;      /* of them; the others use common providers */
    bool formulaic_names;
    double billing_mismatch_share; /* billing country differs from country */
};

struct access_part {
    double kind[NETWORK_COUNT]; /* weights of network kinds; resolved into `network` */
    double *network;            /* weights over scenario.network; each account has one of them */
    char country[COUNTRY_MAX][COUNTRY_CODE_SIZE]; /* exits of these only; none: the network's */
    uint32_t country_count;
    enum exit_policy exit;
    uint32_t exits_per_account; /* EXIT_OWN; EXIT_SHARED: of the group */
    uint32_t pool_count;        /* EXIT_STICKY, EXIT_ROTATING: addresses of the network that make
                                 * up the pool; 0: all of it */
    char pool[NAME_SIZE];       /* same name, same addresses: cohorts behind one relay; "": own */
    msec_t sticky_ms;
    uint32_t client_count;         /* the group's own client programs; 0: only the popular ones */
    double own_client_share;       /* accounts using the group's own clients, else popular ones */
    double pathway[PATHWAY_COUNT]; /* weights */
    uint32_t keys_per_account;     /* credentials; 0: not logged */
};

struct tempo_part {
    struct size_law per_day;    /* exchanges per account and active day (law over accounts) */
    double zipf;                /* > 0: per_day is the cohort's mean, skewed by rank^-zipf */
    double hour[HOURS_PER_DAY]; /* weights, local time */
    double timezone_spread_h;   /* accounts' local times, uniform +- around the cohort's */
    double timezone_h;
    double flat_share;        /* accounts that ignore the hour weights (24/7) */
    double weekend;           /* factor on Saturday and Sunday */
    double active_days_share; /* days on which an account is active at all */
    double gap_shape;         /* gamma shape of gaps: < 1 bursty, 1 Poisson, > 5 regular */
    double gap_spread;        /* log-sd of that shape over accounts */
    struct size_law turns;    /* exchanges per session */
    struct size_law think_s;  /* between turns */
    double sync_share;        /* accounts that act in the group's common bursts */
    msec_t sync_period_ms, sync_jitter_ms;
    double from_day, to_day;   /* active span of the cohort, days from start */
    double start_spread_days;  /* accounts begin within this long after from_day */
    struct size_law life_days; /* then a seat's account rests for good and, if replace_share says
                                * so, another takes over; all 0: until to_day */
    double ramp_days;          /* linear growth of an account's rate after its first day */
};

enum { TEMPERATURE_COUNT = 3 };
extern const double temperature_value[TEMPERATURE_COUNT]; /* 0, 0.7, 1 */

struct program_part {
    double text[TEXT_PROGRAM_COUNT]; /* weights */
    bool group_templates;    /* templates and system prompt are the group's, not the cohort's */
    uint32_t template_count; /* own templates in use */
    uint32_t variants;       /* wordings of each template */
    double paraphrase;       /* 0..1: how far variants differ */
    double cover_share;      /* exchanges drawn from `cover` instead */
    enum text_program cover;
    struct size_law input_tokens, output_tokens;
    double token_between;    /* of their log-variance the part between accounts: each
                              * account has its own median and a narrower law around it */
    double token_spread;     /* log-sd over accounts of how narrow that law is */
    double cached_share;     /* of input tokens, in later turns */
    double tier[TIER_COUNT]; /* weights, times struct model.share; resolved into `model` */
    double *model;           /* weights over scenario.model */
    double pivot_share;      /* exchanges moved to a newer top model once released */
    msec_t pivot_ms;         /* within this time of the release */
    double temperature[TEMPERATURE_COUNT]; /* weights of temperature_value[] */
    double temperature_known;              /* share of exchanges that set it */
    uint32_t max_tokens;                   /* 0: not set */
    double stream_share, refused_share, echo_share, error_share;
    double signature_share;         /* later turns that send a reasoning block back */
    double signature_foreign_share; /* of those: the block is another session's */
    uint32_t tools_max, images_max;
    double tools_share, images_share;
    uint32_t language_count; /* 1: the account's own; N: mixed over N */
    uint32_t authors;        /* people writing behind one account, one per session; >= 1 */
    bool system_prompt;      /* with a system prompt: the cohort's, group's or framework's */
    double text_share;       /* exchanges whose prompt is logged */
};

enum work_policy {
    WORK_NONE,      /* made up as one goes */
    WORK_PARTITION, /* one list, each item sent once by one of the cohort's accounts */
    WORK_REPEAT,    /* every account works through the same list, in order */
    WORK_SHUFFLED,  /* the same list, each in its own order */
};

struct work_part {
    enum work_policy policy;
    uint64_t item_count;
    uint32_t topic_count; /* topics the list runs through, in blocks */
};

struct reaction_part {
    double replace_share; /* banned or rested accounts that are replaced */
    struct size_law replace_delay_s;
    uint32_t pool_count; /* 2: the second half of the accounts stands by */
    struct size_law failover_delay_s;
    double phase_day; /* from this day on the text of `phase_text`; 0: never */
    enum text_program phase_text;
    double phase_rate;          /* factor on the rate from then on; 1: the same */
    double phase_refused_share; /* program.refused_share from then on */
    /* In a closed loop only (`run --enforce`): from the moment that this share of the campaign's
     * accounts has been acted on, it slows down, mixes more cover and spreads thinner. */
    double pressure_share;     /* 0: it carries on as before */
    double pressure_rate;      /* factor on the rate */
    double pressure_cover;     /* program.cover_share at least */
    double pressure_life_days; /* an account is used for this long, then replaced; 0: as before */
    double challenge_share;    /* accounts that pass a challenge; the others are lost */
};

struct cohort {
    char name[NAME_SIZE];
    const char *kind; /* population kind, or archetype letter; static */
    int line;         /* in the file, for messages */
    bool campaign;
    int evasion; /* 0..4; campaigns only */
    enum truth_class truth;
    enum stratum stratum;
    uint32_t account_count;   /* seats, scale applied; replacements come on top */
    uint32_t group_size;      /* >= 1; account_count when the cohort is one group */
    uint64_t exchange_target; /* 0: as the tempo gives; else the total that tempo is set to */
    struct identity_part identity;
    struct access_part access;
    struct tempo_part tempo;
    struct program_part program;
    struct work_part work;
    struct reaction_part reaction;
};

/* Scheduled enforcement on a cohort. */
struct enforcement {
    uint32_t cohort;
    msec_t at;
    msec_t spread_ms;   /* actions fall uniformly in [at, at + spread) */
    double share;       /* of the accounts active then */
    enum action action; /* ACTION_LIMIT .. ACTION_BAN */
    uint32_t pool;      /* which pool it hits; UINT32_MAX: all */
};

enum { EXPECT_MAX = 64 };

struct expect_bound {
    char name[NAME_SIZE]; /* of a campaign, or of a population or "plain", "hard", "abusive" */
    double bound;
};

struct expectation { /* the `expect` block: what a good detector must reach; NaN: not said */
    double recall_min, precision_min, false_positive_rate_max, leaked_share_max;
    struct expect_bound recall_of[EXPECT_MAX], false_positive_rate_of[EXPECT_MAX];
    uint32_t recall_of_count, false_positive_rate_of_count;
};

struct scenario {
    char name[NAME_SIZE];
    char *about;
    char **cites; /* rows of docs/campaigns.md that it models */
    uint32_t cite_count;
    char digest[17]; /* hex hash of the canonical file content, overrides applied */
    uint64_t seed;
    msec_t start, end;
    double days;       /* end - start */
    double text_share; /* default of program.text_share */
    double scale;      /* already applied to everything below */
    struct model *model;
    uint32_t model_count;
    struct network_spec *network;
    uint32_t network_count;
    struct cohort *cohort; /* populations first, then campaigns, each in file order */
    uint32_t cohort_count;
    struct enforcement *enforcement;
    uint32_t enforcement_count;
    struct expectation expect;
};

struct scenario_override { /* from the command line; NaN / negative: keep the file's */
    int64_t seed;
    double scale;
    double days;
};

struct scenario_override scenario_override_none(void);

/* Loads and checks a scenario. 0: *out is new, free with scenario_free(). -EINVAL: err->text is
 * "file:line: path: message", with "did you mean" for unknown keys. -ENOMEM, or open's errno. */
int scenario_load(const char *path, const struct scenario_override *over, struct scenario **out,
                  struct err *err); /* over may be NULL */
void scenario_free(struct scenario *scenario);
