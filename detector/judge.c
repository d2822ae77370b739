/* The numbers in this file are weights in nats. Where no public measurement gives a likelihood
 * ratio they are chosen so that a group reaches `review` at the default base rate by both questions
 * together: a prior of -6.9, 1.8 to 7.5 nats by size for one operator, at most 6 for harvesting.
 * What the sum of one question alone could still carry over, the gate holds back. */
#include "judge.h"

#include "detector/adoption.h"
#include "detector/hint.h"
#include "detector/recall.h"
#include "detector/weighing.h"

#include <math.h>
#include <string.h>

/* A template that old accounts use as well: popular prompts and jobs that many do alike have such
 * groups of a few dozen accounts, people who ask with the same stock phrases larger ones. It counts
 * from 60 members, in full from 200: the campaigns of the record have 273 to 25,000; and where the
 * members look like collectors by themselves. Mean of their hints on validation traffic: 0.3 to 0.7
 * in large groups of honest accounts, 0.7 to 1.9 in campaigns. */
static double even_cap(uint32_t members, double hints)
{
    return 5.0 * clamp(log(members / 60.0) / log(200.0 / 60.0), 0.0, 1.0) *
           clamp(2.0 * hints - 1.0, 0.0, 1.0);
}

static const double HARVEST_CAP = 6.0, USAGE_CAP = 2.5, RECOGNISED_CAP = 4.0, RESUMED_CAP = 2.0;

/* Synchrony: nats for each e-fold, at most; expected pairs below which there is too little. */
static const double SYNCHRONY_SLOPE = 2.0, SYNCHRONY_CAP = 2.0, SYNCHRONY_EXPECTED_MIN = 20.0;

/* Log-odds of the two questions before any evidence, for the probabilities that are shown apart. */
static const double OPERATOR_PRIOR = -4.0, HARVEST_PRIOR = -1.8;

/* Share of sessions that open with a family's block from which a list is certain: templates change
 * and cover is mixed in. Share of repeated openers from which it is none: 2.6 % of people's
 * follow-ups repeat (ShareGPT), a list that is sent once repeats nothing. */
static const double FAMILY_FULL = 0.3, REPEATED_MAX = 0.2;

/* What signals without data lack. */
static const char *const TOO_FEW_MEMBERS = "fewer than 8 members";
static const char *const TOO_FEW_ACCOUNTS = "fewer than 50 accounts to compare with";

enum {
    LINKS_READ_MAX = 512, /* links whose evidence is averaged */
    POPULATION_MIN = 50,  /* accounts behind a baseline; fewer: insufficient data */
    EXCHANGES_MIN = 60,   /* of a group before its usage is judged */
    SPENT_EXCHANGES = 15, /* with fewer and a day of silence an account is used up */
    SYNCHRONY_HOURS = 4,
    MEMBERS_SPREAD_MIN = 8,
    REPLAYED_MIN = 20, /* sessions that begin with a reasoning block of another account */
};

/* Of the exchanges and sessions: less output and fewer blocks of others tell nothing. */
static const double REUSE_SHARE_MIN = 0.02;

const char *const verdict_name[VERDICT_COUNT] = {"unclear", "distilling", "abusive", "declared"};

/* Hysteresis: a case that was raised stays at `review` until its score has fallen below `watch`. */
static enum level level_of(const struct detector_config *config, double score, bool raised)
{
    if (score >= config->act_score)
        return LEVEL_ACT;
    if (score >= config->review_score || (raised && score >= config->watch_score))
        return LEVEL_REVIEW;
    return score >= config->watch_score ? LEVEL_WATCH : LEVEL_NONE;
}

/* Sums over the members. */
struct totals {
    uint64_t exchanges, before_alert, turns, follow_ups, texts, short_prompts, openers, repeats;
    uint64_t echoes, replayed, family, waits, unattended, pivot_of, pivot_moved;
    uint32_t members, trusted, same_org, spent;
    uint32_t placed, one_place; /* with a known sign-up address; with the one of most of them */
    struct feature_stat feature[FEATURE_COUNT];
    msec_t first_ts, last_ts;
};

/* What families, teams, classes and firms share is shared by few: the evidence for one operator
 * counts by the size of the group. The campaigns of the record have hundreds of accounts. */
static double operator_cap(uint32_t members)
{
    return clamp(1.8 + 1.3 * log(members / 3.0), 1.8, 7.5);
}

/* How many signed up at the address of most of them: found by majority vote (Boyer and Moore). */
static void place_read(const struct judge_context *ctx, const struct group *group, struct totals *t)
{
    uint32_t place = 0, votes = 0;

    for (unsigned pass = 0; pass < 2; pass++) {
        uint32_t at = group->first;

        for (uint32_t i = 0; i < group->member_count; i++, at = ctx->account[at].next) {
            uint32_t own = ctx->account[at].last[ATTRIBUTE_signup_ip];

            if (!own)
                continue;
            if (pass == 1) {
                t->placed++;
                t->one_place += own == place;
            } else if (votes == 0) {
                place = own;
                votes = 1;
            } else {
                votes = own == place ? votes + 1 : votes - 1;
            }
        }
    }
}

static void totals_read(const struct judge_context *ctx, const struct group *group,
                        struct totals *t)
{
    uint32_t at = group->first;
    uint64_t org = ctx->account[at].org;

