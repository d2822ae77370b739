/* Honest populations that look like campaigns (campaigns.md 3b, detection.md 6), and those that
 * abuse accounts without collecting anything. Volumes are assumed unless a source stands beside
 * them; what matters is the trait that each shares with a campaign. */
#include "sim/calibration.h"
#include "sim/kinds_shape.h"

/* Accounts that one organisation declares as its own: one bill, one office. */
static void declared(struct cohort *c, uint32_t size)
{
    c->group_size = size;
    c->identity.accounts_per_org = size;
    c->identity.accounts_per_payment = size;
    c->identity.mail_domain_count = c->account_count / size + 1;
    c->identity.own_mail_share = 1;
    c->access.exit = EXIT_SHARED;
    c->access.exits_per_account = 1 + size / 8;
}

void kind_enterprise_batch(struct cohort *c)
{
    kind_batch(c);
    declared(c, 40);
    WEIGH(c->identity.plan, [PLAN_ENTERPRISE] = 1);
    c->identity.verified_share = 1;
    WEIGH(c->access.kind, [NETWORK_BUSINESS] = 0.5, [NETWORK_HOSTING] = 0.5);
    c->tempo.per_day = law(300, 0.4, 20, 5000);
    c->tempo.active_days_share = 0.9;
    c->tempo.sync_share = 0.8; /* the nightly job starts on all accounts */
    c->tempo.sync_period_ms = MSEC_DAY;
    c->tempo.sync_jitter_ms = 90 * MSEC_MINUTE;
    c->work = (struct work_part){WORK_PARTITION, 2000000, 40};
}

void kind_eval_harness(struct cohort *c)
{
    kind_batch(c);
    declared(c, 3);
    WEIGH(c->access.kind, [NETWORK_HOSTING] = 0.55, [NETWORK_EDUCATION] = 0.3,
          [NETWORK_BUSINESS] = 0.15);
    c->identity.program_share = 0.3;
    c->tempo.per_day = law(900, 0.8, 100, 10000);
    c->tempo.flat_share = 1;
    c->tempo.gap_shape = 2;
    WEIGH(c->program.text, [TEXT_benchmark] = 1);
    c->program.group_templates = false; /* one public benchmark for all teams */
    c->program.authors = 1;
    c->program.input_tokens = law(220, 0.6, 20, 4000);
    c->program.output_tokens = law(12, 1.3, 1, 512); /* MMLU answers are one token */
    WEIGH(c->program.temperature, 1, 0, 0);
    c->program.temperature_known = 1;
    WEIGH(c->program.tier, [TIER_TOP] = 1, [TIER_MIDDLE] = 1, [TIER_SMALL] = 1);
    c->work = (struct work_part){WORK_REPEAT, 6511, 27}; /* BIG-Bench Hard: 6,511 items, 27 tasks */
}

void kind_synthetic_data(struct cohort *c)
{
    kind_batch(c);
    declared(c, 4);
    c->identity.verified_share = 0.9;
    c->tempo.per_day = law(900, 0.8, 50, 20000);
    c->tempo.active_days_share = 0.4;
    c->tempo.flat_share = 0.9;
    WEIGH(c->program.text, [TEXT_synthetic] = 1);
    c->program.authors = 1;
    c->program.variants = 20;
    c->program.input_tokens = law(60, 0.5, 10, 2000); /* Alpaca: 12 words at the median */
    c->program.output_tokens = law(600, 0.6, 20, 4096);
    WEIGH(c->program.temperature, 0, 0.3, 0.7);
    c->work = (struct work_part){WORK_PARTITION, 52002, 60}; /* the size of Alpaca */
}

void kind_classroom(struct cohort *c)
{
    kind_chat_user(c);
    declared(c, 30);
    c->identity.accounts_per_org = 0;     /* pupils sign up by themselves */
    c->identity.accounts_per_payment = 0; /* and pay nothing */
    c->identity.accounts_per_signup_ip = 30;
    WEIGH(c->identity.plan, [PLAN_EDUCATION] = 1);
    c->identity.program_share = 0.8;
    c->identity.new_share = 0.5;
    c->identity.wave_interval_s = 20;
    c->identity.wave_size = 30;
    WEIGH(c->access.kind, [NETWORK_EDUCATION] = 1);
    c->access.exits_per_account = 1;
    c->tempo.per_day = law(8, 0.5, 1, 60);
    c->tempo.timezone_spread_h = 6;
    c->tempo.weekend = 0.05;
    c->tempo.active_days_share = 0.35;
    c->tempo.sync_share = 1;
    c->tempo.sync_period_ms = MSEC_DAY;
    c->tempo.sync_jitter_ms = 25 * MSEC_MINUTE;
    WEIGH(c->program.text, [TEXT_classroom] = 1);
    c->program.group_templates = true;
    c->work = (struct work_part){WORK_REPEAT, 40, 8};
}

