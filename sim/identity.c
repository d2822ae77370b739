#include "identity.h"

#include "sim/law.h"

#include <math.h>

enum {
    SALT_ACCOUNT = 0x101,
    SALT_ORG,
    SALT_PAYMENT,
    SALT_DEVICE,
    SALT_SIGNUP,
    SALT_MAIL,
    SALT_OWN_MAIL,
    SALT_NAME,
    SALT_PLAN,
    SALT_PROGRAM,
    SALT_VERIFIED,
    SALT_BILLING,
    SALT_NEW,
    SALT_AGE,
    SALT_WAVE,
};

static uint64_t salted(uint64_t seed, uint64_t salt)
{
    return mix64(seed ^ mix64(salt));
}

static uint64_t account_seed(const struct person *p)
{
    return p->generation ? salted(p->seat_seed, p->generation) : p->seat_seed;
}

uint64_t identity_account(const struct person *p)
{
    return salted(account_seed(p), SALT_ACCOUNT);
}

/* What N accounts share: instruments of a farm outlive the accounts that use them. */
static uint64_t shared_by(const struct person *p, uint32_t n, uint64_t salt)
{
    if (n <= 1)
        return salted(account_seed(p), salt);
    return salted(p->cohort_seed ^ mix64(p->index / n), salt);
}

uint64_t identity_org(const struct person *p)
{
    uint32_t n = p->cohort->identity.accounts_per_org;

    return n ? shared_by(p, n, SALT_ORG) : 0;
}

uint64_t identity_signup_exit(const struct person *p)
{
    return shared_by(p, p->cohort->identity.accounts_per_signup_ip, SALT_SIGNUP);
}

/* Accounts of a wave follow one another at almost constant spacing (a farm of 202 accounts in 80
 * minutes: 23.6 s with very low spread); waves start evenly over the first half of the span. */
static msec_t wave_time(const struct person *p, struct span active)
{
    const struct identity_part *id = &p->cohort->identity;
    uint32_t size = id->wave_size ? id->wave_size : 1;
    uint32_t waves = (p->cohort->account_count + size - 1) / size;
    uint32_t wave = p->index / size;
    double start = ((double)wave + law_unit(salted(p->cohort_seed ^ wave, SALT_WAVE))) / waves;
    double place = p->index % size + 0.15 * law_unit(salted(p->seat_seed, SALT_WAVE));

    return active.from + (msec_t)(0.5 * start * (double)(active.to - active.from)) +
           (msec_t)(place * id->wave_interval_s * MSEC_SECOND);
}

msec_t identity_created(const struct person *p, struct span active, msec_t scenario_start)
{
    const struct identity_part *id = &p->cohort->identity;
    double u = law_unit(salted(p->seat_seed, SALT_AGE));
    double low = id->age_days_min > 0.01 ? id->age_days_min : 0.01;
    double high = id->age_days_max > low ? id->age_days_max : low;

    if (law_unit(salted(p->seat_seed, SALT_NEW)) < id->new_share) {
        msec_t t = id->wave_interval_s > 0.0
                       ? wave_time(p, active)
                       : active.from + (msec_t)(u * (double)(active.to - active.from));

        return t < active.to ? t : active.to - 1;
    }
    return scenario_start - (msec_t)(low * pow(high / low, u) * MSEC_DAY);
}

/* Appends to the record's text. */
struct writer {
    char *at;
};

static struct str put_id(struct writer *w, const char *prefix, uint64_t hash)
{
    struct str s = name_id(w->at, prefix, hash);

    w->at += s.n;
    return s;
}

static struct str put_text(struct writer *w, const char *a, const char *b)
{
    struct str s = {w->at, (uint32_t)(strlen(a) + strlen(b))};

    memcpy(w->at, a, strlen(a));
    memcpy(w->at + strlen(a), b, strlen(b));
    w->at += s.n;
    return s;
}

/* Shares as consumer mail has them: a few providers carry most of it. All names are reserved. */
static const char *const common_mail[] = {
    "webpost.example", "inbox.example",   "mailhaus.example",  "postbox.example",
    "letters.example", "airmail.example", "quickpost.example", "oldmail.example",
};
static const double COMMON_MAIL_TOP = 0.55; /* the first one's; each next has this of the rest */

/* 0: one of the common providers. Own domains come with a group (a company) or, inside a single
 * group, with the account. */
static uint64_t mail_domain_seed(const struct person *p)
{
    const struct cohort *c = p->cohort;
    uint32_t domains = c->identity.mail_domain_count;
    uint64_t owner = c->group_size < c->account_count ? p->index / c->group_size
                                                      : salted(account_seed(p), SALT_MAIL);

    if (domains == 0 || law_unit(salted(p->cohort_seed ^ mix64(owner), SALT_OWN_MAIL)) >=
                            c->identity.own_mail_share)
        return 0;
    return salted(p->cohort_seed ^ mix64(owner % domains), SALT_MAIL);
}

