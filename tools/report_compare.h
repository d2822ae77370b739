/* Two runs over the same traffic, for people: who changed, by how much, and what in the evidence
 * and in the configuration made the difference. The same folders give the same bytes. */
#pragma once

#include "base/errmsg.h"

enum { COMPARE_ACCOUNTS = 50 }; /* listed, of those that changed either way */

/* Reads both folders, with the labels of either, and writes compare.html, compare.md and
 * compare.json into `out`; NULL: prints the JSON instead. 0; negative errno with the reason. */
int report_compare(const char *before, const char *after, const char *out, struct err *err);
