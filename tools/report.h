/* What a run found, for people: report.html (one page, no network) and report.md tell the same
 * story from the files of the run folder, and can be rebuilt from them at any time. The same folder
 * gives the same bytes. */
#pragma once

#include "tools/doc.h"
#include "tools/report_curves.h"
#include "tools/report_data.h"

enum {
    REPORT_GROUPS_FULL = 30,    /* in full; the others stand in the table */
    REPORT_GROUPS_TABLE = 1000, /* keeps the page of a huge run readable and below 3 MB */
    REPORT_GROUPS_OPEN = 3,     /* unfolded on the page */
    REPORT_MEMBERS = 50,
    REPORT_RASTER_ROWS = 150, /* accounts in the picture of an unfolded group */
    REPORT_RASTER_FEW = 50,   /* and of the others */
    REPORT_ACCOUNTS = 50,
};

/* Writes report.html and report.md into the data's folder, and "report" into its summary.json. Each
 * file is replaced as a whole. 0; negative errno with the file in err. */
int report_save(const struct report_data *data, struct err *err);
/* Reads `folder` and saves its report. */
int report_rebuild(const char *folder, struct err *err);

/* The whole document. */
void report_write(const struct report_data *data, FILE *out, enum doc_form form);

/* The numbers of the first paragraph, for programs. New reference, or NULL without memory. */
json_t *report_json(const struct report_data *data);

/* Parts of the document, in order. */
void report_groups(struct doc *doc, const struct report_data *data);
/* What held the group together, and when each member was active; `rank` from 1. */
void report_group_pictures(struct doc *doc, const struct run *run,
                           const struct report_subject *group, uint32_t rank);
void report_accounts(struct doc *doc, const struct report_data *data);
void report_limits(struct doc *doc, const struct report_data *data);
/* `curves` may be NULL. */
void report_evaluation(struct doc *doc, const json_t *evaluation,
                       const struct report_curves *curves);
void report_evaluation_pictures(struct doc *doc, const struct report_curves *curves);
void report_enforcement(struct doc *doc, const json_t *enforcement);
void report_input(struct doc *doc, json_t *summary);
void report_configuration(struct doc *doc, json_t *summary);

/* Evidence of a subject as a table whose nats add up. */
void report_evidence(struct doc *doc, const struct report_subject *subject);

extern const char report_style[];
