/* Campaign archetypes A to J (docs/campaigns.md, 1g) in their careless form, and the five levels of
 * evasion that soften it. Counts that sources state stand with their row; the rest is assumed, as
 * section 5 of that document says. K, transcripts bought from others, leaves no traffic: no
 * archetype. */
#include "sim/calibration.h"
#include "sim/kinds_shape.h"

static void harvest_access(struct cohort *c)
{
    WEIGH(c->access.kind, [NETWORK_HOSTING] = 0.7, [NETWORK_VPN] = 0.2, [NETWORK_PROXY] = 0.1);
    c->access.exit = EXIT_STICKY;
    c->access.pool_count = c->account_count / 8 + 1;
    c->access.sticky_ms = MSEC_HOUR; /* default of claude-relay-service (S17) */
    c->access.exits_per_account = 1;
    c->access.client_count = 1;
    c->access.own_client_share = 0.9;
    WEIGH(c->access.pathway, [PATHWAY_API] = 0.85, [PATHWAY_CLOUD] = 0.15);
    c->access.keys_per_account = 1;
}

static void harvest_tempo(struct cohort *c)
{
    /* Alibaba letter: 28.8 M exchanges, 25,000 accounts, 45 days make 25.6 a day. */
    c->tempo.per_day = law(25.6, 0.3, 1, 5000);
    hours(c, DAY_PEOPLE);
    c->tempo.timezone_h = 8;
    c->tempo.timezone_spread_h = 1;
    c->tempo.flat_share = 0.9;
    c->tempo.weekend = 1;
    c->tempo.active_days_share = 0.95;
    c->tempo.gap_shape = 3; /* a CV of 0.58: rarer among real clients than their median 1.25-1.5 */
    c->tempo.turns = constant(1);
    c->tempo.think_s = law(3, 0.4, 1, 30);
    c->tempo.sync_share = 0.9;
    c->tempo.sync_period_ms = 4 * MSEC_HOUR;
    c->tempo.sync_jitter_ms = 5 * MSEC_MINUTE;
}

/* What all archetypes share before they differ. */
static void harvest(struct cohort *c)
{
    c->group_size = 0;
    c->identity = (struct identity_part){
        .accounts_per_org = 1,
        /* S1: education, research and startup programmes are the sign-up paths abused most. */
        .plan = {[PLAN_FREE] = 0.25,
                 [PLAN_PRO] = 0.45,
                 [PLAN_TEAM] = 0.1,
                 [PLAN_STARTUP] = 0.1,
                 [PLAN_EDUCATION] = 0.06,
                 [PLAN_RESEARCH] = 0.04},
        .verified_share = 0.1,
        .program_share = 0.2,
        .new_share = 1,
        .age_days_min = 2,
        .age_days_max = 60,
        .wave_interval_s = 118.7, /* S13: mean spacing inside a farm's wave */
        .wave_size = 60,
        .accounts_per_payment = 10, /* S1 says shared, not by how many */
        .accounts_per_device = 6,
        .accounts_per_signup_ip = 10,
        .mail_domain_count = c->account_count / 84 + 1, /* S13: 2,256 accounts, 27 domains */
        .own_mail_share = 1,
        .formulaic_names = true,
        .billing_mismatch_share = 0.3,
    };
    harvest_access(c);
    harvest_tempo(c);
    c->program.template_count = 1;
    c->program.variants = 100; /* S1: tens of thousands of times over hundreds of accounts */
    c->program.paraphrase = 0.05;
    c->program.cover = TEXT_chat;
    c->program.input_tokens = law(350, 0.5, 30, 8000);
    c->program.output_tokens = law(600, 0.8, 40, 8192); /* reasoning pool: 792, log-sd 0.97 */
    c->program.cached_share = 0.3;
    c->program.token_between = 0.02;
    WEIGH(c->program.tier, [TIER_TOP] = 1);
    c->program.pivot_share = 0.5;
    c->program.pivot_ms = MSEC_DAY;
    WEIGH(c->program.temperature, 0.3, 0.3, 0.4);
    c->program.temperature_known = 0.6;
    c->program.max_tokens = 4096;
    c->program.stream_share = 0.5;
    c->program.refused_share = 0.01;
    c->program.error_share = 0.01;
    c->program.signature_share = 0.15;
    c->program.tools_share = 0.15;
    c->program.tools_max = 6;
    c->program.language_count = 1;
    c->program.authors = 1;
    c->program.system_prompt = true;
    c->work = (struct work_part){WORK_PARTITION, 1000000, 200};
    c->reaction.phase_rate = 1;
    c->reaction.pressure_rate = 1;
    c->reaction.challenge_share = 1;
}

