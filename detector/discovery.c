/* A case that must wait is asked again each time it is judged: its evidence may grow, and good
 * cases make room. */
#include "discovery.h"

bool discovery_admit(struct discovery *discovery, double fdr, double p)
{
    double expected = discovery->false_expected + (1.0 - p);

    if (fdr > 0.0 && !(expected <= fdr * (double)(discovery->count + 1)))
        return false;
    discovery->count++;
    discovery->false_expected = expected;
    return true;
}
