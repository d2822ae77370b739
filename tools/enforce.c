#include "tools/enforce.h"

#include "base/hash.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SALT_DECIDE = 0x701, SALT_WHEN, SALT_APPEAL, SALT_GRANT, NO_RULE = -1 };

/* An account that reached a rule. */
struct subject {
    struct world_subject at; /* as it was looked up last */
    uint64_t hash;
    int rule;            /* the strictest applied so far; NO_RULE */
    msec_t immune_until; /* after a granted appeal */
    uint32_t appeal_count;
    const struct cohort *cohort; /* as first seen */
    bool acted_on, closed, looked;
    msec_t harm_from, harm_until, harmed; /* the open span of restriction, and those before */
};

/* Something to be done. */
struct order {
    msec_t at;
    uint32_t subject;
    enum action action;
    double lasts_h;
};

struct enforce {
    const struct policy *policy;
    const struct scenario *scenario;
    struct world *world;
    double shift;
    double log_odds_min[POLICY_RULES_MAX]; /* of the rules, shifted */
    msec_t step;
    struct subject *subject;
    uint32_t subject_count, subject_capacity;
    uint32_t *index; /* by hash, open addressing: subject + 1; twice subject_capacity */
    struct order *order;
    uint32_t order_count, order_capacity;
    uint32_t *picked; /* subjects of a step; subject_capacity */
    uint32_t picked_count;
    struct world_subject *asked; /* the same, for the world */
    struct enforce_result result;
};

static double log_odds(double p)
{
    return log(p) - log1p(-p);
}

static double rule_score(const struct policy_rule *rule, const struct detector_config *config)
{
    switch (rule->level) {
    case LEVEL_WATCH: return config->watch_score;
    case LEVEL_REVIEW: return config->review_score;
    case LEVEL_ACT: return config->act_score;
    default: return rule->score_min;
    }
}

int enforce_new(const struct policy *policy, double shift, const struct scenario *scenario,
                const struct detector_config *config, struct world *world, struct enforce **out)
{
    struct enforce *e = calloc(1, sizeof *e);

    if (!e)
        return -ENOMEM;
    e->policy = policy;
    e->scenario = scenario;
    e->world = world;
    e->shift = shift;
    for (uint32_t i = 0; i < policy->rule_count; i++)
        e->log_odds_min[i] = log_odds(rule_score(&policy->rule[i], config)) - shift;
    e->step = (msec_t)policy->step_min * MSEC_MINUTE;
    world_step(world, e->step);
    *out = e;
    return 0;
}

void enforce_free(struct enforce *e)
{
    if (!e)
        return;
    free(e->subject);
    free(e->index);
    free(e->order);
    free(e->picked);
    free(e->asked);
    free(e);
}

/* ---- accounts ---- */

static uint32_t *index_slot(const struct enforce *e, uint64_t hash)
{
    uint32_t mask = 2 * e->subject_capacity - 1, i = (uint32_t)hash & mask;

    while (e->index[i] && e->subject[e->index[i] - 1].hash != hash)
        i = (i + 1) & mask;
    return &e->index[i];
}

static int subjects_grow(struct enforce *e)
{
    uint32_t capacity = e->subject_capacity ? 2 * e->subject_capacity : 1024;
    struct subject *subject = realloc(e->subject, capacity * sizeof *subject);
    uint32_t *index = calloc((size_t)2 * capacity, sizeof *index);
    uint32_t *picked = realloc(e->picked, capacity * sizeof *picked);
    struct world_subject *asked = realloc(e->asked, capacity * sizeof *asked);

    e->subject = subject ? subject : e->subject;
    e->picked = picked ? picked : e->picked;
    e->asked = asked ? asked : e->asked;
    if (!subject || !index || !picked || !asked) {
        free(index);
        return -ENOMEM;
    }
    free(e->index);
    e->index = index;
    e->subject_capacity = capacity;
    for (uint32_t i = 0; i < e->subject_count; i++)
        *index_slot(e, e->subject[i].hash) = i + 1;
    return 0;
}

