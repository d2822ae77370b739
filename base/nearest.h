/* "Did you mean": the known word that a mistyped one probably stands for. */
#pragma once

#include <stdint.h>

/* The closest of `count` words to `word` within an edit distance of a third of its length (at least
 * 1), the first of equals, or NULL. Words longer than 64 bytes match nothing. */
const char *nearest_word(const char *word, const char *const *candidate, uint32_t count);
