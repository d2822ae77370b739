#include "linkage.h"

#include "detector/content.h"
#include "detector/hint.h"

#include <math.h>
#include <string.h>

/* P(two accounts share a given value of a kind | one operator): a campaign spreads over a handful
 * of values of a kind. From the design evidence: 0.2 fitted on a prototype's validation traffic. */
static const double SHARE_IF_ONE = 0.2;

/* Fewer trusted accounts than this say nothing of popularity; then everybody counts. */
enum { TRUSTED_MIN = 200 };

/* Two independent families of >= 3.5 nats, or content alone of >= 11.5, and 11 in all; addresses
 * and client programs only support. After a prototype on other traffic than ours, which asked for
 * 12 in all and for 10 of content. 11.5 takes four phrases of one template at their cap, the rarest
 * in full and a third of each further one: by fewer nobody is linked who shares nothing else. */
static const double INDEPENDENT_MIN = 3.5, CONTENT_ALONE_MIN = 11.5, TOTAL_MIN = 11.0;

/* An address supports only, but for who shares what one person has: a payment instrument, a device,
 * a credential, a program that newcomers brought. */
static const double EXIT_MIN = 6.0, OWN_MIN = 5.5;

/* A program that newcomers brought, by so many nats, links by itself where its parameters are rare:
 * a new version of anybody's client is taken up by long-standing accounts as well. */
static const double PROGRAM_ALONE_MIN = 12.0, PROGRAM_TOTAL_MIN = 9.0;

/* One reasoning block of this weight links by itself: the provider makes it for one account, and
 * nobody else's client has it. Rarer than one in 740 trusted accounts: ln(0.2 x 740). */
static const double REUSE_ALONE_MIN = 5.0;

static const struct {
    enum signal_family family;
    double cap;       /* nats */
    bool independent; /* may carry a link */
    const char *name, *help;
} kinds[LINK_KIND_COUNT] = {
    [ATTRIBUTE_payment] = {FAMILY_payment, 9.0, true, "payment", "the same payment instrument"},
    [ATTRIBUTE_ip] = {FAMILY_network, 7.0, false, "ip", "the same address"},
    [ATTRIBUTE_net] = {FAMILY_network, 4.0, false, "net", "addresses in the same network"},
    [ATTRIBUTE_signup_ip] = {FAMILY_network, 7.0, false, "signup_ip", "the same sign-up address"},
    [ATTRIBUTE_device] = {FAMILY_client, 6.0, true, "device", "the same device"},
    [ATTRIBUTE_email_domain] = {FAMILY_identity, 4.0, true, "email_domain", "the same mail domain"},
    [ATTRIBUTE_client] = {FAMILY_client, 3.0, false, "client", "the same client fingerprint"},
    [ATTRIBUTE_user_agent] = {FAMILY_client, 2.0, false, "user_agent", "the same user agent"},
    [ATTRIBUTE_name_shape] = {FAMILY_identity, 2.0, false, "name_shape", "names of the same shape"},
    [ATTRIBUTE_key] = {FAMILY_client, 6.0, true, "key", "the same credential"},
    [ATTRIBUTE_system] = {FAMILY_content, 6.0, true, "system", "the same system prompt"},
    [ATTRIBUTE_signature] = {FAMILY_reuse, 9.0, true, "signature",
                             "a reasoning block of one account sent by another"},
    [LINK_ITEM] = {FAMILY_content, 6.0, true, "template", "the same recurring prompt block"},
    [LINK_BIRTH] = {FAMILY_identity, 3.0, true, "birth", "created in the same hour"},
    [LINK_PARAMETERS] = {FAMILY_usage, 3.0, false, "parameters",
                         "the same habitual request parameters"},
    [LINK_PROGRAM] = {FAMILY_client, 6.0, true, "program",
                      "the same client program with the same habitual parameters"},
};

