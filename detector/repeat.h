/* Which prompts were seen before, word for word, and where: one bounded memory of recent prompts. A
 * product's users and evaluation teams repeat each other; a list that is worked through once does
 * not, and neither do people. */
#pragma once

#include "base/state.h"

#include <stddef.h>
#include <stdint.h>

struct repeat;

enum repeat_kind { REPEAT_NEW, REPEAT_OWN, REPEAT_OTHER };

/* `prompts_max` > 0 remembered. 0, or -ENOMEM. */
int repeat_new(uint32_t prompts_max, struct repeat **out);
void repeat_free(struct repeat *repeat);

void repeat_prefetch(const struct repeat *repeat, uint64_t prompt);

/* Looks the prompt's hash up and remembers it with its account. */
enum repeat_kind repeat_see(struct repeat *repeat, uint64_t prompt, uint32_t account);

size_t repeat_memory(const struct repeat *repeat);

void repeat_state(struct repeat *repeat, state_visit *visit, void *ctx);
