/* Group work depends on what accounts share, so that must grow with the platform as on a real one:
 * values of one account, of a few, of thousands, and templates that rings fill in. */
#include "platform.h"

#include "base/dist.h"

#include <math.h>
#include <string.h>

enum {
    PERCENT_LARGE_RING = 3,
    PERCENT_RINGS = 2,
    PERCENT_TEAMS = 2,
    RING_SIZE = 500,
    TEAM_SIZE = 3,
    RING_CARDS = 20, /* accounts of a ring to one card */
    RING_EXITS = 8,  /* addresses of a ring, per 500 accounts */
    TEMPLATE_WINDOWS = 6,
    OWN_WINDOWS = 5,
    POPULAR_PROMPTS = 500,
    MAIL_DOMAINS = 20,
    CLIENTS = 40,
    OLD_PERCENT = 70, /* of the honest accounts: a year and older */
};

/* Windows below this hash are the ones the detector samples (detector/content.c). */
static const uint64_t WINDOW_BELOW = UINT32_MAX / 32;

enum salt { SALT_CARD = 1, SALT_DEVICE, SALT_ADDRESS, SALT_TEMPLATE, SALT_PROMPT, SALT_ACCOUNT };

/* Whom the account belongs to: 0 is nobody, 1 the large ring, then rings, then teams. */
struct owner {
    uint64_t id;
    bool ring;
};

static uint64_t hash_of(enum salt salt, uint64_t value)
{
    return mix64(value * 16 + salt) | 16;
}

static uint32_t window_of(enum salt salt, uint64_t value)
{
    return (uint32_t)(hash_of(salt, value) % (WINDOW_BELOW - 1)) + 1;
}

static struct owner owner_of(const struct platform *p, uint64_t account)
{
    uint64_t large = p->account_count * PERCENT_LARGE_RING / 100;
    uint64_t rings = large + p->account_count * PERCENT_RINGS / 100;
    uint64_t teams = rings + p->account_count * PERCENT_TEAMS / 100;

    if (account < large)
        return (struct owner){1, true};
    if (account < rings)
        return (struct owner){2 + (account - large) / RING_SIZE, true};
    if (account < teams)
        return (struct owner){2 + rings + (account - rings) / TEAM_SIZE, false};
    return (struct owner){0, false};
}

static void digest_init(struct digest *out, enum record_type type, msec_t ts, uint64_t account)
{
    memset(out, 0, sizeof *out);
    out->type = (uint8_t)type;
    out->ts = ts;
    out->account = hash_of(SALT_ACCOUNT, account);
    out->stream = out->refused = out->echo = out->verified = 2;
    out->n = (struct digest_numbers){-1, -1, -1, -1, -1, -1, -1, -1, -1, (float)NAN};
}

void platform_init(struct platform *p, uint64_t account_count)
{
    rng_split(&p->rng, 2026, account_count);
    p->account_count = account_count;
    p->start = 1767225600000; /* 2026-01-01 */
}

void platform_account(const struct platform *p, uint64_t account, struct digest *out)
{
    struct owner owner = owner_of(p, account);
    uint64_t draw = mix64(account);
    uint64_t card = owner.ring ? owner.id << 32 | account / RING_CARDS : owner.id << 32;

    digest_init(out, RECORD_ACCOUNT, p->start, account);
    out->attribute[ATTRIBUTE_payment] = hash_of(SALT_CARD, owner.id ? card : account);
    out->attribute[ATTRIBUTE_device] =
        hash_of(SALT_DEVICE, owner.id && !owner.ring ? card : account);
    out->attribute[ATTRIBUTE_email_domain] = hash_of(SALT_CARD, draw % MAIL_DOMAINS);
    out->created = p->start - (msec_t)(draw >> 8 & 0xffff) * MSEC_HOUR / 64; /* 43 days */
    if (!owner.ring && (draw >> 32) % 100 < OLD_PERCENT)
        out->created -= 365 * MSEC_DAY;
}

/* Rings and teams send evenly; the others as u^3 spreads them: the busiest hundredth sends a fifth
 * of it all, nearly half of the accounts less than half of the mean. */
static uint64_t sender(struct platform *p)
{
    uint64_t owned = p->account_count * (PERCENT_LARGE_RING + PERCENT_RINGS + PERCENT_TEAMS) / 100;
    double u = rng_unit(&p->rng);

    if (rng_below(&p->rng, p->account_count) < owned)
        return rng_below(&p->rng, owned);
    return owned + (uint64_t)(u * u * u * (double)(p->account_count - owned));
}

/* A ring fills in its template; some of the others start from a popular prompt. */
static void prompt_make(struct platform *p, struct owner owner, uint64_t account,
                        struct sketch *sketch)
{
    uint64_t popular = rng_below(&p->rng, 10) ? 0 : 1 + rng_below(&p->rng, POPULAR_PROMPTS);
    uint64_t template = owner.ring ? owner.id << 16 | 0xffff : popular;
    unsigned n = 0;

    sketch->prompt = rng_next(&p->rng) | 1;
    sketch->words = 60;
    for (unsigned i = 0; template && i < TEMPLATE_WINDOWS; i++)
        sketch->item[n++] = window_of(SALT_TEMPLATE, template * TEMPLATE_WINDOWS + i);
    for (unsigned i = 0; i < OWN_WINDOWS && n < SKETCH_ITEMS; i++)
        sketch->item[n++] = window_of(SALT_PROMPT, rng_next(&p->rng));
    sketch->head = template ? sketch->item[0] : window_of(SALT_PROMPT, account);
    sketch->tail = (uint32_t)rng_next(&p->rng) | 1;
}

void platform_exchange(struct platform *p, msec_t ts, struct digest *out)
{
    uint64_t account = sender(p);
    struct owner owner = owner_of(p, account);
    uint64_t exits = owner.id == 1 ? p->account_count * PERCENT_LARGE_RING / 100 / RING_SIZE : 1;
    uint64_t address =
        owner.ring ? owner.id << 32 | rng_below(&p->rng, (1 + exits) * RING_EXITS) : account / 2;

    digest_init(out, RECORD_EXCHANGE, ts, account);
    out->attribute[ATTRIBUTE_ip] = hash_of(SALT_ADDRESS, address);
    out->attribute[ATTRIBUTE_net] = hash_of(SALT_ADDRESS, ~(address / 100));
    out->attribute[ATTRIBUTE_client] = hash_of(SALT_DEVICE, ~(account % CLIENTS));
    out->n.turn = owner.ring ? 0 : (int32_t)rng_below(&p->rng, 3);
    out->n.input_tokens = (int32_t)dist_lognormal(&p->rng, 6.0, owner.ring ? 0.3 : 1.2);
    out->n.output_tokens = (int32_t)dist_lognormal(&p->rng, 5.8, owner.ring ? 0.3 : 1.1);
    prompt_make(p, owner, account, &out->sketch);
}