    memset(t, 0, sizeof *t);
    t->first_ts = INT64_MAX;
    t->last_ts = INT64_MIN;
    for (uint32_t i = 0; i < group->member_count; i++, at = ctx->account[at].next) {
        const struct account *a = &ctx->account[at];
        double value[FEATURE_COUNT];

        t->members++;
        t->trusted += account_trusted(a, ctx->trusted_before);
        t->same_org += org != 0 && a->org == org;
        t->spent += a->exchanges < SPENT_EXCHANGES && ctx->now - a->last_ts > MSEC_DAY;
        t->exchanges += a->exchanges;
        t->before_alert += a->alert_ts != INT64_MIN ? a->exchanges_at_alert : a->exchanges;
        t->turns += a->turns_known;
        t->follow_ups += a->follow_ups;
        t->texts += a->texts;
        t->openers += a->openers;
        t->short_prompts += a->short_prompts;
        t->repeats += a->repeats;
        t->waits += a->waits;
        t->unattended += a->unattended;
        t->family += a->family;
        t->pivot_of += a->pivot_of;
        t->pivot_moved += a->pivot_moved;
        t->echoes += a->echoes;
        t->replayed += a->replayed;
        t->first_ts = a->first_ts < t->first_ts ? a->first_ts : t->first_ts;
        t->last_ts = a->last_ts > t->last_ts ? a->last_ts : t->last_ts;
        if (a->exchanges < FEATURE_EXCHANGES_MIN)
            continue;
        account_features(a, value);
        for (unsigned f = 0; f < FEATURE_COUNT; f++)
            if (!isnan(value[f]))
                feature_stat_add(&t->feature[f], value[f]);
    }
}

/* What the links of a group rest on, averaged over its links. */
struct link_summary {
    uint32_t links;
    bool even;      /* the template is not newcomers': what links is how even its users are */
    bool collected; /* and that they look like collectors */
    double family[FAMILY_COUNT];  /* mean, by the share of links that have it */
    uint32_t with[FAMILY_COUNT];  /* links that have it */
    uint64_t value[FAMILY_COUNT]; /* the value met most often, by majority vote */
    uint32_t votes[FAMILY_COUNT];
};

static void vote(struct link_summary *s, uint64_t value)
{
    enum signal_family f = linkage_family(value_kind(value));

    if (s->votes[f] == 0)
        s->value[f] = value;
    if (s->value[f] == value)
        s->votes[f]++;
    else
        s->votes[f]--;
}

static void links_read(const struct judge_context *ctx, const struct group *group,
                       struct link_summary *s)
{
    const struct hub *hub;
    uint32_t at = group->first;

    memset(s, 0, sizeof *s);
    for (uint32_t i = 0; i < group->member_count && s->links < LINKS_READ_MAX; i++) {
        const struct account *a = &ctx->account[at];

        account_prefetch_shown(&ctx->account[a->next]);
        account_prefetch_linked(ctx->account, a);
        for (unsigned k = 0; k < a->link_count && s->links < LINKS_READ_MAX; k++) {
            struct link_evidence evidence;

            if (!linkage_judge(&ctx->link, at, a->link[k], &evidence))
                continue;
            s->links++;
            for (unsigned f = 0; f < FAMILY_COUNT; f++) {
                s->family[f] += evidence.family[f];
                s->with[f] += evidence.family[f] > 0.0;
            }
            for (uint32_t v = 0; v < evidence.value_count; v++)
                vote(s, evidence.value[v].value);
        }
        at = a->next;
    }
    hub = s->value[FAMILY_content] ? hubs_find(ctx->link.hubs, s->value[FAMILY_content]) : NULL;
    s->even = hub && !linkage_brought(&ctx->link, hub);
    s->collected = s->even && linkage_collected(hub);
    for (unsigned f = 0; f < FAMILY_COUNT && s->links; f++)
        s->family[f] *= (double)s->with[f] / s->links / s->links;
}

/* Mean of the members' own hints; 0 when none is known well enough. */
static double hints_mean(const struct judge_context *ctx, const struct group *group)
{
    struct feature_stat hints = {0};
    uint32_t at = group->first;

    for (uint32_t i = 0; i < group->member_count; i++, at = ctx->account[at].next)
        if (ctx->account[at].exchanges >= FEATURE_EXCHANGES_MIN)
            feature_stat_add(&hints, hints_sum(ctx->population, &ctx->account[at]));
    return hints.mean;
}

static struct str value_name(const struct judge_context *ctx, const struct hub *hub)
{
    return hub ? names_get(ctx->names, hub->name) : (struct str){NULL, 0};
}

