/* Where and why something failed, for a person to read. */
#pragma once

enum { ERR_TEXT_SIZE = 512 };

struct err {
    char text[ERR_TEXT_SIZE]; /* one line, no newline; "" while nothing failed */
};

/* Writes the message and returns `r` (a negative errno), for `return err_set(...)`. */
int err_set(struct err *err, int r, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Puts "context: " before the message that is there. */
void err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