/* DeepSeek, February: > 150,000 exchanges, shared payment methods, synchronised, near-identical
 * prompts, rubrics, reasoning behind finished answers, rewrites. */
void archetype_A(struct cohort *c, double days)
{
    (void)days;
    c->identity.accounts_per_payment = 25;
    c->tempo.sync_share = 0.95;
    WEIGH(c->program.text, [TEXT_reasoning] = 0.45, [TEXT_judge] = 0.25, [TEXT_trace] = 0.1,
          [TEXT_rewrite] = 0.2);
    c->program.template_count = 3;
    c->work.item_count = 150000;
    c->work.topic_count = 60;
}

/* Moonshot, February: hundreds of accounts, > 3.4 M exchanges, several pathways and account types;
 * a broad first phase, then reasoning traces. The pathways hid the coordination: less in step. */
void archetype_B(struct cohort *c, double days)
{
    WEIGH(c->access.pathway, [PATHWAY_API] = 0.4, [PATHWAY_CLOUD] = 0.3,
          [PATHWAY_AGGREGATOR] = 0.15, [PATHWAY_WEB] = 0.15);
    c->tempo.per_day = law(280, 0.4, 10, 5000);
    c->tempo.sync_share = 0.4;
    c->tempo.turns = law(4, 0.6, 1, 40);
    WEIGH(c->program.text, [TEXT_agentic] = 0.4, [TEXT_developer] = 0.35, [TEXT_extraction] = 0.25);
    c->program.template_count = 6;
    c->program.images_share = 0.15; /* computer use, vision */
    c->program.images_max = 4;
    c->program.tools_share = 0.5;
    c->program.tools_max = 12;
    c->work.item_count = 3400000;
    c->reaction.phase_day = 0.6 * days;
    c->reaction.phase_text = TEXT_trace;
    c->reaction.phase_refused_share = 0.04;
}

/* MiniMax, February: > 13 M exchanges of agentic coding, tool use and orchestration; nearly half of
 * the traffic on a new model within 24 h of its release. */
void archetype_C(struct cohort *c, double days)
{
    (void)days;
    c->identity.accounts_per_payment = 8;
    c->tempo.turns = law(6, 0.6, 1, 60);
    c->tempo.sync_share = 0.6;
    WEIGH(c->program.text, [TEXT_agentic] = 0.75, [TEXT_agent] = 0.25);
    c->program.template_count = 8;
    c->program.tools_share = 1;
    c->program.tools_max = 16;
    c->program.input_tokens = law(2500, 0.9, 100, 100000);
    c->program.output_tokens = law(400, 0.9, 20, 8192);
    c->program.cached_share = 0.5;
    WEIGH(c->program.tier, [TIER_TOP] = 1, [TIER_MIDDLE] = 0.3);
    c->work.item_count = 2000000; /* tens of thousands of unique tasks and more, over many turns */
}

/* The hydra network of S1: > 20,000 accounts at once over first-party API and clouds, distillation
 * mixed with unrelated customers' requests, each banned account replaced (S9: within hours). */
void archetype_D(struct cohort *c, double days)
{
    (void)days;
    WEIGH(c->access.kind, [NETWORK_RESIDENTIAL] = 0.7, [NETWORK_HOSTING] = 0.3);
    WEIGH(c->access.pathway, [PATHWAY_API] = 0.6, [PATHWAY_CLOUD] = 0.4);
    memcpy(c->access.pool, "relay", sizeof "relay");
    c->access.sticky_ms = 5 * MSEC_HOUR; /* S17: windows that keep the prompt cache */
    c->access.client_count = 3;
    c->identity.accounts_per_payment = 6;
    c->tempo.sync_share = 0.1;
    c->tempo.flat_share = 0.4;
    c->tempo.gap_shape = 0.8;
    WEIGH(c->program.text, [TEXT_persona] = 0.6, [TEXT_reasoning] = 0.4);
    c->program.cover = TEXT_relay;
    c->program.cover_share = 0.6; /* not stated; campaigns.md proposes a sweep from 0 to 0.95 */
    c->tempo.turns = calibration_law(CALIBRATION_sharegpt_turns, 1, 1,
                                     60); /* most of it is people's chats: ShareGPT */
    c->tempo.think_s = law(60, 1.1, 2, 3600);
    c->program.input_tokens = law(230, 0.8, 8, 14050);
    c->program.output_tokens = law(400, 1.0, 1, 8192);
    c->program.authors = 12;
    c->program.language_count = 3;
    c->reaction.replace_share = 1;
    c->reaction.replace_delay_s = law(4 * 3600, 0.8, 600, 86400);
}