static void add_links(const struct judge_context *ctx, const struct link_summary *s,
                      const struct group *group, struct evidence_list *list)
{
    for (unsigned f = 0; f < FAMILY_COUNT; f++) {
        const struct hub *hub = s->value[f] ? hubs_find(ctx->link.hubs, s->value[f]) : NULL;
        struct evidence_fact fact = {.family = f, .weight = s->family[f]};

        if (fact.weight <= 0.0 || !hub || (s->even && f == FAMILY_client))
            continue;
        fact.signal = linkage_kind_name(value_kind(hub->value));
        if (f == FAMILY_content && s->even && !s->collected)
            fact.weight = fmin(fact.weight, even_cap(group->member_count, hints_mean(ctx, group)));
        fact.observed = hub->accounts;
        fact.baseline = hub->trusted;
        fact.baseline_accounts = ctx->link.trusted_count;
        fact.value = value_name(ctx, hub);
        evidence_add(list, &fact,
                     "%s: shown by %u accounts, %u of them among %u long-standing ones",
                     linkage_kind_help(value_kind(hub->value)), hub->accounts, hub->trusted,
                     ctx->link.trusted_count);
    }
}

/* One program that all members use, and long-standing accounts do: a product says openly whose its
 * users are. Collectors that hide long enough to have aged accounts use several programs. */
static void add_product(const struct judge_context *ctx, const struct link_summary *s,
                        struct evidence_list *list)
{
    double share = s->links ? (double)s->with[FAMILY_client] / s->links : 0.0;
    struct evidence_fact fact = {.signal = "product",
                                 .family = FAMILY_innocence,
                                 .weight = -5.0 * clamp(4.0 * share - 2.8, 0.0, 1.0),
                                 .observed = share,
                                 .baseline = (double)NAN,
                                 .baseline_accounts = ctx->link.trusted_count};

    evidence_add(list, &fact, "%.0f %% of the links share a rare client program: a product's users",
                 100.0 * share);
}

/* How alike the members are in rate and token counts. */
struct alikeness {
    double nats;       /* more alike than strangers: log-likelihood ratio of normal spreads */
    double narrowest;  /* ratio of a spread to the platform's; NaN: insufficient data */
    uint64_t accounts; /* behind the platform's */
};

static struct alikeness alikeness_of(const struct judge_context *ctx, const struct totals *t)
{
    static const enum account_feature features[] = {FEATURE_rate, FEATURE_input, FEATURE_output};
    struct alikeness alike = {.narrowest = (double)NAN};

    for (unsigned i = 0; i < sizeof features / sizeof *features; i++) {
        const struct feature_stat *own = &t->feature[features[i]];
        const struct feature_stat *all = population_stat(ctx->population, features[i]);
        double ratio;

        if (own->count < MEMBERS_SPREAD_MIN || all->count < POPULATION_MIN ||
            feature_stat_sd(all) <= 0.0)
            continue;
        ratio = feature_stat_sd(own) / feature_stat_sd(all);
        alike.nats += ratio < 1.0 ? clamp(-log(ratio + 0.1), 0.0, 1.0) : 0.0;
        alike.narrowest = fmin(ratio, alike.narrowest); /* fmin() takes the number of the two */
        alike.accounts = all->count;
    }
    return alike;
}

static const char *const TOO_FEW_TO_SPREAD =
    "fewer than 8 members with 8 exchanges, or than 50 such accounts to compare with";

static void add_alikeness(const struct alikeness *alike, struct evidence_list *list)
{
    struct evidence_fact fact = {.signal = "alikeness",
                                 .family = FAMILY_usage,
                                 .weight = alike->nats,
                                 .observed = alike->narrowest,
                                 .baseline = 1.0,
                                 .baseline_accounts = alike->accounts};

    if (evidence_lacks(list, fact.signal, fact.family, isnan(alike->narrowest), TOO_FEW_TO_SPREAD))
        return;
    evidence_add(list, &fact,
                 "members are alike: the narrowest spread of rate and token counts is "
                 "%.0f %% of the platform's",
                 100.0 * alike->narrowest);
}

/* What strangers have in common, such as a hackathon's task, leaves them different: they spread by
 * 38 % of the platform's and more on validation traffic, campaigns by 2 to 38 %. */
static void add_unlike(const struct alikeness *alike, struct evidence_list *list)
{
    static const double USUAL = 0.35, SLOPE = 1.5;
    struct evidence_fact fact = {.signal = "unlike",
                                 .family = FAMILY_innocence,
                                 .observed = alike->narrowest,
                                 .baseline = USUAL,
                                 .baseline_accounts = alike->accounts};

    if (evidence_lacks(list, fact.signal, fact.family, isnan(alike->narrowest), TOO_FEW_TO_SPREAD))
        return;
    fact.weight = clamp(SLOPE * log(USUAL / alike->narrowest), -2.0, 0.0);
    evidence_add(list, &fact,
                 "members are unlike: no spread of rate or token counts is below %.0f %% of the "
                 "platform's",
                 100.0 * alike->narrowest);
}

/* What a recollection counts for a question: in a few accounts it is no proof either. */
static double recalled(const struct recognition *seen, uint32_t members, double cap)
{
    return clamp(seen->nats, 0.0, fmin(cap, 0.5 * operator_cap(members)));
}

/* What is remembered of accounts that were acted upon: the operator was here before. */
static void add_recognised(const struct recognition *seen, uint32_t members,
                           struct evidence_list *list)
{
    struct evidence_fact fact = {.signal = "recognised", .family = FAMILY_memory};
    char day[MSEC_TEXT_SIZE];

