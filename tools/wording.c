#include "tools/wording.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

const char *word_count(uint64_t n, char text[WORDING_SIZE])
{
    char plain[WORDING_SIZE];
    int size = snprintf(plain, sizeof plain, "%" PRIu64, n);
    int out = 0;

    for (int i = 0; i < size; i++) {
        if (i && (size - i) % 3 == 0)
            text[out++] = ',';
        text[out++] = plain[i];
    }
    text[out] = '\0';
    return text;
}

const char *word_share(double share, char text[WORDING_SIZE])
{
    double percent = 100 * share;

    if (!isfinite(share))
        (void)snprintf(text, WORDING_SIZE, "–");
    else if (percent > 0 && percent < 0.1)
        (void)snprintf(text, WORDING_SIZE, "%.2g %%", percent);
    else if (percent < 100 && percent > 99.9)
        (void)snprintf(text, WORDING_SIZE, "> 99.9 %%");
    else
        (void)snprintf(text, WORDING_SIZE, "%.1f %%", percent);
    return text;
}

const char *word_probability(double p, char text[WORDING_SIZE])
{
    if (p > 0.9999)
        (void)snprintf(text, WORDING_SIZE, "> 99.99 %%");
    else if (p < 0.0001)
        (void)snprintf(text, WORDING_SIZE, "< 0.01 %%");
    else if (p > 0.99 || p < 0.01)
        (void)snprintf(text, WORDING_SIZE, "%.2f %%", 100 * p);
    else if (p >= 0)
        (void)snprintf(text, WORDING_SIZE, "%.1f %%", 100 * p);
    else
        (void)snprintf(text, WORDING_SIZE, "–");
    return text;
}

const char *word_nats(double nats, char text[WORDING_SIZE])
{
    bool negative = nats < -0.005;

    (void)snprintf(text, WORDING_SIZE, "%s%.2f", negative ? "−" : "+", fabs(nats));
    return text;
}

const char *word_time(msec_t t, char text[WORDING_SIZE])
{
    char full[MSEC_TEXT_SIZE];

    if (t == INT64_MIN) {
        (void)snprintf(text, WORDING_SIZE, "–");
        return text;
    }
    (void)msec_format(t, full);
    if (strlen(full) > 16 && full[10] == 'T') {
        full[10] = ' ';
        full[16] = '\0';
    }
    (void)snprintf(text, WORDING_SIZE, "%s", full);
    return text;
}

const char *word_span(msec_t span, char text[WORDING_SIZE])
{
    msec_t days = span / MSEC_DAY, hours = span % MSEC_DAY / MSEC_HOUR;
    msec_t minutes = span % MSEC_HOUR / MSEC_MINUTE;

    if (span < 0)
        (void)snprintf(text, WORDING_SIZE, "–");
    else if (days)
        (void)snprintf(text, WORDING_SIZE, "%" PRId64 " d %" PRId64 " h", days, hours);
    else if (hours)
        (void)snprintf(text, WORDING_SIZE, "%" PRId64 " h %" PRId64 " min", hours, minutes);
    else
        (void)snprintf(text, WORDING_SIZE, "%" PRId64 " min", minutes);
    return text;
}

const char *word_value(double value, char text[WORDING_SIZE])
{
    char digits[WORDING_SIZE];

    if (!isfinite(value))
        (void)snprintf(text, WORDING_SIZE, "–");
    else if (fabs(value) < 1e15 && value == floor(value) && fabs(value) >= 1000)
        (void)snprintf(text, WORDING_SIZE, "%s%s", value < 0 ? "−" : "",
                       word_count((uint64_t)fabs(value), digits));
    else
        (void)snprintf(text, WORDING_SIZE, "%s%.4g", value < 0 ? "−" : "", fabs(value));
    return text;
}