static const double family_cap[FAMILY_COUNT] = {
    [FAMILY_payment] = 9.0,  [FAMILY_network] = 9.0, [FAMILY_client] = 6.0, [FAMILY_identity] = 6.0,
    [FAMILY_content] = 12.0, [FAMILY_reuse] = 9.0,   [FAMILY_usage] = 3.0,
};

/* Hints from which an account counts as one of the collectors that a phrase links, in nats. */
static const double HINTS_MIN = 1.0;

/* Phrases after the rarest add less: they come from one template. A collector that paraphrases has
 * many, and two accounts share few of them: three do, where two of one block would not. */
static const double ITEM_FURTHER = 1.0 / 3.0, COLLECTED_FURTHER = 2.0 / 3.0;

bool linkage_carries(unsigned kind)
{
    return kinds[kind].independent;
}

enum signal_family linkage_family(unsigned kind)
{
    return kinds[kind].family;
}

const char *linkage_kind_name(unsigned kind)
{
    return kinds[kind].name;
}

const char *linkage_kind_help(unsigned kind)
{
    return kinds[kind].help;
}

/* Phrases that newcomers brought are over-represented among accounts that are not trusted: stock
 * phrases, frameworks and popular products are as common among old accounts. At most a third as
 * many trusted accounts as anything of that popularity has, and the log-likelihood ratio of "nine
 * of ten are not trusted" against "as many as on the platform"; 5 nats, since there are thousands
 * of phrases to be wrong about. Where next to nobody is trusted the ratio tells nothing: then no
 * trusted account may use it at all. */
static const double ENRICHED_PART = 0.33, ENRICHED_SHARE = 0.9, ENRICHED_MIN = 5.0,
                    ENRICHED_ACCOUNTS = 3.0;

static double trusted_share(const struct link_context *ctx)
{
    return (double)ctx->trusted_count / (double)ctx->account_count;
}

/* Others to one trusted account, anywhere. */
static double usual_ratio(const struct link_context *ctx)
{
    return (1.0 - trusted_share(ctx)) / fmax(trusted_share(ctx), 1e-9);
}

/* Log-likelihood ratio of "nine of ten are not trusted" against "as many as on the platform". */
static double newcomers_nats(const struct link_context *ctx, double accounts, double trusted)
{
    double share = trusted_share(ctx);

    return (accounts - trusted) * log(ENRICHED_SHARE / (1.0 - share)) +
           trusted * log((1.0 - ENRICHED_SHARE) / share);
}

bool linkage_enriched(const struct link_context *ctx, double accounts, double trusted)
{
    double others = accounts - trusted;

    if (ctx->trusted_count < TRUSTED_MIN) /* who is new is not known: every phrase would be */
        return false;
    if (others < ENRICHED_ACCOUNTS || trusted > ENRICHED_PART * trusted_share(ctx) * accounts)
        return false;
    if (1.0 - trusted_share(ctx) >= ENRICHED_SHARE)
        return trusted == 0.0;
    return newcomers_nats(ctx, accounts, trusted) >= ENRICHED_MIN;
}

/* Times as many others to one trusted account as anywhere, below which they look like anybody; and
 * trusted accounts from which that is no chance: a few of a campaign's own are aged. */
static const double ORDINARY_RATIO = 3.0, ORDINARY_MIN = 4.0;

bool linkage_ordinary(const struct link_context *ctx, const struct hub *hub)
{
    double of_raised = (double)hub->accounts * (double)hub->explained;
    double old_of_raised = (double)hub->accounts * (double)hub->explained_trusted;
    double trusted = hub->trusted - old_of_raised;
    double others = hub->accounts - hub->trusted - (of_raised - old_of_raised);

    return of_raised > 0.0 && ctx->trusted_count >= TRUSTED_MIN && trusted >= ORDINARY_MIN &&
           others >= ENRICHED_ACCOUNTS &&
           others < ORDINARY_RATIO * trusted * fmax(1.0, usual_ratio(ctx));
}

/* Trusted accounts that have the value, without explained ones: campaigns have aged accounts, too.
 */
static double trusted_others(const struct hub *hub)
{
    return fmax(hub->trusted - (double)hub->accounts * (double)hub->explained_trusted, 0.0);
}