    fact.weight = recalled(seen, members, RECOGNISED_CAP);
    if (fact.weight <= 0.0)
        return;
    fact.observed = (double)seen->members / seen->looked;
    fact.baseline = 0.0;
    evidence_add(list, &fact,
                 "%u of %u members hold %s%u values of accounts that were acted upon, the last on "
                 "%.10s",
                 seen->members, seen->looked, seen->values == RECALL_TOLD_MAX ? "at least " : "",
                 seen->values, msec_format(seen->ts, day));
}

/* Nobody is remembered but for harvesting: members of groups that both questions were answered of
 * by yes, and accounts that an analyst calls distilling. Who returns does what he did. */
static void add_resumed(const struct recognition *seen, uint32_t members,
                        struct evidence_list *list)
{
    struct evidence_fact fact = {.signal = "resumed", .family = FAMILY_memory};

    fact.weight = recalled(seen, members, RESUMED_CAP);
    if (fact.weight <= 0.0)
        return;
    fact.observed = (double)seen->members / seen->looked;
    fact.baseline = 0.0;
    evidence_add(list, &fact, "the accounts that %u of %u members are like were closed for it",
                 seen->members, seen->looked);
}

/* Share of long-standing accounts on the platform; 0 before any account. */
static double trusted_share(const struct judge_context *ctx)
{
    return ctx->link.account_count
               ? (double)ctx->link.trusted_count / (double)ctx->link.account_count
               : 0.0;
}

/* Newcomers: fewer long-standing members than a random group of the size would have. By itself it
 * is the mark of any new product or class. */
static void add_newcomers(const struct judge_context *ctx, const struct totals *t,
                          struct evidence_list *list)
{
    double all = trusted_share(ctx);
    double own = (double)t->trusted / (double)t->members;
    struct evidence_fact fact = {.signal = "newcomers", .family = FAMILY_identity};

    if (evidence_lacks(list, fact.signal, fact.family, t->members < MEMBERS_SPREAD_MIN,
                       TOO_FEW_MEMBERS) ||
        evidence_lacks(list, fact.signal, fact.family, ctx->link.trusted_count < POPULATION_MIN,
                       "fewer than 50 long-standing accounts to compare with") ||
        own >= all)
        return;
    fact.weight = 1.5 * (1.0 - own / all);
    fact.observed = 1.0 - own;
    fact.baseline = 1.0 - all;
    fact.baseline_accounts = ctx->link.account_count;
    evidence_add(list, &fact, "%.0f %% of the members are new, %.0f %% of all accounts",
                 100.0 * fact.observed, 100.0 * fact.baseline);
}

/* A list is worked through: sessions open with a block of the group's family, and with prompts that
 * nobody sent before. A product's users and evaluation teams repeat themselves and each other; so
 * do collectors that ask for several answers to each task, so that repetition says little. Text
 * without such blocks speaks against a list, not against stored sessions. */
static void add_work_list(const struct judge_context *ctx, const struct totals *t,
                          struct evidence_list *list)
{
    const struct feature_stat *all = population_stat(ctx->population, FEATURE_repeated);
    double family, repeated, list_like, most;
    struct evidence_fact fact = {.signal = "work_list", .family = FAMILY_worklist};

    if (evidence_lacks(list, fact.signal, fact.family, t->openers < EXCHANGES_MIN,
                       "fewer than 60 sessions whose first prompt is known"))
        return;
    family = (double)t->family / (double)t->openers;
    repeated = (double)t->repeats / (double)t->openers;
    list_like = clamp(family / FAMILY_FULL, 0.0, 1.0);
    most = fmax(REPEATED_MAX, 2.0 * all->mean);
    fact.weight = repeated < most
                      ? 3.0 * list_like * (1.0 - repeated / most) - 0.75 * (1.0 - list_like)
                      : -clamp(3.0 * (repeated - most) / 0.3, 0.5, 1.0);
    fact.observed = repeated;
    fact.baseline = all->mean;
    fact.baseline_accounts = all->count;
    evidence_add(list, &fact,
                 "%.0f %% of the sessions open with a block of the group's own templates, %.1f %% "
                 "with a prompt sent before",
                 100.0 * family, 100.0 * repeated);
}

/* Members that are active in the same minutes: one program feeds many accounts from one list. Each
 * works when it is its turn, where people who share work when they want to. In a team, whose jobs
 * one clock starts, it is one decision for all, so it counts by the number of members. */
static void add_synchrony(const struct group *group, struct evidence_list *list)
{
    double observed = coactivity_ratio(&group->coactivity, SYNCHRONY_HOURS, SYNCHRONY_EXPECTED_MIN);
    struct evidence_fact fact = {.signal = "synchrony", .family = FAMILY_timing};

    if (evidence_lacks(list, fact.signal, fact.family, isnan(observed),
                       "fewer than 4 hours or 20 pairs of members that meet by chance"))
        return;
    fact.weight = clamp(SYNCHRONY_SLOPE * log(fmax(observed, 1.0)), 0.0, SYNCHRONY_CAP) *
                  clamp(group->member_count / 50.0, 0.0, 1.0);
    fact.observed = observed;
    fact.baseline = 1.0;
    evidence_add(list, &fact,
                 "members are active in the same 5 minutes at least %.1f times as often as "
                 "independent ones of the same hours",
                 observed);
}

/* Log odds ratio of moving to a new model on its first day, against the platform; half a case is
 * added to each count (Haldane 1956), so that none is 0. In a small team it is one decision for
 * all, so it counts by the number of members. */
