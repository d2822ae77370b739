/* SipHash-2-4 with 128 bits of output (Aumasson and Bernstein, INDOCRYPT 2012): a keyed hash that
 * also somebody who knows many of its results cannot forge or invert without the key. For values
 * that leave in findings and reports; tables use the faster base/hash.h. */
#pragma once

#include "base/str.h"

enum { SIPHASH_HEX_SIZE = 33 };

/* `out` gets the 16 bytes of the reference implementation, for a key of 16 bytes as two words. */
void siphash128(struct str data, const uint64_t key[2], uint8_t out[16]);

/* The same as 32 hex digits with a terminator; the key's two words come from one secret. */
void siphash_hex(struct str data, uint64_t secret, char text[SIPHASH_HEX_SIZE]);