/* For each account more than a phrase of so many trusted users has, so many of these are taken to
 * be the campaign's own: a quarter of its accounts are aged. */
static const double AGED = 0.3;

/* Trusted accounts that have the value and are nobody's, as far as can be told. */
static double trusted_honest(const struct link_context *ctx, const struct hub *hub)
{
    double trusted = trusted_others(hub);
    double excess = fmax(hub->accounts - trusted / trusted_share(ctx), 0.0);

    return fmax(trusted - AGED * excess, 0.0);
}

bool linkage_brought(const struct link_context *ctx, const struct hub *hub)
{
    return linkage_enriched(ctx, hub->accounts, trusted_others(hub)) && !linkage_ordinary(ctx, hub);
}

bool linkage_few(const struct hub *hub)
{
    return hub->accounts <= HUB_ROSTER;
}

/* Nats of evenness from which a phrase counts, and by which it weighs the most. */
static const double EVEN_MIN = 12.0, EVEN_WEIGHT = 0.3, COLLECTED_MIN = 16.0;

bool linkage_even(const struct hub *hub)
{
    return hub->even >= EVEN_MIN;
}

bool linkage_collected(const struct hub *hub)
{
    return hub->collected >= COLLECTED_MIN;
}

static double further(const struct hub *hub, bool brought)
{
    return linkage_collected(hub) && !brought ? COLLECTED_FURTHER : ITEM_FURTHER;
}

/* Of a phrase that newcomers did not bring. */
static double even_weight(const struct hub *hub)
{
    double nats = linkage_even(hub) ? (double)hub->even : 0.0;

    if (linkage_collected(hub))
        nats = fmax(nats, (double)hub->collected);
    return fmin(EVEN_WEIGHT * nats, kinds[LINK_ITEM].cap);
}

/* Whether its rarity counts only where newcomers brought it. */
static bool newcomers_only(const struct hub *hub)
{
    unsigned kind = value_kind(hub->value);

    return kind == LINK_ITEM || kind == LINK_PROGRAM ||
           (kind == ATTRIBUTE_signature && !linkage_few(hub));
}

/* The value's popularity among accounts that are taken for honest, as a share. */
static double popularity(const struct link_context *ctx, const struct hub *hub)
{
    if (ctx->trusted_count < TRUSTED_MIN)
        return (hub->accounts + 0.5) / (ctx->account_count + 1.0);
    if (value_kind(hub->value) == LINK_BIRTH) /* trusted accounts are old: compare with new ones */
        return (hub->accounts - hub->trusted + 0.5) /
               (ctx->account_count - ctx->trusted_count + 1.0);
    return ((newcomers_only(hub) ? trusted_honest(ctx, hub) : hub->trusted) + 0.5) /
           (ctx->trusted_count + 1.0);
}

/* *brought: as linkage_brought() says, where the weight depends on it. */
static double weigh(const struct link_context *ctx, const struct hub *hub, bool *brought)
{
    unsigned kind = value_kind(hub->value);
    double weight;

    *brought = newcomers_only(hub) && linkage_brought(ctx, hub);
    if (newcomers_only(hub) && !*brought)
        return kind == LINK_ITEM ? even_weight(hub) : 0.0;
    weight = log(SHARE_IF_ONE / popularity(ctx, hub));
    return clamp(weight, 0.0, kinds[kind].cap);
}

double linkage_weight(const struct link_context *ctx, const struct hub *hub)
{
    bool brought;

    return weigh(ctx, hub, &brought);
}

static void add(struct link_evidence *out, double independent[FAMILY_COUNT], uint64_t value,
                double weight)
{
    unsigned kind = value_kind(value);

    out->value[out->value_count++] = (struct link_value){value, weight};
    out->family[kinds[kind].family] += weight;
    if (kinds[kind].independent)
        independent[kinds[kind].family] += weight;
}

void link_memo_clear(struct link_memo *memo)
{
    memset(memo, 0, sizeof *memo);
}

