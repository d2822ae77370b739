/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
#pragma once

#include "str.h"

bool utf8_valid(struct str s);

/* The longest prefix of valid UTF-8 that has at most `size_max` bytes and splits no character. */
struct str utf8_cut(struct str s, uint32_t size_max);

/* Writes the character, 1 to 4 bytes, and returns behind it. `c` is a Unicode scalar value. */
char *utf8_put(char *to, uint32_t c);

/* The two ways in which utf8_valid() works, for the test that holds them together. The second is
 * NULL where the processor cannot. */
typedef bool utf8_valid_func(struct str s);
utf8_valid_func utf8_valid_portable;
utf8_valid_func *utf8_valid_avx2(void);
