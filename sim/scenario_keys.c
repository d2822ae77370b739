#include "sim/scenario_keys.h"

#include "sim/kinds.h"

#include <math.h>

#define BIG_COUNT 100e6  /* nobody simulates more accounts or addresses on one machine */
#define BIG_TOTAL 1e12   /* exchanges, items */
#define DAYS_MAX  3660.0 /* ten years */

#define LENGTH(array) (sizeof(array) / sizeof *(array))
#define SECTION(id, title, start, rows, text)                                                      \
    const struct section id = {.name = (title),                                                    \
                               .help = (text),                                                     \
                               .defaults = (start),                                                \
                               .key = (rows),                                                      \
                               .key_count = LENGTH(rows)}

/* Rows: name in the file, member of PART, unit, range, help. PART is defined around each table. */
#define AT(member) .offset = offsetof(struct PART, member)
#define COUNT(n, m, u, lo, hi, h)                                                                  \
    {                                                                                              \
        .name = (n), .kind = KEY_COUNT, AT(m), .unit = (u), .min = (lo), .max = (hi), .help = (h)  \
    }
#define NUMBER(n, m, u, lo, hi, h)                                                                 \
    {                                                                                              \
        .name = (n), .kind = KEY_NUMBER, AT(m), .unit = (u), .min = (lo), .max = (hi), .help = (h) \
    }
#define SHARE(n, m, h) NUMBER(n, m, "share", 0, 1, h)
#define LAW(n, m, u, hi, h)                                                                        \
    {                                                                                              \
        .name = (n), .kind = KEY_LAW, AT(m), .unit = (u), .min = 0, .max = (hi), .help = (h)       \
    }
#define FLAG(n, m, h)                                                                              \
    {                                                                                              \
        .name = (n), .kind = KEY_FLAG, AT(m), .help = (h)                                          \
    }
#define SPAN(n, m, u, ms, hi, h)                                                                   \
    {                                                                                              \
        .name = (n), .kind = KEY_SPAN, AT(m), .unit = (u), .unit_ms = (ms), .max = (hi),           \
        .help = (h)                                                                                \
    }
#define CHOICE(n, m, words, helps, h)                                                              \
    {                                                                                              \
        .name = (n), .kind = KEY_CHOICE, AT(m), .word = (words), .word_count = LENGTH(words),      \
        .word_help = (helps), .help = (h)                                                          \
    }
#define WEIGHTS(n, m, words, h)                                                                    \
    {                                                                                              \
        .name = (n), .kind = KEY_WEIGHTS, AT(m), .word = (words), .word_count = LENGTH(words),     \
        .help = (h)                                                                                \
    }

const char *const pathway_name[PATHWAY_COUNT] = {"api", "web", "cloud", "aggregator"};
const double temperature_value[TEMPERATURE_COUNT] = {0.0, 0.7, 1.0};

static const char *const temperature_name[TEMPERATURE_COUNT] = {"0", "0.7", "1"};
static const char *const tier_name[TIER_COUNT] = {"small", "middle", "top"};
static const char *const exit_name[] = {"own", "shared", "sticky", "rotating"};
static const char *const exit_help[] = {
    "each account has a few addresses of its own", "the group shares a few addresses",
    "from the pool, kept for `sticky_h`", "from the pool, a new one per session"};
static const char *const work_name[] = {"none", "partition", "repeat", "shuffled"};
static const char *const work_help[] = {
    "made up as one goes", "one list, each item sent once over the whole cohort",
    "every account works through the same list in order", "the same list, each in its own order"};