static struct link_weight *memo_slot(struct link_memo *memo, uint64_t value)
{
    return &memo->slot[(value >> 32) % LINK_MEMO_SLOTS];
}

/* What two accounts both show; first attributes, then phrases. */
struct common {
    struct link_weight of[LINK_VALUES];
    uint32_t value_count, count;
};

/* True when it has to be looked up. */
static bool common_put(const struct link_context *ctx, struct common *common, uint64_t value)
{
    struct link_weight *w = &common->of[common->count++];

    if (ctx->memo && memo_slot(ctx->memo, value)->value == value) {
        *w = *memo_slot(ctx->memo, value);
        return false;
    }
    w->value = value;
    hubs_prefetch_counted(ctx->hubs, value);
    return true;
}

static void common_weigh(const struct link_context *ctx, struct link_weight *w)
{
    w->weight = w->hub ? weigh(ctx, w->hub, &w->brought) : 0.0;
    if (ctx->memo)
        *memo_slot(ctx->memo, w->value) = *w;
}

/* Hubs lie anywhere in tables that are far larger than caches: all places where they may be known
 * are fetched, then all hubs, then they are weighed. */
static void common_find(const struct link_context *ctx, const struct account *a,
                        const struct account *b, struct common *common)
{
    uint32_t item[ACCOUNT_ITEMS];
    uint32_t items;
    uint64_t fresh = 0, held = 0; /* a bit of each value, as in content_shared() */

    common->count = 0;
    for (unsigned i = 0; i < ACCOUNT_VALUES; i++)
        held |= (uint64_t)1 << b->value[i] / 16 % 64;
    for (unsigned i = 0; i < ACCOUNT_VALUES; i++) {
        uint64_t bit = (uint64_t)1 << common->count;

        if (a->value[i] && (held >> a->value[i] / 16 % 64 & 1) && account_holds(b, a->value[i]) &&
            common_put(ctx, common, a->value[i]))
            fresh |= bit;
    }
    common->value_count = common->count;
    items = content_shared(a, b, item);
    for (uint32_t i = 0; i < items; i++) {
        uint64_t bit = (uint64_t)1 << common->count;

        if (common_put(ctx, common, value_pack(LINK_ITEM, item_hash(item[i]))))
            fresh |= bit;
    }
    for (uint64_t left = fresh; left; left &= left - 1) {
        struct link_weight *w = &common->of[__builtin_ctzll(left)];

        w->hub = hubs_find(ctx->hubs, w->value);
        if (w->hub)
            hubs_prefetch_counts(w->hub);
    }
    for (uint64_t left = fresh; left; left &= left - 1)
        common_weigh(ctx, &common->of[__builtin_ctzll(left)]);
}
_Static_assert(LINK_VALUES <= 64, "a bit for each");

static void add_values(const struct link_context *ctx, const struct common *common,
                       struct link_evidence *out, double independent[FAMILY_COUNT])
{
    double best_address = 0.0; /* an address lies in its network: the rarer counts, once */
    uint64_t address = 0;

    for (unsigned i = 0; i < common->value_count; i++) {
        const struct hub *hub = common->of[i].hub;
        uint64_t value = common->of[i].value;
        double weight = common->of[i].weight;

        if (weight <= 0.0)
            continue;
        if (value_kind(value) == ATTRIBUTE_ip || value_kind(value) == ATTRIBUTE_net) {
            if (weight > best_address) {
                best_address = weight;
                address = value;
            }
            continue;
        }
        add(out, independent, value, weight);
        out->program |= value_kind(hub->value) == LINK_PROGRAM &&
                        newcomers_nats(ctx, hub->accounts, hub->trusted) >= PROGRAM_ALONE_MIN;
    }
    if (address)
        add(out, independent, address, best_address);
}

/* By itself it looks like one that collects, a little. */
static bool looks_like_collector(const struct link_context *ctx, const struct account *a)
{
    return !ctx->population || hints_sum(ctx->population, a) >= HINTS_MIN;
}

