/* Owning locals: AUTO(x_free) releases a variable when it leaves scope, TAKE() hands it on. */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#define CLEANUP_DEFINE(type, func)                                                                 \
    static inline void func##_auto(type **p)                                                       \
    {                                                                                              \
        if (*p)                                                                                    \
            func(*p);                                                                              \
    }

/* Declares a local that is released with func(); needs CLEANUP_DEFINE(type, func) before. */
#define AUTO(func) __attribute__((cleanup(func##_auto)))

/* The value of an owning local, which owns nothing afterwards. */
#define TAKE(p)                                                                                    \
    (__extension__({                                                                               \
        __typeof__(p) take_ = (p);                                                                 \
        (p) = NULL;                                                                                \
        take_;                                                                                     \
    }))

static inline void free_auto(void *p)
{
    free(*(void **)p);
}
#define AUTO_FREE __attribute__((cleanup(free_auto)))

static inline void fclose_auto(FILE **f)
{
    if (*f)
        fclose(*f);
}
#define AUTO_FCLOSE __attribute__((cleanup(fclose_auto)))
