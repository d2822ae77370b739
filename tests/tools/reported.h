/* Reports of run folders, as texts. */
#pragma once

#include "tools/report.h"

/* Fails the test when the folder cannot be read. report_data_free() it. */
struct report_data *reported_load(const char *folder);

/* The whole report; free() it. */
char *reported_text(const char *folder, enum doc_form form);