#define PART identity_part
static const struct key identity_keys[] = {
    COUNT("accounts_per_org", accounts_per_org, "accounts", 0, 1e6,
          "accounts of one declared organisation; 0: no organisation is known, 1: each its own"),
    WEIGHTS("plan", plan, plan_name, "weights of the plans that accounts are on"),
    SHARE("verified_share", verified_share, "accounts whose holder was verified"),
    SHARE("program_share", program_share,
          "accounts in an education, research or startup programme"),
    SHARE("new_share", new_share, "accounts that are created during the scenario"),
    NUMBER("age_days_min", age_days_min, "days", 0, DAYS_MAX,
           "least age of the other accounts at the start; ages are log-uniform"),
    NUMBER("age_days_max", age_days_max, "days", 0, DAYS_MAX,
           "greatest age of the other accounts at the start"),
    NUMBER("wave_interval_s", wave_interval_s, "s", 0, 1e6,
           "mean spacing of sign-ups inside a wave; 0: new accounts come evenly"),
    COUNT("wave_size", wave_size, "accounts", 0, 1e6, "accounts of one sign-up wave"),
    COUNT("accounts_per_payment", accounts_per_payment, "accounts", 0, 1e6,
          "accounts that share a payment instrument; 0: none is known, 1: each its own"),
    COUNT("accounts_per_device", accounts_per_device, "accounts", 0, 1e6,
          "accounts that share a device; 0: none is known, 1: each its own"),
    COUNT("accounts_per_signup_ip", accounts_per_signup_ip, "accounts", 0, 1e6,
          "accounts that share the address they signed up from; 0: none is known, 1: each its own"),
    COUNT("mail_domain_count", mail_domain_count, "domains", 0, 1e6,
          "own mail domains, given to the groups in turn (to the accounts when all are one group); "
          "0: the common providers"),
    SHARE("own_mail_share", own_mail_share,
          "groups (or accounts) that use the own mail domains; the rest use common providers"),
    FLAG("formulaic_names", formulaic_names, "account names follow one formula"),
    SHARE("billing_mismatch_share", billing_mismatch_share,
          "accounts whose billing country is not the country they are in"),
};
#undef PART

#define PART access_part
static const struct key access_keys[] = {
    WEIGHTS("network_kinds", kind, network_name,
            "weights of the kinds of network that accounts sit in; `networks` overrides it"),
    {.name = "networks", .kind = KEY_NETWORKS, AT(network), .help = "weights of networks by name"},
    {.name = "countries",
     .kind = KEY_COUNTRIES,
     AT(country),
     .count_offset = offsetof(struct access_part, country_count),
     .help =
         "addresses of these countries only (ISO 3166-1 alpha-2); none: as the network has them"},
    CHOICE("exit", exit, exit_name, exit_help, "how addresses are handed to accounts"),
    COUNT("exits_per_account", exits_per_account, "addresses", 1, 1e6,
          "addresses of an account (exit own) or of a group (exit shared)"),
    COUNT("pool_count", pool_count, "addresses", 0, BIG_COUNT,
          "addresses of the network that make up the pool (exit sticky, rotating); 0: all"),
    {.name = "pool",
     .kind = KEY_NAME,
     AT(pool),
     .help = "name of the pool: cohorts that name the same pool share its addresses"},
    SPAN("sticky_h", sticky_ms, "h", MSEC_HOUR, 24 * DAYS_MAX, "how long a sticky exit is kept"),
    COUNT("client_count", client_count, "programs", 0, 1e6,
          "the group's own client programs; 0: only the popular ones"),
    SHARE("own_client_share", own_client_share, "accounts that use the group's own programs"),
    WEIGHTS("pathway", pathway, pathway_name, "weights of the ways in"),
    COUNT("keys_per_account", keys_per_account, "keys", 0, 1e4,
          "credentials of an account; 0: not logged"),
};
#undef PART