/* The account's entry, made when there is none: its number, or -ENOMEM. */
static int64_t subject_of(struct enforce *e, struct str account)
{
    uint64_t hash = hash_str(account, 0);
    uint32_t *slot;
    struct subject *s;

    if (e->subject_count == e->subject_capacity && subjects_grow(e) < 0)
        return -ENOMEM;
    slot = index_slot(e, hash);
    if (*slot)
        return *slot - 1;
    s = &e->subject[e->subject_count];
    *s = (struct subject){.hash = hash, .rule = NO_RULE, .immune_until = INT64_MIN};
    (void)snprintf(s->at.account, sizeof s->at.account, "%.*s", (int)account.n, account.p);
    *slot = ++e->subject_count;
    return *slot - 1;
}

static void pick(struct enforce *e, uint32_t subject)
{
    if (e->subject[subject].looked)
        return;
    e->subject[subject].looked = true;
    e->picked[e->picked_count++] = subject;
}

/* Looks up who holds the picked accounts now. */
static void picked_look(struct enforce *e)
{
    for (uint32_t i = 0; i < e->picked_count; i++)
        e->asked[i] = e->subject[e->picked[i]].at;
    world_look(e->world, e->asked, e->picked_count);
    for (uint32_t i = 0; i < e->picked_count; i++) {
        struct subject *s =
            &e->subject[*index_slot(e, hash_str(str_of(e->asked[i].account), 0)) - 1];

        s->at = e->asked[i];
        s->looked = false;
        if (s->at.cohort)
            s->cohort = s->at.cohort;
    }
    e->picked_count = 0;
}

/* A draw in [0, 1) that depends on the account, the purpose and its number alone. */
static double draw(const struct enforce *e, const struct subject *s, uint64_t salt, uint64_t number)
{
    uint64_t bits = mix64(s->hash ^ mix64(e->scenario->seed ^ mix64(salt << 32 ^ number)));

    return (double)(bits >> 11) * 0x1.0p-53;
}

static bool is_honest(const struct subject *s)
{
    return s->cohort->truth == TRUTH_BENIGN;
}

/* ---- deciding ---- */

static int order_add(struct enforce *e, const struct order *order)
{
    if (e->order_count == e->order_capacity) {
        uint32_t capacity = e->order_capacity ? 2 * e->order_capacity : 1024;
        struct order *grown = realloc(e->order, capacity * sizeof *grown);

        if (!grown)
            return -ENOMEM;
        e->order = grown;
        e->order_capacity = capacity;
    }
    e->order[e->order_count++] = *order;
    return 0;
}

/* The last rule that the account reaches, or NO_RULE. */
static int rule_reached(const struct enforce *e, const struct account_view *a)
{
    double odds = log_odds(fmin(fmax(a->score, 1e-15), 1.0 - 1e-15));

    for (int i = (int)e->policy->rule_count - 1; i >= 0; i--) {
        enum policy_group group = e->policy->rule[i].group;

        if (odds >= e->log_odds_min[i] &&
            (group == POLICY_ANYBODY || (group == POLICY_MEMBERS) == (a->cluster != 0)))
            return i;
    }
    return NO_RULE;
}

/* Accounts that reach a stricter rule than before. */
static int candidates_pick(struct enforce *e, const struct detector *detector, msec_t now)
{
    uint32_t count = e->policy->rule_count > 0 ? detector_account_count(detector) : 0;

    for (uint32_t i = 0; i < count; i++) {
        struct account_view a;
        int64_t at;
        int rule;

        if (!detector_account_view(detector, i, &a))
            continue;
        rule = rule_reached(e, &a);
        if (rule == NO_RULE)
            continue;
        at = subject_of(e, a.account);
        if (at < 0)
            return -ENOMEM;
        if (rule <= e->subject[at].rule || now < e->subject[at].immune_until)
            continue;
        e->subject[at].rule = rule;
        pick(e, (uint32_t)at);
    }
    return 0;
}

