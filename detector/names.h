/* Display strings, kept once for reports: account ids and shared attribute values. A bounded store:
 * when it is full, later strings are shown as "#" and their hash, and counted. */
#pragma once

#include "base/state.h"
#include "base/str.h"

#include <stddef.h>

struct names;

/* `bytes` > 0 of text. 0, or -ENOMEM. */
int names_new(uint32_t bytes, struct names **out);
void names_free(struct names *names);

/* Keeps a copy and gives its handle; 0 when there is no room (or the text is empty). */
uint32_t names_add(struct names *names, struct str text);

/* Forgets a string; its room is used again for one that fits. 0 is accepted. */
void names_remove(struct names *names, uint32_t handle);

/* The string, borrowed until names_remove(); {NULL, 0} for handle 0. */
struct str names_get(const struct names *names, uint32_t handle);

uint64_t names_dropped(const struct names *names);
size_t names_memory(const struct names *names);

void names_state(struct names *names, state_visit *visit, void *ctx);
