/* Plain state: every module lists the arrays and numbers that make up its state by one function,
 * which saving and loading both walk. What a module reckons anew before each use is not listed. */
#pragma once

#include <stddef.h>

/* Reads or replaces `size` bytes; always the same pieces in the same order. */
typedef void state_visit(void *ctx, void *data, size_t size);

/* One member, or one array whose size the compiler knows. */
#define STATE_VISIT(member) visit(ctx, &(member), sizeof(member))