void kind_hackathon(struct cohort *c)
{
    kind_developer(c);
    c->group_size = 60;
    WEIGH(c->identity.plan, [PLAN_FREE] = 0.7, [PLAN_STARTUP] = 0.3);
    c->identity.new_share = 0.8;
    c->identity.wave_interval_s = 45;
    c->identity.wave_size = 60;
    c->identity.accounts_per_signup_ip = 60;
    WEIGH(c->access.kind, [NETWORK_BUSINESS] = 0.6, [NETWORK_EDUCATION] = 0.4);
    c->access.exit = EXIT_SHARED;
    c->access.exits_per_account = 2;
    c->tempo.per_day = law(60, 0.8, 2, 1500);
    c->tempo.active_days_share = 1;
    c->tempo.weekend = 1.2;
    c->tempo.flat_share = 0.3;
    c->tempo.life_days = law(2, 0.2, 1, 3);
    WEIGH(c->program.text, [TEXT_agentic] = 0.3, [TEXT_developer] = 0.5, [TEXT_chat] = 0.2);
    c->program.tools_share = 0.5;
}

void kind_shared_team(struct cohort *c)
{
    kind_developer(c);
    declared(c, 8);
    c->identity.accounts_per_org = 1; /* nobody has told the platform that they belong together */
    WEIGH(c->identity.plan, [PLAN_TEAM] = 0.7, [PLAN_STARTUP] = 0.3);
    c->identity.accounts_per_signup_ip = 8;
    WEIGH(c->access.kind, [NETWORK_BUSINESS] = 1);
    c->access.exits_per_account = 1;
    c->tempo.timezone_spread_h = 2;
    c->tempo.per_day = law(40, 0.9, 2, 2000);
}

void kind_plugin_users(struct cohort *c)
{
    kind_chat_user(c);
    c->group_size = 0; /* one plugin: its client and template are everybody's */
    WEIGH(c->identity.plan, [PLAN_FREE] = 0.4, [PLAN_PRO] = 0.6);
    WEIGH(c->access.pathway, [PATHWAY_API] = 1);
    c->access.client_count = 1;
    c->access.own_client_share = 1;
    c->tempo.turns = constant(1);
    WEIGH(c->program.text, [TEXT_plugin] = 1);
    c->program.system_prompt = true;
    c->program.token_between = 0.1;
    c->program.temperature_known = 1;
    WEIGH(c->program.temperature, 0, 1, 0);
    c->program.max_tokens = 2048;
}

void kind_framework_users(struct cohort *c)
{
    kind_developer(c);
    WEIGH(c->program.text, [TEXT_framework] = 1);
    c->program.group_templates = false;
    c->program.temperature_known = 0.9;
    WEIGH(c->program.temperature, 0.8, 0.2, 0);
}

void kind_vpn_users(struct cohort *c)
{
    kind_chat_user(c);
    WEIGH(c->access.kind, [NETWORK_VPN] = 1);
    WEIGH(c->access.pathway, [PATHWAY_WEB] = 0.6, [PATHWAY_API] = 0.4);
    c->access.exit = EXIT_STICKY;
    c->access.sticky_ms = 6 * MSEC_HOUR;
    c->identity.billing_mismatch_share = 0.5;
    WEIGH(c->program.text, [TEXT_chat] = 0.7, [TEXT_developer] = 0.3);
}