static void add_pivot(const struct judge_context *ctx, const struct totals *t,
                      struct evidence_list *list)
{
    const struct releases *r = ctx->releases;
    struct evidence_fact fact = {.signal = "pivot", .family = FAMILY_timing};
    double own, all;

    if (evidence_lacks(list, fact.signal, fact.family, t->pivot_of < EXCHANGES_MIN,
                       "fewer than 60 exchanges within a day of a model's release") ||
        evidence_lacks(list, fact.signal, fact.family,
                       r->of < 10 * t->pivot_of / 9 || r->moved == 0,
                       "too few exchanges of others within a day of a model's release"))
        return;
    own = ((double)t->pivot_moved + 0.5) / ((double)t->pivot_of + 1.0);
    all = ((double)(r->moved - t->pivot_moved) + 0.5) / ((double)(r->of - t->pivot_of) + 1.0);
    fact.weight =
        clamp(log_odds(own) - log_odds(all), 0.0, 1.5) * clamp(t->members / 50.0, 0.0, 1.0);
    fact.observed = own;
    fact.baseline = all;
    fact.baseline_accounts = ctx->link.account_count;
    evidence_add(list, &fact,
                 "on the day after a release %.0f %% of the exchanges went to the new model, "
                 "%.0f %% of the platform's others",
                 100.0 * own, 100.0 * all);
}

/* A pooled share against the platform's mean: fewer is the sign of a list. More speaks little for
 * innocence, since agent loops make many turns of one task. */
static void add_share(const struct judge_context *ctx, struct evidence_list *list,
                      const char *signal, enum account_feature f, uint64_t part, uint64_t whole,
                      double most)
{
    const struct feature_stat *all = population_stat(ctx->population, f);
    double observed;
    struct evidence_fact fact = {.signal = signal, .family = FAMILY_usage};

    if (evidence_lacks(list, fact.signal, fact.family, whole < EXCHANGES_MIN,
                       "fewer than 60 exchanges that tell it") ||
        evidence_lacks(list, fact.signal, fact.family,
                       all->count < POPULATION_MIN || all->mean < 0.01, TOO_FEW_ACCOUNTS))
        return;
    observed = (double)part / (double)whole;
    fact.weight = clamp(most * (1.0 - observed / all->mean), -0.2 * most, most);
    fact.observed = observed;
    fact.baseline = all->mean;
    fact.baseline_accounts = all->count;
    evidence_add(list, &fact, "%.1f %% against %.1f %% on the platform", 100.0 * observed,
                 100.0 * all->mean);
}

/* Turns that follow before anybody could have read the answer: stored sessions are played again, or
 * a program talks to itself. Tool loops are left out. */
static void add_unattended(const struct judge_context *ctx, const struct totals *t,
                           struct evidence_list *list)
{
    const struct feature_stat *all = population_stat(ctx->population, FEATURE_unattended);
    struct evidence_fact fact = {.signal = "unattended", .family = FAMILY_timing};

    if (evidence_lacks(list, fact.signal, fact.family, t->waits < EXCHANGES_MIN,
                       "fewer than 60 follow-ups without tools") ||
        evidence_lacks(list, fact.signal, fact.family, all->count < POPULATION_MIN,
                       TOO_FEW_ACCOUNTS))
        return;
    fact.observed = (double)t->unattended / (double)t->waits;
    fact.baseline = all->mean;
    fact.baseline_accounts = all->count;
    fact.weight = clamp(5.0 * (fact.observed - fact.baseline), 0.0, 2.5);
    evidence_add(list, &fact,
                 "%.0f %% of the follow-ups come before anybody could have read the answer, "
                 "%.0f %% on the platform",
                 100.0 * fact.observed, 100.0 * fact.baseline);
}

static void add_yield(const struct judge_context *ctx, const struct totals *t,
                      struct evidence_list *list)
{
    const struct feature_stat *own = &t->feature[FEATURE_yield];
    const struct feature_stat *all = population_stat(ctx->population, FEATURE_yield);
    struct evidence_fact fact = {.signal = "yield", .family = FAMILY_usage};

    if (evidence_lacks(list, fact.signal, fact.family, own->count == 0,
                       "no member with 8 exchanges that tell their tokens") ||
        evidence_lacks(list, fact.signal, fact.family,
                       all->count < POPULATION_MIN || feature_stat_sd(all) <= 0.0,
                       TOO_FEW_ACCOUNTS))
        return;
    fact.weight = clamp(0.5 * (own->mean - all->mean) / feature_stat_sd(all), -0.3, 1.5);
    fact.observed = own->mean;
    fact.baseline = all->mean;
    fact.baseline_accounts = all->count;
    evidence_add(list, &fact,
                 "log of output tokens per input token: %.2f against %.2f on the platform",
                 own->mean, all->mean);
}

/* A collection needs volume over many accounts; a household or a team has neither. Having it proves
 * little: enterprises and farms of free credit have it too. */
static void add_scale(const struct totals *t, struct evidence_list *list)
{
    struct evidence_fact fact = {.signal = "scale", .family = FAMILY_usage};

    fact.weight = clamp(0.5 * log((double)t->exchanges / 500.0), -1.5, 0.8);
    fact.observed = (double)t->exchanges;
    fact.baseline = 500.0;
    evidence_add(list, &fact, "%u accounts have made %llu exchanges together", t->members,
                 (unsigned long long)t->exchanges);
}

