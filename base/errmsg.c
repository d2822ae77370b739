#include "errmsg.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *err, int r, const char *format, ...)
{
    va_list args;

    if (!err)
        return r;
    va_start(args, format);
    (void)vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return r;
}

void err_prefix(struct err *err, const char *format, ...)
{
    char whole[ERR_TEXT_SIZE];
    va_list args;
    int n;

    if (!err)
        return;
    va_start(args, format);
    n = vsnprintf(whole, sizeof whole, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof whole)
        return;
    (void)snprintf(whole + n, sizeof whole - (size_t)n, ": %s", err->text);
    memcpy(err->text, whole, sizeof whole);
}