void kind_ci_review(struct cohort *c)
{
    kind_developer(c);
    WEIGH(c->identity.plan, [PLAN_TEAM] = 0.6, [PLAN_ENTERPRISE] = 0.2, [PLAN_PRO] = 0.2);
    WEIGH(c->access.kind, [NETWORK_HOSTING] = 1);
    c->access.exit = EXIT_ROTATING; /* a runner lives for one job */
    c->access.pool_count = 4000;
    c->tempo.per_day = law(90, 1.0, 3, 3000);
    c->tempo.active_days_share = 0.8;
    c->tempo.turns = law(2, 0.7, 1, 20); /* files of one change */
    c->tempo.think_s = law(3, 0.6, 1, 30);
    WEIGH(c->program.text, [TEXT_code_review] = 1);
    c->program.input_tokens = law(3000, 0.9, 100, 60000);
    c->program.output_tokens = law(300, 0.7, 10, 4096);
    WEIGH(c->program.temperature, 1, 0, 0);
    c->program.temperature_known = 1;
}

void kind_aggregator(struct cohort *c)
{
    kind_api_product(c);
    WEIGH(c->identity.plan, [PLAN_ENTERPRISE] = 1);
    c->identity.verified_share = 1;
    WEIGH(c->access.kind, [NETWORK_HOSTING] = 1);
    WEIGH(c->access.pathway, [PATHWAY_AGGREGATOR] = 0.7, [PATHWAY_API] = 0.3);
    c->access.keys_per_account = 8;
    c->tempo.per_day = law(2500, 1.0, 100, 60000);
    c->tempo.active_days_share = 1;
    c->tempo.turns = calibration_law(CALIBRATION_sharegpt_turns, 1, 1, 60);
    c->tempo.think_s = law(60, 1.1, 2, 3600);
    WEIGH(c->program.text, [TEXT_chat] = 0.5, [TEXT_developer] = 0.3, [TEXT_product] = 0.2);
    c->program.authors = 3000;
    c->program.language_count = 12;
    c->program.token_between = 0.1;
    c->program.input_tokens = law(230, 0.8, 8, 14050);
    c->program.output_tokens = law(300, 1.1, 1, 4000);
}

void kind_translation_vendor(struct cohort *c)
{
    kind_api_product(c);
    c->tempo.per_day = law(400, 1.2, 10, 30000);
    WEIGH(c->program.text, [TEXT_translation] = 1);
    c->program.template_count = 1;
    c->program.language_count = 14;
    c->program.input_tokens = law(180, 0.8, 8, 6000);
    c->program.output_tokens = law(160, 0.8, 4, 6000);
}

void kind_release_enthusiasts(struct cohort *c)
{
    kind_developer(c);
    WEIGH(c->identity.plan, [PLAN_PRO] = 0.8, [PLAN_TEAM] = 0.2);
    c->tempo.per_day = law(30, 1.0, 2, 1000);
    c->tempo.active_days_share = 0.8;
    hours(c, DAY_EVENING);
    WEIGH(c->program.tier, [TIER_TOP] = 1, [TIER_MIDDLE] = 0.2);
    c->program.pivot_share = 0.95;
    c->program.pivot_ms = 8 * MSEC_HOUR;
}

void kind_llm_judge(struct cohort *c)
{
    kind_batch(c);
    c->tempo.per_day = law(400, 1.2, 20, 20000);
    c->tempo.active_days_share = 0.5;
    WEIGH(c->program.text, [TEXT_judge] = 1);
    c->program.authors = 1;
    c->program.input_tokens = law(1400, 0.5, 100, 12000);
    c->program.output_tokens = law(60, 0.5, 1, 600);
    c->program.echo_share = 0.5; /* the answers that are judged may come from this platform */
    WEIGH(c->program.temperature, 1, 0, 0);
    c->program.temperature_known = 1;
    WEIGH(c->program.tier, [TIER_TOP] = 1, [TIER_MIDDLE] = 0.5);
}

void kind_security_researcher(struct cohort *c)
{
    kind_developer(c);
    WEIGH(c->identity.plan, [PLAN_RESEARCH] = 0.6, [PLAN_PRO] = 0.4);
    c->identity.program_share = 0.6; /* S1: a programme that campaigns abuse as well */
    c->identity.verified_share = 0.7;
    c->tempo.per_day = law(40, 1.0, 1, 1500);
    WEIGH(c->program.text, [TEXT_security] = 1);
    c->program.refused_share = 0.35;
}

void kind_migrated_workload(struct cohort *c)
{
    kind_api_product(c);
    c->identity.new_share = 1;
    c->identity.verified_share = 0.8;
    c->tempo.per_day = law(600, 1.2, 20, 40000);
    c->tempo.active_days_share = 1;
}