/* Hundreds of accounts that deny belonging together: nobody's own need takes so many. What else
 * does, farms of free credit and resale, is told apart by how it uses them. */
static void add_breadth(const struct totals *t, struct evidence_list *list)
{
    struct evidence_fact fact = {.signal = "breadth", .family = FAMILY_usage};

    fact.weight = clamp(0.75 * log(t->members / 20.0), 0.0, 2.5);
    fact.observed = t->members;
    fact.baseline = 20.0;
    evidence_add(list, &fact, "%u accounts for one need", t->members);
}

/* Output of other sessions that is fed back in, and sessions that begin with a stored reasoning
 * block of another account: both from 2 % on, sessions from 20 in all, since somebody with two
 * accounts carries a conversation over, too. Blocks in later turns tell of one operator only: a
 * gateway that spreads the turns of its users' conversations over accounts collects nothing. */
static void add_reuse(const struct totals *t, struct evidence_list *list)
{
    double echo = t->exchanges ? (double)t->echoes / (double)t->exchanges : 0.0;
    uint64_t begun = t->exchanges - t->follow_ups;
    double replay = begun ? (double)t->replayed / (double)begun : 0.0;
    struct evidence_fact fact = {.signal = "echo", .family = FAMILY_reuse, .observed = echo};

    fact.weight = echo >= REUSE_SHARE_MIN ? clamp(5.0 * echo, 0.5, 2.5) : 0.0;
    evidence_add(list, &fact, "%.0f %% of the inputs hold output of other sessions", 100.0 * echo);
    fact.signal = "replay";
    fact.observed = replay;
    fact.weight = replay >= REUSE_SHARE_MIN && t->replayed >= REPLAYED_MIN ? 3.0 : 0.0;
    evidence_add(list, &fact, "%.0f %% of the sessions begin with a block of another account",
                 100.0 * replay);
}

/* Accounts that are used for a few exchanges and left: a farm of free credit, which is another
 * abuse. A collector uses what it has paid for: the mean account of the record makes 56 to 4,275.
 */
static void add_spent(const struct totals *t, struct evidence_list *list)
{
    double share = (double)t->spent / (double)t->members;
    struct evidence_fact fact = {.signal = "spent", .family = FAMILY_innocence, .observed = share};

    if (evidence_lacks(list, fact.signal, fact.family, t->members < MEMBERS_SPREAD_MIN,
                       TOO_FEW_MEMBERS))
        return;
    fact.weight = -5.0 * clamp(2.0 * share - 0.5, 0.0, 1.0);
    evidence_add(list, &fact, "%u of %u accounts made fewer than %u exchanges and are left",
                 t->spent, t->members, SPENT_EXCHANGES);
}

/* Accounts without a payment instrument live on free credit: what they do with it is another abuse,
 * until the work says otherwise. */
static void add_unpaid(const struct judge_context *ctx, const struct totals *t,
                       struct evidence_list *list)
{
    const struct feature_stat *own = &t->feature[FEATURE_unpaid];
    const struct feature_stat *all = population_stat(ctx->population, FEATURE_unpaid);
    struct evidence_fact fact = {.signal = "unpaid", .family = FAMILY_innocence};

    if (evidence_lacks(list, fact.signal, fact.family, own->count < MEMBERS_SPREAD_MIN,
                       "fewer than 8 members with 8 exchanges") ||
        evidence_lacks(list, fact.signal, fact.family, all->count < POPULATION_MIN,
                       TOO_FEW_ACCOUNTS) ||
        own->mean <= all->mean)
        return;
    fact.weight = -4.0 * (own->mean - all->mean) / (1.0 - all->mean);
    fact.observed = own->mean;
    fact.baseline = all->mean;
    fact.baseline_accounts = all->count;
    evidence_add(list, &fact, "%.0f %% have no payment instrument, %.0f %% on the platform",
                 100.0 * own->mean, 100.0 * all->mean);
}

static void add_harvest(const struct judge_context *ctx, const struct group *group,
                        const struct totals *t, const struct recognition *seen,
                        struct evidence_list *list)
{
    uint32_t from = list->count;

    add_resumed(seen, t->members, list);
    add_work_list(ctx, t, list);
    add_synchrony(group, list);
    add_pivot(ctx, t, list);
    add_unattended(ctx, t, list);
    add_reuse(t, list);
    {
        uint32_t usage = list->count;

        add_share(ctx, list, "follow_up", FEATURE_follow_up, t->follow_ups, t->turns, 3.0);
        add_share(ctx, list, "short_prompt", FEATURE_short_prompt, t->short_prompts, t->texts, 0.5);
        add_yield(ctx, t, list);
        add_scale(t, list);
        evidence_cap(list, usage, USAGE_CAP);
    }
    add_breadth(t, list);
    evidence_cap(list, from, HARVEST_CAP);
    add_spent(t, list);
    add_unpaid(ctx, t, list);
}