/* Alibaba, September: one constant prompt block in every request, pools of nearly 5,000 and > 3,500
 * accounts, up to ~3 M exchanges a day, residential proxies, disposable mail, virtual cards. */
void archetype_E(struct cohort *c, double days)
{
    (void)days;
    WEIGH(c->access.kind, [NETWORK_RESIDENTIAL] = 0.6, [NETWORK_HOSTING] = 0.4);
    c->identity.accounts_per_payment = 4;
    c->identity.mail_domain_count = c->account_count / 40 + 1;
    c->tempo.per_day = law(500, 0.3, 10, 5000); /* at the peak 857 or less */
    c->tempo.sync_share = 0.5;
    WEIGH(c->program.text, [TEXT_reasoning] = 1);
    c->program.variants = 1;
    c->program.paraphrase = 0;
    c->program.output_tokens = law(1000, 0.6, 60, 8192);
    c->work.item_count = 10000000;
    c->work.topic_count = 400;
    c->reaction.pool_count = 2;
    c->reaction.failover_delay_s = law(5400, 0.4, 600, 6 * 3600); /* "quickly" */
}

/* Moonshot and DeepSeek, September: requests of own users passed on live; organic, a dozen
 * languages; accounts mostly in Singapore and Japan; reasoning blocks presented again in other
 * sessions. */
static void serve(struct cohort *c)
{
    WEIGH(c->access.kind, [NETWORK_RESIDENTIAL] = 0.6, [NETWORK_HOSTING] = 0.4);
    memcpy(c->access.country, (char[2][COUNTRY_CODE_SIZE]){"SG", "JP"}, 2 * COUNTRY_CODE_SIZE);
    c->access.country_count = 2;
    c->tempo.per_day = law(30, 0.5, 1, 3000);
    c->tempo.sync_share = 0;
    c->tempo.flat_share = 0.1;
    c->tempo.gap_shape = 0.6;
    c->tempo.turns =
        calibration_law(CALIBRATION_sharegpt_turns, 1, 1, 60); /* as people chat: ShareGPT */
    c->tempo.think_s = law(60, 1.1, 2, 3600);
    WEIGH(c->program.text, [TEXT_relay] = 1);
    c->program.input_tokens = law(230, 0.8, 8, 14050);
    c->program.output_tokens = law(300, 1.1, 1, 4096);
    c->program.language_count = 12;
    c->program.authors = 40;
    c->program.stream_share = 0.9;
    c->program.temperature_known = 0.2;
    c->work = (struct work_part){WORK_NONE, 0, 0};
}

void archetype_F(struct cohort *c, double days)
{
    (void)days;
    serve(c);
    c->program.signature_share = 0.4;
    c->program.signature_foreign_share = 0.3;
}

/* Xiaomi: > 400,000 stored sessions' exchanges replayed over > 1,500 accounts in 20 days; hundreds
 * of end users, a dozen languages, no thinking time. */
void archetype_G(struct cohort *c, double days)
{
    (void)days;
    serve(c);
    c->access.country_count = 0;
    c->tempo.per_day = law(13, 0.4, 1, 2000);
    c->tempo.flat_share = 0.9;
    c->tempo.gap_shape = 3;
    c->tempo.think_s = law(2.5, 0.3, 1, 10);
    c->tempo.sync_share = 0.5;
    WEIGH(c->program.text, [TEXT_relay] = 0.6, [TEXT_agent] = 0.4);
    c->program.tools_share = 0.4;
    c->program.tools_max = 16;
    c->program.echo_share = 0.3; /* stored answers travel along as history */
    c->work = (struct work_part){WORK_PARTITION, 400000, 100};
}