static int decide(struct enforce *e, uint32_t subject, msec_t now)
{
    struct subject *s = &e->subject[subject];
    const struct policy_rule *rule = &e->policy->rule[s->rule];
    double u = draw(e, s, SALT_DECIDE, (uint64_t)s->rule);
    double wait_h = rule->delay_h + rule->spread_h * draw(e, s, SALT_WHEN, (uint64_t)s->rule);
    struct order order = {now + (msec_t)(wait_h * (double)MSEC_HOUR), subject, rule->action,
                          rule->lasts_h};

    if (!s->at.cohort) {
        e->result.too_late++;
        return 0;
    }
    if (u < (is_honest(s) ? rule->cleared_share : rule->missed_share)) {
        if (is_honest(s))
            e->result.cleared++;
        else
            e->result.missed++;
        return 0;
    }
    return order_add(e, &order);
}

static int decide_all(struct enforce *e, const struct detector *detector, msec_t now)
{
    uint32_t count;
    int r = candidates_pick(e, detector, now);

    if (r < 0)
        return r;
    count = e->picked_count;
    picked_look(e); /* keeps picked[] as it is */
    for (uint32_t i = 0; i < count && r == 0; i++)
        r = decide(e, e->picked[i], now);
    return r;
}

/* ---- acting ---- */

static void harm_add(struct subject *s, msec_t from, msec_t until)
{
    if (from <= s->harm_until && s->harm_until > s->harm_from) {
        s->harm_until = until > s->harm_until ? until : s->harm_until;
        return;
    }
    s->harmed += s->harm_until - s->harm_from;
    s->harm_from = from;
    s->harm_until = until;
}

/* Whoever was closed may appeal. */
static int appeal(struct enforce *e, uint32_t subject, msec_t at)
{
    struct subject *s = &e->subject[subject];
    const struct policy_appeal *p = &e->policy->appeal;
    bool honest = is_honest(s);
    uint64_t number = s->appeal_count++;
    struct order restore = {at + (msec_t)(p->delay_h * (double)MSEC_HOUR), subject, ACTION_RESTORE,
                            0.0};

    if (draw(e, s, SALT_APPEAL, number) >= (honest ? p->honest_share : p->campaign_share))
        return 0;
    e->result.appeals++;
    if (draw(e, s, SALT_GRANT, number) >= (honest ? p->honest_granted : p->campaign_granted))
        return 0;
    return order_add(e, &restore);
}

static int order_do(struct enforce *e, const struct order *o, msec_t now)
{
    struct subject *s = &e->subject[o->subject];
    bool closing = o->action == ACTION_SUSPEND || o->action == ACTION_BAN;
    msec_t at = o->at > now ? o->at : now;
    msec_t until =
        o->action == ACTION_BAN ? INT64_MAX : at + (msec_t)(o->lasts_h * (double)MSEC_HOUR);

    if (!s->at.cohort || !world_act(e->world, &s->at, o->action, at, &until)) {
        e->result.too_late++;
        return 0;
    }
    e->result.actions[o->action]++;
    if (o->action == ACTION_RESTORE) {
        e->result.granted++;
        s->rule = NO_RULE;
        s->immune_until = at + (msec_t)(e->policy->appeal.holds_days * (double)MSEC_DAY);
        s->harm_until = at < s->harm_until ? at : s->harm_until;
        return 0;
    }
    s->acted_on = true;
    s->closed |= closing;
    harm_add(s, at, until < e->scenario->end ? until : e->scenario->end);
    return closing ? appeal(e, o->subject, at) : 0;
}

static const struct enforce *sorting; /* qsort() has no context; one closed loop runs at a time */

static int order_order(const void *a, const void *b)
{
    const struct order *x = a, *y = b;

    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    if (x->subject != y->subject)
        return strcmp(sorting->subject[x->subject].at.account,
                      sorting->subject[y->subject].at.account);
    return (int)x->action - (int)y->action;
}

