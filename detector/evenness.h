/* Are the accounts that share a phrase more alike than strangers? A collector splits one list over
 * its accounts: they send at the same rate, follow up as often and get answers of the same length.
 * Users of a product, a framework or a popular prompt do not: the rates of real API customers
 * spread over orders of magnitude. This needs no account to be new, so it holds for aged ones. */
#pragma once

#include "detector/group.h"
#include "detector/hub.h"
#include "detector/population.h"

/* Accounts of the roster that are known well enough; fewer tell nothing. */
enum { EVEN_MEMBERS_MIN = 12 };

/* Log-likelihood ratios in nats of the roster's own spreads against the platform's. */
struct evenness {
    /* Over rate, follow-ups and output tokens; 0 or less unless rate and follow-ups both are
     * narrow. */
    float all;
    /* Over rate, output tokens, and mean and spread of the prompts' lengths, of accounts that by
     * themselves look like collectors (detector/hint.h); 0 or less when their mean does not, they
     * are busier than accounts that hide, or the rate is not narrow. Who hides well follows up on
     * some of his cover and not on the rest, so follow-ups need not be even. */
    float collectors;
};

/* Of the whole roster. Where so many are not explained that they tell something, and these are not
 * even, they count alone: members of a raised group are even, and what they send may be anybody's.
 * Too few others speak against nothing: else a raised group would take apart what holds it
 * together.
 */
struct evenness evenness_of(const struct population *population, const struct account *account,
                            const struct hub *hub);

/* Starts loading what evenness_of() reads first of the accounts. */
void evenness_prefetch(const struct account *account, const struct hub *hub);
