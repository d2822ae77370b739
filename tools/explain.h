/* Why a subject has its score, as text for a terminal or as JSON. */
#pragma once

#include "tools/report_data.h"

#include <stdio.h>

/* -EINVAL, with the reason in err, when the written score does not follow from the written
 * evidence; the explanation is written all the same. -ENOMEM and -EIO only with `json`. */
int explain_write(const struct run *run, const struct report_subject *subject, bool json, FILE *out,
                  struct err *err);

/* The two forms. */
void explain_write_text(const struct run *run, const struct report_subject *subject, FILE *out);
/* 0; -ENOMEM or -EIO. */
int explain_write_json(const struct run *run, const struct report_subject *subject, FILE *out);
