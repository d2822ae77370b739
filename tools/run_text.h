/* The short summary that a person reads after a run. */
#pragma once

#include "tools/run_folder.h"

#include <stdio.h>

/* `folder` is where the files are. */
void run_text_print(FILE *out, const struct detector *detector, const struct run_facts *facts,
                    const struct run_levels *levels, const char *folder);