#define PART tempo_part
static const struct key tempo_keys[] = {
    LAW("per_day", per_day, "exchanges", 1e7, "exchanges of an account on an active day"),
    NUMBER("zipf", zipf, "exponent", 0, 5,
           "> 0: `per_day` is the cohort's mean, and accounts are skewed by rank^-zipf"),
    {.name = "hours",
     .kind = KEY_HOURS,
     AT(hour),
     .help = "a day profile by name, or 24 weights, in the account's local time"},
    NUMBER("timezone_h", timezone_h, "h", -12, 14, "the cohort's offset from UTC"),
    NUMBER("timezone_spread_h", timezone_spread_h, "h", 0, 14,
           "accounts' local times are uniform within this on either side"),
    SHARE("flat_share", flat_share, "accounts that ignore the hour weights"),
    NUMBER("weekend", weekend, "factor", 0, 100, "factor on Saturdays and Sundays"),
    SHARE("active_days_share", active_days_share, "days on which an account is active at all"),
    NUMBER("gap_shape", gap_shape, "shape", 0.01, 1000,
           "gamma shape of the gaps between sessions: < 1 bursty, 1 Poisson, > 5 regular"),
    NUMBER("gap_spread", gap_spread, "log-sd", 0, 3, "how far that shape differs between accounts"),
    LAW("turns", turns, "exchanges", 1e5, "exchanges of a session"),
    LAW("think_s", think_s, "s", 1e6, "time between the turns of a session"),
    SHARE("sync_share", sync_share, "accounts that act in the group's common bursts"),
    SPAN("sync_period_s", sync_period_ms, "s", MSEC_SECOND, 1e7, "spacing of the common bursts"),
    SPAN("sync_jitter_s", sync_jitter_ms, "s", MSEC_SECOND, 1e7,
         "how far accounts are from the common moment"),
    NUMBER("from_day", from_day, "days", 0, DAYS_MAX, "the cohort becomes active"),
    NUMBER("to_day", to_day, "days", 0, DAYS_MAX, "the cohort ends; 0: with the scenario"),
    NUMBER("start_spread_days", start_spread_days, "days", 0, DAYS_MAX,
           "accounts begin within this long after `from_day`"),
    LAW("life_days", life_days, "days", DAYS_MAX,
        "after this long an account rests for good; 0: it goes on to `to_day`"),
    NUMBER("ramp_days", ramp_days, "days", 0, DAYS_MAX,
           "linear growth of an account's rate after its first day"),
};
#undef PART

#define PART program_part
static const struct key program_keys[] = {
    WEIGHTS("text", text, text_program_name, "weights of the text programs that write prompts"),
    FLAG("group_templates", group_templates,
         "templates and system prompt belong to the group, not to the cohort"),
    COUNT("template_count", template_count, "templates", 0, 1e6, "own templates in use"),
    COUNT("variants", variants, "wordings", 1, 1e6, "wordings of each template"),
    SHARE("paraphrase", paraphrase,
          "how far the wordings differ: 0 in a word, 1 nearly everything"),
    SHARE("cover_share", cover_share, "exchanges that are cover traffic"),
    CHOICE("cover", cover, text_program_name, text_program_help,
           "text program of the cover traffic"),
    LAW("input_tokens", input_tokens, "tokens", 2e6, "tokens of the input"),
    LAW("output_tokens", output_tokens, "tokens", 2e6, "tokens of the output"),
    SHARE("token_between", token_between,
          "of the log-variance of token counts, the part that lies between accounts"),
    NUMBER("token_spread", token_spread, "log-sd", 0, 3,
           "how far the spread of one account's token counts differs between accounts"),
    SHARE("cached_share", cached_share, "input tokens read from the cache, in later turns"),
    WEIGHTS("tiers", tier, tier_name,
            "weights of model tiers, times each model's share; `models` overrides it"),
    {.name = "models", .kind = KEY_MODELS, AT(model), .help = "weights of models by name"},
    SHARE("pivot_share", pivot_share, "exchanges moved to a newer top model once released"),
    SPAN("pivot_h", pivot_ms, "h", MSEC_HOUR, 24 * DAYS_MAX, "time within which they have moved"),
    WEIGHTS("temperature", temperature, temperature_name, "weights of sampling temperatures"),
    SHARE("temperature_known", temperature_known, "exchanges that set the temperature"),
    COUNT("max_tokens", max_tokens, "tokens", 0, 1e6, "limit asked for; 0: not set"),
    SHARE("stream_share", stream_share, "accounts that stream responses"),
    SHARE("refused_share", refused_share, "exchanges that the model declines"),
    SHARE("echo_share", echo_share, "exchanges whose input holds output of another session"),
    SHARE("error_share", error_share, "exchanges that fail (status 4xx or 5xx)"),
    SHARE("signature_share", signature_share, "later turns that send a reasoning block back"),
    SHARE("signature_foreign_share", signature_foreign_share,
          "of those: the block is another session's"),
    COUNT("tools_max", tools_max, "tools", 0, 1e4, "tool definitions offered at most"),
    SHARE("tools_share", tools_share, "sessions that offer tools"),
    COUNT("images_max", images_max, "images", 0, 1e4, "images in an input at most"),
    SHARE("images_share", images_share, "exchanges with images"),
    COUNT("language_count", language_count, "languages", 1, 100,
          "1: each account writes its own language; N: mixed over N"),
    COUNT("authors", authors, "people", 1, 1e6,
          "people writing behind one account, one per session"),
    FLAG("system_prompt", system_prompt, "exchanges carry a system prompt"),
    SHARE("text_share", text_share,
          "exchanges whose prompt is logged; default: the scenario's `text_share`"),
};
#undef PART