static void add_innocence(const struct judge_context *ctx, const struct totals *t,
                          struct evidence_list *list)
{
    double share = (double)t->trusted / (double)t->members;
    double all = trusted_share(ctx);
    struct evidence_fact fact = {.signal = "long_standing", .family = FAMILY_innocence};

    if (share <= all)
        return; /* aged accounts can be bought: as many as anybody has prove nothing */
    fact.weight = -3.0 * (share - all) / (1.0 - all);
    fact.observed = share;
    fact.baseline = all;
    fact.baseline_accounts = ctx->link.account_count;
    evidence_add(list, &fact, "%u of %u members are long-standing", t->trusted, t->members);
}

/* A class, an office, a hackathon signs up in one place, for all to see. Farms of the record hide
 * where they are: no address has more than a tenth of a campaign's accounts on validation traffic.
 */
static void add_one_place(const struct totals *t, struct evidence_list *list)
{
    double share = t->placed ? (double)t->one_place / t->placed : 0.0;
    struct evidence_fact fact = {.signal = "one_place", .family = FAMILY_innocence};

    if (evidence_lacks(list, fact.signal, fact.family, t->placed < MEMBERS_SPREAD_MIN,
                       "fewer than 8 members whose sign-up address is known"))
        return;
    fact.weight = -6.0 * clamp((share - 0.4) / 0.4, 0.0, 1.0) *
                  clamp(1.0 - 0.5 * log(t->members / 100.0) / log(4.0), 0.5, 1.0);
    fact.observed = share;
    fact.baseline = 0.1;
    evidence_add(list, &fact, "%u of %u members signed up at one address", t->one_place, t->placed);
}

static void add_prior(const struct judge_context *ctx, struct evidence_list *list)
{
    struct evidence_fact fact = {.signal = "prior",
                                 .family = FAMILY_prior,
                                 .weight = log_odds(ctx->config->base_rate),
                                 .observed = ctx->config->base_rate,
                                 .baseline = (double)NAN};

    evidence_add(list, &fact, "one account in %.0f distils, before any evidence",
                 1.0 / ctx->config->base_rate);
}

const double JUDGE_HELD_BELOW = 0.1;

/* From which probability a question is answered by yes; of a case that was raised a yes is taken
 * back below the second only, like its level. */
static const double YES = 0.5, YES_STILL = 0.4;

/* Neither question alone reaches `review`: where harvesting is not answered by yes, the sum is held
 * below that; where one operator is not, below `watch`, since there is no case.
 */
static void add_gate(const struct judge_context *ctx, const struct answers *answers, double yes,
                     struct evidence_list *list)
{
    bool harvest = answers->one_operator >= yes; /* then the other question is open */
    double limit =
        log_odds(harvest ? ctx->config->review_score : ctx->config->watch_score) - JUDGE_HELD_BELOW;
    struct evidence_fact fact = {.signal = "gate",
                                 .family = FAMILY_innocence,
                                 .weight = limit - evidence_sum(list, 0),
                                 .observed = harvest ? answers->harvesting : answers->one_operator,
                                 .baseline = yes};

    if (fact.weight >= 0.0 || fact.observed >= yes)
        return;
    evidence_add(list, &fact, "%s is more likely not the case",
                 harvest ? "harvesting" : "control by one operator");
}

double judge_one_operator(double nats)
{
    return logistic(OPERATOR_PRIOR + nats);
}

double judge_harvesting(double nats)
{
    return logistic(HARVEST_PRIOR + nats);
}

static enum verdict verdict_of(const struct judgement *j, const struct totals *t)
{
    if (t->same_org == t->members)
        return VERDICT_DECLARED;
    if (j->level >= LEVEL_REVIEW)
        return VERDICT_DISTILLING;
    if (j->answers.one_operator >= YES && j->answers.harvesting < YES)
        return VERDICT_ABUSIVE;
    return VERDICT_UNCLEAR;
}

void judge_group(const struct judge_context *ctx, const struct group *group, struct judgement *out)
{
    double yes = group->level >= LEVEL_REVIEW ? YES_STILL : YES;
    struct evidence_list *list = &out->evidence;
    struct link_summary links;
    struct alikeness alike;
    struct totals totals;
    struct recognition seen;
    uint32_t from;

    list->count = list->lack_count = 0;
    list->without = ~ctx->config->families;
    list->silent = ctx->silent;
    totals_read(ctx, group, &totals);
    place_read(ctx, group, &totals);
    alike = alikeness_of(ctx, &totals);
    links_read(ctx, group, &links);
    recall_group(ctx->recall, &ctx->link, group, ctx->now, &seen);
    add_prior(ctx, list);
    from = list->count;
    add_links(ctx, &links, group, list);
    if (links.even) /* alikeness is what the links say already */
        add_product(ctx, &links, list);
    else
        add_alikeness(&alike, list);
    add_newcomers(ctx, &totals, list);
    evidence_cap(list, from, operator_cap(totals.members));
    add_recognised(&seen, totals.members, list);
    if (!links.even)
        add_unlike(&alike, list);
    weighing_apply(ctx->config, list, from);
    out->answers.one_operator = judge_one_operator(evidence_sum(list, from));
    from = list->count;
    add_harvest(ctx, group, &totals, &seen, list);
    weighing_apply(ctx->config, list, from);
    out->answers.harvesting = judge_harvesting(evidence_sum(list, from));
    from = list->count;
    if (!links.even) /* evenness links long-standing accounts only */
        add_innocence(ctx, &totals, list);
    add_one_place(&totals, list);
    weighing_apply(ctx->config, list, from);
    add_gate(ctx, &out->answers, yes, list);
    out->log_odds = evidence_sum(list, 0);
    out->level = level_of(ctx->config, logistic(out->log_odds),
                          group->level >= LEVEL_REVIEW && out->answers.one_operator >= yes &&
                              out->answers.harvesting >= yes);
    out->verdict = verdict_of(out, &totals);
    out->exchanges = totals.exchanges;
    out->before_alert = totals.before_alert;
    out->first_ts = totals.first_ts;
    out->last_ts = totals.last_ts;
    out->profile.members = totals.members;
    out->profile.trusted = totals.trusted;
    memcpy(out->profile.feature, totals.feature, sizeof out->profile.feature);
}