/* Zhipu: 770,609 exchanges in 10 days through a cleaner on 273 accounts: 282 a day; captured
 * reasoning is sent back in, short scores come out. */
void archetype_H(struct cohort *c, double days)
{
    (void)days;
    c->tempo.per_day = law(282, 0.3, 10, 5000);
    c->tempo.sync_share = 0.5;
    WEIGH(c->program.text, [TEXT_cleaning] = 0.6, [TEXT_judge] = 0.4);
    c->program.template_count = 2;
    c->program.variants = 3;
    c->program.input_tokens = law(1800, 0.5, 200, 16000);
    c->program.output_tokens = law(120, 0.9, 1, 4096);
    c->program.echo_share = 0.85;
    WEIGH(c->program.tier, [TIER_TOP] = 0.5, [TIER_MIDDLE] = 1); /* models judged weaker */
    WEIGH(c->program.temperature, 0.9, 0.1, 0);
    c->work.item_count = 800000;
}

/* S2, p. 145: > 12,000 requests, each with another technique, most of them refused; then what
 * worked, at scale. */
void archetype_I(struct cohort *c, double days)
{
    c->tempo.sync_share = 0.3;
    c->tempo.per_day = law(15, 0.4, 1, 3000);
    WEIGH(c->program.text, [TEXT_probe] = 1);
    c->program.variants = 12000;
    c->program.output_tokens = law(300, 0.9, 5, 8192);
    c->program.refused_share = 0.7;
    c->reaction.phase_day = 0.4 * days;
    c->reaction.phase_text = TEXT_reasoning;
    c->reaction.phase_rate = 8;
    c->reaction.phase_refused_share = 0.05;
}

/* MiniMax, September: a front company that offers only US models and keeps its users' chats;
 * verified, own cards, few large accounts. Nearly nothing in the traffic tells. */
void archetype_J(struct cohort *c, double days)
{
    (void)days;
    serve(c);
    c->identity.accounts_per_payment = 1;
    c->identity.accounts_per_device = 1;
    c->identity.accounts_per_signup_ip = 1;
    c->identity.verified_share = 0.8;
    c->identity.formulaic_names = false;
    c->identity.wave_interval_s = 0;
    c->identity.new_share = 0.5;
    c->identity.mail_domain_count = 2;
    c->identity.billing_mismatch_share = 0.05;
    WEIGH(c->identity.plan, [PLAN_TEAM] = 0.6, [PLAN_ENTERPRISE] = 0.4);
    WEIGH(c->access.kind, [NETWORK_HOSTING] = 1);
    c->access.exit = EXIT_OWN;
    c->access.exits_per_account = 3;
    c->tempo.per_day = law(400, 0.6, 10, 10000);
    c->program.authors = 500;
}

/* An archetype says how it looks when nobody hides; a level multiplies, caps or replaces. */
struct evasion {
    double sharing;        /* of payment, device, sign-up address, mail domains: 0 shares nothing */
    bool formulaic, waves; /* names of one formula; sign-ups in waves */
    double own_mail;       /* accounts with the campaign's own mail domains */
    double new_share;      /* of the accounts that the archetype creates during the run */
    double verified_share, billing_mismatch;
    double residential; /* of the hosting, VPN and proxy exits, moved into homes */
    double accounts_per_exit;
    double sticky_h;            /* 0: as the archetype has it */
    double sync, flat;          /* factors on sync_share and flat_share */
    double jitter_min, regular; /* burst jitter at least; gap shape at most */
    double variants;            /* factor; wordings of each template */
    double paraphrase, cover_share, own_client;
    double per_day_max;                  /* thin accounts: cap on the median */
    double replace_share, stagger, life; /* begin within stagger, live for life, of the days */
    double ramp_days;
};