#define PART work_part
static const struct key work_keys[] = {
    CHOICE("policy", policy, work_name, work_help, "how the work list is gone through"),
    {.name = "item_count",
     .kind = KEY_BIG,
     AT(item_count),
     .unit = "items",
     .max = BIG_TOTAL,
     .help = "items of the list; scaled with the accounts for `partition`"},
    COUNT("topic_count", topic_count, "topics", 0, 1e6,
          "topics that the list runs through, in blocks"),
};
#undef PART

#define PART reaction_part
static const struct key reaction_keys[] = {
    SHARE("replace_share", replace_share, "banned or rested accounts that are replaced"),
    LAW("replace_delay_s", replace_delay_s, "s", 1e8, "time until the replacement works"),
    COUNT("pool_count", pool_count, "pools", 0, 2, "2: the second half of the accounts stands by"),
    LAW("failover_delay_s", failover_delay_s, "s", 1e8,
        "time from the ban of the first pool until the second takes over"),
    NUMBER("phase_day", phase_day, "days", 0, DAYS_MAX,
           "from this day of the scenario on the text is `phase_text`; 0: never"),
    CHOICE("phase_text", phase_text, text_program_name, text_program_help,
           "text program of the second phase"),
    NUMBER("phase_rate", phase_rate, "factor", 0, 1e6, "factor on the rate in the second phase"),
    SHARE("phase_refused_share", phase_refused_share, "refused exchanges in the second phase"),
    SHARE("pressure_share", pressure_share,
          "closed loop: actions per account of a campaign that make it change; 0: never"),
    NUMBER("pressure_rate", pressure_rate, "factor", 0, 100, "factor on the rate from then on"),
    SHARE("pressure_cover", pressure_cover, "cover_share from then on, at least"),
    NUMBER("pressure_life_days", pressure_life_days, "days", 0, DAYS_MAX,
           "from then on an account is used for this long at most and replaced; 0: no limit"),
    SHARE("challenge_share", challenge_share,
          "closed loop: accounts that pass a challenge; the others are lost"),
};
#undef PART

static SECTION(identity_section, "identity", DEFAULTS_INITIAL, identity_keys,
               "Who the accounts say they are: organisations, plans, age, payment, devices.");
static SECTION(access_section, "access", DEFAULTS_INITIAL, access_keys,
               "From where and with what they come: networks, exits, clients, pathways.");