/* Does what is due before the next step ends. */
static int orders_do(struct enforce *e, msec_t now)
{
    uint32_t due = 0;
    int r = 0;

    sorting = e;
    if (e->order_count > 0)
        qsort(e->order, e->order_count, sizeof *e->order, order_order);
    while (due < e->order_count && e->order[due].at < now + e->step)
        pick(e, e->order[due++].subject);
    picked_look(e);
    for (uint32_t i = 0; i < due && r == 0; i++) {
        struct order order = e->order[i]; /* appeals may move the array */

        r = order_do(e, &order, now);
    }
    e->order_count -= due;
    memmove(e->order, e->order + due, e->order_count * sizeof *e->order);
    return r;
}

int enforce_step(struct enforce *e, const struct detector *detector, msec_t now)
{
    int r;

    if ((now - e->scenario->start) % e->step != 0 || now >= e->scenario->end)
        return 0;
    assert(world_step_ends(e->world));
    r = decide_all(e, detector, now);
    return r == 0 && e->order_count > 0 ? orders_do(e, now) : r;
}

/* ---- the result ---- */

static int hours_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void harm_make(struct enforce *e, enum truth_class truth, enum stratum stratum,
                      double *hours, struct enforce_harm *out)
{
    uint32_t n = 0;

    *out = (struct enforce_harm){.hours_median = (double)NAN};
    for (uint32_t i = 0; i < e->scenario->cohort_count; i++) {
        const struct cohort *c = &e->scenario->cohort[i];
        struct world_tally tally;

        world_tally(e->world, i, &tally);
        if (c->truth == truth && (truth != TRUTH_BENIGN || c->stratum == stratum))
            out->accounts += tally.accounts;
    }
    for (uint32_t i = 0; i < e->subject_count; i++) {
        const struct subject *s = &e->subject[i];

        if (!s->acted_on || s->cohort->truth != truth ||
            (truth == TRUTH_BENIGN && s->cohort->stratum != stratum))
            continue;
        out->closed += s->closed;
        hours[n] = (double)(s->harmed + s->harm_until - s->harm_from) / (double)MSEC_HOUR;
        out->hours += hours[n++];
    }
    out->harmed = n;
    if (n > 0) {
        qsort(hours, n, sizeof *hours, hours_order);
        out->hours_median = hours[(n - 1) / 2];
    }
}

int enforce_finish(struct enforce *e, struct enforce_result *out)
{
    double *hours = calloc(e->subject_count + (size_t)1, sizeof *hours);
    struct enforce_result *r = &e->result;

    r->campaign = calloc(e->scenario->cohort_count + (size_t)1, sizeof *r->campaign);
    if (!hours || !r->campaign) {
        free(hours);
        free(r->campaign);
        return -ENOMEM;
    }
    r->policy = e->policy->name;
    r->shift = e->shift;
    r->step_min = e->policy->step_min;
    for (uint32_t i = 0; i < e->scenario->cohort_count; i++) {
        struct enforce_campaign *c = &r->campaign[r->campaign_count];
        const struct world_tally *t = &c->tally;

        if (!e->scenario->cohort[i].campaign)
            continue;
        c->name = e->scenario->cohort[i].name;
        world_tally(e->world, i, &c->tally);
        c->obtained = t->exchanges - t->cover - t->denied;
        c->burnt_per_1000 =
            c->obtained ? 1000.0 * (double)t->closed / (double)c->obtained : (double)NAN;
        r->campaign_count++;
    }
    harm_make(e, TRUTH_BENIGN, STRATUM_PLAIN, hours, &r->plain);
    harm_make(e, TRUTH_BENIGN, STRATUM_HARD, hours, &r->hard);
    harm_make(e, TRUTH_ABUSIVE, STRATUM_PLAIN, hours, &r->abusive);
    free(hours);
    *out = *r;
    return 0;
}

void enforce_result_deinit(struct enforce_result *result)
{
    free(result->campaign);
}
