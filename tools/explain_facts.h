/* What an explanation says beside the sum, the same in text and JSON. */
#pragma once

#include "tools/report_data.h"

/* How rare it is on this platform to share a value of the line's kind with so many. */
struct explain_rarity {
    uint64_t sharing; /* accounts that show one value: the number that is asked about */
    uint64_t others;  /* accounts that share one with at least so many, these left out */
    uint64_t of;      /* accounts of the run */
};

/* False when the line is of no shared value, or the run does not tell. */
bool explain_rarity_of(const struct run *run, const struct run_evidence *evidence,
                       struct explain_rarity *out);

/* The log holds nothing that could feed the family. */
bool explain_without_data(const json_t *summary, enum signal_family family);

/* The log could feed the family, the subject had data enough for all its signals, and none of its
 * lines is of it. Never of an account that
 * is judged by its group: there the group's lines tell. */
bool explain_silent(const json_t *summary, const struct report_subject *subject,
                    enum signal_family family);
