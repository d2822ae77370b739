/* What a score hangs on: which line of evidence, taken away alone, would have kept the subject
 * below a threshold. Follows from the summands; where lines of one family are capped together,
 * another of them could take a part of the place of one that is gone. */
#pragma once

#include "tools/report_data.h"

struct explain_change {
    double threshold; /* log-odds from which a subject is at review */
    double above;     /* log-odds less the threshold; negative: below it */
    uint32_t single[EVIDENCE_MAX], single_count; /* each of these lines alone, strongest first */
    uint32_t strongest; /* the line that weighs most; of meaning when `together` is not 0 */
    uint32_t together;  /* as many of the strongest lines are needed together; 0: below already */
    double without_together; /* log-odds that they leave */
};

/* `summary` of the run holds the threshold; review_score's default where it does not. The subject's
 * evidence is the prior, then falling weight (report_data.h). */
void explain_change_of(const struct report_subject *subject, const json_t *summary,
                       struct explain_change *out);