static SECTION(tempo_section, "tempo", DEFAULTS_INITIAL, tempo_keys,
               "When and how much: volumes, day rhythm, sessions, bursts, lifetimes.");
static SECTION(program_section, "program", DEFAULTS_INITIAL, program_keys,
               "What is asked: text programs, templates, tokens, models, parameters.");
static SECTION(work_section, "work", DEFAULTS_INITIAL, work_keys,
               "The work list behind the prompts, if there is one.");
static SECTION(reaction_section, "reaction", DEFAULTS_INITIAL, reaction_keys,
               "What happens after bans, and what changes over time.");

#define PART cohort
#define SUBPART(n, m, s)                                                                           \
    {                                                                                              \
        .name = (n), .kind = KEY_PART, AT(m), .section = &(s), .help = "overrides of this part"    \
    }
#define COHORT_KEYS                                                                                \
    {.name = "accounts",                                                                           \
     .kind = KEY_COUNT,                                                                            \
     .required = true,                                                                             \
     AT(account_count),                                                                            \
     .unit = "accounts",                                                                           \
     .min = 1,                                                                                     \
     .max = BIG_COUNT,                                                                             \
     .help = "accounts that send traffic at a time"},                                              \
        {.name = "exchanges",                                                                      \
         .kind = KEY_BIG,                                                                          \
         AT(exchange_target),                                                                      \
         .unit = "exchanges",                                                                      \
         .max = BIG_TOTAL,                                                                         \
         .help = "expected total over the scenario; sets the tempo; 0: as the tempo gives"},       \
        COUNT(                                                                                     \
            "group_size", group_size, "accounts", 0, BIG_COUNT,                                    \
            "accounts of a group, which shares bursts, exits and clients; 0: all are one group"),  \
        SUBPART("identity", identity, identity_section),                                           \
        SUBPART("access", access, access_section), SUBPART("tempo", tempo, tempo_section),         \
        SUBPART("program", program, program_section), SUBPART("work", work, work_section),         \
        SUBPART("reaction", reaction, reaction_section)
#define NAME(h)                                                                                    \
    {                                                                                              \
        .name = "name", .kind = KEY_NAME, .required = true, AT(name), .help = (h)                  \
    }

static const struct key population_keys[] = {
    NAME("unique name, used in the ground truth and in reports"),
    {.name = "kind",
     .kind = KEY_KIND,
     .required = true,
     .word = population_kind_name,
     .word_help = population_kind_help,
     .word_count = POPULATION_KIND_COUNT,
     .help = "chooses the defaults of all parts, and whether the accounts are benign or abusive"},
    COHORT_KEYS,
};

static const struct key campaign_keys[] = {
    NAME("unique name, used in the ground truth and in reports"),
    {.name = "archetype",
     .kind = KEY_KIND,
     .required = true,
     .word = archetype_name,
     .word_help = archetype_help,
     .word_count = ARCHETYPE_COUNT,
     .help = "chooses the defaults of all parts; docs/campaigns.md describes the archetypes"},
    {.name = "evasion",
     .kind = KEY_COUNT,
     AT(evasion),
     .unit = "level",
     .max = EVASION_LEVEL_COUNT - 1,
     .help = "softens the archetype's careless form: 0 careless ... 4 patient"},
    COHORT_KEYS,
};
#undef PART

#define PART model
static const struct key model_keys[] = {
    NAME("as in the contract's `model` field"),
    {.name = "tier",
     .kind = KEY_CHOICE,
     .required = true,
     AT(tier),
     .word = tier_name,
     .word_count = TIER_COUNT,
     .help = "class of capability"},
    {.name = "released_day",
     .kind = KEY_DAY,
     AT(released),
     .unit = "days",
     .min = -DAYS_MAX,
     .max = DAYS_MAX,
     .initial = -DAYS_MAX,
     .help = "release, from the start; a release inside the scenario is an event of its own"},
    {.name = "share",
     .kind = KEY_NUMBER,
     AT(share),
     .unit = "weight",
     .min = 0,
     .max = 1e6,
     .initial = 1,
     .help = "popularity among honest callers once settled"},
    FLAG("reasoning", reasoning, "answers with reasoning blocks"),
};
#undef PART