static struct str put_mail_domain(struct writer *w, const struct person *p)
{
    double u = law_unit(salted(account_seed(p), SALT_MAIL));
    uint64_t own = mail_domain_seed(p);
    double rest = 1.0;
    uint32_t i = 0;

    if (own) {
        char name[NAME_ID_MAX];

        (void)name_id(name, "dom", own);
        name[10] = '\0'; /* "dom-" and six characters */
        return put_text(w, name + 4, ".example");
    }
    while (i + 1 < sizeof common_mail / sizeof common_mail[0] && u > COMMON_MAIL_TOP * rest) {
        u -= COMMON_MAIL_TOP * rest;
        rest *= 1.0 - COMMON_MAIL_TOP;
        i++;
    }
    return put_text(w, common_mail[i], "");
}

/* Letters as `a`, digits as `0`. People: "aaaaa aaaaaaa", "aaaaa.aaaaaaa", "aaaaaaa00". A formula:
 * two words and three digits, as the farm of MuleRun's account had it. */
static struct str put_name_shape(struct writer *w, const struct person *p)
{
    uint64_t h = salted(account_seed(p), SALT_NAME);
    bool formula = p->cohort->identity.formulaic_names;
    uint32_t bits = (uint32_t)h;
    uint32_t first = 3 + bits % 6, last = 4 + (bits >> 8) % 7;
    uint32_t kind = formula ? 9 : (bits >> 16) % 10;
    char *start = w->at;

    memset(w->at, 'a', first);
    w->at += first;
    if (kind < 6)
        *w->at++ = kind < 4 ? ' ' : '.';
    memset(w->at, 'a', last);
    w->at += last;
    if (kind >= 6) {
        uint32_t digits = kind == 9 ? 3 : 2 + (bits >> 24) % 3;

        memset(w->at, '0', digits);
        w->at += digits;
    }
    return (struct str){start, (uint32_t)(w->at - start)};
}

static uint32_t choose(const double *weight, uint32_t count, double u)
{
    double total = 0.0;
    uint32_t i = 0;

    for (uint32_t k = 0; k < count; k++)
        total += weight[k];
    if (total <= 0.0)
        return 0;
    u *= total;
    while (i + 1 < count && u >= weight[i])
        u -= weight[i++];
    return i;
}

static void put_standing(const struct person *p, struct api_event *ev)
{
    static const char *const program[] = {"education", "research", "startup"};
    const struct identity_part *id = &p->cohort->identity;
    uint64_t seed = account_seed(p);
    uint32_t plan = choose(id->plan, PLAN_OTHER, law_unit(salted(seed, SALT_PLAN)));
    uint64_t in_program = salted(seed, SALT_PROGRAM);

    if (plan != PLAN_UNKNOWN)
        EVENT_PUT(ev, plan, str_of(plan_name[plan]));
    if (law_unit(in_program) < id->program_share)
        EVENT_PUT(ev, program, str_of(program[mix64(in_program) % 3]));
    EVENT_PUT(ev, verified, law_unit(salted(seed, SALT_VERIFIED)) < id->verified_share);
}

/* Where cards come from that were not issued at home. */
static const char *billing_country(const struct person *p, const char *home)
{
    static const char *const issuer[] = {"US", "GB", "SG", "HK", "LT"};
    uint64_t h = salted(account_seed(p), SALT_BILLING);

    if (law_unit(h) >= p->cohort->identity.billing_mismatch_share)
        return home;
    h = mix64(h) % 5;
    return strcmp(issuer[h], home) != 0 ? issuer[h] : issuer[(h + 1) % 5];
}

void identity_record(const struct person *p, msec_t ts, msec_t created,
                     const struct exit_address *home, char text[IDENTITY_TEXT_MAX],
                     struct api_event *ev)
{
    const struct identity_part *id = &p->cohort->identity;
    struct writer w = {text};

    EVENT_PUT(ev, ts, ts);
    EVENT_PUT(ev, account, put_id(&w, "acc", identity_account(p)));
    EVENT_PUT(ev, created, created);
    if (id->accounts_per_org)
        EVENT_PUT(ev, org, put_id(&w, "org", identity_org(p)));
    if (id->accounts_per_payment) {
        EVENT_PUT(ev, payment,
                  put_id(&w, "pay", shared_by(p, id->accounts_per_payment, SALT_PAYMENT)));
        EVENT_PUT(ev, billing_country, str_of(billing_country(p, home->country)));
    }
    if (id->accounts_per_device)
        EVENT_PUT(ev, device,
                  put_id(&w, "dev", shared_by(p, id->accounts_per_device, SALT_DEVICE)));
    if (id->accounts_per_signup_ip) {
        EVENT_PUT(ev, signup_ip, ((struct str){home->text, home->text_size}));
        EVENT_PUT(ev, signup_asn, home->asn);
    }
    EVENT_PUT(ev, country, str_of(home->country));
    EVENT_PUT(ev, email_domain, put_mail_domain(&w, p));
    EVENT_PUT(ev, name_shape, put_name_shape(&w, p));
    put_standing(p, ev);
}
