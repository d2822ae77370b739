/* The plain populations: what most of a platform's accounts are. Numbers are from docs/traffic.md;
 * ServeGen is NSDI'26 (arXiv 2505.09999), Azure the 2023 inference trace. */
#include "sim/calibration.h"
#include "sim/kinds_shape.h"

void kind_chat_user(struct cohort *c)
{
    c->identity.accounts_per_org = 0;
    WEIGH(c->identity.plan, [PLAN_FREE] = 0.7, [PLAN_PRO] = 0.27, [PLAN_EDUCATION] = 0.03);
    WEIGH(c->access.kind, [NETWORK_RESIDENTIAL] = 0.62, [NETWORK_MOBILE] = 0.2,
          [NETWORK_BUSINESS] = 0.12, [NETWORK_EDUCATION] = 0.03, [NETWORK_VPN] = 0.03);
    WEIGH(c->access.pathway, [PATHWAY_WEB] = 0.9, [PATHWAY_API] = 0.1);
    c->tempo.per_day = law(6, 1.0, 1, 300); /* assumed */
    c->tempo.active_days_share = 0.45;
    c->tempo.turns = calibration_law(CALIBRATION_sharegpt_turns, 1, 1, 60);
    WEIGH(c->program.text, [TEXT_chat] = 1);
    /* Azure conversation inputs hold the talk so far, 1,020 tokens at the median; of first turns
     * alone that leaves about a fourth (simulate --profile). */
    c->program.input_tokens = law(230, 0.8, 8, 14050);
    /* Azure conversation (2023) has 129 at the median, today's reasoning models 792 (deepseek-r1
     * pool): between them. */
    c->program.output_tokens = law(300, 1.1, 1, 4000);
    c->program.cached_share = 0.5;
    c->program.stream_share = 0.95;
    c->program.images_share = 0.05;
    c->program.images_max = 3;
    c->program.signature_share = 0.1;
    WEIGH(c->program.tier, [TIER_TOP] = 0.6, [TIER_MIDDLE] = 1, [TIER_SMALL] = 1);
}

void kind_developer(struct cohort *c)
{
    c->identity.mail_domain_count = c->account_count;
    c->identity.own_mail_share = 0.35;
    WEIGH(c->access.kind, [NETWORK_RESIDENTIAL] = 0.44, [NETWORK_BUSINESS] = 0.23,
          [NETWORK_HOSTING] = 0.2, [NETWORK_MOBILE] = 0.03, [NETWORK_VPN] = 0.06,
          [NETWORK_EDUCATION] = 0.04);
    WEIGH(c->access.pathway, [PATHWAY_API] = 0.8, [PATHWAY_CLOUD] = 0.15,
          [PATHWAY_AGGREGATOR] = 0.05);
    c->access.client_count = 2;
    c->access.own_client_share = 0.1;
    c->tempo.per_day = law(15, 1.3, 1, 3000); /* assumed */
    hours(c, DAY_OFFICE);
    c->tempo.weekend = 0.4;
    c->tempo.flat_share = 0.05;
    c->tempo.turns = law(2, 0.8, 1, 40);
    c->tempo.think_s = law(40, 1.2, 2, 3600);
    WEIGH(c->program.text, [TEXT_developer] = 0.8, [TEXT_chat] = 0.2);
    /* Azure code inputs: ln mu 6.999, sigma 1.36; a part of that is what the talk so far brings. */
    c->program.input_tokens = law(520, 1.4, 20, 7437);
    c->program.output_tokens =
        law(150, 1.2, 1, 8192); /* between Azure code 16 and conversation 152 */
    c->program.cached_share = 0.4;
    c->program.temperature_known = 0.5;
    c->program.max_tokens = 4096;
    c->program.tools_share = 0.2;
    c->program.tools_max = 8;
    c->program.signature_share = 0.15;
    c->program.system_prompt = true;
    c->program.group_templates = true;
}