#define PART network_spec
static const struct key network_keys[] = {
    NAME("a name to refer to; that of a built-in network replaces it"),
    {.name = "kind",
     .kind = KEY_CHOICE,
     .required = true,
     AT(kind),
     .word = network_name,
     .word_count = NETWORK_COUNT,
     .help = "as in the contract's `network` field"},
    {.name = "exits",
     .kind = KEY_COUNT,
     .required = true,
     AT(exit_count),
     .unit = "addresses",
     .min = 1,
     .max = BIG_COUNT,
     .help = "addresses it has"},
    {.name = "asns",
     .kind = KEY_COUNT,
     AT(asn_count),
     .unit = "systems",
     .min = 1,
     .max = 1000,
     .initial = 1,
     .help = "autonomous systems it spans (private-use numbers)"},
    {.name = "countries",
     .kind = KEY_COUNTRY_WEIGHTS,
     .required = true,
     .help = "weights of the countries its addresses are in"},
    FLAG("ipv6", ipv6, "addresses are IPv6 (documentation range) instead of IPv4"),
};
#undef PART

#define PART enforcement
static const struct key enforcement_keys[] = {
    {.name = "on",
     .kind = KEY_COHORT,
     .required = true,
     AT(cohort),
     .help = "the campaign or population it hits"},
    {.name = "at_day",
     .kind = KEY_DAY,
     .required = true,
     AT(at),
     .unit = "days",
     .max = DAYS_MAX,
     .help = "when it begins, from the start"},
    {.name = "spread_h",
     .kind = KEY_SPAN,
     AT(spread_ms),
     .unit = "h",
     .unit_ms = MSEC_HOUR,
     .max = 24 * DAYS_MAX,
     .help = "the actions fall uniformly within this time"},
    {.name = "share",
     .kind = KEY_NUMBER,
     AT(share),
     .unit = "share",
     .max = 1,
     .initial = 1,
     .help = "accounts hit, of those active then"},
    {.name = "action",
     .kind = KEY_CHOICE,
     .required = true,
     AT(action),
     .word = action_name,
     .word_count = ACTION_RESTORE,
     .help = "what is done to them"},
    {.name = "pool",
     .kind = KEY_COUNT,
     AT(pool),
     .unit = "index",
     .max = UINT32_MAX,
     .initial = UINT32_MAX,
     .help = "only the accounts of this pool, from 0; left out: all"},
};
#undef PART

#define PART expectation
#define BOUND(n, m, h)                                                                             \
    {                                                                                              \
        .name = (n), .kind = KEY_NUMBER, AT(m), .unit = "share", .max = 1, .initial = NAN,         \
        .help = (h)                                                                                \
    }
static const char *const expect_class[] = {"plain", "hard", "abusive"};
static const struct key expect_keys[] = {
    BOUND("recall_min", recall_min, "distilling accounts that must be found"),
    BOUND("precision_min", precision_min, "of the accounts found, those that are distilling"),
    BOUND("false_positive_rate_max", false_positive_rate_max, "benign accounts that may be found"),
    BOUND("leaked_share_max", leaked_share_max, "campaign exchanges before the alarm"),
    {.name = "recall_min_of",
     .kind = KEY_CAMPAIGN_BOUNDS,
     AT(recall_of),
     .count_offset = offsetof(struct expectation, recall_of_count),
     .unit = "share",
     .max = 1,
     .help = "the same for single campaigns, by name"},
    {.name = "false_positive_rate_max_of",
     .kind = KEY_POPULATION_BOUNDS,
     AT(false_positive_rate_of),
     .count_offset = offsetof(struct expectation, false_positive_rate_of_count),
     .unit = "share",
     .max = 1,
     .word = expect_class,
     .word_count = LENGTH(expect_class),
     .help = "the same for single strata (plain, hard, abusive) or populations, by name"},
};
#undef PART