const char *word_signal(const char *signal, char text[WORDING_SIZE])
{
    (void)snprintf(text, WORDING_SIZE, "%s", signal);
    for (char *p = text; *p; p++)
        if (*p == '_')
            *p = ' ';
    return text;
}

void word_sum(const double *summand, uint32_t count, int digits, double *rounded, double *total)
{
    double scale = pow(10, digits), sum = 0, before = 0;

    for (uint32_t i = 0; i < count; i++) {
        double after;

        sum += summand[i];
        after = round(sum * scale) / scale;
        rounded[i] = after - before;
        before = after;
    }
    *total = before;
}

const char *word_level(enum level level)
{
    switch (level) {
    case LEVEL_ACT: return "strong enough to act on after a short look at the evidence";
    case LEVEL_REVIEW: return "an analyst should look and decide";
    case LEVEL_WATCH: return "kept in view; nothing to do yet";
    case LEVEL_NONE: break;
    }
    return "nothing that stands out";
}

const char *word_verdict(const char *verdict)
{
    if (strcmp(verdict, "distilling") == 0)
        return "one undeclared operator works through a list of prompts to harvest answers";
    if (strcmp(verdict, "abusive") == 0)
        return "one undeclared operator, but the work does not look like harvesting";
    if (strcmp(verdict, "declared") == 0)
        return "the accounts belong together openly; common control is no evidence here";
    return "what is known does not decide between the explanations";
}

const char *word_past(const char *what)
{
    return strcmp(what, "merged") == 0 ? "took up group" : "split off from group";
}

static const char *const act_on_group[] = {
    "Save the evidence first: this folder and the raw log of the members, before anything changes.",
    "Look at the records of the three most active members and of one that the group score carries "
    "alone; the evidence says what should be visible there.",
    "Limit or suspend all members together. One by one teaches the operator what is seen, and "
    "replacements start within hours.",
    "Keep the shared values on watch: a new account that shows two of them belongs here.",
    "Afterwards give the decision back as \"label\" records, so that later runs learn from it.",
    NULL};
static const char *const review_group[] = {
    "Have an analyst look within a day: first the strongest evidence, then what speaks against.",
    "Ask whether there is an innocent common cause: one customer with several contracts, a course, "
    "a plugin, a reseller, a public benchmark.",
    "Rate limits for the members together cost an innocent group little and slow a harvest down.",
    "Give the decision back as a \"label\" record.", NULL};
static const char *const watch_group[] = {
    "Nothing to do yet. The group stays in view, and its score moves with what its members do.",
    NULL};
static const char *const abusive_group[] = {
    "Hand this to whoever looks after fraud and resale: common control is likely, harvesting not.",
    "Check payment and sign-up of the members together; free credit is the usual reason.",
    "Do not report it as distillation.", NULL};
static const char *const declared_group[] = {
    "No enforcement on this evidence: the accounts say themselves that they belong together.",
    "If the volume is surprising, ask the customer; the contract decides, not the score.", NULL};
static const char *const act_on_account[] = {
    "Save the account's raw log, then look at it with the evidence in hand.",
    "Look for accounts that share its payment instrument, device or prompt frame: a group that is "
    "still too small to show may be behind it.",
    "A challenge or a rate limit is a fair first step for a single account.",
    "Give the decision back as a \"label\" record.", NULL};
static const char *const watch_account[] = {"Nothing to do yet; the account stays in view.", NULL};

const char *const *word_advice(const char *verdict, enum level level, bool is_group)
{
    if (level < LEVEL_REVIEW)
        return is_group && strcmp(verdict, "declared") == 0 ? declared_group
               : is_group                                   ? watch_group
                                                            : watch_account;
    if (!is_group)
        return act_on_account;
    if (strcmp(verdict, "abusive") == 0)
        return abusive_group;
    if (strcmp(verdict, "declared") == 0)
        return declared_group;
    return level == LEVEL_ACT && strcmp(verdict, "distilling") == 0 ? act_on_group : review_group;
}
