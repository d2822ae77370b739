/* Opaque ids: one shape for everybody, so that no id tells more than that it is another one. */
#pragma once

#include "base/str.h"

enum { NAME_ID_MAX = 20 };

/* All pairs of Crockford's base 32 digits, by their ten bits; the first digit is the lower one. */
#define NAME_ROW(d)                                                                                \
    "0" d "1" d "2" d "3" d "4" d "5" d "6" d "7" d "8" d "9" d "a" d "b" d "c" d "d" d "e" d      \
    "f" d "g" d "h" d "j" d "k" d "m" d "n" d "p" d "q" d "r" d "s" d "t" d "v" d "w" d "x" d      \
    "y" d "z" d
#define NAME_ROWS_8(a, b, c, d, e, f, g, h)                                                        \
    NAME_ROW(a) NAME_ROW(b) NAME_ROW(c) NAME_ROW(d) NAME_ROW(e) NAME_ROW(f) NAME_ROW(g) NAME_ROW(h)

/* Writes "xyz-" and 12 characters that depend on `hash` alone; prefix has 3 letters. */
static inline struct str name_id(char out[NAME_ID_MAX], const char *prefix, uint64_t hash)
{
    static const char pair[] = NAME_ROWS_8("0", "1", "2", "3", "4", "5", "6", "7")
        NAME_ROWS_8("8", "9", "a", "b", "c", "d", "e", "f")
            NAME_ROWS_8("g", "h", "j", "k", "m", "n", "p", "q")
                NAME_ROWS_8("r", "s", "t", "v", "w", "x", "y", "z");

    memcpy(out, prefix, 3);
    out[3] = '-';
#pragma GCC unroll 6
    for (int i = 0; i < 6; i++)
        memcpy(out + 4 + 2 * i, pair + 2 * (hash >> (10 * i) & 1023), 2);
    return (struct str){out, 16};
}
#undef NAME_ROW
#undef NAME_ROWS_8