static SECTION(population_section, "population", DEFAULTS_POPULATION, population_keys,
               "Accounts that do not distil.");
static SECTION(campaign_section, "campaign", DEFAULTS_CAMPAIGN, campaign_keys,
               "Accounts of one operator that harvests answers.");
static SECTION(model_section, "model", DEFAULTS_INITIAL, model_keys, "A model on offer.");
static SECTION(network_section, "network", DEFAULTS_INITIAL, network_keys,
               "An address space, of reserved or documentation addresses.");
static SECTION(enforcement_section, "enforcement", DEFAULTS_INITIAL, enforcement_keys,
               "Something done to a cohort's accounts.");
static SECTION(expect_section, "expect", DEFAULTS_INITIAL, expect_keys,
               "What a good detector must reach here; checked by `gate` and `run --expect`.");

#define PART scenario
#define LIST(n, m, c, s, type, h)                                                                  \
    {                                                                                              \
        .name = (n), .kind = KEY_LIST, AT(m), .count_offset = offsetof(struct scenario, c),        \
        .section = &(s), .element_size = sizeof(type), .help = (h)                                 \
    }
static const struct key scenario_keys[] = {
    {.name = "$schema", .kind = KEY_IGNORED, .help = "for editors; ignored"},
    NAME("short name of the scenario"),
    {.name = "about", .kind = KEY_TEXT, .required = true, AT(about), .help = "what it shows"},
    {.name = "cites",
     .kind = KEY_TEXTS,
     AT(cites),
     .count_offset = offsetof(struct scenario, cite_count),
     .help = "rows of docs/campaigns.md and docs/traffic.md that it models"},
    {.name = "seed",
     .kind = KEY_BIG,
     AT(seed),
     .unit = "number",
     .max = 9007199254740991.0,
     .initial = 1,
     .help = "of all chance; same scenario and seed, same events"},
    {.name = "start",
     .kind = KEY_TIME,
     .required = true,
     AT(start),
     .help = "first moment, RFC 3339"},
    {.name = "days",
     .kind = KEY_NUMBER,
     .required = true,
     AT(days),
     .unit = "days",
     .min = 0.01,
     .max = DAYS_MAX,
     .help = "how long it lasts"},
    {.name = "scale",
     .kind = KEY_NUMBER,
     AT(scale),
     .unit = "factor",
     .min = 1e-6,
     .max = 1000,
     .initial = 1,
     .help = "factor on accounts, exchange totals and addresses; rates per account stay"},
    {.name = "text_share",
     .kind = KEY_NUMBER,
     AT(text_share),
     .unit = "share",
     .max = 1,
     .initial = 1,
     .help = "exchanges whose prompt is logged, for all cohorts that do not say otherwise"},
    LIST("models", model, model_count, model_section, struct model,
         "models on offer; left out: three built-in ones"),
    LIST("networks", network, network_count, network_section, struct network_spec,
         "further networks, or replacements of built-in ones"),
    LIST("populations", cohort, cohort_count, population_section, struct cohort,
         "accounts that do not distil"),
    LIST("campaigns", cohort, cohort_count, campaign_section, struct cohort,
         "accounts of operators that harvest answers"),
    LIST("enforcement", enforcement, enforcement_count, enforcement_section, struct enforcement,
         "what the platform does to accounts, and when"),
    {.name = "expect",
     .kind = KEY_PART,
     AT(expect),
     .section = &expect_section,
     .help = "what a good detector must reach here"},
};
#undef PART

SECTION(scenario_section, "scenario", DEFAULTS_INITIAL, scenario_keys,
        "A described world: honest populations and campaigns that use one platform's API.");
