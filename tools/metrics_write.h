/* Measures as JSON, the same in every file. */
#pragma once

#include "base/json_write.h"
#include "tools/metrics.h"

/* {"hit", "of", "value", "low", "high"} */
void proportion_write(struct json_write *w, const char *name, const struct proportion *p);

/* The reliability curve: {NOUN, "ece", "brier", "bins": [{NOUN, "distilling", "score"}...]}; `noun`
 * names what is counted: "accounts". */
void calibration_write(struct json_write *w, const char *name, const char *noun,
                       const struct calibration *c);
