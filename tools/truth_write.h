/* Ground truth as the contract has it: labels.jsonl, one account a line. */
#pragma once

#include "sim/world.h"

/* Every account that the scenario's whole span creates, in the world's order. The file appears
 * whole or not at all; a name ending in .zst or .gz is compressed, "-" is stdout. 0; a negative
 * errno with the path in err. */
int truth_write(const struct world *world, const char *path, struct err *err);