/* Newcomers are linked by what newcomers brought; long-standing accounts by evenness, and all by
 * that where nobody's age is known; who looks like a collector by what even collectors use. */
static bool links_them(const struct link_context *ctx, const struct account *a,
                       const struct account *b, const struct link_weight *w)
{
    bool aged = ctx->trusted_count < TRUSTED_MIN || (account_trusted(a, ctx->trusted_before) &&
                                                     account_trusted(b, ctx->trusted_before));

    if (w->brought || (aged && linkage_even(w->hub)))
        return true;
    return linkage_collected(w->hub) && looks_like_collector(ctx, a) &&
           looks_like_collector(ctx, b);
}

static void add_items(const struct link_context *ctx, const struct account *a,
                      const struct account *b, const struct common *common,
                      struct link_evidence *out, double independent[FAMILY_COUNT])
{
    const struct link_weight *of = common->of + common->value_count;
    uint32_t count = common->count - common->value_count;
    double weight[ACCOUNT_ITEMS];
    uint32_t best = 0;

    for (uint32_t i = 0; i < count; i++) {
        weight[i] = of[i].weight;
        if (weight[i] > 0.0 && !links_them(ctx, a, b, &of[i]))
            weight[i] = 0.0;
        if (weight[i] > weight[best])
            best = i;
    }
    for (uint32_t i = 0; i < count; i++) /* the rarest counts in full */
        if (weight[i] > 0.0)
            add(out, independent, of[i].value,
                i == best ? weight[i] : weight[i] * further(of[i].hub, of[i].brought));
}

/* Who shares a card, a device or a credential with another and comes from the same rare exit; or
 * pays with the card of another organisation. */
static bool concealed(const struct account *a, const struct account *b,
                      const struct link_evidence *evidence, const double independent[FAMILY_COUNT])
{
    if (a->org && b->org && independent[FAMILY_payment] >= OWN_MIN)
        return true; /* linkage_judge() has told that they differ */
    return evidence->family[FAMILY_network] >= EXIT_MIN &&
           (independent[FAMILY_payment] >= OWN_MIN || independent[FAMILY_client] >= OWN_MIN);
}

/* Whether the evidence links, by what it adds up to of values that can carry a link. */
static bool carries(const struct link_evidence *evidence, const double independent[FAMILY_COUNT])
{
    if (independent[FAMILY_reuse] >= REUSE_ALONE_MIN)
        return true;
    if (evidence->total < (evidence->program ? PROGRAM_TOTAL_MIN : TOTAL_MIN))
        return false;
    return evidence->independent >= 2 || independent[FAMILY_content] >= CONTENT_ALONE_MIN ||
           evidence->program;
}

bool linkage_judge(const struct link_context *ctx, uint32_t ai, uint32_t bi,
                   struct link_evidence *out)
{
    const struct account *a = &ctx->account[ai];
    const struct account *b = &ctx->account[bi];
    double independent[FAMILY_COUNT] = {0};
    struct common common;
    double strength = 0.0;

    memset(out, 0, offsetof(struct link_evidence, value));
    if (ai == bi || !a->id || !b->id || (a->org && a->org == b->org))
        return false;
    common_find(ctx, a, b, &common);
    add_values(ctx, &common, out, independent);
    add_items(ctx, a, b, &common, out, independent);
    for (unsigned f = 0; f < FAMILY_COUNT; f++) {
        if (!(ctx->families >> f & 1))
            out->family[f] = independent[f] = 0.0;
        if (f == FAMILY_content)
            strength += out->family[f];
        if (out->family[f] > family_cap[f])
            out->family[f] = family_cap[f];
        if (f != FAMILY_content)
            strength += out->family[f];
        out->total += out->family[f];
        out->independent += independent[f] >= INDEPENDENT_MIN;
    }
    out->independent += out->independent == 1 && concealed(a, b, out, independent);
    out->tie = (struct tie){(float)strength, out->independent >= 2};
    return carries(out, independent);
}
