/* A borrowed piece of text: not terminated, owned by whoever made it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *p; /* NULL: absent ("not known"), which is not the same as empty */
    uint32_t n;    /* bytes */
};

#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})

static inline struct str str_of(const char *text)
{
    return (struct str){text, text ? (uint32_t)strlen(text) : 0};
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Byte order; a prefix sorts before what it starts. */
static inline int str_cmp(struct str a, struct str b)
{
    uint32_t n = a.n < b.n ? a.n : b.n;
    int r = n ? memcmp(a.p, b.p, n) : 0;

    return r ? r : (a.n > b.n) - (a.n < b.n);
}