/* 44,758 requests of 676 Claude Code sessions of one organisation (traffic.md, point 9). */
void kind_coding_agent(struct cohort *c)
{
    kind_developer(c);
    c->access.own_client_share = 0;
    c->tempo.per_day = law(120, 1.0, 5, 3000); /* about three sessions: assumed */
    c->tempo.turns = calibration_law(CALIBRATION_agent_turns, 1, 1, 561);
    c->tempo.think_s = calibration_law(CALIBRATION_agent_think_s, 1, 0.5, 7200);
    WEIGH(c->program.text, [TEXT_agent] = 1);
    c->program.group_templates = false; /* everybody has the same harness */
    /* First requests; later ones bring what came before with them. */
    c->program.input_tokens = calibration_law(CALIBRATION_agent_first_input, 1, 5000, 894371);
    c->program.output_tokens = calibration_law(CALIBRATION_agent_output, 1, 16, 18195);
    c->program.token_spread = 0;     /* the tables hold all of it */
    c->program.cached_share = 0.962; /* prompt blocks that repeat */
    c->program.tools_share = 1;
    c->program.tools_max = 24;
    c->program.stream_share = 1;
    c->program.signature_share = 0.6;
    c->program.temperature_known = 0.1;
    WEIGH(c->program.tier, [TIER_TOP] = 1, [TIER_MIDDLE] = 0.7, [TIER_SMALL] = 0.1);
}

void kind_api_product(struct cohort *c)
{
    WEIGH(c->identity.plan, [PLAN_PRO] = 0.45, [PLAN_TEAM] = 0.3, [PLAN_ENTERPRISE] = 0.12,
          [PLAN_STARTUP] = 0.13);
    c->identity.verified_share = 0.6;
    c->identity.program_share = 0.12;
    c->identity.mail_domain_count = c->account_count;
    c->identity.own_mail_share = 0.75;
    WEIGH(c->access.kind, [NETWORK_HOSTING] = 0.78, [NETWORK_BUSINESS] = 0.15,
          [NETWORK_RESIDENTIAL] = 0.07);
    WEIGH(c->access.pathway, [PATHWAY_API] = 0.7, [PATHWAY_CLOUD] = 0.3);
    c->access.exits_per_account = 3;
    c->access.client_count = 1;
    c->access.own_client_share = 0.3;
    /* Gini 0.83-0.87 over real clients: erf(sigma / 2), so sigma 1.94-2.14. */
    c->tempo.per_day = law(40, 2.0, 1, 60000);
    /* The mild mean profile of real clients is made of strong ones: the median client's night rate
     * is 0.09 of its day rate, while 28 / 39 / 33 % are as busy at night. */
    hours(c, DAY_OFFICE);
    c->tempo.timezone_spread_h = 5;
    c->tempo.flat_share = 0.28;
    c->tempo.active_days_share = 0.85;
    c->tempo.think_s = law(5, 1.0, 1, 600);
    c->tempo.turns = law(1, 0.3, 1, 5);
    WEIGH(c->program.text, [TEXT_product] = 0.5, [TEXT_extraction] = 0.15, [TEXT_summary] = 0.1,
          [TEXT_support] = 0.15, [TEXT_rewrite] = 0.1);
    c->program.group_templates = true;
    c->program.template_count = 3;
    c->program.authors = 200;
    c->program.input_tokens = law(514, 1.175, 4, 30712); /* m-large pool: ln mu 6.243 */
    /* Median client 45 tokens in m-large, 475 in the reasoning pool: a fourth of the latter. */
    c->program.output_tokens = law(90, 1.9, 1, 9307);
    c->program.token_between = 0.87; /* leaves each client a log-sd of 0.42, the real median */
    c->program.token_spread = 0.9;   /* p5 0.03, p95 1.19 among them */
    c->program.cached_share = 0.3;
    c->program.temperature_known = 0.8;
    WEIGH(c->program.temperature, 0.45, 0.35, 0.2);
    c->program.max_tokens = 1024;
    c->program.tools_share = 0.2;
    c->program.tools_max = 6;
    c->program.system_prompt = true;
}

/* Half of the real m-large clients are active in under a tenth of the ten-minute windows. */
void kind_batch(struct cohort *c)
{
    kind_api_product(c);
    c->tempo.per_day = law(250, 1.6, 10, 60000);
    c->tempo.active_days_share = 0.25;
    c->tempo.flat_share = 0.39;
    c->tempo.gap_shape = 0.64; /* CV 1.25, the median client of the deepseek-r1 pool */
    c->tempo.turns = constant(1);
    WEIGH(c->program.text, [TEXT_extraction] = 0.4, [TEXT_summary] = 0.3, [TEXT_translation] = 0.1,
          [TEXT_product] = 0.2);
    c->program.template_count = 1;
    c->program.stream_share = 0.05;
}
