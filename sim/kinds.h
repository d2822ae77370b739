/* Where the defaults of a cohort's parts come from: population kinds, campaign archetypes, evasion
 * levels, and the models and networks that exist unless a scenario describes its own. The constants
 * say where they come from; "assumed" marks what no source gives (docs/campaigns.md, section 5). */
#pragma once

#include "sim/scenario.h"

enum { EVASION_LEVEL_COUNT = 5 };

/* X(name, truth, stratum, what it is). Order: plain, hard, abusive. */
#define POPULATION_KINDS(X)                                                                        \
    X(chat_user, BENIGN, PLAIN, "people who chat, mostly in the browser")                          \
    X(developer, BENIGN, PLAIN, "people who try things against the API")                           \
    X(coding_agent, BENIGN, PLAIN, "people at work with a coding agent: long cached context")      \
    X(api_product, BENIGN, PLAIN, "products with their own templates and many users")              \
    X(batch, BENIGN, PLAIN, "batch jobs over documents, in short campaigns")                       \
    X(enterprise_batch, BENIGN, HARD, "one company, many declared accounts, one nightly list")     \
    X(eval_harness, BENIGN, HARD, "teams that run one public benchmark, in order")                 \
    X(synthetic_data, BENIGN, HARD, "permitted generation of training data for an own model")      \
    X(classroom, BENIGN, HARD, "a class: one address, one hour, one exercise")                     \
    X(hackathon, BENIGN, HARD, "an event: many new accounts behind one address for two days")      \
    X(shared_team, BENIGN, HARD, "a small team with one card and one exit")                        \
    X(plugin_users, BENIGN, HARD, "thousands of users of one plugin and its template")             \
    X(framework_users, BENIGN, HARD, "users of a framework's default system prompt")               \
    X(vpn_users, BENIGN, HARD, "people behind a commercial VPN's few exits")                       \
    X(ci_review, BENIGN, HARD, "code review from continuous integration: changing runners")        \
    X(aggregator, BENIGN, HARD, "gateways with many end users behind one account")                 \
    X(translation_vendor, BENIGN, HARD, "translation services: many languages, one template")      \
    X(release_enthusiasts, BENIGN, HARD, "people who move to a new model on the day it appears")   \
    X(llm_judge, BENIGN, HARD, "teams that score answers with a rubric")                           \
    X(security_researcher, BENIGN, HARD, "red teams with many declined prompts")                   \
    X(migrated_workload, BENIGN, HARD, "an old workload on a new account: no ramp")                \
    X(agent_fleet, BENIGN, HARD, "one company's fleet of tool-using agents, day and night")        \
    X(rag_backfill, BENIGN, HARD, "a corpus indexed once, at full speed")                          \
    X(fallback_router, BENIGN, HARD, "traffic that arrives when another provider fails")           \
    X(drift_monitor, BENIGN, HARD, "a fixed set of questions repeated like a clock")               \
    X(audit_capture, BENIGN, HARD, "regulated teams that ask for the reasoning")                   \
    X(privacy_gateway, BENIGN, HARD, "a gateway that removes what identifies its users")           \
    X(academic_relay_users, BENIGN, HARD, "students and hobbyists behind a grey relay")            \
    X(free_credit_farm, ABUSIVE, HARD, "accounts made for the free credit, in sign-up waves")      \
    X(reseller, ABUSIVE, HARD, "accounts that are sold on to other people")

/* X(letter, what it models). */
#define ARCHETYPES(X)                                                                              \
    X(A, "small, synchronised, template-heavy farm for reasoning and rubrics")                     \
    X(B, "hundreds of accounts over mixed pathways; broad first, then after traces")               \
    X(C, "large agentic harvest that pivots on release day")                                       \
    X(D, "relay network with cover traffic and replacement of banned accounts")                    \
    X(E, "industrial: one fixed prompt, two account pools, fail-over")                             \
    X(F, "serve and harvest: live relay of real users")                                            \
    X(G, "replay of stored sessions")                                                              \
    X(H, "cleaning and judging earlier output in a loop")                                          \
    X(I, "search for wordings that pass, then the winner at scale")                                \
    X(J, "shell company's relay with a clean front")

#define KIND_ENUM(name, truth, stratum, help) KIND_##name,
enum { POPULATION_KINDS(KIND_ENUM) POPULATION_KIND_COUNT };
#undef KIND_ENUM
#define ARCHETYPE_ENUM(name, help) ARCHETYPE_##name,
enum { ARCHETYPES(ARCHETYPE_ENUM) ARCHETYPE_COUNT };
#undef ARCHETYPE_ENUM

extern const char *const population_kind_name[POPULATION_KIND_COUNT];
extern const char *const population_kind_help[POPULATION_KIND_COUNT];
extern const char *const archetype_name[ARCHETYPE_COUNT];
extern const char *const archetype_help[ARCHETYPE_COUNT];

/* Fill a zeroed cohort whose account_count is set. A campaign starts from its archetype's careless
 * form, which the evasion level then softens; `days` is how long the scenario lasts. */
void cohort_population_defaults(struct cohort *c, uint32_t kind, double days);
void cohort_campaign_defaults(struct cohort *c, uint32_t archetype, int evasion, double days);

/* Hour weights by name, as a scenario's `hours` may name them. */
enum day_profile { DAY_PEOPLE, DAY_OFFICE, DAY_EVENING, DAY_API, DAY_FLAT, DAY_PROFILE_COUNT };
extern const char *const day_profile_name[DAY_PROFILE_COUNT];
extern const double day_profile[DAY_PROFILE_COUNT][HOURS_PER_DAY];

/* What exists when the file does not say. */
extern const struct model default_model[];
extern const uint32_t default_model_count;
extern const struct network_spec default_network[];
extern const uint32_t default_network_count;
