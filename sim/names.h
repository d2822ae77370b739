/* Opaque ids: one shape for everybody, so that no id tells more than that it is another one. */
#pragma once

#include "base/str.h"

enum { NAME_ID_MAX = 20 };

/* Writes "xyz-" and 12 characters that depend on `hash` alone; prefix has 3 letters. */
static inline struct str name_id(char out[NAME_ID_MAX], const char *prefix, uint64_t hash)
{
    static const char digit[] = "0123456789abcdefghjkmnpqrstvwxyz"; /* Crockford's base 32 */

    memcpy(out, prefix, 3);
    out[3] = '-';
    for (int i = 0; i < 12; i++)
        out[4 + i] = digit[hash >> (5 * i) & 31];
    return (struct str){out, 16};
}
