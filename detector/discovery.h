/* False-discovery control over the stream of findings. A case is admitted when the mean, over all
 * cases admitted so far and itself, of the probability that it is false stays within the promise:
 *
 *     (sum over admitted of (1 - p)) / count <= fdr
 *
 * This is the posterior-error rule of the Bayesian false discovery rate (Newton and others,
 * Biostatistics 5, 2004; Storey, Annals of Statistics 31, 2003), taken as a running mean so that it
 * holds after every finding and not only at the end. It needs no independence between cases. It
 * assumes that p is calibrated: that of cases with probability p a share p is real, on this
 * platform, at the stated base rate. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct discovery {
    uint64_t count;        /* cases admitted */
    double false_expected; /* of these, by their probabilities when admitted */
};

/* Admits a case of probability `p`, or says that it must wait. fdr 0: no promise, all are admitted.
 */
bool discovery_admit(struct discovery *discovery, double fdr, double p);