void kind_agent_fleet(struct cohort *c)
{
    kind_coding_agent(c);
    declared(c, 20);
    WEIGH(c->identity.plan, [PLAN_ENTERPRISE] = 0.6, [PLAN_TEAM] = 0.4);
    WEIGH(c->access.kind, [NETWORK_HOSTING] = 1);
    c->tempo.per_day = law(350, 0.6, 20, 5000);
    c->tempo.flat_share = 0.9;
    c->tempo.active_days_share = 0.9;
    c->tempo.weekend = 1;
    c->tempo.think_s = law(6, 0.7, 1, 120);
    WEIGH(c->program.text, [TEXT_agentic] = 0.6, [TEXT_agent] = 0.4);
    c->program.group_templates = true;
    c->program.input_tokens = law(20000, 0.8, 1000, 300000);
}

void kind_rag_backfill(struct cohort *c)
{
    kind_batch(c);
    c->identity.new_share = 0.3;
    c->tempo.per_day = law(2500, 0.9, 200, 60000);
    c->tempo.active_days_share = 1;
    c->tempo.flat_share = 1;
    c->tempo.life_days = law(1.5, 0.5, 0.5, 5);
    c->tempo.gap_shape = 3; /* as fast as the limit lets it */
    WEIGH(c->program.text, [TEXT_extraction] = 0.5, [TEXT_summary] = 0.5);
    c->program.input_tokens = calibration_law(CALIBRATION_arxiv_input, 1, 100, 8000);
    c->program.output_tokens = calibration_law(CALIBRATION_arxiv_output, 1, 5, 4056);
    c->program.token_between = 0.1; /* the spread is that of one job's documents */
    c->program.token_spread = 0;
}

void kind_fallback_router(struct cohort *c)
{
    kind_api_product(c);
    WEIGH(
        c->access.pathway, [PATHWAY_API] = 0.5, [PATHWAY_CLOUD] = 0.3, [PATHWAY_AGGREGATOR] = 0.2);
    c->tempo.per_day = law(300, 1.3, 5, 20000);
    c->tempo.active_days_share = 0.3;
    c->tempo.gap_shape = 0.15;
    c->program.error_share = 0.06;
    c->program.language_count = 4;
}

void kind_drift_monitor(struct cohort *c)
{
    kind_batch(c);
    c->tempo.per_day = law(200, 0.3, 24, 2000);
    c->tempo.active_days_share = 1;
    c->tempo.weekend = 1;
    c->tempo.flat_share = 1;
    c->tempo.gap_shape = 30; /* a cron job; a CV under 0.5 has 0-2.5 % of real clients */
    WEIGH(c->program.text, [TEXT_benchmark] = 1);
    c->program.authors = 1;
    c->program.input_tokens = law(180, 0.5, 20, 2000);
    c->program.output_tokens = law(80, 0.8, 1, 1000);
    WEIGH(c->program.temperature, 1, 0, 0);
    c->program.temperature_known = 1;
    c->work = (struct work_part){WORK_REPEAT, 200, 10};
}

void kind_audit_capture(struct cohort *c)
{
    kind_developer(c);
    declared(c, 12);
    WEIGH(c->identity.plan, [PLAN_ENTERPRISE] = 1);
    c->identity.verified_share = 1;
    WEIGH(c->access.kind, [NETWORK_BUSINESS] = 1);
    c->tempo.per_day = law(80, 0.7, 5, 1500);
    c->tempo.turns = constant(1);
    WEIGH(c->program.text, [TEXT_reasoning] = 1);
    c->program.variants = 2;
    c->program.input_tokens = law(600, 0.7, 50, 8000);
    c->program.output_tokens = law(700, 0.6, 50, 8192);
    WEIGH(c->program.tier, [TIER_TOP] = 1, [TIER_MIDDLE] = 0.3);
}

void kind_privacy_gateway(struct cohort *c)
{
    kind_aggregator(c);
    WEIGH(c->identity.plan, [PLAN_TEAM] = 0.6, [PLAN_ENTERPRISE] = 0.4);
    c->identity.verified_share = 0.5;
    WEIGH(c->access.kind, [NETWORK_PROXY] = 0.7, [NETWORK_HOSTING] = 0.3);
    WEIGH(c->access.pathway, [PATHWAY_API] = 1);
    c->access.exit = EXIT_ROTATING;
    c->access.own_client_share = 1;
    c->tempo.per_day = law(700, 0.8, 50, 20000);
    c->program.authors = 300;
}

