/* Two runs over the same traffic, for people: who changed, by how much, and what in the evidence
 * and in the configuration made the difference. The same folders give the same bytes. */
#pragma once

#include "tools/compare.h"
#include "tools/doc.h"

enum { COMPARE_ACCOUNTS = 50 }; /* listed, of those that changed either way */

/* What is compared; everything is borrowed. */
struct compare_report {
    const char *before_name, *after_name; /* folders */
    const struct run *before, *after;     /* with the evidence of all accounts */
    const struct compare *compare;
};

void report_compare_write(const struct compare_report *report, FILE *out, enum doc_form form);
void report_compare_json(const struct compare_report *report, struct json_write *w);

/* Reads both folders, with the labels of either, and writes compare.html, compare.md and
 * compare.json into `out`; NULL: prints the JSON instead. 0; negative errno with the reason. */
int report_compare(const char *before, const char *after, const char *out, struct err *err);