static const struct evasion evasion_level[EVASION_LEVEL_COUNT] = {
    /* Careless: few cards, hosting exits, one client, one template, sign-up waves, in step. */
    [0] = {.sharing = 1,
           .formulaic = true,
           .waves = true,
           .new_share = 1,
           .own_mail = 1,
           .verified_share = 0.1,
           .billing_mismatch = 0.3,
           .accounts_per_exit = 8,
           .sync = 1,
           .flat = 1,
           .jitter_min = 5,
           .regular = 10,
           .variants = 1,
           .own_client = 1,
           .per_day_max = 5000},
    /* The obvious is blurred: longer jitter, some paraphrase, smaller groups of shared cards. */
    [1] = {.sharing = 0.5,
           .formulaic = true,
           .waves = true,
           .new_share = 1,
           .own_mail = 0.8,
           .verified_share = 0.15,
           .billing_mismatch = 0.25,
           .residential = 0.3,
           .accounts_per_exit = 5,
           .sync = 0.75,
           .flat = 0.7,
           .jitter_min = 30,
           .regular = 2,
           .variants = 1,
           .paraphrase = 0.15,
           .cover_share = 0.05,
           .own_client = 0.8,
           .per_day_max = 5000,
           .replace_share = 0.3},
    /* Residential exits, no formula in the names, variants, some cover, some rhythm. */
    [2] = {.sharing = 0.2,
           .new_share = 0.7,
           .own_mail = 0.5,
           .verified_share = 0.2,
           .billing_mismatch = 0.15,
           .residential = 0.8,
           .accounts_per_exit = 3,
           .sticky_h = 6,
           .sync = 0.45,
           .flat = 0.35,
           .jitter_min = 60,
           .regular = 1.2,
           .variants = 3,
           .paraphrase = 0.35,
           .cover_share = 0.2,
           .own_client = 0.5,
           .per_day_max = 60,
           .replace_share = 0.6,
           .stagger = 0.2,
           .ramp_days = 1},
    /* Mostly own payments, sticky homes, a human day, thin and aged accounts, paraphrase. */
    [3] = {.sharing = 0.08,
           .new_share = 0.4,
           .own_mail = 0.3,
           .verified_share = 0.3,
           .billing_mismatch = 0.08,
           .residential = 1,
           .accounts_per_exit = 2,
           .sticky_h = 24,
           .sync = 0.15,
           .flat = 0.12,
           .jitter_min = 120,
           .regular = 0.8,
           .variants = 10,
           .paraphrase = 0.6,
           .cover_share = 0.4,
           .own_client = 0.2,
           .per_day_max = 15,
           .replace_share = 0.9,
           .stagger = 0.4,
           .ramp_days = 2},
    /* Patient: nothing shared, five exchanges a day, staggered lives, mostly cover traffic. */
    [4] = {.new_share = 0.15,
           .verified_share = 0.35,
           .billing_mismatch = 0.04,
           .residential = 1,
           .accounts_per_exit = 1,
           .sticky_h = 72,
           .flat = 0.05,
           .jitter_min = 240,
           .regular = 0.5,
           .variants = 30,
           .paraphrase = 0.85,
           .cover_share = 0.6,
           .per_day_max = 5,
           .replace_share = 1,
           .stagger = 0.5,
           .life = 0.3,
           .ramp_days = 3},
};

/* At least 1: its own. What the archetype has not recorded (0) stays so. */
static uint32_t share_less(uint32_t count, double factor)
{
    double n = floor(count * factor + 0.5);

    return count == 0 ? 0 : n < 1 ? 1 : (uint32_t)n;
}

static void evade_identity(struct identity_part *identity, const struct evasion *e)
{
    identity->accounts_per_payment = share_less(identity->accounts_per_payment, e->sharing);
    identity->accounts_per_device = share_less(identity->accounts_per_device, e->sharing);
    identity->accounts_per_signup_ip = share_less(identity->accounts_per_signup_ip, e->sharing);
    if (e->sharing > 0)
        identity->mail_domain_count = (uint32_t)(identity->mail_domain_count / e->sharing);
    identity->own_mail_share *= e->own_mail;
    identity->formulaic_names = identity->formulaic_names && e->formulaic;
    if (!e->waves)
        identity->wave_interval_s = 0;
    identity->new_share *= e->new_share;
    identity->age_days_max = fmax(identity->age_days_max, 60 + 600 * (1 - e->new_share));
    identity->verified_share = fmax(identity->verified_share, e->verified_share);
    identity->billing_mismatch_share = fmin(identity->billing_mismatch_share, e->billing_mismatch);
}