/* 187 papers used 17 such services (arXiv 2603.01919); their accounts sit behind the relay's exits,
 * which archetype D uses too. */
void kind_academic_relay_users(struct cohort *c)
{
    kind_developer(c);
    WEIGH(c->identity.plan, [PLAN_PRO] = 0.7, [PLAN_EDUCATION] = 0.3);
    WEIGH(c->access.kind, [NETWORK_RESIDENTIAL] = 1);
    c->access.exit = EXIT_STICKY;
    c->access.sticky_ms = 5 * MSEC_HOUR; /* prompt-cache windows of relay software (S17) */
    c->access.pool_count = c->account_count / 6 + 1;
    memcpy(c->access.pool, "relay", sizeof "relay");
    c->identity.billing_mismatch_share = 0.4;
    c->program.language_count = 2;
    WEIGH(c->program.text, [TEXT_chat] = 0.4, [TEXT_developer] = 0.4, [TEXT_benchmark] = 0.2);
}

/* S13: 2,256 accounts from 27 mail domains; 202 sign-ups with a mean spacing of 23.6 s, 683 with
 * 118.7 s; names of one formula; about 900 driven by CI jobs. */
void kind_free_credit_farm(struct cohort *c)
{
    kind_developer(c);
    c->group_size = 0;
    WEIGH(c->identity.plan, [PLAN_FREE] = 1);
    c->identity.verified_share = 0;
    c->identity.new_share = 1;
    c->identity.wave_interval_s = 23.6;
    c->identity.wave_size = 202;
    c->identity.formulaic_names = true;
    c->identity.mail_domain_count = c->account_count / 84 + 1; /* 2,256 / 27 */
    c->identity.own_mail_share = 1;
    c->identity.accounts_per_payment = 0;
    c->identity.accounts_per_device = 40;
    c->identity.accounts_per_signup_ip = 25;
    WEIGH(c->access.kind, [NETWORK_HOSTING] = 0.6, [NETWORK_VPN] = 0.4);
    c->access.exit = EXIT_ROTATING;
    c->access.pool_count = c->account_count / 5 + 1;
    c->tempo.per_day = law(20, 0.4, 2, 100);
    c->tempo.flat_share = 0.7;
    c->tempo.active_days_share = 0.9;
    c->tempo.life_days = law(4, 0.6, 1, 30); /* until the credit is gone */
    WEIGH(c->program.text, [TEXT_chat] = 0.4, [TEXT_developer] = 0.4, [TEXT_agent] = 0.2);
}

void kind_reseller(struct cohort *c)
{
    kind_chat_user(c);
    c->group_size = 0;
    WEIGH(c->identity.plan, [PLAN_PRO] = 0.8, [PLAN_TEAM] = 0.2);
    c->identity.accounts_per_org = 0;
    c->identity.new_share = 0.7;
    c->identity.wave_interval_s = 118.7;
    c->identity.wave_size = 40;
    c->identity.accounts_per_payment = 8; /* virtual cards */
    c->identity.accounts_per_device = 8;
    c->identity.billing_mismatch_share = 0.4;
    c->identity.mail_domain_count = c->account_count / 40 + 1;
    c->identity.own_mail_share = 1;
    WEIGH(c->access.kind, [NETWORK_RESIDENTIAL] = 0.6, [NETWORK_HOSTING] = 0.4);
    WEIGH(c->access.pathway, [PATHWAY_API] = 0.7, [PATHWAY_WEB] = 0.3);
    c->access.exit = EXIT_STICKY;
    c->access.pool_count = c->account_count / 8 + 1;
    c->tempo.per_day = law(150, 0.7, 5, 3000);
    c->tempo.active_days_share = 0.95;
    WEIGH(c->program.text, [TEXT_relay] = 0.6, [TEXT_chat] = 0.4);
    c->program.authors = 30;
    c->program.language_count = 6;
    WEIGH(c->program.tier, [TIER_TOP] = 1, [TIER_MIDDLE] = 0.2);
}