/* An account by itself: weak hints, which rank it but can never carry it to `review`. */
static void add_own(const struct judge_context *ctx, const struct account *a,
                    struct evidence_list *list)
{
    double value[FEATURE_COUNT];
    uint32_t from = list->count;

    account_features(a, value);
    for (unsigned i = 0; i < HINT_COUNT; i++) {
        const struct feature_stat *all = population_stat(ctx->population, hint[i].feature);
        double x = value[hint[i].feature];
        struct evidence_fact fact = {.signal = hint[i].signal,
                                     .family = hint[i].family,
                                     .weight =
                                         hint_weight(ctx->population, &hint[i], x, a->exchanges),
                                     .observed = x,
                                     .baseline = all->mean,
                                     .baseline_accounts = all->count};

        evidence_add(list, &fact, "%.2f against %.2f on the platform", x, all->mean);
    }
    evidence_cap(list, from, HINTS_CAP);
}

double judge_fit(const struct judge_context *ctx, const struct group *group,
                 const struct account *a)
{
    const struct platform_profile platform = {
        .population = ctx->population,
        .trusted_share = trusted_share(ctx),
    };

    return membership_fit(&group->profile, &platform, a, account_trusted(a, ctx->trusted_before));
}

/* Log-odds that an account in a group is one of the operator's, by its looks, before these: 41
 * others among 934 members, and 68 among 1,161, on validation traffic. */
static const double MEMBER_PRIOR = 4.0, MEMBER_LEAST = -10.0;

double judge_member_weight(double group, double member)
{
    return -log1p(exp(group - fmax(member, MEMBER_LEAST)));
}

static double fit_weight(const struct judge_context *ctx, const struct group *group,
                         const struct account *a, double fit)
{
    double member = MEMBER_PRIOR + fit;

    if (group->marked)
        member = fmin(member, adoption_standing(ctx->adoption, ctx, a));
    return judge_member_weight(group->log_odds, member) * ctx->config->weight[SIGNAL_fit];
}

double judge_member_log_odds(const struct judge_context *ctx, const struct group *group,
                             const struct account *a)
{
    return group->log_odds + fit_weight(ctx, group, a, judge_fit(ctx, group, a));
}

static void add_fit(const struct judge_context *ctx, const struct group *group,
                    const struct account *a, struct evidence_list *list)
{
    double fit = judge_fit(ctx, group, a);
    struct evidence_fact fact = {.signal = "fit",
                                 .family = FAMILY_membership,
                                 .weight = fit_weight(ctx, group, a, fit),
                                 .observed = fit,
                                 .baseline = 0.0,
                                 .baseline_accounts = group->profile.members};

    evidence_add(list, &fact, "%s",
                 account_trusted(a, ctx->trusted_before)
                     ? "unlike the other members, and long-standing"
                     : "its rate, token counts and sessions are unlike the other members'");
}

void judge_account(const struct judge_context *ctx, uint32_t index, struct judgement *out)
{
    const struct account *a = &ctx->account[index];
    struct evidence_list *list = &out->evidence;

    memset(&out->answers, 0, sizeof out->answers);
    list->count = list->lack_count = 0;
    list->without = ~ctx->config->families;
    list->silent = ctx->silent;
    add_prior(ctx, list);
    if (a->cluster != ACCOUNT_NONE) {
        const struct group *group = groups_get(ctx->groups, a->cluster);
        struct evidence_fact fact = {.signal = "group",
                                     .family = FAMILY_membership,
                                     .weight = group->log_odds - evidence_sum(list, 0),
                                     .observed = group->log_odds,
                                     .baseline = (double)NAN};

        evidence_add(list, &fact, "member of a group of %u with a score of %.3f",
                     group->member_count, logistic(group->log_odds));
        add_fit(ctx, group, a, list);
    } else {
        add_own(ctx, a, list);
    }
    out->log_odds = evidence_sum(list, 0);
    out->level = level_of(ctx->config, logistic(out->log_odds),
                          a->alert_ts != INT64_MIN && a->cluster != ACCOUNT_NONE &&
                              groups_get(ctx->groups, a->cluster)->level >= LEVEL_REVIEW);
    out->verdict = VERDICT_UNCLEAR;
    out->exchanges = a->exchanges;
    out->first_ts = a->first_ts;
    out->last_ts = a->last_ts;
}
