/* From statistics to evidence: judges a group by the two questions, one operator? and harvesting?,
 * and an account by itself and by its group. Reads state, changes none. */
#pragma once

#include "detector/config.h"
#include "detector/evidence.h"
#include "detector/group.h"
#include "detector/names.h"
#include "detector/population.h"
#include "detector/release.h"

struct adoption; /* detector/adoption.h */
struct recall;   /* detector/recall.h */

struct judge_context {
    const struct adoption *adoption;
    const struct detector_config *config;
    const struct account *account;
    struct groups *groups;
    const struct names *names;
    const struct population *population;
    const struct releases *releases;
    const struct recall *recall;
    struct link_context link;
    msec_t trusted_before; /* accounts created before this are trusted */
    msec_t now;
    bool silent; /* evidence comes without its notes, which cost more than the rest */
};

enum verdict {
    VERDICT_UNCLEAR,
    VERDICT_DISTILLING,
    VERDICT_ABUSIVE,
    VERDICT_DECLARED,
    VERDICT_COUNT
};
extern const char *const verdict_name[VERDICT_COUNT];

struct judgement {
    struct evidence_list evidence;
    struct answers answers;
    double log_odds;
    enum level level;
    enum verdict verdict;
    uint64_t exchanges;    /* of the members */
    uint64_t before_alert; /* of these, before the member's own first alarm */
    msec_t first_ts, last_ts;
    struct group_profile profile;
};

void judge_group(const struct judge_context *ctx, const struct group *group, struct judgement *out);
void judge_account(const struct judge_context *ctx, uint32_t account, struct judgement *out);

/* The answers to the two questions from the evidence for each, in nats. A group whose operator
 * question is answered below 0.5 is held below `watch`, one whose harvest question is, below
 * `review`. */
double judge_one_operator(double nats);
double judge_harvesting(double nats);
extern const double JUDGE_HELD_BELOW; /* by so many nats */

/* An account is the operator's when there is one and it is a member: P = P(group) P(member), of
 * which the smaller log-odds is what remains. Returns what to add to the group's, <= 0. */
double judge_member_weight(double group_log_odds, double member_log_odds);

/* Log-odds of a member as judge_account() gives them, without the list. */
double judge_member_log_odds(const struct judge_context *ctx, const struct group *group,
                             const struct account *a);

/* Log-likelihood ratio that the account is one of the group's, by its features; positive or
 * negative.
 */
double judge_fit(const struct judge_context *ctx, const struct group *group,
                 const struct account *a);