static void evade_access(struct cohort *c, const struct evasion *e)
{
    static const enum network visible[] = {NETWORK_HOSTING, NETWORK_VPN, NETWORK_PROXY};
    struct access_part *access = &c->access;

    access->own_client_share *= e->own_client;
    if (access->exit == EXIT_OWN) /* a clean front has no proxies to hide behind */
        return;
    for (uint32_t i = 0; i < 3; i++) {
        double moved = access->kind[visible[i]] * e->residential;

        /* Residential proxies sell phones and small offices along with homes; shares assumed. */
        access->kind[NETWORK_RESIDENTIAL] += 0.65 * moved;
        access->kind[NETWORK_MOBILE] += 0.2 * moved;
        access->kind[NETWORK_BUSINESS] += 0.15 * moved;
        access->kind[visible[i]] *= 1 - e->residential;
    }
    access->pool_count = (uint32_t)(c->account_count / e->accounts_per_exit) + 1;
    if (e->sticky_h > 0)
        access->sticky_ms = (msec_t)(e->sticky_h * (double)MSEC_HOUR);
}

static void evade_tempo(struct tempo_part *tempo, const struct evasion *e, double days)
{
    tempo->sync_share *= e->sync;
    tempo->flat_share *= e->flat;
    tempo->sync_jitter_ms =
        (msec_t)fmax((double)tempo->sync_jitter_ms, e->jitter_min * (double)MSEC_MINUTE);
    tempo->gap_shape = fmin(tempo->gap_shape, e->regular);
    if (tempo->per_day.mu > log(e->per_day_max))
        tempo->per_day =
            law(e->per_day_max, fmax(tempo->per_day.sigma, 0.5), 1, e->per_day_max * 20);
    tempo->weekend = 1 - 0.3 * (1 - e->flat);
    tempo->active_days_share *= 0.5 + 0.5 * e->flat;
    tempo->timezone_spread_h = fmax(tempo->timezone_spread_h, 9 * (1 - e->sync));
    tempo->start_spread_days = fmax(tempo->start_spread_days, e->stagger * days);
    if (e->life > 0)
        tempo->life_days = law(e->life * days, 0.4, 0.5, days);
    tempo->ramp_days = fmin(e->ramp_days, days / 4);
}

/* How a campaign answers when its accounts are closed. Replacement and fail-over are on record (S1,
 * S2, S9); that one slows down, mixes more cover and spreads thinner is named as evasion there, but
 * nobody has published how much: assumed, and more of it the more careful the campaign. Who fails
 * a challenge is assumed too (S2 has a failed identity check). */
static void evade_pressure(struct reaction_part *reaction, int level)
{
    static const struct {
        double share, rate, cover, life_days, challenge;
    } answer[EVASION_LEVEL_COUNT] = {
        {0, 1, 0, 0, 0.1},          {0.3, 0.7, 0.1, 0, 0.25},  {0.2, 0.5, 0.3, 2, 0.4},
        {0.1, 0.35, 0.5, 1.5, 0.6}, {0.05, 0.25, 0.7, 1, 0.8},
    };

    reaction->pressure_share = answer[level].share;
    reaction->pressure_rate = answer[level].rate;
    reaction->pressure_cover = answer[level].cover;
    reaction->pressure_life_days = answer[level].life_days;
    reaction->challenge_share = answer[level].challenge;
}

static void evade(struct cohort *c, const struct evasion *e, double days)
{
    evade_identity(&c->identity, e);
    evade_access(c, e);
    evade_tempo(&c->tempo, e, days);
    c->program.variants = (uint32_t)fmin(c->program.variants * e->variants, 1e6);
    c->program.paraphrase = fmax(c->program.paraphrase, e->paraphrase);
    c->program.cover_share = fmax(c->program.cover_share, e->cover_share);
    c->reaction.replace_share = fmax(c->reaction.replace_share, e->replace_share);
    if (c->reaction.replace_delay_s.max <= 0)
        c->reaction.replace_delay_s = law(4 * 3600, 0.8, 600, 86400); /* S9: within hours */
}

void cohort_campaign_defaults(struct cohort *c, uint32_t archetype, int evasion, double days)
{
#define ARCHETYPE_ROW(name, help) archetype_##name,
    static void (*const shape[])(struct cohort * c, double days) = {ARCHETYPES(ARCHETYPE_ROW)};
#undef ARCHETYPE_ROW

    harvest(c);
    shape[archetype](c, days);
    evade(c, &evasion_level[evasion], days);
    evade_pressure(&c->reaction, evasion);
    c->kind = archetype_name[archetype];
    c->campaign = true;
    c->evasion = evasion;
    c->truth = TRUTH_DISTILLING;
    c->stratum = STRATUM_HARD;
}
